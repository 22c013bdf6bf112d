"use strict";
const at = (id) => document.getElementById(id);
const form = document.querySelector("form");

async function ask(body, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const start = performance.now();
  const response = await fetch(location.pathname, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json();
  return { answer, status: response.status, took: Math.round(performance.now() - start) };
}

async function run() {
  const body = { query: at("query").value };
  try {
    if (at("variables").value.trim()) body.variables = JSON.parse(at("variables").value);
    const { answer, status, took } = await ask(body, at("token").value);
    at("status").textContent = `${status}, ${took} ms`;
    at("result").textContent = JSON.stringify(answer, null, 2);
  } catch (error) {
    at("status").textContent = "";
    at("result").textContent = String(error);
  }
}

form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
});

const named = (type) => type.kind === "NON_NULL" ? `${named(type.ofType)}!`
  : type.kind === "LIST" ? `[${named(type.ofType)}]` : type.name;
const signature = (field) => {
  const args = (field.args ?? []).map((arg) => `${arg.name}: ${named(arg.type)}`).join(", ");
  return `${field.name}${args && `(${args})`}: ${named(field.type)}`;
};

async function docs() {
  const type = "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
  const query = `{ __schema { types { name description
    fields { name description args { name ${type} } ${type} }
    inputFields { name ${type} } enumValues { name } } } }`;
  const { answer } = await ask({ query });
  const types = answer.data.__schema.types.filter((t) => !t.name.startsWith("__")).map((t) => ({
    name: t.name,
    lines: [...(t.fields ?? []), ...(t.inputFields ?? [])].map(signature).concat((t.enumValues ?? []).map((v) => v.name)),
  }));
  const show = () => {
    const wanted = at("find").value.trim().toLowerCase();
    const has = (text) => text.toLowerCase().includes(wanted);
    const rows = [];
    for (const { name, lines } of types) {
      const kept = !wanted ? (name === "Query" ? lines : []) : has(name) ? lines : lines.filter(has);
      if (!kept.length || rows.length > 400) continue;
      rows.push(["dt", name], ...kept.map((line) => ["dd", line]));
    }
    at("types").replaceChildren(...rows.map(([tag, text]) => Object.assign(document.createElement(tag), { textContent: text })));
  };
  at("find").addEventListener("input", show);
  at("docs").hidden = false;
  show();
}
docs().catch(() => {});
