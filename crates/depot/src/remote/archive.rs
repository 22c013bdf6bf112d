//! Archives of repositories, unpacked: whole or not at all, ordinary files only.

use flate2::read::GzDecoder;
use std::{
    fs, io,
    io::Read,
    path::{Component, Path, PathBuf},
};

/// A repository is no larger than this, unpacked.
const LARGEST: u64 = 2 << 30;
/// A repository has no more files than this.
const MOST_FILES: usize = 200_000;

/// Unpacks a `.tar.gz` whose files stand in one folder, as GitHub makes them. The folder `to` is
/// there when this succeeds, and not otherwise.
pub(super) fn unpack(archive: impl Read, to: &Path) -> io::Result<()> {
    let parent = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let work = tempfile::Builder::new().prefix(".new-").tempdir_in(parent)?;
    let mut decoder = GzDecoder::new(archive);
    let (mut bytes, mut files) = (0_u64, 0_usize);
    {
        let mut archive = tar::Archive::new(&mut decoder);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let Some(path) = inside(&entry.path()?) else { continue };
            // Links could lead out of the folder; nothing else is a source.
            if !entry.header().entry_type().is_file() {
                continue;
            }
            bytes = bytes.saturating_add(entry.size());
            files += 1;
            if bytes > LARGEST || files > MOST_FILES {
                return Err(io::Error::other("the repository is too large"));
            }
            let path = work.path().join(path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let size = entry.size();
            let mut file = fs::File::create(&path)?;
            if io::copy(&mut entry, &mut file)? != size {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
    // To the end: the checksum there says whether the archive is whole.
    io::copy(&mut decoder, &mut io::sink())?;
    if files == 0 {
        return Err(io::Error::other("the archive holds no file"));
    }
    match fs::rename(work.path(), to) {
        // Another thread was faster; its folder is as good.
        Err(_) if to.is_dir() => Ok(()),
        done => done,
    }
}

/// The path inside the one folder of the archive; `None` for that folder and for paths that leave
/// it. Git's own folder is no source.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut parts = path.components();
    parts.next()?;
    let rest = parts.as_path();
    plain(rest).then(|| rest.to_owned())
}

/// Whether a path stays in its folder and is none of Git's own.
pub(super) fn plain(path: &Path) -> bool {
    let normal = path.components().all(|part| matches!(part, Component::Normal(_)));
    let git = path.components().next().is_some_and(|part| part.as_os_str() == ".git");
    normal && !git && !path.as_os_str().is_empty()
}
