//! The live maquis: a store, and the graph in memory that mirrors it.

use jiff::Timestamp;
use mqd_graph::{Graph, Shared};
use mqd_model::{ChangeSet, Snapshot, Version};
use mqd_store::{Error, LastGood, Store};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store and the graph in memory that mirrors it. Readers take [`Maquis::graph`]; a writer's
/// change set goes to the store first and is in the graph when [`Maquis::apply`] returns.
#[derive(Debug)]
pub struct Maquis {
    store: Store,
    graph: Shared,
    /// Held while the store and the graph are brought to the same state, so that two writers
    /// cannot put their graphs in place in the wrong order.
    writing: Mutex<()>,
    health: Mutex<Health>,
    /// Where the last good graph is kept, and which version of it is there.
    last_good: Option<(LastGood, Mutex<Version>)>,
}

/// What is known of the store since it was last asked.
#[derive(Debug)]
struct Health {
    /// When the graph was last known to be the state of the store.
    checked: Timestamp,
    /// What the store said when it was asked in vain.
    failed: Option<String>,
}

/// The store does not answer, and the graph is what it last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// When the graph was last known to be the state of the store.
    pub since: Timestamp,
    /// What the store says. It holds no secret, but addresses.
    pub reason: String,
}

impl Maquis {
    /// Loads the whole store.
    ///
    /// # Errors
    /// [`Error`] when the store cannot be read.
    pub fn open(store: Store) -> Result<Self, Error> {
        let snapshot = store.load()?;
        Ok(Self::new(store, snapshot, Timestamp::now(), None, None))
    }

    /// Loads the whole store, or the last good graph where the store cannot be read: what is served
    /// is then [`Maquis::stale`] until a refresh succeeds.
    ///
    /// # Errors
    /// What the store says, when there is no last good graph either.
    pub fn open_or_last_good(store: Store, last_good: LastGood) -> Result<Self, Error> {
        let error = match store.load() {
            Ok(snapshot) => {
                let maquis = Self::new(store, snapshot, Timestamp::now(), None, Some(last_good));
                maquis.keep();
                return Ok(maquis);
            }
            Err(error) => error,
        };
        let Ok((snapshot, age)) = last_good.load() else { return Err(error) };
        let since = Timestamp::now().checked_sub(age).unwrap_or(Timestamp::UNIX_EPOCH);
        tracing::warn!(%error, %since, "the database does not answer; the last good graph is served");
        Ok(Self::new(store, snapshot, since, Some(error.to_string()), Some(last_good)))
    }

    fn new(
        store: Store,
        snapshot: Snapshot,
        checked: Timestamp,
        failed: Option<String>,
        last_good: Option<LastGood>,
    ) -> Self {
        Self {
            store,
            graph: Shared::new(Graph::new(snapshot)),
            writing: Mutex::new(()),
            health: Mutex::new(Health { checked, failed }),
            last_good: last_good.map(|file| (file, Mutex::default())),
        }
    }

    /// The graph of this moment.
    #[must_use]
    pub fn graph(&self) -> Arc<Graph> {
        self.graph.get()
    }

    /// The store itself, for backups.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        // Both fields are always valid, whoever panicked.
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the graph was last known to be the state of the store.
    #[must_use]
    pub fn checked(&self) -> Timestamp {
        self.health().checked
    }

    /// Whether the store did not answer when it was last asked.
    #[must_use]
    pub fn stale(&self) -> Option<Stale> {
        let health = self.health();
        health.failed.clone().map(|reason| Stale { since: health.checked, reason })
    }

    /// Notes what came of asking the store.
    fn noted<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        let mut health = self.health();
        match &outcome {
            Ok(_) => {
                if health.failed.take().is_some() {
                    tracing::info!("the database answers again");
                }
                health.checked = Timestamp::now();
            }
            Err(error) => health.failed = Some(error.to_string()),
        }
        outcome
    }

    /// Applies a change set: durable in the store and visible in the graph when this returns.
    ///
    /// # Errors
    /// [`Error`] when the store refuses or cannot be written; nothing is changed then.
    pub fn apply(&self, changes: &ChangeSet) -> Result<Arc<Graph>, Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.graph.get();
        let applied = self.store.apply(changes)?;
        let graph = match before.apply(changes, &applied) {
            Ok(graph) => graph,
            // Another process wrote meanwhile: take the store's word.
            Err(_) => Graph::new(self.store.load()?),
        };
        let graph = Arc::new(graph);
        self.graph.set(Arc::clone(&graph));
        Ok(graph)
    }

    /// Loads the store again if it changed; `true` when it had.
    ///
    /// # Errors
    /// [`Error`] when the store cannot be read; the graph in memory stays, and is
    /// [`Maquis::stale`].
    pub fn refresh(&self) -> Result<bool, Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let look = || {
            if self.store.version()? == *self.graph.get().version() {
                return Ok(false);
            }
            self.graph.set(Arc::new(Graph::new(self.store.load()?)));
            Ok(true)
        };
        self.noted(look())
    }

    /// Saves the graph as the last good one, where that is wanted and it is not there yet. A disk
    /// that refuses is told in the log: what is served does not depend on it.
    pub fn keep(&self) {
        let Some((file, kept)) = &self.last_good else { return };
        let graph = self.graph.get();
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        // A graph that came from the file has no version.
        if *graph.version() == Version::default() || *graph.version() == *kept {
            return;
        }
        match file.save(graph.snapshot()) {
            Ok(()) => kept.clone_from(graph.version()),
            Err(error) => tracing::warn!(%error, "the last good graph cannot be kept"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use mqd_model::{Change, NewNode, Props, Uuid};
    use mqd_store::{Neo4jConfig, Secret};

    #[test]
    fn the_last_good_graph_is_served_while_the_database_sleeps() {
        let folder = tempfile::tempdir().unwrap();
        let file = LastGood::at(folder.path().join("last.jsonl.zst"));
        let awake = Maquis::open_or_last_good(Store::memory(), file.clone()).unwrap();
        let node = NewNode {
            uuid: Uuid::from_u128(1),
            labels: vec!["Concept".to_owned()],
            props: Props::from([("litteral".to_owned(), "limite".into())]),
        };
        awake.apply(&ChangeSet::new(vec![Change::CreateNode(node)])).unwrap();
        assert!(!awake.refresh().unwrap());
        awake.keep();
        assert_eq!(awake.stale(), None);

        // Nothing listens there.
        let asleep = || {
            let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            Store::neo4j_later(&Neo4jConfig {
                url: format!("bolt://{closed}"),
                username: "neo4j".to_owned(),
                password: Secret::new("hunter2"),
                database: None,
            })
            .unwrap()
        };
        let maquis = Maquis::open_or_last_good(asleep(), file).unwrap();
        assert_eq!(maquis.graph().snapshot().nodes.len(), 1);
        let stale = maquis.stale().unwrap();
        assert!(stale.reason.contains("cannot be reached"), "{}", stale.reason);
        assert!(stale.since <= Timestamp::now());
        // It stays so, and what is kept is not replaced by what came from it.
        maquis.refresh().unwrap_err();
        maquis.keep();
        assert_eq!(maquis.graph().snapshot().nodes.len(), 1);
        assert!(maquis.checked() <= stale.since);

        // Without a file there is nothing to serve, and the reason is the database's.
        let nothing = LastGood::at(folder.path().join("absent"));
        let error = Maquis::open_or_last_good(asleep(), nothing).unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    }
}
