//! The API over HTTP: methods, CSRF, CORS, persisted queries, ETag, batches, status, the page.
#![allow(clippy::unwrap_used)]

mod common;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use common::{TOKEN, writable};
use mqd_graphql::{graphql_routes, router};
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

async fn send(router: axum::Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, text }
}

async fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(router(writable()), request.body(Body::from(body.to_owned())).unwrap()).await
}

type Headers = &'static [(&'static str, &'static str)];
const JSON: (&str, &str) = ("content-type", "application/json");

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

async fn get(query: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(format!("/graphql?{query}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(router(writable()), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn queries_by_post_at_both_addresses() {
    for path in ["/", "/graphql"] {
        let body = r#"{"query": "query A($t: String) { documents(where: {titre: {eq: $t}}) { titre } } query B { maquis { version } }", "operationName": "A", "variables": {"t": "Suites"}}"#;
        let answer = post(path, &[JSON], body).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json(), json!({"data": {"documents": [{"titre": "Suites"}]}}));
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
    }
    // Beside a site, the page at `/` is the site's, and what is posted there is for the API.
    let page = axum::Router::new().route("/", axum::routing::get(|| async { "a page" }));
    let both = || page.clone().merge(graphql_routes(writable()));
    let request = |method: &str| {
        let request =
            Request::builder().method(method).uri("/").header("origin", "https://a.example");
        request.header("access-control-request-method", "POST").header(JSON.0, JSON.1)
    };
    let found = send(both(), request("GET").body(Body::empty()).unwrap()).await;
    assert_eq!((found.status, found.text.as_str()), (StatusCode::OK, "a page"));
    let body = r#"{"query": "{ documents(where: {titre: {eq: \"Suites\"}}) { titre } }"}"#;
    let found = send(both(), request("POST").body(Body::from(body)).unwrap()).await;
    assert_eq!(found.json(), json!({"data": {"documents": [{"titre": "Suites"}]}}));
    let found = send(both(), request("OPTIONS").body(Body::empty()).unwrap()).await;
    assert_eq!(found.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(found.headers.contains_key(header::ACCESS_CONTROL_ALLOW_METHODS));
}

#[tokio::test]
async fn what_is_refused_has_a_status_and_a_code() {
    let mutation = r#"{"query": "mutation { deleteConcepts { nodesDeleted } }"}"#;
    let long = format!("{{\"query\": \"{}\"}}", " ".repeat(2 << 20));
    let cases: [(Headers, &str, u16, &str); 11] = [
        (&[], "{\"query\": \"{ maquis { version } }\"}", 415, "CSRF"),
        (&[("content-type", "text/plain")], mutation, 415, "CSRF"),
        (&[JSON], "{", 400, "BAD_REQUEST"),
        (&[JSON], "{}", 400, "BAD_REQUEST"),
        (&[JSON], "{\"query\": \"{\"}", 400, "GRAPHQL_PARSE_FAILED"),
        (&[JSON], "{\"query\": \"{ nope }\"}", 400, "GRAPHQL_VALIDATION_FAILED"),
        (&[JSON], mutation, 401, "UNAUTHENTICATED"),
        (&[JSON, ("authorization", "Bearer non")], mutation, 401, "UNAUTHENTICATED"),
        (&[JSON], &long, 413, "TOO_LARGE"),
        (&[JSON], "[]", 400, "BATCH_TOO_LARGE"),
        (
            &[JSON],
            "{\"query\": \"{ searchpbs(mot: \\\"(\\\") { titre } }\"}",
            200,
            "BAD_USER_INPUT",
        ),
    ];
    for (headers, body, status, code) in cases {
        let answer = post("/graphql", headers, body).await;
        let shown = &body[..body.len().min(80)];
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{shown}");
    }
}

#[tokio::test]
async fn a_token_lets_a_post_write_and_a_get_never() {
    let token = format!("Bearer {TOKEN}");
    let query = "mutation { deleteSitesweb { nodesDeleted } }";
    let body = json!({ "query": query }).to_string();
    let answer = post("/graphql", &[JSON, ("authorization", &token)], &body).await;
    assert_eq!(answer.json(), json!({"data": {"deleteSitesweb": {"nodesDeleted": 0}}}));
    let answer = get(&format!("query={}", encoded(query)), &[("authorization", &token)]).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers[header::ALLOW], "POST");
}

#[tokio::test]
async fn an_answer_to_a_get_is_asked_again_by_its_tag() {
    let query = format!(
        "query={}",
        encoded("query A($t: String) { documents(where: {titre: {eq: $t}}) { titre } }")
    );
    let query = format!("{query}&variables={}", encoded("{\"t\": \"Suites\"}"));
    let first = get(&query, &[]).await;
    assert_eq!(first.json(), json!({"data": {"documents": [{"titre": "Suites"}]}}));
    let tag = first.headers[header::ETAG].to_str().unwrap();
    for (held, status) in [(tag, 304), (&format!("\"a\", {tag}"), 304), ("\"a\"", 200)] {
        let again = get(&query, &[("if-none-match", held)]).await;
        assert_eq!(again.status.as_u16(), status, "{held}");
        assert_eq!(again.headers[header::ETAG], tag);
    }
    assert_eq!(get("query=%7B&variables=%7B", &[]).await.code(), "BAD_REQUEST");
}

#[tokio::test]
async fn a_kept_answer_goes_when_the_maquis_changes() {
    let api = writable();
    let ask = |query: &str| {
        let body = json!({ "query": query }).to_string();
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(Body::from(body))
            .unwrap();
        send(router(api.clone()), request)
    };
    let query = "{ conceptsConnection { totalCount } }";
    let count = |answer: Answer| answer.json()["data"]["conceptsConnection"]["totalCount"].clone();
    assert_eq!(count(ask(query).await), json!(3));
    assert_eq!(count(ask(query).await), json!(3));
    let created =
        ask("mutation { createConcepts(input: [{litteral: \"rang\"}]) { info { nodesCreated } } }");
    assert_eq!(created.await.status, StatusCode::OK);
    assert_eq!(count(ask(query).await), json!(4));
}

#[tokio::test]
async fn persisted_queries() {
    let api = writable();
    let text = "{ conceptsConnection { totalCount } }";
    let hash = "9e1b2a6cce6f2ff1d3e1bb4c0b1a8f5b8f0d3d5c7f0a4c6b2d8e9f0a1b2c3d4e";
    let ask = |query: Option<&str>, hash: &str| {
        let mut body =
            json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
        if let Some(query) = query {
            body["query"] = json!(query);
        }
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        send(router(api.clone()), request)
    };
    let unknown = ask(None, hash).await;
    assert_eq!(unknown.status, StatusCode::OK);
    assert_eq!(unknown.code(), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(unknown.json()["errors"][0]["message"], json!("PersistedQueryNotFound"));
    assert_eq!(ask(Some(text), hash).await.code(), "BAD_REQUEST");
    let hash = common::sha256(text);
    assert_eq!(ask(None, &hash).await.code(), "PERSISTED_QUERY_NOT_FOUND");
    for query in [Some(text), None] {
        let answer = ask(query, &hash).await;
        assert_eq!(answer.json()["data"]["conceptsConnection"]["totalCount"], json!(3));
    }
    let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": hash}}).to_string();
    let request = Request::get(format!("/graphql?extensions={}", encoded(&extensions)));
    let answer = send(router(api), request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.json()["data"]["conceptsConnection"]["totalCount"], json!(3));
}

#[tokio::test]
async fn batches_have_a_limit() {
    let one = json!({ "query": "{ conceptsConnection { totalCount } }" });
    let batch = |count: usize| json!(vec![one.clone(); count]).to_string();
    let answer = post("/graphql", &[JSON], &batch(3)).await;
    assert_eq!(answer.json().as_array().unwrap().len(), 3);
    assert_eq!(answer.json()[2]["data"]["conceptsConnection"]["totalCount"], json!(3));
    assert_eq!(post("/graphql", &[JSON], &batch(11)).await.code(), "BATCH_TOO_LARGE");
}

#[tokio::test]
async fn any_site_may_ask_after_a_preflight() {
    let request = Request::options("/graphql")
        .header("origin", "https://autre.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,apollographql-client-name")
        .body(Body::empty())
        .unwrap();
    let answer = send(router(writable()), request).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    let allowed = answer.headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
    assert!(allowed.contains("content-type") && allowed.contains("apollographql-client-name"));
    let answer = get("query=%7Bmaquis%7Bversion%7D%7D", &[("origin", "https://autre.example")]);
    assert_eq!(answer.await.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
}

#[tokio::test]
async fn answers_are_compressed() {
    for (accepted, encoding) in [("gzip", "gzip"), ("br", "br")] {
        let query = encoded("{ __schema { types { name } } }");
        let request = Request::get(format!("/graphql?query={query}"))
            .header("accept-encoding", accepted)
            .body(Body::empty())
            .unwrap();
        let response = graphql_routes(writable()).oneshot(request).await.unwrap();
        assert_eq!(response.headers()[header::CONTENT_ENCODING], encoding);
    }
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let answer = get("", &[]).await;
    assert!(answer.text.contains("<textarea id=\"query\""));
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    for foreign in ["http://", "https://", "src=\"", "@import", "/*s"] {
        assert!(!answer.text.contains(foreign), "{foreign}");
    }
}

#[tokio::test]
async fn health_and_refresh() {
    for (path, wanted) in [("/healthz", "ok"), ("/readyz", "\"ready\":true")] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert!(send(router(writable()), request).await.text.contains(wanted));
    }
    assert_eq!(post("/admin/refresh", &[], "").await.code(), "UNAUTHENTICATED");
    let token = format!("Bearer {TOKEN}");
    let answer = post("/admin/refresh", &[("authorization", &token)], "").await;
    assert_eq!(answer.json(), json!({"changed": false}));
}
