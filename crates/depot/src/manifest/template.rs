//! Texts with holes, `Exercice {theme}{numero}`: titles, keys, addresses.
//!
//! A hole may change its value: `{numero|int}` drops leading zeros, `{nom|capital}` puts a capital
//! first, `{nom|lower}` lowers everything.

use super::pattern::{Vars, check_name};

/// A text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Hole(String, Option<Filter>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    Int,
    Capital,
    Lower,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence for the author of the manifest.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            if rest[at..].starts_with('}') {
                return Err("a `}` closes nothing".to_owned());
            }
            if at > 0 {
                pieces.push(Piece::Text(rest[..at].to_owned()));
            }
            let (hole, after) =
                rest[at + 1..].split_once('}').ok_or("a `{` is never closed by a `}`")?;
            let (name, filter) = hole.split_once('|').unwrap_or((hole, ""));
            check_name(name)?;
            let filter = match filter {
                "" => None,
                "int" => Some(Filter::Int),
                "capital" => Some(Filter::Capital),
                "lower" => Some(Filter::Lower),
                other => {
                    return Err(format!("`{other}` is unknown: expected int, capital or lower"));
                }
            };
            pieces.push(Piece::Hole(name.to_owned(), filter));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self { text: text.to_owned(), pieces })
    }

    /// A template that puts these parts one after the other.
    #[must_use]
    pub fn joined(names: &[&str], separator: &str) -> Self {
        let mut pieces = Vec::new();
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                pieces.push(Piece::Text(separator.to_owned()));
            }
            pieces.push(Piece::Hole((*name).to_owned(), None));
        }
        let text = names.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>();
        Self { text: text.join(separator), pieces }
    }

    /// The names of its holes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(name, _) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text with its holes filled; `None` when a value is missing or empty.
    #[must_use]
    pub fn fill(&self, vars: &Vars) -> Option<String> {
        self.fill_with(|name| vars.get(name).cloned())
    }

    /// The same with any way of finding values.
    #[must_use]
    pub fn fill_with(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Hole(name, filter) => {
                    let value = value(name).filter(|value| !value.is_empty())?;
                    match filter {
                        None => out.push_str(&value),
                        Some(Filter::Int) => {
                            let digits = value.trim_start_matches('0');
                            out.push_str(if digits.is_empty() { "0" } else { digits });
                        }
                        Some(Filter::Lower) => out.push_str(&value.to_lowercase()),
                        Some(Filter::Capital) => {
                            let mut chars = value.chars();
                            out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
                            out.push_str(chars.as_str());
                        }
                    }
                }
            }
        }
        Some(out)
    }

    /// The template as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn templates_fill() {
        let vars: Vars = [("n", "07"), ("t", "états"), ("z", "00"), ("vide", "")]
            .map(|(a, b)| (a.into(), b.into()))
            .into();
        for (template, expected) in [
            ("semaine {n|int}", Some("semaine 7")),
            ("{t|capital} {n}", Some("États 07")),
            ("{z|int}", Some("0")),
            ("{absent}", None),
            ("a{vide}", None),
            ("sans trou", Some("sans trou")),
        ] {
            assert_eq!(
                Template::new(template).unwrap().fill(&vars).as_deref(),
                expected,
                "{template}"
            );
        }
        for wrong in ["{a", "a}", "{}", "{a|b}"] {
            assert!(Template::new(wrong).is_err(), "{wrong}");
        }
    }
}
