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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn damaged_tarballs_stay_within_the_limits(at in 0_usize..2_048, byte in any::<u8>(), cut in 0_usize..3_000) {
            let mut tar = tar::Builder::new(Vec::new());
            let mut header = tar::Header::new_gnu();
            header.set_size(600);
            tar.append_data(&mut header, "a/b.tex", &[b'x'; 600][..]).unwrap();
            let mut bytes = tar.into_inner().unwrap();
            bytes[at] = byte;
            bytes.truncate(cut);
            let limits = Limits { input: 1_000, files: 2, ..Limits::default() };
            if let Ok(files) = unpack(&bytes[..], &limits) {
                prop_assert!(files.len() <= 2);
                prop_assert!(files.values().map(Bytes::len).sum::<usize>() <= 1_000);
                prop_assert!(files.keys().all(|path| check_path(path).is_ok()));
            }
        }
    }
}
