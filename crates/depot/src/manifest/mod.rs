//! `depot.toml`: how one dépôt names its files and what they become in the maquis.
//!
//! The format is described for its authors in `docs/MANIFEST.md`. A manifest that loads is whole:
//! every name it mentions exists, every pattern compiles, every relation is one the model allows.

mod check;
mod error;
pub mod pattern;
mod raw;
pub mod template;

pub use error::ManifestError;
pub use pattern::{Pattern, Vars};
pub use template::Template;

use globset::GlobSet;
use mqd_model::{Label, Rel};
use mqd_pdf::Engine;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A manifest that has been checked.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The file it was read from.
    pub file: PathBuf,
    /// The name of the dépôt, as it stands in addresses.
    pub name: String,
    /// The name of the dépôt for people.
    pub title: Option<String>,
    /// How its texts are encoded.
    pub encoding: Encoding,
    /// Where the dates of its documents come from.
    pub dates: Dates,
    /// Files that are never looked at.
    pub ignore: GlobSet,
    /// Files above this size in bytes are left out, with a remark.
    pub max_file: u64,
    /// Preambles of the dépôt that no kind mentions.
    pub preambles: Vec<String>,
    /// Public address of a source file: a template over `path`, `stem`, `commit`, `depot`.
    pub source_address: Option<Template>,
    /// Public address of a PDF: a template over `path`, `stem` (of the PDF's source), `depot`.
    pub pdf_address: Option<Template>,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Its kinds.
    pub kinds: Vec<Kind>,
}

/// How texts are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8 where it is valid; otherwise what the file says, or windows-1252.
    #[default]
    Auto,
    /// UTF-8; wrong bytes are replaced, with a remark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO 8859-1, read as windows-1252 as everyone does.
    #[serde(rename = "latin-1", alias = "windows-1252")]
    Latin1,
}

/// Where the dates of documents come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dates {
    /// The last commit that touched the file when there is a Git repository, else the file's date.
    #[default]
    Auto,
    /// Only the last commit that touched the file.
    Git,
    /// Only the file's own date.
    File,
    /// No date.
    None,
}

/// A table of values by key.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name in the manifest.
    pub name: String,
    /// Where its rows are.
    pub rows: Rows,
    /// The column that the key is in.
    pub key: String,
}

/// Where the rows of a table are.
#[derive(Debug, Clone)]
pub enum Rows {
    /// In a file of the dépôt.
    File {
        /// Path of the file.
        path: String,
        /// What stands between two columns.
        separator: u8,
        /// Names of the columns; without them, the first line names them.
        columns: Option<Vec<String>>,
    },
    /// In the manifest: key and value.
    Inline(Vec<(String, String)>),
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The whole document.
    Body,
    /// The statement (énoncé).
    Statement,
    /// A hint (indication).
    Hint,
    /// The answer (corrigé).
    Answer,
    /// A file that only puts others together to compile them.
    Wrapper,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] =
        [Self::Body, Self::Statement, Self::Hint, Self::Answer, Self::Wrapper];

    /// Its name in a manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Statement => "statement",
            Self::Hint => "hint",
            Self::Answer => "answer",
            Self::Wrapper => "wrapper",
        }
    }
}

/// One kind of thing that the dépôt holds, and what it becomes in the graph.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Its name in the manifest.
    pub name: String,
    /// The label of its nodes.
    pub label: Label,
    /// Their `typeDoc`, `typeConcept` …
    pub kind: String,
    /// Their titles: the first template that can be filled.
    pub titles: Vec<Template>,
    /// Their other properties: by name, the first template that can be filled.
    pub props: Vec<(String, Vec<Template>)>,
    /// What tells one from another inside the kind.
    pub key: Template,
    /// Where they come from.
    pub origin: Origin,
    /// The files of one, by role.
    pub files: Vec<(Role, Pattern)>,
    /// How a file that holds several is cut.
    pub split: Option<Marker>,
    /// The parts of one inside its file.
    pub parts: Vec<(Role, Marker)>,
    /// Values read from the source: by name, sources to try in order.
    pub fields: Vec<(String, Vec<FieldSource>)>,
    /// Relations with others.
    pub links: Vec<Link>,
    /// The preamble its files are compiled with.
    pub preamble: Option<String>,
    /// Which PDFs are made.
    pub publish: Vec<Publish>,
    /// What compiles them.
    pub engine: Option<Engine>,
    /// The body of a generated file, when the usual one does not suit.
    pub layout: Option<String>,
    /// Whether several dépôts that name the same one mean the same node.
    pub shared: bool,
}

/// Where the nodes of a kind come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// One for each file (or each part of a split file) of its main role.
    Files(Role),
    /// One for each row of a table, by its place in [`Manifest::tables`].
    Table(usize),
    /// One for each key that a link of another kind mentions.
    Links,
}

/// How a stretch of a file is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// An argument of a command.
    Command {
        /// Its name, without backslash.
        name: String,
        /// Which argument in braces, from 1.
        argument: usize,
    },
    /// The inside of an environment.
    Environment(String),
    /// From a text to another (or to the next marker, or to the end).
    Between {
        /// The text it starts after.
        start: String,
        /// The text it ends before.
        end: Option<String>,
    },
    /// What is left when every other part is taken away.
    Rest,
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub struct FieldSource {
    /// The place.
    pub place: Place,
    /// Only one piece of the value: separator, and which piece from 1.
    pub split: Option<(String, usize)>,
    /// Only what this matches (its first group if it has one).
    pub regex: Option<Regex>,
}

/// A place that a value is read at.
#[derive(Debug, Clone)]
pub enum Place {
    /// Made of other values.
    Template(Template),
    /// An argument of a command.
    Command(Argument),
    /// An argument of `\begin{…}`.
    Environment(Argument),
    /// Between two texts.
    Between(String, String),
    /// A comment line `% label: value`.
    Comment(String),
    /// A cell of a table.
    Table {
        /// Place of the table in [`Manifest::tables`].
        table: usize,
        /// The key of the row.
        key: Template,
        /// The column.
        column: String,
    },
}

/// One argument of a command or environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Name of the command or environment.
    pub name: String,
    /// Which one, from 1.
    pub number: usize,
    /// Whether it stands in brackets.
    pub optional: bool,
}

/// Relations of the things of a kind with others.
#[derive(Debug, Clone)]
pub struct Link {
    /// The relation type.
    pub rel: Rel,
    /// Place of the other kind in [`Manifest::kinds`].
    pub other: usize,
    /// Whether the relation goes to the other kind or comes from it.
    pub outgoing: bool,
    /// The key of the other one.
    pub key: Template,
    /// What the link is repeated for.
    pub each: Option<Each>,
    /// Relation from an entry's parent to the entry, when keys are index entries with `!`.
    pub hierarchy: Option<Rel>,
}

/// What a link is repeated for.
#[derive(Debug, Clone)]
pub enum Each {
    /// Every file that the text inputs and that follows the pattern.
    Input(Pattern),
    /// Every index entry.
    Index,
    /// Every piece of a section of the text.
    Section {
        /// What opens the section.
        start: Regex,
        /// What closes it, the first that comes.
        until: Vec<Regex>,
        /// How it is cut.
        split: Split,
    },
    /// Every piece of a field.
    Field {
        /// The field.
        name: String,
        /// How it is cut.
        split: Split,
    },
    /// Every piece of every occurrence of a command.
    Command {
        /// The argument.
        argument: Argument,
        /// How it is cut.
        split: Split,
    },
    /// Every piece of every comment line `% label: value`.
    Comment {
        /// The label.
        label: String,
        /// How it is cut.
        split: Split,
    },
}

/// How a text is cut in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// Not at all.
    None,
    /// Items of lists, else paragraphs, lines and sentences.
    Sentences,
    /// At a separator.
    At(String),
}

/// A PDF that is made of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Publish {
    /// The whole document: its wrapper, its body, or its parts put together.
    Whole,
    /// Its statement.
    Statement,
    /// Its answer.
    Answer,
}

impl Manifest {
    /// Reads a manifest file.
    ///
    /// # Errors
    /// [`ManifestError`] when the file cannot be read or is wrong somewhere.
    pub fn load(file: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(file).map_err(|error| ManifestError {
            file: file.to_owned(),
            line: 1,
            column: 1,
            message: format!("this manifest cannot be read: {error}"),
        })?;
        Self::parse(file, &text)
    }

    /// Reads a manifest from its text; `file` names it in errors.
    ///
    /// # Errors
    /// [`ManifestError`] when it is wrong somewhere.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ManifestError> {
        let raw: raw::RawManifest =
            toml::from_str(text).map_err(|error| ManifestError::toml(file, text, &error))?;
        check::manifest(raw, file)
            .map_err(|wrong| ManifestError::at(file, text, wrong.span, wrong.message))
    }

    /// A kind by its name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// Every preamble that the manifest mentions.
    pub fn all_preambles(&self) -> impl Iterator<Item = &str> {
        self.kinds
            .iter()
            .filter_map(|kind| kind.preamble.as_deref())
            .chain(self.preambles.iter().map(String::as_str))
    }
}
