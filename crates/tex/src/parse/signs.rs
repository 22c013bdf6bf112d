//! Signs by their number, capitals, and the arguments of commands that only lay out.

use super::{Flow, Parser};
use crate::reader::{Cursor, Token};
use crate::{Severity, tree::Inline};

impl Parser<'_> {
    /// A sign by its number: `\ding{51}`, `\char65`, `\symbol{65}`, `\textcircled{1}`.
    pub(super) fn sign(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let argument = if name == "char" {
            cursor.skip_space();
            let rest = cursor.rest();
            // "`A" and "`\%" are the sign itself.
            if let Some(sign) = rest.strip_prefix('`') {
                let sign = sign.strip_prefix('\\').unwrap_or(sign);
                if let Some(c) = sign.chars().next().filter(|c| !c.is_whitespace()) {
                    let end = c.len_utf8() + rest.len() - sign.len();
                    cursor.advance(end);
                    return flow.raw(&rest[end - c.len_utf8()..end]);
                }
            }
            let mark = usize::from(rest.starts_with(['"', '\'']));
            let hex = rest.starts_with('"');
            let digits = rest[mark..]
                .find(|c: char| !(c.is_ascii_digit() || hex && matches!(c, 'A'..='F')))
                .unwrap_or(rest.len() - mark);
            let length = mark + digits.min(6);
            cursor.advance(length);
            &rest[..length]
        } else {
            let given = cursor.argument().unwrap_or_default().trim();
            match name {
                "textcircled" | "circled" => without_size(given),
                _ => given,
            }
        };
        let (digits, radix) = match argument.as_bytes().first() {
            Some(b'"') => (&argument[1..], 16),
            Some(b'\'') => (&argument[1..], 8),
            _ => (argument, 10),
        };
        let code = u32::from_str_radix(digits, radix).ok();
        let sign = match name {
            "ding" => code.and_then(crate::text::ding),
            "textcircled" | "circled" => match (code, argument.chars().next()) {
                (Some(n @ 1..=20), _) => char::from_u32(0x245f + n),
                (None, Some(c @ 'a'..='z')) => char::from_u32(0x24d0 + u32::from(c) - 97),
                (None, Some(c @ 'A'..='Z')) => char::from_u32(0x24b6 + u32::from(c) - 65),
                _ => None,
            },
            // Beyond ASCII it depends on the font.
            _ => code.and_then(char::from_u32).filter(|c| matches!(c, ' '..='~')),
        };
        match sign {
            Some(sign) => flow.raw(sign.encode_utf8(&mut [0; 4])),
            None => {
                self.report(
                    Severity::Warning,
                    name,
                    "ce signe n'est pas connu ; ce qui le désigne est montré",
                );
                let argument = argument.to_owned();
                self.flow(&argument, flow);
            }
        }
    }
}

/// Text in capitals, or without them. Formulas stay.
pub(super) fn recase(line: &mut [Inline], upper: bool) {
    for inline in line {
        match inline {
            Inline::Text(text) if upper => *text = text.to_uppercase(),
            Inline::Text(text) => *text = text.to_lowercase(),
            Inline::Styled { inner, .. } | Inline::Link { inner, .. } => recase(inner, upper),
            _ => {}
        }
    }
}

/// Passes over the arguments of a layout command.
pub(super) fn pass_over(arguments: &str, cursor: &mut Cursor<'_>) {
    for kind in arguments.chars() {
        match kind {
            'm' => {
                cursor.argument();
            }
            'o' => {
                cursor.optional();
            }
            's' => {
                cursor.star();
            }
            'd' => {
                cursor.delimited('(', ')');
            }
            '=' => assignment(cursor),
            '#' => whole_number(cursor),
            // `width 3pt height 1ex`
            'r' => {
                for _ in 0..3 {
                    let mut ahead = cursor.clone();
                    ahead.skip_space();
                    let sides = ["width", "height", "depth"];
                    let Some(side) = sides.into_iter().find(|side| ahead.rest().starts_with(side))
                    else {
                        break;
                    };
                    ahead.advance(side.len());
                    assignment(&mut ahead);
                    *cursor = ahead;
                }
            }
            'E' => {
                cursor.skip_space();
                if cursor.peek() == Some(Token::Char('=')) {
                    cursor.next();
                }
                cursor.skip_space();
                cursor.optional();
            }
            'a' => {
                cursor.star();
                loop {
                    let read = match cursor.peek() {
                        Some(Token::Char('[')) => cursor.optional(),
                        Some(Token::Char('(')) => cursor.delimited('(', ')'),
                        Some(Token::Open) => cursor.argument(),
                        _ => break,
                    };
                    if read.is_none() {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
}

/// `=10000`, `-\@M`: an assignment to a whole number, which ends before the next command.
fn whole_number(cursor: &mut Cursor<'_>) {
    cursor.skip_space();
    if cursor.peek() == Some(Token::Char('=')) {
        cursor.next();
        cursor.skip_space();
    }
    let start = cursor.offset();
    while matches!(cursor.peek(), Some(Token::Char(c)) if c.is_ascii_digit() || c == '-') {
        cursor.next();
    }
    if cursor.slice(start, cursor.offset()).trim_start_matches('-').is_empty() {
        if matches!(cursor.peek(), Some(Token::Command(_))) {
            cursor.next();
            cursor.skip_space();
        }
    } else if cursor.rest().starts_with([' ', '\n']) {
        // The blank that ends it.
        cursor.advance(1);
    }
}

/// `=2cm`, `1pt plus 2pt`, `\linewidth`: an assignment to a length, up to its end.
fn assignment(cursor: &mut Cursor<'_>) {
    cursor.skip_space();
    if cursor.peek() == Some(Token::Char('=')) {
        cursor.next();
        cursor.skip_space();
    }
    let (mut digits, mut letters) = (0, 0);
    while let Some(token) = cursor.peek() {
        match token {
            Token::Char(c)
                if (c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+')) && letters == 0 =>
            {
                digits += 1;
            }
            Token::Char(c) if c.is_ascii_alphabetic() && letters < 2 => letters += 1,
            // `.5\linewidth`; what follows a number alone is another command.
            Token::Command(name)
                if letters == 0
                    && (digits == 0
                        || ["width", "height", "skip", "indent", "size", "sep", "@"]
                            .iter()
                            .any(|end| name.ends_with(end))) =>
            {
                cursor.next();
                return;
            }
            _ => return,
        }
        cursor.next();
        if letters == 2 {
            stretch(cursor);
            return;
        }
    }
}

/// `plus 2pt minus 1fil` after a length.
fn stretch(cursor: &mut Cursor<'_>) {
    for word in ["plus", "minus"] {
        let mut ahead = cursor.clone();
        ahead.skip_space();
        let Some(after) = ahead.rest().strip_prefix(word) else { continue };
        let after = after.trim_start();
        let end = after
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-')))
            .unwrap_or(after.len());
        let unit = after[end..].chars().take_while(char::is_ascii_alphabetic).count();
        // `fill` is the longest unit; two letters are the usual ones.
        let unit = if after[end..].starts_with("fil") { unit.min(5) } else { unit.min(2) };
        if end == 0 || unit < 2 {
            continue;
        }
        ahead.advance(ahead.rest().len() - after.len() + end + unit);
        *cursor = ahead;
    }
}

/// `1` of `\small 1`.
fn without_size(text: &str) -> &str {
    let mut cursor = Cursor::new(text);
    match cursor.next() {
        Some(Token::Command(name)) if crate::tables::layout(name) == Some("") => {
            cursor.rest().trim()
        }
        _ => text,
    }
}
