//! Conditions of formulas, decided before these are rendered: a sheet with or without its answers
//! has them in its formulas too.

use super::Parser;
use crate::reader::{Cursor, Token, join};
use crate::{conditions, tables};
use std::borrow::Cow;

/// Macros and conditions may hold one another this deep.
const MAX_DEPTH: usize = 8;

impl Parser<'_> {
    /// A formula without conditions, those of the author's macros included. What cannot be decided
    /// stays, and is told of when it is rendered.
    pub(super) fn decided_formula<'t>(&mut self, tex: &'t str) -> Cow<'t, str> {
        self.formula_decided_at(tex, 0)
    }

    fn formula_decided_at<'t>(&mut self, tex: &'t str, depth: usize) -> Cow<'t, str> {
        if depth >= MAX_DEPTH || !tex.contains('\\') {
            return Cow::Borrowed(tex);
        }
        let mut out = String::new();
        let mut copied = 0;
        let mut cursor = Cursor::new(tex);
        let mut unclosed = false;
        while let Some(token) = cursor.next() {
            let Token::Command(name) = token else { continue };
            let at = cursor.offset() - name.len() - 1;
            let (chosen, end) = match self.state.macros.get(name) {
                Some(meaning) => {
                    if !meaning.body.contains("\\if") || !self.state.macros.can_follow(meaning) {
                        continue;
                    }
                    let found = self.state.macros.expand_at(&tex[at..], &mut self.budget);
                    let Some(found) = found else { continue };
                    let chosen = self.formula_decided_at(&found.text, depth + 1).into_owned();
                    (chosen, at + found.consumed)
                }
                None if tables::is_definer(name) || unclosed => continue,
                None => match self.branch(name, &cursor) {
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
    fn branch<'t>(&self, name: &str, cursor: &Cursor<'t>) -> Branch<'t> {
        let mut ahead = cursor.clone();
        if let Some(count) = conditions::arguments(name).filter(|_| !name.starts_with("If")) {
            let tests: Option<Vec<_>> = (0..count).map(|_| ahead.argument()).collect();
            let Some(tests) = tests else { return Branch::None };
            let yes = ahead.argument().unwrap_or_default();
            let no = ahead.argument().unwrap_or_default();
            return match self.state.condition_of_arguments(name, &tests) {
                Some(holds) => Branch::Chosen(if holds { yes } else { no }, ahead.offset()),
                None => Branch::None,
            };
        }
        if !conditions::opens(name) || name == "ifcase" {
            return Branch::None;
        }
        let holds = match name {
            "ifmmode" => Some(true),
            _ => self.state.condition(name, &mut ahead),
        };
        let Some(holds) = holds else { return Branch::None };
        ahead.skip_space();
        match conditions::branches(ahead.rest(), &self.state.macros) {
            Some((yes, no, length)) => {
                Branch::Chosen(if holds { yes } else { no }, ahead.offset() + length)
            }
            None => Branch::Unclosed,
        }
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
