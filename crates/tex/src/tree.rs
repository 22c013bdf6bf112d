//! The syntax tree: what a document says, with numbers given and formulas rendered, before HTML.

use crate::references::Form;
use mqd_math::Formula;

/// A block.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading: level from 0 (part) to 6, anchor, printed number, title.
    Heading {
        level: u8,
        id: String,
        number: Option<String>,
        title: Vec<Inline>,
        /// Whether the table of contents has it.
        listed: bool,
    },
    /// A list.
    List { kind: ListKind, items: Vec<Item> },
    /// A formula on its own.
    Display(Box<MathNode>),
    /// A theorem, definition, proof, exercise …: class, printed head, optional title, anchor.
    Statement {
        class: String,
        head: Vec<Inline>,
        title: Vec<Inline>,
        id: String,
        blocks: Vec<Block>,
        /// The sign at the end of a proof.
        qed: Vec<Inline>,
    },
    /// A figure or table with its caption.
    Float { table: bool, id: String, blocks: Vec<Block>, caption: Option<(String, Vec<Inline>)> },
    /// A table.
    Table { rows: Vec<Row> },
    /// Text kept as it stands, with its language if the source names one.
    Verbatim { text: String, language: Option<String> },
    /// A box with a class of the stylesheet.
    Div { class: &'static str, blocks: Vec<Block> },
    /// Something that only TeX can draw: hash of its source, description.
    Marked { hash: String, alt: String, src: Option<String> },
    /// A picture with texts over it (xfig's `pdf_t`): size and placed texts in picture units.
    Overlay {
        width: f32,
        height: f32,
        image: Option<Image>,
        texts: Vec<(f32, f32, char, Vec<Inline>)>,
    },
    /// The table of contents, written when all headings are known.
    Contents { title: String },
    /// A horizontal line.
    Rule,
}

/// The kinds of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// `enumerate`: items have markers.
    Ordered,
    /// `itemize`.
    Bullets,
    /// `description`.
    Terms,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Item {
    /// What is printed before it; empty for a plain bullet.
    pub marker: Vec<Inline>,
    /// Anchor for references, if something refers to it.
    pub id: Option<String>,
    /// Its content.
    pub blocks: Vec<Block>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// It names the columns.
    pub head: bool,
    /// A line above it.
    pub rule_above: bool,
    /// A line below it, for the last one.
    pub rule_below: bool,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// Columns it takes.
    pub columns: usize,
    /// Rows it takes.
    pub rows: usize,
    /// `l`, `c` or `r`.
    pub align: char,
    /// Lines beside it.
    pub rule_left: bool,
    pub rule_right: bool,
    /// Its content.
    pub blocks: Vec<Block>,
}

/// A formula, with its source while references in it are unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct MathNode {
    /// The rendered formula.
    pub formula: Formula,
    /// When it is not faithful: hash and address of the compiled picture to show in its place.
    pub marked: Option<(String, Option<String>)>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Address for the page.
    pub src: String,
    /// Text alternative.
    pub alt: String,
    /// Width and height in CSS pixels, if known.
    pub size: Option<(f32, f32)>,
}

/// Something in a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    /// Text.
    Text(String),
    /// A formula.
    Math(Box<MathNode>),
    /// Text in an element (`em`, `strong` …) with an optional class of the stylesheet.
    Styled { tag: &'static str, class: Option<&'static str>, inner: Vec<Inline> },
    /// A link to an address that was checked.
    Link { href: String, inner: Vec<Inline> },
    /// A reference to labels.
    Reference { labels: Vec<String>, form: Form },
    /// An anchor.
    Anchor(String),
    /// A footnote mark, by number from 1.
    Footnote(usize),
    /// A picture.
    Image(Image),
    /// Something only TeX can draw, in a line.
    Marked { hash: String, alt: String, src: Option<String> },
    /// Code.
    Code(String),
    /// A line end.
    Break,
}

impl Inline {
    /// Whether nothing is seen of it.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}
