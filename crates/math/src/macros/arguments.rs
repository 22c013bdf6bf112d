//! The arguments of definitions: LaTeX's `[n][default]`, those of xparse, and the body that an
//! environment takes.

use super::Arg;
use crate::scan::{Cursor, Tok};

/// `[n][default]`.
pub(super) fn classic_args(c: &mut Cursor<'_>) -> Vec<Arg> {
    let Some(count) = c.opt() else { return Vec::new() };
    let count = count.trim().parse::<usize>().unwrap_or(0).min(9);
    let mut args = vec![Arg::Mandatory; count];
    if let Some(default) = c.opt()
        && let Some(first) = args.first_mut()
    {
        *first = Arg::Optional(default.into());
    }
    args
}

/// What xparse gives for an optional argument that is absent.
pub(super) const NO_VALUE: &str = "-NoValue-";

/// The simple argument types of xparse: `m o O{…} s t r d D g G`.
pub(super) fn xparse_args(spec: &str) -> Option<Vec<Arg>> {
    let mut c = Cursor::new(spec);
    let mut args = Vec::new();
    while let Some(token) = c.next_token() {
        match token {
            Tok::Space(_) | Tok::Char('+' | '!') => {}
            Tok::Char('m') => args.push(Arg::Mandatory),
            Tok::Char('o') => args.push(Arg::Optional(NO_VALUE.into())),
            Tok::Char('O') => args.push(Arg::Optional(c.arg()?.into())),
            Tok::Char('s') => args.push(Arg::Star),
            Tok::Char('r') => {
                let (open, close) = (c.next_token()?, c.next_token()?);
                let (Tok::Char(open), Tok::Char(close)) = (open, close) else { return None };
                args.push(Arg::Literal(open.to_string().into()));
                args.push(Arg::Delimited(close.to_string().into()));
            }
            Tok::Char(kind @ ('d' | 'D')) => {
                let (open, close) = (c.next_token()?, c.next_token()?);
                let (Tok::Char(open), Tok::Char(close)) = (open, close) else { return None };
                let absent = if kind == 'D' { c.arg()? } else { NO_VALUE };
                args.push(Arg::Between(open, close, absent.into()));
            }
            Tok::Char('t') => {
                let Tok::Char(sign) = c.next_token()? else { return None };
                args.push(Arg::Sign(sign));
            }
            Tok::Char(kind @ ('g' | 'G')) => {
                let absent = if kind == 'G' { c.arg()? } else { NO_VALUE };
                args.push(Arg::Group(absent.into()));
            }
            _ => return None,
        }
    }
    (args.len() <= 12).then_some(args)
}

/// Where an environment puts its body, if it takes it: of environ, and here of xparse's `+b`.
pub(super) const BODY: &str = "\\BODY";

/// The body of an environment that shows nothing of it.
pub(super) const UNUSED: &str = "\\iffalse\\BODY\\fi";

/// The arguments of an environment of xparse without the body, which is the last, and whether it
/// takes it.
pub(super) fn without_body(spec: &str) -> (&str, bool) {
    let Some(others) = spec.trim_end().strip_suffix('b') else { return (spec, false) };
    let others = others.trim_end_matches(['+', '!', ' ']);
    // `tb` asks for a letter.
    if others.ends_with('t') { (spec, false) } else { (others, true) }
}

/// A text in which the body stands for one of the parameters.
pub(super) fn body_for_parameter(text: &str, number: usize) -> String {
    let (mut out, mut copied) = (String::new(), 0);
    let mut c = Cursor::new(text);
    loop {
        let start = c.pos();
        match c.next_token() {
            Some(Tok::Param(Some(n))) if usize::from(n) == number => {
                out.push_str(&text[copied..start]);
                out.push_str("\\BODY ");
                copied = c.pos();
            }
            Some(_) => {}
            None => break,
        }
    }
    out + &text[copied..]
}

/// A pair of delimiters as mathtools declares it: `#1` is the star, `#2` the size.
pub(super) fn fenced(open: &str, close: &str, inner: &str) -> String {
    format!(
        "\\IfBooleanTF{{#1}}{{\\left{open} {inner}\\right{close}}}\
         {{\\IfNoValueTF{{#2}}{{\\mathopen{{{open}}} {inner}\\mathclose{{{close}}}}}\
         {{#2{open} {inner}#2{close}}}}}"
    )
}
