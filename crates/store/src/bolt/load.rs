//! Reading a whole database, whoever wrote it: nothing is left out and no id is given twice.

use super::convert::{ID, Rescued, UUID, receive_props};
use crate::Error;
use mqd_model::{Node, NodeId, Relation, Uuid, Value};
use neo4j::value::graph;
use std::collections::{HashMap, HashSet};

/// Added to the database's own id when that number is already the `mqd_id` of another node. Above
/// any id that a database gives, and below what a JavaScript number holds exactly.
const SHIFT: i64 = 1 << 50;

/// The database's own ids that a node with the public id `id` may have.
pub(super) fn inner_candidates(id: NodeId) -> impl Iterator<Item = i64> {
    [id, id - SHIFT].into_iter().filter(|inner| (0..SHIFT).contains(inner))
}

/// Gives every node its public id: `mqd_id` where it is kept, else the database's own id. A node
/// that was copied together with its `mqd_id`, or whose own id is the `mqd_id` of another, gets its
/// own id plus [`SHIFT`]. `nodes` are (own id, `mqd_id`); the answer is in the same order.
pub(super) fn public_ids(nodes: &[(i64, Option<NodeId>)]) -> Vec<NodeId> {
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|at| nodes[*at].0);
    let mut taken: HashMap<NodeId, usize> = HashMap::new();
    for at in &order {
        if let Some(id) = nodes[*at].1 {
            taken.entry(id).or_insert(*at);
        }
    }
    let mut public = vec![0; nodes.len()];
    for at in order {
        let (inner, kept) = nodes[at];
        public[at] = match kept {
            Some(id) if taken.get(&id) == Some(&at) => id,
            None if !taken.contains_key(&inner) => inner,
            _ => inner + SHIFT,
        };
    }
    public
}

/// The nodes of the model, with the public id of each of the database's own.
pub(super) fn nodes(
    found: Vec<graph::Node>,
    mut rescued: Rescued,
) -> Result<(Vec<Node>, HashMap<i64, NodeId>), Error> {
    let mut nodes = Vec::with_capacity(found.len());
    let mut kept = Vec::with_capacity(found.len());
    for node in found {
        let inner = node.id;
        let mut props = receive_props("node", inner, node.properties, &mut rescued)?;
        let id = match props.get(ID) {
            Some(Value::Int(id)) => Some(*id),
            _ => None,
        };
        if id.is_some() {
            props.remove(ID);
        }
        kept.push((inner, id));
        let mut labels = node.labels;
        labels.sort();
        nodes.push(Node { id: inner, uuid: None, labels, props });
    }
    let public = public_ids(&kept);
    for (node, id) in nodes.iter_mut().zip(&public) {
        node.id = *id;
    }
    nodes.sort_by_key(|node| node.id);
    // A uuid that is none, or that a copied node shares with another, stays a property: it is kept,
    // and does not name two nodes.
    let mut uuids = HashSet::new();
    for node in &mut nodes {
        let uuid = match node.props.get(UUID) {
            Some(Value::String(text)) => plain_uuid(text),
            _ => None,
        };
        node.uuid = uuid.filter(|uuid| uuids.insert(*uuid));
        if node.uuid.is_some() {
            node.props.remove(UUID);
        }
    }
    let ids = kept.iter().zip(public).map(|((inner, _), id)| (*inner, id)).collect();
    Ok((nodes, ids))
}

/// Only the spelling that we write back: another one would not come out as it was.
pub(super) fn plain_uuid(text: &str) -> Option<Uuid> {
    text.parse::<Uuid>().ok().filter(|uuid| uuid.to_string() == text)
}

/// The relations of the model. Those with an end that was not read (our own bookkeeping, or a node
/// made between the two reads) are left out; the second case shows as a new version.
pub(super) fn relations(
    found: Vec<graph::Relationship>,
    ids: &HashMap<i64, NodeId>,
    mut rescued: Rescued,
) -> Result<Vec<Relation>, Error> {
    let mut relations = Vec::with_capacity(found.len());
    for relation in found {
        let ends = (ids.get(&relation.start_node_id), ids.get(&relation.end_node_id));
        let (Some(from), Some(to)) = ends else { continue };
        let id = relation.id;
        relations.push(Relation {
            id,
            from: *from,
            kind: relation.type_,
            to: *to,
            props: receive_props("relation", id, relation.properties, &mut rescued)?,
        });
    }
    relations.sort_by_key(|relation| relation.id);
    Ok(relations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_has_an_id_of_its_own() {
        for (nodes, ids) in [
            (vec![(0, None), (1, None)], vec![0, 1]),
            (vec![(0, Some(7)), (1, None)], vec![7, 1]),
            // The own id of the second is the kept id of the first.
            (vec![(0, Some(1)), (1, None)], vec![1, SHIFT + 1]),
            // A copy of a node, `mqd_id` included: the older one keeps it.
            (vec![(4, Some(9)), (3, Some(9))], vec![SHIFT + 4, 9]),
        ] {
            assert_eq!(public_ids(&nodes), ids, "{nodes:?}");
            for ((inner, kept), id) in nodes.iter().zip(ids) {
                assert!(*kept == Some(id) || inner_candidates(id).any(|i| i == *inner));
            }
        }
    }
}
