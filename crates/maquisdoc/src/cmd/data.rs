//! `backup`, `restore`, `import`.

use super::print_json;
use crate::{cli, config::Settings, platform};
use mqd_store::{backup, csv};
use std::process::ExitCode;

/// Writes or verifies a backup.
pub fn backup(settings: &Settings, options: &cli::Backup) -> eyre::Result<ExitCode> {
    if let Some(to) = &options.to {
        let keep =
            options.keep.as_deref().map(str::parse::<backup::retention::Keep>).transpose()?;
        let snapshot = platform::open_store(settings, true)?.load()?;
        let remote = backup::Remote::open(to)?;
        tokio::runtime::Runtime::new()?.block_on(async {
            let written = remote.put(&snapshot, jiff::Timestamp::now()).await?;
            println!("{to}: {written:?}");
            if let Some(keep) = keep {
                let removed = remote.prune(keep).await?;
                println!("{to}: {removed:?}");
            }
            eyre::Ok(())
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    // clap requires the file when --to is absent.
    let file = options.file.as_deref().ok_or_else(|| eyre::eyre!("name a file, or use --to"))?;
    let summary = if options.verify {
        backup::verify(file)?
    } else {
        backup::write(file, &platform::open_store(settings, true)?.load()?)?
    };
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

/// Loads a backup into the store.
pub fn restore(settings: &Settings, options: &cli::Restore) -> eyre::Result<ExitCode> {
    std::fs::create_dir_all(&settings.data)?;
    let store = platform::open_store(settings, false)?;
    let name =
        format!("before-restore-{}.jsonl.zst", jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ"));
    let before = settings.data.join(name);
    let restored =
        backup::restore(&options.file, &store, options.replace.then_some(before.as_path()))?;
    if options.json {
        print_json(&figures(&restored.summary))?;
    } else {
        println!(
            "{}: {} nodes, {} relations restored",
            options.file.display(),
            restored.summary.nodes,
            restored.summary.relations
        );
    }
    Ok(ExitCode::SUCCESS)
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
