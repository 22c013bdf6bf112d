//! The tree as plain text, for search, excerpts, titles and text alternatives.

use crate::{
    Convert,
    parse::Parsed,
    references::{Form, Known, pieces},
    tree::{Block, Inline, MathNode},
};
use std::ops::Range;

/// A text, and where its formulas stand in it, in bytes and in order.
#[derive(Debug, Default)]
pub(crate) struct Plain<'t> {
    pub(crate) text: String,
    pub(crate) formulas: Vec<(Range<usize>, &'t MathNode)>,
}

/// The text of a document, a line a block.
pub(crate) fn text<'t>(tree: &'t [Block], parsed: &'t Parsed, options: &'t Convert) -> Plain<'t> {
    let known = Known(&parsed.labels, &options.labels);
    let mut out = Plain::default();
    blocks(tree, known, &mut out);
    for note in &parsed.footnotes {
        blocks(note, known, &mut out);
    }
    out.trimmed()
}

impl<'t> Plain<'t> {
    fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
    }

    fn formula(&mut self, node: &'t MathNode) {
        let start = self.text.len();
        self.text.push_str(&node.formula.text);
        self.formulas.push((start..self.text.len(), node));
    }

    fn line_end(&mut self) {
        while self.text.ends_with(' ') {
            self.text.pop();
        }
        if let Some((range, _)) = self.formulas.last_mut() {
            range.end = range.end.min(self.text.len());
            range.start = range.start.min(range.end);
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Without the white space around it. A formula that is nothing else is none.
    fn trimmed(mut self) -> Self {
        self.text.truncate(self.text.trim_end().len());
        let before = self.text.len() - self.text.trim_start().len();
        self.text.drain(..before);
        let end = self.text.len();
        for (range, _) in &mut self.formulas {
            let within = |at: usize| at.saturating_sub(before).min(end);
            *range = within(range.start)..within(range.end);
        }
        self.formulas.retain(|(range, _)| !range.is_empty());
        self
    }

    fn append(&mut self, other: Self) {
        let before = self.text.len();
        self.text.push_str(&other.text);
        let moved = other.formulas.into_iter();
        self.formulas.extend(moved.map(|(r, node)| (r.start + before..r.end + before, node)));
    }
}

fn blocks<'t>(tree: &'t [Block], known: Known<'_>, out: &mut Plain<'t>) {
    for block in tree {
        match block {
            Block::Paragraph(line) => push(line, known, out),
            Block::Heading { number, title, .. } => {
                if let Some(number) = number {
                    out.push_str(number);
                    out.push(' ');
                }
                push(title, known, out);
            }
            Block::List { items, .. } => {
                for item in items {
                    if !item.marker.is_empty() {
                        push(&item.marker, known, out);
                        out.push(' ');
                    }
                    blocks(&item.blocks, known, out);
                    out.line_end();
                }
            }
            Block::Display(node) => out.formula(node),
            Block::Statement { head, title, blocks: inner, .. } => {
                push(head, known, out);
                if !title.is_empty() {
                    out.push_str(" (");
                    push(title, known, out);
                    out.push(')');
                }
                out.push_str(". ");
                blocks(inner, known, out);
            }
            Block::Float { blocks: inner, caption, .. } => {
                blocks(inner, known, out);
                if let Some((head, title)) = caption {
                    out.line_end();
                    out.push_str(head);
                    if !head.is_empty() {
                        out.push_str(" : ");
                    }
                    push(title, known, out);
                }
            }
            Block::Table { rows, .. } => {
                for row in rows {
                    for cell in &row.cells {
                        let mut inner = Plain::default();
                        blocks(&cell.blocks, known, &mut inner);
                        // One row, one line.
                        inner.text = inner.text.replace('\n', " ");
                        out.append(inner.trimmed());
                        out.push(' ');
                    }
                    out.line_end();
                }
            }
            Block::Verbatim { text, .. } => out.push_str(text),
            Block::Div { blocks: inner, .. } => blocks(inner, known, out),
            Block::Overlay { texts, .. } => {
                for (_, _, _, line) in texts {
                    push(line, known, out);
                    out.push(' ');
                }
            }
            Block::Marked { .. } | Block::Contents { .. } | Block::Rule => {}
        }
        out.line_end();
    }
}

/// The text of a line.
pub(crate) fn inlines(line: &[Inline], known: Known<'_>) -> String {
    let mut out = Plain::default();
    push(line, known, &mut out);
    out.text
}

fn push<'t>(line: &'t [Inline], known: Known<'_>, out: &mut Plain<'t>) {
    for inline in line {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Math(node) => out.formula(node),
            Inline::Styled { inner, .. } | Inline::Link { inner, .. } => push(inner, known, out),
            Inline::Break => out.push(' '),
            Inline::Reference { form: Form::Words(inner), .. } => push(inner, known, out),
            Inline::Reference { labels, form } => {
                for piece in pieces(form, labels, |label| known.find(label)) {
                    out.push_str(&piece.text);
                }
            }
            Inline::Anchor(_) | Inline::Footnote(_) | Inline::Image(_) | Inline::Marked { .. } => {}
        }
    }
}
