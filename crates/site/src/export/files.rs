//! The files of an export: written only when they changed, removed when nothing names them.

use super::ExportError;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

/// The list of what an export wrote, in its folder.
const LIST: &str = ".maquisdoc-export.json";

#[derive(Debug, Default, Serialize, Deserialize)]
struct List {
    fingerprint: String,
    /// Hash of each file.
    files: BTreeMap<String, String>,
}

/// The folder of an export.
pub(super) struct Out {
    folder: Arc<Folder>,
    now: BTreeMap<String, String>,
    written: usize,
}

/// Where files go, and what was there before: shared by the tasks that write.
pub(super) struct Folder {
    root: PathBuf,
    before: List,
}

/// A file in its place.
pub(super) struct Put {
    name: String,
    hash: String,
    written: bool,
}

impl Folder {
    /// Writes a file unless it is already so; `None` for a name that would lead out of the folder.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> Result<Option<Put>, ExportError> {
        let relative = Path::new(name);
        // Names come from addresses, and addresses from texts.
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            return Ok(None);
        }
        let hash = blake3::hash(bytes).to_hex().to_string();
        let path = self.root.join(relative);
        let written = self.before.files.get(name) != Some(&hash) || !path.is_file();
        if written && let Err(first) = fs::write(&path, bytes) {
            if first.kind() != io::ErrorKind::NotFound {
                return Err(fault(&path, first));
            }
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(|error| fault(folder, error))?;
            }
            fs::write(&path, bytes).map_err(|error| fault(&path, error))?;
        }
        Ok(Some(Put { name: name.to_owned(), hash, written }))
    }
}

impl Out {
    pub(super) fn open(root: &Path) -> Result<Self, ExportError> {
        fs::create_dir_all(root).map_err(|error| fault(root, error))?;
        let path = root.join(LIST);
        let before = match fs::read(&path) {
            // A list that cannot be read is as good as none: every file is compared again.
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut entries = fs::read_dir(root).map_err(|error| fault(root, error))?;
                if entries.next().is_some() {
                    return Err(ExportError::NotOurs(root.to_owned()));
                }
                // From now on the folder is ours, even if this export is interrupted.
                let empty = serde_json::to_vec(&List::default()).unwrap_or_default();
                fs::write(&path, empty).map_err(|error| fault(&path, error))?;
                List::default()
            }
            Err(error) => return Err(fault(&path, error)),
        };
        let folder = Arc::new(Folder { root: root.to_owned(), before });
        Ok(Self { folder, now: BTreeMap::new(), written: 0 })
    }

    /// Whether an export of this fingerprint is already here, whole.
    pub(super) fn is_made_of(&self, fingerprint: &str) -> bool {
        self.folder.before.fingerprint == fingerprint
            && self.folder.before.files.keys().all(|name| self.folder.root.join(name).is_file())
    }

    pub(super) fn len(&self) -> usize {
        if self.now.is_empty() { self.folder.before.files.len() } else { self.now.len() }
    }

    pub(super) fn written(&self) -> usize {
        self.written
    }

    /// What tasks write through.
    pub(super) fn folder(&self) -> Arc<Folder> {
        Arc::clone(&self.folder)
    }

    /// Notes a file that a task wrote.
    pub(super) fn add(&mut self, put: Put) {
        self.written += usize::from(put.written);
        self.now.insert(put.name, put.hash);
    }

    /// Writes a file and notes it.
    pub(super) fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        if let Some(put) = self.folder.put(name, bytes)? {
            self.add(put);
        }
        Ok(())
    }

    /// Removes what this export no longer has and writes the list; the number of files removed.
    pub(super) fn finish(&mut self, fingerprint: &str) -> Result<usize, ExportError> {
        let mut removed = 0;
        for name in self.folder.before.files.keys().filter(|name| !self.now.contains_key(*name)) {
            let path = self.folder.root.join(name);
            match fs::remove_file(&path) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(fault(&path, error)),
            }
            // Folders that are empty now go too; the others refuse.
            let mut folder = path.parent();
            while let Some(f) = folder.filter(|f| *f != self.folder.root) {
                if fs::remove_dir(f).is_err() {
                    break;
                }
                folder = f.parent();
            }
        }
        let list = List { fingerprint: fingerprint.to_owned(), files: self.now.clone() };
        let path = self.folder.root.join(LIST);
        let bytes = serde_json::to_vec(&list).map_err(|e| fault(&path, e.into()))?;
        fs::write(&path, bytes).map_err(|error| fault(&path, error))?;
        Ok(removed)
    }
}

fn fault(path: &Path, error: io::Error) -> ExportError {
    ExportError::File { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_changes_are_written_and_leftovers_go() {
        let dir = tempfile::tempdir().unwrap();
        let mut out = Out::open(dir.path()).unwrap();
        out.write("a/index.html", b"1").unwrap();
        out.write("b/index.html", b"1").unwrap();
        out.write("../evil", b"1").unwrap();
        assert_eq!(out.finish("one").unwrap(), 0);
        assert!(!dir.path().join("../evil").exists());

        let mut out = Out::open(dir.path()).unwrap();
        assert!(out.is_made_of("one") && !out.is_made_of("two"));
        out.write("a/index.html", b"1").unwrap();
        assert_eq!((out.finish("two").unwrap(), out.written()), (1, 0));
        assert!(!dir.path().join("b").exists());
        fs::remove_file(dir.path().join("a/index.html")).unwrap();
        assert!(!Out::open(dir.path()).unwrap().is_made_of("two"));
    }

    #[test]
    fn a_folder_with_other_files_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("letter.txt"), "x").unwrap();
        assert!(matches!(Out::open(dir.path()), Err(ExportError::NotOurs(_))));
    }
}
