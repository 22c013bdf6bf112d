//! Wiring: stores, maquis, contents and site out of the settings.

use crate::config::{Settings, StoreAt};
use mqd_depot::{DepotContents, Maquis, contents::Contents as _};
use mqd_graphql::OpenStore;
use mqd_site::{File, Files};
use mqd_store::{Error, Neo4jConfig, OpenMode, Secret, Store};
use secrecy::ExposeSecret as _;
use std::{path::PathBuf, sync::Arc};

/// Opens the store that the settings name; `read_only` leaves it to another process to write.
///
/// # Errors
/// What the store says.
pub fn open_store(settings: &Settings, read_only: bool) -> Result<Store, Error> {
    match &settings.store {
        StoreAt::File(path) => {
            let mode = if read_only { OpenMode::ReadOnly } else { OpenMode::ReadWrite };
            Store::open_sqlite(path, mode)
        }
        StoreAt::Neo4j { url, username, password, database } => Store::open_neo4j(&Neo4jConfig {
            url: url.clone(),
            username: username.clone(),
            password: Secret::new(password.expose_secret()),
            database: database.clone(),
        }),
    }
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

/// The maquis for a server: it reads a file beside the process that writes it.
///
/// # Errors
/// As [`open_maquis`].
pub fn open_reader(settings: &Settings) -> eyre::Result<Maquis> {
    if let StoreAt::File(path) = &settings.store
        && path.exists()
    {
        return Ok(Maquis::open(open_store(settings, true)?)?);
    }
    open_maquis(settings)
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
