// The kinds of requests of the contract, one root field each, checked against one another.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, client, gql, refused } from "./client.mjs";

const { documents } = await ask("{ documents { _id titre date typeDoc description url conceptsEVAL { _id litteral } contenants { _id } } }");
const { concepts } = await ask("{ concepts { _id litteral discipline listexos { _id titre } documents { _id } conceptsvoisins { typeRel out conceptId conceptLitteral } documentsvoisins { typeRel out docId docTitre docType } } }");
const byCode = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const ids = (nodes) => nodes.map((node) => node._id).sort(byCode);

test("there is something to ask for", () => {
  assert.ok(documents.length > 10 && concepts.length > 5);
  for (const { _id, date } of documents) {
    assert.match(_id, /^\d+$/);
    if (date !== null) assert.ok(!Number.isNaN(Date.parse(date)), date);
  }
});

test("lists of one kind", async () => {
  const kinds = {
    feuilleexercicesdocuments: "liste exercices", exercicedocuments: "exercice",
    coursdocuments: "cours", problemedocuments: "problème",
  };
  for (const [field, kind] of Object.entries(kinds)) {
    const found = (await ask(`{ ${field} { _id typeDoc } }`))[field];
    assert.deepEqual(ids(found), ids(documents.filter((d) => d.typeDoc === kind)), field);
  }
  const { semaines } = await ask("{ semaines { nom documents { titre } sousevenements { nom } } }");
  for (const { nom } of semaines) assert.match(nom, /^semaine /);
});

test("filters agree with a filter of the client", async () => {
  const cases = [
    [{ typeDoc: { eq: "exercice" } }, (d) => d.typeDoc === "exercice"],
    [{ typeDoc: { in: ["cours", "problème"] } }, (d) => ["cours", "problème"].includes(d.typeDoc)],
    [{ titre: { contains: "e" }, NOT: { titre: { startsWith: "E" } } }, (d) => d.titre.includes("e") && !d.titre.startsWith("E")],
    [{ OR: [{ typeDoc: { eq: "cours" } }, { AND: [{ typeDoc: { eq: "exercice" } }, { titre: { endsWith: "1" } }] }] },
      (d) => d.typeDoc === "cours" || (d.typeDoc === "exercice" && d.titre.endsWith("1"))],
    [{ description: { eq: null } }, (d) => d.description === null],
    [{ conceptsEVAL: { some: { litteral: { contains: "a" } } } }, (d) => d.conceptsEVAL.some((c) => c.litteral.includes("a"))],
    [{ conceptsEVAL: { none: { litteral: { contains: "a" } } } }, (d) => !d.conceptsEVAL.some((c) => c.litteral.includes("a"))],
    [{ conceptsEVAL: { single: { litteral: { contains: "a" } } } }, (d) => d.conceptsEVAL.filter((c) => c.litteral.includes("a")).length === 1],
    [{ conceptsEVALConnection: { aggregate: { count: { nodes: { gte: 1 } } } } }, (d) => d.conceptsEVAL.length >= 1],
    [{ contenantsConnection: { some: { node: { typeDoc: { eq: "liste exercices" } } } } },
      (d) => d.contenants.some((c) => documents.find((o) => o._id === c._id).typeDoc === "liste exercices")],
    [{ _id: { eq: documents[3]._id } }, (d) => d === documents[3]],
  ];
  for (const [where, passes] of cases) {
    const found = await ask("query ($where: DocumentWhere) { documents(where: $where) { _id } }", { where });
    assert.deepEqual(ids(found.documents), ids(documents.filter(passes)), JSON.stringify(where));
  }
});

test("several sort keys, null last, limit and offset", async () => {
  const query = "query ($limit: Int, $offset: Int) { documents(sort: [{ date: DESC }, { titre: ASC }], limit: $limit, offset: $offset) { _id titre date } }";
  const all = (await ask(query)).documents;
  const first = all.findIndex((d) => d.date !== null);
  assert.ok(all.slice(0, Math.max(first, 0)).every((d) => d.date === null), "null is the greatest: first in DESC");
  for (let i = 1; i < all.length; i += 1) {
    const [a, b] = [all[i - 1], all[i]];
    if (a.date === b.date) assert.ok(byCode(a.titre, b.titre) <= 0, `${a.titre} before ${b.titre}`);
    else if (a.date !== null) assert.ok(b.date !== null && byCode(a.date, b.date) > 0);
  }
  const page = (await ask(query, { limit: 5, offset: 3 })).documents;
  assert.deepEqual(page, all.slice(3, 8));
});

test("a connection is walked through by its cursors", async () => {
  const query = gql("query ($after: String) { documentsConnection(first: 7, after: $after, sort: [{ titre: ASC }]) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { _id } } } }");
  const seen = [];
  let after;
  for (;;) {
    const { data } = await client.query({ query, variables: { after } });
    const { totalCount, pageInfo, edges } = data.documentsConnection;
    assert.equal(totalCount, documents.length);
    assert.equal(pageInfo.hasPreviousPage, after !== undefined);
    assert.equal(pageInfo.endCursor, edges.at(-1).cursor);
    seen.push(...edges.map((edge) => edge.node));
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  assert.equal(new Set(ids(seen)).size, seen.length);
  assert.deepEqual(ids(seen), ids(documents));
});

test("aggregates agree with the list", async () => {
  const { conceptsConnection } = await ask("{ conceptsConnection { aggregate { count { nodes } node { litteral { shortest longest } } } } }");
  const { count, node } = conceptsConnection.aggregate;
  const lengths = concepts.map((c) => [...c.litteral].length);
  assert.equal(count.nodes, concepts.length);
  assert.equal([...node.litteral.longest].length, Math.max(...lengths));
  assert.equal([...node.litteral.shortest].length, Math.min(...lengths));
});

test("neighbours are told from both ends", () => {
  let relations = 0;
  for (const concept of concepts) {
    for (const { typeRel, out, conceptId } of concept.conceptsvoisins) {
      relations += 1;
      const other = concepts.find((c) => c._id === conceptId);
      assert.ok(other.conceptsvoisins.some((n) => n.typeRel === typeRel && n.out === !out && n.conceptId === concept._id));
    }
    const documenting = concept.documentsvoisins.filter((n) => n.typeRel === "DOCUMENTE" && !n.out).map((n) => n.docId).sort(byCode);
    assert.deepEqual(documenting, ids(concept.documents));
    const sheets = concept.documentsvoisins.filter((n) => n.typeRel === "EVALUE" && n.docType === "liste exercices").map((n) => n.docId).sort(byCode);
    assert.deepEqual(sheets, ids(concept.listexos));
  }
  assert.equal(relations % 2, 0);
});

test("search takes Lucene text, and tells a malformed one", async () => {
  const concept = concepts.find((c) => /^\p{L}{5,}$/u.test(c.litteral));
  const search = async (mot) => (await ask("query ($mot: String) { searchconcepts(mot: $mot) { _id litteral } }", { mot })).searchconcepts;
  for (const mot of [concept.litteral, `${concept.litteral.slice(0, 4)}*`, `"${concept.litteral}"`, `+${concept.litteral} -zzzzz`, `(${concept.litteral} OR zzzzz)`]) {
    assert.ok((await search(mot)).some((c) => c._id === concept._id), mot);
  }
  assert.deepEqual(await search(`${concept.litteral} AND zzzzz`), []);
  for (const mot of ["(a", '"a', "a AND", "a ^"]) {
    const codes = await refused(client.query({ query: gql("query ($mot: String) { searchpbs(mot: $mot) { _id } }"), variables: { mot } }));
    assert.deepEqual(codes, ["BAD_USER_INPUT"], mot);
  }
  for (const field of ["searchpbs", "searchcours"]) {
    assert.ok(Array.isArray((await ask(`{ ${field}(mot: "de la") { _id titre } }`))[field]));
  }
});

test("what is wrong or too much is refused with a code", async () => {
  const deep = `{ documents ${"{ contenants ".repeat(12)} { titre } ${"}".repeat(12)} }`;
  const codes = (query) => refused(client.query({ query: gql(query) }));
  assert.deepEqual(await codes("{ documents { nope } }"), ["GRAPHQL_VALIDATION_FAILED"]);
  assert.deepEqual(await codes(deep), ["TOO_COMPLEX"]);
});
