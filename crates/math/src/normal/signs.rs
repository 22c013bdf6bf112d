//! Signs that TeX puts together: arrows out of pieces, negations, stretching brackets.

use super::Normal;
use super::command::atom;
use super::table::{self, lookup};
use crate::scan::{Cursor, Tok};
use crate::tree::Node;

/// The pieces of which TeX joins long arrows.
const ARROW_PIECES: &[&str] = &[
    "relbar",
    "Relbar",
    "lhook",
    "rhook",
    "mapstochar",
    "rightarrow",
    "leftarrow",
    "Rightarrow",
    "Leftarrow",
    "longrightarrow",
    "longleftarrow",
    "to",
];

impl Normal<'_, '_> {
    /// The package physics' `\qty(…)`, which stretches its delimiters.
    pub(super) fn physics_fence(&mut self, c: &mut Cursor<'_>) -> bool {
        let mut ahead = *c;
        ahead.skip_space();
        let Some(Tok::Char(open @ ('(' | '[' | '|'))) = ahead.next_token() else { return false };
        let close = match open {
            '(' => ')',
            '[' => ']',
            same => same,
        };
        let (start, mut depth) = (ahead.pos(), 0_usize);
        loop {
            let at = ahead.pos();
            match ahead.next_token() {
                Some(Tok::Open) => {
                    if ahead.group_rest().is_none() {
                        return false;
                    }
                }
                Some(Tok::Char(found)) if found == close && depth == 0 => {
                    let inner = ahead.slice(start, at);
                    *c = ahead;
                    self.run(&format!("\\left{open} {inner}\\right{close} "));
                    return true;
                }
                Some(Tok::Char(found)) if found == close => depth -= 1,
                Some(Tok::Char(found)) if found == open => depth += 1,
                Some(_) => {}
                None => return false,
            }
        }
    }

    /// `\lhook\joinrel\longrightarrow`, `\relbar\joinrel\rightarrow` …: TeX joins pieces to
    /// arrows, for each of which there is a letter.
    pub(super) fn long_arrow(&mut self, first: &str, c: &mut Cursor<'_>) {
        let mut pieces = vec![first.to_owned()];
        loop {
            let before = *c;
            c.skip_space();
            match c.next_token() {
                Some(Tok::Command("joinrel" | "mkern" | "!")) => {}
                Some(Tok::Command(piece)) if ARROW_PIECES.contains(&piece) => {
                    pieces.push(piece.to_owned());
                }
                _ => {
                    *c = before;
                    break;
                }
            }
        }
        let has = |name: &str| pieces.iter().any(|piece| piece == name);
        let double = has("Relbar") || has("Rightarrow") || has("Leftarrow");
        let right = ["rightarrow", "longrightarrow", "Rightarrow", "to"].iter().any(|p| has(p));
        let left = ["leftarrow", "longleftarrow", "Leftarrow"].iter().any(|p| has(p));
        self.out.push_str(match (double, left, right) {
            _ if has("mapstochar") => "\\mapsto ",
            _ if has("lhook") => "\\hookrightarrow ",
            _ if has("rhook") => "\\hookleftarrow ",
            (true, true, true) => "\\Longleftrightarrow ",
            (true, true, false) => "\\Longleftarrow ",
            (true, false, true) => "\\Longrightarrow ",
            (true, false, false) => "\\mathrel{=}",
            (false, true, true) => "\\longleftrightarrow ",
            (false, true, false) => "\\longleftarrow ",
            (false, false, true) => "\\longrightarrow ",
            (false, false, false) => "\\mathrel{-}",
        });
    }

    pub(super) fn not(&mut self, part: &str, c: &mut Cursor<'_>) {
        while matches!(c.peek(), Some(Tok::Command("!" | "mathrel"))) {
            c.next_token();
        }
        let Some(inner) = atom(c).map(str::trim) else {
            return self.ctx.fail(part, "\\not", "argument absent");
        };
        if let Some(instead) = lookup(table::NEGATED, inner) {
            self.out.push_str(instead);
            return;
        }
        let kids = self.ctx.fragment(inner);
        let mut text = crate::text::plain(&kids);
        text.push('\u{338}');
        self.out.push_str("\\mathrel{");
        self.hole(Node::leaf("mo", text));
        self.out.push('}');
    }
}
