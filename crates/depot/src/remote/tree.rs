//! A commit of a repository file by file, for servers that make no archives: its tree, then its
//! blobs, several at a time.

use super::{RemoteError, archive::plain, github::Github};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::Deserialize;
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Requests at the same time.
const TOGETHER: usize = 8;

#[derive(Deserialize)]
struct Tree {
    tree: Vec<Entry>,
    #[serde(default)]
    truncated: bool,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    sha: String,
}

#[derive(Deserialize)]
struct Blob {
    content: String,
    encoding: String,
}

/// Brings the files of a commit into a folder, which is there when this succeeds.
pub(super) fn fetch(
    github: &Github,
    repository: &str,
    commit: &str,
    to: &Path,
) -> Result<(), RemoteError> {
    let fail = |reason: &str| RemoteError::Unavailable {
        repository: repository.to_owned(),
        reason: reason.to_owned(),
    };
    let path = format!("repos/{repository}/git/trees/{commit}?recursive=1");
    let tree: Tree = github.json(repository, &path)?;
    if tree.truncated {
        return Err(fail("its tree is too large to be listed"));
    }
    // Ordinary files only: links could lead out of the folder.
    let files: Vec<&Entry> = tree
        .tree
        .iter()
        .filter(|e| e.kind == "blob" && e.mode != "120000" && plain(Path::new(&e.path)))
        .collect();
    let parent = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let work = tempfile::Builder::new().prefix(".new-").tempdir_in(parent)?;
    let next = AtomicUsize::new(0);
    let bring = || -> Result<(), RemoteError> {
        while let Some(entry) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = format!("repos/{repository}/git/blobs/{}", entry.sha);
            let blob: Blob = github.json(repository, &path)?;
            let bytes = match blob.encoding.as_str() {
                "base64" => {
                    let text: String = blob.content.split_whitespace().collect();
                    BASE64.decode(text).map_err(|_| fail("a blob cannot be read"))?
                }
                _ => blob.content.into_bytes(),
            };
            let path = work.path().join(&entry.path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(path, bytes)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..TOGETHER).map(|_| scope.spawn(bring)).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(fail("its files cannot be read"))))
            .collect::<Result<Vec<()>, _>>()
    })?;
    match fs::rename(work.path(), to) {
        Err(_) if to.is_dir() => Ok(()),
        done => Ok(done?),
    }
}
