// Mutations through a real client: refused without the token; with it, written, read and taken away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpLink } from "@apollo/client/core/index.js";
import { ask, client, clientOver, gql, refused, token, uri } from "./client.mjs";

const name = `concept d'essai ${process.pid}-${Date.now()}`;
const create = gql("mutation ($input: [ConceptCreateInput!]!) { createConcepts(input: $input) { info { nodesCreated relationshipsCreated } concepts { _id litteral documents { titre } } } }");
const remove = gql("mutation ($where: ConceptWhere) { deleteConcepts(where: $where) { nodesDeleted relationshipsDeleted } }");
const where = { litteral: { startsWith: name } };

test("without the token nothing is written", async () => {
  const codes = await refused(client.mutate({ mutation: create, variables: { input: [{ litteral: name }] } }));
  assert.deepEqual(codes, [token ? "UNAUTHENTICATED" : "MUTATIONS_OFF"]);
  assert.deepEqual((await ask("query ($where: ConceptWhere) { concepts(where: $where) { _id } }", { where })).concepts, []);
});

test("with the token", { skip: token ? false : "MQD_ADMIN_TOKEN not set" }, async () => {
  const admin = clientOver(new HttpLink({ uri, headers: { authorization: `Bearer ${token}` } }));
  const { documents } = await ask("{ documents(where: { typeDoc: { eq: \"cours\" } }, limit: 1) { _id titre } }");
  const made = await admin.mutate({
    mutation: create,
    variables: { input: [{ litteral: name, documents: { connect: [{ where: { node: { _id: { eq: documents[0]._id } } } }] } }] },
  });
  assert.deepEqual(made.data.createConcepts.info.nodesCreated, 1);
  assert.deepEqual(made.data.createConcepts.info.relationshipsCreated, 1);
  assert.equal(made.data.createConcepts.concepts[0].documents[0].titre, documents[0].titre);
  try {
    const read = await ask("query ($where: ConceptWhere) { concepts(where: $where) { _id litteral } }", { where });
    assert.equal(read.concepts[0]._id, made.data.createConcepts.concepts[0]._id);
    const update = gql("mutation ($where: ConceptWhere, $update: ConceptUpdateInput) { updateConcepts(where: $where, update: $update) { info { relationshipsDeleted } concepts { litteral description documents { _id } } } }");
    const changed = await admin.mutate({
      mutation: update,
      variables: { where, update: { litteral: { set: `${name} bis` }, description: { set: "essai" }, documents: [{ disconnect: [{}] }] } },
    });
    assert.deepEqual(changed.data.updateConcepts.info.relationshipsDeleted, 1);
    const [concept] = changed.data.updateConcepts.concepts;
    assert.deepEqual([concept.litteral, concept.description, concept.documents], [`${name} bis`, "essai", []]);
    for (const [litteral, code] of [["", "EMPTY_TITLE"], [`${name} bis`, "DUPLICATE_KEY"]]) {
      const codes = await refused(admin.mutate({ mutation: create, variables: { input: [{ litteral }] } }));
      assert.deepEqual(codes, [code]);
    }
  } finally {
    const gone = await admin.mutate({ mutation: remove, variables: { where } });
    assert.equal(gone.data.deleteConcepts.nodesDeleted, 1);
  }
  assert.deepEqual((await ask("query ($where: ConceptWhere) { concepts(where: $where) { _id } }", { where })).concepts, []);
});
