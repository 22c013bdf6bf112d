//! `maintain`, `concept …`.

use super::print_json;
use crate::{
    cli,
    config::{Settings, StoreAt},
    pdfs, platform, sources,
};
use indicatif::{ProgressBar, ProgressStyle};
use mqd_depot::{Maquis, compile::Progress, maintain, merge, only, scan::Scan};
use mqd_store::Store;
use std::{
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Brings the maquis in line with the sources.
pub fn run(settings: &Settings, options: &cli::Maintain) -> eyre::Result<ExitCode> {
    if settings.file.depot.is_empty() {
        eyre::bail!(
            "no dépôt is configured: add [[depot]] entries to maquisdoc.toml, or let `maquisdoc init DIR` write them"
        );
    }
    // Before anything is read, so that a run that cannot compile changes nothing.
    let alone = !options.dry_run && !options.no_compile;
    let _alone = alone.then(|| pdfs::lock(settings)).transpose()?;
    // Shown on a terminal only; nothing where it is piped.
    let progress = ProgressBar::new_spinner().with_message("lecture des dépôts");
    progress.enable_steady_tick(Duration::from_millis(120));
    let mut scans = only(sources::scans(settings)?, &options.depots)?;
    progress.set_message("comparaison avec le maquis");
    let nothing_yet = matches!(&settings.store, StoreAt::File(path) if !path.exists());
    let maquis = match options.dry_run {
        // A dry run makes nothing, not even an empty store.
        true if nothing_yet => Maquis::open(Store::memory())?,
        true => Maquis::open(platform::open_store(settings, true)?)?,
        false => platform::open_maquis(settings)?,
    };
    let report = maintain(&scans, &maquis, options.dry_run)?;
    progress.finish_and_clear();
    if !options.json {
        print!("{}", report.text());
    }
    let mut done = pdfs::Done::default();
    if !options.no_compile {
        done = compile(settings, options, &mut scans)?;
    }
    // The maquis learns where the PDFs are.
    let moved = if done.moved { Some(maintain(&scans, &maquis, false)?.changes) } else { None };
    if options.json {
        print_json(&Whole { report: &report, pdfs: &done, addresses: moved })?;
    } else {
        print!("{}", done.text());
        if let Some(moved) = moved {
            println!("adresses des PDF : {} nœuds mis à jour", moved.nodes_updated);
        }
    }
    Ok(ExitCode::from(u8::from(done.failed())))
}

/// All that a run did, as JSON.
#[derive(serde::Serialize)]
struct Whole<'w> {
    #[serde(flatten)]
    report: &'w mqd_depot::Report,
    pdfs: &'w pdfs::Done,
    addresses: Option<mqd_model::Summary>,
}

/// Compiles and publishes, with a bar on a terminal.
fn compile(
    settings: &Settings,
    options: &cli::Maintain,
    scans: &mut [Scan],
) -> eyre::Result<pdfs::Done> {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}  {eta}")?;
    let bar = ProgressBar::new(0).with_style(style).with_message("compilation");
    let lines = Lines::new(bar.is_hidden());
    let progress = |event: Progress| match event {
        Progress::Stage(name) => {
            bar.set_message(name);
            bar.reset();
        }
        Progress::Start(length) => bar.set_length(length as u64),
        Progress::Done { label, compiled } => {
            bar.inc(1);
            if !compiled {
                bar.println(format!("✗ {label}"));
            }
            lines.tell(&bar);
        }
    };
    let uploads = |sent: usize, total: usize| {
        bar.set_message("publication");
        bar.set_length(total as u64);
        bar.set_position(sent as u64);
        lines.tell(&bar);
    };
    let how = pdfs::Options {
        jobs: options.jobs,
        dry_run: options.dry_run,
        all: options.depots.is_empty(),
        progress: &progress,
        uploads: &uploads,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(pdfs::run(settings, scans, &how));
    bar.finish_and_clear();
    done
}

/// How far a run is, where there is no terminal to draw a bar on: a line on standard error, now and
/// then.
struct Lines(Option<Mutex<Instant>>);

impl Lines {
    /// How often.
    const EVERY: Duration = Duration::from_secs(10);

    fn new(wanted: bool) -> Self {
        Self(wanted.then(|| Mutex::new(Instant::now())))
    }

    fn tell(&self, bar: &ProgressBar) {
        let Some(last) = &self.0 else { return };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= Self::EVERY {
            *last = Instant::now();
            eprintln!("{} : {}/{}", bar.message(), bar.position(), bar.length().unwrap_or(0));
        }
    }
}

/// Merges two concepts.
pub fn merge_concepts(
    settings: &Settings,
    keep: &str,
    melt: &str,
    dry_run: bool,
) -> eyre::Result<ExitCode> {
    let maquis = platform::open_maquis(settings)?;
    let graph = maquis.graph();
    let (keep, melt) = (merge::find(&graph, keep)?, merge::find(&graph, melt)?);
    let changes = merge::merge(&graph, keep, melt)?;
    println!(
        "« {} » reçoit {} liens de « {} », qui disparaît",
        keep.title(),
        changes.summary().relations_created,
        melt.title()
    );
    if dry_run {
        println!("rien n'est écrit");
    } else {
        maquis.apply(&changes)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Proposes concepts that look the same.
pub fn duplicates(settings: &Settings, json: bool) -> eyre::Result<ExitCode> {
    let snapshot = platform::open_store(settings, true)?.load()?;
    let concepts =
        snapshot.nodes.iter().filter(|node| node.label() == Some(mqd_model::Label::Concept));
    let groups = mqd_model::literal::duplicates(concepts);
    if json {
        let list: Vec<Vec<_>> = groups
            .iter()
            .map(|group| {
                group
                    .iter()
                    .map(|node| serde_json::json!({ "uuid": node.uuid, "litteral": node.title() }))
                    .collect()
            })
            .collect();
        print_json(&list)?;
    } else {
        for group in &groups {
            let titles: Vec<&str> = group.iter().map(|node| node.title()).collect();
            println!("{}", titles.join("  =  "));
        }
        println!("{} groupes de concepts qui se ressemblent", groups.len());
    }
    Ok(ExitCode::SUCCESS)
}
