//! The search index of an export: Pagefind's.

use super::files::Out;
use std::{path::Path, process::Stdio};

/// Runs Pagefind over the pages; `false` (and a word in the log) when it cannot be run, so that
/// the search of the export falls back to our own index.
pub(super) async fn pagefind(program: &Path, out: &mut Out) -> bool {
    let run = tokio::process::Command::new(program)
        .arg("--site")
        .arg(out.root())
        .args(["--glob", "**/index.html", "--quiet"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .await;
    match run {
        Ok(done) if done.status.success() => {
            note(out);
            true
        }
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr);
            tracing::warn!("Pagefind failed, search uses our own index: {}", said.trim());
            false
        }
        Err(error) => {
            tracing::warn!("{}: {error}; search uses our own index", program.display());
            false
        }
    }
}

/// Counts Pagefind's files as part of the export.
fn note(out: &mut Out) {
    let mut folders = vec!["pagefind".to_owned()];
    let mut names = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(out.root().join(&folder)) else { continue };
        for entry in entries.flatten() {
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() { folders.push(name) } else { names.push(name) }
        }
    }
    for name in names {
        out.note(&name);
    }
}
