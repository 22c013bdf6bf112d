//! Where a maquis is kept. Reads of the platform never come here: a store loads everything,
//! applies a change set in one transaction, and says whether it changed.
//!
//! Invariant: knows nothing of LaTeX or HTTP; one story test passes on every back end.
#![deny(missing_docs)]

pub mod backup;
mod bolt;
pub mod csv;
mod error;
mod last_good;
mod memory;
mod secret;
mod sqlite;
mod temporal;
mod wire;

pub use bolt::{Neo4jConfig, give_uuids};
pub use error::Error;
pub use last_good::LastGood;
pub use secret::Secret;

use mqd_model::{Applied, ChangeSet, Snapshot, Version};
use std::path::Path;

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Reading and writing; the file is made if there is none. One process at a time.
    ReadWrite,
    /// Reading only, also beside a writer. SQLite keeps two small files beside its own meanwhile.
    ReadOnly,
    /// Reading once, and leaving nothing behind: for looking at a store that others serve.
    Look,
}

/// What a store says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The program that keeps it, with its version.
    pub server: String,
    /// When one of our programs last wrote to it, as far as is known.
    pub written: Option<jiff::Timestamp>,
}

/// A store of the maquis: one type over its back ends.
#[derive(Debug)]
pub struct Store(Backend);

#[derive(Debug)]
enum Backend {
    Memory(memory::Memory),
    Sqlite(sqlite::Sqlite),
    Neo4j(Box<bolt::Neo4j>),
}

impl Store {
    /// A store that lives as long as the process: for tests and for trying things out.
    #[must_use]
    pub fn memory() -> Self {
        Self(Backend::Memory(memory::Memory::default()))
    }

    /// A store in a SQLite file.
    ///
    /// # Errors
    /// [`Error::Held`] when another process writes to it; [`Error::Foreign`], [`Error::Newer`] or
    /// [`Error::Damaged`] when the file is not one that this program can keep a maquis in (it is
    /// then left untouched, byte for byte).
    pub fn open_sqlite(path: impl AsRef<Path>, mode: OpenMode) -> Result<Self, Error> {
        sqlite::Sqlite::open(path.as_ref(), mode).map(|store| Self(Backend::Sqlite(store)))
    }

    /// A store in Neo4j or Aura. Every call blocks while the server answers: call it from a
    /// thread that may wait.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Unreachable`] or [`Error::Unauthorised`].
    pub fn open_neo4j(config: &Neo4jConfig) -> Result<Self, Error> {
        bolt::Neo4j::open(config).map(|store| Self(Backend::Neo4j(Box::new(store))))
    }

    /// The same without asking the server anything yet: for a program that starts while the
    /// database sleeps.
    ///
    /// # Errors
    /// [`Error::Address`].
    pub fn neo4j_later(config: &Neo4jConfig) -> Result<Self, Error> {
        bolt::Neo4j::later(config).map(|store| Self(Backend::Neo4j(Box::new(store))))
    }

    /// A write that changes nothing of the maquis, for a database that sleeps when nobody writes
    /// to it; nothing is done for the other back ends.
    ///
    /// # Errors
    /// [`Error`] when the store cannot be written.
    pub fn keep_alive(&self) -> Result<(), Error> {
        match &self.0 {
            Backend::Memory(_) | Backend::Sqlite(_) => Ok(()),
            Backend::Neo4j(neo4j) => neo4j.keep_alive(),
        }
    }

    /// Everything in the store.
    ///
    /// # Errors
    /// [`Error`] when the store cannot be read.
    pub fn load(&self) -> Result<Snapshot, Error> {
        match &self.0 {
            Backend::Memory(memory) => Ok(memory.load()),
            Backend::Sqlite(sqlite) => sqlite.load(),
            Backend::Neo4j(neo4j) => neo4j.load(),
        }
    }

    /// Which state the store is in, without loading it.
    ///
    /// # Errors
    /// [`Error`] when the store cannot be read.
    pub fn version(&self) -> Result<Version, Error> {
        match &self.0 {
            Backend::Memory(memory) => Ok(memory.version()),
            Backend::Sqlite(sqlite) => sqlite.version(),
            Backend::Neo4j(neo4j) => neo4j.version(),
        }
    }

    /// Which program keeps the store, and when it was last written.
    ///
    /// # Errors
    /// [`Error`] when the store cannot be read.
    pub fn about(&self) -> Result<About, Error> {
        Ok(match &self.0 {
            Backend::Memory(_) => About { server: "memory".to_owned(), written: None },
            Backend::Sqlite(sqlite) => sqlite.about(),
            Backend::Neo4j(neo4j) => {
                let (server, written) = neo4j.about()?;
                let written = written.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
                About { server, written }
            }
        })
    }

    /// Applies a change set in one transaction; once this returns, the change is durable.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a step names what is not there (nothing is changed then);
    /// another [`Error`] when the store cannot be written.
    pub fn apply(&self, changes: &ChangeSet) -> Result<Applied, Error> {
        match &self.0 {
            Backend::Memory(memory) => memory.apply(changes),
            Backend::Sqlite(sqlite) => sqlite.apply(changes),
            Backend::Neo4j(neo4j) => neo4j.apply(changes),
        }
    }

    /// Replaces everything by a snapshot if the store is still in the state `expected`.
    pub(crate) fn replace(&self, snapshot: &Snapshot, expected: &Version) -> Result<(), Error> {
        match &self.0 {
            Backend::Memory(memory) => memory.replace(snapshot, expected),
            Backend::Sqlite(sqlite) => sqlite.replace(snapshot, expected),
            Backend::Neo4j(neo4j) => neo4j.replace(snapshot, expected),
        }
    }
}
