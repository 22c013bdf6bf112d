//! Two made-up dépôts with different habits, and what the tests ask them.
#![allow(dead_code, clippy::unwrap_used)]

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use mqd_depot::{manifest::Manifest, scan::Scan, source::Files};
use std::{path::Path, sync::Arc};
use tower::ServiceExt as _;

/// A theme is a folder; statements and answers are files of their own, some in latin-1.
pub const FLAT: &str = r#"
[depot]
name = "rapides"
title = "Exercices rapides"
dates = "none"
preambles = ["tete.tex"]
[[kind]]
name = "rapidexo"
label = "Document"
type = "rapidexo"
title = "Rapidexo {theme}/{nom}{n}"
key = "{theme}/{nom}{n}"
preamble = "tete.tex"
files.statement = "{theme}/E{nom:letters}{n:digits}.tex"
files.answer = "{theme}/C{nom:letters}{n:digits}.tex"
[[kind.link]]
relation = "CONTIENT"
from = "liste"
key = "{theme}"
each = { field = "theme" }
[[kind]]
name = "liste"
label = "Document"
type = "liste rapidexo"
title = "Rapidexos {value}"
"#;

/// One folder deeper, English names, answers in folders of their own, no theme list.
pub const DEEP: &str = r#"
[depot]
name = "drills"
dates = "none"
[[kind]]
name = "drill"
label = "Document"
type = "rapidexo"
title = "Drill {unit}-{n}"
key = "{part}/{unit}/{n}"
files.statement = "{part}/{unit}/q/{n}.tex"
files.answer = "{part}/{unit}/a/{n}.tex"
"#;

pub fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Fills a folder with the first dépôt.
pub fn flat(root: &Path) {
    write(root, "depot.toml", FLAT);
    write(
        root,
        "tete.tex",
        "\\documentclass[a4paper]{article}\n\\usepackage[latin1]{inputenc}\n\\usepackage[french]{babel}\n\
         \\usepackage{amsmath,amssymb,stmaryrd}\n\\newcommand{\\R}{\\mathbb{R}}\n%\\begin{document}\n",
    );
    for n in 1..=12 {
        write(
            root,
            &format!("Calcul/Ecalcul{n}.tex"),
            format!("Calculer $\\frac{{{n}}}{{2}}$ dans $\\R$."),
        );
        write(
            root,
            &format!("Calcul/Ccalcul{n}.tex"),
            format!("\\begin{{displaymath}}{n}/2\\end{{displaymath}}"),
        );
    }
    for n in 1..=4 {
        write(
            root,
            &format!("Suites/Esuites{n}.tex"),
            format!("La suite $u_{n}$ est-elle born\\'ee ?"),
        );
        write(root, &format!("Suites/Csuites{n}.tex"), b"Oui, elle converge : c'est pr\xe9vu.");
    }
    // Without an answer.
    write(root, "Suites/Eexo1.tex", b"\xc9tudier la limite de $1/n$.");
}

/// Fills a folder with the second dépôt.
pub fn deep(root: &Path) {
    write(root, "depot.toml", DEEP);
    for n in 1..=3 {
        write(root, &format!("algebra/groups/q/{n}.tex"), format!("Order of $g^{n}$?"));
        write(root, &format!("algebra/groups/a/{n}.tex"), format!("{n}"));
        write(root, &format!("analysis/limits one/q/{n}.tex"), "Limit?");
    }
}

pub fn scan(root: &Path) -> Scan {
    let manifest = Manifest::load(&root.join("depot.toml")).unwrap();
    let files = Files::read(root, &manifest).unwrap();
    Scan::new(Arc::new(manifest), files)
}

/// The dépôt of the corpus that holds quick exercises, when `MQD_CORPUS` says where it is.
pub fn corpus() -> Option<Scan> {
    let Some(corpus) = std::env::var_os("MQD_CORPUS") else {
        println!("skipped: MQD_CORPUS not set");
        return None;
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = here.join("../../tests/corpus/manifests/rapidexos.toml");
    let manifest = Manifest::load(&manifest).unwrap();
    let root = Path::new(&corpus).join(&manifest.name);
    let files = Files::read(&root, &manifest).unwrap();
    Some(Scan::new(Arc::new(manifest), files))
}

pub async fn ask(router: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

pub async fn get(router: &Router, path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path).header("origin", "https://old.example");
    ask(router, request.body(Body::empty()).unwrap()).await
}

pub async fn post(router: &Router, path: &str, body: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::post(path).header("origin", "https://old.example");
    ask(router, request.body(Body::from(body.to_owned())).unwrap()).await
}
