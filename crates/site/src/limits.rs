//! How many requests one address may make.

use crate::SiteConfig;
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
};
use http::{Request, StatusCode, header};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tower_governor::{GovernorError, governor::GovernorConfigBuilder, key_extractor::KeyExtractor};

/// Names the caller: the peer's address, or what the proxy says where it is trusted.
#[derive(Debug, Clone, Copy)]
struct Caller {
    trust_proxy: bool,
}

impl KeyExtractor for Caller {
    type Key = IpAddr;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        let forwarded = || {
            // The last entry is the one that the trusted proxy itself wrote.
            let list = request.headers().get("x-forwarded-for")?.to_str().ok()?;
            list.rsplit(',').next()?.trim().parse().ok()
        };
        let peer = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let address = if self.trust_proxy { forwarded().or_else(peer) } else { peer() };
        // Without a peer (a test, a socket file) all callers share one bucket.
        let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Ok(match address {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            // One household has a whole /64.
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        })
    }
}

/// Whether a request comes from this machine itself, with no proxy between: the bench, a crawler or
/// the author's own browser. A proxy that runs beside us says for whom it asks, and is counted.
fn local(request: &Request<Body>) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let forwarded = ["x-forwarded-for", "forwarded", "via"];
    peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback())
        && forwarded.iter().all(|name| !request.headers().contains_key(*name))
}

/// How often buckets that are full again are forgotten.
const SWEEP: Duration = Duration::from_secs(60);

/// Puts the limits of the configuration before these routes.
pub(crate) fn limit(router: Router, config: &SiteConfig) -> Router {
    let rate = config.rate;
    if rate.per_second == 0 {
        return router;
    }
    let caller = Caller { trust_proxy: config.trust_proxy };
    let built = GovernorConfigBuilder::default()
        .period(Duration::from_secs(1) / rate.per_second)
        .burst_size(rate.burst.max(1))
        .key_extractor(caller)
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
        let limiter = Arc::clone(&limiter);
        async move {
            let free = local(&request)
                || caller.extract(&request).is_ok_and(|key| limiter.check_key(&key).is_ok());
            if free { next.run(request).await } else { refuse() }
        }
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
