//! What executes checked documents: the schema over the graph of a moment, with what every request
//! shares.

use crate::{
    cache::Cache, config::Config, context::Context, index::Indexer, mutate::Writing, problem,
    schema,
};
use async_graphql::{Request, Response, dynamic::Schema};
use mqd_depot::{Maquis, contents::Contents};
use mqd_graph::Graph;
use std::sync::Arc;

/// All that requests share.
pub(crate) struct Engine {
    pub(crate) schema: Schema,
    pub(crate) maquis: Arc<Maquis>,
    pub(crate) contents: Arc<dyn Contents>,
    pub(crate) indexer: Indexer,
    pub(crate) config: Config,
    pub(crate) cache: Cache,
    /// Held from the plan of a mutation to its last word, so that it is validated against what it
    /// is applied to.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

/// What came of a request.
#[derive(Default)]
pub(crate) struct Ran {
    pub(crate) response: Response,
    /// The answer may be kept as long as the graph stays the same.
    pub(crate) lasting: bool,
    /// Its fields were resolved, well or not; otherwise the request as a whole was refused.
    pub(crate) executed: bool,
    pub(crate) mutation: bool,
    pub(crate) cost: u64,
    /// What its document calls it, or its first field.
    pub(crate) name: Option<String>,
}

impl Engine {
    /// # Panics
    /// Never: the schema is generated from constant tables, and a test builds it.
    pub(crate) fn new(maquis: Arc<Maquis>, contents: Arc<dyn Contents>, config: Config) -> Self {
        let schema = schema::build().expect("the tables of the model make a valid schema");
        let indexer = Indexer::new(Arc::clone(&contents));
        indexer.look_at(&maquis.graph());
        let cache = Cache::new(config.cache_bytes);
        let turn = tokio::sync::Mutex::default();
        Self { schema, maquis, contents, indexer, config, cache, turn }
    }

    /// Executes a checked request on a graph.
    pub(crate) async fn execute_on(
        &self,
        request: Request,
        graph: Arc<Graph>,
        writing: Option<Writing>,
    ) -> Ran {
        if writing.is_none() {
            self.indexer.look_at(&graph);
        }
        let budget = self.config.limits.budget(&graph);
        let (contents, indexer) = (Arc::clone(&self.contents), self.indexer.clone());
        let context = Arc::new(Context::new(graph, contents, indexer, budget, writing));
        let mut response = self.schema.execute(request.data(Arc::clone(&context))).await;
        let executed = response.errors.is_empty() || context.has_started();
        problem::tidy(&mut response, executed);
        let lasting = response.errors.is_empty() && context.lasts();
        Ran { response, lasting, executed, ..Ran::default() }
    }
}
