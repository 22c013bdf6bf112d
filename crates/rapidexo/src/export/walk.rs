//! The converter's HTML as a stream: tags, texts, and formulas with their TeX.

use quick_xml::{Reader, escape::unescape, events::Event};
use std::borrow::Cow;

/// A piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'h> {
    /// An opening tag: its name, and the tag as it stands.
    Open(String, &'h str),
    /// A closing tag.
    Close(String),
    /// A text, escapes undone, and as it stands.
    Text(Cow<'h, str>, &'h str),
    /// A formula: its TeX, and whether it stands alone.
    Formula(String, bool),
}

/// The pieces of what the converter wrote, which is always well-formed.
pub(super) fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut reader = Reader::from_str(html);
    reader.config_mut().check_end_names = false;
    let mut out = Vec::new();
    // Inside a formula: whether it stands alone, and its TeX so far.
    let mut formula: Option<(bool, String, bool)> = None;
    loop {
        let start = usize::try_from(reader.buffer_position()).unwrap_or(html.len());
        let Ok(event) = reader.read_event() else { break };
        let end = usize::try_from(reader.buffer_position()).unwrap_or(html.len());
        let raw = &html[start..end];
        match (event, &mut formula) {
            (Event::Eof, _) => break,
            (Event::Start(tag), None) if tag.name().as_ref() == b"math" => {
                formula = Some((raw.contains("display=\"block\""), String::new(), false));
            }
            (Event::Start(tag), Some((_, _, inside))) => {
                *inside = tag.name().as_ref() == b"annotation";
            }
            (Event::End(tag), Some((block, tex, inside))) => {
                *inside = false;
                if tag.name().as_ref() == b"math" {
                    let tex = std::mem::take(tex);
                    out.push(Piece::Formula(if *block { lines(tex) } else { tex }, *block));
                    formula = None;
                }
            }
            (Event::Text(_) | Event::GeneralRef(_) | Event::CData(_), Some((_, tex, true))) => {
                tex.push_str(&unescape(raw).unwrap_or(Cow::Borrowed(raw)));
            }
            (Event::Start(tag), None) => {
                out.push(Piece::Open(String::from_utf8_lossy(tag.name().as_ref()).into(), raw));
            }
            (Event::Empty(tag), None) => {
                out.push(Piece::Open(String::from_utf8_lossy(tag.name().as_ref()).into(), raw));
            }
            (Event::End(tag), None) => {
                out.push(Piece::Close(String::from_utf8_lossy(tag.name().as_ref()).into()));
            }
            (Event::Text(_) | Event::GeneralRef(_) | Event::CData(_), None) => {
                out.push(Piece::Text(unescape(raw).unwrap_or(Cow::Borrowed(raw)), raw));
            }
            _ => {}
        }
    }
    out
}

/// A formula of several lines in an environment of its own: the converter gives what stood inside
/// `align*` and its like.
fn lines(tex: String) -> String {
    let (mut depth, mut cells, mut rows) = (0_i32, false, false);
    let mut rest = tex.as_str();
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("\\begin{") || c == '{' {
            depth += 1;
            // `\begin{x}` has braces of its own, which count as a pair.
        } else if rest.starts_with("\\end{") || c == '}' {
            depth -= 1;
        } else if depth == 0 {
            cells |= c == '&';
            rows |= rest.starts_with("\\\\");
        }
        let skip = match c {
            '\\' if rest.starts_with("\\begin{") || rest.starts_with("\\end{") => {
                rest.find('{').unwrap_or(0)
            }
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            c => c.len_utf8(),
        };
        rest = &rest[skip..];
    }
    match (cells, rows) {
        (true, _) => format!("\\begin{{aligned}}{}\\end{{aligned}}", tex.trim()),
        (false, true) => format!("\\begin{{gathered}}{}\\end{{gathered}}", tex.trim()),
        _ => tex,
    }
}

/// The value of an attribute of a tag.
pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\""))?.1.split('"').next()?;
    Some(unescape(value).map_or_else(|_| value.to_owned(), Cow::into_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_lines_get_an_environment() {
        for (tex, wanted) in [
            ("a&=b\\\\c&=d", "\\begin{aligned}a&=b\\\\c&=d\\end{aligned}"),
            ("a\\\\b", "\\begin{gathered}a\\\\b\\end{gathered}"),
            (
                "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
                "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
            ),
            ("x\\&y", "x\\&y"),
        ] {
            assert_eq!(lines(tex.to_owned()), wanted);
        }
    }

    #[test]
    fn formulas_come_out_as_tex() {
        let html = "<p id=\"a\">Si <math><semantics><mi>x</mi><annotation encoding=\"application/x-tex\">x&lt;\\R</annotation></semantics></math> &amp; é</p>";
        let found = pieces(html);
        assert_eq!(found[0], Piece::Open("p".into(), "<p id=\"a\">"));
        assert!(found.contains(&Piece::Formula("x<\\R".into(), false)));
        let text: String = found
            .iter()
            .filter_map(|piece| match piece {
                Piece::Text(text, _) => Some(text.as_ref()),
                _ => None,
            })
            .collect();
        assert_eq!(text, "Si  & é");
    }
}
