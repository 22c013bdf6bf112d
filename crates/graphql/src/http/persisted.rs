//! Persisted queries, as Apollo's clients send them: the hash of a text first, the text once.

use crate::{cache::Cache, problem::Problem};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Code by which a client knows that it must send the text.
pub(super) const NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";

/// What a client sends beside a query.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extensions {
    persisted_query: Option<Persisted>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Persisted {
    version: u32,
    sha256_hash: String,
}

/// The text of a query: the one that was sent, or the one that was kept under its hash.
pub(super) fn text(
    cache: &Cache,
    sent: Option<String>,
    extensions: Option<Extensions>,
) -> Result<Arc<str>, Problem> {
    let sent = sent.filter(|text| !text.trim().is_empty());
    let Some(persisted) = extensions.and_then(|extensions| extensions.persisted_query) else {
        return sent.map(Arc::from).ok_or_else(|| {
            Problem::new("BAD_REQUEST", "La requête est vide.", "The query is empty.")
        });
    };
    if persisted.version != 1 {
        return Err(Problem::new(
            "PERSISTED_QUERY_NOT_SUPPORTED",
            "Cette version des requêtes enregistrées n'est pas connue.",
            "PersistedQueryNotSupported",
        ));
    }
    let hash = persisted.sha256_hash.to_ascii_lowercase();
    let Some(sent) = sent else {
        // Clients look for this very message.
        return cache.persisted(&hash).ok_or_else(|| {
            Problem::new(NOT_FOUND, "PersistedQueryNotFound", "PersistedQueryNotFound")
        });
    };
    if hex::encode(Sha256::digest(sent.as_bytes())) != hash {
        return Err(Problem::new(
            "BAD_REQUEST",
            "L'empreinte n'est pas celle de la requête.",
            "provided sha does not match query",
        ));
    }
    cache.persist(&hash, &sent);
    Ok(sent.into())
}
