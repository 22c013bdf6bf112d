//! Answers that only depend on the graph, kept as bytes as long as the graph stays the same; the
//! texts of persisted queries; and the documents that the program itself asks, as they were read.

use async_graphql::parser::types::ExecutableDocument;
use bytes::Bytes;
use moka::sync::Cache as Moka;
use mqd_model::Version;
use serde_json::Value;
use std::sync::Arc;

/// What tells one question from another.
pub(crate) type Key = [u8; 32];

/// Bytes of persisted queries that are kept.
const PERSISTED_BYTES: u64 = 4 << 20;

/// An answer as it is kept, with the name of its operation for the log.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) body: Bytes,
    pub(crate) operation: Arc<str>,
}

/// Documents of the program itself that are kept as they were read: the site has some dozens.
const DOCUMENTS: u64 = 256;

/// All that is kept.
pub(crate) struct Cache {
    answers: Option<Moka<Key, Kept>>,
    persisted: Moka<String, Arc<str>>,
    documents: Moka<String, Arc<ExecutableDocument>>,
}

fn weight(bytes: usize) -> u32 {
    // What the cache itself needs for an entry counts too.
    u32::try_from(bytes.saturating_add(128)).unwrap_or(u32::MAX)
}

impl Cache {
    pub(crate) fn new(bytes: u64) -> Self {
        let answers = (bytes > 0).then(|| {
            Moka::builder()
                .max_capacity(bytes)
                .weigher(|_, kept: &Kept| weight(kept.body.len() + kept.operation.len()))
                .build()
        });
        let persisted = Moka::builder()
            .max_capacity(PERSISTED_BYTES)
            .weigher(|hash: &String, text: &Arc<str>| weight(hash.len() + text.len()))
            .build();
        Self { answers, persisted, documents: Moka::new(DOCUMENTS) }
    }

    /// The key of a question to a state of the maquis.
    pub(crate) fn key(
        version: &Version,
        query: &str,
        operation: Option<&str>,
        variables: Option<&Value>,
    ) -> Key {
        let mut hasher = blake3::Hasher::new();
        let variables = variables.map(Value::to_string).unwrap_or_default();
        for part in [&version.0, query, operation.unwrap_or_default(), &variables] {
            // Lengths, so that no two questions run into the same bytes.
            hasher.update(&part.len().to_le_bytes());
            hasher.update(part.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    pub(crate) fn answer(&self, key: &Key) -> Option<Kept> {
        self.answers.as_ref()?.get(key)
    }

    pub(crate) fn keep(&self, key: Key, kept: Kept) {
        if let Some(answers) = &self.answers {
            answers.insert(key, kept);
        }
    }

    /// A document of the program itself, read by `parse` when it is not kept.
    pub(crate) fn document<E>(
        &self,
        text: &str,
        parse: impl FnOnce() -> Result<ExecutableDocument, E>,
    ) -> Result<ExecutableDocument, E> {
        if let Some(kept) = self.documents.get(text) {
            return Ok((*kept).clone());
        }
        let document = parse()?;
        self.documents.insert(text.to_owned(), Arc::new(document.clone()));
        Ok(document)
    }

    /// The text of a persisted query.
    pub(crate) fn persisted(&self, hash: &str) -> Option<Arc<str>> {
        self.persisted.get(hash)
    }

    pub(crate) fn persist(&self, hash: &str, text: &str) {
        self.persisted.insert(hash.to_owned(), text.into());
    }
}
