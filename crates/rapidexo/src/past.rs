//! Former states of a dépôt that is a Git repository.

use crate::Exercises;
use mqd_depot::{manifest::Manifest, scan::Scan, source::Files};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

/// Where former states of a dépôt are.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    pub(crate) root: PathBuf,
    pub(crate) manifest: Arc<Manifest>,
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
    /// The exercises of a commit.
    pub(crate) fn at(&self, commit: &str) -> Option<Exercises> {
        // Only hexadecimal digits come here: they cannot be an option of git.
        if !self.root.join(".git").exists() || !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let full = git(&self.root, &["rev-parse", "--verify", &format!("{commit}^{{commit}}")])?;
        let full = String::from_utf8(full).ok()?.trim().to_owned();
        let archive = git(&self.root, &["archive", "--format=tar", &full])?;
        let folder = tempfile::tempdir().ok()?;
        tar::Archive::new(archive.as_slice()).unpack(folder.path()).ok()?;
        // The manifest of that time, where the dépôt holds its own.
        let own = folder.path().join("depot.toml");
        let manifest = if self.manifest.file.starts_with(&self.root) && own.is_file() {
            Manifest::load(&own).map_or_else(|_| Arc::clone(&self.manifest), Arc::new)
        } else {
            Arc::clone(&self.manifest)
        };
        let files = Files::read(folder.path(), &manifest).ok()?;
        let mut exercises = Exercises::of(&Scan::new(manifest, files))?;
        exercises.version = full;
        Some(exercises)
    }
}
