//! A writer process killed at any moment loses no acknowledged change, and leaves a whole file.
#![allow(clippy::unwrap_used)]

mod common;

use common::{concept, relation};
use mqd_model::{ChangeSet, Props, Uuid};
use mqd_store::{OpenMode, Store};
use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

const FILE: &str = "MQD_TEST_KILLED_FILE";
const KILLS: usize = 60;

/// The process that is killed: this test binary, run again with the variable set. Alone, it has
/// nothing to do.
#[test]
fn the_writer_that_is_killed() {
    let Ok(path) = std::env::var(FILE) else { return };
    let store = Store::open_sqlite(path, OpenMode::ReadWrite).unwrap();
    let mut out = std::io::stdout();
    loop {
        // Two nodes and their relation, with a text long enough to fill pages and the journal.
        let (a, b) = (Uuid::new_v4(), Uuid::new_v4());
        store
            .apply(&ChangeSet::new(vec![
                concept(a, &"é".repeat(1500)),
                concept(b, "deux"),
                relation(a, "REQUIERT", b, Props::new()),
            ]))
            .unwrap();
        writeln!(out, "ack {a} {b}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn sixty_kills_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("maquis.sqlite");
    let mut acknowledged: HashSet<Uuid> = HashSet::new();
    // Different moments at each run; printed, so that a failure can be told from another.
    let mut seed =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {seed}");
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_writer_that_is_killed", "--nocapture"])
            .env(FILE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            lines
                .filter_map(|line| {
                    let (_, uuids) = line.split_once("ack ")?;
                    let (a, b) = uuids.split_once(' ')?;
                    // A line that the kill cut short was not acknowledged in full.
                    Some([a.parse().ok()?, b.parse().ok()?])
                })
                .flatten()
                .collect::<Vec<Uuid>>()
        });
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // From before the file is opened to well into writing it.
        std::thread::sleep(Duration::from_micros((seed >> 33) % 60_000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(reader.join().unwrap());

        let store = Store::open_sqlite(&path, OpenMode::ReadWrite)
            .unwrap_or_else(|e| panic!("after kill {kill}: {e}"));
        let seen = store.load().unwrap();
        let there: HashSet<_> = seen.nodes.iter().filter_map(|n| n.uuid).collect();
        assert!(acknowledged.is_subset(&there), "kill {kill} lost a change");
        // All of a change set or nothing of it.
        assert_eq!(seen.nodes.len(), 2 * seen.relations.len(), "kill {kill}");
    }
    assert!(acknowledged.len() > 2 * KILLS, "the writer hardly wrote: {}", acknowledged.len());
    println!("{} change sets acknowledged over {KILLS} kills", acknowledged.len() / 2);
}
