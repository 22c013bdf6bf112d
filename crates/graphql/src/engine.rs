//! What executes checked documents: the schema over the graph of a moment, with what every request
//! shares.

use crate::{
    cache::Cache,
    config::Config,
    context::Context,
    direct,
    index::Indexer,
    mutate::Writing,
    problem::{self, Problem},
    schema,
};
use async_graphql::{
    Request, Response, ServerError, dynamic::Schema, parser::types::ExecutableDocument,
};
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
    pub(crate) columns: direct::Columns,
    /// Held from the plan of a mutation to its last word, so that it is validated against what it
    /// is applied to.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

/// What came of a request.
pub(crate) struct Ran {
    pub(crate) answer: Answer,
    /// The answer may be kept as long as the graph stays the same.
    pub(crate) lasting: bool,
    /// Its fields were resolved, well or not; otherwise the request as a whole was refused.
    pub(crate) executed: bool,
    pub(crate) mutation: bool,
    pub(crate) cost: u64,
    /// What its document calls it, or its first field.
    pub(crate) name: Option<String>,
}

/// An answer as it was made.
pub(crate) enum Answer {
    /// By the library.
    Response(Box<Response>),
    /// Straight from the graph, without errors.
    Direct(Vec<u8>),
}

impl Answer {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Response(response) => serde_json::to_vec(&response).unwrap_or_default(),
            Self::Direct(bytes) => bytes,
        }
    }

    pub(crate) fn into_json(self) -> serde_json::Value {
        match self {
            Self::Response(response) => serde_json::to_value(response).unwrap_or_default(),
            Self::Direct(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }

    pub(crate) fn errors(&self) -> &[ServerError] {
        match self {
            Self::Response(response) => &response.errors,
            Self::Direct(_) => &[],
        }
    }
}

impl Ran {
    /// A request that was not executed.
    pub(crate) fn refused(problems: &[Problem]) -> Self {
        let errors = problems.iter().map(|problem| problem.server_error(None)).collect();
        Self::of(Response::from_errors(errors))
    }

    pub(crate) fn of(response: Response) -> Self {
        let answer = Answer::Response(Box::new(response));
        let (lasting, executed, mutation, cost, name) = (false, false, false, 0, None);
        Self { answer, lasting, executed, mutation, cost, name }
    }
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
        let columns = direct::Columns::default();
        Self { schema, maquis, contents, indexer, config, cache, columns, turn }
    }

    /// Answers a checked query on the graph of this moment.
    pub(crate) async fn read(&self, mut request: Request, document: ExecutableDocument) -> Ran {
        let graph = self.maquis.graph();
        let operation = request.operation_name.as_deref();
        let Some(plan) = direct::plan(&document, operation, &request.variables) else {
            request.set_parsed_query(document);
            return self.execute_on(request, graph, None).await;
        };
        self.indexer.look_at(&graph);
        if let Err(response) = self.validate(&request, document).await {
            return Ran::of(response);
        }
        match plan.run(&graph, &self.config.limits.budget(&graph), &self.columns) {
            Ok(bytes) => {
                let answer = Answer::Direct(bytes);
                Ran { answer, lasting: true, executed: true, ..Ran::of(Response::default()) }
            }
            Err(direct::Stop::Refused(problem)) => {
                Ran { executed: true, ..Ran::refused(&[problem]) }
            }
            // The library tells what is wrong, and where.
            Err(direct::Stop::Elsewhere) => self.execute_on(request, graph, None).await,
        }
    }

    /// Has the library validate a document, without executing it.
    async fn validate(
        &self,
        request: &Request,
        document: ExecutableDocument,
    ) -> Result<(), Response> {
        let mut check = Request::new("").variables(request.variables.clone()).only_introspection();
        check.operation_name.clone_from(&request.operation_name);
        check.set_parsed_query(document);
        let mut response = self.schema.execute(check).await;
        if response.errors.is_empty() {
            return Ok(());
        }
        problem::tidy(&mut response, false);
        Err(response)
    }

    /// Has the library execute a checked request on a graph.
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
        Ran { lasting, executed, ..Ran::of(response) }
    }
}
