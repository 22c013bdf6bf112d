//! Backups: the whole maquis in one file, the same bytes from every store (see docs/BACKUP.md).

mod read;
mod remote;
pub mod retention;
mod write;

pub use read::read;
pub use remote::Remote;
pub use write::{to_bytes, write};

use crate::{Error, Store};
use std::path::{Path, PathBuf};

/// The version of the format that this program writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Nodes.
    pub nodes: usize,
    /// Relations.
    pub relations: usize,
    /// SHA-256 of every line before the last, in hexadecimal.
    pub sha256: String,
}

/// Reads a backup to its end and checks its counts, its checksum and its links.
///
/// # Errors
/// [`Error::Line`] naming the line that is wrong.
pub fn verify(path: &Path) -> Result<Summary, Error> {
    read(path).map(|(_, summary)| summary)
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What was restored.
    pub summary: Summary,
    /// The backup of what was there before, if anything was.
    pub previous: Option<PathBuf>,
}

/// Restores a backup into a store, in one transaction. A store that holds something is only
/// replaced when `replace` names the file to back it up into first.
///
/// # Errors
/// [`Error::NotEmpty`] without `replace`; [`Error::Line`] when the backup is damaged. Nothing is
/// changed in either case.
pub fn restore(path: &Path, store: &Store, replace: Option<&Path>) -> Result<Restored, Error> {
    // Read to the end before the store is touched: a damaged backup changes nothing.
    let (snapshot, summary) = read(path)?;
    let before = store.load()?;
    let mut previous = None;
    if !(before.nodes.is_empty() && before.relations.is_empty()) {
        let Some(file) = replace else {
            return Err(Error::NotEmpty {
                nodes: before.nodes.len(),
                relations: before.relations.len(),
            });
        };
        write(file, &before)?;
        previous = Some(file.to_owned());
    }
    store.replace(&snapshot, &before.version)?;
    Ok(Restored { summary, previous })
}
