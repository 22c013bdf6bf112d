//! Precompiled formats: a preamble is compiled once and dumped; later runs start from the dump.
//!
//! Strangers' documents share formats, so a format is made of nothing but what its key digests: the
//! TeX installation, the text of the preamble, and the files of the job that the preamble may read.
//! Only those are in the folder where it is built.

use crate::{
    cache::Cache,
    job::{Engine, Job, Limits},
    process::{Ended, execute},
    run::RunError,
    sandbox::Sandbox,
    work::Work,
};
use bytes::Bytes;
use std::{
    collections::{BTreeMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
};
use tokio::time::Instant;

/// The part of a document that a format holds, and the key it is kept under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preamble {
    pub(crate) key: String,
    /// What to build it from.
    job: Job,
}

/// The main file of the job that builds a format.
const MAIN: &str = "mqd-preamble.tex";
/// More than this is not worth a format.
const MAX_BYTES: usize = 4 << 20;
/// Files that packages look for by names of their own.
const MACROS: &[&str] =
    &["sty", "cls", "clo", "cfg", "def", "fd", "ldf", "ltx", "enc", "map", "tfm", "pfb", "dfu"];

impl Preamble {
    /// The preamble of a job, when a format may serve it: pdfLaTeX only, since XeTeX and LuaTeX
    /// cannot dump the fonts that their preambles load.
    pub(crate) fn of(job: &Job, installation: &str) -> Option<Self> {
        if job.engine != Engine::Pdflatex {
            return None;
        }
        let text = preamble_text(std::str::from_utf8(job.files.get(&job.main)?).ok()?)?;
        let mut files = read_by(text, job);
        if files.values().map(Bytes::len).sum::<usize>() + text.len() > MAX_BYTES {
            return None;
        }
        files.insert(MAIN.to_owned(), format!("{text}\n\\end{{document}}\n").into());
        let job = Job { engine: job.engine, main: MAIN.to_owned(), files };
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(installation.len() as u64).to_le_bytes());
        hasher.update(installation.as_bytes());
        hasher.update(job.digest().as_bytes());
        Some(Self { key: hasher.finalize().to_hex()[..40].to_owned(), job })
    }
}

/// The text up to the first `\begin{document}` that is no comment, that one included.
fn preamble_text(main: &str) -> Option<&str> {
    const BEGIN: &str = "\\begin{document}";
    let mut start = 0;
    for line in main.split_inclusive('\n') {
        if let Some(at) = line.find(BEGIN)
            && !line[..at].replace("\\%", "").contains('%')
        {
            let text = &main[..start + at + BEGIN.len()];
            // An author who knows of dumps has plans of their own.
            return (!text.contains("endofdump")).then_some(text);
        }
        start += line.len();
    }
    None
}

/// The files of the job that a preamble may read, directly or not: macro files, and those whose
/// name it says. One too many only makes a format fresher.
fn read_by(text: &str, job: &Job) -> BTreeMap<String, Bytes> {
    let mut said = HashSet::new();
    words(text, &mut said);
    let mut read = BTreeMap::new();
    let mut size = 0;
    // Files that are not read so far, with the words of their names.
    let mut others: Vec<(&String, &Bytes, HashSet<&str>)> = Vec::new();
    let mut next: Vec<(&String, &Bytes)> = Vec::new();
    for (path, bytes) in job.files.iter().filter(|(path, _)| **path != job.main) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        if MACROS.contains(&extension) {
            next.push((path, bytes));
        } else {
            let mut parts = HashSet::new();
            words(stem, &mut parts);
            others.push((path, bytes, parts));
        }
    }
    loop {
        others.retain(|(path, bytes, parts)| {
            let named = parts.iter().all(|part| said.contains(part));
            if named {
                next.push((path, bytes));
            }
            !named
        });
        if next.is_empty() || size > MAX_BYTES {
            return read;
        }
        for (path, bytes) in next.drain(..) {
            if let Ok(text) = std::str::from_utf8(bytes) {
                words(text, &mut said);
            }
            size += bytes.len();
            read.insert(path.clone(), bytes.clone());
        }
    }
}

/// Runs of letters and digits.
fn words<'t>(text: &'t str, into: &mut HashSet<&'t str>) {
    into.extend(text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()));
}

/// The formats of a compiler, on disk, and what is known of those that are not there.
#[derive(Debug)]
pub(crate) struct Formats {
    kept: Cache,
    states: moka::sync::Cache<String, State>,
    /// A copy that the user who runs TeX can read, when that is not us.
    readable: Option<tempfile::TempDir>,
    /// Held while a format is made that its caller waits for.
    awaited: tokio::sync::Mutex<()>,
}

/// What folders of copies are called; the number of their process follows.
pub(crate) const PREFIX: &str = "maquisdoc-fmt-";

/// Removes the copies that processes left which were killed.
fn sweep() {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX)?.split_once('-'))
            .and_then(|(process, _)| process.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A document with it compiled once: not worth a format yet.
    Seen,
    /// Being built.
    Building,
    /// Cannot be built, or documents fail with it: compile plainly.
    Useless,
}

impl Formats {
    pub(crate) fn open(folder: &Path, limit: u64, sandbox: &Sandbox) -> io::Result<Self> {
        let readable = match sandbox.user() {
            Some(_) => {
                let open: fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
                sweep();
                let prefix = format!("{PREFIX}{}-", std::process::id());
                Some(tempfile::Builder::new().prefix(&prefix).permissions(open).tempdir()?)
            }
            None => None,
        };
        Ok(Self {
            kept: Cache::open(folder, "fmt", limit)?,
            states: moka::sync::Cache::new(4_096),
            readable,
            awaited: tokio::sync::Mutex::default(),
        })
    }

    /// The file of a preamble's format: none the first time it is seen, built the second time.
    pub(crate) async fn get(
        &self,
        preamble: &Preamble,
        sandbox: &Sandbox,
        limits: &Limits,
    ) -> Option<PathBuf> {
        let key = &preamble.key;
        match self.states.get(key) {
            Some(State::Useless | State::Building) => None,
            state => match self.file(key) {
                Some(file) => Some(file),
                None if state == Some(State::Seen) => {
                    self.states.insert(key.clone(), State::Building);
                    match build(preamble, sandbox, limits).await {
                        Ok(Some(format)) => {
                            self.kept.put(key, &format);
                            self.states.insert(key.clone(), State::Seen);
                            self.file(key)
                        }
                        Ok(None) => {
                            self.useless(key);
                            None
                        }
                        Err(error) => {
                            tracing::warn!(%error, "a format could not be built");
                            self.states.invalidate(key);
                            None
                        }
                    }
                }
                None => None,
            },
        }
    }

    /// Makes the format of a preamble unless it is there, and waits for it.
    pub(crate) async fn ensure(&self, preamble: &Preamble, sandbox: &Sandbox, limits: &Limits) {
        let _one = self.awaited.lock().await;
        let useless = self.states.get(&preamble.key) == Some(State::Useless);
        if !useless && !self.kept.has(&preamble.key) {
            self.states.insert(preamble.key.clone(), State::Seen);
            self.get(preamble, sandbox, limits).await;
        }
    }

    /// A document with this preamble compiled without a format.
    pub(crate) fn seen(&self, preamble: &Preamble) {
        if self.states.get(&preamble.key).is_none() {
            self.states.insert(preamble.key.clone(), State::Seen);
        }
    }

    /// Documents do not compile with this format.
    pub(crate) fn useless(&self, key: &str) {
        self.states.insert(key.to_owned(), State::Useless);
        self.kept.remove(key);
        self.drop_copies();
    }

    /// Removes the copies of formats that are not kept any more.
    fn drop_copies(&self) {
        let Some(readable) = &self.readable else { return };
        for entry in fs::read_dir(readable.path()).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let key = name.to_str().and_then(|name| name.strip_suffix(".fmt"));
            if key.is_some_and(|key| !self.kept.has(key)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The file of a kept format, where TeX can read it.
    fn file(&self, key: &str) -> Option<PathBuf> {
        let kept = self.kept.touch(key)?;
        let Some(readable) = &self.readable else { return Some(kept) };
        let copy = readable.path().join(format!("{key}.fmt"));
        if !copy.is_file() {
            self.drop_copies();
            let staged = tempfile::Builder::new()
                .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
                .tempfile_in(readable.path())
                .ok()?;
            fs::copy(&kept, staged.path()).ok()?;
            let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            fs::set_permissions(staged.path(), open).ok()?;
            staged.persist(&copy).ok()?;
        }
        Some(copy)
    }
}

/// Builds the format of a preamble; `None` when this preamble cannot be dumped.
async fn build(
    preamble: &Preamble,
    sandbox: &Sandbox,
    limits: &Limits,
) -> Result<Option<Bytes>, RunError> {
    const NAME: &str = "mqd-format";
    let work = Work::new(&preamble.job, sandbox).await?;
    let mut command = sandbox.command(Engine::Pdflatex.program(), work.path(), None, limits);
    command.args(["-ini", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error"]);
    command.args([&format!("-jobname={NAME}"), "&pdflatex", "mylatexformat.ltx", MAIN]);
    let ended = execute(command, work.path(), limits, Instant::now() + limits.time).await?;
    let built = work.path().join(format!("{NAME}.fmt"));
    let regular = fs::symlink_metadata(&built).is_ok_and(|meta| meta.is_file());
    if ended != Ended::Success || !regular {
        tracing::debug!(key = preamble.key, ?ended, "the preamble cannot be dumped");
        return Ok(None);
    }
    Ok(Some(tokio::fs::read(built).await?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(files: &[(&str, &'static str)]) -> Job {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), Bytes::from(*text)));
        Job { main: "m.tex".into(), files: files.collect(), ..Job::default() }
    }

    fn key(files: &[(&str, &'static str)]) -> String {
        Preamble::of(&job(files), "TeX").expect("a preamble").key
    }

    #[test]
    fn copies_of_killed_processes_are_removed_and_those_of_others_stay() {
        let temporary = std::env::temp_dir();
        // No process has this number: Linux gives at most 2^22.
        let dead = temporary.join(format!("{PREFIX}4294967295-test"));
        let living = temporary.join(format!("{PREFIX}{}-test", std::process::id()));
        for folder in [&dead, &living] {
            fs::create_dir_all(folder).expect("a folder");
        }
        sweep();
        assert!(!dead.exists() && living.exists());
        fs::remove_dir(living).expect("it is there");
    }

    #[test]
    fn the_key_digests_all_that_the_preamble_may_read() {
        const MAIN: &str =
            "\\documentclass{article}\\InputIfFileExists{a/macros}{}{}\n\\begin{document}x";
        let one = key(&[("m.tex", MAIN)]);
        // The body and files of the body do not count.
        let other = MAIN.replace("x", "y").leak();
        assert_eq!(key(&[("m.tex", other.trim_end_matches('?'))]).len(), one.len());
        assert_eq!(key(&[("m.tex", MAIN), ("figure.pdf", "1"), ("E1.tex", "2")]), one);
        // Files that are named, macro files, and what those name do.
        let macros = key(&[("m.tex", MAIN), ("a/macros.tex", "\\input more")]);
        assert_ne!(macros, one);
        assert_ne!(key(&[("m.tex", MAIN), ("a/macros.tex", "1")]), macros);
        assert_ne!(
            key(&[("m.tex", MAIN), ("a/macros.tex", "\\input more"), ("more.tex", "")]),
            macros
        );
        assert_ne!(key(&[("m.tex", MAIN), ("hyperref.cfg", "")]), one);
        assert_ne!(Preamble::of(&job(&[("m.tex", MAIN)]), "other TeX").map(|p| p.key), Some(one));
    }

    #[test]
    fn a_preamble_ends_at_the_first_begin_document_that_counts() {
        for (main, wanted) in [
            ("a\n\\begin{document}b\\begin{document}", Some("a\n\\begin{document}")),
            (
                "% \\begin{document}\nc\\begin{document}",
                Some("% \\begin{document}\nc\\begin{document}"),
            ),
            ("10\\%\\begin{document}", Some("10\\%\\begin{document}")),
            ("a\\endofdump\\begin{document}", None),
            ("no document", None),
        ] {
            assert_eq!(preamble_text(main), wanted, "{main}");
        }
    }
}
