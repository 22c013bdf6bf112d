//! Conditions and loops in running text: which branch is shown, what is repeated.

use super::{Flow, Next, Parser, end_of};
use crate::reader::{Cursor, Token, join};
use crate::{Severity, conditions};
use mqd_math::Macro;
use std::borrow::Cow;

/// A loop goes round this often at most.
const MAX_ROUNDS: usize = 200;
/// Macros that stand for items or cells may stand for one another this deep.
const MAX_UNFOLD: usize = 8;

impl Parser<'_> {
    /// Handles a condition; `None` when the command is none.
    pub(super) fn conditional<'s>(
        &mut self,
        name: &str,
        source: &'s str,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) -> Option<Next> {
        if let Some(count) = conditions::arguments(name) {
            let chosen = self.choose(name, count, cursor)?;
            self.flow(chosen, flow);
            return Some(Next::Token);
        }
        if !conditions::opens(name) {
            return None;
        }
        let key = ("\\fi".to_owned(), end_of(source));
        if self.unclosed.contains(&key) {
            return None;
        }
        let mut ahead = cursor.clone();
        let holds = self.state.condition(name, &mut ahead);
        ahead.skip_space();
        let Some((yes, no, length)) = conditions::branches(ahead.rest()) else {
            self.unclosed.insert(key);
            return None;
        };
        let chosen = match holds {
            Some(true) => yes,
            Some(false) => no,
            None => {
                self.report(
                    Severity::Warning,
                    name,
                    "cette condition ne peut être décidée ici ; sa première branche est montrée",
                );
                yes
            }
        };
        *cursor = Cursor::at(source, ahead.offset() + length);
        cursor.skip_space();
        Some(self.replaced(chosen, source, cursor, flow))
    }

    /// Goes on with a text that stands in the place of a command. When it opens an environment, the
    /// source up to the end of that environment is read with it.
    pub(super) fn replaced<'s>(
        &mut self,
        text: &str,
        source: &'s str,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) -> Next {
        let open = opened(text);
        if open <= 0 {
            self.flow(text, flow);
            return Next::Token;
        }
        let rest = cursor.rest();
        let (more, length) = self.up_to_the_end(rest, open);
        self.budget.bytes = self.budget.bytes.saturating_sub(more.len());
        if self.budget.is_spent() {
            self.report(
                Severity::Error,
                "begin",
                "les environnements du document se développent sans fin",
            );
            self.ended = true;
            return Next::Done;
        }
        *cursor = Cursor::at(source, cursor.offset() + length);
        let whole = join(text, &more);
        self.flow(&whole, flow);
        Next::Token
    }

    /// The part of a source up to where as many environments are closed as are `open`, with the
    /// macros replaced that open or close one, and its length in the source.
    fn up_to_the_end(&mut self, rest: &str, mut open: i32) -> (String, usize) {
        let mut out = String::new();
        let mut copied = 0;
        let mut cursor = Cursor::new(rest);
        while let Some(token) = cursor.next_outside_verbatim() {
            let Token::Command(name) = token else { continue };
            let at = cursor.offset() - name.len() - 1;
            match name {
                "begin" => open += 1,
                "end" => {
                    open -= 1;
                    cursor.argument();
                }
                _ => {
                    let turns = self.state.macros.get(name).is_some_and(|meaning| {
                        !meaning.programmed
                            && (meaning.body.contains("\\begin") || meaning.body.contains("\\end"))
                            && opened(&meaning.body) != 0
                    });
                    if !turns || crate::tables::is_definer(name) {
                        continue;
                    }
                    let found = self.state.macros.expand_at(&rest[at..], &mut self.budget);
                    let Some(found) = found else { continue };
                    out = join(&out, &rest[copied..at]);
                    out = join(&out, &found.text);
                    copied = at + found.consumed;
                    cursor = Cursor::at(rest, copied);
                    open += opened(&found.text);
                }
            }
            if open <= 0 {
                break;
            }
        }
        let end = cursor.offset().min(rest.len());
        (join(&out, &rest[copied..end.max(copied)]), end.max(copied))
    }

    /// Reads a condition whose branches are arguments, and gives the branch that holds.
    fn choose<'s>(&mut self, name: &str, count: usize, cursor: &mut Cursor<'s>) -> Option<&'s str> {
        let mut ahead = cursor.clone();
        let mut tests = Vec::new();
        for _ in 0..count {
            tests.push(ahead.argument()?);
        }
        let (first, second) = conditions::has_branches(name);
        let yes = if first { ahead.argument()? } else { "" };
        let no = if second { ahead.argument().unwrap_or_default() } else { "" };
        *cursor = ahead;
        let holds = match name {
            "IfFileExists" | "InputIfFileExists" => {
                let path = tests.first().copied().unwrap_or_default().trim();
                Some(self.sources.read(path).is_some())
            }
            _ => self.state.condition_of_arguments(name, &tests),
        };
        Some(match holds {
            Some(true) => yes,
            Some(false) => no,
            None => {
                self.report(
                    Severity::Warning,
                    name,
                    "cette condition ne peut être décidée ici ; sa première branche est montrée",
                );
                if first { yes } else { no }
            }
        })
    }

    /// A body whose conditions are decided and in which macros that stand for one of the `wanted`
    /// commands are replaced, so that it can be split into items or cells.
    pub(super) fn unfold<'b>(&mut self, body: &'b str, wanted: &[&str]) -> Cow<'b, str> {
        self.unfold_at(body, wanted, 0)
    }

    fn unfold_at<'b>(&mut self, body: &'b str, wanted: &[&str], depth: usize) -> Cow<'b, str> {
        let mut out = String::new();
        let mut copied = 0;
        let mut environments = 0_i32;
        let mut cursor = Cursor::new(body);
        let mut unclosed = false;
        while let Some(token) = cursor.next_outside_verbatim() {
            let Token::Command(name) = token else { continue };
            let at = cursor.offset() - name.len() - 1;
            match name {
                "begin" => environments += 1,
                "end" => environments -= 1,
                _ if environments > 0 || depth >= MAX_UNFOLD => {}
                _ if self.state.macros.get(name).is_some_and(|meaning| {
                    !meaning.programmed && wanted.iter().any(|text| meaning.body.contains(text))
                }) =>
                {
                    if let Some(found) = self.state.macros.expand_at(&body[at..], &mut self.budget)
                    {
                        out = join(&out, &body[copied..at]);
                        out = join(&out, &self.unfold_at(&found.text, wanted, depth + 1));
                        copied = at + found.consumed;
                        cursor = Cursor::at(body, copied);
                    }
                }
                _ if conditions::opens(name) && !unclosed => {
                    let mut ahead = cursor.clone();
                    let Some(holds) = self.state.condition(name, &mut ahead) else { continue };
                    ahead.skip_space();
                    let Some((yes, no, length)) = conditions::branches(ahead.rest()) else {
                        unclosed = true;
                        continue;
                    };
                    let chosen = if holds { yes } else { no };
                    out = join(&out, &body[copied..at]);
                    out = join(&out, &self.unfold_at(chosen, wanted, depth + 1));
                    copied = ahead.offset() + length;
                    cursor = Cursor::at(body, copied);
                    cursor.skip_space();
                    copied = cursor.offset();
                }
                _ => {}
            }
        }
        if copied == 0 {
            return Cow::Borrowed(body);
        }
        Cow::Owned(join(&out, &body[copied..]))
    }

    /// After pgffor's `\foreach`: `\x in {1,2,...,5} {…}`, `\x/\y in {1/a,2/b} {…}`.
    pub(super) fn foreach(&mut self, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let mut ahead = cursor.clone();
        let mut variables = Vec::new();
        let found = loop {
            match ahead.next() {
                Some(Token::Command(name)) => variables.push(name.to_owned()),
                Some(Token::Char('/') | Token::Space) => {}
                Some(Token::Char('[')) => {
                    while ahead.next().is_some_and(|t| t != Token::Char(']')) {}
                }
                Some(Token::Char('i')) if ahead.next() == Some(Token::Char('n')) => break true,
                _ => break false,
            }
        };
        let list = if found { ahead.argument().map(|list| self.list_of_loop(list)) } else { None };
        let body = list.as_ref().and_then(|_| ahead.argument());
        let (Some(list), Some(body)) = (list, body) else {
            self.report(
                Severity::Warning,
                "foreach",
                "cette boucle n'est pas comprise ; elle est passée, ses arguments sont montrés",
            );
            return;
        };
        let body = body.to_owned();
        *cursor = ahead;
        if list.len() > MAX_ROUNDS {
            self.report(
                Severity::Warning,
                "foreach",
                "cette boucle est trop longue ; son début est montré",
            );
        }
        for values in list.into_iter().take(MAX_ROUNDS) {
            let mut parts = values.split('/');
            for name in &variables {
                let value = parts.next().unwrap_or_default().trim();
                self.state.macros.insert(name, Macro::constant(value));
            }
            if !self.repeated(&body, flow) {
                return;
            }
        }
    }

    fn list_of_loop(&mut self, list: &str) -> Vec<String> {
        let list = self.state.macros.expand(list, &mut self.budget).into_owned();
        let mut out: Vec<String> = Vec::new();
        let mut dots = false;
        for part in list.split(',').map(str::trim) {
            if part == "..." || part == "\\ldots" || part == "\\dots" {
                dots = true;
                continue;
            }
            if std::mem::take(&mut dots)
                && let Ok(end) = part.parse::<i64>()
                && let Some(last) = out.last().and_then(|last| last.parse::<i64>().ok())
            {
                let before = out.len().checked_sub(2).and_then(|at| out[at].parse::<i64>().ok());
                let step =
                    before.map_or(if end < last { -1 } else { 1 }, |b| last.saturating_sub(b));
                let mut next = last.saturating_add(step);
                while step != 0 && (if step > 0 { next <= end } else { next >= end }) {
                    out.push(next.to_string());
                    next = next.saturating_add(step);
                    if out.len() > MAX_ROUNDS {
                        break;
                    }
                }
                continue;
            }
            out.push(part.to_owned());
        }
        out
    }

    /// After `\multido`: `{\i=1+2}{5}{…}`.
    pub(super) fn multido(&mut self, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let variables = cursor.argument().unwrap_or_default().to_owned();
        let rounds = cursor.argument().and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(0);
        let body = cursor.argument().unwrap_or_default().to_owned();
        let known: Vec<(String, i64, i64)> = variables
            .split(',')
            .filter_map(|variable| {
                let (name, rule) = variable.split_once('=')?;
                let (start, step) = rule.split_once('+')?;
                let name = name.trim().strip_prefix('\\')?.to_owned();
                Some((name, start.trim().parse().ok()?, step.trim().parse().ok()?))
            })
            .collect();
        if known.len() != variables.split(',').count() || rounds > MAX_ROUNDS {
            self.report(
                Severity::Warning,
                "multido",
                "cette boucle n'est pas comprise ; elle est faite une fois",
            );
            return self.flow(&body, flow);
        }
        for round in 0..i64::try_from(rounds).unwrap_or(0) {
            for (name, start, step) in &known {
                let value = start.saturating_add(step.saturating_mul(round));
                self.state.macros.insert(name, Macro::constant(&value.to_string()));
            }
            if !self.repeated(&body, flow) {
                return;
            }
        }
    }

    /// Reads the body of a loop once more, as long as the budget allows.
    fn repeated(&mut self, body: &str, flow: &mut Flow) -> bool {
        self.budget.bytes = self.budget.bytes.saturating_sub(body.len());
        if self.budget.is_spent() {
            self.report(
                Severity::Error,
                "foreach",
                "les boucles du document se développent sans fin ; le développement s'arrête ici",
            );
            return false;
        }
        self.flow(body, flow);
        !self.ended
    }
}

/// How many environments more a text opens than it closes.
fn opened(text: &str) -> i32 {
    if !text.contains("\\begin") && !text.contains("\\end") {
        return 0;
    }
    let mut open = 0;
    let mut cursor = Cursor::new(text);
    while let Some(token) = cursor.next_outside_verbatim() {
        match token {
            Token::Command("begin") => open += 1,
            Token::Command("end") => open -= 1,
            _ => {}
        }
    }
    open
}
