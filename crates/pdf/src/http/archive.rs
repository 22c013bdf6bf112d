//! Unpacking a tarball that a stranger sent: regular files only, inside the folder, within limits.

use super::answer::Problem;
use crate::{Limits, job::check_path};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
};

/// The files of a tarball (plain or gzip). Hidden files, and those whose names TeX could misread,
/// are left out: a repository has some, and no document needs them.
pub(super) fn unpack(
    tarball: impl Read,
    limits: &Limits,
) -> Result<BTreeMap<String, Bytes>, Problem> {
    let wrong =
        |error: std::io::Error| Problem::Caller(format!("the tarball cannot be read: {error}"));
    let mut tarball = BufReader::new(tarball);
    let zipped = tarball.fill_buf().map_err(wrong)?.starts_with(&[0x1f, 0x8b]);
    let reader: Box<dyn Read> =
        if zipped { Box::new(MultiGzDecoder::new(tarball)) } else { Box::new(tarball) };
    // Headers and padding come on top of the files; the rest of a bomb is never inflated.
    let room = limits.input as u64 + limits.files as u64 * 2_048 + (1 << 20);
    let mut archive = tar::Archive::new(reader.take(room));
    let mut files = BTreeMap::new();
    let mut total = 0_usize;
    for entry in archive.entries().map_err(wrong)? {
        let mut entry = entry.map_err(wrong)?;
        let kind = entry.header().entry_type();
        if kind.is_dir() || matches!(kind, tar::EntryType::XGlobalHeader) {
            continue;
        }
        let path = entry.path().map_err(wrong)?.display().to_string();
        if !kind.is_file() {
            return Err(Problem::Caller(format!(
                "« {path} » is no regular file; links are refused"
            )));
        }
        let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
        if path.starts_with('/') || path.split('/').any(|part| part == "..") {
            return Err(Problem::Caller(format!("« {path} » is outside of the tarball's folder")));
        }
        let mut bytes = Vec::new();
        let left = limits.input.saturating_sub(total);
        entry.by_ref().take(left as u64 + 1).read_to_end(&mut bytes).map_err(wrong)?;
        total += bytes.len();
        if total > limits.input || files.len() >= limits.files {
            return Err(Problem::Caller(format!(
                "the sources are too large (at most {} bytes, {} files)",
                limits.input, limits.files
            )));
        }
        if check_path(&path).is_ok() {
            files.insert(path, bytes.into());
        }
    }
    Ok(files)
}
