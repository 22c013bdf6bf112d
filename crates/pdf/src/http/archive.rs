//! Unpacking a tarball that a stranger sent: regular files only, inside the folder, within limits.

use super::answer::Problem;
use crate::Limits;
use bytes::Bytes;
use flate2::read::GzDecoder;
use std::{collections::BTreeMap, io::Read};

/// The files of a tarball (plain or gzip), transcoded where they are LaTeX.
pub(super) fn unpack(tarball: &[u8], limits: &Limits) -> Result<BTreeMap<String, Bytes>, Problem> {
    let reader: Box<dyn Read> = if tarball.starts_with(&[0x1f, 0x8b]) {
        Box::new(GzDecoder::new(tarball))
    } else {
        Box::new(tarball)
    };
    // One byte over the limit is enough to know; the rest of a bomb is never inflated.
    let mut archive = tar::Archive::new(reader.take(limits.input as u64 * 2 + (1 << 20)));
    let wrong =
        |error: std::io::Error| Problem::Caller(format!("the tarball cannot be read: {error}"));
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
        let mut bytes = Vec::new();
        let room = limits.input.saturating_sub(total);
        entry.by_ref().take(room as u64 + 1).read_to_end(&mut bytes).map_err(wrong)?;
        total += bytes.len();
        if total > limits.input || files.len() >= limits.files {
            return Err(Problem::Caller(format!(
                "the tarball is too large (at most {} bytes, {} files)",
                limits.input, limits.files
            )));
        }
        let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
        let bytes = if path.ends_with(".tex") || path.ends_with(".sty") {
            super::fetch::to_utf8(bytes.into())
        } else {
            bytes.into()
        };
        files.insert(path, bytes);
    }
    Ok(files)
}
