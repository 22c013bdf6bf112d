//! Any Git repository, through the git program: cloned once, fetched later.

use super::{Checkout, RemoteError};
use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Brings a repository up to date in a folder. When it cannot be reached, the last state stays.
pub(super) fn sync(
    address: &str,
    branch: Option<&str>,
    folder: &Path,
) -> Result<Checkout, RemoteError> {
    if address.starts_with('-') {
        return Err(RemoteError::Config(format!("« {address} » is not an address")));
    }
    let fail = |reason: String| RemoteError::Unavailable { repository: shown(address), reason };
    let there = folder.join(".git").is_dir();
    let fetched = if there {
        let from = branch.unwrap_or("HEAD");
        git(Some(folder), &["fetch", "--quiet", "--no-tags", "--", address, from])
            .and_then(|_| git(Some(folder), &["reset", "--quiet", "--hard", "FETCH_HEAD"]))
    } else {
        clone(address, branch, folder)
    };
    match fetched {
        Err(reason) if there => {
            tracing::warn!(repository = shown(address), reason, "the last state is used");
        }
        Err(reason) => return Err(fail(reason)),
        Ok(_) => {}
    }
    let commit = git(Some(folder), &["rev-parse", "HEAD"]).map_err(fail)?;
    Ok(Checkout { folder: folder.to_owned(), commit })
}

/// Clones beside the folder and puts the clone in place when it is whole.
fn clone(address: &str, branch: Option<&str>, folder: &Path) -> Result<String, String> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(|error| error.to_string())?;
    let work = tempfile::Builder::new()
        .prefix(".new-")
        .tempdir_in(parent)
        .map_err(|error| error.to_string())?;
    let target = work.path().join("clone");
    let target_text = target.to_string_lossy();
    let mut arguments = vec!["clone", "--quiet", "--no-tags", "--single-branch"];
    if let Some(branch) = branch {
        arguments.extend(["--branch", branch]);
    }
    arguments.extend(["--", address, &target_text]);
    git(None, &arguments)?;
    std::fs::rename(&target, folder).map_err(|error| error.to_string())?;
    Ok(String::new())
}

/// Runs git without prompts and hooks, with protocols that only fetch.
fn git(folder: Option<&Path>, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    command
        .args(["-c", "core.hooksPath=/dev/null", "-c", "core.symlinks=false", "--no-pager"])
        .args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file")
        .env("GIT_HTTP_LOW_SPEED_LIMIT", "1000")
        .env("GIT_HTTP_LOW_SPEED_TIME", "20")
        .stdin(Stdio::null());
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    let output = command.output().map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        let text = String::from_utf8_lossy(&output.stderr);
        // git repeats the address, which may hold a password.
        Err(text.lines().last().map(hide).unwrap_or_default())
    }
}

/// An address without user and password.
fn shown(address: &str) -> String {
    hide(address)
}

/// A text whose addresses show no user and no password.
fn hide(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        out.push_str(head);
        let end = tail.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(tail.len());
        rest = match tail[..end].rfind('@') {
            Some(user) => &tail[user + 1..],
            None => tail,
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_do_not_show() {
        assert_eq!(
            hide("fatal: 'https://me:pw@x.org/a' and b@c"),
            "fatal: 'https://x.org/a' and b@c"
        );
    }
}
