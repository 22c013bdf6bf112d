//! Writing a backup: sorted lines, counts and checksum, put in place in one step.

use super::{FORMAT, Summary};
use crate::{Error, temporal::canonical_props, wire::PropsOut};
use mqd_model::{NodeId, Snapshot, Uuid};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

/// Time spent is dominated by the database; this level halves the size of the default one's.
const ZSTD_LEVEL: i32 = 9;

#[derive(Serialize)]
struct Header {
    maquisdoc: &'static str,
    format: u32,
}

#[derive(Serialize)]
struct NodeLine<'a> {
    node: NodeId,
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid: Option<Uuid>,
    labels: &'a [String],
    props: PropsOut<'a>,
}

#[derive(Serialize)]
struct RelationLine<'a> {
    relation: &'a str,
    from: NodeId,
    to: NodeId,
    props: PropsOut<'a>,
}

#[derive(Serialize)]
struct Trailer<'a> {
    end: End<'a>,
}

#[derive(Serialize)]
struct End<'a> {
    nodes: usize,
    relations: usize,
    sha256: &'a str,
}

/// Writes a snapshot to a file: plain when its name ends in `.jsonl`, else compressed with zstd.
/// The file appears whole or not at all; one that was there stays until then.
///
/// # Errors
/// [`Error::Io`] or [`Error::Full`] when the file cannot be written.
pub fn write(path: &Path, snapshot: &Snapshot) -> Result<Summary, Error> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::Builder::new()
        .prefix(".backup-")
        .tempfile_in(folder)
        .map_err(|e| Error::io(folder, e))?;
    let plain = path.extension().is_some_and(|extension| extension == "jsonl");
    let fill = |file: &File| {
        let mut out = BufWriter::new(file);
        let summary =
            if plain { lines(&mut out, snapshot)? } else { compressed(&mut out, snapshot)? };
        out.flush()?;
        file.sync_all()?;
        Ok(summary)
    };
    let summary = fill(temporary.as_file()).map_err(|e| Error::io(path, e))?;
    temporary.persist(path).map_err(|e| Error::io(path, e.error))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| Error::io(folder, e))?;
    Ok(summary)
}

/// The bytes of a compressed backup, for a place that is no file.
///
/// # Errors
/// [`Error::Io`] when zstd refuses.
pub fn to_bytes(snapshot: &Snapshot) -> Result<(Vec<u8>, Summary), Error> {
    let mut bytes = Vec::new();
    let summary = compressed(&mut bytes, snapshot).map_err(|e| Error::io("backup", e))?;
    Ok((bytes, summary))
}

fn compressed(out: &mut impl Write, snapshot: &Snapshot) -> io::Result<Summary> {
    let mut encoder = zstd::Encoder::new(out, ZSTD_LEVEL)?;
    encoder.include_checksum(true)?;
    let summary = lines(&mut encoder, snapshot)?;
    encoder.finish()?;
    Ok(summary)
}

/// Writes the lines: nodes by id, relations by ends, type and properties. Ids of relations are
/// not kept: they mean nothing outside one store, and would make every restore a difference.
fn lines(out: &mut impl Write, snapshot: &Snapshot) -> io::Result<Summary> {
    let mut lines = Lines { out, digest: Sha256::new(), line: Vec::new() };
    lines.write(&Header { maquisdoc: "backup", format: FORMAT })?;
    let mut nodes: Vec<_> = snapshot.nodes.iter().collect();
    nodes.sort_by_key(|node| node.id);
    for node in nodes {
        let mut labels = node.labels.clone();
        labels.sort();
        labels.dedup();
        let props = canonical_props(&node.props);
        let props = PropsOut(&props);
        lines.write(&NodeLine { node: node.id, uuid: node.uuid, labels: &labels, props })?;
    }
    let mut relations: Vec<_> = snapshot.relations.iter().collect();
    relations.sort_by(|a, b| (a.from, &a.kind, a.to).cmp(&(b.from, &b.kind, b.to)));
    for parallel in relations.chunk_by(|a, b| (a.from, &a.kind, a.to) == (b.from, &b.kind, b.to)) {
        let mut texts = parallel
            .iter()
            .map(|r| {
                let props = canonical_props(&r.props);
                serde_json::to_string(&RelationLine {
                    relation: &r.kind,
                    from: r.from,
                    to: r.to,
                    props: PropsOut(&props),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        texts.sort();
        for text in texts {
            lines.push(text.as_bytes())?;
        }
    }
    let (nodes, relations) = (snapshot.nodes.len(), snapshot.relations.len());
    let Lines { digest, .. } = lines;
    let sha256 = hex::encode(digest.finalize());
    serde_json::to_writer(&mut *out, &Trailer { end: End { nodes, relations, sha256: &sha256 } })?;
    out.write_all(b"\n")?;
    Ok(Summary { nodes, relations, sha256 })
}

struct Lines<'w, W> {
    out: &'w mut W,
    digest: Sha256,
    line: Vec<u8>,
}

impl<W: Write> Lines<'_, W> {
    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.line);
        bytes.clear();
        serde_json::to_writer(&mut bytes, line)?;
        let done = self.push(&bytes);
        self.line = bytes;
        done
    }

    fn push(&mut self, line: &[u8]) -> io::Result<()> {
        for bytes in [line, b"\n"] {
            self.digest.update(bytes);
            self.out.write_all(bytes)?;
        }
        Ok(())
    }
}
