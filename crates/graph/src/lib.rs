//! The whole maquis in memory: immutable, read by many, swapped when the store changes.
//!
//! Reads never touch the database: lists, filters, neighbourhoods, paths and the search index
//! work on a [`Graph`] behind an `Arc`. Invariant: no I/O but the index's own memory; a read
//! cannot fail.
#![deny(missing_docs)]

mod collation;
mod graph;
mod query;
mod rank;
mod search;
mod walk;

pub use collation::Collator;
pub use graph::{Direction, Edge, Graph, Shared};
pub use query::{
    Collation, CountTest, Filter, Key, List, Measure, NumberTest, Quantifier, Step, TextTest,
};
pub use search::{BadQuery, BuildError, Formulas, Hit, Hits, Scope, Search};
pub use walk::{Around, Neighbourhood};

#[cfg(test)]
mod tests;
