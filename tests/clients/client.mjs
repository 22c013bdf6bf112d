// A real Apollo client on the server under test, and what the tests share.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client/core/index.js";

export const uri = `${(process.env.BASE_URL ?? "http://127.0.0.1:8000").replace(/\/+$/, "")}/graphql`;
export const token = process.env.MQD_ADMIN_TOKEN;
export { gql };

export function clientOver(link) {
  // Nodes have no `id`: as for the site, results stay as they came.
  return new ApolloClient({
    link,
    cache: new InMemoryCache({ resultCaching: false }),
    defaultOptions: { query: { fetchPolicy: "no-cache" }, mutate: { fetchPolicy: "no-cache" } },
  });
}

export const client = clientOver(new HttpLink({ uri }));

/** The data of a query; an error of any kind is thrown. */
export async function ask(query, variables) {
  return (await client.query({ query: gql(query), variables })).data;
}

/** The codes of the errors of a request that is refused. */
export async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    const errors = error.graphQLErrors?.length ? error.graphQLErrors : (error.networkError?.result?.errors ?? []);
    return errors.map((e) => e.extensions?.code);
  }
  return ["it was not refused"];
}
