//! Walks through the graph: neighbourhoods and prerequisite paths.

use crate::{Collator, Direction, Graph};
use mqd_model::{Node, NodeId, Rel, Relation};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// Which neighbours to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// Relation types; `None` is all.
    pub relations: Option<Vec<String>>,
    /// Ways to follow them; `None` is both.
    pub direction: Option<Direction>,
    /// How many steps away.
    pub depth: usize,
    /// How many nodes at most, the centre included.
    pub limit: usize,
}

/// A node and what is around it.
#[derive(Debug)]
pub struct Neighbourhood<'g> {
    /// Nodes with their distance, nearest first; the centre is at 0.
    pub nodes: Vec<(&'g Node, usize)>,
    /// The relations among them that were asked for.
    pub relations: Vec<&'g Relation>,
    /// Whether the limit left nodes out.
    pub truncated: bool,
}

impl Graph {
    /// What is around a node; `None` when there is no such node.
    #[must_use]
    pub fn around(&self, id: NodeId, around: &Around) -> Option<Neighbourhood<'_>> {
        let centre = self.node(id)?;
        let wanted = |kind: &str| {
            around.relations.as_ref().is_none_or(|kinds| kinds.iter().any(|k| k == kind))
        };
        let ways = match around.direction {
            Some(way) => vec![way],
            None => vec![Direction::Out, Direction::In],
        };
        let mut nodes = vec![(centre, 0)];
        let mut seen = HashSet::from([id]);
        let mut truncated = false;
        let mut queue = VecDeque::from([(id, 0)]);
        while let Some((at, distance)) = queue.pop_front() {
            if distance == around.depth {
                continue;
            }
            for way in &ways {
                for edge in self.edges(at, *way).filter(|edge| wanted(&edge.relation.kind)) {
                    if seen.contains(&edge.node.id) {
                        continue;
                    }
                    if nodes.len() >= around.limit.max(1) {
                        truncated = true;
                        continue;
                    }
                    seen.insert(edge.node.id);
                    nodes.push((edge.node, distance + 1));
                    queue.push_back((edge.node.id, distance + 1));
                }
            }
        }
        let mut relations: Vec<&Relation> = nodes
            .iter()
            .flat_map(|(node, _)| self.edges(node.id, Direction::Out))
            .filter(|edge| seen.contains(&edge.node.id) && wanted(&edge.relation.kind))
            .map(|edge| edge.relation)
            .collect();
        relations.sort_by_key(|relation| relation.id);
        Some(Neighbourhood { nodes, relations, truncated })
    }

    /// The shortest way along REQUIERT from a node to a concept, both included.
    #[must_use]
    pub fn prerequisite_path(&self, from: NodeId, to: NodeId) -> Option<Vec<&Node>> {
        self.node(from)?;
        let mut before: HashMap<NodeId, NodeId> = HashMap::from([(from, from)]);
        let mut queue = VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            if at == to {
                let mut path = vec![to];
                let mut at = to;
                while at != from {
                    at = before[&at];
                    path.push(at);
                }
                path.reverse();
                return path.into_iter().map(|id| self.node(id)).collect();
            }
            for node in self.required(at) {
                if let std::collections::hash_map::Entry::Vacant(entry) = before.entry(node.id) {
                    entry.insert(at);
                    queue.push_back(node.id);
                }
            }
        }
        None
    }

    fn required(&self, id: NodeId) -> impl Iterator<Item = &Node> {
        self.edges(id, Direction::Out)
            .filter(|edge| edge.relation.kind == Rel::Requiert.name())
            .map(|edge| edge.node)
    }

    /// Everything that a concept needs, what is needed first first and the concept last, with its
    /// depth: how many steps it is from having no prerequisite. A cycle is cut where it closes.
    #[must_use]
    pub fn learning_path(&self, concept: NodeId) -> Vec<(&Node, usize)> {
        let mut depth: HashMap<NodeId, usize> = HashMap::new();
        let mut open: BTreeSet<NodeId> = BTreeSet::new();
        // Depth first without recursion: a node is closed when all it needs is.
        let mut stack = vec![(concept, false)];
        while let Some((id, closing)) = stack.pop() {
            if closing {
                open.remove(&id);
                let below = self
                    .required(id)
                    .filter_map(|node| depth.get(&node.id))
                    .max()
                    .map_or(0, |d| d + 1);
                depth.insert(id, below);
                continue;
            }
            if depth.contains_key(&id) || !open.insert(id) {
                continue;
            }
            stack.push((id, true));
            stack.extend(
                self.required(id)
                    .filter(|node| !depth.contains_key(&node.id))
                    .map(|node| (node.id, false)),
            );
        }
        let mut steps: Vec<(&Node, usize)> =
            depth.into_iter().filter_map(|(id, d)| Some((self.node(id)?, d))).collect();
        steps.sort_by(|(a, da), (b, db)| {
            let titles = || Collator::french().compare(a.title(), b.title());
            da.cmp(db).then_with(titles).then(a.id.cmp(&b.id))
        });
        steps
    }
}
