//! Hostile documents: a clear error and a short one. Over a maquis of the size of a teacher's; how
//! long each takes is measured by `cargo bench -p mqd-graphql`.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../../bench/maquis.rs"]
mod maquis;

use mqd_graphql::{Access, Api, Config, Limits};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

static LARGE: LazyLock<Api> =
    LazyLock::new(|| common::api_of(&maquis::maquis(7, 8_000, 20_000), Config::default()));

fn nested(open: &str, levels: usize, inside: &str) -> String {
    format!("{}{inside}{}", format!("{open} {{ ").repeat(levels), " }".repeat(levels))
}

fn many(count: usize, field: impl Fn(usize) -> String) -> String {
    (0..count).map(|n| field(n) + " ").collect()
}

/// Documents with the code of their error.
fn documents() -> Vec<(&'static str, String, &'static str)> {
    let fragments = |count: usize, body: &dyn Fn(usize) -> String| {
        many(count, |n| format!("fragment f{n} on Document {{ {} }}", body(n)))
    };
    vec![
        (
            "deep",
            format!("{{ {} }}", nested("documents", 1, &nested("contenus", 30, "titre"))),
            "TOO_DEEP",
        ),
        (
            "deep lists",
            format!("{{ documents {{ {} }} }}", nested("contenus", 6, "titre")),
            "TOO_COMPLEX",
        ),
        (
            "deep connections",
            format!(
                "{{ documents {{ {} }} }}",
                nested("contenusConnection { edges { node", 4, "titre").replace(" }", " } } }")
            ),
            "TOO_COMPLEX",
        ),
        (
            "deep values",
            format!(
                "{{ documents(where: {}{}) {{ titre }} }}",
                "{NOT: ".repeat(500),
                "}".repeat(500)
            ),
            "TOO_DEEP",
        ),
        (
            "deep lists of values",
            format!(
                "{{ documents(where: {{AND: {}{}}}) {{ titre }} }}",
                "[".repeat(5_000),
                "]".repeat(5_000)
            ),
            "TOO_DEEP",
        ),
        ("open brackets", "{".repeat(200_000), "TOO_DEEP"),
        (
            "wide",
            format!("{{ {} }}", many(3_000, |_| "documents { titre }".into())),
            "TOO_MANY_TOKENS",
        ),
        (
            "wide below",
            format!("{{ documents {{ {} }} }}", many(600, |_| "contenus { titre }".into())),
            "TOO_COMPLEX",
        ),
        (
            "wide and unknown",
            format!("{{ {} }}", many(1_500, |n| format!("x{n}"))),
            "TOO_MANY_FIELDS",
        ),
        (
            "unknown below",
            format!("{{ documents {{ {} }} }}", many(1_400, |n| format!("titr{n}"))),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "aliased",
            format!("{{ {} }}", many(500, |n| format!("a{n}: documents {{ titre }}"))),
            "TOO_MANY_ALIASES",
        ),
        (
            "aliased introspection",
            format!(
                "{{ {} }}",
                many(29, |n| format!(
                    "a{n}: __schema {{ types {{ fields {{ args {{ name }} type {{ name }} }} inputFields {{ name }} }} }}"
                ))
            ),
            "TOO_COMPLEX",
        ),
        (
            "deep introspection",
            nested("__schema { types { fields { type", 1, &nested("fields { type", 6, "name"))
                .replace(" }", " } }"),
            "GRAPHQL_PARSE_FAILED",
        ),
        (
            "long",
            format!(
                "{{ documents(where: {{titre: {{eq: \"{}\"}}}}) {{ titre }} {}",
                "a".repeat(900_000),
                "}"
            ),
            "TOO_LARGE",
        ),
        (
            "long comment",
            format!("#{}\n{{ maquis {{ version }} }}", "a".repeat(900_000)),
            "TOO_LARGE",
        ),
        ("as long as allowed", format!("#{}\n{{ maquis {{ version }} }}", "a".repeat(250_000)), ""),
        ("blank", " \n".repeat(100_000), "GRAPHQL_PARSE_FAILED"),
        (
            "self",
            "{ documents { ...f } } fragment f on Document { contenus { ...f } }".into(),
            "FRAGMENT_CYCLE",
        ),
        (
            "cycle",
            format!(
                "{{ documents {{ ...f0 }} }} {}",
                fragments(200, &|n| format!("...f{}", (n + 1) % 200))
            ),
            "FRAGMENT_CYCLE",
        ),
        (
            "bomb",
            format!(
                "{{ documents {{ ...f0 }} }} {} fragment f40 on Document {{ titre }}",
                fragments(40, &|n| format!("...f{0} ...f{0}", n + 1))
            ),
            "TOO_COMPLEX",
        ),
        (
            "bomb of nothing",
            format!(
                "{{ documents {{ ...f0 }} }} {}",
                fragments(40, &|n| format!("...f{0} ...f{0}", n + 1))
            ),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "unused bomb",
            format!(
                "{{ maquis {{ version }} }} {} fragment f40 on Document {{ titre }}",
                fragments(40, &|n| format!("...f{0} ...f{0}", n + 1))
            ),
            "TOO_COMPLEX",
        ),
        (
            "unused cycle",
            format!("{{ maquis {{ version }} }} {}", fragments(2, &|n| format!("...f{}", 1 - n))),
            "FRAGMENT_CYCLE",
        ),
        (
            "a large fragment often",
            format!(
                "{{ documents {{ {} }} }} fragment g on Document {{ {} }}",
                many(400, |_| "... on Document { ...g }".into()),
                many(900, |_| "titre".into())
            ),
            "TOO_COMPLEX",
        ),
        (
            "operations that share a fragment",
            format!(
                "{} {} fragment f8 on Document {{ titre }}",
                many(100, |n| format!("query q{n} {{ documents {{ ...f0 }} }}")),
                fragments(8, &|n| format!("...f{0} ...f{0}", n + 1))
            ),
            "TOO_COMPLEX",
        ),
        (
            "unused fragments",
            format!("{{ maquis {{ version }} }} {}", fragments(500, &|_| "titre".into())),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "unused variables",
            format!("query ({}) {{ maquis {{ version }} }}", many(800, |n| format!("$v{n}: Int"))),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "directives",
            format!("{{ maquis {{ version {} }} }}", "@include(if: true) ".repeat(600)),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "conflicts",
            format!(
                "{{ documents {{ {} }} }}",
                many(80, |n| format!("a: titre b: url a: description c{n}: titre"))
            ),
            "TOO_MANY_ALIASES",
        ),
        (
            "consistency",
            format!("{{ {} }}", many(20, |_| "coherence { regle }".into())),
            "TOO_COMPLEX",
        ),
        ("subscription", "subscription { documents { titre } }".into(), "BAD_USER_INPUT"),
        ("nothing", String::new(), "GRAPHQL_PARSE_FAILED"),
        ("zero", "\0".repeat(1_000), "GRAPHQL_PARSE_FAILED"),
        ("not a string", "{ documents(where: \"".into(), "GRAPHQL_PARSE_FAILED"),
    ]
}

#[tokio::test]
async fn each_is_told_what_is_wrong() {
    LARGE.execute("{ maquis { version } }", Json::Null).await;
    for (name, document, code) in documents() {
        let answer = LARGE.execute(&document, Json::Null).await;
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        let found = errors.first().map(|e| e["extensions"]["code"].as_str().unwrap_or("no code"));
        assert_eq!(found.unwrap_or_default(), code, "{name}: {answer}");
        assert!(errors.len() <= 20, "{name}: {} errors", errors.len());
        for error in &errors {
            let said = |language: &str| error["extensions"][language].as_str().unwrap_or_default();
            assert!(!said("fr").is_empty() && !said("en").is_empty(), "{name}: {error}");
        }
        assert!(answer.to_string().len() < 10_000, "{name}: a long answer");
    }
}

#[tokio::test]
async fn a_query_that_passes_is_stopped_when_its_answer_grows() {
    // Every document, as often as the limits allow, with what holds it and what that holds.
    let fields =
        many(29, |n| format!("a{n}: documents {{ contenus {{ contenants {{ titre }} }} }}"));
    // With all the time there is, so that a busy machine stops it for the same reason.
    let patient = Limits { seconds: 3_600, ..Limits::default() };
    let config = Config { limits: patient, ..Config::default() };
    let large = common::api_of(&maquis::maquis(7, 8_000, 20_000), config);
    let answer = large.execute(&format!("{{ {fields} }}"), Json::Null).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], json!("TOO_MANY_RESULTS"));
    let none = Limits { seconds: 0, ..Limits::default() };
    let api = common::api_with(Config { limits: none, ..Config::default() });
    let answer = api.execute("{ documents { titre } }", Json::Null).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], json!("TIMEOUT"));
}

#[tokio::test]
async fn everything_with_all_its_neighbours_passes() {
    let query = "{ concepts { _id litteral discipline description typeConcept
        conceptsvoisins { typeRel out conceptLitteral conceptDescription conceptId }
        documentsvoisins { typeRel out docType docTitre docDescription docUrl docId }
        documents { titre } documentsEVAL { titre } documentsINDEXE { titre } listexos { titre } } }";
    let answer = LARGE.execute(query, Json::Null).await;
    assert!(answer.get("errors").is_none(), "{}", answer["errors"]);
    assert_eq!(answer["data"]["concepts"].as_array().unwrap().len(), 2_400);
}

#[tokio::test]
async fn variables_do_not_break_anything() {
    let query = "query ($where: DocumentWhere, $limit: Int) { documents(where: $where, limit: $limit) { titre } }";
    let deep = (0..100).fold(json!({}), |inner, _| json!({ "NOT": inner }));
    for variables in [
        json!({ "limit": -1 }),
        json!({ "limit": 1e300 }),
        json!({ "limit": "trois" }),
        json!({ "where": [] }),
        json!({ "where": 3 }),
        json!({ "where": { "titre": { "eq": { "a": 1 } } } }),
        json!({ "where": deep }),
        json!([1, 2]),
    ] {
        let answer = LARGE.execute(query, variables).await;
        assert!(answer["data"].is_object() || answer["errors"].is_array(), "{answer}");
    }
}

/// Queries of real clients, to be cut and mixed.
const SEEDS: &[&str] = &[
    "query A($w: DocumentWhere, $n: Int = 3) { documents(where: $w, limit: $n, sort: [{titre: ASC}]) { titre ...f } } fragment f on Document { concepts { litteral } }",
    "{ documentsConnection(first: 2, after: \"YXJyYXljb25uZWN0aW9uOjE=\") { edges { cursor node { _id } } aggregate { count { nodes } } } }",
    "{ searchpbs(mot: \"a AND (b OR \\\"c d\\\")\") { titre } recherche(mot: \"x\", limite: 3) { resultats { extrait noeud { intitule ... on Concept { litteral } } } } }",
    "mutation { createDocuments(input: [{titre: \"a\", concepts: {create: [{node: {litteral: \"b\"}}]}}]) { info { nodesCreated } } fusionnerConcepts(garde: 6, absorbes: [7]) { concept { litteral } } }",
    "{ __schema { types { name fields { args { defaultValue } type { ofType { kind } } } } } __typename }",
    "{ voisinage(uuid: \"x\", relations: [\"A\"], profondeur: 99999999999) { noeuds { distance } } noeud(_id: \"1\") @skip(if: false) { adresse } }",
    "{ documents(where: {AND: [{OR: []}, {NOT: {conceptsConnection: {aggregate: {count: {nodes: {in: [1, null]}}}}}}]}) { titre } } \"\"\"bloc\"\"\" # fin",
];

/// A document made of pieces of real ones and of noise.
fn mutated() -> impl Strategy<Value = String> {
    let piece = (0..SEEDS.len(), any::<prop::sample::Index>(), any::<prop::sample::Index>())
        .prop_map(|(seed, a, b)| {
            let text = SEEDS[seed];
            let (a, b) = (a.index(text.len()), b.index(text.len()));
            text.get(a.min(b)..a.max(b)).unwrap_or_default().to_owned()
        });
    let noise = prop::sample::select(
        &[
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "...",
            "$",
            "\"",
            "\"\"\"",
            "\\",
            "#",
            "\n",
            "@",
            "!",
            ":",
            "null",
            "-1",
            "1e400",
            "é",
            "\u{feff}",
            "\u{0}",
            "on",
            "fragment f on",
            "query",
            "{ a }",
        ][..],
    )
    .prop_map(str::to_owned);
    let whole = prop::sample::select(SEEDS).prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![4 => piece, 3 => noise, 1 => whole], 1..12)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_asked_is_answered(document in mutated(), admin in any::<bool>()) {
        static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
        });
        static API: LazyLock<Api> = LazyLock::new(common::writable);
        let access = if admin { Access::Admin } else { Access::Reader };
        let start = Instant::now();
        let answer = RUNTIME.block_on(API.execute_as(&document, Json::Null, access));
        prop_assert!(start.elapsed() < Duration::from_secs(30), "{document}");
        for error in answer["errors"].as_array().into_iter().flatten() {
            prop_assert!(error["extensions"]["code"].is_string(), "{document}: {error}");
            let message = error["message"].as_str().unwrap();
            prop_assert!(!message.contains("mqd_") && !message.contains(".rs"), "{message}");
        }
    }
}
