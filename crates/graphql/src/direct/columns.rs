//! What is said of every node, ready as JSON: a field that is read again and again is looked up,
//! escaped and quoted once, and copied from then on.

use super::json::Json;
use crate::types::COMMON;
use mqd_graph::Graph;
use mqd_model::Node;
use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// A text that only depends on the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Text {
    /// A property, by its name.
    Property(&'static str),
    /// One of the fields that all nodes have, by its place among them.
    Common(usize),
}

impl Text {
    /// What it is for a node.
    pub(super) fn of(self, node: &Node) -> Option<Cow<'_, str>> {
        match self {
            Self::Property(name) => node.text(name).map(Cow::Borrowed),
            Self::Common(place) => (COMMON[place].value)(node).map(Cow::Owned),
        }
    }
}

/// A text of all nodes of a graph, as JSON.
pub(super) struct Column {
    json: Box<str>,
    /// Where that of each node ends, by its position.
    ends: Box<[u32]>,
}

impl Column {
    /// `None` when it would be longer than positions can tell.
    fn new(graph: &Graph, text: Text) -> Option<Self> {
        let (mut json, mut ends) = (Json::default(), Vec::new());
        for node in &graph.snapshot().nodes {
            json.text(text.of(node).as_deref());
            ends.push(u32::try_from(json.len()).ok()?);
        }
        let json = String::from_utf8(json.into_bytes()).ok()?.into_boxed_str();
        Some(Self { json, ends: ends.into_boxed_slice() })
    }

    /// The JSON of the node at a position.
    pub(super) fn at(&self, position: usize) -> &str {
        let start = position.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.json[start as usize..self.ends[position] as usize]
    }
}

/// The columns of the newest graph.
///
/// A column is made once its text was read as often as there are nodes: then making it costs no
/// more than those reads, and what is seldom asked takes no memory.
#[derive(Default)]
pub(crate) struct Columns(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    graph: Weak<Graph>,
    columns: HashMap<Text, State>,
}

enum State {
    Read(usize),
    Made(Arc<Column>),
}

impl Kept {
    /// Forgets the columns of another graph.
    fn of(&mut self, graph: &Arc<Graph>) -> &mut HashMap<Text, State> {
        if self.graph.as_ptr() != Arc::as_ptr(graph) {
            *self = Self { graph: Arc::downgrade(graph), columns: HashMap::new() };
        }
        &mut self.columns
    }
}

impl Columns {
    /// The column of a text, if there is one already.
    pub(super) fn get(&self, graph: &Arc<Graph>, text: Text) -> Option<Arc<Column>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.of(graph).get(&text) {
            Some(State::Made(column)) => Some(Arc::clone(column)),
            _ => None,
        }
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn made(&self) -> usize {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.columns.values().filter(|state| matches!(state, State::Made(_))).count()
    }

    /// Takes note that a text was read so often without its column.
    pub(super) fn were_read(&self, graph: &Arc<Graph>, text: Text, times: usize) {
        if times == 0 {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = kept.of(graph).entry(text).or_insert(State::Read(0));
        if let State::Read(before) = state {
            *before = before.saturating_add(times);
            if *before >= graph.snapshot().nodes.len()
                && let Some(column) = Column::new(graph, text)
            {
                *state = State::Made(Arc::new(column));
            }
        }
    }
}
