//! fancyvrb's `commandchars` and its like: text that stands as it is but for the commands in it.

use super::{Flow, Parser};
use crate::reader::Cursor;
use mqd_math::Macro;

/// Pygments' names for the signs that its text cannot hold: `\PYZus`.
const PYGMENTS: &[(&str, &str)] = &[
    ("us", "\\_"),
    ("hy", "-"),
    ("sh", "\\#"),
    ("dq", "\""),
    ("ob", "\\{"),
    ("cb", "\\}"),
    ("lt", "<"),
    ("gt", ">"),
    ("am", "\\&"),
    ("pc", "\\%"),
    ("dl", "\\$"),
    ("bs", "\\textbackslash{}"),
    ("sq", "\\textquotesingle{}"),
    ("ca", "\\textasciicircum{}"),
    ("ti", "\\textasciitilde{}"),
    ("at", "@"),
    ("lb", "["),
    ("rb", "]"),
];

/// The signs that begin a command and stand around its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signs {
    escape: char,
    open: char,
    close: char,
    /// Dollars are formulas too: `codes={\catcode`\$=3}`.
    dollars: bool,
}

/// TeX's own, as alltt keeps them.
pub(super) const USUAL: Signs = Signs { escape: '\\', open: '{', close: '}', dollars: false };

/// What options say of the signs: `None` where they say nothing, `Some(None)` where there are none.
pub(crate) fn signs_in(options: &str) -> Option<Option<Signs>> {
    let (_, after) = options.split_once("commandchars")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    if value.starts_with("none") || value.starts_with("{}") {
        return Some(None);
    }
    let mut chars = value.chars().map(Some);
    let mut sign = || match chars.next().flatten() {
        Some('\\') => chars.next().flatten(),
        c => c,
    };
    let (Some(escape), Some(open), Some(close)) = (sign(), sign(), sign()) else {
        return Some(None);
    };
    let dollars = options.contains("$=3");
    Some(Some(Signs { escape, open, close, dollars }))
}

/// A line as LaTeX writes it so that only its commands mean anything.
fn as_latex(line: &str, signs: Signs) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    let mut chars = line.chars().peekable();
    // What a formula holds keeps its meaning.
    let mut formula = false;
    while let Some(c) = chars.next() {
        match c {
            _ if c == signs.escape => {
                out.push('\\');
                match chars.next() {
                    Some(c) if c.is_ascii_alphabetic() || c == '@' => {
                        out.push(c);
                        while let Some(c) = chars.next_if(|c| c.is_ascii_alphabetic() || *c == '@')
                        {
                            out.push(c);
                        }
                        // A space behind a command is a space here.
                        if chars.peek() == Some(&' ') && !formula {
                            out.push_str("{}");
                        }
                    }
                    Some(c) => {
                        formula = match c {
                            '(' => true,
                            ')' => false,
                            _ => formula,
                        };
                        out.push(c);
                    }
                    None => out.push_str("textbackslash{}"),
                }
            }
            _ if c == signs.open => out.push('{'),
            _ if c == signs.close => out.push('}'),
            '$' if signs.dollars => {
                formula = !formula;
                out.push('$');
            }
            _ if formula => out.push(c),
            '\\' => out.push_str("\\textbackslash{}"),
            '{' | '}' | '$' | '&' | '#' | '%' | '_' => out.extend(['\\', c]),
            '^' => out.push_str("\\textasciicircum{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            ' ' => out.push('~'),
            c => out.push(c),
        }
    }
    out
}

impl Parser<'_> {
    /// Text as it stands but for the commands in it, line by line.
    pub(super) fn with_commands(&mut self, text: &str, signs: Signs) -> String {
        let outside = std::mem::replace(&mut self.typewriter, true);
        let mark = self.state.macros.mark();
        for family in ["PY", "PYG"] {
            if text.contains(family) {
                // Its styles are made of internal commands; what it shows is its second argument.
                self.state.macros.define_all(&format!("\\def\\{family}#1#2{{#2}}"));
                for (name, sign) in PYGMENTS {
                    self.state.macros.insert(&format!("{family}Z{name}"), Macro::constant(sign));
                }
            }
        }
        let mut out = String::with_capacity(text.len());
        for (at, line) in text.lines().enumerate() {
            out.push_str(if at > 0 { "\n" } else { "" });
            if !line.contains([signs.escape, signs.open, signs.close, '$']) {
                out.push_str(line);
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            out.push_str(&line[..indent]);
            let latex = as_latex(&line[indent..], signs);
            let read = self.line(&latex);
            out.push_str(&self.plain(&read).replace('\u{a0}', " "));
        }
        self.state.macros.undo(mark);
        self.typewriter = outside;
        out
    }

    /// After `\Verb`, its options before it.
    pub(super) fn short_verbatim(&mut self, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let options = cursor.optional().unwrap_or_default();
        let signs = signs_in(options).unwrap_or_else(|| self.state.listings.signs(""));
        self.verb_with_commands(signs, cursor, flow);
    }

    /// Text between two equal signs, commands in it being followed where there are signs for them.
    pub(super) fn verb_with_commands(
        &mut self,
        signs: Option<Signs>,
        cursor: &mut Cursor<'_>,
        flow: &mut Flow,
    ) {
        let mut ahead = cursor.clone();
        match (signs, ahead.text_as_it_stands("verb")) {
            (Some(signs), Some(text)) => {
                *cursor = ahead;
                let text = self.with_commands(text, signs);
                flow.inline(crate::tree::Inline::Code(text));
            }
            _ => self.verb("verb", cursor, flow),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triples_of_signs() {
        for (options, wanted) in [
            (r"commandchars=\\\{\}", Some(Some(('\\', '{', '}')))),
            (r"numbers=left,commandchars=@\[\]", Some(Some(('@', '[', ']')))),
            (r"commandchars = +\[\], x=2", Some(Some(('+', '[', ']')))),
            (r"commandchars=\\\[\]", Some(Some(('\\', '[', ']')))),
            (r"commandchars=|()", Some(Some(('|', '(', ')')))),
            ("commandchars=none", Some(None)),
            ("commandchars=", Some(None)),
            ("numbers=left", None),
        ] {
            let read = signs_in(options).map(|s| s.map(|s| (s.escape, s.open, s.close)));
            assert_eq!(read, wanted, "{options}");
        }
    }
}
