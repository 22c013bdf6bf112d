//! Boxes that a document fills without showing them: `\sbox`, `lrbox`, plain TeX's `\setbox`. This
//! is also how authors hide their answers, so that what is in a box is shown only where it is used.

use super::{Flow, Parser, end_of};
use crate::Severity;
use crate::reader::{Cursor, Token};
use mqd_math::Macro;

/// What is said of a box.
const FILLED: &str = "ce qui est mis dans une boîte n'est montré que là où la boîte sert";

impl Parser<'_> {
    /// A command that fills or shows a box; `false` when it is none.
    pub(super) fn saved_box(
        &mut self,
        name: &str,
        cursor: &mut Cursor<'_>,
        flow: &mut Flow,
    ) -> bool {
        match name {
            "sbox" | "savebox" => {
                let which = cursor.argument().unwrap_or_default().to_owned();
                cursor.delimited('(', ')');
                cursor.optional();
                cursor.optional();
                let content = cursor.argument().unwrap_or_default();
                self.fill(&which, content, name);
            }
            "setbox" => {
                let Some(which) = register(cursor) else { return true };
                cursor.skip_space();
                if cursor.peek() == Some(Token::Char('=')) {
                    cursor.next();
                }
                cursor.skip_space();
                let mut ahead = cursor.clone();
                if !matches!(ahead.next(), Some(Token::Command("hbox" | "vbox" | "vtop"))) {
                    return true;
                }
                // `to 3cm`, `spread 1pt`
                while matches!(ahead.peek(), Some(Token::Char(c)) if c != '[')
                    || ahead.peek() == Some(Token::Space)
                {
                    ahead.next();
                }
                let content = match ahead.peek() {
                    Some(Token::Open) => ahead.argument(),
                    Some(Token::Command("bgroup")) => {
                        // Not looked for again where it was found not to end.
                        let key = ("\\bgroup".to_owned(), end_of(cursor.rest()));
                        let known = self.unclosed.contains(&key);
                        let found = if known { None } else { up_to_egroup(&mut ahead) };
                        if found.is_none() {
                            self.unclosed.insert(key);
                        }
                        found
                    }
                    _ => None,
                };
                match content {
                    Some(content) => {
                        self.fill(&which, content, name);
                        *cursor = ahead;
                    }
                    None => self.report(
                        Severity::Warning,
                        name,
                        "cette boîte n'est pas fermée ; ce qui suit est montré",
                    ),
                }
            }
            "usebox" | "box" | "copy" | "unhbox" | "unvbox" | "unhcopy" | "unvcopy" => {
                let which = match name {
                    "usebox" => Some(cursor.argument().unwrap_or_default().to_owned()),
                    _ => register(cursor),
                };
                let which = which.unwrap_or_default();
                let content = self.state.macros.get(&key(&which));
                let content = content.map(|content| content.body.to_string());
                if let Some(content) = content {
                    self.budget.bytes = self.budget.bytes.saturating_sub(content.len());
                    if self.budget.is_spent() {
                        self.report(Severity::Error, name, "les boîtes se répètent sans fin");
                    } else {
                        self.flow(&content, flow);
                    }
                }
            }
            _ => return false,
        }
        true
    }

    /// `lrbox`: its body goes into a box.
    pub(super) fn fill_by_environment(&mut self, body: &str) {
        let mut cursor = Cursor::new(body);
        let which = cursor.argument().unwrap_or_default().to_owned();
        let content = cursor.rest();
        self.fill(&which, content, "lrbox");
        // The box outlives its environment.
        self.outliving.push((key(&which), Macro::constant(content)));
    }

    fn fill(&mut self, which: &str, content: &str, name: &str) {
        self.budget.bytes = self.budget.bytes.saturating_sub(content.len());
        self.state.macros.insert(&key(which), Macro::constant(content));
        self.report(Severity::Info, name, FILLED);
    }
}

/// The name under which a box is kept: no source can write it.
fn key(which: &str) -> String {
    format!("box {}", which.trim().trim_start_matches('\\'))
}

/// `0` or `\boite`, as plain TeX's commands take it.
fn register(cursor: &mut Cursor<'_>) -> Option<String> {
    cursor.skip_space();
    match cursor.peek()? {
        Token::Command(name) => {
            cursor.next();
            Some(name.to_owned())
        }
        _ => {
            let rest = cursor.rest();
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            cursor.advance(end);
            (end > 0).then(|| rest[..end].to_owned())
        }
    }
}

/// What stands between `\bgroup`, which comes next, and its `\egroup`.
fn up_to_egroup<'s>(cursor: &mut Cursor<'s>) -> Option<&'s str> {
    cursor.next();
    let start = cursor.offset();
    let mut depth = 1_usize;
    loop {
        match cursor.next_outside_verbatim()? {
            Token::Command("bgroup") => depth += 1,
            Token::Command("egroup") => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(cursor.slice(start, cursor.offset() - "\\egroup".len()));
        }
    }
}
