//! The exercises of one dépôt: the current version, and every version that addresses name.

use crate::{
    Exercises, SheetError,
    archive::Archive,
    past::{History, Past},
};
use arc_swap::ArcSwap;
use mqd_depot::scan::Scan;
use std::{path::Path, sync::Arc, time::Duration};

/// The exercises of one dépôt, current and former. Readers never wait for a writer.
#[derive(Debug)]
pub struct Library {
    depot: String,
    state: ArcSwap<State>,
    archive: Option<Archive>,
    history: Option<History>,
    older: moka::sync::Cache<String, Option<Arc<Exercises>>>,
}

#[derive(Debug)]
struct State {
    current: Arc<Exercises>,
    past: Option<Past>,
}

/// Whether digits of an address name a version: a beginning of the commit, and the same digest.
pub(crate) fn names(asked: &str, version: &str) -> bool {
    let split = |text: &str| {
        let (commit, digest) = text.split_once('-').unwrap_or((text, ""));
        (commit.to_owned(), digest.to_owned())
    };
    let ((asked, asked_digest), (commit, digest)) = (split(asked), split(version));
    commit.starts_with(&asked) && asked_digest == digest
}

impl Library {
    /// The exercises of a scanned dépôt; `None` when it has none. Versions are kept in `folder`.
    #[must_use]
    pub fn of(scan: &Scan, folder: Option<&Path>, history: Option<History>) -> Option<Self> {
        let exercises = Exercises::of(scan)?;
        let archive = folder.map(|folder| Archive::new(folder, &exercises.depot));
        let past = Past::of(scan, history.clone());
        Some(Self::build(exercises, Some(past), archive, history))
    }

    /// A library of exercises that come from nowhere else.
    #[must_use]
    pub fn new(exercises: Exercises) -> Self {
        Self::build(exercises, None, None, None)
    }

    fn build(
        mut exercises: Exercises,
        past: Option<Past>,
        archive: Option<Archive>,
        history: Option<History>,
    ) -> Self {
        keep(archive.as_ref(), &mut exercises);
        // Unknown versions are remembered too, for a while: nobody can make us search in a loop.
        let older = moka::sync::Cache::builder()
            .max_capacity(64)
            .time_to_live(Duration::from_secs(60))
            .build();
        Self {
            depot: exercises.depot.clone(),
            state: ArcSwap::from_pointee(State { current: Arc::new(exercises), past }),
            archive,
            history,
            older,
        }
    }

    /// The name of the dépôt.
    #[must_use]
    pub fn depot(&self) -> &str {
        &self.depot
    }

    /// The exercises as they are now.
    #[must_use]
    pub fn current(&self) -> Arc<Exercises> {
        Arc::clone(&self.state.load().current)
    }

    /// A later reading of the dépôt takes the place of the current one; unchanged exercises stay,
    /// with all that was made of them.
    pub fn replace(&self, scan: &Scan) {
        let Some(mut exercises) = Exercises::of(scan) else { return };
        let past = Some(Past::of(scan, self.history.clone()));
        keep(self.archive.as_ref(), &mut exercises);
        let before = self.current();
        let same = before.digest == exercises.digest && before.version == exercises.version;
        let current = if same { before } else { Arc::new(exercises) };
        self.state.store(Arc::new(State { current, past }));
        self.older.invalidate_all();
    }

    /// The exercises of a version: the current one, one that was kept, or one of the history.
    ///
    /// # Errors
    /// [`SheetError::UnknownVersion`].
    pub fn at(&self, version: Option<&str>) -> Result<Arc<Exercises>, SheetError> {
        let state = self.state.load();
        let Some(version) = version else { return Ok(Arc::clone(&state.current)) };
        if names(version, &state.current.version) {
            return Ok(Arc::clone(&state.current));
        }
        let find = || {
            let kept = self.archive.as_ref().and_then(|archive| archive.find(version));
            kept.or_else(|| {
                let mut found = state.past.as_ref()?.at(version)?;
                keep(self.archive.as_ref(), &mut found);
                Some(found)
            })
            .map(Arc::new)
        };
        self.older
            .get_with(version.to_owned(), find)
            .ok_or_else(|| SheetError::UnknownVersion(version.to_owned()))
    }
}

fn keep(archive: Option<&Archive>, exercises: &mut Exercises) {
    if let Some(archive) = archive
        && let Err(error) = archive.keep(exercises)
    {
        tracing::warn!(depot = exercises.depot, %error, "this version cannot be kept on disk");
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn digits_name_versions() {
        for (asked, version, wanted) in [
            ("abcdef1", "abcdef1234", true),
            ("abcdef2", "abcdef1234", false),
            ("abcdef1-01234567", "abcdef1234-01234567", true),
            ("abcdef1", "abcdef1234-01234567", false),
            ("abcdef1-01234567", "abcdef1234", false),
        ] {
            assert_eq!(names(asked, version), wanted, "{asked} {version}");
        }
    }
}
