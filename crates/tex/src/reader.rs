//! TeX tokens as slices of the source, and a cursor that reads them and balanced groups.

use std::borrow::Cow;

/// The longest address that is read.
const MAX_ADDRESS: usize = 8_192;

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'s> {
    /// `\name` or `\;`, without the backslash.
    Command(&'s str),
    /// `{`
    Open,
    /// `}`
    Close,
    /// Any other character.
    Char(char),
    /// White space with at most one line end.
    Space,
    /// White space with an empty line.
    Paragraph,
}

/// Reads a source from left to right. Comments are passed over.
#[derive(Debug, Clone)]
pub struct Cursor<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Cursor<'s> {
    /// At the start of a source.
    #[must_use]
    pub fn new(source: &'s str) -> Self {
        Self { source, at: 0 }
    }

    /// At a byte offset of a source, which must be on a character boundary.
    #[must_use]
    pub fn at(source: &'s str, at: usize) -> Self {
        Self { source, at }
    }

    /// Byte offset of the next token.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// A part of the source, by byte offsets on boundaries of tokens.
    #[must_use]
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'s str {
        self.source.get(start..end.max(start)).unwrap_or_default()
    }

    /// What has not been read.
    #[must_use]
    pub fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    /// The next token without reading it.
    #[must_use]
    pub fn peek(&self) -> Option<Token<'s>> {
        self.clone().next()
    }

    /// Passes over so many bytes, up to a character boundary.
    pub(crate) fn advance(&mut self, bytes: usize) {
        let mut at = (self.at + bytes).min(self.source.len());
        while !self.source.is_char_boundary(at) {
            at += 1;
        }
        self.at = at;
    }

    /// Passes over white space as it stands, and counts its line ends.
    fn pass_over_blank_lines(&mut self) -> usize {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_whitespace() || c == '\u{a0}' || c == '\u{202f}')
            .unwrap_or(rest.len());
        self.at += end;
        rest[..end].bytes().filter(|b| *b == b'\n').count()
    }

    /// Passes over the comments that come next, each with its line end and the blanks that follow.
    /// `true` when an empty line stands behind them, which ends the paragraph.
    fn pass_over_comments(&mut self) -> bool {
        let mut on_new_line = false;
        while self.rest().starts_with('%') {
            let rest = self.rest();
            let line = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let blanks = rest[line..].len() - rest[line..].trim_start_matches([' ', '\t']).len();
            self.at += line + blanks;
            on_new_line = true;
        }
        on_new_line && self.rest().starts_with(['\n', '\r'])
    }

    /// Passes over white space (and comments).
    pub fn skip_space(&mut self) {
        while matches!(self.peek(), Some(Token::Space)) {
            self.next();
        }
    }

    /// A `{…}` group or a single token, as TeX reads an argument. The braces are not included.
    pub fn argument(&mut self) -> Option<&'s str> {
        let mut ahead = self.clone();
        while matches!(ahead.peek(), Some(Token::Space)) {
            ahead.next();
        }
        let start = ahead.at;
        match ahead.next()? {
            Token::Open => {
                let inner = ahead.rest_of_group()?;
                self.at = ahead.at;
                Some(inner)
            }
            Token::Close | Token::Paragraph => None,
            _ => {
                self.at = ahead.at;
                Some(&self.source[start..ahead.at])
            }
        }
    }

    /// A `{…}` group in which a percent sign is no comment, as addresses are read.
    pub fn raw_argument(&mut self) -> Option<&'s str> {
        let mut ahead = self.clone();
        ahead.skip_space();
        let rest = ahead.rest();
        if !rest.starts_with('{') {
            return self.argument();
        }
        let rest = &rest[..rest.floor_char_boundary(MAX_ADDRESS)];
        let (mut depth, mut escaped) = (0_usize, false);
        for (at, c) in rest.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '{' => depth += 1,
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at = ahead.at + at + 1;
                        return Some(&rest[1..at]);
                    }
                }
                // An address is short: a group that does not close is not looked for far away.
                '\n' if rest[at + 1..].starts_with('\n') => return None,
                _ => {}
            }
        }
        None
    }

    /// The next token, past what is text as it stands (`\verb`, addresses, `verbatim`), whose signs
    /// mean nothing.
    pub fn next_outside_verbatim(&mut self) -> Option<Token<'s>> {
        loop {
            let token = self.next()?;
            match token {
                Token::Command("url" | "path" | "nolinkurl" | "href") => {
                    let mut ahead = self.clone();
                    if ahead.raw_argument().is_some() {
                        *self = ahead;
                    }
                }
                Token::Command(name @ ("verb" | "lstinline" | "mintinline")) => {
                    let mut ahead = self.clone();
                    if ahead.text_as_it_stands(name).is_some() {
                        *self = ahead;
                    }
                }
                Token::Command("begin") => {
                    // Read without `argument`, which itself reads on by this function.
                    let rest = self.rest();
                    if let Some(after) = rest.trim_start().strip_prefix('{')
                        && let Some((name, _)) =
                            after[..after.floor_char_boundary(40)].split_once('}')
                        && crate::tables::is_verbatim(name)
                    {
                        let body = &after[name.len() + 1..];
                        let end = format!("\\end{{{name}}}");
                        if let Some(at) = body.find(&end) {
                            self.at += rest.len() - body.len() + at + end.len();
                            continue;
                        }
                    }
                }
                _ => {}
            }
            return Some(token);
        }
    }

    /// After `\verb` or its like: the text between its two equal signs, or braces, on one line.
    pub fn text_as_it_stands(&mut self, command: &str) -> Option<&'s str> {
        self.star();
        if command != "verb" {
            self.optional();
            if command == "mintinline" {
                self.raw_argument();
            }
        }
        let rest = self.rest();
        let open = rest.chars().next()?;
        let close = if open == '{' && command != "verb" { '}' } else { open };
        let inner = &rest[open.len_utf8()..];
        let length = if open == '{' && command == "mintinline" {
            balanced(inner)?
        } else {
            inner.find(close)?
        };
        if inner[..length].contains('\n') || open.is_alphanumeric() || open.is_whitespace() {
            return None;
        }
        self.at += open.len_utf8() + length + close.len_utf8();
        Some(&inner[..length])
    }

    /// A `[…]` group, if it comes next.
    pub fn optional(&mut self) -> Option<&'s str> {
        self.delimited('[', ']')
    }

    /// A group between two given characters, if it comes next; braces inside protect.
    pub fn delimited(&mut self, open: char, close: char) -> Option<&'s str> {
        let mut ahead = self.clone();
        ahead.skip_space();
        if ahead.next()? != Token::Char(open) {
            return None;
        }
        let start = ahead.at;
        let mut depth = 0_usize;
        loop {
            let end = ahead.at;
            // What is not closed is not looked for to the end of a long source, again and again.
            if end - start > MAX_OPTION {
                return None;
            }
            match ahead.next()? {
                Token::Open => depth += 1,
                Token::Close => depth = depth.checked_sub(1)?,
                Token::Char(c) if c == close && depth == 0 => {
                    self.at = ahead.at;
                    return Some(&self.source[start..end]);
                }
                _ => {}
            }
        }
    }

    /// A star, if it comes next.
    pub fn star(&mut self) -> bool {
        let mut ahead = self.clone();
        ahead.skip_space();
        let found = ahead.next() == Some(Token::Char('*'));
        if found {
            self.at = ahead.at;
        }
        found
    }

    /// After an opening brace: what is before its closing brace, which is read too.
    pub fn rest_of_group(&mut self) -> Option<&'s str> {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            let end = self.at;
            match self.next_outside_verbatim()? {
                Token::Open => depth += 1,
                Token::Close if depth == 0 => return Some(&self.source[start..end]),
                Token::Close => depth -= 1,
                _ => {}
            }
        }
    }

    /// After `\begin{name}`: what is before its `\end{name}`, which is read too.
    pub fn rest_of_environment(&mut self, name: &str) -> Option<&'s str> {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            let end = self.at;
            match self.next_outside_verbatim()? {
                Token::Command("begin") if self.clone().argument() == Some(name) => depth += 1,
                Token::Command("end") => {
                    let mut ahead = self.clone();
                    if ahead.argument() == Some(name) {
                        self.at = ahead.at;
                        if depth == 0 {
                            return Some(&self.source[start..end]);
                        }
                        depth -= 1;
                    }
                }
                _ => {}
            }
        }
    }
}

/// Where the brace of a group of code on one line closes, other groups being inside it.
fn balanced(inner: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            '\n' => return None,
            _ => {}
        }
    }
    None
}

/// Two parts of a source one after the other, as TeX reads tokens: the name of a command at the end of
/// the first does not grow by the letters of the second.
pub(crate) fn join(first: &str, second: &str) -> String {
    let mut out = String::with_capacity(first.len() + second.len() + 1);
    out.push_str(first);
    append(&mut out, second);
    out
}

/// As [`join`], for what is put together of many parts.
pub(crate) fn append(first: &mut String, second: &str) {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '@';
    if second.starts_with(letter) {
        let head = first.trim_end_matches(letter);
        let slashes = head.len() - head.trim_end_matches('\\').len();
        if head.len() < first.len() && slashes % 2 == 1 {
            first.push(' ');
        }
    }
    first.push_str(second);
}

/// Options between brackets are this long at most.
const MAX_OPTION: usize = 8_000;

/// So many groups may be left open before they are taken for what they are: none.
const MAX_LEFT_OPEN: usize = 64;

/// A source in which blanks stand for the braces that are never closed, where there are so many of
/// them that looking for the end of each would take time out of proportion; and where the first was.
pub(crate) fn without_unclosed_groups(source: &str) -> (Cow<'_, str>, Option<usize>) {
    // A look at the bytes tells most documents apart.
    let (mut open, mut skipped) = (0_usize, false);
    for byte in source.bytes() {
        match byte {
            _ if skipped => skipped = false,
            b'\\' => skipped = true,
            b'{' => open += 1,
            b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    let hidden = ["\\verb", "\\Verb", "\\lst", "\\mint", "\\spverb", "%"]
        .iter()
        .any(|word| source.contains(word));
    let groups = || source.bytes().filter(|byte| *byte == b'{').count();
    if open <= MAX_LEFT_OPEN && !(hidden && groups() > 1_000) {
        return (Cow::Borrowed(source), None);
    }
    let mut left: Vec<usize> = Vec::new();
    let mut cursor = Cursor::new(source);
    while let Some(token) = cursor.next_outside_verbatim() {
        match token {
            Token::Open => left.push(cursor.offset() - 1),
            Token::Close => {
                left.pop();
            }
            _ => {}
        }
    }
    if left.len() <= MAX_LEFT_OPEN {
        return (Cow::Borrowed(source), None);
    }
    let mut mended = String::with_capacity(source.len());
    let mut copied = 0;
    for at in &left {
        mended.push_str(&source[copied..*at]);
        mended.push(' ');
        copied = at + 1;
    }
    mended.push_str(&source[copied..]);
    (Cow::Owned(mended), left.first().copied())
}

/// A source in which blanks stand for the beginnings of environments kept as they stand that are never
/// closed, and those beginnings, with their places. What follows them is read as usual, and is not
/// searched for an end again and again.
pub(crate) fn without_unclosed_verbatim(source: &str) -> (Cow<'_, str>, Vec<(usize, &str)>) {
    let verbatim = |rest: &str| {
        let after = rest.trim_start().strip_prefix('{')?;
        let (name, _) = after[..after.floor_char_boundary(40)].split_once('}')?;
        crate::tables::is_verbatim(name).then(|| rest.len() - after.len() + name.len() + 1)
    };
    // Most documents have none, and are told apart by one look at their environments.
    let mut beginnings = source.match_indices("\\begin");
    if !beginnings.any(|(at, found)| verbatim(&source[at + found.len()..]).is_some()) {
        return (Cow::Borrowed(source), Vec::new());
    }
    let mut cursor = Cursor::new(source);
    let mut unclosed: Vec<(usize, &str)> = Vec::new();
    let mut ranges = Vec::new();
    while let Some(token) = cursor.next() {
        match token {
            Token::Command(name @ ("verb" | "lstinline" | "mintinline")) => {
                let mut ahead = cursor.clone();
                if ahead.text_as_it_stands(name).is_some() {
                    cursor = ahead;
                }
            }
            Token::Command("begin") => {
                let rest = cursor.rest();
                let Some(length) = verbatim(rest) else { continue };
                let name = rest[..length].trim_start().trim_start_matches('{');
                let name = name.trim_end_matches('}');
                let known = unclosed.iter().any(|(_, other)| *other == name);
                let end = format!("\\end{{{name}}}");
                match if known { None } else { rest[length..].find(&end) } {
                    Some(at) => cursor.advance(length + at + end.len()),
                    None => {
                        let at = cursor.offset() - "\\begin".len();
                        unclosed.push((at, name));
                        cursor.advance(length);
                        ranges.push(at..cursor.offset());
                    }
                }
            }
            _ => {}
        }
    }
    if ranges.is_empty() {
        return (Cow::Borrowed(source), unclosed);
    }
    let mut mended = String::with_capacity(source.len());
    let mut copied = 0;
    for range in ranges {
        mended.push_str(&source[copied..range.start]);
        // As many blanks, so that places stay what they are.
        mended.extend(source[range.clone()].chars().map(|c| if c == '\n' { c } else { ' ' }));
        copied = range.end;
    }
    mended.push_str(&source[copied..]);
    (Cow::Owned(mended), unclosed)
}

impl<'s> Iterator for Cursor<'s> {
    type Item = Token<'s>;

    fn next(&mut self) -> Option<Token<'s>> {
        if self.pass_over_comments() {
            self.pass_over_blank_lines();
            return Some(Token::Paragraph);
        }
        let rest = &self.source[self.at..];
        match rest.chars().next()? {
            '\\' => {
                let letters = rest[1..]
                    .find(|c: char| !(c.is_ascii_alphabetic() || c == '@'))
                    .unwrap_or(rest.len() - 1);
                let end = if letters > 0 {
                    1 + letters
                } else {
                    1 + rest[1..].chars().next().map_or(0, char::len_utf8)
                };
                self.at += end;
                Some(Token::Command(&rest[1..end]))
            }
            '{' => {
                self.at += 1;
                Some(Token::Open)
            }
            '}' => {
                self.at += 1;
                Some(Token::Close)
            }
            c if c.is_whitespace() && c != '\u{a0}' && c != '\u{202f}' => {
                let lines = self.pass_over_blank_lines();
                Some(if lines > 1 { Token::Paragraph } else { Token::Space })
            }
            c => {
                self.at += c.len_utf8();
                Some(Token::Char(c))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_options_and_environments_are_balanced() {
        let mut cursor = Cursor::new("{a{b}c}[x{]}y]* \\begin{e}1\\begin{e}2\\end{e}3\\end{e} z");
        assert_eq!(cursor.argument(), Some("a{b}c"));
        assert_eq!(cursor.optional(), Some("x{]}y"));
        assert!(cursor.star());
        cursor.skip_space();
        assert_eq!(cursor.next(), Some(Token::Command("begin")));
        assert_eq!(cursor.argument(), Some("e"));
        assert_eq!(cursor.rest_of_environment("e"), Some("1\\begin{e}2\\end{e}3"));
        assert_eq!(cursor.argument(), Some("z"));
        assert_eq!(cursor.argument(), None);
    }

    #[test]
    fn names_do_not_grow() {
        assert_eq!(join("a\\item", "un"), "a\\item un");
        assert_eq!(join("a\\\\", "un"), "a\\\\un");
        assert_eq!(join("a\\item ", "un"), "a\\item un");
        assert_eq!(join("mot", "s"), "mots");
    }

    #[test]
    fn unclosed_verbatim_becomes_blank() {
        for (source, wanted, names) in [
            (r"a\begin{verbatim}x\end{verbatim}b", None, &[][..]),
            (r"a\begin{x}\begin{verbatim}b", Some(r"a\begin{x}                b"), &["verbatim"]),
            ("% \\begin{verbatim}\na", None, &[]),
            (
                r"\begin{minted}\begin{comment}\end{comment}",
                Some(r"              \begin{comment}\end{comment}"),
                &["minted"],
            ),
        ] {
            let (found, unclosed) = without_unclosed_verbatim(source);
            assert_eq!(found, wanted.unwrap_or(source));
            assert_eq!(unclosed.iter().map(|(_, name)| *name).collect::<Vec<_>>(), names);
        }
    }

    #[test]
    fn comments_take_their_line_end() {
        let tokens: Vec<_> = Cursor::new("a% b\n  c\n\nd\\%").collect();
        assert_eq!(
            tokens,
            [
                Token::Char('a'),
                Token::Char('c'),
                Token::Paragraph,
                Token::Char('d'),
                Token::Command("%")
            ]
        );
    }
}
