//! The log of requests: one line each, with the name of the operation and how long it took, and
//! nothing that a caller may have written into it.
#![allow(clippy::unwrap_used)]

mod common;

use axum::{body::Body, http::Request};
use mqd_graphql::router;
use serde_json::{Value as Json, json};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};
use tower::ServiceExt as _;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_request_is_a_line_with_its_operation_and_its_duration() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let router = router(common::writable());
    let liste = "query Liste { documents { titre } }";
    let secret = r#"{ documents(where: {titre: {eq: "secret"}}) { titre } }"#;
    let two = "query A { maquis { version } } query B { concepts { litteral } }";
    for (query, operation) in [
        (liste, None),
        (liste, None),
        (two, Some("B")),
        (secret, None),
        ("{ nope }", None),
        ("mutation Efface { deleteConcepts { nodesDeleted } }", None),
        (two, Some("B\n{\"level\":\"ERROR\"}")),
    ] {
        let body = json!({ "query": query, "operationName": operation }).to_string();
        let request = Request::post("/graphql").header("content-type", "application/json");
        router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    }
    drop(guard);
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(!log.contains("secret"), "what is asked stays with who asks: {log}");
    let lines: Vec<Json> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let field = |name: &str| -> Vec<Json> {
        lines.iter().map(|line| line["fields"].get(name).cloned().unwrap_or_default()).collect()
    };
    assert_eq!(
        field("operation"),
        ["Liste", "Liste", "B", "documents", "nope", "Efface", "BlevelERROR"]
    );
    let kept =
        [Json::Null, json!(true), Json::Null, Json::Null, Json::Null, Json::Null, Json::Null];
    assert_eq!(field("kept"), kept);
    assert_eq!(field("code")[4..6], ["GRAPHQL_VALIDATION_FAILED", "UNAUTHENTICATED"]);
    assert_eq!(field("mutation")[5], json!(true));
    for line in &lines {
        assert!(line["fields"]["microseconds"].is_u64(), "{line}");
        assert!(line["fields"]["bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{line}");
    }
}
