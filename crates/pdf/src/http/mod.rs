//! The compile service over HTTP: latex-online's API, and a JSON one of ours.
//!
//! A source comes in a query, from an allowed address, in a tarball or as JSON; what goes out is a
//! whole PDF, or the log as text with 400.

mod answer;
mod archive;
mod fetch;
mod health;

use crate::{Compiler, Engine, Job};
use answer::{Problem, respond};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Multipart, Query, State},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
pub use fetch::{Origin, Origins};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};

/// What the routes share.
#[derive(Debug, Clone)]
struct Service {
    compiler: Compiler,
    fetcher: Arc<fetch::Fetcher>,
    health: Arc<health::Health>,
}

/// The compile service as a router.
///
/// # Errors
/// A sentence when the HTTP client that fetches sources cannot be set up.
pub fn router(compiler: Compiler, origins: Origins) -> Result<Router, String> {
    let limit = compiler.limits().input + (1 << 20);
    let service = Service {
        fetcher: Arc::new(fetch::Fetcher::new(origins, compiler.limits())?),
        health: Arc::new(health::Health::start(compiler.clone())),
        compiler,
    };
    Ok(Router::new()
        .route("/compile", get(compile).post(compile_json))
        .route("/data", post(data))
        .route("/version", get(health::version))
        .route("/health", get(health::page))
        .route("/health.json", get(health::json))
        .route("/openapi.json", get(openapi))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(limit))
        .with_state(service))
}

/// `GET /compile`: one of `text`, `url`, `git`, tried in that order.
#[derive(Debug, Deserialize)]
struct Compile {
    text: Option<String>,
    url: Option<String>,
    git: Option<String>,
    target: Option<String>,
    workdir: Option<String>,
    branch: Option<String>,
    commit: Option<String>,
    command: Option<String>,
    force: Option<String>,
    download: Option<String>,
}

fn engine(command: Option<&str>) -> Result<Engine, Problem> {
    match command {
        None | Some("") => Ok(Engine::default()),
        Some(name) => Ok(name.parse()?),
    }
}

async fn compile(
    State(service): State<Service>,
    query: Result<Query<Compile>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|error| Problem::Caller(error.body_text()))?;
    let engine = engine(query.command.as_deref())?;
    let job = if let Some(text) = query.text {
        Job::of_text(engine, text)
    } else if let Some(url) = &query.url {
        let bytes = service.fetcher.file(url).await?;
        Job::of_text(engine, fetch::to_utf8(bytes))
    } else if let Some(git) = &query.git {
        let target = query
            .target
            .as_deref()
            .ok_or_else(|| Problem::Caller("`git` needs `target`, the file to compile".into()))?;
        let revision = fetch::Revision::new(query.branch.as_deref(), query.commit.as_deref())?;
        let files = service.fetcher.repository(git, &revision).await?;
        Job { engine, ..at(files, query.workdir.as_deref(), target)? }
    } else {
        return Err(Problem::Caller("one of `text`, `url` or `git` is needed".into()));
    };
    let outcome = service.compiler.compile(job, query.force.is_some()).await?;
    respond(outcome, query.download.as_deref())
}

/// `POST /data?target=&command=`.
#[derive(Debug, Deserialize)]
struct Data {
    target: Option<String>,
    command: Option<String>,
    workdir: Option<String>,
    force: Option<String>,
    download: Option<String>,
}

async fn data(
    State(service): State<Service>,
    query: Result<Query<Data>, axum::extract::rejection::QueryRejection>,
    mut form: Multipart,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|error| Problem::Caller(error.body_text()))?;
    let engine = engine(query.command.as_deref())?;
    let target = query
        .target
        .as_deref()
        .ok_or_else(|| Problem::Caller("`target`, the file to compile, is missing".into()))?;
    let mut tarball: Option<Bytes> = None;
    while let Some(field) =
        form.next_field().await.map_err(|error| Problem::Caller(error.body_text()))?
    {
        let bytes = field.bytes().await.map_err(|error| Problem::Caller(error.body_text()))?;
        if tarball.replace(bytes).is_some() {
            return Err(Problem::Caller("exactly one tarball is expected".into()));
        }
    }
    let tarball =
        tarball.ok_or_else(|| Problem::Caller("exactly one tarball is expected".into()))?;
    let limits = *service.compiler.limits();
    let files = tokio::task::spawn_blocking(move || archive::unpack(&tarball, &limits))
        .await
        .map_err(|error| Problem::Ours(error.to_string()))??;
    let job = Job { engine, ..at(files, query.workdir.as_deref(), target)? };
    let outcome = service.compiler.compile(job, query.force.is_some()).await?;
    respond(outcome, query.download.as_deref())
}

/// `POST /compile`: files by path. Texts are given as they are, other bytes as base64.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompileJson {
    main: String,
    #[serde(default)]
    engine: Engine,
    files: BTreeMap<String, FileJson>,
    #[serde(default)]
    force: bool,
    download: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum FileJson {
    Text(String),
    Base64 { base64: String },
}

async fn compile_json(
    State(service): State<Service>,
    headers: HeaderMap,
    request: Result<Json<CompileJson>, axum::extract::rejection::JsonRejection>,
) -> Result<Response, Problem> {
    let Json(request) = request.map_err(|error| Problem::Caller(error.body_text()))?;
    let mut files = BTreeMap::new();
    for (path, file) in request.files {
        let bytes = match file {
            FileJson::Text(text) => Bytes::from(text),
            FileJson::Base64 { base64 } => decode(&path, &base64)?,
        };
        files.insert(path, bytes);
    }
    let job = Job { engine: request.engine, main: request.main, files };
    if answer::wants_events(&headers) {
        return Ok(answer::events(service.compiler, job, request.force));
    }
    let outcome = service.compiler.compile(job, request.force).await?;
    respond(outcome, request.download.as_deref())
}

fn decode(path: &str, text: &str) -> Result<Bytes, Problem> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .map(Bytes::from)
        .map_err(|error| Problem::Caller(format!("the file « {path} » is not base64: {error}")))
}

/// The job of `target` in `workdir`: what is above the working folder stays reachable for no one.
fn at(files: BTreeMap<String, Bytes>, workdir: Option<&str>, target: &str) -> Result<Job, Problem> {
    let workdir = workdir.unwrap_or_default().trim_matches('/');
    let files = if workdir.is_empty() {
        files
    } else {
        let prefix = format!("{workdir}/");
        let inside: BTreeMap<_, _> = files
            .into_iter()
            .filter_map(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), bytes)))
            .collect();
        if inside.is_empty() {
            return Err(Problem::Caller(format!("there is no folder « {workdir} »")));
        }
        inside
    };
    Ok(Job { engine: Engine::default(), main: target.to_owned(), files })
}

async fn openapi() -> ([(axum::http::HeaderName, &'static str); 1], &'static str) {
    ([(axum::http::header::CONTENT_TYPE, "application/json")], include_str!("openapi.json"))
}
