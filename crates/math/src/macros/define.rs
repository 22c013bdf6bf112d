//! Reading definitions: `\newcommand`, `\def`, `\let`, `\DeclareMathOperator`, `\newenvironment`…

use std::borrow::Cow;
use std::sync::Arc;

use super::arguments::{
    BODY, NO_VALUE, UNUSED, body_for_parameter, classic_args, fenced, without_body, xparse_args,
};
use super::{Arg, Environment, Macro, Macros};
use crate::scan::{Cursor, Tok};

/// What kind of thing a definition defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defined {
    /// A macro.
    Command,
    /// An environment.
    Environment,
}

/// A definition that was read from source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// How many bytes of the source it takes.
    pub len: usize,
    /// The name, without backslash.
    pub name: String,
    /// Macro or environment.
    pub defined: Defined,
}

/// The defining commands that [`Macros::define_at`] reads.
pub const DEFINERS: &[&str] = &[
    "newcommand",
    "renewcommand",
    "providecommand",
    "DeclareRobustCommand",
    "def",
    "gdef",
    "edef",
    "xdef",
    "let",
    "DeclareMathOperator",
    "DeclarePairedDelimiter",
    "DeclarePairedDelimiterX",
    "newrobustcmd",
    "renewrobustcmd",
    "providerobustcmd",
    "NewDocumentCommand",
    "RenewDocumentCommand",
    "ProvideDocumentCommand",
    "DeclareDocumentCommand",
    "newenvironment",
    "renewenvironment",
    "NewDocumentEnvironment",
    "RenewDocumentEnvironment",
    "DeclareDocumentEnvironment",
    "ProvideDocumentEnvironment",
    "NewExpandableDocumentCommand",
    "RenewExpandableDocumentCommand",
    "ProvideExpandableDocumentCommand",
    "DeclareExpandableDocumentCommand",
];

/// Commands in a body that show TeX programming: such a macro cannot be followed by substitution.
const PROGRAMMING: &[&str] = &[
    "expandafter",
    "futurelet",
    "catcode",
    "mathaccent",
    "mathchar",
    "count",
    "dimen",
    "halign",
    "lastskip",
    "lastkern",
    "afterassignment",
];

/// Internal commands of LaTeX that running text can follow.
const INTERNAL: &[&str] = &[
    "@ifstar",
    "@ifnextchar",
    "@ifundefined",
    "@nameuse",
    "@empty",
    "@gobble",
    "@firstofone",
    "@startsection",
    "@setfontsize",
    "@plus",
    "@minus",
    "z@",
    "@arabic",
    "@alph",
    "@Alph",
    "@roman",
    "@Roman",
    "@fnsymbol",
    "@title",
    "@author",
    "@date",
    "@subtitle",
    "@institute",
    "@subject",
    "@publishers",
];

/// Internal commands of an author may call one another this deep.
const MAX_INTERNAL: usize = 6;

/// So many commands that a macro itself defines are known in it.
const MAX_OWN: usize = 16;

/// So many environments may the end of another close.
const MAX_ENVIRONMENTS: usize = 8;

/// Commands in a body that text can follow, and formulas cannot.
const BOXES: &[&str] = &[
    "setbox",
    "csname",
    "ifdim",
    "ifcase",
    "loop",
    "the",
    "advance",
    "unless",
    "whiledo",
    "lstinline",
    "mintinline",
    "verb",
    "ifx",
    "ifnum",
    "ifthenelse",
    "foreach",
    "settowidth",
    "ooalign",
    "vbox",
    "pdfliteral",
    "special",
    "tikz",
    "includegraphics",
    "newcount",
    "DeclareFontFamily",
];

impl Macros {
    /// Reads every definition in `source`, in order, and returns how many there were.
    pub fn define_all(&mut self, source: &str) -> usize {
        let mut cursor = Cursor::new(source);
        let mut count = 0;
        loop {
            let start = cursor.pos();
            match cursor.next_token() {
                None => return count,
                Some(Tok::Command(name)) if DEFINERS.contains(&name) => {
                    // Comments before the command belong to the token: find its backslash.
                    let at = cursor.pos() - name.len() - 1;
                    debug_assert!(at >= start);
                    if let Some(found) = self.define_at(&source[at..]) {
                        cursor.seek(at + found.len);
                        count += 1;
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Reads the definition with which `source` begins, if it begins with one.
    pub fn define_at(&mut self, source: &str) -> Option<Definition> {
        let mut c = Cursor::new(source);
        let Some(Tok::Command(definer)) = c.next_token() else { return None };
        let (name, defined) = match definer {
            "newcommand" | "DeclareRobustCommand" | "newrobustcmd" => {
                (self.newcommand(&mut c, true)?, None)
            }
            "renewcommand" | "renewrobustcmd" => (self.newcommand(&mut c, true)?, None),
            "providecommand" | "providerobustcmd" => (self.newcommand(&mut c, false)?, None),
            "def" | "edef" | "gdef" | "xdef" => (self.def(&mut c, definer)?, None),
            "let" => (self.let_(&mut c)?, None),
            "DeclareMathOperator" => (self.operator(&mut c)?, None),
            "DeclarePairedDelimiter" => (self.paired(&mut c)?, None),
            "DeclarePairedDelimiterX" => (self.paired_around(&mut c)?, None),
            "NewDocumentCommand"
            | "RenewDocumentCommand"
            | "DeclareDocumentCommand"
            | "ProvideDocumentCommand"
            | "NewExpandableDocumentCommand"
            | "RenewExpandableDocumentCommand"
            | "DeclareExpandableDocumentCommand"
            | "ProvideExpandableDocumentCommand" => (self.xparse(&mut c)?, None),
            "newenvironment" | "renewenvironment" => {
                (self.environment_of(&mut c, false)?, Some(Defined::Environment))
            }
            "NewDocumentEnvironment"
            | "RenewDocumentEnvironment"
            | "DeclareDocumentEnvironment"
            | "ProvideDocumentEnvironment" => {
                (self.environment_of(&mut c, true)?, Some(Defined::Environment))
            }
            _ => return None,
        };
        let defined = defined.unwrap_or(Defined::Command);
        Some(Definition { len: c.pos(), name, defined })
    }

    fn newcommand(&mut self, c: &mut Cursor<'_>, replace: bool) -> Option<String> {
        c.eat('*');
        let name = command_name(c)?;
        let args = classic_args(c);
        let body = c.arg()?;
        if replace || self.get(&name).is_none() {
            self.insert(&name, self.make(args, body));
        }
        Some(name)
    }

    fn def(&mut self, c: &mut Cursor<'_>, definer: &str) -> Option<String> {
        c.skip_space();
        let Some(Tok::Command(mut name)) = c.next_token() else { return None };
        if name == "csname" {
            // `\expandafter\def\csname nom\endcsname{…}`.
            name = c.until("\\endcsname")?.trim();
            if name.is_empty() || name.contains('\\') {
                return None;
            }
        }
        let mut args = Vec::new();
        let mut literal = String::new();
        let mut groups = String::new();
        let mut count = 0;
        loop {
            let before = *c;
            match c.next_token()? {
                Tok::Open => {
                    *c = before;
                    break;
                }
                Tok::Param(Some(_)) => {
                    flush(&mut args, &mut literal);
                    args.push(Arg::Mandatory);
                    count += 1;
                    if count > 9 {
                        return None;
                    }
                }
                // `#{`: the brace that comes next is a delimiter, and stays.
                Tok::Param(None) if c.peek() == Some(Tok::Open) && count < 9 => {
                    flush(&mut args, &mut literal);
                    if let Some(last @ Arg::Mandatory) = args.last_mut() {
                        *last = Arg::BeforeBrace;
                    }
                    args.push(Arg::Groups);
                    groups = format!("#{}", count + 1);
                    break;
                }
                Tok::Close | Tok::Param(None) => return None,
                Tok::Space(_) if literal.is_empty() && args.is_empty() => {}
                _ => literal.push_str(c.slice(before.pos(), c.pos())),
            }
        }
        flush(&mut args, &mut literal);
        let body = c.arg()?;
        let mut body = Cow::Borrowed(body);
        if definer.contains("edef") || definer.contains("xdef") {
            // What is not to be expanded stands as it is.
            if body.contains("\\noexpand\\") {
                body = Cow::Owned(body.replace("\\noexpand\\", "\\"));
            }
        }
        let definition = self.make(args, &(body + &*groups));
        if matches!(definer, "gdef" | "xdef") {
            self.insert_globally(name, definition);
        } else {
            self.insert(name, definition);
        }
        Some(name.to_owned())
    }

    fn let_(&mut self, c: &mut Cursor<'_>) -> Option<String> {
        c.skip_space();
        let Some(Tok::Command(name)) = c.next_token() else { return None };
        let name = name.to_owned();
        c.eat('=');
        c.skip_space();
        let start = c.pos();
        let definition = match c.next_token()? {
            Tok::Command(target) => match self.get(target) {
                Some(existing) => existing.clone(),
                None => Macro { terminal: true, ..Macro::constant(c.slice(start, c.pos())) },
            },
            Tok::Close => return None,
            _ => Macro { terminal: true, ..Macro::constant(c.slice(start, c.pos())) },
        };
        self.insert(&name, definition);
        Some(name)
    }

    fn operator(&mut self, c: &mut Cursor<'_>) -> Option<String> {
        let star = if c.eat('*') { "*" } else { "" };
        let name = command_name(c)?;
        let text = c.arg()?;
        let body = format!("\\operatorname{star}{{{text}}}");
        // A name may be made of the author's macros, but not of itself.
        let terminal = !text.contains('\\') || text.contains(&format!("\\{name}"));
        self.insert(&name, Macro { terminal, ..Macro::constant(&body) });
        Some(name)
    }

    /// mathtools: `\abs{x}` is plain, `\abs*{x}` stretches, `\abs[\big]{x}` is sized.
    fn paired(&mut self, c: &mut Cursor<'_>) -> Option<String> {
        let name = command_name(c)?;
        let (open, close) = (c.arg()?.to_owned(), c.arg()?.to_owned());
        let body = fenced(&open, &close, "#3");
        let args = vec![Arg::Star, Arg::Optional(NO_VALUE.into()), Arg::Mandatory];
        self.insert(&name, self.make(args, &body));
        Some(name)
    }

    /// mathtools: `\DeclarePairedDelimiterX{\inner}[2]{\langle}{\rangle}{#1,#2}`.
    fn paired_around(&mut self, c: &mut Cursor<'_>) -> Option<String> {
        let name = command_name(c)?;
        let count = c.opt().and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(1).min(7);
        let (open, close) = (c.arg()?.to_owned(), c.arg()?.to_owned());
        let mut inner = c.arg()?.replace("\\delimsize", "");
        // The star and the size come before the author's own arguments.
        for n in (1..=count).rev() {
            inner = inner.replace(&format!("#{n}"), &format!("#{}", n + 2));
        }
        let mut args = vec![Arg::Star, Arg::Optional(NO_VALUE.into())];
        args.extend(vec![Arg::Mandatory; count]);
        let body = fenced(&open, &close, &inner);
        self.insert(&name, self.make(args, &body));
        Some(name)
    }

    fn xparse(&mut self, c: &mut Cursor<'_>) -> Option<String> {
        let name = command_name(c)?;
        let args = xparse_args(c.arg()?)?;
        let body = c.arg()?;
        self.insert(&name, self.make(args, body));
        Some(name)
    }

    /// A macro, with what its body tells of how it can be followed.
    fn make(&self, args: Vec<Arg>, body: &str) -> Macro {
        // What is asked of the text of a macro is asked of all that it stands for.
        let asked = body.replace("\\detokenize\\expandafter", "\\detokenize");
        let body = known(&args, asked.as_str());
        let mut c = Cursor::new(body);
        let (mut opaque, mut programmed) = (false, false);
        while let Some(token) = c.next_token() {
            if let Tok::Command(name) = token {
                // An internal command that the author defined is followed like any other.
                let foreign = name.contains('@') && self.get(name).is_none_or(|m| m.opaque);
                // `\expandafter\newcommand\csname nom\endcsname` only names what it defines.
                let mut ahead = c;
                let names = name == "expandafter"
                    && matches!(ahead.next_token(), Some(Tok::Command(name)) if DEFINERS.contains(&name))
                    && ahead.next_token() == Some(Tok::Command("csname"));
                programmed |= PROGRAMMING.contains(&name) && !names;
                opaque |= foreign || programmed || BOXES.contains(&name);
            }
        }
        Macro { args: args.into(), body: body.into(), terminal: false, opaque, programmed }
    }

    /// Whether a macro can be replaced in running text: the internal commands of its body, which may
    /// have been defined after it, are known too.
    #[must_use]
    pub fn can_follow(&self, definition: &Macro) -> bool {
        self.follows(definition, 0)
    }

    /// Whether a macro can be replaced although its body holds internal commands that are not known:
    /// they are passed over, and the rest of it is shown. What computes with them is not text.
    #[must_use]
    pub fn can_follow_in_part(&self, definition: &Macro) -> bool {
        const COMPUTING: &[&str] = &["@temp", "@while", "@for", "@tfor", "@onelevel", "@expand"];
        if definition.programmed {
            return false;
        }
        let mut c = Cursor::new(&definition.body);
        while let Some(token) = c.next_token() {
            let Tok::Command(name) = token else { continue };
            if !name.contains('@') || INTERNAL.contains(&name) {
                continue;
            }
            match self.get(name) {
                // The arguments of what programs are no text.
                Some(inner) if inner.programmed => return false,
                Some(_) => continue,
                None => {}
            }
            let next = c.rest().trim_start().chars().next();
            // `\@totalleftmargin=3pt`
            let assigned = next.is_some_and(|c| c.is_ascii_digit() || "=-.".contains(c));
            if assigned || COMPUTING.iter().any(|start| name.starts_with(start)) {
                return false;
            }
        }
        true
    }

    fn follows(&self, definition: &Macro, depth: usize) -> bool {
        if definition.programmed {
            return false;
        }
        if !definition.body.contains('@') {
            return true;
        }
        let mut c = Cursor::new(&definition.body);
        let mut own: Vec<String> = Vec::new();
        while let Some(token) = c.next_token() {
            if let Tok::Command(definer) = token
                && DEFINERS.contains(&definer)
            {
                // What it defines need not be known before.
                let mut ahead = c;
                ahead.eat('*');
                if let Some(name) = command_name(&mut ahead) {
                    c = ahead;
                    if own.len() < MAX_OWN {
                        own.push(name);
                    }
                }
                continue;
            }
            if let Tok::Command(name) = token
                && name.contains('@')
                && !INTERNAL.contains(&name)
                && !is_switch(name)
                && !own.iter().any(|own| own == name)
                && !self
                    .get(name)
                    .is_some_and(|inner| depth < MAX_INTERNAL && self.follows(inner, depth + 1))
            {
                return false;
            }
        }
        true
    }

    fn environment_of(&mut self, c: &mut Cursor<'_>, xparse: bool) -> Option<String> {
        c.eat('*');
        let name = c.arg()?.trim().to_owned();
        let spec = if xparse { c.arg()? } else { "" };
        let (spec, takes_body) = without_body(spec);
        // An environment whose arguments are not understood is known by its name all the same, so
        // that it is not taken for another.
        let known = if xparse { xparse_args(spec) } else { Some(classic_args(c)) };
        let begin = c.arg()?;
        // An empty line in the place of an argument is one, as in TeX.
        let mut ahead = *c;
        let end = match ahead.next_token() {
            Some(Tok::Space(true)) => {
                *c = ahead;
                "\\par "
            }
            _ => c.arg()?,
        };
        let Some(args) = known else {
            let begin = Macro { programmed: true, opaque: true, ..Macro::constant(begin) };
            self.insert_environment(&name, Environment { begin, end: end.into() });
            return Some(name);
        };
        if takes_body {
            let number = args.iter().filter(|arg| !matches!(arg, Arg::Literal(_))).count() + 1;
            let text = body_for_parameter(&format!("{begin}{end}"), number);
            self.body_environment(&name, args, &text);
            return Some(name);
        }
        let (begin, end) = self.with_environments(begin, end);
        let begin = self.make(args, &begin);
        self.insert_environment(&name, Environment { begin, end: end.as_ref().into() });
        Some(name)
    }

    /// Defines what environ's `\NewEnviron{name}[n][default]{… \BODY …}` does; `arguments` is what
    /// stands in brackets.
    pub fn define_with_body(&mut self, name: &str, arguments: &str, text: &str) {
        let args = classic_args(&mut Cursor::new(arguments));
        self.body_environment(name, args, text);
    }

    /// An environment that puts its body where `\BODY` stands in its text.
    fn body_environment(&mut self, name: &str, args: Vec<Arg>, text: &str) {
        // What shows nothing of its body takes it all the same.
        let unused = if text.contains(BODY) { "" } else { UNUSED };
        let begin = self.make(args, &format!("{text}{unused}"));
        self.insert_environment(name, Environment { begin, end: "".into() });
    }

    /// The environment that `\name` and `\endname` make together, which is what `\begin` and `\end`
    /// call.
    #[must_use]
    pub fn environment_of_commands(&self, name: &str) -> Option<Environment> {
        let (begin, end) = (self.get(name)?, self.get(&format!("end{name}"))?);
        if !end.args.is_empty() {
            return None;
        }
        let (first, last) = self.with_environments(&begin.body, &end.body);
        let begin = self.make(begin.args.to_vec(), &first);
        Some(Environment { begin, end: last.as_ref().into() })
    }

    /// The two parts of an environment in which `\list` … `\endlist`, as one writes there, is
    /// `\begin{list}` … `\end{list}`: what the first part opens and the second closes.
    fn with_environments<'s>(&self, begin: &'s str, end: &'s str) -> (Cow<'s, str>, Cow<'s, str>) {
        let mut names: Vec<&str> = Vec::new();
        let mut c = Cursor::new(end);
        while let Some((name, _)) = next_called(&mut c) {
            let Some(name) = name.strip_prefix("end").filter(|name| !name.is_empty()) else {
                continue;
            };
            let other = matches!(name, "input" | "comment") || self.get(name).is_some();
            if !other && names.len() < MAX_ENVIRONMENTS && !names.contains(&name) {
                names.push(name);
            }
        }
        let mut opened: Vec<&str> = Vec::new();
        let mut c = Cursor::new(begin);
        while !names.is_empty()
            && let Some((name, _)) = next_called(&mut c)
        {
            if names.contains(&name) && !opened.contains(&name) {
                opened.push(name);
            }
        }
        if opened.is_empty() {
            return (Cow::Borrowed(begin), Cow::Borrowed(end));
        }
        let written = |source: &str, word: &str, prefix: &str| {
            let (mut out, mut copied) = (String::new(), 0);
            let mut c = Cursor::new(source);
            while let Some((name, start)) = next_called(&mut c) {
                if let Some(name) = name.strip_prefix(prefix).filter(|name| opened.contains(name)) {
                    out.push_str(&source[copied..start]);
                    out.push_str(&format!("\\{word}{{{name}}}"));
                    copied = c.pos();
                }
            }
            out + &source[copied..]
        };
        (Cow::Owned(written(begin, "begin", "")), Cow::Owned(written(end, "end", "end")))
    }
}

/// Switches and counters with an internal name, which conditions decide: `\if@corrige`,
/// `\@corrigetrue`, `\c@section`.
fn is_switch(name: &str) -> bool {
    name.starts_with("if")
        || name.ends_with("true")
        || name.ends_with("false")
        || name.starts_with("c@")
}

/// The next command, `\csname…\endcsname` included, and where it begins.
fn next_called<'s>(c: &mut Cursor<'s>) -> Option<(&'s str, usize)> {
    loop {
        let Tok::Command(name) = c.next_token()? else { continue };
        let start = c.pos() - name.len() - 1;
        if name != "csname" {
            return Some((name, start));
        }
        let mut ahead = *c;
        if let Some(name) = ahead.until("\\endcsname") {
            *c = ahead;
            return Some((name.trim(), start));
        }
        return None;
    }
}

/// What a snippet of boxes that is handed from one author to the next draws.
fn known<'b>(args: &[Arg], body: &'b str) -> &'b str {
    match args {
        [Arg::Mandatory, Arg::Mandatory] if body.contains("\\restrictionaux") => {
            r"\ensuremath{\left.#1\right|_{#2}}"
        }
        [Arg::Mandatory]
            if body.contains("\\halign")
                && body.contains("\\rightarrowfill")
                && !body.contains("\\leftarrowfill") =>
        {
            r"\ensuremath{\overrightarrow{#1}}"
        }
        _ => body,
    }
}

/// `\name` or `{\name}`.
fn command_name(c: &mut Cursor<'_>) -> Option<String> {
    let mut inner = Cursor::new(c.arg()?);
    inner.skip_space();
    match inner.next_token()? {
        // `\expandafter\newcommand\csname nom\endcsname{…}`.
        Tok::Command("csname") => {
            let name = c.until("\\endcsname")?.trim();
            (!name.is_empty() && !name.contains('\\')).then(|| name.to_owned())
        }
        Tok::Command(name) if !name.is_empty() => Some(name.to_owned()),
        _ => None,
    }
}

fn flush(args: &mut Vec<Arg>, literal: &mut String) {
    if literal.is_empty() {
        return;
    }
    let text: Arc<str> = std::mem::take(literal).into();
    match args.last_mut() {
        Some(last @ Arg::Mandatory) => *last = Arg::Delimited(text),
        _ => args.push(Arg::Literal(text)),
    }
}
