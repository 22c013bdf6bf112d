//! Words of French mathematics: what the index holds and what a query asks for are cut, folded
//! and stemmed by the same functions here.
//!
//! A word is a run of letters and digits, without the elided article before it (`l'`, `qu'` …),
//! or one sign of mathematics (`∑`, `≤`). A TeX command counts as its sign too (`\sum` as `∑`).

use frostem::{Algorithm, Stemmer};
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longer runs are not words: nobody searches for them, and they would fill the index.
const LONGEST: usize = 60;

/// What is dropped before an apostrophe and a letter.
const ELIDED: [&str; 15] = [
    "l", "d", "j", "m", "t", "s", "c", "n", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu",
    "quelqu",
];

/// TeX commands and the sign each prints.
const COMMANDS: [(&str, char); 42] = [
    ("sum", '∑'),
    ("prod", '∏'),
    ("int", '∫'),
    ("sqrt", '√'),
    ("infty", '∞'),
    ("partial", '∂'),
    ("nabla", '∇'),
    ("forall", '∀'),
    ("exists", '∃'),
    ("in", '∈'),
    ("notin", '∉'),
    ("subset", '⊂'),
    ("cup", '∪'),
    ("cap", '∩'),
    ("emptyset", '∅'),
    ("varnothing", '∅'),
    ("le", '≤'),
    ("leq", '≤'),
    ("leqslant", '≤'),
    ("ge", '≥'),
    ("geq", '≥'),
    ("geqslant", '≥'),
    ("ne", '≠'),
    ("neq", '≠'),
    ("equiv", '≡'),
    ("sim", '∼'),
    ("approx", '≈'),
    ("to", '→'),
    ("rightarrow", '→'),
    ("mapsto", '↦'),
    ("Rightarrow", '⇒'),
    ("implies", '⇒'),
    ("iff", '⇔'),
    ("Leftrightarrow", '⇔'),
    ("times", '×'),
    ("circ", '∘'),
    ("oplus", '⊕'),
    ("otimes", '⊗'),
    ("perp", '⊥'),
    ("pm", '±'),
    ("pi", 'π'),
    ("lambda", 'λ'),
];

/// A word where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    /// Where it begins, in bytes.
    pub(crate) start: usize,
    /// As it is written.
    pub(crate) raw: &'t str,
    /// The sign that a TeX command stands for.
    pub(crate) sign: Option<char>,
}

/// The words of a text, in order.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    Words { text, at: 0 }.filter(|word| word.raw.len() <= LONGEST)
}

struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        loop {
            let rest = &self.text[self.at..];
            let skipped = rest.find(|c| is_letter(c) || is_sign(c))?;
            let start = self.at + skipped;
            let rest = &self.text[start..];
            let first = rest.chars().next()?;
            if is_sign(first) {
                self.at = start + first.len_utf8();
                return Some(Word { start, raw: &self.text[start..self.at], sign: None });
            }
            let length = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
            self.at = start + length;
            let raw = &rest[..length];
            if is_elided(raw, &rest[length..]) {
                continue;
            }
            let sign = self.text[..start]
                .ends_with('\\')
                .then(|| COMMANDS.iter().find(|(name, _)| *name == raw))
                .flatten()
                .map(|(_, sign)| *sign);
            return Some(Word { start, raw, sign });
        }
    }
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Arrows, operators and relations of mathematics.
fn is_sign(c: char) -> bool {
    matches!(c, '×' | '÷' | '±' | '¬' | '∂'
        | '\u{2190}'..='\u{22ff}' | '\u{27c0}'..='\u{27ff}' | '\u{2900}'..='\u{2aff}')
}

fn is_elided(run: &str, after: &str) -> bool {
    let mut after = after.chars();
    matches!(after.next(), Some('\'' | '’' | 'ʼ'))
        && after.next().is_some_and(is_letter)
        && ELIDED.iter().any(|elided| elided.eq_ignore_ascii_case(run))
}

/// Lower case without accents; ligatures, styled letters and small digits written plain. Letters
/// that mean something of their own (`ℝ`, `ℓ`) stay.
pub(crate) fn fold(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        return Cow::Owned(word.to_ascii_lowercase());
    }
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if matches!(c, '\u{2100}'..='\u{214f}') {
            out.push(c);
            continue;
        }
        for plain in std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c)) {
            for lower in plain.to_lowercase() {
                match lower {
                    'œ' => out.push_str("oe"),
                    'æ' => out.push_str("ae"),
                    // What lower case adds of its own (as for İ).
                    lower if is_combining_mark(lower) => {}
                    lower => out.push(lower),
                }
            }
        }
    }
    Cow::Owned(out)
}

/// The stems of a word, folded: of the word as it is written, and of the word written without
/// accents when that gives another, so that `derivee` finds `dérivée`.
pub(crate) fn stems(raw: &str) -> (String, Option<String>) {
    let stemmer = Stemmer::new(Algorithm::French);
    let folded = fold(raw);
    let plain = stemmer.stem(&folded);
    if raw.is_ascii() {
        return (plain.into_owned(), None);
    }
    let written: String = raw.nfc().flat_map(char::to_lowercase).collect();
    let stem = fold(&stemmer.stem(&written)).into_owned();
    if stem.is_empty() || stem == plain {
        (plain.into_owned(), None)
    } else {
        (stem, Some(plain.into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text)
            .flat_map(|word| [Some(fold(word.raw).into_owned()), word.sign.map(String::from)])
            .flatten()
            .collect()
    }

    #[test]
    fn texts_are_cut_into_words() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("L’intégrale d'une Fonction", &["integrale", "une", "fonction"]),
            ("qu'il s'agisse jusqu'à", &["il", "agisse", "a"]),
            ("aujourd'hui", &["aujourd", "hui"]),
            ("f'(x) et l' ou d'", &["f", "x", "et", "l", "ou", "d"]),
            ("Cauchy-Schwarz, Z/nZ.", &["cauchy", "schwarz", "z", "nz"]),
            ("∑ₙ 1/n² ≤ ∞", &["∑", "n", "1", "n2", "≤", "∞"]),
            (r"\sum_{k} \sqrt{x} \foo sum", &["sum", "∑", "k", "sqrt", "√", "x", "foo", "sum"]),
            ("ln(x)→ℝ 𝑓∘𝑔", &["ln", "x", "→", "ℝ", "f", "∘", "g"]),
            ("cœur Ægir e\u{301}tude", &["coeur", "aegir", "etude"]),
        ];
        for (text, expected) in table {
            assert_eq!(folded(text), *expected, "{text}");
        }
    }

    #[test]
    fn forms_of_one_word_share_a_stem() {
        let all = |word: &str| {
            let (stem, plain) = stems(word);
            [Some(stem), plain].into_iter().flatten().collect::<Vec<_>>()
        };
        for (a, b) in [
            ("dérivée", "dérivées"),
            ("derivee", "dérivée"),
            ("THÉORÈMES", "theoreme"),
            ("continuité", "continuite"),
            ("intégrales", "intégrale"),
            ("matrices", "Matrice"),
            ("convergente", "convergent"),
            ("bornées", "bornée"),
        ] {
            assert!(all(a).iter().any(|stem| all(b).contains(stem)), "{:?} {:?}", all(a), all(b));
        }
        assert_eq!(stems("∑").0, "∑");
    }

    proptest::proptest! {
        #[test]
        fn words_lie_in_the_text_in_order(text in "\\PC{0,40}") {
            let mut end = 0;
            for word in words(&text) {
                proptest::prop_assert!(word.start >= end);
                end = word.start + word.raw.len();
                proptest::prop_assert_eq!(&text[word.start..end], word.raw);
                let _ = stems(word.raw);
            }
        }
    }
}
