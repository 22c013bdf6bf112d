// Compares a running server with the peer on the same machine, in the same run, through the same
// client: node compare.mjs BASE_URL
// First both must give the same answers. Then each is asked in turn, the other idle. Our server
// keeps answers as long as the maquis stays the same: `kept` is what it answers then; `fresh` asks
// each time with another comment in the text, so that nothing is kept and everything is executed.
// Ends with status 1 when a wish of the project is not met.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ask, connection, data, floor, percentile } from "./client.mjs";

const ours = new URL("/graphql", process.argv[2] ?? "http://127.0.0.1:8000").href;
const seconds = Number(process.env.MQD_SECONDS ?? 5);

const NODES = `{ documents { _id titre typeDoc description url } concepts { _id litteral typeConcept description
  conceptsvoisins { typeRel out conceptId } documentsvoisins { typeRel out docId } } }`;
const QUERIES = {
  "all concepts with their neighbours": `{ concepts { _id litteral
    conceptsvoisins { typeRel out conceptId conceptLitteral } documentsvoisins { typeRel out docId docTitre docType } } }`,
  "a list of 100 documents": "{ documents(limit: 100) { _id titre typeDoc } }",
};

const folder = mkdtempSync(path.join(os.tmpdir(), "bench-graphql-"));
const nodes = path.join(folder, "nodes.json");
const graph = await data(ours, NODES);
writeFileSync(nodes, JSON.stringify(graph));
const voisins = graph.concepts.reduce((sum, c) => sum + c.conceptsvoisins.length + c.documentsvoisins.length, 0);
console.log(`${graph.documents.length} documents, ${graph.concepts.length} concepts with ${voisins} neighbours`);

const child = spawn(process.execPath, [new URL("peer.mjs", import.meta.url).pathname, nodes], {
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...process.env, NODE_ENV: "production" },
});
process.on("exit", () => { child.kill(); rmSync(folder, { recursive: true, force: true }); });
const peer = await new Promise((resolve, reject) => {
  child.stdout.on("data", (text) => resolve(String(text).match(/^peer: (\S+)/)[1]));
  child.on("exit", (code) => reject(new Error(`the peer ended with ${code}`)));
});

/** One after the other for some seconds, after a warm-up. */
async function measure(url, query, fresh) {
  const agent = connection();
  const times = [];
  let bytes = 0;
  let count = 0;
  const until = (ms) => performance.now() + ms;
  for (const [end, keep] of [[until(1_000), false], [until(1_000 + 1_000 * seconds), true]]) {
    while (performance.now() < end) {
      const answer = await ask(url, agent, fresh ? `${query} # ${count += 1}` : query);
      assert.equal(answer.status, 200);
      if (keep) times.push(answer.ms);
      bytes = answer.bytes.reduce((sum, part) => sum + part.length, 0);
    }
  }
  agent.destroy();
  const sorted = times.sort((a, b) => a - b);
  const spent = sorted.reduce((sum, ms) => sum + ms, 0);
  return { rate: (1_000 * sorted.length) / spent, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), bytes };
}

const agent = connection();
const floors = [];
for (let n = 0; n < 3_000; n += 1) floors.push(await floor(ours, agent));
agent.destroy();
const least = percentile(floors.sort((a, b) => a - b), 0.5);
console.log(`a request that is refused at once: p50 ${least.toFixed(3)} ms, most of it this client's own`);

const wishes = [];
for (const [name, query] of Object.entries(QUERIES)) {
  assert.deepEqual(await data(ours, query), await data(peer, query), "both answer alike");
  const found = {
    kept: await measure(ours, query, false),
    fresh: await measure(ours, query, true),
    peer: await measure(peer, query, false),
  };
  console.log(`\n${name} (${(found.kept.bytes / 1024).toFixed(0)} kB)`);
  for (const [who, { rate, p50, p99 }] of Object.entries(found)) {
    const ratio = (rate / found.peer.rate).toFixed(1);
    console.log(`  ${who.padEnd(5)} ${rate.toFixed(0).padStart(6)}/s  p50 ${p50.toFixed(3)} ms  p99 ${p99.toFixed(3)} ms  ${ratio} × the peer`);
  }
  if (query === QUERIES["a list of 100 documents"]) {
    for (const who of ["kept", "fresh"]) {
      wishes.push([`p50 under 0.2 ms beside the client's own, ${who}`, found[who].p50 - least < 0.2]);
    }
  } else {
    wishes.push(["20 × the peer, kept", found.kept.rate >= 20 * found.peer.rate], ["p99 under 10 ms, kept", found.kept.p99 < 10]);
    wishes.push(["20 × the peer, fresh", found.fresh.rate >= 20 * found.peer.rate], ["p99 under 10 ms, fresh", found.fresh.p99 < 10]);
  }
}
console.log();
for (const [wish, met] of wishes) console.log(`${met ? "met    " : "NOT MET"} ${wish}`);
child.removeAllListeners("exit");
process.exit(wishes.every(([, met]) => met) ? 0 : 1);
