//! `deploy spec`: what is committed is what it prints, and it follows the configuration without ever
//! holding a secret. tests/deploy/run holds it against the platform's published types.
#![allow(clippy::unwrap_used)]

mod common;

use common::{ROOT, Server, everything, get, ok, run};
use serde_json::{Value, json};
use std::{collections::HashSet, fs};

fn spec(folder: &std::path::Path, env: &[(&str, &str)], args: &[&str]) -> Value {
    let printed = ok(folder, env, &[&["deploy", "spec", "--json"], args].concat());
    serde_json::from_str(&printed).unwrap()
}

/// The variable of this name of the whole app.
fn variable(spec: &Value, name: &str) -> Value {
    let envs = spec["envs"].as_array().unwrap();
    envs.iter().find(|env| env["key"] == name).cloned().unwrap_or(Value::Null)
}

#[test]
fn the_committed_spec_is_what_the_default_configuration_prints() {
    let folder = tempfile::tempdir().unwrap();
    let printed = ok(folder.path(), &[], &["deploy", "spec"]);
    let committed = fs::read_to_string(format!("{ROOT}/.do/app.yaml")).unwrap();
    assert_eq!(committed, printed, ".do/app.yaml: write what `maquisdoc deploy spec` prints");
}

#[test]
fn three_components_know_each_other_and_the_secrets_of_the_platform_of_today() {
    let folder = tempfile::tempdir().unwrap();
    let spec = spec(folder.path(), &[], &[]);
    let services = spec["services"].as_array().unwrap();
    let names: Vec<_> = services.iter().map(|service| service["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["site", "graphql", "rapidexo"]);
    for (service, name) in services.iter().zip(&names) {
        assert_eq!(service["run_command"], format!("maquisdoc serve --only {name}"));
        assert_eq!(service["envs"][0]["value"], service["http_port"].to_string());
    }
    for name in ["NEO4J_URL", "NEO4J_USERNAME", "NEO4J_PASSWORD", "GITHUB_TOKEN", "GITHUB_USER"] {
        let wanted = json!({ "key": name, "scope": "RUN_TIME", "type": "SECRET" });
        assert_eq!(variable(&spec, name), wanted);
    }
    for (name, value) in [
        ("MQD_GRAPHQL_SERVER_URL", "${graphql.PRIVATE_URL}"),
        ("FLASK_URL", "${rapidexo.PRIVATE_URL}"),
        ("FLASK_ENV", "production"),
    ] {
        assert_eq!(variable(&spec, name)["value"], value);
    }
    // Every address leads to a component that is there, the site's last.
    let rules = spec["ingress"]["rules"].as_array().unwrap();
    for rule in rules {
        assert!(names.contains(&rule["component"]["name"].as_str().unwrap()), "{rule}");
    }
    assert_eq!(rules.last().unwrap()["match"]["path"]["prefix"], "/");
}

/// The variables of the spec, as the platform sets them, make a site that counts readers.
#[test]
fn a_site_under_the_variables_of_the_spec_limits_the_reader_and_not_the_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let trust = variable(&spec(folder.path(), &[], &[]), "MQD_TRUST_PROXY");
    let trust = trust["value"].as_str().unwrap();
    // Of the configuration file only; the environment comes before it.
    let limits = "[site]\ntrust_proxy = false\nrate = { per_second = 1, burst = 3 }\n";
    fs::write(folder.path().join("maquisdoc.toml"), limits).unwrap();
    let env = [("MQD_TRUST_PROXY", trust), ("MQD_LOG", "off")];
    let server = Server::start(folder.path(), &env, &[]);
    let client = reqwest::blocking::Client::new();
    let passing = |reader: &dyn Fn(usize) -> String| {
        let ask = |n: &usize| {
            let request = client.get(format!("{}/robots.txt", server.url));
            // What the platform's proxies write: the reader, and one of themselves last.
            let chain = format!("{}, 172.68.1.1", reader(*n));
            let request = request.header("x-forwarded-for", chain).header(trust, reader(*n));
            request.send().unwrap().status() == 200
        };
        (0..12).filter(ask).count()
    };
    assert_eq!(passing(&|n| format!("192.0.2.{n}")), 12, "each reader has a share");
    assert!(passing(&|_| "198.51.100.7".to_owned()) < 8, "one reader has but one");
    assert_eq!(get(&server.url).status, 200, "who asks from this machine is not limited");
}

#[test]
fn the_spec_follows_the_configuration_and_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = "[site]\nbase_url = \"https://fichier.example\"\n[publish]\nto = \"s3://seau/pdf\"\n\
                address = \"https://seau.example/pdf\"\n";
    fs::write(folder.path().join("maquisdoc.toml"), file).unwrap();
    let secret = "hunter2-tres-secret-et-long";
    let address = "bolt+s://hunter2-base.example:7687";
    let env = [
        ("NEO4J_URL", address),
        ("NEO4J_PASSWORD", secret),
        ("MQD_ADMIN_TOKEN", secret),
        ("MQD_HOOK_SECRET", secret),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_ENDPOINT_URL", "https://fra1.example"),
        ("MQD_BASE_URL", "https://maquis.example"),
        ("MQD_KEEPALIVE", "24"),
        ("MQD_DATA", "ailleurs"),
        ("PORT", "1234"),
    ];
    let args = ["--name", "mon-maquis", "--region", "ams", "--branch", "stable"];
    let yaml = ok(folder.path(), &env, &[&["deploy", "spec"], &args[..]].concat());
    assert!(!yaml.contains("hunter2") && !yaml.contains("ailleurs"), "{yaml}");
    let spec = spec(folder.path(), &env, &args);
    assert!(!spec.to_string().contains("hunter2"), "{spec}");
    assert_eq!((&spec["name"], &spec["region"]), (&json!("mon-maquis"), &json!("ams")));
    assert_eq!(spec["domains"], json!([{ "domain": "maquis.example", "type": "PRIMARY" }]));
    // PDFs go to a space, so every component may be asked for its key.
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MQD_HOOK_SECRET"] {
        assert_eq!(variable(&spec, name)["type"], "SECRET", "{name}");
        assert_eq!(variable(&spec, name)["value"], Value::Null, "{name}");
    }
    assert_eq!(variable(&spec, "MQD_KEEPALIVE")["value"], "24");
    assert_eq!(variable(&spec, "AWS_ENDPOINT_URL")["value"], "https://fra1.example");
    let all = spec["envs"].as_array().unwrap();
    let names: HashSet<_> = all.iter().map(|env| env["key"].as_str()).collect();
    assert_eq!(names.len(), all.len(), "{spec}");
    // The platform's own rule for names, before the platform refuses.
    let bad = run(folder.path(), &[], &["deploy", "spec", "--name", "Mon maquis"]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(everything(&bad).contains("2 to 32 lower-case letters"), "{}", everything(&bad));
}
