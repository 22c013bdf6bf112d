//! A small maquis for the tests: every label, every kind that a view shows, a title that bites.
#![allow(dead_code, unused_imports, clippy::unwrap_used)]

pub mod fixture;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use mqd_depot::Maquis;
use mqd_graphql::{Api, Config};
use mqd_site::{Credit, GraphSource, InProcess, RateLimit, SiteConfig, SiteState};
use mqd_store::Store;
use std::{path::Path, sync::Arc};
use tower::ServiceExt as _;

/// The API over a store.
pub fn api(store: Store) -> Api {
    let maquis = Arc::new(Maquis::open(store).unwrap());
    Api::new(maquis, Arc::new(fixture::Texts), Config::default())
}

/// A source over the fixture.
pub fn source() -> Arc<dyn GraphSource> {
    Arc::new(InProcess::new(api(fixture::store())))
}

/// The configuration of the fixture's site, with its texts in a folder.
pub fn config(texts: &Path) -> SiteConfig {
    SiteConfig {
        title: "Maquis d’essai".to_owned(),
        author: "Une autrice".to_owned(),
        base_url: "https://essai.example".to_owned(),
        credits: vec![Credit { text: "Une source".to_owned(), url: None }],
        pages: Some(texts.join("pages")),
        journals: Some(texts.join("journaux")),
        rate: RateLimit { per_second: 0, burst: 0 },
        ..SiteConfig::default()
    }
}

/// Writes the pages and the journal of the fixture.
pub fn texts(dir: &Path) {
    let write = |path: &str, text: &str| {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "pages/principes.md",
        "+++\ntitle = \"Principes\"\ndescription = \"Pourquoi ce site\"\n+++\n# Idée\n\nRelier : d'abord.\n\n## Suite\n\nVoir [le site](/projet/site).\n",
    );
    write("pages/site.md", "+++\ntitle = \"Le site\"\n+++\nTexte.\n");
    write("journaux/essais/index.md", "+++\ntitle = \"Journal des essais\"\n+++\n");
    write("journaux/essais/2026-01-02-un.md", "+++\ntitle = \"Un\"\n+++\nPremier.\n");
    write("journaux/essais/2026-02-03-deux.md", "+++\ntitle = \"Deux\"\n+++\nSecond.\n");
}

/// The site over the fixture.
pub fn site(texts_in: &Path) -> SiteState {
    texts(texts_in);
    SiteState::new(config(texts_in), source())
}

/// The answer to a GET.
pub async fn get(router: &Router, path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}
