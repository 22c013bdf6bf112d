//! Repositories on GitHub: the commit of a branch by a conditional request, its files by one
//! archive. What is unpacked stays, so that an outage or a spent limit changes nothing for readers.

use super::{Checkout, GithubAccess, RemoteError, archive, kept, now, tree};
use reqwest::{
    StatusCode,
    blocking::{Client, RequestBuilder, Response},
    header::{self, HeaderMap},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{fs, io::Read as _, path::Path, time::Duration};

/// A request waits no longer than this for an answer to begin or go on.
const PATIENCE: Duration = Duration::from_secs(20);
/// An archive may take longer.
const ARCHIVE_PATIENCE: Duration = Duration::from_secs(300);
/// Tries of a request that failed for reasons that pass.
const TRIES: u32 = 3;
/// The answer about a commit is smaller than this.
const LARGEST_ANSWER: u64 = 16 << 20;

#[derive(Debug)]
pub(super) struct Github {
    client: Client,
    access: GithubAccess,
    /// How long one answer may take.
    pub(super) patience: Duration,
}

/// What is remembered of a repository between runs.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct State {
    branch: Option<String>,
    commit: String,
    etag: Option<String>,
    /// Seconds since 1970 before which nothing is asked.
    not_before: u64,
}

const STATE: &str = "state.json";

impl State {
    fn read(folder: &Path) -> Self {
        fs::read(folder.join(STATE))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    fn write(&self, folder: &Path) -> Result<(), RemoteError> {
        fs::create_dir_all(folder)?;
        let file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&file, self).map_err(std::io::Error::from)?;
        file.persist(folder.join(STATE)).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Github {
    pub(super) fn new(access: GithubAccess) -> Result<Self, RemoteError> {
        let client = Client::builder()
            .user_agent("maquisdoc")
            .connect_timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| RemoteError::Config(format!("no HTTP client: {error}")))?;
        Ok(Self { client, access, patience: PATIENCE })
    }

    /// `owner/name`, with the configured owner where only the name is given.
    pub(super) fn repository(&self, name: &str) -> Result<String, RemoteError> {
        let (owner, name) = match (name.split_once('/'), &self.access.user) {
            (Some((owner, name)), _) => (owner, name),
            (None, Some(user)) => (user.as_str(), name),
            (None, None) => {
                return Err(RemoteError::Config(format!(
                    "github = \"{name}\" names no owner: write \"owner/{name}\" or set GITHUB_USER"
                )));
            }
        };
        let fine = |part: &str| {
            let sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            !part.is_empty()
                && part.len() <= 100
                && !part.starts_with('.')
                && part.bytes().all(sign)
        };
        if fine(owner) && fine(name) {
            Ok(format!("{owner}/{name}"))
        } else {
            Err(RemoteError::Config(format!("« {owner}/{name} » is not a repository of GitHub")))
        }
    }

    /// Brings a branch up to date in a folder; when GitHub cannot say, the last state stays.
    pub(super) fn sync(
        &self,
        repository: &str,
        branch: Option<&str>,
        folder: &Path,
    ) -> Result<Checkout, RemoteError> {
        let mut state = State::read(folder);
        if state.branch.as_deref() != branch {
            state = State { branch: branch.map(str::to_owned), ..State::default() };
        }
        let last = kept(folder, &state.commit);
        match self.newest(repository, &mut state, last.is_some(), folder) {
            Ok(found) => {
                state.write(folder)?;
                // The one before stays for readers that are at it; older ones go.
                prune(folder, &[&found.commit, last.as_ref().map_or("", |l| l.commit.as_str())]);
                Ok(found)
            }
            Err(error) => {
                if let RemoteError::Limited { wait, .. } = &error {
                    let mut limited = State::read(folder);
                    limited.not_before = now() + wait.as_secs();
                    limited.write(folder)?;
                }
                match last {
                    Some(last) => {
                        tracing::warn!(%error, commit = last.commit, "the last state is used");
                        Ok(last)
                    }
                    None => Err(error),
                }
            }
        }
    }

    fn newest(
        &self,
        repository: &str,
        state: &mut State,
        here: bool,
        folder: &Path,
    ) -> Result<Checkout, RemoteError> {
        if state.not_before > now() {
            let wait = Duration::from_secs(state.not_before - now());
            return Err(RemoteError::Limited { repository: repository.to_owned(), wait });
        }
        let reference = state.branch.clone().unwrap_or_else(|| "HEAD".to_owned());
        let etag = state.etag.as_deref().filter(|_| here);
        if let Some((commit, etag)) = self.commit(repository, &reference, etag)? {
            state.etag = etag;
            state.commit = commit;
        }
        state.not_before = 0;
        self.files(repository, &state.commit, folder)
    }

    /// A former commit, by the digits it begins with.
    pub(super) fn checkout(
        &self,
        repository: &str,
        commit: &str,
        folder: &Path,
    ) -> Result<Checkout, RemoteError> {
        let not_before = State::read(folder).not_before;
        if not_before > now() {
            let wait = Duration::from_secs(not_before - now());
            return Err(RemoteError::Limited { repository: repository.to_owned(), wait });
        }
        let not_found = || RemoteError::NotFound { repository: repository.to_owned() };
        let (commit, _) = self.commit(repository, commit, None)?.ok_or_else(not_found)?;
        self.files(repository, &commit, folder)
    }

    /// The commit that a reference names, and the tag of the answer; `None` when it is unchanged.
    fn commit(
        &self,
        repository: &str,
        reference: &str,
        etag: Option<&str>,
    ) -> Result<Option<(String, Option<String>)>, RemoteError> {
        let path = format!("repos/{repository}/commits/{reference}");
        let (status, headers, body) = self.ask(repository, || {
            // The media type of bare digests: the usual answer lists every changed file.
            let mut request = self.request(&path).timeout(self.patience);
            request = request.header(header::ACCEPT, "application/vnd.github.sha");
            if let Some(etag) = etag {
                request = request.header(header::IF_NONE_MATCH, etag);
            }
            request
        })?;
        if status == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&body);
        let json = || {
            let answer: serde_json::Value = serde_json::from_slice(&body).ok()?;
            Some(answer["sha"].as_str()?.to_owned())
        };
        let commit = Some(text.trim().to_owned()).filter(|text| is_commit(text)).or_else(json);
        let commit = commit.filter(|commit| is_commit(commit)).ok_or_else(|| {
            let reason = "the answer of GitHub names no commit".to_owned();
            RemoteError::Unavailable { repository: repository.to_owned(), reason }
        })?;
        let etag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        Ok(Some((commit, etag)))
    }

    /// The files of a commit, in a folder of its name.
    fn files(
        &self,
        repository: &str,
        commit: &str,
        folder: &Path,
    ) -> Result<Checkout, RemoteError> {
        if let Some(there) = kept(folder, commit) {
            return Ok(there);
        }
        let target = folder.join(commit);
        let path = format!("repos/{repository}/tarball/{commit}");
        let mut reason = String::new();
        for attempt in 0..TRIES {
            wait(attempt);
            let request = self.request(&path).timeout(ARCHIVE_PATIENCE);
            match request.send() {
                Ok(response) if response.status().is_success() => {
                    match archive::unpack(response, &target) {
                        Ok(()) => {
                            return Ok(Checkout { folder: target, commit: commit.to_owned() });
                        }
                        Err(error) => reason = format!("its archive is not whole: {error}"),
                    }
                }
                // The commit is there, so what is missing are archives.
                Ok(response)
                    if matches!(
                        response.status(),
                        StatusCode::NOT_FOUND | StatusCode::NOT_IMPLEMENTED
                    ) =>
                {
                    tree::fetch(self, repository, commit, &target)?;
                    return Ok(Checkout { folder: target, commit: commit.to_owned() });
                }
                Ok(response) => match refused(repository, &response) {
                    Some(error) => return Err(error),
                    None => reason = format!("GitHub answers {}", response.status()),
                },
                Err(error) => reason = error.without_url().to_string(),
            }
        }
        Err(RemoteError::Unavailable { repository: repository.to_owned(), reason })
    }

    /// A small JSON answer.
    pub(super) fn json<T: DeserializeOwned>(
        &self,
        repository: &str,
        path: &str,
    ) -> Result<T, RemoteError> {
        let (_, _, body) = self.ask(repository, || self.request(path).timeout(self.patience))?;
        serde_json::from_slice(&body).map_err(|error| RemoteError::Unavailable {
            repository: repository.to_owned(),
            reason: format!("the answer of GitHub cannot be read: {error}"),
        })
    }

    /// A request to the API, with the token. The client sends it to no other host, not even when
    /// an answer leads there.
    fn request(&self, path: &str) -> RequestBuilder {
        let base = self.access.api.as_str().trim_end_matches('/');
        let mut request =
            self.client.get(format!("{base}/{path}")).header("X-GitHub-Api-Version", "2022-11-28");
        if let Some(token) = &self.access.token {
            request = request.bearer_auth(token.expose());
        }
        request
    }

    /// The answer to a small request, tried again when the failure may pass.
    fn ask(
        &self,
        repository: &str,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), RemoteError> {
        let mut reason = String::new();
        for attempt in 0..TRIES {
            wait(attempt);
            let response = match request().send() {
                Ok(response) => response,
                Err(error) => {
                    reason = error.without_url().to_string();
                    continue;
                }
            };
            if let Some(error) = refused(repository, &response) {
                return Err(error);
            }
            let status = response.status();
            if !status.is_success() && status != StatusCode::NOT_MODIFIED {
                reason = format!("GitHub answers {status}");
                continue;
            }
            let headers = response.headers().clone();
            if response.content_length().is_some_and(|length| length > LARGEST_ANSWER) {
                reason = "the answer of GitHub is too large".to_owned();
                break;
            }
            // An answer need not say its size, so it is read with the same limit.
            let mut body = Vec::new();
            match response.take(LARGEST_ANSWER + 1).read_to_end(&mut body) {
                Ok(size) if size as u64 > LARGEST_ANSWER => {
                    reason = "the answer of GitHub is too large".to_owned();
                    break;
                }
                Ok(_) => return Ok((status, headers, body)),
                Err(error) => reason = format!("the answer of GitHub ends early: {error}"),
            }
        }
        Err(RemoteError::Unavailable { repository: repository.to_owned(), reason })
    }
}

fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Waits before a further try: 0.2 s, 0.4 s …
fn wait(attempt: u32) {
    if attempt > 0 {
        std::thread::sleep(Duration::from_millis(100 << attempt));
    }
}

/// Answers that trying again does not change.
fn refused(repository: &str, response: &Response) -> Option<RemoteError> {
    let repository = repository.to_owned();
    let number = |name: &str| -> Option<u64> {
        response.headers().get(name)?.to_str().ok()?.trim().parse().ok()
    };
    match response.status() {
        StatusCode::UNAUTHORIZED => Some(RemoteError::Unauthorized { repository }),
        // 422: a name that is no commit.
        StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT => {
            Some(RemoteError::NotFound { repository })
        }
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => {
            let spent = number("x-ratelimit-remaining") == Some(0);
            let reset = number("x-ratelimit-reset").filter(|_| spent);
            let seconds = number("retry-after")
                .or_else(|| reset.map(|reset| reset.saturating_sub(now())))
                .unwrap_or(60);
            // A clock that is wrong, here or there, must not silence us for ever.
            let wait = Duration::from_secs(seconds.clamp(1, 3600));
            Some(RemoteError::Limited { repository, wait })
        }
        _ => None,
    }
}

/// Takes away the checkouts of other commits.
fn prune(folder: &Path, keep: &[&str]) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if is_commit(name) && !keep.contains(&name) && entry.path().is_dir() {
            // What cannot be taken away now is next time.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
