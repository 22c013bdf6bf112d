//! The parser: walks a source, expands macros within a budget, and builds the tree.

pub(crate) mod algorithms;
mod answers;
mod boxes;
mod calculations;
pub(crate) mod columns;
pub(crate) mod commandchars;
mod commands;
mod conditionals;
mod context;
mod decided;
mod environments;
pub(crate) mod escapes;
pub(crate) mod figures;
mod files;
mod flow;
mod headings;
mod index;
pub(crate) mod listings;
mod lists;
pub(crate) mod loops;
mod mathematics;
mod named;
mod packages;
mod references;
mod saved;
mod signs;
mod table;
mod wrapped;

pub(crate) use flow::Flow;
pub(crate) use headings::heading_level;

use crate::reader::{Cursor, Token};
use crate::{
    Convert, Diagnostic, IndexEntry, Label, MarkedBlock, Severity, Sources, counters,
    preamble::Preamble,
    references::Known,
    tree::{Block, Inline},
};
use mqd_math::{Numbering, Target};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Flows (groups, environments, macros) may be this deep.
const MAX_DEPTH: usize = 80;
/// Files may input one another this deep.
const MAX_INPUTS: usize = 12;
/// At most this many diagnostics are kept.
const MAX_DIAGNOSTICS: usize = 1_000;

/// What is said of an environment without end.
const UNCLOSED: &str = "cet environnement n'est pas fermé ; son début est ignoré";

/// What parsing leaves besides the tree.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Length of the source and of the files that it includes.
    pub(crate) bytes_read: usize,
    pub(crate) labels: HashMap<String, Label>,
    pub(crate) inputs: Vec<String>,
    pub(crate) figures: Vec<String>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) blocks: Vec<MarkedBlock>,
    pub(crate) index: Vec<IndexEntry>,
    pub(crate) footnotes: Vec<Vec<Block>>,
}

/// A place that a `\label` can name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// Its printed number.
    text: String,
    /// Its anchor.
    id: String,
    /// What `\crefname` and `\…autorefname` call it: its counter or its environment.
    key: Cow<'static, str>,
    /// What it is called if they do not.
    kind: Cow<'static, str>,
    /// Its title.
    title: String,
}

/// A file being read.
struct File<'a> {
    name: String,
    text: FileText<'a>,
    /// The place whose line and column were counted last.
    counted: Counted,
}

impl<'a> File<'a> {
    fn new(name: String, text: FileText<'a>) -> Self {
        Self { name, text, counted: Counted::default() }
    }
}

/// A place in a file: offset, lines before it, characters before it on its line.
#[derive(Debug, Default)]
struct Counted {
    offset: usize,
    lines: u32,
    characters: u32,
}

enum FileText<'a> {
    Given(&'a str),
    Read(Arc<str>),
}

impl FileText<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Given(text) => text,
            Self::Read(text) => text,
        }
    }
}

/// Counters print one another so deep: `\theparagraph` names five others.
const MAX_PRINTING: usize = 8;

/// The state of parsing.
pub(crate) struct Parser<'a> {
    sources: &'a dyn Sources,
    options: &'a Convert,
    state: Preamble,
    budget: mqd_math::Budget,
    numbering: Numbering,
    out: Parsed,
    files: Vec<File<'a>>,
    /// Byte offset in the current file where the last token of it was read.
    here: usize,
    depth: usize,
    anchors: u32,
    /// What `\label` refers to.
    current: Place,
    /// References to labels that were not known when they were read, with what is said if they
    /// never are.
    waiting: Vec<(String, Diagnostic)>,
    enumerations: usize,
    /// Number and label of the current item of each list around, from outside.
    enumerated: Vec<(String, String)>,
    /// Where resumed lists go on, by level and name of their series: number and options.
    series: HashMap<(usize, String), (i64, String)>,
    /// (name, end of source) of what was found not to be closed: not looked for again.
    unclosed: HashSet<(String, usize)>,
    unresolved: bool,
    ended: bool,
    in_float: Option<bool>,
    in_appendix: bool,
    /// `\frontmatter`, `\backmatter`: chapters have no number.
    outside_main_matter: bool,
    /// In `\texttt`, where signs stand as typed.
    typewriter: bool,
    /// Registers that the document made, and whether they hold a number.
    registers: HashMap<String, bool>,
    /// The index was written.
    index_printed: bool,
    /// What an environment defines for what comes behind it (thmtools' repeated theorems, boxes).
    outliving: Vec<(String, mqd_math::Macro)>,
    /// The document prints the solutions that exsheets and xsim collect.
    asks_for_solutions: bool,
    /// `\unless` stands before the condition that comes next.
    unless: bool,
    /// The command that comes next is meant as LaTeX defines it.
    primitive: Option<String>,
    /// In a part of a figure, whose caption has a letter.
    in_part_of_float: bool,
    /// In an algorithm, whose caption says so.
    in_algorithm: bool,
    /// Whether the caption of the figure around was read.
    float_is_numbered: bool,
    /// Counters that are being printed inside one another.
    printing: usize,
    caption: Option<(String, Vec<Inline>)>,
    /// What the preamble defined.
    context: context::Context,
    /// Macros looked at in a formula, and whether these hold conditions.
    conditional_macros: HashMap<Box<str>, bool>,
}

/// Labels as formulas refer to them.
fn targets(labels: &HashMap<String, Label>) -> HashMap<String, Target> {
    labels
        .iter()
        .map(|(name, label)| {
            (name.clone(), Target { tag: label.text.clone(), href: format!("#{}", label.id) })
        })
        .collect()
}

impl<'a> Parser<'a> {
    pub(crate) fn new(
        name: &str,
        source: &'a str,
        options: &'a Convert,
        sources: &'a dyn Sources,
    ) -> Self {
        let mut numbering = Numbering::default();
        numbering.id_prefix.clone_from(&options.id_prefix);
        numbering.known = Arc::new(targets(&options.labels));
        let mut state = Preamble::clone(&options.preamble);
        state.macros.scoped();
        let mut parser = Self {
            sources,
            options,
            state,
            budget: mqd_math::Budget::for_source(source.len()),
            numbering,
            out: Parsed::default(),
            files: vec![File::new(name.to_owned(), FileText::Given(source))],
            here: 0,
            depth: 0,
            anchors: 0,
            current: Place::default(),
            waiting: Vec::new(),
            enumerations: 0,
            enumerated: Vec::new(),
            series: HashMap::new(),
            unclosed: HashSet::new(),
            unresolved: false,
            ended: false,
            in_float: None,
            in_appendix: false,
            outside_main_matter: false,
            typewriter: false,
            registers: HashMap::new(),
            index_printed: false,
            outliving: Vec::new(),
            asks_for_solutions: Self::asks_for_solutions(source),
            unless: false,
            primitive: None,
            in_part_of_float: false,
            in_algorithm: false,
            float_is_numbered: false,
            printing: 0,
            caption: None,
            context: context::Context::default(),
            conditional_macros: HashMap::new(),
        };
        parser.begin_context();
        parser
    }

    pub(crate) fn has_unresolved(&self) -> bool {
        self.unresolved && !self.out.labels.is_empty()
    }

    pub(crate) fn known_labels(&self) -> HashMap<String, Target> {
        let mut known = targets(&self.options.labels);
        known.extend(targets(&self.out.labels));
        known
    }

    pub(crate) fn know(&mut self, known: HashMap<String, Target>) {
        self.numbering.known = Arc::new(known);
    }

    pub(crate) fn finish(mut self) -> Parsed {
        let known = Known(&self.out.labels, &self.options.labels);
        let lost = self.waiting.into_iter().filter(|(label, _)| known.find(label).is_none());
        self.out.diagnostics.extend(lost.map(|(_, said)| said).take(MAX_DIAGNOSTICS));
        self.out
    }

    /// A whole file or a fragment.
    pub(crate) fn document(&mut self, source: &str) -> Vec<Block> {
        let mut flow = Flow::default();
        self.file_body(source, true, &mut flow);
        // A fragment has no end of its own.
        let at_end = std::mem::take(&mut self.state.at_end);
        if source.contains("\\begin{document}") {
            self.ended = false;
            self.flow(&at_end, &mut flow);
        }
        let mut blocks = flow.finish();
        self.fill_index(&mut blocks);
        // A fragment that names no language is French, as its author's preamble will say.
        let whole = || source.contains("\\documentclass") && crate::english::reads_english(source);
        if self.state.english.unwrap_or_else(whole) {
            crate::english::blocks(&mut blocks);
            for note in &mut self.out.footnotes {
                crate::english::blocks(note);
            }
        }
        blocks
    }

    /// Tells of environments kept as they stand that are never closed.
    pub(crate) fn report_unclosed(&mut self, unclosed: &[(usize, &str)]) {
        for (at, name) in unclosed {
            self.here = *at;
            self.report(Severity::Error, name, UNCLOSED);
        }
    }

    /// Tells of a source that leaves many groups open, from the first one on.
    pub(crate) fn report_left_open(&mut self, at: Option<usize>) {
        if let Some(at) = at {
            self.here = at;
            let said = "beaucoup d'accolades ne sont pas refermées ; elles sont ignorées";
            self.report(Severity::Error, "{", said);
        }
    }

    /// The body of a file: what stands before `\begin{document}` is its preamble.
    fn file_body(&mut self, source: &str, whole: bool, flow: &mut Flow) {
        self.out.bytes_read += source.len();
        if let Some(at) = files::begin_document(source) {
            let sources = self.sources;
            self.state.load(&source[..at], sources, 0);
            self.know_chapters(&source[..at]);
            self.report_missing(Some(source));
            self.begin_context();
            let at_begin = std::mem::take(&mut self.state.at_begin);
            if whole {
                self.text_at_begin(&at_begin, flow);
            }
            self.flow(&source[at..], flow);
        } else {
            self.flow(source, flow);
        }
    }

    pub(crate) fn blocks(&mut self, source: &str) -> Vec<Block> {
        let mut flow = Flow::default();
        self.flow(source, &mut flow);
        flow.finish()
    }

    pub(crate) fn line(&mut self, source: &str) -> Vec<Inline> {
        let mut flow = Flow::default();
        self.flow(source, &mut flow);
        flow.finish_line()
    }

    /// TeX evaluated to plain text: printed counters, labels, attribute values.
    pub(crate) fn evaluate(&mut self, source: &str) -> String {
        let line = self.line(source);
        self.plain(&line).trim().to_owned()
    }

    /// A word that LaTeX prints by itself: as the author redefined it, or as usual.
    fn word(&mut self, name: &str, usual: &str) -> String {
        match self.state.macros.get(name) {
            Some(meaning) if self.state.macros.can_follow(meaning) => {
                let body = meaning.body.to_string();
                self.evaluate(&body)
            }
            _ => usual.to_owned(),
        }
    }

    /// The text of a line, with the labels known so far.
    pub(crate) fn plain(&self, line: &[Inline]) -> String {
        crate::plain::inlines(line, Known(&self.out.labels, &self.options.labels))
    }

    /// Reads a source into a flow.
    pub(crate) fn flow(&mut self, source: &str, flow: &mut Flow) {
        if self.ended {
            return;
        }
        if self.depth >= MAX_DEPTH {
            self.report(
                Severity::Error,
                "{",
                "les groupes sont trop profonds ; ce qui est dedans n'est pas montré",
            );
            return;
        }
        self.depth += 1;
        let mut cursor = Cursor::new(source);
        while !self.ended {
            let at = cursor.offset();
            self.place(source, at);
            let Some(token) = cursor.next() else { break };
            match token {
                Token::Char('$') => self.dollar(source, &mut cursor, flow),
                Token::Char('&') => {
                    self.report(
                        Severity::Warning,
                        "&",
                        "un « & » est écrit hors d'un tableau ; il est ignoré",
                    );
                }
                Token::Char('^' | '_') => {
                    // Outside a formula TeX stops here; the sign is shown as the author typed it.
                    self.report(
                        Severity::Warning,
                        &source[at..cursor.offset()],
                        "ce signe ne s'écrit que dans une formule ; il est montré tel quel",
                    );
                    flow.raw(&source[at..cursor.offset()]);
                }
                Token::Char(c) if c.is_control() || ('\u{E000}'..='\u{F8FF}').contains(&c) => {}
                Token::Char(c) if self.state.short_verb == Some(c) => {
                    let mut ahead = Cursor::at(source, at);
                    match ahead.text_as_it_stands("verb") {
                        Some(text) => {
                            cursor = ahead;
                            flow.inline(Inline::Code(text.to_owned()));
                        }
                        None => flow.char(c),
                    }
                }
                // babel puts no spaces into code.
                Token::Char('~') if self.typewriter => flow.raw("\u{a0}"),
                Token::Char(c) if self.typewriter => flow.raw(c.encode_utf8(&mut [0; 4])),
                Token::Char(c) => flow.char(c),
                Token::Space => flow.char(' '),
                Token::Paragraph => flow.end_paragraph(),
                Token::Open => match self.group_end(source, &mut cursor) {
                    Some(inner) => {
                        flow.owe_nothing();
                        // What is defined in a group holds in the group.
                        let mark = self.state.macros.mark();
                        self.flow(inner, flow);
                        self.state.macros.undo(mark);
                    }
                    None => self.report(
                        Severity::Warning,
                        "{",
                        "une accolade n'est pas refermée ; elle est ignorée",
                    ),
                },
                Token::Close => self.report(
                    Severity::Warning,
                    "}",
                    "une accolade fermante de trop ; elle est ignorée",
                ),
                Token::Command(name) => {
                    if self.command(name, source, &mut cursor, flow) == Next::Done {
                        break;
                    }
                }
            }
        }
        self.depth -= 1;
    }

    /// The rest of a group, unless this source was found to leave one open.
    fn group_end<'s>(&mut self, source: &'s str, cursor: &mut Cursor<'s>) -> Option<&'s str> {
        let key = ("{".to_owned(), end_of(source));
        if self.unclosed.contains(&key) {
            return None;
        }
        let mut ahead = cursor.clone();
        match ahead.rest_of_group() {
            Some(inner) => {
                *cursor = ahead;
                Some(inner)
            }
            None => {
                self.unclosed.insert(key);
                None
            }
        }
    }

    /// Remembers where we are, when `source` is a part of the current file.
    fn place(&mut self, source: &str, at: usize) {
        if let Some(file) = self.files.last() {
            let text = file.text.as_str();
            let (start, part) = (text.as_ptr() as usize, source.as_ptr() as usize);
            if part >= start && part + source.len() <= start + text.len() {
                self.here = part - start + at;
            }
        }
    }

    pub(crate) fn report(&mut self, severity: Severity, construct: &str, message: &str) {
        if self.out.diagnostics.len() >= MAX_DIAGNOSTICS {
            return;
        }
        let said = self.diagnostic(severity, construct, message.to_owned());
        // A macro that calls itself says the same many times.
        if !self.out.diagnostics.iter().rev().take(4).any(|before| *before == said) {
            self.out.diagnostics.push(said);
        }
    }

    /// What is said of the place where we are.
    fn diagnostic(&mut self, severity: Severity, construct: &str, message: String) -> Diagnostic {
        let construct = construct.chars().take(80).collect();
        let Some(file) = self.files.last_mut() else {
            return Diagnostic {
                severity,
                file: String::new(),
                line: 0,
                column: 0,
                construct,
                message,
            };
        };
        // Lines are counted only when there is something to say, from where they were last.
        let text = file.text.as_str();
        let end = text.floor_char_boundary(self.here.min(text.len()));
        let mut counted = std::mem::take(&mut file.counted);
        if end < counted.offset {
            counted = Counted::default();
        }
        for c in text[counted.offset..end].chars() {
            if c == '\n' {
                counted.lines += 1;
                counted.characters = 0;
            } else {
                counted.characters += 1;
            }
        }
        counted.offset = end;
        let (line, column) = (counted.lines + 1, counted.characters + 1);
        file.counted = counted;
        Diagnostic { severity, file: file.name.clone(), line, column, construct, message }
    }

    /// A new anchor, `kind-n` behind the prefix of the document.
    pub(crate) fn anchor(&mut self, kind: &str) -> String {
        self.anchors += 1;
        format!("{}{kind}-{}", self.options.id_prefix, self.anchors)
    }

    /// Steps a counter, resets those below it, and returns what it prints.
    pub(crate) fn step(&mut self, counter: &str) -> String {
        *self.state.counters.entry(counter.to_owned()).or_default() += 1;
        if counter == "equation" {
            self.set_equation(self.numbering.equation.saturating_add(1));
        }
        // What has chapters and names no class is a part of a book.
        if counter == "chapter" && !self.state.has_class() && self.state.by_chapter == ["section"] {
            self.state.number_by_chapter();
        }
        self.reset_below(counter, 0);
        self.printed(counter)
    }

    fn reset_below(&mut self, counter: &str, depth: usize) {
        let mut below: Vec<String> = self
            .state
            .resets
            .iter()
            .filter(|(above, _)| above == counter)
            .map(|(_, c)| c.clone())
            .collect();
        if counter == "chapter" {
            below.extend(self.state.by_chapter.iter().map(|name| (*name).to_owned()));
        } else {
            below.extend(headings::below(counter).map(str::to_owned));
        }
        for name in below {
            self.state.counters.insert(name.clone(), 0);
            if name == "equation" {
                self.set_equation(0);
            }
            if depth < 8 {
                self.reset_below(&name, depth + 1);
            }
        }
    }

    /// What `\thecounter` prints.
    pub(crate) fn printed(&mut self, counter: &str) -> String {
        let name = format!("the{counter}");
        let form = match self.state.macros.get(&name) {
            Some(meaning) if self.state.macros.can_follow(meaning) => meaning.body.to_string(),
            _ if self.is_by_chapter(counter) => format!("\\thechapter.\\arabic{{{counter}}}"),
            _ => counters::default_form(counter),
        };
        // The form may name itself, and step counters that do: the depth that `flow` allows is too
        // much for what branches.
        if self.printing > 1 {
            self.budget.bytes = self.budget.bytes.saturating_sub(form.len());
        }
        if self.printing >= MAX_PRINTING || self.budget.is_spent() {
            return self.value(counter).to_string();
        }
        self.printing += 1;
        let printed = self.evaluate(&form);
        self.printing -= 1;
        printed
    }

    pub(crate) fn value(&self, counter: &str) -> i64 {
        if counter == "equation" {
            return i64::from(self.numbering.equation);
        }
        self.state.counters.get(counter).copied().unwrap_or_default()
    }
}

/// Whether the flow goes on after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// With the next token.
    Token,
    /// The command took the rest of the source.
    Done,
}

/// Address of the end of a source: equal for a part and its whole when both end together.
pub(crate) fn end_of(source: &str) -> usize {
    source.as_ptr() as usize + source.len()
}
