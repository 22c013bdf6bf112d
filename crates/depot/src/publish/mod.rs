//! Publishing PDFs: to a folder that the site serves, or to an S3-compatible space.

mod plan;
mod space;

pub use plan::{Entry, Object, Owned, Plan, plan};
pub use space::{PublishError, Report, Space};

use crate::{
    compile::{Record, write},
    manifest::{Manifest, Publish},
    scan::Scan,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, io, path::Path};

/// `[publish]` of `maquisdoc.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublishConfig {
    /// Where PDFs go: `s3://bucket/prefix`, or a folder; `publication` in the data folder when
    /// nothing is said.
    pub to: Option<String>,
    /// The public address of that place; `/pdf` of the site when it is a folder.
    pub address: Option<String>,
    /// Take over files that somebody else put where ours go.
    pub replace: bool,
}

/// The address of the folder that the site serves.
const OWN: &str = "/pdf";

impl PublishConfig {
    /// Whether the PDFs are in a folder of this machine.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        !self.to.as_deref().is_some_and(|to| to.contains("://"))
    }

    /// The public address of the place, without a slash at its end.
    ///
    /// # Errors
    /// [`PublishError::NoAddress`] for a space whose address is not said.
    pub fn base(&self) -> Result<&str, PublishError> {
        match (&self.address, &self.to) {
            (Some(address), _) => Ok(address.trim_end_matches('/')),
            (None, Some(to)) if !self.is_folder() => Err(PublishError::NoAddress(to.clone())),
            (None, _) => Ok(OWN),
        }
    }
}

/// Where the PDF of a record goes, and its public address. A manifest's address that lies below
/// the public address of the place says where in it the PDF goes.
#[must_use]
pub fn place(manifest: &Manifest, record: &Record, base: &str) -> (String, String) {
    let own = format!("{}/{}.pdf", record.depot, record.name);
    let written = manifest.pdf_address.as_ref().and_then(|template| {
        template.fill_with(|name| {
            Some(match name {
                "path" => format!("{}.tex", record.name),
                "stem" => record.name.clone(),
                "depot" => record.depot.clone(),
                _ => return None,
            })
        })
    });
    match written {
        None => {
            let address = format!("{base}/{}", encoded(&own));
            (own, address)
        }
        Some(address) => match address.strip_prefix(base).and_then(|rest| rest.strip_prefix('/')) {
            Some(key) if !key.is_empty() => (key.to_owned(), format!("{base}/{}", encoded(key))),
            // The author publishes elsewhere what readers are led to.
            _ => (own, address),
        },
    }
}

/// A path as it stands in an address.
fn encoded(path: &str) -> String {
    path.split('/').map(crate::provide::encode).collect::<Vec<_>>().join("/")
}

/// The public addresses of PDFs, by the key of their document's node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    depots: BTreeMap<String, BTreeMap<String, BTreeMap<Publish, String>>>,
}

impl Published {
    /// Reads them; a file that is not there or cannot be read has none.
    #[must_use]
    pub fn load(file: &Path) -> Self {
        std::fs::read(file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Writes them.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, file: &Path) -> io::Result<()> {
        write(file, &serde_json::to_vec_pretty(self)?)
    }

    /// Whether the PDFs of a dépôt are published by us.
    #[must_use]
    pub fn knows(&self, depot: &str) -> bool {
        self.depots.contains_key(depot)
    }

    /// The address of a PDF.
    #[must_use]
    pub fn address(&self, depot: &str, cle: &str, what: Publish) -> Option<&str> {
        self.depots.get(depot)?.get(cle)?.get(&what).map(String::as_str)
    }

    /// Forgets the addresses of a dépôt.
    pub fn clear(&mut self, depot: &str) {
        self.depots.remove(depot);
    }

    /// Forgets the dépôts that are not among these.
    pub fn keep(&mut self, known: impl Fn(&str) -> bool) {
        self.depots.retain(|depot, _| known(depot));
    }

    /// Forgets an address.
    pub fn remove(&mut self, record: &Record) {
        if let Some(documents) = self.depots.get_mut(&record.depot)
            && let Some(addresses) = documents.get_mut(&record.cle)
        {
            addresses.remove(&record.what);
        }
    }

    /// Remembers an address.
    pub fn insert(&mut self, record: &Record, address: String) {
        let documents = self.depots.entry(record.depot.clone()).or_default();
        documents.entry(record.cle.clone()).or_default().insert(record.what, address);
    }
}

/// What is to be published of these dépôts, and the addresses that it will have.
///
/// # Errors
/// [`PublishError::NoAddress`].
pub fn wanted(
    scans: &[Scan],
    records: &BTreeMap<(String, String), Record>,
    config: &PublishConfig,
    published: &Published,
) -> Result<(Vec<(Object, Record)>, Published), PublishError> {
    let base = config.base()?;
    let mut addresses = published.clone();
    let mut objects = Vec::new();
    for scan in scans {
        let depot = &scan.manifest.name;
        addresses.clear(depot);
        for ((_, _), record) in records.iter().filter(|((of, _), _)| of == depot) {
            let Some(kept) = &record.pdf else { continue };
            let (key, address) = place(&scan.manifest, record, base);
            addresses.insert(record, address);
            let object =
                Object { key, depot: depot.clone(), hash: kept.hash.clone(), size: kept.size };
            objects.push((object, record.clone()));
        }
    }
    Ok((objects, addresses))
}
