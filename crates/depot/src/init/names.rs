//! Ways of naming: pairs of statement and answer files, and patterns for groups of files.

use super::look::Seen;
use std::collections::{BTreeMap, BTreeSet};

/// Words that tell a statement from its answer, wherever they stand in the path.
const WORDS: &[(&str, &str)] = &[
    ("E", "C"),
    ("e", "c"),
    ("enonce", "corrige"),
    ("Enonce", "Corrige"),
    ("énoncé", "corrigé"),
    ("enonces", "corriges"),
    ("Enonces", "Corriges"),
    ("enonce", "solution"),
    ("enonce", "correction"),
    ("enonces", "solutions"),
    ("enonces", "corrections"),
    ("sujet", "corrige"),
    ("sujet", "solution"),
    ("sujet", "correction"),
    ("sujets", "corriges"),
    ("sujets", "solutions"),
    ("ex", "cor"),
    ("ex", "sol"),
    ("exo", "sol"),
    ("exo", "cor"),
    ("exo", "corrige"),
    ("Exo", "Sol"),
    ("Ex", "Sol"),
    ("Ex", "Cor"),
    ("exos", "corriges"),
    ("exos", "solutions"),
    ("exercice", "corrige"),
    ("exercice", "correction"),
    ("exercice", "solution"),
    ("exercices", "corriges"),
    ("exercices", "corrections"),
    ("exercices", "solutions"),
    ("td", "corrige"),
    ("question", "reponse"),
    ("questions", "reponses"),
    ("", "corrige"),
    ("", "corr"),
    ("", "cor"),
    ("", "correction"),
    ("", "solution"),
    ("", "sol"),
    ("", "reponse"),
    ("", "c"),
];
/// Words of hints.
const HINTS: &[&str] = &["indication", "indications", "indic", "ind", "hint", "aide", "I"];

/// Where the word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Prefix,
    Suffix,
    Name,
    Folder,
}

/// What stands between a word and the rest of a name.
const SEPARATORS: &[&str] = &["-", "_", ".", " ", ""];

/// One way of naming.
#[derive(Debug, Clone, Copy)]
struct Way {
    place: Place,
    statement: &'static str,
    answer: &'static str,
    separator: &'static str,
}

/// The words of a path around what tells one document from another.
struct Split {
    folder: String,
    middle: String,
}

impl Way {
    /// Takes a path apart when it names a statement.
    fn split(&self, path: &str) -> Option<Split> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.strip_suffix(".tex")?;
        let (word, separator) =
            (self.statement, if self.statement.is_empty() { "" } else { self.separator });
        let (folder, middle) = match self.place {
            Place::Prefix => (folder, stem.strip_prefix(word)?.strip_prefix(separator)?),
            Place::Suffix => (folder, stem.strip_suffix(word)?.strip_suffix(separator)?),
            Place::Name => {
                if stem != word {
                    return None;
                }
                folder.rsplit_once('/').unwrap_or(("", folder))
            }
            Place::Folder => {
                let (above, last) = folder.rsplit_once('/').unwrap_or(("", folder));
                if last != word {
                    return None;
                }
                (above, stem)
            }
        };
        (!middle.is_empty()).then(|| Split { folder: folder.to_owned(), middle: middle.to_owned() })
    }

    /// The path, or the pattern, with another word.
    fn join(&self, folder: &str, middle: &str, word: &str) -> String {
        let separator = if word.is_empty() { "" } else { self.separator };
        let slash = if folder.is_empty() { "" } else { "/" };
        match self.place {
            Place::Prefix => format!("{folder}{slash}{word}{separator}{middle}.tex"),
            Place::Suffix => format!("{folder}{slash}{middle}{separator}{word}.tex"),
            Place::Name => format!("{folder}{slash}{middle}/{word}.tex"),
            Place::Folder => format!("{folder}{slash}{word}/{middle}.tex"),
        }
    }
}

fn ways() -> impl Iterator<Item = Way> {
    WORDS.iter().flat_map(|&(statement, answer)| {
        let short = statement.chars().count() == 1 || (statement.is_empty() && answer.len() == 1);
        [Place::Prefix, Place::Suffix, Place::Name, Place::Folder]
            .into_iter()
            .flat_map(move |place| {
                SEPARATORS.iter().map(move |separator| Way { place, statement, answer, separator })
            })
            .filter(move |way| match way.place {
                // A single letter is a mark at the beginning of a name, or after a separator.
                Place::Prefix => !statement.is_empty(),
                Place::Suffix => !(short && way.separator.is_empty()),
                Place::Name | Place::Folder => {
                    !statement.is_empty() && !short && way.separator.is_empty()
                }
            })
    })
}

/// Statements and answers that are named alike.
#[derive(Debug)]
pub(super) struct Pairs {
    /// Pattern of the statements.
    pub statement: String,
    /// Pattern of the answers.
    pub answer: String,
    /// Pattern of the hints, when there are some.
    pub hint: Option<String>,
    /// What tells one from another.
    pub key: String,
    /// The hole that names the theme, when names tell one.
    pub theme: bool,
    /// The pattern of what stands between the words: `{theme:letters2}{numero:digits}`.
    pub middle: String,
    /// What stands between the words, and the statement's path.
    pub statements: Vec<(String, String)>,
    /// Every file that has its place.
    pub paths: BTreeSet<String>,
}

/// The way of naming that makes the most pairs among these files.
///
/// `apart` tells files that are surely no statement: courses, tests.
pub(super) fn pairs(files: &[&Seen], apart: impl Fn(&Seen) -> bool) -> Option<Pairs> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut best: Option<(usize, Way)> = None;
    for way in ways() {
        let count = paths
            .iter()
            .filter(|path| {
                way.split(path).is_some_and(|split| {
                    let answer = way.join(&split.folder, &split.middle, way.answer);
                    answer != **path && paths.contains(answer.as_str())
                })
            })
            .count();
        if count >= 2 && best.as_ref().is_none_or(|(most, _)| count > *most) {
            best = Some((count, way));
        }
    }
    let (_, way) = best?;
    // With a word of its own, a statement is known without its answer; without one, it is not.
    let answers: BTreeSet<String> = paths
        .iter()
        .filter_map(|path| way.split(path))
        .map(|split| way.join(&split.folder, &split.middle, way.answer))
        .filter(|answer| paths.contains(answer.as_str()))
        .collect();
    let found: Vec<(Split, String)> = paths
        .iter()
        .filter(|path| !answers.contains(**path))
        .filter_map(|path| Some((way.split(path)?, (*path).to_owned())))
        .filter(|(split, _)| {
            !way.statement.is_empty()
                || answers.contains(&way.join(&split.folder, &split.middle, way.answer))
        })
        .collect();
    let middles: Vec<&str> = found.iter().map(|(split, _)| split.middle.as_str()).collect();
    let folders: BTreeSet<&str> = found.iter().map(|(split, _)| split.folder.as_str()).collect();
    let shape = Shape::of(&middles, &folders);
    let hint = HINTS.iter().find(|hint| {
        found
            .iter()
            .any(|(split, _)| paths.contains(way.join(&split.folder, &split.middle, hint).as_str()))
    });
    let mut shape = shape;
    let matching = |shape: &Shape| -> BTreeSet<String> {
        let words = [Some(way.statement), Some(way.answer), hint.copied()];
        let patterns: Vec<_> = words
            .into_iter()
            .flatten()
            .filter_map(|word| {
                crate::manifest::Pattern::new(&way.join(&shape.folder, &shape.middle, word)).ok()
            })
            .collect();
        paths
            .iter()
            .filter(|path| patterns.iter().any(|pattern| pattern.matches(path).is_some()))
            .map(|path| (*path).to_owned())
            .collect()
    };
    let mut all = matching(&shape);
    if way.statement.is_empty() && files.iter().any(|file| all.contains(&file.path) && apart(file))
    {
        // A name without a mark would take in every other file: these names, then, and no others.
        let names: Vec<&str> = found.iter().map(|(split, _)| split.middle.as_str()).collect();
        shape.middle = format!("{{nom:{}}}", names.join("|"));
        shape.theme = shape.folder.contains("{theme}");
        all = matching(&shape);
    }
    Some(Pairs {
        statement: way.join(&shape.folder, &shape.middle, way.statement),
        answer: way.join(&shape.folder, &shape.middle, way.answer),
        hint: hint.map(|hint| way.join(&shape.folder, &shape.middle, hint)),
        key: shape.key(),
        theme: shape.theme,
        middle: shape.middle,
        statements: found.into_iter().map(|(split, path)| (split.middle, path)).collect(),
        paths: all,
    })
}

/// The pattern of a group of names.
struct Shape {
    folder: String,
    middle: String,
    theme: bool,
}

impl Shape {
    fn of(middles: &[&str], folders: &BTreeSet<&str>) -> Self {
        let root = folders.iter().all(|folder| folder.is_empty());
        let one = folders.len() == 1;
        let level = folders.iter().all(|folder| !folder.is_empty() && !folder.contains('/'));
        let (folder, named) = match (root, one, level) {
            (true, _, _) => (String::new(), false),
            // One folder is a place, not a theme.
            (_, true, _) => (folders.iter().next().copied().unwrap_or_default().to_owned(), false),
            (_, _, true) => ("{theme}".to_owned(), true),
            _ => {
                let first = common_folder(folders);
                let deep = folders.iter().all(|folder| folder.len() > first.len());
                if deep && folders.iter().all(|folder| one_level_below(folder, &first)) {
                    (format!("{first}/{{theme}}"), true)
                } else if deep && !first.is_empty() {
                    (format!("{first}/{{dossier:path}}"), false)
                } else if folders.iter().all(|folder| !folder.is_empty()) {
                    ("{dossier:path}".to_owned(), false)
                } else {
                    // Some stand at the root, some in folders: the whole path is the name.
                    return Self {
                        folder: String::new(),
                        middle: "{nom:path}".to_owned(),
                        theme: false,
                    };
                }
            }
        };
        let (middle, letters) = middle(middles, !named);
        Self { folder, middle, theme: named || letters }
    }

    fn key(&self) -> String {
        let hole = |name: &str| format!("{{{name}}}");
        let names: Vec<String> = ["dossier", "theme", "numero", "nom"]
            .into_iter()
            .filter(|name| {
                let both = format!("{}/{}", self.folder, self.middle);
                both.contains(&format!("{{{name}}}")) || both.contains(&format!("{{{name}:"))
            })
            .map(hole)
            .collect();
        let between = if self.folder.contains('{') { "/" } else { "" };
        names.join(between)
    }
}

fn common_folder(folders: &BTreeSet<&str>) -> String {
    let mut parts: Vec<&str> =
        folders.iter().next().map(|folder| folder.split('/').collect()).unwrap_or_default();
    for folder in folders {
        let same = parts.iter().zip(folder.split('/')).take_while(|(a, b)| **a == *b).count();
        parts.truncate(same);
    }
    parts.join("/")
}

fn one_level_below(folder: &str, above: &str) -> bool {
    folder
        .strip_prefix(above)
        .and_then(|rest| if above.is_empty() { Some(rest) } else { rest.strip_prefix('/') })
        .is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
}

/// The pattern of what tells names apart: a number, letters of a theme and a number, or a name.
fn middle(middles: &[&str], may_name_theme: bool) -> (String, bool) {
    if middles.iter().all(|middle| middle.bytes().all(|b| b.is_ascii_digit())) {
        return ("{numero:digits}".to_owned(), false);
    }
    let cut: Option<Vec<(&str, &str)>> = middles
        .iter()
        .map(|middle| {
            let at = middle.find(|c: char| c.is_ascii_digit())?;
            let (letters, digits) = middle.split_at(at);
            let plain = !letters.is_empty()
                && letters.chars().all(char::is_alphabetic)
                && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then_some((letters, digits))
        })
        .collect();
    let Some(cut) = cut else { return ("{nom}".to_owned(), false) };
    let themes: BTreeSet<&str> = cut.iter().map(|(letters, _)| *letters).collect();
    if !may_name_theme || themes.len() < 2 || themes.len() * 2 > cut.len() {
        return ("{nom}".to_owned(), false);
    }
    let lengths: BTreeSet<usize> = themes.iter().map(|theme| theme.chars().count()).collect();
    let letters = match lengths.iter().next() {
        Some(length) if lengths.len() == 1 => format!("{{theme:letters{length}}}"),
        _ => "{theme:letters}".to_owned(),
    };
    (format!("{letters}{{numero:digits}}"), true)
}

/// Patterns that name these files and none of the others, and the hole that tells them apart.
pub(super) fn patterns(group: &[&Seen], others: &BTreeSet<&str>) -> (Vec<String>, &'static str) {
    if let Some(pattern) = numbered(group).filter(|pattern| free(pattern, others)) {
        return (vec![pattern], "numero");
    }
    let mut folders: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
    for file in group {
        folders.entry(file.folder()).or_default().push(file);
    }
    let mut out = Vec::new();
    for (folder, files) in folders {
        let slash = if folder.is_empty() { "" } else { "/" };
        let stems: Vec<&str> = files.iter().map(|file| file.stem()).collect();
        let whole = format!("{folder}{slash}{{nom}}.tex");
        let started = format!("{folder}{slash}{}{{nom}}.tex", common_prefix(&stems));
        match [started, whole].into_iter().find(|pattern| files.len() > 1 && free(pattern, others))
        {
            Some(pattern) => out.push(pattern),
            None => out.extend(files.iter().map(|file| file.path.clone())),
        }
    }
    let stems: BTreeSet<&str> = group.iter().map(|file| file.stem()).collect();
    (out, if stems.len() == group.len() { "stem" } else { "path" })
}

/// One beginning and a number: `chap{numero:digits}.tex`.
fn numbered(group: &[&Seen]) -> Option<String> {
    let cut = |file: &Seen| {
        let stem = file.stem();
        let start = stem.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        (start.len() < stem.len()).then(|| (file.folder().to_owned(), start))
    };
    let first = cut(group.first()?)?;
    let same = group.len() > 1 && group.iter().all(|file| cut(file).as_ref() == Some(&first));
    let slash = if first.0.is_empty() { "" } else { "/" };
    same.then(|| format!("{}{slash}{}{{numero:digits}}.tex", first.0, first.1))
}

fn common_prefix(stems: &[&str]) -> String {
    let mut prefix: String = stems.first().copied().unwrap_or_default().to_owned();
    for stem in stems {
        while !stem.starts_with(&prefix) || *stem == prefix {
            if prefix.pop().is_none() {
                return String::new();
            }
        }
    }
    // A prefix ends where a word ends.
    let end = prefix.rfind(|c: char| !c.is_alphanumeric()).map_or(0, |at| at + 1);
    prefix.truncate(end);
    prefix
}

fn free(pattern: &str, others: &BTreeSet<&str>) -> bool {
    crate::manifest::Pattern::new(pattern)
        .is_ok_and(|pattern| others.iter().all(|path| pattern.matches(path).is_none()))
}
