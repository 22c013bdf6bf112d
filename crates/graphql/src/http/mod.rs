//! The API over HTTP: its routes, who may call them from where, health.

mod answer;
mod page;
mod persisted;

use crate::{Api, config::Access, problem::Problem};
use answer::{Asked, Reply, answer, cacheable};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use serde_json::json;
use std::{any::Any, sync::Arc, time::Duration};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    cors::{Any as AnyOrigin, CorsLayer},
};

/// How long a browser remembers what may be asked from other sites.
const PREFLIGHT: Duration = Duration::from_secs(24 * 60 * 60);

/// The routes of the API beside those of a site: `/graphql`, `/healthz`, `/readyz`,
/// `/admin/refresh`; and what clients POST to `/`, where the site only has its page.
pub fn graphql_routes(api: Api) -> Router {
    // Preflights of browsers are answered by the layer; the route only has to take them.
    let root = post(by_post).options(|| async { StatusCode::NO_CONTENT });
    with_layers(Router::new().route("/", root), api.clone()).merge(routes(api))
}

fn routes(api: Api) -> Router {
    let routes = Router::new()
        .route("/graphql", endpoint())
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/admin/refresh", post(refresh));
    with_layers(routes, api)
}

/// The component on its own: the same, and the API at `/` too, as its clients expect.
pub fn router(api: Api) -> Router {
    with_layers(Router::new().route("/", endpoint()), api.clone()).merge(routes(api))
}

fn endpoint() -> MethodRouter<Api> {
    get(by_get).post(by_post)
}

fn with_layers(routes: Router<Api>, api: Api) -> Router {
    let limit = api.config().limits.body;
    routes
        .layer(CatchPanicLayer::custom(panicked))
        .layer(DefaultBodyLimit::max(limit))
        .layer(cors())
        .layer(CompressionLayer::new())
        .with_state(api)
}

/// Any site may ask; nothing is granted by where a request comes from, only by its token, which no
/// browser sends on its own.
fn cors() -> CorsLayer {
    let named =
        ["apollo-require-preflight", "x-apollo-operation-name", "apollographql-client-name"]
            .into_iter()
            .chain(["apollographql-client-version"])
            .map(header::HeaderName::from_static);
    let headers = [header::CONTENT_TYPE, header::AUTHORIZATION, header::ACCEPT];
    CorsLayer::new()
        .allow_origin(AnyOrigin)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(headers.into_iter().chain(named).collect::<Vec<_>>())
        .expose_headers([header::ETAG])
        .max_age(PREFLIGHT)
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a GraphQL request panicked");
    let problem = Problem::new(
        "INTERNAL_SERVER_ERROR",
        "Le serveur a rencontré une erreur.",
        "The server met an error.",
    );
    refused(StatusCode::INTERNAL_SERVER_ERROR, &problem)
}

fn refused(status: StatusCode, problem: &Problem) -> Response {
    (status, Json(problem.response())).into_response()
}

fn bad_request(french: &'static str, english: impl Into<String>) -> Problem {
    Problem::new("BAD_REQUEST", french, english.into())
}

async fn by_get(
    State(api): State<Api>,
    headers: HeaderMap,
    query: Result<Query<answer::InAddress>, QueryRejection>,
) -> Response {
    let Ok(Query(address)) = query else {
        let problem = bad_request("L'adresse ne peut pas être lue.", "The address cannot be read.");
        return refused(StatusCode::BAD_REQUEST, &problem);
    };
    if address.is_empty() {
        return page::page().into_response();
    }
    let asked = match Asked::try_from(address) {
        Ok(asked) => asked,
        Err(problem) => return refused(StatusCode::BAD_REQUEST, &problem),
    };
    // A page of another site can make a browser send a GET: nothing is ever written by one.
    let reply = answer(&api, asked, Access::Reader).await;
    if reply.mutation {
        let problem = Problem::new(
            "METHOD_NOT_ALLOWED",
            "Une mutation demande un POST.",
            "A mutation needs a POST.",
        );
        let response = refused(StatusCode::METHOD_NOT_ALLOWED, &problem);
        return ([(header::ALLOW, "POST")], response).into_response();
    }
    cacheable(reply, &headers)
}

async fn by_post(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else {
        let most = api.config().limits.body;
        let problem = Problem::new(
            "TOO_LARGE",
            format!("La requête est trop longue (au plus {most} octets)."),
            format!("The request is too long (at most {most} bytes)."),
        );
        return refused(StatusCode::PAYLOAD_TOO_LARGE, &problem);
    };
    // A form of another site can send other types without asking the browser first.
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/json" && essence != "application/graphql+json" {
        let problem = Problem::new(
            "CSRF",
            "La requête doit être du JSON (Content-Type: application/json).",
            "The request must be JSON (Content-Type: application/json).",
        );
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, &problem);
    }
    let access = access(&api, &headers);
    // One request, or a batch of some.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return batch(&api, &body, access).await;
    }
    match serde_json::from_slice::<Asked>(&body) {
        Ok(asked) => answer(&api, asked, access).await.into_response(),
        Err(error) => refused(StatusCode::BAD_REQUEST, &not_a_request(&error)),
    }
}

fn access(api: &Api, headers: &HeaderMap) -> Access {
    // A header that is no text is no token either.
    let given = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    api.access(given)
}

fn not_a_request(error: &serde_json::Error) -> Problem {
    bad_request(
        "Le corps n'est pas une requête GraphQL en JSON.",
        format!("The body is not a GraphQL request: {error}."),
    )
}

/// Several requests, answered in order.
async fn batch(api: &Api, body: &[u8], access: Access) -> Response {
    let asked: Vec<Asked> = match serde_json::from_slice(body) {
        Ok(asked) => asked,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &not_a_request(&error)),
    };
    let most = api.config().limits.batch;
    if asked.is_empty() || asked.len() > most {
        let problem = Problem::new(
            "BATCH_TOO_LARGE",
            format!("Un lot contient une à {most} requêtes."),
            format!("A batch holds one to {most} requests."),
        );
        return refused(StatusCode::BAD_REQUEST, &problem);
    }
    let mut bodies = vec![b'['];
    for asked in asked {
        if bodies.len() > 1 {
            bodies.push(b',');
        }
        bodies.extend_from_slice(&answer(api, asked, access).await.body);
    }
    bodies.push(b']');
    Reply::ok(bodies.into()).into_response()
}

/// A server that serves the last good graph is ready; it says how old the graph may be. Why the
/// database does not answer is in the log, not here, where anyone may ask.
async fn ready(State(api): State<Api>) -> Response {
    let graph = api.maquis().graph();
    let stale = api.maquis().stale();
    Json(json!({
        "ready": true,
        "program": concat!("maquisdoc ", env!("CARGO_PKG_VERSION")),
        "version": graph.version().0,
        "nodes": graph.snapshot().nodes.len(),
        "relations": graph.snapshot().relations.len(),
        "search": api.search_is_ready(),
        "checked": api.maquis().checked().to_string(),
        "stale": stale.is_some(),
        "stale_since": stale.map(|stale| stale.since.to_string()),
    }))
    .into_response()
}

/// Looks at the store again, for those who have just written to it.
async fn refresh(State(api): State<Api>, headers: HeaderMap) -> Response {
    if let Err(problem) = crate::mutate::allowed(api.config(), access(&api, &headers)) {
        return refused(answer::status(problem.code), &problem);
    }
    let maquis = Arc::clone(api.maquis());
    match tokio::task::spawn_blocking(move || maquis.refresh()).await {
        Ok(Ok(changed)) => Json(json!({ "changed": changed })).into_response(),
        _ => refused(
            StatusCode::BAD_GATEWAY,
            &Problem::new(
                "STORE",
                "La base ne répond pas ; le dernier graphe est servi.",
                "The database does not answer; the last graph is served.",
            ),
        ),
    }
}
