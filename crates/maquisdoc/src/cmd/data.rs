//! `backup`, `restore`, `import`.

use super::print_json;
use crate::{
    cli,
    config::{Settings, StoreAt},
    platform,
};
use indicatif::ProgressBar;
use mqd_store::{backup, csv};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use tokio::runtime::Runtime;

/// Shown on a terminal while something takes its time; nothing where it is piped.
fn spinner(what: String) -> ProgressBar {
    let progress = ProgressBar::new_spinner().with_message(what);
    progress.enable_steady_tick(Duration::from_millis(120));
    progress
}

/// Writes or verifies a backup.
pub fn backup(settings: &Settings, options: &cli::Backup) -> eyre::Result<ExitCode> {
    if let Some(to) = &options.to {
        return send(settings, to, options);
    }
    // clap requires the file when --to is absent.
    let file = options.file.as_deref().ok_or_else(|| eyre::eyre!("name a file, or use --to"))?;
    let progress = spinner(file.display().to_string());
    let summary = if options.verify {
        backup::verify(file)?
    } else {
        backup::write(file, &platform::open_store(settings, true)?.load()?)?
    };
    progress.finish_and_clear();
    if options.json {
        print_json(&figures(&summary))?;
    } else {
        println!(
            "{}: {} nodes, {} relations, whole",
            file.display(),
            summary.nodes,
            summary.relations
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends a dated backup elsewhere and deletes those that the rule does not keep.
fn send(settings: &Settings, to: &str, options: &cli::Backup) -> eyre::Result<ExitCode> {
    let keep = options.keep.as_deref().map(str::parse::<backup::retention::Keep>).transpose()?;
    let remote = backup::Remote::open(to, settings.space())?;
    let progress = spinner(to.to_owned());
    let snapshot = platform::open_store(settings, true)?.load()?;
    let (name, summary, removed) = Runtime::new()?.block_on(async {
        let (name, summary) = remote.put(&snapshot, jiff::Timestamp::now()).await?;
        let removed = match keep {
            Some(keep) => remote.prune(keep).await?,
            None => Vec::new(),
        };
        eyre::Ok((name, summary, removed))
    })?;
    progress.finish_and_clear();
    if options.json {
        let mut body = figures(&summary);
        body["name"] = name.into();
        body["removed"] = removed.into();
        print_json(&body)?;
    } else {
        println!("{to}: {name}, {} nodes, {} relations", summary.nodes, summary.relations);
        for name in removed {
            println!("{to}: {name} is no longer kept");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Loads a backup into the store.
pub fn restore(settings: &Settings, options: &cli::Restore) -> eyre::Result<ExitCode> {
    let progress = spinner(options.file.clone());
    let fetched = tempfile::tempdir()?;
    let file = fetch(settings, &options.file, fetched.path())?;
    if options.dry_run {
        return would_restore(settings, options, &file);
    }
    std::fs::create_dir_all(&settings.data)?;
    let store = platform::open_store(settings, false)?;
    let name =
        format!("before-restore-{}.jsonl.zst", jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%fZ"));
    let before = settings.data.join(name);
    let restored = backup::restore(&file, &store, options.replace.then_some(before.as_path()))?;
    progress.finish_and_clear();
    let summary = restored.summary;
    if options.json {
        let mut body = figures(&summary);
        body["previous"] = serde_json::json!(restored.previous);
        print_json(&body)?;
    } else {
        println!(
            "{}: {} nodes, {} relations restored",
            options.file, summary.nodes, summary.relations
        );
        if let Some(previous) = restored.previous {
            println!("{}: what was there before", previous.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what a restore would do.
fn would_restore(
    settings: &Settings,
    options: &cli::Restore,
    file: &Path,
) -> eyre::Result<ExitCode> {
    let summary = backup::verify(file)?;
    let nothing_yet = matches!(&settings.store, StoreAt::File(path) if !path.exists());
    let (nodes, relations) = if nothing_yet {
        (0, 0)
    } else {
        let there = platform::open_store(settings, true)?.load()?;
        (there.nodes.len(), there.relations.len())
    };
    let refused = nodes + relations > 0 && !options.replace;
    if options.json {
        let mut body = figures(&summary);
        body["replaces"] = serde_json::json!({ "nodes": nodes, "relations": relations });
        body["refused"] = refused.into();
        print_json(&body)?;
    } else {
        println!(
            "{}: {} nodes, {} relations, whole; it would replace {nodes} nodes and {relations} relations{}",
            options.file,
            summary.nodes,
            summary.relations,
            if refused { ", which needs --replace" } else { "" }
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The file of a backup, which is fetched when it is elsewhere.
fn fetch(settings: &Settings, from: &str, into: &Path) -> eyre::Result<PathBuf> {
    if !from.contains("://") {
        return Ok(PathBuf::from(from));
    }
    let (place, name) = match from.rsplit_once('/') {
        Some((place, name)) if name.ends_with(".jsonl.zst") => (place, Some(name.to_owned())),
        _ => (from, None),
    };
    let remote = backup::Remote::open(place, settings.space())?;
    let file = into.join("fetched.jsonl.zst");
    Runtime::new()?
        .block_on(async {
            let name = match name {
                Some(name) => name,
                None => {
                    let newest = remote.list().await?.pop();
                    newest.ok_or_else(|| eyre::eyre!("{place}: there is no backup"))?.1
                }
            };
            Ok(remote.fetch(&name, &file).await?)
        })
        .map(|()| file)
}

/// Adds nodes and relations from CSV files.
pub fn import(settings: &Settings, options: &cli::Import) -> eyre::Result<ExitCode> {
    let mut changes = csv::read(&options.nodes, options.relations.as_deref())?;
    let maquis = platform::open_maquis(settings)?;
    let known = csv::keep_new(&mut changes, maquis.graph().snapshot());
    let refusals = mqd_model::validate(maquis.graph().snapshot(), &changes);
    if let Some(first) = refusals.first() {
        eyre::bail!("{} changes are refused; the first: {first:?}", refusals.len());
    }
    let summary = changes.summary();
    if !options.dry_run && !changes.changes.is_empty() {
        maquis.apply(&changes)?;
    }
    if options.json {
        print_json(&summary)?;
    } else {
        let done = if options.dry_run { "à ajouter (rien n'est écrit)" } else { "ajoutés" };
        println!(
            "{} nœuds et {} relations {done} ; {known} sont déjà là et restent comme ils sont",
            summary.nodes_created, summary.relations_created
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// A backup's counts and checksum, for scripts.
fn figures(summary: &backup::Summary) -> serde_json::Value {
    serde_json::json!({
        "nodes": summary.nodes, "relations": summary.relations, "sha256": summary.sha256,
    })
}
