//! Proposing a manifest by looking at a folder: pairs of statement and answer files, courses with a
//! title command, weeks, tables of themes, preambles.

use crate::{manifest::Encoding, scan::natural, source::decode};
use ignore::WalkBuilder;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
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
}

/// A LaTeX file that was looked at.
struct Seen {
    path: String,
    text: String,
}

/// Pairs of beginnings of names, of endings, and of folders that tell statement from answer.
const PREFIXES: &[(&str, &str)] = &[
    ("E", "C"),
    ("e", "c"),
    ("enonce-", "corrige-"),
    ("enonce_", "corrige_"),
    ("ex", "cor"),
    ("exo", "sol"),
    ("Ex", "Sol"),
];
const SUFFIXES: &[(&str, &str)] = &[
    ("-enonce", "-corrige"),
    ("_enonce", "_corrige"),
    ("-sujet", "-corrige"),
    ("_sujet", "_corrige"),
    ("", "-corrige"),
    ("", "_corrige"),
    ("", "-sol"),
    ("", "_sol"),
    ("", "-cor"),
    ("", "_cor"),
    ("", "_c"),
];

/// Proposes dépôts for a folder: itself when it holds LaTeX, else each of its folders that does.
///
/// # Errors
/// When the folder cannot be read.
pub fn propose(dir: &Path) -> io::Result<Proposal> {
    let mut depots = Vec::new();
    let mut configuration = String::from(
        "# Dépôts of LaTeX documents; what their files become is said in the depot.toml of each.\n[site]\ntitle = \"Mon maquis\"\n",
    );
    let own = look(dir, 1)?;
    let mut folders: Vec<PathBuf> = std::fs::read_dir(dir)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && !hidden(path))
        .collect();
    folders.sort();
    let roots = if own.is_empty() { folders } else { vec![dir.to_path_buf()] };
    let mut names = BTreeSet::new();
    for root in roots {
        let files = look(&root, 6)?;
        if files.is_empty() {
            continue;
        }
        let mut name = slug(
            &root
                .canonicalize()?
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
        );
        while !names.insert(name.clone()) {
            name.push_str("-bis");
        }
        let relative =
            root.strip_prefix(dir).map(|path| path.display().to_string()).unwrap_or_default();
        let _ = write!(
            configuration,
            "\n[[depot]]\npath = \"{}\"\n",
            if relative.is_empty() { "." } else { &relative }
        );
        depots.push(ProposedDepot { manifest: manifest(&name, &files), root });
    }
    Ok(Proposal { configuration, depots })
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn slug(name: &str) -> String {
    let folded = mqd_model::literal::fold(name);
    let slug: String =
        folded.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let slug = slug.trim_matches('-').to_owned();
    if slug.is_empty() { "depot".to_owned() } else { slug }
}

fn look(root: &Path, depth: usize) -> io::Result<Vec<Seen>> {
    let mut files = Vec::new();
    for entry in WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(true)
        .max_depth(Some(depth))
        .build()
        .flatten()
    {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "tex") || !path.is_file() {
            continue;
        }
        let relative = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        files.push(Seen {
            path: relative,
            text: decode(&std::fs::read(path)?, Encoding::Auto).to_string(),
        });
    }
    files.sort_by(|a, b| natural(&a.path, &b.path));
    Ok(files)
}

fn manifest(name: &str, files: &[Seen]) -> String {
    let mut out = format!(
        "# Proposed by `maquisdoc init` from the names of the files; docs/MANIFEST.md explains every line.\n[depot]\nname = \"{name}\"\n"
    );
    let preambles: Vec<&Seen> = files.iter().filter(|file| is_preamble(&file.text)).collect();
    if !preambles.is_empty() {
        let list: Vec<String> = preambles.iter().map(|file| format!("\"{}\"", file.path)).collect();
        let _ = writeln!(out, "preambles = [{}]", list.join(", "));
    }
    let mut left: BTreeMap<&str, &Seen> = files
        .iter()
        .filter(|file| !is_preamble(&file.text))
        .map(|file| (file.path.as_str(), file))
        .collect();
    let mut kinds = 0;
    if let Some(pairs) = pairs(&left) {
        let _ = write!(
            out,
            "\n[[kind]]\nname = \"exercice\"\nlabel = \"Document\"\ntype = \"exercice\"\ntitle = \"Exercice {{nom}}\"\n\
             key = \"{}\"\nfiles.statement = \"{}\"\nfiles.answer = \"{}\"\n",
            pairs.key, pairs.statement, pairs.answer
        );
        if pairs.key.contains("{theme}") {
            out.push_str("\n[[kind.link]]\nrelation = \"EVALUE\"\nto = \"theme\"\nkey = \"{theme}\"\n\n[[kind.link]]\nrelation = \"CONTIENT\"\nfrom = \"feuille\"\nkey = \"{theme}\"\neach = { field = \"theme\" }\n");
            out.push_str("\n[[kind]]\nname = \"theme\"\nlabel = \"Concept\"\ntype = \"thème feuille exercices\"\ntitle = \"{theme}\"\n");
            out.push_str("\n[[kind]]\nname = \"feuille\"\nlabel = \"Document\"\ntype = \"liste exercices\"\ntitle = \"{theme}\"\n");
        }
        for path in &pairs.paths {
            left.remove(path.as_str());
        }
        kinds += 1;
    }
    // What is left and is a whole document is taken for a course.
    let whole: Vec<&Seen> = left.values().copied().filter(|file| is_whole(&file.text)).collect();
    if !whole.is_empty() {
        let title = title_command(&whole);
        let _ = write!(
            out,
            "\n[[kind]]\nname = \"cours\"\nlabel = \"Document\"\ntype = \"cours\"\ntitle = [\"{{titre}}\", \"{{nom}}\"]\nkey = \"{{nom}}\"\nfiles.body = \"{{nom:path}}.tex\"\n\
             fields.titre = {{ command = \"{title}\" }}\n\n[[kind.link]]\nrelation = \"INDEXE\"\nto = \"index\"\neach = {{ index = true }}\nhierarchy = \"CONTIENT\"\n\
             \n[[kind]]\nname = \"index\"\nlabel = \"Concept\"\ntype = \"index Latex\"\ntitle = \"{{value}}\"\n"
        );
        kinds += 1;
    }
    if kinds == 0 {
        out.push_str("\n[[kind]]\nname = \"document\"\nlabel = \"Document\"\ntype = \"exercice\"\ntitle = \"{nom}\"\nkey = \"{nom}\"\nfiles.body = \"{nom:path}.tex\"\n");
    }
    out
}

/// A preamble sets up and says nothing.
fn is_preamble(text: &str) -> bool {
    let sets_up = text.contains("\\documentclass")
        || text.contains("\\usepackage")
        || text.matches("\\newcommand").count() >= 3;
    sets_up && !text.contains("\\begin{document}")
}

fn is_whole(text: &str) -> bool {
    text.contains("\\begin{document}")
        || text.contains("\\end{document}")
        || text.contains("\\section")
}

/// The command that gives most of these files their title.
fn title_command(files: &[&Seen]) -> &'static str {
    const USUAL: &[&str] = &[
        "title",
        "titre",
        "debutcours",
        "titrecours",
        "chapter",
        "chapitre",
        "entete",
        "part",
        "section",
    ];
    let count = |command: &str| {
        files
            .iter()
            .filter(|file| {
                mqd_tex::command_argument(&file.text, command, 0)
                    .is_some_and(|title| !title.is_empty())
            })
            .count()
    };
    USUAL.iter().copied().max_by_key(|command| count(command)).unwrap_or("title")
}

struct Pairs {
    key: &'static str,
    statement: String,
    answer: String,
    paths: Vec<String>,
}

/// The way of naming that makes the most pairs of statement and answer.
fn pairs(files: &BTreeMap<&str, &Seen>) -> Option<Pairs> {
    let mut best: Option<(usize, Pairs)> = None;
    let prefixes = PREFIXES.iter().map(|(e, c)| (*e, *c, "", ""));
    let suffixes = SUFFIXES.iter().map(|(e, c)| ("", "", *e, *c));
    for (pe, pc, se, sc) in prefixes.chain(suffixes) {
        let mut paths = Vec::new();
        let mut folders = BTreeSet::new();
        let mut count = 0;
        for path in files.keys() {
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
            let Some(middle) = file
                .strip_suffix(".tex")
                .and_then(|stem| stem.strip_prefix(pe))
                .and_then(|stem| stem.strip_suffix(se))
            else {
                continue;
            };
            let slash = if folder.is_empty() { "" } else { "/" };
            let answer = format!("{folder}{slash}{pc}{middle}{sc}.tex");
            if !middle.is_empty() && files.contains_key(answer.as_str()) && answer != **path {
                count += 1;
                folders.insert(folder.to_owned());
                paths.extend([(*path).to_owned(), answer]);
            }
        }
        if count >= 2 && best.as_ref().is_none_or(|(most, _)| count > *most) {
            let nested = folders.iter().all(|folder| !folder.is_empty() && !folder.contains('/'));
            let folder = if nested {
                "{theme}/"
            } else if folders.iter().any(|folder| !folder.is_empty()) {
                "**/"
            } else {
                ""
            };
            let pairs = Pairs {
                key: if nested { "{theme}/{nom}" } else { "{nom}" },
                statement: format!("{folder}{pe}{{nom}}{se}.tex"),
                answer: format!("{folder}{pc}{{nom}}{sc}.tex"),
                paths,
            };
            best = Some((count, pairs));
        }
    }
    best.map(|(_, pairs)| pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{manifest::Manifest, scan::Scan, source::Files};
    use std::sync::Arc;

    #[test]
    fn a_proposed_manifest_loads_and_finds_the_files() {
        for (files, exercises, courses) in [
            (
                vec![
                    ("E1.tex", "a"),
                    ("C1.tex", "b"),
                    ("E2.tex", "a"),
                    ("C2.tex", "b"),
                    ("pre.tex", "\\documentclass{article}"),
                ],
                2,
                0,
            ),
            (
                vec![
                    ("suites/1-enonce.tex", "a"),
                    ("suites/1-corrige.tex", "b"),
                    ("series/1-enonce.tex", "a"),
                    ("series/1-corrige.tex", "b"),
                ],
                2,
                0,
            ),
            (
                vec![
                    ("ch1.tex", "\\begin{document}\\title{Un}\\end{document}"),
                    ("ch2.tex", "\\begin{document}\\title{Deux}\\index{a!b}\\end{document}"),
                ],
                0,
                2,
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for (path, text) in &files {
                let path = folder.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            // A folder of folders is a dépôt of its own only when it holds LaTeX at any depth.
            let seen = look(folder.path(), 6).unwrap();
            let text = manifest("essai", &seen);
            let manifest = Manifest::parse(Path::new("depot.toml"), &text)
                .unwrap_or_else(|error| panic!("{error}\n{text}"));
            let files = Files::read(folder.path(), &manifest).unwrap();
            let scan = Scan::new(Arc::new(manifest), files);
            let count =
                |kind: &str| scan.items.iter().filter(|item| scan.kind(item).kind == kind).count();
            assert_eq!((count("exercice"), count("cours")), (exercises, courses), "{text}");
        }
    }
}
