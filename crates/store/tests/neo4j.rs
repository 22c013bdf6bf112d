//! What is particular to Neo4j: databases that our code did not write, and servers that go away.
//! Skips visibly without the server that scripts/neo4j starts.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Bench, concept};
use mqd_model::{Change, ChangeSet, NodeRef, Props, Snapshot, Temporal, Uuid, Value};
use mqd_store::{Error, Neo4jConfig, Secret, Store, backup, give_uuids};
use std::time::{Duration, Instant};

fn named<'s>(snapshot: &'s Snapshot, name: &str) -> &'s mqd_model::Node {
    snapshot.nodes.iter().find(|n| n.text("name") == Some(name)).unwrap()
}

#[test]
fn a_database_that_our_code_did_not_write_is_kept_whole() {
    let Some(bench) = Bench::neo4j() else { return };
    bench.cypher(
        "CREATE (a:Concept:`Très vieux` {name: 'a', litteral: 'limite', date: datetime('2026-09-01T08:00Z'),
             zone: datetime('2026-10-25T02:30+01:00[Europe/Paris]'), jour: date('2026-09-01'),
             heure: time('08:00+02:00'), heure_locale: localtime('08:00'), local: localdatetime('2026-09-01T08:00'),
             duree: duration('P1Y2M3DT4.5S'), lieu: point({latitude: 48.85, longitude: 2.35}),
             plan: point({x: 1.0, y: 2.0, z: 3.0}), `nom « étrange »`: [1, 2], reel: 0.1}),
         (b:Inconnu {name: 'b', uuid: 'pas un uuid'}),
         (c {name: 'c', uuid: '00000000-0000-0000-0000-0000000000aa'}),
         (d {name: 'd', uuid: '00000000-0000-0000-0000-0000000000aa', mqd_id: 1}),
         (a)-[:`LIÉ À` {depuis: date('2020-01-01')}]->(b), (a)-[:`LIÉ À`]->(b), (a)-[:`LIÉ À`]->(b),
         (c)-[:BOUCLE]->(c)",
    );
    let store = bench.open();
    let seen = store.load().unwrap();
    assert_eq!((seen.nodes.len(), seen.relations.len()), (4, 4));
    let a = named(&seen, "a");
    assert_eq!(a.labels, ["Concept", "Très vieux"]);
    assert_eq!((a.uuid, a.props.len()), (None, 13));
    let temporal = |temporal, iso: &str| Value::Temporal { temporal, iso: iso.to_owned() };
    for (name, value) in [
        ("date", temporal(Temporal::DateTime, "2026-09-01T08:00:00Z")),
        ("zone", temporal(Temporal::DateTime, "2026-10-25T02:30:00+01:00[Europe/Paris]")),
        ("jour", temporal(Temporal::Date, "2026-09-01")),
        ("heure", temporal(Temporal::Time, "08:00:00+02:00")),
        ("heure_locale", temporal(Temporal::LocalTime, "08:00:00")),
        ("local", temporal(Temporal::LocalDateTime, "2026-09-01T08:00:00")),
        ("duree", temporal(Temporal::Duration, "P14M3DT4.5S")),
        ("lieu", Value::Point { srid: 4326, point: vec![2.35, 48.85] }),
        ("plan", Value::Point { srid: 9157, point: vec![1.0, 2.0, 3.0] }),
        ("nom « étrange »", Value::List(vec![Value::Int(1), Value::Int(2)])),
        ("reel", Value::Float(0.1)),
    ] {
        assert_eq!(a.props[name], value, "{name}");
    }
    // What is no uuid, or names two nodes, stays a property.
    assert_eq!(named(&seen, "b").text("uuid"), Some("pas un uuid"));
    assert_eq!(
        [named(&seen, "c").uuid.is_some(), named(&seen, "d").uuid.is_some()]
            .iter()
            .filter(|u| **u)
            .count(),
        1
    );
    let ids: std::collections::HashSet<_> = seen.nodes.iter().map(|n| n.id).collect();
    assert_eq!(ids.len(), 4, "{ids:?}");

    // Nothing is written until asked: neither uuids nor bookkeeping.
    assert_eq!(store.load().unwrap(), seen);
    // Any node and relation can be named by its id.
    let links: Vec<_> = seen.relations.iter().filter(|r| r.kind == "LIÉ À").collect();
    let mut changes: Vec<_> = seen
        .nodes
        .iter()
        .map(|node| Change::UpdateNode {
            node: NodeRef::Id(node.id),
            set: Props::from([("vu".to_owned(), node.title().into())]),
            unset: vec![],
        })
        .collect();
    changes.push(Change::DeleteRelation { relation: links[1].id });
    store.apply(&ChangeSet::new(changes)).unwrap();
    let after = store.load().unwrap();
    assert_eq!(after.relations.len(), 3);
    assert!(after.nodes.iter().zip(&seen.nodes).all(|(new, old)| {
        new.id == old.id && new.text("vu") == Some(old.title()) && new.labels == old.labels
    }));

    // Uuids when asked.
    let given = give_uuids(&after);
    assert_eq!(given.changes.len(), 3);
    store.apply(&given).unwrap();
    let named_now = store.load().unwrap();
    assert!(named_now.nodes.iter().all(|n| n.uuid.is_some()));
    assert!(give_uuids(&named_now).is_empty());

    // And all of it survives a stay in a SQLite file.
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("1.jsonl"), folder.path().join("2.jsonl"));
    backup::write(&one, &named_now).unwrap();
    let file = Bench::sqlite();
    let sqlite = file.open();
    backup::restore(&one, &sqlite, None).unwrap();
    backup::write(&two, &sqlite.load().unwrap()).unwrap();
    backup::restore(&two, &store, Some(&folder.path().join("3.jsonl"))).unwrap();
    backup::write(&two, &store.load().unwrap()).unwrap();
    assert_eq!(std::fs::read(one).unwrap(), std::fs::read(two).unwrap());
}

#[test]
fn a_date_that_no_program_can_count_is_kept_as_text() {
    let Some(bench) = Bench::neo4j() else { return };
    bench.cypher(
        "CREATE (a {jour: date('+300000-12-31')})-[:R {moment: localdatetime('-300000-01-01T00:00')}]->(a)",
    );
    let seen = bench.open().load().unwrap();
    let kept = |temporal, iso: &str| Value::Temporal { temporal, iso: iso.to_owned() };
    assert_eq!(seen.nodes[0].props["jour"], kept(Temporal::Date, "+300000-12-31"));
    let moment = kept(Temporal::LocalDateTime, "-300000-01-01T00:00:00");
    let text = seen.relations[0].props["moment"].as_str().unwrap();
    assert!(moment.as_str().unwrap().starts_with(text), "{text}");

    // One that the driver itself fails on is a clear error, and the store goes on.
    let store = bench.open();
    bench.cypher("MATCH (n) SET n.jour = date('+999999999-12-31')");
    let error = store.load().unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
    bench.cypher("MATCH (n) REMOVE n.jour");
    assert_eq!(store.load().unwrap().nodes.len(), 1);
}

#[test]
fn the_version_tells_every_change_and_nothing_else() {
    let Some(bench) = Bench::neo4j() else { return };
    let store = bench.open();
    bench.cypher("CREATE (:Concept {litteral: 'a'})");
    let before = store.load().unwrap();
    for _ in 0..3 {
        assert_eq!(store.version().unwrap(), before.version);
    }
    // A foreign write that changes neither counts nor ids.
    bench.cypher("MATCH (n) SET n.litteral = 'b'");
    assert_ne!(store.version().unwrap(), before.version);
    // A write of ours answers a version that makes the next refresh read again.
    let applied = store.apply(&ChangeSet::new(vec![concept(Uuid::new_v4(), "c")])).unwrap();
    assert_ne!(store.version().unwrap(), applied.version);
    // The keep-alive write is no part of the maquis.
    let before = store.load().unwrap();
    store.keep_alive().unwrap();
    assert_eq!(store.load().unwrap().nodes, before.nodes);
}

/// The step of the tests that is for Cypher 25 must not run on Cypher 5 unseen.
#[test]
fn the_language_is_that_of_the_version() {
    let Some(bench) = Bench::neo4j() else { return };
    let Ok(version) = std::env::var("MQD_NEO4J_VERSION") else { return };
    // Cypher 25 no longer takes a relation for a map of properties.
    let old = bench.try_cypher("CREATE ()-[r:R {a: 1}]->(b) SET b = r");
    assert_eq!(old.is_ok(), version.starts_with("5."), "{version}: {old:?}");
}

#[test]
fn names_that_would_leave_the_statement_are_refused() {
    let Some(bench) = Bench::neo4j() else { return };
    let store = bench.open();
    let safe = concept(Uuid::new_v4(), "`}) DETACH DELETE n //");
    store.apply(&ChangeSet::new(vec![safe])).unwrap();
    let before = store.load().unwrap();
    for name in ["X` {}) DETACH DELETE n //", "X\\u0060", ""] {
        let new = common::node(Uuid::new_v4(), name, Props::new());
        let error = store.apply(&ChangeSet::new(vec![Change::CreateNode(new)])).unwrap_err();
        assert!(matches!(error, Error::Name { .. }), "{error}");
    }
    assert_eq!(store.load().unwrap().nodes, before.nodes);
}

#[test]
fn what_is_wired_wrongly_is_named_and_no_secret_is_shown() {
    let config = |url: &str, password: &str| Neo4jConfig {
        url: url.to_owned(),
        username: "neo4j".to_owned(),
        password: Secret::new(password),
        database: None,
    };
    let open = |config: &Neo4jConfig| Store::open_neo4j(config).map(|_| ()).unwrap_err();
    for url in
        ["", "localhost:7687", "http://localhost", "bolt://u:hunter2@localhost", "bolt://h/x"]
    {
        let error = open(&config(url, "hunter2"));
        assert!(matches!(error, Error::Address { .. }), "{url}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = open(&config(&format!("bolt://{closed}"), "hunter2"));
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(
        !format!("{:?} {}", config("bolt://x", "hunter2"), Secret::new("hunter2"))
            .contains("hunter2")
    );

    let Some(bench) = Bench::neo4j() else { return };
    let right = bench.neo4j_config();
    let error = open(&config(&right.url, "hunter2"));
    assert!(matches!(error, Error::Unauthorised { .. }), "{error:?}");
    let error =
        open(&config(&right.url.replace("bolt://", "bolt+ssc://"), right.password.expose()));
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    let routed = Neo4jConfig { url: right.url.replace("bolt://", "neo4j://"), ..right.clone() };
    Store::open_neo4j(&routed).unwrap().load().unwrap();
    let elsewhere = Neo4jConfig { database: Some("absente".to_owned()), ..right };
    let error = open(&elsewhere);
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
}

/// The server is killed while two threads write: they get clear errors within a bounded time, no
/// acknowledged change is lost, and the same store goes on when the server is back.
#[test]
fn a_server_killed_under_load_is_found_again() {
    let Some(bench) = Bench::neo4j() else { return };
    if std::env::var("MQD_TEST_NEO4J_DIR").is_err() {
        eprintln!("skipped: MQD_TEST_NEO4J_DIR not set, the server cannot be killed");
        return;
    }
    let store = bench.open();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let relaxed = std::sync::atomic::Ordering::Relaxed;
    let (acknowledged, errors) = std::thread::scope(|scope| {
        let writers = [0, 1].map(|_| {
            scope.spawn(|| {
                let (mut acknowledged, mut errors) = (Vec::new(), Vec::new());
                while !stop.load(relaxed) {
                    let uuid = Uuid::new_v4();
                    match store.apply(&ChangeSet::new(vec![concept(uuid, "sous charge")])) {
                        Ok(_) => acknowledged.push(uuid),
                        Err(error) => errors.push(error),
                    }
                }
                (acknowledged, errors)
            })
        });
        std::thread::sleep(Duration::from_millis(1500));
        bench.script("kill");
        std::thread::sleep(Duration::from_millis(3500));
        let asked = Instant::now();
        assert!(matches!(store.load(), Err(Error::Unreachable { .. })));
        assert!(asked.elapsed() < Duration::from_secs(30));
        bench.script("start");
        std::thread::sleep(Duration::from_secs(3));
        stop.store(true, relaxed);
        let [a, b] = writers.map(|w| w.join().unwrap());
        ([a.0, b.0].concat(), a.1.into_iter().chain(b.1).collect::<Vec<_>>())
    });
    assert!(!errors.is_empty());
    for error in &errors {
        let clear = matches!(
            error,
            Error::Unreachable { .. } | Error::OutcomeUnknown { .. } | Error::Refused { .. }
        );
        assert!(clear, "{error:?}");
    }
    let there: std::collections::HashSet<_> =
        store.load().unwrap().nodes.iter().filter_map(|n| n.uuid).collect();
    let lost = acknowledged.iter().filter(|uuid| !there.contains(uuid)).count();
    assert_eq!(lost, 0, "of {}", acknowledged.len());
    store.apply(&ChangeSet::new(vec![concept(Uuid::new_v4(), "après")])).unwrap();
    println!("{} acknowledged, {} errors", acknowledged.len(), errors.len());
}
