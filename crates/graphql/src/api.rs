//! The API as a value: built once, cheap to clone, executed in process or behind HTTP.

use crate::{
    budget::{Budget, too_long},
    cache::Cache,
    guard,
    index::Indexer,
    mutate::{self, Writing},
    problem::{self, Problem},
    schema,
};
use async_graphql::{
    Request, Response, Variables,
    dynamic::{ResolverContext, Schema},
};
use mqd_depot::{Maquis, contents::Contents};
use mqd_graph::{Graph, Search};
use mqd_store::Store;
use serde::Deserialize;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use subtle::ConstantTimeEq;

/// What a request may cost. Sized from the deepest legitimate queries: full introspection, and a
/// build client that asks for everything with all its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Levels of selection.
    pub depth: usize,
    /// Selected fields, where a list counts its content ten times.
    pub complexity: u64,
    /// Fields of a document, wherever they are.
    pub fields: usize,
    /// Fields with an alias.
    pub aliases: usize,
    /// Fields at the root.
    pub root_fields: usize,
    /// Lexical tokens of a document.
    pub tokens: usize,
    /// Bytes of a request.
    pub body: usize,
    /// Seconds.
    pub seconds: u64,
    /// Items of all lists of an answer. Without a number: four times what it takes to give every
    /// node with all its neighbours.
    pub results: Option<usize>,
    /// Requests in one batch.
    pub batch: usize,
    /// Changes of one mutation.
    pub changes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 20,
            complexity: 50_000,
            fields: 1_500,
            aliases: 100,
            root_fields: 30,
            tokens: 5_000,
            body: 1 << 20,
            seconds: 10,
            results: None,
            batch: 10,
            changes: 10_000,
        }
    }
}

/// A small maquis may be asked for more than it holds.
const FEWEST_RESULTS: usize = 20_000;

impl Limits {
    fn budget(&self, graph: &Graph) -> Budget {
        let held = graph.snapshot().nodes.len() + 2 * graph.snapshot().relations.len();
        let results = self.results.unwrap_or_else(|| (4 * held).max(FEWEST_RESULTS));
        Budget::new(results, Duration::from_secs(self.seconds))
    }
}

/// How the API is set up.
#[derive(Clone)]
pub struct Config {
    /// Limits.
    pub limits: Limits,
    /// Token of mutations and of `/admin/refresh`; without it they are off.
    pub admin_token: Option<String>,
    /// Bytes of answers that are kept as long as the maquis stays the same.
    pub cache_bytes: u64,
    /// How the store is opened for as long as a mutation takes, when the maquis only reads it.
    pub writer: Option<OpenStore>,
}

/// Opens a store for writing.
#[derive(Clone)]
pub struct OpenStore(pub Arc<dyn Fn() -> Result<Store, mqd_store::Error> + Send + Sync>);

impl Default for Config {
    fn default() -> Self {
        Self { limits: Limits::default(), admin_token: None, cache_bytes: 32 << 20, writer: None }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("limits", &self.limits)
            .field("admin_token", &self.admin_token.is_some())
            .field("cache_bytes", &self.cache_bytes)
            .finish_non_exhaustive()
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// May read.
    #[default]
    Reader,
    /// Gave a token that is not the right one; may read.
    Refused,
    /// May write too.
    Admin,
}

/// The API. Cheap to clone.
#[derive(Clone)]
pub struct Api(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    schema: Schema,
    pub(crate) maquis: Arc<Maquis>,
    contents: Arc<dyn Contents>,
    indexer: Indexer,
    pub(crate) config: Config,
    pub(crate) cache: Cache,
    /// Held from the plan of a mutation to its last word, so that it is validated against what it
    /// is applied to.
    pub(crate) turn: tokio::sync::Mutex<()>,
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
    indexer: Indexer,
    pub(crate) budget: Budget,
    pub(crate) writing: Option<Writing>,
    /// The answer only depends on the graph.
    lasting: AtomicBool,
    /// A resolver has been called.
    started: AtomicBool,
}

impl Context {
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

impl Api {
    /// An API over a live maquis and the contents of its documents.
    ///
    /// # Panics
    /// Never: the schema is generated from constant tables, and a test builds it.
    #[must_use]
    pub fn new(maquis: Arc<Maquis>, contents: Arc<dyn Contents>, config: Config) -> Self {
        let schema = schema::build().expect("the tables of the model make a valid schema");
        let indexer = Indexer::new(Arc::clone(&contents));
        indexer.look_at(&maquis.graph());
        let cache = Cache::new(config.cache_bytes);
        let turn = tokio::sync::Mutex::default();
        Self(Arc::new(Inner { schema, maquis, contents, indexer, config, cache, turn }))
    }

    /// The schema as SDL.
    #[must_use]
    pub fn sdl(&self) -> String {
        self.0.schema.sdl()
    }

    /// The schema as SDL, without data.
    #[must_use]
    pub fn schema_sdl() -> Option<String> {
        schema::build().ok().map(|schema| schema.sdl())
    }

    /// The maquis behind it.
    #[must_use]
    pub fn maquis(&self) -> &Arc<Maquis> {
        &self.0.maquis
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    /// Who sends this `Authorization` header. The token is compared in constant time.
    #[must_use]
    pub fn access(&self, authorization: Option<&str>) -> Access {
        let Some(given) = authorization else { return Access::Reader };
        let given = given.strip_prefix("Bearer ").unwrap_or_default();
        match &self.0.config.admin_token {
            // Digests, so that not even the length is told.
            Some(token)
                if !token.is_empty()
                    && bool::from(
                        blake3::hash(given.as_bytes())
                            .as_bytes()
                            .ct_eq(blake3::hash(token.as_bytes()).as_bytes()),
                    ) =>
            {
                Access::Admin
            }
            _ => Access::Refused,
        }
    }

    /// Runs a request that only reads, on the graph of this moment.
    pub async fn run(&self, request: Request) -> Response {
        self.run_as(request, Access::Reader).await
    }

    /// Runs a request; mutations need [`Access::Admin`].
    pub async fn run_as(&self, request: Request, access: Access) -> Response {
        self.run_whole(request, access).await.response
    }

    pub(crate) async fn run_whole(&self, mut request: Request, access: Access) -> Ran {
        let refused = |problem: &Problem| Ran { response: problem.response(), ..Ran::default() };
        let limits = &self.0.config.limits;
        let operation = request.operation_name.as_deref();
        let checked = match guard::check(&request.query, operation, &request.variables, limits) {
            Ok(checked) => checked,
            Err(problem) => return refused(&problem),
        };
        let guard::Checked { document, mutation, cost, name } = checked;
        let ran = if mutation {
            match mutate::allowed(&self.0.config, access) {
                Ok(()) => mutate::to_its_end(self, request, document).await,
                Err(problem) => refused(&problem),
            }
        } else {
            request.set_parsed_query(document);
            let patience = Duration::from_secs(limits.seconds);
            let run = self.execute_on(request, self.0.maquis.graph(), None);
            let ran = tokio::time::timeout(patience, run).await;
            ran.unwrap_or_else(|_| refused(&too_long()))
        };
        Ran { mutation, cost, name, ..ran }
    }

    /// Whether a search would be answered at once.
    pub(crate) fn search_is_ready(&self) -> bool {
        self.0.indexer.is_ready()
    }

    /// Executes a checked request on a graph.
    pub(crate) async fn execute_on(
        &self,
        request: Request,
        graph: Arc<Graph>,
        writing: Option<Writing>,
    ) -> Ran {
        if writing.is_none() {
            self.0.indexer.look_at(&graph);
        }
        let context = Arc::new(Context {
            budget: self.0.config.limits.budget(&graph),
            graph,
            contents: Arc::clone(&self.0.contents),
            indexer: self.0.indexer.clone(),
            writing,
            lasting: AtomicBool::new(true),
            started: AtomicBool::new(false),
        });
        let mut response = self.0.schema.execute(request.data(Arc::clone(&context))).await;
        let executed = response.errors.is_empty() || context.started.load(Ordering::Relaxed);
        problem::tidy(&mut response, executed);
        let lasting = response.errors.is_empty() && context.lasting.load(Ordering::Relaxed);
        Ran { response, lasting, executed, ..Ran::default() }
    }

    /// Runs a document in process, as a reader, and gives the whole answer, `data` and `errors`.
    pub async fn execute(&self, document: &str, variables: serde_json::Value) -> serde_json::Value {
        self.execute_as(document, variables, Access::Reader).await
    }

    /// Runs a document in process and gives the whole answer, `data` and `errors`.
    pub async fn execute_as(
        &self,
        document: &str,
        variables: serde_json::Value,
        access: Access,
    ) -> serde_json::Value {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let response = self.run_as(request, access).await;
        serde_json::to_value(response).unwrap_or_default()
    }
}
