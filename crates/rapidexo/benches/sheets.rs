//! What a sheet costs: routes of the sheet server in the router, over the corpus when `MQD_CORPUS`
//! says where it is, else over as many made-up exercises.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use axum::{Router, body::Body, http::Request};
use divan::Bencher;
use mqd_rapidexo::{Address, Exercise, Exercises, Library, Options, Sheets, Shelf, Theme};
use std::sync::{Arc, LazyLock};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

fn main() {
    divan::main();
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static SHEETS: LazyLock<Sheets> = LazyLock::new(|| match common::corpus() {
    Some(scan) => Sheets::new(&[scan], Options::default()),
    None => Sheets::of(vec![Arc::new(Library::new(made_up()))], Options::default()),
});
static ROUTER: LazyLock<Router> = LazyLock::new(|| mqd_rapidexo::router(SHEETS.clone()));

fn made_up() -> Exercises {
    let exercise = |t: usize, n: usize| {
        let statement = format!("Calculer $\\int_0^{n} \\frac{{x^{t}}}{{1+x^2}}\\,dx$.");
        let answer = format!("$\\frac{{{n}}}{{{t}}}$");
        Exercise::new(
            format!("e{n}"),
            (format!("T{t}/E{n}.tex"), statement.into()),
            Some((format!("T{t}/C{n}.tex"), answer.into())),
        )
    };
    let themes = (0..8)
        .map(|t| Theme {
            name: format!("T{t}"),
            title: format!("T{t}"),
            exercises: (1..120).map(|n| exercise(t, n)).collect(),
        })
        .collect();
    let none = (String::new(), "".into());
    Exercises::new("d".into(), "D".into(), themes, none, Shelf::default())
}

fn get(path: &str) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = RUNTIME.block_on(ROUTER.clone().oneshot(request)).unwrap();
    assert!(response.status().is_success(), "{path}");
}

/// The old route: thirty paths of three themes.
#[divan::bench]
fn get_refs(bencher: Bencher) {
    let exercises = SHEETS.library(None).unwrap().current();
    let names: Vec<String> =
        exercises.themes.iter().take(3).map(|theme| format!("{}=10", theme.name)).collect();
    let path = format!("/getREFS?{}", names.join("&"));
    bencher.bench(|| get(&path));
}

/// A sheet of thirty as data for its page, its exercises converted already.
#[divan::bench]
fn sheet(bencher: Bencher) {
    get("/api/rapidexo/feuille?g=bench&n=30");
    bencher.bench(|| get("/api/rapidexo/feuille?g=bench&n=30"));
}

/// The same as LaTeX.
#[divan::bench]
fn latex(bencher: Bencher) {
    bencher.bench(|| get("/api/rapidexo/enonces.tex?g=bench&n=30"));
}

/// A draw alone.
#[divan::bench]
fn draw(bencher: Bencher) {
    let address = Address::parse("g=bench&n=30").unwrap();
    bencher.bench(|| SHEETS.sheet(address.clone()).unwrap());
}
