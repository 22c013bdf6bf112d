//! Literals compared the way a reader compares them: case, accents, articles and plural aside.

use crate::{Label, Node};
use std::collections::HashMap;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case without accents, œ and æ written out, typographic apostrophes made straight.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            '’' => out.push('\''),
            c => out.push(c),
        }
    }
    out
}

/// What two literals share when a person would call them the same: folded, without the article
/// at the start, every word in the singular, punctuation and spaces levelled. Signs of
/// mathematics stay, so that `R+` and `R-` are two things. Not empty unless `text` is blank.
#[must_use]
pub fn key(text: &str) -> String {
    let folded = fold(text.trim());
    let levelled = level(without_article(&folded));
    let words: Vec<String> = levelled.split_whitespace().map(singular).collect();
    // A literal that is all punctuation still has a name of its own.
    if words.is_empty() { folded } else { words.join(" ") }
}

/// Concepts of one kind whose literals have the same [`key`]: proposals to merge. Groups of at
/// least two, each by ascending id, in the order of their first concept.
#[must_use]
pub fn duplicates<'n>(nodes: impl IntoIterator<Item = &'n Node>) -> Vec<Vec<&'n Node>> {
    let mut groups: HashMap<(&str, String), Vec<&Node>> = HashMap::new();
    for node in nodes {
        if node.label() == Some(Label::Concept) && !node.title().trim().is_empty() {
            groups.entry((node.kind(), key(node.title()))).or_default().push(node);
        }
    }
    let mut groups: Vec<Vec<&Node>> =
        groups.into_values().filter(|group| group.len() > 1).collect();
    for group in &mut groups {
        group.sort_by_key(|node| node.id);
    }
    groups.sort_by_key(|group| group[0].id);
    groups
}

/// The text without the article it starts with, unless nothing would be left.
fn without_article(text: &str) -> &str {
    const ARTICLES: [&str; 10] =
        ["de la ", "de l'", "le ", "la ", "les ", "l'", "une ", "un ", "des ", "du "];
    ARTICLES
        .iter()
        .find_map(|article| text.strip_prefix(article))
        .map(str::trim_start)
        .filter(|rest| rest.chars().any(char::is_alphanumeric))
        .unwrap_or(text)
}

/// Punctuation made space; a hyphen is punctuation between two letters only.
fn level(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let letter = |at: Option<&char>| at.is_some_and(|c| c.is_alphanumeric());
    chars
        .iter()
        .enumerate()
        .map(|(at, &c)| match c {
            '-' | '‐' | '‑' if letter(chars[..at].last()) && letter(chars.get(at + 1)) => ' ',
            '\'' | ',' | ';' | ':' | '.' | '!' | '?' | '«' | '»' | '"' | '“' | '”' | '(' | ')'
            | '[' | ']' | '{' | '}' | '$' | '\\' | '_' | '/' | '…' | '–' | '—' => ' ',
            c => c,
        })
        .collect()
}

/// The singular of a folded French word, or the word itself. Wrong for a few rare words; what
/// counts is that singular and plural of one word come out alike.
fn singular(word: &str) -> String {
    const SAME: [&str; 14] = [
        "cours", "corps", "sens", "temps", "fois", "bras", "puits", "tiers", "mois", "poids",
        "acces", "proces", "succes", "moins",
    ];
    const EUX_OUX: [&str; 16] = [
        "jeux", "lieux", "feux", "milieux", "enjeux", "voeux", "noeuds", "cheveux", "neveux",
        "bijoux", "cailloux", "choux", "genoux", "hiboux", "joujoux", "poux",
    ];
    const AIL: [&str; 4] = ["travaux", "vitraux", "coraux", "emaux"];
    let cut = |n: usize| word[..word.len() - n].to_owned();
    if word.chars().count() <= 3 || SAME.contains(&word) {
        word.to_owned()
    } else if AIL.contains(&word) {
        cut(2) + "il"
    } else if word.ends_with("eaux") || word.ends_with("yaux") || EUX_OUX.contains(&word) {
        cut(1)
    } else if word.ends_with("aux") {
        cut(2) + "l"
    } else if word.ends_with('s') && !word.ends_with("ss") {
        cut(1)
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    #[test]
    fn accents_case_and_ligatures_fold() {
        assert_eq!(fold("Théorème de l’Œuvre"), "theoreme de l'oeuvre");
    }

    #[test]
    fn literals_of_one_thing_have_one_key() {
        for (a, b) in [
            ("Matrice", "matrices"),
            ("Les espaces vectoriels", "espace vectoriel"),
            ("L’intégrale", "intégrale"),
            ("l'intégrale", "Integrales"),
            ("endomorphismes normaux", "Endomorphisme normal"),
            ("réseau", "Réseaux"),
            ("les noyaux", "noyau"),
            ("travaux dirigés", "Travail dirigé"),
            ("jeux", "un jeu"),
            ("de la continuité", "continuité"),
            ("du calcul", "Calcul"),
            ("théorème  de Cauchy-Schwarz", "Théorème de Cauchy – Schwarz."),
            ("suite (récurrente)", "Suites récurrentes"),
            ("nœud", "Noeuds"),
        ] {
            assert_eq!(key(a), key(b), "{a} / {b}");
        }
    }

    #[test]
    fn literals_of_two_things_have_two_keys() {
        for (a, b) in [
            ("R+", "R-"),
            ("cours", "cour"),
            ("∑", "∏"),
            ("la", "les"),
            ("Gauss", "Gau"),
            ("!", "?"),
            ("théorème de la bijection", "théorème de bijection"),
        ] {
            assert_ne!(key(a), key(b), "{a} / {b}");
        }
    }

    #[test]
    fn duplicates_are_of_one_kind_and_in_order() {
        let concept = |id, kind: &str, literal: &str| Node {
            id,
            uuid: None,
            labels: vec!["Concept".into()],
            props: [
                ("typeConcept".to_owned(), Value::from(kind)),
                ("litteral".to_owned(), Value::from(literal)),
            ]
            .into(),
        };
        let nodes = [
            concept(1, "index Latex", "Suites"),
            concept(2, "index Latex", "matrice"),
            concept(3, "discipline", "matrice"),
            concept(5, "index Latex", "Matrices"),
            concept(4, "index Latex", "les matrices"),
            concept(6, "index Latex", "suite"),
            concept(7, "index Latex", " "),
            concept(8, "index Latex", ""),
        ];
        let groups: Vec<Vec<i64>> =
            duplicates(&nodes).iter().map(|g| g.iter().map(|n| n.id).collect()).collect();
        assert_eq!(groups, [vec![1, 6], vec![2, 4, 5]]);
    }

    proptest::proptest! {
        #[test]
        fn a_key_is_never_empty_for_a_visible_text(text in "\\PC{1,30}") {
            if !text.trim().is_empty() && !fold(text.trim()).is_empty() {
                proptest::prop_assert!(!key(&text).is_empty());
            }
        }
    }
}
