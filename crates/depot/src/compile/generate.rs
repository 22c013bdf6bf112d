//! LaTeX that we write ourselves: wrappers of single documents and sheets of themes. They are made
//! anew each time, never kept and never edited.

use super::closure::{Closure, Reader};
use crate::{
    contents::Role,
    manifest::Kind,
    provide::{part_sources, preamble_of},
    scan::{Item, Scan},
};
use mqd_pdf::Engine;
use std::{fmt::Write as _, sync::Arc};

/// The name of a generated main file; those of generated parts are `mqd-part-<n>/<path>`.
pub(super) const MAIN: &str = "mqd-main.tex";

/// A document that is being written.
pub(super) struct Writer<'w, 's> {
    reader: &'w Reader<'s>,
    scan: &'s Scan,
    pub(super) closure: Closure,
    body: String,
    parts: usize,
    /// The file that the document, or the first of a sheet, is a part of.
    cut_from: Option<String>,
}

impl<'w, 's> Writer<'w, 's> {
    pub(super) fn new(reader: &'w Reader<'s>, scan: &'s Scan) -> Self {
        Self {
            reader,
            scan,
            closure: Closure::default(),
            body: String::new(),
            parts: 0,
            cut_from: None,
        }
    }

    /// `\input{…}` of a part of a document; `None` when it has no such part.
    fn part(&mut self, item: &Item, role: Role) -> Option<String> {
        let (_, path, text) =
            part_sources(self.scan, item).into_iter().find(|(of, _, _)| *of == role)?;
        let whole = self.scan.files.text(&path);
        if whole.is_some_and(|whole| Arc::ptr_eq(whole, &text) || *whole == text) {
            self.reader.add(&path, &mut self.closure);
            return Some(format!("\\input{{{path}}}"));
        }
        // A part of a file keeps the lines that it has there, so that errors are located in it.
        let line = whole
            .and_then(|whole| whole.find(text.as_ref()).map(|at| whole[..at].matches('\n').count()))
            .unwrap_or(0);
        let run = self.reader.add_text(&path, &text, &mut self.closure);
        self.parts += 1;
        self.cut_from.get_or_insert_with(|| path.clone());
        let name = format!("mqd-part-{}/{path}", self.parts);
        self.closure.texts.insert(name.clone(), format!("{}{run}", "%\n".repeat(line)).into());
        Some(format!("\\input{{{name}}}"))
    }

    /// The parts of a document, one after the other; `false` when it has none of them.
    pub(super) fn document(&mut self, item: &Item, title: &str, roles: &[Role]) -> bool {
        let found: Vec<(Role, String)> =
            roles.iter().filter_map(|role| Some((*role, self.part(item, *role)?))).collect();
        let several = found.len() > 1;
        for (at, (role, input)) in found.iter().enumerate() {
            let name = match role {
                Role::Body | Role::Statement if several => format!("{title} : énoncé"),
                Role::Hint => format!("{title} : indication"),
                Role::Answer => format!("{title} : corrigé"),
                Role::Body | Role::Statement => title.to_owned(),
            };
            let page = if at > 0 { "\\clearpage\n" } else { "" };
            let _ = writeln!(self.body, "{page}\\section*{{{}}}\n{input}\n", escape(&name));
        }
        !found.is_empty()
    }

    /// Statements of several documents as a numbered list, then their answers.
    pub(super) fn sheet(&mut self, items: &[&Item], title: &str, statements: bool, answers: bool) {
        let both = statements && answers;
        if statements {
            let name = if both { format!("{title} : énoncés") } else { title.to_owned() };
            let list = self.list(items, &[Role::Statement, Role::Body]);
            let _ = write!(self.body, "\\section*{{{}}}\n{list}", escape(&name));
        }
        if answers {
            let list = self.list(items, &[Role::Answer]);
            let page = if both { "\\clearpage\n" } else { "" };
            let name = escape(&format!("{title} : corrigés"));
            let _ = write!(self.body, "{page}\\section*{{{name}}}\n{list}");
        }
    }

    fn list(&mut self, items: &[&Item], roles: &[Role]) -> String {
        let mut out = String::from("\\begin{enumerate}\n");
        for item in items {
            let input = roles.iter().find_map(|role| self.part(item, *role));
            let _ = writeln!(
                out,
                "\\item {{\\tiny ({})}}\n\\begingroup\n{}\n\\par\\endgroup",
                escape(&item.key),
                input.unwrap_or_else(|| "(sans corrigé)".to_owned()),
            );
        }
        out.push_str("\\end{enumerate}\n");
        out
    }

    /// The author's own body: `<<title>>`, `<<statement>>`, `<<hint>>`, `<<answer>>`,
    /// `<<statements>>` and `<<answers>>` stand for what would be there.
    pub(super) fn layout(&mut self, layout: &str, item: &Item, items: &[&Item], title: &str) {
        let mut body = layout.replace("<<title>>", &escape(title));
        for (marker, roles) in [
            ("<<statement>>", &[Role::Statement, Role::Body][..]),
            ("<<hint>>", &[Role::Hint]),
            ("<<answer>>", &[Role::Answer]),
        ] {
            if body.contains(marker) {
                let input = roles.iter().find_map(|role| self.part(item, *role));
                body = body.replace(marker, &input.unwrap_or_default());
            }
        }
        for (marker, roles) in [
            ("<<statements>>", &[Role::Statement, Role::Body][..]),
            ("<<answers>>", &[Role::Answer]),
        ] {
            if body.contains(marker) {
                let list = self.list(items, roles);
                body = body.replace(marker, &list);
            }
        }
        self.body = body;
    }

    /// The preamble: the manifest's own for this kind, else that of the file that the document is a
    /// part of, where that is a whole document, else the first of the manifest.
    fn preamble(&self, kind: &Kind) -> Option<String> {
        let own = || {
            let text = self.scan.files.text(self.cut_from.as_deref()?)?;
            head(text).filter(|head| head.contains("\\documentclass"))?;
            self.cut_from.clone()
        };
        kind.preamble.clone().or_else(own).or_else(|| preamble_of(self.scan, kind).map(Into::into))
    }

    /// The whole: class, preamble, body.
    pub(super) fn finish(mut self, kind: &Kind) -> Closure {
        let mut preamble = self.preamble(kind);
        let mut before = Closure::default();
        if let Some(path) = &preamble {
            match self.scan.files.text(path).and_then(|text| head(text)) {
                // A whole document is named as preamble: what it sets up, and nothing of its text.
                Some(head) => {
                    let run = self.reader.add_text(path, head, &mut before);
                    before.class |= head.contains("\\documentclass");
                    let part = format!("mqd-part-0/{path}");
                    before.texts.insert(part.clone(), run);
                    preamble = Some(part);
                }
                None => self.reader.add(path, &mut before),
            }
        }
        let mut main = String::new();
        if !before.class {
            main.push_str("\\documentclass[a4paper]{article}\n");
            if kind.engine.or(before.engine).unwrap_or_default() == Engine::Pdflatex {
                main.push_str("\\usepackage[utf8]{inputenc}\n\\usepackage[T1]{fontenc}\n");
            }
            main.push_str("\\usepackage{amsmath,amssymb,graphicx}\n\\usepackage[french]{babel}\n");
        }
        if let Some(preamble) = preamble.filter(|path| before.texts.contains_key(path)) {
            let _ = writeln!(main, "\\input{{{preamble}}}");
        }
        if !before.begins {
            main.push_str("\\begin{document}\n");
        }
        main.push_str(&self.body);
        main.push_str("\\end{document}\n");
        self.closure.engine = self.closure.engine.max(before.engine);
        self.closure.texts.extend(before.texts);
        self.closure.others.extend(before.others);
        self.closure.texts.insert(MAIN.to_owned(), main.into());
        self.closure
    }
}

/// What stands before the text of a whole document.
fn head(text: &str) -> Option<&str> {
    let (head, body) = text.split_once("\\begin{document}")?;
    body.contains("\\end{document}").then_some(head)
}

/// A text as LaTeX prints it, whatever is in it; letters that a French document does not have are
/// left out, since a title must not keep a sheet from compiling.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' | '\u{a0}' | '\u{202f}' => out.push('~'),
            '^' => out.push_str("\\textasciicircum{}"),
            '{' | '}' | '$' | '&' | '#' | '_' | '%' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            '’' => out.push('\''),
            '–' => out.push_str("--"),
            '—' => out.push_str("---"),
            '…' => out.push_str("\\dots{}"),
            '“' => out.push_str("``"),
            '”' => out.push_str("''"),
            'œ' => out.push_str("\\oe{}"),
            'Œ' => out.push_str("\\OE{}"),
            '«' => out.push_str("\\guillemotleft{}"),
            '»' => out.push_str("\\guillemotright{}"),
            c if c <= '\u{7e}' || ('\u{c0}'..='\u{ff}').contains(&c) => out.push(c),
            _ => {}
        }
    }
    out
}
