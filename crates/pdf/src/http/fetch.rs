//! Fetching sources for a caller: only from allowed origins, never from private addresses that the
//! operator did not name, without following redirects, within size and time limits.

use super::{
    answer::Problem,
    git::{self, Checkout, Revision},
};
use crate::Limits;
use bytes::Bytes;
use futures::StreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Semaphore;
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

/// Fetches files and repositories.
#[derive(Debug)]
pub(super) struct Fetcher {
    origins: Origins,
    client: reqwest::Client,
    limits: Limits,
    /// How many may fetch at the same time: fetching costs others' patience and our memory.
    turns: Semaphore,
}

/// Most fetches at the same time.
const TURNS: usize = 16;

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
        Ok(Self { origins, client, limits: *limits, turns: Semaphore::new(TURNS) })
    }

    /// One file.
    pub(super) async fn file(&self, address: &str) -> Result<Bytes, Problem> {
        let url = self.origins.allow(address)?;
        let _turn = self.turn()?;
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

    /// The files of a repository.
    pub(super) async fn repository(
        &self,
        address: &str,
        revision: &Revision,
    ) -> Result<Checkout, Problem> {
        let url = self.origins.allow(address)?;
        let _turn = self.turn()?;
        git::repository(&url, &public_address(&url).await?, revision, &self.limits).await
    }

    /// The commit that a revision of a repository is at now, where that is quickly told.
    pub(super) async fn commit(
        &self,
        address: &str,
        revision: &Revision,
    ) -> Result<Option<String>, Problem> {
        let url = self.origins.allow(address)?;
        let _turn = self.turn()?;
        git::commit(&url, &public_address(&url).await?, revision, &self.limits).await
    }

    /// A place among those who fetch.
    fn turn(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Problem> {
        self.turns.try_acquire().map_err(|_| Problem::Busy)
    }
}

/// Where the host of an allowed address is. git gets it with the address, so that the name cannot
/// lead elsewhere a moment later; `None` when the operator wrote an address or `localhost`.
async fn public_address(url: &Url) -> Result<Option<IpAddr>, Problem> {
    let Some(Host::Domain(host)) = url.host() else { return Ok(None) };
    if host == "localhost" {
        return Ok(None);
    }
    let port = url.port_or_known_default().unwrap_or(443);
    let found = tokio::net::lookup_host((host, port)).await;
    let mut addresses = found.map_err(|error| {
        Problem::Source(format!("the repository's server cannot be found: {error}"))
    })?;
    addresses
        .find(|address| is_public(address.ip()))
        .map(|address| Some(address.ip()))
        .ok_or_else(|| Problem::Source("the repository is at a private address".into()))
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
}
