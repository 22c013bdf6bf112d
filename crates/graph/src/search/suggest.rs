//! « Vouliez-vous dire » : words of titles near the words that were typed.

use super::words::{Word, fold, words};
use std::collections::HashMap;

/// How many suggestions to make.
const MOST: usize = 5;
/// Shorter words have too many neighbours.
const SHORTEST: usize = 4;

/// The words of the titles with how often each is there.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    /// As written first, and how often.
    words: HashMap<String, (String, u32)>,
}

impl Vocabulary {
    /// Learns the words of a title.
    pub(crate) fn learn(&mut self, title: &str) {
        for word in words(title) {
            let folded = fold(word.raw).into_owned();
            if folded.chars().count() >= SHORTEST {
                let written = || (word.raw.to_lowercase(), 0);
                self.words.entry(folded).or_insert_with(written).1 += 1;
            }
        }
    }

    /// What was typed with the words that no title has replaced by near ones, nearest first.
    pub(crate) fn suggest(&self, typed: &[Word<'_>]) -> Vec<String> {
        let near: Vec<Vec<&str>> = typed.iter().map(|word| self.near(&fold(word.raw))).collect();
        let choices = near.iter().map(Vec::len).max().unwrap_or_default();
        let suggestion = |choice: usize| {
            let word = |(word, near): (&Word<'_>, &Vec<&str>)| {
                near.get(choice.min(near.len().saturating_sub(1)))
                    .map_or_else(|| word.raw.to_owned(), |near| (*near).to_owned())
            };
            typed.iter().zip(&near).map(word).collect::<Vec<_>>().join(" ")
        };
        (0..choices.min(MOST)).map(suggestion).collect()
    }

    /// The nearest words, the frequent first; none when the word is a word of a title.
    fn near(&self, folded: &str) -> Vec<&str> {
        let length = folded.chars().count();
        if length < SHORTEST || self.words.contains_key(folded) {
            return Vec::new();
        }
        let most = allowed(length).max(1);
        let mut near: Vec<(usize, std::cmp::Reverse<u32>, &str)> = self
            .words
            .iter()
            .filter_map(|(other, (written, count))| {
                let distance = distance(folded, other, most)?;
                Some((distance, std::cmp::Reverse(*count), written.as_str()))
            })
            .collect();
        near.sort_unstable();
        near.truncate(MOST);
        near.into_iter().map(|(_, _, written)| written).collect()
    }
}

/// How many typing errors a word of so many letters is forgiven.
pub(crate) fn allowed(length: usize) -> usize {
    match length {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// Letters added, left out, changed or exchanged with their neighbour between two words, when
/// they are at most `most`.
pub(crate) fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    // A letter is at most four bytes and a length differs by no more than `most` letters.
    if a.len().abs_diff(b.len()) > 4 * most {
        return None;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().all(|d| *d > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|d| *d <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_typing_errors() {
        for (a, b, expected) in [
            ("rolle", "rolle", Some(0)),
            ("role", "rolle", Some(1)),
            ("matirce", "matrice", Some(1)),
            ("matrise", "matrice", Some(1)),
            ("intergale", "integrale", Some(1)),
            ("", "ab", Some(2)),
            ("abc", "xyz", None),
            ("determinant", "diagonal", None),
        ] {
            assert_eq!(distance(a, b, 2), expected, "{a} {b}");
            assert_eq!(distance(b, a, 2), expected, "{b} {a}");
        }
    }

    #[test]
    fn only_unknown_words_are_replaced() {
        let mut vocabulary = Vocabulary::default();
        for title in ["Théorème de Rolle", "Matrices", "Matrice inversible", "Déterminant"] {
            vocabulary.learn(title);
        }
        for (typed, expected) in [
            ("theoreme de role", &["theoreme de rolle"][..]),
            ("théorème", &[]),
            ("matrise", &["matrice"]),
            ("determinnat", &["déterminant"]),
            ("xyzt", &[]),
        ] {
            let typed: Vec<_> = words(typed).collect();
            assert_eq!(vocabulary.suggest(&typed), expected, "{typed:?}");
        }
    }
}
