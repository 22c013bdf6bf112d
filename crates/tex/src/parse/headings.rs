//! Headings and the title of a document.

use super::{Flow, Parser, Place};
use crate::reader::Cursor;
use crate::tree::{Block, Inline};

/// Headings by command: their level, and what references call them.
const HEADINGS: &[(&str, u8, &str)] = &[
    ("part", 0, "partie"),
    ("chapter", 0, "chapitre"),
    ("section", 1, "section"),
    ("subsection", 2, "sous-section"),
    ("subsubsection", 3, "sous-sous-section"),
    ("paragraph", 4, "paragraphe"),
    ("subparagraph", 5, "sous-paragraphe"),
];

/// The level of a heading, if the command is one.
pub(crate) fn heading_level(command: &str) -> Option<u8> {
    HEADINGS.iter().find(|(heading, ..)| *heading == command).map(|(_, level, _)| *level)
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
        let depth = self.state.counters.get("secnumdepth").copied();
        let depth = depth.unwrap_or_else(|| self.state.usual_depth());
        let unnumbered = starred || name == "chapter" && self.outside_main_matter;
        let number = (!unnumbered && i64::from(level) <= depth)
            .then(|| self.step(name))
            .filter(|number| !number.is_empty());
        let format = format!("{name}{}", if starred { "*" } else { "" });
        let format = self.state.heading_formats.get(&format).cloned();
        let (label, before) = format.unwrap_or_default();
        let title = if before.trim().is_empty() {
            self.line(source)
        } else {
            // Its last command may take the title as its argument.
            self.line(&format!("{before}{{{source}}}"))
        };
        let known = HEADINGS.iter().find(|(heading, ..)| *heading == name);
        let (key, _, kind) = known.copied().unwrap_or_default();
        let kind = if self.in_appendix && level <= 1 { "annexe" } else { kind };
        self.current = Place {
            text: number.clone().unwrap_or_default(),
            id: id.clone(),
            key: key.into(),
            kind: kind.into(),
            title: self.plain(&title),
        };
        let depth = self.state.counters.get("tocdepth").copied().unwrap_or(3);
        let listed = !starred && i64::from(level) <= depth;
        // References name the number alone.
        let number = match number {
            Some(number) if !label.trim().is_empty() => {
                let label = self.line(&label);
                let shown = self.plain(&label);
                Some(if shown.trim().is_empty() { number } else { shown })
            }
            number => number,
        };
        flow.block(Block::Heading { level, id, number, title, listed });
    }

    /// Whether a counter shows the number of its chapter.
    pub(super) fn is_by_chapter(&self, counter: &str) -> bool {
        self.state.by_chapter.contains(&counter)
            && (self.value("chapter") > 0 || self.state.shows_chapter_zero(counter))
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
