//! Proposing a configuration and manifests by looking at a folder.
//!
//! [`look`] reads the files; [`names`] finds pairs of statement and answer files; [`inside`] finds
//! exercises inside files; [`paired`] and [`wholes`] make kinds of them, and [`draft`] a manifest. What is proposed is held against the
//! files at once, so that the author sees what would be found, and what would not.

mod draft;
mod inside;
mod look;
mod names;
mod paired;
mod wholes;

use crate::{
    manifest::{Manifest, ManifestError},
    scan::Scan,
    source::Files,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What is proposed for a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Text of `maquisdoc.toml`.
    pub configuration: String,
    /// The dépôts.
    pub depots: Vec<ProposedDepot>,
}

/// What is proposed for a dépôt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedDepot {
    /// Its folder.
    pub root: PathBuf,
    /// Text of its `depot.toml`.
    pub manifest: String,
    /// What that manifest finds: type and number.
    pub found: Vec<(String, usize)>,
    /// Files that it leaves out, and why (in French).
    pub left: Vec<(String, String)>,
}

/// Why nothing can be proposed.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// The folder cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What was proposed for a folder is no manifest: a fault of ours.
    #[error("the manifest proposed for {0} is wrong, please report it: {1}")]
    Manifest(PathBuf, ManifestError),
}

/// How deep folders are looked at.
const DEPTH: usize = 8;

/// Proposes dépôts for a folder: itself when it is one, else each of its folders that holds LaTeX.
///
/// A folder is a dépôt when it has a Git repository of its own or LaTeX files beside its folders.
///
/// # Errors
/// [`ProposeError`] when a folder cannot be read.
pub fn propose(dir: &Path) -> Result<Proposal, ProposeError> {
    let mut depots = Vec::new();
    let mut configuration = String::from(
        "# Dépôts of LaTeX documents; what their files become is said in the depot.toml of each.\n[site]\ntitle = \"Mon maquis\"\n",
    );
    let mut names = BTreeSet::new();
    for root in roots(dir)? {
        let folder = look::look(&root, DEPTH)?;
        if folder.files.is_empty() {
            continue;
        }
        let path = root.canonicalize()?;
        let own = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let mut name = slug(&own);
        while !names.insert(name.clone()) {
            name.push_str("-bis");
        }
        let relative =
            root.strip_prefix(dir).map(|path| path.display().to_string()).unwrap_or_default();
        let place = if relative.is_empty() { "." } else { &relative };
        let _ = write!(configuration, "\n[[depot]]\npath = {}\n", inside::quoted(place));
        depots.push(proposed(root, draft::manifest(&name, &folder))?);
    }
    Ok(Proposal { configuration, depots })
}

/// The folders that are dépôts.
fn roots(dir: &Path) -> io::Result<Vec<PathBuf>> {
    if dir.join(".git").exists() || !look::look(dir, 1)?.files.is_empty() {
        return Ok(vec![dir.to_path_buf()]);
    }
    let mut folders: Vec<PathBuf> = std::fs::read_dir(dir)?
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'))
        })
        .collect();
    folders.sort();
    Ok(folders)
}

/// A manifest with what it finds.
fn proposed(root: PathBuf, text: String) -> Result<ProposedDepot, ProposeError> {
    let wrong = |error| ProposeError::Manifest(root.clone(), error);
    let manifest = Manifest::parse(Path::new("depot.toml"), &text).map_err(wrong)?;
    let files = Files::read(&root, &manifest)?;
    let scan = Scan::new(Arc::new(manifest), files);
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for item in &scan.items {
        *found.entry(&scan.kind(item).kind).or_default() += 1;
    }
    let found = found.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect();
    Ok(ProposedDepot { manifest: text, found, left: scan.ignored.clone(), root })
}

fn slug(name: &str) -> String {
    let folded = mqd_model::literal::fold(name);
    let slug: String =
        folded.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let slug = slug.trim_matches('-').to_owned();
    if slug.is_empty() { "depot".to_owned() } else { slug }
}
