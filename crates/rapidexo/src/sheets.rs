//! The sheets of every configured dépôt: what the routes, the pages and the command line share.

use crate::{
    Address, Compile, Exercises, History, Library, Place, Sheet, SheetError, archive::Archive,
};
use arc_swap::ArcSwap;
use mqd_depot::scan::Scan;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// How the sheet server is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Folder where versions are kept; without it, only those in memory and in histories exist.
    pub archive: Option<PathBuf>,
    /// Finds former commits of dépôts that have no history here.
    pub history: Option<History>,
    /// Public address of the site, for QR codes and links from elsewhere.
    pub base_url: Option<String>,
    /// Makes PDFs; without it there are none.
    pub compiler: Option<Compile>,
}

/// Sheets of exercises. Cheap to clone; clones share everything.
#[derive(Debug, Clone)]
pub struct Sheets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    libraries: ArcSwap<Vec<Arc<Library>>>,
    options: Options,
    made: moka::sync::Cache<uuid::Uuid, Arc<Sheet>>,
    /// Versions of dépôts that are here no more, by name (if any) and version.
    gone: moka::sync::Cache<(Option<String>, String), Option<Arc<Exercises>>>,
}

/// Old clients come back for their `.tex` within this time; the contract says 15 minutes.
const LIFE: Duration = Duration::from_secs(2 * 3600);
/// How long a version of a dépôt that is gone stays in memory.
const A_WHILE: Duration = Duration::from_secs(60);
/// Sheets that are kept for them: a kilobyte each.
const KEPT: u64 = 50_000;

impl Sheets {
    /// The sheets of these dépôts; those without exercises are passed over.
    #[must_use]
    pub fn new(scans: &[Scan], options: Options) -> Self {
        let libraries = scans
            .iter()
            .filter_map(|scan| {
                Library::of(scan, options.archive.as_deref(), options.history.clone())
            })
            .map(Arc::new)
            .collect();
        Self::of(libraries, options)
    }

    /// The sheets of these libraries.
    #[must_use]
    pub fn of(libraries: Vec<Arc<Library>>, options: Options) -> Self {
        let made = moka::sync::Cache::builder().max_capacity(KEPT).time_to_live(LIFE).build();
        // What is not there is remembered too, so that nobody can make us search in a loop.
        let gone = moka::sync::Cache::builder().max_capacity(16).time_to_live(A_WHILE).build();
        Self(Arc::new(Inner { libraries: ArcSwap::from_pointee(libraries), options, made, gone }))
    }

    /// Later readings of the dépôts take the place of the former ones.
    pub fn replace(&self, scans: &[Scan]) {
        let before = self.0.libraries.load();
        let libraries = scans
            .iter()
            .filter_map(|scan| {
                let there = before.iter().find(|library| library.depot() == scan.manifest.name);
                match there {
                    Some(library) => {
                        library.replace(scan);
                        Some(Arc::clone(library))
                    }
                    None => {
                        let options = &self.0.options;
                        let (folder, history) =
                            (options.archive.as_deref(), options.history.clone());
                        Library::of(scan, folder, history).map(Arc::new)
                    }
                }
            })
            .collect();
        self.0.libraries.store(Arc::new(libraries));
    }

    /// The dépôts that have exercises.
    #[must_use]
    pub fn libraries(&self) -> Arc<Vec<Arc<Library>>> {
        self.0.libraries.load_full()
    }

    /// How the server is set up.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    /// A dépôt by its name; the first one without.
    ///
    /// # Errors
    /// [`SheetError::UnknownDepot`], [`SheetError::NoDepot`].
    pub fn library(&self, depot: Option<&str>) -> Result<Arc<Library>, SheetError> {
        let libraries = self.0.libraries.load();
        let found = match depot {
            None => libraries.first(),
            Some(name) => libraries.iter().find(|library| library.depot() == name),
        };
        found.cloned().ok_or_else(|| match depot {
            Some(name) if !libraries.is_empty() => SheetError::UnknownDepot(name.to_owned()),
            _ => SheetError::NoDepot,
        })
    }

    /// The sheet of an address. May read a former version from disk: not for async code that must
    /// not wait.
    ///
    /// # Errors
    /// [`SheetError`] when the address asks for what is not there.
    pub fn sheet(&self, address: Address) -> Result<Sheet, SheetError> {
        let exercises = self.exercises(address.depot.as_deref(), address.version.as_deref())?;
        Sheet::new(exercises, address)
    }

    /// The exercises that an address means. Where it names no dépôt it meant the first one of its
    /// time, which may stand elsewhere in the configuration today, or be gone: the version tells.
    fn exercises(
        &self,
        depot: Option<&str>,
        version: Option<&str>,
    ) -> Result<Arc<Exercises>, SheetError> {
        let first = self.library(depot).and_then(|library| library.at(version));
        let (Err(error), Some(version)) = (&first, version) else { return first };
        let others = self.libraries();
        let other = || others.iter().skip(1).find_map(|library| library.at(Some(version)).ok());
        if depot.is_none()
            && let Some(found) = other()
        {
            return Ok(found);
        }
        let key = (depot.map(str::to_owned), version.to_owned());
        let kept = || {
            let folder = self.0.options.archive.as_deref()?;
            match depot {
                Some(depot) => Archive::new(folder, depot).find(version),
                None => Archive::find_anywhere(folder, version),
            }
        };
        self.0.gone.get_with(key, || kept().map(Arc::new)).ok_or_else(|| error.clone())
    }

    /// The sheet of these statements, and an id under which old clients find it for a while.
    ///
    /// # Errors
    /// [`SheetError::NoExercise`] for a path that is no statement of any dépôt.
    pub fn of_paths(&self, paths: &[String]) -> Result<(uuid::Uuid, Arc<Sheet>), SheetError> {
        let libraries = self.libraries();
        let place = |exercises: &Exercises, path: &String| {
            let (theme, exercise) = exercises.at_path(path)?;
            let found = &exercises.themes[theme].exercises[exercise];
            (found.path == *path).then_some(Place { theme, exercise })
        };
        if paths.len() > crate::MAX_ITEMS {
            let (wanted, limit) = (paths.len(), crate::MAX_ITEMS);
            return Err(SheetError::TooMany { wanted, limit });
        }
        let library = libraries
            .iter()
            .find(|library| paths.first().is_some_and(|p| place(&library.current(), p).is_some()))
            .or(libraries.first())
            .ok_or(SheetError::NoDepot)?;
        let exercises = library.current();
        let places = paths
            .iter()
            .map(|path| {
                place(&exercises, path).ok_or_else(|| SheetError::NoExercise {
                    exercise: path.chars().take(120).collect(),
                    theme: None,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut sheet = Sheet { address: Address::default(), exercises, places };
        sheet.address = sheet.address_of(&sheet.places);
        let (id, sheet) = (uuid::Uuid::new_v4(), Arc::new(sheet));
        self.0.made.insert(id, Arc::clone(&sheet));
        Ok((id, sheet))
    }

    /// A sheet made by [`Sheets::of_paths`] not long ago.
    #[must_use]
    pub fn made(&self, id: &uuid::Uuid) -> Option<Arc<Sheet>> {
        self.0.made.get(id)
    }
}
