//! Where pages get their data: the GraphQL API, in this process or over HTTP.

use arc_swap::{ArcSwap, ArcSwapOption};
use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// What can go wrong with a question to the API.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The server cannot be reached or does not speak GraphQL.
    #[error("the GraphQL server does not answer: {0}")]
    Unreachable(String),
    /// The API refused the question: a fault of a view.
    #[error("the GraphQL server refused « {operation} »: {message}")]
    Refused {
        /// Which view asked.
        operation: &'static str,
        /// What the API said.
        message: String,
    },
    /// The answer has another shape than the view expects.
    #[error("the answer to « {operation} » cannot be read: {message}")]
    Shape {
        /// Which view asked.
        operation: &'static str,
        /// What does not fit.
        message: String,
    },
}

/// A GraphQL API over a maquis. Two implementations: [`InProcess`] and [`Http`].
pub trait GraphSource: Send + Sync {
    /// Which state of the maquis answers now; pages are kept as long as it stays the same. Cheap.
    fn version(&self) -> Arc<str>;

    /// Whether answers come from memory because the API does not answer.
    fn asleep(&self) -> bool {
        false
    }

    /// Runs a GraphQL document; answers the whole response (`data` and `errors`).
    ///
    /// # Errors
    /// [`SourceError::Unreachable`] when there is no answer.
    fn run<'a>(
        &'a self,
        document: &'static str,
        variables: Value,
    ) -> BoxFuture<'a, Result<Value, SourceError>>;
}

/// The API of this process.
#[derive(Debug, Clone)]
pub struct InProcess(mqd_graphql::Api);

impl InProcess {
    /// Asks this API.
    #[must_use]
    pub fn new(api: mqd_graphql::Api) -> Self {
        Self(api)
    }
}

impl GraphSource for InProcess {
    fn version(&self) -> Arc<str> {
        // A page shows the graph and the contents of documents.
        format!("{}-{}", self.0.maquis().graph().version().0, self.0.generation()).into()
    }

    fn run<'a>(
        &'a self,
        document: &'static str,
        variables: Value,
    ) -> BoxFuture<'a, Result<Value, SourceError>> {
        Box::pin(async move { Ok(self.0.execute(document, variables).await) })
    }
}

/// How long the version of a remote maquis is taken to be true.
const FRESH: Duration = Duration::from_secs(2);
/// How long a page waits for the remote API.
const PATIENCE: Duration = Duration::from_secs(10);
/// More than any page needs; a larger answer is a fault.
const LARGEST: usize = 64 * 1024 * 1024;
/// Bytes of answers that are remembered for the time when the API does not answer.
const REMEMBERED: u64 = 64 << 20;

/// The API of another server, `MQD_GRAPHQL_SERVER_URL`.
#[derive(Clone)]
pub struct Http(Arc<Remote>);

struct Remote {
    client: reqwest::Client,
    url: url::Url,
    version: ArcSwap<Arc<str>>,
    /// The last answers, by the digest of their question.
    answers: moka::sync::Cache<blake3::Hash, Bytes>,
    /// Whether the API did not answer when it was last asked.
    asleep: AtomicBool,
    /// What the API last said of a database that does not answer it.
    stale: ArcSwapOption<String>,
    start: Instant,
    /// Milliseconds after `start` when the version was last asked for.
    asked: AtomicU64,
    asking: AtomicBool,
}

impl Http {
    /// Asks the API at this address.
    ///
    /// # Errors
    /// [`SourceError::Unreachable`] when no HTTP client can be made here.
    pub fn new(url: url::Url) -> Result<Self, SourceError> {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .connect_timeout(Duration::from_secs(3))
            .build()
            .map_err(|e| SourceError::Unreachable(e.to_string()))?;
        Ok(Self(Arc::new(Remote {
            client,
            url,
            version: ArcSwap::from_pointee(Arc::from("")),
            answers: moka::sync::Cache::builder()
                .max_capacity(REMEMBERED)
                .weigher(|_, answer: &Bytes| u32::try_from(answer.len()).unwrap_or(u32::MAX))
                .build(),
            asleep: AtomicBool::new(false),
            stale: ArcSwapOption::empty(),
            start: Instant::now(),
            asked: AtomicU64::new(0),
            asking: AtomicBool::new(false),
        })))
    }

    /// Since when the API serves a graph that its database no longer confirms, if it does.
    #[must_use]
    pub fn stale(&self) -> Option<String> {
        self.0.stale.load().as_deref().cloned()
    }
}

impl Remote {
    /// Asks, and remembers what the answer was. While the API does not answer, what it said last
    /// is told again; [`GraphSource::asleep`] then says so on the page.
    async fn ask(&self, document: &str, variables: Value) -> Result<Value, SourceError> {
        let body = json!({ "query": document, "variables": variables });
        let key = blake3::hash(body.to_string().as_bytes());
        let remembered = || {
            let answer = self.answers.get(&key)?;
            serde_json::from_slice::<Value>(&answer).ok()
        };
        // Nobody waits for a server that is known to be away; the next question about its version
        // tells when it is back.
        if self.asleep.load(Ordering::Acquire)
            && let Some(answer) = remembered()
        {
            return Ok(answer);
        }
        match self.post(&body).await {
            Ok(answer) => {
                let value: Value = serde_json::from_slice(&answer)
                    .map_err(|e| SourceError::Unreachable(e.to_string()))?;
                if value.get("errors").is_none() {
                    self.answers.insert(key, answer);
                }
                Ok(value)
            }
            Err(error) => remembered().ok_or(error),
        }
    }

    async fn post(&self, body: &Value) -> Result<Bytes, SourceError> {
        let answer = self.send(body).await;
        self.asleep.store(answer.is_err(), Ordering::Release);
        answer
    }

    async fn send(&self, body: &Value) -> Result<Bytes, SourceError> {
        // The error of the client names the address, which may hold a password.
        let unreachable = |e: reqwest::Error| SourceError::Unreachable(e.without_url().to_string());
        let response =
            self.client.post(self.url.clone()).json(body).send().await.map_err(unreachable)?;
        if response.status().is_server_error() {
            return Err(SourceError::Unreachable(response.status().to_string()));
        }
        let stale = response.headers().get("x-maquis-stale").and_then(|value| value.to_str().ok());
        self.stale.store(stale.map(|stale| Arc::new(stale.to_owned())));
        let body = response.bytes().await.map_err(unreachable)?;
        if body.len() > LARGEST {
            return Err(SourceError::Unreachable("the answer is too large".to_owned()));
        }
        Ok(body)
    }

    /// Asks which state the maquis is in.
    async fn look(&self) {
        let body = json!({ "query": "{ maquis { version } }" });
        if let Ok(answer) = self.post(&body).await
            && let Ok(answer) = serde_json::from_slice::<Value>(&answer)
            && let Some(version) = answer["data"]["maquis"]["version"].as_str()
        {
            self.version.store(Arc::new(Arc::from(version)));
        }
    }
}

impl GraphSource for Http {
    fn asleep(&self) -> bool {
        self.0.asleep.load(Ordering::Acquire)
    }

    fn version(&self) -> Arc<str> {
        let remote = &self.0;
        let now = u64::try_from(remote.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let due = remote.asked.load(Ordering::Relaxed);
        // One question at a time, and only where there is a runtime to ask it from.
        if now >= due
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
            && !remote.asking.swap(true, Ordering::AcqRel)
        {
            let next = now.saturating_add(u64::try_from(FRESH.as_millis()).unwrap_or(u64::MAX));
            remote.asked.store(next, Ordering::Relaxed);
            let remote = Arc::clone(remote);
            runtime.spawn(async move {
                remote.look().await;
                remote.asking.store(false, Ordering::Release);
            });
        }
        let version = Arc::clone(&**remote.version.load());
        // Pages made from memory say so, and are made anew when the API is back.
        if self.asleep() { Arc::from(format!("{version} (asleep)")) } else { version }
    }

    fn run<'a>(
        &'a self,
        document: &'static str,
        variables: Value,
    ) -> BoxFuture<'a, Result<Value, SourceError>> {
        Box::pin(self.0.ask(document, variables))
    }
}
