//! What to compile: engine, files, limits; and the checks that make it safe to write to a folder.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

/// The TeX engines that are offered.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// pdfTeX, the default.
    #[default]
    Pdflatex,
    /// XeTeX.
    Xelatex,
    /// LuaTeX.
    Lualatex,
}

impl Engine {
    /// The program's name.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Pdflatex => "pdflatex",
            Self::Xelatex => "xelatex",
            Self::Lualatex => "lualatex",
        }
    }
}

impl FromStr for Engine {
    type Err = JobError;

    fn from_str(name: &str) -> Result<Self, JobError> {
        [Self::Pdflatex, Self::Xelatex, Self::Lualatex]
            .into_iter()
            .find(|engine| engine.program() == name)
            .ok_or_else(|| JobError::Engine(name.chars().take(40).collect()))
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

/// What one run may use. Every pass counts against the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall-clock time of the whole run.
    pub time: Duration,
    /// Address space of one process, and memory in use by all of them together, in bytes.
    pub memory: u64,
    /// Size of any file that is written, in bytes.
    pub file_size: u64,
    /// Bytes of all the files of the working folder together.
    pub disk: u64,
    /// Processes and threads.
    pub processes: u64,
    /// Passes of the engine.
    pub passes: u32,
    /// Bytes of the sources together.
    pub input: usize,
    /// Number of source files.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(30),
            memory: 2 << 30,
            file_size: 64 << 20,
            disk: 256 << 20,
            processes: 64,
            passes: 5,
            input: 32 << 20,
            files: 2_000,
        }
    }
}

/// A document to compile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Job {
    /// The engine.
    pub engine: Engine,
    /// Path of the file to compile, among `files`.
    pub main: String,
    /// All files by relative path, `/` between folders. LaTeX sources are UTF-8, or in an older
    /// encoding that is recognised when the job is compiled.
    pub files: BTreeMap<String, Bytes>,
}

/// Why a job is refused before anything runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// No such engine.
    #[error("« {0} » is no engine: pdflatex, xelatex or lualatex")]
    Engine(String),
    /// A path that leaves the folder or that TeX could misread.
    #[error("« {0} » is not an acceptable file path")]
    Path(String),
    /// The main file is not among the files.
    #[error("the file to compile, « {0} », is not among the files")]
    NoMain(String),
    /// Too many or too large files.
    #[error("the sources are too large: {what} (at most {limit})")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A path is both a file and a folder of another.
    #[error("« {0} » is a file and a folder at the same time")]
    Collision(String),
}

impl Job {
    /// A job of one self-contained source.
    #[must_use]
    pub fn of_text(engine: Engine, text: impl Into<Bytes>) -> Self {
        let main = "main.tex".to_owned();
        Self { engine, files: BTreeMap::from([(main.clone(), text.into())]), main }
    }

    /// Checks paths and sizes.
    ///
    /// # Errors
    /// [`JobError`] for the first thing that is wrong.
    pub fn check(&self, limits: &Limits) -> Result<(), JobError> {
        if self.files.len() > limits.files {
            return Err(JobError::TooLarge { what: "number of files", limit: limits.files });
        }
        let total: usize = self.files.values().map(Bytes::len).sum();
        if total > limits.input {
            return Err(JobError::TooLarge { what: "bytes", limit: limits.input });
        }
        for path in self.files.keys() {
            check_path(path)?;
        }
        for path in self.files.keys() {
            let mut folder = path.as_str();
            while let Some((parent, _)) = folder.rsplit_once('/') {
                if self.files.contains_key(parent) {
                    return Err(JobError::Collision(parent.to_owned()));
                }
                folder = parent;
            }
        }
        if !self.files.contains_key(&self.main) {
            return Err(JobError::NoMain(self.main.clone()));
        }
        Ok(())
    }

    /// A digest of everything that decides the result but the TeX installation: equal digests,
    /// equal PDFs.
    #[must_use]
    pub fn digest(&self) -> blake3::Hash {
        digest(&[self.engine.program(), &self.main], &self.files)
    }
}

/// A digest of options and files, each with its length before it, so that no two lists look alike.
pub(crate) fn digest(options: &[&str], files: &BTreeMap<String, Bytes>) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut field = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for option in options {
        field(option.as_bytes());
    }
    for (path, bytes) in files {
        field(path.as_bytes());
        field(bytes);
    }
    hasher.finalize()
}

/// Relative, no `.` or `..` parts, nothing hidden, no control characters nor characters that TeX or
/// a command line reads in a way of its own.
pub(crate) fn check_path(path: &str) -> Result<(), JobError> {
    let part_is_fine = |part: &str| {
        !part.is_empty()
            && part.len() <= 200
            && !part.starts_with(['.', '-', '~', '&'])
            // A format is a program that the engine would load from the working folder.
            && !part.ends_with(".fmt")
            && part.chars().all(|c| {
                c.is_alphanumeric()
                    || matches!(
                        c,
                        '.' | '-' | '_' | '+' | '&' | ' ' | ',' | '=' | '@' | '(' | ')' | '\''
                    )
            })
    };
    if path.len() <= 1_000 && path.split('/').all(part_is_fine) {
        Ok(())
    } else {
        Err(JobError::Path(path.chars().take(200).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_folder_or_confuse_tex_are_refused() {
        for good in ["main.tex", "a/b/Fig_1.pdf", "Énoncé 2.tex", "NotesM&I.tex"] {
            assert_eq!(check_path(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            ".latexmkrc",
            "a/.hidden",
            "-shell-escape",
            "~/x",
            "a\nb",
            "|ls",
            "a\\b",
            "a%b",
            "a$b",
            "a{b",
            "a\"b",
            "a/",
            "C:\\x",
            "&pdflatex",
            "pdflatex.fmt",
        ] {
            assert!(check_path(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_job_is_checked_as_a_whole() {
        let limits = Limits { files: 2, input: 10, ..Limits::default() };
        let job = |files: &[(&str, &'static str)]| Job {
            main: "m.tex".into(),
            files: files
                .iter()
                .map(|(p, t)| ((*p).to_owned(), Bytes::from_static(t.as_bytes())))
                .collect(),
            ..Job::default()
        };
        assert_eq!(job(&[("m.tex", "x")]).check(&limits), Ok(()));
        assert!(matches!(job(&[("a.tex", "x")]).check(&limits), Err(JobError::NoMain(_))));
        assert!(matches!(
            job(&[("m.tex", "01234567890")]).check(&limits),
            Err(JobError::TooLarge { .. })
        ));
        assert!(matches!(
            job(&[("m.tex", ""), ("m.tex/x", "")]).check(&limits),
            Err(JobError::Collision(_))
        ));
    }
}
