//! How many requests one address may make.

use crate::{SiteConfig, TrustProxy};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, Request, StatusCode, header};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tower_governor::{GovernorError, governor::GovernorConfigBuilder, key_extractor::KeyExtractor};

/// Names the caller: the peer's address, or what the proxy says where it is trusted.
#[derive(Debug, Clone)]
struct Caller {
    trust: TrustProxy,
}

impl Caller {
    /// The header that names the reader, where a proxy is trusted.
    fn header(&self) -> Option<&HeaderName> {
        match &self.trust {
            TrustProxy::Nobody => None,
            TrustProxy::Forwarded => Some(&FORWARDED),
            TrustProxy::Header(name) => Some(name),
        }
    }

    /// Who asks, as the trusted proxy says.
    fn reader<T>(&self, request: &Request<T>) -> Option<IpAddr> {
        // The last entry of the last line is the one that the trusted proxy itself wrote: some add a
        // line of their own below what the caller sent.
        let line = request.headers().get_all(self.header()?).iter().next_back()?.to_str().ok()?;
        let entry = line.rsplit(',').next()?.trim();
        let with_port = || entry.parse::<SocketAddr>().map(|address| address.ip());
        entry.parse().or_else(|_| with_port()).ok()
    }

    /// Whether a request comes from this machine itself, with no proxy between: the bench, a crawler
    /// or the author's own browser. A proxy that runs beside us says for whom it asks, and is counted.
    fn local<T>(&self, request: &Request<T>) -> bool {
        let passed_on = |name: &HeaderName| request.headers().contains_key(name);
        peer(request).is_some_and(|ip| ip.to_canonical().is_loopback())
            && ![&FORWARDED, &header::FORWARDED, &header::VIA]
                .into_iter()
                .chain(self.header())
                .any(passed_on)
    }
}

static FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

fn peer<T>(request: &Request<T>) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

impl KeyExtractor for Caller {
    type Key = IpAddr;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        // Without a peer (a test, a socket file) all callers share one bucket.
        let address = self.reader(request).or_else(|| peer(request));
        Ok(match address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            // One household has a whole /64.
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        })
    }
}

/// How often buckets that are full again are forgotten.
const SWEEP: Duration = Duration::from_secs(60);

/// Puts the limits of the configuration before these routes: the site does so for its own, the
/// program for what it serves beside it. Each call counts on its own.
pub fn limit(router: Router, config: &SiteConfig) -> Router {
    let rate = config.rate;
    if rate.per_second == 0 {
        return router;
    }
    let caller = Caller { trust: config.trust_proxy.clone() };
    let built = GovernorConfigBuilder::default()
        .period(Duration::from_secs(1) / rate.per_second)
        .burst_size(rate.burst.max(1))
        .key_extractor(caller.clone())
        .finish();
    // `finish` refuses only a period or burst of zero, which cannot be here.
    let Some(built) = built.map(Arc::new) else { return router };
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let limiter = Arc::downgrade(built.limiter());
        runtime.spawn(async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                let Some(limiter) = limiter.upgrade() else { break };
                limiter.retain_recent();
            }
        });
    }
    let limiter = Arc::clone(built.limiter());
    router.layer(from_fn(move |request: Request<Body>, next: Next| {
        let free = caller.local(&request)
            || caller.extract(&request).is_ok_and(|key| limiter.check_key(&key).is_ok());
        async move { if free { next.run(request).await } else { refuse() } }
    }))
}

fn refuse() -> Response {
    // The next request is allowed within a second: the rate is at least one a second.
    (
        StatusCode::TOO_MANY_REQUESTS,
        [(header::RETRY_AFTER, "1")],
        "Trop de requêtes : réessayez dans quelques secondes.\n",
    )
        .into_response()
}
