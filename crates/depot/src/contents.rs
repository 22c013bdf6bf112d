//! The contents of a document by its node: sources, HTML, text, table of contents, index.

use mqd_model::Node;
pub use mqd_tex::Place;
use serde::Serialize;
use std::{ops::Range, sync::Arc};

/// What a part of a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The whole document, when it has no parts (a course, a programme).
    Body,
    /// The statement of an exercise or problem (énoncé).
    Statement,
    /// A hint (indication).
    Hint,
    /// The answer (corrigé).
    Answer,
}

/// A heading of a document, for its table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// 1 for a section, 2 for a subsection and so on.
    pub level: u8,
    /// The anchor in the HTML.
    pub id: String,
    /// The number LaTeX would print, if any.
    pub number: Option<String>,
    /// The title as HTML.
    pub html: String,
}

/// An index entry of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexEntry {
    /// The parts of the entry, from the main one to its sub-entries, as plain text.
    pub path: Vec<String>,
    /// The anchor in the HTML.
    pub id: String,
}

/// Something that could not be rendered as it stands in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// `info`, `warning` or `error`.
    pub severity: &'static str,
    /// File in the dépôt.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What it is and what was done instead.
    pub message: String,
}

/// One part of a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// What it is for.
    pub role: Role,
    /// Path of its file in the dépôt.
    pub path: String,
    /// Public address of that file at its commit, if the dépôt has one.
    pub source_url: Option<String>,
    /// Public address of its PDF, if it is published.
    pub pdf_url: Option<String>,
    /// Its LaTeX source, as UTF-8.
    pub latex: String,
    /// Its HTML with MathML.
    pub html: String,
    /// Its plain text.
    pub text: String,
    /// Where the formulas of the text are, and their MathML in the HTML.
    pub formulas: Vec<Place>,
    /// Its headings.
    pub toc: Vec<Heading>,
    /// Its index entries.
    pub index: Vec<IndexEntry>,
    /// What could not be rendered as it stands.
    pub remarks: Vec<Remark>,
}

/// The contents of one document.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Content {
    /// The dépôt it comes from.
    pub depot: String,
    /// The commit of the dépôt it was read at, if it is a Git repository.
    pub commit: Option<String>,
    /// Its parts, statement first.
    pub parts: Vec<Part>,
}

impl Content {
    /// The text of all parts, as searches look in it.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The formulas that touch these bytes of [`Content::text`], in order: where they are there,
    /// and their MathML.
    #[must_use]
    pub fn formulas(&self, within: Range<usize>) -> Vec<(Range<usize>, &str)> {
        let mut before = 0;
        let mut found = Vec::new();
        for part in &self.parts {
            let at = |at: usize| at + before;
            let first = part.formulas.partition_point(|f| at(f.text.end) <= within.start);
            let near = part.formulas[first..].iter().take_while(|f| at(f.text.start) < within.end);
            found.extend(near.filter_map(|formula| {
                let mathml = part.html.get(formula.html.clone())?;
                Some((at(formula.text.start)..at(formula.text.end), mathml))
            }));
            before += part.text.len() + 1;
        }
        found
    }
}

/// A picture that belongs to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// `image/svg+xml`, `image/png` …
    pub media_type: &'static str,
    /// The bytes of the picture.
    pub bytes: Vec<u8>,
}

/// Gives the contents of documents; the back end of the content fields of the API.
pub trait Contents: Send + Sync {
    /// The content of a document; `None` when its dépôt is not here.
    fn content(&self, node: &Node) -> Option<Arc<Content>>;

    /// Changes whenever contents may have changed: pages made before are out of date then.
    fn generation(&self) -> u64 {
        0
    }

    /// A picture by dépôt and path inside it, as the HTML of a part refers to it
    /// (`/figures/<depot>/<path>`); `None` when there is none or it is not a picture.
    fn figure(&self, depot: &str, path: &str) -> Option<Arc<Figure>>;
}
