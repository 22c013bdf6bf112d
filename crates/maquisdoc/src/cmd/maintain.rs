//! `maintain`, `concept …`.

use super::print_json;
use crate::{
    cli,
    config::{Settings, StoreAt},
    platform, sources,
};
use indicatif::ProgressBar;
use mqd_depot::{Maquis, maintain, merge, only};
use mqd_store::Store;
use std::{process::ExitCode, time::Duration};

/// Brings the maquis in line with the sources.
pub fn run(settings: &Settings, options: &cli::Maintain) -> eyre::Result<ExitCode> {
    if settings.file.depot.is_empty() {
        eyre::bail!(
            "no dépôt is configured: add [[depot]] entries to maquisdoc.toml, or let `maquisdoc init DIR` write them"
        );
    }
    // Shown on a terminal only; nothing where it is piped.
    let progress = ProgressBar::new_spinner().with_message("lecture des dépôts");
    progress.enable_steady_tick(Duration::from_millis(120));
    let scans = only(sources::scans(settings)?, &options.depots)?;
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
    if options.json {
        print_json(&report)?;
    } else {
        print!("{}", report.text());
    }
    Ok(ExitCode::SUCCESS)
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
