//! The database: reachable, authorised, how many nodes, when the last backup was made.

use super::Finding;
use crate::{
    config::{Settings, StoreAt},
    platform,
};
use std::{
    path::Path,
    time::{Duration, SystemTime},
};

/// A backup older than this is stale.
const STALE: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    vec![database(settings), backup(settings)]
}

fn database(settings: &Settings) -> Finding {
    if let StoreAt::File(path) = &settings.store
        && !path.exists()
    {
        return Finding::warning(
            "store",
            format!("{} is not there yet", path.display()),
            "`maquisdoc maintain` makes it",
        );
    }
    let (remedy, place) = match &settings.store {
        StoreAt::File(path) => (
            "look at the message; `maquisdoc restore` brings a backup back",
            path.display().to_string(),
        ),
        StoreAt::Neo4j { url, .. } => (
            "look at NEO4J_URL (host, port, bolt+s for TLS), NEO4J_USERNAME and NEO4J_PASSWORD",
            url.clone(),
        ),
    };
    match platform::open_store(settings, true).and_then(|store| store.load()) {
        Ok(snapshot) => Finding::ok(
            "store",
            format!(
                "{place}: {} nodes, {} relations",
                snapshot.nodes.len(),
                snapshot.relations.len()
            ),
        ),
        Err(error) => Finding::failure("store", format!("{place}: {error}"), remedy),
    }
}

fn backup(settings: &Settings) -> Finding {
    if settings.backups.contains("://") {
        return Finding::off("backup", format!("kept at {}", settings.backups));
    }
    match newest(Path::new(&settings.backups)) {
        None => Finding::warning(
            "backup",
            format!("no backup in {}", settings.backups),
            "`maquisdoc backup --to DIR` each night (cron, systemd timer)",
        ),
        Some(age) if age > STALE => Finding::warning(
            "backup",
            format!("the last backup is {} days old", age.as_secs() / 86_400),
            "look at why the nightly `maquisdoc backup` no longer runs",
        ),
        Some(age) => {
            Finding::ok("backup", format!("the last backup is {} h old", age.as_secs() / 3600))
        }
    }
}

fn newest(folder: &Path) -> Option<Duration> {
    std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains(".jsonl"))
        .filter_map(|entry| {
            SystemTime::now().duration_since(entry.metadata().ok()?.modified().ok()?).ok()
        })
        .min()
}
