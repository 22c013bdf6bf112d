// Takes pictures of every kind of page, for people to look at: desktop, phone, dark, paper.
//
// usage: node look.mjs BASE_URL FOLDER

import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { chromiumPath } from "./chromium.mjs";
import { pages } from "./pages.mjs";

const base = (process.argv[2] ?? "http://127.0.0.1:8000").replace(/\/$/, "");
const folder = process.argv[3] ?? "screenshots";
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] });
const kinds = {
  bureau: { viewport: { width: 1280, height: 900 } },
  nuit: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  telephone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};
const found = await pages(base);
for (const [kind, options] of Object.entries(kinds)) {
  const page = await (await browser.newContext(options)).newPage();
  for (const [name, path] of Object.entries(found)) {
    await page.goto(base + path);
    await page.evaluate(() => document.fonts.ready);
    // A long page says enough in its first screens.
    const height = await page.evaluate(() => Math.min(document.documentElement.scrollHeight, 2600));
    await page.setViewportSize({ width: options.viewport.width, height });
    await page.screenshot({ path: `${folder}/${name}-${kind}.png` });
    await page.setViewportSize(options.viewport);
  }
}
const page = await (await browser.newContext()).newPage();
for (const name of ["probleme", "feuille", "uncours", "semaine", "tirage", "corriges", "concepts"].filter((n) => found[n])) {
  await page.goto(base + found[name]);
  await page.pdf({ path: `${folder}/${name}-papier.pdf`, format: "A4", preferCSSPageSize: true });
}
await browser.close();
console.log(`${Object.keys(found).length} pages in ${folder}`);
