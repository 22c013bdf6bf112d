// The peer: Apollo Server over the same nodes in memory, a resolver per field.
//   node peer.mjs NODES.json PORT
import { readFileSync } from "node:fs";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const { documents, concepts } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const document = new Map(documents.map((d) => [d._id, d]));
const concept = new Map(concepts.map((c) => [c._id, c]));

const typeDefs = `
  type Document { _id: ID! titre: String typeDoc: String description: String url: String }
  type Concept {
    _id: ID! litteral: String typeConcept: String description: String
    conceptsvoisins: [ConceptVoisin] documentsvoisins: [DocumentVoisin]
  }
  type ConceptVoisin { typeRel: String out: Boolean conceptId: ID! conceptLitteral: String }
  type DocumentVoisin { typeRel: String out: Boolean docId: ID! docTitre: String docType: String }
  type Query { documents(limit: Int): [Document!]! concepts: [Concept!]! }
`;

const same = (...names) => Object.fromEntries(names.map((name) => [name, (node) => node[name]]));
const resolvers = {
  Query: {
    documents: (_, { limit }) => documents.slice(0, limit ?? documents.length),
    concepts: () => concepts,
  },
  Document: same("_id", "titre", "typeDoc", "description", "url"),
  Concept: same("_id", "litteral", "typeConcept", "description", "conceptsvoisins", "documentsvoisins"),
  ConceptVoisin: {
    ...same("typeRel", "out", "conceptId"),
    conceptLitteral: ({ conceptId }) => concept.get(conceptId).litteral,
  },
  DocumentVoisin: {
    ...same("typeRel", "out", "docId"),
    docTitre: ({ docId }) => document.get(docId).titre,
    docType: ({ docId }) => document.get(docId).typeDoc,
  },
};

const server = new ApolloServer({ typeDefs, resolvers, introspection: false });
const { url } = await startStandaloneServer(server, { listen: { port: Number(process.argv[3] ?? 0), host: "127.0.0.1" } });
console.log(`peer: ${url}`);
