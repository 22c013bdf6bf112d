//! What callers share: kept results, runs of equal jobs, a bounded queue.

mod common;
use common::{bench, bench_with, document, pdf};
use futures::future::join_all;
use mqd_pdf::{Compiler, Limits, Outcome, RunError, Settings};
use std::time::{Duration, Instant};

/// A document that takes at least a second.
fn slow(mark: &str) -> mqd_pdf::Job {
    document(&format!("{mark}\\loop\\ifnum\\pdfelapsedtime<65536\\repeat"))
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_jobs_share_a_run_and_its_result_is_kept() {
    let bench = bench();
    let results = join_all((0..20).map(|_| bench.compiler.compile(slow("same"), false))).await;
    let pdfs: Vec<_> = results.into_iter().map(|result| pdf(result.expect("a run"))).collect();
    assert!(pdfs.iter().all(|pdf| *pdf == pdfs[0]));
    let after = bench.compiler.statistics();
    assert_eq!((after.runs, after.shared, after.cached), (1, 19, 0));
    // Kept, here and after a restart; `force` makes it anew.
    assert_eq!(pdf(bench.compiler.compile(slow("same"), false).await.expect("kept")), pdfs[0]);
    let again = Compiler::new(Settings::new(bench.folder.path())).expect("a compiler");
    assert_eq!(again.cached(&slow("same")).as_ref(), Some(&pdfs[0]));
    assert_eq!(pdf(again.compile(slow("same"), false).await.expect("kept")), pdfs[0]);
    assert_eq!((again.statistics().runs, again.statistics().cached), (0, 1));
    let forced = pdf(again.compile(slow("same"), true).await.expect("a run"));
    assert_eq!((again.statistics().runs, forced == pdfs[0]), (1, true), "a run is reproducible");
    // A file that a power cut left in part is as none.
    for entry in std::fs::read_dir(bench.folder.path().join("pdf")).expect("the cache").flatten() {
        std::fs::write(entry.path(), &pdfs[0][..pdfs[0].len() / 2]).expect("half a PDF");
    }
    assert_eq!(again.cached(&slow("same")), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn warmed_jobs_give_equal_bytes_from_the_first_run_on() {
    let job = || document("$\\alpha\\sum\\mathcal{ABC}$ {\\bf gras} {\\it italique}");
    let mut pdfs = Vec::new();
    for _ in 0..2 {
        // Another folder, as after the cache was emptied.
        let bench = bench();
        for _ in 0..2 {
            bench.compiler.warm(&job()).await;
            pdfs.push(pdf(bench.compiler.compile(job(), true).await.expect("a run")));
        }
        assert_eq!(
            (bench.compiler.statistics().runs, bench.compiler.statistics().with_format),
            (2, 2)
        );
    }
    assert!(pdfs.iter().all(|pdf| *pdf == pdfs[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cache_keeps_to_its_size() {
    let bench = bench_with(|settings| settings.cache_size = 150_000);
    for number in 0..8 {
        let body =
            format!("{number} $\\alpha\\sum\\mathcal{{ABC}}$ {{\\bf gras}} {{\\it italique}}");
        pdf(bench.compiler.compile(document(&body), false).await.expect("a run"));
    }
    let size: u64 = std::fs::read_dir(bench.folder.path().join("pdf"))
        .expect("the cache")
        .flatten()
        .map(|entry| entry.metadata().expect("a file").len())
        .sum();
    assert!((1..=150_000).contains(&size), "{size}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_and_the_others_go_in_turn() {
    let bench = bench_with(|settings| {
        settings.parallel = 1;
        settings.queue = 3;
    });
    let start = Instant::now();
    // Five at once: one runs, three wait, one is refused.
    let results = join_all((0..5).map(|number| {
        let compiler = bench.compiler.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(100 * number)).await;
            let result = compiler.compile(slow(&number.to_string()), false).await;
            (number, result, start.elapsed())
        }
    }))
    .await;
    let mut ended = Vec::new();
    for (number, result, time) in results {
        match result {
            Ok(outcome) => {
                pdf(outcome);
                ended.push((time, number));
            }
            Err(error) => {
                let RunError::Busy { retry_after } = *error else { panic!("{error}") };
                assert_eq!(number, 4);
                assert!((1..=60).contains(&retry_after.as_secs()), "{retry_after:?}");
                assert!(time < Duration::from_millis(900), "refused at once, not after {time:?}");
            }
        }
    }
    ended.sort();
    assert_eq!(ended.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(bench.compiler.statistics().refused, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_any_more_gives_up_its_place() {
    let bench = bench_with(|settings| {
        settings.parallel = 1;
        settings.queue = 2;
    });
    let running = tokio::spawn({
        let compiler = bench.compiler.clone();
        async move { compiler.compile(slow("first"), false).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    for number in 0..2 {
        let compiler = bench.compiler.clone();
        let gone = async move { compiler.compile(slow(&format!("gone {number}")), false).await };
        assert!(tokio::time::timeout(Duration::from_millis(50), gone).await.is_err());
    }
    // Both places are free again.
    for _ in 0..50 {
        if bench.compiler.statistics().present == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(bench.compiler.statistics().present, 1);
    pdf(running.await.expect("no panic").expect("a run"));
    // One that runs goes on without its caller, and is kept.
    let compiler = bench.compiler.clone();
    let gone = async move { compiler.compile(slow("kept"), false).await };
    assert!(tokio::time::timeout(Duration::from_millis(300), gone).await.is_err());
    for _ in 0..100 {
        if bench.compiler.cached(&slow("kept")).is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the run did not go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_cannot_fill_the_memory() {
    let bench = bench_with(|settings| {
        settings.parallel = 1;
        settings.limits.input = 10_000;
    });
    // Sixteen of the largest jobs may wait, although two hundred small ones could.
    let large = |number: usize| slow(&format!("{number}%{}\n", "x".repeat(9_500)));
    let waiting: Vec<_> =
        (0..18).map(|number| bench.compiler.compile(large(number), false)).collect();
    let mut waiting = futures::stream::FuturesUnordered::from_iter(waiting);
    let first = futures::StreamExt::next(&mut waiting).await.expect("one");
    assert!(
        matches!(first.as_ref().map_err(|error| &**error), Err(RunError::Busy { .. })),
        "{first:?}"
    );
    drop(waiting);
}

#[tokio::test]
async fn jobs_that_are_refused_never_run() {
    let bench = bench_with(|settings| settings.limits = Limits { input: 100, ..common::limits() });
    let large = document(&"x".repeat(200));
    let result = bench.compiler.compile(large, false).await;
    assert!(
        matches!(result.as_ref().map_err(|error| &**error), Err(RunError::Job(_))),
        "{result:?}"
    );
    assert_eq!(bench.compiler.statistics().runs, 0);
    // Failures are not kept.
    let bench = bench_with(|_| {});
    for _ in 0..2 {
        let result = bench.compiler.compile(document("\\fehler"), false).await;
        assert!(matches!(result, Ok(Outcome::Failed { .. })));
    }
    assert_eq!(bench.compiler.statistics().runs, 2);
}
