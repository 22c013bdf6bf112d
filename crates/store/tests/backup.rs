//! Backups: the same bytes from every store, whole or refused.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Bench, concept, node, relation};
use mqd_model::{
    Change, ChangeSet, Node, Props, Relation, Snapshot, Temporal, Uuid, Value, Version,
};
use mqd_store::{Error, LastGood, Store, backup};
use sha2::{Digest, Sha256};
use std::{fs, io::Write, path::Path};

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn sample() -> ChangeSet {
    let dated = |iso: &str| Value::Temporal { temporal: Temporal::DateTime, iso: iso.to_owned() };
    let props = Props::from([
        ("titre".to_owned(), "Dérivées\nà l'été".into()),
        ("date".to_owned(), dated("2026-09-01T08:00:00.5+00:00")),
        ("mesure".to_owned(), Value::Float(0.1 + 0.2)),
        ("infini".to_owned(), Value::Float(f64::INFINITY)),
        ("lieu".to_owned(), Value::Point { srid: 4326, point: vec![2.35, 48.85] }),
    ]);
    let rank = |n| Props::from([("rang".to_owned(), Value::Int(n))]);
    ChangeSet::new(vec![
        concept(uuid(1), "limite"),
        concept(uuid(2), "dérivée"),
        Change::CreateNode(node(uuid(3), "Document", props)),
        relation(uuid(3), "INDEXE", uuid(2), Props::new()),
        relation(uuid(1), "CITE AUSSI", uuid(2), rank(2)),
        relation(uuid(1), "CITE AUSSI", uuid(2), rank(1)),
        relation(uuid(1), "CITE AUSSI", uuid(2), rank(1)),
        Change::DeleteNode { node: mqd_model::NodeRef::Uuid(uuid(1)) },
        concept(uuid(1), "limite, avec un nouvel identifiant"),
        relation(uuid(1), "CITE AUSSI", uuid(2), rank(2)),
        relation(uuid(1), "CITE AUSSI", uuid(2), rank(1)),
        relation(uuid(1), "CITE AUSSI", uuid(2), rank(1)),
    ])
}

fn filled() -> Store {
    let store = Store::memory();
    store.apply(&sample()).unwrap();
    store
}

fn backed_up(store: &Store, path: &Path) -> Vec<u8> {
    backup::write(path, &store.load().unwrap()).unwrap();
    fs::read(path).unwrap()
}

#[test]
fn the_format_is_the_documented_one() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = backed_up(&filled(), &folder.path().join("m.jsonl"));
    insta::assert_snapshot!(String::from_utf8(bytes).unwrap());
}

#[test]
fn from_store_to_store_the_bytes_stay_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["m.jsonl", "m.jsonl.zst"] {
        let path = folder.path().join(name);
        let bytes = backed_up(&filled(), &path);
        let summary = backup::verify(&path).unwrap();
        assert_eq!((summary.nodes, summary.relations), (3, 4));
        let again = folder.path().join(format!("again-{name}"));
        for bench in [Some(Bench::memory()), Some(Bench::sqlite()), Bench::neo4j()] {
            let Some(bench) = bench else { continue };
            let store = bench.open();
            let restored = backup::restore(&path, &store, None).unwrap();
            assert_eq!((restored.summary, restored.previous), (summary.clone(), None));
            assert_eq!(backed_up(&store, &again), bytes);
            // What is created next has an id of its own.
            let applied = store.apply(&ChangeSet::new(vec![concept(uuid(9), "après")])).unwrap();
            assert!(applied.nodes[0] > 4, "{:?}", applied.nodes);

            // Not again into what holds something, unless asked, and then with a backup.
            let error = backup::restore(&path, &store, None).unwrap_err();
            assert!(matches!(error, Error::NotEmpty { nodes: 4, relations: 4 }), "{error}");
            let safe = folder.path().join(format!("before-{name}"));
            let restored = backup::restore(&path, &store, Some(&safe)).unwrap();
            assert_eq!(restored.previous.as_deref(), Some(safe.as_path()));
            assert_eq!(backup::verify(&safe).unwrap().nodes, 4);
            assert_eq!(backed_up(&store, &again), bytes);
        }
    }
}

#[test]
fn a_damaged_backup_is_refused_with_its_line_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let good = String::from_utf8(backed_up(&filled(), &folder.path().join("m.jsonl"))).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let last = lines.len();
    // A text with its own right counts and checksum: what is wrong is elsewhere.
    let sealed = |body: &[&str], nodes: usize, relations: usize| {
        let body: String = body.iter().map(|line| format!("{line}\n")).collect();
        let sum = hex::encode(Sha256::digest(&body));
        format!(
            "{body}{{\"end\":{{\"nodes\":{nodes},\"relations\":{relations},\"sha256\":\"{sum}\"}}}}\n"
        )
    };
    let without = |n: usize| {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != n);
        kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    for (name, text, line, why) in [
        ("empty", String::new(), 1, "truncated"),
        ("other", "{\"a\":1}\n".to_owned(), 1, "not a backup of maquisdoc"),
        ("newer", good.replacen("\"format\":1", "\"format\":2", 1), 1, "install a newer maquisdoc"),
        ("truncated", good[..good.len() - 100].to_owned(), last, "truncated"),
        ("no end", lines[..last - 1].join("\n") + "\n", last, "truncated"),
        ("changed", good.replacen("limite", "limites", 1), last, "checksum"),
        ("a line less", without(2), last - 1, "lines are missing"),
        ("more", format!("{good}x"), last, "after the last line"),
        ("not JSON", good.replacen("\"props\"", "props", 1), 2, "damaged"),
        ("unknown field", good.replacen("\"props\"", "\"prop\"", 1), 2, "unknown field"),
        ("twice", sealed(&[lines[0], lines[1], lines[1]], 2, 0), 3, "there twice"),
        (
            "uuid twice",
            sealed(&[lines[0], lines[1], &lines[1].replacen("\"node\":2", "\"node\":7", 1)], 2, 0),
            3,
            "two nodes have the uuid",
        ),
        ("dangling", sealed(&[lines[0], lines[1], lines[last - 2]], 1, 1), 4, "which is not there"),
    ] {
        for compressed in [false, true] {
            let path = folder.path().join("bad");
            let bytes = match compressed {
                true => zstd::encode_all(text.as_bytes(), 3).unwrap(),
                false => text.clone().into_bytes(),
            };
            fs::write(&path, bytes).unwrap();
            let store = Store::memory();
            let error = backup::restore(&path, &store, None).unwrap_err();
            let Error::Line { line: at, detail, .. } = &error else { panic!("{name}: {error}") };
            assert!(*at == line as u64 && detail.contains(why), "{name}: {error}");
            assert!(store.load().unwrap().nodes.is_empty());
        }
    }
}

#[test]
fn a_cut_or_changed_compressed_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.jsonl.zst");
    let good = backed_up(&filled(), &path);
    for cut in [4, 5, good.len() / 2, good.len() - 1] {
        fs::write(&path, &good[..cut]).unwrap();
        assert!(backup::verify(&path).is_err(), "cut at {cut}");
    }
    for at in (0..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(&path, bad).unwrap();
        // A flipped bit of the frame header may say the same thing: then the content is whole.
        if let Ok(summary) = backup::verify(&path) {
            assert_eq!((summary.nodes, summary.relations), (3, 4), "bit of byte {at}");
        }
    }
}

#[test]
fn a_bomb_is_refused_before_it_fills_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.jsonl.zst");
    for (line, why) in
        [(vec![b' '; 1 << 20], "longer than"), (b"{}\n".repeat(1 << 18), "neither a node")]
    {
        let mut encoder = zstd::Encoder::new(fs::File::create(&path).unwrap(), 1).unwrap();
        encoder.write_all(b"{\"maquisdoc\":\"backup\",\"format\":1}\n").unwrap();
        for _ in 0..64 {
            encoder.write_all(&line).unwrap();
        }
        encoder.finish().unwrap();
        let error = backup::verify(&path).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn what_cannot_be_written_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.jsonl");
    let old = backed_up(&filled(), &path);
    let missing = folder.path().join("absent/m.jsonl");
    assert!(matches!(backup::write(&missing, &Snapshot::default()), Err(Error::Io { .. })));
    assert_eq!(fs::read(&path).unwrap(), old);
    // No temporary file stays behind.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_last_good_graph_comes_back_with_its_age() {
    let folder = tempfile::tempdir().unwrap();
    let last = LastGood::at(folder.path().join("cache/last.jsonl.zst"));
    assert!(last.load().is_err());
    let snapshot = filled().load().unwrap();
    last.save(&snapshot).unwrap();
    let (back, age) = last.load().unwrap();
    assert_eq!(back.nodes.len(), snapshot.nodes.len());
    assert_eq!(back.relations.len(), snapshot.relations.len());
    assert_eq!(back.version, Version::default());
    assert!(age.as_secs() < 60);
}

#[tokio::test]
async fn backups_sent_away_are_kept_by_the_policy() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("file://{}", folder.path().display());
    let remote = backup::Remote::open(&address, []).unwrap();
    fs::write(folder.path().join("notes.txt"), "pas une sauvegarde").unwrap();
    let snapshot = filled().load().unwrap();
    for day in 1..=9 {
        let now = format!("2026-03-0{day}T02:00:00Z").parse().unwrap();
        remote.put(&snapshot, now).await.unwrap();
    }
    let gone = remote.prune("3d".parse().unwrap()).await.unwrap();
    assert_eq!(gone.len(), 6);
    let left = remote.list().await.unwrap();
    assert_eq!(left.len(), 3);
    let file = folder.path().join("fetched");
    remote.fetch(&left[2].1, &file).await.unwrap();
    assert_eq!(backup::verify(&file).unwrap().nodes, 3);
    assert!(folder.path().join("notes.txt").exists());

    for address in ["http://example.org", "s3://user:secret@bucket/x", "s3://"] {
        let error = backup::Remote::open(address, []).map(|_| ()).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn relations_that_differ_in_nothing_are_all_kept_whatever_their_order() {
    let node = |id| Node { id, uuid: None, labels: vec![], props: Props::new() };
    let link = |id, from, to| Relation { id, from, kind: "R".to_owned(), to, props: Props::new() };
    let folder = tempfile::tempdir().unwrap();
    let write = |nodes: Vec<Node>, relations: Vec<Relation>| {
        let path = folder.path().join("m.jsonl");
        let snapshot = Snapshot { nodes, relations, ..Snapshot::default() };
        backup::write(&path, &snapshot).unwrap();
        fs::read_to_string(path).unwrap()
    };
    let one = write(vec![node(1), node(2)], vec![link(1, 1, 2), link(2, 1, 2), link(3, 2, 1)]);
    let other = write(vec![node(2), node(1)], vec![link(7, 2, 1), link(8, 1, 2), link(9, 1, 2)]);
    assert_eq!(one, other);
    assert_eq!(one.lines().count(), 7);
}
