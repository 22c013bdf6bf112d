//! Formulas as MathJax and its like read them: what only LaTeX knows is said in other words.

use mqd_tex::{Cursor, Token};

/// Commands that say nothing inside a formula.
const NOTHING: &[&str] =
    &["bigskip", "medskip", "smallskip", "xspace", "displaybreak", "allowbreak", "ensuremath"];
/// Other names of the same.
const SAME: &[(&str, &str)] =
    &[("mathds", "mathbb"), ("bm", "boldsymbol"), ("mathscr", "mathcal"), ("nicefrac", "tfrac")];
/// Accents: where LaTeX takes a command with its argument, others take the command alone.
const ACCENTS: &[&str] = &[
    "bar",
    "hat",
    "vec",
    "tilde",
    "dot",
    "ddot",
    "check",
    "breve",
    "acute",
    "grave",
    "mathring",
    "overline",
    "underline",
    "widehat",
    "widetilde",
    "overrightarrow",
    "overleftarrow",
    "sqrt",
];
/// Commands with one argument that an accent may stand on.
const LETTERS: &[&str] = &[
    "mathbb",
    "mathcal",
    "mathrm",
    "mathbf",
    "mathit",
    "mathsf",
    "mathfrak",
    "mathds",
    "mathscr",
    "boldsymbol",
    "bm",
    "operatorname",
    "text",
];

/// A formula, its macros replaced already, for programs that are not LaTeX.
pub(super) fn portable(tex: &str) -> String {
    let mut out = String::with_capacity(tex.len());
    let mut cursor = Cursor::new(tex);
    let mut copied = 0;
    while let Some(token) = cursor.next() {
        let Token::Command(name) = token else { continue };
        let (start, end) = (cursor.offset() - name.len() - 1, cursor.offset());
        let mut said = None;
        if NOTHING.contains(&name) {
            said = Some(String::new());
        } else if name == "noalign" {
            cursor.argument();
            said = Some(String::new());
        } else if let Some((_, other)) = SAME.iter().find(|(one, _)| *one == name) {
            said = Some(format!("\\{other}"));
        } else if let Some((first, second)) = match name {
            "llbracket" => Some(("[\\!", "[")),
            "rrbracket" => Some(("]\\!", "]")),
            _ => None,
        } {
            // After `\left`, `\bigl` and their like, both brackets grow.
            let before = format!("{out}{}", &tex[copied..start]);
            let before = before.trim_end();
            let word = before.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let size = before[word.len()..].to_owned();
            let grows = word.ends_with('\\')
                && (["left", "right", "middle"].contains(&size.as_str())
                    || size.to_ascii_lowercase().starts_with("big"));
            said = Some(match (grows, first.starts_with('[')) {
                (true, _) => format!("{first}\\{size}{second}"),
                (false, true) => format!("\\mathopen{{{first}{second}}}"),
                (false, false) => format!("\\mathclose{{{first}{second}}}"),
            });
        } else if ACCENTS.contains(&name) {
            let mut ahead = cursor.clone();
            ahead.skip_space();
            let from = ahead.offset();
            if let Some(Token::Command(letters)) = ahead.next()
                && LETTERS.contains(&letters)
                && ahead.argument().is_some()
            {
                let inside = portable(&tex[from..ahead.offset()]);
                said = Some(format!("\\{name}{{{inside}}}"));
                cursor = ahead;
            }
        }
        let Some(said) = said else { continue };
        out.push_str(&tex[copied..start]);
        out.push_str(&said);
        copied = cursor.offset();
        // What comes next may not join the name of a command.
        let letter = tex[copied..].starts_with(|c: char| c.is_ascii_alphabetic());
        if letter && copied == end && said.ends_with(|c: char| c.is_ascii_alphabetic()) {
            out.push(' ');
        }
    }
    out.push_str(&tex[copied..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_latex_knows_is_said_in_other_words() {
        for (tex, wanted) in [
            ("a\\in\\bar\\mathbb{R}", "a\\in\\bar{\\mathbb{R}}"),
            ("\\vec{u}+\\hat x", "\\vec{u}+\\hat x"),
            ("a\\\\ \\noalign{\\medskip}b", "a\\\\ b"),
            ("x\\bigskip", "x"),
            ("\\llbracket 1,n\\rrbracket", "\\mathopen{[\\![} 1,n\\mathclose{]\\!]}"),
            ("\\left\\llbracket n\\right\\rrbracket", "\\left[\\!\\left[ n\\right]\\!\\right]"),
            ("\\bigl\\llbracket n", "\\bigl[\\!\\bigl[ n"),
            ("\\mathds R\\bm{x}", "\\mathbb R\\boldsymbol{x}"),
            ("\\overline\\mathds{R}", "\\overline{\\mathbb{R}}"),
            ("\\llbracket", "\\mathopen{[\\![}"),
        ] {
            assert_eq!(portable(tex), wanted, "{tex}");
        }
    }
}
