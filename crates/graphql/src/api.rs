//! The API as a value: built once, cheap to clone, executed in process or behind HTTP.

use crate::{
    budget::too_long,
    config::{Access, Config},
    engine::{Engine, Ran},
    guard, mutate,
    problem::Problem,
    schema,
};
use async_graphql::{Request, Variables, parser::types::ExecutableDocument};
use mqd_depot::{Maquis, contents::Contents};
use std::{sync::Arc, time::Duration};
use subtle::ConstantTimeEq;

/// The API. Cheap to clone.
#[derive(Clone)]
pub struct Api(pub(crate) Arc<Engine>);

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("config", &self.0.config).finish_non_exhaustive()
    }
}

impl Api {
    /// An API over a live maquis and the contents of its documents.
    #[must_use]
    pub fn new(maquis: Arc<Maquis>, contents: Arc<dyn Contents>, config: Config) -> Self {
        Self(Arc::new(Engine::new(maquis, contents, config)))
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

    /// Changes whenever the contents of documents may have changed.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.0.contents.generation()
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

    /// Runs a request; mutations need [`Access::Admin`].
    pub(crate) async fn run(&self, request: Request, access: Access) -> Ran {
        let parsed = guard::parse(&request.query, &self.0.config.limits);
        self.run_parsed(request, parsed, access).await
    }

    /// The same for a document of the program itself, which is read once.
    async fn run_own(&self, text: &str, variables: serde_json::Value, access: Access) -> Ran {
        let limits = &self.0.config.limits;
        let parsed = self.0.cache.document(text, || guard::parse(text, limits));
        let request = Request::new(text).variables(Variables::from_json(variables));
        self.run_parsed(request, parsed, access).await
    }

    async fn run_parsed(
        &self,
        mut request: Request,
        parsed: Result<ExecutableDocument, Problem>,
        access: Access,
    ) -> Ran {
        let refused = |problem: Problem| Ran::refused(&[problem]);
        let limits = &self.0.config.limits;
        let operation = request.operation_name.as_deref();
        let checked = parsed
            .and_then(|document| guard::check(document, operation, &request.variables, limits));
        let checked = match checked {
            Ok(checked) => checked,
            Err(problem) => return refused(problem),
        };
        let guard::Checked { document, mutation, cost, name } = checked;
        guard::defaults(&document, operation, &mut request.variables);
        let ran = if mutation {
            match mutate::allowed(&self.0.config, access) {
                Ok(()) => mutate::to_its_end(&self.0, request, document).await,
                Err(problem) => refused(problem),
            }
        } else {
            let patience = Duration::from_secs(limits.seconds);
            let ran = tokio::time::timeout(patience, self.0.read(request, document)).await;
            ran.unwrap_or_else(|_| refused(too_long()))
        };
        Ran { mutation, cost, name, ..ran }
    }

    /// Whether a search would be answered at once.
    pub(crate) fn search_is_ready(&self) -> bool {
        self.0.indexer.is_ready()
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
        self.run_own(document, variables, access).await.answer.into_json()
    }

    /// The same for a reader, as JSON in bytes.
    pub async fn answer(&self, document: &str, variables: serde_json::Value) -> Vec<u8> {
        self.run_own(document, variables, Access::Reader).await.answer.into_bytes()
    }
}
