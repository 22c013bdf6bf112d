//! The private folder of a run: sources in; log, PDF and what the document writes for itself out.

use crate::{drawing::is_picture, job::Job, sandbox::Sandbox};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};

/// At most this much of a log is kept: its beginning and its end.
const LOG_HEAD: u64 = 512 << 10;
const LOG_TAIL: u64 = 64 << 10;
/// Most files that a document may write for itself and have looked at.
const MOST_WRITTEN: usize = 5_000;

/// What a run writes beside its PDF under the document's name. Copies of them among the sources
/// are of another run, and are left out.
const WRITTEN: &[&str] = &[
    "pdf",
    "log",
    "aux",
    "toc",
    "lof",
    "lot",
    "out",
    "nav",
    "snm",
    "vrb",
    "idx",
    "ilg",
    "blg",
    "glo",
    "glg",
    "ist",
    "fls",
    "fdb_latexmk",
    "xdv",
    "dvi",
    "synctex.gz",
];

/// What the folders of runs are called.
const PREFIX: &str = "maquisdoc-tex-";

/// Removes the folders of runs that a killed service left. No run lasts for an hour.
pub(crate) fn sweep() {
    const OLD: Duration = Duration::from_secs(3600);
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let left = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX))
            && entry
                .metadata()
                .and_then(|meta| meta.modified())
                .is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > OLD));
        if left && let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::warn!(%error, "the folder of an old run could not be removed");
        }
    }
}

/// The private folder of a run; it is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Work {
    folder: Option<tempfile::TempDir>,
    path: PathBuf,
    jobname: String,
}

impl Work {
    /// Writes the files of a checked job to a new folder that the sandboxed process owns.
    pub(crate) async fn new(job: &Job, sandbox: &Sandbox) -> io::Result<Self> {
        let (job, user) = (job.clone(), sandbox.user());
        tokio::task::spawn_blocking(move || Self::write(&job, user)).await?
    }

    fn write(job: &Job, user: Option<u32>) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let own = |path: &Path| match user {
            Some(user) => std::os::unix::fs::chown(path, Some(user), Some(user)),
            None => Ok(()),
        };
        let jobname = jobname(&job.main);
        let root = folder.path().to_path_buf();
        let work = Self { folder: Some(folder), path: root.clone(), jobname };
        own(&root)?;
        for (name, bytes) in &job.files {
            if work.would_overwrite(name) {
                continue;
            }
            let path = root.join(name);
            let mut parents: Vec<&Path> = path
                .ancestors()
                .skip(1)
                .take_while(|parent| *parent != root && !parent.exists())
                .collect();
            while let Some(parent) = parents.pop() {
                fs::create_dir(parent)?;
                own(parent)?;
            }
            fs::write(&path, bytes)?;
            own(&path)?;
        }
        Ok(work)
    }

    /// Whether a source has the name of something that the run writes.
    fn would_overwrite(&self, name: &str) -> bool {
        name.strip_prefix(&self.jobname)
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(|extension| WRITTEN.contains(&extension))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What TeX calls the document: `\jobname`, and the name of all that it writes.
    pub(crate) fn jobname(&self) -> &str {
        &self.jobname
    }

    fn output(&self, extension: &str) -> PathBuf {
        self.path.join(format!("{}.{extension}", self.jobname))
    }

    /// Opens a file if it is a regular one: LuaTeX could have put a link in its place. Nothing runs
    /// any more when this is called, so that nothing changes between the look and the opening.
    fn open(path: &Path) -> Option<fs::File> {
        fs::symlink_metadata(path).ok()?.is_file().then(|| fs::File::open(path).ok()).flatten()
    }

    /// A picture that a script made, if it is whole and inside the folder: the script could have put
    /// links in the place of folders.
    pub(crate) fn made(&self, path: &str) -> Option<Bytes> {
        let place = self.path.join(path);
        let inside = place.parent()?.canonicalize().ok()?;
        if !inside.starts_with(self.path.canonicalize().ok()?) {
            return None;
        }
        let mut bytes = Vec::new();
        Self::open(&place)?.read_to_end(&mut bytes).ok()?;
        is_picture(path, &bytes).then(|| bytes.into())
    }

    /// Whether an output file is there and not empty.
    pub(crate) fn has(&self, extension: &str) -> bool {
        fs::symlink_metadata(self.output(extension))
            .is_ok_and(|meta| meta.is_file() && meta.len() > 0)
    }

    pub(crate) fn read_small(&self, extension: &str) -> Option<String> {
        read_small(&self.output(extension))
    }

    /// What bibtex reads: its lines in the auxiliary files.
    pub(crate) fn citations(&self) -> String {
        let mut lines = String::new();
        for path in self.auxiliary() {
            for line in read_small(&path).unwrap_or_default().lines() {
                if ["\\citation{", "\\bibdata{", "\\bibstyle{"].iter().any(|c| line.starts_with(c))
                {
                    lines.push_str(line);
                    lines.push('\n');
                }
            }
        }
        lines
    }

    /// Whether a finished bibliography came with the sources and what it was made of did not.
    pub(crate) fn brings_bibliography(&self, citations: &str) -> bool {
        let mut data = citations
            .lines()
            .filter_map(|line| line.strip_prefix("\\bibdata{")?.strip_suffix('}'))
            .flat_map(|names| names.split(','))
            .take(100);
        self.has("bbl") && !data.any(|name| self.path.join(format!("{name}.bib")).exists())
    }

    /// The log: whole, or its beginning and its end.
    pub(crate) fn log(&self) -> String {
        let read = || -> Option<String> {
            let mut file = Self::open(&self.output("log"))?;
            let length = file.metadata().ok()?.len();
            let mut bytes = Vec::new();
            file.by_ref().take(LOG_HEAD).read_to_end(&mut bytes).ok()?;
            if length > LOG_HEAD {
                bytes.extend_from_slice(b"\n[...]\n");
                file.seek(SeekFrom::Start(LOG_HEAD.max(length.saturating_sub(LOG_TAIL)))).ok()?;
                file.take(LOG_TAIL).read_to_end(&mut bytes).ok()?;
            }
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_default()
    }

    /// The PDF, if it is whole.
    pub(crate) async fn pdf(&self) -> io::Result<Option<Bytes>> {
        let path = self.output("pdf");
        tokio::task::spawn_blocking(move || {
            let Some(mut file) = Self::open(&path) else { return Ok(None) };
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(is_whole(&bytes).then(|| bytes.into()))
        })
        .await?
    }

    /// Digests of what the document wrote for its next pass, by path.
    pub(crate) fn written(&self) -> BTreeMap<PathBuf, blake3::Hash> {
        let digest = |path: PathBuf| {
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(Self::open(&path)?).ok()?;
            Some((path, hasher.finalize()))
        };
        let own = fs::read_dir(&self.path).into_iter().flatten().flatten().take(MOST_WRITTEN);
        let own = own.map(|entry| entry.path()).filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.strip_prefix(&self.jobname)
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|extension| !["log", "pdf", "ilg", "blg", "tex"].contains(&extension))
        });
        self.auxiliary().into_iter().chain(own).filter_map(digest).collect()
    }

    /// Every `.aux` file: `\include` makes one for each part.
    fn auxiliary(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.path.clone()];
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                seen += 1;
                if seen > MOST_WRITTEN {
                    return found;
                }
                let path = entry.path();
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "aux") {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // Removing thousands of files takes a while: not on a thread that serves requests.
        if let Some(folder) = self.folder.take() {
            let remove = move || {
                if let Err(error) = folder.close() {
                    tracing::warn!(%error, "the folder of a run could not be removed");
                }
            };
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn_blocking(remove)),
                Err(_) => remove(),
            }
        }
    }
}

fn read_small(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    Work::open(path)?.take(4 << 20).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether these bytes are a whole PDF. TeX writes the trailer last: without it the file is a part
/// of one.
pub(crate) fn is_whole(pdf: &[u8]) -> bool {
    let tail = &pdf[pdf.len().saturating_sub(1024)..];
    pdf.starts_with(b"%PDF-") && tail.windows(5).any(|window| window == b"%%EOF")
}

/// The name of the main file without folder and ending, without what TeX or a shell reads in a way
/// of its own. Authors print it in their footers.
fn jobname(main: &str) -> String {
    let name = main.rsplit('/').next().unwrap_or(main);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let name: String = stem.chars().map(|c| if safe(c) { c } else { '-' }).take(100).collect();
    match name.trim_start_matches(['-', '.']) {
        "" => "document".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_its_name() {
        for (main, name) in [
            ("A/Fex.tex", "Fex"),
            ("a.b.tex", "a.b"),
            ("NotesM&I.tex", "NotesM-I"),
            ("Énoncé 2.tex", "nonc--2"),
            ("main", "main"),
            ("é.tex", "document"),
        ] {
            assert_eq!(jobname(main), name, "{main}");
        }
    }

    #[test]
    fn a_part_of_a_pdf_is_none() {
        assert!(is_whole(b"%PDF-1.5\n...\nstartxref\n12\n%%EOF\n"));
        assert!(!is_whole(b"%PDF-1.5\n...\n"));
        assert!(!is_whole(b"..%%EOF"));
        assert!(!is_whole(b""));
    }
}
