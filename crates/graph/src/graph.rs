//! The graph itself: nodes, adjacency, and the pointer that readers share.

use crate::{Step, rank::Ranks};
use arc_swap::ArcSwap;
use mqd_model::{
    Applied, ChangeSet, Invalid, Label, Node, NodeId, NodeRef, Rel, Relation, Snapshot, Uuid,
    Version,
};
use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

/// Which way a relation is followed from a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Relations that start at the node.
    Out,
    /// Relations that end at the node.
    In,
}

/// A relation as seen from one of its ends.
#[derive(Debug, Clone, Copy)]
pub struct Edge<'g> {
    /// Whether the relation starts or ends at the node it was asked of.
    pub direction: Direction,
    /// The relation.
    pub relation: &'g Relation,
    /// The node at its other end.
    pub node: &'g Node,
}

/// An immutable maquis with its indexes.
#[derive(Debug)]
pub struct Graph {
    snapshot: Snapshot,
    by_id: HashMap<NodeId, u32, BuildHasherDefault<IdHasher>>,
    by_uuid: HashMap<Uuid, u32>,
    by_label: [Vec<u32>; Label::ALL.len()],
    by_kind: [BTreeMap<String, Vec<u32>>; Label::ALL.len()],
    /// Of each node.
    labels: Vec<Option<Label>>,
    /// Of each relation: its type if the model knows it, and the positions of its ends.
    joints: Vec<(Option<Rel>, u32, u32)>,
    outgoing: Adjacency,
    incoming: Adjacency,
    pub(crate) ranks: Ranks,
}

/// Spreads ids, which a store counts up, over a table; they are nobody's choice, so that the
/// slower hash that withstands chosen keys is not needed.
#[derive(Debug, Default, Clone, Copy)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_i64(&mut self, id: i64) {
        self.write_u64(id.cast_unsigned());
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = (self.0 ^ id).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

/// Relations grouped by one end: those of node `n` are `relations[start[n]..start[n + 1]]`.
#[derive(Debug, Default)]
struct Adjacency {
    start: Vec<u32>,
    relations: Vec<u32>,
}

impl Adjacency {
    fn new(nodes: usize, ends: impl Iterator<Item = u32> + Clone) -> Self {
        let mut start = vec![0_u32; nodes + 1];
        for end in ends.clone() {
            start[end as usize + 1] += 1;
        }
        for node in 0..nodes {
            start[node + 1] += start[node];
        }
        let mut next = start.clone();
        let mut relations = vec![0_u32; start[nodes] as usize];
        for (relation, end) in ends.enumerate() {
            let slot = &mut next[end as usize];
            relations[*slot as usize] = index(relation);
            *slot += 1;
        }
        Self { start, relations }
    }

    fn of(&self, node: u32) -> &[u32] {
        let at = node as usize;
        &self.relations[self.start[at] as usize..self.start[at + 1] as usize]
    }
}

/// Positions are 32 bits: a maquis is far below four thousand million nodes.
fn index(at: usize) -> u32 {
    u32::try_from(at).expect("a maquis has fewer than 2^32 nodes and relations")
}

impl Graph {
    /// Indexes a snapshot. Relations whose ends are missing are left out.
    #[must_use]
    pub fn new(mut snapshot: Snapshot) -> Self {
        let by_id: HashMap<NodeId, u32, _> =
            snapshot.nodes.iter().enumerate().map(|(at, n)| (n.id, index(at))).collect();
        snapshot.relations.retain(|r| by_id.contains_key(&r.from) && by_id.contains_key(&r.to));
        let by_uuid = snapshot
            .nodes
            .iter()
            .enumerate()
            .filter_map(|(at, n)| Some((n.uuid?, index(at))))
            .collect();
        let labels: Vec<Option<Label>> = snapshot.nodes.iter().map(Node::label).collect();
        let mut by_label: [Vec<u32>; Label::ALL.len()] = Default::default();
        let mut by_kind: [BTreeMap<String, Vec<u32>>; Label::ALL.len()] = Default::default();
        for (at, (node, label)) in snapshot.nodes.iter().zip(&labels).enumerate() {
            let Some(label) = label.map(|label| label as usize) else { continue };
            by_label[label].push(index(at));
            match by_kind[label].get_mut(node.kind()) {
                Some(bucket) => bucket.push(index(at)),
                None => {
                    by_kind[label].insert(node.kind().to_owned(), vec![index(at)]);
                }
            }
        }
        let rels: HashMap<&str, Rel> = Rel::ALL.iter().map(|rel| (rel.name(), *rel)).collect();
        let joints: Vec<(Option<Rel>, u32, u32)> = snapshot
            .relations
            .iter()
            .map(|r| (rels.get(r.kind.as_str()).copied(), by_id[&r.from], by_id[&r.to]))
            .collect();
        let nodes = snapshot.nodes.len();
        let outgoing = Adjacency::new(nodes, joints.iter().map(|(_, from, _)| *from));
        let incoming = Adjacency::new(nodes, joints.iter().map(|(_, _, to)| *to));
        let ranks = Ranks::default();
        Self {
            snapshot,
            by_id,
            by_uuid,
            by_label,
            by_kind,
            labels,
            joints,
            outgoing,
            incoming,
            ranks,
        }
    }

    /// The state of the store that this graph mirrors.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.snapshot.version
    }

    /// The nodes and relations themselves.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// A node by its integer id.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.by_id.get(&id).map(|at| &self.snapshot.nodes[*at as usize])
    }

    /// A node by the identifier that never changes.
    #[must_use]
    pub fn by_uuid(&self, uuid: Uuid) -> Option<&Node> {
        self.by_uuid.get(&uuid).map(|at| &self.snapshot.nodes[*at as usize])
    }

    /// A node by either name.
    #[must_use]
    pub fn find(&self, node: NodeRef) -> Option<&Node> {
        match node {
            NodeRef::Id(id) => self.node(id),
            NodeRef::Uuid(uuid) => self.by_uuid(uuid),
        }
    }

    /// All nodes that count as `label`, by ascending id.
    pub fn nodes(&self, label: Label) -> impl ExactSizeIterator<Item = &Node> + Clone {
        self.by_label[label as usize].iter().map(|at| &self.snapshot.nodes[*at as usize])
    }

    /// The nodes of a label and kind (`typeDoc` …), by ascending id.
    pub fn nodes_of_kind(
        &self,
        label: Label,
        kind: &str,
    ) -> impl ExactSizeIterator<Item = &Node> + Clone {
        let bucket = self.by_kind[label as usize].get(kind).map_or(&[][..], Vec::as_slice);
        bucket.iter().map(|at| &self.snapshot.nodes[*at as usize])
    }

    /// How many nodes of each kind a label has, by kind.
    #[must_use]
    pub fn kinds(&self, label: Label) -> Vec<(&str, usize)> {
        self.by_kind[label as usize].iter().map(|(kind, at)| (kind.as_str(), at.len())).collect()
    }

    /// The relations that start (`Out`) or end (`In`) at a node, with their other ends.
    pub fn edges(
        &self,
        id: NodeId,
        direction: Direction,
    ) -> impl Iterator<Item = Edge<'_>> + Clone {
        self.joints_at(id, direction).map(move |(relation, other)| Edge {
            direction,
            relation: &self.snapshot.relations[relation],
            node: &self.snapshot.nodes[other],
        })
    }

    /// The relations between a node and the nodes of a label: those that start at it, then the
    /// others.
    pub fn edges_with(&self, id: NodeId, label: Label) -> impl Iterator<Item = Edge<'_>> + Clone {
        [Direction::Out, Direction::In].into_iter().flat_map(move |direction| {
            self.joints_at(id, direction)
                .filter(move |(_, other)| self.labels[*other] == Some(label))
                .map(move |(relation, other)| Edge {
                    direction,
                    relation: &self.snapshot.relations[relation],
                    node: &self.snapshot.nodes[other],
                })
        })
    }

    /// The nodes at the other end of a step, in the order of the relations: once for each.
    pub fn related(&self, id: NodeId, step: Step) -> impl Iterator<Item = &Node> + Clone {
        self.joints_at(id, step.direction)
            .filter(move |(relation, other)| {
                self.joints[*relation].0 == Some(step.rel)
                    && self.labels[*other] == Some(step.label)
            })
            .map(|(_, other)| &self.snapshot.nodes[other])
    }

    /// Positions of the relations at a node and of their other ends.
    fn joints_at(
        &self,
        id: NodeId,
        direction: Direction,
    ) -> impl Iterator<Item = (usize, usize)> + Clone {
        let adjacency = match direction {
            Direction::Out => &self.outgoing,
            Direction::In => &self.incoming,
        };
        let relations = self.by_id.get(&id).map(|at| adjacency.of(*at)).unwrap_or_default();
        relations.iter().map(move |relation| {
            let (_, from, to) = self.joints[*relation as usize];
            let other = match direction {
                Direction::Out => to,
                Direction::In => from,
            };
            (*relation as usize, other as usize)
        })
    }

    /// Where a node of this graph is among the nodes of its snapshot; `None` for a node that it
    /// does not hold itself, a copy included.
    #[must_use]
    pub fn position(&self, node: &Node) -> Option<usize> {
        self.snapshot.nodes.element_offset(node)
    }

    /// The label of the node at a position.
    pub(crate) fn label_at(&self, at: usize) -> Option<Label> {
        self.labels[at]
    }

    /// The label of a node of this graph, and its position among the nodes.
    pub(crate) fn place(&self, node: &Node) -> Option<(Label, usize)> {
        let at = *self.by_id.get(&node.id)? as usize;
        Some((self.labels[at]?, at))
    }

    /// The graph after a change set that the store has accepted.
    ///
    /// # Errors
    /// [`Invalid`] when the change set does not fit this graph: it mirrors an older state of the
    /// store and must be loaded again.
    pub fn apply(&self, changes: &ChangeSet, applied: &Applied) -> Result<Self, Invalid> {
        let mut snapshot = self.snapshot.clone();
        changes.apply_to(&mut snapshot, applied)?;
        Ok(Self::new(snapshot))
    }
}

/// The graph that readers share: they take an `Arc` and keep it as long as they like while a
/// writer puts the next one in its place.
#[derive(Debug)]
pub struct Shared(ArcSwap<Graph>);

impl Shared {
    /// Shares a graph.
    #[must_use]
    pub fn new(graph: Graph) -> Self {
        Self(ArcSwap::from_pointee(graph))
    }

    /// The graph of this moment.
    #[must_use]
    pub fn get(&self) -> Arc<Graph> {
        self.0.load_full()
    }

    /// Puts the next graph in place; readers go on with the one they hold.
    pub fn set(&self, graph: Arc<Graph>) {
        self.0.store(graph);
    }
}
