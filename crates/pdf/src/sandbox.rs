//! bubblewrap: each TeX process sees TeX Live read-only, its working folder, and nothing else: no
//! network, no home, no other process, a private /tmp; it dies with us.

use crate::job::Limits;
use std::{
    ffi::OsString,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::process::Command;

/// How TeX is kept in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sandbox {
    /// bubblewrap.
    Bubblewrap(Bubblewrap),
    /// Nothing: for trusted local sources only, when the operator said so.
    Unsandboxed,
}

/// A bubblewrap that was seen to work here, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bubblewrap {
    program: PathBuf,
    /// Whether it can keep the sandboxed process from making user namespaces of its own.
    strict: bool,
    /// Who runs it, when we are root: the kernel counts no processes of root.
    user: Option<u32>,
}

/// Why nothing can be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// bubblewrap is not installed.
    #[error("bubblewrap is not installed, so nothing is compiled (apt-get install bubblewrap)")]
    Missing,
    /// bubblewrap is there and cannot make a sandbox.
    #[error(
        "bubblewrap cannot make a sandbox here, so nothing is compiled: {0} (allow unprivileged user \
         namespaces: sysctl kernel.unprivileged_userns_clone=1, an AppArmor profile for bwrap, or in \
         a container --security-opt seccomp=unconfined)"
    )]
    Refused(String),
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
/// The precompiled format as the sandboxed process sees it.
const FORMAT: &str = "/formats/preamble.fmt";
/// Nobody: who TeX is inside, and outside when we are root.
const NOBODY: u32 = 65534;

impl Sandbox {
    /// bubblewrap where it works; `unsandboxed` is the operator's word that it is not wanted.
    ///
    /// # Errors
    /// [`SandboxError`] when it is wanted and is not installed or does not work.
    pub fn find(unsandboxed: bool) -> Result<Self, SandboxError> {
        if unsandboxed {
            return Ok(Self::Unsandboxed);
        }
        Self::find_in(&std::env::var_os("PATH").unwrap_or_default())
    }

    fn find_in(path: &std::ffi::OsStr) -> Result<Self, SandboxError> {
        let program = std::env::split_paths(path)
            .map(|dir| dir.join("bwrap"))
            .find(|program| program.is_file())
            .ok_or(SandboxError::Missing)?;
        let root = rustix::process::geteuid().is_root();
        let users: &[Option<u32>] = if root { &[Some(NOBODY), None] } else { &[None] };
        let mut refused = String::new();
        for user in users {
            for strict in [true, false] {
                let bwrap = Bubblewrap { program: program.clone(), strict, user: *user };
                match bwrap.try_out() {
                    Ok(()) => {
                        if root && user.is_none() {
                            tracing::warn!("TeX runs as root inside its sandbox");
                        }
                        return Ok(Self::Bubblewrap(bwrap));
                    }
                    Err(message) => refused = message,
                }
            }
        }
        Err(SandboxError::Refused(refused))
    }

    /// Who owns the files of a run, when it is not us.
    pub(crate) fn user(&self) -> Option<u32> {
        match self {
            Self::Bubblewrap(bwrap) => bwrap.user,
            Self::Unsandboxed => None,
        }
    }

    /// A command that runs `program` in `folder` within the limits. `format` is readable as
    /// [`Sandbox::format`] when given.
    pub(crate) fn command(
        &self,
        program: &str,
        folder: &Path,
        format: Option<&Path>,
        limits: &Limits,
    ) -> Command {
        self.command_with(program, folder, format, &[], limits)
    }

    /// As [`Sandbox::command`], with files that are shown read-only: where they are, where the
    /// program finds them.
    pub(crate) fn command_with(
        &self,
        program: &str,
        folder: &Path,
        format: Option<&Path>,
        shown: &[(PathBuf, PathBuf)],
        limits: &Limits,
    ) -> Command {
        // prlimit(1) sets the limits in the child itself, so that they hold for bubblewrap's
        // children too. CPU time is cut a little after the wall clock, in case that one fails.
        let mut command = std::process::Command::new("prlimit");
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
                let binds = [(folder, Path::new(INSIDE), "--bind")]
                    .into_iter()
                    .chain(format.map(|file| (file, Path::new(FORMAT), "--ro-bind")))
                    .chain(shown.iter().map(|(file, inside)| (&**file, &**inside, "--ro-bind")));
                command.arg(&bwrap.program).args(bwrap.arguments(binds));
                // Set inside, where processes of the sandbox's own user are all that counts.
                command
                    .args(["--chdir", INSIDE, "--", "prlimit"])
                    .arg(format!("--nproc={}", limits.processes))
                    .arg(program);
                if let Some(user) = bwrap.user {
                    command.uid(user).gid(user);
                }
            }
        }
        command.env_clear().envs(ENVIRONMENT.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        // A group of its own, so that a time-out kills every child.
        command.process_group(0);
        let mut command = Command::from(command);
        command.kill_on_drop(true);
        command
    }

    /// Where the engine finds the format that is outside at `file`.
    pub(crate) fn format<'p>(&self, file: &'p Path) -> &'p Path {
        match self {
            Self::Unsandboxed => file,
            Self::Bubblewrap(_) => Path::new(FORMAT),
        }
    }
}

impl Bubblewrap {
    /// The options up to the program to run. `binds` are (outside, inside, option).
    fn arguments<'b>(
        &self,
        binds: impl Iterator<Item = (&'b Path, &'b Path, &'b str)>,
    ) -> Vec<OsString> {
        let mut all: Vec<OsString> = Vec::new();
        let mut add = |arguments: &[&str]| all.extend(arguments.iter().map(OsString::from));
        add(&["--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]);
        if self.strict {
            add(&["--unshare-user", "--disable-userns"]);
        }
        add(&["--proc", "/proc", "--dev", "/dev", "--size", "67108864", "--tmpfs", "/tmp"]);
        add(&["--hostname", "latex", "--cap-drop", "ALL"]);
        add(&["--uid", &NOBODY.to_string(), "--gid", &NOBODY.to_string()]);
        for path in READ_ONLY.iter().filter(|path| Path::new(path).exists()) {
            add(&["--ro-bind", path, path]);
        }
        for (name, value) in ENVIRONMENT {
            add(&["--setenv", name, value]);
        }
        for (outside, inside, option) in binds {
            all.extend([option.into(), outside.into(), inside.into()]);
        }
        // Only the working folder and /tmp can be written: /, /dev and /dev/shm are memory.
        for path in ["/dev", "/"] {
            all.extend(["--remount-ro".into(), path.into()]);
        }
        all
    }

    /// Runs nothing in a sandbox, to see whether one can be made.
    fn try_out(&self) -> Result<(), String> {
        let mut command = std::process::Command::new(&self.program);
        command.args(self.arguments(std::iter::empty())).args(["--", "true"]).env_clear();
        command.current_dir("/").stdin(Stdio::null());
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        let output = command.output().map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let message = String::from_utf8_lossy(&output.stderr);
        Err(message.lines().next().unwrap_or("no reason given").chars().take(300).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_bubblewrap_nothing_is_compiled() {
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(Sandbox::find_in(empty.path().as_os_str()), Err(SandboxError::Missing));
        // Installed, and refused by the machine.
        let refusing = empty.path().join("bwrap");
        std::fs::write(&refusing, "#!/bin/sh\necho 'bwrap: No permissions' >&2\nexit 1\n").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&refusing, mode).unwrap();
        let found = Sandbox::find_in(empty.path().as_os_str());
        assert!(matches!(found, Err(SandboxError::Refused(_))), "{found:?}");
        assert_eq!(Sandbox::find(true), Ok(Sandbox::Unsandboxed));
    }
}
