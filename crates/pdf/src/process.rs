//! One sandboxed process: started, watched, and gone with all its children when this returns.

use crate::{job::Limits, run::RunError};
use std::{io, path::Path, path::PathBuf, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    time::Instant,
};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Success,
    Failure,
    Time,
    Disk,
    Memory,
    Processes,
}

/// How often the files and the memory of a run are looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How long the children of a killed process may take to die.
const DEATH: Duration = Duration::from_secs(5);

/// Runs a command of [`crate::Sandbox::command`] to its end, or kills it at a limit. No process of
/// it is left when this returns.
pub(crate) async fn execute(
    command: Command,
    folder: &Path,
    limits: &Limits,
    deadline: Instant,
) -> Result<Ended, RunError> {
    Ok(observe(command, folder, limits, deadline).await?.0)
}

/// As [`execute`], with the beginning of what the process says among its errors.
pub(crate) async fn observe(
    mut command: Command,
    folder: &Path,
    limits: &Limits,
    deadline: Instant,
) -> Result<(Ended, String), RunError> {
    let mut child = command.spawn()?;
    let pid = child.id();
    let errors = child.stderr.take().map(|stderr| tokio::spawn(beginning(stderr)));
    let watch = watch(pid, folder.to_path_buf(), *limits);
    let mut ended = tokio::select! {
        status = child.wait() => if status?.success() { Ended::Success } else { Ended::Failure },
        () = tokio::time::sleep_until(deadline) => Ended::Time,
        limit = watch => limit,
    };
    // Inside bubblewrap every other process dies with the first; outside, the group does.
    if let Some(group) =
        pid.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill().await;
    // Every process of the run holds the other end of this pipe, so that its end is theirs.
    let message = match errors {
        Some(errors) => match tokio::time::timeout(DEATH, errors).await {
            Ok(message) => message.unwrap_or_default(),
            Err(_) => {
                tracing::error!(pid, "a process of a killed run does not die");
                String::new()
            }
        },
        None => String::new(),
    };
    if matches!(ended, Ended::Failure) {
        if message.starts_with("bwrap: ") || message.starts_with("prlimit: ") {
            let line = message.lines().next().unwrap_or_default().to_owned();
            return Err(RunError::Io(io::Error::other(line)));
        }
        let folder = folder.to_path_buf();
        if tokio::task::spawn_blocking(move || size_of(&folder)).await.unwrap_or(0) > limits.disk {
            ended = Ended::Disk;
        }
    }
    Ok((ended, message))
}

/// The beginning of what a process says; the rest is read and forgotten.
async fn beginning(mut from: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 {
            break;
        }
        if kept.len() < buffer.len() {
            kept.extend_from_slice(&buffer[..read]);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Ends when a limit is passed that the kernel does not hold for us: all files together, the
/// memory of all processes together, and their number where the kernel counts none (as root).
async fn watch(pid: Option<u32>, folder: PathBuf, limits: Limits) -> Ended {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        let folder = folder.clone();
        let passed = tokio::task::spawn_blocking(move || {
            let Usage { memory, processes } = pid.map(usage_of).unwrap_or_default();
            if processes > limits.processes + 8 {
                Some(Ended::Processes)
            } else if memory > limits.memory {
                Some(Ended::Memory)
            } else if size_of(&folder) > limits.disk {
                Some(Ended::Disk)
            } else {
                None
            }
        })
        .await;
        if let Ok(Some(ended)) = passed {
            return ended;
        }
    }
}

/// What a process and its descendants use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Usage {
    memory: u64,
    processes: u64,
}

/// Most processes that are looked at: more is too many anyway.
const MOST: u64 = 2_000;

fn usage_of(pid: u32) -> Usage {
    let mut usage = Usage::default();
    let mut pids = vec![pid];
    while let Some(pid) = pids.pop() {
        usage.processes += 1;
        if usage.processes > MOST {
            break;
        }
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
        usage.memory += kilobytes.unwrap_or(0) * 1024;
        let children =
            std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        pids.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
    }
    usage
}

/// Bytes of all files below a folder, not following links. Every entry counts as a block, so that
/// a million empty files is not nothing; a folder too deep to be read counts as too much.
pub(crate) fn size_of(folder: &Path) -> u64 {
    const BLOCK: u64 = 4096;
    let mut total = 0_u64;
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            // Gone meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => return u64::MAX,
        };
        for entry in entries.flatten() {
            let length = entry.metadata().map_or(0, |meta| meta.len());
            total = total.saturating_add(length.max(BLOCK));
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sandbox;

    /// A shell in the sandbox, as if a document had broken out of TeX: (how it ended, seconds, the
    /// working folder).
    async fn shell(script: &str, limits: Limits) -> (Ended, f32, tempfile::TempDir) {
        let sandbox = Sandbox::find(false).expect("bubblewrap works here");
        let folder = tempfile::tempdir().expect("a folder");
        if let Some(user) = sandbox.user() {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(user)).expect("chown");
        }
        let mut command = sandbox.command("sh", folder.path(), None, &limits);
        command.args(["-c", script]);
        let start = Instant::now();
        let ended = execute(command, folder.path(), &limits, start + limits.time).await;
        (ended.expect("a run"), start.elapsed().as_secs_f32(), folder)
    }

    fn limits() -> Limits {
        Limits {
            time: Duration::from_secs(2),
            memory: 256 << 20,
            file_size: 4 << 20,
            disk: 16 << 20,
            processes: 16,
            ..Limits::default()
        }
    }

    #[tokio::test]
    async fn what_breaks_out_of_tex_stays_in_the_sandbox() {
        // Each script succeeds when the sandbox holds.
        for (what, script) in [
            ("no secrets of the machine", "! cat /etc/passwd && ! ls /root && ! ls /home"),
            ("no other process", "test $(ls -d /proc/[0-9]* | wc -l) -le 8"),
            ("no network but a silent loopback", "test $(grep -c : /proc/net/dev) -le 1"),
            ("TeX Live is read-only", "! touch /usr/x && ! touch /x && ! touch /dev/shm/x"),
            ("nobody", "test $(id -u) = 65534"),
            ("an empty environment", "! env | grep -qi 'token\\|secret\\|password\\|cargo'"),
            ("no privileges", "grep -q 'CapEff:.0000000000000000' /proc/self/status"),
            ("no namespaces of its own", "! unshare --user --map-root-user true"),
            ("a file is limited", "! head -c 8000000 /dev/zero > big"),
            (
                "a private /tmp of limited size",
                "! head -c 4000000 /dev/zero > /tmp/a || test -w /tmp",
            ),
        ] {
            let (ended, _, _folder) = shell(script, limits()).await;
            assert_eq!(ended, Ended::Success, "{what}: {script}");
        }
    }

    #[tokio::test]
    async fn bombs_end_at_their_limits_and_leave_no_process() {
        let mark = format!("mqd-test-{}", std::process::id());
        for (what, script, wanted) in [
            ("endless", "while :; do :; done", &[Ended::Time][..]),
            (
                "endless, deaf to signals",
                "trap '' TERM INT HUP; while :; do sleep 1; done",
                &[Ended::Time],
            ),
            // A shell that cannot fork ends or waits.
            (
                "fork bomb",
                "b() { b | b & }; b; b; sleep 60",
                &[Ended::Time, Ended::Failure, Ended::Processes],
            ),
            (
                "many processes",
                "for i in $(seq 500); do sleep 60 & done; wait",
                &[Ended::Time, Ended::Failure, Ended::Processes],
            ),
            (
                "disk",
                "i=0; while :; do i=$((i+1)); head -c 2000000 /dev/zero > f$i; done",
                &[Ended::Disk],
            ),
            (
                "empty files",
                "i=0; while :; do i=$((i+1)); : > f$i; done",
                &[Ended::Disk, Ended::Time],
            ),
            (
                "memory of one process",
                "exec perl -e '$x = q(x) x 1000000000; sleep 60'",
                &[Ended::Failure],
            ),
            (
                "memory of many processes",
                "for i in 1 2 3 4 5 6; do perl -e '$x = q(x) x 60000000; sleep 60' & done; wait",
                &[Ended::Memory],
            ),
            ("a daemon", "setsid sleep 60 & exit 0", &[Ended::Success]),
        ] {
            let script = format!(": {mark}; {script}");
            let (ended, seconds, _folder) = shell(&script, limits()).await;
            assert!(wanted.contains(&ended), "{what}: {ended:?}");
            assert!(seconds < 8.0, "{what} took {seconds} s");
            let left = std::fs::read_dir("/proc").expect("/proc").flatten().filter(|entry| {
                std::fs::read(entry.path().join("cmdline"))
                    .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&mark))
            });
            assert_eq!(left.count(), 0, "{what} left processes");
        }
    }

    #[test]
    fn empty_files_and_folders_count() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a", "b"] {
            std::fs::write(folder.path().join(name), "").expect("a file");
        }
        std::fs::create_dir(folder.path().join("c")).expect("a folder");
        std::fs::write(folder.path().join("c/d"), [0; 10_000]).expect("a file");
        std::os::unix::fs::symlink("/", folder.path().join("root")).expect("a link");
        assert!((22_000..40_000).contains(&size_of(folder.path())), "{}", size_of(folder.path()));
    }

    #[tokio::test]
    async fn a_missing_program_is_our_fault_and_said_so() {
        let sandbox = Sandbox::find(false).expect("bubblewrap works here");
        let folder = tempfile::tempdir().expect("a folder");
        let command = sandbox.command("no-such-engine", folder.path(), None, &limits());
        let deadline = Instant::now() + limits().time;
        match execute(command, folder.path(), &limits(), deadline).await {
            Err(RunError::Io(error)) => {
                assert!(
                    error.to_string().contains("bwrap")
                        || error.to_string().contains("no-such-engine"),
                    "{error}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}
