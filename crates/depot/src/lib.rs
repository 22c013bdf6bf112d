//! Dépôts: manifests, sources, the scan that turns sources and graph into a plan, maintenance,
//! publication, and the contents of a document by its node.
//!
//! Invariant: plans are pure (sources + graph → plan); only applying a plan writes.
#![deny(missing_docs)]

pub mod contents;
mod maquis;

pub use maquis::Maquis;
