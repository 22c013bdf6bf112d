//! What goes in and what comes out.

use crate::{html, parse::Parser, plain, preamble::Preamble};
use std::{collections::HashMap, ops::Range, sync::Arc};

/// Where a document finds its other files. Paths are as written in the source.
pub trait Sources {
    /// The text of a file that the source inputs (with or without `.tex`).
    fn read(&self, path: &str) -> Option<Arc<str>>;

    /// A picture that the source includes (with or without ending).
    fn figure(&self, path: &str) -> Option<FigureInfo>;

    /// Address of the compiled picture of a block that only TeX can draw; `None` when there is
    /// none (yet).
    fn block(&self, hash: &str) -> Option<String> {
        let _ = hash;
        None
    }
}

/// No other files.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn read(&self, _: &str) -> Option<Arc<str>> {
        None
    }

    fn figure(&self, _: &str) -> Option<FigureInfo> {
        None
    }
}

/// A picture as the page shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureInfo {
    /// Address.
    pub src: String,
    /// Natural width and height in points (1/72 inch), if known.
    pub size: Option<(f32, f32)>,
}

/// How to convert.
#[derive(Debug, Clone, Default)]
pub struct Convert {
    /// Macros and counters of the preamble.
    pub preamble: Arc<Preamble>,
    /// What stands before every anchor, so that several parts can share a page.
    pub id_prefix: String,
    /// `\section` becomes `h(2 + shift)`.
    pub heading_shift: u8,
    /// Labels of the other parts of the page, which references may lead to.
    pub labels: Arc<HashMap<String, Label>>,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Shown as meant, worth knowing.
    Info,
    /// Shown, but not as the author meant it.
    Warning,
    /// The source is broken here.
    Error,
}

/// Something that is not rendered as it stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// File, as the source names it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The command or environment concerned.
    pub construct: String,
    /// What it is and what was done instead, in French.
    pub message: String,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 0 for a part, 1 for a section, 2 for a subsection and so on.
    pub level: u8,
    /// Anchor.
    pub id: String,
    /// Number as printed.
    pub number: Option<String>,
    /// Title as HTML.
    pub html: String,
}

/// An index entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    /// From the main entry to its sub-entries, plain text.
    pub path: Vec<String>,
    /// Anchor.
    pub id: String,
}

/// A label and what references to it print.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// Printed number.
    pub text: String,
    /// Anchor.
    pub id: String,
    /// What it names, as inside a sentence: « théorème », « section ».
    pub kind: String,
    /// Several of them, where the author says how (`\crefname`).
    pub kinds: String,
    /// The title of what it names, for `\nameref`.
    pub title: String,
    /// Whether it names an equation, whose number has parentheses.
    pub equation: bool,
}

/// A block that only TeX can draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedBlock {
    /// Digest of its source and of what is in force there.
    pub hash: String,
    /// What its document defines before it and it names, which stands in front of it for TeX.
    pub context: String,
    /// Its source.
    pub source: String,
    /// Why it is marked: the construct.
    pub construct: String,
}

/// Where a formula stands in a document, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// In the plain text.
    pub text: Range<usize>,
    /// Its MathML in the HTML.
    pub html: Range<usize>,
}

/// A converted document.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// HTML with MathML.
    pub html: String,
    /// Plain text.
    pub text: String,
    /// The formulas that the HTML shows as MathML, in the order of the text.
    pub formulas: Vec<Place>,
    /// Headings in order.
    pub headings: Vec<Heading>,
    /// Index entries in order.
    pub index: Vec<IndexEntry>,
    /// Labels by name.
    pub labels: HashMap<String, Label>,
    /// Files that were read, as named.
    pub inputs: Vec<String>,
    /// Pictures that were asked for, as named.
    pub figures: Vec<String>,
    /// What is not rendered as it stands.
    pub diagnostics: Vec<Diagnostic>,
    /// Blocks that only TeX can draw.
    pub blocks: Vec<MarkedBlock>,
}

impl Document {
    /// Rendered faithfully: nothing marked and nothing worse than an information.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.blocks.is_empty() && self.diagnostics.iter().all(|d| d.severity == Severity::Info)
    }
}

/// What is said of a page that would grow without bound.
const TOO_LONG: &str = "la page serait bien plus longue que son texte ; sa fin n'est pas montrée";

/// Converts a document or a fragment. `name` is the file's name for diagnostics.
#[must_use]
pub fn convert(source: &str, name: &str, options: &Convert, sources: &dyn Sources) -> Document {
    let (source, unclosed) = crate::reader::without_unclosed_verbatim(source);
    let (source, left_open) = crate::reader::without_unclosed_groups(&source);
    let source = source.as_ref();
    let mut parser = Parser::new(name, source, options, sources);
    parser.report_unclosed(&unclosed);
    parser.report_left_open(left_open);
    let mut blocks = parser.document(source);
    if parser.has_unresolved() {
        // A formula refers to a label that comes later: once more, with the labels known.
        let known = parser.known_labels();
        parser = Parser::new(name, source, options, sources);
        parser.know(known);
        parser.report_unclosed(&unclosed);
        parser.report_left_open(left_open);
        blocks = parser.document(source);
    }
    let parsed = parser.finish();
    let plain = plain::text(&blocks, &parsed, options);
    let written = html::write(&blocks, &parsed, options);
    let place = |(text, node)| Some(Place { html: written.formula(node)?, text });
    let formulas = plain.formulas.into_iter().filter_map(place).collect();
    Document {
        html: written.html,
        text: plain.text,
        formulas,
        headings: written.headings,
        index: parsed.index,
        labels: parsed.labels,
        inputs: parsed.inputs,
        figures: parsed.figures,
        diagnostics: parsed
            .diagnostics
            .into_iter()
            .chain(written.too_long.then(|| Diagnostic {
                severity: Severity::Error,
                file: name.to_owned(),
                line: 1,
                column: 1,
                construct: "document".to_owned(),
                message: TOO_LONG.to_owned(),
            }))
            .collect(),
        blocks: parsed.blocks,
    }
}
