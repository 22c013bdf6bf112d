//! From TeX as teachers write it to TeX that math-core reads, and to the parts we make ourselves.

mod chemistry;
mod colours;
mod command;
pub mod number;
mod operators;
mod prose;
mod rows;
mod signs;
pub mod table;
mod tables;
mod units;

use std::ops::Range;

use crate::convert;
use crate::macros::Macros;
use crate::render::{Label, Numbering, Problem};
use crate::scan::{Cursor, Tok};
use crate::tree::{self, Node};

/// How deep a formula may be nested.
const MAX_DEPTH: usize = 40;

/// How many bytes of their specifications the rows of arrays may repeat.
const MAX_REPEATED: usize = 20_000;

/// How many changes of style may be nested in each other.
const MAX_SWITCHES: usize = 20;

/// What all fragments of one formula share.
pub struct Context<'a> {
    /// The TeX given to `render`, to find places in it.
    pub source: &'a str,
    /// The author's macros, which are replaced already, and colours.
    pub macros: &'a Macros,
    /// Counter and labels.
    pub numbering: &'a mut Numbering,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// The labels set.
    pub labels: Vec<Label>,
    /// The labels named and not known.
    pub unresolved: Vec<String>,
    /// Display style.
    pub display: bool,
    /// The line of a numbered environment that is being read.
    pub line: Line,
    depth: usize,
    /// How many bytes of the specifications of arrays their rows repeated.
    repeated: usize,
}

/// What `\label`, `\tag` and `\notag` said in the current line.
#[derive(Debug, Default, Clone)]
pub struct Line {
    /// `\tag{…}`: the text, and whether parentheses go around it.
    pub tag: Option<(String, bool)>,
    /// `\notag`
    pub unnumbered: bool,
    /// `\label{…}`
    pub labels: Vec<String>,
}

impl<'a> Context<'a> {
    /// The context of one formula.
    pub fn new(
        source: &'a str,
        display: bool,
        macros: &'a Macros,
        numbering: &'a mut Numbering,
    ) -> Self {
        Context {
            source,
            macros,
            numbering,
            problems: Vec::new(),
            labels: Vec::new(),
            unresolved: Vec::new(),
            display,
            line: Line::default(),
            depth: 0,
            repeated: 0,
        }
    }

    /// Records something that makes the formula unfaithful.
    pub fn fail(&mut self, part: &str, construct: &str, message: impl Into<String>) {
        self.problem(part, construct, message.into(), false);
    }

    /// Records something that does not matter much.
    pub fn note(&mut self, part: &str, construct: &str, message: impl Into<String>) {
        self.problem(part, construct, message.into(), true);
    }

    fn problem(&mut self, part: &str, construct: &str, message: String, harmless: bool) {
        if self.problems.len() < 20 {
            let span = self.span(part);
            self.problems.push(Problem { span, message, construct: construct.into(), harmless });
        }
    }

    /// Whether a row may repeat `len` bytes of the specification of its array: many rows of a long one
    /// would take time that is not linear.
    fn may_repeat(&mut self, part: &str, len: usize) -> bool {
        self.repeated += len;
        let may = self.repeated <= MAX_REPEATED;
        if !may {
            self.fail(part, "array", "tableau trop long pour ce que ses colonnes répètent");
        }
        may
    }

    /// Whether the formula is nested so deep that this part of it is given up.
    fn is_deep(&mut self, part: &str) -> bool {
        let deep = self.depth >= MAX_DEPTH;
        if deep {
            self.fail(part, "{", "formule trop profondément imbriquée");
        }
        deep
    }

    /// What `read` makes, one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let made = read(self);
        self.depth -= 1;
        made
    }

    /// Where `part` stands in the source, if it is a part of it.
    fn span(&self, part: &str) -> Range<usize> {
        let base = self.source.as_ptr() as usize;
        let start = (part.as_ptr() as usize).wrapping_sub(base);
        match start.checked_add(part.len()) {
            Some(end) if end <= self.source.len() => start..end,
            _ => 0..self.source.len(),
        }
    }

    /// The MathML of a piece of TeX.
    pub fn fragment(&mut self, tex: &str) -> Vec<Node> {
        if self.depth >= MAX_DEPTH {
            self.fail(tex, "{", "formule trop profondément imbriquée");
            return vec![Node::leaf("mtext", "…")];
        }
        let mut normal = Normal::new(self, tex.len());
        normal.run(tex);
        let Normal { out, mut holes, .. } = normal;
        convert::convert(self, tex, &out, &mut holes)
    }
}

/// The normaliser of one fragment.
pub struct Normal<'c, 'a> {
    ctx: &'c mut Context<'a>,
    out: String,
    holes: Vec<Option<Node>>,
    /// What came last is an operator that takes limits.
    large: bool,
    lefts: usize,
    switches: usize,
}

impl<'c, 'a> Normal<'c, 'a> {
    fn new(ctx: &'c mut Context<'a>, len: usize) -> Self {
        let out = String::with_capacity(len + len / 2 + 16);
        Normal { ctx, out, holes: Vec::new(), large: false, lefts: 0, switches: 0 }
    }

    /// Normalises all of `tex`.
    fn run(&mut self, tex: &str) {
        if self.ctx.depth >= MAX_DEPTH {
            self.ctx.fail(tex, "{", "formule trop profondément imbriquée");
            return;
        }
        self.ctx.depth += 1;
        let switches = self.switches;
        let mut c = Cursor::new(tex);
        while self.one(&mut c) {}
        self.switches = switches;
        self.ctx.depth -= 1;
    }

    /// Normalises one token with its arguments. `false` at the end.
    fn one(&mut self, c: &mut Cursor<'_>) -> bool {
        let start = c.pos();
        let Some(token) = c.next_token() else { return false };
        let part = c.slice(start, c.pos());
        let was_large = std::mem::take(&mut self.large);
        match token {
            Tok::Space(_) => self.large = was_large,
            Tok::Open => match c.group_rest() {
                Some(inner) => {
                    self.out.push('{');
                    self.run(inner);
                    self.out.push('}');
                }
                None => self.ctx.fail(part, "{", "accolade ouvrante sans fermante"),
            },
            Tok::Close => self.ctx.fail(part, "}", "accolade fermante de trop"),
            Tok::Param(_) => self.ctx.fail(part, "#", "paramètre de macro hors d'une macro"),
            Tok::Char(ch @ ('^' | '_')) => self.script(ch, c),
            Tok::Char(ch) => self.char(ch, part),
            Tok::Command(name) => {
                if table::SWITCHES.contains(&name) {
                    self.switches += 1;
                    if self.switches > MAX_SWITCHES {
                        self.ctx.fail(part, part.trim(), "trop de changements de style");
                        return true;
                    }
                }
                self.large = matches!(name, "limits" | "nolimits") && was_large;
                self.command(name, part, c);
            }
        }
        true
    }

    fn script(&mut self, mark: char, c: &mut Cursor<'_>) {
        self.out.push(mark);
        self.braced(c);
    }

    /// One argument: a group, or one token with its own arguments (`\bar\mathbb{R}`).
    fn braced(&mut self, c: &mut Cursor<'_>) {
        self.out.push('{');
        self.argument(c);
        self.out.push('}');
    }

    fn argument(&mut self, c: &mut Cursor<'_>) {
        c.skip_space();
        match c.peek() {
            Some(Tok::Open) => {
                let start = c.pos();
                match c.arg() {
                    Some(inner) => self.run(inner),
                    None => {
                        c.next_token();
                        let part = c.slice(start, c.pos());
                        self.ctx.fail(part, "{", "accolade ouvrante sans fermante");
                    }
                }
            }
            None | Some(Tok::Close) => {
                self.ctx.fail(c.rest(), "", "argument absent");
            }
            Some(_) if self.ctx.depth >= MAX_DEPTH => {
                self.ctx.fail(c.rest(), "{", "formule trop profondément imbriquée");
                c.next_token();
            }
            Some(_) => {
                self.ctx.depth += 1;
                self.one(c);
                self.ctx.depth -= 1;
            }
        }
    }

    fn char(&mut self, ch: char, part: &str) {
        match ch {
            '$' => self.ctx.fail(part, "$", "« $ » dans une formule"),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {}
            '&' => self.ctx.fail(part, "&", "« & » hors d'un tableau"),
            '"' => self.out.push('″'),
            '`' => self.out.push('‘'),
            '\u{a0}' | '\u{202f}' => self.out.push('~'),
            '−' => self.out.push('-'),
            '\u{200b}'..='\u{200f}' | '\u{feff}' => {}
            _ if tree::is_hole(ch) => {}
            _ => self.out.push(ch),
        }
    }

    /// Puts a part of our own in place.
    fn hole(&mut self, node: Node) {
        match tree::hole(self.holes.len()) {
            Some(c) => {
                self.holes.push(Some(node));
                self.out.push(c);
            }
            None => self.ctx.fail("", "", "formule trop longue"),
        }
    }
}
