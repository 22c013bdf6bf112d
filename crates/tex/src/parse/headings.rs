//! Headings and the title of a document.

use super::{Flow, Parser};
use crate::reader::Cursor;
use crate::tree::{Block, Inline};

/// Levels of headings by command.
const HEADINGS: &[(&str, u8)] = &[
    ("part", 0),
    ("chapter", 0),
    ("section", 1),
    ("subsection", 2),
    ("subsubsection", 3),
    ("paragraph", 4),
    ("subparagraph", 5),
];

/// The level of a heading, if the command is one.
pub(super) fn heading_level(command: &str) -> Option<u8> {
    HEADINGS.iter().find(|(heading, _)| *heading == command).map(|(_, level)| *level)
}

impl Parser<'_> {
    pub(super) fn heading(
        &mut self,
        name: &str,
        level: u8,
        cursor: &mut Cursor<'_>,
        flow: &mut Flow,
    ) {
        let starred = cursor.star();
        // A short form is for heads of pages, which a page of ours has not.
        cursor.optional();
        let source = cursor.argument().unwrap_or_default();
        flow.end_paragraph();
        let id = self.anchor("s");
        let depth = self.state.counters.get("secnumdepth").copied().unwrap_or(3);
        let number = (!starred && i64::from(level) <= depth)
            .then(|| self.step(name))
            .filter(|number| !number.is_empty());
        self.current.text = number.clone().unwrap_or_default();
        self.current.id.clone_from(&id);
        let title = self.line(source);
        let depth = self.state.counters.get("tocdepth").copied().unwrap_or(3);
        let listed = !starred && i64::from(level) <= depth;
        flow.block(Block::Heading { level, id, number, title, listed });
    }

    /// What `\maketitle` prints: what was given, each on a line of its own.
    pub(super) fn title_block(&mut self, flow: &mut Flow) {
        let titles = std::mem::take(&mut self.state.titles);
        let mut blocks = Vec::new();
        for (part, tag) in [("title", "strong"), ("author", "span"), ("date", "span")] {
            let inner = titles.get(part).map(|text| self.line(text)).unwrap_or_default();
            if !inner.is_empty() {
                blocks.push(Block::Paragraph(vec![Inline::Styled { tag, class: None, inner }]));
            }
        }
        self.state.titles = titles;
        if !blocks.is_empty() {
            flow.block(Block::Div { class: "centre", blocks });
        }
    }
}
