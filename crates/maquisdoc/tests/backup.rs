//! Backups by the real binary: sent to a real S3-compatible server, kept by a rule, fetched again.
#![allow(clippy::unwrap_used)]

mod common;

use common::{demo, everything, fill, ok, run};
use serde_json::Value;
use std::fs;

/// The space of `scripts/s3` under a folder of this test's own, and the variables that reach it.
fn space(name: &str) -> Option<(String, Vec<(&'static str, String)>)> {
    let Ok(bucket) = std::env::var("MQD_TEST_S3") else {
        eprintln!("skipped: MQD_TEST_S3 not set (scripts/s3 starts a server)");
        return None;
    };
    let names = [
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "AWS_ALLOW_HTTP",
    ];
    let variable = |name: &'static str| (name, std::env::var(name).unwrap_or_default());
    Some((format!("{bucket}/{name}-{}", std::process::id()), names.map(variable).into()))
}

#[test]
fn a_backup_is_sent_kept_by_a_rule_seen_by_doctor_and_fetched_again() {
    let Some((place, variables)) = space("sauvegardes") else { return };
    let folder = demo();
    // The variables of the space may stand in `.env`, as all others.
    let lines: String = variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    fs::write(folder.path().join(".env"), lines).unwrap();
    fill(folder.path(), &[]);
    let doctor = || {
        let output = run(folder.path(), &[("MQD_BACKUP", place.as_str())], &["doctor", "--json"]);
        let body: Value = serde_json::from_slice(&output.stdout).unwrap();
        body["findings"].as_array().unwrap().iter().find(|f| f["name"] == "backup").unwrap().clone()
    };
    assert_eq!(doctor()["state"], "warning");

    let send = |keep: &str| -> Value {
        let args = ["backup", "--to", &place, "--keep", keep, "--json"];
        serde_json::from_str(&ok(folder.path(), &[], &args)).unwrap()
    };
    let first = send("7d,4w,12m");
    assert!(first["nodes"].as_u64().unwrap() > 200, "{first}");
    assert_eq!(first["removed"], serde_json::json!([]));
    let found = doctor();
    assert_eq!(found["state"], "ok", "{found}");
    assert!(found["summary"].as_str().unwrap().contains(" s old"), "{found}");

    // A second one of the same day takes the place of the first.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let second = send("7d,4w,12m");
    assert_eq!(second["removed"], serde_json::json!([first["name"]]));
    assert_eq!(second["sha256"], first["sha256"]);
    let bad = run(folder.path(), &[], &["backup", "--to", &place, "--keep", "toujours"]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(everything(&bad).contains("« toujours »"), "{}", everything(&bad));

    // Last night's maquis, on a laptop.
    let laptop = tempfile::tempdir().unwrap();
    fs::copy(folder.path().join(".env"), laptop.path().join(".env")).unwrap();
    let dry = ok(laptop.path(), &[], &["restore", &place, "--dry-run", "--json"]);
    let dry: Value = serde_json::from_str(&dry).unwrap();
    assert_eq!((&dry["sha256"], &dry["refused"]), (&first["sha256"], &Value::Bool(false)));
    assert!(!laptop.path().join("data/maquis.sqlite").exists());
    ok(laptop.path(), &[], &["restore", &place]);
    let (here, there) = (laptop.path().join("ici.jsonl"), folder.path().join("la.jsonl"));
    ok(laptop.path(), &[], &["backup", here.to_str().unwrap()]);
    ok(folder.path(), &[], &["backup", there.to_str().unwrap()]);
    assert_eq!(fs::read(&here).unwrap(), fs::read(&there).unwrap());
    let named = format!("{place}/{}", second["name"].as_str().unwrap());
    let dry = ok(laptop.path(), &[], &["restore", &named, "--dry-run"]);
    assert!(dry.contains("needs --replace"), "{dry}");
    let nothing = run(laptop.path(), &[], &["restore", &format!("{place}/vide")]);
    assert!(everything(&nothing).contains("there is no backup"), "{}", everything(&nothing));
}

#[test]
fn a_space_that_refuses_is_named_without_secrets() {
    let Some((place, variables)) = space("refus") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut env: Vec<(&str, &str)> = variables.iter().map(|(n, v)| (*n, v.as_str())).collect();
    env.push(("MQD_BACKUP", place.as_str()));
    fs::write(
        folder.path().join("n.csv"),
        "id,labels,litteral,typeConcept\na,Concept,x,index Latex\n",
    )
    .unwrap();
    ok(folder.path(), &env, &["import", "--nodes", "n.csv"]);
    let absent = run(folder.path(), &env, &["backup", "--to", "s3://seau-absent/x"]);
    assert_eq!(absent.status.code(), Some(2));
    assert!(everything(&absent).contains("s3://seau-absent/x"), "{}", everything(&absent));
    let secret = run(folder.path(), &env, &["backup", "--to", "s3://u:hunter2@seau/x"]);
    assert!(!everything(&secret).contains("hunter2"), "{}", everything(&secret));
    let closed = format!("http://127.0.0.1:{}", common::free_port());
    env.push(("AWS_ENDPOINT_URL", &closed));
    let output = run(folder.path(), &env, &["doctor"]);
    let said = everything(&output);
    assert!(said.contains("cannot be looked at") && said.contains("AWS_ENDPOINT_URL"), "{said}");
}

#[test]
fn a_folder_keeps_backups_too_and_replacing_makes_one_first() {
    let folder = demo();
    fill(folder.path(), &[]);
    let said = ok(folder.path(), &[], &["backup", "--to", "data/backups", "--keep", "7d"]);
    assert!(said.contains("maquis-2") && said.contains(" nodes"), "{said}");
    assert_eq!(fs::read_dir(folder.path().join("data/backups")).unwrap().count(), 1);
    ok(folder.path(), &[], &["backup", "un.jsonl"]);
    ok(folder.path(), &[], &["backup", "--verify", "un.jsonl"]);
    let csv = "id,labels,litteral,typeConcept\nz,Concept,ajouté après,index Latex\n";
    fs::write(folder.path().join("n.csv"), csv).unwrap();
    ok(folder.path(), &[], &["import", "--nodes", "n.csv"]);
    ok(folder.path(), &[], &["backup", "deux.jsonl"]);
    assert_eq!(run(folder.path(), &[], &["restore", "un.jsonl"]).status.code(), Some(2));
    let said = ok(folder.path(), &[], &["restore", "un.jsonl", "--replace"]);
    let previous = said.lines().last().unwrap().split(": ").next().unwrap();
    ok(folder.path(), &[], &["backup", "trois.jsonl"]);
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert_eq!(read("un.jsonl"), read("trois.jsonl"));
    ok(folder.path(), &[], &["restore", previous, "--replace"]);
    ok(folder.path(), &[], &["backup", "quatre.jsonl"]);
    assert_eq!(read("deux.jsonl"), read("quatre.jsonl"));
    // A damaged backup changes nothing, and its line is named.
    let mut text = String::from_utf8(read("un.jsonl")).unwrap();
    text.truncate(text.len() - 40);
    fs::write(folder.path().join("coupé.jsonl"), text).unwrap();
    let output = run(folder.path(), &[], &["restore", "coupé.jsonl", "--replace"]);
    assert!(everything(&output).contains("truncated"), "{}", everything(&output));
    ok(folder.path(), &[], &["backup", "cinq.jsonl"]);
    assert_eq!(read("deux.jsonl"), read("cinq.jsonl"));
}
