//! `maquisdoc.toml`: the dépôts and everything public.

use super::ConfigError;
use serde::Deserialize;
use std::path::Path;

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {}

impl File {
    /// Reads the file.
    ///
    /// # Errors
    /// [`ConfigError::File`] with the line and what was expected.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let fail = |reason: String| ConfigError::File { path: path.to_path_buf(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        toml::from_str(&text).map_err(|error| fail(error.to_string()))
    }
}
