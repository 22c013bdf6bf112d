//! What tantivy indexes of a text: for each word its folded form and, marked, its stems, all at one
//! place, so that prefixes, phrases and inflected forms are found in one field.

use super::words::{fold, stems, words};
use std::collections::HashMap;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Marks a stem, so that a prefix never runs into stems: no word begins with it.
const STEM: char = '~';

/// The term of a stem.
pub(crate) fn stem_term(stem: &str) -> String {
    format!("{STEM}{stem}")
}

/// Whether a term is a stem, not a word.
pub(crate) fn is_stem(term: &str) -> bool {
    term.starts_with(STEM)
}

/// Cuts texts into folded words and stems.
#[derive(Debug, Clone, Default)]
pub(crate) struct French {
    tokens: Vec<Token>,
    /// Terms of words met before: a maquis has few words, often.
    known: HashMap<String, Vec<String>>,
}

/// Words remembered by one tokenizer; a hostile text must not fill the memory.
const REMEMBERED: usize = 100_000;

fn terms(raw: &str) -> Vec<String> {
    let folded = fold(raw).into_owned();
    let (stem, plain) = stems(raw);
    // What folds to nothing (a mark alone) is no term.
    [Some(folded), Some(stem_term(&stem)), plain.map(|stem| stem_term(&stem))]
        .into_iter()
        .flatten()
        .filter(|term| !term.trim_start_matches(STEM).is_empty())
        .collect()
}

impl Tokenizer for French {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        self.tokens.clear();
        for (position, word) in words(text).enumerate() {
            let token = |text: String| Token {
                offset_from: word.start,
                offset_to: word.start + word.raw.len(),
                position,
                text,
                position_length: 1,
            };
            match self.known.get(word.raw) {
                Some(terms) => self.tokens.extend(terms.iter().cloned().map(token)),
                None => {
                    let terms = terms(word.raw);
                    self.tokens.extend(terms.iter().cloned().map(token));
                    if self.known.len() < REMEMBERED {
                        self.known.insert(word.raw.to_owned(), terms);
                    }
                }
            }
            self.tokens.extend(word.sign.map(|sign| token(format!("{STEM}{sign}"))));
        }
        Stream { tokens: &mut self.tokens, next: 0 }
    }
}

/// The tokens of one text.
pub(crate) struct Stream<'a> {
    tokens: &'a mut Vec<Token>,
    next: usize,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}
