//! Repositories of other teachers: one folder level less, one more, other names. Each works through
//! a manifest of its own, and through the one that `init` proposes.
#![allow(clippy::unwrap_used)]

mod common;

use axum::http::StatusCode;
use common::{get, post, scan, write};
use mqd_rapidexo::{Options, Sheets, router};
use std::{collections::BTreeSet, path::Path};

struct Shape {
    what: &'static str,
    /// Paths of the statement and the answer of exercise `n` of a unit.
    files: fn(unit: &str, n: usize) -> (String, String),
    units: &'static [&'static str],
    /// How a manifest says it.
    statement: &'static str,
    answer: &'static str,
    key: &'static str,
    /// What the units are called as themes.
    themes: &'static [&'static str],
}

const SHAPES: &[Shape] = &[
    Shape {
        what: "a folder for each theme",
        files: |unit, n| (format!("{unit}/E{n}.tex"), format!("{unit}/C{n}.tex")),
        units: &["algebre", "analyse"],
        statement: "{theme}/E{n:digits}.tex",
        answer: "{theme}/C{n:digits}.tex",
        key: "{theme}/{n}",
        themes: &["algebre", "analyse"],
    },
    Shape {
        what: "one level less",
        files: |unit, n| (format!("{unit}_{n}_enonce.tex"), format!("{unit}_{n}_solution.tex")),
        units: &["algebre", "analyse"],
        statement: "{unite:letters}_{n:digits}_enonce.tex",
        answer: "{unite:letters}_{n:digits}_solution.tex",
        key: "{unite}_{n}",
        themes: &["algebre", "analyse"],
    },
    Shape {
        what: "one level more",
        files: |unit, n| {
            (format!("{unit}/question-{n:02}.tex"), format!("{unit}/reponse-{n:02}.tex"))
        },
        units: &["algebre/anneaux", "algebre/groupes", "analyse/suites réelles"],
        statement: "{partie}/{chapitre}/question-{n:digits}.tex",
        answer: "{partie}/{chapitre}/reponse-{n:digits}.tex",
        key: "{partie}/{chapitre}/{n}",
        themes: &["algebre/anneaux", "algebre/groupes", "analyse/suites réelles"],
    },
];

const EACH: usize = 12;

fn fill(root: &Path, shape: &Shape) {
    write(root, "macros.tex", "\\documentclass{article}\n\\newcommand{\\R}{\\mathbb{R}}\n");
    for unit in shape.units {
        for n in 1..=EACH {
            let (statement, answer) = (shape.files)(unit, n);
            write(root, &statement, format!("Question {n} de {unit} dans $\\R$ ?"));
            write(root, &answer, format!("Réponse {n} de {unit}."));
        }
    }
}

/// Draws, reads and takes away, through the old routes and the new.
async fn check(root: &Path, shape: &Shape, how: &str) {
    let what = format!("{}, {how}", shape.what);
    let server = router(Sheets::new(&[scan(root)], Options::default()));
    let (_, _, depots) = get(&server, "/api/rapidexo/themes").await;
    let depots: serde_json::Value = serde_json::from_str(&depots).unwrap();
    let themes: Vec<(&str, u64)> = depots[0]["themes"]
        .as_array()
        .unwrap_or_else(|| panic!("{what}: no exercises: {depots}"))
        .iter()
        .map(|theme| (theme["name"].as_str().unwrap(), theme["count"].as_u64().unwrap()))
        .collect();
    let wanted: Vec<(&str, u64)> = shape.themes.iter().map(|name| (*name, EACH as u64)).collect();
    assert_eq!(themes, wanted, "{what}");

    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(shape.themes.iter().map(|theme| (*theme, EACH.to_string())))
        .finish();
    let (status, _, refs) = get(&server, &format!("/getREFS?{query}")).await;
    assert_eq!(status, StatusCode::OK, "{what}: {refs}");
    let drawn: BTreeSet<String> = serde_json::from_str(&refs).unwrap();
    let all: BTreeSet<String> =
        shape.units.iter().flat_map(|u| (1..=EACH).map(|n| (shape.files)(u, n).0)).collect();
    assert_eq!(drawn, all, "{what}");
    let (status, _, sheet) = post(&server, "/getCOMPIL", &refs).await;
    assert_eq!(status, StatusCode::OK, "{what}");
    let sheet: serde_json::Value = serde_json::from_str(&sheet).unwrap();
    let answers = sheet["latex_urlstrC"].as_str().unwrap();
    let answers = percent_encoding::percent_decode_str(answers).decode_utf8().unwrap();
    assert!(answers.contains("\\newcommand{\\R}"), "{what}: {answers}");
    for unit in shape.units {
        assert!(answers.contains(&format!("Réponse {EACH} de {unit}.")), "{what}: {unit}");
    }
    // By its number in the theme.
    let theme: String = url::form_urlencoded::byte_serialize(shape.themes[0].as_bytes()).collect();
    let (_, _, whole) = get(&server, &format!("/api/rapidexo/nouvelle?l.{theme}=7+11-12")).await;
    let whole: serde_json::Value = serde_json::from_str(&whole).unwrap();
    let address = whole["address"].as_str().unwrap_or_else(|| panic!("{what}: {whole}"));
    let (_, _, json) = get(&server, &format!("/api/rapidexo/feuille.json?{address}")).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    for (at, n) in [7, 11, 12].into_iter().enumerate() {
        let (statement, answer) = (shape.files)(shape.units[0], n);
        assert_eq!(json["exercises"][at]["path"], statement, "{what}");
        assert_eq!(json["exercises"][at]["answer_path"], answer, "{what}");
    }
}

#[tokio::test]
async fn a_manifest_says_where_the_exercises_are() {
    for shape in SHAPES {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path(), shape);
        let Shape { statement, answer, key, .. } = shape;
        let manifest = format!(
            "[depot]\nname = \"drills\"\ndates = \"none\"\npreambles = [\"macros.tex\"]\n\
             [[kind]]\nname = \"drill\"\nlabel = \"Document\"\ntype = \"rapidexo\"\n\
             title = \"Drill {key}\"\nkey = \"{key}\"\n\
             files.statement = \"{statement}\"\nfiles.answer = \"{answer}\"\n"
        );
        write(dir.path(), "depot.toml", manifest);
        check(dir.path(), shape, "its own manifest").await;
    }
}

#[tokio::test]
async fn init_proposes_such_a_manifest() {
    for shape in SHAPES {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("mes-rapidexos");
        fill(&root, shape);
        std::fs::create_dir_all(root.join(".git")).unwrap();
        let mut proposed = mqd_depot::init::propose(&root).unwrap().depots;
        assert_eq!(proposed.len(), 1, "{}", shape.what);
        let manifest = proposed.remove(0).manifest;
        write(&root, "depot.toml", &manifest);
        check(&root, shape, &manifest).await;
    }
}
