//! Documents in English: which ones are, and what their pages say otherwise than French ones.

use crate::references::Form;
use crate::tree::{Block, Inline};

/// The languages of babel, polyglossia and class options.
const FRENCH: &[&str] = &["french", "francais", "frenchb", "acadian", "canadien"];
const ENGLISH: &[&str] = &[
    "english",
    "british",
    "american",
    "UKenglish",
    "USenglish",
    "canadian",
    "australian",
    "newzealand",
];

/// Whether the languages of an option text make a document English; `None` when it names none. The
/// last one is the main one, or that of `main=`.
pub(crate) fn named(options: &str) -> Option<bool> {
    let mut found = None;
    for option in options.split(',').map(str::trim) {
        let (key, value) = option.split_once('=').unwrap_or(("", option));
        let english = match value.trim() {
            language if ENGLISH.contains(&language) => true,
            language if FRENCH.contains(&language) => false,
            _ => continue,
        };
        if key.trim() == "main" {
            return Some(english);
        }
        found = Some(english);
    }
    found
}

/// Whether a document that names no language is written in English: by its small words.
pub(crate) fn reads_english(source: &str) -> bool {
    let start = &source[..source.floor_char_boundary(20_000)];
    let (mut english, mut french) = (0, 0);
    for word in start.split(|c: char| !c.is_alphanumeric()) {
        match word {
            "the" | "The" | "of" | "is" | "are" | "and" | "that" | "with" | "Let" | "We" | "we"
            | "it" | "be" | "for" | "to" | "by" | "if" | "Show" | "There" => english += 1,
            "le" | "la" | "les" | "Le" | "La" | "Les" | "et" | "est" | "une" | "des" | "que"
            | "Soit" | "du" => french += 1,
            _ => {}
        }
    }
    english > 2 && english > 2 * french
}

/// Names that our tables give in French.
const NAMES: &[(&str, &str)] = &[
    ("Théorème", "Theorem"),
    ("Algorithme", "Algorithm"),
    ("Lemme", "Lemma"),
    ("Corollaire", "Corollary"),
    ("Définition", "Definition"),
    ("Remarque", "Remark"),
    ("Remarques", "Remarks"),
    ("Exemple", "Example"),
    ("Exemples", "Examples"),
    ("Propriété", "Property"),
    ("Axiome", "Axiom"),
    ("Exercice", "Exercise"),
    ("Problème", "Problem"),
    ("Indication", "Hint"),
    ("Affirmation", "Claim"),
    ("Fait", "Fact"),
    ("Démonstration", "Proof"),
];

/// The blocks of an English document: no spaces before high punctuation, English names.
pub(crate) fn blocks(all: &mut [Block]) {
    for block in all {
        match block {
            Block::Paragraph(line) => lines(line),
            Block::Heading { title, .. } => lines(title),
            Block::List { items, .. } => {
                for item in items {
                    lines(&mut item.marker);
                    blocks(&mut item.blocks);
                }
            }
            Block::Statement { head, title, blocks: inner, .. } => {
                if let [.., Inline::Text(text)] = head.as_mut_slice() {
                    let (name, number) = text.split_once(' ').unwrap_or((text, ""));
                    if let Some((_, english)) = NAMES.iter().find(|(french, _)| *french == name) {
                        *text = format!("{english} {number}").trim_end().to_owned();
                    }
                }
                lines(head);
                lines(title);
                blocks(inner);
            }
            Block::Float { blocks: inner, caption, .. } => {
                blocks(inner);
                if let Some((_, line)) = caption {
                    lines(line);
                }
            }
            Block::Table { rows } => {
                for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
                    blocks(&mut cell.blocks);
                }
            }
            Block::Div { blocks: inner, .. } => blocks(inner),
            Block::Contents { title } if title == "Table des matières" => {
                "Contents".clone_into(title);
            }
            _ => {}
        }
    }
}

fn lines(line: &mut Vec<Inline>) {
    let mut split = Vec::new();
    for inline in line.drain(..) {
        match inline {
            Inline::Reference { labels, form } if labels.len() > 1 => {
                // « et » is the French way to join them.
                let last = labels.len() - 1;
                for (at, label) in labels.into_iter().enumerate() {
                    if at > 0 {
                        let join = if at == last { " and " } else { ", " };
                        split.push(Inline::Text(join.to_owned()));
                    }
                    split.push(Inline::Reference { labels: vec![label], form: form.clone() });
                }
            }
            Inline::Reference { labels, form: Form::Page { said, .. } } => {
                split.push(Inline::Reference { labels, form: Form::Page { said, english: true } });
            }
            Inline::Text(text) => split.push(Inline::Text(respaced(&text))),
            Inline::Styled { tag, class, mut inner } => {
                lines(&mut inner);
                split.push(Inline::Styled { tag, class, inner });
            }
            Inline::Link { href, mut inner } => {
                lines(&mut inner);
                split.push(Inline::Link { href, inner });
            }
            other => split.push(other),
        }
    }
    *line = split;
}

/// A text without the spaces that French puts before `: ; ! ?`, with English quotes.
fn respaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, ';' | ':' | '!' | '?') && out.ends_with(['\u{202f}', '\u{a0}']) {
            out.pop();
        }
        out.push(c);
    }
    out.replace("«\u{a0}", "“").replace("\u{a0}»", "”")
}

#[cfg(test)]
mod tests {
    use super::{named, reads_english, respaced};

    #[test]
    fn languages_of_documents() {
        for (options, wanted) in [
            ("french", Some(false)),
            ("english,french", Some(false)),
            ("french,english", Some(true)),
            ("english,main=french", Some(false)),
            ("a4paper,12pt", None),
        ] {
            assert_eq!(named(options), wanted, "{options}");
        }
        assert!(reads_english(
            "Let G be the group of order 3. Show that it is cyclic and the rest."
        ));
        assert!(!reads_english("Soit G le groupe of the order. Montrer que le groupe est la fin."));
        assert!(!reads_english("$x=1$"));
        assert_eq!(respaced("Why\u{202f}? «\u{a0}a\u{a0}»"), "Why? “a”");
    }
}
