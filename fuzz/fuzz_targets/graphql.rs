//! The text of a query, whatever it is: no panic, no hang, and every error has a code and a
//! sentence in both languages.
#![no_main]

#[path = "../../crates/graphql/tests/common/mod.rs"]
mod common;

use libfuzzer_sys::fuzz_target;
use mqd_graphql::{Access, Api};
use serde_json::{Value, json};
use std::sync::LazyLock;

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
});
static API: LazyLock<Api> = LazyLock::new(common::api);

fuzz_target!(|query: &str| {
    let variables = json!({ "n": 3, "mot": "suite", "where": { "titre": { "contains": "e" } } });
    // With the token: mutations are off here, and a request that is let in must say so.
    let answer = RUNTIME.block_on(API.execute_as(query, variables, Access::Admin));
    for error in answer["errors"].as_array().into_iter().flatten() {
        let told = |name: &str| error["extensions"][name].as_str().is_some_and(|s| !s.is_empty());
        assert!(told("code") && told("fr") && told("en"), "{error}");
        assert_ne!(error["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{error}");
    }
    assert!(answer.get("data").is_some_and(Value::is_object) || answer["errors"].is_array());
});
