//! Versions on disk: every version that a sheet was made of is kept, so that its address means the
//! same sheet years later, whatever became of the dépôt.

use crate::{Exercise, Exercises, Shelf, Theme};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

/// A version as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    depot: String,
    title: String,
    version: String,
    digest: String,
    preamble: (String, Arc<str>),
    themes: Vec<StoredTheme>,
    texts: BTreeMap<String, Arc<str>>,
    figures: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct StoredTheme {
    name: String,
    title: String,
    exercises: Vec<StoredExercise>,
}

#[derive(Serialize, Deserialize)]
struct StoredExercise {
    name: String,
    path: String,
    statement: Arc<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<(String, Arc<str>)>,
}

const FORMAT: u32 = 1;
const ENDING: &str = ".json.gz";
/// A version unpacks to no more than this.
const LARGEST: u64 = 256 << 20;

/// The folder of the versions of one dépôt.
#[derive(Debug, Clone)]
pub(crate) struct Archive(PathBuf);

impl Archive {
    /// The versions of a dépôt inside a folder.
    pub(crate) fn new(folder: &Path, depot: &str) -> Self {
        let name: String = depot
            .chars()
            .map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' })
            .collect();
        Self(folder.join(name))
    }

    /// Keeps a version; nothing is written when it is there already. Another reading of the same
    /// commit (its manifest changed) gets a version of its own.
    pub(crate) fn keep(&self, exercises: &mut Exercises) -> io::Result<()> {
        let path = |version: &str| self.0.join(format!("{version}{ENDING}"));
        if let Some(there) = read(&path(&exercises.version)) {
            if there.digest == exercises.digest {
                return Ok(());
            }
            exercises.version = format!("{}-{:.8}", exercises.version, exercises.digest);
            if path(&exercises.version).exists() {
                return Ok(());
            }
        }
        std::fs::create_dir_all(&self.0)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        let mut out = GzEncoder::new(&mut file, Compression::default());
        serde_json::to_writer(&mut out, &stored(exercises))?;
        out.finish()?.flush()?;
        file.as_file().sync_all()?;
        file.persist(path(&exercises.version)).map_err(|error| error.error)?;
        Ok(())
    }

    /// A version of any dépôt that was ever kept in a folder.
    pub(crate) fn find_anywhere(folder: &Path, version: &str) -> Option<Exercises> {
        let depots = std::fs::read_dir(folder).ok()?;
        depots.flatten().find_map(|depot| Self(depot.path()).find(version))
    }

    /// The version that these digits begin; `None` when there is none, or more than one.
    pub(crate) fn find(&self, version: &str) -> Option<Exercises> {
        let mut found: Option<PathBuf> = None;
        for entry in std::fs::read_dir(&self.0).ok()? {
            let Ok(entry) = entry else { continue };
            let name = entry.file_name();
            let Some(name) = name.to_str().and_then(|name| name.strip_suffix(ENDING)) else {
                continue;
            };
            if crate::library::names(version, name) {
                if found.is_some() {
                    return None;
                }
                found = Some(entry.path());
            }
        }
        load(&found?)
    }
}

fn stored(exercises: &Exercises) -> Stored {
    Stored {
        format: FORMAT,
        depot: exercises.depot.clone(),
        title: exercises.title.clone(),
        version: exercises.version.clone(),
        digest: exercises.digest.clone(),
        preamble: exercises.preamble.clone(),
        themes: exercises
            .themes
            .iter()
            .map(|theme| StoredTheme {
                name: theme.name.clone(),
                title: theme.title.clone(),
                exercises: theme
                    .exercises
                    .iter()
                    .map(|exercise| StoredExercise {
                        name: exercise.name.clone(),
                        path: exercise.path.clone(),
                        statement: Arc::clone(&exercise.statement),
                        hint: exercise.hint.clone(),
                        answer: exercise.answer.clone(),
                    })
                    .collect(),
            })
            .collect(),
        texts: exercises.shelf.texts.clone(),
        figures: exercises
            .shelf
            .figures
            .iter()
            .map(|(path, bytes)| (path.clone(), BASE64.encode(bytes)))
            .collect(),
    }
}

fn read(path: &Path) -> Option<Stored> {
    let file = File::open(path).ok()?;
    let mut text = String::new();
    let read = GzDecoder::new(file).take(LARGEST).read_to_string(&mut text);
    let stored = read.and_then(|_| Ok(serde_json::from_str::<Stored>(&text)?));
    match stored {
        Ok(stored) if stored.format == FORMAT => Some(stored),
        Ok(stored) => {
            tracing::warn!(?path, format = stored.format, "a kept version has another format");
            None
        }
        Err(error) => {
            tracing::warn!(?path, %error, "a kept version cannot be read");
            None
        }
    }
}

fn load(path: &Path) -> Option<Exercises> {
    let stored = read(path)?;
    let themes = stored
        .themes
        .into_iter()
        .map(|theme| Theme {
            name: theme.name,
            title: theme.title,
            exercises: theme
                .exercises
                .into_iter()
                .map(|exercise| Exercise {
                    name: exercise.name,
                    path: exercise.path,
                    statement: exercise.statement,
                    hint: exercise.hint,
                    answer: exercise.answer,
                    ..Exercise::default()
                })
                .collect(),
        })
        .collect();
    let figures = stored
        .figures
        .into_iter()
        .map(|(path, text)| Some((path, Bytes::from(BASE64.decode(text).ok()?))))
        .collect::<Option<_>>()?;
    let shelf = Shelf { texts: stored.texts, figures };
    let mut exercises = Exercises::new(stored.depot, stored.title, themes, stored.preamble, shelf);
    if exercises.digest != stored.digest {
        tracing::warn!(?path, "a kept version is not what it was; it is not used");
        return None;
    }
    exercises.version = stored.version;
    Some(exercises)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::exercises;

    #[test]
    fn a_version_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::new(folder.path(), "../un dépôt");
        let mut kept = exercises(&[("A", 3)]);
        kept.shelf.figures.insert("a.pdf".into(), Bytes::from_static(b"\x00\xff"));
        let (depot, title) = (kept.depot.clone(), kept.title.clone());
        let (themes, preamble) = (kept.themes.clone(), kept.preamble.clone());
        let mut kept = Exercises::new(depot, title, themes, preamble, kept.shelf.clone());
        kept.version = "ab".repeat(20);
        archive.keep(&mut kept).unwrap();
        archive.keep(&mut kept).unwrap();
        let found = archive.find("ababababab").unwrap();
        assert_eq!((&found.version, &found.digest), (&kept.version, &kept.digest));
        assert_eq!(found.shelf, kept.shelf);
        assert!(archive.find("cdcdcdcd").is_none());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

        // Another reading of the same commit does not take the place of the first.
        let mut other = exercises(&[("A", 4)]);
        other.version = kept.version.clone();
        archive.keep(&mut other).unwrap();
        assert_eq!(other.version, format!("{}-{:.8}", kept.version, other.digest));
        assert_eq!(archive.find(&kept.version).unwrap().digest, kept.digest);
        assert_eq!(archive.find(&other.short_version()).unwrap().digest, other.digest);
    }

    #[test]
    fn a_damaged_version_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::new(folder.path(), "d");
        let mut kept = exercises(&[("A", 3)]);
        archive.keep(&mut kept).unwrap();
        let path = folder.path().join("d").join(format!("{}{ENDING}", kept.version));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(archive.find(&kept.version).is_none());
    }
}
