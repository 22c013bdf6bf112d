//! What the resolvers of one request share: its graph, its budget, how far its writing is.

use crate::{budget::Budget, index::Indexer, mutate::Writing, problem::Problem};
use async_graphql::dynamic::ResolverContext;
use mqd_depot::contents::Contents;
use mqd_graph::{Graph, Search};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// What resolvers share in one request.
pub(crate) struct Context {
    pub(crate) graph: Arc<Graph>,
    pub(crate) contents: Arc<dyn Contents>,
    indexer: Indexer,
    pub(crate) budget: Budget,
    pub(crate) writing: Option<Writing>,
    /// The answer only depends on the graph.
    lasting: AtomicBool,
    /// A resolver has been called.
    started: AtomicBool,
}

impl Context {
    pub(crate) fn new(
        graph: Arc<Graph>,
        contents: Arc<dyn Contents>,
        indexer: Indexer,
        budget: Budget,
        writing: Option<Writing>,
    ) -> Self {
        let (lasting, started) = (AtomicBool::new(true), AtomicBool::new(false));
        Self { graph, contents, indexer, budget, writing, lasting, started }
    }

    /// Whether nothing but the graph went into the answer.
    pub(crate) fn lasts(&self) -> bool {
        self.lasting.load(Ordering::Relaxed)
    }

    /// Whether a resolver has been called.
    pub(crate) fn has_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    /// The answer depends on more than the graph: it must not be kept.
    pub(crate) fn keep_nothing(&self) {
        self.lasting.store(false, Ordering::Relaxed);
    }

    /// The search index.
    pub(crate) async fn search(&self) -> Result<Arc<Search>, Problem> {
        self.keep_nothing();
        self.indexer.search().await.ok_or_else(|| {
            Problem::new(
                "SEARCH_NOT_READY",
                "La recherche n'est pas encore prête ; réessayez dans un instant.",
                "The search is not ready yet; try again in a moment.",
            )
        })
    }
}

/// What the resolvers of this request share.
pub(crate) fn shared<'c>(context: &ResolverContext<'c>) -> async_graphql::Result<&'c Context> {
    let shared = context.data::<Arc<Context>>()?;
    shared.started.store(true, Ordering::Relaxed);
    Ok(shared)
}
