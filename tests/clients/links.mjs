// Other ways in which Apollo's clients ask: persisted queries by GET, batches.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { HttpLink } from "@apollo/client/core/index.js";
import { BatchHttpLink } from "@apollo/client/link/batch-http/index.js";
import { createPersistedQueryLink } from "@apollo/client/link/persisted-queries/index.js";
import { clientOver, gql, uri } from "./client.mjs";

/** `fetch` that notes what was asked. */
function noted() {
  const requests = [];
  const fetching = (address, options) => {
    requests.push({ method: options.method ?? "GET", address: String(address), body: options.body });
    return fetch(address, options);
  };
  return { requests, fetch: fetching };
}

test("persisted queries: the hash, then the text once, then the hash by GET", async () => {
  const { requests, fetch } = noted();
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const link = createPersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(new HttpLink({ uri, fetch }));
  // A name of its own, so that no earlier run has left this text with the server.
  const query = gql(`query Une${process.pid}x${Date.now()} { conceptsConnection { totalCount } }`);
  const first = await clientOver(link).query({ query });
  assert.deepEqual(requests.map((r) => r.method), ["GET", "POST"]);
  const second = await clientOver(link).query({ query });
  assert.deepEqual(requests.map((r) => r.method), ["GET", "POST", "GET"]);
  assert.ok(!requests[2].address.includes("totalCount"));
  assert.deepEqual(second.data, first.data);
});

test("a batch is answered in order", async () => {
  const { requests, fetch } = noted();
  const client = clientOver(new BatchHttpLink({ uri, fetch, batchInterval: 20 }));
  const [a, b] = await Promise.all([
    client.query({ query: gql("{ documentsConnection { totalCount } }") }),
    client.query({ query: gql("{ conceptsConnection { totalCount } }") }),
  ]);
  assert.equal(requests.length, 1);
  assert.ok(a.data.documentsConnection.totalCount > 0 && b.data.conceptsConnection.totalCount > 0);
});

test("an answer to a GET is asked again by its tag", async () => {
  const address = `${uri}?query=${encodeURIComponent("{ conceptsConnection { totalCount } }")}`;
  const first = await fetch(address);
  const again = await fetch(address, { headers: { "if-none-match": first.headers.get("etag") }, cache: "no-store" });
  assert.equal(first.status, 200);
  assert.equal(again.status, 304);
});

test("a form of another site cannot write, nor can a GET", async () => {
  const query = "mutation { deleteConcepts { nodesDeleted } }";
  const form = await fetch(uri, { method: "POST", body: JSON.stringify({ query }), headers: { "content-type": "text/plain" } });
  assert.equal(form.status, 415);
  const get = await fetch(`${uri}?query=${encodeURIComponent(query)}`);
  assert.equal(get.status, 405);
});
