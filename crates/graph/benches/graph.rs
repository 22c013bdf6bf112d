//! What reads cost on a maquis of 100,000 nodes and 400,000 relations; with `MQD_NODES` and
//! `MQD_RELATIONS` on another. Prints a table; ends with an error when a budget is not kept.

#[path = "../../../bench/maquis.rs"]
mod maquis;

use maquis::Language;
use mqd_graph::{Around, Collation, Filter, Graph, Key, List, Scope, Search, TextTest};
use mqd_model::{Label, Node, rules};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

const SEED: u64 = 20_260_901;

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Peak and present memory of this process in MB, where the system tells.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kb| kb / 1024)
    };
    match (of("VmRSS:"), of("VmHWM:")) {
        (Some(now), Some(peak)) => format!("{now} MB, peak {peak} MB"),
        _ => "unknown".to_owned(),
    }
}

/// Prints how long one call takes and checks it against its budget.
struct Report {
    failed: bool,
}

impl Report {
    fn once<T>(&mut self, what: &str, budget: Option<Duration>, run: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = run();
        let took = started.elapsed();
        self.line(what, &format!("{took:.1?}"), budget.is_some_and(|budget| took > budget));
        result
    }

    fn line(&mut self, what: &str, result: &str, over: bool) {
        self.failed |= over;
        println!("{what:<58} {result}{}", if over { "   OVER BUDGET" } else { "" });
    }

    /// Median and 99th percentile of many calls.
    fn many(
        &mut self,
        what: &str,
        budget: Option<(Duration, Duration)>,
        count: usize,
        mut run: impl FnMut(usize),
    ) {
        (0..count.min(20)).for_each(&mut run);
        let mut times: Vec<Duration> = (0..count)
            .map(|n| {
                let started = Instant::now();
                run(n);
                started.elapsed()
            })
            .collect();
        times.sort_unstable();
        let (p50, p99) = (times[count / 2], times[count * 99 / 100]);
        let over = budget.is_some_and(|(a, b)| p50 > a || p99 > b);
        let worst = times[count - 1];
        self.line(what, &format!("p50 {p50:.1?}, p99 {p99:.1?}, worst {worst:.1?}"), over);
    }
}

fn main() -> ExitCode {
    let mut report = Report { failed: false };
    let snapshot =
        maquis::maquis(SEED, number("MQD_NODES", 100_000), number("MQD_RELATIONS", 400_000));
    println!("{} nodes, {} relations", snapshot.nodes.len(), snapshot.relations.len());
    let second = Some(Duration::from_secs(1));
    let broken = report.once("every consistency rule", second, || rules::check(&snapshot));
    assert!(broken.is_empty(), "the generator breaks a rule: {:?}", broken[0]);
    let graph = report.once("graph from a snapshot", None, || Graph::new(snapshot));
    println!("memory with the graph: {}", memory());
    lists(&graph, &mut report);
    walks(&graph, &mut report);
    searches(&graph, &mut report);
    println!("memory at the end: {}", memory());
    if report.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn lists(graph: &Graph, report: &mut Report) {
    let list = |collation, filter| List {
        filter,
        sort: vec![(Key::Property("titre".into()), false)],
        collation,
        limit: Some(100),
        ..List::default()
    };
    let read = |list: &List| {
        black_box(graph.list(Label::Document, list));
    };
    let french = list(Collation::French, None);
    report.once("documents by title, French, first time", None, || read(&french));
    report.many("100 documents by title, French", None, 200, |_| read(&french));
    let kind = Filter::Property("typeDoc".into(), TextTest::Eq(Some("cours".into())));
    let courses = list(Collation::Code, Some(kind));
    report.many("100 courses by title, code points", None, 200, |_| read(&courses));
    let part = Filter::Property("titre".into(), TextTest::Contains("matrice".into()));
    let matrices = list(Collation::French, Some(part));
    report.many("100 documents whose title holds a word", None, 200, |_| read(&matrices));
    let plain = List { limit: Some(100), ..List::default() };
    report.many("100 documents as they are", None, 200, |_| read(&plain));
}

fn walks(graph: &Graph, report: &mut Report) {
    let count = graph.snapshot().nodes.len() as i64;
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut node = move || rng.random_range(0..count);
    for depth in [1, 2] {
        let around = Around { relations: None, direction: None, depth, limit: 200 };
        report.many(&format!("neighbourhood, depth {depth}, 200 nodes"), None, 1000, |_| {
            black_box(graph.around(node(), &around));
        });
    }
    let concepts: Vec<i64> = graph.nodes(Label::Concept).map(|node| node.id).collect();
    // Of the last hundred, the one that needs most.
    let last = concepts[concepts.len() - 100..].iter().copied();
    let last = last.max_by_key(|id| graph.learning_path(*id).len()).unwrap_or_default();
    println!("concepts on the longest learning path: {}", graph.learning_path(last).len());
    report.many("shortest prerequisite path, or none", None, 50, |n| {
        black_box(graph.prerequisite_path(last, concepts[n * 7 % concepts.len()]));
    });
    report.many("learning path of that concept", None, 10, |_| {
        black_box(graph.learning_path(last).len());
    });
}

fn searches(graph: &Graph, report: &mut Report) {
    let language = Language::new(SEED, 30_000);
    let text = |node: &Node| {
        (node.label() == Some(Label::Document)).then(|| {
            let mut rng = ChaCha8Rng::seed_from_u64(node.id.unsigned_abs());
            let words = rng.random_range(40..160);
            language.text(&mut rng, words)
        })
    };
    let search = report
        .once("search index", None, || Search::build(graph, &text))
        .unwrap_or_else(|error| panic!("{error}"));
    println!("memory with the index: {}", memory());
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let queries: Vec<Vec<String>> = (0..2000)
        .map(|n| (0..1 + n % 3).map(|_| language.word(&mut rng).to_owned()).collect())
        .collect();
    let budget = Some((Duration::from_millis(5), Duration::from_millis(20)));
    let ask = |typed: &str| {
        black_box(search.search(typed, &Scope::default(), 20, 0));
    };
    report.many("one to three words", budget, queries.len(), |n| ask(&queries[n].join(" ")));
    report.many("as typed: the last word unfinished", budget, queries.len(), |n| {
        let typed = queries[n].join(" ");
        let length = typed.chars().count();
        ask(&typed.chars().take((length * 2).div_ceil(3)).collect::<String>());
    });
    report.many("two letters exchanged in each word", budget, queries.len(), |n| {
        let wrong = queries[n].iter().map(|word| {
            let mut letters: Vec<char> = word.chars().collect();
            if letters.len() > 3 {
                letters.swap(1, 2);
            }
            letters.into_iter().collect::<String>()
        });
        ask(&wrong.collect::<Vec<_>>().join(" "));
    });
    report.many("signs of mathematics and a word", budget, queries.len(), |n| {
        ask(&format!("∑ ≤ {}", queries[n][0]));
    });
    let lucene = |query: &str| {
        let _ = black_box(search.lucene(query, &Scope::default(), 100));
    };
    report.many("Lucene: words, OR-ed", budget, queries.len(), |n| lucene(&queries[n].join(" ")));
    report.many("Lucene: + prefix", budget, queries.len(), |n| {
        let prefix: String = queries[n][0].chars().take(3).collect();
        lucene(&format!("+{} {prefix}*", queries[n][queries[n].len() - 1]));
    });
    report.many("Lucene: phrase", budget, queries.len(), |n| {
        lucene(&format!("\"{}\"", queries[n].join(" ")));
    });
    let worst = "a* b* c* d* e* f* g* h*";
    report.many("Lucene: the worst that is allowed", None, 20, |_| lucene(worst));
}
