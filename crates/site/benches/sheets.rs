//! What the page of a sheet of thirty costs, made anew each time: over the corpus when `MQD_CORPUS`
//! says where it is, else over a small dépôt. `cargo bench -p mqd-rapidexo -p mqd-site --bench sheets`
//! prints this with what the sheet server itself costs.
#![allow(clippy::unwrap_used)]

#[path = "../../rapidexo/tests/common/mod.rs"]
mod exercises;

#[path = "../tests/common/mod.rs"]
mod common;

use axum::{Router, body::Body, http::Request};
use divan::Bencher;
use mqd_depot::scan::Scan;
use mqd_rapidexo::{Options, SheetSource, Sheets};
use mqd_site::SiteState;
use std::{path::Path, sync::LazyLock};
use tower::ServiceExt as _;

fn main() {
    divan::main();
}

static SCAN: LazyLock<Scan> = LazyLock::new(|| {
    exercises::corpus().unwrap_or_else(|| {
        let folder = tempfile::tempdir().unwrap();
        exercises::flat(folder.path());
        exercises::scan(folder.path())
    })
});

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A site that keeps no page, and the address of a sheet on it.
fn site() -> (Router, String) {
    let mut config = common::config(Path::new("/nowhere"));
    (config.pages, config.journals, config.cache_bytes) = (None, None, 0);
    let sheets = Sheets::new(std::slice::from_ref(&SCAN), Options::default());
    let count = sheets.library(None).unwrap().current().count().min(30);
    let pairs = [("g".to_owned(), "bench".to_owned()), ("n".to_owned(), count.to_string())];
    let address = sheets.start(&pairs).unwrap();
    let state = SiteState::new(config, common::source()).with_sheets(SheetSource::Here(sheets));
    (mqd_site::router(state), format!("/vues/rapidexo/feuille?{address}"))
}

async fn get(router: &Router, path: &str) -> usize {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    assert!(response.status().is_success(), "{path}");
    axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().len()
}

/// The page, its exercises converted before.
#[divan::bench]
fn page(bencher: Bencher<'_, '_>) {
    let (runtime, (router, path)) = (runtime(), site());
    runtime.block_on(get(&router, &path));
    // A parameter that the sheet does not read: no page of this address was ever made.
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        runtime.block_on(get(&router, &format!("{path}&page={turn}")))
    });
}

/// The same, its thirty exercises and their answers converted for it: the first time of a version.
#[divan::bench(sample_count = 30, sample_size = 1)]
fn first_page(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    bencher
        .with_inputs(site)
        .bench_local_values(|(router, path)| runtime.block_on(get(&router, &path)));
}
