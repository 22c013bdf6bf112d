//! What a SQLite store does with files that are not its own, damaged, newer, or held.
#![allow(clippy::unwrap_used)]

mod common;

use common::concept;
use mqd_model::{ChangeSet, Uuid};
use mqd_store::{Error, OpenMode, Store};
use std::{fs, path::Path};

fn made(path: &Path) -> Store {
    let store = Store::open_sqlite(path, OpenMode::ReadWrite).unwrap();
    let changes = (0..500).map(|n| concept(Uuid::new_v4(), &format!("notion {n}"))).collect();
    store.apply(&ChangeSet::new(changes)).unwrap();
    store
}

/// The bytes of a closed store.
fn bytes() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.sqlite");
    drop(made(&path));
    fs::read(path).unwrap()
}

#[test]
fn what_is_no_store_of_this_version_is_refused_and_left_untouched() {
    let good = bytes();
    let with = |at: usize, new: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + new.len()].copy_from_slice(new);
        bytes
    };
    let other = {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.sqlite");
        rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        fs::read(path).unwrap()
    };
    let middle = good.len() / 2 / 4096 * 4096;
    for (name, content, expected) in [
        ("empty", Vec::new(), "too short to be a SQLite file"),
        ("text", b"\\documentclass{article}\n".repeat(20), "not a SQLite file"),
        ("of another program", other, "a SQLite file of another program"),
        ("newer", with(60, &99_u32.to_be_bytes()), "its schema is version 99"),
        ("cut short", good[..good.len() - 8192].to_vec(), "damaged"),
        ("cut in a page", good[..good.len() - 1000].to_vec(), "damaged"),
        ("with a page overwritten", with(middle, &[0xa5; 4096]), "damaged"),
        ("with a header overwritten", with(16, &[0xff; 8]), "damaged"),
    ] {
        for mode in [OpenMode::ReadWrite, OpenMode::ReadOnly] {
            // A read-only store checks the header; pages are checked as they are read.
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("m.sqlite");
            fs::write(&path, &content).unwrap();
            let error = Store::open_sqlite(&path, mode).and_then(|store| store.load()).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(expected), "{name}, {mode:?}: {text}");
            assert!(text.contains("m.sqlite") && text.contains("untouched"), "{name}: {text}");
            assert_eq!(fs::read(&path).unwrap(), content, "{name}, {mode:?}");
            assert!(!folder.path().join("m.sqlite-journal").exists(), "{name}");
        }
    }
}

#[test]
fn a_second_writer_is_told_who_holds_the_file_and_readers_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.sqlite");
    let store = made(&path);
    let error = Store::open_sqlite(&path, OpenMode::ReadWrite).unwrap_err();
    assert!(matches!(error, Error::Held { .. }), "{error}");
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");

    let reader = Store::open_sqlite(&path, OpenMode::ReadOnly).unwrap();
    assert_eq!(reader.load().unwrap(), store.load().unwrap());
    let change = ChangeSet::new(vec![concept(Uuid::new_v4(), "lu par l'autre")]);
    assert!(matches!(reader.apply(&change), Err(Error::ReadOnly { .. })));
    let applied = store.apply(&change).unwrap();
    assert_eq!(reader.version().unwrap(), applied.version);
    assert_eq!(reader.load().unwrap(), store.load().unwrap());

    drop(store);
    Store::open_sqlite(&path, OpenMode::ReadWrite).unwrap();
}

#[test]
fn nothing_is_made_for_a_reader_and_versions_tell_stores_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sous/dossier/m.sqlite");
    let error = Store::open_sqlite(&path, OpenMode::ReadOnly).unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
    assert!(!folder.path().join("sous").exists());

    let one = made(&path);
    let two = made(&folder.path().join("deux.sqlite"));
    assert_ne!(one.version().unwrap(), two.version().unwrap());
    let before = one.version().unwrap();
    drop(one);
    let one = Store::open_sqlite(&path, OpenMode::ReadWrite).unwrap();
    assert_eq!(one.version().unwrap(), before);
}
