//! What a request may cost: the limits as they are configured, on by default.

use crate::budget::Budget;
use mqd_graph::Graph;
use serde::Deserialize;
use std::time::Duration;

/// Brackets inside brackets at most.
pub(crate) const NESTING: usize = 64;

/// What a request may cost. Sized from the deepest legitimate queries: full introspection, and a
/// build client that asks for everything with all its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Levels of selection.
    pub depth: usize,
    /// Selected fields, where a list counts its content ten times.
    pub complexity: u64,
    /// Bytes of a document; what is long is given in variables.
    pub text: usize,
    /// Fields of a document, wherever they are.
    pub fields: usize,
    /// Fields with an alias.
    pub aliases: usize,
    /// Fields at the root.
    pub root_fields: usize,
    /// Tests of all filters, which are tried on every node of a list.
    pub tests: usize,
    /// Lexical tokens of a document.
    pub tokens: usize,
    /// Bytes of a request.
    pub body: usize,
    /// Seconds.
    pub seconds: u64,
    /// Items of all lists of an answer. Without a number: four times what it takes to give every
    /// node with all its neighbours.
    pub results: Option<usize>,
    /// Requests in one batch.
    pub batch: usize,
    /// Changes of one mutation.
    pub changes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 20,
            complexity: 50_000,
            text: 256 << 10,
            fields: 1_500,
            aliases: 100,
            root_fields: 30,
            tests: 200,
            tokens: 5_000,
            body: 1 << 20,
            seconds: 10,
            results: None,
            batch: 10,
            changes: 10_000,
        }
    }
}

/// A small maquis may be asked for more than it holds.
const FEWEST_RESULTS: usize = 20_000;

impl Limits {
    /// What a request may spend on this graph.
    pub(crate) fn budget(&self, graph: &Graph) -> Budget {
        let held = graph.snapshot().nodes.len() + 2 * graph.snapshot().relations.len();
        let results = self.results.unwrap_or_else(|| (4 * held).max(FEWEST_RESULTS));
        Budget::new(results, Duration::from_secs(self.seconds))
    }
}
