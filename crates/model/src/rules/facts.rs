//! What the rules look at: a snapshot with its names resolved once.

use crate::{Label, Node, NodeId, Rel, Relation, Snapshot};
use std::collections::HashMap;

/// A snapshot whose labels, relation types and ends are resolved, in linear time.
#[derive(Debug)]
pub struct Facts<'s> {
    pub(super) nodes: Vec<(&'s Node, Option<Label>)>,
    pub(super) relations: Vec<Joint<'s>>,
}

/// A relation with the positions of its ends in [`Facts::nodes`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Joint<'s> {
    pub relation: &'s Relation,
    pub rel: Option<Rel>,
    pub from: usize,
    pub to: usize,
}

impl<'s> Facts<'s> {
    /// The facts of a snapshot. A relation whose end is missing is not looked at.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot) -> Self {
        let at: HashMap<NodeId, usize> =
            snapshot.nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
        let rels: HashMap<&str, Rel> = Rel::ALL.iter().map(|rel| (rel.name(), *rel)).collect();
        let nodes = snapshot.nodes.iter().map(|node| (node, node.label())).collect();
        let relations = snapshot
            .relations
            .iter()
            .filter_map(|relation| {
                Some(Joint {
                    relation,
                    rel: rels.get(relation.kind.as_str()).copied(),
                    from: *at.get(&relation.from)?,
                    to: *at.get(&relation.to)?,
                })
            })
            .collect();
        Self { nodes, relations }
    }

    pub(super) fn node(&self, at: usize) -> &'s Node {
        self.nodes[at].0
    }

    pub(super) fn label(&self, at: usize) -> Option<Label> {
        self.nodes[at].1
    }

    /// The relations of one type.
    pub(super) fn of(&self, rel: Rel) -> impl Iterator<Item = &Joint<'s>> {
        self.relations.iter().filter(move |joint| joint.rel == Some(rel))
    }
}

/// A node as a sentence names it: `« titre » (n° 12)`.
pub(super) fn name(node: &Node) -> String {
    match node.title() {
        "" => format!("n° {}", node.id),
        title => format!("« {title} » (n° {})", node.id),
    }
}
