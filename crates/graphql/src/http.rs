//! The API over HTTP: POST and GET, CORS, CSRF, health.

use crate::Api;
use async_graphql::{Request, Variables};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Query, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq;
use tower_http::{
    compression::CompressionLayer,
    cors::{Any, CorsLayer},
};

/// The routes of the API alone: `/graphql`, `/healthz`, `/readyz`, `/admin/refresh`.
pub fn graphql_routes(api: Api) -> Router {
    let limit = api.config().limits.body;
    Router::new()
        .route("/graphql", get(by_get).post(by_post))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/admin/refresh", post(refresh))
        .layer(DefaultBodyLimit::max(limit))
        .layer(cors())
        .with_state(api)
}

/// The component on its own: the same, and the API at `/` too, as its clients expect.
pub fn router(api: Api) -> Router {
    let limit = api.config().limits.body;
    let root = Router::new()
        .route("/", get(by_get).post(by_post))
        .layer(DefaultBodyLimit::max(limit))
        .layer(cors())
        .with_state(api.clone());
    graphql_routes(api).merge(root).layer(CompressionLayer::new())
}

fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION])
}

/// What a client sends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    query: Option<String>,
    #[serde(default)]
    variables: Option<serde_json::Value>,
    operation_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetQuery {
    query: Option<String>,
    variables: Option<String>,
    operation_name: Option<String>,
}

fn refused(status: StatusCode, code: &str, fr: &str, en: &str) -> Response {
    let body = json!({ "errors": [{ "message": fr, "extensions": { "code": code, "fr": fr, "en": en } }] });
    (status, Json(body)).into_response()
}

async fn by_get(
    State(api): State<Api>,
    headers: HeaderMap,
    query: Result<Query<GetQuery>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(query)) = query else {
        return refused(
            StatusCode::BAD_REQUEST,
            "BAD_REQUEST",
            "L'adresse ne peut pas être lue.",
            "The address cannot be read.",
        );
    };
    let Some(text) = query.query else {
        return Html(include_str!("page.html")).into_response();
    };
    let variables = match query
        .variables
        .filter(|text| !text.is_empty())
        .map(|text| serde_json::from_str(&text))
    {
        None => serde_json::Value::Null,
        Some(Ok(variables)) => variables,
        Some(Err(_)) => {
            return refused(
                StatusCode::BAD_REQUEST,
                "BAD_REQUEST",
                "« variables » n'est pas du JSON.",
                "\"variables\" is not JSON.",
            );
        }
    };
    let body = Body {
        query: Some(text),
        variables: Some(variables),
        operation_name: query.operation_name,
    };
    let response = answer(&api, body).await;
    with_etag(response, &headers)
}

async fn by_post(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Response {
    // A form of another site can send these types without asking the browser first.
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/json" && essence != "application/graphql+json" {
        return refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "CSRF",
            "La requête doit être du JSON (Content-Type: application/json).",
            "The request must be JSON (Content-Type: application/json).",
        );
    }
    match serde_json::from_slice::<Body>(&body) {
        Ok(body) => answer(&api, body).await,
        Err(error) => {
            let en = format!("The body is not a GraphQL request: {error}");
            refused(
                StatusCode::BAD_REQUEST,
                "BAD_REQUEST",
                "Le corps n'est pas une requête GraphQL en JSON.",
                &en,
            )
        }
    }
}

async fn answer(api: &Api, body: Body) -> Response {
    let Some(query) = body.query.filter(|query| !query.trim().is_empty()) else {
        return refused(
            StatusCode::BAD_REQUEST,
            "BAD_REQUEST",
            "La requête est vide.",
            "The query is empty.",
        );
    };
    let start = Instant::now();
    let operation = body.operation_name.clone().unwrap_or_default();
    let mut request = Request::new(query);
    if let Some(variables) = body.variables.filter(|variables| !variables.is_null()) {
        request = request.variables(Variables::from_json(variables));
    }
    if let Some(name) = body.operation_name.filter(|name| !name.is_empty()) {
        request = request.operation_name(name);
    }
    let patience = Duration::from_secs(api.config().limits.seconds);
    let Ok(response) = tokio::time::timeout(patience, api.run(request)).await else {
        return refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "TIMEOUT",
            "La requête dure trop longtemps.",
            "The query takes too long.",
        );
    };
    tracing::info!(
        operation,
        milliseconds = start.elapsed().as_millis(),
        errors = response.errors.len(),
        "graphql"
    );
    // A document that is not executed at all is the caller's fault; a partial answer is not.
    let status = if response.is_err() && response.data == async_graphql::Value::Null {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    (status, Json(response)).into_response()
}

/// ETag and 304 for answers to GET.
fn with_etag(response: Response, headers: &HeaderMap) -> Response {
    let (mut parts, body) = response.into_parts();
    if parts.status != StatusCode::OK {
        return Response::from_parts(parts, body);
    }
    let wanted = headers.get(header::IF_NONE_MATCH).cloned();
    // The body was made from bytes in memory.
    let bytes =
        futures::executor::block_on(axum::body::to_bytes(body, usize::MAX)).unwrap_or_default();
    let etag = format!("\"{}\"", &blake3::hash(&bytes).to_hex()[..24]);
    if wanted.as_ref().is_some_and(|wanted| wanted.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    if let Ok(value) = HeaderValue::from_str(&etag) {
        parts.headers.insert(header::ETAG, value);
    }
    Response::from_parts(parts, bytes.into())
}

async fn ready(State(api): State<Api>) -> Response {
    let graph = api.maquis().graph();
    Json(json!({ "ready": true, "version": graph.version().0, "nodes": graph.snapshot().nodes.len() })).into_response()
}

async fn refresh(State(api): State<Api>, headers: HeaderMap) -> Response {
    let Some(token) = &api.config().admin_token else {
        return refused(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "Aucun jeton d'administration n'est configuré.",
            "No admin token is configured.",
        );
    };
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    if !bool::from(given.as_bytes().ct_eq(token.as_bytes())) {
        return refused(
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
            "Le jeton n'est pas le bon.",
            "The token is not right.",
        );
    }
    let maquis = std::sync::Arc::clone(api.maquis());
    match tokio::task::spawn_blocking(move || maquis.refresh()).await {
        Ok(Ok(changed)) => Json(json!({ "changed": changed })).into_response(),
        _ => refused(
            StatusCode::BAD_GATEWAY,
            "STORE",
            "La base ne répond pas ; le dernier graphe est servi.",
            "The database does not answer; the last graph is served.",
        ),
    }
}
