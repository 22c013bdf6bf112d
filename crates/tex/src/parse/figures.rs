//! Pictures: included files, floats and captions, xfig overlays, drawings that only TeX can make.

use super::{Flow, Parser, Place};
use crate::reader::{Cursor, Token};
use crate::{
    Severity, counters, keyval,
    tree::{Block, Image, Inline},
};

/// What a picture without caption is called.
const UNNAMED: &str = "Figure";
/// What is said of a drawing.
const MARKED: &str = "seul TeX peut dessiner ceci ; une image compilée en tient lieu";

impl Parser<'_> {
    /// Handles a command of this room; `false` when it is none.
    pub(super) fn picture(
        &mut self,
        name: &str,
        source: &str,
        start: usize,
        cursor: &mut Cursor<'_>,
        flow: &mut Flow,
    ) -> bool {
        match name {
            "includegraphics" | "epsfig" | "psfig" | "includesvg" | "epsfbox" => {
                cursor.star();
                let options = cursor.optional().unwrap_or_default().to_owned();
                cursor.optional();
                let argument = cursor.argument().unwrap_or_default().to_owned();
                let path = if name.starts_with("eps") && name != "epsfbox" || name == "psfig" {
                    keyval::parse(&argument)
                        .into_iter()
                        .find(|(key, _)| matches!(*key, "file" | "figure"))
                        .map_or(argument.clone(), |(_, path)| path.to_owned())
                } else {
                    argument
                };
                let path = self.file_name(&path);
                let path = self.shown_for(&path);
                if is_postscript(&path) && self.state.find_picture(&path, self.sources).is_none() {
                    // No browser shows PostScript: a compiled picture may.
                    let drawn = &source[start..cursor.offset()];
                    let (hash, src) = self.mark("eps", drawn);
                    self.report(Severity::Warning, "eps", MARKED);
                    self.out.figures.push(path.clone());
                    let alt = format!("{UNNAMED} ({path})");
                    flow.inline(Inline::Marked { hash, alt, src });
                    return true;
                }
                let image = self.image(&path, &options);
                flow.inline(Inline::Image(image));
            }
            "caption" | "captionof" | "subcaption" => {
                let mut starred = cursor.star();
                let table = name == "captionof" && cursor.argument() == Some("table")
                    || self.in_float == Some(true);
                starred |= cursor.star();
                cursor.optional();
                let source = cursor.argument().unwrap_or_default();
                let here = self.in_float.is_none() || self.caption.is_some();
                if here {
                    self.current.id = self.anchor(if table { "tab" } else { "fig" });
                }
                let head = if starred {
                    String::new()
                } else {
                    self.number_caption(table, self.in_part_of_float || name == "subcaption")
                };
                let title = self.line(source);
                self.current.title = self.plain(&title);
                if here {
                    let mut line = vec![Inline::Anchor(self.current.id.clone())];
                    if !head.is_empty() {
                        line.push(Inline::Text(format!("{head}{}", after_head(&head))));
                    }
                    line.extend(title);
                    flow.block(Block::Paragraph(line));
                } else {
                    self.caption = Some((head, title));
                }
            }
            "subfloat" | "subfigure" | "subbottom" | "subcaptionbox" => {
                cursor.star();
                let mut caption = cursor.optional();
                if name == "subcaptionbox" {
                    caption = cursor.argument();
                    cursor.optional();
                    cursor.optional();
                } else if let Some(whole) = cursor.optional() {
                    // The first one is for the list of figures.
                    caption = Some(whole);
                }
                let caption = caption.map(str::to_owned);
                let inner = cursor.argument().unwrap_or_default();
                let table = self.in_float == Some(true);
                let id = self.anchor("fig");
                let current = self.current.clone();
                self.current.id.clone_from(&id);
                let head = caption.as_ref().map(|_| self.number_caption(table, true));
                let title = self.line(&caption.unwrap_or_default());
                let mut blocks = self.blocks(inner);
                self.current = current;
                let caption = head.map(|head| (head, title));
                if let Some(caption) = &caption {
                    self.name_by_caption(&mut blocks, caption);
                }
                let float = Block::Float { table, id, blocks, caption };
                flow.block(Block::Div { class: "sous-figure", blocks: vec![float] });
            }
            _ => return false,
        }
        true
    }

    /// The number of a caption, which references print too: « Figure 2 », or « (a) » for a part of
    /// a figure.
    fn number_caption(&mut self, table: bool, part: bool) -> String {
        let (counter, kind, name) = match (self.in_algorithm, table) {
            (true, _) => ("algorithm", "algorithme", "Algorithme"),
            (_, true) => ("table", "tableau", "Table"),
            _ => ("figure", "figure", "Figure"),
        };
        let (text, head) = if part {
            let letter = self.value("sous-figure").saturating_add(1);
            self.state.counters.insert("sous-figure".to_owned(), letter);
            let letter = counters::print("alph", letter).unwrap_or_default();
            // The caption of the whole may come after those of its parts.
            let number = self.value(counter);
            if !self.float_is_numbered {
                self.state.counters.insert(counter.to_owned(), number.saturating_add(1));
            }
            let whole = self.printed(counter);
            self.state.counters.insert(counter.to_owned(), number);
            (format!("{whole}{letter}"), format!("({letter})"))
        } else {
            self.float_is_numbered = true;
            let number = self.step(counter);
            let own = self.of_captions("name", counter);
            let name = match own {
                Some(own) => own,
                None => self.word(&format!("{counter}name"), name),
            };
            let shown = match self.of_captions("labelformat", counter).as_deref() {
                Some("empty") => String::new(),
                Some("parens") => format!("{name} ({number})"),
                Some("brace") => format!("{name} {number})"),
                _ => format!("{name} {number}"),
            };
            (number, shown.trim_start().to_owned())
        };
        let id = std::mem::take(&mut self.current.id);
        let (key, kind) = (counter.into(), kind.into());
        self.current = Place { text, id, key, kind, title: String::new() };
        head
    }

    /// What `\captionsetup` says of captions of a kind, or of all.
    fn of_captions(&mut self, key: &str, kind: &str) -> Option<String> {
        let own = self.state.macros.get(&format!("caption@{key}@{kind}"));
        let body = own.or_else(|| self.state.macros.get(&format!("caption@{key}@")))?;
        let body = body.body.to_string();
        self.budget.bytes = self.budget.bytes.saturating_sub(body.len());
        if self.budget.is_spent() { None } else { Some(self.evaluate(&body)) }
    }

    /// The picture to show for a path: of an EPS picture a PDF, SVG or PNG of the same name, where
    /// the author made one.
    fn shown_for(&self, path: &str) -> String {
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        if is_postscript(path)
            && self.state.find_picture(path, self.sources).is_none()
            && self.state.find_picture(stem, self.sources).is_some()
        {
            return stem.to_owned();
        }
        path.to_owned()
    }

    fn image(&mut self, path: &str, options: &str) -> Image {
        let path = self.file_name(path);
        let path = self.state.find_picture(&path, self.sources).unwrap_or(path);
        self.out.figures.push(path.clone());
        let Some(found) = self.sources.figure(&path) else {
            self.report(Severity::Error, &path, "cette image est introuvable");
            return Image {
                src: String::new(),
                alt: format!("Image introuvable : {path}"),
                size: None,
            };
        };
        let natural = found.size.map(|(w, h)| (w * 96.0 / 72.0, h * 96.0 / 72.0));
        let (mut width, mut height, mut scale) = (None, None, 1.0_f32);
        for (key, value) in keyval::parse(options) {
            match key {
                "width" => width = keyval::length(value),
                "height" | "totalheight" => height = keyval::length(value),
                "scale" => scale = value.parse().unwrap_or(1.0),
                _ => {}
            }
        }
        let size = match (width, height, natural) {
            (Some(w), Some(h), _) => Some((w, h)),
            (Some(w), None, Some((nw, nh))) if nw > 0.0 => Some((w, w * nh / nw)),
            (None, Some(h), Some((nw, nh))) if nh > 0.0 => Some((h * nw / nh, h)),
            (None, None, Some((nw, nh))) => Some((nw * scale, nh * scale)),
            _ => None,
        };
        Image {
            src: found.src,
            alt: UNNAMED.to_owned(),
            size: size.filter(|(w, h)| w.is_finite() && h.is_finite() && *w > 0.0 && *h > 0.0),
        }
    }

    /// `figure`, `table` and their like.
    pub(super) fn float(&mut self, name: &str, body: &str, flow: &mut Flow) {
        let table = name.starts_with("table") || name.contains("table");
        let mut cursor = Cursor::new(body);
        cursor.optional();
        match name.trim_end_matches('*') {
            "wrapfigure" | "wraptable" => {
                cursor.argument();
                cursor.optional();
                cursor.argument();
            }
            "floatingfigure" | "floatingtable" | "floatflt" | "figwindow" => {
                cursor.optional();
                cursor.argument();
            }
            "subfigure" | "subtable" => {
                cursor.argument();
            }
            _ => {}
        }
        let part = name.starts_with("sub");
        let kind = if table { "tab" } else { "fig" };
        self.floating(table, part, kind, flow, |parser| parser.blocks(cursor.rest()));
    }

    /// A float of what `read` gives, whose caption and labels are its own; `kind` begins its anchor.
    pub(super) fn floating(
        &mut self,
        table: bool,
        part: bool,
        kind: &str,
        flow: &mut Flow,
        read: impl FnOnce(&mut Self) -> Vec<Block>,
    ) {
        let outer = (self.in_float.replace(table), self.caption.take());
        let around = std::mem::replace(&mut self.in_part_of_float, part);
        if !part {
            self.float_is_numbered = false;
            self.state.counters.insert("sous-figure".to_owned(), 0);
        }
        let id = self.anchor(kind);
        self.current.id.clone_from(&id);
        let mut blocks = read(self);
        let caption = self.caption.take();
        (self.in_float, self.caption) = outer;
        self.in_part_of_float = around;
        if let Some(caption) = &caption {
            self.name_by_caption(&mut blocks, caption);
        }
        flow.block(Block::Float { table, id, blocks, caption });
    }

    /// A minipage: inside a float it may be a float of its own, with a caption.
    pub(super) fn minipage(&mut self, body: &str, flow: &mut Flow) {
        let outer = self.caption.take();
        let id = self.anchor("fig");
        self.current.id.clone_from(&id);
        let mut blocks = self.blocks(body);
        match std::mem::replace(&mut self.caption, outer) {
            Some(caption) => {
                self.name_by_caption(&mut blocks, &caption);
                let table = self.in_float == Some(true);
                let float = Block::Float { table, id, blocks, caption: Some(caption) };
                flow.block(Block::Div { class: "minipage", blocks: vec![float] });
            }
            None => flow.block(Block::Div { class: "minipage", blocks }),
        }
    }

    /// After `\tikz`: `[options]{…}`, or a path up to its semicolon.
    pub(super) fn tikz<'s>(
        &mut self,
        source: &'s str,
        start: usize,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) {
        cursor.optional();
        if cursor.peek() == Some(Token::Open) {
            cursor.argument();
        } else {
            let mut ahead = cursor.clone();
            let mut depth = 0_i32;
            while let Some(token) = ahead.next() {
                match token {
                    Token::Open => depth += 1,
                    Token::Close => depth -= 1,
                    Token::Paragraph => break,
                    Token::Char(';') if depth <= 0 => {
                        *cursor = ahead;
                        break;
                    }
                    _ => {}
                }
            }
        }
        let drawn = &source[start..cursor.offset()];
        let (hash, src) = self.mark("tikz", drawn);
        self.report(Severity::Warning, "tikz", MARKED);
        flow.inline(Inline::Marked { hash, alt: format!("{UNNAMED} (tikz)"), src });
    }

    /// A drawing that only TeX can make.
    pub(super) fn drawing(&mut self, construct: &str, source: &str, flow: &mut Flow) {
        let (hash, src) = self.mark(construct, source);
        self.report(Severity::Warning, construct, MARKED);
        let alt = format!("{UNNAMED} ({construct})");
        match crate::tables::is_drawn_in_line(construct) {
            true => flow.inline(Inline::Marked { hash, alt, src }),
            false => flow.block(Block::Marked { hash, alt, src }),
        }
    }

    /// `\input{figure.pdf_t}`: a picture with texts placed over it, as xfig and Inkscape export it.
    pub(super) fn overlay(&mut self, path: &str, flow: &mut Flow) {
        let Some((path, text)) = self.state.find(path, self.sources) else {
            self.report(Severity::Error, path, "ce fichier de figure est introuvable");
            return;
        };
        self.out.inputs.push(path);
        self.out.bytes_read += text.len();
        let mut cursor = Cursor::new(&text);
        let mut image = None;
        let (mut size, mut origin) = ((1.0, 1.0), (0.0, 0.0));
        let mut texts = Vec::new();
        while let Some(token) = cursor.next() {
            match token {
                Token::Command("includegraphics") => {
                    let options = cursor.optional().unwrap_or_default().to_owned();
                    let file = cursor.argument().unwrap_or_default().to_owned();
                    if image.is_none() {
                        image = Some(self.image(&file, &options));
                    }
                }
                Token::Command("begin") if cursor.argument() == Some("picture") => {
                    size = pair(cursor.delimited('(', ')')).unwrap_or(size);
                    origin = pair(cursor.delimited('(', ')')).unwrap_or(origin);
                }
                Token::Command("put") => {
                    let Some(at) = pair(cursor.delimited('(', ')')) else { continue };
                    let Some(body) = cursor.argument() else { continue };
                    if body.contains("\\includegraphics") {
                        let mut inner = Cursor::new(body);
                        while let Some(token) = inner.next() {
                            if token == Token::Command("includegraphics") {
                                let options = inner.optional().unwrap_or_default().to_owned();
                                let file = inner.argument().unwrap_or_default().to_owned();
                                if image.is_none() {
                                    image = Some(self.image(&file, &options));
                                }
                            }
                        }
                        continue;
                    }
                    let align = placement(body);
                    let line = self.line(body);
                    if !self.plain(&line).trim().is_empty() {
                        // Picture coordinates grow upwards.
                        texts.push((at.0 - origin.0, size.1 - (at.1 - origin.1), align, line));
                    }
                }
                _ => {}
            }
        }
        let words: Vec<String> = texts.iter().map(|(_, _, _, line)| self.plain(line)).collect();
        if let Some(image) = &mut image {
            image.alt = if words.is_empty() {
                UNNAMED.to_owned()
            } else {
                format!("{UNNAMED} : {}", words.join(", "))
            };
        }
        flow.block(Block::Overlay { width: size.0, height: size.1, image, texts });
    }

    fn name_by_caption(&self, blocks: &mut [Block], (head, title): &(String, Vec<Inline>)) {
        let title = self.plain(title);
        let alt = if head.is_empty() { title } else { format!("{head} : {title}") };
        name_pictures(blocks, alt.trim());
    }
}

/// What stands between « Figure 1 », or « (a) », and the caption.
pub(crate) fn after_head(head: &str) -> &'static str {
    match head {
        "" => "",
        _ if head.starts_with('(') => " ",
        _ => " – ",
    }
}

/// `\makebox(0,0)[lb]{…}`: `l`, `c` or `r`.
fn placement(body: &str) -> char {
    let mut cursor = Cursor::new(body);
    while let Some(token) = cursor.next() {
        if token == Token::Command("makebox") {
            cursor.delimited('(', ')');
            let place = cursor.optional().unwrap_or("l");
            return if place.contains('r') {
                'r'
            } else if place.contains('l') {
                'l'
            } else {
                'c'
            };
        }
    }
    'l'
}

fn pair(text: Option<&str>) -> Option<(f32, f32)> {
    let (x, y) = text?.split_once(',')?;
    let (x, y): (f32, f32) = (x.trim().parse().ok()?, y.trim().parse().ok()?);
    (x.is_finite() && y.is_finite()).then_some((x, y))
}

/// Gives the pictures of a float its caption as text alternative.
fn name_pictures(blocks: &mut [Block], alt: &str) {
    for block in blocks {
        match block {
            Block::Paragraph(line) => name_images(line, alt),
            Block::Div { blocks, .. } | Block::Float { blocks, .. } => name_pictures(blocks, alt),
            Block::Overlay { image: Some(image), .. } if image.alt == UNNAMED => {
                alt.clone_into(&mut image.alt)
            }
            Block::Marked { alt: own, .. } => alt.clone_into(own),
            Block::Table { rows, .. } => {
                for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
                    name_pictures(&mut cell.blocks, alt);
                }
            }
            _ => {}
        }
    }
}

fn name_images(line: &mut [Inline], alt: &str) {
    for inline in line {
        match inline {
            Inline::Image(image) if image.alt == UNNAMED => alt.clone_into(&mut image.alt),
            Inline::Styled { inner, .. } | Inline::Link { inner, .. } => name_images(inner, alt),
            _ => {}
        }
    }
}

fn is_postscript(path: &str) -> bool {
    let ending = path.trim_matches('"').rsplit_once('.').map_or("", |(_, ending)| ending);
    ["eps", "ps"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}
