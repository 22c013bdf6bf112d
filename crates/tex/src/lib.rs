//! LaTeX documents to semantic, accessible HTML with MathML, plain text, headings, index entries,
//! and diagnostics.
//!
//! The way of a document: [`Preamble`] reads the macros once for thousands of documents; `parse`
//! walks the source, expands the author's macros within a budget, counts, numbers and collects
//! labels into the tree of [`tree`]; `html` and `plain` write the tree once every label is known.
//!
//! Invariant: no I/O (sources come through [`Sources`]); never panics, never loops, linear in the
//! size of the input; always a result **and** its diagnostics; output always well-formed and
//! escaped, whatever the source.
#![deny(missing_docs)]

mod calc;
mod conditions;
mod convert;
mod counters;
mod declarations;
mod english;
mod expl;
mod html;
mod keyval;
mod options;
mod parse;
mod plain;
mod preamble;
mod reader;
mod references;
pub mod report;
mod tables;
mod text;
mod tree;
mod typography;

pub use convert::{
    Convert, Diagnostic, Document, FigureInfo, Heading, IndexEntry, Label, MarkedBlock, NoSources,
    Place, Severity, Sources, convert,
};
pub use preamble::Preamble;

pub use text::to_unicode;

pub use reader::{Cursor, Token};

/// The `n`-th argument (from 0) of the first call of a command in a source, as plain text: how a
/// manifest finds a title in `\debutcours{Titre}{…}`.
#[must_use]
pub fn command_argument(source: &str, command: &str, n: usize) -> Option<String> {
    command_arguments(source, command).next()?.get(n).map(|argument| plain_text(argument))
}

/// The braced arguments of every call of a command in a source, raw. Comments are passed over.
pub fn command_arguments<'s>(
    source: &'s str,
    command: &'s str,
) -> impl Iterator<Item = Vec<&'s str>> + 's {
    let mut cursor = Cursor::new(source);
    std::iter::from_fn(move || {
        while let Some(token) = cursor.next() {
            if token == Token::Command(command) {
                let mut arguments = Vec::new();
                cursor.optional();
                while cursor.rest().trim_start().starts_with('{') && arguments.len() < 9 {
                    match cursor.argument() {
                        Some(argument) => arguments.push(argument),
                        None => break,
                    }
                }
                return Some(arguments);
            }
        }
        None
    })
}

/// A fragment of LaTeX as plain Unicode text on one line: titles, descriptions, index entries.
#[must_use]
pub fn plain_text(fragment: &str) -> String {
    let document = convert(fragment, "fragment", &Convert::default(), &NoSources);
    document.text.split_whitespace().collect::<Vec<_>>().join(" ")
}
