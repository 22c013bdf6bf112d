//! Conditions in running text: which branch is shown; and what stands in the place of a macro.

use super::{Flow, Next, Parser, end_of};
use crate::reader::{Cursor, Token, join};
use crate::{Severity, conditions, tree::Inline};
use std::borrow::Cow;

/// Macros that stand for items or cells may stand for one another this deep.
const MAX_UNFOLD: usize = 8;
/// What `unfold_at` looks for in a text that may leave an environment open.
const UNBALANCED: &[&str] = &["\\begin", "\\end"];
/// So much of a group follows a switch that a macro of the author stands for.
const MAX_SWITCHED: usize = 4_000;

impl Parser<'_> {
    /// Handles a condition; `None` when the command is none.
    pub(super) fn conditional<'s>(
        &mut self,
        name: &str,
        source: &'s str,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) -> Option<Next> {
        if name == "unless" {
            self.unless = true;
            return Some(Next::Token);
        }
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
        let number = (name == "ifcase").then(|| self.state.read_number(&mut ahead));
        let holds = match number {
            Some(number) => number.map(|_| true),
            None => self.state.condition(name, &mut ahead),
        };
        let holds =
            if std::mem::take(&mut self.unless) { holds.map(|holds| !holds) } else { holds };
        ahead.skip_space();
        let Some((yes, no, length)) = conditions::branches(ahead.rest(), &self.state.macros) else {
            self.unclosed.insert(key);
            return None;
        };
        let chosen = match holds {
            Some(true) => match number.flatten().map(|number| conditions::case(yes, number)) {
                Some(conditions::NO_CASE) => no,
                Some(case) => case,
                None => yes,
            },
            Some(false) => no,
            None => {
                self.report(
                    Severity::Warning,
                    name,
                    "cette condition ne peut être décidée ici ; sa première branche est montrée",
                );
                if number.is_some() { conditions::case(yes, 0) } else { yes }
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
        // What depends on a condition may open or close an environment.
        let text = &*match text.contains("\\begin") || text.contains("\\end") {
            true => self.decided(text),
            false => Cow::Borrowed(text),
        };
        let open = opened(text);
        if open <= 0 {
            if let Some(code) = code_behind(text, cursor) {
                // `\newcommand{\py}{\lstinline[language=Python]}`.
                flow.inline(Inline::Code(code.to_owned()));
                return Next::Token;
            }
            if let Some(options) = text.trim().strip_prefix("\\Verb[")
                && let Some(options) = options.strip_suffix(']')
                && let Some(signs) = super::commandchars::signs_in(options)
            {
                // pandoc's `\newcommand{\VERB}{\Verb[commandchars=\\\{\}]}`.
                self.verb_with_commands(signs, cursor, flow);
                return Next::Token;
            }
            match self.with_what_follows(text, cursor) {
                Some(text) => self.flow(&text, flow),
                None => self.flow(text, flow),
            }
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

    /// A text that ends with a command takes the arguments of that command from the source behind
    /// the macro, and the choices of `\@ifstar` and `\@ifnextchar` look there; a switch at its end
    /// holds for the rest of the group.
    fn with_what_follows(&mut self, text: &str, cursor: &mut Cursor<'_>) -> Option<String> {
        // What stands before the choice is read as it is.
        let (before, last) = before_last_choice(text);
        if !before.is_empty() {
            return self.with_what_follows(last, cursor).map(|chosen| join(before, &chosen));
        }
        let mut text = Cow::Borrowed(text);
        for _ in 0..MAX_UNFOLD {
            let Some(chosen) = next_sign(&text, cursor) else { break };
            text = Cow::Owned(chosen);
            let more = following_arguments(cursor);
            let whole = join(&text, more);
            self.budget.bytes = self.budget.bytes.saturating_sub(whole.len());
            let found = match whole.starts_with('\\') {
                true => self.state.macros.expand_at(&whole, &mut self.budget),
                false => None,
            };
            text = Cow::Owned(match found {
                Some(found) => join(&found.text, &whole[found.consumed..]),
                None => whole,
            });
        }
        // A heading of the author's own: its star and title stand behind.
        let starts = text.contains("\\@startsection");
        let switched = !starts && holds_on(&text) && cursor.rest().len() <= MAX_SWITCHED;
        if switched || starts || last_command(&text).is_some() {
            let more = if switched {
                let rest = cursor.rest();
                cursor.advance(rest.len());
                rest
            } else {
                following_arguments(cursor)
            };
            if !more.is_empty() {
                self.budget.bytes = self.budget.bytes.saturating_sub(more.len());
                text = Cow::Owned(join(&text, more));
            }
        }
        match text {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        }
    }

    /// The part of a source up to where as many environments are closed as are `open`, with the
    /// macros replaced that open or close one, and its length in the source.
    fn up_to_the_end(&mut self, rest: &str, mut open: i32) -> (String, usize) {
        let mut out = String::new();
        let mut copied = 0;
        let mut cursor = Cursor::new(rest);
        let mut unclosed = false;
        while let Some(token) = cursor.next_outside_verbatim() {
            let Token::Command(name) = token else { continue };
            let at = cursor.offset() - name.len() - 1;
            match name {
                _ if !unclosed
                    && (conditions::arguments(name).is_some() || conditions::opens(name)) =>
                {
                    let mut ahead = cursor.clone();
                    let Some(found) = self.alternatives(name, &mut ahead) else {
                        unclosed = true;
                        continue;
                    };
                    let Some((yes, no, holds)) = found else { continue };
                    if opened(yes) == 0 && opened(no) == 0 {
                        // What is in the branches is looked at once more.
                        unclosed |= !self.afford(yes.len() + no.len());
                        continue;
                    }
                    let chosen = if holds { yes } else { no };
                    out = join(&out, &rest[copied..at]);
                    out = join(&out, chosen);
                    copied = ahead.offset();
                    cursor = ahead;
                    open += opened(chosen);
                }
                "begin" => open += 1,
                "end" => {
                    open -= 1;
                    cursor.argument();
                }
                _ => {
                    let turns = self.state.macros.get(name).is_some_and(|meaning| {
                        self.state.macros.can_follow(meaning)
                            && (meaning.body.contains("\\begin") || meaning.body.contains("\\end"))
                            && opened(&meaning.body) != 0
                    });
                    if !turns || crate::tables::is_definer(name) {
                        continue;
                    }
                    let found = self.state.macros.expand_at(&rest[at..], &mut self.budget);
                    let Some(found) = found else { continue };
                    let text = self.decided(&found.text);
                    out = join(&out, &rest[copied..at]);
                    out = join(&out, &text);
                    copied = at + found.consumed;
                    cursor = Cursor::at(rest, copied);
                    open += opened(&text);
                }
            }
            if open <= 0 {
                break;
            }
        }
        let end = cursor.offset().min(rest.len());
        (join(&out, &rest[copied..end.max(copied)]), end.max(copied))
    }

    /// Takes what reading so many bytes once more costs from the budget, if there is enough left.
    fn afford(&mut self, bytes: usize) -> bool {
        self.budget.bytes = self.budget.bytes.saturating_sub(bytes);
        !self.budget.is_spent()
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
                let path = self.file_name(tests.first().copied().unwrap_or_default());
                Some(self.state.find(&path, self.sources).is_some())
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

    /// What a condition chooses from, and whether it holds, which are read; `None` when it does not
    /// end, and no branches when it cannot be decided here.
    pub(super) fn alternatives<'s>(
        &self,
        name: &str,
        cursor: &mut Cursor<'s>,
    ) -> Option<Option<(&'s str, &'s str, bool)>> {
        if let Some(count) = conditions::arguments(name) {
            let mut tests = Vec::new();
            for _ in 0..count {
                tests.push(cursor.argument()?);
            }
            let Some(holds) = self.state.condition_of_arguments(name, &tests) else {
                return Some(None);
            };
            let (first, second) = conditions::has_branches(name);
            let yes = if first { cursor.argument()? } else { "" };
            let no = if second { cursor.argument().unwrap_or_default() } else { "" };
            return Some(Some((yes, no, holds)));
        }
        let Some(holds) = self.state.condition(name, cursor) else { return Some(None) };
        self.branches_of(holds, cursor).map(Some)
    }

    /// Behind a condition that ends at `\fi`: its branches, and whether it holds.
    pub(super) fn branches_of<'s>(
        &self,
        holds: bool,
        cursor: &mut Cursor<'s>,
    ) -> Option<(&'s str, &'s str, bool)> {
        cursor.skip_space();
        let (yes, no, length) = conditions::branches(cursor.rest(), &self.state.macros)?;
        cursor.advance(length);
        cursor.skip_space();
        Some((yes, no, holds))
    }

    /// What opens or closes environments, with the conditions decided on which that depends. The
    /// others are decided where they are read.
    pub(super) fn decided<'b>(&mut self, text: &'b str) -> Cow<'b, str> {
        if ["\\if", "\\If", "\\not"].iter().any(|start| text.contains(start)) {
            self.unfold_at(text, UNBALANCED, 0)
        } else {
            Cow::Borrowed(text)
        }
    }

    /// A body whose conditions are decided and in which macros that stand for one of the `wanted`
    /// commands are replaced, so that it can be split into items or cells.
    pub(super) fn unfold<'b>(&mut self, body: &'b str, wanted: &[&str]) -> Cow<'b, str> {
        match self.without_loops(body) {
            Cow::Borrowed(body) => self.unfold_at(body, wanted, 0),
            Cow::Owned(body) => Cow::Owned(self.unfold_at(&body, wanted, 0).into_owned()),
        }
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
                _ if depth >= MAX_UNFOLD => {}
                _ if environments > 0 && wanted != UNBALANCED => {}
                _ if wanted != UNBALANCED
                    && self.state.macros.get(name).is_some_and(|meaning| {
                        self.state.macros.can_follow(meaning)
                            && wanted.iter().any(|text| meaning.body.contains(text))
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
                _ if !unclosed
                    && (conditions::arguments(name).is_some() || conditions::opens(name)) =>
                {
                    let mut ahead = cursor.clone();
                    let Some(found) = self.alternatives(name, &mut ahead) else {
                        unclosed = true;
                        continue;
                    };
                    let Some((yes, no, holds)) = found else { continue };
                    let matters = |branch: &str| wanted.iter().any(|text| branch.contains(text));
                    if wanted == UNBALANCED {
                        if opened(yes) == 0 && opened(no) == 0 {
                            // What is in the branches is looked at once more.
                            unclosed |= !self.afford(yes.len() + no.len());
                            continue;
                        }
                    } else if !conditions::opens(name) && !matters(yes) && !matters(no) {
                        // Branches that are arguments are read in their turn, if nothing hangs on them.
                        cursor = ahead;
                        continue;
                    }
                    let chosen = if holds { yes } else { no };
                    out = join(&out, &body[copied..at]);
                    out = join(&out, &self.unfold_at(chosen, wanted, depth + 1));
                    copied = ahead.offset();
                    cursor = ahead;
                }
                _ => {}
            }
        }
        if copied == 0 {
            return Cow::Borrowed(body);
        }
        Cow::Owned(join(&out, &body[copied..]))
    }
}

/// Whether a text sets a style that goes on behind it.
fn holds_on(text: &str) -> bool {
    if text.len() > MAX_SWITCHED || !text.contains('\\') {
        return false;
    }
    let mut depth = 0_i32;
    Cursor::new(text).any(|token| {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth -= 1,
            Token::Command(name) => return depth == 0 && crate::tables::switch(name).is_some(),
            _ => {}
        }
        false
    })
}

/// The name of the command with which a text ends.
fn last_command(text: &str) -> Option<&str> {
    let text = text.trim_end_matches([' ', '\n']);
    let head = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '@');
    let slashes = head.len() - head.trim_end_matches('\\').len();
    (head.len() < text.len() && slashes % 2 == 1).then(|| &text[head.len()..])
}

/// The text as it stands behind a macro that ends with `\lstinline` or its like.
fn code_behind<'s>(text: &str, cursor: &mut Cursor<'s>) -> Option<&'s str> {
    let mut inner = Cursor::new(text);
    let Some(Token::Command(name @ ("lstinline" | "mintinline" | "verb"))) = inner.next() else {
        return None;
    };
    inner.optional();
    if name == "mintinline" {
        inner.argument();
    }
    if inner.rest().trim().is_empty() { cursor.text_as_it_stands("lstinline") } else { None }
}

/// A star and the groups in brackets and braces that come next, which are read.
fn following_arguments<'s>(cursor: &mut Cursor<'s>) -> &'s str {
    let start = cursor.offset();
    cursor.star();
    for _ in 0..9 {
        let read = match cursor.peek() {
            Some(Token::Char('[')) => cursor.optional().is_some(),
            Some(Token::Open) => cursor.argument().is_some(),
            _ => false,
        };
        if !read {
            break;
        }
    }
    cursor.slice(start, cursor.offset())
}

/// A text that ends with `\@ifstar{…}{…}` or `\@ifnextchar[{…}{…}`: what stands before that, and it.
fn before_last_choice(text: &str) -> (&str, &str) {
    if !text.contains("\\@if") {
        return ("", text);
    }
    let mut cursor = Cursor::new(text);
    while let Some(token) = cursor.next() {
        let name = match token {
            // What is in a group looks at what follows in the group.
            Token::Open => {
                if cursor.rest_of_group().is_none() {
                    break;
                }
                continue;
            }
            Token::Command(name @ ("@ifstar" | "@ifnextchar")) => name,
            _ => continue,
        };
        let start = cursor.offset() - name.len() - 1;
        if name == "@ifnextchar" {
            cursor.skip_space();
            cursor.next();
        }
        if cursor.argument().is_some()
            && cursor.argument().is_some()
            && cursor.rest().trim().is_empty()
        {
            return text.split_at(start);
        }
    }
    ("", text)
}

/// What `\@ifstar{…}{…}` or `\@ifnextchar[{…}{…}` chooses, when a text begins with it: by what
/// stands in the source next.
fn next_sign(text: &str, cursor: &mut Cursor<'_>) -> Option<String> {
    let mut inner = Cursor::new(text);
    inner.skip_space();
    let holds = match inner.next()? {
        Token::Command("@ifstar") => cursor.star(),
        Token::Command("@ifnextchar") => {
            inner.skip_space();
            let wanted = inner.next()?;
            let mut ahead = cursor.clone();
            ahead.skip_space();
            ahead.peek() == Some(wanted)
        }
        _ => return None,
    };
    let (yes, no) = (inner.argument()?, inner.argument()?);
    Some(join(if holds { yes } else { no }, inner.rest()))
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
