//! What a preamble sets: macros, theorem-like environments, counters. Read once, shared by all.

use crate::parse::{algorithms::algorithm2e::Keyword, columns::ColumnTypes, escapes::Listings};
use crate::reader::{Cursor, Token};
use crate::{calc::Mode, conditions, convert::Sources, english, keyval, options::Options, tables};
use mqd_math::{Budget, Macro, Macros};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A theorem-like environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Theorem {
    /// Printed name, as TeX to expand.
    pub(crate) title: String,
    /// Its counter; `None` for starred ones.
    pub(crate) counter: Option<String>,
    /// `plain`, `definition` or `remark`.
    pub(crate) style: String,
    /// What stands before its labels, for those that take a title and a label as arguments.
    pub(crate) prefix: Option<String>,
}

/// How titlesec sets a heading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HeadingFormat {
    /// What prints its number.
    pub(crate) label: String,
    /// What stands before its title, or takes it as `#1`.
    pub(crate) before: String,
    /// What stands behind its title.
    pub(crate) after: String,
    /// It stands in the line of its text.
    pub(crate) in_line: bool,
}

/// The state that a preamble leaves behind.
#[derive(Debug, Clone)]
pub struct Preamble {
    pub(crate) macros: Macros,
    pub(crate) theorems: HashMap<String, Theorem>,
    pub(crate) counters: BTreeMap<String, i64>,
    /// Counters that are reset when another steps.
    pub(crate) resets: Vec<(String, String)>,
    style: String,
    /// What macros that define something may still cost in preambles.
    calls: Budget,
    /// Beamer shows no numbers of theorems unless it is told to.
    pub(crate) unnumbered_theorems: bool,
    /// What `\setlist` set: names and levels of lists, and their options.
    pub(crate) list_options: Vec<(String, String)>,
    /// Lists that `\newlist` made: their name and the list that they are like.
    pub(crate) lists: HashMap<String, String>,
    /// What `\title`, `\author`, `\date` and their like gave, for `\maketitle`.
    pub(crate) titles: BTreeMap<String, String>,
    /// Switches: `\newif`, booleans, toggles.
    pub(crate) flags: BTreeMap<String, bool>,
    /// What references call each kind, one of them and several (`\crefname`).
    pub(crate) kinds: BTreeMap<String, (String, String)>,
    /// Whether the language that it names is English; `None` when it names none.
    pub(crate) english: Option<bool>,
    /// Headings that `\titleformat` sets.
    pub(crate) heading_formats: BTreeMap<String, Arc<HeadingFormat>>,
    /// What stands at the end of a whole document (`\AtEndDocument`).
    pub(crate) at_end: String,
    /// The class; of `standalone` the one that it loads.
    class: String,
    /// Counters that a chapter resets, and that print its number before their own.
    pub(crate) by_chapter: Vec<&'static str>,
    /// Packages that the preamble names, and its class.
    pub(crate) packages: BTreeSet<String>,
    /// Options of the class and of algorithm2e.
    pub(crate) algorithms: String,
    /// Keywords of algorithms: a command, and what it prints.
    pub(crate) keywords: Vec<(String, Keyword)>,
    /// Environments, and commands with their backslash, that the author made for text as it stands,
    /// with its language.
    pub(crate) verbatims: BTreeMap<String, Option<String>>,
    /// What keeps its meaning in listings.
    pub(crate) listings: Listings,
    /// Entries of a glossary and acronyms: short and long.
    pub(crate) terms: BTreeMap<String, (String, String)>,
    /// Column types of tables.
    pub(crate) column_types: ColumnTypes,
    /// The sign between which text stands as it is (`\MakeShortVerb`).
    pub(crate) short_verb: Option<char>,
    /// Answers that the package answers keeps in a file, and the environments that show them there.
    pub(crate) associations: BTreeMap<String, String>,
    /// Environments of the package comment: whether they are shown.
    pub(crate) comments: BTreeMap<String, bool>,
    /// Options of the package or class that is being read.
    pub(crate) options: Options,
    /// Options of the document's class, which packages see too.
    pub(crate) class_options: String,
    /// Options that wait for a package or class (`\PassOptionsToPackage`).
    pub(crate) passed: Vec<(String, String)>,
    /// How much was read of other files and of options.
    pub(crate) read_bytes: usize,
}

impl Default for Preamble {
    fn default() -> Self {
        Self {
            macros: Macros::default(),
            theorems: HashMap::new(),
            counters: BTreeMap::new(),
            resets: Vec::new(),
            style: "plain".to_owned(),
            calls: Budget { replacements: 4_000, bytes: 256 * 1024 },
            unnumbered_theorems: false,
            list_options: Vec::new(),
            lists: HashMap::new(),
            titles: BTreeMap::new(),
            flags: BTreeMap::new(),
            kinds: BTreeMap::new(),
            verbatims: BTreeMap::new(),
            listings: Listings::default(),
            terms: BTreeMap::new(),
            english: None,
            short_verb: None,
            heading_formats: BTreeMap::new(),
            at_end: String::new(),
            class: String::new(),
            by_chapter: vec!["section"],
            packages: BTreeSet::new(),
            algorithms: String::new(),
            keywords: Vec::new(),
            column_types: ColumnTypes::new(),
            comments: BTreeMap::new(),
            associations: BTreeMap::new(),
            options: Options::default(),
            class_options: String::new(),
            passed: Vec::new(),
            read_bytes: 0,
        }
    }
}

/// What the package physics defines, as far as other packages do not mean something else by it.
const PHYSICS: &str = include_str!("physics.tex");

/// Classes whose documents have chapters.
const CHAPTERED: &[&str] = &[
    "book",
    "report",
    "memoir",
    "scrbook",
    "scrreprt",
    "extbook",
    "extreport",
    "amsbook",
    "tufte-book",
    "bookest",
    "mitthesis",
];

/// What is numbered within chapters besides sections.
const BY_CHAPTER: &[&str] = &["equation", "figure", "table", "lstlisting"];

/// A preamble that inputs itself stops here.
pub(crate) const MAX_DEPTH: usize = 12;

/// Files, packages and options that a preamble reads may have so many bytes, each time counted.
pub(crate) const MAX_READ: usize = 8_000_000;

impl Preamble {
    /// Reads preambles in order; the files that they input come from `sources`.
    #[must_use]
    pub fn read(texts: &[&str], sources: &dyn Sources) -> Self {
        let mut preamble = Self::default();
        for text in texts {
            preamble.load(text, sources, 0);
        }
        preamble.macros = preamble.macros.shared();
        preamble
    }

    /// Adds what a text defines. Everything else in it is layout and is passed over.
    pub(crate) fn load(&mut self, text: &str, sources: &dyn Sources, depth: usize) {
        let mut cursor = Cursor::new(text);
        // Where a condition was found not to end: not looked for again.
        let mut unclosed = false;
        while let Some(token) = cursor.next() {
            let Token::Command(name) = token else { continue };
            let after = cursor.offset();
            match name {
                "newcounter" | "setcounter" | "addtocounter" | "counterwithin"
                | "counterwithout" | "numberwithin" | "@addtoreset" | "@removefromreset"
                | "setsecnumdepth" | "maxsecnumdepth" => {
                    self.counter(name, &mut cursor);
                }
                "input"
                | "include"
                | "usepackage"
                | "RequirePackage"
                | "RequirePackageWithOptions"
                    if depth < MAX_DEPTH =>
                {
                    let options = cursor.optional().unwrap_or_default();
                    let inherited = self.options.given.clone();
                    let options = match name {
                        "RequirePackageWithOptions" => inherited.as_str(),
                        _ => options,
                    };
                    for path in cursor.argument().unwrap_or_default().split(',') {
                        let path = path.trim();
                        let package = !matches!(name, "input" | "include");
                        let file = if package {
                            self.packages.insert(path.to_owned());
                            self.english = match path {
                                "babel" => english::named(options).or(self.english),
                                "frenchle" | "frenchpro" | "french" | "aeguill" | "frenchb"
                                | "efrench" => Some(false),
                                _ => self.english,
                            };
                            if path == "algorithm2e" {
                                self.algorithms.push(',');
                                self.algorithms.push_str(options);
                            }
                            if path == "physics" {
                                self.macros.define_all(PHYSICS);
                            }
                            format!("{path}.sty")
                        } else {
                            path.to_owned()
                        };
                        let Some(text) = sources.read(&file) else { continue };
                        self.read_bytes += text.len();
                        if self.read_bytes > MAX_READ {
                            break;
                        }
                        if package {
                            self.load_with_options(path, &text, options, sources, depth);
                        } else {
                            self.load(&text, sources, depth + 1);
                        }
                    }
                }
                "setlist" | "setlist*" | "setenumerate" | "setitemize" | "newlist" => {
                    self.set_list(name, &mut cursor);
                }
                // A preamble that is read again begins anew.
                "documentclass" | "documentstyle" | "LoadClass" | "LoadClassWithOptions" => {
                    self.class(name, &mut cursor, sources, depth);
                }
                "setmainlanguage" | "setdefaultlanguage" => {
                    cursor.optional();
                    self.english = english::named(cursor.argument().unwrap_or_default());
                }
                _ if depth < MAX_DEPTH && self.defines(name, 0) => {
                    // A macro of the author may keep something for later.
                    let at = after - name.len() - 1;
                    if let Some(found) = self.macros.expand_at(&text[at..], &mut self.calls) {
                        cursor = Cursor::at(text, at + found.consumed);
                        self.load(&found.text, sources, depth + 1);
                    }
                }
                _ if self.is_part_of_title(name) => self.title(name, &mut cursor),
                "begin" if cursor.clone().argument() == Some("document") => break,
                _ if tables::is_definer(name) => {
                    let at = after - name.len() - 1;
                    if let Some(length) = self.define(&text[at..]) {
                        cursor = Cursor::at(text, at + length);
                    }
                }
                _ if self.option(name, &mut cursor, sources, depth) => {}
                _ if self.declare(name, &mut cursor) => {}
                _ if conditions::opens(name) && depth < MAX_DEPTH && !unclosed => {
                    // Definitions may depend on a switch: the branch that holds is read.
                    let mut ahead = cursor.clone();
                    if let Some(holds) = self.condition(name, &mut ahead) {
                        match conditions::branches(ahead.rest()) {
                            Some((yes, no, length)) => {
                                self.load(if holds { yes } else { no }, sources, depth + 1);
                                cursor = Cursor::at(text, ahead.offset() + length);
                            }
                            None => unclosed = true,
                        }
                    }
                }
                _ if conditions::arguments(name) == Some(1) && depth < MAX_DEPTH => {
                    let mut ahead = cursor.clone();
                    if let (Some(test), Some(yes)) = (ahead.argument(), ahead.argument()) {
                        let no = ahead.argument().unwrap_or_default();
                        let holds = self.condition_of_arguments(name, &[test]);
                        // Definitions of a condition that cannot be decided are all read.
                        if holds != Some(false) {
                            self.load(yes, sources, depth + 1);
                        }
                        if holds != Some(true) {
                            self.load(no, sources, depth + 1);
                        }
                        cursor = ahead;
                    }
                }
                _ => {}
            }
        }
    }

    /// The class says whether there are chapters.
    pub(crate) fn set_class(&mut self, class: &str, options: &str) {
        let loaded = keyval::parse(options).into_iter().find(|(key, _)| *key == "class");
        self.class = match (class, loaded) {
            ("standalone", Some((_, loaded))) => loaded.to_owned(),
            _ => class.to_owned(),
        };
        self.unnumbered_theorems = class == "beamer";
        self.by_chapter = vec!["section"];
        if self.has_chapters() {
            self.number_by_chapter();
        }
    }

    /// Whether the class is one with chapters.
    pub(crate) fn has_chapters(&self) -> bool {
        CHAPTERED.contains(&self.class.as_str())
    }

    /// Whether the class is known.
    pub(crate) fn has_class(&self) -> bool {
        !self.class.is_empty()
    }

    /// What a class with chapters numbers within them. Those of the AMS number by themselves.
    pub(crate) fn number_by_chapter(&mut self) {
        if self.class == "amsbook" {
            self.by_chapter.clear();
            for name in ["section", "figure", "table"] {
                self.resets.push(("chapter".to_owned(), name.to_owned()));
            }
        } else {
            self.by_chapter.extend(BY_CHAPTER);
        }
    }

    /// The level of the last headings that the class numbers.
    pub(crate) fn usual_depth(&self) -> i64 {
        match self.class.as_str() {
            "memoir" => 1,
            "amsbook" => 3,
            _ if self.has_chapters() => 2,
            _ => 3,
        }
    }

    /// Whether a counter shows the number of its chapter even before the first one.
    pub(crate) fn shows_chapter_zero(&self, counter: &str) -> bool {
        match counter {
            "equation" => matches!(self.class.as_str(), "scrbook" | "scrreprt"),
            "figure" | "table" => self.class == "memoir",
            _ => false,
        }
    }

    /// After enumitem's `\setlist` and `\newlist`.
    pub(crate) fn set_list(&mut self, command: &str, cursor: &mut Cursor<'_>) {
        if command == "newlist" {
            let name = cursor.argument().unwrap_or_default().trim().to_owned();
            let like = cursor.argument().unwrap_or_default().trim().to_owned();
            cursor.argument();
            self.lists.insert(name, like);
            return;
        }
        cursor.star();
        let which = cursor.optional().unwrap_or_default();
        let which = match command {
            "setenumerate" => format!("enumerate,{which}"),
            "setitemize" => format!("itemize,{which}"),
            _ => which.to_owned(),
        };
        let options = cursor.argument().unwrap_or_default().to_owned();
        self.list_options.push((which, options));
    }

    /// What `\setlist` says of a list at a level (from 1): names and levels that it does not name
    /// are meant all.
    pub(crate) fn options_of_list(&self, name: &str, level: usize) -> String {
        let mut out = String::new();
        for (which, options) in &self.list_options {
            let words = || which.split(',').map(str::trim).filter(|word| !word.is_empty());
            let (levels, names): (Vec<&str>, Vec<&str>) =
                words().partition(|word| word.chars().all(|c| c.is_ascii_digit()));
            let named = names.is_empty() || names.contains(&name);
            let at_level = levels.is_empty() || levels.contains(&level.to_string().as_str());
            if named && at_level {
                out.push_str(options);
                out.push(',');
            }
        }
        out
    }

    /// Whether a command keeps a part of the title; the classes have more or fewer.
    pub(crate) fn is_part_of_title(&self, name: &str) -> bool {
        let koma = self.class.starts_with("scr");
        match name {
            "title" | "author" | "date" => true,
            "subtitle" => koma || self.class == "beamer",
            "institute" => self.class == "beamer",
            "subject" | "titlehead" | "publishers" | "extratitle" | "dedication" => koma,
            _ => false,
        }
    }

    /// After `\title`, `\author`, `\date` or their like.
    pub(crate) fn title(&mut self, name: &str, cursor: &mut Cursor<'_>) {
        let short = cursor.optional();
        if let Some(text) = cursor.argument() {
            self.titles.insert(name.to_owned(), text.to_owned());
            // LaTeX keeps it under this name, which titles of the author's own use.
            self.macros.insert(&format!("@{name}"), Macro::constant(text));
            let short = Macro::constant(short.unwrap_or(text));
            self.macros.insert(&format!("insertshort{name}"), short);
        }
    }

    /// Whether a macro of the author defines something or keeps a part of the title.
    fn defines(&mut self, name: &str, depth: usize) -> bool {
        const KEEPERS: &[&str] =
            &["title", "author", "date", "newtheorem", "newcounter", "setcounter", "setboolean"];
        let Some(meaning) = self.macros.get(name).filter(|m| self.macros.can_follow(m)) else {
            return false;
        };
        let body = meaning.body.clone();
        self.calls.bytes = self.calls.bytes.saturating_sub(body.len().saturating_sub(200));
        if self.calls.is_spent() || !body.contains('\\') {
            return false;
        }
        Cursor::new(&body).any(|token| match token {
            Token::Command(inner) => {
                tables::is_definer(inner)
                    || KEEPERS.contains(&inner)
                    || depth < 2 && inner != name && self.defines(inner, depth + 1)
            }
            _ => false,
        })
    }

    /// The style of the theorems that follow.
    pub(crate) fn style(&self) -> &str {
        &self.style
    }

    /// Sets the style of the theorems that follow.
    pub(crate) fn set_style(&mut self, style: &str) {
        self.style = style.to_owned();
    }

    pub(crate) fn counter(&mut self, command: &str, cursor: &mut Cursor<'_>) {
        // The starred forms reset without a word on what is printed.
        let starred = cursor.star();
        let style = cursor.optional().unwrap_or("\\arabic").trim().to_owned();
        let Some(name) = cursor.argument().map(|name| name.trim().to_owned()) else { return };
        match command {
            // memoir names the last heading that has a number.
            "setsecnumdepth" | "maxsecnumdepth" => {
                let level = match name.as_str() {
                    "none" => -10,
                    "all" => 10,
                    name => crate::parse::heading_level(name).map_or(1, i64::from),
                };
                self.counters.insert("secnumdepth".to_owned(), level);
            }
            "newcounter" => {
                if let Some(within) = cursor.optional() {
                    self.resets.push((within.trim().to_owned(), name.clone()));
                }
                self.counters.insert(name, 0);
            }
            "setcounter" | "addtocounter" => {
                let given = cursor.argument().unwrap_or_default();
                let value = self.compute(given, Mode::Counter).and_then(conditions::whole);
                let value = value.unwrap_or(0);
                let slot = self.counters.entry(name).or_default();
                *slot = if command == "setcounter" { value } else { slot.saturating_add(value) };
            }
            _ => {
                let within = cursor.argument().unwrap_or_default().trim().to_owned();
                let (resets, printed) = match command {
                    "counterwithout" => (false, Some(format!("{style}{{{name}}}"))),
                    "@addtoreset" => (true, None),
                    "@removefromreset" => (false, None),
                    _ => (true, Some(format!("\\the{within}.{style}{{{name}}}"))),
                };
                if let Some(printed) = printed.filter(|_| !starred) {
                    self.macros.define_all(&format!("\\renewcommand{{\\the{name}}}{{{printed}}}"));
                }
                self.resets.retain(|(above, below)| *above != within || *below != name);
                if resets {
                    self.resets.push((within, name));
                } else if within == "chapter" {
                    self.by_chapter.retain(|counter| *counter != name);
                }
            }
        }
    }
}
