//! Loops in running text: what is repeated, within limits.

use super::{Flow, Parser};
use crate::calc::{self, Mode};
use crate::reader::{Cursor, Token, join};
use crate::{Severity, keyval};
use mqd_math::Macro;
use std::borrow::Cow;

/// A loop goes round this often at most.
const MAX_ROUNDS: usize = 200;

/// A list of a loop is this long at most.
const MAX_LIST: usize = 2_000;

/// A loop: what its variables stand for in each round, and what is repeated.
struct Loop {
    rounds: Vec<Vec<(String, String)>>,
    body: String,
}

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
            _ if is_list_loop(name) => {
                let rounds = list_loop(name, cursor, &self.state.macros, &mut self.budget);
                for text in rounds {
                    if !self.repeated(&text, flow) {
                        break;
                    }
                }
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
        let Some(found) = self.read_foreach(cursor) else {
            self.report(
                Severity::Warning,
                "foreach",
                "cette boucle n'est pas comprise ; elle est passée, ses arguments sont montrés",
            );
            return;
        };
        if found.body.contains("\\item") {
            // The items of a list belong to the list around the loop, which was unrolled there.
            let text = self.unrolled(&found);
            return self.flow(&text, flow);
        }
        for values in &found.rounds {
            // Each round is a group.
            let mark = self.state.macros.mark();
            for (name, value) in values {
                self.state.macros.insert(name, Macro::constant(value));
            }
            let goes_on = self.repeated(&found.body, flow);
            self.state.macros.undo(mark);
            if !goes_on {
                return;
            }
        }
    }

    /// The head and the body of `\foreach`, with what its variables stand for in each round.
    fn read_foreach(&mut self, cursor: &mut Cursor<'_>) -> Option<Loop> {
        let mut ahead = cursor.clone();
        let mut variables = Vec::new();
        let mut options = String::new();
        loop {
            match ahead.next()? {
                Token::Command(name) => variables.push(name.to_owned()),
                Token::Char('/') | Token::Space => {}
                Token::Char('[') => {
                    let start = ahead.offset();
                    let mut end = start;
                    let mut depth = 0_i32;
                    while let Some(token) = ahead.next() {
                        match token {
                            Token::Open => depth += 1,
                            Token::Close => depth -= 1,
                            Token::Char(']') if depth <= 0 => break,
                            _ => {}
                        }
                        end = ahead.offset();
                    }
                    options = ahead.slice(start, end).to_owned();
                }
                Token::Char('i') if ahead.next() == Some(Token::Char('n')) => break,
                _ => return None,
            }
        }
        let list = ahead.argument()?;
        let mut list = self.list_of_loop(list);
        let body = ahead.argument()?.to_owned();
        *cursor = ahead;
        if list.len() > MAX_ROUNDS {
            list.truncate(MAX_ROUNDS);
            self.report(
                Severity::Warning,
                "foreach",
                "cette boucle est trop longue ; son début est montré",
            );
        }
        let mut rounds = Vec::new();
        for values in list {
            let mut parts = values.split('/');
            let mut last = "";
            let mut round = Vec::new();
            for name in &variables {
                // What a short entry leaves out is as the one before it.
                last = parts.next().map_or(last, str::trim);
                round.push((name.clone(), last.to_owned()));
            }
            rounds.push(round);
        }
        for (key, value) in keyval::parse(&options) {
            let known = match key {
                "count" => self.counted(value, &mut rounds),
                "evaluate" => self.evaluated(value, &mut rounds),
                _ => None,
            };
            if known.is_none() {
                self.report(
                    Severity::Warning,
                    "foreach",
                    "cette option de la boucle n'est pas comprise ; ce qu'elle calcule manque",
                );
            }
        }
        Some(Loop { rounds, body })
    }

    /// `count=\i from 0`
    fn counted(&mut self, option: &str, rounds: &mut [Vec<(String, String)>]) -> Option<()> {
        let (name, from) = option.split_once(" from ").unwrap_or((option, "1"));
        let name = name.trim().strip_prefix('\\')?;
        let from = self.state.compute(from, Mode::Pgf).and_then(crate::conditions::whole)?;
        for (at, round) in (from..).zip(rounds) {
            round.push((name.to_owned(), at.to_string()));
        }
        Some(())
    }

    /// `evaluate=\x as \y using int(2*\x)`
    fn evaluated(&mut self, option: &str, rounds: &mut [Vec<(String, String)>]) -> Option<()> {
        let (of, rest) = option.split_once(" as ").unwrap_or((option, option));
        let (to, using) = rest.split_once(" using ").unwrap_or((rest, of));
        let to = to.trim().strip_prefix('\\')?.to_owned();
        for round in rounds {
            let expression = substituted(using, round);
            let value = self.state.compute(&expression, Mode::Pgf)?;
            round.push((to.clone(), calc::print_pgf(value, &expression)));
        }
        Some(())
    }

    /// All rounds of a loop as text.
    fn unrolled(&mut self, found: &Loop) -> String {
        let mut out = String::new();
        for round in &found.rounds {
            let text = substituted(&found.body, round);
            self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
            if self.budget.is_spent() {
                self.not_followed("foreach");
                break;
            }
            out = join(&out, &text);
        }
        out
    }

    /// A text with its loops unrolled, where items, cells or formulas are to be split.
    pub(super) fn without_loops<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if !text.contains("\\foreach") {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        let mut copied = 0;
        let mut cursor = Cursor::new(text);
        while let Some(token) = cursor.next_outside_verbatim() {
            if token == Token::Command("begin")
                && cursor.clone().argument().is_some_and(crate::tables::is_drawing)
            {
                let mut ahead = cursor.clone();
                let name = ahead.argument().unwrap_or_default();
                if ahead.rest_of_environment(name).is_some() {
                    cursor = ahead;
                }
                continue;
            }
            if token == Token::Command("tikz") {
                cursor.optional();
                if cursor.peek() == Some(Token::Open) {
                    cursor.argument();
                }
                continue;
            }
            if token != Token::Command("foreach") {
                continue;
            }
            let start = cursor.offset() - "\\foreach".len();
            let Some(found) = self.read_foreach(&mut cursor) else { continue };
            out = join(&out, &text[copied..start]);
            out = join(&out, &self.unrolled(&found));
            copied = cursor.offset();
        }
        if copied == 0 { Cow::Borrowed(text) } else { Cow::Owned(join(&out, &text[copied..])) }
    }

    fn list_of_loop(&mut self, list: &str) -> Vec<String> {
        let list = self.state.macros.expand(list, &mut self.budget).into_owned();
        let mut out: Vec<String> = Vec::new();
        let mut dots = false;
        for part in outside_groups(&list) {
            let part = part.trim();
            if part == "..." || part == "\\ldots" || part == "\\dots" {
                dots = true;
                continue;
            }
            if std::mem::take(&mut dots)
                && let Some(last) = out.last()
                && let Some(steps) = steps(out.len().checked_sub(2).map(|at| &*out[at]), last, part)
            {
                out.extend(steps);
                continue;
            }
            out.push(part.trim_start_matches('{').trim_end_matches('}').to_owned());
        }
        out
    }

    /// After `\multido`: `{\i=1+2}{5}{…}`.
    fn multido(&mut self, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let variables = cursor.argument().unwrap_or_default().to_owned();
        let rounds = cursor.argument().and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(0);
        let body = cursor.argument().unwrap_or_default().to_owned();
        let known: Vec<(String, f64, f64)> = variables
            .split(',')
            .filter(|variable| !variable.trim().is_empty())
            .filter_map(|variable| {
                let (name, rule) = variable.split_once('=')?;
                let (start, step) = rule.split_once('+')?;
                let name = name.trim().strip_prefix('\\')?.to_owned();
                Some((name, start.trim().parse().ok()?, step.trim().parse().ok()?))
            })
            .collect();
        let given = variables.split(',').filter(|variable| !variable.trim().is_empty());
        if known.len() != given.count() || rounds > MAX_ROUNDS {
            self.report(
                Severity::Warning,
                "multido",
                "cette boucle n'est pas comprise ; elle est faite une fois",
            );
            return self.flow(&body, flow);
        }
        for round in 0..u8::try_from(rounds).unwrap_or(u8::MAX) {
            for (name, start, step) in &known {
                let value = calc::print(start + step * f64::from(round), 6);
                self.state.macros.insert(name, Macro::constant(&value));
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

/// Whether a command goes through a list between commas.
pub(crate) fn is_list_loop(name: &str) -> bool {
    matches!(name, "docsvlist" | "forcsvlist" | "@for")
}

/// After etoolbox' `\docsvlist{a,b}` and `\forcsvlist{\x}{a,b}`, or LaTeX's `\@for\x:=a,b\do{…}`: what
/// is read in each round.
pub(crate) fn list_loop(
    name: &str,
    cursor: &mut Cursor<'_>,
    macros: &mqd_math::Macros,
    budget: &mut mqd_math::Budget,
) -> Vec<String> {
    let mut variable = None;
    let mut each = "\\do";
    let list = match name {
        "@for" => {
            let mut ahead = cursor.clone();
            ahead.skip_space();
            let Some(Token::Command(found)) = ahead.next() else { return Vec::new() };
            variable = Some(found.to_owned());
            let Some(list) = up_to_do(&mut ahead) else { return Vec::new() };
            each = ahead.argument().unwrap_or_default();
            *cursor = ahead;
            list
        }
        "forcsvlist" => {
            each = cursor.argument().unwrap_or_default();
            cursor.argument().unwrap_or_default()
        }
        _ => cursor.argument().unwrap_or_default(),
    };
    let list = macros.expand(list, budget).into_owned();
    let parts = outside_groups(&list).into_iter().map(str::trim).filter(|part| !part.is_empty());
    let mut rounds = Vec::new();
    for part in parts.take(MAX_ROUNDS) {
        let text = match &variable {
            Some(variable) => substituted(each, &[(variable.clone(), part.to_owned())]),
            None => format!("{each}{{{part}}}"),
        };
        budget.bytes = budget.bytes.saturating_sub(text.len());
        if budget.is_spent() {
            break;
        }
        rounds.push(text);
    }
    rounds
}

/// Between the variable of `\@for` and `\do`, which is read too: the list.
fn up_to_do<'s>(cursor: &mut Cursor<'s>) -> Option<&'s str> {
    let start = cursor.offset();
    loop {
        let end = cursor.offset();
        if end - start > MAX_LIST {
            return None;
        }
        match cursor.next()? {
            Token::Command("do") => {
                return Some(cursor.slice(start, end).trim().trim_start_matches([':', '=']));
            }
            Token::Paragraph => return None,
            _ => {}
        }
    }
}

/// A text in which variables are replaced.
fn substituted(text: &str, values: &[(String, String)]) -> String {
    let mut out = String::new();
    let mut copied = 0;
    let mut cursor = Cursor::new(text);
    while let Some(token) = cursor.next_outside_verbatim() {
        let Token::Command(name) = token else { continue };
        if let Some((_, value)) = values.iter().rev().find(|(variable, _)| variable == name) {
            let at = cursor.offset() - name.len() - 1;
            out = join(&out, &text[copied..at]);
            out = join(&out, value);
            // TeX skips the blanks behind a command.
            cursor.skip_space();
            copied = cursor.offset();
        }
    }
    join(&out, &text[copied..])
}

/// The entries of a list, commas in braces left alone.
pub(super) fn outside_groups(list: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_i32);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts
}

/// What `...` stands for between two entries, the second with it: numbers with the step of the two
/// entries before, or letters.
fn steps(before: Option<&str>, last: &str, end: &str) -> Option<Vec<String>> {
    let letter = |text: &str| {
        let mut chars = text.chars();
        chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
    };
    if let (Some(from), Some(to)) = (letter(last), letter(end)) {
        return Some((from..=to).skip(1).map(|c| c.to_string()).collect());
    }
    let (from, to) = (last.parse::<f64>().ok()?, end.parse::<f64>().ok()?);
    let step = match before.and_then(|text| text.parse::<f64>().ok()) {
        Some(before) => from - before,
        None => f64::from(if to < from { -1 } else { 1 }),
    };
    if step == 0.0 || !step.is_finite() {
        return None;
    }
    let whole = [from, to, step].iter().all(|x| x.fract() == 0.0);
    let mut out = Vec::new();
    for at in 1_u16.. {
        let value = from + f64::from(at) * step;
        // Sums of decimals are not exact.
        let past = if step > 0.0 { value > to + step * 1e-6 } else { value < to + step * 1e-6 };
        if past || out.len() > MAX_ROUNDS {
            break;
        }
        let text = calc::print(value, 5);
        out.push(if whole || text.contains('.') { text } else { format!("{text}.0") });
    }
    Some(out)
}
