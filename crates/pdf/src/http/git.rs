//! The files of a Git repository at one of its states, by git itself with everything that could run
//! code turned off.

use super::{answer::Problem, archive};
use crate::Limits;
use bytes::Bytes;
use std::{collections::BTreeMap, net::IpAddr, path::Path, process::Stdio, time::Duration};
use tokio::process::Command;
use url::Url;

/// Which state of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Revision {
    Default,
    Branch(String),
    Commit(String),
}

impl Revision {
    pub(super) fn new(branch: Option<&str>, commit: Option<&str>) -> Result<Self, Problem> {
        match (branch, commit) {
            (_, Some(commit))
                if (7..=40).contains(&commit.len())
                    && commit.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                Ok(Self::Commit(commit.to_owned()))
            }
            (_, Some(_)) => Err(Problem::Caller("`commit` is not a commit".into())),
            (Some(branch), None) => {
                let fine = !branch.is_empty()
                    && branch.len() <= 200
                    && !branch.starts_with('-')
                    && !branch.contains("..")
                    && branch
                        .chars()
                        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '#'));
                if fine {
                    Ok(Self::Branch(branch.to_owned()))
                } else {
                    Err(Problem::Caller("`branch` is not a branch name".into()))
                }
            }
            (None, None) => Ok(Self::Default),
        }
    }
}

/// Longest time for all that is fetched of a repository.
const MAX_TIME: Duration = Duration::from_secs(60);

/// The files of a repository, and the commit that they are of.
#[derive(Debug)]
pub(super) struct Checkout {
    pub(super) commit: String,
    pub(super) files: BTreeMap<String, Bytes>,
}

/// The commit that a revision is at now, in one short exchange; `None` where only fetching tells.
/// The host is at `address` when that is given.
pub(super) async fn commit(
    url: &Url,
    address: &Option<IpAddr>,
    revision: &Revision,
    limits: &Limits,
) -> Result<Option<String>, Problem> {
    let (names, exact) = match revision {
        Revision::Commit(name) => return Ok((name.len() == WHOLE).then(|| name.to_lowercase())),
        Revision::Default => ("HEAD".to_owned(), vec!["HEAD".to_owned()]),
        // In the order in which a fetch understands a name.
        Revision::Branch(name) => {
            (name.clone(), vec![format!("refs/tags/{name}"), format!("refs/heads/{name}")])
        }
    };
    let ask = async {
        let folder = tempfile::tempdir().map_err(|error| Problem::Ours(error.to_string()))?;
        let git = Git { folder: folder.path(), url, address, limits };
        let told = git.run(&["ls-remote", "--quiet", "--", url.as_str(), &names]).await?;
        let found = |wanted: &String| {
            let mut pairs = told.lines().filter_map(|line| line.split_once('\t'));
            pairs.find(|(_, name)| name == wanted).map(|(commit, _)| commit.to_owned())
        };
        Ok(exact.iter().find_map(found))
    };
    tokio::time::timeout(MAX_TIME, ask)
        .await
        .map_err(|_| Problem::Source("the repository takes too long to answer".into()))?
}

/// A commit's whole name has so many digits.
const WHOLE: usize = 40;

/// The files of the repository at `url`, whose host is at `address` when that is given.
pub(super) async fn repository(
    url: &Url,
    address: &Option<IpAddr>,
    revision: &Revision,
    limits: &Limits,
) -> Result<Checkout, Problem> {
    let fetch = async {
        let folder = tempfile::tempdir().map_err(|error| Problem::Ours(error.to_string()))?;
        let git = Git { folder: folder.path(), url, address, limits };
        git.run(&["init", "--quiet", "."]).await?;
        let wanted = match revision {
            Revision::Default => "HEAD".to_owned(),
            Revision::Branch(name) => name.clone(),
            Revision::Commit(name) => git.whole(name).await?,
        };
        let fetch = ["fetch", "--quiet", "--depth=1", "--no-tags", "--", url.as_str(), &wanted];
        git.run(&fetch).await?;
        // An annotated tag is named by itself in a list of references, so that it is here too.
        let commit = git.run(&["rev-parse", "FETCH_HEAD"]).await?;
        Ok(Checkout { commit, files: git.files().await? })
    };
    tokio::time::timeout(MAX_TIME, fetch)
        .await
        .map_err(|_| Problem::Source("the repository takes too long to fetch".into()))?
}

struct Git<'g> {
    folder: &'g Path,
    url: &'g Url,
    address: &'g Option<IpAddr>,
    limits: &'g Limits,
}

impl Git<'_> {
    /// git without configuration, prompts, hooks or other protocols than http(s).
    fn command(&self, arguments: &[&str]) -> Command {
        // A pack is one file, so that this bounds what is fetched.
        let mut command = Command::new("prlimit");
        command.arg(format!("--fsize={}", self.limits.disk)).arg("git");
        let mut set = |setting: &str| {
            command.args(["-c", setting]);
        };
        set("protocol.allow=never");
        set("protocol.https.allow=always");
        set("protocol.http.allow=always");
        set("core.hooksPath=/dev/null");
        set("http.followRedirects=false");
        set("http.lowSpeedLimit=1000");
        set("http.lowSpeedTime=10");
        if let (Some(address), Some(host), Some(port)) =
            (self.address, self.url.host_str(), self.url.port_or_known_default())
        {
            set(&format!("http.curloptResolve={host}:{port}:{address}"));
        }
        command
            .args(arguments)
            .current_dir(self.folder)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.folder)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, arguments: &[&str]) -> Result<String, Problem> {
        let output = self.command(arguments).output().await;
        let output =
            output.map_err(|error| Problem::Ours(format!("git cannot be run: {error}")))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let message: String = String::from_utf8_lossy(&output.stderr).chars().take(500).collect();
        let message = if message.is_empty() { "it is too large".to_owned() } else { message };
        Err(Problem::Source(format!("the repository cannot be fetched: {}", message.trim())))
    }

    /// A commit's whole name: servers give a commit only by that. Without file contents, history
    /// is small.
    async fn whole(&self, name: &str) -> Result<String, Problem> {
        if name.len() == WHOLE {
            return Ok(name.to_owned());
        }
        let branches = "+refs/heads/*:refs/heads/*";
        let url = self.url.as_str();
        let fetch = [
            "fetch",
            "--quiet",
            "--filter=tree:0",
            "--no-tags",
            "--update-head-ok",
            "--",
            url,
            branches,
        ];
        self.run(&fetch).await?;
        let commit = format!("{name}^{{commit}}");
        self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])
            .await
            .map_err(|_| Problem::Source(format!("the repository has no commit {name}")))
    }

    /// What was fetched, read as it comes, so that no more than the limit is ever in memory.
    async fn files(&self) -> Result<BTreeMap<String, Bytes>, Problem> {
        let mut command = self.command(&["archive", "--format=tar", "FETCH_HEAD"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let ours = |error: std::io::Error| Problem::Ours(format!("git cannot be run: {error}"));
        let mut child = command.spawn().map_err(ours)?;
        let stdout = child.stdout.take().ok_or_else(|| Problem::Ours("no output".into()))?;
        let stdout = std::fs::File::from(stdout.into_owned_fd().map_err(ours)?);
        let limits = *self.limits;
        let files = tokio::task::spawn_blocking(move || archive::unpack(stdout, &limits)).await;
        let _ = child.kill().await;
        files.map_err(|error| Problem::Ours(error.to_string()))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_cannot_be_an_option() {
        assert!(Revision::new(Some("--upload-pack=x"), None).is_err());
        assert!(Revision::new(None, Some("abc; rm")).is_err());
        assert_eq!(Revision::new(Some("main"), None).ok(), Some(Revision::Branch("main".into())));
    }
}
