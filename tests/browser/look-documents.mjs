// Takes a picture of every page in a folder (documents beside their PDF, from the example `look` of
// crates/tex), and writes a sheet that shows them all.
//
// usage: node look-documents.mjs FOLDER

import { readdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { chromium } from "playwright-core";
import { chromiumPath } from "./chromium.mjs";

const folder = resolve(process.argv[2]);
const names = (await readdir(folder)).filter((name) => name.endsWith(".html") && name !== "index.html");
const browser = await chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] });
const page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
let wide = 0;
for (const name of names.sort()) {
  await page.goto(`file://${folder}/${name}`);
  await page.evaluate(() => document.fonts.ready);
  // What a reader would have to scroll sideways for is worth a look.
  const overflow = await page.evaluate(
    () => [...document.querySelectorAll(".tex .formule, .tex .table-defilante")].filter((e) => e.scrollWidth > e.clientWidth + 1).length,
  );
  if (overflow > 0) {
    wide += 1;
    console.log(`${name}: ${overflow} blocks wider than the page`);
  }
  const height = await page.evaluate(() => Math.min(document.documentElement.scrollHeight, 2600));
  await page.setViewportSize({ width: 1400, height });
  await page.screenshot({ path: `${folder}/${name.replace(".html", ".paire.png")}` });
}
await browser.close();
const links = names.map((name) => `<a href="${name}"><img loading="lazy" width="700" src="${name.replace(".html", ".paire.png")}" alt="${name}"></a>`);
await writeFile(`${folder}/index.html`, `<!doctype html><meta charset="utf-8"><title>Documents beside their PDF</title>${links.join("\n")}`);
console.log(`${names.length} documents in ${folder}, ${wide} with blocks wider than the page`);
