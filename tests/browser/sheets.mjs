// The story of a sheet as a teacher lives it, with scripts and without: drawn, changed, gone back,
// read one by one, projected, taken away. Needs a site with quick exercises.
//
// usage: node --test sheets.mjs, with the site's address in BASE_URL

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { chromiumPath } from "./chromium.mjs";

const base = (process.env.BASE_URL ?? "http://127.0.0.1:8000").replace(/\/$/, "");
let browser;
before(async () => { browser = await chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] }); });
after(() => browser.close());

const items = (page) => page.locator("ol.sheet > li .ref").allInnerTexts();
const query = (page) => new URL(page.url()).searchParams;

/** A sheet of eight exercises of two themes, drawn through the form. */
async function drawn(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`${base}/vues/rapidexo`);
  const numbers = page.locator('form.draw input[type="number"][max]:not([name="n"])');
  await numbers.nth(0).fill("5");
  await numbers.nth(1).fill("3");
  await page.fill('form.draw input[name="g"]', "essai7");
  await Promise.all([page.waitForURL("**/feuille?*"), page.click("form.draw button")]);
  assert.equal(query(page).get("g"), "essai7");
  assert.match(query(page).get("c"), /^[0-9a-f]{7,}/);
  return page;
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with scripts" : "without scripts";

  test(`drawn and changed, ${how}`, async () => {
    const page = await drawn({ javaScriptEnabled });
    const first = await items(page);
    const address = page.url();
    assert.equal(first.length, 8);
    assert.equal(new Set(first).size, 8);
    // Only a page that is loaded anew forgets this.
    if (javaScriptEnabled) await page.evaluate(() => { window.stays = true; });
    const change = async (op) => {
      const from = page.url();
      await Promise.all([page.waitForURL((url) => url.href.replace(/#.*/, "") !== from.replace(/#.*/, "")), page.click(`button[name="op"][value="${op}"]`)]);
      return items(page);
    };
    const replaced = await change("r3");
    assert.deepEqual(replaced.filter((x, n) => n !== 2), first.filter((x, n) => n !== 2), "the others stay");
    assert.ok(!first.includes(replaced[2]));
    const moved = await change("u2");
    assert.deepEqual(moved, [replaced[1], replaced[0], ...replaced.slice(2)]);
    const removed = await change("d8");
    assert.deepEqual(removed, moved.slice(0, 7));
    const shuffled = await change("s");
    assert.deepEqual([...shuffled].sort(), [...removed].sort());
    await page.locator("details.panel", { has: page.locator('select[name="op"]') }).locator("summary").click();
    const before = page.url();
    await Promise.all([page.waitForURL((url) => url.href !== before), page.locator('form.fields:has(select[name="op"]) button').click()]);
    assert.deepEqual((await items(page)).slice(0, 7), shuffled);
    assert.equal((await items(page)).length, 8);
    for (const then of [shuffled, removed, moved, replaced, first]) {
      await page.goBack();
      await page.waitForFunction((n) => document.querySelectorAll("ol.sheet > li").length === n, then.length);
      await page.locator("ol.sheet").waitFor();
      await assert.doesNotReject(async () => {
        for (let tries = 0; ; tries += 1) {
          try { assert.deepEqual(await items(page), then); return; } catch (error) { if (tries > 40) throw error; await page.waitForTimeout(50); }
        }
      });
    }
    assert.equal(page.url(), address);
    if (javaScriptEnabled) assert.equal(await page.evaluate(() => window.stays), true, "no page was loaded anew");
    await page.context().close();
  });
}

test("the same address is the same sheet for someone else", async () => {
  const page = await drawn({});
  const other = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await other.goto(page.url());
  assert.deepEqual(await items(other), await items(page));
  await page.context().close();
  await other.context().close();
});

test("one by one with the keyboard", async () => {
  const page = await drawn({});
  const paths = await items(page);
  await page.goto(page.url().replace("/feuille?", "/une?"));
  for (let n = 1; n <= 8; n += 1) {
    assert.equal(await page.locator("progress").getAttribute("value"), String(n));
    const path = (await page.locator("p.ref").innerText()).split(" · ")[0];
    assert.ok(paths[n - 1].includes(path), path);
    const answer = page.locator("details.part").last();
    assert.equal(await answer.getAttribute("open"), null, "the answer is hidden");
    await page.keyboard.press("c");
    assert.notEqual(await answer.getAttribute("open"), null, "the answer is shown");
    if (n < 8) await Promise.all([page.waitForURL(`**&i=${n + 1}`), page.keyboard.press("ArrowRight")]);
  }
  await Promise.all([page.waitForURL("**&i=7"), page.keyboard.press("ArrowLeft")]);
  await page.context().close();
});

test("projected: big, by keys, then with answers", async () => {
  const page = await drawn({ viewport: { width: 1280, height: 720 } });
  const usual = await page.locator("ol.sheet .tex").first().evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
  await page.goto(page.url().replace("/feuille?", "/projecteur?"));
  const big = await page.locator(".stage .tex").first().evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
  assert.ok(big >= 1.8 * usual, `${big} px against ${usual}`);
  for (let n = 2; n <= 8; n += 1) {
    await Promise.all([page.waitForURL(`**&i=${n}`), page.keyboard.press(n % 2 ? "PageDown" : "ArrowRight")]);
  }
  assert.equal(await page.locator(".stage .tex").count() - await page.locator(".stage details .tex").count(), 1, "no answer is seen");
  await Promise.all([page.waitForURL("**&reponses=1"), page.keyboard.press("ArrowRight")]);
  assert.ok(await page.locator(".stage .answer .tex").isVisible(), "the answers come after the last statement");
  await Promise.all([page.waitForURL("**i=2*"), page.keyboard.press("ArrowRight")]);
  assert.ok(await page.locator(".stage .answer .tex").isVisible());
  await page.context().close();
});

test("a time for each question brings the next by itself, without scripts too", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await drawn({ javaScriptEnabled });
    await page.goto(`${page.url().replace("/feuille?", "/projecteur?")}&duree=20`);
    const refresh = await page.locator('meta[http-equiv="refresh"]').getAttribute("content");
    assert.match(refresh, /^20;url=.*&i=2/);
    assert.ok(await page.locator('[role="timer"]').isVisible());
    await page.context().close();
  }
});

test("files to take away, and a clear answer where there are too few exercises", async () => {
  const page = await drawn({});
  const links = await page.locator("details.panel").first().locator("a").evaluateAll((all) => all.map((a) => a.href));
  assert.ok(links.length >= 11);
  for (const link of links.filter((link) => link.startsWith(`${base}/api/`) && !/\.(pdf|zip)\?/.test(link))) {
    const answer = await fetch(link);
    assert.equal(answer.status, 200, link);
    assert.match(answer.headers.get("content-disposition"), /attachment/);
    assert.equal(await answer.text(), await (await fetch(link)).text(), "byte for byte");
  }
  await page.goto(links.find((link) => link.includes("/overleaf?")));
  // What the button sends, without sending it.
  const sent = await page.locator("form[method=post]").evaluate((form) => [form.action, [...new FormData(form)]]);
  assert.equal(sent[0], "https://www.overleaf.com/docs");
  const source = sent[1].find(([name]) => name === "snip_uri[]")[1];
  assert.match(await (await fetch(source)).text(), /^\\documentclass/);
  await page.goto(`${base}/vues/rapidexo`);
  const number = page.locator('form.draw input[max]:not([name="n"])').first();
  await number.evaluate((input) => { input.removeAttribute("max"); input.value = "9999"; });
  await Promise.all([page.waitForURL("**/nouvelle?*"), page.click("form.draw button")]);
  assert.match(await page.locator('[role="alert"]').innerText(), /\d/);
  assert.equal(await number.inputValue(), "9999", "the wish is still in the form");
  await page.context().close();
});
