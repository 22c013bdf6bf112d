//! What every request shares: configuration, the source of the data, the caches.

use crate::{
    GraphSource, SiteConfig, SiteError, SourceError, cache::PageCache, markdown::Library,
    views::Document,
};
use bytes::Bytes;
use mqd_rapidexo::SheetSource;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{any::Any, sync::Arc};

/// A file that belongs to a document: a picture or a PDF.
#[derive(Debug, Clone)]
pub struct File {
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub bytes: Bytes,
}

/// Gives the files that documents refer to. Behind it stands whatever holds the dépôts.
pub trait Files: Send + Sync {
    /// The file at `/figures/<depot>/<path>` or `/pdf/<depot>/<path>` (`tree` is `figures` or
    /// `pdf`); `None` when there is none.
    fn file(&self, tree: &str, depot: &str, path: &str) -> Option<File>;
}

/// An answer that views share, with the state of the maquis it belongs to.
type Shared = (Arc<str>, Arc<dyn Any + Send + Sync>);

/// What every request shares. Cheap to clone.
#[derive(Clone)]
pub struct SiteState(Arc<Inner>);

struct Inner {
    config: SiteConfig,
    source: Arc<dyn GraphSource>,
    files: Option<Arc<dyn Files>>,
    sheets: Option<SheetSource>,
    library: Library,
    pages: PageCache,
    answers: moka::sync::Cache<String, Shared>,
    /// Whether the pages are for a host of files, which knows no queries.
    files_only: bool,
}

impl SiteState {
    /// A site over this source. Markdown pages and journals are read from their folders at once.
    #[must_use]
    pub fn new(config: SiteConfig, source: Arc<dyn GraphSource>) -> Self {
        Self::build(config, source, None, None, false)
    }

    /// The same site, which also answers `/figures/…` and `/pdf/…` from these files.
    #[must_use]
    pub fn with_files(self, files: Arc<dyn Files>) -> Self {
        let (source, sheets) = (Arc::clone(&self.0.source), self.0.sheets.clone());
        Self::build(self.0.config.clone(), source, Some(files), sheets, self.0.files_only)
    }

    /// The same site, with sheets of quick exercises from this server.
    #[must_use]
    pub fn with_sheets(self, sheets: SheetSource) -> Self {
        let (source, files) = (Arc::clone(&self.0.source), self.0.files.clone());
        Self::build(self.0.config.clone(), source, files, Some(sheets), self.0.files_only)
    }

    pub(crate) fn build(
        config: SiteConfig,
        source: Arc<dyn GraphSource>,
        files: Option<Arc<dyn Files>>,
        sheets: Option<SheetSource>,
        files_only: bool,
    ) -> Self {
        let library = Library::read(config.pages.as_deref(), config.journals.as_deref());
        let pages = PageCache::new(config.cache_bytes);
        let answers = moka::sync::Cache::new(64);
        Self(Arc::new(Inner { config, source, files, sheets, library, pages, answers, files_only }))
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &SiteConfig {
        &self.0.config
    }

    /// Which state of the maquis pages show now.
    #[must_use]
    pub fn version(&self) -> Arc<str> {
        self.0.source.version()
    }

    pub(crate) fn source(&self) -> &Arc<dyn GraphSource> {
        &self.0.source
    }

    pub(crate) fn files_only(&self) -> bool {
        self.0.files_only
    }

    pub(crate) fn files(&self) -> Option<&Arc<dyn Files>> {
        self.0.files.as_ref()
    }

    pub(crate) fn sheets(&self) -> Option<&SheetSource> {
        self.0.sheets.as_ref()
    }

    pub(crate) fn library(&self) -> &Library {
        &self.0.library
    }

    pub(crate) fn pages(&self) -> &PageCache {
        &self.0.pages
    }

    /// Asks a view's question.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        document: &'static Document,
        variables: Value,
    ) -> Result<T, SiteError> {
        let operation = document.name;
        let mut response = self.0.source.run(document.text, variables).await?;
        if let Some(error) = response.get("errors").and_then(|e| e.get(0)) {
            let message = error["message"].as_str().unwrap_or("no message").to_owned();
            tracing::warn!(operation, message, "the API refused a view");
            return Err(SourceError::Refused { operation, message }.into());
        }
        serde_json::from_value(response["data"].take())
            .map_err(|e| SourceError::Shape { operation, message: e.to_string() }.into())
    }

    /// Asks a question whose answer many pages share; it is kept until the maquis changes.
    pub(crate) async fn ask_shared<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
        document: &'static Document,
        variables: Value,
    ) -> Result<Arc<T>, SiteError> {
        let version = self.version();
        let key = format!("{} {variables}", document.name);
        if let Some((of, answer)) = self.0.answers.get(&key)
            && of == version
            && let Ok(answer) = answer.downcast::<T>()
        {
            return Ok(answer);
        }
        let answer = Arc::new(self.ask::<T>(document, variables).await?);
        let kept: Arc<dyn Any + Send + Sync> = Arc::clone(&answer) as _;
        self.0.answers.insert(key, (version, kept));
        Ok(answer)
    }
}
