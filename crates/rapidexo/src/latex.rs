//! A sheet as LaTeX: one self-contained file.

use crate::{Place, Sheet, preamble::preamble, qr};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Which side of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The statements (énoncés).
    Statements,
    /// The answers (corrigés).
    Answers,
}

impl Part {
    /// Its name in headers and file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Statements => "énoncés",
            Self::Answers => "corrigés",
        }
    }
}

/// A text as LaTeX prints it, whatever is in it.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '{' | '}' | '$' | '&' | '#' | '_' | '%' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

impl Sheet {
    /// One side of the sheet, all its variants, as one LaTeX file. `base` is the public address of
    /// the site, for the QR code.
    #[must_use]
    pub fn latex(&self, part: Part, base: Option<&str>) -> String {
        let variants: Vec<usize> = (0..usize::from(self.address.layout.variants.get())).collect();
        self.latex_of(&[part], &variants, base)
    }

    /// These sides of these variants as one LaTeX file: every variant, then its key.
    #[must_use]
    pub fn latex_of(&self, parts: &[Part], variants: &[usize], base: Option<&str>) -> String {
        let mut out = preamble(&self.exercises, &self.address.layout);
        out.push_str("\\begin{document}\n");
        let letters: Vec<Option<char>> = self.address.layout.variants.letters().collect();
        let mut first = true;
        for part in parts {
            for variant in variants {
                if !std::mem::take(&mut first) {
                    out.push_str("\\clearpage\\setcounter{page}{1}\n");
                }
                let places = self.variant(*variant);
                let letter = letters.get(*variant).copied().flatten();
                self.side(*part, &places, letter, base, &mut out);
            }
        }
        out.push_str("\\end{document}\n");
        out
    }

    fn side(
        &self,
        part: Part,
        places: &[Place],
        letter: Option<char>,
        base: Option<&str>,
        out: &mut String,
    ) {
        let layout = &self.address.layout;
        let title = if layout.title.is_empty() { "Rapidexo" } else { &layout.title };
        let letter = letter.map(|letter| format!(" (sujet {letter})")).unwrap_or_default();
        for (command, text) in [
            ("mqdtitre", format!("{}: {}{letter}", escape(title), part.name())),
            ("mqdclasse", escape(&layout.class)),
            ("mqddate", escape(&layout.date)),
            ("mqdpied", self.foot()),
        ] {
            out.push_str(&format!("\\renewcommand{{\\{command}}}{{{text}}}\n"));
        }
        if layout.name && part == Part::Statements {
            out.push_str("\\noindent Nom : \\dotfill\\par\\medskip\n");
        }
        out.push_str("\\begin{enumerate}\n");
        for place in places {
            let exercise = &self.exercises.themes[place.theme].exercises[place.exercise];
            let (path, text) = match (part, &exercise.answer) {
                (Part::Statements, _) => (exercise.path.as_str(), &exercise.statement[..]),
                (Part::Answers, Some((path, text))) => (path.as_str(), &text[..]),
                (Part::Answers, None) => (exercise.path.as_str(), "(sans corrigé)"),
            };
            let text = self.exercises.shelf.whole(text, path);
            // A group: what an exercise defines stays in it.
            out.push_str(&format!(
                "\\item {{\\tiny ({})}}\n\\begingroup {}\n\\par\\endgroup\n",
                escape(path),
                text.trim()
            ));
            if layout.room > 0 && part == Part::Statements {
                out.push_str(&format!("\\vspace{{{}mm}}\n", layout.room));
            }
        }
        out.push_str("\\end{enumerate}\n");
        if let (true, Part::Statements, Some(base)) = (layout.qr, part, base) {
            let mut address = self.address_of(places);
            address.layout = crate::Layout::default();
            let target = format!("{}/vues/rapidexo/corriges?{address}", base.trim_end_matches('/'));
            out.push_str(&qr::latex(&target).unwrap_or_default());
        }
    }

    /// What leads from paper back to the sheet.
    fn foot(&self) -> String {
        let seed = &self.address.seed;
        let seed = if seed.is_empty() { String::new() } else { format!(", graine {seed}") };
        escape(&format!(
            "{}, version {}{seed}",
            self.exercises.title,
            self.exercises.short_version()
        ))
    }

    /// The pictures of one side of the sheet, by path.
    #[must_use]
    pub fn figures(&self, part: Part) -> BTreeMap<String, Bytes> {
        let mut out = BTreeMap::new();
        for place in &self.places {
            let exercise = &self.exercises.themes[place.theme].exercises[place.exercise];
            let (path, text) = match (part, &exercise.answer) {
                (Part::Statements, _) => (exercise.path.as_str(), &exercise.statement[..]),
                (Part::Answers, Some((path, text))) => (path.as_str(), &text[..]),
                (Part::Answers, None) => continue,
            };
            let whole = self.exercises.shelf.whole(text, path);
            for arguments in mqd_tex::command_arguments(&whole, "includegraphics") {
                let name = arguments.first().unwrap_or(&"").trim();
                if let Some((path, bytes)) = self.exercises.shelf.figure("", name) {
                    out.insert(path.clone(), bytes.clone());
                }
            }
        }
        out
    }
}
