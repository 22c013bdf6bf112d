//! Merging two concepts that are one.

use mqd_graph::{Direction, Graph};
use mqd_model::{Change, ChangeSet, Label, NewRelation, Node, NodeRef, Uuid};
use std::collections::HashSet;

/// Why two concepts cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// No concept is called so.
    #[error("there is no concept « {0} »")]
    Unknown(String),
    /// Several are.
    #[error("several concepts are called « {0} »: use the uuid of one ({1})")]
    Several(String, String),
    /// They are the same.
    #[error("these two names mean one concept already")]
    Same,
}

/// A concept by uuid, id or literal.
///
/// # Errors
/// [`MergeError`] when there is none or there are several.
pub fn find<'g>(graph: &'g Graph, name: &str) -> Result<&'g Node, MergeError> {
    let exact = Uuid::parse_str(name)
        .ok()
        .and_then(|uuid| graph.by_uuid(uuid))
        .or_else(|| graph.node(name.parse().ok()?));
    if let Some(node) = exact.filter(|node| node.label() == Some(Label::Concept)) {
        return Ok(node);
    }
    let found: Vec<&Node> =
        graph.nodes(Label::Concept).filter(|node| node.title() == name).collect();
    match found[..] {
        [] => Err(MergeError::Unknown(name.to_owned())),
        [node] => Ok(node),
        _ => {
            let uuids: Vec<String> =
                found.iter().filter_map(|node| node.uuid).map(|uuid| uuid.to_string()).collect();
            Err(MergeError::Several(name.to_owned(), uuids.join(", ")))
        }
    }
}

/// The changes that give every link of `melt` to `keep` and delete `melt`.
///
/// # Errors
/// [`MergeError::Same`].
pub fn merge(graph: &Graph, keep: &Node, melt: &Node) -> Result<ChangeSet, MergeError> {
    if keep.id == melt.id {
        return Err(MergeError::Same);
    }
    let mut have: HashSet<(i64, String, i64)> = [Direction::Out, Direction::In]
        .into_iter()
        .flat_map(|way| graph.edges(keep.id, way))
        .map(|edge| (edge.relation.from, edge.relation.kind.clone(), edge.relation.to))
        .collect();
    let mut changes = Vec::new();
    for way in [Direction::Out, Direction::In] {
        for edge in graph.edges(melt.id, way) {
            let swap = |id| if id == melt.id { keep.id } else { id };
            let (from, to) = (swap(edge.relation.from), swap(edge.relation.to));
            if from != to && have.insert((from, edge.relation.kind.clone(), to)) {
                changes.push(Change::CreateRelation(NewRelation {
                    from: NodeRef::Id(from),
                    kind: edge.relation.kind.clone(),
                    to: NodeRef::Id(to),
                    props: edge.relation.props.clone(),
                }));
            }
        }
    }
    let missing: mqd_model::Props = melt
        .props
        .iter()
        .filter(|(name, _)| !keep.props.contains_key(*name) && !name.starts_with("mqd_"))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    if !missing.is_empty() {
        changes.push(Change::UpdateNode {
            node: NodeRef::Id(keep.id),
            set: missing,
            unset: Vec::new(),
        });
    }
    changes.push(Change::DeleteNode { node: NodeRef::Id(melt.id) });
    Ok(ChangeSet::new(changes))
}
