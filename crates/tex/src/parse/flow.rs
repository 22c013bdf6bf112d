//! Where what is read is written: blocks, and the paragraph that is begun.

use crate::{
    tree::{Block, Inline},
    typography,
};

/// Blocks and the paragraph being written.
#[derive(Default)]
pub(crate) struct Flow {
    pub(crate) blocks: Vec<Block>,
    pub(crate) line: Vec<Inline>,
    pub(super) text: String,
    /// `\xspace` waits for what comes next.
    owes_space: bool,
}

impl Flow {
    pub(super) fn flush_text(&mut self) {
        if !self.text.is_empty() {
            self.line.push(Inline::Text(std::mem::take(&mut self.text)));
        }
    }

    /// After `\xspace`: what comes next is set apart, unless it is punctuation.
    pub(crate) fn owe_space(&mut self) {
        self.owes_space = true;
    }

    /// A group opens: `\xspace` leaves what is in it where it is.
    pub(crate) fn owe_nothing(&mut self) {
        self.owes_space = false;
    }

    /// What `\xspace` owes before a sign or, for `None`, before anything else.
    fn pay_space(&mut self, next: Option<char>) {
        if !std::mem::take(&mut self.owes_space) {
            return;
        }
        // The exceptions of the package, and those that stand for them here.
        let stays = |c: char| c.is_whitespace() || ".!,:;?/'’)-]}»\u{a0}\u{202f}".contains(c);
        if !next.is_some_and(stays) {
            typography::push_char(&mut self.text, ' ');
        }
    }

    pub(crate) fn inline(&mut self, inline: Inline) {
        match inline {
            Inline::Footnote(_) | Inline::Anchor(_) | Inline::Break => self.owe_nothing(),
            _ => self.pay_space(None),
        }
        self.flush_text();
        self.line.push(inline);
    }

    pub(crate) fn end_paragraph(&mut self) {
        self.owe_nothing();
        while self.text.ends_with(' ') {
            self.text.pop();
        }
        self.flush_text();
        let heard = |inline: &Inline| match inline {
            Inline::Text(text) => !text.trim().is_empty(),
            Inline::Break | Inline::Anchor(_) => false,
            _ => true,
        };
        if self.line.iter().any(heard) {
            // Drawings with no text beside them stand on their own.
            let alone = |inline: &Inline| {
                matches!(inline, Inline::Marked { .. } | Inline::Break) || inline.is_blank()
            };
            if self.line.iter().all(alone) {
                let drawn = std::mem::take(&mut self.line).into_iter();
                self.blocks.extend(drawn.filter_map(|inline| match inline {
                    Inline::Marked { hash, alt, src } => Some(Block::Marked { hash, alt, src }),
                    _ => None,
                }));
                return;
            }
            self.blocks.push(Block::Paragraph(std::mem::take(&mut self.line)));
        } else {
            // What refers to an empty paragraph finds the one that follows.
            self.line.retain(|inline| matches!(inline, Inline::Anchor(_)));
        }
    }

    /// Ends the paragraph; anchors that stand alone too.
    fn end_line(&mut self) {
        self.end_paragraph();
        if !self.line.is_empty() {
            self.blocks.push(Block::Paragraph(std::mem::take(&mut self.line)));
        }
    }

    pub(crate) fn block(&mut self, block: Block) {
        self.end_line();
        self.blocks.push(block);
    }

    pub(super) fn char(&mut self, c: char) {
        self.pay_space(Some(c));
        if c == ' '
            && self.text.is_empty()
            && matches!(self.line.last(), None | Some(Inline::Break))
        {
            return;
        }
        // Punctuation after a formula or a styled word takes its space as after a letter.
        if self.text.is_empty()
            && matches!(c, ';' | '!' | '?' | ':')
            && matches!(self.line.last(), Some(Inline::Math(_) | Inline::Styled { .. }))
        {
            self.text.push(if c == ':' { '\u{a0}' } else { '\u{202f}' });
            self.text.push(c);
            return;
        }
        typography::push_char(&mut self.text, c);
    }

    /// Text as it stands.
    pub(crate) fn raw(&mut self, text: &str) {
        if !text.is_empty() {
            self.pay_space(text.chars().next());
        }
        self.text.push_str(text);
    }

    pub(crate) fn trim_end(&mut self) {
        while self.text.ends_with(' ') {
            self.text.pop();
        }
    }

    pub(super) fn finish(mut self) -> Vec<Block> {
        self.end_line();
        self.blocks
    }

    /// What is only a line, or itself when it holds more: several paragraphs, a list, a table.
    pub(super) fn in_line(mut self) -> Result<Vec<Inline>, Self> {
        self.owe_nothing();
        self.trim_end();
        self.flush_text();
        let alone = self.line.iter().all(Inline::is_blank);
        match self.blocks.as_slice() {
            [] => Ok(self.finish_line()),
            [Block::Paragraph(_) | Block::Marked { .. }] if alone => Ok(self.finish_line()),
            _ => Err(self),
        }
    }

    /// What was written apart, as if it had been written here.
    pub(super) fn append(&mut self, mut line: Vec<Inline>) {
        self.flush_text();
        if let Some(Inline::Text(last)) = line.pop_if(|last| matches!(last, Inline::Text(_))) {
            self.text = last;
        }
        self.line.extend(line);
    }

    /// Everything as one line: paragraphs one after the other.
    pub(super) fn finish_line(mut self) -> Vec<Inline> {
        self.end_line();
        let mut line = Vec::new();
        for block in self.blocks {
            match block {
                Block::Paragraph(inlines) => {
                    if !line.is_empty() {
                        line.push(Inline::Text(" ".into()));
                    }
                    line.extend(inlines);
                }
                Block::Display(node) => line.push(Inline::Math(node)),
                Block::Verbatim { text, .. } => line.push(Inline::Code(text)),
                Block::Marked { hash, alt, src } => line.push(Inline::Marked { hash, alt, src }),
                Block::Div { blocks, .. }
                | Block::Float { blocks, .. }
                | Block::Statement { blocks, .. } => {
                    line.extend(Flow { blocks, ..Flow::default() }.finish_line());
                }
                Block::List { items, .. } => {
                    for item in items {
                        line.extend(item.marker);
                        line.push(Inline::Text(" ".into()));
                        line.extend(Flow { blocks: item.blocks, ..Flow::default() }.finish_line());
                    }
                }
                Block::Heading { title, .. } => line.extend(title),
                Block::Table { rows, .. } => {
                    for cell in rows.into_iter().flat_map(|row| row.cells) {
                        line.extend(Flow { blocks: cell.blocks, ..Flow::default() }.finish_line());
                        line.push(Inline::Text(" ".into()));
                    }
                }
                Block::Overlay { image, .. } => line.extend(image.map(Inline::Image)),
                Block::Contents { .. } | Block::Rule => {}
            }
        }
        line
    }
}
