//! The compiler that everybody shares: cache, one run for equal jobs, a bounded and fair queue.

use crate::{
    cache::Cache,
    format::{self, Preamble},
    job::{Job, Limits},
    picture::Picture,
    run::{self, Format, Outcome, RunError},
    sandbox::{Sandbox, SandboxError},
};
use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    process::Command,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{OnceCell, Semaphore};

/// How a compiler is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder of the cache and the formats.
    pub folder: PathBuf,
    /// Bytes of PDFs to keep.
    pub cache_size: u64,
    /// Limits of one run.
    pub limits: Limits,
    /// Runs at the same time.
    pub parallel: usize,
    /// Runs that may wait.
    pub queue: usize,
    /// Run without a sandbox: trusted local sources only.
    pub unsandboxed: bool,
}

impl Settings {
    /// The defaults, in a folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            cache_size: 1 << 30,
            limits: Limits::default(),
            parallel: std::thread::available_parallelism().map_or(2, usize::from),
            queue: 200,
            unsandboxed: false,
        }
    }
}

/// Why a compiler cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// No sandbox.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The folder cannot be used.
    #[error("the folder of compiled documents cannot be used: {0}")]
    Folder(#[from] io::Error),
}

/// Compiles jobs. Cheap to clone; clones share everything.
#[derive(Debug, Clone)]
pub struct Compiler(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: Settings,
    sandbox: Sandbox,
    cache: Cache,
    pictures: Cache,
    engine_version: String,
    /// Permits are given in the order they were asked for: nobody is overtaken.
    slots: Semaphore,
    waiting: AtomicUsize,
    running: Mutex<HashMap<blake3::Hash, Arc<OnceCell<Shareable>>>>,
    formats: Mutex<HashMap<String, FormatState>>,
}

/// A result that several callers can have.
type Shareable = Result<Outcome, Arc<RunError>>;

#[derive(Debug, Clone)]
enum FormatState {
    /// Seen once: not worth a format yet.
    Seen,
    /// Being built.
    Building,
    /// There.
    Ready(Format),
    /// Cannot be built, or documents fail with it: compile plainly.
    Useless,
}

impl Compiler {
    /// Sets up the folder and looks for the sandbox.
    ///
    /// # Errors
    /// [`SetupError`] when there is no sandbox or the folder cannot be used.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let sandbox = Sandbox::find(settings.unsandboxed)?;
        let cache = Cache::open(&settings.folder.join("pdf"), "pdf", settings.cache_size)?;
        let pictures =
            Cache::open(&settings.folder.join("pictures"), "json", settings.cache_size / 8)?;
        std::fs::create_dir_all(settings.folder.join("formats"))?;
        let engine_version = Command::new("pdflatex")
            .arg("--version")
            .output()
            .map(|output| {
                String::from_utf8_lossy(&output.stdout)
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
            .unwrap_or_default();
        let slots = Semaphore::new(settings.parallel.max(1));
        Ok(Self(Arc::new(Shared {
            sandbox,
            cache,
            pictures,
            engine_version,
            slots,
            waiting: AtomicUsize::new(0),
            running: Mutex::default(),
            formats: Mutex::default(),
            settings,
        })))
    }

    /// The limits of a run.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.settings.limits
    }

    /// The digest under which the PDF of a job is kept: sources and TeX installation.
    #[must_use]
    pub fn key(&self, job: &Job) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.0.engine_version.as_bytes());
        hasher.update(job.digest().as_bytes());
        hasher.finalize().to_hex()[..40].to_owned()
    }

    /// The PDF of a job if it is kept, without running anything.
    #[must_use]
    pub fn cached(&self, job: &Job) -> Option<bytes::Bytes> {
        self.0.cache.get(&self.key(job))
    }

    /// A picture that was kept.
    pub(crate) fn kept_picture(&self, key: &str) -> Option<Picture> {
        serde_json::from_slice(&self.0.pictures.get(key)?).ok()
    }

    /// Keeps a picture.
    pub(crate) fn keep_picture(&self, key: &str, picture: &Picture) {
        if let Ok(json) = serde_json::to_vec(picture) {
            self.0.pictures.put(key, &json.into());
        }
    }

    /// Compiles a job: from the cache, with the run of an equal job, or in a run of its own. A
    /// caller that goes away does not stop a run that others wait for.
    ///
    /// # Errors
    /// [`RunError::Job`] for a job that is refused, [`RunError::Busy`] when too many wait. A
    /// document that does not compile is an [`Outcome::Failed`].
    pub async fn compile(&self, job: Job, force: bool) -> Result<Outcome, Arc<RunError>> {
        job.check(&self.0.settings.limits).map_err(|error| Arc::new(error.into()))?;
        let key = self.key(&job);
        if !force && let Some(pdf) = self.0.cache.get(&key) {
            return Ok(Outcome::Pdf { pdf, log: String::new() });
        }
        let digest = job.digest();
        let cell = {
            let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(running.entry(digest).or_default())
        };
        let this = self.clone();
        let cell_of_run = Arc::clone(&cell);
        // A task of its own: the run goes on for the others when this caller goes away.
        let run = tokio::spawn(async move {
            let result = cell_of_run.get_or_init(|| this.run(job, &key)).await.clone();
            this.0.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest);
            result
        });
        run.await.unwrap_or_else(|error| Err(Arc::new(RunError::Io(io::Error::other(error)))))
    }

    async fn run(&self, job: Job, key: &str) -> Shareable {
        let shared = &self.0;
        let _place = Place::take(shared)?;
        let _slot = shared
            .slots
            .acquire()
            .await
            .map_err(|error| Arc::new(RunError::Io(io::Error::other(error))))?;
        let preamble = Preamble::of(&job, &shared.engine_version);
        let format = match &preamble {
            Some(preamble) => self.format(&job, preamble).await,
            None => None,
        };
        let limits = &shared.settings.limits;
        let mut outcome = run::run(&job, format.as_ref(), &shared.sandbox, limits).await?;
        if let (Outcome::Failed { .. }, Some(_), Some(preamble)) = (&outcome, &format, &preamble) {
            // Some packages do not survive a dump. Only the plain run decides.
            outcome = run::run(&job, None, &shared.sandbox, limits).await?;
            if matches!(outcome, Outcome::Pdf { .. }) {
                self.set_format(&preamble.key, FormatState::Useless);
            }
        }
        if let Outcome::Pdf { pdf, .. } = &outcome {
            shared.cache.put(key, pdf);
        }
        Ok(outcome)
    }

    /// The format of a preamble: none the first time it is seen, built the second time.
    async fn format(&self, job: &Job, preamble: &Preamble) -> Option<Format> {
        let folder = self.0.settings.folder.join("formats");
        let state = {
            let mut formats = self.0.formats.lock().unwrap_or_else(PoisonError::into_inner);
            match formats.get(&preamble.key).cloned() {
                None => {
                    let kept = folder.join(format!("{}.fmt", preamble.key)).is_file();
                    let state = if kept {
                        FormatState::Ready(Format {
                            folder: folder.clone(),
                            name: preamble.key.clone(),
                        })
                    } else {
                        FormatState::Seen
                    };
                    formats.insert(preamble.key.clone(), state.clone());
                    if !kept {
                        return None;
                    }
                    state
                }
                Some(FormatState::Seen) => {
                    formats.insert(preamble.key.clone(), FormatState::Building);
                    FormatState::Seen
                }
                Some(state) => state,
            }
        };
        match state {
            FormatState::Ready(format) => Some(format),
            FormatState::Building | FormatState::Useless => None,
            FormatState::Seen => {
                let built =
                    format::build(job, preamble, &folder, &self.0.sandbox, &self.0.settings.limits)
                        .await;
                let built = built.unwrap_or_else(|error| {
                    tracing::warn!(%error, "a format could not be built");
                    None
                });
                let state = built.clone().map_or(FormatState::Useless, FormatState::Ready);
                self.set_format(&preamble.key, state);
                built
            }
        }
    }

    fn set_format(&self, key: &str, state: FormatState) {
        self.0.formats.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), state);
    }
}

/// A place in the queue, given back when dropped.
struct Place<'s>(&'s Shared);

impl<'s> Place<'s> {
    fn take(shared: &'s Shared) -> Result<Self, Arc<RunError>> {
        let before = shared.waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(shared);
        if before >= shared.settings.queue + shared.settings.parallel {
            // A waiting run takes about a second of one slot.
            let seconds = before / shared.settings.parallel.max(1);
            return Err(Arc::new(RunError::Busy {
                retry_after: Duration::from_secs(seconds.clamp(1, 60) as u64),
            }));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
