//! What references print: numbers, names of kinds as cleveref and hyperref give them in French,
//! titles. One answer for the page and for the plain text.

use crate::Label;
use std::collections::HashMap;

/// The labels of a document, and those of the other parts of its page.
#[derive(Clone, Copy)]
pub(crate) struct Known<'l>(
    pub(crate) &'l HashMap<String, Label>,
    pub(crate) &'l HashMap<String, Label>,
);

impl<'l> Known<'l> {
    /// A label by its name.
    pub(crate) fn find(self, name: &str) -> Option<&'l Label> {
        self.0.get(name).or_else(|| self.1.get(name))
    }
}

/// How a reference is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// `\ref`: the number.
    Number,
    /// `\eqref`: the number in parentheses.
    Parentheses,
    /// `\cref`, `\autoref`, `\Cref` (with a capital): the kind and the number.
    Named {
        /// At the beginning of a sentence.
        capital: bool,
        /// The number of an equation has its parentheses (cleveref, not hyperref).
        parentheses: bool,
    },
    /// `\namecref`: the kind alone.
    Kind {
        /// At the beginning of a sentence.
        capital: bool,
    },
    /// `\crefrange`: the kind, and the numbers from the first label to the second.
    Range,
    /// `\nameref`: the title.
    Title,
    /// `\pageref`: a page of the site has no numbers of pages, so that what stands on the page is
    /// named: « page de la section 2 ».
    Page {
        /// The author wrote « page » or « p. » before it.
        said: bool,
        /// In an English document.
        english: bool,
    },
    /// `\cite`: what stands before the entry, or the key.
    Citation,
    /// `\hyperref[label]{…}`: the author's words.
    Words(Vec<crate::tree::Inline>),
}

/// A part of what a reference prints.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its text.
    pub(crate) text: String,
    /// The anchor that it leads to.
    pub(crate) to: Option<String>,
}

/// What is printed when a label is nowhere.
const UNKNOWN: &str = "??";
/// What is printed for a place that has no number.
const ARROW: &str = "↗";

/// What a reference to some labels prints.
pub(crate) fn pieces<'l>(
    form: &Form,
    labels: &[String],
    find: impl Fn(&str) -> Option<&'l Label>,
) -> Vec<Piece> {
    let mut out = Vec::new();
    // Labels of one kind that follow one another share the word.
    let found: Vec<Option<&Label>> = labels.iter().map(|label| find(label)).collect();
    let kind = |at: usize| found[at].map_or("", |label| label.kind.as_str());
    let mut at = 0;
    while at < found.len() {
        let alike = match form {
            Form::Named { .. } | Form::Range => {
                (at..found.len()).take_while(|n| kind(*n) == kind(at)).count()
            }
            _ => 1,
        };
        if at > 0 {
            let last = at + alike == found.len() && *form != Form::Citation;
            out.push(Piece { text: if last { " et " } else { ", " }.to_owned(), to: None });
        }
        group(form, &found[at..at + alike], &labels[at..at + alike], &mut out);
        at += alike;
    }
    out
}

/// What labels of one kind print.
fn group(form: &Form, found: &[Option<&Label>], names: &[String], out: &mut Vec<Piece>) {
    if let ([Some(label)], Form::Named { .. }) = (found, form) {
        // One label: the whole is the link.
        let text = match word(form, label, false) {
            word if word.is_empty() => number(form, label),
            word if label.text.is_empty() => word,
            word => format!("{word}\u{a0}{}", number(form, label)),
        };
        out.push(Piece { text, to: Some(label.id.clone()) });
        return;
    }
    if found.len() > 1
        && let Some(label) = found[0]
        && !label.kind.is_empty()
    {
        out.push(Piece { text: format!("{}\u{a0}", word(form, label, true)), to: None });
    }
    for (at, (label, name)) in found.iter().zip(names).enumerate() {
        if at > 0 {
            let text = match form {
                Form::Range => " à ",
                _ if at + 1 == found.len() => " et ",
                _ => ", ",
            };
            out.push(Piece { text: text.to_owned(), to: None });
        }
        out.push(match label {
            Some(label) => Piece { text: number(form, label), to: Some(label.id.clone()) },
            None if *form == Form::Citation => {
                let key = name.split_once('.').map_or(name.as_str(), |(_, key)| key);
                Piece { text: key.to_owned(), to: None }
            }
            None => Piece { text: UNKNOWN.to_owned(), to: None },
        });
    }
}

/// What stands for one label, without its kind.
fn number(form: &Form, label: &Label) -> String {
    let text = match form {
        Form::Kind { .. } => word(form, label, false),
        Form::Title => label.title.clone(),
        Form::Page { said, english } => page(label, *said, *english),
        Form::Parentheses => format!("({})", label.text),
        Form::Named { parentheses: true, .. } | Form::Range if label.equation => {
            format!("({})", label.text)
        }
        _ => label.text.clone(),
    };
    match text.as_str() {
        "" | "()" if *form == Form::Title && !label.text.is_empty() => label.text.clone(),
        "" | "()" => ARROW.to_owned(),
        _ => text,
    }
}

/// Which page a label stands on, by what it names.
fn page(label: &Label, said: bool, english: bool) -> String {
    const FEMININE: &[&str] = &[
        "section",
        "sous-section",
        "sous-sous-section",
        "partie",
        "figure",
        "définition",
        "proposition",
        "propriété",
        "remarque",
        "notation",
        "conjecture",
        "méthode",
        "solution",
        "question",
        "ligne",
    ];
    const MASCULINE: &[&str] = &[
        "théorème",
        "lemme",
        "corollaire",
        "problème",
        "tableau",
        "chapitre",
        "paragraphe",
        "point",
        "listing",
        "principe",
        "fait",
        "rappel",
        "cours",
        "code",
    ];
    let number = |kind: &str| match label.text.as_str() {
        "" => kind.to_owned(),
        text if kind.is_empty() => text.to_owned(),
        text => format!("{kind}\u{a0}{text}"),
    };
    // cleveref may write it with a capital.
    let kind = inside_a_sentence(&label.kind);
    let kind = kind.as_str();
    // A kind may be of several words: « théorème fondamental ».
    let first = kind.split(' ').next().unwrap_or_default();
    let of = match (english, label.text.is_empty() && !label.title.is_empty()) {
        (true, true) => format!("of “{}”", label.title),
        (false, true) => format!("de «\u{a0}{}\u{a0}»", label.title),
        (true, false) => format!("of {}", number(kind)),
        _ if first.is_empty() && label.text.is_empty() => "de ce renvoi".to_owned(),
        _ if first.is_empty() => format!("du n°\u{a0}{}", label.text),
        _ if first.starts_with(['a', 'e', 'é', 'i', 'o', 'u', 'y', 'h']) => {
            format!("de l’{}", number(kind))
        }
        _ if FEMININE.contains(&first) => format!("de la {}", number(kind)),
        _ if MASCULINE.contains(&first) => format!("du {}", number(kind)),
        _ => format!("de «\u{a0}{}\u{a0}»", number(kind)),
    };
    if said { of } else { format!("page {of}") }
}

/// The kind of a label, in the plural for several.
fn word(form: &Form, label: &Label, several: bool) -> String {
    let word = match (several, label.kinds.is_empty()) {
        (true, false) => label.kinds.clone(),
        (true, true) => plural(&label.kind),
        (false, _) => label.kind.clone(),
    };
    match form {
        Form::Named { capital: true, .. } | Form::Kind { capital: true } => capitalised(&word),
        _ => word,
    }
}

/// The plural of a French noun, of the first one of several words.
fn plural(noun: &str) -> String {
    let (first, rest) = noun.split_once(' ').map_or((noun, ""), |(first, rest)| (first, rest));
    let first = match first {
        _ if first.ends_with(['s', 'x', 'z']) => first.to_owned(),
        _ if first.ends_with("eau") => format!("{first}x"),
        _ => format!("{first}s"),
    };
    if rest.is_empty() { first } else { format!("{first} {rest}") }
}

/// A word with a capital.
pub(crate) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A printed name as it is written inside a sentence: « Théorème » is « théorème ».
pub(crate) fn inside_a_sentence(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.clone().next()) {
        // An abbreviation keeps its capitals.
        (Some(first), second) if second.is_none_or(char::is_lowercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(form: &Form, labels: &[&str]) -> String {
        let label = |name: &str| {
            let (kind, text) = name.split_once(' ')?;
            let id = name.to_owned();
            Some(Label {
                text: text.to_owned(),
                id,
                kind: kind.to_owned(),
                title: format!("titre de {text}"),
                equation: kind == "équation",
                ..Label::default()
            })
        };
        let known: Vec<Label> = labels.iter().filter_map(|name| label(name)).collect();
        let labels: Vec<String> = labels.iter().map(|name| (*name).to_owned()).collect();
        let pieces = pieces(form, &labels, |name| known.iter().find(|label| label.id == name));
        pieces.into_iter().map(|piece| piece.text.replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn names_and_numbers() {
        let cref = Form::Named { capital: false, parentheses: true };
        let start = Form::Named { capital: true, parentheses: true };
        for (form, labels, wanted) in [
            (&cref, &["théorème 1.1"][..], "théorème 1.1"),
            (&start, &["équation 2"], "Équation (2)"),
            (&cref, &["théorème 1", "théorème 2"], "théorèmes 1 et 2"),
            (
                &cref,
                &["tableau 1", "tableau 2", "tableau 3", "lemme 4"],
                "tableaux 1, 2 et 3 et lemme 4",
            ),
            (&cref, &["théorème 1", "nulle"], "théorème 1 et ??"),
            (&Form::Range, &["équation 1", "équation 3"], "équations (1) à (3)"),
            (&Form::Number, &["équation 1"], "1"),
            (&Form::Parentheses, &["équation 1"], "(1)"),
            (&Form::Title, &["section 1"], "titre de 1"),
            (&Form::Kind { capital: true }, &["section 1"], "Section"),
            (&Form::Page { said: true, english: false }, &["section 1"], "de la section 1"),
            (&Form::Page { said: false, english: false }, &["équation 1"], "page de l’équation 1"),
            (&Form::Page { said: true, english: false }, &["TP 3"], "de « TP 3 »"),
            (&Form::Page { said: true, english: true }, &["section 1"], "of section 1"),
            (&Form::Citation, &["cite.clef"], "clef"),
        ] {
            assert_eq!(shown(form, labels), wanted);
        }
        assert_eq!(inside_a_sentence("Théorème"), "théorème");
        assert_eq!(inside_a_sentence("TP"), "TP");
        assert_eq!(plural("propriété fondamentale"), "propriétés fondamentale");
    }
}
