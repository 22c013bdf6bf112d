//! Replacing macros by what they stand for, at token level and with a budget.

use std::borrow::Cow;
use std::sync::Arc;

use super::arguments::{BODY, NO_VALUE, UNUSED};
use super::define::DEFINERS;
use super::{Arg, Macro, Macros};
use crate::scan::{Cursor, Tok};

/// The body of an environment stands at so many places of its text.
const MAX_BODIES: usize = 4;

/// What expansion may still cost. One budget serves a whole document, so that no source can blow
/// it up.
#[derive(Debug, Clone)]
pub struct Budget {
    /// How many macros may still be replaced.
    pub replacements: u32,
    /// How many bytes replacement texts may still have in total.
    pub bytes: usize,
}

impl Budget {
    /// Room for a source of `len` bytes.
    pub fn for_source(len: usize) -> Self {
        Budget { replacements: 4_000 + (len / 2) as u32, bytes: 128 * 1024 + 8 * len }
    }

    /// Whether anything is left.
    pub fn is_spent(&self) -> bool {
        self.replacements == 0 || self.bytes == 0
    }

    fn spend(&mut self, bytes: usize) -> bool {
        self.replacements = self.replacements.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
        !self.is_spent()
    }
}

/// One macro call replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion {
    /// How many bytes the call takes in the source.
    pub consumed: usize,
    /// What it stands for (its own macros not yet replaced).
    pub text: String,
}

/// How deep expansions may be nested: a macro that calls itself ends here.
const MAX_DEPTH: usize = 64;

impl Macros {
    /// Replaces the one macro call with which `source` begins (at its backslash). `None` when it
    /// begins with no macro, or with one that cannot be replaced.
    pub fn expand_at(&self, source: &str, budget: &mut Budget) -> Option<Expansion> {
        self.expand_at_if(source, budget, |m| self.can_follow(m))
    }

    /// As [`Macros::expand_at`], for a macro that holds internal commands that are not known.
    pub fn expand_in_part_at(&self, source: &str, budget: &mut Budget) -> Option<Expansion> {
        self.expand_at_if(source, budget, |m| self.can_follow_in_part(m))
    }

    fn expand_at_if(
        &self,
        source: &str,
        budget: &mut Budget,
        follows: impl Fn(&Macro) -> bool,
    ) -> Option<Expansion> {
        let mut c = Cursor::new(source);
        let Some(Tok::Command(name)) = c.next_token() else { return None };
        let definition = self.get(name).filter(|m| follows(m))?;
        skip_after(&mut c, name, definition);
        let args = read_args(&mut c, definition)?;
        let text = substitute(&definition.body, &args);
        budget.spend(text.len()).then(|| Expansion { consumed: c.pos(), text })
    }

    /// Replaces every macro in `source`, local definitions included. When the budget is spent the
    /// rest is returned as it stands.
    pub fn expand<'a>(&self, source: &'a str, budget: &mut Budget) -> Cow<'a, str> {
        if !self.concerns(source) {
            return Cow::Borrowed(source);
        }
        let mut run = Run { table: Cow::Borrowed(self), out: String::new(), ends: Vec::new() };
        run.out.reserve(source.len() * 2);
        run.expand(source, 0, budget);
        Cow::Owned(run.out)
    }

    /// Whether `source` holds a macro of this table, or a definition.
    fn concerns(&self, source: &str) -> bool {
        let bytes = source.as_bytes();
        let mut at = 0;
        while let Some(found) = source[at..].find('\\') {
            let start = at + found + 1;
            let mut end = start;
            while bytes.get(end).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'@') {
                end += 1;
            }
            if end == start {
                let c = source[start..].chars().next().map_or(0, char::len_utf8);
                end = start + c;
            }
            let name = &source[start..end];
            if self.get(name).is_some()
                || matches!(name, "def" | "let" | "gdef" | "begin" | "mathpalette")
                || name.starts_with("If")
                || DEFINERS.contains(&name)
            {
                if name != "begin" {
                    return true;
                }
                let environment = Cursor::new(&source[end..]).arg().unwrap_or("");
                if self.environment(environment.trim()).is_some() {
                    return true;
                }
            }
            at = end;
        }
        false
    }
}

/// One expansion under way. Nesting is by recursion, at most [`MAX_DEPTH`] deep.
struct Run<'t> {
    table: Cow<'t, Macros>,
    out: String,
    /// The end codes of the environments that are open.
    ends: Vec<(String, Arc<str>)>,
}

impl Run<'_> {
    fn expand(&mut self, source: &str, depth: usize, budget: &mut Budget) {
        let mut c = Cursor::new(source);
        let mut copied = 0;
        loop {
            let before = c;
            let Some(token) = c.next_token() else { break };
            let Tok::Command(name) = token else { continue };
            // A comment may stand between `before` and the command.
            let at = c.pos() - name.len() - 1;
            if before.pos() != at {
                self.push(&source[copied..before.pos()]);
                copied = at;
            }
            if DEFINERS.contains(&name) {
                let table = self.table.to_mut();
                if let Some(found) = table.define_at(&source[at..]) {
                    self.push(&source[copied..at]);
                    c.seek(at + found.len);
                    copied = c.pos();
                }
                continue;
            }
            let replaced = match name {
                "begin" | "end" => self.environment(name == "begin", &mut c),
                "IfNoValueTF" | "IfNoValueT" | "IfNoValueF" | "IfValueTF" | "IfValueT"
                | "IfValueF" | "IfBooleanTF" | "IfBooleanT" | "IfBooleanF" => {
                    conditional(name, &mut c)
                }
                "mathpalette" => self.palette(&mut c),
                "Xint" => self.dashed_integral(&mut c).or_else(|| self.call(name, &mut c)),
                _ => self.call(name, &mut c),
            };
            let Some((text, terminal)) = replaced else { continue };
            self.push(&source[copied..at]);
            copied = c.pos();
            if terminal || depth >= MAX_DEPTH || !budget.spend(text.len()) {
                if !terminal && depth < MAX_DEPTH {
                    // The budget is spent: keep the call as it stands.
                    copied = at;
                    break;
                }
                self.push(&text);
            } else {
                self.expand(&text, depth + 1, budget);
            }
        }
        let rest = &source[copied..];
        self.push(rest);
    }

    /// `\mathpalette\command{x}` is `\command` with a style and `x`. The style is the one around it.
    fn palette(&self, c: &mut Cursor<'_>) -> Option<(String, bool)> {
        let before = *c;
        let (Some(command), Some(inner)) = (c.arg(), c.arg()) else {
            *c = before;
            return None;
        };
        let command = command.trim();
        let command = command.strip_prefix("\\protect").unwrap_or(command).trim();
        let body = self.table.get(command.trim_start_matches('\\')).map(|m| &m.body);
        // Two signs « perpendicular » put together are one sign, « independent ».
        let independent = inner.trim() == "\\perp"
            && body.is_some_and(|body| body.contains("lap{") && body.matches("#1#2").count() == 2);
        Some(match independent {
            true => ("\\mathrel{⫫}".to_owned(), true),
            false => (format!("{command}{{\\relax}}{{{inner}}}"), false),
        })
    }

    /// The integral with a dash or two through it, for which a recipe of `\mathchoice` is copied from
    /// document to document: `\def\Xint#1{\mathchoice{\XXint…`.
    fn dashed_integral(&self, c: &mut Cursor<'_>) -> Option<(String, bool)> {
        self.table.get("Xint").filter(|meaning| meaning.body.contains("\\XXint"))?;
        let before = *c;
        let sign = match c.arg().map(str::trim) {
            Some("-") => "\\intbar ",
            Some("=") => "\\intBar ",
            _ => {
                *c = before;
                return None;
            }
        };
        Some((sign.to_owned(), true))
    }

    /// Whether a macro hands its argument to one that formulas cannot follow, as the root with a hook
    /// does: `\def\sqrt{\mathpalette\DHLhksqrt}`.
    fn draws(&self, definition: &Macro) -> bool {
        let Some((_, after)) = definition.body.split_once("\\mathpalette") else { return false };
        let mut c = Cursor::new(after);
        let command = c.arg().unwrap_or("").trim();
        let command = command.strip_prefix("\\protect").unwrap_or(command).trim();
        self.table.get(command.trim_start_matches('\\')).is_none_or(|meaning| meaning.opaque)
    }

    fn call(&self, name: &str, c: &mut Cursor<'_>) -> Option<(String, bool)> {
        let definition = self.table.get(name).filter(|m| !m.opaque)?;
        if self.draws(definition) {
            return None;
        }
        let before = *c;
        skip_after(c, name, definition);
        let Some(args) = read_args(c, definition) else {
            *c = before;
            return None;
        };
        Some((substitute(&definition.body, &args), definition.terminal))
    }

    fn environment(&mut self, begins: bool, c: &mut Cursor<'_>) -> Option<(String, bool)> {
        let before = *c;
        let name = c.arg().map(str::trim).unwrap_or("");
        if begins {
            if let Some(definition) = self.table.environment(name)
                && !definition.begin.opaque
                && let Some(args) = read_args(c, &definition.begin)
            {
                let text = substitute(&definition.begin.body, &args);
                if definition.takes_body()
                    && let Some(body) = c.until(&format!("\\end{{{name}}}"))
                {
                    // Of many places only so many are filled.
                    let body = format!(" {body}");
                    let text = text.replace(UNUSED, "").replacen(BODY, &body, MAX_BODIES);
                    return Some((text, false));
                }
                self.ends.push((name.to_owned(), definition.end.clone()));
                return Some((text, false));
            }
        } else if self.ends.last().is_some_and(|(open, _)| open == name)
            && let Some((_, end)) = self.ends.pop()
        {
            return Some((end.to_string(), false));
        }
        *c = before;
        None
    }

    /// Appends `text`; keeps a control word and a letter after it apart.
    fn push(&mut self, text: &str) {
        if text.starts_with(|c: char| c.is_ascii_alphabetic()) && ends_in_word(&self.out) {
            self.out.push(' ');
        }
        self.out.push_str(text);
    }
}

fn ends_in_word(text: &str) -> bool {
    let head = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '@');
    head.len() < text.len() && head.ends_with('\\') && !ends_in_escape(head)
}

/// Whether the last backslash of `head` is itself escaped.
fn ends_in_escape(head: &str) -> bool {
    let slashes = head.len() - head.trim_end_matches('\\').len();
    slashes.is_multiple_of(2)
}

/// Blanks after a control word belong to it; after a control symbol only its arguments skip them.
fn skip_after(c: &mut Cursor<'_>, name: &str, definition: &Macro) {
    let word = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let optional = |arg: &Arg| {
        matches!(
            arg,
            Arg::Optional(_) | Arg::Star | Arg::Sign(_) | Arg::Between(..) | Arg::Group(_)
        )
    };
    if word && !definition.args.last().is_some_and(optional) {
        match definition.args.first() {
            None => c.skip_blanks(),
            Some(_) => c.skip_space(),
        }
    }
}

/// xparse's questions on absent arguments.
fn conditional(name: &str, c: &mut Cursor<'_>) -> Option<(String, bool)> {
    let subject = c.arg()?;
    let yes = if name.ends_with('F') && !name.ends_with("TF") { "" } else { c.arg()? };
    let no = if name.ends_with('T') { "" } else { c.arg()? };
    let holds = match name.trim_end_matches(['T', 'F']) {
        "IfNoValue" => subject == NO_VALUE,
        "IfValue" => subject != NO_VALUE,
        _ => subject == "*",
    };
    Some((if holds { yes } else { no }.to_owned(), false))
}

fn read_args<'r, 'a: 'r>(c: &mut Cursor<'a>, definition: &'r Macro) -> Option<Vec<&'r str>> {
    let mut args = Vec::with_capacity(definition.args.len());
    for arg in definition.args.iter() {
        match arg {
            Arg::Mandatory => args.push(c.arg()?),
            Arg::Optional(default) => args.push(strip_group(c.opt().unwrap_or(default))),
            Arg::Star => args.push(if c.eat('*') { "*" } else { "" }),
            Arg::Sign(sign) => args.push(if c.eat(*sign) { "*" } else { "" }),
            Arg::Between(open, close, absent) => {
                let before = *c;
                let end = close.to_string();
                match if c.eat(*open) { c.until(&end) } else { None } {
                    Some(inner) => args.push(inner),
                    None => {
                        *c = before;
                        args.push(absent);
                    }
                }
            }
            Arg::Group(absent) => {
                let mut ahead = *c;
                ahead.skip_space();
                match ahead.peek() {
                    Some(Tok::Open) => args.push(c.arg()?),
                    _ => args.push(absent),
                }
            }
            Arg::BeforeBrace => {
                let start = c.pos();
                loop {
                    let before = *c;
                    match c.next_token()? {
                        Tok::Open => {
                            *c = before;
                            break;
                        }
                        Tok::Close | Tok::Space(true) => return None,
                        _ => {}
                    }
                }
                args.push(c.slice(start, c.pos()));
            }
            Arg::Groups => {
                let start = c.pos();
                let mut end = start;
                loop {
                    c.skip_space();
                    if c.peek() != Some(Tok::Open) || c.arg().is_none() {
                        break;
                    }
                    end = c.pos();
                }
                c.seek(end);
                args.push(c.slice(start, end));
            }
            Arg::Delimited(end) => args.push(strip_group(c.until(end)?)),
            Arg::Literal(text) => {
                c.skip_space();
                let rest = c.rest().strip_prefix(text.trim_start())?;
                c.seek(c.pos() + (c.rest().len() - rest.len()));
            }
        }
    }
    Some(args)
}

/// TeX removes the braces around a delimited argument.
fn strip_group(text: &str) -> &str {
    let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
    inner.filter(|t| !t.contains(['{', '}'])).unwrap_or(text)
}

/// The replacement text with its arguments in place.
fn substitute(body: &str, args: &[&str]) -> String {
    let total: usize = args.iter().map(|a| a.len()).sum();
    let mut out = String::with_capacity(body.len() + total);
    let mut rest = body;
    while let Some(at) = rest.find('#') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        match after.chars().next() {
            // `\#` is a sign; `\\#1` is a line's end and an argument.
            _ if (at - rest[..at].trim_end_matches('\\').len()) % 2 == 1 => {
                out.push('#');
                rest = after;
            }
            Some(d @ '1'..='9') => {
                let index = d as usize - '1' as usize;
                let arg = args.get(index).copied().unwrap_or("");
                if arg.starts_with(|c: char| c.is_ascii_alphabetic()) && ends_in_word(&out) {
                    out.push(' ');
                }
                out.push_str(arg);
                rest = &after[1..];
                if rest.starts_with(|c: char| c.is_ascii_alphabetic()) && ends_in_word(&out) {
                    out.push(' ');
                }
            }
            Some('#') => {
                out.push('#');
                rest = &after[1..];
            }
            _ => rest = after,
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Preamble, source, what it expands to.
    const CASES: &[(&str, &str, &str)] = &[
        (r"\newcommand{\R}{\mathbb{R}}", r"x\in\R", r"x\in\mathbb{R}"),
        (r"\newcommand\R{\mathbb R}", r"\R x", r"\mathbb Rx"),
        (r"\def\a{\alpha}", r"\a b", r"\alpha b"),
        (r"\newcommand{\f}[2]{\frac{#1}{#2}}", r"\f{a}b", r"\frac{a}{b}"),
        (r"\newcommand{\f}[2][n]{#1_{#2}}", r"\f{a}+\f[p]{a}", r"n_{a}+p_{a}"),
        (r"\def\f(#1,#2){#2#1}", r"\f(a,{b,c})d", r"b,cad"),
        (r"\def\vect#1{\overrightarrow{#1}}", r"\vect AB", r"\overrightarrow{A}B"),
        (r"\let\eps\varepsilon", r"\eps x", r"\varepsilon x"),
        (r"\let\ov\vec\renewcommand{\vec}[1]{\ov{#1}}", r"\vec u", r"\vec{u}"),
        (r"\DeclareMathOperator{\rg}{rg}", r"\rg A", r"\operatorname{rg}A"),
        (r"\DeclareMathOperator*{\Sup}{Sup}", r"\Sup_I", r"\operatorname*{Sup}_I"),
        (r"\providecommand{\R}{r}\providecommand{\R}{s}", r"\R", "r"),
        (r"\NewDocumentCommand{\i}{sO{x}m}{\IfBooleanTF{#1}{#2}{#3}}", r"\i*{a}\i{b}", "xb"),
        (r"\NewDocumentCommand{\j}{om}{\IfNoValueTF{#1}{-}{#1}#2}", r"\j{a}\j[c]b", "-acb"),
        (
            r"\DeclarePairedDelimiter{\abs}{\lvert}{\rvert}",
            r"\abs*{x}",
            r"\left\lvert x\right\rvert",
        ),
        (
            r"\newenvironment{sys}{\left\{\begin{array}{l}}{\end{array}\right.}",
            r"\begin{sys}a\end{sys}",
            r"\left\{\begin{array}{l}a\end{array}\right.",
        ),
        (r"\newcommand{\R}{r} % \newcommand{\R}{no}", r"\R", "r"),
        ("", r"\def\x#1{#1#1}\x{a}", "aa"),
        ("", r"\newcommand{\y}[1]{\def\z##1{#1##1}}\y{p}\z{q}", "pq"),
        (r"\newcommand{\R}{r}", r"\\R and \R", r"\\R and r"),
        (r"\newcommand{\s}[1]{\#1\\#1\,#1}", r"\s{a}", r"\#1\\a\,a"),
        (r"\makeatletter\def\x{\@ifnextchar a{b}{c}}", r"\x a", r"\x a"),
        (
            r"\NewDocumentCommand{\k}{t+d()m}{\IfBooleanTF{#1}{p}{m}#2#3}",
            r"\k+(a)b\k c",
            "pabm-NoValue-c",
        ),
        (r"\NewDocumentCommand{\k}{mG{y}}{#1#2}", r"\k{a}{b}\k{c}", "abcy"),
        (
            r"\newcommand{\aux}[3]{(#1|#2|#3)}\def\k#1#{\aux{#1}}",
            r"\k{red}{x}y \k[rgb]{1} {z}.",
            "(|red|x)y ([rgb]|1|z).",
        ),
    ];

    #[test]
    fn macros_expand_as_tex_does() {
        for (preamble, source, want) in CASES {
            let table = Macros::from_preamble(preamble);
            let mut budget = Budget::for_source(source.len());
            assert_eq!(table.expand(source, &mut budget), *want, "{preamble} | {source}");
        }
    }

    #[test]
    fn a_bomb_ends_within_the_budget() {
        let mut preamble = String::from(r"\def\a{xx}\def\loop{\loop\loop}");
        for (from, to) in ('a'..='y').zip('b'..='z') {
            preamble.push_str(&format!("\\def\\{to}{{\\{from}\\{from}\\{from}}}"));
        }
        let table = Macros::from_preamble(&preamble);
        for source in [r"\z", r"\loop", r"\z\loop\z"] {
            let mut budget = Budget::for_source(source.len());
            let out = table.expand(source, &mut budget);
            assert!(out.len() < 1_000_000, "{}", out.len());
        }
    }

    #[test]
    fn one_call_at_a_time() {
        let table = Macros::from_preamble(r"\newcommand{\p}[1]{(#1)}");
        let mut budget = Budget::for_source(100);
        let found = table.expand_at(r"\p{a} rest", &mut budget).unwrap();
        assert_eq!((found.text.as_str(), found.consumed), ("(a)", 5));
        assert_eq!(table.expand_at(r"\q{a}", &mut budget), None);
    }
}
