//! What tantivy indexes of a text: for each word its folded form and, marked, its stems, all at one
//! place, so that prefixes, phrases and inflected forms are found in one field.

use super::words::{Word, fold, stems, words};
use std::{collections::HashMap, ops::Range};
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
    /// The terms of words met before: a maquis has few words, often.
    known: HashMap<String, Range<usize>>,
    terms: Vec<String>,
    /// The tokens of the present text, by the number of their term.
    tokens: Vec<Place>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    term: usize,
    position: usize,
    start: usize,
    end: usize,
}

/// Terms remembered by one tokenizer from text to text; a hostile text must not fill the memory.
const REMEMBERED: usize = 300_000;

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

impl French {
    /// The numbers of the terms of a word.
    fn terms(&mut self, word: &Word<'_>) -> Range<usize> {
        // A command and the same word alone are two things.
        if word.sign.is_none()
            && let Some(known) = self.known.get(word.raw)
        {
            return known.clone();
        }
        let first = self.terms.len();
        self.terms.extend(terms(word.raw));
        if let Some(sign) = word.sign {
            self.terms.push(stem_term(&sign.to_string()));
        } else {
            self.known.insert(word.raw.to_owned(), first..self.terms.len());
        }
        first..self.terms.len()
    }
}

impl Tokenizer for French {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        self.tokens.clear();
        if self.terms.len() > REMEMBERED {
            self.terms.clear();
            self.known.clear();
        }
        for (position, word) in words(text).enumerate() {
            let (start, end) = (word.start, word.start + word.raw.len());
            for term in self.terms(&word) {
                self.tokens.push(Place { term, position, start, end });
            }
        }
        Stream { terms: &self.terms, tokens: self.tokens.iter(), token: Token::default() }
    }
}

/// The tokens of one text.
pub(crate) struct Stream<'a> {
    terms: &'a [String],
    tokens: std::slice::Iter<'a, Place>,
    token: Token,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let Some(place) = self.tokens.next() else { return false };
        self.token.text.clear();
        self.token.text.push_str(&self.terms[place.term]);
        self.token.position = place.position;
        (self.token.offset_from, self.token.offset_to) = (place.start, place.end);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
