//! The graph against naive readings of what it promises, on small made-up maquis.
#![allow(clippy::unwrap_used)]

mod lists;
mod swap;
mod walks;

use crate::Graph;
use mqd_model::{Label, Node, Relation, Snapshot, Uuid, Value};

/// A node whose texts are given by property name.
pub(crate) fn node(id: i64, label: Label, texts: &[(&str, &str)]) -> Node {
    Node {
        id,
        uuid: Some(Uuid::from_u128(id.unsigned_abs().into())),
        labels: vec![label.name().into()],
        props: texts.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text))).collect(),
    }
}

pub(crate) fn concept(id: i64, literal: &str) -> Node {
    node(id, Label::Concept, &[("typeConcept", "index Latex"), ("litteral", literal)])
}

pub(crate) fn graph(nodes: Vec<Node>, relations: &[(i64, &str, i64)]) -> Graph {
    let relations = relations.iter().enumerate().map(|(at, (from, kind, to))| Relation {
        id: at as i64,
        from: *from,
        kind: (*kind).to_owned(),
        to: *to,
        props: Default::default(),
    });
    Graph::new(Snapshot { nodes, relations: relations.collect(), ..Snapshot::default() })
}
