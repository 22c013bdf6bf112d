//! `maquisdoc.toml`: the dépôts and everything public.

use super::ConfigError;
use mqd_depot::{DepotConfig, publish::PublishConfig};
use mqd_site::SiteConfig;
use serde::Deserialize;
use std::path::Path;

/// The configuration file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// The site: title, licence, credits, pages …
    pub site: SiteConfig,
    /// What a request to the GraphQL API may cost.
    pub graphql: mqd_graphql::Limits,
    /// Where PDFs go.
    pub publish: PublishConfig,
    /// The dépôts.
    pub depot: Vec<DepotConfig>,
}

impl File {
    /// Reads the file.
    ///
    /// # Errors
    /// [`ConfigError::File`] with the line and what was expected.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let fail = |reason: String| ConfigError::File { path: path.to_path_buf(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        let mut file: Self = toml::from_str(&text).map_err(|error| fail(error.to_string()))?;
        // Folders are written as the file sees them.
        let folder = path.parent().unwrap_or(Path::new("."));
        for path in [&mut file.site.pages, &mut file.site.journals].into_iter().flatten() {
            *path = folder.join(&*path);
        }
        Ok(file)
    }
}
