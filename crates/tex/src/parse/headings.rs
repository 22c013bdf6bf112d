//! Headings and the title of a document.

use super::{Flow, Parser, Place, signs::pass_over};
use crate::reader::{Cursor, Token, join};
use crate::{
    Severity,
    preamble::HeadingFormat,
    tables,
    tree::{Block, Inline},
};
use mqd_math::{Arg, Macro};
use std::sync::Arc;

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

/// The setting of a document whose own class has chapters.
const CHAPTERED: &str = "chapters";

/// The headings that a section or a smaller heading numbers anew.
pub(super) fn below(counter: &str) -> Option<&'static str> {
    let at = HEADINGS.iter().position(|(heading, level, _)| *heading == counter && *level > 0)?;
    HEADINGS.get(at + 1).map(|(heading, ..)| *heading)
}

/// What is said of headings that are drawn.
const UNDRAWN: &str = "le dessin autour des titres n'est pas montré";

/// Whether a part of a line can only be drawn.
fn is_drawn(line: &[Inline]) -> bool {
    line.iter().any(|inline| match inline {
        Inline::Marked { .. } => true,
        Inline::Styled { inner, .. } | Inline::Link { inner, .. } => is_drawn(inner),
        _ => false,
    })
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
        let known = HEADINGS.iter().find(|(heading, ..)| *heading == name);
        let (key, _, kind) = known.copied().unwrap_or_default();
        let kind = if self.in_appendix && level <= 1 { "annexe" } else { kind };
        // A label may stand in the title.
        self.current = Place {
            text: number.clone().unwrap_or_default(),
            id: id.clone(),
            key: key.into(),
            kind: kind.into(),
            title: String::new(),
        };
        let format = self.heading_format(name, number.is_some());
        let title = match &format {
            Some(format) => self.formatted_title(name, source, format),
            None => self.line(source),
        };
        self.current.title = self.plain(&title);
        self.name_labels_in(source);
        let depth = self.state.counters.get("tocdepth").copied().unwrap_or(3);
        let listed = !starred && i64::from(level) <= depth;
        // References name the number alone. What a drawing shows of it was said with the title.
        let number = match (number, self.heading_format(name, true)) {
            (Some(number), Some(format)) => {
                let label = self.line(&format.label);
                let shown = self.plain(&label);
                // What is drawn around a number does not hide it.
                let drawn = shown.trim().is_empty() && !format.label.trim().is_empty();
                Some(if drawn { number } else { shown }).filter(|number| !number.is_empty())
            }
            (Some(number), None) => Some(self.formatted_number(name).unwrap_or(number)),
            (number, _) => number,
        };
        flow.block(Block::Heading { level, id, number, title, listed });
    }

    /// Gives the labels that stand in a title the title that they name.
    fn name_labels_in(&mut self, source: &str) {
        let mut cursor = Cursor::new(source);
        while let Some(token) = cursor.next() {
            if token == Token::Command("label")
                && let Some(name) = cursor.argument()
                && let Some(label) = self.out.labels.get_mut(name.trim())
                && label.id == self.current.id
            {
                label.title.clone_from(&self.current.title);
            }
        }
    }

    /// The text that an author writes before the numbers of headings, among the fonts that the last
    /// argument of `\@startsection` sets: `\bfseries Question `.
    fn text_before_number(&mut self, style: &str) -> String {
        let mut cursor = Cursor::new(style);
        // Fonts and lengths stand in commands and their arguments.
        let mut text = false;
        while let Some(token) = cursor.next() {
            match token {
                Token::Char(c) => text |= c.is_alphanumeric(),
                Token::Command("fontsize") => pass_over("mm", &mut cursor),
                Token::Command("vskip" | "hskip" | "kern") => pass_over("=", &mut cursor),
                Token::Command(name) if tables::styled(name).is_none() => {
                    pass_over("a", &mut cursor);
                }
                _ => {}
            }
        }
        if !text {
            return String::new();
        }
        self.budget.bytes = self.budget.bytes.saturating_sub(style.len());
        if self.budget.is_spent() {
            return String::new();
        }
        // What is said of a font is not said of the title.
        let said = self.out.diagnostics.len();
        let line = self.line(style);
        self.out.diagnostics.truncate(said);
        self.plain(&line).trim().to_owned()
    }

    /// A heading that the author redefined as a drawing around its title, which is what is to be read;
    /// `false` when it is none.
    pub(super) fn drawn_heading<'s>(
        &mut self,
        name: &str,
        source: &'s str,
        start: usize,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) -> bool {
        const DRAWN: &[&str] =
            &["\\tikz", "{tikzpicture}", "{pspicture}", "{picture}", "\\psframe"];
        let (Some(level), Some(meaning)) = (heading_level(name), self.state.macros.get(name))
        else {
            return false;
        };
        let Some(title) = meaning.args.iter().rposition(|arg| *arg == Arg::Mandatory) else {
            return false;
        };
        let before = meaning.args[..title].iter().filter(|arg| !matches!(arg, Arg::Literal(_)));
        let parameter = format!("#{}", before.count() + 1);
        // What calls LaTeX's own heading makes one.
        let makes_one = Cursor::new(&meaning.body).any(|token| match token {
            Token::Command("@startsection") => true,
            Token::Command(inner) => {
                heading_level(inner).is_some()
                    || self.state.macros.get(inner).is_some_and(|meaning| meaning.terminal)
            }
            _ => false,
        });
        let drawn = DRAWN.iter().any(|sign| meaning.body.contains(sign));
        if !drawn || makes_one || !meaning.body.contains(&parameter) {
            return false;
        }
        let counted =
            meaning.body.contains(&format!("\\the{name}")) || meaning.body.contains("stepcounter");
        let star = if counted { "" } else { "*" };
        let body = format!("{star}{{{parameter}}}");
        let mut table = mqd_math::Macros::default();
        table.insert(name, Macro { args: meaning.args.clone(), ..Macro::constant(&body) });
        let Some(found) = table.expand_at(&source[start..], &mut self.budget) else { return false };
        *cursor = Cursor::at(source, start + found.consumed);
        self.report(Severity::Info, name, UNDRAWN);
        self.heading(name, level, &mut Cursor::new(&found.text), flow);
        true
    }

    /// What `\@seccntformat` prints before a title, where the author redefined it.
    fn formatted_number(&mut self, name: &str) -> Option<String> {
        let format = self.state.macros.get("@seccntformat")?;
        let text = format.body.replace("#1", name);
        let text = text.replace(&format!("\\csname the{name}\\endcsname"), &format!("\\the{name}"));
        self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
        if self.budget.is_spent() {
            return None;
        }
        Some(self.evaluate(&text)).filter(|number| !number.is_empty())
    }

    /// After `\@startsection`, by which authors redefine headings and make their own.
    pub(super) fn started_section(&mut self, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let name = cursor.argument().unwrap_or_default().trim().to_owned();
        let level = cursor.argument().unwrap_or_default().trim().parse::<u8>().unwrap_or(1);
        for _ in 0..3 {
            cursor.argument();
        }
        let style = cursor.argument().unwrap_or_default();
        let before = self.text_before_number(style);
        let level = heading_level(&name).unwrap_or(level.min(5));
        let at = flow.blocks.len();
        self.heading(&name, level, cursor, flow);
        if before.is_empty() {
            return;
        }
        let made = flow.blocks.iter_mut().skip(at);
        for block in made {
            match block {
                Block::Heading { number: Some(number), .. } => {
                    *number = format!("{before} {number}");
                }
                Block::Heading { title, .. } => {
                    title.insert(0, Inline::Text(format!("{before} ")));
                }
                _ => {}
            }
        }
    }

    /// How titlesec sets a heading: what has no number may have a format of its own.
    fn heading_format(&self, name: &str, numbered: bool) -> Option<Arc<HeadingFormat>> {
        let own = (!numbered).then(|| self.state.heading_formats.get(&format!("{name}*")));
        own.flatten().or_else(|| self.state.heading_formats.get(name)).cloned()
    }

    /// A title with what titlesec sets before and behind it.
    fn formatted_title(&mut self, name: &str, source: &str, format: &HeadingFormat) -> Vec<Inline> {
        let (before, after) = (format.before.as_str(), format.after.as_str());
        let plain = before.trim().is_empty() && after.trim().is_empty();
        if plain || self.budget.is_spent() {
            return self.line(source);
        }
        let titles = before.matches("#1").count().max(1);
        let length = before.len() + titles * source.len() + after.len();
        self.budget.bytes = self.budget.bytes.saturating_sub(length);
        if self.budget.is_spent() {
            return self.line(source);
        }
        // The option `explicit` gives the title a place; else the last command may take it.
        let mut text = match before.contains("#1") {
            true => before.replace("#1", source),
            false => format!("{before}{{{source}}}"),
        };
        if !after.is_empty() {
            text.push_str(if format.in_line { "" } else { " " });
            text = join(&text, after);
        }
        let said = self.out.diagnostics.len();
        let (notes, blocks) = (self.out.footnotes.len(), self.out.blocks.len());
        let title = self.line(&text);
        if !is_drawn(&title) {
            return title;
        }
        // A drawing around the title: the title is what is to be read.
        self.out.diagnostics.truncate(said);
        self.out.footnotes.truncate(notes);
        self.out.blocks.truncate(blocks);
        self.report(Severity::Info, "titleformat", UNDRAWN);
        let number = format!("\\the{name}");
        let label = if before.contains(&number) { number } else { String::new() };
        let plain = Arc::new(HeadingFormat { label, ..HeadingFormat::default() });
        for name in [name.to_owned(), format!("{name}*")] {
            if self.state.heading_formats.get(&name).is_some_and(|other| **other == *format) {
                self.state.heading_formats.insert(name, plain.clone());
            }
        }
        self.line(source)
    }

    /// Keeps that a whole document has chapters. A fragment is a part of something, whose chapter it
    /// does not say; a file that was not found may set the numbers of its own.
    pub(super) fn know_chapters(&mut self, preamble: &str) {
        let whole = preamble.contains("\\documentclass")
            && !self.state.packages.contains("standalone")
            && self.state.missing.is_empty();
        if whole && self.state.has_chapters() {
            self.state.settings.insert(CHAPTERED.to_owned(), String::new());
        }
    }

    /// Whether a counter shows the number of its chapter.
    pub(super) fn is_by_chapter(&self, counter: &str) -> bool {
        self.state.by_chapter.contains(&counter)
            && (self.value("chapter") > 0
                || self.state.shows_chapter_zero(counter)
                || counter == "section" && self.state.settings.contains_key(CHAPTERED))
    }

    /// What `\AtBeginDocument` prints. Most of what stands there only sets: of that nothing is told.
    pub(super) fn text_at_begin(&mut self, text: &str, flow: &mut Flow) {
        // What programs does not print.
        if text.trim().is_empty() || text.contains('@') {
            return;
        }
        let said = self.out.diagnostics.len();
        let blocks = self.blocks(text);
        if blocks.is_empty() {
            return self.out.diagnostics.truncate(said);
        }
        for block in blocks {
            flow.block(block);
        }
    }

    /// What `\maketitle` prints: what was given, each on a line of its own.
    pub(super) fn title_block(&mut self, flow: &mut Flow) {
        const PARTS: &[&str] = &[
            "extratitle",
            "titlehead",
            "subject",
            "title",
            "subtitle",
            "author",
            "institute",
            "date",
            "publishers",
            "dedication",
        ];
        if let Some(own) = self.state.macros.get("@maketitle")
            && self.state.macros.can_follow(own)
        {
            let own = own.body.to_string();
            return self.flow(&own, flow);
        }
        let titles = std::mem::take(&mut self.state.titles);
        let mut blocks = Vec::new();
        for part in PARTS {
            let inner = titles.get(*part).map(|text| self.line(text)).unwrap_or_default();
            if !inner.is_empty() {
                let tag = if *part == "title" { "strong" } else { "span" };
                blocks.push(Block::Paragraph(vec![Inline::Styled { tag, class: None, inner }]));
            }
        }
        self.state.titles = titles;
        if !blocks.is_empty() {
            flow.block(Block::Div { class: "centre", blocks });
        }
    }

    /// `\@title` and its like, by their names in LaTeX, beamer and titling, where an author prints a
    /// title in a way of his own.
    pub(super) fn part_of_title(&mut self, name: &str, flow: &mut Flow) {
        let part = ["@", "insert", "the"].iter().find_map(|start| name.strip_prefix(start));
        let part = part.unwrap_or_default();
        match self.state.titles.remove(part) {
            // It is away while it is read, so that it cannot hold itself.
            Some(text) => {
                self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
                if !self.budget.is_spent() {
                    self.flow(&text, flow);
                }
                self.state.titles.insert(part.to_owned(), text);
            }
            None if part == "date" => self.flow("\\today", flow),
            None => {}
        }
    }
}
