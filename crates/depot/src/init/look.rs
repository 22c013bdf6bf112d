//! What `init` sees in a folder: its LaTeX files, and what each looks like.

use crate::{manifest::Encoding, scan::natural, source::decode};
use ignore::WalkBuilder;
use std::{collections::BTreeSet, io, path::Path};

/// A LaTeX file that was looked at.
pub(super) struct Seen {
    /// Path inside the dépôt.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Other LaTeX files of the folder that it inputs.
    pub inputs: Vec<String>,
    /// What it looks like.
    pub look: Look,
}

/// What a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Sets up and says nothing.
    Preamble,
    /// Only puts others together to compile them.
    Wrapper,
    /// A document with everything that it needs to be compiled.
    Whole,
    /// Says something, and needs another file to be compiled.
    Fragment,
}

impl Seen {
    /// Its folder; empty at the root.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Its name without folder and ending.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.strip_suffix(".tex").unwrap_or(name)
    }
}

/// Everything that a folder holds.
pub(super) struct Folder {
    /// Its LaTeX files, in natural order.
    pub files: Vec<Seen>,
    /// Its CSV files: path and text.
    pub tables: Vec<(String, String)>,
}

/// Files above this size are not a teacher's texts.
const LARGEST: u64 = 2_000_000;

/// Reads the LaTeX files of a folder down to a depth. Links are not followed.
pub(super) fn look(root: &Path, depth: usize) -> io::Result<Folder> {
    std::fs::read_dir(root)?;
    let (mut texts, mut tables) = (Vec::new(), Vec::new());
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(true)
        .max_depth(Some(depth))
        .build()
        .flatten();
    for entry in walk {
        let path = entry.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let plain = entry.file_type().is_some_and(|kind| kind.is_file());
        if !matches!(ending, "tex" | "csv") || !plain {
            continue;
        }
        if entry.metadata().is_ok_and(|meta| meta.len() > LARGEST) {
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let text = decode(&std::fs::read(path)?, Encoding::Auto).to_string();
        if ending == "tex" { texts.push((name, text)) } else { tables.push((name, text)) }
    }
    texts.sort_by(|a, b| natural(&a.0, &b.0));
    tables.sort();
    let paths: BTreeSet<String> = texts.iter().map(|(path, _)| path.clone()).collect();
    let files = texts
        .into_iter()
        .map(|(path, text)| {
            let inputs = inputs(&path, &text, &paths);
            Seen { look: look_of(&text, &inputs), path, text, inputs }
        })
        .collect::<Vec<_>>();
    Ok(Folder { files: without_wrapped_preambles(files), tables })
}

/// The files of the folder that a text inputs, each once.
fn inputs(path: &str, text: &str, paths: &BTreeSet<String>) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut out = Vec::new();
    for command in ["input", "include", "subfile"] {
        for arguments in mqd_tex::command_arguments(text, command) {
            let Some(name) = arguments.first() else { continue };
            let name = name.trim().trim_start_matches("./");
            let candidates = [folder, ""].into_iter().flat_map(|folder| {
                let slash = if folder.is_empty() { "" } else { "/" };
                ["", ".tex"].map(|ending| format!("{folder}{slash}{name}{ending}"))
            });
            if let Some(found) = candidates.into_iter().find(|path| paths.contains(path))
                && found != path
                && !out.contains(&found)
            {
                out.push(found);
            }
        }
    }
    out
}

/// Characters of prose below which a file only puts others together.
const FEW: usize = 400;
/// Characters of prose from which a fragment says something.
const A_SENTENCE: usize = 40;

fn look_of(text: &str, inputs: &[String]) -> Look {
    let begins = text.contains("\\begin{document}");
    let sets_up = text.contains("\\documentclass")
        || text.contains("\\usepackage")
        || text.contains("\\RequirePackage")
        || text.matches("\\newcommand").count() + text.matches("\\def\\").count() >= 3;
    if sets_up && !begins && mqd_tex::plain_text(text).len() < FEW {
        return Look::Preamble;
    }
    let body = text.split_once("\\begin{document}").map_or(text, |(_, body)| body);
    // A fragment with words of its own is an exercise that inputs its data.
    let fragment = !begins && !text.contains("\\documentclass");
    let few = if fragment && inputs.len() == 1 { A_SENTENCE } else { FEW };
    if !inputs.is_empty() && mqd_tex::plain_text(body).len() < few {
        return Look::Wrapper;
    }
    // A preamble may be a file of its own, and the document end without having begun here.
    if begins || text.contains("\\documentclass") || text.contains("\\end{document}") {
        Look::Whole
    } else {
        Look::Fragment
    }
}

/// A file that inputs nothing but preambles puts nothing together: it is what its own text makes
/// of it.
fn without_wrapped_preambles(mut files: Vec<Seen>) -> Vec<Seen> {
    let preambles: BTreeSet<String> = files
        .iter()
        .filter(|file| file.look == Look::Preamble)
        .map(|file| file.path.clone())
        .collect();
    for file in &mut files {
        file.inputs.retain(|path| !preambles.contains(path));
        if file.look == Look::Wrapper && file.inputs.is_empty() {
            file.look = look_of(&file.text, &[]);
        }
    }
    files
}
