//! What can go wrong with a store: every error says what is wrong and what to do about it.

use std::{io, path::PathBuf};

/// What can go wrong with a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The change set does not fit the content of the store; nothing was changed.
    #[error(transparent)]
    Invalid(#[from] mqd_model::Invalid),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not a store of ours; it was left untouched.
    #[error(
        "{}: {found}; it was left untouched: give another path, or move this file away",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: String,
    },
    /// The file was written by a newer maquisdoc; it was left untouched.
    #[error(
        "{}: its schema is version {found} and this program knows versions up to {known}; \
         it was left untouched: install a newer maquisdoc",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The file is damaged; it was left untouched.
    #[error(
        "{}: the file is damaged ({detail}); it was left untouched: move it away and restore the \
         last backup with `maquisdoc restore`",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// Another process has the store open for writing.
    #[error(
        "{}: already open for writing by {holder}; stop it, or open this store for reading only",
        path.display()
    )]
    Held {
        /// The file.
        path: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// There is no such store.
    #[error("{}: there is no such store; `maquisdoc maintain` makes one", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The store was opened for reading only.
    #[error("{}: this store was opened for reading only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full; nothing was changed.
    #[error("{}: the disk is full; nothing was changed: make room and try again", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// SQLite refuses, for a reason that has no case of its own here.
    #[error("{}: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl Error {
    /// A system error about a file; a full disk has its own case.
    pub(crate) fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Io { path, source },
        }
    }
}
