//! One request: what was asked, the answer kept or made, its status, its log line, its ETag.

use super::persisted;
use crate::{
    Api,
    cache::{Cache, Kept},
    config::Access,
    problem::{self, Problem},
};
use async_graphql::{Request, Variables};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use std::time::Instant;

/// What a client asks.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    pub(super) query: Option<String>,
    pub(super) variables: Option<Value>,
    pub(super) operation_name: Option<String>,
    pub(super) extensions: Option<persisted::Extensions>,
}

/// The same in an address: structures are JSON there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InAddress {
    query: Option<String>,
    variables: Option<String>,
    operation_name: Option<String>,
    extensions: Option<String>,
}

impl InAddress {
    /// Nothing is asked: someone looks at the address with a browser.
    pub(super) fn is_empty(&self) -> bool {
        self.query.is_none() && self.extensions.is_none()
    }
}

impl TryFrom<InAddress> for Asked {
    type Error = Problem;

    fn try_from(address: InAddress) -> Result<Self, Problem> {
        fn read<T: for<'de> Deserialize<'de>>(
            name: &str,
            text: Option<String>,
        ) -> Result<Option<T>, Problem> {
            text.filter(|text| !text.is_empty())
                .map(|text| serde_json::from_str(&text))
                .transpose()
                .map_err(|_| {
                    Problem::new(
                        "BAD_REQUEST",
                        format!("« {name} » n'est pas du JSON comme il en faut."),
                        format!("\"{name}\" is not JSON as it should be."),
                    )
                })
        }
        Ok(Self {
            query: address.query,
            variables: read("variables", address.variables)?,
            operation_name: address.operation_name,
            extensions: read("extensions", address.extensions)?,
        })
    }
}

/// An answer on its way out.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    pub(super) mutation: bool,
}

impl Reply {
    pub(super) fn ok(body: Bytes) -> Self {
        Self { status: StatusCode::OK, body, mutation: false }
    }

    fn refused(problem: &Problem) -> Self {
        let body = serde_json::to_vec(&problem.response()).unwrap_or_default().into();
        Self { status: status(problem.code), body, mutation: false }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        (self.status, [(header::CONTENT_TYPE, json)], self.body).into_response()
    }
}

/// The status that goes with the code of a request that was not executed.
pub(super) fn status(code: &str) -> StatusCode {
    match code {
        "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
        "MUTATIONS_OFF" | "READ_ONLY" => StatusCode::FORBIDDEN,
        "TIMEOUT" | "SEARCH_NOT_READY" | "BUSY" => StatusCode::SERVICE_UNAVAILABLE,
        "STORE" | "OUTCOME_UNKNOWN" => StatusCode::BAD_GATEWAY,
        "TOO_LARGE" => StatusCode::PAYLOAD_TOO_LARGE,
        "INTERNAL_SERVER_ERROR" => StatusCode::INTERNAL_SERVER_ERROR,
        // Clients look for it in an answer that arrived well.
        persisted::NOT_FOUND => StatusCode::OK,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// Answers one request.
pub(super) async fn answer(api: &Api, asked: Asked, access: Access) -> Reply {
    let start = Instant::now();
    let query = match persisted::text(&api.0.cache, asked.query, asked.extensions) {
        Ok(query) => query,
        Err(problem) => return Reply::refused(&problem),
    };
    let operation = asked.operation_name.filter(|name| !name.is_empty());
    let variables = asked.variables.filter(|variables| !variables.is_null());
    let version = api.maquis().graph().version().clone();
    let key = Cache::key(&version, &query, operation.as_deref(), variables.as_ref());
    if let Some(Kept { body, operation }) = api.0.cache.answer(&key) {
        tracing::info!(
            operation = &*operation,
            microseconds = microseconds(start),
            bytes = body.len(),
            kept = true,
            "graphql"
        );
        return Reply::ok(body);
    }
    let mut request = Request::new(&*query);
    if let Some(variables) = variables {
        request = request.variables(Variables::from_json(variables));
    }
    request.operation_name.clone_from(&operation);
    let ran = api.run(request, access).await;
    let code = ran.answer.errors().first().and_then(problem::code).unwrap_or_default().to_owned();
    let mut body = ran.answer.into_bytes();
    if ran.lasting {
        // What is kept is weighed by its length.
        body.shrink_to_fit();
    }
    let body = Bytes::from(body);
    // A document that was not executed at all has its own status; a partial answer is an answer.
    let status = if ran.executed { StatusCode::OK } else { status(&code) };
    let operation = shown(operation.as_deref().or(ran.name.as_deref()));
    // The graph may have changed since the key was made.
    if ran.lasting && *api.maquis().graph().version() == version {
        api.0.cache.keep(key, Kept { body: body.clone(), operation: operation.as_str().into() });
    }
    tracing::info!(
        operation,
        mutation = ran.mutation,
        microseconds = microseconds(start),
        bytes = body.len(),
        cost = ran.cost,
        status = status.as_u16(),
        code,
        "graphql"
    );
    Reply { status, body, mutation: ran.mutation }
}

fn microseconds(start: Instant) -> u64 {
    start.elapsed().as_micros().try_into().unwrap_or(u64::MAX)
}

/// An operation as the log names it: what a caller writes there is kept short and plain.
fn shown(operation: Option<&str>) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    operation.unwrap_or_default().chars().filter(plain).take(64).collect()
}

/// An answer to a GET: with an ETag, or 304 when the caller has it already.
pub(super) fn cacheable(reply: Reply, headers: &HeaderMap) -> Response {
    if reply.status != StatusCode::OK {
        return reply.into_response();
    }
    // Weak: a compressed answer is another representation of the same.
    let tag = format!("\"{}\"", &blake3::hash(&reply.body).to_hex()[..24]);
    let held =
        headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut held = held.flat_map(|list| list.split(','));
    let same = held.any(|held| {
        let held = held.trim();
        held == "*" || held.strip_prefix("W/").unwrap_or(held) == tag
    });
    let headers = [(header::ETAG, format!("W/{tag}")), (header::CACHE_CONTROL, "no-cache".into())];
    match same {
        true => (StatusCode::NOT_MODIFIED, headers).into_response(),
        false => (headers, reply).into_response(),
    }
}
