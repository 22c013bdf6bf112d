//! What machines read in a page: the relations of a document as JSON-LD, previews, one canonical
//! address; and nothing that keeps a browser from its first paint.
#![allow(clippy::unwrap_used)]

mod common;

use common::{fixture::uuid, get, site};
use mqd_site::router;
use serde_json::{Value, json};

/// The values of an attribute in the tags of a name, in the head of a page.
fn tags<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let head = page.split_once("</head>").unwrap().0;
    head.split(&format!("<{name} ")).skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let open = format!("{name}=\"");
    tag.split_once(&open).and_then(|(_, rest)| rest.split('"').next())
}

fn property(page: &str, name: &str) -> String {
    let tags = tags(page, "meta");
    let found: Vec<_> =
        tags.iter().filter(|tag| attribute(tag, "property") == Some(name)).collect();
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    attribute(found[0], "content").unwrap().to_owned()
}

fn json_ld(page: &str) -> Value {
    let open = "<script type=\"application/ld+json\">";
    let text = page.split_once(open).expect("a page of a document has JSON-LD").1;
    serde_json::from_str(text.split_once("</script>").unwrap().0).unwrap()
}

fn terms(list: &Value) -> Vec<&str> {
    let all = list.as_array().into_iter().flatten();
    all.map(|term| {
        assert_eq!(term["@type"], "DefinedTerm");
        term["name"].as_str().unwrap()
    })
    .collect()
}

#[tokio::test]
async fn the_relations_of_a_document_are_told_as_schema_org_has_them() {
    let dir = tempfile::tempdir().unwrap();
    let router = router(site(dir.path()));
    let (_, _, page) = get(&router, &format!("/document/{}", uuid(20))).await;
    let problem = json_ld(&page);
    assert_eq!(problem["@context"], "https://schema.org");
    assert_eq!(problem["@type"], "LearningResource");
    assert_eq!(problem["learningResourceType"], "problème");
    assert_eq!(problem["name"], "Étude d’une suite");
    assert_eq!(problem["inLanguage"], "fr");
    assert_eq!(problem["url"], format!("https://essai.example/document/{}", uuid(20)));
    assert_eq!(problem["author"], json!({ "@type": "Person", "name": "Une autrice" }));
    assert_eq!(problem["dateModified"], "2026-03-21");
    assert!(problem["license"].as_str().unwrap().starts_with("https://creativecommons.org/"));
    assert_eq!(terms(&problem["assesses"]), ["suites"]);
    assert_eq!(terms(&problem["competencyRequired"]), ["anneau"]);
    assert!(problem.get("teaches").is_none());
    let (_, _, page) = get(&router, &format!("/document/{}", uuid(30))).await;
    let course = json_ld(&page);
    let mut taught = terms(&course["teaches"]);
    taught.sort_unstable();
    taught.dedup();
    assert_eq!(taught, ["anneau", "anneau, intègre", "corps"]);
    assert!(course.get("assesses").is_none());
    // A title that would close the script.
    let (_, _, page) = get(&router, &format!("/document/{}", uuid(21))).await;
    assert_eq!(json_ld(&page)["name"], "<script>alert(1)</script>");
}

#[tokio::test]
async fn every_kind_of_page_can_be_shared_and_has_one_address() {
    let dir = tempfile::tempdir().unwrap();
    let router = router(site(dir.path()));
    for (path, title, kind) in [
        ("/".to_owned(), "Maquis d’essai", "website"),
        ("/vues/problemes".to_owned(), "Problèmes", "website"),
        (format!("/document/{}", uuid(20)), "Étude d’une suite", "article"),
        (format!("/concept/{}", uuid(3)), "anneau", "article"),
        (format!("/evenement/{}", uuid(60)), "semaine 1", "website"),
    ] {
        let (_, _, page) = get(&router, &path).await;
        assert!(property(&page, "og:title").contains(title), "{path}: {title}");
        assert_eq!(property(&page, "og:type"), kind, "{path}");
        assert!(!property(&page, "og:description").is_empty(), "{path}");
        assert_eq!(property(&page, "og:site_name"), "Maquis d’essai", "{path}");
        assert_eq!(property(&page, "og:locale"), "fr_FR", "{path}");
        let canonical = tags(&page, "link").into_iter();
        let canonical: Vec<_> =
            canonical.filter(|tag| attribute(tag, "rel") == Some("canonical")).collect();
        let whole = format!("https://essai.example{path}");
        assert_eq!(canonical.len(), 1, "{path}");
        assert_eq!(attribute(canonical[0], "href"), Some(whole.as_str()));
        assert_eq!(property(&page, "og:url"), whole);
        let english = format!("/en{}", if path == "/" { "" } else { &path });
        let (_, _, page) = get(&router, &english).await;
        assert_eq!(property(&page, "og:locale"), "en_GB", "{english}");
        assert_eq!(property(&page, "og:url"), format!("https://essai.example{english}"));
    }
}

/// A script that is fetched is deferred, so that no page waits for it before it is painted; the one
/// inside the page is the few bytes that set the remembered theme.
#[tokio::test]
async fn no_page_waits_for_a_script_before_it_is_painted() {
    let dir = tempfile::tempdir().unwrap();
    let router = router(site(dir.path()));
    for path in [
        "/".to_owned(),
        "/vues/problemes".to_owned(),
        "/vues/recherche?q=suite".to_owned(),
        "/vues/maquis".to_owned(),
        "/vues/rapidexo".to_owned(),
        format!("/document/{}", uuid(20)),
        format!("/document/{}", uuid(30)),
        format!("/document/{}/feuilleter", uuid(10)),
        format!("/concept/{}", uuid(6)),
        format!("/concept/{}/voisinage", uuid(6)),
        format!("/evenement/{}", uuid(60)),
        "/nulle-part".to_owned(),
    ] {
        let (_, _, page) = get(&router, &path).await;
        let mut inside = 0;
        for tag in page.split("<script").skip(1) {
            let (attributes, rest) = tag.split_once('>').unwrap();
            if attributes.contains(" src=") {
                assert!(attributes.contains(" defer"), "{path}: {attributes}");
                assert!(attributes.contains(" src=\"/"), "{path}: a script from elsewhere");
            } else if !attributes.contains("application/ld+json") {
                inside += 1;
                assert!(rest.split_once("</script>").unwrap().0.len() < 256, "{path}");
            }
        }
        assert_eq!(inside, 1, "{path}: only the theme is set inside the page");
        let sheets = tags(&page, "link").into_iter();
        let sheets: Vec<_> =
            sheets.filter(|tag| attribute(tag, "rel") == Some("stylesheet")).collect();
        assert!(!sheets.is_empty() && sheets.len() <= 3, "{path}: {sheets:?}");
        for sheet in sheets {
            assert!(attribute(sheet, "href").unwrap().starts_with("/assets/css/"), "{path}");
        }
    }
}
