//! One run: a private folder, as many passes as the document needs, the PDF or the first error.

use crate::{
    job::{Engine, Job, JobError, Limits},
    log::{Diagnosis, diagnose},
    sandbox::Sandbox,
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::Instant;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The document compiled.
    Pdf {
        /// The whole PDF.
        pdf: Bytes,
        /// TeX's log.
        log: String,
    },
    /// It did not; there is no PDF, not even a part of one.
    Failed {
        /// Why.
        why: Failure,
        /// TeX's log, or what there is of it.
        log: String,
        /// The first real error.
        diagnosis: Option<Diagnosis>,
    },
}

/// Why a run gave no PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// TeX found an error.
    Errors,
    /// The time limit was reached.
    Time,
    /// The files of the run grew beyond the limit.
    Disk,
    /// TeX ran to its end and made no page.
    NoPage,
}

impl Failure {
    /// What happened, in a French sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Errors => "La compilation a échoué.",
            Self::Time => {
                "La compilation a dépassé le temps permis : le document ne se termine sans doute jamais."
            }
            Self::Disk => "La compilation a dépassé la taille permise.",
            Self::NoPage => "Le document ne produit aucune page.",
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.sentence())
    }
}

/// What is wrong on our side, or with the job before it ran.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The job is refused.
    #[error(transparent)]
    Job(#[from] JobError),
    /// A working folder cannot be made, or a program cannot be started.
    #[error("the compile service cannot run: {0}")]
    Io(#[from] io::Error),
    /// There are too many runs waiting.
    #[error("the compile service is busy; try again in {} s", retry_after.as_secs())]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
}

/// At most this much of a log is kept: its beginning and its end.
const LOG_HEAD: u64 = 512 << 10;
const LOG_TAIL: u64 = 64 << 10;

/// A precompiled format: the folder it is in and its name without `.fmt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
}

/// Compiles a checked job in a folder of its own, which is gone afterwards.
pub(crate) async fn run(
    job: &Job,
    format: Option<&Format>,
    sandbox: &Sandbox,
    limits: &Limits,
) -> Result<Outcome, RunError> {
    let work = Work::new(job)?;
    let deadline = Instant::now() + limits.time;
    let mut before = BTreeMap::new();
    for pass in 1..=limits.passes {
        let engine = engine_arguments(job, format, sandbox);
        let formats = format.map(|format| format.folder.as_path());
        let ended =
            execute(&work, job.engine.program(), &engine, formats, sandbox, limits, deadline)
                .await?;
        let log = work.log();
        match ended {
            Ended::Success => {}
            Ended::Failure => return Ok(failed(Failure::Errors, log)),
            Ended::Time => return Ok(failed(Failure::Time, log)),
            Ended::Disk => return Ok(failed(Failure::Disk, log)),
        }
        let after = work.auxiliary_files();
        let helpers = if pass == 1 { helpers(&work, &log) } else { Vec::new() };
        for (program, argument) in &helpers {
            // A bibliography or index that cannot be made leaves warnings, not a failed run: that
            // is how authors know these programs.
            execute(
                &work,
                program,
                std::slice::from_ref(argument),
                None,
                sandbox,
                limits,
                deadline,
            )
            .await?;
        }
        let settled = if pass == 1 {
            helpers.is_empty() && !wants_another_pass(&log, &after)
        } else {
            after == before
        };
        if settled || pass == limits.passes {
            return Ok(match work.pdf()? {
                Some(pdf) => Outcome::Pdf { pdf, log },
                None => failed(Failure::NoPage, log),
            });
        }
        before = after;
    }
    Ok(failed(Failure::NoPage, work.log()))
}

fn failed(why: Failure, log: String) -> Outcome {
    let diagnosis = diagnose(&log);
    Outcome::Failed { why, log, diagnosis }
}

fn engine_arguments(job: &Job, format: Option<&Format>, sandbox: &Sandbox) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error"]
            .map(str::to_owned)
            .to_vec();
    arguments.push(format!("-jobname={JOBNAME}"));
    if job.engine == Engine::Lualatex {
        arguments.push("--nosocket".to_owned());
    }
    if let Some(format) = format {
        let path = sandbox.formats(&format.folder).join(&format.name);
        arguments.push(format!("-fmt={}", path.display()));
    }
    arguments.push(job.main.clone());
    arguments
}

/// The name of all output files, so that no name of the sources can collide with a format or with
/// a name that TeX would misread.
const JOBNAME: &str = "mqd-output";

/// bibtex and makeindex, when the document asks for them.
fn helpers(work: &Work, log: &str) -> Vec<(&'static str, String)> {
    let mut helpers = Vec::new();
    let aux = work.read_small("aux").unwrap_or_default();
    if aux.contains("\\bibdata{") && aux.contains("\\citation{") {
        helpers.push(("bibtex", JOBNAME.to_owned()));
    }
    if log.contains(&format!("No file {JOBNAME}.ind"))
        && work.read_small("idx").is_some_and(|idx| !idx.is_empty())
    {
        helpers.push(("makeindex", format!("{JOBNAME}.idx")));
    }
    helpers
}

/// After the first pass: did the document write something that it wants to read?
fn wants_another_pass(log: &str, files: &BTreeMap<String, blake3::Hash>) -> bool {
    const SAYS: &[&str] = &[
        "Rerun to get",
        "rerun LaTeX",
        "Rerun LaTeX",
        "undefined references",
        "Label(s) may have changed",
        "(re)run",
    ];
    const READ_BACK: &[&str] = &["toc", "lof", "lot", "out", "nav", "snm", "bbl"];
    let empty = blake3::hash(b"");
    SAYS.iter().any(|says| log.contains(says))
        || READ_BACK.iter().any(|ext| files.get(*ext).is_some_and(|hash| *hash != empty))
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Success,
    Failure,
    Time,
    Disk,
}

async fn execute(
    work: &Work,
    program: &str,
    arguments: &[String],
    formats: Option<&Path>,
    sandbox: &Sandbox,
    limits: &Limits,
    deadline: Instant,
) -> Result<Ended, RunError> {
    let mut command = sandbox.command(program, work.path(), formats, limits);
    command.args(arguments);
    let mut child = command.spawn()?;
    let group = child.id();
    let mut look = tokio::time::interval(Duration::from_millis(200));
    let ended = loop {
        tokio::select! {
            status = child.wait() => break if status?.success() { Ended::Success } else { Ended::Failure },
            () = tokio::time::sleep_until(deadline) => break Ended::Time,
            _ = look.tick() => if work.size() > limits.disk { break Ended::Disk },
        }
    };
    if matches!(ended, Ended::Time | Ended::Disk) {
        // Inside bubblewrap, every other process dies with the first; outside, the group does.
        if let Some(group) =
            group.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        child.kill().await?;
    }
    if ended == Ended::Failure && work.size() > limits.disk {
        return Ok(Ended::Disk);
    }
    Ok(ended)
}

/// The private folder of a run; it is removed when this is dropped.
struct Work(tempfile::TempDir);

impl Work {
    fn new(job: &Job) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("maquisdoc-tex-").tempdir()?;
        for (path, bytes) in &job.files {
            let path = folder.path().join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, bytes)?;
        }
        Ok(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn output(&self, extension: &str) -> PathBuf {
        self.path().join(format!("{JOBNAME}.{extension}"))
    }

    /// Opens an output file if it is a regular file: LuaTeX could have put a link in its place.
    fn open(&self, extension: &str) -> Option<std::fs::File> {
        let path = self.output(extension);
        let meta = std::fs::symlink_metadata(&path).ok()?;
        meta.is_file().then(|| std::fs::File::open(path).ok()).flatten()
    }

    fn read_small(&self, extension: &str) -> Option<String> {
        let mut bytes = Vec::new();
        self.open(extension)?.take(4 << 20).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The log: whole, or its beginning and its end.
    fn log(&self) -> String {
        let read = || -> Option<String> {
            let mut file = self.open("log")?;
            let length = file.metadata().ok()?.len();
            let mut bytes = Vec::new();
            file.by_ref().take(LOG_HEAD).read_to_end(&mut bytes).ok()?;
            if length > LOG_HEAD {
                bytes.extend_from_slice(b"\n[...]\n");
                file.seek(SeekFrom::Start(LOG_HEAD.max(length.saturating_sub(LOG_TAIL)))).ok()?;
                file.take(LOG_TAIL).read_to_end(&mut bytes).ok()?;
            }
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_default()
    }

    fn pdf(&self) -> io::Result<Option<Bytes>> {
        let Some(mut file) = self.open("pdf") else { return Ok(None) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        // TeX writes the trailer last: without it the file is a part of a PDF.
        let tail = &bytes[bytes.len().saturating_sub(1024)..];
        let whole = bytes.starts_with(b"%PDF-") && tail.windows(5).any(|w| w == b"%%EOF");
        Ok(whole.then(|| bytes.into()))
    }

    /// Digests of what the document wrote for its next pass, by extension.
    fn auxiliary_files(&self) -> BTreeMap<String, blake3::Hash> {
        let Ok(entries) = std::fs::read_dir(self.path()) else { return BTreeMap::new() };
        entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let extension = name.strip_prefix(JOBNAME)?.strip_prefix('.')?.to_owned();
                if matches!(extension.as_str(), "log" | "pdf") {
                    return None;
                }
                let mut bytes = Vec::new();
                self.open(&extension)?.read_to_end(&mut bytes).ok()?;
                Some((extension, blake3::hash(&bytes)))
            })
            .collect()
    }

    /// Bytes of all files, not following links.
    fn size(&self) -> u64 {
        let mut total = 0;
        let mut folders = vec![self.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(kind) = entry.file_type() else { continue };
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if let Ok(meta) = entry.metadata() {
                    total += meta.len();
                }
            }
        }
        total
    }
}
