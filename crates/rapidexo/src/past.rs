//! Former states of a dépôt that is a Git repository.

use crate::Exercises;
use mqd_depot::{manifest::Manifest, scan::Scan, source::Files};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

/// Finds former commits of dépôts whose folder has no history of its own: the folder that is known
/// and the digits that a commit begins with → the folder that holds it and the whole commit.
#[derive(Clone)]
pub struct History(pub Arc<Find>);

/// See [`History`].
type Find = dyn Fn(&Path, &str) -> Option<(PathBuf, String)> + Send + Sync;

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("History")
    }
}

/// Where former states of a dépôt are.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    root: PathBuf,
    manifest: Arc<Manifest>,
    history: Option<History>,
}

/// Runs git without prompts, hooks or pagers; its output when it succeeds.
fn git(root: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git")
        .args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "--no-pager"])
        .args(arguments)
        .current_dir(root)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

/// Whether a working folder is exactly what its commit says.
pub(crate) fn is_clean(root: &Path) -> bool {
    git(root, &["status", "--porcelain", "--untracked-files=normal"])
        .is_some_and(|changes| changes.is_empty())
}

impl Past {
    /// The past of a scanned dépôt.
    pub(crate) fn of(scan: &Scan, history: Option<History>) -> Self {
        let (root, manifest) = (scan.files.root.clone(), Arc::clone(&scan.manifest));
        Self { root, manifest, history }
    }

    /// The exercises of a commit.
    pub(crate) fn at(&self, commit: &str) -> Option<Exercises> {
        // Only hexadecimal digits come here: they cannot be an option of git.
        if !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        if !self.root.join(".git").exists() {
            let (folder, full) = self.history.as_ref()?.0(&self.root, commit)?;
            return self.read(&folder, full);
        }
        let full = git(&self.root, &["rev-parse", "--verify", &format!("{commit}^{{commit}}")])?;
        let full = String::from_utf8(full).ok()?.trim().to_owned();
        let archive = git(&self.root, &["archive", "--format=tar", &full])?;
        let folder = tempfile::tempdir().ok()?;
        tar::Archive::new(archive.as_slice()).unpack(folder.path()).ok()?;
        self.read(folder.path(), full)
    }

    /// The exercises of a commit that stands in a folder.
    fn read(&self, folder: &Path, commit: String) -> Option<Exercises> {
        // The manifest of that time, where the dépôt holds its own.
        let own = folder.join("depot.toml");
        let manifest = if self.manifest.file.starts_with(&self.root) && own.is_file() {
            Manifest::load(&own).map_or_else(|_| Arc::clone(&self.manifest), Arc::new)
        } else {
            Arc::clone(&self.manifest)
        };
        let files = Files::read(folder, &manifest).ok()?;
        let mut exercises = Exercises::of(&Scan::new(manifest, files))?;
        exercises.version = commit;
        Some(exercises)
    }
}
