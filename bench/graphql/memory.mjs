// Memory over many requests: node memory.mjs BASE_URL, with the server's process in MQD_SERVER_PID.
// Questions of every kind, no two alike, refused ones included; fails when memory still grows
// after the caches are full.
import { readFileSync } from "node:fs";
import { ask, connection, data } from "./client.mjs";

const url = new URL("/graphql", process.argv[2]).href;
const pid = process.env.MQD_SERVER_PID;
const total = Number(process.env.MQD_REQUESTS ?? 100_000);
const megabytes = () => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB/m)[1]) / 1024;

// The first search waits for the index; it is part of what is there before.
for (;;) {
  const { search } = await (await fetch(new URL("/readyz", url))).json();
  if (search) break;
  await new Promise((resolve) => setTimeout(resolve, 200));
}
const { documents, concepts } = await data(url, "{ documents { _id titre } concepts { _id litteral } }");
const words = [...new Set(concepts.flatMap((c) => c.litteral.toLowerCase().match(/\p{L}{4,}/gu) ?? []))];
const kinds = [
  (n) => `{ documents(limit: 100, offset: ${n % documents.length}) { _id titre typeDoc conceptsEVAL { litteral } } } # ${n}`,
  (n) => `{ concepts(where: { _id: { eq: "${concepts[n % concepts.length]._id}" } }) { litteral conceptsvoisins { typeRel conceptLitteral } } } # ${n}`,
  (n) => `query N${n} { documents(where: { titre: { contains: "${n}" } }, sort: [{ titre: ASC }]) { _id titre } }`,
  (n) => `{ documentsConnection(first: 20, where: { titre: { contains: "${n % 10}" } }) { totalCount edges { cursor node { titre } } } } # ${n}`,
  (n) => `{ recherche(mot: "${words[n % words.length]} ${n % 7}", limite: 10) { resultats { score extrait } } } # ${n}`,
  (n) => `{ searchconcepts(mot: "${words[n % words.length].slice(0, 4)}*") { litteral } } # ${n}`,
  (n) => `{ nope${n} { titre } }`,
  (n) => `{ documents { ${"contenus { ".repeat(n % 40)}titre${" }".repeat(n % 40)} } }`,
];

const agents = Array.from({ length: 4 }, connection);
const seen = [];
let sent = 0;
console.log(`before: ${megabytes().toFixed(0)} MB`);
for (let part = 1; part <= 10; part += 1) {
  const end = (total / 10) * part;
  await Promise.all(agents.map(async (agent) => {
    while (sent < end) {
      const n = sent;
      sent += 1;
      const { status } = await ask(url, agent, kinds[n % kinds.length](n));
      if (status >= 500) throw new Error(`${status} for ${kinds[n % kinds.length](n)}`);
    }
  }));
  seen.push(megabytes());
  console.log(`${String(sent).padStart(7)} requests: ${seen.at(-1).toFixed(0)} MB`);
}
agents.forEach((agent) => agent.destroy());
// The first half fills caches and the allocator's pools.
const growth = seen.at(-1) - seen[4];
console.log(`second half: ${growth >= 0 ? "+" : ""}${growth.toFixed(1)} MB`);
process.exit(growth < 0.05 * seen[4] ? 0 : 1);
