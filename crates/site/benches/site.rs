//! What a page costs: kept, made, drawn, exported. `cargo bench -p mqd-site`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use axum::{Router, body::Body, http::Request};
use common::{api, config, fixture};
use divan::Bencher;
use mqd_site::{ExportOptions, InProcess, SiteState, export, router};
use std::sync::Arc;
use tower::ServiceExt as _;

fn main() {
    divan::main();
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn state(problems: u128, cache: u64) -> SiteState {
    let mut config = config(std::path::Path::new("/nowhere"));
    (config.pages, config.journals, config.cache_bytes) = (None, None, cache);
    SiteState::new(config, Arc::new(InProcess::new(api(fixture::large(problems)))))
}

async fn get(router: &Router, path: &str, encoding: &str) -> usize {
    let request = Request::builder().uri(path).header("accept-encoding", encoding);
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert!(response.status().is_success(), "{path}");
    axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().len()
}

/// A page that the cache holds: what most readers get.
#[divan::bench(args = ["/vues/problemes", "/document", "/concept"])]
fn kept(bencher: Bencher<'_, '_>, path: &str) {
    let (runtime, router) = (runtime(), router(state(1_000, 1 << 26)));
    let path = match path {
        "/document" => format!("/document/{}", fixture::uuid(1_100)),
        "/concept" => format!("/concept/{}", fixture::uuid(1_000_010)),
        path => path.to_owned(),
    };
    bencher.bench_local(|| runtime.block_on(get(&router, &path, "br")));
}

/// A page made anew each time, its data asked for, uncompressed as for an export.
#[divan::bench(args = ["", "?vue=cote", "/source", "/bibtex", "/voisinage"])]
fn made(bencher: Bencher<'_, '_>, rest: &str) {
    let (runtime, router) = (runtime(), router(state(1_000, 0)));
    let path = format!("/document/{}{rest}", fixture::uuid(1_100));
    runtime.block_on(get(&router, &path, "identity"));
    bencher.bench_local(|| runtime.block_on(get(&router, &path, "identity")));
}

/// The same, compressed: what the first reader of a page waits for.
#[divan::bench]
fn compressed(bencher: Bencher<'_, '_>) {
    let (runtime, router) = (runtime(), router(state(1_000, 0)));
    let path = format!("/document/{}", fixture::uuid(1_100));
    runtime.block_on(get(&router, &path, "br"));
    bencher.bench_local(|| runtime.block_on(get(&router, &path, "br")));
}

/// The whole site as files, first and again.
#[divan::bench(args = [1_000], sample_count = 3)]
fn exported(bencher: Bencher<'_, '_>, problems: u128) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let state = state(problems, 0);
    let dir = tempfile::tempdir().unwrap();
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        let out = dir.path().join(turn.to_string());
        let options = ExportOptions::default();
        let first = runtime.block_on(export(state.clone(), &out, &options)).unwrap();
        let again = runtime.block_on(export(state.clone(), &out, &options)).unwrap();
        assert!(again.unchanged);
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let rate = first.pages as f64 / first.took.as_secs_f64();
        eprintln!(
            "{} pages in {:?}: {rate:.0} pages/s; again in {:?}",
            first.pages, first.took, again.took
        );
    });
}
