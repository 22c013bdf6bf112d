//! A dépôt as the configuration file names it.

use serde::Deserialize;
use std::path::PathBuf;

/// One `[[depot]]` of `maquisdoc.toml`: a folder, a repository on GitHub, or any Git repository.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DepotConfig {
    /// The folder of the dépôt, relative to the configuration file.
    pub path: PathBuf,
    /// A repository on GitHub, `owner/name`, or `name` where `GITHUB_USER` says whose.
    pub github: Option<String>,
    /// The address of a Git repository.
    pub git: Option<String>,
    /// The branch of the repository, when it is not its main one.
    pub branch: Option<String>,
    /// Its manifest, when it is not `depot.toml` in that folder; relative to the configuration file.
    pub manifest: Option<PathBuf>,
    /// The commit that `path` holds, where the folder is no Git repository itself.
    #[serde(skip)]
    pub commit: Option<String>,
}
