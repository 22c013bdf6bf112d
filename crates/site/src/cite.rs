//! How to cite a document: as text and as BibTeX.

use crate::{Lang, text};

/// What a citation says.
pub(crate) struct Citation<'c> {
    pub(crate) title: &'c str,
    pub(crate) kind: &'c str,
    pub(crate) author: &'c str,
    pub(crate) site: &'c str,
    pub(crate) date: Option<&'c str>,
    pub(crate) url: &'c str,
    pub(crate) uuid: &'c str,
}

impl Citation<'_> {
    fn year(&self) -> Option<&str> {
        let year = self.date?.get(..4)?;
        year.bytes().all(|b| b.is_ascii_digit()).then_some(year)
    }

    /// One line of text.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let mut out = String::new();
        if !self.author.is_empty() {
            out.push_str(self.author);
            out.push_str(", ");
        }
        let (open, close) = match lang {
            Lang::Fr => ("«\u{a0}", "\u{a0}»"),
            Lang::En => ("“", "”"),
        };
        let title = text::plain(self.title);
        out.push_str(&format!("{open}{title}{close}, {}", text::kind(lang, self.kind)));
        out.push_str(&format!(", {}", self.site));
        if let Some(date) = self.date {
            out.push_str(&format!(", {}", lang.day(date)));
        }
        out.push_str(&format!(", {}", self.url));
        out
    }

    /// A BibTeX entry.
    pub(crate) fn bibtex(&self) -> String {
        // The end of a uuid is what tells two of them apart.
        let key = self.uuid.rsplit('-').next().unwrap_or(self.uuid);
        let mut out = format!("@misc{{maquis-{key},\n");
        let mut field = |name: &str, value: &str| {
            if !value.is_empty() {
                out.push_str(&format!("  {name} = {{{value}}},\n"));
            }
        };
        field("author", &braces(self.author));
        field("title", &format!("{{{}}}", braces(self.title)));
        field("howpublished", &format!("{}, {}", braces(self.site), braces(self.kind)));
        field("year", self.year().unwrap_or_default());
        field("url", self.url);
        field("language", "french");
        out.push_str("}\n");
        out
    }
}

/// A text that cannot end a field: braces that do not match are left out, as are those signs that
/// TeX would take for its own outside a formula.
fn braces(text: &str) -> String {
    let mut depth = 0_i32;
    let balanced = text.chars().all(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth >= 0
    }) && depth == 0;
    let mut formula = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '{' | '}' if !balanced => {}
            '$' => {
                formula = !formula;
                out.push(c);
            }
            '&' | '%' | '#' | '_' if !formula => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_whole_whatever_the_title() {
        let entry = Citation {
            title: "Un titre } & $x_1$",
            kind: "problème",
            author: "A. Nonyme",
            site: "Maquis",
            date: Some("2026-03-01"),
            url: "https://exemple.fr/document/1",
            uuid: "0196-0123456789ab",
        }
        .bibtex();
        insta::assert_snapshot!(entry, @r"
        @misc{maquis-0123456789ab,
          author = {A. Nonyme},
          title = {{Un titre  \& $x_1$}},
          howpublished = {Maquis, problème},
          year = {2026},
          url = {https://exemple.fr/document/1},
          language = {french},
        }
        ");
    }
}
