//! GitHub's hook against the real binary: a push that is signed brings the new commit and its nodes,
//! nothing else does.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Answer, Server, free_port, get_json, ok, post, wait};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::{fs, path::Path, process::Command, time::Duration};

const SECRET: &str = "un secret partagé";

const MANIFEST: &str = r#"
[depot]
name = "rapides"
[[kind]]
name = "rapidexo"
label = "Document"
type = "rapidexo"
title = "Rapidexo {theme}/{n}"
key = "{theme}/{n}"
files.statement = "{theme}/E{n:digits}.tex"
files.answer = "{theme}/C{n:digits}.tex"
"#;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let done = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@example.org"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Commits one exercise more.
fn exercise(origin: &Path, n: usize) -> String {
    fs::write(origin.join(format!("Suites/E{n}.tex")), format!("Limite de ${n}/n$ ?")).unwrap();
    fs::write(origin.join(format!("Suites/C{n}.tex")), "Zéro.").unwrap();
    git(origin, &["add", "."]);
    git(origin, &["commit", "-qm", "un exercice"]);
    git(origin, &["rev-parse", "HEAD"])
}

fn deliver(server: &Server, secret: &str) -> Answer {
    let body = json!({ "repository": { "full_name": "owner/rapides" } }).to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let headers = [("x-github-event", "push"), ("x-hub-signature-256", signature.as_str())];
    common::post_text(&format!("{}/hooks/github", server.url), &headers, body)
}

fn themes(server: &Server) -> Value {
    get_json(&format!("{}/api/rapidexo/themes", server.url))[0].clone()
}

fn nodes(server: &Server) -> usize {
    let query = "{ documents(where: { typeDoc: { eq: \"rapidexo\" } }) { titre } }";
    let answer = post(&format!("{}/graphql", server.url), None, &json!({ "query": query }));
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    answer["data"]["documents"].as_array().unwrap_or_else(|| panic!("{answer}")).len()
}

#[test]
fn a_signed_push_brings_the_new_commit_and_its_nodes() {
    let folder = tempfile::tempdir().unwrap();
    let origin = folder.path().join("origine");
    fs::create_dir_all(origin.join("Suites")).unwrap();
    git(&origin, &["init", "-q", "-b", "main"]);
    fs::write(origin.join("depot.toml"), MANIFEST).unwrap();
    (1..=2).for_each(|n| drop(exercise(&origin, n)));
    let first = exercise(&origin, 3);
    let site = folder.path().join("site");
    fs::create_dir(&site).unwrap();
    let configuration = format!("[[depot]]\ngit = \"file://{}\"\n", origin.display());
    fs::write(site.join("maquisdoc.toml"), configuration).unwrap();
    ok(&site, &[], &["maintain", "--no-compile"]);

    let server = Server::start(&site, &[("MQD_HOOK_SECRET", SECRET)], &[]);
    assert_eq!(themes(&server)["themes"][0]["count"], 3);
    assert_eq!(nodes(&server), 3);
    let version = themes(&server)["version"].as_str().unwrap().to_owned();
    assert!(first.starts_with(&version), "{first} {version}");
    let sheet = format!("{}/api/rapidexo/enonces.tex?c={version}&g=a&n=3", server.url);
    let before = common::get(&sheet).body;
    assert!(before.contains("Limite de"), "{before}");

    let second = exercise(&origin, 4);
    assert_eq!(deliver(&server, "un autre").status, 401);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(themes(&server)["version"], version.as_str());
    assert_eq!(deliver(&server, SECRET).status, 202);
    wait("the new commit", Duration::from_secs(30), || {
        second.starts_with(themes(&server)["version"].as_str().unwrap())
    });
    assert_eq!(themes(&server)["themes"][0]["count"], 4);
    wait("its nodes", Duration::from_secs(30), || nodes(&server) == 4);
    // The address of a sheet of the former commit still means that sheet.
    assert_eq!(common::get(&sheet).body, before);
}

/// The sheet server alone, while the database is away: sheets follow a push all the same.
#[test]
fn sheets_follow_a_push_without_the_maquis() {
    let folder = tempfile::tempdir().unwrap();
    let origin = folder.path().join("origine");
    fs::create_dir_all(origin.join("Suites")).unwrap();
    git(&origin, &["init", "-q", "-b", "main"]);
    fs::write(origin.join("depot.toml"), MANIFEST).unwrap();
    exercise(&origin, 1);
    let site = folder.path().join("site");
    fs::create_dir(&site).unwrap();
    let configuration = format!("[[depot]]\ngit = \"file://{}\"\n", origin.display());
    fs::write(site.join("maquisdoc.toml"), configuration).unwrap();
    let away = format!("bolt://127.0.0.1:{}", free_port());
    let env = [("MQD_HOOK_SECRET", SECRET), ("NEO4J_URL", &away), ("NEO4J_PASSWORD", "x")];
    let server = Server::start(&site, &env, &["--only", "rapidexo"]);
    assert_eq!(themes(&server)["themes"][0]["count"], 1);
    exercise(&origin, 2);
    assert_eq!(deliver(&server, SECRET).status, 202);
    wait("the new commit", Duration::from_secs(30), || themes(&server)["themes"][0]["count"] == 2);
}
