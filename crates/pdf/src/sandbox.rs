//! bubblewrap: each TeX process sees TeX Live read-only, its working folder, and nothing else: no
//! network, no home, no other process, a private /tmp; it dies with us.

use crate::job::Limits;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::process::Command;

/// How TeX is kept in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sandbox {
    /// bubblewrap, at this path.
    Bubblewrap(PathBuf),
    /// Nothing: for trusted local sources only, when the operator said so.
    Unsandboxed,
}

/// Why nothing can be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// bubblewrap is not installed.
    #[error("bubblewrap is not installed, so nothing is compiled (apt-get install bubblewrap)")]
    Missing,
}

/// System folders that a TeX engine needs to read. The others of the machine are not there.
const READ_ONLY: &[&str] = &[
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/etc/texmf",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/var/lib/texmf",
    "/var/cache/fontconfig",
];

/// The working folder as the sandboxed process sees it.
pub(crate) const INSIDE: &str = "/work";
/// The folder of precompiled formats as the sandboxed process sees it.
pub(crate) const FORMATS: &str = "/formats";

impl Sandbox {
    /// bubblewrap where it is installed; `unsandboxed` is the operator's word that it is not wanted.
    ///
    /// # Errors
    /// [`SandboxError::Missing`] when it is wanted and not installed.
    pub fn find(unsandboxed: bool) -> Result<Self, SandboxError> {
        if unsandboxed {
            return Ok(Self::Unsandboxed);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .map(|dir| dir.join("bwrap"))
            .find(|program| program.is_file())
            .map(Self::Bubblewrap)
            .ok_or(SandboxError::Missing)
    }

    /// A command that runs `program` in `folder` within the limits. `formats` is readable as
    /// [`FORMATS`] when given; the engine refers to it by the path from [`Sandbox::formats`].
    pub(crate) fn command(
        &self,
        program: &str,
        folder: &Path,
        formats: Option<&Path>,
        limits: &Limits,
    ) -> Command {
        // prlimit(1) sets the limits in the child itself, so that they hold for bubblewrap's
        // children too. CPU time is cut a little after the wall clock, in case that one fails.
        let mut command = Command::new("prlimit");
        command
            .arg(format!("--as={}", limits.memory))
            .arg(format!("--fsize={}", limits.file_size))
            .arg(format!("--cpu={}", limits.time.as_secs() + 5))
            .arg("--core=0")
            .arg("--nofile=256");
        match self {
            Self::Unsandboxed => {
                command.arg(program).current_dir(folder);
            }
            Self::Bubblewrap(bwrap) => {
                command.arg(bwrap);
                command.args([
                    "--unshare-all",
                    "--die-with-parent",
                    "--new-session",
                    "--clearenv",
                    "--proc",
                    "/proc",
                    "--dev",
                    "/dev",
                    "--size",
                    "67108864",
                    "--tmpfs",
                    "/tmp",
                    "--hostname",
                    "latex",
                    "--cap-drop",
                    "ALL",
                    "--uid",
                    "65534",
                    "--gid",
                    "65534",
                ]);
                for path in READ_ONLY.iter().filter(|path| Path::new(path).exists()) {
                    command.args(["--ro-bind", path, path]);
                }
                if let Some(formats) = formats {
                    command.arg("--ro-bind").arg(formats).arg(FORMATS);
                }
                command.arg("--bind").arg(folder).arg(INSIDE).args(["--chdir", INSIDE]);
                for (name, value) in ENVIRONMENT {
                    command.args(["--setenv", name, value]);
                }
                // Set inside, where processes of the sandbox's own user are all that counts.
                command
                    .args(["--", "prlimit"])
                    .arg(format!("--nproc={}", limits.processes))
                    .arg(program);
            }
        }
        command.env_clear().envs(ENVIRONMENT.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.kill_on_drop(true);
        // A group of its own, so that a time-out kills every child.
        command.process_group(0);
        command
    }

    /// Where the engine finds the folder of formats.
    pub(crate) fn formats<'p>(&self, outside: &'p Path) -> &'p Path {
        match self {
            Self::Unsandboxed => outside,
            Self::Bubblewrap(_) => Path::new(FORMATS),
        }
    }
}

/// All that a TeX process knows of its environment. `openin_any` and `openout_any` are kpathsea's
/// paranoid levels; the caches go to the private /tmp.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("HOME", "/tmp"),
    ("LANG", "C.UTF-8"),
    ("TZ", "Europe/Paris"),
    ("openin_any", "p"),
    ("openout_any", "p"),
    ("shell_escape", "f"),
    ("TEXMFVAR", "/tmp/texmf-var"),
    ("TEXMFHOME", "/tmp/texmf-home"),
    ("TEXMFCONFIG", "/tmp/texmf-config"),
    ("max_print_line", "1000"),
    ("error_line", "254"),
    ("half_error_line", "238"),
    ("SOURCE_DATE_EPOCH", "1767225600"),
];
