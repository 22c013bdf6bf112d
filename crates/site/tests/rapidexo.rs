//! The pages of quick exercises: from the form to the projector, without any script.
#![allow(clippy::unwrap_used)]

mod common;

use axum::{
    Router,
    http::{StatusCode, header},
};
use common::get;
use mqd_depot::{manifest::Manifest, scan::Scan, source::Files};
use mqd_rapidexo::{Options, Remote, SheetSource, Sheets};
use std::{path::Path, sync::Arc};

const MANIFEST: &str = r#"
[depot]
name = "rapides"
title = "Exercices rapides"
dates = "none"
[[kind]]
name = "rapidexo"
label = "Document"
type = "rapidexo"
title = "{theme} {n}"
key = "{theme}/e{n}"
files.statement = "{theme}/E{n:digits}.tex"
files.answer = "{theme}/C{n:digits}.tex"
"#;

fn sheets(root: &Path) -> Sheets {
    let write = |path: &str, text: String| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("depot.toml", MANIFEST.to_owned());
    for theme in ["Algèbre & co", "Suites"] {
        for n in 1..=9 {
            write(&format!("{theme}/E{n}.tex"), format!("Énoncé $x_{n}<1$ de {theme}"));
            write(&format!("{theme}/C{n}.tex"), format!("Réponse ${n}$"));
        }
    }
    let manifest = Manifest::load(&root.join("depot.toml")).unwrap();
    let files = Files::read(root, &manifest).unwrap();
    Sheets::new(&[Scan::new(Arc::new(manifest), files)], Options::default())
}

fn site(dir: &Path, sheets: SheetSource) -> Router {
    mqd_site::router(common::site(dir).with_sheets(sheets))
}

async fn follow(site: &Router, path: &str) -> (String, String) {
    let (status, headers, _) = get(site, path).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
    let location = headers[header::LOCATION].to_str().unwrap().to_owned();
    let (status, _, page) = get(site, &location).await;
    assert_eq!(status, StatusCode::OK, "{location}");
    (location, page)
}

fn content(page: &str) -> &str {
    &page[page.find("<main").unwrap()..page.find("<footer").unwrap()]
}

const PINNED: &str = "g=essai&t=Suites.2_Alg*C3*A8bre*20*26*20co.1";

#[tokio::test]
async fn pages_look_as_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let site = site(dir.path(), SheetSource::Here(sheets(&dir.path().join("depot"))));
    let (sheet, page) = follow(&site, &format!("/vues/rapidexo/feuille?{PINNED}&titre=DS")).await;
    insta::assert_snapshot!("rapidexo-feuille", content(&page));
    for (name, path) in [
        ("form", "/vues/rapidexo".to_owned()),
        ("une", sheet.replace("/feuille?", "/une?") + "&i=2"),
        ("corriges", sheet.replace("/feuille?", "/corriges?")),
        ("theme", "/vues/rapidexo/theme?theme=Suites".to_owned()),
    ] {
        let (status, _, page) = get(&site, &path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        insta::assert_snapshot!(format!("rapidexo-{name}"), content(&page));
    }
    let (_, _, page) =
        get(&site, &(sheet.replace("/feuille?", "/projecteur?") + "&duree=30")).await;
    assert!(page.contains("http-equiv=\"refresh\" content=\"30;url="));
    insta::assert_snapshot!("rapidexo-projecteur", &page[page.find("<main").unwrap()..]);
}

#[tokio::test]
async fn a_form_leads_to_a_sheet_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let site = site(dir.path(), SheetSource::Here(sheets(&dir.path().join("depot"))));
    let form = "/vues/rapidexo/nouvelle?k.Suites=4&l.Alg%C3%A8bre+%26+co=3+1-2&n=&g=&k.Alg%C3%A8bre+%26+co=";
    let (address, page) = follow(&site, form).await;
    assert_eq!(page.matches("class=\"exercise\"").count(), 7);
    let again = get(&site, &address).await.2;
    assert_eq!(content(&page), content(&again));
    // Another draw is another sheet; the same seed the same.
    assert_ne!(follow(&site, form).await.0, address);
    let seeded = "/vues/rapidexo/nouvelle?n=5&g=abc";
    assert_eq!(follow(&site, seeded).await.0, follow(&site, seeded).await.0);
    // Changes lead to new addresses and leave the others in place.
    let (changed, after) = follow(&site, &format!("{address}&op=r2")).await;
    assert_ne!(changed, address);
    let paths = |page: &str| -> Vec<String> {
        page.split("class=\"ref\">").skip(1).map(|p| p.split('<').next().unwrap().into()).collect()
    };
    let (before, after) = (paths(&page), paths(&after));
    let kept: Vec<bool> = before.iter().zip(&after).map(|(a, b)| a == b).collect();
    assert_eq!(kept, [true, false, true, true, true, true, true]);
    let (_, shuffled) = follow(&site, &format!("{changed}&op=s")).await;
    let mut paths = paths(&shuffled);
    assert_ne!(paths, after);
    paths.sort();
    let mut after = after;
    after.sort();
    assert_eq!(paths, after);
}

#[tokio::test]
async fn what_cannot_be_is_said_on_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let site = site(dir.path(), SheetSource::Here(sheets(&dir.path().join("depot"))));
    let (status, _, page) = get(&site, "/vues/rapidexo/nouvelle?k.Suites=10").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Le thème « Suites » a 9 exercices, 10 sont demandés."));
    assert!(page.contains("name=\"k.Suites\" min=\"0\" max=\"9\" value=\"10\""));
    let (_, headers, _) = get(&site, &format!("/vues/rapidexo/feuille?{PINNED}")).await;
    let sheet = headers[header::LOCATION].to_str().unwrap();
    let one = sheet.replace("/feuille?", "/une?");
    let projector = sheet.replace("/feuille?", "/projecteur?");
    for (path, wanted) in [
        ("/vues/rapidexo/feuille?t=Nul.1".to_owned(), 422),
        ("/vues/rapidexo/feuille?c=0123456789&g=a&n=3".to_owned(), 404),
        ("/vues/rapidexo/feuille?g=%3Cscript%3E&c=0123456".to_owned(), 422),
        (format!("{sheet}&op=r9"), 422),
        (format!("{sheet}&op=x&ajout=Suites&liste=99"), 422),
        (format!("{one}&i=4"), 404),
        (format!("{one}&i=0"), 422),
        (format!("{projector}&duree=7"), 422),
        ("/vues/rapidexo/theme?theme=Nul".to_owned(), 422),
    ] {
        assert_eq!(get(&site, &path).await.0.as_u16(), wanted, "{path}");
    }
    // A change that cannot be made leaves the sheet on the page, with the reason.
    let (_, _, page) = get(&site, &format!("{sheet}&op=x&ajout=Suites&liste=99")).await;
    assert!(page.contains("n’est pas un exercice du thème « Suites »"), "{page}");
    assert_eq!(page.matches("class=\"exercise\"").count(), 3);
    let (_, _, page) = get(&site, "/vues/rapidexo?l.Suites=%22%3E%3Cscript%3Ealert(1)").await;
    assert!(!page.contains("<script>alert"));
}

/// The same pages when the sheet server runs elsewhere.
#[tokio::test]
async fn pages_are_the_same_over_http() {
    let dir = tempfile::tempdir().unwrap();
    let own = sheets(&dir.path().join("depot"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = mqd_rapidexo::router(own.clone());
    tokio::spawn(async move { axum::serve(listener, server).await });
    let remote = SheetSource::There(Remote::new(url.parse().unwrap()).unwrap());
    let (here, there) = (site(dir.path(), SheetSource::Here(own)), site(dir.path(), remote));
    let (sheet, _) = follow(&there, &format!("/vues/rapidexo/feuille?{PINNED}")).await;
    let overleaf = sheet.replace("/feuille?", "/overleaf?");
    let theme = "/vues/rapidexo/theme?theme=Suites";
    for path in ["/vues/rapidexo", &sheet, "/en/vues/rapidexo", theme, &overleaf] {
        let mine = get(&here, path).await.2;
        let theirs = get(&there, path).await.2.replace(&format!("{url}/api"), "/api");
        assert_eq!(content(&mine), content(&theirs), "{path}");
    }
    let (status, _, page) = get(&there, "/vues/rapidexo/nouvelle?k.Suites=10").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("a 9 exercices"));
    let nobody = SheetSource::There(Remote::new("http://127.0.0.1:9".parse().unwrap()).unwrap());
    let alone = site(dir.path(), nobody);
    // The themes can still be read: a notice says what is away.
    for path in ["/vues/rapidexo", theme, &sheet, &overleaf, "/vues/rapidexo/nouvelle?n=3"] {
        let (status, _, page) = get(&alone, path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(page.contains("ne répond pas pour le moment"), "{path}: {page}");
    }
}

/// The sources go to Overleaf in a form, from the reader's browser.
#[tokio::test]
async fn a_sheet_is_carried_to_overleaf() {
    let dir = tempfile::tempdir().unwrap();
    let site = site(dir.path(), SheetSource::Here(sheets(&dir.path().join("depot"))));
    let (sheet, page) = follow(&site, &format!("/vues/rapidexo/feuille?{PINNED}")).await;
    let path = sheet.replace("/feuille?", "/overleaf?");
    assert!(page.contains(&format!("href=\"{}\"", path.replace('&', "&#38;"))), "{page}");
    let (status, headers, page) = get(&site, &path).await;
    assert_eq!(status, StatusCode::OK);
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://www.overleaf.com;"), "{policy}");
    assert!(page.contains("<form method=\"post\" action=\"https://www.overleaf.com/docs\""));
    let names: Vec<&str> = page
        .split("name=\"snip_name[]\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(names, ["enonces.tex", "corriges.tex"]);
    let start = "name=\"snip_uri[]\" value=\"data:application/x-tex;base64,";
    let first = page.split(start).nth(1).unwrap().split('"').next().unwrap();
    use base64::Engine as _;
    let latex = base64::engine::general_purpose::STANDARD.decode(first).unwrap();
    let latex = String::from_utf8(latex).unwrap();
    assert!(latex.starts_with("\\documentclass") && latex.contains("Énoncé $x_"), "{latex}");
    // Other pages send nothing there.
    let (_, headers, _) = get(&site, &sheet).await;
    assert!(!headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("overleaf"));
}
