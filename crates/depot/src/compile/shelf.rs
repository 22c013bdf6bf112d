//! What has been compiled: a PDF and a record for each target, in the data folder.
//!
//! A record is written after its PDF, each in one step, so that a run that is killed leaves whole
//! files and the next one goes on from there.

use crate::{compile::Target, manifest::Publish};
use mqd_pdf::Engine;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::{Path, PathBuf},
};

/// The folder of compiled PDFs.
#[derive(Debug, Clone)]
pub struct Shelf {
    folder: PathBuf,
}

/// What is known of one PDF.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The dépôt.
    pub depot: String,
    /// The name of the PDF inside the dépôt, without ending.
    pub name: String,
    /// The stable key of the document's node.
    pub cle: String,
    /// Which of its PDFs.
    pub what: Publish,
    /// The engine.
    pub engine: Engine,
    /// Digest of all that the last run was made of, TeX included.
    pub digest: String,
    /// Files that TeX asked for and that no source names: name as asked for, path in the dépôt.
    #[serde(default)]
    pub asked: BTreeMap<String, String>,
    /// Seconds that the last run took.
    pub seconds: f64,
    /// Why the last run failed.
    #[serde(default)]
    pub problem: Option<Problem>,
    /// The last PDF that compiled.
    #[serde(default)]
    pub pdf: Option<Kept>,
}

/// A PDF that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Digest of its bytes.
    pub hash: String,
    /// Bytes.
    pub size: u64,
}

/// Why a document does not compile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The source where TeX stopped, as a path in the dépôt.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// What TeX says.
    pub message: String,
    /// The source text that TeX shows.
    pub excerpt: String,
    /// What it means, in French.
    pub hint: String,
    /// Whether the same sources would fail again.
    pub lasting: bool,
}

impl Shelf {
    /// A folder, which is made when something is put in it.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn file(&self, depot: &str, name: &str, ending: &str) -> PathBuf {
        self.folder.join(depot).join(format!("{name}.{ending}"))
    }

    /// Every record, by dépôt and name. One that cannot be read is as one that is not there.
    #[must_use]
    pub fn records(&self) -> BTreeMap<(String, String), Record> {
        let mut out = BTreeMap::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "json")
                    && let Ok(bytes) = fs::read(&path)
                    && let Ok(record) = serde_json::from_slice::<Record>(&bytes)
                    && self.file(&record.depot, &record.name, "json") == path
                {
                    out.insert((record.depot.clone(), record.name.clone()), record);
                }
            }
        }
        out
    }

    /// The PDF of a record.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn pdf(&self, record: &Record) -> io::Result<Vec<u8>> {
        fs::read(self.file(&record.depot, &record.name, "pdf"))
    }

    /// Whether the PDF of a record is there.
    #[must_use]
    pub fn has(&self, record: &Record) -> bool {
        let Some(kept) = &record.pdf else { return false };
        fs::metadata(self.file(&record.depot, &record.name, "pdf"))
            .is_ok_and(|meta| meta.len() == kept.size)
    }

    /// Keeps a PDF.
    pub(super) fn put_pdf(&self, target: &Target, pdf: &[u8]) -> io::Result<Kept> {
        write(&self.file(&target.depot, &target.name, "pdf"), pdf)?;
        let hash = blake3::hash(pdf).to_hex()[..32].to_owned();
        Ok(Kept { hash, size: pdf.len() as u64 })
    }

    /// Keeps a record.
    pub(super) fn put(&self, record: &Record) -> io::Result<()> {
        let json = serde_json::to_vec_pretty(record)?;
        write(&self.file(&record.depot, &record.name, "json"), &json)
    }

    /// Forgets a PDF and its record.
    pub(super) fn remove(&self, record: &Record) -> io::Result<()> {
        for ending in ["pdf", "json"] {
            match fs::remove_file(self.file(&record.depot, &record.name, ending)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Writes a file whole or not at all.
///
/// # Errors
/// With the name of the file: when its folder cannot be written, or is full.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let staged = || {
        fs::create_dir_all(folder)?;
        let mut staged = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut staged, bytes)?;
        staged.persist(path).map_err(|error| error.error)
    };
    match staged() {
        Ok(_) => Ok(()),
        Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
    }
}

/// The file in which a dépôt's folder of drawings says what it holds.
pub(crate) const INDEX: &str = "index.json";

/// What the folder of a dépôt says that it holds; nothing where it cannot be read: all is made anew.
pub(crate) fn index<T: DeserializeOwned + Default>(folder: &Path) -> T {
    fs::read(folder.join(INDEX))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// The same for a folder with one folder a dépôt.
pub(crate) fn indexes<T: DeserializeOwned + Default>(folder: &Path) -> HashMap<String, T> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, index(&entry.path()))))
        .collect()
}
