//! Finished PDFs and pictures on disk, by the digest of what they were made of, oldest use out first.

use bytes::Bytes;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

/// A folder of files of one kind with a size limit; it lives across restarts.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    extension: &'static str,
    limit: u64,
    /// Bytes in the folder, about: other processes may share it.
    size: AtomicU64,
}

impl Cache {
    /// A folder of files that end in `.extension`, made where it is missing.
    pub(crate) fn open(folder: &Path, extension: &'static str, limit: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let size = entries(folder).iter().map(|entry| entry.size).sum();
        Ok(Self { folder: folder.to_path_buf(), extension, limit, size: AtomicU64::new(size) })
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.{}", self.extension))
    }

    /// A file's bytes; it is marked as just used.
    pub(crate) fn get(&self, key: &str) -> Option<Bytes> {
        fs::read(self.touch(key)?).ok().map(Bytes::from)
    }

    /// A file's place; it is marked as just used.
    pub(crate) fn touch(&self, key: &str) -> Option<PathBuf> {
        let path = self.path(key);
        let file = fs::File::options().append(true).open(&path).ok()?;
        // The time of the last use orders the files; failing to set it only ages the file.
        let _ = file.set_modified(SystemTime::now());
        Some(path)
    }

    /// Whether a file is there; that is no use of it.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.path(key).is_file()
    }

    /// Forgets a file.
    pub(crate) fn remove(&self, key: &str) {
        let path = self.path(key);
        let length = fs::metadata(&path).map_or(0, |meta| meta.len());
        if fs::remove_file(path).is_ok() {
            let less = |size: u64| Some(size.saturating_sub(length));
            let _ = self.size.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        }
    }

    /// Keeps a file. A full disk or an unwritable folder only means that nothing is kept.
    pub(crate) fn put(&self, key: &str, bytes: &Bytes) {
        let write = || -> io::Result<()> {
            let mut staged = tempfile::NamedTempFile::new_in(&self.folder)?;
            io::Write::write_all(&mut staged, bytes)?;
            // Not forced to the disk: who reads looks whether the file is whole.
            staged.persist(self.path(key)).map_err(|error| error.error)?;
            Ok(())
        };
        if let Err(error) = write() {
            tracing::warn!(%error, "a result could not be kept");
            return;
        }
        let size = self.size.fetch_add(bytes.len() as u64, Ordering::Relaxed) + bytes.len() as u64;
        if size > self.limit {
            self.evict();
        }
    }

    fn evict(&self) {
        let mut entries = entries(&self.folder);
        entries.sort_by_key(|entry| entry.used);
        let mut size: u64 = entries.iter().map(|entry| entry.size).sum();
        // Down to nine tenths, so that not every later PDF has to clean up.
        for entry in entries {
            if size <= self.limit / 10 * 9 {
                break;
            }
            if fs::remove_file(&entry.path).is_ok() {
                size -= entry.size;
            }
        }
        self.size.store(size, Ordering::Relaxed);
    }
}

struct Entry {
    path: PathBuf,
    size: u64,
    used: SystemTime,
}

fn entries(folder: &Path) -> Vec<Entry> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            meta.is_file().then(|| Entry {
                path: entry.path(),
                size: meta.len(),
                used: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_least_recently_used_goes_first_and_the_rest_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), "pdf", 100).unwrap();
        let age = |key: &str, seconds| {
            let file = fs::File::options()
                .append(true)
                .open(folder.path().join(format!("{key}.pdf")))
                .unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
        };
        cache.put("a", &Bytes::from(vec![b'a'; 40]));
        cache.put("b", &Bytes::from(vec![b'b'; 40]));
        age("a", 100);
        age("b", 50);
        assert!(cache.get("a").is_some());
        cache.put("c", &Bytes::from(vec![b'c'; 40]));
        assert!(cache.get("b").is_none(), "b was the oldest");
        let again = Cache::open(folder.path(), "pdf", 100).unwrap();
        assert_eq!(again.get("a").map(|pdf| pdf.len()), Some(40));
        assert!(again.get("c").is_some());
    }
}
