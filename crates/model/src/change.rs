//! Change sets: what a writer asks of a store in one transaction, and what the store answers.

use crate::{Node, NodeId, Props, Relation, RelationId, Snapshot, Version};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A way to name a node: nodes made in the same change set are only known by their uuid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NodeRef {
    /// By the integer id of the store.
    Id(NodeId),
    /// By the identifier that never changes.
    Uuid(Uuid),
}

/// A node to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewNode {
    /// Its identifier for ever, chosen by the writer.
    pub uuid: Uuid,
    /// Its labels.
    pub labels: Vec<String>,
    /// Its properties.
    pub props: Props,
}

/// A relation to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewRelation {
    /// Where it starts.
    pub from: NodeRef,
    /// Its type.
    pub kind: String,
    /// Where it ends.
    pub to: NodeRef,
    /// Its properties.
    pub props: Props,
}

/// One step of a change set. Steps are applied in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Create a node.
    CreateNode(NewNode),
    /// Set and remove properties of a node.
    UpdateNode {
        /// Which node.
        node: NodeRef,
        /// Properties to set.
        set: Props,
        /// Properties to remove.
        unset: Vec<String>,
    },
    /// Give a uuid to a node of a foreign database that has none.
    GiveUuid {
        /// Which node.
        node: NodeId,
        /// Its identifier from now on.
        uuid: Uuid,
    },
    /// Delete a node and every relation that touches it.
    DeleteNode {
        /// Which node.
        node: NodeRef,
    },
    /// Create a relation.
    CreateRelation(NewRelation),
    /// Set and remove properties of a relation.
    UpdateRelation {
        /// Which relation.
        relation: RelationId,
        /// Properties to set.
        set: Props,
        /// Properties to remove.
        unset: Vec<String>,
    },
    /// Delete a relation.
    DeleteRelation {
        /// Which relation.
        relation: RelationId,
    },
}

/// Changes that happen together or not at all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ChangeSet {
    /// The steps, in order.
    pub changes: Vec<Change>,
}

/// How many of each kind of change a change set holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Nodes created.
    pub nodes_created: usize,
    /// Nodes updated.
    pub nodes_updated: usize,
    /// Nodes deleted.
    pub nodes_deleted: usize,
    /// Relations created.
    pub relations_created: usize,
    /// Relations updated.
    pub relations_updated: usize,
    /// Relations deleted (not counting those that go with their node).
    pub relations_deleted: usize,
}

/// What a store answers once a change set is durable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// The state the store is in now.
    pub version: Version,
    /// Ids given to the created nodes, in the order of their `CreateNode`.
    pub nodes: Vec<NodeId>,
    /// Ids given to the created relations, in the order of their `CreateRelation`.
    pub relations: Vec<RelationId>,
}

/// Why a change set cannot be applied to a given state. A store refuses the whole set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A step names a node that is not there.
    #[error("change {step}: there is no node {node:?}")]
    NoNode {
        /// Index of the step.
        step: usize,
        /// The name that was given.
        node: NodeRef,
    },
    /// A step names a relation that is not there.
    #[error("change {step}: there is no relation {relation}")]
    NoRelation {
        /// Index of the step.
        step: usize,
        /// The id that was given.
        relation: RelationId,
    },
    /// A step creates a node with the uuid of another.
    #[error("change {step}: the uuid {uuid} is taken")]
    UuidTaken {
        /// Index of the step.
        step: usize,
        /// The uuid.
        uuid: Uuid,
    },
}

impl ChangeSet {
    /// A change set of these steps.
    #[must_use]
    pub fn new(changes: Vec<Change>) -> Self {
        Self { changes }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Counts by kind of change.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut sum = Summary::default();
        for change in &self.changes {
            match change {
                Change::CreateNode(_) => sum.nodes_created += 1,
                Change::UpdateNode { .. } | Change::GiveUuid { .. } => sum.nodes_updated += 1,
                Change::DeleteNode { .. } => sum.nodes_deleted += 1,
                Change::CreateRelation(_) => sum.relations_created += 1,
                Change::UpdateRelation { .. } => sum.relations_updated += 1,
                Change::DeleteRelation { .. } => sum.relations_deleted += 1,
            }
        }
        sum
    }

    /// Applies the changes to a snapshot in memory with the ids that the store gave: the reference
    /// semantics that every store and the in-memory graph agree with.
    ///
    /// # Errors
    /// [`Invalid`] when a step names what is not there; the snapshot is then left half-changed and
    /// must be thrown away.
    pub fn apply_to(&self, snapshot: &mut Snapshot, applied: &Applied) -> Result<(), Invalid> {
        let mut nodes: HashMap<NodeId, usize> =
            snapshot.nodes.iter().enumerate().map(|(at, n)| (n.id, at)).collect();
        let mut uuids: HashMap<Uuid, NodeId> =
            snapshot.nodes.iter().filter_map(|n| Some((n.uuid?, n.id))).collect();
        let mut relations: HashMap<RelationId, usize> =
            snapshot.relations.iter().enumerate().map(|(at, r)| (r.id, at)).collect();
        let mut dead_nodes: HashSet<NodeId> = HashSet::new();
        let mut dead_relations: HashSet<RelationId> = HashSet::new();
        let mut new_nodes = applied.nodes.iter().copied();
        let mut new_relations = applied.relations.iter().copied();
        for (step, change) in self.changes.iter().enumerate() {
            let find =
                |node: NodeRef, nodes: &HashMap<NodeId, usize>, uuids: &HashMap<Uuid, NodeId>| {
                    match node {
                        NodeRef::Id(id) => Some(id),
                        NodeRef::Uuid(uuid) => uuids.get(&uuid).copied(),
                    }
                    .and_then(|id| Some((id, *nodes.get(&id)?)))
                    .ok_or(Invalid::NoNode { step, node })
                };
            match change {
                Change::CreateNode(new) => {
                    // A store gives one id for each creation, so the iterator cannot run dry.
                    let id = new_nodes.next().unwrap_or_default();
                    if uuids.insert(new.uuid, id).is_some() {
                        return Err(Invalid::UuidTaken { step, uuid: new.uuid });
                    }
                    nodes.insert(id, snapshot.nodes.len());
                    let mut labels = new.labels.clone();
                    labels.sort();
                    snapshot.nodes.push(Node {
                        id,
                        uuid: Some(new.uuid),
                        labels,
                        props: new.props.clone(),
                    });
                }
                Change::UpdateNode { node, set, unset } => {
                    let (_, at) = find(*node, &nodes, &uuids)?;
                    update(&mut snapshot.nodes[at].props, set, unset);
                }
                Change::GiveUuid { node, uuid } => {
                    let (id, at) = find(NodeRef::Id(*node), &nodes, &uuids)?;
                    if uuids.insert(*uuid, id).is_some_and(|owner| owner != id) {
                        return Err(Invalid::UuidTaken { step, uuid: *uuid });
                    }
                    snapshot.nodes[at].uuid = Some(*uuid);
                }
                Change::DeleteNode { node } => {
                    let (id, at) = find(*node, &nodes, &uuids)?;
                    nodes.remove(&id);
                    if let Some(uuid) = snapshot.nodes[at].uuid {
                        uuids.remove(&uuid);
                    }
                    dead_nodes.insert(id);
                }
                Change::CreateRelation(new) => {
                    let (from, _) = find(new.from, &nodes, &uuids)?;
                    let (to, _) = find(new.to, &nodes, &uuids)?;
                    let id = new_relations.next().unwrap_or_default();
                    relations.insert(id, snapshot.relations.len());
                    snapshot.relations.push(Relation {
                        id,
                        from,
                        kind: new.kind.clone(),
                        to,
                        props: new.props.clone(),
                    });
                }
                Change::UpdateRelation { relation, set, unset } => {
                    let at = relations
                        .get(relation)
                        .copied()
                        .ok_or(Invalid::NoRelation { step, relation: *relation })?;
                    update(&mut snapshot.relations[at].props, set, unset);
                }
                Change::DeleteRelation { relation } => {
                    relations
                        .remove(relation)
                        .ok_or(Invalid::NoRelation { step, relation: *relation })?;
                    dead_relations.insert(*relation);
                }
            }
        }
        snapshot.nodes.retain(|node| !dead_nodes.contains(&node.id));
        snapshot.relations.retain(|r| {
            !dead_relations.contains(&r.id)
                && !dead_nodes.contains(&r.from)
                && !dead_nodes.contains(&r.to)
        });
        snapshot.nodes.sort_by_key(|node| node.id);
        snapshot.relations.sort_by_key(|relation| relation.id);
        snapshot.version = applied.version.clone();
        Ok(())
    }
}

fn update(props: &mut Props, set: &Props, unset: &[String]) {
    for name in unset {
        props.remove(name);
    }
    props.extend(set.iter().map(|(name, value)| (name.clone(), value.clone())));
}
