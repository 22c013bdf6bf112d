//! Precompiled formats: a preamble is compiled once and dumped; later runs start from the dump.
//!
//! A format is kept under the digest of the engine, the text of the preamble and every file of the
//! job that the preamble reads, so that it is rebuilt when any of them changes.

use crate::{
    job::{Engine, Job, Limits},
    run::Format,
    sandbox::{INSIDE, Sandbox},
};
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

/// The part of a document that a format holds, and the key it is kept under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preamble {
    pub(crate) key: String,
}

impl Preamble {
    /// The preamble of a job, when a format may serve it: pdfLaTeX only, since XeTeX and LuaTeX
    /// cannot dump the fonts that their preambles load.
    pub(crate) fn of(job: &Job, engine_version: &str) -> Option<Self> {
        if job.engine != Engine::Pdflatex {
            return None;
        }
        let main = std::str::from_utf8(job.files.get(&job.main)?).ok()?;
        let (text, _) = main.split_once("\\begin{document}")?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(engine_version.as_bytes());
        hasher.update(text.as_bytes());
        let mut seen = BTreeSet::new();
        inputs(text, job, &mut seen);
        for path in &seen {
            hasher.update(path.as_bytes());
            hasher.update(job.files.get(path).map_or(&b""[..], |bytes| bytes));
        }
        Some(Self { key: hasher.finalize().to_hex()[..32].to_owned() })
    }
}

/// The files of the job that a preamble reads, directly or not: any braced or bare name after a
/// reading command that is a file of the job. One too many only makes a format fresher.
fn inputs(text: &str, job: &Job, seen: &mut BTreeSet<String>) {
    const COMMANDS: &[(&str, &[&str])] = &[
        ("\\input", &["", ".tex"]),
        ("\\include", &[".tex"]),
        ("\\usepackage", &[".sty"]),
        ("\\RequirePackage", &[".sty"]),
        ("\\documentclass", &[".cls"]),
        ("\\LoadClass", &[".cls"]),
    ];
    for (command, endings) in COMMANDS {
        for (at, _) in text.match_indices(command) {
            let rest = &text[at + command.len()..];
            let Some(names) = argument(rest) else { continue };
            for name in names.split(',') {
                for ending in *endings {
                    let path = format!("{}{ending}", name.trim().trim_start_matches("./"));
                    let Some(bytes) = job.files.get(&path) else { continue };
                    if seen.insert(path) {
                        inputs(&String::from_utf8_lossy(bytes), job, seen);
                    }
                }
            }
        }
    }
}

/// What follows a reading command: `[options]{names}`, `{name}` or ` name`.
fn argument(rest: &str) -> Option<&str> {
    let mut rest = rest.trim_start();
    if let Some(options) = rest.strip_prefix('[') {
        rest = options.split_once(']')?.1.trim_start();
    }
    match rest.strip_prefix('{') {
        Some(braced) => Some(braced.split_once('}')?.0),
        None => rest.split([' ', '\n', '\t', '\\', '%']).next().filter(|name| !name.is_empty()),
    }
}

/// Builds the format of a job's preamble into `folder`; `None` when this preamble cannot be dumped.
pub(crate) async fn build(
    job: &Job,
    preamble: &Preamble,
    folder: &Path,
    sandbox: &Sandbox,
    limits: &Limits,
) -> io::Result<Option<Format>> {
    let work = tempfile::Builder::new().prefix("maquisdoc-fmt-").tempdir()?;
    for (path, bytes) in &job.files {
        let path = work.path().join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)?;
    }
    let mut command = sandbox.command(job.engine.program(), work.path(), None, limits);
    command.args([
        "-ini",
        "-no-shell-escape",
        "-interaction=nonstopmode",
        "-halt-on-error",
        &format!("-jobname={}", preamble.key),
        "&pdflatex",
        "mylatexformat.ltx",
        &job.main,
    ]);
    let mut child = command.spawn()?;
    let status = match tokio::time::timeout(limits.time, child.wait()).await {
        Ok(status) => status?,
        Err(_) => {
            child.kill().await?;
            return Ok(None);
        }
    };
    let built: PathBuf = work.path().join(format!("{}.fmt", preamble.key));
    let regular = std::fs::symlink_metadata(&built).is_ok_and(|meta| meta.is_file());
    if !status.success() || !regular {
        tracing::debug!(inside = INSIDE, key = preamble.key, "the preamble cannot be dumped");
        return Ok(None);
    }
    std::fs::create_dir_all(folder)?;
    // Written beside its place and renamed, so that a run never sees half a format.
    let staged = tempfile::NamedTempFile::new_in(folder)?;
    std::fs::copy(&built, staged.path())?;
    staged.persist(folder.join(format!("{}.fmt", preamble.key))).map_err(|error| error.error)?;
    Ok(Some(Format { folder: folder.to_path_buf(), name: preamble.key.clone() }))
}
