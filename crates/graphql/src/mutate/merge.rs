//! Our mutations: joining and parting any two nodes, and making one concept of several.

use super::plan::{Plan, name};
use crate::problem::Problem;
use mqd_graph::Direction;
use mqd_model::{Change, Label, Node, NodeId, NodeRef, Props, Uuid};

fn missing(id: &str) -> Problem {
    Problem::new(
        "NO_NODE",
        format!("Il n'y a pas de nœud {id}."),
        format!("There is no node {id}."),
    )
}

/// The node of an argument: a uuid or an integer id.
fn node<'p>(plan: &'p Plan, id: &str) -> Result<&'p Node, Problem> {
    let found = match Uuid::parse_str(id) {
        Ok(uuid) => plan.graph.by_uuid(uuid),
        Err(_) => id.parse::<NodeId>().ok().and_then(|id| plan.graph.node(id)),
    };
    // Nothing unprintable of a caller in a sentence.
    let shown: String = id.chars().filter(|c| !c.is_control()).take(40).collect();
    found.ok_or_else(|| missing(&shown))
}

/// Joins two nodes; the model says later whether they may be.
pub(super) fn join(
    plan: &mut Plan,
    from: &str,
    kind: &str,
    to: &str,
) -> Result<Vec<NodeRef>, Problem> {
    let ends = [name(node(plan, from)?), name(node(plan, to)?)];
    plan.join(ends[0], kind, ends[1], Props::new())?;
    Ok(ends.to_vec())
}

/// Takes the relations of a type from one node to another away.
pub(super) fn part(
    plan: &mut Plan,
    from: &str,
    kind: &str,
    to: &str,
) -> Result<Vec<NodeRef>, Problem> {
    let (start, end) = (node(plan, from)?, node(plan, to)?);
    let ends = vec![name(start), name(end)];
    let relations: Vec<_> = plan
        .graph
        .edges(start.id, Direction::Out)
        .filter(|edge| edge.relation.kind == kind && edge.node.id == end.id)
        .map(|edge| edge.relation.id)
        .collect();
    if relations.is_empty() {
        return Err(Problem::new(
            "NO_RELATION",
            "Ces deux nœuds ne sont pas reliés ainsi.",
            "These two nodes are not joined that way.",
        ));
    }
    for relation in relations {
        plan.part(relation)?;
    }
    Ok(ends)
}

/// Makes one concept of several: the one that is kept takes over the relations of the others, and
/// those of their properties that it lacks.
pub(super) fn merge(
    plan: &mut Plan,
    keep: &str,
    absorbed: &[&str],
) -> Result<Vec<NodeRef>, Problem> {
    let graph = std::sync::Arc::clone(&plan.graph);
    let concept = |id: &str| {
        let id = node(plan, id)?.id;
        let node = graph.node(id).ok_or_else(|| missing(&id.to_string()))?;
        match node.label() {
            Some(Label::Concept) => Ok(node),
            _ => Err(Problem::new(
                "NOT_A_CONCEPT",
                format!("Le nœud {id} n'est pas un concept."),
                format!("Node {id} is not a concept."),
            )),
        }
    };
    let kept = concept(keep)?;
    let others = absorbed.iter().map(|id| concept(id)).collect::<Result<Vec<_>, _>>()?;
    let merged: Vec<NodeId> = others.iter().map(|node| node.id).chain([kept.id]).collect();
    for other in &others {
        if other.id == kept.id {
            return Err(Problem::new(
                "BAD_USER_INPUT",
                "Un concept ne peut pas être fusionné avec lui-même.",
                "A concept cannot be merged with itself.",
            ));
        }
        if let Some(owner) = other.owners().first() {
            return Err(Problem::new(
                "OWNED_BY_DEPOT",
                format!(
                    "Le concept « {} » vient du dépôt « {owner} », dont la maintenance le referait : gardez-le, ou changez la source.",
                    other.title()
                ),
                format!(
                    "The concept \"{}\" comes from the dépôt \"{owner}\", whose maintenance would make it again: keep it, or change the source.",
                    other.title()
                ),
            ));
        }
    }
    let mut set = Props::new();
    for other in &others {
        for (property, value) in &other.props {
            if !kept.props.contains_key(property) {
                set.entry(property.clone()).or_insert_with(|| value.clone());
            }
        }
        for direction in [Direction::Out, Direction::In] {
            for edge in graph.edges(other.id, direction) {
                // What joins two of them would join the one to itself.
                if merged.contains(&edge.node.id) {
                    continue;
                }
                let (from, to) = match direction {
                    Direction::Out => (kept, edge.node),
                    Direction::In => (edge.node, kept),
                };
                plan.join(name(from), &edge.relation.kind, name(to), edge.relation.props.clone())?;
            }
        }
    }
    if !set.is_empty() {
        plan.push(Change::UpdateNode { node: name(kept), set, unset: Vec::new() })?;
    }
    for other in others {
        plan.delete_node(name(other))?;
    }
    Ok(vec![name(kept)])
}
