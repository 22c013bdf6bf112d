//! A small maquis behind the API.
#![allow(dead_code, clippy::unwrap_used)]

use mqd_depot::{
    Maquis,
    contents::{Content, Contents, Figure, Part, Role},
};
use mqd_graphql::{Api, Config};
use mqd_model::{
    Change, ChangeSet, Label, NewNode, NewRelation, Node, NodeRef, Props, Rel, Uuid, Value,
};
use mqd_store::Store;
use serde_json::Value as Json;
use std::sync::Arc;

struct Fixture;

impl Contents for Fixture {
    fn content(&self, node: &Node) -> Option<Arc<Content>> {
        (node.kind() == "cours").then(|| {
            let part = Part {
                role: Role::Body,
                path: "suites.tex".into(),
                source_url: None,
                pdf_url: None,
                latex: "Une suite".into(),
                html: "<p>Une suite</p>".into(),
                text: "Une suite monotone et bornée converge dans ℝ.".into(),
                formulas: Vec::new(),
                toc: Vec::new(),
                index: Vec::new(),
                remarks: Vec::new(),
            };
            Arc::new(Content { depot: "demo".into(), commit: None, parts: vec![part] })
        })
    }

    fn figure(&self, _: &str, _: &str) -> Option<Arc<Figure>> {
        None
    }
}

/// The uuid of a node of the fixture.
pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn node(n: u128, label: Label, kind: &str, title: &str) -> Change {
    let spec = label.spec();
    let props = Props::from([
        (spec.kind.to_owned(), Value::from(kind)),
        (spec.title.to_owned(), Value::from(title)),
    ]);
    Change::CreateNode(NewNode { uuid: uuid(n), labels: vec![label.name().into()], props })
}

pub fn link(from: u128, rel: Rel, to: u128) -> Change {
    Change::CreateRelation(NewRelation {
        from: NodeRef::Uuid(uuid(from)),
        kind: rel.name().into(),
        to: NodeRef::Uuid(uuid(to)),
        props: Props::new(),
    })
}

/// The small maquis, and how the API is set up.
pub fn api_with(config: Config) -> Api {
    let store = Store::memory();
    store
        .apply(&ChangeSet::new(vec![
            node(1, Label::Document, "cours", "Suites réelles"),
            node(2, Label::Document, "exercice", "Exercice su01"),
            node(3, Label::Document, "exercice", "Exercice su02"),
            node(4, Label::Document, "liste exercices", "Suites"),
            node(5, Label::Concept, "thème feuille exercices", "suites"),
            node(6, Label::Concept, "objet mathématique", "étude asymptotique"),
            node(7, Label::Concept, "objet mathématique", "Ensemble"),
            node(8, Label::Evenement, "semaine de colle", "semaine 1"),
            link(4, Rel::Contient, 2),
            link(4, Rel::Contient, 3),
            link(4, Rel::Evalue, 5),
            link(2, Rel::Evalue, 5),
            link(1, Rel::Documente, 6),
            link(6, Rel::Requiert, 7),
            link(8, Rel::Utilise, 1),
        ]))
        .unwrap();
    api_over(store, config)
}

/// An API over a store.
pub fn api_over(store: Store, config: Config) -> Api {
    Api::new(Arc::new(Maquis::open(store).unwrap()), Arc::new(Fixture), config)
}

/// The small maquis, read by anyone, written by nobody.
pub fn api() -> Api {
    api_with(Config::default())
}

/// The token of [`writable`].
pub const TOKEN: &str = "un jeton de test";

/// The small maquis with mutations.
pub fn writable() -> Api {
    api_with(Config { admin_token: Some(TOKEN.into()), ..Config::default() })
}

/// The data of an answer without errors.
pub async fn data(api: &Api, query: &str) -> Json {
    let answer = api.execute(query, Json::Null).await;
    assert!(answer.get("errors").is_none(), "{query}: {answer}");
    answer["data"].clone()
}

/// The SHA-256 of a text in hexadecimal.
pub fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(text.as_bytes()))
}

/// An API over a whole snapshot.
pub fn api_of(snapshot: &mqd_model::Snapshot, config: Config) -> Api {
    let uuids: std::collections::HashMap<i64, Uuid> =
        snapshot.nodes.iter().map(|node| (node.id, node.uuid.unwrap())).collect();
    let end = |id: i64| NodeRef::Uuid(uuids[&id]);
    let nodes = snapshot.nodes.iter().map(|node| {
        Change::CreateNode(NewNode {
            uuid: node.uuid.unwrap(),
            labels: node.labels.clone(),
            props: node.props.clone(),
        })
    });
    let relations = snapshot.relations.iter().map(|relation| {
        Change::CreateRelation(NewRelation {
            from: end(relation.from),
            kind: relation.kind.clone(),
            to: end(relation.to),
            props: Props::new(),
        })
    });
    let store = Store::memory();
    store.apply(&ChangeSet::new(nodes.chain(relations).collect())).unwrap();
    api_over(store, config)
}
