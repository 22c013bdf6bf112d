//! Dépôts: manifests, sources, the scan that turns sources and graph into a plan, maintenance,
//! and the contents of a document by its node.
//!
//! Invariant: plans are pure (sources + graph → plan); only applying a plan writes. Nothing here
//! knows the name of a dépôt or of a file: all of that is in manifests.
#![deny(missing_docs)]

mod changed;
pub mod compile;
pub mod config;
pub mod contents;
mod fields;
pub mod init;
mod maintain;
pub mod manifest;
mod maquis;
pub mod merge;
pub mod plan;
mod provide;
pub mod publish;
pub mod remote;
pub mod scan;
pub mod source;
mod tables;

pub use config::DepotConfig;
pub use maintain::{MaintainError, Report, maintain, only, scan_all};
pub use maquis::{Maquis, Stale};
pub use provide::{DepotContents, DepotSources, part_sources};
