//! A sheet as LaTeX: one self-contained file.

use crate::{
    Address, Layout, Place, Sheet,
    preamble::{self, preamble},
    qr,
};
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

/// An exercise without the space that its author left after it: on a sheet the next one follows.
fn without_space_after(text: &str) -> &str {
    const SPACES: [&str; 9] = [
        "\\bigskip",
        "\\medskip",
        "\\smallskip",
        "\\vfill",
        "\\newpage",
        "\\clearpage",
        "\\pagebreak",
        "\\newline",
        "\\\\",
    ];
    let mut text = text.trim();
    loop {
        let space = text.rfind("\\vspace").filter(|at| {
            let argument = text[at + "\\vspace".len()..].trim_start_matches('*').trim();
            let length = argument.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            length.is_some_and(|length| !length.contains(['{', '}']))
        });
        let end = SPACES.iter().find_map(|space| Some(text.strip_suffix(space)?.len()));
        match space.or(end) {
            // After a backslash it is a line break and a word, or the other way round.
            Some(end) if !text[..end].ends_with('\\') => text = text[..end].trim_end(),
            _ => return text,
        }
    }
}

impl Sheet {
    /// One side of the sheet, all its variants, as one LaTeX file that needs no other: it carries
    /// its pictures. `base` is the public address of the site, for the QR code.
    #[must_use]
    pub fn latex(&self, part: Part, base: Option<&str>) -> String {
        self.latex_alone(&[part], base)
    }

    /// These sides as one LaTeX file that needs no other.
    #[must_use]
    pub fn latex_alone(&self, parts: &[Part], base: Option<&str>) -> String {
        self.pictures(parts) + &self.latex_of(parts, &self.variants(), base)
    }

    /// The PDF figures of these sides, for the beginning of a source: files that TeX writes beside
    /// it, and which picture each is. Others are named where they should be.
    pub(crate) fn pictures(&self, parts: &[Part]) -> String {
        let figures: BTreeMap<String, Bytes> =
            parts.iter().flat_map(|part| self.figures(*part)).collect();
        let mut out = String::new();
        for (path, bytes) in figures {
            let plain = !path.contains(['\\', '{', '}', '%', '#', '^', '~', '$', '&']);
            let Some(text) = plain.then(|| mqd_pdf::ascii::rewrite(&bytes)).flatten() else {
                continue;
            };
            let file = format!("mqd-{:.12}.pdf", blake3::hash(text.as_bytes()).to_hex());
            out.push_str(&format!(
                "\\begin{{filecontents*}}{{{file}}}\n{text}\\end{{filecontents*}}\n\
                 \\expandafter\\def\\csname mqd@\\detokenize{{{path}}}\\endcsname{{{file}}}\n"
            ));
        }
        out
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
        let columns = preamble::has_columns(layout);
        if columns {
            out.push_str("\\begin{multicols}{2}\\raggedcolumns\n");
        }
        out.push_str("\\begin{enumerate}\\mqdensemble\n");
        for place in places {
            let exercise = &self.exercises.themes[place.theme].exercises[place.exercise];
            let (path, text) = match (part, &exercise.answer) {
                (Part::Statements, _) => (exercise.path.as_str(), &exercise.statement[..]),
                (Part::Answers, Some((path, text))) => (path.as_str(), &text[..]),
                (Part::Answers, None) => (exercise.path.as_str(), "(sans corrigé)"),
            };
            let text = self.exercises.shelf.whole(text, path);
            // In a comment the path still says where an error is.
            let path = match layout.plain {
                true => format!("% ({})", escape(path)),
                false => format!("{{\\tiny ({})}}", escape(path)),
            };
            // A group: what an exercise defines stays in it.
            out.push_str(&format!(
                "\\item {path}\n\\begingroup {}\n\\par\\endgroup\n",
                without_space_after(&text)
            ));
            if layout.room > 0 && part == Part::Statements {
                // The room stays with its exercise at the end of a page.
                out.push_str(&format!("\\nopagebreak\\vspace{{{}mm}}\n", layout.room));
            }
        }
        out.push_str("\\end{enumerate}\n");
        if columns {
            out.push_str("\\end{multicols}\n");
        }
        if let (true, Part::Statements, Some(base)) = (layout.qr, part, base) {
            let target = self.answers_at(places);
            let target = format!("{}/vues/rapidexo/corriges?{target}", base.trim_end_matches('/'));
            out.push_str(&qr::latex(&target).unwrap_or_default());
        }
    }

    /// The shortest address of the answers to these places: a code of few signs is easy to read.
    fn answers_at(&self, places: &[Place]) -> String {
        let plain = |mut address: Address| {
            address.layout = Layout::default();
            address.to_string()
        };
        let listed = plain(self.address_of(places));
        let drawn = Some(plain(self.address.clone()));
        let drawn = drawn.filter(|drawn| places == self.places && drawn.len() < listed.len());
        drawn.unwrap_or(listed)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_after_an_exercise_is_left_out() {
        for (text, wanted) in [
            ("a\n\\bigskip \\bigskip\n", "a"),
            ("a \\\\", "a"),
            ("a\\vspace*{2cm}\n\\newpage", "a"),
            ("a \\vspace{2cm} b", "a \\vspace{2cm} b"),
            ("\\vspace{\\parskip}a{}", "\\vspace{\\parskip}a{}"),
            ("a \\\\bigskip", "a \\\\bigskip"),
            ("$a\\medskip$", "$a\\medskip$"),
            ("", ""),
        ] {
            assert_eq!(without_space_after(text), wanted, "{text}");
        }
    }
}
