//! The contract of the old sheet server, route by route.
#![allow(clippy::unwrap_used)]

mod common;

use axum::{Router, http::StatusCode};
use common::{deep, flat, get, post, scan};
use mqd_rapidexo::{Options, Sheets, router};
use serde_json::Value;
use std::collections::BTreeSet;

fn server(root: &std::path::Path) -> Router {
    flat(root);
    router(Sheets::new(&[scan(root)], Options::default()))
}

fn decoded(text: &Value) -> String {
    percent_encoding::percent_decode_str(text.as_str().unwrap()).decode_utf8().unwrap().into_owned()
}

#[tokio::test]
async fn get_refs() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path());
    for nothing in ["/getREFS", "/getREFS?Calcul=0", "/getREFS?Calcul=-3&Suites=0"] {
        let (status, headers, body) = get(&server, nothing).await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, "[]"), "{nothing}");
        assert_eq!(headers["access-control-allow-origin"], "*");
    }
    let mut orders = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for _ in 0..60 {
        let (status, _, body) = get(&server, "/getREFS?Calcul=4&Suites=1").await;
        assert_eq!(status, StatusCode::OK);
        let paths: Vec<String> = serde_json::from_str(&body).unwrap();
        assert_eq!(paths.iter().filter(|path| path.starts_with("Calcul/E")).count(), 4);
        assert_eq!(paths.len(), 5);
        seen.extend(paths.clone());
        orders.insert(paths);
    }
    assert!(orders.len() > 30);
    // Every exercise can be drawn, the last of each theme too.
    assert_eq!(seen.len(), 12 + 5, "{seen:?}");
    let (_, _, all) = get(&server, "/getREFS?Suites=5").await;
    assert_eq!(serde_json::from_str::<Vec<String>>(&all).unwrap().len(), 5);

    for (path, theme, available) in [
        ("/getREFS?Calcul=13", "Calcul", Some(12)),
        ("/getREFS?Suites=6&Calcul=1", "Suites", Some(5)),
        ("/getREFS?Nulle=1", "Nulle", None),
        ("/getREFS?Calcul=quatre", "", None),
        ("/getREFS?Calcul=99999999999999999999", "", None),
        ("/getREFS?Calcul=4000000000", "Calcul", Some(12)),
    ] {
        let (status, _, body) = get(&server, path).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["theme"].as_str().unwrap_or_default(), theme, "{path}");
        assert_eq!(body["available"].as_u64(), available, "{path}");
        assert!(body["error"].as_str().unwrap().contains(theme));
    }
}

#[tokio::test]
async fn get_compil_and_its_tex() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path());
    let list = r#"["Suites/Esuites2.tex", "Calcul/Ecalcul11.tex", "Suites/Eexo1.tex"]"#;
    let (status, _, body) = post(&server, "/getCOMPIL", list).await;
    assert_eq!(status, StatusCode::OK);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["level"], 2);
    let (statements, answers) = (decoded(&body["latex_urlstrE"]), decoded(&body["latex_urlstrC"]));
    assert!(statements.contains("(Suites/Esuites2.tex)") && statements.contains("Étudier"));
    assert!(statements.contains("Rapidexo: énoncés") && answers.contains("Rapidexo: corrigés"));
    assert!(answers.contains("(Suites/Csuites2.tex)") && answers.contains("c'est prévu"));
    assert!(answers.contains("11/2") && !statements.contains("11/2"));
    insta::assert_snapshot!("old-statements", statements);

    let id = body["id_session"].as_str().unwrap();
    for (route, text) in [("getPDF", &statements), ("getCorrPDF", &answers)] {
        let (status, headers, tex) = get(&server, &format!("/{route}/{id}")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["content-type"], "text/x-tex");
        assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(&tex, text);
    }
    for unknown in ["7d444840-9dc0-11d1-b245-5ffdce74fad2", "x", "..%2f..%2fetc%2fpasswd"] {
        let (status, _, body) = get(&server, &format!("/getPDF/{unknown}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(serde_json::from_str::<Value>(&body).unwrap()["error"].is_string());
    }
}

#[tokio::test]
async fn hostile_bodies_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path());
    let many = serde_json::to_string(&vec!["Calcul/Ecalcul1.tex"; 501]).unwrap();
    for body in [
        "",
        "{}",
        "[1]",
        "\"Calcul/Ecalcul1.tex\"",
        "[\"../../etc/passwd\"]",
        "[\"tete.tex\"]",
        "[\"Calcul/Ccalcul1.tex\"]",
        "[\"Calcul/Ecalcul1.tex\", \"Calcul/Ecalcul99.tex\"]",
        many.as_str(),
    ] {
        let (status, _, answer) = post(&server, "/getCOMPIL", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body:.80}");
        assert!(serde_json::from_str::<Value>(&answer).unwrap()["error"].is_string());
    }
    let large = format!("[\"{}\"]", "x".repeat(300 * 1024));
    assert!(post(&server, "/getCOMPIL", &large).await.0.is_client_error());
}

#[tokio::test]
async fn latex_of_one_exercise() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path());
    for (path, text) in [
        ("Suites/Eexo1.tex", "Étudier la limite de $1/n$."),
        ("Suites/Csuites1.tex", "Oui, elle converge : c'est prévu."),
    ] {
        let (status, headers, body) = post(&server, "/LATEX", &format!("\"{path}\"")).await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, text));
        assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
    }
    for path in ["tete.tex", "depot.toml", "../x", "Calcul", "", "Calcul/Ecalcul1.tex/../../x"] {
        let (status, _, _) = post(&server, "/LATEX", &format!("\"{path}\"")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(post(&server, "/LATEX", "3").await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn another_teachers_depot_works_through_its_manifest() {
    let dir = tempfile::tempdir().unwrap();
    deep(dir.path());
    let server = router(Sheets::new(&[scan(dir.path())], Options::default()));
    let (status, _, body) = get(&server, "/getREFS?algebra%2Fgroups%2Fq=3").await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let (status, _, sheet) = post(&server, "/getCOMPIL", &body).await;
    assert_eq!(status, StatusCode::OK);
    let sheet: Value = serde_json::from_str(&sheet).unwrap();
    assert!(decoded(&sheet["latex_urlstrC"]).contains("(algebra/groups/a/2.tex)"));
}

/// Each exercise of the corpus can be drawn, as often as any other of its theme.
#[tokio::test]
async fn the_corpus_is_drawn_uniformly() {
    let Some(scan) = common::corpus() else { return };
    let sheets = Sheets::new(&[scan], Options::default());
    let exercises = sheets.library(None).unwrap().current();
    println!("{} exercises in {} themes", exercises.count(), exercises.themes.len());
    for theme in &exercises.themes {
        let size = theme.exercises.len();
        let mut seen = vec![0_u32; size];
        let (rounds, each) = (size * 6, 10.min(size));
        for seed in 0..rounds {
            let themes = vec![(theme.name.clone(), each as u32)];
            let ask = mqd_rapidexo::Ask { themes, ..mqd_rapidexo::Ask::default() };
            for place in mqd_rapidexo::draw(&exercises, &ask, &seed.to_string()).unwrap() {
                seen[place.exercise] += 1;
            }
        }
        assert!(seen.iter().all(|n| *n > 0), "{}", theme.name);
        let expected = (rounds * each) as f64 / size as f64;
        let chi: f64 = seen.iter().map(|n| (f64::from(*n) - expected).powi(2) / expected).sum();
        // χ² with k degrees of freedom has mean k and variance 2k; five deviations.
        let k = (size - 1) as f64;
        assert!((chi - k).abs() < 5.0 * (2.0 * k).sqrt(), "{}: χ² {chi} for {k}", theme.name);
    }
}
