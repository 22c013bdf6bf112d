//! Every page over a small maquis: snapshots, links, old addresses, both languages.
#![allow(clippy::unwrap_used)]

mod common;

use axum::http::{StatusCode, header};
use common::{fixture::uuid, get, site};
use mqd_site::router;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The part of a page that is its own; hashes of assets aside.
fn content(page: &str) -> &str {
    let start = page.find("<main").unwrap();
    let end = page.find("<footer").unwrap();
    &page[start..end]
}

#[tokio::test]
async fn pages_look_as_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let router = router(site(dir.path()));
    for (name, path) in [
        ("accueil", "/".to_owned()),
        ("problemes", "/vues/problemes".to_owned()),
        ("problemes-filtres", "/vues/problemes?mots=suite&corrige=avec&tri=date".to_owned()),
        ("feuilles", "/vues/feuillesexercices".to_owned()),
        ("concepts", "/vues/listeconcepts".to_owned()),
        ("glossaire", "/vues/glossaire".to_owned()),
        ("semaines", "/vues/semaines".to_owned()),
        ("recents", "/vues/nouveautes".to_owned()),
        ("recherche", "/vues/recherche?q=suite".to_owned()),
        ("maquis", "/vues/maquis".to_owned()),
        ("etat", "/projet/etat".to_owned()),
        ("probleme", format!("/document/{}", uuid(20))),
        ("probleme-cote", format!("/document/{}?vue=cote", uuid(20))),
        ("probleme-hostile", format!("/document/{}", uuid(21))),
        ("feuille", format!("/document/{}", uuid(10))),
        ("feuilleter", format!("/document/{}/feuilleter?n=2", uuid(10))),
        ("source", format!("/document/{}/source", uuid(20))),
        ("cours", format!("/document/{}", uuid(30))),
        ("concept", format!("/concept/{}", uuid(3))),
        ("parcours", format!("/concept/{}/parcours", uuid(6))),
        ("chemin", format!("/vues/chemin?de={}&vers={}", uuid(6), uuid(5))),
        ("voisinage", format!("/concept/{}/voisinage?profondeur=2", uuid(6))),
        ("semaine", format!("/evenement/{}", uuid(60))),
        ("site-web", format!("/site-web/{}", uuid(70))),
        ("page", "/projet/principes".to_owned()),
        ("english", "/en/vues/problemes".to_owned()),
    ] {
        let (status, _, page) = get(&router, &path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        insta::assert_snapshot!(name, content(&page));
    }
    for path in ["/atom.xml", "/sitemap.xml", "/robots.txt", "/opensearch.xml"] {
        let (status, _, body) = get(&router, path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        insta::assert_snapshot!(path.trim_start_matches('/').replace('.', "-"), body);
    }
}

/// A site reads the same whether the API runs in its process or elsewhere.
#[tokio::test]
async fn pages_are_the_same_over_http() {
    let dir = tempfile::tempdir().unwrap();
    let here = router(site(dir.path()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let api = mqd_graphql::router(common::api(common::fixture::store()));
    tokio::spawn(async move { axum::serve(listener, api).await });
    let remote = mqd_site::Http::new(url.parse().unwrap()).unwrap();
    let state = mqd_site::SiteState::new(common::config(dir.path()), std::sync::Arc::new(remote));
    let there = router(state);
    for path in [
        "/".to_owned(),
        "/vues/problemes".to_owned(),
        "/vues/listeconcepts".to_owned(),
        format!("/document/{}", uuid(30)),
        format!("/concept/{}/voisinage?profondeur=2", uuid(6)),
        format!("/evenement/{}", uuid(60)),
    ] {
        let (status, _, page) = get(&there, &path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(content(&page), content(&get(&here, &path).await.2), "{path}");
    }
}

/// From the title page of each language, every link of the site leads to a page, and every anchor
/// to a place of it.
#[tokio::test]
async fn no_link_is_broken() {
    let dir = tempfile::tempdir().unwrap();
    let router = router(site(dir.path()));
    let mut next: VecDeque<String> = ["/".to_owned(), "/en".to_owned()].into();
    let mut pages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut anchors: Vec<(String, String, String)> = Vec::new();
    while let Some(path) = next.pop_front() {
        if pages.contains_key(&path) {
            continue;
        }
        let (status, headers, body) = get(&router, &path).await;
        if status == StatusCode::PERMANENT_REDIRECT {
            next.push_back(headers[header::LOCATION].to_str().unwrap().to_owned());
            pages.insert(path, BTreeSet::new());
            continue;
        }
        assert_eq!(status, StatusCode::OK, "{path}");
        let html = headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html");
        let mut ids = BTreeSet::new();
        if html {
            for id in body.split(" id=\"").skip(1) {
                let id = id.split('"').next().unwrap().to_owned();
                assert!(ids.insert(id.clone()), "{path}: the anchor {id} is there twice");
            }
            for link in body.split(" href=\"").skip(1) {
                let link = link.split('"').next().unwrap().replace("&amp;", "&");
                let (to, anchor) = link.split_once('#').unwrap_or((&link, ""));
                // Files of documents and other programs answer the rest.
                let ours = to.starts_with('/') || to.starts_with('?') || to.is_empty();
                if !ours || to.starts_with("/pdf/") || to == "/graphql" {
                    continue;
                }
                let to = match to {
                    "" => path.clone(),
                    query if query.starts_with('?') => {
                        format!("{}{query}", path.split('?').next().unwrap())
                    }
                    to => to.to_owned(),
                };
                if !anchor.is_empty() {
                    anchors.push((path.clone(), to.clone(), anchor.to_owned()));
                }
                next.push_back(to);
            }
        }
        pages.insert(path, ids);
    }
    for (from, to, anchor) in anchors {
        assert!(pages[&to].contains(&anchor), "{from}: {to} has no place « {anchor} »");
    }
    assert!(pages.len() > 120, "only {} pages were found", pages.len());
}

#[tokio::test]
async fn old_addresses_move_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let router = router(site(dir.path()));
    let week = format!("/evenement/{}", uuid(60));
    for (old, new) in [
        ("/document_11".to_owned(), format!("/document/{}", uuid(20))),
        ("/concept_3".to_owned(), format!("/concept/{}", uuid(3))),
        (format!("/vuesproches/concepts/{}", uuid(3)), format!("/concept/{}", uuid(3))),
        (format!("/vuesproches/semaines/{}", uuid(60)), week.clone()),
        // A right node under a wrong label.
        (format!("/document/{}", uuid(3)), format!("/concept/{}", uuid(3))),
    ] {
        let (status, headers, _) = get(&router, &old).await;
        assert_eq!(status, StatusCode::PERMANENT_REDIRECT, "{old}");
        assert_eq!(headers[header::LOCATION], new.as_str(), "{old}");
    }
    for old in ["problemes", "feuillesexercices", "listecours", "listeconcepts", "nouveautes"] {
        assert_eq!(get(&router, &format!("/vues/{old}/")).await.0, StatusCode::OK, "{old}");
    }
    for old in ["rapidexo", "recherche1", "recherche-cours", "recherche-concepts"] {
        assert_eq!(get(&router, &format!("/vues/{old}/")).await.0, StatusCode::OK, "{old}");
    }
}

#[tokio::test]
async fn the_export_is_whole_incremental_and_without_queries() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let state = site(dir.path());
    let options = mqd_site::ExportOptions::default();
    let first = mqd_site::export(state.clone(), &out, &options).await.unwrap();
    assert!(first.written == first.files && first.pages > 100, "{first:?}");
    // The texts of the fixture name PDFs that nobody holds here.
    assert!(first.broken.iter().all(|path| path.starts_with("/pdf/")), "{:?}", first.broken);
    let page =
        std::fs::read_to_string(out.join(format!("document/{}/index.html", uuid(20)))).unwrap();
    let overview = std::fs::read_to_string(out.join("vues/maquis/index.html")).unwrap();
    assert!(!overview.contains("?genre="));
    assert!(page.contains("/-/vue=cote") && !page.contains("?vue=cote"));
    assert!(out.join(format!("document/{}/-/vue=cote/index.html", uuid(20))).is_file());
    assert!(out.join("404.html").is_file() && out.join("en/index.html").is_file());
    assert!(out.join("vues/index.json").is_file());

    let second = mqd_site::export(state.clone(), &out, &options).await.unwrap();
    assert!(second.unchanged && second.written == 0, "{second:?}");
    std::fs::remove_file(out.join("index.html")).unwrap();
    let forced = mqd_site::ExportOptions { force: true, ..options };
    let third = mqd_site::export(state, &out, &forced).await.unwrap();
    assert_eq!((third.written, third.removed, third.files), (1, 0, first.files));
}
