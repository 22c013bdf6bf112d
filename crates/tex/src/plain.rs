//! The tree as plain text, for search, excerpts, titles and text alternatives.

use crate::{
    Convert,
    parse::Parsed,
    references::{Form, Known, pieces},
    tree::{Block, Inline},
};

/// The text of a document, a line a block.
pub(crate) fn text(tree: &[Block], parsed: &Parsed, options: &Convert) -> String {
    let known = Known(&parsed.labels, &options.labels);
    let mut out = String::new();
    blocks(tree, known, &mut out);
    for note in &parsed.footnotes {
        blocks(note, known, &mut out);
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

fn blocks(tree: &[Block], known: Known<'_>, out: &mut String) {
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
                    line_end(out);
                }
            }
            Block::Display(node) => out.push_str(&node.formula.text),
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
                    line_end(out);
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
                        let mut inner = String::new();
                        blocks(&cell.blocks, known, &mut inner);
                        // One row, one line.
                        out.push_str(inner.replace('\n', " ").trim());
                        out.push(' ');
                    }
                    line_end(out);
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
        line_end(out);
    }
}

/// The text of a line.
pub(crate) fn inlines(line: &[Inline], known: Known<'_>) -> String {
    let mut out = String::new();
    push(line, known, &mut out);
    out
}

fn push(line: &[Inline], known: Known<'_>, out: &mut String) {
    for inline in line {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Math(node) => out.push_str(&node.formula.text),
            Inline::Styled { inner, .. } | Inline::Link { inner, .. } => push(inner, known, out),
            Inline::Break => out.push(' '),
            Inline::Reference { form: Form::Words(inner), .. } => push(inner, known, out),
            Inline::Reference { labels, form } if *form != Form::Page => {
                for piece in pieces(form, labels, |label| known.find(label)) {
                    out.push_str(&piece.text);
                }
            }
            Inline::Reference { .. }
            | Inline::Anchor(_)
            | Inline::Footnote(_)
            | Inline::Image(_)
            | Inline::Marked { .. } => {}
        }
    }
}
