//! `serve --watch`: a saved file is read, shown and compiled again, and open pages load themselves
//! anew. For the author's own machine.

use crate::{
    config::Settings,
    pdfs,
    sources::{self, Readers},
};
use axum::{
    Router,
    response::{
        IntoResponse as _,
        sse::{Event, KeepAlive, Sse},
    },
    routing::get,
};
use futures::{Stream, stream};
use notify::{EventKind, RecursiveMode, Watcher as _};
use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::sync::{Notify, mpsc, watch};

/// Editors write a file in several steps; a change is over when nothing happens for so long.
const QUIET: Duration = Duration::from_millis(120);

/// Follows the folders of the dépôts; what it gives answers the pages' scripts.
///
/// # Errors
/// When a folder cannot be watched.
pub fn follow(settings: &Settings, readers: Readers) -> eyre::Result<Router> {
    let (changed, mut changes) = mpsc::unbounded_channel();
    let data = std::path::absolute(&settings.data)?;
    let mut roots = Vec::new();
    for depot in sources::depots(settings)? {
        roots.push(std::path::absolute(settings.folder.join(&depot.path))?);
    }
    let watched = roots.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let matters = !matches!(event.kind, EventKind::Access(_))
            && event.paths.iter().any(|path| is_source(path, &watched, &data));
        if matters {
            // The other end is gone only when the server stops.
            let _ = changed.send(());
        }
    })?;
    for root in &roots {
        watcher.watch(root, RecursiveMode::Recursive)?;
    }
    for depot in sources::depots(settings)? {
        if let Some(manifest) = &depot.manifest {
            let manifest = std::path::absolute(settings.folder.join(manifest))?;
            if let Some(folder) = manifest.parent() {
                watcher.watch(folder, RecursiveMode::NonRecursive)?;
            }
        }
    }
    // A server that starts again has another number: its pages are shown anew.
    let start = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    let (show, shown) = watch::channel(start);
    let show = Arc::new(show);
    let compile = Arc::new(Notify::new());
    compiles(settings, readers.clone(), Arc::clone(&compile), Arc::clone(&show));
    // What changed while nobody watched.
    compile.notify_one();
    let settings = settings.clone();
    tokio::spawn(async move {
        // It stops watching when it is dropped.
        let _watcher = watcher;
        while changes.recv().await.is_some() {
            while tokio::time::timeout(QUIET, changes.recv()).await.is_ok() {}
            let (settings, readers) = (settings.clone(), readers.clone());
            let read = move || {
                let scans = sources::scans(&settings)?;
                sources::show(&readers, &scans, &scans)
            };
            match tokio::task::spawn_blocking(read).await {
                Ok(Ok(())) => {
                    show.send_modify(|number| *number += 1);
                    compile.notify_one();
                }
                Ok(Err(error)) => eprintln!("maquisdoc: {error}"),
                Err(error) => tracing::error!(%error, "reading the dépôts failed"),
            }
        }
    });
    Ok(Router::new()
        .route(
            "/watch",
            get(move || async move { Sse::new(events(shown)).keep_alive(KeepAlive::default()) }),
        )
        .route("/watch.js", get(script)))
}

/// Whether a change of a file may be a change of a source: no caches, no editors' leavings.
fn is_source(path: &Path, roots: &[PathBuf], data: &Path) -> bool {
    // What stands above a dépôt says nothing of its files.
    let inside = roots
        .iter()
        .find_map(|root| path.strip_prefix(root).ok())
        .unwrap_or_else(|| Path::new(path.file_name().unwrap_or_default()));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let hidden = inside.components().any(|part| {
        let part = part.as_os_str().to_string_lossy();
        part.len() > 1 && part.starts_with('.') && part != ".."
    });
    !path.starts_with(data)
        && !hidden
        && !name.ends_with(['~', '#'])
        && ![".swp", ".swx", ".tmp", ".aux", ".log", ".synctex.gz"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// Compiles what changed, one run after the other; while one goes on, pages follow the sources all
/// the same.
fn compiles(
    settings: &Settings,
    readers: Readers,
    asked: Arc<Notify>,
    show: Arc<watch::Sender<u128>>,
) {
    let settings = settings.clone();
    tokio::spawn(async move {
        loop {
            asked.notified().await;
            let (settings, readers) = (settings.clone(), readers.clone());
            let bring = move || pdfs::bring(&settings, &readers);
            match tokio::task::spawn_blocking(bring).await {
                Ok(Ok(done)) => {
                    print!("{}", done.text());
                    if done.moved || done.redrawn {
                        show.send_modify(|number| *number += 1);
                    }
                }
                Ok(Err(error)) => eprintln!("maquisdoc: {error}"),
                Err(error) => tracing::error!(%error, "compiling the dépôts failed"),
            }
        }
    });
}

/// The number of what is shown, now and whenever it changes, until the server stops.
fn events(shown: watch::Receiver<u128>) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((shown, true), |(mut shown, first)| async move {
        if !first {
            tokio::select! {
                changed = shown.changed() => changed.ok()?,
                () = super::serve::signal() => return None,
            }
        }
        let number = shown.borrow_and_update().to_string();
        Some((Ok(Event::default().data(number)), (shown, false)))
    })
}

async fn script() -> axum::response::Response {
    let headers =
        [("content-type", "text/javascript; charset=utf-8"), ("cache-control", "no-store")];
    (headers, include_str!("watch.js")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sources_count() {
        let (data, roots) = (Path::new("/d/.x/data"), [PathBuf::from("/d/.x/cours")]);
        for (path, counts) in [
            ("/d/.x/cours/a.tex", true),
            ("/d/.x/cours/depot.toml", true),
            ("/d/.x/data/compiled/x.pdf", false),
            ("/d/.x/cours/.git/index", false),
            ("/d/.x/cours/.a.tex.swp", false),
            ("/d/.x/cours/a.tex~", false),
            ("/d/.x/cours/4913.tmp", false),
        ] {
            assert_eq!(is_source(Path::new(path), &roots, data), counts, "{path}");
        }
    }
}
