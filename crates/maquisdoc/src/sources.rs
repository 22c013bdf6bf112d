//! The dépôts of the configuration, wherever they live: brought here, read, followed.

use crate::{config::Settings, pdfs};
use mqd_depot::{
    DepotConfig, DepotContents, Maquis, maintain, only,
    remote::{Checkout, GithubAccess, Remotes},
    scan::Scan,
    scan_all,
};
use mqd_graphql::OpenStore;
use mqd_rapidexo::{History, Sheets};
use mqd_store::Secret;
use secrecy::ExposeSecret as _;
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// How often repositories elsewhere are asked whether they changed, when no hook says so. An
/// answer that nothing changed does not count against GitHub's limit.
const EVERY: Duration = Duration::from_secs(300);

/// Runs blocking work on a thread of its own: the HTTP client of remote dépôts may not be made on
/// a thread that serves.
fn aside<T: Send>(work: impl FnOnce() -> eyre::Result<T> + Send) -> eyre::Result<T> {
    std::thread::scope(|scope| {
        scope.spawn(work).join().unwrap_or_else(|_| Err(eyre::eyre!("a dépôt could not be read")))
    })
}

fn remotes(settings: &Settings) -> eyre::Result<Remotes> {
    let access = GithubAccess {
        api: settings.github.api.clone(),
        user: settings.github.user.clone(),
        token: settings.github.token.as_ref().map(|token| Secret::new(token.expose_secret())),
    };
    // Absolute: folders of dépôts are taken from the folder of the configuration file.
    let cache = std::path::absolute(settings.data.join("depots"))?;
    Ok(Remotes::new(cache, access)?)
}

/// The dépôts with folders here in the place of repositories elsewhere, which are brought up to
/// date.
///
/// # Errors
/// When a dépôt cannot be reached and was never here.
pub fn depots(settings: &Settings) -> eyre::Result<Vec<DepotConfig>> {
    let depots = &settings.file.depot;
    if !Remotes::any(depots) {
        return Ok(depots.clone());
    }
    aside(|| Ok(remotes(settings)?.resolve(depots)?))
}

/// The dépôts, brought up to date and read.
///
/// # Errors
/// As [`depots`], and when a manifest is wrong.
pub fn scans(settings: &Settings) -> eyre::Result<Vec<Scan>> {
    let mut scans = scan_all(&settings.folder, &depots(settings)?)?;
    pdfs::attach(settings, &mut scans);
    Ok(scans)
}

/// Finds former commits of dépôts on GitHub, for addresses of sheets that name them.
///
/// # Errors
/// When no HTTP client can be made.
pub fn history(settings: &Settings) -> eyre::Result<Option<History>> {
    if !Remotes::any(&settings.file.depot) {
        return Ok(None);
    }
    let remotes = aside(|| remotes(settings))?;
    let depots = settings.file.depot.clone();
    let cache = std::path::absolute(settings.data.join("depots"))?;
    Ok(Some(History(Arc::new(move |root, commit| {
        // The folder of a dépôt says which one it is: `github/<owner>/<name>/<commit>`.
        let name = root.parent()?.strip_prefix(cache.join("github")).ok()?.to_str()?.to_owned();
        let depot = depots.iter().find(|depot| remotes.is(depot, &name))?;
        remotes.at(depot, commit).map(|Checkout { folder, commit }| (folder, commit))
    }))))
}

/// What shows the contents of dépôts in this process.
#[derive(Clone)]
pub struct Readers {
    pub maquis: Arc<Maquis>,
    pub contents: Arc<DepotContents>,
    pub sheets: Sheets,
    /// How the maquis is opened for writing, where `maquis` only reads.
    pub writer: Option<OpenStore>,
}

/// Follows repositories elsewhere: asks from time to time, and at once when `pushed` says so. A new
/// commit is shown, and the maquis is brought in line with it.
pub fn follow(settings: &Settings, readers: Readers, pushed: Arc<Notify>, now: &[Scan]) {
    let own = settings.clone();
    looking(settings, pushed, now, move |before| update(&own, &readers, before));
}

/// Follows them for sheets alone, where there is no maquis.
pub fn follow_sheets(settings: &Settings, sheets: Sheets, pushed: Arc<Notify>, now: &[Scan]) {
    let own = settings.clone();
    looking(settings, pushed, now, move |_| {
        let scans = scans(&own)?;
        sheets.replace(&scans);
        Ok(scans.iter().map(|scan| scan.files.commit.clone()).collect())
    });
}

/// Looks again and again; a look is given the commits that are shown, and gives those it shows.
fn looking(
    settings: &Settings,
    pushed: Arc<Notify>,
    now: &[Scan],
    look: impl Fn(&[Option<String>]) -> eyre::Result<Vec<Option<String>>> + Send + Sync + 'static,
) {
    if !Remotes::any(&settings.file.depot) {
        return;
    }
    let look = Arc::new(look);
    let mut known: Vec<Option<String>> = now.iter().map(|scan| scan.files.commit.clone()).collect();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = pushed.notified() => {}
            }
            let (look, before) = (Arc::clone(&look), known.clone());
            match tokio::task::spawn_blocking(move || look(&before)).await {
                Ok(Ok(commits)) => known = commits,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the dépôts cannot be brought up to date; their last contents are served");
                }
                Err(error) => tracing::error!(%error, "bringing the dépôts up to date failed"),
            }
        }
    });
}

/// Looks once; the commits that are shown now.
fn update(
    settings: &Settings,
    readers: &Readers,
    before: &[Option<String>],
) -> eyre::Result<Vec<Option<String>>> {
    let depots = depots(settings)?;
    let mut scans = scan_all(&settings.folder, &depots)?;
    pdfs::attach(settings, &mut scans);
    let commits: Vec<Option<String>> = scans.iter().map(|scan| scan.files.commit.clone()).collect();
    let changed: Vec<String> = scans
        .iter()
        .enumerate()
        .filter(|(at, scan)| before.get(*at) != Some(&scan.files.commit))
        .map(|(_, scan)| scan.manifest.name.clone())
        .collect();
    if changed.is_empty() {
        return Ok(commits);
    }
    tracing::info!(depots = changed.join(", "), "new commits");
    let all = scans.clone();
    let some = only(scans, &changed)?;
    show(readers, &all, &some)?;
    // On the thread of this look, so that the next one comes after the PDFs.
    let done = pdfs::bring(settings, readers)?;
    if done.failed() {
        tracing::warn!("some documents do not compile:\n{}", done.text());
    }
    Ok(commits)
}

/// Shows a later reading of the dépôts, and brings the maquis in line with those of `changed`.
///
/// # Errors
/// When the store cannot be written.
pub fn show(readers: &Readers, scans: &[Scan], changed: &[Scan]) -> eyre::Result<()> {
    readers.sheets.replace(scans);
    readers.contents.replace(scans.to_vec());
    match &readers.writer {
        Some(open) => maintain(changed, &Maquis::open((open.0)()?)?, false)?,
        None => maintain(changed, &readers.maquis, false)?,
    };
    readers.maquis.refresh()?;
    Ok(())
}
