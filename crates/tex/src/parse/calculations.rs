//! What documents calculate in running text: pgf, xfp, fp, and xstring's operations on words.

use super::{Flow, Parser};
use crate::Severity;
use crate::calc::{self, Mode};
use crate::reader::{Cursor, Token};
use mqd_math::Macro;

/// What is said of a calculation that is not done.
const NOT_DONE: &str = "ce calcul n'est pas fait ; son expression est montrée à la place";

impl Parser<'_> {
    /// A command that calculates; `false` when it is none.
    pub(super) fn calculation(
        &mut self,
        name: &str,
        cursor: &mut Cursor<'_>,
        flow: &mut Flow,
    ) -> bool {
        match name {
            "pgfmathsetmacro"
            | "pgfmathtruncatemacro"
            | "pgfmathparse"
            | "FPeval"
            | "FPset"
            | "pgfmathdeclareresult" => {
                let target = match name {
                    "pgfmathparse" => "pgfmathresult",
                    _ => cursor.argument().unwrap_or_default().trim().trim_start_matches('\\'),
                };
                let target = target.to_owned();
                let given = cursor.argument().unwrap_or_default();
                let mode = if name.starts_with("pgf") { Mode::Pgf } else { Mode::Fp };
                let value = self.computed(name, given, mode, |value, text| match name {
                    "pgfmathtruncatemacro" => calc::print(value.trunc(), 0),
                    _ if mode == Mode::Pgf => calc::print_pgf(value, text),
                    _ => calc::print(value, 12),
                });
                self.state.macros.insert(&target, Macro::constant(value.trim()));
            }
            "FPround" | "FPtrunc" | "FPclip" => {
                let target = cursor.argument().unwrap_or_default().trim();
                let target = target.trim_start_matches('\\').to_owned();
                let given = cursor.argument().unwrap_or_default();
                let places = if name == "FPclip" { None } else { cursor.argument() };
                let places = places.and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(12);
                let value = self.computed(name, given, Mode::Fp, |value, _| match name {
                    "FPround" => format!("{value:.*}", places.min(12)),
                    _ => calc::print(value, places.min(12)),
                });
                self.state.macros.insert(&target, Macro::constant(&value));
            }
            "fpeval" | "inteval" | "FPprint" => {
                let given = cursor.argument().unwrap_or_default();
                let mode = if name == "inteval" { Mode::Integer } else { Mode::Fp };
                let value = self.computed(name, given, mode, |value, _| calc::print(value, 12));
                flow.raw(&value);
            }
            "pgfmathprintnumber" => {
                cursor.optional();
                let given = cursor.argument().unwrap_or_default();
                let value = self.computed(name, given, Mode::Pgf, |value, _| calc::print(value, 2));
                flow.raw(&value.replace('.', ","));
            }
            _ => return false,
        }
        true
    }

    /// The printed value of an expression, or the expression itself, which is told.
    fn computed(
        &mut self,
        name: &str,
        given: &str,
        mode: Mode,
        print: impl FnOnce(f64, &str) -> String,
    ) -> String {
        let text = self.state.macros.expand(given, &mut self.budget).into_owned();
        match self.state.compute(&text, mode) {
            Some(value) => print(value, &text),
            None => {
                self.report(Severity::Warning, name, NOT_DONE);
                text
            }
        }
    }

    /// xstring's operations; `false` when the command is none.
    pub(super) fn string(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) -> bool {
        let arguments = match name {
            "StrLen" => 1,
            "StrLeft" | "StrRight" | "StrChar" | "StrGobbleLeft" | "StrGobbleRight"
            | "StrBefore" | "StrBehind" | "StrCount" | "StrPosition" | "StrDel" => 2,
            "StrMid" | "StrSubstitute" | "StrBetween" => 3,
            _ => return false,
        };
        cursor.star();
        let which = cursor.optional().unwrap_or("1").trim().parse::<usize>().unwrap_or(1);
        let mut given = Vec::new();
        for _ in 0..arguments {
            let text = cursor.argument().unwrap_or_default();
            given.push(self.state.macros.expand(text, &mut self.budget).trim().to_owned());
        }
        // `[\result]` keeps the result instead of showing it.
        let mut kept = None;
        if cursor.peek() == Some(Token::Char('[')) && cursor.rest().starts_with("[\\") {
            kept = cursor.optional().map(|name| name.trim().trim_start_matches('\\').to_owned());
        }
        let text = given[0].as_str();
        let second = given.get(1).map_or("", String::as_str);
        let third = given.get(2).map_or("", String::as_str);
        let number = |text: &str| text.parse::<usize>().unwrap_or(0);
        let length = text.chars().count();
        let part = |from: usize, to: usize| -> String {
            text.chars().skip(from).take(to.saturating_sub(from)).collect()
        };
        // Where the wanted occurrence of a text stands.
        let found = |of: &str| {
            let mut places = text.match_indices(of).filter(|_| !of.is_empty());
            places.nth(which.saturating_sub(1)).map(|(at, _)| at)
        };
        let result = match name {
            "StrLen" => length.to_string(),
            "StrLeft" => part(0, number(second)),
            "StrRight" => part(length.saturating_sub(number(second)), length),
            "StrChar" => part(number(second).saturating_sub(1), number(second)),
            "StrGobbleLeft" => part(number(second), length),
            "StrGobbleRight" => part(0, length.saturating_sub(number(second))),
            "StrMid" => part(number(second).saturating_sub(1), number(third)),
            "StrBefore" => found(second).map_or(String::new(), |at| text[..at].to_owned()),
            "StrBehind" => {
                found(second).map_or(String::new(), |at| text[at + second.len()..].to_owned())
            }
            "StrBetween" => text
                .split_once(second)
                .and_then(|(_, rest)| rest.split_once(third))
                .map_or(String::new(), |(inner, _)| inner.to_owned()),
            "StrCount" if second.is_empty() => "0".to_owned(),
            "StrCount" => text.matches(second).count().to_string(),
            "StrPosition" => {
                found(second).map_or(0, |at| text[..at].chars().count() + 1).to_string()
            }
            _ if second.is_empty() => text.to_owned(),
            _ => text.replace(second, third),
        };
        self.budget.bytes = self.budget.bytes.saturating_sub(result.len());
        if self.budget.is_spent() {
            self.report(Severity::Error, name, "les opérations sur les mots s'arrêtent ici");
            return true;
        }
        match kept {
            Some(name) => self.state.macros.insert(&name, Macro::constant(&result)),
            None => self.flow(&result, flow),
        }
        true
    }
}
