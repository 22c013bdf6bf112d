//! A cursor over TeX source: tokens, groups and arguments, without allocating.

/// One token of TeX source. Text is borrowed from the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tok<'a> {
    /// A control word or symbol, without its backslash (`frac`, `,`, `\`).
    Command(&'a str),
    /// `{`
    Open,
    /// `}`
    Close,
    /// One or more white-space characters; `true` when they hold an empty line.
    Space(bool),
    /// `#` with the digit after it, if any.
    Param(Option<u8>),
    /// Any other character.
    Char(char),
}

/// A position in TeX source from which tokens and arguments are read.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    src: &'a str,
    pos: usize,
}

/// How deep groups may be nested before they are read as plain characters.
pub const MAX_GROUPS: usize = 500;
/// How many tokens are searched for the end of something that may have none, so that a source
/// full of beginnings is still read in linear time.
const MAX_SEARCH: usize = 8_000;

impl<'a> Cursor<'a> {
    /// A cursor at the beginning of `src`.
    pub fn new(src: &'a str) -> Self {
        Cursor { src, pos: 0 }
    }

    /// The byte offset of the next token.
    pub fn pos(&self) -> usize {
        self.pos
    }

    /// Goes to byte offset `pos`, which must be one that [`Cursor::pos`] gave.
    pub fn seek(&mut self, pos: usize) {
        debug_assert!(self.src.is_char_boundary(pos));
        self.pos = pos;
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a str {
        &self.src[self.pos..]
    }

    /// The source between two offsets that [`Cursor::pos`] gave.
    pub fn slice(&self, from: usize, to: usize) -> &'a str {
        &self.src[from..to]
    }

    /// The next token, comments skipped; `None` at the end.
    pub fn next_token(&mut self) -> Option<Tok<'a>> {
        let bytes = self.src.as_bytes();
        loop {
            let start = self.pos;
            let first = *bytes.get(start)?;
            match first {
                b'%' => {
                    // A comment swallows its line end and the blanks that open the next line.
                    let line = bytes[start..].iter().position(|&b| b == b'\n');
                    self.pos = line.map_or(bytes.len(), |n| start + n + 1);
                    while matches!(bytes.get(self.pos), Some(b' ' | b'\t')) {
                        self.pos += 1;
                    }
                }
                b'\\' => {
                    let mut end = start + 1;
                    match bytes.get(end) {
                        None => {}
                        Some(b) if b.is_ascii_alphabetic() || *b == b'@' => {
                            while bytes
                                .get(end)
                                .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'@')
                            {
                                end += 1;
                            }
                        }
                        Some(_) => {
                            let c = self.src[end..].chars().next();
                            end += c.map_or(0, char::len_utf8);
                        }
                    }
                    self.pos = end;
                    return Some(Tok::Command(&self.src[start + 1..end]));
                }
                b'{' => {
                    self.pos += 1;
                    return Some(Tok::Open);
                }
                b'}' => {
                    self.pos += 1;
                    return Some(Tok::Close);
                }
                b'#' => {
                    self.pos += 1;
                    let digit = bytes.get(self.pos).filter(|b| b.is_ascii_digit());
                    if let Some(d) = digit {
                        self.pos += 1;
                        return Some(Tok::Param(Some(d - b'0')));
                    }
                    return Some(Tok::Param(None));
                }
                b' ' | b'\t' | b'\n' | b'\r' => {
                    let mut lines = 0;
                    while let Some(b) = bytes.get(self.pos) {
                        match b {
                            b'\n' => lines += 1,
                            b' ' | b'\t' | b'\r' => {}
                            _ => break,
                        }
                        self.pos += 1;
                    }
                    return Some(Tok::Space(lines > 1));
                }
                _ => {
                    let c = self.src[start..].chars().next()?;
                    self.pos += c.len_utf8();
                    return Some(Tok::Char(c));
                }
            }
        }
    }

    /// The next token, without moving.
    pub fn peek(&self) -> Option<Tok<'a>> {
        let mut copy = *self;
        copy.next_token()
    }

    /// Skips white space and comments.
    pub fn skip_space(&mut self) {
        loop {
            let before = *self;
            match self.next_token() {
                Some(Tok::Space(_)) => {}
                _ => {
                    *self = before;
                    // A comment just before a token has been skipped only in the copy.
                    self.skip_comment();
                    return;
                }
            }
        }
    }

    /// Skips the white space that a control word takes with it: up to an empty line, which ends the
    /// paragraph all the same.
    pub fn skip_blanks(&mut self) {
        let bytes = self.src.as_bytes();
        let (mut at, mut on_new_line) = (self.pos, false);
        loop {
            match bytes.get(at) {
                Some(b' ' | b'\t' | b'\r') => at += 1,
                Some(b'\n') if on_new_line => return,
                Some(b'\n') => {
                    on_new_line = true;
                    at += 1;
                }
                Some(b'%') => {
                    let line = self.src[at..].find('\n');
                    at = line.map_or(self.src.len(), |n| at + n + 1);
                    on_new_line = true;
                }
                _ => {
                    self.pos = at;
                    return;
                }
            }
        }
    }

    fn skip_comment(&mut self) {
        while self.rest().starts_with('%') {
            let line = self.rest().find('\n');
            self.pos = line.map_or(self.src.len(), |n| self.pos + n + 1);
            while self.rest().starts_with([' ', '\t', '\n', '\r']) {
                self.pos += 1;
            }
        }
    }

    /// Skips `c` if it comes next (blanks before it too).
    pub fn eat(&mut self, c: char) -> bool {
        let before = *self;
        self.skip_space();
        if self.rest().starts_with(c) {
            self.pos += c.len_utf8();
            true
        } else {
            *self = before;
            false
        }
    }

    /// After an opening brace: the content up to its closing brace, which is skipped. Without
    /// one, the cursor stays and `None` is returned.
    pub fn group_rest(&mut self) -> Option<&'a str> {
        let start = self.pos;
        let mut depth = 0usize;
        let mut copy = *self;
        loop {
            let before = copy.pos;
            match copy.next_token()? {
                Tok::Open => depth += 1,
                Tok::Close if depth == 0 => {
                    self.pos = copy.pos;
                    return Some(&self.src[start..before]);
                }
                Tok::Close => depth -= 1,
                _ => {}
            }
            if depth > MAX_GROUPS {
                return None;
            }
        }
    }

    /// One mandatory argument: the content of a group, or one token. `None` at the end of the
    /// source and before a closing brace.
    pub fn arg(&mut self) -> Option<&'a str> {
        self.skip_space();
        let start = self.pos;
        match self.next_token()? {
            Tok::Open => match self.group_rest() {
                Some(inner) => Some(inner),
                None => {
                    self.pos = start;
                    None
                }
            },
            Tok::Close => {
                self.pos = start;
                None
            }
            _ => Some(&self.src[start..self.pos]),
        }
    }

    /// One optional argument in square brackets.
    pub fn opt(&mut self) -> Option<&'a str> {
        let before = *self;
        if !self.eat('[') {
            return None;
        }
        let start = self.pos;
        let mut depth = 0usize;
        let mut nested = 0usize;
        for _ in 0..MAX_SEARCH / 8 {
            let here = self.pos;
            match self.next_token() {
                Some(Tok::Open) => depth += 1,
                Some(Tok::Close) if depth > 0 => depth -= 1,
                Some(Tok::Char('[')) if depth == 0 => nested += 1,
                Some(Tok::Char(']')) if depth == 0 && nested > 0 => nested -= 1,
                Some(Tok::Char(']')) if depth == 0 => return Some(&self.src[start..here]),
                None | Some(Tok::Close) | Some(Tok::Space(true)) => {
                    *self = before;
                    return None;
                }
                _ => {}
            }
        }
        *self = before;
        None
    }

    /// Everything up to `end` (skipped) at brace level 0.
    pub fn until(&mut self, end: &str) -> Option<&'a str> {
        let before = *self;
        let start = self.pos;
        let mut depth = 0usize;
        for _ in 0..MAX_SEARCH {
            if depth == 0 && self.rest().starts_with(end) {
                let found = &self.src[start..self.pos];
                self.pos += end.len();
                return Some(found);
            }
            match self.next_token() {
                Some(Tok::Open) => depth += 1,
                Some(Tok::Close) if depth > 0 => depth -= 1,
                None | Some(Tok::Close) => {
                    *self = before;
                    return None;
                }
                _ => {}
            }
        }
        *self = before;
        None
    }
}

/// The source with as many closing braces as opening ones: a missing one is added at the end, one
/// too many is left out. In what comes out, every group that is looked for has its end.
pub fn balanced(source: &str) -> std::borrow::Cow<'_, str> {
    let mut c = Cursor::new(source);
    let mut depth = 0usize;
    let mut fixed: Option<String> = None;
    let mut copied = 0;
    while let Some(token) = c.next_token() {
        match token {
            Tok::Open => depth += 1,
            Tok::Close if depth > 0 => depth -= 1,
            Tok::Close => {
                let out = fixed.get_or_insert_default();
                out.push_str(&source[copied..c.pos() - 1]);
                copied = c.pos();
            }
            _ => {}
        }
    }
    if depth == 0 && fixed.is_none() {
        return source.into();
    }
    let mut out = fixed.unwrap_or_default();
    out.push_str(&source[copied..]);
    // A comment at the end must not swallow the braces.
    out.push('\n');
    out.extend(std::iter::repeat_n('}', depth));
    out.into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn reads_arguments_and_options() {
        let mut c = Cursor::new(
            r"  {a{b}} [x[1]y] \foo7% note
          z",
        );
        assert_eq!(c.arg(), Some("a{b}"));
        assert_eq!(c.opt(), Some("x[1]y"));
        assert_eq!(c.opt(), None);
        assert_eq!(c.arg(), Some(r"\foo"));
        assert_eq!(c.arg(), Some("7"));
        assert_eq!(c.arg(), Some("z"));
        assert_eq!(c.arg(), None);
    }

    #[test]
    fn an_unclosed_group_is_no_argument() {
        let mut c = Cursor::new("{abc");
        assert_eq!(c.arg(), None);
        assert_eq!(c.pos(), 0);
    }

    #[test]
    fn until_respects_braces() {
        let mut c = Cursor::new("a{,}b,c");
        assert_eq!(c.until(","), Some("a{,}b"));
        assert_eq!(c.rest(), "c");
    }
}
