//! The exercises of one dépôt at one version: immutable, shared, read from its manifest.

use crate::{
    SheetError,
    shelf::{PICTURES, Shelf},
};
use bytes::Bytes;
use mqd_depot::{
    contents::Role,
    part_sources,
    scan::{Item, Scan},
};
use mqd_model::{Label, Rel};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
};

/// `typeDoc` of an exercise, and of the list of a theme.
const EXERCISE: &str = "rapidexo";
const LIST: &str = "liste rapidexo";

/// The exercises of a dépôt at one version.
#[derive(Debug, Default)]
pub struct Exercises {
    /// Name of the dépôt.
    pub depot: String,
    /// Its name for people.
    pub title: String,
    /// What addresses name this version by: the commit where there is one, else a digest of
    /// everything here.
    pub version: String,
    /// A digest of everything here.
    pub digest: String,
    /// Themes by name.
    pub themes: Vec<Theme>,
    /// Path of the preamble and its text; empty when the dépôt has none.
    pub preamble: (String, Arc<str>),
    /// The files that exercises refer to.
    pub shelf: Shelf,
    by_path: HashMap<String, (usize, usize)>,
    macros: OnceLock<Arc<mqd_tex::Preamble>>,
}

/// A theme.
#[derive(Debug, Clone, Default)]
pub struct Theme {
    /// Its name in addresses.
    pub name: String,
    /// Its title for people.
    pub title: String,
    /// Its exercises in the order of their names; the first is number 1.
    pub exercises: Vec<Exercise>,
}

/// An exercise.
#[derive(Debug, Clone, Default)]
pub struct Exercise {
    /// Its name inside its theme.
    pub name: String,
    /// Path of its statement in the dépôt.
    pub path: String,
    /// Its statement (énoncé).
    pub statement: Arc<str>,
    /// A hint (indication).
    pub hint: Option<Arc<str>>,
    /// Path and text of its answer (corrigé).
    pub answer: Option<(String, Arc<str>)>,
    pub(crate) html: OnceLock<Arc<crate::html::Rendered>>,
}

impl Exercises {
    /// The exercises of a scanned dépôt; `None` when its manifest has no kind of them.
    #[must_use]
    pub fn of(scan: &Scan) -> Option<Self> {
        let is = |kind: &mqd_depot::manifest::Kind, of: &str| {
            kind.label == Label::Document && kind.kind == of
        };
        let manifest = &scan.manifest;
        let first = manifest.kinds.iter().find(|kind| is(kind, EXERCISE))?;
        let mut themes: BTreeMap<String, Theme> = BTreeMap::new();
        for item in scan.items.iter().filter(|item| is(scan.kind(item), EXERCISE)) {
            let Some(exercise) = exercise(scan, item) else { continue };
            let list = item.links.iter().find(|link| {
                link.rel == Rel::Contient && !link.outgoing && is(&manifest.kinds[link.kind], LIST)
            });
            let name = match list {
                Some(link) => link.key.clone(),
                None => match exercise.path.rsplit_once('/') {
                    Some((folder, _)) => folder.to_owned(),
                    None => beginning(&exercise.name).to_owned(),
                },
            };
            let theme = themes.entry(name.clone()).or_insert_with(|| Theme {
                title: list
                    .and_then(|link| scan.item(link.kind, &link.key))
                    .and_then(|list| {
                        scan.kind(list).titles.iter().find_map(|title| title.fill(&list.vars))
                    })
                    .unwrap_or_else(|| name.clone()),
                name,
                exercises: Vec::new(),
            });
            theme.exercises.push(exercise);
        }
        gather(&mut themes, &manifest.name);
        for theme in themes.values_mut() {
            let prefix = format!("{}/", theme.name);
            for exercise in &mut theme.exercises {
                if let Some(short) = exercise.name.strip_prefix(&prefix) {
                    exercise.name = short.to_owned();
                }
            }
            sort(&mut theme.exercises);
        }
        let path = first.preamble.as_ref().or_else(|| manifest.preambles.first());
        let preamble = path
            .and_then(|path| Some((path.clone(), Arc::clone(scan.files.text(path)?))))
            .unwrap_or_default();
        let mut shelf = Shelf::default();
        fill(&mut shelf, scan, &preamble.0, &preamble.1, 0);
        for exercise in themes.values().flat_map(|theme| &theme.exercises) {
            fill(&mut shelf, scan, &exercise.path, &exercise.statement, 0);
            for text in exercise.hint.iter() {
                fill(&mut shelf, scan, &exercise.path, text, 0);
            }
            for (path, text) in exercise.answer.iter() {
                fill(&mut shelf, scan, path, text, 0);
            }
        }
        let mut themes: Vec<Theme> = themes.into_values().collect();
        themes.sort_by(|a, b| mqd_depot::scan::natural(&a.name, &b.name));
        shorten(&mut themes);
        let title = manifest.title.clone().unwrap_or_else(|| manifest.name.clone());
        let out = Self::new(manifest.name.clone(), title, themes, preamble, shelf);
        // A working folder with changes of its own is not what its commit says.
        let commit = scan.files.commit.clone();
        let version = commit
            .filter(|_| {
                let root = &scan.files.root;
                !root.join(".git").exists() || crate::past::is_clean(root)
            })
            .unwrap_or_else(|| out.digest.clone());
        Some(Self { version, ..out })
    }

    /// Puts exercises together; the version is the digest.
    #[must_use]
    pub fn new(
        depot: String,
        title: String,
        themes: Vec<Theme>,
        preamble: (String, Arc<str>),
        shelf: Shelf,
    ) -> Self {
        let mut by_path = HashMap::new();
        for (t, theme) in themes.iter().enumerate() {
            for (e, exercise) in theme.exercises.iter().enumerate() {
                by_path.entry(exercise.path.clone()).or_insert((t, e));
                if let Some((path, _)) = &exercise.answer {
                    by_path.entry(path.clone()).or_insert((t, e));
                }
            }
        }
        let digest = digest(&depot, &themes, &preamble, &shelf);
        Self {
            depot,
            title,
            version: digest.clone(),
            digest,
            themes,
            preamble,
            shelf,
            by_path,
            macros: OnceLock::new(),
        }
    }

    /// How many exercises there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.themes.iter().map(|theme| theme.exercises.len()).sum()
    }

    /// A theme by its name.
    ///
    /// # Errors
    /// [`SheetError::UnknownTheme`], which names those that exist.
    pub fn theme(&self, name: &str) -> Result<usize, SheetError> {
        self.themes.iter().position(|theme| theme.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.themes.iter().map(|theme| theme.name.as_str()).collect();
            SheetError::UnknownTheme {
                theme: name.chars().take(80).collect(),
                known: names.join(", "),
            }
        })
    }

    /// Theme and place of the exercise that has this file as statement or answer.
    #[must_use]
    pub fn at_path(&self, path: &str) -> Option<(usize, usize)> {
        self.by_path.get(path).copied()
    }

    /// What the preamble defines, read once.
    pub(crate) fn macros(&self) -> &Arc<mqd_tex::Preamble> {
        self.macros.get_or_init(|| {
            let sources = crate::shelf::From { shelf: &self.shelf, path: &self.preamble.0 };
            Arc::new(mqd_tex::Preamble::read(&[&self.preamble.1], &sources))
        })
    }
}

impl Exercise {
    /// An exercise: its name in its theme, its statement by path and text, and its answer.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        (path, statement): (String, Arc<str>),
        answer: Option<(String, Arc<str>)>,
    ) -> Self {
        Self { name: name.into(), path, statement, answer, ..Self::default() }
    }
}

impl Theme {
    /// Place of an exercise by its name, or by the name of its statement's file.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        let stem = |exercise: &Exercise| {
            let file = exercise.path.rsplit('/').next().unwrap_or_default();
            file.strip_suffix(".tex").unwrap_or(file) == name || file == name
        };
        self.exercises
            .iter()
            .position(|exercise| exercise.name == name)
            .or_else(|| self.exercises.iter().position(stem))
    }
}

/// What stands before the number in a name: the theme of files that lie in no folder.
fn beginning(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | ' '))
}

/// Exercises that nothing but their names would set apart, one by one or with no word before their
/// numbers, are in one theme that has the name of the dépôt.
fn gather(themes: &mut BTreeMap<String, Theme>, depot: &str) {
    let alone = |(name, theme): (&String, &Theme)| {
        let rooted = theme.exercises.iter().all(|exercise| {
            !exercise.path.contains('/') && beginning(&exercise.name) == name.as_str()
        });
        (rooted && (theme.exercises.len() == 1 || name.is_empty())).then(|| name.clone())
    };
    let names: Vec<String> = themes.iter().filter_map(alone).collect();
    let gathered: Vec<Theme> = names.iter().filter_map(|name| themes.remove(name)).collect();
    for exercise in gathered.into_iter().flat_map(|theme| theme.exercises) {
        let theme = themes.entry(depot.to_owned()).or_insert_with(|| Theme {
            name: depot.to_owned(),
            title: depot.to_owned(),
            exercises: Vec::new(),
        });
        theme.exercises.push(exercise);
    }
}

/// Among themes, "Rapidexos : Matrices" is "Matrices".
fn shorten(themes: &mut [Theme]) {
    let Some(prefix) = themes.first().and_then(|theme| {
        let at = theme.title.find(": ")? + 2;
        Some(theme.title[..at].to_owned())
    }) else {
        return;
    };
    let rest = |theme: &Theme| theme.title.strip_prefix(&prefix).is_some_and(|t| !t.is_empty());
    if themes.iter().all(rest) {
        for theme in themes {
            theme.title.drain(..prefix.len());
        }
    }
}

/// The order that numbers follow: the family of names with most exercises first, so that number 7
/// of a theme whose files are `calcul1`, `calcul2` … is `calcul7`, whatever other names there are.
fn sort(exercises: &mut [Exercise]) {
    let family = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let mut sizes: HashMap<String, usize> = HashMap::new();
    for exercise in exercises.iter() {
        *sizes.entry(family(&exercise.name)).or_default() += 1;
    }
    exercises.sort_by_cached_key(|exercise| {
        let family = family(&exercise.name);
        let digits = &exercise.name[family.len()..];
        let number = digits.trim_start_matches('0');
        (
            std::cmp::Reverse(sizes.get(&family).copied().unwrap_or(0)),
            family,
            (number.len(), number.to_owned()),
            exercise.path.clone(),
        )
    });
}

fn exercise(scan: &Scan, item: &Item) -> Option<Exercise> {
    let mut out = Exercise { name: item.key.clone(), ..Exercise::default() };
    let mut found = false;
    for (role, path, text) in part_sources(scan, item) {
        match role {
            Role::Body | Role::Statement => {
                found = true;
                // Several exercises of one file are told apart by their places in it.
                out.path = match item.vars.get("n").filter(|_| item.cut.is_some()) {
                    Some(n) => format!("{path}#{n}"),
                    None => path,
                };
                out.statement = text;
            }
            Role::Hint => out.hint = Some(text),
            Role::Answer => {
                let path = match item.vars.get("n").filter(|_| item.cut.is_some()) {
                    Some(n) => format!("{path}#{n}-c"),
                    None => path,
                };
                out.answer = Some((path, text));
            }
        }
    }
    found.then_some(out)
}

/// How deep texts that input texts are followed.
const MAX_DEPTH: usize = 12;

/// Takes from the dépôt what a text refers to.
fn fill(shelf: &mut Shelf, scan: &Scan, from: &str, text: &str, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    let inputs = mqd_tex::command_arguments(text, "input")
        .chain(mqd_tex::command_arguments(text, "include"))
        .map(|arguments| (arguments, ["", ".tex"]));
    let packages = mqd_tex::command_arguments(text, "usepackage")
        .chain(mqd_tex::command_arguments(text, "RequirePackage"))
        .map(|arguments| (arguments, [".sty", ".sty"]));
    for (arguments, endings) in inputs.chain(packages) {
        for name in arguments.first().unwrap_or(&"").split(',') {
            let Some(file) = scan.files.find(from, name.trim(), &endings) else { continue };
            let Some(text) = &file.text else { continue };
            if shelf.texts.insert(file.path.clone(), Arc::clone(text)).is_none() {
                fill(shelf, scan, &file.path, text, depth + 1);
            }
        }
    }
    for arguments in mqd_tex::command_arguments(text, "includegraphics") {
        let name = arguments.first().unwrap_or(&"").trim();
        let Some(file) = scan.files.find(from, name, PICTURES) else { continue };
        if !shelf.figures.contains_key(&file.path)
            && let Ok(bytes) = scan.files.bytes(&file.path)
        {
            shelf.figures.insert(file.path.clone(), Bytes::from(bytes));
        }
    }
}

fn digest(depot: &str, themes: &[Theme], preamble: &(String, Arc<str>), shelf: &Shelf) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(depot.as_bytes());
    add(preamble.1.as_bytes());
    for theme in themes {
        add(theme.name.as_bytes());
        for exercise in &theme.exercises {
            add(exercise.path.as_bytes());
            add(exercise.name.as_bytes());
            add(exercise.statement.as_bytes());
            add(exercise.hint.as_deref().unwrap_or_default().as_bytes());
            let (path, text) = exercise.answer.as_ref().map_or(("", ""), |(p, t)| (p, t));
            add(path.as_bytes());
            add(text.as_bytes());
        }
    }
    for (path, text) in &shelf.texts {
        add(path.as_bytes());
        add(text.as_bytes());
    }
    for (path, bytes) in &shelf.figures {
        add(path.as_bytes());
        add(bytes);
    }
    hasher.finalize().to_hex()[..40].to_owned()
}
