//! Items of a list that stand in columns, in a box or in another environment inside the list: to LaTeX
//! they are items like the others, and so are they on a page.
//!
//! The environment is taken away and its items stand in the one list, whose numbers go on: a screen
//! reader tells how many points there are, which several lists one after the other would hide.

use super::{Parser, lists::list_kind};
use crate::reader::{Cursor, Token, append};
use crate::{Severity, tables};
use std::borrow::Cow;

/// Environments that authors make of one another are followed so deep.
const MAX_ROUNDS: usize = 4;
/// The arguments of an environment that an author made are this long at most.
const MAX_ARGUMENTS: usize = 2_000;

/// What a look at the environments of a list found.
#[derive(Default)]
struct Found {
    /// Parts of the source, and what stands in their place.
    changes: Vec<(usize, usize, String)>,
    /// Environments of an author were replaced: what they stand for is to be looked at too.
    again: bool,
    /// Items outside columns.
    outside: usize,
    /// Columns that were taken away.
    columns: usize,
    /// A frame was taken away.
    frame: Option<String>,
}

/// An environment or a group that is open.
struct Open<'s> {
    name: &'s str,
    /// Where its `\begin` stands, with its arguments.
    begin: (usize, usize),
    /// How it is taken away, if it only lays out.
    way: Option<Way>,
    items: bool,
}

/// What stands in the place of the beginning and of the end of an environment.
struct Way {
    begin: String,
    end: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Columns,
    Frame,
    Plain,
    /// An environment of the author.
    Own,
}

impl Parser<'_> {
    /// The body of a list without the environments around its items, and whether columns held them all.
    pub(super) fn unwrapped<'b>(
        &mut self,
        body: &'b str,
        separators: &[&str],
    ) -> (Cow<'b, str>, bool) {
        let mut text = Cow::Borrowed(body);
        let (mut columns, mut outside) = (0, false);
        for _ in 0..MAX_ROUNDS {
            if !text.contains("\\begin") {
                break;
            }
            let found = self.look_for_wrapped(&text, separators);
            columns += found.columns;
            outside |= found.outside > 0;
            if let Some(name) = &found.frame {
                self.report(
                    Severity::Info,
                    name,
                    "ce cadre entoure des points d'une liste ; ils sont montrés sans lui",
                );
            }
            if found.changes.is_empty() {
                break;
            }
            let mut out = String::with_capacity(text.len());
            let mut copied = 0;
            for (start, end, instead) in &found.changes {
                append(&mut out, &text[copied..*start]);
                append(&mut out, instead);
                copied = *end;
            }
            append(&mut out, &text[copied..]);
            self.budget.bytes = self.budget.bytes.saturating_sub(out.len());
            text = Cow::Owned(out);
            if !found.again || self.budget.is_spent() {
                break;
            }
        }
        (text, columns == 1 && !outside)
    }

    /// One pass over the environments and groups of a list, each looked at once.
    fn look_for_wrapped(&mut self, text: &str, separators: &[&str]) -> Found {
        let mut found = Found::default();
        let mut open: Vec<Open<'_>> = Vec::new();
        // Those of the open ones whose items are not of this list, and columns among them.
        let (mut others, mut columns) = (0_usize, 0_usize);
        // Whether a group that comes next would be an argument.
        let mut command = false;
        let mut cursor = Cursor::new(text);
        while let Some(token) = cursor.next_outside_verbatim() {
            let end = cursor.offset();
            match token {
                Token::Char(c) => command &= matches!(c, '[' | ']' | '*' | '<' | '>'),
                Token::Paragraph => command = false,
                Token::Open => {
                    let way = (!command).then(|| Way {
                        begin: " ".to_owned(),
                        end: " ".to_owned(),
                        kind: Kind::Plain,
                    });
                    others += usize::from(way.is_none());
                    open.push(Open { name: "{", begin: (end - 1, end), way, items: false });
                }
                Token::Command("begin") => {
                    let start = end - "\\begin".len();
                    let Some(name) = cursor.argument() else { continue };
                    let name = name.trim();
                    let way = if others == 0 { self.way_around(name, &mut cursor) } else { None };
                    command = way.is_none();
                    others += usize::from(way.is_none());
                    columns += usize::from(may_be_columns(way.as_ref()));
                    open.push(Open { name, begin: (start, cursor.offset()), way, items: false });
                }
                Token::Close | Token::Command("end") => {
                    let (start, name) = match token {
                        Token::Close => (end - 1, "{"),
                        _ => {
                            command = false;
                            let name = cursor.argument().unwrap_or_default().trim();
                            (end - "\\end".len(), name)
                        }
                    };
                    let Some(closed) = open.pop_if(|last| last.name == name) else {
                        if token == Token::Close {
                            continue;
                        }
                        // Nothing is certain of environments that do not close.
                        return Found::default();
                    };
                    columns -= usize::from(may_be_columns(closed.way.as_ref()));
                    let Some(way) = closed.way else {
                        others -= 1;
                        continue;
                    };
                    command = false;
                    if !closed.items {
                        continue;
                    }
                    match way.kind {
                        Kind::Columns => found.columns += 1,
                        Kind::Frame => found.frame = Some(name.to_owned()),
                        Kind::Own => found.again = true,
                        Kind::Plain => {}
                    }
                    let (from, to) = closed.begin;
                    found.changes.push((from, to, way.begin));
                    found.changes.push((start, cursor.offset(), way.end));
                    if let Some(around) = open.last_mut() {
                        around.items = true;
                    }
                }
                Token::Command(name) => {
                    let item =
                        others == 0 && (separators.contains(&name) || self.begins_item(name));
                    if item {
                        if let Some(around) = open.last_mut() {
                            around.items = true;
                        }
                        found.outside += usize::from(columns == 0);
                    }
                    command = !item
                        && tables::switch(name).is_none()
                        && tables::layout(name).is_none_or(|arguments| !arguments.is_empty());
                }
                Token::Space => {}
            }
        }
        if !open.is_empty() {
            return Found::default();
        }
        found.changes.sort_by_key(|(start, _, _)| *start);
        found
    }

    /// Whether a macro of the author begins an item of the list in which it stands.
    fn begins_item(&self, name: &str) -> bool {
        let Some(meaning) = self.state.macros.get(name) else { return false };
        if !meaning.body.contains("\\item") || !self.state.macros.can_follow(meaning) {
            return false;
        }
        let mut depth = 0_i32;
        meaning.body.len() > MAX_ARGUMENTS
            || Cursor::new(&meaning.body).any(|token| {
                match token {
                    Token::Command("begin") => depth += 1,
                    Token::Command("end") => depth -= 1,
                    Token::Command("item") => return depth <= 0,
                    _ => {}
                }
                false
            })
    }

    /// After `\begin{name}`: what stands in the place of an environment that only lays out, whose
    /// arguments are read.
    fn way_around(&mut self, name: &str, cursor: &mut Cursor<'_>) -> Option<Way> {
        let plain = |kind| Way { begin: "\\par ".to_owned(), end: "\\par ".to_owned(), kind };
        if self.state.macros.environment(name).is_some() {
            return self.own_way_around(name, cursor);
        }
        if self.state.lists.contains_key(name)
            || self.state.theorems.contains_key(name)
            || list_kind(name).is_some()
        {
            return None;
        }
        if matches!(name.trim_end_matches('*'), "tcolorbox" | "mdframed") {
            let options = cursor.optional().unwrap_or_default();
            let title = super::boxes::value_in(options, &["title", "frametitle", "adjusted title"]);
            let begin = match title.filter(|title| !title.trim().is_empty()) {
                Some(title) => format!("\\par\\textbf{{{title}}}\\par "),
                None => "\\par ".to_owned(),
            };
            return Some(Way { begin, ..plain(Kind::Frame) });
        }
        let (class, arguments) = tables::boxed(name)?;
        let kind = match class {
            // Quotations are lists themselves.
            "citation" | "resume" => return None,
            "multicolonnes" => Kind::Columns,
            "encadre" => Kind::Frame,
            _ => Kind::Plain,
        };
        super::signs::pass_over(arguments, cursor);
        let mut way = plain(kind);
        if kind == Kind::Columns
            && let Some(preface) = cursor.optional()
        {
            way.begin = format!("\\par {preface}\\par ");
            cursor.optional();
        }
        Some(way)
    }

    /// An environment of the author that opens nothing but environments that only lay out.
    fn own_way_around(&mut self, name: &str, cursor: &mut Cursor<'_>) -> Option<Way> {
        let defined = self.state.macros.environment(name)?.clone();
        if !self.state.macros.can_follow(&defined.begin) || defined.takes_body() {
            return None;
        }
        // The table expands a call of a command; the beginning is called by a name no source can write.
        let mut table = mqd_math::Macros::default();
        table.insert("begin@", defined.begin);
        let rest = cursor.rest();
        let near = &rest[..rest.floor_char_boundary(MAX_ARGUMENTS)];
        let call = format!("\\begin@ {near}");
        let found = table.expand_at(&call, &mut self.budget)?;
        let mut inner = Cursor::new(&found.text);
        while let Some(token) = inner.next_outside_verbatim() {
            if token != Token::Command("begin") {
                continue;
            }
            let opened = inner.argument()?.trim();
            if opened == name || self.state.macros.environment(opened).is_none() {
                // One more of the author's is looked at in the next round.
                self.way_around_usual(opened, &mut inner)?;
            }
        }
        cursor.advance(found.consumed.saturating_sub("\\begin@ ".len()));
        Some(Way { begin: found.text, end: defined.end.to_string(), kind: Kind::Own })
    }

    /// Whether an environment that no author made only lays out.
    fn way_around_usual(&mut self, name: &str, cursor: &mut Cursor<'_>) -> Option<Way> {
        if self.state.macros.environment(name).is_some() {
            return None;
        }
        self.way_around(name, cursor)
    }
}

/// Whether items stand in columns there; those that an author made may turn out to be some.
fn may_be_columns(way: Option<&Way>) -> bool {
    way.is_some_and(|way| matches!(way.kind, Kind::Columns | Kind::Own))
}
