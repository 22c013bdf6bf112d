// An author writes, and the open page follows: `maquisdoc serve --watch` with a dépôt of its own.
//
// usage: node --test watch.mjs, with the program in MQD_PROGRAM and, in BASE_URL, the address of a
// server that does not watch

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { chromiumPath } from "./chromium.mjs";

const MANIFEST = `
[depot]
name = "cours"
dates = "none"
preambles = ["preambule.tex"]

[[kind]]
name = "cours"
label = "Document"
type = "cours"
title = "Cours {nom}"
files.body = "{nom:word}-cours.tex"
publish = ["whole"]
`;
const folder = mkdtempSync(join(tmpdir(), "maquisdoc-watch-"));
const save = (name, text) => writeFileSync(join(folder, "cours", name), text);
let browser, server, base;

before(async () => {
  mkdirSync(join(folder, "cours"));
  writeFileSync(join(folder, "maquisdoc.toml"), '[[depot]]\npath = "cours"\n');
  save("depot.toml", MANIFEST);
  save("preambule.tex", "\\documentclass{article}\n\\usepackage{tikz}\n\\newcommand{\\mot}{avant}\n");
  save("un-cours.tex", "Le texte d'origine, \\mot.");
  server = spawn(process.env.MQD_PROGRAM, ["serve", "--watch", "--listen", "127.0.0.1:0"], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, MQD_LOG: "warn" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: server.stdout })) {
    base = line.match(/(http:\/\/[^/]+)\//)?.[1];
    if (base) break;
  }
  server.stdout.resume();
  browser = await chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  // The server ends in order: it writes until it has, and a folder that is written to is not removed.
  if (server && server.exitCode === null && server.signalCode === null) {
    const ended = once(server, "exit");
    server.kill();
    await ended;
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** The address of the course. */
async function address() {
  for (let n = 0; n < 300; n += 1) {
    const response = await fetch(`${base}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ documents { uuid } }" }),
    });
    const { data } = await response.json();
    if (data.documents.length > 0) return `${base}/document/${data.documents[0].uuid}`;
    await new Promise((done) => { setTimeout(done, 100); });
  }
  throw new Error("the course is not in the maquis");
}

test("the open page follows what is saved", { timeout: 180_000 }, async () => {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(await address());
  const shows = (text) => page.locator("main", { hasText: text }).waitFor({ timeout: 60_000 });
  await shows("Le texte d’origine, avant");
  save("un-cours.tex", "Le texte nouveau, \\mot.");
  await shows("Le texte nouveau, avant");
  save("preambule.tex", "\\documentclass{article}\n\\usepackage{tikz}\n\\newcommand{\\mot}{après}\n");
  await shows("Le texte nouveau, après");
  // A drawing is there as soon as TeX has made it.
  save("un-cours.tex", "Un dessin. \\begin{tikzpicture}\\draw (0,0)--(1,1);\\end{tikzpicture}");
  await page.locator('main img[src*="/figures/cours/"]').waitFor({ timeout: 90_000 });
  // What is broken is shown as well as it can be, and mended like anything else.
  save("un-cours.tex", "Un texte \\fautif");
  await shows("Un texte");
  save("un-cours.tex", "Un texte réparé.");
  await shows("Un texte réparé.");
  assert.deepEqual(errors, []);
  await page.close();
});

test("other servers do not watch", async () => {
  assert.ok(!(await (await fetch(process.env.BASE_URL)).text()).includes("watch.js"));
  assert.equal((await fetch(`${process.env.BASE_URL}/watch.js`)).status, 404);
});
