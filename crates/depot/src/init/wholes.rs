//! Documents that stand alone: what their names say they are, and the files that put several
//! together.

use super::{
    draft::{Draft, list, others, titled, with_notions},
    inside::{attached, quoted},
    look::Seen,
    names::patterns,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a whole document is, by the words of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Week,
    Test,
    Homework,
    Sheet,
    Course,
    Problem,
}

/// Words of names, in lower case and without accents or plural.
const SORTS: &[(Sort, &[&str])] = &[
    (Sort::Week, &["colle", "kholle", "khôlle", "semaine", "programme", "sem"]),
    (Sort::Homework, &["dm"]),
    (
        Sort::Test,
        &[
            "ds",
            "dst",
            "devoir",
            "interro",
            "interrogation",
            "controle",
            "eval",
            "bac",
            "concours",
            "examen",
            "partiel",
            "cb",
        ],
    ),
    (Sort::Sheet, &["td", "feuille", "fiche", "exos", "exo", "exercices", "exercice", "planche"]),
    (Sort::Course, &["cours", "chap", "chapitre", "lecon", "poly", "ch", "c"]),
    (Sort::Problem, &["pb", "pbs", "probleme", "problemes"]),
];

/// What a file is by its name, else by how its text begins.
pub(super) fn sort(file: &Seen) -> Sort {
    let (stem, folder) =
        (mqd_model::literal::fold(file.stem()), mqd_model::literal::fold(file.folder()));
    // The name says more than the folder, and its first word more than the others.
    let folders: Vec<&str> = folder.rsplit('/').collect();
    let tokens: Vec<&str> = std::iter::once(stem.as_str())
        .chain(folders)
        .flat_map(|name| name.split(|c: char| !c.is_alphabetic()))
        .filter(|token| !token.is_empty())
        .collect();
    let named = tokens.iter().find_map(|token| {
        let single = token.strip_suffix('s').unwrap_or(token);
        SORTS.iter().find(|(_, words)| words.contains(token) || words.contains(&single))
    });
    if let Some((sort, _)) = named {
        return *sort;
    }
    let start: String = file.text.chars().take(3_000).collect();
    if mqd_model::literal::fold(&start).contains("questions de cours") {
        return Sort::Week;
    }
    Sort::Course
}

/// Whether the name of a file says what it is.
pub(super) fn named(file: &Seen) -> bool {
    let folded = mqd_model::literal::fold(file.path.trim_end_matches(".tex"));
    folded.split(|c: char| !c.is_alphabetic()).any(|token| {
        let single = token.strip_suffix('s').unwrap_or(token);
        SORTS.iter().any(|(_, words)| words.contains(&token) || words.contains(&single))
    })
}

/// Whether the name of a file says nothing, and its text is no course.
pub(super) fn sorted_by_default(file: &Seen) -> bool {
    !named(file) && file.text.matches("\\section").count() < 3
}

/// Commands that give documents their titles.
pub(super) const TITLES: &[&str] = &[
    "title",
    "titre",
    "debutcours",
    "titrecours",
    "chapter",
    "chapitre",
    "entete",
    "part",
    "lecon",
];

/// Documents that books can hold: their kind, the pattern of their files, their key.
pub(super) struct Held {
    pub kind: String,
    pub pattern: String,
    pub key: String,
}

/// Whether a text is set out in sections, as a course is.
pub(super) fn has_sections(file: &Seen) -> bool {
    ["\\section", "\\chapter", "\\part{", "\\subsection"].iter().any(|c| file.text.contains(c))
}

/// Fragments without an answer.
pub(super) fn of_fragments(
    files: &[&Seen],
    every: &BTreeSet<&str>,
    held: &mut Vec<Held>,
) -> Vec<Draft> {
    let (patterns, hole) = patterns(files, &others(every, files));
    let key = format!("{{{hole}}}");
    held.extend(patterns.iter().map(|pattern| Held {
        kind: "exercice".to_owned(),
        pattern: pattern.clone(),
        key: key.clone(),
    }));
    let mut out = Vec::new();
    let title = attached(files, &["titre", "title", "intitule"]);
    let draft = titled(
        Draft::new("exercice", "Document", "exercice"),
        &format!("Exercice {key}"),
        title.as_ref(),
    )
    .line("key", quoted(&key))
    .line("files.statement", list(&patterns));
    let draft = with_notions(draft, files, &mut out);
    out.insert(0, draft);
    out
}

/// Files that put several documents together.
pub(super) fn of_books(books: &[&Seen], every: &BTreeSet<&str>, held: &[Held]) -> Vec<Draft> {
    let holds = |file: &Seen, held: &Held| {
        crate::manifest::Pattern::new(&held.pattern)
            .is_ok_and(|pattern| file.inputs.iter().any(|path| pattern.matches(path).is_some()))
    };
    let mut out = Vec::new();
    for (name, kind, own, courses) in
        [("recueil", "liste exercices", "Recueil", false), ("livre", "livre", "Livre", true)]
    {
        let files: Vec<&Seen> = books
            .iter()
            .copied()
            .filter(|file| {
                let first = held.iter().find(|held| holds(file, held));
                first.is_some_and(|held| (held.kind == "cours") == courses)
            })
            .collect();
        if files.is_empty() {
            continue;
        }
        let (patterns, hole) = patterns(&files, &others(every, &files));
        let key = format!("{{{hole}}}");
        let title = attached(&files, TITLES);
        let mut book =
            titled(Draft::new(name, "Document", kind), &format!("{own} {key}"), title.as_ref())
                .line("key", quoted(&key))
                .line("files.body", list(&patterns));
        for held in held.iter().filter(|held| files.iter().any(|file| holds(file, held))) {
            let each = format!("{{ input = {} }}", quoted(&held.pattern));
            let (to, key) = (quoted(&held.kind), quoted(&held.key));
            book = book.link("CONTIENT", &[("to", &to), ("key", &key), ("each", &each)]);
        }
        out.push(book);
    }
    out
}

/// Whole documents, by what their names say.
pub(super) fn of_wholes(
    left: &[&Seen],
    every: &BTreeSet<&str>,
    held: &mut Vec<Held>,
) -> Vec<Draft> {
    let mut groups: BTreeMap<Sort, Vec<&Seen>> = BTreeMap::new();
    for file in left {
        groups.entry(sort(file)).or_default().push(file);
    }
    let mut out = Vec::new();
    for (sort, files) in groups {
        let (patterns, hole) = patterns(&files, &others(every, &files));
        let (body, key) = (list(&patterns), quoted(&format!("{{{hole}}}")));
        let title = attached(&files, TITLES);
        let document = |name: &str, kind: &'static str, own: &str| {
            titled(Draft::new(name, "Document", kind), &format!("{own} {{{hole}}}"), title.as_ref())
                .line("key", &key)
                .line("files.body", &body)
        };
        let event = |name: &str, kind: &'static str, title: String, to: &str| {
            Draft::new(name, "Evenement", kind)
                .line("title", quoted(&title))
                .line("key", &key)
                .line("files.body", &body)
                .link("UTILISE", &[("to", &quoted(to)), ("key", &key)])
        };
        let number =
            if hole == "numero" { "{numero|int}".to_owned() } else { format!("{{{hole}}}") };
        match sort {
            Sort::Course => {
                let index = files.iter().any(|file| file.text.contains("\\index{"));
                let mut course = document("cours", "cours", "Cours");
                if index {
                    course = course.link(
                        "INDEXE",
                        &[
                            ("to", "\"index\""),
                            ("each", "{ index = true }"),
                            ("hierarchy", "\"CONTIENT\""),
                        ],
                    );
                    out.push(
                        Draft::new("index", "Concept", "index Latex")
                            .line("title", quoted("{value}")),
                    );
                }
                out.push(course);
                held.extend(patterns.iter().map(|pattern| Held {
                    kind: "cours".to_owned(),
                    pattern: pattern.clone(),
                    key: format!("{{{hole}}}"),
                }));
            }
            Sort::Sheet => out.push(document("fiche", "liste exercices", "Feuille")),
            Sort::Problem => out.push(document("sujet_long", "problème", "Problème")),
            Sort::Test => {
                out.push(event("ds", "DS", format!("DS {number}"), "sujet_ds"));
                out.push(document("sujet_ds", "problème", "Sujet"));
            }
            Sort::Homework => {
                out.push(event("dm", "DM", format!("DM {number}"), "sujet_dm"));
                out.push(document("sujet_dm", "problème", "Sujet"));
            }
            Sort::Week => {
                out.push(event(
                    "semaine",
                    "semaine de colle",
                    format!("semaine {number}"),
                    "programme",
                ));
                out.push(document("programme", "programme", "Programme de la semaine"));
            }
        }
    }
    out
}
