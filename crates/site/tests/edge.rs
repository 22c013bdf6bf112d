//! The edge of the site, driven through its real router: errors, caching, headers, limits, old
//! addresses — whatever does not need a maquis.
#![allow(clippy::unwrap_used)]

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
};
use futures::future::BoxFuture;
use mqd_site::{GraphSource, RateLimit, SiteConfig, SiteState, SourceError, TrustProxy, router};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use tower::ServiceExt as _;

/// A maquis without nodes that can go down, change and count its questions.
struct Empty {
    up: AtomicBool,
    version: AtomicU64,
    asked: AtomicU64,
}

impl Empty {
    fn new(up: bool) -> Arc<Self> {
        Arc::new(Self {
            up: AtomicBool::new(up),
            version: AtomicU64::new(1),
            asked: AtomicU64::new(0),
        })
    }
}

impl GraphSource for Empty {
    fn version(&self) -> Arc<str> {
        self.version.load(Ordering::Relaxed).to_string().into()
    }

    fn run<'a>(
        &'a self,
        _document: &'static str,
        _variables: Value,
    ) -> BoxFuture<'a, Result<Value, SourceError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if !self.up.load(Ordering::Relaxed) {
                return Err(SourceError::Unreachable("secret-host refused".to_owned()));
            }
            Ok(json!({ "data": {
                "evenements": [], "devoirs": [], "documents": [], "concepts": [], "noeud": null,
                "maquis": { "comptes": [], "version": "1" },
            }}))
        })
    }
}

fn config() -> SiteConfig {
    SiteConfig { rate: RateLimit { per_second: 0, burst: 0 }, ..SiteConfig::default() }
}

fn site(source: &Arc<Empty>) -> Router {
    router(SiteState::new(config(), Arc::clone(source) as Arc<dyn GraphSource>))
}

async fn get(router: &Router, path: &str) -> (StatusCode, HeaderMap, String) {
    ask(router, path, &[]).await
}

async fn ask(
    router: &Router,
    path: &str,
    headers: &[(header::HeaderName, &str)],
) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn errors_are_friendly_pages_that_say_nothing_internal() {
    let (up, down) = (site(&Empty::new(true)), site(&Empty::new(false)));
    let id = "0b9e4a3c-0000-4000-8000-000000000000";
    for (router, path, status, text) in [
        (&up, "/nulle-part", 404, "n’existe pas"),
        (&up, "/en/nowhere", 404, "does not exist"),
        (&up, "/document/pas-un-uuid", 404, "n’existe pas"),
        (&up, &format!("/document/{id}"), 404, "n’existe pas"),
        (&up, &format!("/document/{id}?vue=autre"), 422, "vue"),
        (&up, "/vues/problemes?page=0", 422, "page"),
        (&up, "/vues/problemes?page=7", 404, "n’existe pas"),
        (&up, "/vues/problemes?corrige=peut-etre", 422, "corrige"),
        (&up, "/vues/chemin?de=x", 422, "de"),
        (&up, &format!("/concept/{id}/voisinage?profondeur=9"), 422, "profondeur"),
        (&up, &format!("/concept/{id}/voisinage?relation=MANGE"), 422, "relation"),
        (&down, "/vues/semaines", 503, "ne répond pas"),
        (&down, "/document_12", 503, "ne répond pas"),
        // The title page is there even while the maquis sleeps.
        (&down, "/", 200, "ne répond pas"),
    ] {
        let (found, headers, body) = get(router, path).await;
        assert_eq!(found.as_u16(), status, "{path}");
        assert!(body.contains(text), "{path}: {body}");
        assert!(!body.contains("secret-host"), "{path} tells what is inside");
        assert_eq!(headers.contains_key(header::RETRY_AFTER), status == 503, "{path}");
    }
}

#[tokio::test]
async fn hostile_addresses_are_escaped() {
    let router = site(&Empty::new(true));
    for path in [
        "/vues/problemes?mots=%3Cscript%3Ealert(1)%3C/script%3E&theme=%22%3E%3Cscript%3E",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/vues/semaines?%22%3E%3Cscript%3E=1",
    ] {
        let (_, _, body) = get(&router, path).await;
        assert!(!body.contains("<script>alert") && !body.contains("\"><script"), "{path}");
    }
}

#[tokio::test]
async fn a_page_is_made_once_for_each_state_of_the_maquis() {
    let source = Empty::new(true);
    let router = site(&source);
    let asked = || source.asked.load(Ordering::Relaxed);
    let (_, headers, _) = get(&router, "/vues/semaines").await;
    let etag = headers[header::ETAG].to_str().unwrap().to_owned();
    let once = asked();
    let (status, _, body) = ask(&router, "/vues/semaines", &[(header::IF_NONE_MATCH, &etag)]).await;
    assert_eq!((status, body.len(), asked()), (StatusCode::NOT_MODIFIED, 0, once));
    source.version.store(2, Ordering::Relaxed);
    get(&router, "/vues/semaines").await;
    assert_eq!(asked(), once + 1, "a changed maquis makes the page anew");
    // Stale pages are better than none.
    source.version.store(3, Ordering::Relaxed);
    source.up.store(false, Ordering::Relaxed);
    assert_eq!(get(&router, "/vues/semaines").await.0, StatusCode::OK);
    assert_eq!(get(&router, "/vues/feuillesexercices").await.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn pages_travel_compressed_and_read_the_same() {
    let router = site(&Empty::new(true));
    let plain = get(&router, "/vues/semaines").await;
    let absent = get(&router, "/nulle-part").await;
    assert!(!plain.1.contains_key(header::CONTENT_ENCODING));
    for (accept, encoding) in [("br, gzip", "br"), ("gzip", "gzip")] {
        let (status, headers, body) =
            ask(&router, "/vues/semaines", &[(header::ACCEPT_ENCODING, accept)]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers[header::CONTENT_ENCODING], encoding);
        assert_eq!(headers[header::VARY], "accept-encoding");
        assert!(body.len() < plain.2.len(), "{encoding}");
        // What is made anew for each reader, searches above all, travels compressed as well.
        let (status, headers, body) =
            ask(&router, "/nulle-part", &[(header::ACCEPT_ENCODING, accept)]).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(headers[header::CONTENT_ENCODING], encoding);
        assert_eq!(headers[header::VARY], "accept-encoding");
        assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(!headers.contains_key(header::ETAG) && body.len() < absent.2.len(), "{encoding}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_it() {
    let router = site(&Empty::new(true));
    for path in ["/", "/nulle-part", "/atom.xml", "/robots.txt"] {
        let (_, headers, _) = get(&router, path).await;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert!(headers.contains_key(header::REFERRER_POLICY));
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY), "no TLS, no HSTS");
    }
    let trusting = SiteConfig { trust_proxy: TrustProxy::Forwarded, ..config() };
    let router = mqd_site::router(SiteState::new(trusting, Empty::new(true)));
    let proto = header::HeaderName::from_static("x-forwarded-proto");
    let (_, headers, _) = ask(&router, "/", &[(proto, "https")]).await;
    assert!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
}

/// Atom and sitemaps ask for whole addresses: a site that was not told its own names the host that
/// its reader asked, and keeps such an answer for nobody else.
#[tokio::test]
async fn feeds_name_the_host_that_was_asked() {
    let router = site(&Empty::new(true));
    for (path, named) in [
        ("/robots.txt", "Sitemap: http://a.exemple/sitemap.xml"),
        ("/opensearch.xml", "template=\"http://a.exemple/vues/recherche?q="),
    ] {
        let (status, headers, body) = ask(&router, path, &[(header::HOST, "a.exemple")]).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(body.contains(named), "{path}: {body}");
        assert!(!headers.contains_key(header::ETAG), "{path} is kept");
        let (_, _, body) = ask(&router, path, &[(header::HOST, "b<b>.exemple")]).await;
        assert!(!body.contains("exemple"), "{path}: {body}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_names_of_their_own() {
    let router = site(&Empty::new(true));
    let (_, _, page) = get(&router, "/").await;
    let css = page.split('"').find(|part| part.starts_with("/assets/css/")).unwrap();
    let (status, headers, body) = get(&router, css).await;
    assert_eq!(status, StatusCode::OK);
    assert!(headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    let font = body.split(['(', ')']).find(|part| part.ends_with(".woff2")).unwrap();
    assert_eq!(get(&router, font).await.0, StatusCode::OK);
    assert_eq!(get(&router, "/assets/css/site.css").await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&router, "/assets/../Cargo.toml").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn one_address_may_not_ask_without_end() {
    let limited =
        SiteConfig { rate: RateLimit { per_second: 1, burst: 3 }, ..SiteConfig::default() };
    let router = mqd_site::router(SiteState::new(limited, Empty::new(true)));
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(get(&router, "/robots.txt").await.0.as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);

    // This machine itself is not limited, except by way of a proxy; others each have their own share.
    let ask = async |peer: [u8; 4], forwarded: bool| {
        let mut request = Request::get("/robots.txt");
        if forwarded {
            request = request.header("x-forwarded-for", "192.0.2.1");
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 4000))));
        router.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    for (peer, forwarded, last) in [
        ([127, 0, 0, 1], false, 200),
        ([127, 0, 0, 1], true, 429),
        ([192, 0, 2, 7], false, 429),
        ([127, 0, 0, 1], false, 200),
    ] {
        let mut status = 0;
        for _ in 0..5 {
            status = ask(peer, forwarded).await;
        }
        assert_eq!(status, last, "{peer:?} {forwarded}");
    }
}

#[tokio::test]
async fn behind_a_proxy_the_reader_is_counted_and_nobody_can_pose_as_another() {
    let limited = |trust: &str| {
        let trust_proxy = trust.parse().unwrap();
        let rate = RateLimit { per_second: 1, burst: 3 };
        let config = SiteConfig { rate, trust_proxy, ..SiteConfig::default() };
        mqd_site::router(SiteState::new(config, Empty::new(true)))
    };
    // How many of ten requests pass, all of one proxy; `n` makes the headers of the nth.
    async fn passing(
        router: &Router,
        headers: impl Fn(usize) -> Vec<(&'static str, String)>,
    ) -> usize {
        let mut passed = 0;
        for n in 0..10 {
            let mut request = Request::get("/robots.txt");
            for (name, value) in headers(n) {
                request = request.header(name, value);
            }
            let mut request = request.body(Body::empty()).unwrap();
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 4000))));
            let status = router.clone().oneshot(request).await.unwrap().status();
            passed += usize::from(status == StatusCode::OK);
        }
        passed
    }
    let (forwarded, own) = ("x-forwarded-for", "do-connecting-ip");

    // Ten readers, each with a share of their own; one reader, however much is written before.
    let router = limited("true");
    assert_eq!(passing(&router, |n| vec![(forwarded, format!("192.0.2.{n}"))]).await, 10);
    let forged = |n| vec![(forwarded, format!("203.0.113.{n}, 198.51.100.7"))];
    assert_eq!(passing(&router, forged).await, 3);
    let two_lines = |n| {
        vec![(forwarded, format!("203.0.113.{n}")), (forwarded, "198.51.100.8:5123".to_owned())]
    };
    assert_eq!(passing(&router, two_lines).await, 3, "the proxy's own line is the last");

    // A chain of proxies: the last entry names one of them, a header of its own the reader.
    let chain =
        |n| vec![(forwarded, format!("192.0.2.{n}, 172.68.1.1")), (own, format!("192.0.2.{n}"))];
    assert_eq!(passing(&limited("true"), chain).await, 3, "the readers share the proxy's share");
    let router = limited(own);
    assert_eq!(passing(&router, chain).await, 10);
    let one = |n| vec![(forwarded, format!("203.0.113.{n}")), (own, "198.51.100.9".to_owned())];
    assert_eq!(passing(&router, one).await, 3);

    // Nobody is trusted unless that is said: the peer counts.
    assert_eq!(passing(&limited("false"), chain).await, 3);
}

#[tokio::test]
async fn pages_and_journals_come_from_their_folders_and_old_addresses_lead_to_them() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("pages/principes.md", "+++\ntitle = \"Principes\"\n+++\n# Un\n\n<b>gras</b>");
    write("journaux/site/2026-01-02-debut.md", "+++\ntitle = \"Début\"\n+++\nTexte");
    let with_texts = SiteConfig {
        pages: Some(dir.path().join("pages")),
        journals: Some(dir.path().join("journaux")),
        ..config()
    };
    let router = mqd_site::router(SiteState::new(with_texts, Empty::new(true)));
    let (status, _, page) = get(&router, "/projet/principes/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("&lt;b&gt;gras") && page.contains("id=\"un\""), "{page}");
    let (status, _, feed) = get(&router, "/projet/journal/site/atom.xml").await;
    assert_eq!(status, StatusCode::OK);
    assert!(feed.contains("<updated>2026-01-02T00:00:00Z</updated>"), "{feed}");
    for (old, new) in [
        ("/developpement/", "/projet"),
        ("/developpement/journal/", "/projet/journal"),
        ("/developpement/markdown/principes/", "/projet/principes"),
        ("/developpement/markdown/2026-01-02-debut/", "/projet/journal/site/2026-01-02-debut"),
    ] {
        let (status, headers, _) = get(&router, old).await;
        assert_eq!(status, StatusCode::PERMANENT_REDIRECT, "{old}");
        assert_eq!(headers[header::LOCATION], new);
    }
}
