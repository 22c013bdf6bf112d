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

/// `/semaine_<id>` of the week, by the id that its node has in the graph.
async fn week_by_id(router: &axum::Router) -> String {
    for id in 1..60 {
        let path = format!("/semaine_{id}");
        let (_, headers, _) = get(router, &path).await;
        let to = headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
        if to.is_some_and(|to| to.ends_with(&uuid(60).to_string())) {
            return path;
        }
    }
    panic!("no id leads to the week");
}

/// The texts of a page that are in its own language: pieces between tags and what is read aloud,
/// without what stands in an element of another language.
fn own_texts(page: &str) -> BTreeSet<String> {
    let page = page.split_once("<body>").unwrap().1;
    let mut out = BTreeSet::new();
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let foreign = open.iter().any(|(_, foreign)| *foreign);
        let text = rest[..at].trim();
        if !foreign && text.chars().filter(|c| c.is_alphabetic()).count() > 2 {
            out.insert(text.to_owned());
        }
        let end = at + rest[at..].find('>').unwrap();
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap().to_owned();
        if tag.starts_with('/') {
            while let Some((last, _)) = open.pop() {
                if last == name {
                    break;
                }
            }
            continue;
        }
        let foreign_tag = tag.contains(" lang=\"fr\"")
            || matches!(&*name, "script" | "math" | "pre" | "code" | "kbd");
        for attribute in ["aria-label", "title", "placeholder", "alt"] {
            let value = tag.split(&format!(" {attribute}=\"")).nth(1);
            if let Some(value) = value.filter(|_| !foreign && !foreign_tag) {
                out.insert(value.split('"').next().unwrap().to_owned());
            }
        }
        let alone = ["input", "meta", "link", "br", "hr", "img", "path", "rect", "circle"];
        if !tag.ends_with('/') && !alone.contains(&&*name) {
            open.push((name, foreign_tag));
        }
    }
    out
}

/// What an English page says in the same words as the French one is content, a name, or a word of
/// both languages.
#[tokio::test]
async fn english_pages_have_no_french_left() {
    let dir = tempfile::tempdir().unwrap();
    let router = router(site(dir.path()));
    let english: toml::Table = include_str!("../locales/en.toml").parse().unwrap();
    let mut both: BTreeSet<String> = BTreeSet::new();
    fn values(table: &toml::Table, out: &mut BTreeSet<String>) {
        for value in table.values() {
            match value {
                toml::Value::Table(inner) => values(inner, out),
                toml::Value::String(text) => drop(out.insert(text.to_lowercase())),
                _ => {}
            }
        }
    }
    values(&english, &mut both);
    let content = common::fixture::words();
    let mut left = BTreeSet::new();
    for path in [
        "".to_owned(),
        "/vues/problemes?corrige=avec&tri=date".to_owned(),
        "/vues/documents".to_owned(),
        "/vues/feuillesexercices".to_owned(),
        "/vues/listeconcepts".to_owned(),
        "/vues/glossaire".to_owned(),
        "/vues/semaines".to_owned(),
        "/vues/nouveautes".to_owned(),
        "/vues/recherche?q=suite".to_owned(),
        "/vues/recherche".to_owned(),
        "/vues/maquis".to_owned(),
        "/vues/rapidexo".to_owned(),
        "/vues/chemin".to_owned(),
        "/projet".to_owned(),
        "/projet/etat".to_owned(),
        "/projet/journal".to_owned(),
        "/nulle-part".to_owned(),
        "/vues/problemes?page=x".to_owned(),
        "/vues/problemes?corrige=x".to_owned(),
        "/vues/problemes?depuis=x".to_owned(),
        format!("/concept/{}/voisinage?profondeur=9", uuid(6)),
        format!("/document/{}", uuid(20)),
        format!("/document/{}?vue=cote", uuid(20)),
        format!("/document/{}", uuid(10)),
        format!("/document/{}/feuilleter", uuid(10)),
        format!("/document/{}/source", uuid(20)),
        format!("/document/{}", uuid(30)),
        format!("/concept/{}", uuid(3)),
        format!("/concept/{}/parcours", uuid(6)),
        format!("/concept/{}/voisinage?profondeur=2", uuid(6)),
        format!("/evenement/{}", uuid(60)),
        format!("/site-web/{}", uuid(70)),
    ] {
        let fr = if path.is_empty() { "/" } else { &path };
        let french = own_texts(&get(&router, fr).await.2);
        for text in own_texts(&get(&router, &format!("/en{path}")).await.2) {
            let words = text.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase();
            let known = both.contains(&text.to_lowercase())
                || both.iter().any(|own| own.trim_matches(|c: char| !c.is_alphabetic()) == words)
                || content.iter().any(|word| text.contains(word) || word.contains(&text));
            if french.contains(&text) && !known {
                left.insert(format!("{path}: {text}"));
            }
        }
    }
    assert!(left.is_empty(), "{left:#?}");
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
        (format!("/vuesproches/cours/{}", uuid(30)), format!("/document/{}", uuid(30))),
        (format!("/vuesproches/noeuds/{}", uuid(20)), format!("/document/{}", uuid(20))),
        (week_by_id(&router).await, week.clone()),
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
    let options = mqd_site::ExportOptions { full_text: true, ..Default::default() };
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
    assert!(first.pagefind && out.join("pagefind/pagefind.js").is_file(), "{first:?}");
    assert!(out.join("pagefind/pagefind-entry.json").is_file());

    let second = mqd_site::export(state.clone(), &out, &options).await.unwrap();
    assert!(second.unchanged && second.written == 0, "{second:?}");
    std::fs::remove_file(out.join("index.html")).unwrap();
    let forced = mqd_site::ExportOptions { force: true, ..options };
    let third = mqd_site::export(state, &out, &forced).await.unwrap();
    assert_eq!((third.written, third.removed, third.files), (1, 0, first.files));
}
