//! What a server does beside answering: it keeps a database awake, follows what others write to it,
//! keeps the last good graph, and says in a header when that is what it serves.

use crate::{config::Settings, pdfs, sources};
use axum::{Json, Router, middleware::map_response, response::Response, routing::get};
use http::{HeaderName, HeaderValue};
use mqd_depot::{DepotContents, Maquis};
use mqd_rapidexo::Sheets;
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// Tells how old the graph may be (RFC 3339), in every answer, while the database does not answer.
const STALE: HeaderName = HeaderName::from_static("x-maquis-stale");

/// A database that did not answer is asked again after this, or after the usual time if shorter.
const SOON: Duration = Duration::from_secs(5);

/// Adds the header to every answer while `since` says that the graph may be old.
pub fn telling(
    router: Router,
    since: impl Fn() -> Option<String> + Clone + Send + Sync + 'static,
) -> Router {
    router.layer(map_response(move |mut response: Response| {
        if let Some(since) = since().and_then(|since| HeaderValue::try_from(since).ok()) {
            response.headers_mut().insert(STALE, since);
        }
        async move { response }
    }))
}

/// `/healthz` and `/readyz` of a component that has none of its own.
pub fn health(since: impl Fn() -> Option<String> + Clone + Send + Sync + 'static) -> Router {
    let ready = move || {
        let since = since();
        async move {
            Json(json!({
                "ready": true,
                "program": concat!("maquisdoc ", env!("CARGO_PKG_VERSION")),
                "stale": since.is_some(),
                "stale_since": since,
            }))
        }
    };
    Router::new().route("/healthz", get(|| async { "ok" })).route("/readyz", get(ready))
}

/// How old the graph of this process may be.
pub fn since(maquis: &Arc<Maquis>) -> impl Fn() -> Option<String> + Clone + Send + Sync + 'static {
    let maquis = Arc::clone(maquis);
    move || maquis.stale().map(|stale| stale.since.to_string())
}

/// Writes to a hosted database before it is paused for being idle.
pub fn keep_alive(maquis: Arc<Maquis>, every: Duration) {
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(every);
        loop {
            tick.tick().await;
            let maquis = Arc::clone(&maquis);
            let write = move || match maquis.store().keep_alive() {
                Ok(()) => tracing::debug!("the database is kept awake"),
                Err(error) => tracing::warn!(%error, "the database cannot be kept awake"),
            };
            let _ = tokio::task::spawn_blocking(write).await;
        }
    });
}

/// Follows a store that another process writes: `maintain` beside a running server, or anyone who
/// writes to the database.
pub fn refresh(
    maquis: Arc<Maquis>,
    contents: Arc<DepotContents>,
    sheets: Sheets,
    settings: &Settings,
    every: Duration,
) {
    let settings = Arc::new(settings.clone());
    tokio::spawn(async move {
        let mut made = pdfs::stamp(&settings);
        loop {
            let pause = if maquis.stale().is_some() { every.min(SOON) } else { every };
            tokio::time::sleep(pause).await;
            let (maquis, contents) = (Arc::clone(&maquis), Arc::clone(&contents));
            let (sheets, settings) = (sheets.clone(), Arc::clone(&settings));
            // PDFs and pictures change without a change of the maquis.
            let before = std::mem::replace(&mut made, pdfs::stamp(&settings));
            let remade = before != made;
            let look = move || {
                match maquis.refresh().map(|changed| changed || remade) {
                    Ok(true) => match sources::scans(&settings) {
                        Ok(scans) => {
                            sheets.replace(&scans);
                            contents.replace(scans);
                        }
                        Err(error) => {
                            tracing::warn!(%error, "the dépôts cannot be read again; their last contents are served");
                        }
                    },
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(%error, "the database does not answer; the last graph is served");
                    }
                }
                maquis.keep();
            };
            let _ = tokio::task::spawn_blocking(look).await;
        }
    });
}
