//! The tree as HTML. Everything that came from the source is escaped here and nowhere else; the
//! only markup that passes as it is comes from `mqd_math`, which escapes its own.

mod inside;
mod math;
mod table;

use crate::{
    Convert, Heading,
    parse::{Parsed, figures::after_head},
    references::{Form, Known, pieces},
    tree::{Block, Image, Inline, Item, ListKind, MathNode},
};
use inside::{strip_tags, without_links};
use std::{collections::HashMap, fmt::Write as _, ops::Range};

/// What writing gives.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) html: String,
    pub(crate) headings: Vec<Heading>,
    /// The end of the page is not there.
    pub(crate) too_long: bool,
    /// Where the MathML of each formula stands; formulas are told apart by their place in memory.
    formulas: HashMap<*const MathNode, Range<usize>>,
}

struct Writer<'w> {
    out: Written,
    parsed: &'w Parsed,
    options: &'w Convert,
    /// Source levels of the headings that the current place stands under.
    above: Vec<u8>,
    /// Which of the headings the table of contents has.
    listed: Vec<bool>,
    /// How long the page may become.
    limit: usize,
    /// It would have become longer.
    full: bool,
    /// Inside a link, where no other link may stand.
    in_link: bool,
}

/// Writes a document.
pub(crate) fn write(blocks: &[Block], parsed: &Parsed, options: &Convert) -> Written {
    let limit = ROOM + MAX_GROWTH * parsed.bytes_read;
    let mut writer = Writer {
        out: Written::default(),
        parsed,
        options,
        above: Vec::new(),
        listed: Vec::new(),
        limit,
        full: false,
        in_link: false,
    };
    writer.collect_headings(blocks);
    writer.blocks(blocks);
    writer.footnotes();
    writer.out.too_long = writer.is_full();
    writer.out
}

/// The page may be this much longer than what was read, beside [`ROOM`]: more is the work of
/// somebody who repeats references or tables of contents to blow it up.
const MAX_GROWTH: usize = 50;
/// What even a short document may have, as macros can stand for much.
const ROOM: usize = 96 * 1024;

/// Escapes text for content and for attributes between double quotes.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' && c != '\t' => {}
            c => out.push(c),
        }
    }
}

impl Writer<'_> {
    fn push(&mut self, markup: &str) {
        self.out.html.push_str(markup);
    }

    fn text(&mut self, text: &str) {
        if self.fits(text) {
            escape(text, &mut self.out.html);
            return;
        }
        // One text alone may be longer than the room that is left.
        let mut letter = [0; 4];
        for c in text.chars() {
            if self.is_full() {
                self.full = true;
                return;
            }
            escape(c.encode_utf8(&mut letter), &mut self.out.html);
        }
    }

    /// Whether a text fits, however much of it must be escaped.
    fn fits(&self, text: &str) -> bool {
        const LONGEST: usize = "&quot;".len();
        self.out.html.len() + LONGEST * text.len() <= self.limit
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.push(" ");
        self.push(name);
        self.push("=\"");
        match self.fits(value) {
            true => self.text(value),
            // Half an address leads elsewhere.
            false => self.full = true,
        }
        self.push("\"");
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn is_full(&self) -> bool {
        self.full || self.out.html.len() > self.limit
    }

    fn block(&mut self, block: &Block) {
        if self.is_full() {
            return;
        }
        match block {
            // Anchors alone are no paragraph to a reader.
            Block::Paragraph(line) if line.iter().all(|i| matches!(i, Inline::Anchor(_))) => {
                self.line(line);
                self.push("\n");
            }
            Block::Paragraph(line) => {
                self.push("<p>");
                self.line(line);
                self.push("</p>\n");
            }
            Block::Heading { level, id, number, title, .. } => {
                self.heading(*level, id, number.as_deref(), title)
            }
            Block::List { kind, items } => self.list(*kind, items),
            Block::Display(node) => {
                self.push("<div class=\"formule\">");
                self.math(node);
                self.push("</div>\n");
            }
            Block::Statement { class, head, title, id, blocks, qed } => {
                self.push("<div");
                self.attribute("class", &format!("bloc {class}"));
                self.attribute("id", id);
                self.push(">");
                if !(head.is_empty() && title.is_empty()) {
                    self.push("<p class=\"bloc-titre\"><strong>");
                    self.line(head);
                    self.push("</strong>");
                    if !title.is_empty() {
                        self.push(" (");
                        self.line(title);
                        self.push(")");
                    }
                    self.push("</p>\n");
                }
                self.blocks(blocks);
                if !qed.is_empty() {
                    self.push(
                        "<p class=\"cqfd\" role=\"img\" aria-label=\"fin de la démonstration\">",
                    );
                    self.line(qed);
                    self.push("</p>\n");
                }
                self.push("</div>\n");
            }
            Block::Float { table, id, blocks, caption } => {
                self.push("<figure");
                self.attribute("class", if *table { "flottant tableau" } else { "flottant" });
                self.attribute("id", id);
                self.push(">\n");
                self.blocks(blocks);
                if let Some((head, title)) = caption {
                    self.push("<figcaption>");
                    if !head.is_empty() {
                        self.push("<strong>");
                        self.text(head);
                        self.push("</strong>");
                    }
                    if !title.is_empty() {
                        self.push(after_head(head));
                        self.line(title);
                    }
                    self.push("</figcaption>");
                }
                self.push("</figure>\n");
            }
            Block::Table { rows, .. } => self.table(rows),
            Block::Verbatim { text, language } => {
                self.push("<pre tabindex=\"0\"><code");
                if let Some(language) = language {
                    let language: String = language
                        .chars()
                        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
                        .collect();
                    self.attribute("class", &format!("language-{}", language.to_lowercase()));
                }
                self.push(">");
                self.text(text);
                self.push("</code></pre>\n");
            }
            Block::Div { class, blocks } => {
                self.push("<div");
                self.attribute("class", class);
                self.push(">\n");
                self.blocks(blocks);
                self.push("</div>\n");
            }
            Block::Marked { hash, alt, src } => {
                self.push("<figure class=\"bloc-compile\"");
                self.attribute("data-bloc", hash);
                self.push(">");
                self.compiled(hash, alt, src.as_deref(), "pre");
                self.push("</figure>\n");
            }
            Block::Overlay { width, height, image, texts } => {
                self.overlay(*width, *height, image.as_ref(), texts)
            }
            Block::Contents { title } => self.contents(title),
            Block::Rule => self.push("<hr>\n"),
        }
    }

    /// The compiled picture of a block; until there is one, what it would show and its LaTeX.
    fn compiled(&mut self, hash: &str, alt: &str, src: Option<&str>, element: &str) {
        match src {
            Some(src) => {
                self.push("<img loading=\"lazy\"");
                self.attribute("src", src);
                self.attribute("alt", alt);
                self.push(">");
            }
            None => {
                self.push("<span class=\"absent\">");
                self.text(alt);
                self.push(" : seul TeX la dessine, son image n’est pas encore faite ; voici sa source.</span> <");
                self.push(element);
                self.push(" class=\"latex\">");
                let blocks = &self.parsed.blocks;
                if let Some(block) = blocks.iter().find(|block| block.hash == hash) {
                    self.text(&block.source);
                }
                self.push("</");
                self.push(element);
                self.push(">");
            }
        }
    }

    /// The level of a heading in the page: one below the heading it stands under, whatever steps
    /// the source leaves out, as screen readers expect.
    fn level(&mut self, level: u8) -> u8 {
        while self.above.last().is_some_and(|above| *above >= level) {
            self.above.pop();
        }
        let depth = u8::try_from(self.above.len()).unwrap_or(u8::MAX);
        self.above.push(level);
        depth.saturating_add(2 + self.options.heading_shift).clamp(2, 6)
    }

    fn heading(&mut self, level: u8, id: &str, number: Option<&str>, title: &[Inline]) {
        let h = self.level(level);
        let _ = write!(self.out.html, "<h{h}");
        self.attribute("id", id);
        self.push(">");
        if let Some(number) = number {
            self.push("<span class=\"numero\">");
            self.text(number);
            self.push("</span> ");
        }
        self.line(title);
        let _ = writeln!(self.out.html, "</h{h}>");
    }

    fn collect_headings(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Heading { level, id, number, title, listed } => {
                    self.listed.push(*listed);
                    let before = std::mem::take(&mut self.out.html);
                    self.line(title);
                    let html = std::mem::replace(&mut self.out.html, before);
                    self.out.headings.push(Heading {
                        level: *level,
                        id: id.clone(),
                        number: number.clone(),
                        html,
                    });
                }
                Block::Div { blocks, .. }
                | Block::Statement { blocks, .. }
                | Block::Float { blocks, .. } => self.collect_headings(blocks),
                _ => {}
            }
        }
    }

    fn contents(&mut self, title: &str) {
        if !self.listed.contains(&true) {
            return;
        }
        self.push("<nav class=\"sommaire\"");
        self.attribute("aria-label", title);
        self.push("><p class=\"sommaire-titre\">");
        self.text(title);
        self.push("</p><ol>\n");
        for index in 0..self.out.headings.len() {
            if self.is_full() {
                break;
            }
            if !self.listed.get(index).copied().unwrap_or_default() {
                continue;
            }
            let heading = self.out.headings[index].clone();
            let _ = write!(self.out.html, "<li class=\"niveau-{}\"><a", heading.level);
            self.attribute("href", &format!("#{}", heading.id));
            self.push(">");
            if let Some(number) = &heading.number {
                self.text(number);
                self.push(" ");
            }
            // Links cannot hold links, nor ids twice.
            let plain = strip_tags(&heading.html);
            self.push(&plain);
            self.push("</a></li>\n");
        }
        self.push("</ol></nav>\n");
    }

    fn list(&mut self, kind: ListKind, items: &[Item]) {
        let (open, close) = match kind {
            ListKind::Ordered => ("<ol class=\"liste\">\n", "</ol>\n"),
            ListKind::Bullets => ("<ul>\n", "</ul>\n"),
            ListKind::Terms => ("<dl>\n", "</dl>\n"),
        };
        self.push(open);
        for item in items {
            if self.is_full() {
                break;
            }
            if kind == ListKind::Terms {
                self.push("<dt");
                if let Some(id) = &item.id {
                    self.attribute("id", id);
                }
                self.push(">");
                self.line(&item.marker);
                self.push("</dt><dd>");
                self.item_blocks(&item.blocks);
                self.push("</dd>\n");
                continue;
            }
            self.push("<li");
            if let Some(id) = &item.id {
                self.attribute("id", id);
            }
            if kind == ListKind::Bullets && !item.marker.is_empty() {
                self.push(" class=\"marque-propre\"");
            }
            self.push(">");
            if !item.marker.is_empty() {
                self.push("<span class=\"marque\">");
                self.line(&item.marker);
                self.push("</span> ");
            }
            self.item_blocks(&item.blocks);
            self.push("</li>\n");
        }
        self.push(close);
    }

    /// A lone paragraph needs no element of its own.
    fn item_blocks(&mut self, blocks: &[Block]) {
        match blocks {
            [Block::Paragraph(line)] => self.line(line),
            _ => self.blocks(blocks),
        }
    }

    fn overlay(
        &mut self,
        width: f32,
        height: f32,
        image: Option<&Image>,
        texts: &[(f32, f32, char, Vec<Inline>)],
    ) {
        let (shown_width, shown_height) =
            image.and_then(|image| image.size).unwrap_or((400.0, 400.0 * height / width.max(1.0)));
        // Texts keep the size of the page's text: the picture's units are scaled to its pixels.
        let scale = shown_width / width.max(1.0);
        let _ = write!(
            self.out.html,
            "<figure class=\"superposee\"><svg role=\"img\" viewBox=\"0 0 {shown_width:.1} {shown_height:.1}\" width=\"{shown_width:.0}\" height=\"{shown_height:.0}\""
        );
        self.attribute("aria-label", image.map_or("Figure", |image| &image.alt));
        self.push(">");
        if let Some(image) = image.filter(|image| !image.src.is_empty()) {
            let _ = write!(
                self.out.html,
                "<image width=\"{shown_width:.1}\" height=\"{shown_height:.1}\""
            );
            self.attribute("href", &image.src);
            self.push("/>");
        }
        for (x, y, align, line) in texts {
            let (x, y) = (x * scale, y * scale);
            let start = match align {
                'r' => x - 200.0,
                'c' => x - 100.0,
                _ => x,
            };
            let class = match align {
                'r' => "m-r",
                'c' => "m-c",
                _ => "m-l",
            };
            let _ = write!(
                self.out.html,
                "<foreignObject x=\"{start:.1}\" y=\"{:.1}\" width=\"200\" height=\"28\"><div class=\"{class}\">",
                y - 20.0
            );
            self.line(line);
            self.push("</div></foreignObject>");
        }
        self.push("</svg></figure>\n");
    }

    fn footnotes(&mut self) {
        if self.parsed.footnotes.is_empty() {
            return;
        }
        let parsed = self.parsed;
        self.push("<section class=\"notes\" aria-label=\"Notes\"><ol>\n");
        for (index, blocks) in parsed.footnotes.iter().enumerate() {
            let prefix = self.options.id_prefix.clone();
            let number = index + 1;
            self.push("<li");
            self.attribute("id", &format!("{prefix}note-{number}"));
            self.push(">");
            self.item_blocks(blocks);
            self.push(" <a class=\"retour\" aria-label=\"Retour au texte\"");
            self.attribute("href", &format!("#{prefix}appel-{number}"));
            self.push(">↩</a></li>\n");
        }
        self.push("</ol></section>\n");
    }

    fn inline(&mut self, inline: &Inline) {
        if self.is_full() {
            return;
        }
        match inline {
            Inline::Text(text) => self.text(text),
            Inline::Math(node) => self.math(node),
            Inline::Styled { tag, class, inner } => {
                self.push("<");
                self.push(tag);
                if let Some(class) = class {
                    self.attribute("class", class);
                }
                self.push(">");
                self.line(inner);
                self.push("</");
                self.push(tag);
                self.push(">");
            }
            Inline::Link { href, inner } => {
                self.push("<a");
                self.attribute("href", href);
                if href.starts_with("http") {
                    self.push(" rel=\"noopener\"");
                }
                self.push(">");
                // A link inside a link would be closed by the browser in the wrong place.
                self.in_link(inner);
                self.push("</a>");
            }
            Inline::Reference { labels, form } => self.reference(labels, form),
            Inline::Anchor(id) => {
                self.push("<span");
                self.attribute("id", id);
                self.push("></span>");
            }
            Inline::Footnote(number) => {
                let prefix = self.options.id_prefix.clone();
                self.push("<sup class=\"appel\"><a");
                self.attribute("id", &format!("{prefix}appel-{number}"));
                self.attribute("href", &format!("#{prefix}note-{number}"));
                let _ = write!(self.out.html, ">{number}</a></sup>");
            }
            Inline::Image(image) => self.image(image),
            Inline::Marked { hash, alt, src } => {
                self.push("<span class=\"bloc-compile\"");
                self.attribute("data-bloc", hash);
                self.push(">");
                self.compiled(hash, alt, src.as_deref(), "code");
                self.push("</span>");
            }
            Inline::Code(text) => {
                self.push("<code>");
                self.text(text);
                self.push("</code>");
            }
            Inline::Break => self.push("<br>\n"),
        }
    }

    fn image(&mut self, image: &Image) {
        if image.src.is_empty() {
            self.push("<span class=\"absent\">");
            self.text(&image.alt);
            self.push("</span>");
            return;
        }
        self.push("<img loading=\"lazy\"");
        self.attribute("src", &image.src);
        self.attribute("alt", &image.alt);
        if let Some((width, height)) = image.size {
            let _ = write!(self.out.html, " width=\"{width:.0}\" height=\"{height:.0}\"");
        }
        self.push(">");
    }

    fn reference(&mut self, labels: &[String], form: &Form) {
        let known = Known(&self.parsed.labels, &self.options.labels);
        if let Form::Words(inner) = form {
            match labels.first().and_then(|label| known.find(label)).filter(|_| !self.in_link) {
                Some(target) => {
                    self.push("<a class=\"renvoi\"");
                    self.attribute("href", &format!("#{}", target.id));
                    self.push(">");
                    self.in_link(inner);
                    self.push("</a>");
                }
                None => self.line(inner),
            }
            return;
        }
        for piece in pieces(form, labels, |label| known.find(label)) {
            match piece.to.filter(|_| !self.in_link) {
                Some(id) => {
                    self.push("<a class=\"renvoi\"");
                    self.attribute("href", &format!("#{id}"));
                    self.push(">");
                    self.text(&piece.text);
                    self.push("</a>");
                }
                None => self.text(&piece.text),
            }
        }
    }

    /// A line inside a link: a link there would be closed by the browser in the wrong place.
    fn in_link(&mut self, inner: &[Inline]) {
        let outside = std::mem::replace(&mut self.in_link, true);
        let inner: Vec<Inline> = inner.iter().map(without_links).collect();
        self.line(&inner);
        self.in_link = outside;
    }
}
