//! What is answered here and what the library answers are the same bytes.
#![allow(clippy::unwrap_used)]

#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../../../../bench/maquis.rs"]
mod maquis;

use crate::{
    Access, Api, Config,
    engine::Answer,
    guard,
    inputs::relation_fields,
    schema::KINDS,
    types::{COMMON, told},
};
use async_graphql::{Request, Variables};
use mqd_model::{Label, PropKind, Value};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};
use std::sync::LazyLock;

/// A maquis with texts that JSON must escape.
static API: LazyLock<Api> = LazyLock::new(|| {
    let mut snapshot = maquis::maquis(11, 160, 400);
    for node in snapshot.nodes.iter_mut().step_by(3) {
        let title = node.label().unwrap().spec().title;
        let odd = format!("« {} »\n\t\"\\\u{1}\u{2028}é𝔸", node.title());
        node.props.insert(title.into(), Value::from(odd.as_str()));
    }
    common::api_of(&snapshot, Config::default())
});

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());

fn request(query: &str, variables: &Json) -> Request {
    Request::new(query).variables(Variables::from_json(variables.clone()))
}

/// How a query is answered, and by the library alone; none when the limits refuse it.
fn both(api: &Api, query: &str, variables: &Json) -> Option<(Answer, Vec<u8>)> {
    let given = Variables::from_json(variables.clone());
    let limits = &api.config().limits;
    guard::check(guard::parse(query, limits).ok()?, None, &given, limits).ok()?;
    RUNTIME.block_on(async {
        let ours = api.run(request(query, variables), Access::Reader).await.answer;
        let graph = api.maquis().graph();
        let mut request = request(query, variables);
        if let Ok(document) = async_graphql::parser::parse_query(query) {
            guard::defaults(&document, None, &mut request.variables);
        }
        let theirs = api.0.execute_on(request, graph, None).await.answer;
        Some((ours, theirs.into_bytes()))
    })
}

/// Asserts that both answer alike; says whether the library was not needed.
fn agree(api: &Api, query: &str, variables: &Json) -> bool {
    let Some((ours, theirs)) = both(api, query, variables) else { return true };
    let direct = matches!(ours, Answer::Direct(_));
    let (ours, theirs) = (String::from_utf8(ours.into_bytes()), String::from_utf8(theirs));
    assert_eq!(ours.unwrap(), theirs.unwrap(), "{query}\n{variables}");
    direct
}

#[test]
fn what_clients_ask_is_answered_directly() {
    let variables =
        json!({ "uuid": common::uuid(6), "genres": ["exercice", "cours"], "oui": true, "n": 2 });
    for query in [
        "{ documents { _id titre typeDoc date } }",
        "{ __typename documents(limit: 2, offset: 1, sort: [{typeDoc: DESC}, {titre: ASC}], collation: FR) { __typename uuid label genre intitule adresse aCorrige } }",
        "{ coursdocuments { titre } semaines { nom documents { titre } } feuilleexercicesdocuments { contenus { titre } } }",
        "{ concepts { _id litteral conceptsvoisins { __typename typeRel out conceptLitteral conceptDescription conceptId } documentsvoisins { typeRel out docType docTitre docDescription docUrl docId } listexos { titre } } }",
        "query ($genres: [String!]!) { documents(where: {typeDoc: {in: $genres}}) { titre conceptsEVAL { litteral } } }",
        "query ($uuid: ID!) { noeud(uuid: $uuid) { __typename adresse ... on Concept { litteral prerequis { litteral } } ... on Document { titre } } }",
        "{ noeud(_id: \"1\") { intitule } rien: noeud { uuid } absent: noeud(_id: \"999\") { uuid } faux: noeud(uuid: \"?\") { uuid } }",
        "query ($n: Int) { documentsConnection(first: $n, after: \"YXJyYXljb25uZWN0aW9uOjA=\") { __typename totalCount pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor } edges { __typename cursor node { titre conceptsConnection { totalCount edges { node { litteral } } } } } aggregate { __typename count { __typename nodes } node { __typename titre { __typename shortest longest } } } } }",
        "{ documents { contenusConnection(where: {node: {titre: {contains: \"02\"}}}) { __typename totalCount edges { __typename node { titre } } aggregate { __typename count { __typename nodes edges } node { __typename titre { longest } } } } } }",
        "{ documentsConnection(first: 0) { pageInfo { startCursor endCursor } edges { cursor } } }",
        "query ($oui: Boolean!) { documents { titre @skip(if: $oui) typeDoc @include(if: $oui) ...f ... @include(if: false) { url } } } fragment f on Document { titre contenus { titre } contenus { typeDoc ...g } } fragment g on Noeud { _id intitule }",
        "query ($tout: Boolean = true) { documents { _id titre @include(if: $tout) } }",
        "{ documents { titre @skip(if: true) } }",
        "query A { documents { titre } }",
    ] {
        assert!(agree(&common::api(), query, &variables), "not answered directly: {query}");
    }
}

#[test]
fn what_goes_wrong_or_elsewhere_is_left_to_the_library() {
    let few = Config {
        limits: crate::Limits { results: Some(3), ..crate::Limits::default() },
        ..Config::default()
    };
    let few = common::api_with(few);
    // What costs too much is refused at once, in the library's words.
    let query = "{ documents { titre } concepts { litteral } }";
    let (ours, theirs) = both(&few, query, &Json::Null).unwrap();
    let theirs: Json = serde_json::from_slice(&theirs).unwrap();
    let ours = ours.into_json();
    for part in ["message", "extensions"] {
        assert_eq!(ours["errors"][0][part], theirs["errors"][0][part]);
    }
    assert_eq!(ours["errors"][0]["extensions"]["code"], json!("TOO_MANY_RESULTS"));
    assert_eq!(ours["data"], Json::Null);
    for query in [
        "{ documentsConnection(after: \"?\") { totalCount } }",
        "{ documentsConnection(first: -1) { totalCount } }",
        "{ documents { nope } }",
        "{ documents { titre: typeDoc titre } }",
        "{ documents(limit: \"a\") { titre } }",
        "{ documents { contenus } }",
        "query ($n: Int!) { documents(limit: $n) { titre } }",
        "query A { documents { titre } } query B { concepts { litteral } }",
        "{ documents { titre parties { html } } }",
        "{ __schema { queryType { name } } documents { titre } }",
        "{ coherence { regle } }",
    ] {
        assert!(!agree(&common::api(), query, &Json::Null), "answered directly: {query}");
    }
}

/// Asks for this and that: a seeded source of valid queries.
struct Asker {
    rng: ChaCha8Rng,
    /// Aliases given so far.
    aliases: usize,
}

const FILTERS: [&str; 6] = [
    "{ _id: { in: [\"3\", \"5\", \"8\", \"13\"] } }",
    "{ OR: [{ uuid: { startsWith: \"0\" } }, { NOT: { uuid: { contains: \"a\" } } }] }",
    "{ AND: [] }",
    "{ KIND: { eq: null } }",
    "{ TITLE: { contains: \"e\" }, KIND: { in: [\"cours\", \"exercice\"] } }",
    "{ NOT: { TITLE: { endsWith: $mot } } }",
];

impl Asker {
    fn one_in(&mut self, n: u32) -> bool {
        self.rng.random_ratio(1, n)
    }

    fn alias(&mut self) -> String {
        if self.one_in(8) {
            self.aliases += 1;
            format!("a{}: ", self.aliases)
        } else {
            String::new()
        }
    }

    fn filter(&mut self, label: Label) -> String {
        let spec = label.spec();
        let filter = FILTERS.choose(&mut self.rng).unwrap();
        filter.replace("KIND", spec.kind).replace("TITLE", spec.title)
    }

    fn sort(&mut self, label: Label) -> String {
        let spec = label.spec();
        let way = if self.one_in(2) { "ASC" } else { "DESC" };
        [
            format!("{{ {}: {way} }}", spec.title),
            format!("[{{ {}: {way} }}, {{ _id: DESC }}]", spec.kind),
            format!("[{{ {}: {way}, {}: DESC }}]", spec.kind, spec.title),
        ]
        .choose(&mut self.rng)
        .unwrap()
        .clone()
    }

    /// Arguments, each with its chance.
    fn arguments(&mut self, all: &[(&str, String)]) -> String {
        let mut chosen = Vec::new();
        for (name, value) in all {
            if self.one_in(4) {
                chosen.push(format!("{name}: {value}"));
            }
        }
        if chosen.is_empty() { String::new() } else { format!("({})", chosen.join(", ")) }
    }

    fn list(&mut self, label: Label) -> String {
        let all = [
            ("where", self.filter(label)),
            ("sort", self.sort(label)),
            ("limit", "$n".into()),
            ("offset", "1".into()),
            ("collation", "FR".into()),
        ];
        self.arguments(&all)
    }

    fn connection(&mut self, label: Label, relation: bool) -> (String, String) {
        let wrap = |of: String| if relation { format!("{{ node: {of} }}") } else { of };
        let key = format!("{{ {}: ASC }}", label.spec().title);
        let all = [
            ("where", wrap(self.filter(label))),
            ("sort", format!("[{}]", wrap(key))),
            ("first", "$n".into()),
            ("after", "\"YXJyYXljb25uZWN0aW9uOjE=\"".into()),
        ];
        let arguments = self.arguments(&all);
        let nodes = self.node(label, 0);
        let text = label.spec().props.iter().find(|prop| prop.kind == PropKind::Text).unwrap();
        let fields = [
            "__typename".to_owned(),
            "totalCount".into(),
            "pageInfo { hasNextPage endCursor startCursor hasPreviousPage }".into(),
            format!("edges {{ cursor node {{ {nodes} }} }}"),
            format!(
                "aggregate {{ count {{ nodes }} node {{ {} {{ longest shortest }} }} }}",
                text.name
            ),
        ];
        let count = self.rng.random_range(1..=3);
        let chosen: Vec<String> = fields.choose_multiple(&mut self.rng, count).cloned().collect();
        (arguments, chosen.join(" "))
    }

    /// Fields of a node.
    fn node(&mut self, label: Label, depth: usize) -> String {
        let mut fields = vec![COMMON.choose(&mut self.rng).unwrap().name.to_owned()];
        for _ in 0..self.rng.random_range(1..5) {
            let mut field = match self.rng.random_range(0..12) {
                0 => "__typename".to_owned(),
                1 => COMMON.choose(&mut self.rng).unwrap().name.to_owned(),
                2 if label == Label::Document => "aCorrige".to_owned(),
                3 if depth > 0 => {
                    let on = if self.one_in(2) { label.name() } else { "Noeud" };
                    let inside =
                        if on == "Noeud" { "intitule".into() } else { self.node(label, depth - 1) };
                    format!("... on {on} {{ {inside} }}")
                }
                4 if label == Label::Concept => {
                    let to = if self.one_in(2) { Label::Document } else { Label::Concept };
                    let told = told(to);
                    let (field, _) = told.properties.choose(&mut self.rng).unwrap();
                    let list =
                        if to == Label::Document { "documentsvoisins" } else { "conceptsvoisins" };
                    format!("{list} {{ out {field} typeRel {} }}", told.id)
                }
                5 if label == Label::Concept && depth > 0 => {
                    format!("listexos {{ {} }}", self.node(Label::Document, depth - 1))
                }
                6..=8 if depth > 0 => match relation_fields(label)
                    .collect::<Vec<_>>()
                    .choose(&mut self.rng)
                {
                    None => "uuid".to_owned(),
                    Some(relation) if self.one_in(4) => {
                        let (arguments, fields) = self.connection(relation.step.label, true);
                        let alias = if arguments.is_empty() { self.alias() } else { self.always() };
                        format!("{alias}{}Connection{arguments} {{ {fields} }}", relation.name)
                    }
                    Some(relation) => {
                        let target = relation.step.label;
                        let arguments = self.list(target);
                        let alias = if arguments.is_empty() { self.alias() } else { self.always() };
                        let inside = self.node(target, depth - 1);
                        format!("{alias}{}{arguments} {{ {inside} }}", relation.name)
                    }
                },
                _ => {
                    let prop = label.spec().props.choose(&mut self.rng).unwrap();
                    format!("{}{}", self.alias(), prop.name)
                }
            };
            if !field.contains('{') && self.one_in(6) {
                let directive = ["@skip(if: $oui)", "@include(if: $oui)", "@skip(if: false)"];
                field = format!("{field} {}", directive.choose(&mut self.rng).unwrap());
            }
            fields.push(field);
        }
        fields.join(" ")
    }

    /// An alias of its own, so that a field with arguments conflicts with no other.
    fn always(&mut self) -> String {
        self.aliases += 1;
        format!("a{}: ", self.aliases)
    }

    fn query(&mut self) -> String {
        let mut fields = Vec::new();
        for _ in 0..self.rng.random_range(1..4) {
            let label = *Label::ALL.choose(&mut self.rng).unwrap();
            let alias = self.always();
            let depth = self.rng.random_range(0..3);
            fields.push(match self.rng.random_range(0..5) {
                0 => {
                    let (name, label, _) = KINDS.choose(&mut self.rng).unwrap();
                    format!("{alias}{name} {{ {} }}", self.node(*label, depth))
                }
                1 => {
                    let (arguments, fields) = self.connection(label, false);
                    format!("{alias}{}Connection{arguments} {{ {fields} }}", label.spec().plural)
                }
                2 => {
                    let id = self.rng.random_range(1..170);
                    let inside = self.node(label, depth);
                    format!(
                        "{alias}noeud(_id: {id}) {{ __typename ... on {label} {{ {inside} }} }}"
                    )
                }
                _ => {
                    let arguments = self.list(label);
                    format!(
                        "{alias}{}{arguments} {{ {} }}",
                        label.spec().plural,
                        self.node(label, depth)
                    )
                }
            });
        }
        let fields = fields.join(" ");
        // Every variable is used, as the validation wants it.
        format!(
            "query ($n: Int, $mot: String = \"e\", $oui: Boolean!) {{ {fields} used: documents(limit: $n, where: {{ titre: {{ startsWith: $mot }} }}) {{ _id titre @include(if: $oui) }} }}"
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn both_answer_alike(seed in any::<u64>(), oui in any::<bool>(), n in 0..6) {
        let query = Asker { rng: ChaCha8Rng::seed_from_u64(seed), aliases: 0 }.query();
        prop_assert!(agree(&API, &query, &json!({ "oui": oui, "n": n })), "not answered directly: {query}");
    }
}

/// What is read often is kept ready as JSON, and goes with the graph it was made for.
#[test]
fn columns_are_made_when_it_pays_and_follow_the_graph() {
    let api = common::writable();
    let columns = |query: &str| {
        agree(&api, query, &Json::Null);
        api.0.columns.made()
    };
    let query = "{ documents { _id titre adresse } }";
    // Four documents of eight nodes: as often as there are nodes at the second time.
    assert_eq!([columns(query), columns(query), columns(query)], [0, 3, 3]);
    let change = "mutation { updateDocuments(where: {titre: {eq: \"Suites\"}}, update: {titre: {set: \"Séries\"}}) { documents { titre } } }";
    let changed = RUNTIME.block_on(api.execute_as(change, Json::Null, Access::Admin));
    assert!(changed.get("errors").is_none(), "{changed}");
    assert_eq!([columns(query), columns(query), columns(query)], [0, 3, 3]);
    let answer = RUNTIME.block_on(api.execute(query, Json::Null));
    assert!(answer.to_string().contains("Séries") && !answer.to_string().contains("\"Suites\""));
}

/// The queries of the site's pages: those that only read the graph are answered directly.
#[test]
fn pages_of_the_site_get_the_same() {
    let views = concat!(env!("CARGO_MANIFEST_DIR"), "/../site/src/views");
    let api = common::api();
    let variables = json!({
        "uuid": common::uuid(6), "_id": "6", "id": "6", "genres": ["cours"], "genre": "cours", "mot": "suite",
        "de": common::uuid(6), "vers": common::uuid(7), "concept": common::uuid(6), "limite": 3, "decalage": 0,
    });
    // The first search waits for the index, whatever it answers.
    RUNTIME.block_on(api.execute("{ recherche(mot: \"suite\") { total } }", Json::Null));
    let mut seen = 0;
    for view in std::fs::read_dir(views).unwrap().map(|entry| entry.unwrap().path()) {
        for file in
            std::fs::read_dir(&view).into_iter().flatten().map(|entry| entry.unwrap().path())
        {
            if file.extension().is_some_and(|extension| extension == "graphql") {
                agree(&api, &std::fs::read_to_string(&file).unwrap(), &variables);
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "{seen} views");
}
