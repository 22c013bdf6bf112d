//! Loops in running text: what is repeated, within limits.

use super::{Flow, Parser};
use crate::reader::{Cursor, Token};
use crate::{Severity, keyval};
use mqd_math::Macro;

/// A loop goes round this often at most.
const MAX_ROUNDS: usize = 200;

impl Parser<'_> {
    /// A loop of LaTeX, ifthen or forloop; `false` when the command is none.
    pub(super) fn repeat(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) -> bool {
        match name {
            "foreach" => self.foreach(cursor, flow),
            "multido" => self.multido(cursor, flow),
            "whiledo" => {
                let test = cursor.argument().unwrap_or_default();
                let body = cursor.argument().unwrap_or_default();
                self.while_holds(name, body, flow, |parser| {
                    parser.state.condition_of_arguments("ifthenelse", &[test])
                });
            }
            "forloop" => {
                let step = cursor.optional().unwrap_or("1");
                let counter = cursor.argument().unwrap_or_default().trim().to_owned();
                let start = self.evaluate(cursor.argument().unwrap_or_default());
                let test = cursor.argument().unwrap_or_default();
                let body = cursor.argument().unwrap_or_default();
                let step = step.trim().parse().unwrap_or(1);
                self.state.counters.insert(counter.clone(), start.parse().unwrap_or(0));
                let mut first = true;
                self.while_holds(name, body, flow, |parser| {
                    if !std::mem::take(&mut first) {
                        let value = parser.value(&counter).saturating_add(step);
                        parser.state.counters.insert(counter.clone(), value);
                    }
                    parser.state.condition_of_arguments("ifthenelse", &[test])
                });
            }
            "loop" => {
                let mut ahead = cursor.clone();
                let start = ahead.offset();
                let mut condition = None;
                let end = loop {
                    match ahead.next() {
                        Some(Token::Command("repeat")) => break ahead.offset() - "\\repeat".len(),
                        Some(Token::Command("loop")) | None => break 0,
                        Some(Token::Command(name)) if crate::conditions::opens(name) => {
                            condition = condition.or(Some((name, ahead.clone())));
                        }
                        _ => {}
                    }
                };
                let Some((test, after)) = condition.filter(|_| end > 0) else {
                    self.not_followed(name);
                    return true;
                };
                let before = ahead.slice(start, after.offset() - test.len() - 1);
                let inner = ahead.slice(after.offset(), end);
                *cursor = ahead;
                for _ in 0..MAX_ROUNDS {
                    if !self.repeated(before, flow) {
                        return true;
                    }
                    let mut rest = Cursor::new(inner);
                    match self.state.condition(test, &mut rest) {
                        Some(true) if self.repeated(rest.rest(), flow) => {}
                        Some(_) => return true,
                        None => break,
                    }
                }
                self.not_followed(name);
            }
            _ => return false,
        }
        true
    }

    /// Repeats a body while a condition holds.
    fn while_holds(
        &mut self,
        name: &str,
        body: &str,
        flow: &mut Flow,
        mut holds: impl FnMut(&mut Self) -> Option<bool>,
    ) {
        for _ in 0..MAX_ROUNDS {
            match holds(self) {
                Some(true) if self.repeated(body, flow) => {}
                Some(_) => return,
                None => break,
            }
        }
        self.not_followed(name);
    }

    fn not_followed(&mut self, name: &str) {
        self.report(
            Severity::Warning,
            name,
            "cette boucle n'est pas comprise, ou ne finit pas ; ce qu'elle ajoute manque",
        );
    }

    /// After pgffor's `\foreach`: `\x in {1,2,...,5} {…}`, `\x/\y in {1/a,2/b} {…}`.
    fn foreach(&mut self, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let mut ahead = cursor.clone();
        let mut variables = Vec::new();
        let mut options = String::new();
        let found = loop {
            match ahead.next() {
                Some(Token::Command(name)) => variables.push(name.to_owned()),
                Some(Token::Char('/') | Token::Space) => {}
                Some(Token::Char('[')) => {
                    let start = ahead.offset();
                    let mut end = start;
                    while ahead.next().is_some_and(|token| token != Token::Char(']')) {
                        end = ahead.offset();
                    }
                    options = ahead.slice(start, end).to_owned();
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
        let mut counted = None;
        for (key, value) in keyval::parse(&options) {
            match key {
                "count" => counted = value.split_whitespace().next().map(str::to_owned),
                _ => self.report(
                    Severity::Warning,
                    "foreach",
                    "cette option de la boucle n'est pas comprise ; ce qu'elle calcule manque",
                ),
            }
        }
        if list.len() > MAX_ROUNDS {
            self.report(
                Severity::Warning,
                "foreach",
                "cette boucle est trop longue ; son début est montré",
            );
        }
        for (round, values) in list.into_iter().take(MAX_ROUNDS).enumerate() {
            if let Some(name) = &counted {
                let count = (round + 1).to_string();
                self.state.macros.insert(name.trim_start_matches('\\'), Macro::constant(&count));
            }
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
    fn multido(&mut self, cursor: &mut Cursor<'_>, flow: &mut Flow) {
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
