//! The whole maquis in memory: immutable, read by many, swapped when the store changes.
//!
//! Reads never touch the database: lists, filters, neighbourhoods, paths and the search index
//! work on a [`Graph`] behind an `Arc`. Invariant: no I/O but the index's own memory; a read
//! cannot fail.
#![deny(missing_docs)]

mod graph;

pub use graph::{Direction, Edge, Graph, Shared};
