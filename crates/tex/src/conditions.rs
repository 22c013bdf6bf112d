//! Switches and the conditions over them: `\newif`, `\ifthenelse`, toggles, comment environments.
//! This is how teachers print a sheet with or without its answers.

use crate::calc::{self, Mode};
use crate::preamble::Preamble;
use crate::reader::{Cursor, Token};
use crate::tables;
use mqd_math::Budget;

/// Conditions of ifthen may hold one another this deep.
const MAX_DEPTH: usize = 16;

/// What xparse gives for an optional argument that is absent.
const NO_VALUE: &str = "-NoValue-";

/// Whether a command opens a condition that ends at `\fi`.
pub(crate) fn opens(name: &str) -> bool {
    name.starts_with("if") && name != "iff" && arguments(name).is_none()
}

/// How many arguments a condition has before its branches, which are arguments too; `None` for those
/// that end at `\fi`.
pub(crate) fn arguments(name: &str) -> Option<usize> {
    Some(match name {
        "iftoggle" | "nottoggle" | "ifbool" | "notbool" | "ifdef" | "ifundef" | "ifcsdef"
        | "ifcsundef" | "ifdefempty" | "ifdefvoid" | "ifblank" | "notblank" | "ifstrempty"
        | "notstrempty" | "ifnumodd" | "ifthenelse" | "ifboolexpr" | "IfFileExists"
        | "InputIfFileExists" | "@ifundefined" | "ifcsdefined" => 1,
        "IfSubStr" | "IfBeginWith" | "IfEndWith" | "IfEq" | "IfStrEq" | "ifstrequal"
        | "ifnumequal" | "ifnumgreater" | "ifnumless" | "ifdefstring" => 2,
        "ifnumcomp" => 3,
        _ => match stem(name)? {
            "IfNoValue" | "IfValue" | "IfBoolean" | "IfBlank" => 1,
            stem => return crate::expl::arguments(stem),
        },
    })
}

/// Which branches a condition has: the first, the second.
pub(crate) fn has_branches(name: &str) -> (bool, bool) {
    match stem(name) {
        Some(_) if name.ends_with("TF") => (true, true),
        Some(_) => (name.ends_with('T'), name.ends_with('F')),
        None => (true, true),
    }
}

/// `IfNoValue` of `IfNoValueTF`.
fn stem(name: &str) -> Option<&str> {
    if !name.starts_with("If") || name.ends_with("Exists") {
        return None;
    }
    ["TF", "T", "F"].iter().find_map(|end| name.strip_suffix(end))
}

/// Whether a command that is called like a condition is a macro of the author that opens none, such as
/// `\newcommand{\ifprof}[2]{…}`.
fn is_own(name: &str, macros: &mqd_math::Macros) -> bool {
    macros.get(name).is_some_and(|meaning| {
        let count = |word: &str| meaning.body.matches(word).count();
        !meaning.terminal
            && meaning.body.len() <= MAX_OWN
            && count("\\if") <= count("\\fi") + count("\\iff") + count("\\ifthenelse")
    })
}

/// Macros called like conditions are this long at most.
const MAX_OWN: usize = 2_000;

/// After the condition of an `\if…`: its two branches and the length up to behind its `\fi`.
pub(crate) fn branches<'s>(
    rest: &'s str,
    macros: &mqd_math::Macros,
) -> Option<(&'s str, &'s str, usize)> {
    let mut cursor = Cursor::new(rest);
    let mut depth = 0_usize;
    let mut middle = None;
    while let Some(token) = cursor.next() {
        let Token::Command(name) = token else { continue };
        let at = cursor.offset() - name.len() - 1;
        match name {
            "fi" if depth == 0 => {
                let (first, second) = match middle {
                    Some((end, start)) => (&rest[..end], &rest[start..at]),
                    None => (&rest[..at], ""),
                };
                return Some((first, second, cursor.offset()));
            }
            "fi" => depth -= 1,
            "else" if depth == 0 && middle.is_none() => {
                let mut after = cursor.clone();
                after.skip_space();
                middle = Some((at, after.offset().min(rest.len())));
            }
            "newif" => {
                cursor.argument();
            }
            name if opens(name) && !is_own(name, macros) => depth += 1,
            _ => {}
        }
    }
    None
}

impl Preamble {
    /// Handles a command that declares or sets a switch; `false` when it is none.
    pub(crate) fn set_switch(&mut self, name: &str, cursor: &mut Cursor<'_>) -> bool {
        let mut word = || cursor.argument().unwrap_or_default().trim().to_owned();
        match name {
            "newif" => {
                let name = word();
                if let Some(flag) = name.trim_start_matches('\\').strip_prefix("if") {
                    self.flags.insert(flag.to_owned(), false);
                }
            }
            "newboolean" | "provideboolean" | "newbool" | "providebool" | "newtoggle"
            | "providetoggle" => {
                self.flags.entry(word()).or_insert(false);
            }
            "setboolean" | "setbool" | "settoggle" => {
                let flag = word();
                let value = word() == "true";
                self.flags.insert(flag, value);
            }
            "booltrue" | "toggletrue" | "boolfalse" | "togglefalse" => {
                self.flags.insert(word(), name.ends_with("true"));
            }
            "printanswers" | "noprintanswers" => {
                self.flags.insert("printanswers".to_owned(), name == "printanswers");
            }
            "includecomment" | "includeversion" => {
                self.comments.insert(word(), true);
            }
            "excludecomment" | "excludeversion" => {
                self.comments.insert(word(), false);
            }
            _ => {
                let known = |flag: &&str| self.flags.contains_key(*flag);
                if let Some(flag) = name.strip_suffix("true").filter(known) {
                    self.flags.insert(flag.to_owned(), true);
                } else if let Some(flag) = name.strip_suffix("false").filter(known) {
                    self.flags.insert(flag.to_owned(), false);
                } else {
                    return false;
                }
            }
        }
        true
    }

    /// Reads the definition with which a source begins, and gives its length.
    pub(crate) fn define(&mut self, source: &str) -> Option<usize> {
        let switch = self.let_switch(source);
        switch.or_else(|| self.macros.define_at(source).map(|found| found.len))
    }

    /// `\let\ifcorrige\iftrue`, with which a source begins: a switch. Its length in the source.
    fn let_switch(&mut self, source: &str) -> Option<usize> {
        let mut cursor = Cursor::new(source);
        let mut command = || {
            cursor.skip_space();
            if cursor.peek() == Some(Token::Char('=')) {
                cursor.next();
                cursor.skip_space();
            }
            match cursor.next()? {
                Token::Command(name) => Some(name),
                _ => None,
            }
        };
        let ("let", name, like) = (command()?, command()?, command()?) else { return None };
        let holds = match like {
            "iftrue" => true,
            "iffalse" => false,
            _ => *self.flags.get(like.strip_prefix("if")?)?,
        };
        self.flags.insert(name.strip_prefix("if")?.to_owned(), holds);
        Some(cursor.offset())
    }

    /// Whether the condition of `\if…` holds, which is read; `None` when that cannot be known here.
    pub(crate) fn condition(&self, name: &str, cursor: &mut Cursor<'_>) -> Option<bool> {
        match name {
            "iftrue" | "ifpdf" | "ifPDFTeX" | "ifpdftex" | "ifhmode" => Some(true),
            "iffalse" | "ifmmode" | "ifvmode" | "ifinner" | "ifxetex" | "ifluatex" | "ifXeTeX"
            | "ifLuaTeX" | "ifVTeX" | "ifdraft" => Some(false),
            "ifnum" => {
                let left = self.read_number(cursor)?;
                cursor.skip_space();
                let relation = cursor.next()?;
                let right = self.read_number(cursor)?;
                compare(relation, left, right)
            }
            "ifodd" => Some(self.read_number(cursor)? % 2 != 0),
            "ifdim" => {
                let left = read_length(cursor)?;
                let relation = cursor.next()?;
                let right = read_length(cursor)?;
                match relation {
                    Token::Char('<') => Some(left < right),
                    Token::Char('>') => Some(left > right),
                    Token::Char('=') => Some((left - right).abs() < 1e-3),
                    _ => None,
                }
            }
            "ifdefined" => match cursor.next()? {
                Token::Command(name) => Some(self.macros.get(name).is_some()),
                _ => None,
            },
            "ifx" => {
                cursor.skip_space();
                let first = cursor.next()?;
                let second = cursor.next()?;
                self.same_meaning(first, second)
            }
            "if" => self.same_sign(cursor),
            _ => {
                let flag = name.strip_prefix("if")?;
                // What a page of a website has not: two sides, columns, a title page.
                let usual = match flag {
                    "@twoside" | "@twocolumn" | "@openright" | "@titlepage" => Some(false),
                    "@mainmatter" | "@filesw" => Some(true),
                    _ => None,
                };
                self.flags.get(flag).copied().or(usual)
            }
        }
    }

    /// `\if`: whether the two signs that come next, with the author's macros replaced, are the same.
    /// Commands count as one sign.
    fn same_sign(&self, cursor: &mut Cursor<'_>) -> Option<bool> {
        let mut signs: Vec<Option<char>> = Vec::new();
        cursor.skip_space();
        while signs.len() < 2 {
            let rest = cursor.rest();
            let before = cursor.clone();
            match cursor.next()? {
                Token::Char(c) => signs.push(Some(c)),
                Token::Space | Token::Paragraph => signs.push(Some(' ')),
                Token::Open | Token::Close => return None,
                // `\if#1\empty\else` of nothing: TeX puts `\relax` where signs are missing.
                Token::Command("else" | "fi") => {
                    signs.push(None);
                    *cursor = before;
                }
                Token::Command("detokenize" | "unexpanded") => {
                    let text = self.expanded(cursor.argument()?);
                    signs.extend(text.chars().take(2).map(Some));
                }
                Token::Command("empty" | "@empty" | "expandafter" | "noexpand") => {}
                Token::Command(name) if self.macros.get(name).is_some() => {
                    let mut budget = Budget::for_source(rest.len().min(1_000));
                    let found = self.macros.expand_at(rest, &mut budget)?;
                    let text = self.expanded(&found.text);
                    cursor.advance(found.consumed - (name.len() + 1));
                    let mut inner = Cursor::new(&text);
                    for token in inner.by_ref().take(2) {
                        signs.push(match token {
                            Token::Char(c) => Some(c),
                            Token::Command(_) => None,
                            _ => Some(' '),
                        });
                    }
                }
                Token::Command(_) => {
                    signs.push(None);
                    cursor.skip_space();
                }
            }
        }
        let same = signs[0] == signs[1];
        // More than two signs: what is left of them would be shown.
        (signs.len() == 2 || !same).then_some(same)
    }

    /// Whether a condition with its tests as arguments holds.
    pub(crate) fn condition_of_arguments(&self, name: &str, tests: &[&str]) -> Option<bool> {
        let first = tests.first().copied().unwrap_or_default();
        let second = tests.get(1).copied().unwrap_or_default();
        let flag = |name: &str| self.flags.get(name.trim()).copied();
        let defined = |name: &str| self.macros.get(name.trim().trim_start_matches('\\')).is_some();
        Some(match name {
            "iftoggle" | "ifbool" => flag(first)?,
            "nottoggle" | "notbool" => !flag(first)?,
            "ifdef" | "ifcsdef" => defined(first),
            "ifundef" | "ifcsundef" | "@ifundefined" => !defined(first),
            "ifdefempty" | "ifdefvoid" | "ifblank" | "ifstrempty" => {
                self.expanded(first).trim().is_empty()
            }
            "notblank" | "notstrempty" => !self.expanded(first).trim().is_empty(),
            "ifstrequal" => first == second,
            "IfStrEq" => self.expanded(first) == self.expanded(second),
            "IfEq" => {
                let (first, second) = (self.expanded(first), self.expanded(second));
                match (first.parse::<f64>(), second.parse::<f64>()) {
                    (Ok(first), Ok(second)) => first == second,
                    _ => first == second,
                }
            }
            "IfSubStr" => self.expanded(first).contains(&self.expanded(second)),
            "IfBeginWith" => self.expanded(first).starts_with(&self.expanded(second)),
            "IfEndWith" => self.expanded(first).ends_with(&self.expanded(second)),
            "ifdefstring" => self.expanded(first) == second,
            "ifnumodd" => self.number(first)? % 2 != 0,
            "ifnumequal" => self.number(first)? == self.number(second)?,
            "ifnumgreater" => self.number(first)? > self.number(second)?,
            "ifnumless" => self.number(first)? < self.number(second)?,
            "ifnumcomp" => {
                let relation = Cursor::new(second.trim()).next()?;
                compare(relation, self.number(first)?, self.number(tests.get(2)?)?)?
            }
            "ifthenelse" => self.test(first, 0)?,
            "ifboolexpr" => self.boolean_expression(first)?,
            _ => match stem(name)? {
                "IfNoValue" => first == NO_VALUE,
                "IfValue" => first != NO_VALUE,
                "IfBoolean" => first == "*",
                "IfBlank" => first.trim().is_empty(),
                stem => return self.expl_condition(stem, tests),
            },
        })
    }

    /// A test of the package ifthen.
    fn test(&self, test: &str, depth: usize) -> Option<bool> {
        if depth > MAX_DEPTH {
            return None;
        }
        let parts = split_at_words(test, &["or", "OR"]);
        if parts.len() > 1 {
            let known: Vec<_> = parts.iter().map(|part| self.test(part, depth + 1)).collect();
            let unknown = known.iter().any(Option::is_none);
            return if known.contains(&Some(true)) {
                Some(true)
            } else {
                (!unknown).then_some(false)
            };
        }
        let parts = split_at_words(test, &["and", "AND"]);
        if parts.len() > 1 {
            let known: Vec<_> = parts.iter().map(|part| self.test(part, depth + 1)).collect();
            let unknown = known.iter().any(Option::is_none);
            return if known.contains(&Some(false)) {
                Some(false)
            } else {
                (!unknown).then_some(true)
            };
        }
        let test = test.trim();
        let mut cursor = Cursor::new(test);
        match cursor.next()? {
            Token::Command("not" | "NOT") => Some(!self.test(cursor.rest(), depth + 1)?),
            Token::Command("(") => self.test(cursor.rest().trim().strip_suffix("\\)")?, depth + 1),
            Token::Command("boolean") => self.flags.get(cursor.argument()?.trim()).copied(),
            Token::Command("equal") => {
                let (left, right) = (cursor.argument()?, cursor.argument()?);
                Some(self.expanded(left).trim() == self.expanded(right).trim())
            }
            Token::Command("isodd") => Some(self.number(cursor.argument()?)? % 2 != 0),
            Token::Command("isundefined") => {
                let name = cursor.argument()?.trim().trim_start_matches('\\').to_owned();
                Some(self.macros.get(&name).is_none())
            }
            _ => {
                let at = test.find(['<', '>', '='])?;
                let relation = Cursor::new(&test[at..]).next()?;
                compare(relation, self.number(&test[..at])?, self.number(&test[at + 1..])?)
            }
        }
    }

    /// The simple expressions of etoolbox: `togl {a}`, `bool {a}`, `not`, `and`, `or` from left to
    /// right.
    fn boolean_expression(&self, source: &str) -> Option<bool> {
        let mut cursor = Cursor::new(source);
        let mut value = None;
        let (mut join, mut negated) = ("or", false);
        while !cursor.rest().trim().is_empty() {
            cursor.skip_space();
            let rest = cursor.rest();
            let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let word = &rest[..length];
            for _ in 0..length {
                cursor.next();
            }
            match word {
                "not" => negated = !negated,
                "and" | "or" => join = word,
                "togl" | "bool" => {
                    let held = *self.flags.get(cursor.argument()?.trim())? != negated;
                    negated = false;
                    value = Some(match (value, join) {
                        (None, _) => held,
                        (Some(before), "and") => before && held,
                        (Some(before), _) => before || held,
                    });
                }
                _ => return None,
            }
        }
        value
    }

    /// A text with the author's macros replaced.
    fn expanded(&self, text: &str) -> String {
        let text = text.trim();
        self.macros.expand(text, &mut Budget::for_source(text.len())).into_owned()
    }

    /// A whole text as a number.
    fn number(&self, text: &str) -> Option<i64> {
        let mut cursor = Cursor::new(text);
        match self.read_number(&mut cursor) {
            Some(number) if cursor.rest().trim().is_empty() => Some(number),
            _ => whole(self.compute(text, Mode::Integer)?),
        }
    }

    /// The value of an expression, with the counters and macros that it names.
    pub(crate) fn compute(&self, text: &str, mode: Mode) -> Option<f64> {
        let text = self.macros.expand(text, &mut Budget::for_source(text.len()));
        let mut plain = String::new();
        let mut cursor = Cursor::new(&text);
        loop {
            let before = cursor.clone();
            match cursor.next() {
                None => break,
                Some(Token::Command("relax")) => break,
                Some(Token::Command("numexpr" | "dimexpr")) => {}
                Some(Token::Command("real")) => plain.push_str(cursor.argument()?),
                Some(Token::Command(_)) => {
                    cursor = before;
                    plain.push_str(&self.read_number(&mut cursor)?.to_string());
                }
                Some(Token::Char(c)) => plain.push(c),
                Some(Token::Open | Token::Close) => {}
                Some(Token::Space | Token::Paragraph) => plain.push(' '),
            }
        }
        calc::evaluate(&plain, mode)
    }

    pub(crate) fn read_number(&self, cursor: &mut Cursor<'_>) -> Option<i64> {
        cursor.skip_space();
        let mut digits = String::new();
        loop {
            match cursor.peek()? {
                Token::Char(c) if c.is_ascii_digit() || (c == '-' && digits.is_empty()) => {
                    digits.push(c);
                    cursor.next();
                }
                Token::Command("value") if digits.is_empty() => {
                    cursor.next();
                    let counter = cursor.argument()?.trim().to_owned();
                    return self.counters.get(&counter).copied();
                }
                // `\numexpr … \relax`
                Token::Command("numexpr") if digits.is_empty() => {
                    cursor.next();
                    let rest = cursor.rest();
                    let end = rest.find("\\relax").unwrap_or(rest.len());
                    let value = whole(self.compute(&rest[..end], Mode::Integer)?)?;
                    cursor.advance((end + "\\relax".len()).min(rest.len()));
                    return Some(value);
                }
                Token::Command("arabic") if digits.is_empty() => {
                    cursor.next();
                    let counter = cursor.argument()?.trim().to_owned();
                    return self.counters.get(&counter).copied();
                }
                Token::Command(name) if digits.is_empty() => {
                    cursor.next();
                    let register = name.strip_prefix("c@");
                    let counter = register.or_else(|| name.strip_prefix("the"));
                    let counter = counter.or(Some(name));
                    if counter == Some("page") {
                        // A website has one page, which is the first.
                        return Some(1);
                    }
                    if let Some(value) = counter.and_then(|name| self.counters.get(name)) {
                        return Some(*value);
                    }
                    if register.is_some_and(tables::is_usual_counter) {
                        return Some(0);
                    }
                    let text = self.expanded(&format!("\\{name}"));
                    return text.trim().parse().ok();
                }
                _ => break,
            }
            if cursor.rest().is_empty() {
                break;
            }
        }
        let number = digits.parse().ok();
        if number.is_some() && cursor.peek() == Some(Token::Space) {
            cursor.next();
        }
        number
    }

    /// `\ifx`: whether two tokens mean the same.
    fn same_meaning(&self, first: Token<'_>, second: Token<'_>) -> Option<bool> {
        match (first, second) {
            (Token::Command(a), Token::Command(b)) => {
                let empty = |name: &str| matches!(name, "empty" | "@empty");
                match (self.macros.get(a), self.macros.get(b)) {
                    (Some(a), Some(b)) => Some(a.args == b.args && a.body == b.body),
                    (Some(a), None) if empty(b) => Some(a.args.is_empty() && a.body.is_empty()),
                    (None, Some(b)) if empty(a) => Some(b.args.is_empty() && b.body.is_empty()),
                    (None, None) => {
                        Some(a == b || matches!(a, "undefined") || matches!(b, "undefined"))
                    }
                    _ => Some(false),
                }
            }
            (a, b) => Some(a == b),
        }
    }
}

/// A value as an integer.
pub(crate) fn whole(value: f64) -> Option<i64> {
    // The cast saturates.
    (value.abs() < 1e15).then_some(value.round() as i64)
}

/// A length as it stands, in pixels.
fn read_length(cursor: &mut Cursor<'_>) -> Option<f32> {
    cursor.skip_space();
    let rest = cursor.rest();
    let end = rest.find(['<', '>', '=', '\\', ' ', '\n']).unwrap_or_else(|| {
        // The unit has two letters.
        let unit = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
        (unit + 2).min(rest.len())
    });
    let length = crate::keyval::length(rest.get(..end)?)?;
    cursor.advance(end);
    cursor.skip_space();
    Some(length)
}

/// The branch of `\ifcase` for a number: what stands between its `\or`s.
pub(crate) fn case(branch: &str, number: i64) -> &str {
    let mut cursor = Cursor::new(branch);
    let (mut depth, mut start, mut count) = (0_usize, 0, 0_i64);
    while let Some(token) = cursor.next() {
        match token {
            Token::Command(name) if opens(name) => depth += 1,
            Token::Command("fi") => depth = depth.saturating_sub(1),
            Token::Command("or") if depth == 0 => {
                if count == number {
                    return &branch[start..cursor.offset() - "\\or".len()];
                }
                count += 1;
                start = cursor.offset();
            }
            _ => {}
        }
    }
    if count == number { &branch[start..] } else { NO_CASE }
}

/// No branch of an `\ifcase` is that of the number.
pub(crate) const NO_CASE: &str = "\\else";

fn compare(relation: Token<'_>, left: i64, right: i64) -> Option<bool> {
    match relation {
        Token::Char('<') => Some(left < right),
        Token::Char('>') => Some(left > right),
        Token::Char('=') => Some(left == right),
        _ => None,
    }
}

/// Splits at commands outside `\(…\)`.
fn split_at_words<'s>(source: &'s str, words: &[&str]) -> Vec<&'s str> {
    let mut parts = Vec::new();
    let mut cursor = Cursor::new(source);
    let (mut start, mut depth) = (0, 0_i32);
    while let Some(token) = cursor.next() {
        match token {
            Token::Command("(") | Token::Open => depth += 1,
            Token::Command(")") | Token::Close => depth -= 1,
            Token::Command(name) if depth <= 0 && words.contains(&name) => {
                parts.push(&source[start..cursor.offset() - name.len() - 1]);
                start = cursor.offset();
            }
            _ => {}
        }
    }
    parts.push(&source[start..]);
    parts
}

#[cfg(test)]
mod tests;
