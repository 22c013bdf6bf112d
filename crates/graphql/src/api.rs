//! The API as a value: built once, cheap to clone, executed in process or behind HTTP.

use crate::{index::Indexer, schema};
use async_graphql::{Request, Variables, dynamic::Schema};
use mqd_depot::{Maquis, contents::Contents};
use mqd_graph::Graph;
use std::sync::Arc;

/// What a query may cost. Sized from the deepest legitimate queries: full introspection, and a
/// build client that asks for everything with all its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Levels of selection.
    pub depth: usize,
    /// Selected fields.
    pub complexity: usize,
    /// Bytes of a request.
    pub body: usize,
    /// Seconds.
    pub seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 20, complexity: 1_500, body: 1 << 20, seconds: 10 }
    }
}

/// How the API is set up.
#[derive(Clone, Default)]
pub struct Config {
    /// Limits.
    pub limits: Limits,
    /// Token of `/admin/refresh`; without it that address is off.
    pub admin_token: Option<String>,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("limits", &self.limits)
            .field("admin_token", &self.admin_token.is_some())
            .finish()
    }
}

/// The API. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Shared>);

struct Shared {
    schema: Schema,
    maquis: Arc<Maquis>,
    contents: Arc<dyn Contents>,
    indexer: Indexer,
    config: Config,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("config", &self.0.config).finish_non_exhaustive()
    }
}

/// What resolvers share in one request.
pub(crate) struct Context {
    pub(crate) graph: Arc<Graph>,
    pub(crate) contents: Arc<dyn Contents>,
    pub(crate) indexer: Indexer,
}

impl Api {
    /// An API over a live maquis and the contents of its documents.
    ///
    /// # Panics
    /// Never: the schema is generated from constant tables, and a test builds it.
    #[must_use]
    pub fn new(maquis: Arc<Maquis>, contents: Arc<dyn Contents>, config: Config) -> Self {
        let schema =
            schema::build(&config.limits).expect("the tables of the model make a valid schema");
        let indexer = Indexer::new(Arc::clone(&contents));
        indexer.look_at(&maquis.graph());
        Self(Arc::new(Shared { schema, maquis, contents, indexer, config }))
    }

    /// The schema as SDL.
    #[must_use]
    pub fn sdl(&self) -> String {
        self.0.schema.sdl()
    }

    /// The schema as SDL, without data.
    #[must_use]
    pub fn schema_sdl() -> Option<String> {
        schema::build(&Limits::default()).ok().map(|schema| schema.sdl())
    }

    /// The maquis behind it.
    #[must_use]
    pub fn maquis(&self) -> &Arc<Maquis> {
        &self.0.maquis
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    /// Runs a request on the graph of this moment.
    pub async fn run(&self, request: Request) -> async_graphql::Response {
        let graph = self.0.maquis.graph();
        self.0.indexer.look_at(&graph);
        let context = Context {
            graph,
            contents: Arc::clone(&self.0.contents),
            indexer: self.0.indexer.clone(),
        };
        self.0.schema.execute(request.data(context)).await
    }

    /// Runs a document in process and gives the whole answer, `data` and `errors`.
    pub async fn execute(&self, document: &str, variables: serde_json::Value) -> serde_json::Value {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let response = self.run(request).await;
        serde_json::to_value(response).unwrap_or_default()
    }
}
