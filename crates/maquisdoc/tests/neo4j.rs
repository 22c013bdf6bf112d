//! The serving binary on a real Neo4j: written by others, killed under load, away at the start.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Neo4j, Server, demo, fill, get, get_json, ok, post, run, wait};
use serde_json::{Value, json};
use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

const TOKEN: &str = "jeton-des-essais";
const LONG: Duration = Duration::from_secs(60);

fn with<'e>(
    mut env: Vec<(&'e str, &'e str)>,
    more: &[(&'e str, &'e str)],
) -> Vec<(&'e str, &'e str)> {
    env.extend(more);
    env
}

fn ask(server: &Server, query: &str) -> Value {
    let answer = post(&format!("{}/graphql", server.url), Some(TOKEN), &json!({ "query": query }));
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{}", answer.body))
}

fn create(server: &Server, litteral: &str) -> Value {
    ask(
        server,
        &format!(
            "mutation {{ createConcepts(input: [{{ typeConcept: \"index Latex\", litteral: \"{litteral}\" }}]) {{ info {{ nodesCreated }} }} }}"
        ),
    )
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

/// Pages and questions that no failure of the database may touch.
const READS: [&str; 5] = [
    "/",
    "/vues/listecours",
    "/vues/listeconcepts",
    "/vues/recherche?q=suite",
    "/graphql?query=%7Bdocuments%7Btitre%7D%7D",
];

#[test]
fn a_database_killed_under_load_fails_no_reader_and_is_found_again() {
    let Some(neo4j) = Neo4j::find() else { return };
    if neo4j.folder.is_none() {
        eprintln!("skipped: MQD_TEST_NEO4J_DIR not set, the server cannot be killed");
        return;
    }
    let folder = demo();
    let env =
        with(neo4j.env(), &[("MQD_ADMIN_TOKEN", TOKEN), ("MQD_REFRESH", "1"), ("MQD_LOG", "off")]);
    fill(folder.path(), &env);
    let server = Server::start(folder.path(), &env, &[]);
    assert_eq!(create(&server, "avant")["data"]["createConcepts"]["info"]["nodesCreated"], 1);
    let ready = || get_json(&format!("{}/readyz", server.url));
    wait("the search", LONG, || ready()["search"] == true);
    assert_eq!(ready()["stale"], false);
    assert_eq!(get(&server.url).stale, None);

    // Readers all the while, from several sides.
    let stop = AtomicBool::new(false);
    let reads = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|n| {
                let (stop, reads, server) = (&stop, &reads, &server);
                scope.spawn(move || {
                    while !stop.load(Relaxed) {
                        let path = READS[(reads.fetch_add(1, Relaxed) + n) % READS.len()];
                        let answer = get(&format!("{}{path}", server.url));
                        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
                        assert!(!answer.body.contains("\"errors\""), "{path}: {}", answer.body);
                        std::thread::sleep(Duration::from_millis(5));
                    }
                })
            })
            .collect();
        let story = || {
            std::thread::sleep(Duration::from_millis(500));
            neo4j.script("kill");
            wait("readyz says stale", LONG, || ready()["stale"] == true);
            let body = ready();
            assert_eq!(body["ready"], true, "{body}");
            assert!(body["stale_since"].is_string(), "{body}");
            assert!(!body.to_string().contains("bolt:"), "an address is shown: {body}");
            let stale = get(&format!("{}/vues/listecours", server.url)).stale;
            assert_eq!(stale.as_deref(), body["stale_since"].as_str());

            // A write fails at once, with a code and a sentence; it is not half done.
            let refused = create(&server, "pendant");
            assert!(matches!(code(&refused), "STORE" | "OUTCOME_UNKNOWN"), "{refused}");
            assert!(
                refused["errors"][0]["message"].as_str().unwrap().contains("base"),
                "{refused}"
            );
            let refresh = post(&format!("{}/admin/refresh", server.url), Some(TOKEN), &json!({}));
            assert_eq!(refresh.status, 502, "{}", refresh.body);
            assert!(refresh.body.contains("le dernier graphe est servi"), "{}", refresh.body);

            neo4j.script("start");
            wait("readyz says fresh", LONG, || ready()["stale"] == false);
        };
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(story));
        stop.store(true, Relaxed);
        for reader in readers {
            reader.join().unwrap();
        }
        told.unwrap();
    });
    assert!(reads.load(Relaxed) > 100, "{reads:?}");
    assert_eq!(get(&server.url).stale, None);
    // Writes go on, without a restart, and what was acknowledged is there.
    assert_eq!(create(&server, "après")["data"]["createConcepts"]["info"]["nodesCreated"], 1);
    let found = ask(
        &server,
        "{ concepts(where: { litteral_IN: [\"avant\", \"pendant\", \"après\"] }) { litteral } }",
    );
    let found = found["data"]["concepts"].as_array().cloned().unwrap_or_else(|| {
        let found = ask(&server, "{ concepts(where: { litteral: { in: [\"avant\", \"pendant\", \"après\"] } }) { litteral } }");
        found["data"]["concepts"].as_array().cloned().unwrap_or_else(|| panic!("{found}"))
    });
    let mut found: Vec<_> = found.iter().map(|c| c["litteral"].as_str().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, ["après", "avant"]);
}

#[test]
fn the_platform_starts_while_the_database_sleeps() {
    let Some(neo4j) = Neo4j::find() else { return };
    if neo4j.folder.is_none() {
        eprintln!("skipped: MQD_TEST_NEO4J_DIR not set, the server cannot be stopped");
        return;
    }
    let folder = demo();
    let env =
        with(neo4j.env(), &[("MQD_ADMIN_TOKEN", TOKEN), ("MQD_REFRESH", "1"), ("MQD_LOG", "off")]);
    fill(folder.path(), &env);
    drop(Server::start(folder.path(), &env, &[]));
    neo4j.script("stop");

    // Nothing that was kept belongs to another database, and without it the reason is clear.
    let bare = tempfile::tempdir().unwrap();
    let output = run(bare.path(), &env, &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(2));
    let said = common::everything(&output);
    assert!(said.contains("cannot be reached") && !said.contains(&neo4j.password), "{said}");

    let server = Server::start(folder.path(), &env, &[]);
    let home = get(&server.url);
    assert_eq!(home.status, 200);
    assert!(home.stale.is_some());
    assert!(get(&format!("{}/vues/listecours", server.url)).body.contains("Suites"));
    let ready = get_json(&format!("{}/readyz", server.url));
    assert_eq!((&ready["ready"], &ready["stale"]), (&json!(true), &json!(true)), "{ready}");
    let output = run(folder.path(), &env, &["doctor"]);
    let said = common::everything(&output);
    assert!(said.contains("nothing listens on port"), "{said}");
    assert!(said.contains("`serve` serves the last good graph, of "), "{said}");
    let graphql = with(env.clone(), &[("MQD_GRAPHQL_SERVER_URL", server.url.as_str())]);
    let said = common::everything(&run(folder.path(), &graphql, &["doctor"]));
    assert!(said.contains("it serves the last good graph"), "{said}");

    // The database wakes, with something new in it.
    neo4j.script("start");
    neo4j
        .cypher("CREATE (:Concept {litteral: 'venu pendant la nuit', typeConcept: 'index Latex'})");
    wait("the new concept", LONG, || {
        get(&format!("{}/vues/listeconcepts", server.url)).body.contains("venu pendant la nuit")
    });
    assert_eq!(get(&server.url).stale, None);
}

#[test]
fn a_foreign_database_is_shown_and_gets_uuids_only_when_asked() {
    let Some(neo4j) = Neo4j::find() else { return };
    neo4j.cypher(
        "CREATE (a:Concept:`Très vieux` {litteral: 'limite', typeConcept: 'index Latex', `nom étrange`: 1,
             jour: date('2026-09-01')}),
         (b:Inconnu {nom: 'b'}), (a)-[:`LIÉ À` {depuis: 2020}]->(b)",
    );
    let folder = tempfile::tempdir().unwrap();
    let env = neo4j.env();
    let output = run(folder.path(), &env, &["check"]);
    assert_eq!(output.status.code(), Some(1));
    let said = common::everything(&output);
    for words in [
        "n'a pas d'uuid",
        "porte Inconnu",
        "type de relation inconnu",
        "label « Très vieux » : 1 (hors du modèle, gardé tel quel)",
        "nœuds à plusieurs labels (Concept, Très vieux) : 1",
        "propriété « nom étrange » (Concept) : 1",
        "relation « LIÉ À » : 1",
        "propriété « depuis » de la relation « LIÉ À » : 1",
    ] {
        assert!(said.contains(words), "no « {words} » in {said}");
    }
    let json: Value =
        serde_json::from_slice(&run(folder.path(), &env, &["check", "--json"]).stdout).unwrap();
    assert_eq!(json["beyond_the_model"]["relation « LIÉ À »"], 1, "{json}");

    let dry = ok(folder.path(), &env, &["check", "--add-uuids", "--dry-run", "--json"]);
    assert!(dry.contains("\"uuids\": 2") && dry.contains("\"written\": false"), "{dry}");
    assert!(ok(folder.path(), &env, &["check", "--add-uuids", "--dry-run"]).contains("2 nœuds"));
    assert!(ok(folder.path(), &env, &["check", "--add-uuids"]).contains("2 nœuds ont reçu"));
    let said = common::everything(&run(folder.path(), &env, &["check"]));
    assert!(!said.contains("uuid"), "{said}");
    assert!(ok(folder.path(), &env, &["check", "--add-uuids"]).contains("0 nœuds ont reçu"));
    // All the rest is as it was, on the live database and in a file of our own alike.
    let one = folder.path().join("1.jsonl");
    ok(folder.path(), &env, &["backup", one.to_str().unwrap()]);
    let text = fs::read_to_string(&one).unwrap();
    for words in ["Très vieux", "nom étrange", "LIÉ À", "\"temporal\":\"date\""] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn from_the_live_database_to_a_laptop_and_back() {
    let Some(neo4j) = Neo4j::find() else { return };
    let folder = demo();
    let env = neo4j.env();
    fill(folder.path(), &env);
    // No tool of the database is needed: the way in is the live database, through a backup.
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (one, two, three) = (file("1.jsonl.zst"), file("2.jsonl.zst"), file("3.jsonl.zst"));
    ok(folder.path(), &env, &["backup", &one]);
    ok(folder.path(), &env, &["backup", "--verify", &one]);
    ok(folder.path(), &[], &["restore", &one]);
    ok(folder.path(), &[], &["backup", &two]);
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap(), "Neo4j → SQLite");

    // Back: refused while something is there, then with a backup of what was there.
    neo4j.cypher("CREATE (:Concept {litteral: 'fait à la main', typeConcept: 'index Latex'})");
    let refused = run(folder.path(), &env, &["restore", &two]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(common::everything(&refused).contains("--replace"), "{}", common::everything(&refused));
    let said = ok(folder.path(), &env, &["restore", &two, "--replace", "--json"]);
    let before: Value = serde_json::from_str(&said).unwrap();
    let before = before["previous"].as_str().unwrap_or_else(|| panic!("{said}")).to_owned();
    ok(folder.path(), &env, &["backup", &three]);
    assert_eq!(fs::read(&one).unwrap(), fs::read(&three).unwrap(), "SQLite → Neo4j");
    // What was replaced is whole in its backup.
    ok(folder.path(), &env, &["restore", &before, "--replace"]);
    let found = ok(folder.path(), &env, &["backup", "--json", &three]);
    let (found, was) = (
        serde_json::from_str::<Value>(&found).unwrap(),
        serde_json::from_str::<Value>(&ok(folder.path(), &[], &["backup", "--json", &two]))
            .unwrap(),
    );
    assert_eq!(found["nodes"].as_u64(), was["nodes"].as_u64().map(|nodes| nodes + 1));
}
