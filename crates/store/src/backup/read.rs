//! Reading a backup that may be truncated, tampered with, or made to fill the memory.

use super::{FORMAT, Summary};
use crate::{Error, wire::PropsIn};
use mqd_model::{Node, NodeId, Relation, Snapshot, Uuid, Version};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

/// No property graph holds a node as long as this; a hostile file stops here.
const MAX_LINE: u64 = 16 << 20;
/// The largest Aura free tier database is a hundredth of this: what unpacks to more is a bomb.
const MAX_BYTES: u64 = 8 << 30;
/// And what unpacks this much better than any maquis does (a generated one, all nodes alike, is at
/// 85), once past this size.
const MAX_RATIO: u64 = 2_000;
const RATIO_FROM: u64 = 256 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    maquisdoc: String,
    format: u32,
}

/// One line. Fields are checked by hand so that the error says what was expected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    node: Option<NodeId>,
    uuid: Option<Uuid>,
    labels: Option<Vec<String>>,
    relation: Option<String>,
    from: Option<NodeId>,
    to: Option<NodeId>,
    props: Option<PropsIn>,
    end: Option<End>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    nodes: usize,
    relations: usize,
    sha256: String,
}

/// Reads a backup, plain or compressed, and checks all of it.
///
/// # Errors
/// [`Error::Line`] naming the line that is wrong, or [`Error::Io`].
pub fn read(path: &Path) -> Result<(Snapshot, Summary), Error> {
    let mut file = File::open(path).map_err(|e| Error::io(path, e))?;
    let size = file.metadata().map_err(|e| Error::io(path, e))?.len();
    let mut magic = Vec::new();
    Read::by_ref(&mut file).take(4).read_to_end(&mut magic).map_err(|e| Error::io(path, e))?;
    let whole = io::Cursor::new(magic.clone()).chain(file);
    if magic == zstd::zstd_safe::MAGICNUMBER.to_le_bytes() {
        let decoder = zstd::Decoder::new(whole).map_err(|e| Error::io(path, e))?;
        let most = MAX_BYTES.min(size.saturating_mul(MAX_RATIO).max(RATIO_FROM));
        parse(path, BufReader::with_capacity(1 << 16, decoder), most)
    } else {
        parse(path, BufReader::with_capacity(1 << 16, whole), MAX_BYTES)
    }
}

fn parse(path: &Path, mut input: impl BufRead, most: u64) -> Result<(Snapshot, Summary), Error> {
    let mut snapshot = Snapshot { version: Version(String::new()), ..Snapshot::default() };
    let mut seen = Seen::default();
    let mut digest = Sha256::new();
    let mut line = Vec::new();
    let (mut number, mut total) = (0_u64, 0_u64);
    loop {
        number += 1;
        let wrong = |detail: String| Error::Line { path: path.to_owned(), line: number, detail };
        line.clear();
        input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(|e| {
            wrong(format!("cannot be unpacked ({e}): the file is truncated or damaged"))
        })?;
        total += line.len() as u64;
        if total > most {
            return Err(wrong(format!(
                "unpacks to more than {most} bytes: this is no backup of ours"
            )));
        }
        if line.last() != Some(&b'\n') {
            return Err(wrong(match line.len() as u64 {
                MAX_LINE => format!("longer than {MAX_LINE} bytes"),
                _ => "the file ends before its last line {\"end\":…}: it was truncated".to_owned(),
            }));
        }
        if number == 1 {
            let header: Header = serde_json::from_slice(&line)
                .map_err(|e| wrong(format!("not a backup of maquisdoc ({e})")))?;
            if header.maquisdoc != "backup" {
                return Err(wrong("not a backup of maquisdoc".to_owned()));
            }
            if !(1..=FORMAT).contains(&header.format) {
                return Err(wrong(format!(
                    "format {} and this program reads formats up to {FORMAT}: install a newer maquisdoc",
                    header.format
                )));
            }
        } else {
            let parsed: Line = serde_json::from_slice(&line)
                .map_err(|e| wrong(format!("{e}: the file is damaged, or was changed by hand")))?;
            if let Some(end) = parsed.end {
                let sha256 = hex::encode(digest.finalize());
                check_end(&end, &snapshot, &sha256).map_err(&wrong)?;
                let mut more = Vec::new();
                input.take(1).read_to_end(&mut more).map_err(|e| wrong(e.to_string()))?;
                if !more.is_empty() {
                    return Err(wrong("there is something after the last line".to_owned()));
                }
                seen.check_links(&snapshot.relations).map_err(&wrong)?;
                return Ok((
                    snapshot,
                    Summary { nodes: end.nodes, relations: end.relations, sha256 },
                ));
            }
            seen.push(parsed, &mut snapshot).map_err(wrong)?;
        }
        digest.update(&line);
    }
}

fn check_end(end: &End, snapshot: &Snapshot, sha256: &str) -> Result<(), String> {
    let (nodes, relations) = (snapshot.nodes.len(), snapshot.relations.len());
    if (end.nodes, end.relations) != (nodes, relations) {
        return Err(format!(
            "says {} nodes and {} relations, and there are {nodes} and {relations}: lines are missing",
            end.nodes, end.relations
        ));
    }
    if end.sha256 != sha256 {
        return Err("the checksum is wrong: the file was damaged, or changed by hand".to_owned());
    }
    Ok(())
}

#[derive(Default)]
struct Seen {
    ids: HashSet<NodeId>,
    uuids: HashSet<Uuid>,
}

impl Seen {
    fn push(&mut self, line: Line, snapshot: &mut Snapshot) -> Result<(), String> {
        match line {
            Line {
                node: Some(id),
                uuid,
                labels: Some(labels),
                props: Some(PropsIn(props)),
                relation: None,
                from: None,
                to: None,
                ..
            } => {
                if !self.ids.insert(id) {
                    return Err(format!("the node {id} is there twice"));
                }
                if let Some(uuid) = uuid.filter(|uuid| !self.uuids.insert(*uuid)) {
                    return Err(format!("two nodes have the uuid {uuid}"));
                }
                snapshot.nodes.push(Node { id, uuid, labels, props });
                Ok(())
            }
            Line {
                relation: Some(kind),
                from: Some(from),
                to: Some(to),
                props: Some(PropsIn(props)),
                node: None,
                uuid: None,
                labels: None,
                ..
            } => {
                let id = i64::try_from(snapshot.relations.len()).unwrap_or(i64::MAX) + 1;
                snapshot.relations.push(Relation { id, from, kind, to, props });
                Ok(())
            }
            _ => Err("neither a node {node,uuid,labels,props}, nor a relation \
                      {relation,from,to,props}, nor the end {end}"
                .to_owned()),
        }
    }

    fn check_links(&self, relations: &[Relation]) -> Result<(), String> {
        let dangling = relations
            .iter()
            .find_map(|r| [r.from, r.to].into_iter().find(|end| !self.ids.contains(end)));
        match dangling {
            Some(id) => Err(format!("a relation names the node {id}, which is not there")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reading_stops_at_the_size_that_was_allowed() {
        let mut text = "{\"maquisdoc\":\"backup\",\"format\":1}\n".to_owned();
        for node in 0..100 {
            text.push_str(&format!("{{\"node\":{node},\"labels\":[],\"props\":{{}}}}\n"));
        }
        let error = parse(Path::new("bomb"), text.as_bytes(), 1_000).unwrap_err();
        assert!(error.to_string().contains("unpacks to more than 1000 bytes"), "{error}");
        let Error::Line { line, .. } = error else { panic!("{error}") };
        assert!(line < 40, "{line}");
    }
}
