//! Pictures of the blocks that only TeX can draw (tikz, pgfplots, commutative diagrams …): drawn by
//! maintenance, kept by content, shown by the site in place of the block.

use super::{
    closure::{Closure, Reader},
    run::Progress,
    shelf::{INDEX, index, indexes, write},
};
use crate::{
    contents::Role,
    provide::{DepotSources, part_sources, preamble_of},
    scan::Scan,
};
use bytes::Bytes;
use futures::StreamExt as _;
use mqd_pdf::{
    Compiler, Engine, Job,
    picture::{Fragment, PictureError},
};
use mqd_tex::{Convert, MarkedBlock, Preamble, convert};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where pictures stand in the addresses of a dépôt's figures.
pub(crate) const FOLDER: &str = "mqd-dessins";

/// The pictures of a dépôt, as the folder keeps them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Index {
    /// Digest of all that they were made from.
    digest: String,
    /// File by source and block.
    pictures: BTreeMap<String, BTreeMap<String, String>>,
    /// Blocks that TeX cannot draw.
    failed: Vec<Undrawn>,
}

/// A block that TeX cannot draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undrawn {
    /// The dépôt.
    pub depot: String,
    /// The source that the block is in.
    pub file: String,
    /// Its line there, where it can be told.
    pub line: Option<u32>,
    /// The command or environment.
    pub construct: String,
    /// What TeX says.
    pub message: String,
}

/// The pictures of dépôts, for those who show them.
#[derive(Debug, Clone, Default)]
pub struct Pictures {
    folder: PathBuf,
    depots: HashMap<String, Index>,
}

impl Pictures {
    /// Reads what a folder holds.
    #[must_use]
    pub fn load(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), depots: indexes(folder) }
    }

    /// The address of the picture of a block in a source.
    pub(crate) fn address(&self, depot: &str, path: &str, hash: &str) -> Option<String> {
        let file = self.depots.get(depot)?.pictures.get(path)?.get(hash)?;
        Some(format!("/figures/{depot}/{FOLDER}/{file}"))
    }

    /// The bytes of a picture, by its file.
    pub(crate) fn read(&self, depot: &str, file: &str) -> Option<Vec<u8>> {
        // Only what is in the list: no name leads elsewhere.
        let index = self.depots.get(depot)?;
        let known = index.pictures.values().any(|of| of.values().any(|known| known == file));
        known.then(|| fs::read(self.folder.join(depot).join(file)).ok())?
    }
}

/// What was drawn.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Drawn {
    /// Pictures that there are now.
    pub pictures: usize,
    /// Files that are new.
    pub new: usize,
    /// Blocks that TeX cannot draw.
    pub failed: Vec<Undrawn>,
    /// Whether anything is shown otherwise than before.
    #[serde(skip)]
    pub changed: bool,
}

impl Drawn {
    /// For people; nothing when there is nothing to say.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for failed in self.failed.iter().take(20) {
            let line = failed.line.map(|line| format!(":{line}")).unwrap_or_default();
            out.push_str(&format!(
                "✗ {}/{}{line} : l'image de {} ne se compile pas : {}\n",
                failed.depot, failed.file, failed.construct, failed.message
            ));
        }
        if self.pictures + self.failed.len() > 0 {
            out.push_str(&format!(
                "images : {} ({} nouvelles), {} en échec\n",
                self.pictures,
                self.new,
                self.failed.len()
            ));
        }
        out
    }
}

/// A block with where it is and how it is drawn.
struct Wanted {
    path: String,
    line: Option<u32>,
    block: MarkedBlock,
    fragment: Fragment,
}

/// Draws the blocks of dépôts that changed.
///
/// # Errors
/// When the folder cannot be written.
pub async fn draw(
    scans: &[Scan],
    folder: &Path,
    compiler: &Compiler,
    options: super::Options<'_>,
) -> io::Result<Drawn> {
    let mut out = Drawn::default();
    for scan in scans {
        let own = folder.join(&scan.manifest.name);
        let before: Index = index(&own);
        let digest = digest(scan, compiler);
        let mut now = before.clone();
        if before.digest != digest {
            now = draw_depot(scan, &own, compiler, options, &mut out).await?;
            now.digest = digest;
            if now.pictures.is_empty() && now.failed.is_empty() && before == Index::default() {
                // A dépôt without drawings is remembered too: finding none takes time.
            } else {
                out.changed |= now.pictures != before.pictures;
            }
            write(&own.join(INDEX), &serde_json::to_vec_pretty(&now)?)?;
            sweep(&own, &now)?;
        }
        out.pictures += now.pictures.values().map(BTreeMap::len).sum::<usize>();
        out.failed.extend(now.failed);
    }
    Ok(out)
}

/// Takes away pictures that no block needs.
fn sweep(folder: &Path, index: &Index) -> io::Result<()> {
    let known: BTreeSet<&String> = index.pictures.values().flat_map(BTreeMap::values).collect();
    for entry in fs::read_dir(folder)?.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.ends_with(".svg") && !known.contains(&name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Everything that pictures may be made from.
fn digest(scan: &Scan, compiler: &Compiler) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(compiler.key(&Job::of_text(Engine::Pdflatex, "")).as_bytes());
    // The converter decides which blocks it marks.
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    for file in scan.files.files.values() {
        hasher.update(file.path.as_bytes());
        match &file.text {
            Some(text) => hasher.update(text.as_bytes()),
            None => hasher.update(&scan.files.bytes(&file.path).unwrap_or_default()),
        };
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

async fn draw_depot(
    scan: &Scan,
    folder: &Path,
    compiler: &Compiler,
    options: super::Options<'_>,
    out: &mut Drawn,
) -> io::Result<Index> {
    let mut made = Index::default();
    let wanted = wanted(scan)?;
    (options.progress)(Progress::Stage("images"));
    (options.progress)(Progress::Start(wanted.len()));
    let mut runs = futures::stream::iter(wanted.into_iter().map(|wanted| async move {
        let picture = compiler.picture(&wanted.fragment).await;
        (wanted, picture)
    }))
    .buffer_unordered(options.parallel.max(1));
    while let Some((wanted, picture)) = runs.next().await {
        let label = format!("{}/{}", scan.manifest.name, wanted.path);
        (options.progress)(Progress::Done { label, compiled: picture.is_ok() });
        match picture {
            Ok(picture) => {
                let svg = picture.titled(&format!("Dessin ({})", wanted.block.construct));
                let content = blake3::hash(svg.as_bytes()).to_hex();
                let name = format!("{}-{}.svg", wanted.block.hash, &content[..10]);
                if !folder.join(&name).exists() {
                    write(&folder.join(&name), svg.as_bytes())?;
                    out.new += 1;
                }
                made.pictures.entry(wanted.path).or_default().insert(wanted.block.hash, name);
            }
            Err(error) => made.failed.push(undrawn(scan, wanted, &error)),
        }
    }
    made.failed.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(made)
}

fn undrawn(scan: &Scan, wanted: Wanted, error: &PictureError) -> Undrawn {
    let (message, inside) = match error {
        PictureError::Failed { diagnosis: Some(found), .. } => (found.message.clone(), found.line),
        error => (error.to_string(), None),
    };
    // What stands in front of the block is not in the file.
    let context = wanted.block.context.matches('\n').count();
    let context = u32::try_from(context).unwrap_or(u32::MAX);
    let inside = inside.map_or(0, |inside| inside.saturating_sub(1).saturating_sub(context));
    Undrawn {
        depot: scan.manifest.name.clone(),
        file: wanted.path,
        line: wanted.line.map(|line| line + inside),
        construct: wanted.block.construct,
        message,
    }
}

/// The blocks of a dépôt that only TeX can draw, each once for each source.
fn wanted(scan: &Scan) -> io::Result<Vec<Wanted>> {
    let reader = Reader::new(&scan.files);
    let mut preambles: HashMap<&str, Arc<Preamble>> = HashMap::new();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    let mut out = Vec::new();
    for item in &scan.items {
        let kind = scan.kind(item);
        let preamble = preamble_of(scan, kind);
        for (role, path, latex) in part_sources(scan, item) {
            let sources = DepotSources { scan, from: &path };
            let read = match preamble {
                None => Arc::default(),
                Some(preamble) => Arc::clone(preambles.entry(preamble).or_insert_with(|| {
                    let text = scan.files.text(preamble).cloned().unwrap_or_default();
                    let from = DepotSources { scan, from: preamble };
                    Arc::new(Preamble::read(&[&text], &from))
                })),
            };
            let options = Convert { preamble: read, ..Convert::default() };
            for block in convert(&latex, &path, &options, &sources).blocks {
                if !seen.insert((path.clone(), block.hash.clone())) {
                    continue;
                }
                let whole = scan.files.text(&path).map_or("", |text| &**text);
                let line = whole
                    .find(&block.source)
                    .and_then(|at| u32::try_from(whole[..at].matches('\n').count() + 1).ok());
                let own = role == Role::Body && latex.contains("\\documentclass");
                let of = if own { Some(path.as_str()) } else { preamble };
                let fragment = fragment(scan, &reader, of, &path, &block, kind.engine)?;
                out.push(Wanted { path: path.clone(), line, block, fragment });
            }
        }
    }
    Ok(out)
}

/// A block with the preamble of its document and the files that both need.
fn fragment(
    scan: &Scan,
    reader: &Reader<'_>,
    preamble: Option<&str>,
    path: &str,
    block: &MarkedBlock,
    engine: Option<Engine>,
) -> io::Result<Fragment> {
    let mut closure = Closure::default();
    let whole = format!("{}{}", block.context, block.source);
    let body = reader.add_text(path, &whole, &mut closure).to_string();
    let mut text = String::new();
    if let Some(preamble) = preamble.and_then(|path| Some((path, scan.files.text(path)?))) {
        // What follows the preamble needs files that the picture does not.
        let before = preamble.1.split("\\begin{document}").next().unwrap_or_default();
        text = reader.add_text(preamble.0, before, &mut closure).to_string();
    }
    let mut files: BTreeMap<String, Bytes> = closure
        .texts
        .into_iter()
        .map(|(path, text)| (path, Bytes::copy_from_slice(text.as_bytes())))
        .collect();
    for path in closure.others {
        let bytes = scan.files.bytes(&path)?;
        files.insert(path, bytes.into());
    }
    let engine = engine.or(closure.engine).unwrap_or_default();
    Ok(Fragment { engine, preamble: text, body, files })
}
