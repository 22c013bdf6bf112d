//! One run: a private folder, as many passes as the document needs, the PDF or the first error.

use crate::{
    job::{Engine, Job, JobError, Limits},
    log::{Diagnosis, diagnose},
    process::{Ended, execute},
    sandbox::Sandbox,
    work::Work,
};
use bytes::Bytes;
use std::{
    collections::{BTreeMap, HashMap},
    io,
    path::{Path, PathBuf},
    sync::Arc,
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
    /// The processes of the run took more memory than the limit.
    Memory,
    /// There were more processes than the limit.
    Processes,
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
            Self::Memory => "La compilation a dépassé la mémoire permise.",
            Self::Processes => "La compilation a lancé trop de processus.",
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

/// Compiles a checked job in a folder of its own, which is gone afterwards. `format` is the file
/// of a precompiled preamble, `shown` are files that it may read; `pass` is told the number of each
/// pass that begins.
pub(crate) async fn run(
    job: &Job,
    format: Option<&Path>,
    shown: &[(PathBuf, PathBuf)],
    sandbox: &Sandbox,
    limits: &Limits,
    deadline: Instant,
    mut pass_begins: impl FnMut(u32),
) -> Result<Outcome, RunError> {
    let work = Arc::new(Work::new(job, sandbox).await?);
    let arguments = engine_arguments(job, &work, format, sandbox);
    let mut before = None;
    let mut helped = HashMap::new();
    for pass in 1..=limits.passes {
        pass_begins(pass);
        let program = job.engine.program();
        let mut command = sandbox.command_with(program, work.path(), format, shown, limits);
        command.args(&arguments);
        let ended = execute(command, work.path(), limits, deadline).await?;
        let Pass { log, written, helpers, again } = Pass::of(&work).await?;
        if let Some(failed) = failure(ended, &log, job) {
            return Ok(failed);
        }
        let mut helps = false;
        for helper in helpers {
            // Only when what it reads changed since it last ran.
            if helped.insert(helper.program_and_file(), helper.input) == Some(helper.input) {
                continue;
            }
            helps = true;
            let mut command = sandbox.command(helper.program, work.path(), None, limits);
            command.args(&helper.arguments);
            // A bibliography or index that cannot be made leaves warnings, not a failed run: that
            // is how authors know these programs. A limit that it passes ends the run.
            match execute(command, work.path(), limits, deadline).await? {
                Ended::Success | Ended::Failure => {}
                limit => {
                    if let Some(failed) = failure(limit, &log, job) {
                        return Ok(failed);
                    }
                }
            }
        }
        let settled = !helps
            && match &before {
                None => !again,
                Some(before) => *before == written,
            };
        if settled || pass == limits.passes {
            return Ok(match work.pdf().await? {
                Some(pdf) => Outcome::Pdf { pdf, log },
                None => failed(Failure::NoPage, log, job),
            });
        }
        before = Some(written);
    }
    Ok(failed(Failure::NoPage, work.log(), job))
}

/// What a pass left.
struct Pass {
    log: String,
    /// Digests of what it wrote for the next one.
    written: BTreeMap<PathBuf, blake3::Hash>,
    helpers: Vec<Helper>,
    /// Whether the first pass calls for another.
    again: bool,
}

impl Pass {
    /// Reads it, which may take a while, on a thread that serves nobody.
    async fn of(work: &Arc<Work>) -> io::Result<Self> {
        let work = Arc::clone(work);
        let read = tokio::task::spawn_blocking(move || {
            let log = work.log();
            Self {
                written: work.written(),
                helpers: helpers(&work, &log),
                again: wants_another_pass(&log, &work),
                log,
            }
        });
        Ok(read.await?)
    }
}

fn failed(why: Failure, log: String, job: &Job) -> Outcome {
    let diagnosis = diagnose(&log).map(|found| found.with_sources(job));
    Outcome::Failed { why, log, diagnosis }
}

fn failure(ended: Ended, log: &str, job: &Job) -> Option<Outcome> {
    let why = match ended {
        Ended::Success => return None,
        Ended::Failure => Failure::Errors,
        Ended::Time => Failure::Time,
        Ended::Disk => Failure::Disk,
        Ended::Memory => Failure::Memory,
        Ended::Processes => Failure::Processes,
    };
    Some(failed(why, log.to_owned(), job))
}

fn engine_arguments(
    job: &Job,
    work: &Work,
    format: Option<&Path>,
    sandbox: &Sandbox,
) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error"]
            .map(str::to_owned)
            .to_vec();
    arguments.push(format!("-jobname={}", work.jobname()));
    if job.engine == Engine::Lualatex {
        arguments.push("--nosocket".to_owned());
    }
    if let Some(format) = format {
        let path = sandbox.format(format).with_extension("");
        arguments.push(format!("-fmt={}", path.display()));
    }
    arguments.push(job.main.clone());
    arguments
}

/// A program that makes something of what a pass wrote, for the next one.
struct Helper {
    program: &'static str,
    arguments: Vec<String>,
    /// Digest of what it reads.
    input: blake3::Hash,
}

impl Helper {
    fn program_and_file(&self) -> (&'static str, Option<String>) {
        (self.program, self.arguments.last().cloned())
    }
}

/// bibtex or biber, and makeindex, where the document asks for them.
fn helpers(work: &Work, log: &str) -> Vec<Helper> {
    let mut helpers = Vec::new();
    let name = work.jobname();
    let citations = work.citations();
    if citations.contains("\\bibdata{") && !work.brings_bibliography(&citations) {
        helpers.push(Helper {
            program: "bibtex",
            arguments: vec![name.to_owned()],
            input: blake3::hash(citations.as_bytes()),
        });
    }
    // biblatex says so whenever its questions are others than those that were answered. Where biber
    // is not installed, citations stay unresolved, as everywhere.
    if log.contains("(re)run Biber on the file")
        && let Some(questions) = work.read_small("bcf")
    {
        helpers.push(Helper {
            program: "biber",
            arguments: vec![name.to_owned()],
            input: blake3::hash(questions.as_bytes()),
        });
    }
    // Index, and glossary in the way of the package of that name: what is written, what is read.
    for (written, read, style) in [("idx", "ind", None), ("glo", "gls", Some("ist"))] {
        let wanted = log.contains(&format!("No file {name}.{read}")) || work.has(read);
        let Some(input) = work.read_small(written).filter(|input| wanted && !input.is_empty())
        else {
            continue;
        };
        let mut arguments = vec!["-o".to_owned(), format!("{name}.{read}")];
        if let Some(style) = style.filter(|style| work.has(style)) {
            arguments.extend(["-s".to_owned(), format!("{name}.{style}")]);
        }
        arguments.push(format!("{name}.{written}"));
        let input = blake3::hash(input.as_bytes());
        helpers.push(Helper { program: "makeindex", arguments, input });
    }
    helpers
}

/// After the first pass: did the document write something that it wants to read?
fn wants_another_pass(log: &str, work: &Work) -> bool {
    const SAYS: &[&str] = &[
        "Rerun to get",
        "rerun LaTeX",
        "Rerun LaTeX",
        "undefined references",
        "Label(s) may have changed",
        "(re)run",
    ];
    const READ_BACK: &[&str] = &["toc", "lof", "lot", "out", "nav", "snm"];
    SAYS.iter().any(|says| log.contains(says))
        || READ_BACK.iter().any(|extension| work.has(extension))
}
