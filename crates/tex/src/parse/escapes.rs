//! What keeps its meaning in text that stands as it is: the escapes of listings and minted, and code in
//! the arguments of an author's macros.

use super::commandchars::{Signs, signs_in};
use super::{Flow, Parser, Place};
use crate::reader::{Cursor, Token};
use crate::{keyval, tree::Inline};
use std::{borrow::Cow, collections::BTreeMap};

/// The sign between which code of an argument stands: no source can write it.
const BETWEEN: char = '\u{E001}';
/// Signs of escapes are this long at most.
const MAX_SIGN: usize = 20;
/// Styles may name one another this deep.
const MAX_STYLES: usize = 4;

/// What options say of escapes; `None` where they say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Escapes {
    /// The signs between which LaTeX stands.
    inside: Option<Option<(String, String)>>,
    /// Formulas between dollars.
    math: Option<bool>,
    /// Comments are LaTeX.
    comments: Option<bool>,
    language: Option<String>,
}

/// What a document says of the escapes of its listings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listings {
    /// `\lstset`.
    listings: Escapes,
    /// `\setminted`.
    minted: Escapes,
    /// `\lstdefinestyle`.
    styles: BTreeMap<String, Escapes>,
    /// Environments of the author, and whether minted sets them.
    environments: BTreeMap<String, (bool, Escapes)>,
    /// fancyvrb's `commandchars`, by environment of the author; those of all under no name.
    signs: BTreeMap<String, Option<Signs>>,
}

impl Escapes {
    fn add(&mut self, other: &Self) {
        let Self { inside, math, comments, language } = other;
        self.inside = inside.clone().or(self.inside.take());
        self.math = math.or(self.math);
        self.comments = comments.or(self.comments);
        self.language = language.clone().or(self.language.take());
    }

    fn is_none(&self) -> bool {
        self.inside.as_ref().is_none_or(Option::is_none)
            && self.math != Some(true)
            && self.comments != Some(true)
    }

    /// The sign that begins a comment, where comments are LaTeX.
    fn comment_sign(&self) -> Option<&'static str> {
        if self.comments != Some(true) {
            return None;
        }
        let language = self.language.as_deref().unwrap_or_default().to_ascii_lowercase();
        Some(match language.as_str() {
            "tex" | "latex" | "matlab" | "octave" | "prolog" | "scilab" => "%",
            "sql" | "haskell" | "ada" | "lua" | "vhdl" => "--",
            "c" | "c++" | "cpp" | "java" | "javascript" | "js" | "php" | "pascal" | "go" => "//",
            _ => "#",
        })
    }
}

impl Listings {
    /// What `\lstset`, `\setminted`, `\lstdefinestyle` say; `false` when the command is none of them.
    pub(crate) fn set(&mut self, command: &str, cursor: &mut Cursor<'_>) -> bool {
        match command {
            "lstset" => {
                let given = self.read(cursor.argument().unwrap_or_default(), 0);
                self.listings.add(&given);
            }
            "setminted" => {
                cursor.optional();
                let given = self.read(cursor.argument().unwrap_or_default(), 0);
                self.minted.add(&given);
            }
            "lstdefinestyle" => {
                let name = cursor.argument().unwrap_or_default().trim().to_owned();
                let given = self.read(cursor.argument().unwrap_or_default(), 0);
                self.styles.insert(name, given);
            }
            "fvset" => {
                if let Some(given) = signs_in(cursor.argument().unwrap_or_default()) {
                    self.signs.insert(String::new(), given);
                }
            }
            _ => return false,
        }
        true
    }

    /// An environment of the author on fancyvrb, or a change to one of its own.
    pub(crate) fn verbatim_environment(&mut self, name: &str, options: &str) {
        if let Some(given) = signs_in(options) {
            self.signs.insert(name.to_owned(), given);
        }
    }

    /// The signs of commands in an environment of fancyvrb.
    pub(super) fn signs(&self, name: &str) -> Option<Signs> {
        // Other packages' environments set signs of their own.
        let other = self.environments.contains_key(name)
            || (crate::tables::is_verbatim(name) && !name.contains("Verbatim"));
        match self.signs.get(name) {
            Some(own) => *own,
            None if other => None,
            None => *self.signs.get("")?,
        }
    }

    /// An environment that the author makes: the options that it is given, or the code at its beginning.
    pub(crate) fn environment(&mut self, name: &str, minted: bool, options: &str) {
        let mut escapes = Escapes::default();
        let mut cursor = Cursor::new(options);
        let mut code = false;
        while let Some(token) = cursor.next() {
            if token == Token::Command("lstset") {
                code = true;
                escapes.add(&self.read(cursor.argument().unwrap_or_default(), 0));
            }
        }
        if !code {
            escapes = self.read(options, 0);
        }
        self.environments.insert(name.to_owned(), (minted, escapes));
    }

    /// The escapes of an environment or command with its own options.
    fn of(&self, name: &str, options: &str) -> Escapes {
        let own = self.environments.get(name);
        let minted = match own {
            Some((minted, _)) => *minted,
            None => matches!(name, "minted" | "inputminted" | "mintinline"),
        };
        let listings = own.is_some()
            || matches!(
                name,
                "lstlisting" | "lstcode" | "tcblisting" | "lstinline" | "lstinputlisting"
            );
        let mut escapes = match (minted, listings) {
            (true, _) => self.minted.clone(),
            (_, true) => self.listings.clone(),
            _ => return Escapes::default(),
        };
        if let Some((_, own)) = own {
            escapes.add(own);
        }
        if !options.is_empty() {
            escapes.add(&self.read(options, 0));
        }
        escapes
    }

    fn read(&self, options: &str, depth: usize) -> Escapes {
        let options = without_comments(options);
        let mut out = Escapes::default();
        for (key, value) in keyval::parse(&options) {
            match key {
                "escapechar" => {
                    let sign = plain_sign(value);
                    out.inside = Some((!sign.is_empty()).then(|| (sign.clone(), sign)));
                }
                "escapeinside" => out.inside = Some(signs(value)),
                "mathescape" => out.math = Some(value != "false"),
                "texcl" | "texcomments" => out.comments = Some(value != "false"),
                "language" => {
                    out.language = super::listings::language_in(&format!("language={value}"))
                }
                "style" => {
                    if let Some(style) = self.styles.get(value) {
                        out.add(style);
                    }
                }
                "listing options" | "minted options" if depth < MAX_STYLES => {
                    out.add(&self.read(value, depth + 1));
                }
                _ => {}
            }
        }
        out
    }
}

/// Options without what stands behind percent signs.
fn without_comments(options: &str) -> Cow<'_, str> {
    if !options.contains('%') {
        return Cow::Borrowed(options);
    }
    let mut out = String::with_capacity(options.len());
    for line in options.lines() {
        let end = line
            .match_indices('%')
            .map(|(at, _)| at)
            .find(|at| !line[..*at].ends_with('\\'))
            .unwrap_or(line.len());
        out.push_str(&line[..end]);
        out.push('\n');
    }
    Cow::Owned(out)
}

/// A sign as options write it, with or without a backslash or braces.
fn plain_sign(text: &str) -> String {
    let text = text.trim().trim_start_matches('{').trim_end_matches('}');
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    if out.len() > MAX_SIGN { String::new() } else { out }
}

/// The two signs of `escapeinside`: `||`, `{(*@}{@*)}`.
fn signs(value: &str) -> Option<(String, String)> {
    if let Some((open, close)) = value.split_once("}{") {
        let (open, close) = (plain_sign(open), plain_sign(close));
        return (!open.is_empty() && !close.is_empty()).then_some((open, close));
    }
    let both = plain_sign(value);
    let mut chars = both.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some(open), Some(close), None) => Some((open.to_string(), close.to_string())),
        _ => None,
    }
}

impl Parser<'_> {
    /// Code in which what stands between the escapes of a listing is read as LaTeX.
    pub(super) fn with_escapes(
        &mut self,
        name: &str,
        options: &str,
        text: String,
        flow: &mut Flow,
    ) -> String {
        let escapes = self.state.listings.of(name, options);
        if escapes.is_none() {
            return text;
        }
        let comment = escapes.comment_sign();
        let inside = escapes.inside.flatten();
        let dollars = (escapes.math == Some(true)).then_some(("$", "$"));
        // What opens and what closes; a comment goes to the end of its line.
        let mut pairs: Vec<(&str, &str, Option<usize>)> = inside
            .iter()
            .map(|(open, close)| (&**open, &**close))
            .chain(dollars)
            .chain(comment.map(|sign| (sign, "")))
            .map(|(open, close)| (open, close, None))
            .collect();
        let mut out = String::with_capacity(text.len());
        for (number, line) in (1..).zip(text.lines()) {
            if number > 1 {
                out.push('\n');
            }
            // Where each sign stands next: looked for again only once it was passed.
            for (open, _, next) in &mut pairs {
                *next = line.find(*open);
            }
            let mut at = 0;
            loop {
                for (open, _, next) in &mut pairs {
                    if next.is_some_and(|next| next < at) {
                        *next = line[at..].find(*open).map(|found| at + found);
                    }
                }
                let first = pairs.iter().filter_map(|(o, c, next)| Some(((*next)?, *o, *c)));
                let Some((start, open, close)) = first.min_by_key(|(next, _, _)| *next) else {
                    break;
                };
                out.push_str(&line[at..start]);
                let inner = start + open.len();
                if close.is_empty() {
                    out.push_str(open);
                    out.push_str(&self.escaped(&line[inner..], number, flow));
                    at = line.len();
                    break;
                }
                at = start;
                let Some(length) = line[inner..].find(close) else { break };
                let end = inner + length;
                at = end + close.len();
                let shown = if open == "$" { &line[start..at] } else { &line[inner..end] };
                out.push_str(&self.escaped(shown, number, flow));
            }
            out.push_str(&line[at..]);
        }
        out
    }

    /// What LaTeX in a line of code says.
    fn escaped(&mut self, source: &str, line: i32, flow: &mut Flow) -> String {
        // A label names the line.
        let current = source.contains("\\label").then(|| {
            let id = self.anchor("ligne");
            flow.inline(Inline::Anchor(id.clone()));
            let place = Place {
                text: line.to_string(),
                id,
                key: "lstnumber".into(),
                kind: "ligne".into(),
                title: String::new(),
            };
            std::mem::replace(&mut self.current, place)
        });
        let outside = std::mem::replace(&mut self.typewriter, true);
        let shown = self.evaluate(source);
        self.typewriter = outside;
        if let Some(current) = current {
            self.current = current;
        }
        let before = if source.starts_with(' ') { " " } else { "" };
        let after = if source.ends_with(' ') { " " } else { "" };
        format!("{before}{shown}{after}")
    }
}

/// The text of a macro in which code stands as listings reads it from an argument: TeX has made tokens
/// of it, so that a backslash only protects the sign behind it.
pub(super) fn code_of_argument(text: &str) -> Cow<'_, str> {
    if !text.contains("\\lstinline") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    let mut cursor = Cursor::new(text);
    while let Some(token) = cursor.next() {
        if token != Token::Command("lstinline") {
            continue;
        }
        let mut ahead = cursor.clone();
        ahead.star();
        ahead.optional();
        let options = ahead.offset();
        let code = match ahead.next() {
            Some(Token::Open) => ahead.rest_of_group(),
            Some(Token::Char(BETWEEN)) => {
                // An argument of an argument.
                ahead.find(|token| *token == Token::Char(BETWEEN));
                cursor = ahead;
                continue;
            }
            Some(sign @ Token::Char(_)) => {
                let start = ahead.offset();
                let mut end = start;
                loop {
                    match ahead.next() {
                        Some(token) if token == sign => break Some(&text[start..end]),
                        Some(_) => end = ahead.offset(),
                        None => break None,
                    }
                }
            }
            _ => None,
        };
        let Some(code) = code else { continue };
        out.push_str(&text[copied..options]);
        out.push(BETWEEN);
        strip(code, &mut out);
        out.push(BETWEEN);
        copied = ahead.offset();
        cursor = ahead;
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

fn strip(code: &str, out: &mut String) {
    let mut cursor = Cursor::new(code);
    while let Some(token) = cursor.next() {
        match token {
            Token::Command(name) => {
                out.push_str(name);
                if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    cursor.skip_space();
                }
            }
            Token::Open => out.push('{'),
            Token::Close => out.push('}'),
            Token::Char(BETWEEN) => {}
            Token::Char(c) => out.push(c),
            Token::Space | Token::Paragraph => out.push(' '),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_escapes() {
        let pair = |open: &str, close: &str| Some((open.to_owned(), close.to_owned()));
        for (options, wanted) in [
            ("escapeinside=||", pair("|", "|")),
            ("escapeinside={(*@}{@*)},mathescape", pair("(*@", "@*)")),
            ("escapeinside={\\%*}{*)}", pair("%*", "*)")),
            ("escapechar=!", pair("!", "!")),
            ("escapechar={\\#}, % escapechar=?\n tabsize=2", pair("#", "#")),
            ("escapeinside={}", None),
            ("escapeinside=|", None),
        ] {
            let read = Listings::default().read(options, 0);
            assert_eq!(read.inside.flatten(), wanted, "{options}");
        }
    }

    #[test]
    fn code_of_arguments_loses_its_backslashes() {
        for (text, wanted) in [
            (r"\lstinline!a \% b!", "\\lstinline\u{E001}a % b\u{E001}"),
            (r"\lstinline{'\{:10\}'}.", "\\lstinline\u{E001}'{:10}'\u{E001}."),
            (r"x\lstinline|u\\u2022|", "x\\lstinline\u{E001}u\\u2022\u{E001}"),
            (r"\lstinline", r"\lstinline"),
        ] {
            let once = code_of_argument(text);
            assert_eq!(once, wanted);
            assert_eq!(code_of_argument(&once), wanted);
        }
    }
}
