//! A sheet as Markdown, formulas between dollars.

use super::{
    Formulas,
    walk::{Piece, attribute, pieces},
};
use crate::Sheet;

impl Sheet {
    /// The sheet as Markdown: statements, then answers.
    #[must_use]
    pub fn markdown(&self) -> String {
        let formulas = Formulas::of(&self.exercises);
        let layout = &self.address.layout;
        let mut out = format!("# {}\n\n", escape(self.heading()));
        let about: Vec<&str> = [layout.class.as_str(), layout.date.as_str()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        if !about.is_empty() {
            out.push_str(&format!("{}\n\n", escape(&about.join(" · "))));
        }
        let mut answers = String::from("## Corrigés\n\n");
        out.push_str("## Énoncés\n\n");
        for (n, place) in self.places.iter().enumerate() {
            let html = self.exercises.html(*place);
            let number = format!("{}. ", n + 1);
            let text = |html: &str| indent(&markdown(html, &formulas), number.len());
            out.push_str(&format!("{number}{}\n\n", text(&html.statement)));
            let answer = html.answer.as_deref().map_or_else(|| "—".to_owned(), text);
            answers.push_str(&format!("{number}{answer}\n\n"));
        }
        out.push_str(&answers);
        out.push_str(&format!(
            "<!-- {}, version {} -->\n",
            escape(&self.exercises.title),
            self.exercises.short_version()
        ));
        out
    }
}

/// Lines after the first, under the text of their item.
fn indent(text: &str, width: usize) -> String {
    let mut lines = text.trim().lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&" ".repeat(width));
            out.push_str(line);
        }
    }
    out
}

/// A text whose signs Markdown would take for its own.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '$' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn markdown(html: &str, formulas: &Formulas) -> String {
    let mut out = String::new();
    // Numbers of ordered lists, `None` for the others.
    let mut lists: Vec<Option<u32>> = Vec::new();
    let paragraph = |out: &mut String| {
        while out.ends_with([' ', '\n']) {
            out.pop();
        }
        if !out.is_empty() && !out.ends_with(". ") && !out.ends_with("- ") {
            out.push_str("\n\n");
        }
    };
    // The first item of a list keeps its distance from what comes before.
    let mut fresh = false;
    let mut skipped = 0;
    for piece in pieces(html) {
        if skipped > 0 && !matches!(piece, Piece::Open(..) | Piece::Close(..)) {
            continue;
        }
        match piece {
            Piece::Text(text, _) => {
                let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
                if text.starts_with(char::is_whitespace) && !out.ends_with(['\n', ' ']) {
                    out.push(' ');
                }
                out.push_str(&escape(&joined));
                if text.ends_with(char::is_whitespace) && !joined.is_empty() {
                    out.push(' ');
                }
            }
            Piece::Formula(tex, block) => {
                let tex = formulas.portable(&tex);
                // An empty line would end the formula.
                let lines = tex.lines().map(str::trim).filter(|line| !line.is_empty());
                let tex = lines.collect::<Vec<_>>().join("\n");
                if tex.is_empty() {
                    continue;
                }
                if block {
                    paragraph(&mut out);
                    out.push_str(&format!("$$\n{tex}\n$$\n\n"));
                } else {
                    out.push_str(&format!("${}$", tex.replace('\n', " ")));
                }
            }
            Piece::Open(name, tag) => match name.as_str() {
                // The number of an item is written by the list here.
                "span" if tag.contains("\"marque\"") || skipped > 0 => skipped += 1,
                "p" | "div" | "section" | "figure" | "blockquote" | "table" => paragraph(&mut out),
                "ul" => {
                    paragraph(&mut out);
                    lists.push(None);
                    fresh = true;
                }
                "ol" => {
                    paragraph(&mut out);
                    lists.push(Some(0));
                    fresh = true;
                }
                "li" => {
                    if !std::mem::take(&mut fresh) {
                        while out.ends_with([' ', '\n']) {
                            out.pop();
                        }
                        out.push('\n');
                    }
                    let depth = lists.len().saturating_sub(1);
                    out.push_str(&"   ".repeat(depth));
                    match lists.last_mut() {
                        Some(Some(number)) => {
                            *number += 1;
                            out.push_str(&format!("{number}. "));
                        }
                        _ => out.push_str("- "),
                    }
                }
                "em" | "i" => out.push('*'),
                "strong" | "b" => out.push_str("**"),
                "br" => out.push_str("  \n"),
                "td" | "th" => out.push_str("| "),
                "img" => {
                    let text = |name| attribute(tag, name).unwrap_or_default();
                    out.push_str(&format!("![{}]({})", escape(&text("alt")), text("src")));
                }
                _ => {}
            },
            Piece::Close(name) => match name.as_str() {
                "span" => skipped -= i32::from(skipped > 0),
                "p" | "div" | "figure" | "blockquote" | "table" => paragraph(&mut out),
                "ul" | "ol" => {
                    lists.pop();
                    paragraph(&mut out);
                }
                "em" | "i" => out.push('*'),
                "strong" | "b" => out.push_str("**"),
                "tr" => out.push_str("|\n"),
                _ => {}
            },
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::exercises;

    #[test]
    fn html_becomes_markdown() {
        let formulas = Formulas::of(&exercises(&[]));
        let latex = "Soit $x<\\R$ et *a_b*.\n\\begin{displaymath}\\R\\end{displaymath}\n\\begin{enumerate}\\item \\emph{un}\\item deux\\end{enumerate}";
        let document = mqd_tex::convert(latex, "x", &Default::default(), &mqd_tex::NoSources);
        assert_eq!(
            markdown(&document.html, &formulas),
            "Soit $x<\\mathbb{R}$ et \\*a\\_b\\*.\n\n$$\n\\mathbb{R}\n$$\n\n1. *un*\n2. deux"
        );
    }
}
