//! Figures that scripts of the dépôt draw (Asymptote, Python): drawn by maintenance where the program
//! is installed, and put in the place of the committed file; else the committed one is used.
//!
//! A script is run when a source names its figure, or when its figure is committed beside it. What
//! it is made of is known by content, so that a figure is drawn again when its script, or a file that
//! the script names, changes.

use super::{
    closure::Reader,
    run::Progress,
    shelf::{INDEX, index, indexes, write},
};
use crate::{scan::Scan, source::Files};
use bytes::Bytes;
use futures::StreamExt as _;
use mqd_pdf::{
    Compiler,
    drawing::{Program, Script, ScriptError},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs, io,
    path::{Path, PathBuf},
};

/// What a script may make of its own name, the best first.
const PICTURES: &[&str] = &[".pdf", ".png", ".jpg", ".jpeg"];

/// The figures of a dépôt by their scripts, as the folder keeps them.
type Index = BTreeMap<String, Kept>;

/// What came of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Digest of the script and of what it reads.
    sources: String,
    /// The program that ran it.
    program: String,
    /// The figure: its path in the dépôt, and its file here.
    figure: Option<(String, String)>,
    /// Why there is none: the line of the script, and the message.
    problem: Option<(Option<u32>, String)>,
}

/// The drawn figures of dépôts.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    folder: PathBuf,
    depots: HashMap<String, Index>,
}

impl Figures {
    /// Reads what a folder holds.
    #[must_use]
    pub fn load(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), depots: indexes(folder) }
    }

    /// Puts the drawn figures of a dépôt in the place of the committed ones.
    pub fn lay(&self, scan: &mut Scan) {
        scan.files.lift();
        let Some(index) = self.depots.get(&scan.manifest.name) else { return };
        let own = self.folder.join(&scan.manifest.name);
        for (script, kept) in index {
            if let Some((path, file)) = &kept.figure
                && scan.files.files.contains_key(script)
            {
                scan.files.lay(path, own.join(file));
            }
        }
    }
}

/// What was drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// Whether nothing was drawn, because that was not asked for.
    pub dry_run: bool,
    /// Scripts that were run and made their figure (or would be run).
    pub drawn: Vec<String>,
    /// Figures whose scripts did not change.
    pub unchanged: usize,
    /// Scripts that make no figure; the committed one is used, where there is one.
    pub failed: Vec<Undrawn>,
    /// How many scripts wait for a program that is not installed.
    pub missing: BTreeMap<String, usize>,
    /// Whether some document may look otherwise than before.
    #[serde(skip)]
    pub changed: bool,
}

/// A script that makes no figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undrawn {
    /// `depot/script.asy`.
    pub script: String,
    /// Its line, where it can be told.
    pub line: Option<u32>,
    /// What the program says.
    pub message: String,
    /// Whether the figure is committed beside it.
    pub committed: bool,
}

/// How many lines of one sort are shown.
const SHOWN: usize = 15;

impl Drawn {
    /// For people; nothing where there are no scripts.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for failed in self.failed.iter().take(SHOWN) {
            let line = failed.line.map(|line| format!(":{line}")).unwrap_or_default();
            let instead = if failed.committed { " (la figure déposée sert)" } else { "" };
            out.push_str(&format!("✗ {}{line} : {}{instead}\n", failed.script, failed.message));
        }
        if self.failed.len() > SHOWN {
            out.push_str(&format!("  … et {} autres\n", self.failed.len() - SHOWN));
        }
        for (program, number) in &self.missing {
            out.push_str(&format!(
                "figures : {program} n'est pas installé ; {number} scripts attendent, les figures déposées servent\n"
            ));
        }
        if self.drawn.len() + self.unchanged + self.failed.len() > 0 {
            out.push_str(&format!(
                "figures : {} {}, {} inchangées, {} en échec\n",
                self.drawn.len(),
                if self.dry_run { "à dessiner" } else { "dessinées" },
                self.unchanged,
                self.failed.len()
            ));
        }
        out
    }
}

/// Draws the figures of dépôts whose scripts changed, and lays all of them in their place.
///
/// # Errors
/// When the folder cannot be written.
pub async fn draw(
    scans: &mut [Scan],
    folder: &Path,
    compiler: &Compiler,
    options: super::Options<'_>,
) -> io::Result<Drawn> {
    let mut out = Drawn { dry_run: options.dry_run, ..Drawn::default() };
    for scan in &mut *scans {
        scan.files.lift();
        let name = &scan.manifest.name;
        let own = folder.join(name);
        let before: Index = index(&own);
        let (mut now, mut todo) = (Index::new(), Vec::new());
        for script in scripts(&scan.files)? {
            let sources = script.digest().to_hex()[..40].to_owned();
            let kept = before.get(&script.main).filter(|kept| kept.sources == sources);
            match compiler.draws(script.program) {
                None => {
                    *out.missing.entry(script.program.command().to_owned()).or_default() += 1;
                    // What was drawn when the program was there is still what the script says.
                    now.extend(kept.map(|kept| (script.main.clone(), kept.clone())));
                }
                Some(program) => match kept.filter(|kept| kept.program == digest(&program)) {
                    Some(kept) if kept.is_whole(&own) => {
                        now.insert(script.main, kept.clone());
                    }
                    _ => todo.push((script, sources, digest(&program))),
                },
            }
        }
        if options.dry_run {
            for (script, ..) in &todo {
                // Documents that show it would be compiled: it is not yet known what they would show.
                scan.files.lay(&script.outputs[0], scan.files.root.join(&script.main));
                out.drawn.push(format!("{name}/{}", script.main));
            }
        } else {
            run(name, &own, todo, &mut now, compiler, options, &mut out).await?;
        }
        for (script, kept) in &now {
            let label = format!("{name}/{script}");
            if let Some((line, message)) = &kept.problem {
                let committed = committed(&scan.files, script).next().is_some();
                let (line, message) = (*line, message.clone());
                out.failed.push(Undrawn { script: label, line, message, committed });
            } else if !out.drawn.contains(&label) {
                out.unchanged += 1;
            }
        }
        if !options.dry_run && now != before {
            out.changed = true;
            write(&own.join(INDEX), &serde_json::to_vec_pretty(&now)?)?;
            sweep(&own, &now)?;
        }
        for (path, file) in now.values().filter_map(|kept| kept.figure.as_ref()) {
            scan.files.lay(path, own.join(file));
        }
    }
    Ok(out)
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..20].to_owned()
}

impl Kept {
    fn is_whole(&self, folder: &Path) -> bool {
        self.figure.as_ref().is_none_or(|(_, file)| folder.join(file).is_file())
    }
}

/// Runs scripts; what came of them goes into the index, which is written now and then for runs that
/// are killed.
async fn run(
    depot: &str,
    folder: &Path,
    todo: Vec<(Script, String, String)>,
    now: &mut Index,
    compiler: &Compiler,
    options: super::Options<'_>,
    out: &mut Drawn,
) -> io::Result<()> {
    /// The index is written again after so many figures.
    const CHECKPOINT: usize = 20;
    if todo.is_empty() {
        return Ok(());
    }
    (options.progress)(Progress::Stage("figures"));
    (options.progress)(Progress::Start(todo.len()));
    let mut runs =
        futures::stream::iter(todo.into_iter().map(|(script, sources, program)| async move {
            let result = compiler.draw(&script).await;
            (script, sources, program, result)
        }))
        .buffer_unordered(options.parallel.max(1));
    let mut done = 0;
    while let Some((script, sources, program, result)) = runs.next().await {
        let label = format!("{depot}/{}", script.main);
        let compiled = result.is_ok();
        let (figure, problem) = match result {
            Ok((path, bytes)) => {
                let ending = path.rsplit('.').next().unwrap_or_default();
                let file = format!("{}.{ending}", &blake3::hash(&bytes).to_hex()[..32]);
                write(&folder.join(&file), &bytes)?;
                out.drawn.push(label.clone());
                (Some((path, file)), None)
            }
            Err(ScriptError::Failed { line, message }) => (None, Some((line, message))),
            Err(ScriptError::Nothing(what)) => {
                (None, Some((None, format!("le script se termine sans faire {what}"))))
            }
            Err(error) => (None, Some((None, error.to_string()))),
        };
        now.insert(script.main, Kept { sources, program, figure, problem });
        done += 1;
        if done % CHECKPOINT == 0 {
            write(&folder.join(INDEX), &serde_json::to_vec_pretty(now)?)?;
        }
        (options.progress)(Progress::Done { label, compiled });
    }
    Ok(())
}

/// Takes away figures that no script makes any more.
fn sweep(folder: &Path, index: &Index) -> io::Result<()> {
    let known: BTreeSet<&str> =
        index.values().filter_map(|kept| Some(kept.figure.as_ref()?.1.as_str())).collect();
    for entry in fs::read_dir(folder)?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if PICTURES.iter().any(|ending| name.ends_with(ending)) && !known.contains(&*name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn stem(script: &str) -> &str {
    script.rsplit_once('.').map_or(script, |(stem, _)| stem)
}

/// Pictures that are committed under the name of a script.
fn committed(files: &Files, script: &str) -> impl Iterator<Item = String> {
    let paths = PICTURES.iter().map(|ending| format!("{}{ending}", stem(script)));
    paths.filter(|path| files.files.contains_key(path))
}

/// The scripts that are to be run, with what they read.
fn scripts(files: &Files) -> io::Result<Vec<Script>> {
    let has = |program| files.files.keys().any(|path| Program::of(path) == Some(program));
    if !has(Program::Asymptote) && !has(Program::Python) {
        return Ok(Vec::new());
    }
    let named = Reader::new(files).scripts();
    let mut out = Vec::new();
    for (path, program) in files.files.keys().filter_map(|path| Some((path, Program::of(path)?))) {
        let named = named.get(path);
        let mut outputs: Vec<String> = named
            .into_iter()
            .flatten()
            .filter(|ending| !ending.is_empty())
            .map(|ending| format!("{}{ending}", stem(path)))
            .collect();
        outputs.extend(committed(files, path));
        if named.is_none() {
            // A PDF beside a source of its name is a document.
            let document = files.files.contains_key(&format!("{}.tex", stem(path)));
            if outputs.is_empty() || document {
                continue;
            }
        }
        let text = String::from_utf8_lossy(&files.bytes(path)?).into_owned();
        // Other programs than those that draw have a picture beside them too: a screenshot, a result.
        let says = |output: &String| text.contains(output.rsplit('/').next().unwrap_or(output));
        if program == Program::Python && named.is_none() && !outputs.iter().any(says) {
            continue;
        }
        outputs.extend(PICTURES[..2].iter().map(|ending| format!("{}{ending}", stem(path))));
        let mut seen = BTreeSet::new();
        outputs.retain(|output| seen.insert(output.clone()));
        let mut script = Script { program, main: path.clone(), files: BTreeMap::new(), outputs };
        gather(files, path, &mut script)?;
        out.push(script);
    }
    Ok(out)
}

/// Adds a file of a script, with the files of the dépôt that it names: between quotation marks, or
/// as a module.
fn gather(files: &Files, path: &str, script: &mut Script) -> io::Result<()> {
    if script.files.contains_key(path) || script.outputs.iter().any(|output| output == path) {
        return Ok(());
    }
    let bytes = Bytes::from(files.bytes(path)?);
    script.files.insert(path.to_owned(), bytes.clone());
    if Program::of(path) == Some(script.program) {
        let text = String::from_utf8_lossy(&bytes);
        let ending = script.program.ending();
        let (file, module) = (["", ending], [ending]);
        let quoted = text.split(['"', '\'', '\n']).map(|name| (name, &file[..]));
        let modules = text.lines().flat_map(|line| {
            let mut words = line.split(|c: char| !(c.is_alphanumeric() || "_./".contains(c)));
            words
                .find(|word| matches!(*word, "import" | "include" | "access" | "from" | "unravel"));
            words
        });
        let modules: Vec<String> = modules.map(|name| name.replace('.', "/")).collect();
        let modules = modules.iter().map(|name| (name.as_str(), &module[..]));
        let found: BTreeSet<String> = quoted
            .chain(modules)
            .filter(|(name, _)| !name.trim().is_empty() && name.len() < 200)
            .filter_map(|(name, endings)| {
                Some(files.find(path, name.trim(), endings)?.path.clone())
            })
            .collect();
        for other in found {
            gather(files, &other, script)?;
        }
    }
    Ok(())
}
