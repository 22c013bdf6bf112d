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
    /// A backup or a table to import is not what it should be.
    #[error("{}, line {line}: {detail}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong there, and what was expected.
        detail: String,
    },
    /// A restore was asked into a store that holds something.
    #[error(
        "the store is not empty ({nodes} nodes, {relations} relations); nothing was changed: \
         restore with --replace to replace its content, which is backed up first"
    )]
    NotEmpty {
        /// Nodes in the store.
        nodes: usize,
        /// Relations in the store.
        relations: usize,
    },
    /// Another writer changed the store between a read and the write that relied on it.
    #[error("another writer changed the store meanwhile; nothing was changed: try again")]
    Changed,
    /// Neo4j cannot be reached; nothing was changed.
    #[error(
        "{address}: cannot be reached ({detail}); nothing was changed: check NEO4J_URL, and that \
         the database runs (Aura pauses a free one that is not used)"
    )]
    Unreachable {
        /// Its address.
        address: String,
        /// What the driver says.
        detail: String,
    },
    /// Neo4j refuses the user or the password.
    #[error("{address}: refuses the user or the password: check NEO4J_USERNAME and NEO4J_PASSWORD")]
    Unauthorised {
        /// Its address.
        address: String,
    },
    /// Neo4j refuses a statement; nothing was changed.
    #[error("{address}: {code}: {message}; nothing was changed")]
    Refused {
        /// Its address.
        address: String,
        /// Neo4j's code of the error.
        code: String,
        /// Neo4j's words.
        message: String,
    },
    /// The connection was lost while the transaction was being committed.
    #[error(
        "{address}: the connection was lost during the commit, so the outcome is unknown: look \
         whether the change is there before making it again"
    )]
    OutcomeUnknown {
        /// Its address.
        address: String,
    },
    /// How to connect to Neo4j is not understood.
    #[error(
        "NEO4J_URL: {detail}; expected bolt://, bolt+s://, bolt+ssc://, neo4j:// or neo4j+s:// and a host"
    )]
    Address {
        /// What is wrong, without secrets.
        detail: String,
    },
    /// A label, relation type or property that cannot be written to Neo4j.
    #[error("{name:?} cannot be written to Neo4j: {detail}")]
    Name {
        /// The name.
        name: String,
        /// Why.
        detail: &'static str,
    },
    /// A property of the database that this program cannot read.
    #[error("{what}: the property « {property} » cannot be read ({detail}); nothing was loaded")]
    Unreadable {
        /// The node or relation, by its id in the database.
        what: String,
        /// The property.
        property: String,
        /// Why.
        detail: String,
    },
    /// An option has a value that is not understood.
    #[error("« {value} » is not understood: {expected}")]
    Option {
        /// What was given.
        value: String,
        /// What is understood.
        expected: &'static str,
    },
    /// The place where backups are sent refuses.
    #[error("{address}: {source}")]
    Remote {
        /// The address, without secrets.
        address: String,
        /// What the place says.
        source: Box<dyn std::error::Error + Send + Sync>,
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
