//! Figures that a program of their own draws: Asymptote and Python scripts, in the sandbox of TeX.
//!
//! The compile service offers none of it: a script is a program, and only those of the dépôts that
//! somebody configured are run.

use crate::{
    Compiler, Job, RunError,
    job::digest,
    process::{Ended, observe},
    work::{Work, is_whole},
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::SystemTime,
};
use tokio::time::Instant;

/// A program that draws figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Program {
    /// Asymptote.
    Asymptote,
    /// Python 3, with what is installed for it on the system.
    Python,
}

/// A script and what it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Who runs it.
    pub program: Program,
    /// Its path among `files`; it runs in the folder that it stands in.
    pub main: String,
    /// All files by relative path.
    pub files: BTreeMap<String, Bytes>,
    /// Paths of what it may make: the first of them that is there is the figure.
    pub outputs: Vec<String>,
}

/// Why a script gave no figure.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The program is not installed where the sandbox looks.
    #[error("{} is not installed", .0.command())]
    Missing(Program),
    /// It ended with an error, or passed a limit.
    #[error("{message}")]
    Failed {
        /// The line of the script, where the program says it.
        line: Option<u32>,
        /// What it says.
        message: String,
    },
    /// It ended well and made no such file.
    #[error("the script makes no {0}")]
    Nothing(String),
    /// No run could be made.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Where the sandbox looks for programs.
const FOLDERS: &[&str] = &["/usr/local/bin", "/usr/bin", "/bin"];

impl Program {
    /// Which program runs a file, by its ending.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "asy" => Some(Self::Asymptote),
            "py" => Some(Self::Python),
            _ => None,
        }
    }

    /// The ending of its files.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Asymptote => ".asy",
            Self::Python => ".py",
        }
    }

    /// What it is called on a command line.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Asymptote => "asy",
            Self::Python => "python3",
        }
    }

    /// Whether it is where the sandbox looks.
    #[must_use]
    pub fn is_installed(self) -> bool {
        self.version().is_some()
    }

    /// A text that changes when the program does; `None` where it is not installed.
    fn version(self) -> Option<&'static str> {
        static FOUND: [OnceLock<Option<String>>; 2] = [const { OnceLock::new() }; 2];
        FOUND[self as usize].get_or_init(|| self.look()).as_deref()
    }

    fn look(self) -> Option<String> {
        let program = FOLDERS.iter().map(|folder| Path::new(folder).join(self.command()));
        let program = program.into_iter().find(|program| program.is_file())?;
        let output = Command::new(program).arg("--version").output().ok()?;
        // Asymptote says it among its errors.
        let said = [output.stdout, output.stderr].concat();
        let mut text = String::from_utf8_lossy(&said).lines().next().unwrap_or_default().to_owned();
        if self == Self::Python {
            // A module that is installed later may be the one that a script lacked.
            for folder in modules() {
                let time = std::fs::metadata(folder).and_then(|meta| meta.modified()).ok();
                let age = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
                text.push_str(&format!(" {:?}", age.map(|age| age.as_secs())));
            }
        }
        Some(text)
    }

    /// The command line that draws `file` in the folder where it runs.
    fn arguments(self, file: &str) -> Vec<String> {
        let fixed: &[&str] = match self {
            Self::Asymptote => &[
                "asy", "-safe", "-noView", "-noprc", "-render", "0", "-f", "pdf", "-tex",
                "pdflatex",
            ],
            // One thread: libraries of linear algebra would start one a processor.
            Self::Python => &[
                "env",
                "MPLBACKEND=Agg",
                "MPLCONFIGDIR=/tmp",
                "OPENBLAS_NUM_THREADS=1",
                "PYTHONHASHSEED=0",
                "python3",
                "-s",
                "-B",
            ],
        };
        fixed.iter().copied().chain([file]).map(str::to_owned).collect()
    }
}

/// Folders that Debian and pip put modules in, whatever the version of Python.
fn modules() -> Vec<PathBuf> {
    let mut all = vec![PathBuf::from("/usr/lib/python3/dist-packages")];
    for entry in std::fs::read_dir("/usr/local/lib").into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("python3") {
            all.push(entry.path().join("dist-packages"));
            all.push(entry.path().join("site-packages"));
        }
    }
    all.sort();
    all
}

impl Script {
    /// A digest of the script, of what it reads and of what it may make.
    #[must_use]
    pub fn digest(&self) -> blake3::Hash {
        let outputs = self.outputs.join("\n");
        digest(&[self.program.command(), &self.main, &outputs], &self.files)
    }

    /// As a job, for its checks and its folder. The outputs are not among its files: what is there
    /// afterwards was made by the script.
    fn job(&self) -> Job {
        let mut files = self.files.clone();
        files.retain(|path, _| !self.outputs.contains(path));
        Job { main: self.main.clone(), files, ..Job::default() }
    }
}

impl Compiler {
    /// What tells one state of the installed program from another: figures are drawn again when it
    /// changes. `None` where it is not installed, or where nothing is kept in a sandbox: without one,
    /// scripts are not run, whoever wrote them.
    #[must_use]
    pub fn draws(&self, program: Program) -> Option<String> {
        let version = program.version().filter(|_| self.is_sandboxed())?;
        Some(match program {
            // It sets its labels with TeX.
            Program::Asymptote => format!("{version}\n{}", self.installation()),
            Program::Python => version.to_owned(),
        })
    }

    /// Runs a script; the path and the bytes of the figure that it made.
    ///
    /// # Errors
    /// [`ScriptError`].
    pub async fn draw(&self, script: &Script) -> Result<(String, Bytes), ScriptError> {
        if self.draws(script.program).is_none() {
            return Err(ScriptError::Missing(script.program));
        }
        let (job, limits) = (script.job(), self.limits());
        job.check(limits).map_err(RunError::from)?;
        let _slot = self.turn().await;
        let work = Work::new(&job, self.sandbox()).await.map_err(RunError::from)?;
        let (folder, file) = script.main.rsplit_once('/').unwrap_or((".", &script.main));
        let mut command = self.sandbox().command("sh", work.path(), None, limits);
        command.args(["-c", "cd \"$0\" && exec \"$@\"", folder]);
        command.args(script.program.arguments(file));
        let deadline = Instant::now() + limits.time;
        let (ended, said) = observe(command, work.path(), limits, deadline).await?;
        let message = match ended {
            Ended::Success => {
                return match script.outputs.iter().find_map(|path| Some((path, work.made(path)?))) {
                    Some((path, bytes)) => Ok((path.clone(), bytes)),
                    None => Err(ScriptError::Nothing(script.outputs.join(" ni "))),
                };
            }
            Ended::Failure => {
                let (line, message) = located(&said, script.program, file);
                return Err(ScriptError::Failed { line, message });
            }
            Ended::Time => "le dessin dure trop longtemps",
            Ended::Disk => "le dessin écrit trop de fichiers",
            Ended::Memory => "le dessin prend trop de mémoire",
            Ended::Processes => "le dessin lance trop de processus",
        };
        Err(ScriptError::Failed { line: None, message: message.to_owned() })
    }
}

/// Whether bytes are a whole picture of the kind that the ending of its name says.
pub(crate) fn is_picture(path: &str, bytes: &[u8]) -> bool {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("pdf") => is_whole(bytes),
        Some("png") => {
            bytes.starts_with(b"\x89PNG\r\n") && bytes.ends_with(b"IEND\xae\x42\x60\x82")
        }
        Some("jpg" | "jpeg") => bytes.starts_with(b"\xff\xd8") && bytes.ends_with(b"\xff\xd9"),
        _ => false,
    }
}

/// The line of the script and the message in what a program says when it fails.
fn located(said: &str, program: Program, file: &str) -> (Option<u32>, String) {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let number = |rest: &str| {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().ok()
    };
    let (line, message) = match program {
        // « file.asy: 3.5: no matching function »
        Program::Asymptote => {
            let own = format!("{file}: ");
            let found = lines().find_map(|line| {
                let rest = line.strip_prefix(&own)?;
                Some((number(rest)?, rest.split_once(": ")?.1))
            });
            match found {
                Some((line, message)) => (Some(line), Some(message)),
                None => (None, lines().next()),
            }
        }
        // The last « File "x.py", line 3 » of the trace, and its last line.
        Program::Python => {
            let own = format!("File \"{file}\", line ");
            let inside = format!("/{file}\", line ");
            let line = lines().rev().find_map(|line| {
                let at = line.find(&own).map(|at| at + own.len());
                let at = at.or_else(|| line.find(&inside).map(|at| at + inside.len()))?;
                number(&line[at..])
            });
            (line, lines().next_back())
        }
    };
    let message = message.unwrap_or("le programme s'arrête sans rien dire");
    (line, message.chars().take(300).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::INSIDE;

    #[test]
    fn errors_of_scripts_are_located() {
        let trace = format!(
            "Traceback (most recent call last):\n  File \"{INSIDE}/a/f.py\", line 3, in <module>\n    g()\n  File \"/usr/lib/x.py\", line 9, in g\nValueError: non\n"
        );
        let trace = trace.as_str();
        for (program, said, line, message) in [
            (
                Program::Asymptote,
                "\nf.asy: 12.3: no matching variable 'x'\n",
                Some(12),
                "no matching variable 'x'",
            ),
            (
                Program::Asymptote,
                "error: could not load module\n",
                None,
                "error: could not load module",
            ),
            (Program::Python, trace, Some(3), "ValueError: non"),
            (Program::Python, "", None, "le programme s'arrête sans rien dire"),
        ] {
            let file = format!("f{}", program.ending());
            assert_eq!(located(said, program, &file), (line, message.to_owned()));
        }
    }

    #[test]
    fn a_part_of_a_picture_is_none() {
        assert!(is_picture("a.png", b"\x89PNG\r\n...IEND\xae\x42\x60\x82"));
        assert!(!is_picture("a.png", b"\x89PNG\r\n..."));
        assert!(!is_picture("a.pdf", b"%PDF-1.5"));
        assert!(!is_picture("a.txt", b"x"));
    }
}
