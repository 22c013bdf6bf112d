// The schema as clients see it: full introspection through graphql-js, and the facts they rely on.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  buildClientSchema, getIntrospectionQuery, isEnumType, isInputObjectType, isListType,
  isNonNullType, isLeafType, isObjectType, getNamedType, parse, print, validate, validateSchema,
} from "graphql";
import { uri } from "./client.mjs";

async function post(body) {
  const response = await fetch(uri, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

const { data, errors } = await post({
  operationName: "IntrospectionQuery",
  query: getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, directiveIsRepeatable: true }),
});

test("full introspection makes a valid client schema", () => {
  assert.equal(errors, undefined);
  const schema = buildClientSchema(data);
  assert.deepEqual(validateSchema(schema), []);
  assert.equal(schema.getQueryType().name, "Query");
  assert.equal(schema.getMutationType().name, "Mutation");
});

const facts = readFileSync(new URL("../../crates/graphql/tests/contract.txt", import.meta.url), "utf8")
  .split("\n").filter((line) => line && !line.startsWith("#"));

test(`${facts.length} facts of the contract hold`, () => {
  const schema = buildClientSchema(data);
  const wrong = [];
  for (const fact of facts) {
    const [, kind, type, field, args = "", of] = fact.match(/^(\w+) (\w+)\.(\w+)(?:\((.*)\))?(?:: (.*))?$/);
    const found = schema.getType(type);
    const right = { type: isObjectType, input: isInputObjectType, enum: isEnumType }[kind](found);
    if (!right) { wrong.push(fact); continue; }
    if (kind === "enum") { if (!found.getValue(field)) wrong.push(fact); continue; }
    const there = found.getFields()[field];
    if (!there || String(there.type) !== of) { wrong.push(fact); continue; }
    for (const arg of args.split(", ").filter(Boolean)) {
      const [name, argType] = arg.split(": ");
      if (String(there.args.find((a) => a.name === name)?.type) !== argType) wrong.push(fact);
    }
  }
  assert.deepEqual(wrong, []);
});

// What a build client asks for: every list with every field, and every neighbour with its fields.
test("everything with all its neighbours passes the limits", async () => {
  const schema = buildClientSchema(data);
  const isList = (type) => isListType(isNonNullType(type) ? type.ofType : type);
  const optional = (field) => field.args.every((arg) => !isNonNullType(arg.type));
  const leaves = (type) => Object.values(type.getFields())
    .filter((f) => isLeafType(getNamedType(f.type)) && optional(f)).map((f) => f.name);
  for (const root of ["documents", "concepts", "evenements", "sitesweb"]) {
    const type = getNamedType(schema.getQueryType().getFields()[root].type);
    const relations = Object.values(type.getFields())
      .filter((f) => isObjectType(getNamedType(f.type)) && isList(f.type) && optional(f))
      .filter((f) => ["Document", "Concept", "Evenement", "ConceptVoisin", "DocumentVoisin"].includes(getNamedType(f.type).name));
    const neighbour = (f) => leaves(getNamedType(f.type)).filter((n) => !["depot", "commit", "extrait"].includes(n));
    const nested = relations.map((f) => `${f.name} { ${neighbour(f).join(" ")} }`);
    const own = leaves(type).filter((n) => n !== "extrait");
    const query = print(parse(`{ ${root} { ${own.join(" ")} ${nested.join(" ")} } }`));
    assert.deepEqual(validate(schema, parse(query)), []);
    const answer = await post({ query });
    assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
    assert.ok(Array.isArray(answer.data[root]));
  }
});
