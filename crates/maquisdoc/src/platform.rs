//! Wiring: stores, maquis, contents and site out of the settings.

use crate::config::{Neo4j, Settings, StoreAt};
use mqd_depot::{DepotContents, Maquis, contents::Contents as _};
use mqd_graphql::OpenStore;
use mqd_model::Uuid;
use mqd_site::{File, Files};
use mqd_store::{Error, LastGood, OpenMode, Store};
use std::{path::PathBuf, sync::Arc};

/// Opens the store that the settings name; `read_only` leaves it to another process to write.
///
/// # Errors
/// What the store says.
pub fn open_store(settings: &Settings, read_only: bool) -> Result<Store, Error> {
    open(settings, if read_only { OpenMode::ReadOnly } else { OpenMode::ReadWrite })
}

/// Opens the store for one look that leaves nothing behind.
///
/// # Errors
/// What the store says.
pub fn look_at_store(settings: &Settings) -> Result<Store, Error> {
    open(settings, OpenMode::Look)
}

fn open(settings: &Settings, mode: OpenMode) -> Result<Store, Error> {
    match &settings.store {
        StoreAt::File(path) => Store::open_sqlite(path, mode),
        StoreAt::Neo4j(neo4j) => Store::open_neo4j(&neo4j.config()),
    }
}

/// Where the last good graph of a database elsewhere is kept: a file for each database, so that
/// the graph of one is never served for another.
pub fn last_good(settings: &Settings, neo4j: &Neo4j) -> LastGood {
    let place = format!("{} {}", neo4j.url, neo4j.database.as_deref().unwrap_or_default());
    let name = Uuid::new_v5(&Uuid::NAMESPACE_URL, place.as_bytes());
    LastGood::at(settings.data.join(format!("last-good-{name}.jsonl.zst")))
}

/// The maquis for reading and writing; the data folder is made when it is missing.
///
/// # Errors
/// When the folder cannot be made or the store cannot be opened.
pub fn open_maquis(settings: &Settings) -> eyre::Result<Maquis> {
    std::fs::create_dir_all(&settings.data).map_err(|error| {
        eyre::eyre!(
            "{}: the data folder cannot be made: {error}; set MQD_DATA",
            settings.data.display()
        )
    })?;
    Ok(Maquis::open(open_store(settings, false)?)?)
}

/// How a server that reads a file beside the process that writes it opens it for a mutation.
pub fn writer(settings: &Settings) -> Option<OpenStore> {
    match &settings.store {
        StoreAt::File(path) if path.exists() => {
            let path = path.clone();
            Some(OpenStore(Arc::new(move || Store::open_sqlite(&path, OpenMode::ReadWrite))))
        }
        _ => None,
    }
}

/// The maquis for a server: it reads a file beside the process that writes it, and serves the last
/// good graph while a database elsewhere does not answer.
///
/// # Errors
/// As [`open_maquis`].
pub fn open_reader(settings: &Settings) -> eyre::Result<Maquis> {
    match &settings.store {
        StoreAt::File(path) if path.exists() => Ok(Maquis::open(open_store(settings, true)?)?),
        StoreAt::File(_) => open_maquis(settings),
        StoreAt::Neo4j(neo4j) => {
            let store = Store::neo4j_later(&neo4j.config())?;
            Ok(Maquis::open_or_last_good(store, last_good(settings, neo4j))?)
        }
    }
}

/// Pictures of the dépôts and published PDFs as the site serves them.
pub struct DepotFiles {
    /// The dépôts.
    pub contents: Arc<DepotContents>,
    /// The folder of published PDFs, where they are in a folder.
    pub pdfs: Option<PathBuf>,
}

impl Files for DepotFiles {
    fn file(&self, tree: &str, depot: &str, path: &str) -> Option<File> {
        match tree {
            "figures" => {
                let figure = self.contents.figure(depot, path)?;
                let media_type = figure.media_type.to_owned();
                Some(File { media_type, bytes: figure.bytes.clone().into() })
            }
            "pdf" => {
                // Names that publication gives: nothing hidden, nothing that leads elsewhere.
                let plain = |part: &str| !part.is_empty() && !part.starts_with('.');
                let named = plain(depot)
                    && !depot.contains(['/', '\\'])
                    && path.split('/').all(plain)
                    && !path.contains('\\')
                    && path.ends_with(".pdf");
                let file = self.pdfs.as_ref().filter(|_| named)?.join(depot).join(path);
                let bytes = std::fs::read(file).ok()?;
                Some(File { media_type: "application/pdf".to_owned(), bytes: bytes.into() })
            }
            _ => None,
        }
    }
}
