// Measures the frames of the overview (every node on a canvas) while the pointer moves over it.
//
// usage: node overview.mjs BASE_URL

import { chromium } from "playwright-core";
import { chromiumPath } from "./chromium.mjs";

const base = process.argv[2].replace(/\/$/, "");
const browser = await chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] });
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
await page.goto(`${base}/vues/maquis`);
const clicked = Date.now();
await page.click("#show");
await page.locator("#overview").waitFor({ state: "visible" });
console.log(`shown after ${Date.now() - clicked} ms`);
await page.locator("#overview").scrollIntoViewIfNeeded();
const box = await page.locator("#overview").boundingBox();
await page.evaluate(() => {
  window.frames_ = [];
  let last = performance.now();
  const tick = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
});
for (let n = 0; n < 300; n += 1) {
  const [x, y] = [0.5 + 0.4 * Math.cos(n / 7), 0.5 + 0.4 * Math.sin(n / 11)];
  await page.mouse.move(box.x + x * box.width, box.y + y * Math.min(box.height, 800));
}
const frames = (await page.evaluate(() => window.frames_)).slice(1).sort((a, b) => a - b);
const at = (share) => frames[Math.min(frames.length - 1, Math.floor((frames.length * share) / 100))].toFixed(1);
console.log(`overview: ${frames.length} frames, p50 ${at(50)} ms, p95 ${at(95)} ms, p99 ${at(99)} ms`);
await browser.close();
