//! The compile service over HTTP: latex-online's API, and one of ours for several files.
//!
//! A source comes in a query, from an allowed address, in a tarball, as JSON or as a form; what goes
//! out is a whole PDF, or the log as text with 400, or events when they are asked for.

mod answer;
mod archive;
mod fetch;
mod git;
mod health;
mod request;

use crate::Compiler;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    response::IntoResponse,
    routing::{get, post},
};
pub use fetch::{Origin, Origins};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower_http::set_header::SetResponseHeaderLayer;

/// What the routes share.
#[derive(Debug, Clone)]
struct Service {
    compiler: Compiler,
    fetcher: Arc<fetch::Fetcher>,
    health: Arc<health::Health>,
    /// Which job a document of a repository is at a commit, so that a kept PDF needs no fetch.
    known: moka::sync::Cache<String, blake3::Hash>,
    /// Turns of those who send something large.
    uploads: Arc<Semaphore>,
}

/// Most large bodies that are received at the same time.
const UPLOADS: usize = 16;

/// The compile service as a router.
///
/// # Errors
/// A sentence when there is no sandbox, since the sources are strangers', or when the HTTP client
/// that fetches them cannot be set up.
pub fn router(compiler: Compiler, origins: Origins) -> Result<Router, String> {
    if !compiler.is_sandboxed() {
        return Err("the compile service takes strangers' sources: it needs a sandbox".to_owned());
    }
    // Base64 makes four bytes of three; names and boundaries come on top.
    let limit = compiler.limits().input / 3 * 4 + (1 << 20);
    let service = Service {
        fetcher: Arc::new(fetch::Fetcher::new(origins, compiler.limits())?),
        health: Arc::new(health::Health::start(compiler.clone())),
        known: moka::sync::Cache::new(10_000),
        uploads: Arc::new(Semaphore::new(UPLOADS)),
        compiler,
    };
    Ok(Router::new()
        .route("/compile", get(request::compile).post(request::compile_files))
        .route("/data", post(request::data))
        .route("/version", get(health::version))
        .route("/health", get(health::page))
        .route("/health.json", get(health::json))
        .route("/openapi.json", get(openapi))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(limit))
        // A log holds what a stranger wrote: it stays text, and a PDF stays a PDF.
        .layer(SetResponseHeaderLayer::overriding(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .with_state(service))
}

/// The description of these routes, kept in the repository and held against them by the tests.
const OPENAPI: &str = include_str!("openapi.json");

async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}
