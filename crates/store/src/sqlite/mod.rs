//! A store in a SQLite file: one writer process, any number of readers.
//!
//! Write-ahead log with `synchronous=FULL`: a change set that [`Sqlite::apply`] acknowledged
//! survives a killed process and a power cut. Ids count upwards and are never given twice.

mod file;

use crate::{
    Error, OpenMode,
    wire::{PropsIn, PropsOut},
};
use file::sqlite;
use mqd_model::{
    Applied, Change, ChangeSet, Invalid, Node, NodeId, NodeRef, Props, Relation, RelationId,
    Snapshot, Uuid, Version,
};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    reader: Mutex<Connection>,
    /// Absent when the store was opened for reading only. Declared before the lock is released:
    /// the connection closes first.
    writer: Option<(Mutex<Connection>, file::Lock)>,
}

/// A connection is never left in the middle of a transaction: a transaction that is dropped rolls
/// back, so a panic of another thread does no harm.
fn take(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sqlite {
    pub(crate) fn open(path: &Path, mode: OpenMode) -> Result<Self, Error> {
        let (writer, reader) = file::open(path, mode)?;
        Ok(Self {
            path: path.to_owned(),
            reader: Mutex::new(reader),
            writer: writer.map(|(connection, lock)| (Mutex::new(connection), lock)),
        })
    }

    fn error(&self, source: rusqlite::Error) -> Error {
        sqlite(&self.path, source)
    }

    fn damaged(&self, what: &str, id: i64, detail: impl std::fmt::Display) -> Error {
        Error::Damaged { path: self.path.clone(), detail: format!("{what} {id}: {detail}") }
    }

    pub(crate) fn about(&self) -> crate::About {
        // The log is written first, the file itself when it is taken over.
        let written = ["", "-wal"].iter().filter_map(|suffix| {
            let mut path = self.path.as_os_str().to_owned();
            path.push(suffix);
            let meta = std::fs::metadata(path).ok()?;
            // An empty log is made by whoever opens the file.
            if meta.len() == 0 {
                None
            } else {
                jiff::Timestamp::try_from(meta.modified().ok()?).ok()
            }
        });
        crate::About { server: format!("SQLite {}", rusqlite::version()), written: written.max() }
    }

    pub(crate) fn version(&self) -> Result<Version, Error> {
        version(&take(&self.reader)).map_err(|e| self.error(e))
    }

    pub(crate) fn load(&self) -> Result<Snapshot, Error> {
        let mut connection = take(&self.reader);
        // One transaction: everything read is of one moment, whatever a writer does meanwhile.
        let transaction = connection.transaction().map_err(|e| self.error(e))?;
        let snapshot = Snapshot {
            version: version(&transaction).map_err(|e| self.error(e))?,
            nodes: self.load_nodes(&transaction)?,
            relations: self.load_relations(&transaction)?,
        };
        Ok(snapshot)
    }

    fn load_nodes(&self, connection: &Connection) -> Result<Vec<Node>, Error> {
        let mut nodes = Vec::with_capacity(self.count(connection, "SELECT count(*) FROM node")?);
        let mut statement = connection
            .prepare_cached("SELECT id, uuid, labels, props FROM node ORDER BY id")
            .map_err(|e| self.error(e))?;
        let mut rows = statement.query([]).map_err(|e| self.error(e))?;
        while let Some(row) = rows.next().map_err(|e| self.error(e))? {
            let id: NodeId = row.get(0).map_err(|e| self.error(e))?;
            let text = |at: usize| {
                row.get_ref(at)
                    .ok()
                    .and_then(|v| v.as_str().ok())
                    .ok_or_else(|| self.damaged("node", id, "a column does not hold text"))
            };
            let uuid: Option<Uuid> =
                match row.get_ref(1).map_err(|e| self.error(e))?.as_blob_or_null() {
                    Ok(bytes) => bytes
                        .map(Uuid::from_slice)
                        .transpose()
                        .map_err(|e| self.damaged("node", id, e))?,
                    Err(e) => return Err(self.damaged("node", id, e)),
                };
            let labels = serde_json::from_str(text(2)?).map_err(|e| self.damaged("node", id, e))?;
            let PropsIn(props) =
                serde_json::from_str(text(3)?).map_err(|e| self.damaged("node", id, e))?;
            nodes.push(Node { id, uuid, labels, props });
        }
        Ok(nodes)
    }

    fn load_relations(&self, connection: &Connection) -> Result<Vec<Relation>, Error> {
        let mut relations =
            Vec::with_capacity(self.count(connection, "SELECT count(*) FROM relation")?);
        let mut statement = connection
            .prepare_cached("SELECT id, start, kind, finish, props FROM relation ORDER BY id")
            .map_err(|e| self.error(e))?;
        let mut rows = statement.query([]).map_err(|e| self.error(e))?;
        while let Some(row) = rows.next().map_err(|e| self.error(e))? {
            let id: RelationId = row.get(0).map_err(|e| self.error(e))?;
            let props = row
                .get_ref(4)
                .ok()
                .and_then(|v| v.as_str().ok())
                .ok_or_else(|| self.damaged("relation", id, "a column does not hold text"))?;
            let PropsIn(props) = match props {
                // Most relations have none: this is the hot line of loading a large maquis.
                "{}" => PropsIn::default(),
                text => serde_json::from_str(text).map_err(|e| self.damaged("relation", id, e))?,
            };
            relations.push(Relation {
                id,
                from: row.get(1).map_err(|e| self.error(e))?,
                kind: row.get(2).map_err(|e| self.error(e))?,
                to: row.get(3).map_err(|e| self.error(e))?,
                props,
            });
        }
        Ok(relations)
    }

    fn count(&self, connection: &Connection, sql: &str) -> Result<usize, Error> {
        let count: i64 =
            connection.query_row(sql, [], |row| row.get(0)).map_err(|e| self.error(e))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Replaces everything by a snapshot, ids of nodes included, if the store is still in the state
    /// that the caller saw.
    pub(crate) fn replace(&self, snapshot: &Snapshot, expected: &Version) -> Result<(), Error> {
        let (writer, _) =
            self.writer.as_ref().ok_or_else(|| Error::ReadOnly { path: self.path.clone() })?;
        let mut connection = take(writer);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|e| self.error(e))?;
        if version(&transaction).map_err(|e| self.error(e))? != *expected {
            return Err(Error::Changed);
        }
        fill(transaction, snapshot).map_err(|e| self.error(e))
    }

    pub(crate) fn apply(&self, changes: &ChangeSet) -> Result<Applied, Error> {
        let (writer, _) =
            self.writer.as_ref().ok_or_else(|| Error::ReadOnly { path: self.path.clone() })?;
        let mut connection = take(writer);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|e| self.error(e))?;
        let mut apply = Apply {
            node: counter(&transaction, "node").map_err(|e| self.error(e))?,
            relation: counter(&transaction, "relation").map_err(|e| self.error(e))?,
            gone: HashSet::new(),
            applied: Applied::default(),
            transaction,
        };
        for (step, change) in changes.changes.iter().enumerate() {
            apply.change(step, change).map_err(|e| match e {
                Stop::Invalid(invalid) => Error::Invalid(invalid),
                Stop::Sqlite(e) => self.error(e),
                Stop::Props(e) => self.damaged("step", step as i64, e),
            })?;
        }
        apply.commit().map_err(|e| self.error(e))
    }
}

fn fill(transaction: Transaction<'_>, snapshot: &Snapshot) -> rusqlite::Result<()> {
    let json = |e: serde_json::Error| rusqlite::Error::ToSqlConversionFailure(e.into());
    transaction.execute_batch("DELETE FROM relation; DELETE FROM node;")?;
    {
        let mut insert = transaction
            .prepare("INSERT INTO node (id, uuid, labels, props) VALUES (?1, ?2, ?3, ?4)")?;
        for node in &snapshot.nodes {
            insert.execute(params![
                node.id,
                node.uuid.as_ref().map(Uuid::as_bytes),
                serde_json::to_string(&node.labels).map_err(json)?,
                serde_json::to_string(&PropsOut(&node.props)).map_err(json)?
            ])?;
        }
        let mut insert = transaction.prepare(
            "INSERT INTO relation (id, start, kind, finish, props) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for relation in &snapshot.relations {
            insert.execute(params![
                relation.id,
                relation.from,
                relation.kind,
                relation.to,
                serde_json::to_string(&PropsOut(&relation.props)).map_err(json)?
            ])?;
        }
    }
    transaction.execute_batch(
        "UPDATE counter SET value = max(value, (SELECT coalesce(max(id), 0) FROM node))
             WHERE name = 'node';
         UPDATE counter SET value = max(value, (SELECT coalesce(max(id), 0) FROM relation))
             WHERE name = 'relation';
         UPDATE counter SET value = value + 1 WHERE name = 'transactions';",
    )?;
    transaction.commit()
}

fn version(connection: &Connection) -> rusqlite::Result<Version> {
    connection
        .prepare_cached(
            "SELECT lower(hex(uuid)), value FROM identity, counter WHERE name = 'transactions'",
        )?
        .query_row([], |row| {
            Ok(Version(format!("{}-{}", row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
        })
}

fn counter(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT value FROM counter WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
}

/// Why a change set stops.
enum Stop {
    Invalid(Invalid),
    Sqlite(rusqlite::Error),
    Props(serde_json::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Self::Props(error)
    }
}

/// A change set on its way; dropping it without [`Apply::commit`] changes nothing.
struct Apply<'c> {
    transaction: Transaction<'c>,
    node: NodeId,
    relation: RelationId,
    /// Relations that went with their node. As in the reference semantics of the model, a later
    /// step may still name them.
    gone: HashSet<RelationId>,
    applied: Applied,
}

impl Apply<'_> {
    fn change(&mut self, step: usize, change: &Change) -> Result<(), Stop> {
        match change {
            Change::CreateNode(new) => {
                if self.owner(new.uuid)?.is_some() {
                    return Err(Stop::Invalid(Invalid::UuidTaken { step, uuid: new.uuid }));
                }
                self.node += 1;
                let mut labels = new.labels.clone();
                labels.sort();
                self.run(
                    "INSERT INTO node (id, uuid, labels, props) VALUES (?1, ?2, ?3, ?4)",
                    params![
                        self.node,
                        new.uuid.as_bytes(),
                        serde_json::to_string(&labels)?,
                        serde_json::to_string(&PropsOut(&new.props))?
                    ],
                )?;
                self.applied.nodes.push(self.node);
            }
            Change::UpdateNode { node, set, unset } => {
                let id = self.find(step, *node)?;
                let old =
                    self.text("SELECT props FROM node WHERE id = ?1", id)?.unwrap_or_default();
                let props = updated(&old, set, unset)?;
                self.run("UPDATE node SET props = ?2 WHERE id = ?1", params![id, props])?;
            }
            Change::GiveUuid { node, uuid } => {
                let id = self.find(step, NodeRef::Id(*node))?;
                if self.owner(*uuid)?.is_some_and(|owner| owner != id) {
                    return Err(Stop::Invalid(Invalid::UuidTaken { step, uuid: *uuid }));
                }
                self.run("UPDATE node SET uuid = ?2 WHERE id = ?1", params![id, uuid.as_bytes()])?;
            }
            Change::DeleteNode { node } => {
                let id = self.find(step, *node)?;
                let mut statement = self.transaction.prepare_cached(
                    "DELETE FROM relation WHERE start = ?1 OR finish = ?1 RETURNING id",
                )?;
                for relation in statement.query_map([id], |row| row.get(0))? {
                    self.gone.insert(relation?);
                }
                drop(statement);
                self.run("DELETE FROM node WHERE id = ?1", [id])?;
            }
            Change::CreateRelation(new) => {
                let (from, to) = (self.find(step, new.from)?, self.find(step, new.to)?);
                self.relation += 1;
                self.run(
                    "INSERT INTO relation (id, start, kind, finish, props) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        self.relation,
                        from,
                        new.kind,
                        to,
                        serde_json::to_string(&PropsOut(&new.props))?
                    ],
                )?;
                self.applied.relations.push(self.relation);
            }
            Change::UpdateRelation { relation, set, unset } => {
                match self.text("SELECT props FROM relation WHERE id = ?1", *relation)? {
                    Some(old) => {
                        let props = updated(&old, set, unset)?;
                        self.run(
                            "UPDATE relation SET props = ?2 WHERE id = ?1",
                            params![relation, props],
                        )?;
                    }
                    None if self.gone.contains(relation) => {}
                    None => {
                        return Err(Stop::Invalid(Invalid::NoRelation {
                            step,
                            relation: *relation,
                        }));
                    }
                }
            }
            Change::DeleteRelation { relation } => {
                let deleted = self.run("DELETE FROM relation WHERE id = ?1", [relation])?;
                if deleted == 0 && !self.gone.remove(relation) {
                    return Err(Stop::Invalid(Invalid::NoRelation { step, relation: *relation }));
                }
            }
        }
        Ok(())
    }

    fn commit(mut self) -> rusqlite::Result<Applied> {
        for (name, value) in [("node", self.node), ("relation", self.relation)] {
            self.run("UPDATE counter SET value = ?2 WHERE name = ?1", params![name, value])?;
        }
        self.run("UPDATE counter SET value = value + 1 WHERE name = 'transactions'", [])?;
        self.applied.version = version(&self.transaction)?;
        self.transaction.commit()?;
        Ok(self.applied)
    }

    fn run(&self, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<usize> {
        self.transaction.prepare_cached(sql)?.execute(params)
    }

    fn text(&self, sql: &str, id: i64) -> rusqlite::Result<Option<String>> {
        self.transaction.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()
    }

    fn owner(&self, uuid: Uuid) -> rusqlite::Result<Option<NodeId>> {
        self.transaction
            .prepare_cached("SELECT id FROM node WHERE uuid = ?1")?
            .query_row([uuid.as_bytes()], |row| row.get(0))
            .optional()
    }

    fn find(&self, step: usize, node: NodeRef) -> Result<NodeId, Stop> {
        let found = match node {
            NodeRef::Uuid(uuid) => self.owner(uuid)?,
            NodeRef::Id(id) => self
                .transaction
                .prepare_cached("SELECT id FROM node WHERE id = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()?,
        };
        found.ok_or(Stop::Invalid(Invalid::NoNode { step, node }))
    }
}

fn updated(old: &str, set: &Props, unset: &[String]) -> Result<String, serde_json::Error> {
    let PropsIn(mut props) = serde_json::from_str(old)?;
    for name in unset {
        props.remove(name);
    }
    props.extend(set.iter().map(|(name, value)| (name.clone(), value.clone())));
    serde_json::to_string(&PropsOut(&props))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use mqd_model::NewNode;

    #[test]
    fn a_full_disk_changes_nothing_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("m.sqlite"), OpenMode::ReadWrite).unwrap();
        let before = store.load().unwrap();
        let create = |number: usize| {
            let new = |_| {
                Change::CreateNode(NewNode {
                    uuid: Uuid::new_v4(),
                    labels: vec![],
                    props: Props::new(),
                })
            };
            ChangeSet::new((0..number).map(new).collect())
        };
        // SQLite's own limit of pages answers as a full disk does, on every system.
        let (writer, _) = store.writer.as_ref().unwrap();
        take(writer).pragma_update(None, "max_page_count", 30).unwrap();
        let error = store.apply(&create(20_000)).unwrap_err();
        assert!(matches!(error, Error::Full { .. }), "{error}");
        assert_eq!(store.load().unwrap(), before);
        store.apply(&create(1)).unwrap();
    }
}
