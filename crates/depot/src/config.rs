//! A dépôt as the configuration file names it.

use serde::Deserialize;
use std::path::PathBuf;

/// One `[[depot]]` of `maquisdoc.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepotConfig {
    /// The folder of the dépôt, relative to the configuration file.
    pub path: PathBuf,
    /// Its manifest, when it is not `depot.toml` in that folder; relative to the configuration file.
    pub manifest: Option<PathBuf>,
}
