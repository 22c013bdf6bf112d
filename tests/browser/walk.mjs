// Walks through the site as readers do: desktop and phone, scripts on and off, light and dark,
// keyboard alone. Fails on anything a page says in the console, on any accessibility violation, on
// invalid HTML and on pages heavier than their budget.
//
// usage: node walk.mjs BASE_URL

import AxeBuilder from "@axe-core/playwright";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";
import { chromiumPath } from "./chromium.mjs";
import { pages } from "./pages.mjs";

const base = (process.argv[2] ?? "http://127.0.0.1:8000").replace(/\/$/, "");
const failures = [];
let checks = 0;
const check = (ok, what) => {
  checks += 1;
  if (!ok) failures.push(what);
};

const found = await pages(base);
// A page that turns by itself, as the teacher asked it to, is what axe warns of; sheets.mjs tries it.
delete found.minuterie;
for (const name of ["probleme", "feuille", "concept", "semaine", "uncours"]) {
  check(found[name], `the site has no page « ${name} » to look at`);
}

// HTML and weight need no browser.
const validator = new HtmlValidate({
  extends: ["html-validate:standard"],
  rules: {
    // What the templates do on purpose.
    "void-style": "off",
    "no-trailing-whitespace": "off",
    "no-inline-style": "error",
    "attribute-boolean-style": "off",
    "long-title": "off",
    "doctype-style": "off",
    "no-implicit-button-type": "off",
    "prefer-native-element": "off",
    "no-redundant-role": "off",
    "svg-focusable": "off",
    "require-sri": "off",
    "tel-non-breaking": "off",
  },
});
const long = new Set(["probleme", "uncours", "feuille", "cote", "source", "concepts"]);
for (const [name, path] of Object.entries(found)) {
  const response = await fetch(base + path, { headers: { "accept-encoding": "br" } });
  const html = await response.text();
  check(response.status === (name === "absente" ? 404 : 200), `${name}: status ${response.status}`);
  const report = await validator.validateString(html, `${name}.html`);
  for (const result of report.results) {
    for (const m of result.messages) check(false, `${name}:${m.line}:${m.column}: ${m.ruleId}: ${m.message}`);
  }
  checks += 1;
  let weight = 0;
  let script = 0;
  const parts = [path, ...[...html.matchAll(/<(?:script[^>]*src|link rel="stylesheet" href)="([^"]+)"/g)].map((m) => m[1])];
  for (const part of parts) {
    const size = await transferred(part);
    weight += size;
    if (part.endsWith(".js")) script += size;
  }
  const budget = long.has(name) ? 150 : 30;
  check(weight <= budget * 1024, `${name}: ${(weight / 1024).toFixed(1)} KB of ${budget}`);
  check(script <= 15 * 1024, `${name}: ${(script / 1024).toFixed(1)} KB of script`);
}

/** Bytes of the body of an answer as they travel. */
async function transferred(path) {
  const { request } = await import(base.startsWith("https") ? "node:https" : "node:http");
  return new Promise((resolve, reject) => {
    request(base + path, { headers: { "accept-encoding": "br" } }, (response) => {
      let size = 0;
      response.on("data", (chunk) => (size += chunk.length));
      response.on("end", () => resolve(size));
    }).on("error", reject).end();
  });
}

const browser = await chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] });
const screens = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};

/** A page that remembers what it said. */
async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (m) => {
    // The browser itself reports the status of the page that must be absent.
    if (!m.text().includes("404 (Not Found)")) check(false, `${page.url()}: console: ${m.text()}`);
  });
  page.on("pageerror", (e) => check(false, `${page.url()}: ${e.message}`));
  return { context, page };
}

for (const [screen, size] of Object.entries(screens)) {
  for (const colorScheme of ["light", "dark"]) {
    const { context, page } = await open({ ...size, colorScheme });
    for (const [name, path] of Object.entries(found)) {
      await page.goto(base + path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      check(wide <= 0, `${screen} ${name}: ${wide}px wider than the screen`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const v of violations) {
        check(false, `${screen} ${colorScheme} ${name}: ${v.id}: ${v.nodes.length}×, ${v.nodes[0].target} ${v.nodes[0].failureSummary?.split("\n")[1] ?? ""}`);
      }
      checks += 1;
    }
    await context.close();
  }
}

// Without scripts every page shows its content and every form answers.
{
  const { context, page } = await open({ ...screens.desktop, javaScriptEnabled: false });
  for (const [name, path] of Object.entries(found)) {
    await page.goto(base + path);
    const text = await page.locator("main").innerText();
    check(text.trim().length > 20, `without scripts ${name}: the page is empty`);
  }
  await page.goto(base + "/");
  await page.locator(".title-page input").fill("suite");
  await page.locator(".title-page button").click();
  check(page.url().includes("q=suite"), "without scripts: the search form leads nowhere");
  await page.locator("summary", { hasText: "Vues" }).click();
  check(await page.locator(".menu a").first().isVisible(), "without scripts: the menu does not open");
  await context.close();
}

// Keyboard alone.
{
  const { context, page } = await open(screens.desktop);
  await page.goto(base + "/vues/problemes");
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.className === "skip"), "keyboard: the first stop is not the skip link");
  await page.keyboard.press("Enter");
  check(page.url().endsWith("#contenu"), "keyboard: the skip link leads nowhere");
  await page.keyboard.press("/");
  check(await page.evaluate(() => document.activeElement.name === "q"), "keyboard: / does not lead to the search");
  await page.keyboard.type("sui");
  await page.locator("#suggest li").first().waitFor({ timeout: 5000 }).catch(() => check(false, "keyboard: no suggestions"));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/(document|concept|evenement)\//, { timeout: 5000 }).catch(() => check(false, "keyboard: Enter does not follow a suggestion"));
  if (found.feuilleter) {
    await page.goto(base + found.feuilleter);
    if (await page.locator('link[rel="next"]').count()) {
      await page.keyboard.press("ArrowRight");
      await page.waitForURL(/n=2/, { timeout: 5000 }).catch(() => check(false, "keyboard: → does not turn the page"));
    }
  }
  await page.goto(base + "/");
  await page.locator("#theme").focus();
  await page.keyboard.press("Enter");
  check(await page.evaluate(() => document.documentElement.dataset.theme === "dark"), "the theme does not change");
  await page.reload();
  check(await page.evaluate(() => document.documentElement.dataset.theme === "dark"), "the theme is not remembered");
  await page.locator("summary", { hasText: "Vues" }).focus();
  await page.keyboard.press("Enter");
  check(await page.locator(".menu[open] a").first().isVisible(), "keyboard: the menu does not open");
  await page.keyboard.press("Escape");
  check(!(await page.locator(".menu[open]").count()), "keyboard: Escape does not close the menu");
  await context.close();
}

// The filters of a neighbourhood redraw in place, in the address.
if (found.voisinage) {
  const { context, page } = await open(screens.desktop);
  await page.goto(base + found.voisinage);
  await page.locator("select[name=profondeur]").selectOption("2");
  await page.waitForURL(/profondeur=2/, { timeout: 5000 }).catch(() => check(false, "the neighbourhood does not follow its filters"));
  await context.close();
}

// Lists: filters and orders stand in the address, are shown as lifted or not, and survive paging.
for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with scripts" : "without scripts";
  const { context, page } = await open({ ...screens.desktop, javaScriptEnabled });
  const titles = () => page.locator("ul.entries .title").allInnerTexts();
  const choose = async (name, value) => {
    const select = page.locator(`.filters select[name=${name}]`);
    await Promise.all([
      page.waitForURL(new RegExp(`[?&]${name}=`), { timeout: 5000 }).catch(() => check(false, `${how}: the filter ${name} is not in the address`)),
      (async () => {
        await select.selectOption(value);
        if (!javaScriptEnabled) await page.locator(".filters button").click();
      })(),
    ]);
    await page.waitForLoadState();
  };
  for (const facet of ["theme", "concept", "niveau"]) {
    await page.goto(base + "/vues/exercices");
    const all = await titles();
    const option = page.locator(`.filters select[name=${facet}] option`).nth(1);
    if (!(await option.count())) { check(false, `${how}: no filter by ${facet}`); continue; }
    const expected = Number((await option.innerText()).match(/\(([\d\s]+)\)$/)?.[1].replace(/\s/g, ""));
    await choose(facet, await option.getAttribute("value"));
    const counted = Number((await page.locator(".count [role=status]").innerText()).match(/^[\d\s]+/)?.[0].replace(/\s/g, ""));
    check(counted === expected && counted < all.length + 1, `${how} ${facet}: ${counted} shown, ${expected} promised`);
    check((await page.locator(".chip").count()) === 1, `${how} ${facet}: the filter is not shown`);
    await page.locator(".chip").click();
    await page.waitForLoadState();
    check(!page.url().includes(facet + "="), `${how} ${facet}: the filter is not lifted`);
  }
  await page.goto(base + "/vues/exercices?corrige=sans");
  check((await page.locator("ul.entries .ok").count()) === 0, `${how}: documents with answers among those without`);
  await page.goto(base + "/vues/exercices");
  const orders = await page.locator(".filters select[name=tri] option").evaluateAll((all) => all.map((o) => o.value));
  check(orders.length > 1, `${how}: only one order`);
  const dates = async () => page.locator("ul.entries time").evaluateAll((all) => all.map((t) => t.dateTime));
  for (const order of orders.slice(1)) {
    await page.goto(base + "/vues/exercices");
    await choose("tri", order);
    check((await page.locator(".filters select[name=tri]").inputValue()) === order, `${how}: the order ${order} is forgotten`);
    if (/date|recent|nouveau/.test(order)) {
      const shown = await dates();
      const sorted = [...shown].sort();
      check([sorted.join(), [...sorted].reverse().join()].includes(shown.join()), `${how} ${order}: the dates are out of order`);
    }
  }
  await page.goto(base + "/vues/exercices?depuis=2999-01-01");
  check((await titles()).length === 0, `${how}: documents of the future`);
  await context.close();
}

// Recent changes say what changed.
{
  const { context, page } = await open(screens.desktop);
  await page.goto(base + "/vues/nouveautes");
  const tags = await page.locator("ul.entries .tags").allInnerTexts();
  check(tags.length > 0 && tags.every((text) => /nouveau|modifié|ajouté|retiré/.test(text)), "recent changes do not say what changed");
  // Excerpts show formulas, and formulas are found by their signs.
  await page.goto(base + "/vues/recherche?q=" + encodeURIComponent("∑"));
  check((await page.locator("ul.entries mark math").count()) > 0, "a search for ∑ marks no formula");
  await page.goto(base + "/vues/recherche?q=suite");
  check((await page.locator("ul.entries .desc math").count()) > 0, "excerpts show no formula");
  check(!(await page.locator("ul.entries .desc").allInnerTexts()).some((text) => /\$|\\[a-z]/.test(text)), "excerpts show TeX");
  // An English interface says which of its words are French.
  await page.goto(base + "/en" + found.probleme);
  const bare = await page.locator(".crumbs a[href*='/document/']:not([lang]), .series a[href*='/document/'] > span:last-child:not([lang])").count();
  check(bare === 0, "English: French titles are not said to be French");
  const cited = await page.locator("[data-cite]").first().innerText();
  check(/https?:\/\//.test(cited), "a citation has no whole address");
  check(/url = \{https?:/.test(await (await fetch(base + found.probleme + "/bibtex")).text()), "BibTeX has no whole address");
  await context.close();
}

// What readers and machines find on the pages: paging keeps filters and order, statement and answer
// stand side by side, uses are told, paths go step by step, and machines read what is meant.
{
  const { context, page } = await open(screens.desktop);
  await page.goto(base + "/vues/documents?tri=date&corrige=avec");
  const next = page.locator('.pager a:not([aria-current])').first();
  if (await next.count()) {
    await next.click();
    await page.waitForLoadState();
    const kept = new URL(page.url()).searchParams;
    check(kept.get("tri") === "date" && kept.get("corrige") === "avec" && kept.get("page") === "2", "paging forgets filters or order");
    check((await page.locator(".chip").count()) === 1, "the second page does not show its filter");
  } else check(false, "no second page to turn to");
  await page.goto(base + found.cote);
  const [left, right] = await page.locator(".beside > .part").evaluateAll((all) => all.map((e) => e.getBoundingClientRect().toJSON()));
  check(left && right && left.right <= right.left + 1 && Math.abs(left.top - right.top) < 2, "statement and answer do not stand side by side");
  let used = false;
  for (const path of await page.goto(base + "/vues/problemes").then(() => page.locator("ul.entries .title a").evaluateAll((all) => all.map((a) => a.pathname)))) {
    used ||= (await (await fetch(base + path)).text()).includes("est utilisé par");
  }
  check(used, "no problem tells where it was used");
  const concepts = await page.goto(base + "/vues/listeconcepts").then(() => page.locator(".index li > a").evaluateAll((all) => all.map((a) => a.pathname)));
  let steps = 0;
  for (const path of concepts) {
    if (steps > 2) break;
    steps = ((await (await fetch(`${base}${path}/parcours`)).text()).match(/<li><a href="\/concept/g) ?? []).length;
  }
  check(steps > 2, "no learning path has three steps");
  await page.goto(base + found.probleme);
  const json = JSON.parse(await page.locator('script[type="application/ld+json"]').textContent());
  check(json["@type"] === "LearningResource" && json.assesses?.length > 0 && json.license, "JSON-LD does not tell what a problem assesses");
  await page.goto(base + found.uncours);
  const course = JSON.parse(await page.locator('script[type="application/ld+json"]').textContent());
  check(course.teaches?.length > 0, "JSON-LD does not tell what a course teaches");
  check((await page.locator(".margin .toc li").count()) > 0, "a course has no table of contents");
  for (const [path, root] of [["/atom.xml", "feed"], ["/sitemap.xml", "urlset"]]) {
    const text = await (await fetch(base + path)).text();
    const told = await page.evaluate(([text]) => {
      const xml = new DOMParser().parseFromString(text, "application/xml");
      return { root: xml.documentElement.nodeName, ids: [...xml.querySelectorAll("id, loc")].map((e) => e.textContent) };
    }, [text]);
    check(told.root === root && told.ids.length > 1 && told.ids.every((id) => /^https?:/.test(id)), `${path}: no addresses, or not whole`);
  }
  await context.close();
}

await browser.close();
for (const failure of failures) console.error(`✗ ${failure}`);
console.log(`${checks} checks over ${Object.keys(found).length} pages, ${failures.length} failures`);
process.exit(failures.length ? 1 : 0);
