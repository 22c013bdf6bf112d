// One connection that stays open, one request after the other.
import http from "node:http";

/** Asks, and gives the bytes of the answer and the milliseconds until its last one. */
export function ask(url, agent, query, variables) {
  return post(url, agent, JSON.stringify({ query, variables }));
}

/** What the client and the kernel need for a request that costs a server next to nothing. */
export async function floor(url, agent) {
  return (await post(url, agent, "{}")).ms;
}

function post(url, agent, body) {
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const request = http.request(url, { method: "POST", agent, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const ms = Number(process.hrtime.bigint() - start) / 1e6;
        resolve({ status: response.statusCode, ms, bytes: parts });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** The data of an answer. */
export async function data(url, query) {
  const { status, bytes } = await ask(url, undefined, query);
  const answer = JSON.parse(Buffer.concat(bytes).toString("utf8"));
  if (status !== 200 || answer.errors) throw new Error(`${status}: ${JSON.stringify(answer.errors)}`);
  return answer.data;
}

/** A connection of its own. */
export const connection = () => new http.Agent({ keepAlive: true, maxSockets: 1 });

export const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];
