//! In development, `serve` starts itself again when what it has read changes: the configuration,
//! the pages, the sources, and the program itself, into which the templates are compiled.

use crate::config::Settings;
use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash as _, Hasher as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(700);
/// Folders that change without anything to show.
const PASSED_OVER: [&str; 4] = [".git", "data", "target", "node_modules"];

/// Watches on a thread of its own; the new program listens where this one did.
pub fn watch(settings: &Settings, listen: std::net::SocketAddr) {
    let program = std::env::current_exe().ok();
    let mut watched: Vec<PathBuf> = vec![settings.folder.join(".env")];
    watched.extend(settings.path.clone());
    watched.extend(program.clone());
    watched.extend(
        [&settings.file.site.pages, &settings.file.site.journals].into_iter().flatten().cloned(),
    );
    let here = settings.file.depot.iter().filter(|depot| !depot.path.as_os_str().is_empty());
    watched.extend(here.map(|depot| settings.folder.join(&depot.path)));
    // Before anyone knows that the server runs: what is changed from then on counts.
    let before = state(&watched);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(EVERY);
            let now = state(&watched);
            // Not in the middle of a build, whose program is not whole yet.
            std::thread::sleep(EVERY);
            if now == before || now != state(&watched) {
                continue;
            }
            let Some(program) = &program else { return };
            tracing::info!("something changed: starting again");
            let error = Command::new(program).args(arguments(listen)).exec();
            tracing::warn!(%error, "cannot start again");
        }
    });
}

/// The arguments of this run, with the address that it really listens on.
fn arguments(listen: std::net::SocketAddr) -> Vec<std::ffi::OsString> {
    let mut kept = Vec::new();
    let mut given = std::env::args_os().skip(1);
    while let Some(argument) = given.next() {
        let text = argument.to_string_lossy().into_owned();
        if text == "--listen" {
            given.next();
        } else if !text.starts_with("--listen=") {
            kept.push(argument);
        }
    }
    kept.extend(["--listen".into(), listen.to_string().into()]);
    kept
}

/// A digest of the names, sizes and times of everything there.
fn state(watched: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for path in watched {
        note(path, &mut hasher);
    }
    hasher.finish()
}

fn note(path: &Path, hasher: &mut DefaultHasher) {
    let Ok(meta) = fs::metadata(path) else { return };
    path.hash(hasher);
    if meta.is_dir() {
        let Ok(entries) = fs::read_dir(path) else { return };
        let mut inside: Vec<PathBuf> = entries
            .flatten()
            .filter(|entry| !PASSED_OVER.iter().any(|name| entry.file_name() == *name))
            .map(|entry| entry.path())
            .collect();
        inside.sort();
        for path in inside {
            note(&path, hasher);
        }
    } else {
        meta.len().hash(hasher);
        meta.modified().ok().hash(hasher);
    }
}
