//! Words near the ones that were typed: to forgive typing errors, and for « Vouliez-vous dire ».

use super::words::{Word, fold, words};
use std::{cmp::Reverse, collections::HashMap};

/// How many suggestions to make.
const MOST: usize = 5;
/// How many words one mistyped word may stand for.
const MOST_NEAR: usize = 12;

/// Every word of the index, sorted, so that words that begin alike are looked at once.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    words: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    folded: String,
    /// How many letters it has in common with the word before.
    common: usize,
    /// In how many texts it is.
    count: u32,
    /// As the first title that has it writes it.
    written: Option<String>,
}

/// How titles write words, by their folded form.
#[derive(Debug, Default)]
pub(crate) struct Spelling(HashMap<String, String>);

impl Spelling {
    /// Learns the words of a title.
    pub(crate) fn learn(&mut self, title: &str) {
        for word in words(title) {
            self.0.entry(fold(word.raw).into_owned()).or_insert_with(|| word.raw.to_lowercase());
        }
    }
}

/// A word near one that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Near {
    /// The word, folded.
    pub(crate) folded: String,
    /// How many typing errors away.
    pub(crate) errors: usize,
    /// How titles write it, if one does.
    written: Option<String>,
}

impl Vocabulary {
    /// The vocabulary of these words and how many texts hold each.
    pub(crate) fn new(counts: HashMap<String, u32>, mut spelling: Spelling) -> Self {
        let mut counts: Vec<(String, u32)> = counts.into_iter().collect();
        counts.sort_unstable();
        let mut words: Vec<Known> = Vec::with_capacity(counts.len());
        for (folded, count) in counts {
            let common = words.last().map_or(0, |last| {
                last.folded.chars().zip(folded.chars()).take_while(|(a, b)| a == b).count()
            });
            let written = spelling.0.remove(&folded);
            words.push(Known { folded, common, count, written });
        }
        Self { words }
    }

    /// The words at most `allowed` typing errors away from a word, itself left out; `open`: from
    /// the beginnings of words too. The nearest first, then those of titles, then the frequent.
    pub(crate) fn near(&self, folded: &str, open: bool) -> Vec<Near> {
        let typed: Vec<char> = folded.chars().collect();
        let most = allowed(typed.len());
        if most == 0 {
            return Vec::new();
        }
        let mut found: Vec<(usize, bool, Reverse<u32>, usize)> = Vec::new();
        let mut rows = Rows::new(&typed, most);
        // From how many letters on no word that begins like the last can be near.
        let mut dead = usize::MAX;
        for (at, word) in self.words.iter().enumerate() {
            if word.common >= dead {
                continue;
            }
            dead = usize::MAX;
            let kept = word.common.min(rows.length());
            rows.keep(kept);
            let whole = word.folded.chars().skip(kept).all(|letter| rows.push(letter));
            let errors = match (open, whole) {
                (true, _) => rows.nearest_beginning(),
                (false, true) => rows.last(),
                (false, false) => usize::MAX,
            };
            // Where a beginning is near, what goes on from it is near too.
            if !whole && errors > most {
                dead = rows.length();
            }
            if errors <= most && word.folded != folded {
                found.push((errors, word.written.is_none(), Reverse(word.count), at));
            }
        }
        found.sort_unstable();
        found.truncate(MOST_NEAR);
        let near = |(errors, _, _, at): (usize, bool, Reverse<u32>, usize)| {
            let Known { folded, written, .. } = &self.words[at];
            Near { folded: folded.clone(), errors, written: written.clone() }
        };
        found.into_iter().map(near).collect()
    }

    /// Whether a title has this word.
    fn is_of_a_title(&self, folded: &str) -> bool {
        let found = self.words.binary_search_by(|word| word.folded.as_str().cmp(folded));
        found.is_ok_and(|at| self.words[at].written.is_some())
    }

    /// What was typed with the words that no title has replaced by near ones of titles, the
    /// nearest first. `near` holds the near words of each.
    pub(crate) fn suggest(&self, typed: &[Word<'_>], near: &[Vec<Near>]) -> Vec<String> {
        let choices: Vec<Vec<&str>> = typed
            .iter()
            .zip(near)
            .map(|(word, near)| {
                if self.is_of_a_title(&fold(word.raw)) {
                    return Vec::new();
                }
                near.iter().filter_map(|near| near.written.as_deref()).take(MOST).collect()
            })
            .collect();
        let most = choices.iter().map(Vec::len).max().unwrap_or_default();
        let suggestion = |choice: usize| {
            let word = |(word, choices): (&Word<'_>, &Vec<&str>)| {
                let choice = choice.min(choices.len().saturating_sub(1));
                choices.get(choice).copied().unwrap_or(word.raw).to_owned()
            };
            typed.iter().zip(&choices).map(word).collect::<Vec<_>>().join(" ")
        };
        (0..most).map(suggestion).collect()
    }
}

/// How many typing errors a word of so many letters is forgiven.
fn allowed(length: usize) -> usize {
    match length {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// The table of edit distances between what was typed and a word that grows letter by letter:
/// letters added, left out, changed, or exchanged with their neighbour.
struct Rows<'t> {
    typed: &'t [char],
    most: usize,
    letters: Vec<char>,
    /// One row of `typed.len() + 1` distances for each number of letters, from none.
    cells: Vec<usize>,
    /// For each number of letters, the least distance of all of `typed` to a beginning so far.
    nearest: Vec<usize>,
}

impl<'t> Rows<'t> {
    fn new(typed: &'t [char], most: usize) -> Self {
        let cells = (0..=typed.len()).collect();
        Self { typed, most, letters: Vec::new(), cells, nearest: vec![typed.len()] }
    }

    fn length(&self) -> usize {
        self.letters.len()
    }

    /// Goes back to the first letters.
    fn keep(&mut self, letters: usize) {
        self.letters.truncate(letters);
        self.cells.truncate((letters + 1) * (self.typed.len() + 1));
        self.nearest.truncate(letters + 1);
    }

    /// Adds a letter; false when no word that begins so can be near.
    fn push(&mut self, letter: char) -> bool {
        let width = self.typed.len() + 1;
        let last = self.cells.len() - width;
        let before = self.letters.last().copied();
        self.cells.push(self.cells[last] + 1);
        let mut least = self.cells[last] + 1;
        for (at, typed) in self.typed.iter().enumerate() {
            let changed = self.cells[last + at] + usize::from(*typed != letter);
            let added = self.cells[last + at + 1] + 1;
            let left_out = self.cells[last + width + at] + 1;
            let mut cell = changed.min(added).min(left_out);
            if at > 0 && before == Some(*typed) && self.typed[at - 1] == letter {
                cell = cell.min(self.cells[last - width + at - 1] + 1);
            }
            least = least.min(cell);
            self.cells.push(cell);
        }
        self.letters.push(letter);
        let nearest = self.nearest.last().copied().unwrap_or(usize::MAX);
        self.nearest.push(nearest.min(self.last()));
        // An exchange looks one row further back.
        let back = self.cells[last..last + width].iter().min().copied().unwrap_or(usize::MAX);
        least.min(back) <= self.most
    }

    /// The distance to all letters so far.
    fn last(&self) -> usize {
        self.cells.last().copied().unwrap_or(usize::MAX)
    }

    fn nearest_beginning(&self) -> usize {
        self.nearest.last().copied().unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vocabulary(titles: &[&str], texts: &[&str]) -> Vocabulary {
        let mut spelling = Spelling::default();
        let mut counts = HashMap::new();
        titles.iter().for_each(|title| spelling.learn(title));
        for word in titles.iter().chain(texts).flat_map(|text| words(text)) {
            *counts.entry(fold(word.raw).into_owned()).or_default() += 1;
        }
        Vocabulary::new(counts, spelling)
    }

    #[test]
    fn only_words_of_no_title_are_replaced_and_by_words_of_titles() {
        let vocabulary = vocabulary(
            &["Théorème de Rolle", "Matrices", "Matrice inversible", "Déterminant"],
            &["rote matrise"],
        );
        for (typed, expected) in [
            ("theoreme de role", &["theoreme de rolle"][..]),
            ("théorème", &[]),
            ("matrise", &["matrice"]),
            ("matrisess", &["matrices"]),
            ("determinnat", &["déterminant"]),
            ("xyzt", &[]),
        ] {
            let typed: Vec<_> = words(typed).collect();
            let near: Vec<_> =
                typed.iter().map(|word| vocabulary.near(&fold(word.raw), false)).collect();
            assert_eq!(vocabulary.suggest(&typed, &near), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_word_not_yet_whole_is_near_the_beginnings_of_words() {
        let vocabulary = vocabulary(&["Endomorphismes", "matrice"], &[]);
        let near = |typed, open| -> Vec<String> {
            vocabulary.near(typed, open).into_iter().map(|near| near.folded).collect()
        };
        assert_eq!(near("endomrophi", true), ["endomorphismes"]);
        assert_eq!(near("endomrophi", false), [""; 0]);
        assert_eq!(near("matrice", true), [""; 0], "not itself");
        assert_eq!(near("mat", true), [""; 0], "too short to be wrong");
    }

    /// The textbook table, whole.
    fn distance(a: &str, b: &str) -> usize {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let changed = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    changed.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1)
                };
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    d[i][j] = d[i][j].min(d[i - 2][j - 2] + 1);
                }
            }
        }
        d[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn near_words_are_those_at_a_small_distance(
            known in prop::collection::btree_set("[abé]{1,9}", 0..12),
            typed in "[abe]{4,9}",
            open in any::<bool>(),
        ) {
            let known: Vec<String> = known.into_iter().collect();
            let texts: Vec<&str> = known.iter().map(String::as_str).collect();
            let vocabulary = vocabulary(&[], &texts);
            let most = allowed(typed.chars().count());
            let mut expected: Vec<(String, usize)> = known.iter()
                .map(|word| fold(word).into_owned())
                .filter(|word| *word != typed)
                .filter_map(|word| {
                    let ends = if open { 0 } else { word.len() };
                    let errors = (ends..=word.len()).map(|end| distance(&typed, &word[..end])).min()?;
                    (errors <= most).then_some((word, errors))
                })
                .collect();
            expected.sort();
            expected.dedup();
            let mut found: Vec<(String, usize)> = vocabulary.near(&typed, open).into_iter()
                .map(|near| (near.folded, near.errors)).collect();
            found.sort();
            prop_assert_eq!(found, expected);
        }
    }
}
