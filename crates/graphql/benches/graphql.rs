//! What requests cost on a maquis of the size of a teacher's (`MQD_NODES`, `MQD_RELATIONS`).
//! `fresh` executes each time; `kept` is what HTTP answers when the same was asked before.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../../../bench/maquis.rs"]
mod maquis;

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use divan::Bencher;
use mqd_graphql::{Api, Config, graphql_routes};
use std::sync::LazyLock;
use tower::ServiceExt as _;

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
static API: LazyLock<Api> = LazyLock::new(|| {
    let number = |name: &str, default| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let snapshot =
        maquis::maquis(20_260_901, number("MQD_NODES", 7_700), number("MQD_RELATIONS", 20_000));
    common::api_of(&snapshot, Config { cache_bytes: 0, ..Config::default() })
});

const LIST: &str = "{ documents(limit: 100) { _id titre typeDoc } }";
const KIND: &str = r#"{ documents(where: {typeDoc: {eq: "exercice"}}, sort: [{titre: ASC}], limit: 100) { _id titre typeDoc } }"#;
const NEIGHBOURS: &str = "{ concepts { _id litteral conceptsvoisins { typeRel out conceptLitteral conceptId } documentsvoisins { typeRel out docType docTitre docId } } }";

const QUERIES: [(&str, &str); 5] = [
    ("100 documents", LIST),
    ("100 exercises by title", KIND),
    ("all concepts with their neighbours", NEIGHBOURS),
    (
        "one node by id",
        "{ documents(where: {_id: {eq: \"60\"}}) { titre conceptsINDEXE { litteral } } }",
    ),
    (
        "count and first page",
        "{ documentsConnection(first: 20, sort: [{titre: ASC}]) { totalCount edges { node { titre } } } }",
    ),
];

fn main() {
    divan::main();
}

fn names() -> impl Iterator<Item = &'static str> {
    QUERIES.into_iter().map(|(name, _)| name)
}

fn text(name: &str) -> &'static str {
    QUERIES.into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// Checked, validated and executed, in process.
#[divan::bench(args = names())]
fn fresh(bencher: Bencher<'_, '_>, name: &str) {
    let query = text(name);
    let api = &*API;
    bencher.bench(|| {
        let answer = RUNTIME.block_on(api.answer(query, serde_json::Value::Null));
        assert!(answer.starts_with(b"{\"data\":{"));
        answer
    });
}

/// The same with its HTTP and JSON; `kept` answers from the cache.
#[divan::bench(args = [("fresh", LIST), ("kept", LIST), ("fresh", NEIGHBOURS), ("kept", NEIGHBOURS)].map(|(how, query)| Case { how, query }))]
fn http(bencher: Bencher<'_, '_>, case: Case) {
    let cache_bytes = if case.how == "kept" { 32 << 20 } else { 0 };
    let snapshot = maquis::maquis(20_260_901, 7_700, 20_000);
    let api = common::api_of(&snapshot, Config { cache_bytes, ..Config::default() });
    let router = graphql_routes(api);
    let body = serde_json::json!({ "query": case.query }).to_string();
    bencher.bench(|| {
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .body(Body::from(body.clone()))
            .unwrap();
        RUNTIME.block_on(async {
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), 200);
            to_bytes(response.into_body(), usize::MAX).await.unwrap()
        })
    });
}

#[derive(Clone, Copy)]
struct Case {
    how: &'static str,
    query: &'static str,
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = if self.query == LIST { "100 documents" } else { "all concepts" };
        write!(f, "{what}, {}", self.how)
    }
}

/// Documents that must cost little: refused ones, and the worst that passes the static limits.
#[divan::bench(args = hostile())]
fn hostile_documents(bencher: Bencher<'_, '_>, document: &Hostile) {
    let api = &*API;
    bencher.bench(|| {
        let answer = RUNTIME.block_on(api.answer(&document.text, serde_json::Value::Null));
        assert!(answer.starts_with(b"{\"data\":null"));
        answer
    });
}

struct Hostile {
    name: &'static str,
    text: String,
}

impl std::fmt::Display for Hostile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

fn hostile() -> Vec<Hostile> {
    let many = |count: usize, field: &str| format!("{field} ").repeat(count);
    let lists = |levels: usize| {
        format!(
            "{{ documents {}{{ titre }}{} }}",
            "{ contenus ".repeat(levels),
            " }".repeat(levels)
        )
    };
    let bomb: String = (0..40)
        .map(|n| format!("fragment f{n} on Document {{ ...f{0} ...f{0} }} ", n + 1))
        .collect();
    let unknown: String = (0..1_400).map(|n| format!("titr{n} ")).collect();
    let unused: String =
        (0..500).map(|n| format!("fragment f{n} on Document {{ titre }} ")).collect();
    let aliased: String = (0..29)
        .map(|n| format!("a{n}: documents {{ contenus {{ contenants {{ titre }} }} }} "))
        .collect();
    [
        ("deep", lists(18)),
        ("deep brackets", "{".repeat(500_000)),
        ("wide", format!("{{ {} }}", many(3_000, "documents { titre }"))),
        ("huge string", format!("{{ nope(a: \"{}\") }}", "a".repeat(1_000_000))),
        (
            "fragment bomb",
            format!("{{ documents {{ ...f0 }} }} {bomb} fragment f40 on Document {{ titre }}"),
        ),
        (
            "fragment cycle",
            "{ documents { ...f } } fragment f on Document { contenus { ...f } }".into(),
        ),
        ("1,400 unknown fields", format!("{{ documents {{ {unknown} }} }}")),
        ("500 unused fragments", format!("{{ maquis {{ version }} }} {unused}")),
        (
            "600 directives",
            format!("{{ maquis {{ version {} }} }}", many(600, "@include(if: true)")),
        ),
        ("malformed", "{ documents(where: {AND: [{titre: {eq: \"".into()),
        ("all documents 29 times, three lists deep", format!("{{ {aliased} }}")),
    ]
    .map(|(name, text)| Hostile { name, text })
    .into()
}

/// Full introspection, as `graphql-js` asks for it.
#[divan::bench]
fn introspection(bencher: Bencher<'_, '_>) {
    const OF: &str = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
    let query = format!(
        "{{ __schema {{ queryType {{ name }} mutationType {{ name }} directives {{ name locations args {{ name type {{ {OF} }} }} }} types {{ kind name description fields(includeDeprecated: true) {{ name description args {{ name description type {{ {OF} }} defaultValue }} type {{ {OF} }} isDeprecated deprecationReason }} inputFields {{ name description type {{ {OF} }} defaultValue }} interfaces {{ {OF} }} enumValues(includeDeprecated: true) {{ name }} possibleTypes {{ {OF} }} }} }} }}"
    );
    let api = &*API;
    bencher.bench(|| {
        let answer = RUNTIME.block_on(api.answer(&query, serde_json::Value::Null));
        assert!(answer.starts_with(b"{\"data\":{"));
        answer
    });
}
