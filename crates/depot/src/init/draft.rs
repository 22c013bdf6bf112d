//! Putting a manifest together out of what was seen.

use super::{
    inside::{Attached, Inside, attached, inside, quoted},
    look::{Folder, Look, Seen},
    names::{pairs, patterns},
    paired::{of_pairs, wrapper},
    wholes::{
        Held, Sort, TITLES, has_sections, named, of_books, of_fragments, of_wholes, sort,
        sorted_by_default,
    },
};
use std::{collections::BTreeSet, fmt::Write as _};

/// One `[[kind]]` as it is written.
pub(super) struct Draft {
    pub name: String,
    pub label: &'static str,
    pub kind: &'static str,
    pub lines: Vec<String>,
    pub links: Vec<String>,
}

impl Draft {
    pub fn new(name: &str, label: &'static str, kind: &'static str) -> Self {
        Self { name: name.to_owned(), label, kind, lines: Vec::new(), links: Vec::new() }
    }

    pub fn line(mut self, key: &str, value: impl AsRef<str>) -> Self {
        self.lines.push(format!("{key} = {}", value.as_ref()));
        self
    }

    pub fn link(mut self, relation: &str, lines: &[(&str, &str)]) -> Self {
        let mut link = format!("relation = {}\n", quoted(relation));
        for (key, value) in lines {
            let _ = writeln!(link, "{key} = {value}");
        }
        self.links.push(link);
        self
    }
}

/// The manifest of a dépôt.
pub(super) fn manifest(name: &str, folder: &Folder) -> String {
    let mut out = format!(
        "# Proposed by `maquisdoc init` after a look at the files; docs/MANIFEST.md explains every line.\n\
         [depot]\nname = {}\n",
        quoted(name)
    );
    let preambles = preambles(&folder.files);
    if !preambles.is_empty() {
        let list: Vec<String> = preambles.iter().map(|path| quoted(path)).collect();
        let _ = writeln!(out, "preambles = [{}]", list.join(", "));
    }
    let quick = ["rapid", "flash", "automatisme", "minute"].iter().any(|word| name.contains(word));
    let mut drafts = Vec::new();
    let mut tables = String::new();
    let mut left: Vec<&Seen> = folder
        .files
        .iter()
        .filter(|file| matches!(file.look, Look::Whole | Look::Fragment))
        .collect();
    let mut wrappers: Vec<&Seen> =
        folder.files.iter().filter(|file| file.look == Look::Wrapper).collect();
    let every: BTreeSet<&str> = folder.files.iter().map(|file| file.path.as_str()).collect();

    let mut held: Vec<Held> = Vec::new();
    for n in 1.. {
        let Some(found) = pairs(&left, |file| {
            has_sections(file)
                || (named(file) && !matches!(sort(file), Sort::Sheet | Sort::Problem))
        }) else {
            break;
        };
        let files: Vec<&Seen> =
            left.iter().copied().filter(|file| found.paths.contains(&file.path)).collect();
        left.retain(|file| !found.paths.contains(&file.path));
        let wrapper = wrapper(&found, &mut wrappers);
        let made = of_pairs(&found, &files, wrapper, quick, n, folder, &mut tables);
        held.extend(made.first().map(|draft| Held {
            kind: draft.name.clone(),
            pattern: found.statement.clone(),
            key: found.key.clone(),
        }));
        drafts.extend(made);
    }
    let inner = files_with_exercises(&left);
    if let Some((inside, files)) = inner {
        left.retain(|file| files.iter().all(|other| other.path != file.path));
        let others: BTreeSet<&str> = others(&every, &files);
        drafts.extend(of_inside(&inside, &files, &others));
    }
    // What is no document of its own and no part of a course is an exercise without an answer.
    let (alone, left): (Vec<&Seen>, Vec<&Seen>) =
        left.into_iter().partition(|file| file.look == Look::Fragment && !has_sections(file));
    if !alone.is_empty() && drafts.iter().all(|draft| draft.name != "exercice") {
        drafts.extend(of_fragments(&alone, &every, &mut held));
    }
    drafts.extend(of_wholes(&left, &every, &mut held));
    // A file that puts several together is a book of them; the others only compile.
    let books: Vec<&Seen> = wrappers.iter().copied().filter(|file| file.inputs.len() > 1).collect();
    drafts.extend(of_books(&books, &every, &held));
    if drafts.is_empty() {
        drafts.push(
            Draft::new("document", "Document", "exercice")
                .line("title", quoted("{nom}"))
                .line("key", quoted("{nom}"))
                .line("files.body", quoted("{nom:path}.tex")),
        );
    }
    out.push_str(&tables);
    for draft in merged(drafts) {
        let _ = write!(
            out,
            "\n[[kind]]\nname = {}\nlabel = {}\ntype = {}\n",
            quoted(&draft.name),
            quoted(draft.label),
            quoted(draft.kind)
        );
        for line in draft.lines {
            let _ = writeln!(out, "{line}");
        }
        // One-minute exercises have their sheets; a PDF of each would help nobody.
        if draft.label == "Document" && draft.kind != "rapidexo" {
            out.push_str("publish = [\"whole\"]\n");
        }
        for link in draft.links {
            let _ = write!(out, "\n[[kind.link]]\n{link}");
        }
    }
    out
}

/// Kinds that several drafts share, such as the index entries, stand once.
fn merged(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut seen = BTreeSet::new();
    drafts.into_iter().filter(|draft| seen.insert(draft.name.clone())).collect()
}

/// Preambles, the one with the most macros first: it is the one of kinds that name none.
fn preambles(files: &[Seen]) -> Vec<String> {
    let used = |path: &str| files.iter().filter(|file| file.text.contains(path)).count();
    let mut found: Vec<(usize, &Seen)> = files
        .iter()
        .filter(|file| file.look == Look::Preamble)
        .map(|file| (used(file.stem()), file))
        .collect();
    found.sort_by_key(|(used, file)| {
        (std::cmp::Reverse(*used), std::cmp::Reverse(file.text.matches("\\newcommand").count()))
    });
    let list: Vec<String> = found.into_iter().map(|(_, file)| file.path.clone()).collect();
    if !list.is_empty() {
        return list;
    }
    // Where no preamble stands apart, fragments take the one of a file that puts them together.
    let fragments = files.iter().any(|file| file.look == Look::Fragment);
    files
        .iter()
        .filter(|file| fragments && file.look == Look::Wrapper)
        .max_by_key(|file| file.text.matches("\\newcommand").count())
        .map(|file| file.path.clone())
        .into_iter()
        .collect()
}

/// The paths of the folder that are not those of these files.
pub(super) fn others<'f>(every: &BTreeSet<&'f str>, files: &[&Seen]) -> BTreeSet<&'f str> {
    every.iter().copied().filter(|path| files.iter().all(|file| file.path != *path)).collect()
}

/// A title that the files say, else one made of the name.
pub(super) fn titled(draft: Draft, own: &str, found: Option<&Attached>) -> Draft {
    match found {
        Some(found) => draft
            .line("title", format!("[{}, {}]", quoted("{titre}"), quoted(own)))
            .line("fields.titre", format!("{{ {} }}", found.place)),
        None => draft.line("title", quoted(own)),
    }
}

/// The notions that authors name in their files, as concepts.
pub(super) fn with_notions(mut draft: Draft, files: &[&Seen], out: &mut Vec<Draft>) -> Draft {
    let names = [
        "notions",
        "notion",
        "motscles",
        "mots-cles",
        "mots cles",
        "keywords",
        "concepts",
        "concept",
    ];
    if let Some(notions) = attached(files, &names) {
        let split =
            notions.split.map(|split| format!(", split = {}", quoted(split))).unwrap_or_default();
        let each = format!("{{ {}{split} }}", notions.place);
        draft = draft.link("EVALUE", &[("to", "\"notion\""), ("each", &each)]);
        out.push(
            Draft::new("notion", "Concept", "objet mathématique").line("title", quoted("{value}")),
        );
    }
    if let Some(theme) = attached(files, &["theme", "chapitre", "chapter", "topic"]) {
        let each = format!("{{ {} }}", theme.place);
        draft = draft.link("EVALUE", &[("to", "\"sujet\""), ("each", &each)]);
        out.push(
            Draft::new("sujet", "Concept", "thème feuille exercices")
                .line("title", quoted("{value}")),
        );
    }
    draft
}

/// The files that hold exercises, when enough of them do.
fn files_with_exercises<'f>(left: &[&'f Seen]) -> Option<(Inside, Vec<&'f Seen>)> {
    let found = inside(left)?;
    let files: Vec<&Seen> = left
        .iter()
        .copied()
        // Exercises inside a course, a test or a week do not make it a sheet.
        .filter(|file| {
            matches!(sort(file), Sort::Sheet) || found.split.is_none() || sorted_by_default(file)
        })
        .filter(|file| found.marks.iter().any(|mark| file.text.contains(mark.as_str())))
        .collect();
    (!files.is_empty()).then_some((found, files))
}

/// Exercises inside files: sheets that hold several, or one a file.
fn of_inside(inside: &Inside, files: &[&Seen], others: &BTreeSet<&str>) -> Vec<Draft> {
    let (patterns, hole) = patterns(files, others);
    let body = list(&patterns);
    let mut out = Vec::new();
    let several = inside.split.is_some();
    let key = if several { format!("{{{hole}}}-{{n}}") } else { format!("{{{hole}}}") };
    let own = if several {
        format!("Exercice {{{hole}}}, {{n}}")
    } else {
        format!("Exercice {{{hole}}}")
    };
    let title = attached(files, &["titre", "title", "intitule"]).filter(|_| !several);
    let mut draft = titled(Draft::new("exercice", "Document", "exercice"), &own, title.as_ref())
        .line("key", quoted(&key))
        .line("files.body", &body);
    if let Some(split) = &inside.split {
        draft = draft.line("split", split);
    }
    for (role, marker) in &inside.parts {
        draft = draft.line(&format!("parts.{role}"), marker);
    }
    let mut draft = with_notions(draft, files, &mut out);
    if several {
        let sheet = quoted(&format!("{{{hole}}}"));
        draft = draft.link("CONTIENT", &[("from", "\"feuille\""), ("key", &sheet)]);
        let title = attached(files, TITLES);
        out.push(
            titled(
                Draft::new("feuille", "Document", "liste exercices"),
                &format!("Feuille {{{hole}}}"),
                title.as_ref(),
            )
            .line("key", sheet)
            .line("files.body", &body),
        );
    }
    out.insert(0, draft);
    out
}

/// One pattern, or several in brackets.
pub(super) fn list(patterns: &[String]) -> String {
    match patterns {
        [one] => quoted(one),
        many => {
            let many: Vec<String> = many.iter().map(|pattern| quoted(pattern)).collect();
            format!("[{}]", many.join(", "))
        }
    }
}
