//! The live maquis: a store, and the graph in memory that mirrors it.

use mqd_graph::{Graph, Shared};
use mqd_model::ChangeSet;
use mqd_store::{Error, Store};
use std::sync::{Arc, Mutex, PoisonError};

/// A store and the graph in memory that mirrors it. Readers take [`Maquis::graph`]; a writer's
/// change set goes to the store first and is in the graph when [`Maquis::apply`] returns.
#[derive(Debug)]
pub struct Maquis {
    store: Store,
    graph: Shared,
    /// Held while the store and the graph are brought to the same state, so that two writers
    /// cannot put their graphs in place in the wrong order.
    writing: Mutex<()>,
}

impl Maquis {
    /// Loads the whole store.
    ///
    /// # Errors
    /// [`Error`] when the store cannot be read.
    pub fn open(store: Store) -> Result<Self, Error> {
        let graph = Shared::new(Graph::new(store.load()?));
        Ok(Self { store, graph, writing: Mutex::new(()) })
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
    /// [`Error`] when the store cannot be read; the graph in memory stays.
    pub fn refresh(&self) -> Result<bool, Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.store.version()? == *self.graph.get().version() {
            return Ok(false);
        }
        self.graph.set(Arc::new(Graph::new(self.store.load()?)));
        Ok(true)
    }
}
