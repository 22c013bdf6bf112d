//! The compiler that everybody shares: cache, one run for equal jobs, a bounded and fair queue.

use crate::{
    cache::Cache,
    encoding,
    format::{Formats, Preamble},
    installation::Installation,
    job::{Engine, Job, Limits},
    lua::FontIndex,
    picture::Picture,
    run::{self, Failure, Outcome, RunError},
    sandbox::{Sandbox, SandboxError},
    work::{is_whole, sweep},
};
use serde::Serialize;
use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};

/// How a compiler is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder of the cache and the formats.
    pub folder: PathBuf,
    /// Bytes of PDFs to keep. Formats take at most a quarter as much more, pictures an eighth.
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

/// What a compiler did since it was set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Statistics {
    /// Runs that were made.
    pub runs: u64,
    /// Answers from the cache.
    pub cached: u64,
    /// Answers from a run that was made for an equal job.
    pub shared: u64,
    /// Jobs refused because too many waited.
    pub refused: u64,
    /// Runs that started from a precompiled preamble.
    pub with_format: u64,
    /// Jobs that wait or run now.
    pub present: usize,
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
    formats: Formats,
    /// Looked for when LuaTeX is first asked for.
    fonts: tokio::sync::OnceCell<FontIndex>,
    installation: Installation,
    /// Permits are given in the order they were asked for: nobody is overtaken.
    slots: Semaphore,
    /// Jobs that wait or run, and the bytes of their sources.
    present: AtomicUsize,
    held: AtomicUsize,
    running: Mutex<HashMap<blake3::Hash, Weak<watch::Sender<Progress>>>>,
    /// Mean time of a run in milliseconds, recent ones counting most.
    mean: AtomicU64,
    runs: AtomicU64,
    cached: AtomicU64,
    shared: AtomicU64,
    refused: AtomicU64,
    with_format: AtomicU64,
}

/// A result that several callers can have.
type Shareable = Result<Outcome, Arc<RunError>>;

/// How far a job is.
#[derive(Debug, Clone)]
pub(crate) enum Progress {
    /// It waits; so many were there before it.
    Queued(usize),
    /// It runs, and this pass has begun.
    Running(u32),
    /// It has ended.
    Done(Shareable),
}

impl Compiler {
    /// Sets up the folder and looks for the sandbox.
    ///
    /// # Errors
    /// [`SetupError`] when there is no sandbox or the folder cannot be used.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let sandbox = Sandbox::find(settings.unsandboxed)?;
        if sandbox == Sandbox::Unsandboxed {
            tracing::warn!("TeX RUNS WITHOUT A SANDBOX: a source can read and write everything");
        }
        sweep();
        let open = |name: &str, extension, part: u64| {
            Cache::open(&settings.folder.join(name), extension, settings.cache_size / part)
        };
        let formats = settings.folder.join("formats");
        Ok(Self(Arc::new(Shared {
            cache: open("pdf", "pdf", 1)?,
            pictures: open("pictures", "json", 8)?,
            formats: Formats::open(&formats, settings.cache_size / 4, &sandbox)?,
            fonts: tokio::sync::OnceCell::new(),
            sandbox,
            installation: Installation::find(),
            slots: Semaphore::new(settings.parallel.max(1)),
            present: AtomicUsize::new(0),
            held: AtomicUsize::new(0),
            running: Mutex::default(),
            mean: AtomicU64::new(1_000),
            runs: AtomicU64::default(),
            cached: AtomicU64::default(),
            shared: AtomicU64::default(),
            refused: AtomicU64::default(),
            with_format: AtomicU64::default(),
            settings,
        })))
    }

    /// The limits of a run.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.settings.limits
    }

    /// Whether runs are kept in; without that, only trusted sources may be compiled.
    #[must_use]
    pub fn is_sandboxed(&self) -> bool {
        self.0.sandbox != Sandbox::Unsandboxed
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.0.sandbox
    }

    /// A text that changes when the TeX installation does.
    pub(crate) fn installation(&self) -> String {
        self.0.installation.fingerprint()
    }

    /// Waits for one of the places of runs.
    pub(crate) async fn turn(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        self.0.slots.acquire().await.ok()
    }

    /// What was done since the compiler was set up.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let shared = &self.0;
        Statistics {
            runs: shared.runs.load(Ordering::Relaxed),
            cached: shared.cached.load(Ordering::Relaxed),
            shared: shared.shared.load(Ordering::Relaxed),
            refused: shared.refused.load(Ordering::Relaxed),
            with_format: shared.with_format.load(Ordering::Relaxed),
            present: shared.present.load(Ordering::Relaxed),
        }
    }

    /// The digest under which the PDF of a job is kept: sources and TeX installation.
    #[must_use]
    pub fn key(&self, job: &Job) -> String {
        self.key_of(&job.digest())
    }

    fn key_of(&self, job: &blake3::Hash) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.0.installation.fingerprint().as_bytes());
        hasher.update(job.as_bytes());
        hasher.finalize().to_hex()[..40].to_owned()
    }

    /// Makes the precompiled preamble of a job unless it is there, and waits for it. Equal jobs then
    /// give equal bytes, the first time and after the cache was emptied: a run without it numbers
    /// fonts differently. Nothing happens where the PDF is kept or no such preamble can be made.
    pub async fn warm(&self, job: &Job) {
        if self.cached(job).is_some() || job.check(self.limits()).is_err() {
            return;
        }
        if let Ok((_, Some(preamble))) = self.0.prepare(job.clone()).await {
            self.0.formats.ensure(&preamble, &self.0.sandbox, self.limits()).await;
        }
    }

    /// The PDF of a job if it is kept, without running anything.
    #[must_use]
    pub fn cached(&self, job: &Job) -> Option<bytes::Bytes> {
        self.0.kept(&self.key(job))
    }

    /// The PDF of a job that is known by its digest alone.
    pub(crate) fn cached_of(&self, job: &blake3::Hash) -> Option<bytes::Bytes> {
        let pdf = self.0.kept(&self.key_of(job))?;
        self.0.cached.fetch_add(1, Ordering::Relaxed);
        Some(pdf)
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

    /// Compiles a job: from the cache, with the run of an equal job, or in a run of its own. A run
    /// that has begun goes on when its caller goes away, and is kept; one that waits and that
    /// nobody waits for any more is given up.
    ///
    /// # Errors
    /// [`RunError::Job`] for a job that is refused, [`RunError::Busy`] when too many wait. A
    /// document that does not compile is an [`Outcome::Failed`].
    pub async fn compile(&self, job: Job, force: bool) -> Result<Outcome, Arc<RunError>> {
        let mut progress = self.follow(job, force)?;
        loop {
            if let Progress::Done(result) = &*progress.borrow_and_update() {
                return result.clone();
            }
            if progress.changed().await.is_err() {
                return Err(Arc::new(RunError::Io(io::Error::other("a run was given up"))));
            }
        }
    }

    /// Starts a job or joins an equal one; what happens to it can be watched.
    pub(crate) fn follow(
        &self,
        job: Job,
        force: bool,
    ) -> Result<watch::Receiver<Progress>, Arc<RunError>> {
        let shared = &self.0;
        job.check(&shared.settings.limits).map_err(|error| Arc::new(error.into()))?;
        let digest = job.digest();
        let key = self.key_of(&digest);
        let kept = || {
            let pdf = if force { None } else { shared.kept(&key) }?;
            shared.cached.fetch_add(1, Ordering::Relaxed);
            let done = Progress::Done(Ok(Outcome::Pdf { pdf, log: String::new() }));
            Some(watch::channel(done).1)
        };
        if let Some(done) = kept() {
            return Ok(done);
        }
        let mut running = shared.running();
        if let Some(sender) = running.get(&digest).and_then(Weak::upgrade) {
            shared.shared.fetch_add(1, Ordering::Relaxed);
            return Ok(sender.subscribe());
        }
        // An equal run may have ended since the first look.
        if let Some(done) = kept() {
            return Ok(done);
        }
        let place = Place::take(shared, &job)?;
        let (sender, receiver) = watch::channel(Progress::Queued(place.before));
        let sender = Arc::new(sender);
        running.insert(digest, Arc::downgrade(&sender));
        drop(running);
        let shared = Arc::clone(shared);
        // A task of its own: the run goes on for the others when this caller goes away.
        tokio::spawn(async move {
            let _place = place;
            let Some(_slot) = shared.slot(digest, &sender).await else { return };
            let result = shared.run(job, &key, &sender).await;
            // Whoever comes after this starts anew, or finds the result in the cache.
            shared.running().remove(&digest);
            sender.send_replace(Progress::Done(result));
        });
        Ok(receiver)
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, HashMap<blake3::Hash, Weak<watch::Sender<Progress>>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A kept PDF; one that is not whole is as none.
    fn kept(&self, key: &str) -> Option<bytes::Bytes> {
        self.cache.get(key).filter(|pdf| is_whole(pdf))
    }

    /// Waits for a slot; `None` when nobody waits for the job any more.
    async fn slot(
        &self,
        digest: blake3::Hash,
        sender: &watch::Sender<Progress>,
    ) -> Option<tokio::sync::SemaphorePermit<'_>> {
        let turn = self.slots.acquire();
        tokio::pin!(turn);
        loop {
            tokio::select! {
                biased;
                slot = &mut turn => return slot.ok(),
                () = sender.closed() => {
                    let mut running = self.running();
                    if sender.receiver_count() == 0 {
                        running.remove(&digest);
                        return None;
                    }
                }
            }
        }
    }

    async fn run(&self, job: Job, key: &str, progress: &watch::Sender<Progress>) -> Shareable {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let start = Instant::now();
        let limits = &self.settings.limits;
        let (job, preamble) = self.prepare(job).await?;
        let format = match &preamble {
            Some(preamble) => self.formats.get(preamble, &self.sandbox, limits).await,
            None => None,
        };
        let shown = match job.engine {
            Engine::Lualatex => self.fonts().await.files(),
            Engine::Pdflatex | Engine::Xelatex => &[],
        };
        let deadline = Instant::now() + limits.time;
        let run = |format: Option<PathBuf>| {
            let job = &job;
            async move {
                let begins = |pass| {
                    progress.send_replace(Progress::Running(pass));
                };
                let format = format.as_deref();
                run::run(job, format, shown, &self.sandbox, limits, deadline, begins).await
            }
        };
        let with_format = format.is_some();
        self.with_format.fetch_add(u64::from(with_format), Ordering::Relaxed);
        let mut outcome = run(format).await;
        // Some packages do not survive a dump, and a format may be evicted meanwhile. Only the
        // plain run decides.
        let doubtful = match &outcome {
            Ok(Outcome::Failed { why, .. }) => matches!(why, Failure::Errors | Failure::NoPage),
            Ok(Outcome::Pdf { .. }) => false,
            Err(_) => true,
        };
        if with_format && doubtful {
            outcome = run(None).await;
        }
        let outcome = outcome?;
        if let Outcome::Pdf { pdf, .. } = &outcome {
            if let Some(preamble) = &preamble {
                match (with_format, doubtful) {
                    (true, true) => self.formats.useless(&preamble.key),
                    (true, false) => {}
                    (false, _) => self.formats.seen(preamble),
                }
            }
            self.cache.put(key, pdf);
        }
        let time = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mean = |mean: u64| Some((mean * 7 + time) / 8);
        let _ = self.mean.fetch_update(Ordering::Relaxed, Ordering::Relaxed, mean);
        Ok(outcome)
    }

    async fn fonts(&self) -> &FontIndex {
        let find = || async {
            let installation = self.installation.fingerprint();
            let Settings { folder, limits, .. } = &self.settings;
            FontIndex::find(folder, &installation, &self.sandbox, limits).await
        };
        self.fonts.get_or_init(find).await
    }

    /// The sources in UTF-8, and their preamble where a format may serve it.
    async fn prepare(&self, job: Job) -> Result<(Job, Option<Preamble>), Arc<RunError>> {
        let installation = self.installation.fingerprint();
        let job = self.installation.complete(job);
        let prepared = tokio::task::spawn_blocking(move || {
            let job = encoding::in_utf8(job);
            let preamble = Preamble::of(&job, &installation);
            (job, preamble)
        });
        prepared.await.map_err(|error| Arc::new(RunError::Io(io::Error::other(error))))
    }
}

/// A place among the jobs that wait or run, given back when dropped.
#[derive(Debug)]
struct Place {
    shared: Arc<Shared>,
    /// How many there were before.
    before: usize,
    /// Bytes of the sources.
    bytes: usize,
}

/// The sources of all that wait may be as large as this many of the largest job.
const LARGEST_JOBS: usize = 16;

impl Place {
    fn take(shared: &Arc<Shared>, job: &Job) -> Result<Self, Arc<RunError>> {
        let bytes = job.files.values().map(bytes::Bytes::len).sum();
        let before = shared.present.fetch_add(1, Ordering::Relaxed);
        let held = shared.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let place = Self { shared: Arc::clone(shared), before, bytes };
        let parallel = shared.settings.parallel.max(1);
        let room = shared.settings.limits.input.saturating_mul(LARGEST_JOBS);
        if before >= shared.settings.queue + parallel || held > room {
            shared.refused.fetch_add(1, Ordering::Relaxed);
            // When about half of those who wait will have had their turn.
            let mean = shared.mean.load(Ordering::Relaxed);
            let seconds = mean * (before as u64) / (2_000 * parallel as u64);
            let retry_after = Duration::from_secs(seconds.clamp(1, 60));
            return Err(Arc::new(RunError::Busy { retry_after }));
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.present.fetch_sub(1, Ordering::Relaxed);
        self.shared.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
