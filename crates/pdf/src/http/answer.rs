//! What goes out: a PDF, a log, an error, or events.

use crate::{Compiler, Failure, Job, JobError, Outcome, RunError, compiler::Progress};
use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::stream;
use serde_json::json;
use std::{convert::Infallible, sync::Arc};

/// Why there is no PDF.
#[derive(Debug)]
pub(super) enum Problem {
    /// The request is wrong.
    Caller(String),
    /// The request is wrong in a way that has a status of its own.
    Refused(StatusCode, String),
    /// The source cannot be fetched.
    Source(String),
    /// A run could not be made.
    Run(Arc<RunError>),
    /// Too many sources are being fetched or received.
    Busy,
    /// A fault of ours.
    Ours(String),
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        Self::Caller(error.to_string())
    }
}

impl From<Arc<RunError>> for Problem {
    fn from(error: Arc<RunError>) -> Self {
        Self::Run(error)
    }
}

fn text(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}

fn busy(retry_after: std::time::Duration, message: &str) -> Response {
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, message.to_owned());
    let seconds = HeaderValue::from(retry_after.as_secs());
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Caller(message) | Self::Source(message) => text(StatusCode::BAD_REQUEST, message),
            Self::Refused(status, message) => text(status, message),
            Self::Busy => busy(
                std::time::Duration::from_secs(5),
                "too many sources are being fetched or received; try again in 5 s",
            ),
            Self::Run(error) => match &*error {
                RunError::Job(error) => text(StatusCode::BAD_REQUEST, error.to_string()),
                RunError::Busy { retry_after } => busy(*retry_after, &error.to_string()),
                RunError::Io(cause) => {
                    tracing::error!(%cause, "a run could not be made");
                    text(
                        StatusCode::INTERNAL_SERVER_ERROR,
                        "the compile service cannot run at the moment".into(),
                    )
                }
            },
            Self::Ours(cause) => {
                tracing::error!(cause, "the compile service failed");
                text(StatusCode::INTERNAL_SERVER_ERROR, "the compile service failed".into())
            }
        }
    }
}

/// The first lines of a failed run's answer: what went wrong, for a person.
fn heading(why: Failure, diagnosis: Option<&crate::Diagnosis>) -> String {
    let mut out = why.sentence().to_owned();
    if let Some(found) = diagnosis {
        let place = match (&found.file, found.line) {
            (Some(file), Some(line)) => format!("{file}, ligne {line} : "),
            (None, Some(line)) => format!("ligne {line} : "),
            _ => String::new(),
        };
        out.push_str(&format!("\n{place}{}\n{}\n{}", found.message, found.excerpt, found.hint));
    }
    out
}

/// Compiles and answers, with events when they are asked for.
pub(super) async fn answer(
    compiler: &Compiler,
    job: Job,
    force: bool,
    download: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    if wants_events(headers) {
        return events(compiler, job, force);
    }
    respond(compiler.compile(job, force).await?, download)
}

/// Answers with what is known without a run, as an event when events are asked for.
pub(super) fn finished(
    outcome: Outcome,
    download: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    if wants_events(headers) {
        let event = last_event(&outcome);
        return Ok(Sse::new(stream::once(async { Ok::<_, Infallible>(event) })).into_response());
    }
    respond(outcome, download)
}

/// A PDF (as attachment when it is given a name), or the log with 400.
fn respond(outcome: Outcome, download: Option<&str>) -> Result<Response, Problem> {
    match outcome {
        Outcome::Failed { why, log, diagnosis } => {
            let heading = heading(why, diagnosis.as_ref());
            Ok(text(StatusCode::BAD_REQUEST, format!("{heading}\n\n{log}")))
        }
        Outcome::Pdf { pdf, .. } => {
            let mut response = ([(header::CONTENT_TYPE, "application/pdf")], pdf).into_response();
            if let Some(name) = download.filter(|name| !name.is_empty()) {
                response.headers_mut().insert(header::CONTENT_DISPOSITION, attachment(name));
            }
            Ok(response)
        }
    }
}

/// `attachment` with a name that is safe in a header and in a folder.
fn attachment(name: &str) -> HeaderValue {
    let safe: String =
        name.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') {
                    c
                } else {
                    '_'
                }
            })
            .take(150)
            .collect();
    // The characters kept above are all allowed in a header.
    HeaderValue::from_str(&format!("attachment; filename=\"{}\"", safe.trim_start_matches('.')))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

fn wants_events(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes().starts_with(b"text/event-stream"))
}

/// Server-sent events: `queued` while others are before, `running` with each pass, then `done` with
/// the PDF in base64 or `failed` with the diagnosis and the log.
fn events(compiler: &Compiler, job: Job, force: bool) -> Result<Response, Problem> {
    let progress = compiler.follow(job, force)?;
    // The state that is there first, then each change; nothing comes after the end.
    let stream = stream::unfold(Some((progress, true)), |state| async {
        let (mut progress, first) = state?;
        if !first && progress.changed().await.is_err() {
            return None;
        }
        let (event, ended) = match &*progress.borrow_and_update() {
            Progress::Queued(before) => (event("queued", &json!({ "before": before })), false),
            Progress::Running(pass) => (event("running", &json!({ "pass": pass })), false),
            Progress::Done(Ok(outcome)) => (last_event(outcome), true),
            Progress::Done(Err(error)) => {
                (event("failed", &json!({ "message": error.to_string() })), true)
            }
        };
        Some((Ok::<_, Infallible>(event), (!ended).then_some((progress, false))))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

fn event(name: &str, data: &serde_json::Value) -> Event {
    Event::default().event(name).data(data.to_string())
}

fn last_event(outcome: &Outcome) -> Event {
    use base64::Engine as _;
    match outcome {
        Outcome::Pdf { pdf, .. } => {
            let pdf = base64::engine::general_purpose::STANDARD.encode(pdf);
            event("done", &json!({ "pdf": pdf }))
        }
        Outcome::Failed { why, log, diagnosis } => {
            let message = heading(*why, diagnosis.as_ref());
            let data =
                json!({ "why": why, "message": message, "diagnosis": diagnosis, "log": log });
            event("failed", &data)
        }
    }
}

/// A JSON answer that is never kept.
pub(super) fn fresh_json(status: StatusCode, value: serde_json::Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}
