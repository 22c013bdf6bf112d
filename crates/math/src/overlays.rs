//! Slides: a page shows together what beamer shows in turn, so that the commands that say when go and
//! what they hold stays.

use crate::normal::table::SWITCHES;
use crate::scan::{Cursor, Tok};
use std::borrow::Cow;

/// The commands, with how many groups follow each; `\onslide` may do without.
const COMMANDS: &[(&str, usize)] = &[
    ("alert", 1),
    ("alt", 2),
    ("invisible", 1),
    ("only", 1),
    ("onslide", 1),
    ("pause", 0),
    ("temporal", 3),
    ("uncover", 1),
    ("visible", 1),
];

/// What an open brace belongs to.
enum Brace {
    Plain,
    /// An overlay: where its brace would stand, whether something in it holds to the end of its
    /// group, and how many groups come behind it.
    Overlay {
        at: usize,
        switched: bool,
        more: usize,
    },
}

/// The formula without its overlays. A brace of theirs may stand inside an environment that its
/// partner is outside of (`\uncover<2->{\left\{\begin{array}{l}}`), so that braces are looked at one
/// by one.
pub(crate) fn without(tex: &str) -> Cow<'_, str> {
    if !COMMANDS.iter().any(|(name, _)| tex.contains(name)) {
        return Cow::Borrowed(tex);
    }
    let mut out: Vec<u8> = Vec::with_capacity(tex.len());
    let mut braces: Vec<Brace> = Vec::new();
    let mut c = Cursor::new(tex);
    let mut found = false;
    loop {
        let start = c.pos();
        let Some(token) = c.next_token() else { break };
        match token {
            Tok::Command(name) if let Some((_, groups)) = overlay(name) => {
                found = true;
                if name == "pause" {
                    c.opt();
                }
                specification(&mut c);
                out.push(b' ');
                open(&mut c, groups, &mut braces, &mut out);
                continue;
            }
            Tok::Command(name) => {
                if (SWITCHES.contains(&name) || matches!(name, "color" | "over"))
                    && let Some(Brace::Overlay { switched, .. }) = braces.last_mut()
                {
                    *switched = true;
                }
            }
            Tok::Open => braces.push(Brace::Plain),
            Tok::Close => {
                if let Some(Brace::Overlay { at, switched, more }) = braces.pop() {
                    out.push(if switched { b'}' } else { b' ' });
                    if switched {
                        out[at] = b'{';
                    }
                    if more > 0 {
                        out.extend(b"\\ ");
                    }
                    open(&mut c, more, &mut braces, &mut out);
                    continue;
                }
            }
            _ => {}
        }
        out.extend(c.slice(start, c.pos()).bytes());
    }
    match String::from_utf8(out) {
        Ok(text) if found => Cow::Owned(text),
        _ => Cow::Borrowed(tex),
    }
}

fn overlay(name: &str) -> Option<(&'static str, usize)> {
    COMMANDS.iter().find(|(known, _)| *known == name).copied()
}

/// After `\only`: `<2->`.
fn specification(c: &mut Cursor<'_>) {
    while c.eat('+') || c.eat('*') {}
    let before = *c;
    c.skip_space();
    let rest = c.rest();
    // Letters name modes: `<beamer:2->`.
    let end = rest.bytes().take(80).position(|b| b == b'>');
    match end {
        Some(end) if rest.starts_with('<') => c.seek(c.pos() + end + 1),
        _ => *c = before,
    }
}

/// The first of the groups that follow.
fn open(c: &mut Cursor<'_>, groups: usize, braces: &mut Vec<Brace>, out: &mut Vec<u8>) {
    let mut ahead = *c;
    ahead.skip_space();
    if groups == 0 || ahead.next_token() != Some(Tok::Open) {
        return;
    }
    *c = ahead;
    let script = out.iter().rev().find(|b| !b.is_ascii_whitespace());
    let switched = matches!(script, Some(b'^' | b'_'));
    braces.push(Brace::Overlay { at: out.len(), switched, more: groups - 1 });
    out.push(b' ');
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn what_comes_in_turn_stands_together() {
        for (tex, wanted) in [
            (r"a\pause=b\pause[2]c", r"a =b c"),
            (r"a\only<2>{+d} \uncover<3->{=e}", r"a +d =e"),
            (r"\onslide<2->x\onslide<3->{y}\onslide+<4>{z}", r"x y z"),
            (r"\alert{x} \alert<2,4-5>{y}", r"x y"),
            (r"x^\only<2>{ab}", r"x^ {ab}"),
            (r"\only<2>{a\color{red}b}c", r"{a\color{red}b}c"),
            (r"\alt<2>{a}{b}", r"a \ b"),
            (
                r"\uncover<5->{\left\{\begin{array}{l}}x\uncover<5->{\end{array}\right.}",
                r"\left\{\begin{array}{l} x \end{array}\right.",
            ),
            (r"\only<", r"<"),
            (r"\only{\only{x", r"x"),
            (r"\text{only}<2>", r"\text{only}<2>"),
            (r"\only<é>{x}", "x"),
        ] {
            let found = without(tex);
            let words: Vec<&str> = found.split_whitespace().collect();
            let wanted: Vec<&str> = wanted.split_whitespace().collect();
            assert_eq!(words, wanted, "{tex}");
        }
    }
}
