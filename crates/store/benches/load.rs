//! How long a maquis takes to load, and how much memory: `cargo bench -p mqd-store`.
//!
//! Each measure runs in a process of its own, so that its peak memory is its own. With
//! `MQD_TEST_NEO4J_URL` set (see scripts/neo4j), Neo4j is measured too; it is emptied first.
#![allow(clippy::unwrap_used, reason = "a bench may stop")]

use mqd_graph::Graph;
use mqd_model::{Change, ChangeSet, NewNode, NewRelation, NodeRef, OWNED_BY, Props, Uuid, Value};
use mqd_store::{Neo4jConfig, OpenMode, Secret, Store, backup};
use std::{fs, path::Path, process::Command, time::Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["load", path] => load(&Store::open_sqlite(path, OpenMode::ReadOnly).unwrap()),
        ["open", path] => load(&Store::open_sqlite(path, OpenMode::ReadWrite).unwrap()),
        ["neo4j"] => load(&neo4j().unwrap()),
        _ => all(),
    }
}

/// Loads the store and builds the graph in memory, and says what that took.
fn load(store: &Store) {
    let start = Instant::now();
    let snapshot = store.load().unwrap();
    let loaded = start.elapsed();
    let graph = Graph::new(snapshot);
    let built = start.elapsed();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("?").trim();
    let (nodes, relations) = (graph.snapshot().nodes.len(), graph.snapshot().relations.len());
    println!(
        "{nodes} nodes, {relations} relations: loaded {loaded:.0?}, with the graph {built:.0?}, peak memory {peak}"
    );
}

fn all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("maquis.sqlite");
    let store = Store::open_sqlite(&path, OpenMode::ReadWrite).unwrap();
    let start = Instant::now();
    store.apply(&maquis(100_000, 400_000)).unwrap();
    println!("SQLite: written in one change set in {:.1?}", start.elapsed());
    let file = folder.path().join("maquis.jsonl.zst");
    let snapshot = store.load().unwrap();
    let start = Instant::now();
    backup::write(&file, &snapshot).unwrap();
    let size = fs::metadata(&file).unwrap().len() >> 20;
    println!("backup: written in {:.1?}, {size} MiB", start.elapsed());
    let start = Instant::now();
    backup::verify(&file).unwrap();
    println!("backup: verified in {:.1?}", start.elapsed());
    drop((store, snapshot));
    let start = Instant::now();
    drop(Store::open_sqlite(&path, OpenMode::ReadWrite).unwrap());
    println!("SQLite: opened for writing, every page checked, in {:.0?}", start.elapsed());
    again(&["load", path.to_str().unwrap()]);

    for (nodes, relations) in [(7_678, 20_000), (100_000, 400_000)] {
        let Some(store) = neo4j() else {
            println!("Neo4j: skipped, MQD_TEST_NEO4J_URL not set");
            return;
        };
        let empty = folder.path().join("empty.jsonl");
        backup::write(&empty, &mqd_model::Snapshot::default()).unwrap();
        backup::restore(&empty, &store, Some(Path::new(&folder.path().join("before.jsonl.zst"))))
            .unwrap();
        let start = Instant::now();
        for part in parts(maquis(nodes, relations)) {
            store.apply(&part).unwrap();
        }
        println!("Neo4j: written in {:.1?}", start.elapsed());
        again(&["neo4j"]);
        let start = Instant::now();
        store.version().unwrap();
        println!("Neo4j: version in {:.0?}", start.elapsed());
    }
}

fn again(arguments: &[&str]) {
    let status = Command::new(std::env::current_exe().unwrap()).args(arguments).status().unwrap();
    assert!(status.success());
}

fn neo4j() -> Option<Store> {
    let variable = |name: &str| std::env::var(name).ok();
    let config = Neo4jConfig {
        url: variable("MQD_TEST_NEO4J_URL")?,
        username: variable("MQD_TEST_NEO4J_USERNAME").unwrap_or_else(|| "neo4j".to_owned()),
        password: Secret::new(variable("MQD_TEST_NEO4J_PASSWORD").unwrap_or_default()),
        database: None,
    };
    Some(Store::open_neo4j(&config).unwrap())
}

/// The server of the tests has little memory: not everything in one transaction.
fn parts(changes: ChangeSet) -> impl Iterator<Item = ChangeSet> {
    let changes = changes.changes;
    (0..changes.len().div_ceil(100_000)).map(move |n| {
        ChangeSet::new(changes[n * 100_000..((n + 1) * 100_000).min(changes.len())].to_vec())
    })
}

/// A maquis with the properties that maintenance writes; a quarter of its relations are owned.
fn maquis(nodes: usize, relations: usize) -> ChangeSet {
    let uuid = |n: usize| Uuid::from_u128(n as u128 + 1);
    let owned = Props::from([(OWNED_BY.to_owned(), Value::from_iter(["exercices".to_owned()]))]);
    let mut changes = Vec::with_capacity(nodes + relations);
    for n in 0..nodes {
        let mut props = owned.clone();
        for (name, text) in [
            ("titre", format!("Exercice {n} sur les suites réelles")),
            ("typeDoc", "exercice".to_owned()),
            ("url", format!("https://example.org/exercices/A{n}.pdf")),
            ("urlSrc", format!("https://example.org/exercices/A{n}.tex")),
            ("mqd_cle", format!("exercices:exercice:A{n}")),
        ] {
            props.insert(name.to_owned(), text.into());
        }
        changes.push(Change::CreateNode(NewNode {
            uuid: uuid(n),
            labels: vec!["Document".to_owned()],
            props,
        }));
    }
    for n in 0..relations {
        changes.push(Change::CreateRelation(NewRelation {
            from: NodeRef::Uuid(uuid(n % nodes)),
            kind: ["CONTIENT", "REFERENCE"][n % 2].to_owned(),
            to: NodeRef::Uuid(uuid(n.wrapping_mul(7919) % nodes)),
            props: if n % 4 == 0 { owned.clone() } else { Props::new() },
        }));
    }
    ChangeSet::new(changes)
}
