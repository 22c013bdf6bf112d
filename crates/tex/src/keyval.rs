//! `key=value, key={a, b}` as packages read it.

use crate::reader::{Cursor, Token};
use crate::tables;

/// The keys and values of an options text; braces protect commas. A key alone has an empty value.
pub(crate) fn parse(options: &str) -> Vec<(&str, &str)> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, c) in options.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(&options[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&options[start..]);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (key.trim(), without_braces(value.trim()))
        })
        .collect()
}

/// A value without the braces around it, if they are a pair: `{\bfseries A} et {\itshape B}` has two.
fn without_braces(value: &str) -> &str {
    let Some(inner) = value.strip_prefix('{').and_then(|v| v.strip_suffix('}')) else {
        return value;
    };
    let (mut depth, mut escaped) = (0_i32, false);
    for byte in inner.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' => depth += 1,
            b'}' if depth == 0 => return value,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    inner
}

/// The longest dimension that is read behind `\\\\`.
const MAX_DIMENSION: usize = 100;

/// After `\\\\` or its like: passes over its length, `[2mm plus 1mm]` or `[-\baselineskip]`. TeX takes any
/// bracket for one; what holds no dimension was meant as text.
pub(crate) fn skip_dimension(cursor: &mut Cursor<'_>) {
    let mut ahead = cursor.clone();
    ahead.skip_space();
    // What is far longer is not looked at.
    let Some(inside) = ahead.rest().strip_prefix('[') else { return };
    let near = &inside[..inside.floor_char_boundary(MAX_DIMENSION)];
    if near.split_once(']').is_some_and(|(inside, _)| is_dimension(inside)) {
        ahead.optional();
        *cursor = ahead;
    }
}

/// Whether a text is a dimension: numbers with units, registers, and expressions of them.
fn is_dimension(text: &str) -> bool {
    if length(text).is_some() {
        return true;
    }
    let mut cursor = Cursor::new(text);
    let (mut measured, mut number) = (false, false);
    while let Some(token) = cursor.next() {
        match token {
            Token::Space => {}
            Token::Char(c) if c.is_ascii_digit() => number = true,
            Token::Char('.' | ',' | '+' | '-' | '*' | '/' | '(' | ')') => {}
            Token::Char(c) if c.is_ascii_alphabetic() => {
                let start = cursor.offset() - 1;
                while matches!(cursor.peek(), Some(Token::Char(c)) if c.is_ascii_alphabetic()) {
                    cursor.next();
                }
                match cursor.slice(start, cursor.offset()) {
                    "plus" | "minus" | "true" => {}
                    "fil" | "fill" | "filll" if number => measured = true,
                    unit if number && length(&format!("1{unit}")).is_some() => measured = true,
                    unit if number && unit.strip_prefix("true").is_some() => measured = true,
                    _ => return false,
                }
            }
            Token::Command("stretch" | "real" | "ratio" | "fpeval" | "dimeval" | "skipeval") => {
                if cursor.argument().is_none() {
                    return false;
                }
                measured = true;
            }
            Token::Command("dimexpr" | "glueexpr" | "numexpr" | "relax") => {}
            // A register, or a macro that stands for a length.
            Token::Command(name)
                if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '@')
                    && tables::styled(name).is_none()
                    && tables::switch(name).is_none()
                    && !tables::is_mathematical(name)
                    && crate::text::letter(name).is_none() =>
            {
                measured = true;
            }
            _ => return false,
        }
    }
    measured
}

/// A length in CSS pixels, `\linewidth` and its like counting as a line of 680 pixels.
pub(crate) fn length(text: &str) -> Option<f32> {
    const LINE: f32 = 680.0;
    let text = text.trim();
    for line in ["\\linewidth", "\\textwidth", "\\columnwidth", "\\hsize", "\\textheight"] {
        if let Some(factor) = text.strip_suffix(line) {
            let factor = factor.trim();
            return if factor.is_empty() {
                Some(LINE)
            } else {
                factor.parse::<f32>().ok().map(|f| f * LINE)
            };
        }
    }
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let number: f32 = text[..split].trim().replace(',', ".").parse().ok()?;
    // CSS: 96 pixels an inch.
    let factor = match text[split..].trim() {
        "cm" => 96.0 / 2.54,
        "mm" => 9.6 / 2.54,
        "in" => 96.0,
        "pt" => 96.0 / 72.27,
        "bp" | "truept" => 96.0 / 72.0,
        "em" => 16.0,
        "ex" => 7.0,
        "pc" => 16.0,
        "sp" => 96.0 / 72.27 / 65_536.0,
        "px" => 1.0,
        _ => return None,
    };
    let pixels = number * factor;
    pixels.is_finite().then_some(pixels.clamp(-10_000.0, 10_000.0))
}
