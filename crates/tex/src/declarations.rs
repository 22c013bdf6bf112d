//! What packages let an author declare besides macros: theorems of amsthm, thmtools, ntheorem,
//! tcolorbox and mdframed; boxes; environments of environ.

use crate::keyval;
use crate::parse::algorithms::algorithm2e::{self, Keyword};
use crate::preamble::{HeadingFormat, Preamble, Theorem};
use crate::reader::{Cursor, Token};
use mqd_math::Macro;

/// A head that begins with its number.
const NUMBER_FIRST: &str = "\\thmnumber{#2 }\\thmname{#1}\\thmnote{ (#3)}";

/// What stands before the styles without a number among the settings.
const UNNUMBERED: &str = "unnumbered ";

impl Preamble {
    /// Handles a declaration; `false` when the command is none.
    pub(crate) fn declare(&mut self, name: &str, cursor: &mut Cursor<'_>) -> bool {
        match name {
            "newtheorem" | "newframedtheorem" | "newshadedtheorem" | "renewtheorem" => {
                self.new_theorem(cursor);
            }
            "newmdtheoremenv" => {
                cursor.optional();
                self.new_theorem(cursor);
            }
            "declaretheorem" => self.declare_theorem(cursor),
            "newtcbtheorem" | "NewTcbTheorem" | "renewtcbtheorem" => self.new_tcb_theorem(cursor),
            "newtcolorbox" | "renewtcolorbox" => {
                let init = cursor.clone().optional().unwrap_or_default();
                let (name, arguments) = head_of_box(cursor);
                let number = self.counter_of_box(&name, init);
                self.new_box("newenvironment", &name, &arguments, &number, cursor);
            }
            "NewTColorBox" | "DeclareTColorBox" | "RenewTColorBox" => {
                let init = cursor.optional().unwrap_or_default();
                let name = cursor.argument().unwrap_or_default().trim().to_owned();
                let number = self.counter_of_box(&name, init);
                let arguments = format!("{{{}}}", cursor.argument().unwrap_or_default());
                self.new_box("NewDocumentEnvironment", &name, &arguments, &number, cursor);
            }
            "newtcbox" | "renewtcbox" => {
                let init = cursor.clone().optional().unwrap_or_default();
                let (name, arguments) = head_of_box(cursor);
                let options = cursor.argument().unwrap_or_default();
                let number = self.counter_of_box(name.trim_start_matches('\\'), init);
                // Its last argument is what stands in the box.
                let count = arguments.trim_start_matches('[').split(']').next().unwrap_or_default();
                let last = count.parse::<usize>().unwrap_or(0).clamp(0, 8) + 1;
                let arguments = match arguments.split_once(']') {
                    Some((_, rest)) => format!("[{last}]{rest}"),
                    None => "[1]".to_owned(),
                };
                self.macros.define_all(&format!(
                    "\\newcommand{{{name}}}{arguments}{{{number}\\tcbox[{{{options}}}]{{#{last}}}}}"
                ));
            }
            "NewTCBox" | "DeclareTCBox" | "RenewTCBox" | "ProvideTCBox" => {
                let init = cursor.optional().unwrap_or_default();
                let name = cursor.argument().unwrap_or_default().trim().to_owned();
                let number = self.counter_of_box(name.trim_start_matches('\\'), init);
                let arguments = cursor.argument().unwrap_or_default();
                let options = cursor.argument().unwrap_or_default();
                // What stands in the box comes behind its arguments, which take what follows them.
                self.macros.define_all(&format!(
                    "\\NewDocumentCommand{{{name}}}{{{arguments}}}{{{number}\\tcbox[{{{options}}}]}}"
                ));
            }
            "newmdenv" => {
                let options = cursor.optional().unwrap_or_default().to_owned();
                let name = cursor.argument().unwrap_or_default().trim().to_owned();
                self.macros.define_all(&format!(
                    "\\newenvironment{{{name}}}[1][]{{\\begin{{mdframed}}[{{{options},#1}}]}}{{\\end{{mdframed}}}}"
                ));
            }
            "NewEnviron" | "RenewEnviron" => self.new_environ(cursor),
            "specialcomment" => {
                let name = cursor.argument().unwrap_or_default().trim().to_owned();
                let begin = cursor.argument().unwrap_or_default();
                let end = cursor.argument().unwrap_or_default();
                self.macros.define_all(&format!("\\newenvironment{{{name}}}{{{begin}}}{{{end}}}"));
            }
            "newcolumntype" => {
                let letter = cursor.argument().and_then(|name| name.trim().chars().next());
                let count = cursor.optional().and_then(|n| n.trim().parse().ok()).unwrap_or(0);
                let body = cursor.argument().unwrap_or_default().to_owned();
                if let Some(letter) = letter {
                    self.column_types.insert(letter, (std::cmp::min(count, 9), body));
                }
            }
            "crefname" | "Crefname" => {
                let mut word = || crate::plain_text(cursor.argument().unwrap_or_default());
                let (kind, one, several) = (word(), word(), word());
                // The form with a capital is made from the other.
                if name == "crefname" {
                    self.kinds.insert(kind, (one, several));
                } else {
                    let inside = crate::references::inside_a_sentence;
                    self.kinds.entry(kind).or_insert((inside(&one), inside(&several)));
                }
            }
            "lstnewenvironment"
            | "newminted"
            | "DefineVerbatimEnvironment"
            | "RecustomVerbatimEnvironment"
            | "CustomVerbatimEnvironment"
            | "newtcblisting"
            | "newmintinline"
            | "newmint" => self.new_verbatim(name, cursor),
            "lstset" | "setminted" | "lstdefinestyle" | "fvset" => {
                self.listings.set(name, cursor);
            }
            "Newassociation" => {
                let name = cursor.argument().unwrap_or_default().trim().to_owned();
                let shown_by = cursor.argument().unwrap_or_default().trim().to_owned();
                cursor.argument();
                self.associations.insert(name, shown_by);
            }
            "settasks" => {
                let options = cursor.argument().unwrap_or_default().to_owned();
                self.list_options.push(("tasks".to_owned(), options));
            }
            // `\NewTasksEnvironment[options]{name}[\command](columns)`
            "NewTasksEnvironment" | "NewTasks" => {
                let options = cursor.optional().unwrap_or_default().to_owned();
                let name = cursor.argument().unwrap_or_default().trim().to_owned();
                if let Some(command) = cursor.optional() {
                    let command = command.trim().trim_start_matches('\\');
                    self.macros.insert(command, Macro::constant("\\task"));
                }
                cursor.delimited('(', ')');
                self.lists.insert(name.clone(), "tasks".to_owned());
                self.list_options.push((name, options));
            }
            "DeclareSIUnit" | "DeclareSIUnits" => {
                cursor.optional();
                let unit = cursor.argument().unwrap_or_default().trim().to_owned();
                let symbol = cursor.argument().unwrap_or_default();
                let plain = !symbol.contains('\\');
                let body = if plain { format!("\\mathrm{{{symbol}}}") } else { symbol.to_owned() };
                self.macros.insert(unit.trim_start_matches('\\'), Macro::constant(&body));
            }
            "definecolor" | "providecolor" | "xdefinecolor" => {
                cursor.optional();
                let colour = cursor.argument().unwrap_or_default();
                let model = cursor.argument().unwrap_or_default();
                let value = cursor.argument().unwrap_or_default();
                if name != "providecolor" || !self.macros.has_colour(colour) {
                    self.macros.define_colour(colour, model, value);
                }
            }
            "colorlet" => {
                cursor.optional();
                let colour = cursor.argument().unwrap_or_default();
                cursor.optional();
                self.macros.let_colour(colour, cursor.argument().unwrap_or_default());
            }
            // PSTricks'.
            "newrgbcolor" | "newcmykcolor" | "newhsbcolor" | "newgray" => {
                let colour = cursor.argument().unwrap_or_default();
                let value = cursor.argument().unwrap_or_default();
                let model = name.trim_start_matches("new").trim_end_matches("color");
                self.macros.define_colour(colour, model, value);
            }
            "sisetup" => self.macros.set_units(cursor.argument().unwrap_or_default()),
            "MakeShortVerb" | "DefineShortVerb" | "lstMakeShortInline" => {
                cursor.star();
                cursor.optional();
                let sign = cursor.argument().unwrap_or_default();
                self.short_verb = sign.trim_start_matches('\\').chars().next();
            }
            "DeleteShortVerb" | "UndefineShortVerb" | "lstDeleteShortInline" => {
                cursor.argument();
                self.short_verb = None;
            }
            "xsimsetup" | "SetupExSheets" => {
                let of = cursor.optional().unwrap_or_default().trim().to_owned();
                let options = cursor.argument().unwrap_or_default().to_owned();
                self.set_solutions(&of, &options);
            }
            "newtheoremstyle" => {
                let style = cursor.argument().unwrap_or_default().trim().to_owned();
                for _ in 0..7 {
                    cursor.argument();
                }
                let head = cursor.argument().unwrap_or_default();
                if head.contains('#') {
                    self.theorem_heads.insert(style, head.to_owned());
                }
            }
            "theoremstyle" => {
                let style = cursor.argument().unwrap_or("plain").trim().to_owned();
                // ntheorem's: the title alone, the number first.
                let head = match style.as_str() {
                    "empty" | "emptybreak" => Some("\\thmnote{#3}"),
                    "change" | "changebreak" | "margin" | "marginbreak" => Some(NUMBER_FIRST),
                    _ => None,
                };
                if let Some(head) = head {
                    self.theorem_heads.entry(style.clone()).or_insert_with(|| head.to_owned());
                }
                self.set_style(&style);
            }
            "declaretheoremstyle" => {
                let options = cursor.optional().unwrap_or_default();
                let style = cursor.argument().unwrap_or_default().trim();
                self.style_of_thmtools(style, options);
            }
            "captionsetup" => {
                cursor.star();
                let of = cursor.optional().unwrap_or_default().trim();
                self.set_captions(of, cursor.argument().unwrap_or_default());
            }
            "AtEndDocument" => self.at_end.push_str(cursor.argument().unwrap_or_default()),
            "titleformat" => self.heading_format(cursor),
            "setbeamertemplate" if cursor.clone().argument() == Some("theorems") => {
                cursor.argument();
                let form = cursor.optional().unwrap_or_default().trim();
                self.unnumbered_theorems = !matches!(form, "numbered" | "ams style");
            }
            // `\csdef{name}#1{…}`
            "@namedef" | "csdef" | "csgdef" | "csedef" | "csxdef" => {
                let called = cursor.argument().unwrap_or_default().trim().to_owned();
                let start = cursor.offset();
                let mut end = start;
                while !matches!(cursor.peek(), None | Some(Token::Open | Token::Paragraph)) {
                    cursor.next();
                    end = cursor.offset();
                }
                let parameters = cursor.slice(start, end);
                let definer = if name.starts_with("cse") { "edef" } else { "def" };
                let body = cursor.argument().unwrap_or_default();
                self.macros.define_at(&format!(
                    "\\{definer}\\csname {called}\\endcsname{parameters}{{{body}}}"
                ));
            }
            "graphicspath" => self.set_picture_folders(cursor),
            _ if name.starts_with("SetKw") => {
                for (command, keyword) in algorithm2e::declared(name, cursor).unwrap_or_default() {
                    // Functions stand in formulas too.
                    if let Keyword::Function(shown) = &keyword {
                        let meaning =
                            format!("\\newcommand{{\\{command}}}[1]{{\\texttt{{{shown}}}(#1)}}");
                        self.macros.define_all(&meaning);
                    }
                    self.keywords.push((command, keyword));
                }
            }
            _ => return self.set_switch(name, cursor),
        }
        true
    }

    /// After titlesec's `\titleformat`: what stands around the number and the title of a heading.
    fn heading_format(&mut self, cursor: &mut Cursor<'_>) {
        // Its short form sets a font alone.
        let short = cursor.star();
        let given = cursor.argument().unwrap_or_default();
        let shape = cursor.optional();
        cursor.argument();
        if short {
            return;
        }
        let label = cursor.argument().unwrap_or_default().to_owned();
        cursor.argument();
        let before = cursor.argument().unwrap_or_default().to_owned();
        let after = cursor.optional().unwrap_or_default().to_owned();
        let (mut command, mut star, mut page) = (given.trim(), "", false);
        for (key, value) in keyval::parse(given) {
            match key {
                "name" => command = value,
                "numberless" => star = "*",
                "page" => page = true,
                _ => {}
            }
        }
        // What holds for the even pages alone says nothing of ours.
        if page {
            return;
        }
        let command = format!("{}{star}", command.trim_start_matches('\\'));
        let in_line = shape.is_some_and(|shape| shape.trim() == "runin");
        let format = HeadingFormat { label, before, after, in_line };
        self.heading_formats.insert(command, std::sync::Arc::new(format));
    }

    /// After `\newtheorem`.
    fn new_theorem(&mut self, cursor: &mut Cursor<'_>) {
        let starred = cursor.star();
        let Some(name) = cursor.argument().map(|name| name.trim().to_owned()) else { return };
        let shared = cursor.optional().map(|name| name.trim().to_owned());
        let title = name_of_theorem(cursor.argument().unwrap_or_default());
        let within = cursor.optional().map(|name| name.trim().to_owned());
        // ntheorem's styles without a number.
        let numbered = !["nonumber", "empty"].iter().any(|start| self.style().starts_with(start));
        let counter = (!starred && numbered).then(|| match &shared {
            Some(other) => self.counter_of(other),
            None => name.clone(),
        });
        if let (Some(counter), None) = (&counter, &shared) {
            self.new_counter(counter, within.as_deref());
        }
        let style = self.style().to_owned();
        self.theorems.insert(name, Theorem { title, counter, style, prefix: None });
    }

    /// The counter that theorems of this name step.
    fn counter_of(&self, theorem: &str) -> String {
        let known = self.theorems.get(theorem).and_then(|found| found.counter.clone());
        known.unwrap_or_else(|| theorem.to_owned())
    }

    fn new_counter(&mut self, counter: &str, within: Option<&str>) {
        self.counters.insert(counter.to_owned(), 0);
        if let Some(within) = within {
            self.macros.define_all(&format!(
                "\\renewcommand{{\\the{counter}}}{{\\the{within}.\\arabic{{{counter}}}}}"
            ));
            self.resets.push((within.to_owned(), counter.to_owned()));
        }
    }

    /// After thmtools' `\declaretheorem`.
    fn declare_theorem(&mut self, cursor: &mut Cursor<'_>) {
        let before = cursor.optional().unwrap_or_default().to_owned();
        let names = cursor.argument().unwrap_or_default().to_owned();
        let after = cursor.optional().unwrap_or_default().to_owned();
        let options = format!("{before},{after}");
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let (mut title, mut within, mut shared, mut numbered) = (None, None, None, true);
            let mut style = self.style().to_owned();
            let parsed = keyval::parse(&options);
            let of_style = parsed.iter().rev().find(|(key, _)| *key == "style");
            let of_style = of_style.map_or(style.as_str(), |(_, style)| *style);
            // What its style says comes before what it says itself.
            if self.settings.contains_key(&format!("{UNNUMBERED}{of_style}")) {
                numbered = false;
            }
            for (key, value) in parsed {
                match key {
                    "name" | "title" | "heading" => title = Some(name_of_theorem(value)),
                    "numberwithin" | "within" | "parent" => within = Some(value.to_owned()),
                    "sibling" | "sharenumber" | "numberlike" => {
                        shared = Some(self.counter_of(value))
                    }
                    "numbered" => numbered = value != "no",
                    "style" => value.clone_into(&mut style),
                    _ => {}
                }
            }
            let title = title.unwrap_or_else(|| {
                let mut letters = name.chars();
                letters
                    .next()
                    .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
            });
            if numbered && shared.is_none() {
                self.new_counter(name, within.as_deref());
            }
            let counter = numbered.then(|| shared.unwrap_or_else(|| name.to_owned()));
            self.theorems.insert(name.to_owned(), Theorem { title, counter, style, prefix: None });
        }
    }

    /// After thmtools' `\declaretheoremstyle`.
    fn style_of_thmtools(&mut self, style: &str, options: &str) {
        for (key, value) in keyval::parse(options) {
            match key {
                "numbered" if value == "no" => {
                    self.settings.insert(format!("{UNNUMBERED}{style}"), String::new());
                }
                "headformat" if matches!(value, "swapnumber" | "margin") => {
                    self.theorem_heads.insert(style.to_owned(), NUMBER_FIRST.to_owned());
                }
                "headformat" if value.contains("\\N") => {
                    let head = value
                        .replace("\\NAME", "\\thmname{#1}")
                        .replace("\\NUMBER", "\\thmnumber{#2}")
                        .replace("\\NOTE", "\\thmnote{ (#3)}");
                    self.theorem_heads.insert(style.to_owned(), head);
                }
                _ => {}
            }
        }
    }

    /// What caption's options say of the heads of captions, of figures or tables alone or of all. It holds
    /// as long as a definition does.
    pub(crate) fn set_captions(&mut self, of: &str, options: &str) {
        for (key, value) in keyval::parse(options) {
            let (of, key) = match key {
                "figurename" => ("figure", "name"),
                "tablename" => ("table", "name"),
                "labelformat" | "name" => (of, key),
                _ => continue,
            };
            self.macros.insert(&format!("caption@{key}@{of}"), Macro::constant(value));
        }
    }

    /// After tcolorbox' `\newtcbtheorem[init]{name}{title}{options}{prefix}`.
    fn new_tcb_theorem(&mut self, cursor: &mut Cursor<'_>) {
        let init = cursor.optional().unwrap_or_default().to_owned();
        let Some(name) = cursor.argument().map(|name| name.trim().to_owned()) else { return };
        let title = name_of_theorem(cursor.argument().unwrap_or_default());
        cursor.argument();
        let prefix = cursor.argument().unwrap_or_default().trim().to_owned();
        let mut counter = name.clone();
        let mut within = None;
        for (key, value) in keyval::parse(&init) {
            match key {
                "number within" => within = Some(value.to_owned()),
                "use counter from" | "use counter" => counter = self.counter_of(value),
                _ => {}
            }
        }
        if counter == name {
            self.new_counter(&name, within.as_deref());
        }
        let style = "plain".to_owned();
        let theorem = Theorem { title, counter: Some(counter), style, prefix: Some(prefix) };
        let starred = Theorem { counter: None, ..theorem.clone() };
        self.theorems.insert(format!("{name}*"), starred);
        self.theorems.insert(name, theorem);
    }

    /// What numbers a box of an author, if its options ask for a number.
    fn counter_of_box(&mut self, name: &str, init: &str) -> String {
        let mut within = None;
        let mut counter = String::new();
        for (key, value) in keyval::parse(init) {
            match key {
                "auto counter" => counter = format!("tcb@cnt@{name}"),
                "number within" => within = Some(value.to_owned()),
                "use counter" | "use counter from" => counter = self.counter_of(value),
                _ => {}
            }
        }
        if counter.is_empty() {
            return String::new();
        }
        if counter.starts_with("tcb@cnt@") && !self.counters.contains_key(&counter) {
            self.counters.insert(counter.clone(), 0);
            self.resets.extend(within.clone().map(|within| (within, counter.clone())));
        }
        if let Some(within) = within {
            let printed = format!("\\the{within}.\\arabic{{{counter}}}");
            self.macros.insert(&format!("the{counter}"), Macro::constant(&printed));
        }
        let printed = match self.macros.get(&format!("the{counter}")) {
            Some(meaning) => meaning.body.to_string(),
            None => format!("\\arabic{{{counter}}}"),
        };
        format!("\\refstepcounter{{{counter}}}\\def\\thetcbcounter{{{printed}}}")
    }

    /// A box of an author is an environment that opens a box with the author's options.
    fn new_box(
        &mut self,
        definer: &str,
        name: &str,
        arguments: &str,
        number: &str,
        cursor: &mut Cursor<'_>,
    ) {
        let options = cursor.argument().unwrap_or_default();
        self.macros.define_all(&format!(
            "\\{definer}{{{name}}}{arguments}{{{number}\\begin{{tcolorbox}}[{{{options}}}]}}{{\\end{{tcolorbox}}}}"
        ));
    }

    /// Environments and commands for text as it stands: `\lstnewenvironment{name}…`,
    /// `\newminted[name]{language}{…}` and its like.
    fn new_verbatim(&mut self, command: &str, cursor: &mut Cursor<'_>) {
        let own = cursor.optional().map(|name| name.trim().to_owned());
        let first = cursor.argument().unwrap_or_default().trim().to_owned();
        match command {
            "lstnewenvironment" => {
                options_of_arguments(cursor);
                let start = cursor.argument().unwrap_or_default();
                cursor.argument();
                self.listings.environment(&first, false, start);
                self.verbatims.insert(first, crate::parse::listings::language_in(start));
            }
            "newminted" => {
                let options = cursor.argument().unwrap_or_default();
                let name = own.unwrap_or_else(|| format!("{first}code"));
                self.listings.environment(&name, true, options);
                self.verbatims.insert(name, Some(first));
            }
            "newmintinline" | "newmint" => {
                cursor.argument();
                let name = own.unwrap_or_else(|| match command {
                    "newmint" => first.clone(),
                    _ => format!("{first}inline"),
                });
                self.verbatims.insert(format!("\\{name}"), Some(first));
            }
            _ => {
                cursor.optional();
                while cursor.optional().is_some() {}
                let options = cursor.argument().unwrap_or_default();
                if command.ends_with("VerbatimEnvironment") {
                    let options = cursor.argument().unwrap_or_default();
                    self.listings.verbatim_environment(&first, options);
                } else {
                    let minted = options.contains("minted");
                    self.listings.environment(&first, minted, options);
                }
                self.verbatims.insert(first, None);
            }
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

    /// After environ's `\NewEnviron{name}[n][default]{… \BODY …}`.
    fn new_environ(&mut self, cursor: &mut Cursor<'_>) {
        let name = cursor.argument().unwrap_or_default().trim().to_owned();
        let arguments = options_of_arguments(cursor);
        let body = cursor.argument().unwrap_or_default().to_owned();
        cursor.optional();
        match body.split_once("\\BODY") {
            Some((begin, end)) if !stands_apart(begin, end) => {
                self.comments.remove(&name);
                self.macros.define_with_body(&name, &arguments, &body);
            }
            Some((begin, end)) => {
                self.comments.remove(&name);
                self.macros.define_all(&format!(
                    "\\newenvironment{{{name}}}{arguments}{{{begin}}}{{{end}}}"
                ));
            }
            // Without its body it is a comment, with what it shows in its place.
            None if body.trim().is_empty() => {
                self.comments.insert(name, false);
            }
            None => {
                self.macros.define_all(&format!(
                    "\\newenvironment{{{name}}}{arguments}{{{body}\\begin{{comment}}}}{{\\end{{comment}}}}"
                ));
            }
        }
    }
}

/// Whether two parts of a text are two texts of their own: no group and no condition is around both.
fn stands_apart(begin: &str, end: &str) -> bool {
    let closed = |text: &str| {
        let mut depth = 0_usize;
        for token in Cursor::new(text) {
            match token {
                Token::Open => depth += 1,
                Token::Close if depth == 0 => return false,
                Token::Close => depth -= 1,
                _ => {}
            }
        }
        depth == 0
    };
    let plain = |text: &str| !["\\if", "\\If", "\\BODY"].iter().any(|sign| text.contains(sign));
    plain(begin) && plain(end) && closed(begin) && closed(end)
}

/// What a theorem is called. A name with commands stays what it is: LaTeX expands it where it is
/// printed.
fn name_of_theorem(given: &str) -> String {
    match given.contains('\\') {
        true => given.trim().to_owned(),
        false => crate::plain_text(given),
    }
}

/// `[init]{name}[n][default]` of a box.
fn head_of_box(cursor: &mut Cursor<'_>) -> (String, String) {
    cursor.optional();
    let name = cursor.argument().unwrap_or_default().trim().to_owned();
    (name, options_of_arguments(cursor))
}

/// `[n][default]` as it stands.
fn options_of_arguments(cursor: &mut Cursor<'_>) -> String {
    let mut arguments = String::new();
    for _ in 0..2 {
        if let Some(option) = cursor.optional() {
            arguments.push_str(&format!("[{option}]"));
        }
    }
    arguments
}
