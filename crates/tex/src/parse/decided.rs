//! Conditions of formulas, decided before these are rendered: a sheet with or without its answers
//! has them in its formulas too.

use super::Parser;
use crate::reader::{Cursor, Token, join};
use crate::{conditions, tables};
use std::borrow::Cow;

/// Macros and conditions may hold one another this deep.
const MAX_DEPTH: usize = 8;
/// The body of a macro that may name others with conditions is this long at most.
const MAX_BODY: usize = 4_000;
/// How xparse's begin.
const XPARSE: &[&str] = &["IfNoValue", "IfValue", "IfBoolean"];
/// How the names of conditions begin.
const CONDITIONS: &[&str] = &[
    "\\if",
    "\\IfEq",
    "\\IfSubStr",
    "\\IfBeginWith",
    "\\IfEndWith",
    "\\notblank",
    "\\notstrempty",
    "\\nottoggle",
    "\\notbool",
    "\\IfTl",
    "\\IfStr",
    "\\IfFlag",
    "\\IfNumComp",
    "\\IfBlank",
];

impl Parser<'_> {
    /// A formula without conditions, those of the author's macros included. What cannot be decided
    /// stays, and is told of when it is rendered.
    pub(super) fn decided_formula<'t>(&mut self, tex: &'t str) -> Cow<'t, str> {
        self.conditional_macros.clear();
        self.formula_decided_at(tex, 0)
    }

    /// Whether a macro holds conditions, or names one that does.
    fn holds_condition(&mut self, name: &str, depth: usize) -> bool {
        if let Some(known) = self.conditional_macros.get(name) {
            return *known;
        }
        let Some(meaning) = self.state.macros.get(name) else { return false };
        let body = std::sync::Arc::clone(&meaning.body);
        let mut holds = CONDITIONS.iter().any(|start| body.contains(start));
        // A macro that names itself is taken to hold none.
        self.conditional_macros.insert(name.into(), holds);
        if !holds && depth < MAX_DEPTH && body.len() <= MAX_BODY && body.contains('\\') {
            for token in Cursor::new(&body) {
                if let Token::Command(inner) = token
                    && self.holds_condition(inner, depth + 1)
                {
                    holds = true;
                    self.conditional_macros.insert(name.into(), true);
                    break;
                }
            }
        }
        holds
    }

    fn formula_decided_at<'t>(&mut self, tex: &'t str, depth: usize) -> Cow<'t, str> {
        if depth >= MAX_DEPTH || !tex.contains('\\') {
            return Cow::Borrowed(tex);
        }
        let mut out = String::new();
        let mut copied = 0;
        let mut cursor = Cursor::new(tex);
        let mut unclosed = false;
        // Fences that are open: `\middle` may stand there.
        let mut fences = 0_usize;
        while let Some(token) = cursor.next() {
            let Token::Command(name) = token else { continue };
            let at = cursor.offset() - name.len() - 1;
            match name {
                "left" => fences += 1,
                "right" => fences = fences.saturating_sub(1),
                _ => {}
            }
            let (chosen, end) = match self.state.macros.get(name) {
                Some(meaning) => {
                    if !self.state.macros.can_follow(meaning) || !self.holds_condition(name, 0) {
                        continue;
                    }
                    let found = self.state.macros.expand_at(&tex[at..], &mut self.budget);
                    let Some(found) = found else { continue };
                    let chosen = self.formula_decided_at(&found.text, depth + 1).into_owned();
                    (chosen, at + found.consumed)
                }
                None if tables::is_definer(name) || unclosed => continue,
                None => match self.branch(name, &cursor, fences > 0) {
                    Branch::Chosen(text, end) => {
                        (self.formula_decided_at(text, depth + 1).into_owned(), end)
                    }
                    Branch::Unclosed => {
                        unclosed = true;
                        continue;
                    }
                    Branch::None => continue,
                },
            };
            out = join(&out, &tex[copied..at]);
            out = join(&out, &chosen);
            copied = end;
            cursor = Cursor::at(tex, copied);
            self.budget.bytes = self.budget.bytes.saturating_sub(chosen.len());
            if self.budget.is_spent() {
                break;
            }
        }
        if copied == 0 {
            return Cow::Borrowed(tex);
        }
        Cow::Owned(join(&out, &tex[copied..]))
    }

    /// After a command: what holds if it is a condition, and where it ends.
    fn branch<'t>(&self, name: &str, cursor: &Cursor<'t>, fenced: bool) -> Branch<'t> {
        let mut ahead = cursor.clone();
        // Those of xparse are decided where macros are replaced.
        let is_condition = conditions::arguments(name).is_some() || conditions::opens(name);
        if !is_condition || XPARSE.iter().any(|start| name.starts_with(start)) {
            return Branch::None;
        }
        if name == "ifcase" {
            let Some(number) = self.state.read_number(&mut ahead) else { return Branch::None };
            ahead.skip_space();
            let found = conditions::branches(ahead.rest(), &self.state.macros);
            let Some((cases, no, length)) = found else { return Branch::Unclosed };
            let chosen = match conditions::case(cases, number) {
                conditions::NO_CASE => no,
                case => case,
            };
            return Branch::Chosen(chosen, ahead.offset() + length);
        }
        let found = match known_in_formula(name, &mut ahead, fenced) {
            Some(holds) => self.branches_of(holds, &mut ahead).map(Some),
            None => self.alternatives(name, &mut ahead),
        };
        match found {
            Some(Some((yes, no, holds))) => {
                Branch::Chosen(if holds { yes } else { no }, ahead.offset())
            }
            Some(None) => Branch::None,
            None => Branch::Unclosed,
        }
    }
}

/// Whether a condition holds that asks for the formula around it: `\ifmmode`, and
/// `\ifnum\currentgrouptype=16 \middle\fi|`, where 16 is the group of `\left`.
fn known_in_formula(name: &str, cursor: &mut Cursor<'_>, fenced: bool) -> Option<bool> {
    match name {
        "ifmmode" => Some(true),
        "ifnum" => {
            let rest = cursor.rest().trim_start().strip_prefix("\\currentgrouptype")?;
            let after = rest.trim_start().strip_prefix("=16")?;
            cursor.advance(cursor.rest().len() - after.len());
            Some(fenced)
        }
        _ => None,
    }
}

/// What a condition chooses.
enum Branch<'t> {
    /// The branch that holds, and the end of the condition.
    Chosen(&'t str, usize),
    /// The condition has no end.
    Unclosed,
    /// It is no condition, or one that cannot be decided here.
    None,
}
