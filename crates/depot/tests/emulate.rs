//! A repository on a GitHub-shaped server that is not ours: npm's `emulate`, started by
//! `scripts/emulate`, which sets `MQD_EMULATE` to its address.
#![allow(clippy::unwrap_used)]

use mqd_depot::{
    DepotConfig,
    remote::{GithubAccess, RemoteError, Remotes},
};
use mqd_store::Secret;
use serde_json::{Value, json};

const TOKEN: &str = "tok_test";

fn remotes(api: &str, cache: &std::path::Path, token: &str) -> Remotes {
    let (api, token) = (api.parse().unwrap(), Some(Secret::new(token)));
    Remotes::new(cache, GithubAccess { api, user: Some("owner".into()), token }).unwrap()
}

#[test]
fn a_repository_is_fetched_and_followed() {
    let Ok(api) = std::env::var("MQD_EMULATE") else {
        println!("skipped: MQD_EMULATE not set (scripts/emulate sets it)");
        return;
    };
    let client = reqwest::blocking::Client::new();
    let send = |method: reqwest::Method, path: &str, body: Value| -> Value {
        let url = format!("{api}/repos/owner/depot/{path}");
        let answer = client.request(method, url).bearer_auth(TOKEN).json(&body).send().unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().unwrap()
    };
    let post = |path: &str, body| send(reqwest::Method::POST, path, body);
    // A commit with a file in latin-1 (été) in a folder.
    let commit = |bytes: &str, parent: &str| -> String {
        let blob = post("git/blobs", json!({ "content": bytes, "encoding": "base64" }));
        let entry =
            json!({ "path": "A/E1.tex", "mode": "100644", "type": "blob", "sha": blob["sha"] });
        let tree = post("git/trees", json!({ "tree": [entry] }));
        let commit = post(
            "git/commits",
            json!({ "message": "x", "tree": tree["sha"], "parents": [parent] }),
        );
        let sha = commit["sha"].as_str().unwrap().to_owned();
        send(reqwest::Method::PATCH, "git/refs/heads/main", json!({ "sha": sha, "force": true }));
        sha
    };
    let head = |name: &str| -> String {
        let url = format!("{api}/repos/owner/depot/commits/{name}");
        let answer: Value = client.get(url).bearer_auth(TOKEN).send().unwrap().json().unwrap();
        answer["sha"].as_str().unwrap().to_owned()
    };
    let cache = tempfile::tempdir().unwrap();
    let depot = DepotConfig { github: Some("depot".into()), ..DepotConfig::default() };
    let sync = || {
        remotes(&api, cache.path(), TOKEN).resolve(std::slice::from_ref(&depot)).unwrap().remove(0)
    };
    let first = commit("6XTp", &head("main"));
    let found = sync();
    assert_eq!(found.commit.as_deref(), Some(first.as_str()));
    assert_eq!(std::fs::read(found.path.join("A/E1.tex")).unwrap(), b"\xe9t\xe9");
    assert_eq!(sync().commit, found.commit);
    let second = commit("YQ==", &first);
    let later = sync();
    assert_eq!(later.commit.as_deref(), Some(second.as_str()));
    assert_eq!(std::fs::read(later.path.join("A/E1.tex")).unwrap(), b"a");
    // A former commit, for the address of an old sheet.
    let fresh = tempfile::tempdir().unwrap();
    let old = remotes(&api, fresh.path(), TOKEN).at(&depot, &first).unwrap();
    assert_eq!(std::fs::read(old.folder.join("A/E1.tex")).unwrap(), b"\xe9t\xe9");
    let nowhere = DepotConfig { github: Some("owner/nothing".into()), ..DepotConfig::default() };
    let error = remotes(&api, fresh.path(), TOKEN).resolve(&[nowhere]).unwrap_err();
    assert!(matches!(error, RemoteError::NotFound { .. }), "{error}");
}
