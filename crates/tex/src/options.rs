//! Classes, and options of the author's own packages and classes: which code they run, which switches
//! they set. A sheet with or without its answers is often chosen here.

use crate::convert::Sources;
use crate::preamble::{MAX_DEPTH, Preamble};
use crate::reader::Cursor;
use crate::{english, keyval};
use mqd_math::Macro;

/// What an option does when it is given.
#[derive(Debug, Clone)]
enum Effect {
    /// Runs code, in which `#1` is its value.
    Code(String),
    /// Sets a switch, or for `false` its contrary.
    Switch(String, bool),
    /// Keeps its value in a macro.
    Value(String),
}

/// The options of a package or a class while its file is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// Those that it was given itself.
    pub(crate) given: String,
    /// Those that it knows, in the order of their declaration.
    declared: Vec<(String, Effect)>,
    /// Code for those that it does not know (`\DeclareOption*`).
    other: String,
    /// What kvoptions puts before the names of switches and macros.
    prefix: String,
}

/// Files, packages and options that a preamble reads may have so many bytes, each time counted.
const MAX_READ: usize = 8_000_000;

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

/// What the package physics defines, as far as other packages do not mean something else by it.
const PHYSICS: &str = include_str!("physics.tex");
/// What the package frenchmath defines.
const FRENCHMATH: &str = include_str!("frenchmath.tex");
/// What the package units defines: the value stands before the unit, if there is one.
const UNITS: &str = r"\NewDocumentCommand{\unit}{om}{\IfNoValueTF{#1}{\ensuremath{\mathrm{#2}}}{\ensuremath{#1~\mathrm{#2}}}}
\NewDocumentCommand{\unitfrac}{omm}{\IfNoValueTF{#1}{\ensuremath{\mathrm{#2}/\mathrm{#3}}}{\ensuremath{#1~\mathrm{#2}/\mathrm{#3}}}}
";

/// The setting of documents in which cleveref writes what it names with a capital.
pub(crate) const CAPITALISED: &str = "cleveref capitalise";

/// So many options of a file are kept.
const MAX_OPTIONS: usize = 200;

impl Preamble {
    /// Reads a package or class of the author with the options that it is given.
    pub(crate) fn load_with_options(
        &mut self,
        name: &str,
        text: &str,
        given: &str,
        sources: &dyn Sources,
        depth: usize,
    ) {
        if !self.may_read(text) {
            return;
        }
        let mut given = given.to_owned();
        for (_, more) in self.passed.iter().filter(|(to, _)| to == name) {
            given.push(',');
            given.push_str(more);
        }
        let options = Options { given, prefix: format!("{name}@"), ..Options::default() };
        let around = std::mem::replace(&mut self.options, options);
        self.load(text, sources, depth + 1);
        self.options = around;
    }

    /// What a package of TeX's own defines here and keeps of its options.
    pub(crate) fn know_package(&mut self, package: &str, options: &str) {
        let defined = match package {
            "physics" => PHYSICS,
            "frenchmath" => FRENCHMATH,
            "units" => UNITS,
            _ => "",
        };
        self.macros.define_all(defined);
        match package {
            "siunitx" => self.macros.set_units(options),
            "algorithm2e" => {
                self.algorithms.push(',');
                self.algorithms.push_str(options);
            }
            "cleveref" => {
                let names = ["capitalise", "capitalize"];
                if keyval::parse(options).iter().any(|(key, _)| names.contains(key)) {
                    self.settings.insert(CAPITALISED.to_owned(), String::new());
                }
            }
            "caption" => self.set_captions("", options),
            _ => {}
        }
    }

    /// Whether there is room for one text more. Files may name themselves many times.
    pub(crate) fn may_read(&mut self, text: &str) -> bool {
        self.read_bytes += text.len() + 1_000;
        self.read_bytes < MAX_READ
    }

    /// After `\documentclass`, `\LoadClass` and their like: the class, if it is the author's own, is
    /// read.
    pub(crate) fn class(
        &mut self,
        command: &str,
        cursor: &mut Cursor<'_>,
        sources: &dyn Sources,
        depth: usize,
    ) {
        let given = cursor.optional().unwrap_or_default().to_owned();
        let given =
            if command.ends_with("WithOptions") { self.options.given.clone() } else { given };
        let class = cursor.argument().unwrap_or_default().trim().to_owned();
        if command.starts_with("document") {
            self.set_style("plain");
            self.english = english::named(&given);
            self.algorithms.clone_from(&given);
            self.class_options.clone_from(&given);
        } else {
            self.english = english::named(&given).or(self.english);
        }
        self.packages.insert(class.clone());
        self.set_class(&class, &given);
        if depth < MAX_DEPTH
            && let Some((_, text)) = self.find(&format!("{class}.cls"), sources)
        {
            self.load_with_options(&class, &text, &given, sources, depth);
        }
    }

    /// The class says whether there are chapters.
    fn set_class(&mut self, class: &str, options: &str) {
        let loaded = keyval::parse(options).into_iter().find(|(key, _)| *key == "class");
        self.class = match (class, loaded) {
            ("standalone", Some((_, loaded))) => loaded.to_owned(),
            _ => class.to_owned(),
        };
        self.unnumbered_theorems = class == "beamer";
        if class == "exam" {
            let answers = keyval::parse(options).iter().any(|(key, _)| *key == "answers");
            self.flags.insert("printanswers".to_owned(), answers);
        }
        self.by_chapter = vec!["section"];
        if self.has_chapters() {
            self.number_by_chapter();
        }
    }

    /// Whether the class is one with chapters.
    pub(crate) fn has_chapters(&self) -> bool {
        CHAPTERED.contains(&self.class.as_str())
    }

    /// Whether `\subtitle` adds a line to the title, as pandoc defines it, or is nobody's.
    pub(crate) fn is_subtitle(&self) -> bool {
        let own = self.macros.get("subtitle");
        own.is_none_or(|own| own.body.contains("\\@title") && own.body.contains("\\appto"))
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

    /// Handles a command that declares, gives or runs options; `false` when it is none.
    pub(crate) fn option(
        &mut self,
        command: &str,
        cursor: &mut Cursor<'_>,
        sources: &dyn Sources,
        depth: usize,
    ) -> bool {
        let word = |cursor: &mut Cursor<'_>| {
            cursor.argument().unwrap_or_default().trim().trim_start_matches('\\').to_owned()
        };
        match command {
            "DeclareOption" | "DeclareOptionX" | "DeclareVoidOption" => {
                let other = cursor.star();
                let name = if other { String::new() } else { word(cursor) };
                cursor.optional();
                let code = cursor.argument().unwrap_or_default().to_owned();
                if other {
                    self.options.other = code;
                } else {
                    self.know_option(name, Effect::Code(code));
                }
            }
            "DeclareBoolOption" => {
                let holds = cursor.optional().is_some_and(|value| value.trim() == "true");
                let name = word(cursor);
                let flag = format!("{}{name}", self.options.prefix);
                self.flags.insert(flag.clone(), holds);
                self.know_option(name, Effect::Switch(flag, true));
            }
            "DeclareComplementaryOption" => {
                let name = word(cursor);
                let flag = format!("{}{}", self.options.prefix, word(cursor));
                self.know_option(name, Effect::Switch(flag, false));
            }
            "DeclareStringOption" => {
                let value = cursor.optional().unwrap_or_default().to_owned();
                let name = word(cursor);
                cursor.optional();
                let kept = format!("{}{name}", self.options.prefix);
                self.macros.insert(&kept, Macro::constant(&value));
                self.know_option(name, Effect::Value(kept));
            }
            // LaTeX's own keys: `\DeclareKeys{corrige .if = ma@corrige, …}`
            "DeclareKeys" => {
                cursor.optional();
                for (key, value) in keyval::parse(cursor.argument().unwrap_or_default()) {
                    let Some((name, kind)) = key.split_once('.') else { continue };
                    let value = value.trim_start_matches('\\').to_owned();
                    let effect = match kind.trim() {
                        "if" => {
                            self.flags.entry(value.clone()).or_insert(false);
                            Effect::Switch(value, true)
                        }
                        "ifnot" => Effect::Switch(value, false),
                        "store" => Effect::Value(value),
                        "code" => Effect::Code(value),
                        _ => continue,
                    };
                    self.know_option(name.trim().to_owned(), effect);
                }
            }
            "SetupKeyvalOptions" => {
                for (key, value) in keyval::parse(cursor.argument().unwrap_or_default()) {
                    if key == "prefix" {
                        value.clone_into(&mut self.options.prefix);
                    }
                }
            }
            "PassOptionsToPackage" | "PassOptionsToClass" => {
                let options = cursor.argument().unwrap_or_default().to_owned();
                let to = word(cursor);
                if self.passed.len() < MAX_OPTIONS {
                    self.passed.push((to, options));
                }
            }
            "ExecuteOptions" | "ExecuteOptionsX" => {
                let given = cursor.argument().unwrap_or_default().to_owned();
                self.run_options(&given, sources, depth);
            }
            "ProcessOptions" | "ProcessOptionsX" => {
                // In the order of their declaration; the star asks for the order in which they are given.
                let starred = cursor.star();
                let own = self.options.given.clone();
                let given = format!("{},{own}", self.class_options);
                if starred || command == "ProcessOptionsX" {
                    self.run_options(&given, sources, depth);
                } else {
                    let asked = keyval::parse(&given);
                    let ordered: Vec<String> = (self.options.declared.iter())
                        .filter_map(|(name, _)| {
                            let (_, value) = asked.iter().find(|(key, _)| key == name)?;
                            Some(format!("{name}={{{value}}}"))
                        })
                        .collect();
                    self.run_options(&ordered.join(","), sources, depth);
                }
                self.run_unknown_options(&own, sources, depth);
                self.options.declared.clear();
            }
            "ProcessKeyvalOptions" | "ProcessKeyOptions" | "ProcessLocalKeyvalOptions" => {
                if !cursor.star() && command != "ProcessKeyOptions" {
                    cursor.argument();
                }
                cursor.optional();
                let given = format!("{},{}", self.class_options, self.options.given);
                self.run_options(&given, sources, depth);
            }
            _ => return false,
        }
        true
    }

    fn know_option(&mut self, name: String, effect: Effect) {
        let declared = &mut self.options.declared;
        declared.retain(|(known, _)| *known != name);
        if declared.len() < MAX_OPTIONS {
            declared.push((name, effect));
        }
    }

    /// Does what the known ones among the given options say.
    fn run_options(&mut self, given: &str, sources: &dyn Sources, depth: usize) {
        for (name, value) in keyval::parse(given) {
            let found = self.options.declared.iter().find(|(known, _)| known == name);
            let Some((_, effect)) = found.cloned() else { continue };
            let says_no = matches!(value.trim(), "false" | "non" | "no");
            match effect {
                Effect::Switch(flag, holds) => {
                    self.flags.insert(flag, holds != says_no);
                }
                Effect::Value(kept) => self.macros.insert(&kept, Macro::constant(value)),
                Effect::Code(code) => {
                    self.run_option(name, &code.replace("#1", value), sources, depth)
                }
            }
        }
    }

    fn run_unknown_options(&mut self, given: &str, sources: &dyn Sources, depth: usize) {
        let code = self.options.other.clone();
        if code.is_empty() {
            return;
        }
        for (name, _) in keyval::parse(given) {
            if !self.options.declared.iter().any(|(known, _)| known == name) {
                self.run_option(name, &code, sources, depth);
            }
        }
    }

    fn run_option(&mut self, name: &str, code: &str, sources: &dyn Sources, depth: usize) {
        // Options may run one another.
        if depth < MAX_DEPTH && !name.is_empty() && self.may_read(code) {
            self.load(&code.replace("\\CurrentOption", name), sources, depth + 1);
        }
    }
}
