//! The filters of a list: what each leaves, what they leave together, and what is said of them.
#![allow(clippy::unwrap_used)]

mod common;

use axum::http::StatusCode;
use common::{config, fixture, fixture::uuid, get, site};
use mqd_model::{Change, ChangeSet, NodeRef, Props, Value};
use mqd_site::{InProcess, SiteState, router};
use std::sync::Arc;

/// The numbers in the fixture of the documents that a page lists, in its order.
fn listed(page: &str) -> Vec<u128> {
    let list = page.split_once("<ul class=\"entries\">").map_or("", |(_, rest)| rest);
    let list = list.split_once("</ul>").map_or(list, |(list, _)| list);
    let open = "<div class=\"title\"><a href=\"/document/";
    let number = |rest: &str| {
        (0..100)
            .find(|n| rest.starts_with(&uuid(*n).to_string()))
            .expect("a document of the fixture")
    };
    list.split(open).skip(1).map(number).collect()
}

/// The fixture with a level on one exercise, and one document without a date.
fn leveled(texts: &std::path::Path) -> SiteState {
    common::texts(texts);
    let store = fixture::store();
    let set = |n: u128, name: &str, value: &str| Change::UpdateNode {
        node: NodeRef::Uuid(uuid(n)),
        set: Props::from([(name.to_owned(), Value::from(value))]),
        unset: Vec::new(),
    };
    let undated = Change::UpdateNode {
        node: NodeRef::Uuid(uuid(40)),
        set: Props::new(),
        unset: vec!["date".to_owned()],
    };
    store.apply(&ChangeSet::new(vec![set(11, "niveau", "MP2I"), undated])).unwrap();
    SiteState::new(config(texts), Arc::new(InProcess::new(common::api(store))))
}

#[tokio::test]
async fn each_filter_leaves_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let router = router(leveled(dir.path()));
    let (suites, matrices, field) = (uuid(1), uuid(2), uuid(6));
    // Days are 2026-03-11 for document 10, -12 for 11 and so on; document 40 has none.
    for (query, left) in [
        (String::new(), vec![10, 11, 12, 13, 20, 21, 30, 40, 50, 51]),
        ("genre=exercice".to_owned(), vec![11, 12]),
        ("genre=cours".to_owned(), vec![30]),
        (format!("theme={suites}"), vec![10, 11, 12, 20]),
        (format!("theme={matrices}"), vec![13]),
        (format!("concept={field}"), vec![30]),
        ("niveau=MP2I".to_owned(), vec![11]),
        ("niveau=autre".to_owned(), vec![]),
        ("corrige=avec".to_owned(), vec![11, 12, 20, 21, 51]),
        ("corrige=sans".to_owned(), vec![10, 13, 30, 40, 50]),
        // A day counts whole at both ends, and what has no date is in no span.
        ("depuis=2026-03-21".to_owned(), vec![20, 21, 50, 51]),
        ("jusque=2026-03-12".to_owned(), vec![10, 11, 30]),
        ("depuis=2026-03-12&jusque=2026-03-13".to_owned(), vec![11, 12]),
        ("jusque=1999-12-31".to_owned(), vec![]),
        ("depuis=2999-01-01".to_owned(), vec![]),
        ("mots=SUITE".to_owned(), vec![10, 20]),
        ("mots=etude+equivalents".to_owned(), vec![20]),
        (format!("theme={suites}&corrige=avec&genre=exercice&jusque=2026-03-12"), vec![11]),
    ] {
        let (status, _, page) = get(&router, &format!("/vues/documents?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}");
        let mut found = listed(&page);
        found.sort_unstable();
        assert_eq!(found, left, "{query}");
        let count = match left.len() {
            0 => "Aucun document".to_owned(),
            1 => "1 document".to_owned(),
            n => format!("{n} documents"),
        };
        assert!(page.contains(&count), "{query}: {count} is not said");
    }
}

#[tokio::test]
async fn each_order_is_the_order_of_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let router = router(leveled(dir.path()));
    for (order, first) in [
        ("", vec![21, 30]),
        ("date", vec![51, 50, 21, 20]),
        ("niveau", vec![11]),
        ("theme", vec![13]),
        ("concept", vec![30]),
        ("genre", vec![30, 11, 12]),
    ] {
        let query = if order.is_empty() { String::new() } else { format!("?tri={order}") };
        let (_, _, page) = get(&router, &format!("/vues/documents{query}")).await;
        let found = listed(&page);
        assert_eq!(found.get(..first.len()).unwrap(), first, "{order}: {found:?}");
        assert_eq!(found.len(), 10, "{order}");
    }
    // What has no date comes last.
    let (_, _, page) = get(&router, "/vues/documents?tri=date").await;
    assert_eq!(listed(&page).last(), Some(&40));
}

/// A page keeps the filters of the page before, and a filter in force can be lifted alone.
#[tokio::test]
async fn filters_stay_in_the_addresses_of_the_page() {
    let dir = tempfile::tempdir().unwrap();
    common::texts(dir.path());
    let source = InProcess::new(common::api(fixture::large(100)));
    let router = router(SiteState::new(config(dir.path()), Arc::new(source)));
    let query = "/vues/problemes?mots=probleme&corrige=avec&tri=date";
    let (_, _, page) = get(&router, query).await;
    assert!(page.contains("100 documents"), "all are counted, whatever one page shows");
    assert_eq!(page.matches("<div class=\"title\">").count(), 40);
    let next = page.split("<link rel=\"next\" href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    for kept in ["mots=probleme", "corrige=avec", "tri=date", "page=2"] {
        assert!(next.contains(kept), "{next}");
    }
    let (status, _, second) = get(&router, &next).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(second.matches("<div class=\"title\">").count(), 40);
    assert!(second.contains("<link rel=\"prev\""), "{next}");
    let (status, _, _) = get(&router, &format!("{query}&page=4")).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "there are three pages");
    let chip = page.split("<a class=\"chip\" href=\"").nth(1).unwrap();
    let lifted = chip.split('"').next().unwrap();
    assert!(!lifted.contains("mots=") && lifted.contains("corrige=avec"), "{lifted}");
}

#[tokio::test]
async fn a_value_that_cannot_be_is_told_on_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let router = router(site(dir.path()));
    for (query, said) in [
        ("corrige=peut-etre", "avec, sans"),
        ("tri=hasard", "titre, date"),
        ("depuis=hier", "jour"),
        ("jusque=2026-02-30", "jour"),
        ("depuis=2026-3-1", "jour"),
        ("genre=roman", "exercice"),
        ("page=0", "page"),
        ("page=-1", "page"),
    ] {
        let (status, _, page) = get(&router, &format!("/vues/documents?{query}")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(page.contains(said), "{query}: {said} is not said");
    }
}
