//! What stands inside the files: exercises between commands or environments, their parts, titles
//! and the words that authors attach to them.

use super::look::Seen;
use mqd_tex::{Cursor, Token};
use std::collections::BTreeMap;

/// Words, without accents and in lower case, that name exercises, hints and answers in the names of
/// commands and environments.
const EXERCISES: &[&str] =
    &["exo", "exercice", "exercise", "exer", "ex", "exe", "xca", "question", "probleme", "problem"];
const STATEMENTS: &[&str] = &["enonce", "statement", "sujet"];
const ANSWERS: &[&str] = &[
    "corrige",
    "correction",
    "solution",
    "sol",
    "reponse",
    "answer",
    "corr",
    "cor",
    "rep",
    "proofsol",
];
const HINTS: &[&str] = &["indication", "indic", "hint", "aide", "ind"];

/// How often each environment and each command with an argument stands in some files.
#[derive(Debug, Default)]
pub(super) struct Words {
    environments: BTreeMap<String, Uses>,
    commands: BTreeMap<String, Uses>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Uses {
    /// In all.
    times: usize,
    /// Files that have it.
    files: usize,
    /// Characters of what it holds, in all.
    length: usize,
}

impl Words {
    pub fn of(files: &[&Seen]) -> Self {
        let mut words = Self::default();
        for file in files {
            let mut here: BTreeMap<(bool, String), (usize, usize)> = BTreeMap::new();
            let body = file.text.split_once("\\begin{document}").map_or(&*file.text, |(_, b)| b);
            let mut cursor = Cursor::new(body);
            while let Some(token) = cursor.next() {
                let Token::Command(name) = token else { continue };
                let (environment, name, length) = match name {
                    "begin" => match cursor.argument() {
                        Some(name) => {
                            let inside = cursor.clone().rest_of_environment(name);
                            (true, name, inside.map_or(0, str::len))
                        }
                        None => continue,
                    },
                    "end" | "newcommand" | "renewcommand" | "newenvironment" | "def" => continue,
                    name => {
                        let mut ahead = cursor.clone();
                        ahead.optional();
                        (false, name, ahead.argument().map_or(0, str::len))
                    }
                };
                let uses = here.entry((environment, name.to_owned())).or_default();
                uses.0 += 1;
                uses.1 += length;
            }
            for ((environment, name), (times, length)) in here {
                let map = if environment { &mut words.environments } else { &mut words.commands };
                let uses = map.entry(name).or_default();
                uses.times += times;
                uses.files += 1;
                uses.length += length;
            }
        }
        words
    }

    /// The environment of this family that stands most often.
    fn environment(&self, family: &[&str]) -> Option<(&str, Uses)> {
        most(&self.environments, family, 0)
    }

    /// The command of this family whose argument is a text of its own.
    fn command(&self, family: &[&str]) -> Option<(&str, Uses)> {
        most(&self.commands, family, 12)
    }
}

/// The name of a family that stands most often, whose contents have at least so many characters.
fn most<'w>(
    names: &'w BTreeMap<String, Uses>,
    family: &[&str],
    length: usize,
) -> Option<(&'w str, Uses)> {
    names
        .iter()
        .filter(|(name, uses)| is_of(name, family) && uses.length >= length * uses.times)
        .max_by_key(|(_, uses)| uses.times)
        .map(|(name, uses)| (name.as_str(), *uses))
}

/// Whether a name is one of the family, up to accents, case, a plural and a star.
fn is_of(name: &str, family: &[&str]) -> bool {
    let folded = mqd_model::literal::fold(name.trim_end_matches('*'));
    let single = folded.strip_suffix('s').unwrap_or(&folded);
    family.iter().any(|word| *word == folded || *word == single)
}

/// How the exercises of some files are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inside {
    /// What cuts a file that holds several, as a marker of a manifest.
    pub split: Option<String>,
    /// The markers of the parts: role and marker.
    pub parts: Vec<(&'static str, String)>,
    /// What stands in a file that has it, one of these texts.
    pub marks: Vec<String>,
}

/// The command that closes another, where authors write their own pairs: `\enonce … \finenonce`.
fn closing(words: &Words, name: &str) -> Option<String> {
    ["fin", "end", "Fin", "End"]
        .into_iter()
        .map(|start| format!("{start}{name}"))
        .find(|closing| words.commands.contains_key(closing))
}

/// A marker from a command to the one that closes it.
fn pair(words: &Words, name: &str) -> Option<String> {
    let (start, end) = (format!("\\{name}"), format!("\\{}", closing(words, name)?));
    Some(format!("{{ start = {}, end = {} }}", quoted(&start), quoted(&end)))
}

fn environment(name: &str) -> String {
    format!("{{ environment = {} }}", quoted(name))
}

fn command(name: &str) -> String {
    format!("{{ command = {} }}", quoted(name))
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Exercises inside files, when these files have some.
pub(super) fn inside(files: &[&Seen]) -> Option<Inside> {
    let words = Words::of(files);
    let parts = |statement: Option<String>| {
        let find = |family: &[&str]| {
            let paired = most(&words.commands, family, 0).and_then(|(name, _)| pair(&words, name));
            if paired.is_some() {
                return paired;
            }
            words
                .command(family)
                .map(|(name, uses)| (command(name), uses))
                .into_iter()
                .chain(words.environment(family).map(|(name, uses)| (environment(name), uses)))
                .max_by_key(|(_, uses)| uses.times)
                .map(|(marker, _)| marker)
        };
        let (hint, answer) = (find(HINTS), find(ANSWERS));
        let none = hint.is_none() && answer.is_none();
        let statement = find(STATEMENTS).or(statement).filter(|_| !none);
        [("statement", statement), ("hint", hint), ("answer", answer)]
            .into_iter()
            .filter_map(|(role, marker)| Some((role, marker?)))
            .collect::<Vec<_>>()
    };
    let rest = || Some("{ rest = true }".to_owned());
    if let Some((name, uses)) = words.environment(EXERCISES)
        && (uses.times > uses.files || uses.files > 1)
    {
        let answer = words.environment(ANSWERS).or_else(|| words.command(ANSWERS));
        // Answers inside the exercise are parts of it; answers after it end where the next begins.
        let apart = answer.is_some_and(|(answer, _)| {
            files.iter().any(|file| stands_after(&file.text, name, answer))
        });
        let begin = format!("\\begin{{{name}}}");
        let (split, statement) = match apart {
            true => (format!("{{ start = {} }}", quoted(&begin)), Some(environment(name))),
            false => (environment(name), rest()),
        };
        return Some(Inside { split: Some(split), parts: parts(statement), marks: vec![begin] });
    }
    if let Some((name, _)) = most(&words.commands, EXERCISES, 0)
        && let Some(split) = pair(&words, name)
    {
        return Some(Inside {
            split: Some(split),
            parts: parts(rest()),
            marks: vec![format!("\\{name}")],
        });
    }
    if let Some((name, uses)) = most(&words.commands, EXERCISES, 0)
        && uses.times > uses.files
        // A marker is a text: no other command may begin like it.
        && words.commands.keys().all(|other| other == name || !other.starts_with(name))
    {
        let mark = format!("\\{name}");
        return Some(Inside {
            split: Some(format!("{{ start = {} }}", quoted(&mark))),
            parts: parts(rest()),
            marks: vec![mark],
        });
    }
    let (name, uses) = words.command(STATEMENTS).or_else(|| words.environment(STATEMENTS))?;
    let marker = if words.commands.contains_key(name) { command(name) } else { environment(name) };
    (uses.files > 1 && uses.times == uses.files).then(|| Inside {
        split: None,
        marks: vec![format!("\\begin{{{name}}}"), format!("\\{name}{{"), format!("\\{name} ")],
        parts: parts(Some(marker)),
    })
}

/// Whether an answer stands outside the exercises of a text.
fn stands_after(text: &str, exercise: &str, answer: &str) -> bool {
    let mut outside = String::new();
    let mut rest = text;
    let (begin, end) = (format!("\\begin{{{exercise}}}"), format!("\\end{{{exercise}}}"));
    while let Some((before, after)) = rest.split_once(&begin) {
        outside.push_str(before);
        rest = after.split_once(&end).map_or("", |(_, after)| after);
    }
    outside.push_str(rest);
    outside.contains(&format!("\\begin{{{answer}}}")) || outside.contains(&format!("\\{answer}{{"))
}

/// A value that authors attach to their texts, and how a manifest finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attached {
    /// The place, as a manifest writes it, without braces.
    pub place: String,
    /// What stands between several.
    pub split: Option<&'static str>,
}

/// Where most of these files say their title, theme or notions.
pub(super) fn attached(files: &[&Seen], names: &[&str]) -> Option<Attached> {
    let words = Words::of(files);
    let short = |uses: &Uses| uses.length <= 120 * uses.times && uses.length >= 2 * uses.times;
    let by_command = words
        .commands
        .iter()
        .filter(|(name, uses)| is_of(name, names) && short(uses))
        .max_by_key(|(_, uses)| uses.files)
        .map(|(name, uses)| ("command", name.as_str(), uses.files));
    let mut comments: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files {
        for line in file.text.lines().take(40) {
            let Some(line) = line.trim_start().strip_prefix('%') else { continue };
            let line = line.trim_start_matches('%').trim_start();
            if let Some((label, value)) = line.split_once(':')
                && is_of(label.trim(), names)
                && !value.trim().is_empty()
            {
                *comments.entry(label.trim()).or_default() += 1;
            }
        }
    }
    let by_comment = comments
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(label, count)| ("comment", label, count));
    let (place, name, count) =
        by_command.into_iter().chain(by_comment).max_by_key(|(_, _, count)| *count)?;
    if count * 2 < files.len() || count < 2 {
        return None;
    }
    let values: Vec<String> = files
        .iter()
        .flat_map(|file| match place {
            "comment" => crate::fields::comments(&file.text, name),
            _ => mqd_tex::command_arguments(&file.text, name)
                .filter_map(|arguments| arguments.first().map(|value| (*value).to_owned()))
                .collect(),
        })
        .collect();
    let split =
        [";", ","].into_iter().find(|split| values.iter().any(|value| value.contains(split)));
    Some(Attached { place: format!("{place} = {}", quoted(name)), split })
}
