//! What a change set means for a given database: checked against what is there before anything is
//! written, with the reference semantics of the model. No I/O.

use mqd_model::{
    Change, ChangeSet, Invalid, NewNode, NewRelation, NodeId, NodeRef, Props, RelationId, Uuid,
};
use std::collections::{HashMap, HashSet};

/// The id that Neo4j itself gives to a node.
pub(super) type Inner = i64;

/// The part of the database that a change set names.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) ids: HashMap<NodeId, Inner>,
    pub(super) uuids: HashMap<Uuid, Inner>,
    pub(super) relations: HashMap<RelationId, (Inner, Inner)>,
}

/// What a change set names.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) ids: HashSet<NodeId>,
    pub(super) uuids: HashSet<Uuid>,
    pub(super) relations: HashSet<RelationId>,
}

impl Names {
    pub(super) fn of(changes: &ChangeSet) -> Self {
        let mut names = Self::default();
        for change in &changes.changes {
            match change {
                Change::CreateNode(new) => {
                    names.uuids.insert(new.uuid);
                }
                Change::UpdateNode { node, .. } | Change::DeleteNode { node } => names.node(*node),
                Change::GiveUuid { node, uuid } => {
                    names.ids.insert(*node);
                    names.uuids.insert(*uuid);
                }
                Change::CreateRelation(new) => {
                    names.node(new.from);
                    names.node(new.to);
                }
                Change::UpdateRelation { relation, .. } | Change::DeleteRelation { relation } => {
                    names.relations.insert(*relation);
                }
            }
        }
        names
    }

    fn node(&mut self, node: NodeRef) {
        match node {
            NodeRef::Id(id) => self.ids.insert(id),
            NodeRef::Uuid(uuid) => self.uuids.insert(uuid),
        };
    }
}

/// A node that is there, or the nth that the change set creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Target {
    Old(Inner),
    New(usize),
}

/// One step that is known to be possible.
#[derive(Debug)]
pub(super) enum Op<'c> {
    Create(usize, &'c NewNode),
    Update(Target, &'c Props, &'c [String]),
    GiveUuid(Target, Uuid),
    Delete(Target),
    Relate(usize, Target, &'c NewRelation, Target),
    UpdateLink(RelationId, &'c Props, &'c [String]),
    DeleteLink(RelationId),
}

/// Checks every step and resolves every name.
pub(super) fn plan<'c>(changes: &'c ChangeSet, mut known: Known) -> Result<Vec<Op<'c>>, Invalid> {
    let mut new: HashMap<Uuid, Target> = HashMap::new();
    let mut dead: HashSet<Target> = HashSet::new();
    let (mut nodes, mut links) = (0, 0);
    let mut ops = Vec::with_capacity(changes.changes.len());
    for (step, change) in changes.changes.iter().enumerate() {
        let by_uuid = |uuid: &Uuid, new: &HashMap<Uuid, Target>, known: &Known| {
            new.get(uuid).copied().or_else(|| known.uuids.get(uuid).copied().map(Target::Old))
        };
        let find =
            |node: NodeRef, new: &HashMap<Uuid, Target>, dead: &HashSet<Target>, known: &Known| {
                match node {
                    NodeRef::Id(id) => known.ids.get(&id).copied().map(Target::Old),
                    NodeRef::Uuid(uuid) => by_uuid(&uuid, new, known),
                }
                .filter(|target| !dead.contains(target))
                .ok_or(Invalid::NoNode { step, node })
            };
        let owner =
            |uuid: &Uuid, new: &HashMap<Uuid, Target>, dead: &HashSet<Target>, known: &Known| {
                by_uuid(uuid, new, known).filter(|target| !dead.contains(target))
            };
        match change {
            Change::CreateNode(node) => {
                if owner(&node.uuid, &new, &dead, &known).is_some() {
                    return Err(Invalid::UuidTaken { step, uuid: node.uuid });
                }
                new.insert(node.uuid, Target::New(nodes));
                ops.push(Op::Create(nodes, node));
                nodes += 1;
            }
            Change::UpdateNode { node, set, unset } => {
                ops.push(Op::Update(find(*node, &new, &dead, &known)?, set, unset));
            }
            Change::GiveUuid { node, uuid } => {
                let target = find(NodeRef::Id(*node), &new, &dead, &known)?;
                if owner(uuid, &new, &dead, &known).is_some_and(|owner| owner != target) {
                    return Err(Invalid::UuidTaken { step, uuid: *uuid });
                }
                new.insert(*uuid, target);
                ops.push(Op::GiveUuid(target, *uuid));
            }
            Change::DeleteNode { node } => {
                let target = find(*node, &new, &dead, &known)?;
                dead.insert(target);
                ops.push(Op::Delete(target));
            }
            Change::CreateRelation(relation) => {
                let from = find(relation.from, &new, &dead, &known)?;
                let to = find(relation.to, &new, &dead, &known)?;
                ops.push(Op::Relate(links, from, relation, to));
                links += 1;
            }
            Change::UpdateRelation { relation, set, unset } => {
                let ends = known.relations.get(relation);
                let (from, to) = ends.ok_or(Invalid::NoRelation { step, relation: *relation })?;
                // A relation that went with its node may still be named: there is nothing to do.
                if ![from, to].iter().any(|end| dead.contains(&Target::Old(**end))) {
                    ops.push(Op::UpdateLink(*relation, set, unset));
                }
            }
            Change::DeleteRelation { relation } => {
                let ends = known.relations.remove(relation);
                let (from, to) = ends.ok_or(Invalid::NoRelation { step, relation: *relation })?;
                if ![from, to].iter().any(|end| dead.contains(&Target::Old(*end))) {
                    ops.push(Op::DeleteLink(*relation));
                }
            }
        }
    }
    Ok(ops)
}
