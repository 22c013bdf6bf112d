//! Fetching sources for a caller: only from allowed origins, never from private addresses that the
//! operator did not name, without following redirects, within size and time limits.

use super::{answer::Problem, archive};
use crate::Limits;
use bytes::Bytes;
use futures::StreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    process::Stdio,
    sync::Arc,
    time::Duration,
};
use url::{Host, Url};

/// A place that sources may come from: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(url::Origin);

impl From<&Url> for Origin {
    fn from(url: &Url) -> Self {
        Self(url.origin())
    }
}

/// The places that sources may come from.
#[derive(Debug, Clone, Default)]
pub struct Origins(pub Vec<Origin>);

impl Origins {
    /// GitHub, where raw files and repositories are.
    #[must_use]
    pub fn github() -> Self {
        let urls = [
            "https://github.com",
            "https://raw.githubusercontent.com",
            "https://codeload.github.com",
        ];
        Self(
            urls.iter()
                .filter_map(|url| Url::parse(url).ok())
                .map(|url| Origin::from(&url))
                .collect(),
        )
    }

    fn allow(&self, address: &str) -> Result<Url, Problem> {
        let url = Url::parse(address)
            .map_err(|error| Problem::Source(format!("the address cannot be read: {error}")))?;
        if !matches!(url.scheme(), "http" | "https")
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(Problem::Source("only plain http and https addresses are fetched".into()));
        }
        if self.0.contains(&Origin::from(&url)) {
            Ok(url)
        } else {
            Err(Problem::Source(format!(
                "nothing is fetched from {}",
                url.origin().ascii_serialization()
            )))
        }
    }
}

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
                        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/'));
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

/// Fetches files and repositories.
#[derive(Debug)]
pub(super) struct Fetcher {
    origins: Origins,
    client: reqwest::Client,
    limits: Limits,
}

impl Fetcher {
    pub(super) fn new(origins: Origins, limits: &Limits) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(15))
            .dns_resolver(Arc::new(PublicOnly))
            .no_proxy()
            .user_agent(concat!("maquisdoc/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { origins, client, limits: *limits })
    }

    /// One file.
    pub(super) async fn file(&self, address: &str) -> Result<Bytes, Problem> {
        let url = self.origins.allow(address)?;
        self.get(url).await
    }

    async fn get(&self, url: Url) -> Result<Bytes, Problem> {
        let fail = |error: reqwest::Error| {
            Problem::Source(format!("the source cannot be fetched: {}", error.without_url()))
        };
        let response = self.client.get(url).send().await.map_err(fail)?;
        if !response.status().is_success() {
            return Err(Problem::Source(format!(
                "the source cannot be fetched: its server answers {}",
                response.status()
            )));
        }
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            body.extend_from_slice(&chunk.map_err(fail)?);
            if body.len() > self.limits.input {
                return Err(Problem::Source("the source is too large".into()));
            }
        }
        Ok(body.into())
    }

    /// The files of a repository, by git itself with everything that could run code turned off.
    pub(super) async fn repository(
        &self,
        address: &str,
        revision: &Revision,
    ) -> Result<BTreeMap<String, Bytes>, Problem> {
        let url = self.origins.allow(address)?;
        if let Some(Host::Domain(host)) = url.host() {
            let port = url.port_or_known_default().unwrap_or(443);
            let found = tokio::net::lookup_host((host, port)).await;
            let addresses: Vec<SocketAddr> =
                found.map_err(|error| Problem::Source(error.to_string()))?.collect();
            if host != "localhost" && addresses.iter().any(|address| !is_public(address.ip())) {
                return Err(Problem::Source("the repository is at a private address".into()));
            }
        }
        let folder = tempfile::tempdir().map_err(|error| Problem::Ours(error.to_string()))?;
        let inside = folder.path();
        git(inside, &["init", "--quiet", "."]).await?;
        let wanted = match revision {
            Revision::Default => "HEAD",
            Revision::Branch(name) | Revision::Commit(name) => name,
        };
        git(inside, &["fetch", "--quiet", "--depth=1", "--no-tags", "--", url.as_str(), wanted])
            .await?;
        let archive = git(inside, &["archive", "--format=tar", "FETCH_HEAD"]).await?;
        let limits = self.limits;
        tokio::task::spawn_blocking(move || archive::unpack(&archive, &limits))
            .await
            .map_err(|error| Problem::Ours(error.to_string()))?
    }
}

/// Runs git without configuration, prompts, hooks or other protocols than http(s).
async fn git(folder: &std::path::Path, arguments: &[&str]) -> Result<Vec<u8>, Problem> {
    let run = tokio::process::Command::new("git")
        .args([
            "-c",
            "protocol.allow=never",
            "-c",
            "protocol.https.allow=always",
            "-c",
            "protocol.http.allow=always",
        ])
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "http.followRedirects=false",
            "-c",
            "http.lowSpeedLimit=1000",
            "-c",
            "http.lowSpeedTime=10",
        ])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(60), run)
        .await
        .map_err(|_| Problem::Source("the repository takes too long to fetch".into()))?
        .map_err(|error| Problem::Ours(format!("git cannot be run: {error}")))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        let message: String = String::from_utf8_lossy(&output.stderr).chars().take(500).collect();
        Err(Problem::Source(format!("the repository cannot be fetched: {}", message.trim())))
    }
}

/// Resolves names to public addresses only, so that an allowed name cannot be pointed inside. An
/// origin that the operator wrote as an address or as `localhost` is meant, and not resolved here.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let kept: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| host == "localhost" || is_public(address.ip()))
                .collect();
            if kept.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is on the public Internet (IANA's special-purpose registries).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_broadcast()
                || ip.is_documentation()
                || ip.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b))
                || (a == 192 && b == 0 && c == 0))
        }
        IpAddr::V6(ip) => {
            if let Some(v4) = ip.to_ipv4_mapped() {
                return is_public(v4.into());
            }
            let head = ip.segments()[0];
            // Global unicast is 2000::/3; 2002::/16 and 2001::/32 carry IPv4 addresses inside.
            (0x2000..0x4000).contains(&head)
                && head != 0x2002
                && !(head == 0x2001 && ip.segments()[1] == 0)
        }
    }
}

/// LaTeX as UTF-8: as it is when it is UTF-8, else read as Windows-1252, which holds latin-1.
pub(super) fn to_utf8(bytes: Bytes) -> Bytes {
    if std::str::from_utf8(&bytes).is_ok() {
        return bytes;
    }
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
    Bytes::from(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_origins_and_public_addresses() {
        let origins = Origins::github();
        for good in
            ["https://raw.githubusercontent.com/a/b/main/x.tex", "https://github.com/a/b.git"]
        {
            assert!(origins.allow(good).is_ok(), "{good}");
        }
        for bad in [
            "http://github.com/a",
            "https://github.com:8443/a",
            "https://github.com.evil.example/a",
            "https://user:pw@github.com/a",
            "file:///etc/passwd",
            "http://127.0.0.1/",
            "http://169.254.169.254/latest",
            "ssh://github.com/a",
            "",
            "//github.com/a",
        ] {
            assert!(origins.allow(bad).is_err(), "{bad}");
        }
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        assert!(is_public("140.82.121.4".parse().unwrap()));
    }

    #[test]
    fn a_revision_cannot_be_an_option() {
        assert!(Revision::new(Some("--upload-pack=x"), None).is_err());
        assert!(Revision::new(None, Some("abc; rm")).is_err());
        assert_eq!(Revision::new(Some("main"), None).ok(), Some(Revision::Branch("main".into())));
    }
}
