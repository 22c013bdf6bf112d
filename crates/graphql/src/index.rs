//! Keeps the search index beside the graph: rebuilt in the background when the graph changes.

use arc_swap::ArcSwapOption;
use mqd_depot::contents::Contents;
use mqd_graph::{Graph, Search};
use mqd_model::{Label, Version};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// How long a search waits for the first index.
const PATIENCE: Duration = Duration::from_secs(20);

/// Builds indexes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Indexer(Arc<Shared>);

struct Shared {
    contents: Arc<dyn Contents>,
    current: ArcSwapOption<Search>,
    work: Mutex<Work>,
    ready: watch::Sender<bool>,
}

/// One index is built at a time, however fast the graph changes.
#[derive(Default)]
struct Work {
    /// The version seen last.
    seen: Option<Version>,
    /// What to build after what is being built.
    next: Option<Arc<Graph>>,
    building: bool,
}

impl Shared {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn build(&self, graph: &Graph) {
        let text = |node: &mqd_model::Node| {
            let document = node.label() == Some(Label::Document);
            Some(document.then(|| self.contents.content(node)).flatten()?.text())
        };
        match Search::build(graph, &text) {
            Ok(search) => {
                self.current.store(Some(Arc::new(search)));
                self.ready.send_replace(true);
            }
            Err(error) => tracing::error!(%error, "the search index could not be built"),
        }
    }

    fn build_all(&self, mut graph: Arc<Graph>) {
        loop {
            // A builder that dies must not leave the search as it is for ever.
            if catch_unwind(AssertUnwindSafe(|| self.build(&graph))).is_err() {
                tracing::error!("the building of the search index broke off");
            }
            let mut work = self.work();
            match work.next.take() {
                Some(next) => graph = next,
                None => {
                    work.building = false;
                    return;
                }
            }
        }
    }
}

impl Indexer {
    pub(crate) fn new(contents: Arc<dyn Contents>) -> Self {
        let (ready, _) = watch::channel(false);
        let (current, work) = (ArcSwapOption::empty(), Mutex::default());
        Self(Arc::new(Shared { contents, current, work, ready }))
    }

    /// Has this graph indexed in the background, when it is not the one seen last.
    pub(crate) fn look_at(&self, graph: &Arc<Graph>) {
        let mut work = self.0.work();
        if work.seen.as_ref() == Some(graph.version()) {
            return;
        }
        work.seen = Some(graph.version().clone());
        if work.building {
            work.next = Some(Arc::clone(graph));
            return;
        }
        let (shared, graph) = (Arc::clone(&self.0), Arc::clone(graph));
        let thread = std::thread::Builder::new().name("search-index".into());
        match thread.spawn(move || shared.build_all(graph)) {
            Ok(_) => work.building = true,
            Err(error) => tracing::error!(%error, "no thread for the search index"),
        }
    }

    /// Whether there is an index.
    pub(crate) fn is_ready(&self) -> bool {
        self.0.current.load().is_some()
    }

    /// The newest index; waits for the first one.
    pub(crate) async fn search(&self) -> Option<Arc<Search>> {
        if let Some(search) = self.0.current.load_full() {
            return Some(search);
        }
        let mut ready = self.0.ready.subscribe();
        let _ = tokio::time::timeout(PATIENCE, ready.wait_for(|ready| *ready)).await;
        self.0.current.load_full()
    }
}
