//! What a preamble sets: macros, theorem-like environments, counters. Read once, shared by all.

use crate::parse::{
    algorithms::algorithm2e::Keyword, columns::ColumnTypes, escapes::Listings, loops,
};
use crate::reader::{Cursor, Token};
use crate::{calc::Mode, conditions, convert::Sources, english, options::Options, tables};
use mqd_math::{Budget, Macros};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

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
    /// What `\newtheoremstyle` puts in the head of theorems, by style: `#1` is their name, `#2` their
    /// number, `#3` their title.
    pub(crate) theorem_heads: HashMap<String, String>,
    pub(crate) counters: BTreeMap<String, i64>,
    /// Counters that are reset when another steps.
    pub(crate) resets: Vec<(String, String)>,
    style: String,
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
    /// What stands at the beginning of a whole document (`\AtBeginDocument`).
    pub(crate) at_begin: String,
    /// What stands at the end of a whole document (`\AtEndDocument`).
    pub(crate) at_end: String,
    /// The class; of `standalone` the one that it loads.
    pub(crate) class: String,
    /// Counters that a chapter resets, and that print its number before their own.
    pub(crate) by_chapter: Vec<&'static str>,
    /// What packages were told: options by the package and by what they hold for.
    pub(crate) settings: BTreeMap<String, String>,
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
    /// Where pictures are looked for too (`\graphicspath`).
    pub(crate) picture_folders: Vec<String>,
    /// The folder of `\import` in which files are looked for first.
    pub(crate) folder: String,
    /// Files that were not found, and where their names stand in the text that was read.
    pub(crate) missing: Vec<(usize, String)>,
    /// What macros that define may still stand for.
    room: Budget,
    /// How much of the author's macros was looked at for definitions.
    looked_at: usize,
}

impl Default for Preamble {
    fn default() -> Self {
        Self {
            macros: Macros::default(),
            theorems: HashMap::new(),
            theorem_heads: HashMap::new(),
            counters: BTreeMap::new(),
            resets: Vec::new(),
            style: "plain".to_owned(),
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
            at_begin: String::new(),
            at_end: String::new(),
            class: String::new(),
            by_chapter: vec!["section"],
            settings: BTreeMap::new(),
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
            picture_folders: Vec::new(),
            folder: String::new(),
            missing: Vec::new(),
            room: Budget::for_source(0),
            looked_at: 0,
        }
    }
}

/// A preamble that inputs itself stops here.
pub(crate) const MAX_DEPTH: usize = 12;

/// The name of a folder is this long at most.
const MAX_NAME: usize = 1_000;
/// The body of a macro that defines others is this long at most.
const MAX_DEFINING: usize = 2_000;
/// So much of the author's macros is looked at for definitions.
const MAX_LOOKED_AT: usize = 2_000_000;
/// Pictures are looked for in so many folders.
const MAX_FOLDERS: usize = 20;
/// What macros in the name of a file may stand for.
const SHORT: Budget = Budget { replacements: 50, bytes: 2_000 };
/// The place of a missing file in another file.
const UNPLACED: usize = usize::MAX;

/// After `\input` and its like: the name between braces, or up to the next blank.
pub(crate) fn named_file(cursor: &mut Cursor<'_>) -> String {
    cursor.skip_space();
    if cursor.peek() == Some(Token::Open) {
        return cursor.argument().unwrap_or_default().to_owned();
    }
    let rest = cursor.rest();
    // A macro of the author may begin it.
    let macros = rest.strip_prefix('\\').map_or(0, |after| {
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let blanks = after[letters..].len() - after[letters..].trim_start_matches(' ').len();
        if letters > 0 { 1 + letters + blanks } else { 0 }
    });
    let end = rest[macros..]
        .find(|c: char| c.is_whitespace() || matches!(c, '\\' | '}' | '%'))
        .map_or(rest.len(), |end| macros + end);
    cursor.advance(end);
    rest[..end].to_owned()
}

/// A folder in another, ready to stand before a name; none when it is too long to be one.
pub(crate) fn folder_in(outside: &str, name: &str) -> String {
    let slash = if name.is_empty() || name.ends_with('/') { "" } else { "/" };
    if outside.len() + name.len() > MAX_NAME {
        return String::new();
    }
    format!("{outside}{name}{slash}")
}

/// Whether a text is a name of a file, and not what a program makes one of.
fn is_name(path: &str) -> bool {
    !path.is_empty() && !path.contains(['\\', '#', '{', '}', '$'])
}

/// Whether a file that a document inputs comes with TeX.
pub(crate) fn is_of_tex(path: &str) -> bool {
    let (stem, ending) = path.rsplit_once('.').unwrap_or((path, ""));
    let stem = if matches!(ending, "tex" | "") { stem } else { path };
    matches!(ending, "def" | "clo" | "cfg" | "ldf" | "fd" | "enc" | "map")
        || matches!(
            stem,
            "glyphtounicode"
                | "xy"
                | "xypic"
                | "tikz"
                | "pgf"
                | "pgfplots"
                | "epsf"
                | "epsfig"
                | "insbox"
                | "multido"
                | "random"
                | "pstricks"
                | "pictex"
                | "prepictex"
                | "postpictex"
                | "amssym"
                | "arrayjob"
                | "lcd"
                | "ulem.sty"
                | "supp-pdf"
        )
        || stem.starts_with("pst-")
        || stem.starts_with("binhex")
}

impl Preamble {
    /// Reads preambles in order; the files that they input come from `sources`.
    #[must_use]
    pub fn read(texts: &[&str], sources: &dyn Sources) -> Self {
        let mut preamble = Self::default();
        for text in texts {
            preamble.load(text, sources, 0);
        }
        // Documents that share it have their own to tell.
        preamble.missing.clear();
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
                // What it defines is read as the rest of the preamble is.
                "AtBeginDocument" => {
                    self.at_begin.push_str(cursor.clone().argument().unwrap_or_default());
                }
                "input" | "include" | "import" | "subimport" if depth < MAX_DEPTH => {
                    let folder = self.folder.clone();
                    if name.ends_with("import") {
                        let given = cursor.argument().unwrap_or_default();
                        let within = if name == "subimport" { folder.as_str() } else { "" };
                        let given = self.file_name(given, &mut SHORT.clone());
                        self.folder = folder_in(within, &given);
                    }
                    let path = self.file_name(&named_file(&mut cursor), &mut SHORT.clone());
                    match self.find(&path, sources) {
                        Some((_, text)) if self.may_read(&text) => {
                            self.load(&text, sources, depth + 1);
                        }
                        None if is_name(&path) && !is_of_tex(&path) => {
                            self.missing.push((UNPLACED, path));
                        }
                        _ => {}
                    }
                    self.folder = folder;
                }
                "usepackage" | "RequirePackage" | "RequirePackageWithOptions"
                    if depth < MAX_DEPTH =>
                {
                    let options = cursor.optional().unwrap_or_default();
                    let inherited = self.options.given.clone();
                    let options = match name {
                        "RequirePackageWithOptions" => inherited.as_str(),
                        _ => options,
                    };
                    for given in cursor.argument().unwrap_or_default().split(',') {
                        let path = self.file_name(given, &mut SHORT.clone());
                        let path = path.as_str();
                        self.packages.insert(path.to_owned());
                        self.english = match path {
                            "babel" => english::named(options).or(self.english),
                            "frenchle" | "frenchpro" | "french" | "aeguill" | "frenchb"
                            | "efrench" => Some(false),
                            _ => self.english,
                        };
                        self.know_package(path, options);
                        match self.find(&format!("{path}.sty"), sources) {
                            Some((_, text)) => {
                                // What a package reads depends on more than is followed here.
                                let told = self.missing.len();
                                self.load_with_options(path, &text, options, sources, depth);
                                self.missing.truncate(told);
                            }
                            // A package with a folder is the author's; others are TeX's own.
                            None if path.contains('/') => {
                                self.missing.push((UNPLACED, format!("{path}.sty")));
                            }
                            None => {}
                        }
                    }
                }
                "ExplSyntaxOn" | "ProvidesExplPackage" | "ProvidesExplClass"
                    if depth < MAX_DEPTH =>
                {
                    self.load(&crate::expl::region(name, &mut cursor), sources, depth + 1);
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
                "subtitle" if self.is_subtitle() => self.title(name, &mut cursor),
                // A macro of the author that defines what its arguments name, or keeps it for later.
                _ if depth < MAX_DEPTH && self.defines(name, 0) => {
                    let at = after - name.len() - 1;
                    if let Some(found) = self.macros.expand_at(&text[at..], &mut self.room) {
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
                _ if depth < MAX_DEPTH && loops::is_list_loop(name) => {
                    let rounds = loops::list_loop(name, &mut cursor, &self.macros, &mut self.room);
                    for text in rounds {
                        self.load(&text, sources, depth + 1);
                    }
                }
                _ if conditions::opens(name) && depth < MAX_DEPTH && !unclosed => {
                    // Definitions may depend on a switch: the branch that holds is read.
                    let mut ahead = cursor.clone();
                    if let Some(holds) = self.condition(name, &mut ahead) {
                        match conditions::branches(ahead.rest(), &self.macros) {
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
            if depth == 0 {
                for (at, _) in self.missing.iter_mut().rev().take_while(|(at, _)| *at == UNPLACED) {
                    *at = after - name.len() - 1;
                }
            }
        }
    }

    /// Whether a macro of the author defines something, by itself or by another.
    fn defines(&mut self, name: &str, depth: usize) -> bool {
        let Some(meaning) = self.macros.get(name) else { return false };
        let body = Arc::clone(&meaning.body);
        // Longer ones are no shorthands; macros that stand for many others are not looked at for ever.
        self.looked_at = self.looked_at.saturating_add(body.len());
        body.len() <= MAX_DEFINING
            && self.looked_at <= MAX_LOOKED_AT
            && Cursor::new(&body).any(|token| match token {
                Token::Command(inner) => {
                    tables::is_definer(inner)
                        || tables::is_declarer(inner)
                        || self.keeps(inner)
                        || depth < 2 && inner != name && self.defines(inner, depth + 1)
                }
                _ => false,
            })
    }

    /// Whether a command of a preamble sets what a document asks for later.
    fn keeps(&self, name: &str) -> bool {
        let flag = name.strip_suffix("true").or_else(|| name.strip_suffix("false"));
        matches!(
            name,
            "title"
                | "author"
                | "date"
                | "setcounter"
                | "setboolean"
                | "setbool"
                | "settoggle"
                | "includecomment"
                | "excludecomment"
                | "printanswers"
        ) || flag.is_some_and(|flag| self.flags.contains_key(flag))
    }

    /// The name of a file as the source gives it, with the author's macros replaced.
    pub(crate) fn file_name(&self, given: &str, budget: &mut Budget) -> String {
        let name = match given.contains('\\') {
            true => self.macros.expand(given, budget),
            false => Cow::Borrowed(given),
        };
        name.trim().trim_matches('"').to_owned()
    }

    /// A file by its name, in the folder of `\import` first: the name by which it was found, its text.
    pub(crate) fn find(&self, path: &str, sources: &dyn Sources) -> Option<(String, Arc<str>)> {
        if !self.folder.is_empty() {
            let inside = format!("{}{path}", self.folder);
            if let Some(text) = sources.read(&inside) {
                return Some((inside, text));
            }
        }
        Some((path.to_owned(), sources.read(path)?))
    }

    /// The name by which a picture is found: in the folder of `\import`, as it is named, in the folders
    /// of `\graphicspath`.
    pub(crate) fn find_picture(&self, path: &str, sources: &dyn Sources) -> Option<String> {
        let imported = Some(&self.folder).filter(|folder| !folder.is_empty());
        let named = imported.map(|folder| format!("{folder}{path}"));
        let named = named.into_iter().chain([path.to_owned()]);
        let folders = self.picture_folders.iter().map(|folder| format!("{folder}{path}"));
        named.chain(folders).find(|path| sources.figure(path).is_some())
    }

    /// After `\graphicspath`.
    pub(crate) fn set_picture_folders(&mut self, cursor: &mut Cursor<'_>) {
        let given = cursor.argument().unwrap_or_default();
        let mut inner = Cursor::new(given);
        let mut folders = Vec::new();
        if given.contains('{') {
            while let Some(folder) = inner.argument().filter(|_| folders.len() < MAX_FOLDERS) {
                folders.push(folder_in("", &self.file_name(folder, &mut SHORT.clone())));
            }
        } else {
            folders.push(folder_in("", &self.file_name(given, &mut SHORT.clone())));
        }
        self.picture_folders = folders;
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
