//! The last good graph on disk, so that the platform starts while its database sleeps.

use crate::{Error, backup};
use mqd_model::Snapshot;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// A file that holds the last snapshot that was loaded.
#[derive(Debug, Clone)]
pub struct LastGood {
    path: PathBuf,
}

impl LastGood {
    /// The file at `path` (`….jsonl.zst`: the format is the one of backups).
    #[must_use]
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned() }
    }

    /// Saves a snapshot; the former file stays until the new one is whole.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Full`] when it cannot be written.
    pub fn save(&self, snapshot: &Snapshot) -> Result<(), Error> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
        }
        backup::write(&self.path, snapshot).map(|_| ())
    }

    /// Loads the snapshot and says how old it is. Its version is empty: no store is in that state,
    /// so the first refresh that reaches the database loads it again.
    ///
    /// # Errors
    /// [`Error::Io`] when there is none, [`Error::Line`] when it is damaged.
    pub fn load(&self) -> Result<(Snapshot, Duration), Error> {
        let age = self.age()?;
        backup::read(&self.path).map(|(snapshot, _)| (snapshot, age))
    }

    /// How long ago it was saved.
    ///
    /// # Errors
    /// [`Error::Io`] when there is none.
    pub fn age(&self) -> Result<Duration, Error> {
        let saved = fs::metadata(&self.path)
            .and_then(|m| m.modified())
            .map_err(|e| Error::io(&self.path, e))?;
        // A clock that went back makes a file from the future: of age zero.
        Ok(SystemTime::now().duration_since(saved).unwrap_or_default())
    }
}
