//! The tree as plain text, for search, excerpts, titles and text alternatives.

use crate::{
    parse::Parsed,
    tree::{Block, Inline},
};

/// The text of a document, a line a block.
pub(crate) fn text(tree: &[Block], parsed: &Parsed) -> String {
    let mut out = String::new();
    blocks(tree, &mut out);
    for note in &parsed.footnotes {
        blocks(note, &mut out);
    }
    out.trim().to_owned()
}

fn line_end(out: &mut String) {
    while out.ends_with(' ') {
        out.pop();
    }
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

fn blocks(tree: &[Block], out: &mut String) {
    for block in tree {
        match block {
            Block::Paragraph(line) => push(line, out),
            Block::Heading { number, title, .. } => {
                if let Some(number) = number {
                    out.push_str(number);
                    out.push(' ');
                }
                push(title, out);
            }
            Block::List { items, .. } => {
                for item in items {
                    if !item.marker.is_empty() {
                        push(&item.marker, out);
                        out.push(' ');
                    }
                    blocks(&item.blocks, out);
                    line_end(out);
                }
            }
            Block::Display(node) => out.push_str(&node.formula.text),
            Block::Statement { head, title, blocks: inner, .. } => {
                out.push_str(head);
                if !title.is_empty() {
                    out.push_str(" (");
                    push(title, out);
                    out.push(')');
                }
                out.push_str(". ");
                blocks(inner, out);
            }
            Block::Float { blocks: inner, caption, .. } => {
                blocks(inner, out);
                if let Some((head, title)) = caption {
                    line_end(out);
                    out.push_str(head);
                    out.push_str(" : ");
                    push(title, out);
                }
            }
            Block::Table { rows, .. } => {
                for row in rows {
                    for cell in &row.cells {
                        let mut inner = String::new();
                        blocks(&cell.blocks, &mut inner);
                        // One row, one line.
                        out.push_str(inner.replace('\n', " ").trim());
                        out.push(' ');
                    }
                    line_end(out);
                }
            }
            Block::Verbatim { text, .. } => out.push_str(text),
            Block::Div { blocks: inner, .. } => blocks(inner, out),
            Block::Overlay { texts, .. } => {
                for (_, _, _, line) in texts {
                    push(line, out);
                    out.push(' ');
                }
            }
            Block::Marked { .. } | Block::Contents { .. } | Block::Rule => {}
        }
        line_end(out);
    }
}

/// The text of a line.
pub(crate) fn inlines(line: &[Inline]) -> String {
    let mut out = String::new();
    push(line, &mut out);
    out
}

fn push(line: &[Inline], out: &mut String) {
    for inline in line {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Math(node) => out.push_str(&node.formula.text),
            Inline::Styled { inner, .. } | Inline::Link { inner, .. } => push(inner, out),
            Inline::Break => out.push(' '),
            Inline::Reference { .. }
            | Inline::Anchor(_)
            | Inline::Footnote(_)
            | Inline::Image(_)
            | Inline::Marked { .. } => {}
        }
    }
}
