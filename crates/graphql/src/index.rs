//! Keeps the search index beside the graph: rebuilt in the background when the graph changes.

use arc_swap::ArcSwapOption;
use mqd_depot::contents::Contents;
use mqd_graph::{Graph, Search};
use mqd_model::{Label, Version};
use std::{
    sync::{Arc, Mutex, PoisonError},
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
    /// The version being built or built last.
    wanted: Mutex<Option<Version>>,
    ready: watch::Sender<bool>,
}

impl Indexer {
    pub(crate) fn new(contents: Arc<dyn Contents>) -> Self {
        let (ready, _) = watch::channel(false);
        Self(Arc::new(Shared {
            contents,
            current: ArcSwapOption::empty(),
            wanted: Mutex::default(),
            ready,
        }))
    }

    /// Starts a build when this graph is not the one indexed last.
    pub(crate) fn look_at(&self, graph: &Arc<Graph>) {
        {
            let mut wanted = self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner);
            if wanted.as_ref() == Some(graph.version()) {
                return;
            }
            *wanted = Some(graph.version().clone());
        }
        let (shared, graph) = (Arc::clone(&self.0), Arc::clone(graph));
        let build = move || {
            let text = |node: &mqd_model::Node| {
                (node.label() == Some(Label::Document))
                    .then(|| shared.contents.content(node))
                    .flatten()
                    .map(|content| {
                        content
                            .parts
                            .iter()
                            .map(|part| part.text.as_str())
                            .collect::<Vec<_>>()
                            .join("\n")
                    })
            };
            match Search::build(&graph, &text) {
                Ok(search) => {
                    shared.current.store(Some(Arc::new(search)));
                    shared.ready.send_replace(true);
                }
                Err(error) => tracing::error!(%error, "the search index could not be built"),
            }
        };
        if let Err(error) = std::thread::Builder::new().name("search-index".into()).spawn(build) {
            tracing::error!(%error, "no thread for the search index");
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
