//! What comes in: a source in each of the ways that the service knows, as a job.

use super::{
    Service,
    answer::{self, Problem},
    archive,
    git::Revision,
};
use crate::{Engine, Job, Outcome};
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Multipart, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde::{Deserialize, de::DeserializeOwned};
use std::{collections::BTreeMap, time::Duration};

/// `GET /compile`: one of `text`, `url`, `git`, tried in that order.
#[derive(Debug, Deserialize)]
pub(super) struct Compile {
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

type Parsed<T> = Result<Query<T>, axum::extract::rejection::QueryRejection>;

fn query<T>(query: Parsed<T>) -> Result<T, Problem> {
    query.map(|Query(query)| query).map_err(|error| Problem::Caller(error.body_text()))
}

fn engine(command: Option<&str>) -> Result<Engine, Problem> {
    match command {
        None | Some("") => Ok(Engine::default()),
        Some(name) => Ok(name.parse()?),
    }
}

pub(super) async fn compile(
    State(service): State<Service>,
    headers: HeaderMap,
    asked: Parsed<Compile>,
) -> Result<Response, Problem> {
    let asked = query(asked)?;
    let engine = engine(asked.command.as_deref())?;
    let job = if let Some(text) = asked.text {
        Job::of_text(engine, text)
    } else if let Some(url) = &asked.url {
        Job::of_text(engine, service.fetcher.file(url).await?)
    } else if let Some(git) = &asked.git {
        let target = asked.target.as_deref().ok_or_else(|| {
            Problem::Caller("`git` needs `target`, the file to compile".to_owned())
        })?;
        let revision = Revision::new(asked.branch.as_deref(), asked.commit.as_deref())?;
        let workdir = asked.workdir.as_deref();
        let known = |commit: &str| format!("{git} {commit} {engine} {workdir:?} {target}");
        if asked.force.is_none()
            && let Some(commit) = service.fetcher.commit(git, &revision).await?
            && let Some(job) = service.known.get(&known(&commit))
            && let Some(pdf) = service.compiler.cached_of(&job)
        {
            let outcome = Outcome::Pdf { pdf, log: String::new() };
            return answer::finished(outcome, asked.download.as_deref(), &headers);
        }
        let checkout = service.fetcher.repository(git, &revision).await?;
        let job = at(engine, checkout.files, workdir, target)?;
        service.known.insert(known(&checkout.commit), job.digest());
        job
    } else {
        return Err(Problem::Caller("one of `text`, `url` or `git` is needed".to_owned()));
    };
    let download = asked.download.as_deref();
    answer::answer(&service.compiler, job, asked.force.is_some(), download, &headers).await
}

/// `POST /data?target=&command=`.
#[derive(Debug, Deserialize)]
pub(super) struct Data {
    target: Option<String>,
    command: Option<String>,
    workdir: Option<String>,
    force: Option<String>,
    download: Option<String>,
}

pub(super) async fn data(
    State(service): State<Service>,
    headers: HeaderMap,
    asked: Parsed<Data>,
    request: Request,
) -> Result<Response, Problem> {
    let asked = query(asked)?;
    let engine = engine(asked.command.as_deref())?;
    let target = asked
        .target
        .as_deref()
        .ok_or_else(|| Problem::Caller("`target`, the file to compile, is missing".to_owned()))?;
    let mut tarballs = service.receive(&headers, parts(request)).await?.into_iter();
    let (Some(Part { bytes, .. }), None) = (tarballs.next(), tarballs.next()) else {
        return Err(Problem::Caller("exactly one tarball is expected".to_owned()));
    };
    let limits = *service.compiler.limits();
    let files = tokio::task::spawn_blocking(move || archive::unpack(bytes.as_ref(), &limits))
        .await
        .map_err(|error| Problem::Ours(error.to_string()))??;
    let job = at(engine, files, asked.workdir.as_deref(), target)?;
    let download = asked.download.as_deref();
    answer::answer(&service.compiler, job, asked.force.is_some(), download, &headers).await
}

/// `POST /compile`: files by path. In JSON, texts are given as they are, other bytes as base64.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Files {
    main: String,
    #[serde(default)]
    engine: Engine,
    files: BTreeMap<String, File>,
    #[serde(default)]
    force: bool,
    download: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum File {
    Text(String),
    Base64(Base64),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Base64 {
    base64: String,
}

impl File {
    fn bytes(self, path: &str) -> Result<Bytes, Problem> {
        use base64::Engine as _;
        match self {
            Self::Text(text) => Ok(text.into()),
            Self::Base64(Base64 { base64 }) => {
                base64::engine::general_purpose::STANDARD.decode(base64).map(Bytes::from).map_err(
                    |error| Problem::Caller(format!("the file « {path} » is not base64: {error}")),
                )
            }
        }
    }
}

/// `POST /compile`, as JSON or as a form: in the latter each part with a file name is a file, and
/// the other parts are the fields of the former.
pub(super) async fn compile_files(
    State(service): State<Service>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let is = |media_type: &str| {
        headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.trim_start().starts_with(media_type))
    };
    let (asked, files) = if is("multipart/form-data") {
        form(service.receive(&headers, parts(request)).await?)?
    } else {
        let mut asked: Files = service.receive(&headers, json(request)).await?;
        let mut files = BTreeMap::new();
        for (path, file) in std::mem::take(&mut asked.files) {
            let bytes = file.bytes(&path)?;
            files.insert(path, bytes);
        }
        (asked, files)
    };
    let job = Job { engine: asked.engine, main: asked.main, files };
    let download = asked.download.as_deref();
    answer::answer(&service.compiler, job, asked.force, download, &headers).await
}

impl Service {
    /// Receives a body: within a time, and large ones only a few at the same time, so that who
    /// sends slowly or much holds little of our memory.
    async fn receive<T>(
        &self,
        headers: &HeaderMap,
        body: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        const SMALL: u64 = 1 << 20;
        const MAX_TIME: Duration = Duration::from_secs(60);
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let small = length.and_then(|value| value.parse().ok()).is_some_and(|l: u64| l <= SMALL);
        let _turn = match small {
            true => None,
            false => Some(self.uploads.try_acquire().map_err(|_| Problem::Busy)?),
        };
        tokio::time::timeout(MAX_TIME, body).await.unwrap_or_else(|_| {
            let message = "the request takes too long to arrive".to_owned();
            Err(Problem::Refused(StatusCode::REQUEST_TIMEOUT, message))
        })
    }
}

async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    match Json::from_request(request, &()).await {
        Ok(Json(value)) => Ok(value),
        Err(error) => {
            // What is wrong in the content is the same 400 as what is wrong in a form.
            let status = match error.status() {
                StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
                status => status,
            };
            Err(Problem::Refused(status, error.body_text()))
        }
    }
}

fn form(parts: Vec<Part>) -> Result<(Files, BTreeMap<String, Bytes>), Problem> {
    let mut asked = Files::default();
    let mut files = BTreeMap::new();
    for part in parts {
        if let Some(path) = part.file {
            if files.insert(path.clone(), part.bytes).is_some() {
                return Err(Problem::Caller(format!("the file « {path} » comes twice")));
            }
            continue;
        }
        let text = String::from_utf8(part.bytes.into())
            .map_err(|_| Problem::Caller(format!("the field « {} » is no text", part.name)))?;
        match part.name.as_str() {
            "main" => asked.main = text,
            "engine" => asked.engine = engine(Some(&text))?,
            "force" => asked.force = text != "false",
            "download" => asked.download = Some(text),
            name => {
                return Err(Problem::Caller(format!(
                    "there is no field « {name} »; a file needs a file name"
                )));
            }
        }
    }
    Ok((asked, files))
}

/// A part of a form.
struct Part {
    name: String,
    file: Option<String>,
    bytes: Bytes,
}

async fn parts(request: Request) -> Result<Vec<Part>, Problem> {
    let refused = |error: axum::extract::multipart::MultipartError| {
        Problem::Refused(error.status(), error.body_text())
    };
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| Problem::Refused(error.status(), error.body_text()))?;
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(refused)? {
        parts.push(Part {
            name: field.name().unwrap_or_default().to_owned(),
            file: field.file_name().map(str::to_owned),
            bytes: field.bytes().await.map_err(refused)?,
        });
    }
    Ok(parts)
}

/// The job of `target` in `workdir`: what is above the working folder stays reachable for no one.
fn at(
    engine: Engine,
    files: BTreeMap<String, Bytes>,
    workdir: Option<&str>,
    target: &str,
) -> Result<Job, Problem> {
    let plain = |path: &str| path.trim_matches('/').trim_start_matches("./").to_owned();
    let workdir = plain(workdir.unwrap_or_default());
    let files = if workdir.is_empty() || workdir == "." {
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
    let target = target.trim_start_matches("./");
    // latex-online's clients may leave out the ending.
    let main = [target.to_owned(), format!("{target}.tex")]
        .into_iter()
        .find(|name| files.contains_key(name))
        .unwrap_or_else(|| target.to_owned());
    Ok(Job { engine, main, files })
}
