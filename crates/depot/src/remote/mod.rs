//! Dépôts that live elsewhere: on GitHub, or in any Git repository. They are brought into a folder
//! here, pinned to a commit; whatever happens elsewhere later, the last good state stays usable.

mod archive;
mod git;
mod github;
mod tree;

use crate::DepotConfig;
use mqd_store::Secret;
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};
use url::Url;

/// Why a dépôt cannot be brought here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The configuration says no repository, or an impossible one.
    #[error("[[depot]] {0}")]
    Config(String),
    /// The token is not accepted.
    #[error("{repository}: GitHub refuses the token; check GITHUB_TOKEN")]
    Unauthorized {
        /// `owner/name`.
        repository: String,
    },
    /// There is no such repository, branch or commit, or the token may not see it.
    #[error(
        "{repository}: GitHub knows no such repository or branch; a private one needs GITHUB_TOKEN"
    )]
    NotFound {
        /// `owner/name`.
        repository: String,
    },
    /// Too many requests were made; nothing is asked until then.
    #[error("{repository}: GitHub's limit is reached; it is asked again in {} s", wait.as_secs())]
    Limited {
        /// `owner/name`.
        repository: String,
        /// Until the limit ends.
        wait: Duration,
    },
    /// No answer, or one that cannot be used.
    #[error("{repository}: {reason}")]
    Unavailable {
        /// `owner/name` or address.
        repository: String,
        /// What happened.
        reason: String,
    },
    /// The cache folder cannot be used.
    #[error("the folder of fetched dépôts cannot be used: {0}")]
    Io(#[from] io::Error),
}

/// How GitHub is reached.
#[derive(Debug, Clone)]
pub struct GithubAccess {
    /// Address of its API.
    pub api: Url,
    /// Owner of repositories that are named without one.
    pub user: Option<String>,
    /// Sent to the API for the configured repositories, and nowhere else.
    pub token: Option<Secret>,
}

/// A state of a dépôt in a folder here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The folder.
    pub folder: PathBuf,
    /// The commit it holds.
    pub commit: String,
}

/// The remote dépôts of a configuration.
#[derive(Debug)]
pub struct Remotes {
    cache: PathBuf,
    github: github::Github,
    /// When former commits were last asked for: readers cannot make us spend GitHub's limit.
    asked: Mutex<Vec<Instant>>,
}

/// Former commits asked for in a minute, at most.
const PER_MINUTE: usize = 10;

impl Remotes {
    /// Remote dépôts, kept in a folder.
    ///
    /// # Errors
    /// [`RemoteError::Config`] when no HTTP client can be made.
    pub fn new(cache: impl Into<PathBuf>, access: GithubAccess) -> Result<Self, RemoteError> {
        let github = github::Github::new(access)?;
        Ok(Self { cache: cache.into(), github, asked: Mutex::default() })
    }

    /// The same with another patience for one answer of GitHub; 20 s otherwise.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.github.patience = patience;
        self
    }

    /// Brings every remote dépôt up to date and gives the configuration with folders in their
    /// place. A dépôt that cannot be reached keeps its last good state, with a warning.
    ///
    /// # Errors
    /// [`RemoteError`] for a dépôt that cannot be reached and was never here.
    pub fn resolve(&self, depots: &[DepotConfig]) -> Result<Vec<DepotConfig>, RemoteError> {
        // All at once: each waits for the network.
        std::thread::scope(|scope| {
            let running: Vec<_> =
                depots.iter().map(|depot| scope.spawn(move || self.resolve_one(depot))).collect();
            running
                .into_iter()
                .map(|thread| {
                    thread.join().unwrap_or_else(|_| {
                        Err(RemoteError::Config("could not be read".to_owned()))
                    })
                })
                .collect()
        })
    }

    fn resolve_one(&self, depot: &DepotConfig) -> Result<DepotConfig, RemoteError> {
        let Some(place) = self.place(depot)? else { return Ok(depot.clone()) };
        let found = match &place {
            Place::Github { repository, folder } => {
                self.github.sync(repository, depot.branch.as_deref(), folder)?
            }
            Place::Git { address, folder } => git::sync(address, depot.branch.as_deref(), folder)?,
        };
        Ok(DepotConfig { path: found.folder, commit: Some(found.commit), ..depot.clone() })
    }

    /// Whether any of these dépôts is elsewhere.
    #[must_use]
    pub fn any(depots: &[DepotConfig]) -> bool {
        depots.iter().any(|depot| depot.github.is_some() || depot.git.is_some())
    }

    /// Whether a dépôt is this repository of GitHub (`owner/name`).
    #[must_use]
    pub fn is(&self, depot: &DepotConfig, repository: &str) -> bool {
        depot
            .github
            .as_deref()
            .and_then(|name| self.github.repository(name).ok())
            .is_some_and(|name| name.eq_ignore_ascii_case(repository))
    }

    /// A former commit of a dépôt on GitHub; `None` when it is not to be had.
    #[must_use]
    pub fn at(&self, depot: &DepotConfig, commit: &str) -> Option<Checkout> {
        let Ok(Some(Place::Github { repository, folder })) = self.place(depot) else { return None };
        if let Some(there) = kept(&folder, commit) {
            return Some(there);
        }
        {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.retain(|when| when.elapsed() < Duration::from_secs(60));
            if asked.len() >= PER_MINUTE {
                return None;
            }
            asked.push(Instant::now());
        }
        match self.github.checkout(&repository, commit, &folder) {
            Ok(found) => Some(found),
            Err(error) => {
                tracing::info!(%error, commit, "a former state of a dépôt is not to be had");
                None
            }
        }
    }

    fn place(&self, depot: &DepotConfig) -> Result<Option<Place>, RemoteError> {
        let config = |text: &str| Err(RemoteError::Config(text.to_owned()));
        let branch = depot.branch.as_deref().unwrap_or("main");
        if branch.is_empty()
            || branch.starts_with('-')
            || !branch.bytes().all(|b| b.is_ascii_graphic())
        {
            return config(&format!("« {branch} » is not the name of a branch"));
        }
        match (&depot.github, &depot.git) {
            (None, None) if depot.path.as_os_str().is_empty() => {
                config("needs `path`, `github` or `git`")
            }
            (None, None) => Ok(None),
            (Some(_), Some(_)) => config("has both `github` and `git`"),
            _ if !depot.path.as_os_str().is_empty() => {
                config("has a `path` and is elsewhere: leave one of them out")
            }
            (Some(name), None) => {
                let repository = self.github.repository(name)?;
                let folder = self.cache.join("github").join(&repository);
                Ok(Some(Place::Github { repository, folder }))
            }
            (None, Some(address)) => {
                let digest = blake3::hash(address.as_bytes()).to_hex();
                let folder = self.cache.join("git").join(&digest[..16]);
                Ok(Some(Place::Git { address: address.clone(), folder }))
            }
        }
    }
}

enum Place {
    Github { repository: String, folder: PathBuf },
    Git { address: String, folder: PathBuf },
}

/// The checkout of a commit that is here already, by the digits it begins with.
fn kept(folder: &Path, commit: &str) -> Option<Checkout> {
    if commit.len() < 7 || !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    std::fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let whole = name.len() == 40 && name.starts_with(commit) && entry.path().is_dir();
        whole.then(|| Checkout { folder: entry.path(), commit: name })
    })
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
