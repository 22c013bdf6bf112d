//! What goes out: a PDF, a log, an error, or events.

use crate::{Compiler, Failure, Job, JobError, Outcome, RunError};
use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::stream;
use std::{convert::Infallible, sync::Arc};

/// Why there is no PDF.
#[derive(Debug)]
pub(super) enum Problem {
    /// The request is wrong.
    Caller(String),
    /// The source cannot be fetched.
    Source(String),
    /// A run could not be made.
    Run(Arc<RunError>),
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Caller(message) | Self::Source(message) => text(StatusCode::BAD_REQUEST, message),
            Self::Run(error) => match &*error {
                RunError::Job(error) => text(StatusCode::BAD_REQUEST, error.to_string()),
                RunError::Busy { retry_after } => {
                    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
                    response
                        .headers_mut()
                        .insert(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs()));
                    response
                }
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

/// A PDF (as attachment when it is given a name), or the log with 400.
pub(super) fn respond(outcome: Outcome, download: Option<&str>) -> Result<Response, Problem> {
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

pub(super) fn wants_events(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes().starts_with(b"text/event-stream"))
}

/// Server-sent events: `queued`, then `done` with a base64 PDF or `failed` with the log.
pub(super) fn events(compiler: Compiler, job: Job, force: bool) -> Response {
    enum Step {
        Start,
        Work,
        End,
    }
    let stream = stream::unfold(
        (Step::Start, compiler, job, force),
        |(step, compiler, job, force)| async move {
            match step {
                Step::Start => Some((
                    Ok::<_, Infallible>(Event::default().event("queued").data("{}")),
                    (Step::Work, compiler, job, force),
                )),
                Step::Work => {
                    let event = match compiler.compile(job, force).await {
                        Ok(outcome) => finished(outcome),
                        Err(error) => Event::default()
                            .event("failed")
                            .data(serde_json::json!({ "message": error.to_string() }).to_string()),
                    };
                    Some((Ok(event), (Step::End, compiler, Job::default(), force)))
                }
                Step::End => None,
            }
        },
    );
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}

fn finished(outcome: Outcome) -> Event {
    use base64::Engine as _;
    match outcome {
        Outcome::Pdf { pdf, .. } => {
            let pdf = base64::engine::general_purpose::STANDARD.encode(pdf);
            Event::default().event("done").data(serde_json::json!({ "pdf": pdf }).to_string())
        }
        Outcome::Failed { why, log, diagnosis } => {
            let message = heading(why, diagnosis.as_ref());
            Event::default()
                .event("failed")
                .data(serde_json::json!({ "why": why, "message": message, "diagnosis": diagnosis, "log": log }).to_string())
        }
    }
}

/// A JSON answer that is never kept.
pub(super) fn fresh_json(status: StatusCode, value: serde_json::Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}
