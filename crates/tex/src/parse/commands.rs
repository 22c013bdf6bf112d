//! Commands of running text.

use super::{Flow, Next, Parser};
use crate::reader::{Cursor, Token};
use crate::{
    Severity, counters, tables,
    tree::{Block, Inline},
};
use mqd_math::Style;

/// Levels of headings by command.
const HEADINGS: &[(&str, u8)] = &[
    ("part", 0),
    ("chapter", 0),
    ("section", 1),
    ("subsection", 2),
    ("subsubsection", 3),
    ("paragraph", 4),
    ("subparagraph", 5),
];

impl Parser<'_> {
    pub(super) fn command<'s>(
        &mut self,
        name: &'s str,
        source: &'s str,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) -> Next {
        let start = cursor.offset() - name.len() - 1;
        if name == "begin" {
            return self.begin(source, start, cursor, flow);
        }
        if name == "end" {
            let environment = cursor.argument().unwrap_or_default();
            if environment == "document" {
                self.ended = true;
            } else {
                self.report(
                    Severity::Warning,
                    environment,
                    "cet environnement n'est pas ouvert ; sa fin est ignorée",
                );
            }
            return Next::Token;
        }
        if self.state.macros.get(name).is_some_and(|meaning| !meaning.programmed)
            && !tables::is_definer(name)
        {
            return self.expand(name, source, start, cursor, flow);
        }
        if tables::is_definer(name) {
            match self.state.macros.define_at(&source[start..]) {
                Some(found) => *cursor = Cursor::at(source, start + found.len),
                None => self.report(
                    Severity::Warning,
                    name,
                    "cette définition n'est pas comprise ; elle est ignorée",
                ),
            }
            return Next::Token;
        }
        if self.state.declare(name, cursor) {
            return Next::Token;
        }
        if let Some(next) = self.conditional(name, source, cursor, flow) {
            return next;
        }
        if let Some((_, level)) = HEADINGS.iter().find(|(heading, _)| *heading == name) {
            self.heading(name, *level, cursor, flow);
            return Next::Token;
        }
        if self.reference(name, cursor, flow) || self.picture(name, source, start, cursor, flow) {
            return Next::Token;
        }
        match name {
            "(" | "[" => self.delimited_math(name, source, cursor, flow),
            ")" | "]" => self.report(
                Severity::Warning,
                name,
                "une formule est fermée sans avoir été ouverte",
            ),
            "\\" | "newline" | "tabularnewline" | "cr" => {
                cursor.star();
                skip_length(cursor);
                flow.trim_end();
                flow.inline(Inline::Break);
            }
            "par" | "endgraf" => flow.end_paragraph(),
            "og" => {
                flow.raw("«\u{a0}");
                cursor.skip_space();
            }
            "fg" => {
                flow.trim_end();
                flow.raw("\u{a0}»");
                if !cursor.rest().starts_with("{}") && cursor.rest().starts_with(' ') {
                    cursor.skip_space();
                    if cursor
                        .rest()
                        .starts_with(|c: char| c.is_alphanumeric() || c == '\\' || c == '(')
                    {
                        flow.raw(" ");
                    }
                }
            }
            "input" | "include" | "subfile" | "import" | "subimport" => {
                self.input(name, cursor, flow)
            }
            "newcounter" | "counterwithin" | "numberwithin" => self.state.counter(name, cursor),
            "setcounter" | "addtocounter" => self.set_counter(name, cursor),
            "stepcounter" => {
                let counter = cursor.argument().unwrap_or_default().trim().to_owned();
                self.step(&counter);
            }
            "refstepcounter" => {
                let counter = cursor.argument().unwrap_or_default().trim().to_owned();
                self.current.text = self.step(&counter);
                self.current.id = self.anchor("ref");
                let id = self.current.id.clone();
                flow.inline(Inline::Anchor(id));
            }
            "arabic" | "alph" | "Alph" | "roman" | "Roman" | "fnsymbol" | "value" => {
                let counter = cursor.argument().unwrap_or_default().trim();
                let style = if name == "value" { "arabic" } else { name };
                if let Some(printed) = counters::print(style, self.value(counter)) {
                    flow.raw(&printed);
                }
            }
            "setlist" | "setenumerate" | "setitemize" | "newlist" => {
                self.state.set_list(name, cursor)
            }
            "title" | "author" | "date" => self.state.title(name, cursor),
            "maketitle" => self.title_block(flow),
            "tableofcontents" => {
                let title = match self.state.macros.get("contentsname") {
                    Some(meaning) => {
                        let body = meaning.body.to_string();
                        self.evaluate(&body)
                    }
                    None => "Table des matières".to_owned(),
                };
                flow.block(Block::Contents { title });
            }
            "hrule" | "hrulefill" => flow.block(Block::Rule),
            "rule" => {
                cursor.optional();
                let width = cursor.argument().unwrap_or_default();
                cursor.argument();
                // A line across the page; the others are struts and dashes of the layout.
                if width.contains("linewidth") || width.contains("textwidth") {
                    flow.block(Block::Rule);
                }
            }
            "verb" | "lstinline" | "mintinline" => self.verb(name, cursor, flow),
            "lstinputlisting" | "inputminted" | "verbatiminput" | "VerbatimInput" => {
                self.code_file(name, cursor, flow);
            }
            "comment" => self.comment(cursor),
            "endcomment" => {}
            "foreach" => self.foreach(cursor, flow),
            "multido" => self.multido(cursor, flow),
            "tikz" => self.tikz(source, start, cursor, flow),
            "appendix" => {
                self.state.macros.define_all("\\renewcommand{\\thesection}{\\Alph{section}}");
                self.state.counters.insert("section".to_owned(), 0);
            }
            "and" => flow.raw(", "),
            "diagbox" | "backslashbox" | "slashbox" => {
                cursor.optional();
                let (first, second) =
                    (cursor.argument().unwrap_or_default(), cursor.argument().unwrap_or_default());
                self.flow(first, flow);
                flow.raw(" / ");
                self.flow(second, flow);
            }
            "EUR" => {
                let amount = cursor.argument().unwrap_or_default();
                self.flow(amount, flow);
                flow.raw("\u{a0}€");
            }
            "Question" | "subQuestion" | "ExePart" => {
                cursor.optional();
                flow.end_paragraph();
                let counter = if name == "ExePart" { "ExePart" } else { name };
                let number = self.step(counter);
                if name == "Question" {
                    self.state.counters.insert("subQuestion".to_owned(), 0);
                }
                let value = self.value(counter);
                match (name, counters::print("alph", value)) {
                    ("subQuestion", Some(letter)) => flow.raw(&format!("({letter}) ")),
                    ("ExePart", _) => flow.raw(&format!("Partie {number}. ")),
                    _ => flow.raw(&format!("{number}. ")),
                }
            }
            "texorpdfstring" => {
                let inner = cursor.argument().unwrap_or_default();
                cursor.argument();
                self.flow(inner, flow);
            }
            "fillin" => {
                cursor.optional();
                cursor.optional();
                flow.raw("……");
            }
            "bonne" | "mauvaise" | "correctchoice" | "wrongchoice" => {
                flow.end_paragraph();
                flow.raw("□ ");
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            "item" => {
                cursor.optional();
                self.report(
                    Severity::Warning,
                    "\\item",
                    "un \\item se trouve hors d'une liste ; il commence un paragraphe",
                );
                flow.end_paragraph();
            }
            "textcolor" | "colorbox" | "foreignlanguage" | "parbox" | "scalebox" | "rotatebox"
            | "adjustbox" | "resizebox" | "fcolorbox" | "resizebox*" => {
                cursor.optional();
                cursor.optional();
                let skipped = if matches!(name, "resizebox" | "fcolorbox") { 2 } else { 1 };
                for _ in 0..skipped {
                    cursor.argument();
                    cursor.optional();
                }
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            "hyperdef" | "hyperref@" => {
                cursor.argument();
                cursor.argument();
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            "enquote" | "frquote" | "textquote" => {
                cursor.star();
                let inner = cursor.argument().unwrap_or_default();
                flow.raw("«\u{a0}");
                self.flow(inner, flow);
                flow.trim_end();
                flow.raw("\u{a0}»");
            }
            "ensuremath" | "SI" | "si" | "num" | "qty" | "unit" | "ang" | "nombre" | "numprint"
            | "np" | "systeme" | "SIrange" | "qtyrange" | "numrange" | "numlist" | "SIlist"
            | "qtylist" | "tablenum" | "complexnum" | "numproduct" | "ce" => {
                let mut ahead = cursor.clone();
                ahead.star();
                ahead.optional();
                ahead.argument();
                let more = match name {
                    "SIrange" | "qtyrange" => 2,
                    "SI" | "qty" | "numrange" | "SIlist" | "qtylist" => 1,
                    _ => 0,
                };
                for _ in 0..more {
                    ahead.optional();
                    ahead.argument();
                }
                let formula = &source[start..ahead.offset()];
                *cursor = ahead;
                self.formula(formula, Style::Inline, flow);
            }
            "hspace" | "hspace*" | "quad" | "qquad" | "enspace" | "thinspace" | " " | "," | ";"
            | ":" | "\n" | "\t" | "\r" | "space" => {
                if name == "hspace" {
                    cursor.star();
                    cursor.argument();
                }
                flow.char(if matches!(name, "," | "thinspace") { '\u{202f}' } else { ' ' });
            }
            "today" | "thepage" | "jobname" | "bibliography" | "printbibliography"
            | "printindex" | "listoffigures" | "listoftables" => {
                if name == "bibliography" {
                    cursor.argument();
                } else {
                    cursor.optional();
                }
                self.report(
                    Severity::Info,
                    name,
                    "cela ne se connaît qu'à la compilation ; rien n'est montré",
                );
            }
            "frametitle" | "framesubtitle" => {
                let title = cursor.argument().unwrap_or_default();
                self.bold_line(title, flow);
            }
            "ier" | "iere" | "ieme" | "iers" | "ieres" | "iemes" => {
                let text = crate::text::letter(name).unwrap_or_default();
                flow.inline(Inline::Styled {
                    tag: "sup",
                    class: None,
                    inner: vec![Inline::Text(text.to_owned())],
                });
                cursor.skip_space();
            }
            "ding" | "char" | "symbol" | "textcircled" | "circled" => {
                self.sign(name, cursor, flow);
            }
            "MakeUppercase" | "uppercase" | "MakeTextUppercase" | "lowercase" | "MakeLowercase" => {
                let inner = cursor.argument().unwrap_or_default();
                let mut line = self.line(inner);
                recase(&mut line, !name.to_lowercase().contains("lower"));
                flow.flush_text();
                flow.line.extend(line);
            }
            "proofname" => flow.raw("Démonstration"),
            "colchunk" => {
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                let blocks = self.blocks(inner);
                flow.block(Block::Div { class: "colonne", blocks });
            }
            "colplacechunks" | "colbreak" => {}
            "onslide" | "only" | "uncover" | "visible" | "alert" => {
                cursor.delimited('<', '>');
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            "hfootnote" | "marginpar" | "marginnote" | "sidenote" | "todo" | "endnote"
            | "thanks" | "tablefootnote" => {
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                self.footnote(inner, flow);
            }
            "exo" | "question" | "titre" | "subtitle" if self.rest_is_group(cursor) => {
                // Class files that we do not have name such commands; their text stays.
                self.report(
                    Severity::Info,
                    name,
                    "cette commande n'est pas définie ici ; son texte est montré",
                );
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            _ => return self.named(name, source, start, cursor, flow),
        }
        Next::Token
    }

    fn rest_is_group(&self, cursor: &Cursor<'_>) -> bool {
        matches!(cursor.peek(), Some(Token::Open))
    }

    /// Commands that tables describe.
    fn named<'s>(
        &mut self,
        name: &'s str,
        source: &'s str,
        start: usize,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) -> Next {
        if let Some(counter) = name.strip_prefix("the").filter(|counter| {
            self.state.counters.contains_key(*counter) || tables::is_usual_counter(counter)
        }) {
            let printed = self.printed(counter);
            flow.raw(&printed);
        } else if let Some((tag, class)) = tables::switch(name) {
            // The rest of the group is in this style.
            let rest = cursor.rest();
            if self.depth > 40 {
                return Next::Token;
            }
            self.styled_rest(tag, class, rest, flow);
            return Next::Done;
        } else if let Some((tag, class)) = tables::styled(name) {
            cursor.star();
            if matches!(name, "hbox" | "vbox" | "vtop") {
                // `\hbox to 3cm{…}`
                let rest = cursor.rest();
                if let Some(at) = rest.find('{').filter(|at| {
                    let before = rest[..*at].trim_start();
                    before.starts_with("to") || before.starts_with("spread")
                }) {
                    *cursor = Cursor::at(source, cursor.offset() + at);
                }
            }
            if matches!(name, "makebox" | "framebox" | "raisebox") {
                if name == "raisebox" {
                    cursor.argument();
                } else {
                    cursor.delimited('(', ')');
                }
                cursor.optional();
                cursor.optional();
            }
            let inner = cursor.argument().unwrap_or_default();
            if tag == "span" && class.is_none() {
                self.flow(inner, flow);
            } else if tag == "code" {
                let text = self.evaluate(inner);
                flow.inline(Inline::Code(text));
            } else {
                let inner = self.line(inner);
                flow.inline(Inline::Styled { tag, class, inner });
            }
        } else if let Some(arguments) = tables::layout(name) {
            pass_over(arguments, cursor);
        } else if let Some(arguments) = tables::drawing(name) {
            pass_over(arguments, cursor);
            let drawn = &source[start..cursor.offset()];
            self.drawing(name, drawn, flow);
        } else if let Some(text) = crate::text::letter(name) {
            flow.raw(text);
            if name.chars().all(char::is_alphabetic) && !matches!(name, "LaTeX" | "TeX") {
                cursor.skip_space();
            }
        } else if tables::is_accent(name) {
            let mut ahead = cursor.clone();
            ahead.skip_space();
            let grouped = ahead.peek() == Some(Token::Open);
            let base = cursor.argument().unwrap_or_default();
            if base.starts_with('\\') && !grouped {
                cursor.skip_space();
            }
            let text = crate::to_unicode(&format!("\\{name}{{{base}}}"));
            flow.raw(&text);
        } else if tables::is_mathematical(name) {
            // TeX stops at a mathematical command in text; what it means is clear all the same.
            self.report(Severity::Warning, name, "cette commande ne s'écrit que dans une formule ; elle est montrée comme une formule");
            let mut ahead = cursor.clone();
            if self.rest_is_group(&ahead) {
                ahead.argument();
            }
            let formula = &source[start..ahead.offset()];
            *cursor = ahead;
            self.formula(formula, Style::Inline, flow);
        } else {
            self.report(
                Severity::Warning,
                name,
                "cette commande n'est pas connue ; elle est passée, ses arguments sont montrés",
            );
            cursor.star();
            cursor.optional();
        }
        Next::Token
    }

    pub(super) fn styled_rest(
        &mut self,
        tag: &'static str,
        class: Option<&'static str>,
        rest: &str,
        flow: &mut Flow,
    ) {
        let mut inner = Flow::default();
        self.flow(rest, &mut inner);
        inner.flush_text();
        let style = |line: Vec<Inline>| {
            if tag == "span" && class.is_none() {
                line
            } else {
                vec![Inline::Styled { tag, class, inner: line }]
            }
        };
        let last = std::mem::take(&mut inner.line);
        for (index, block) in inner.blocks.into_iter().enumerate() {
            match block {
                Block::Paragraph(line) if index == 0 => {
                    flow.flush_text();
                    flow.line.extend(style(line));
                    flow.end_paragraph();
                }
                Block::Paragraph(line) => flow.block(Block::Paragraph(style(line))),
                other => flow.block(other),
            }
        }
        if !last.is_empty() {
            flow.flush_text();
            flow.line.extend(style(last));
        }
    }

    /// Replaces a macro by what it stands for and goes on with that.
    fn expand<'s>(
        &mut self,
        name: &str,
        source: &'s str,
        start: usize,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) -> Next {
        let Some(found) = self.state.macros.expand_at(&source[start..], &mut self.budget) else {
            if self.budget.is_spent() {
                self.report(Severity::Error, name, "les commandes du document se développent sans fin ; le développement s'arrête ici");
                self.ended = true;
            } else {
                self.report(
                    Severity::Warning,
                    name,
                    "il manque un argument à cette commande ; elle est passée",
                );
            }
            return Next::Token;
        };
        *cursor = Cursor::at(source, start + found.consumed);
        self.replaced(&found.text, source, cursor, flow)
    }

    fn heading(&mut self, name: &str, level: u8, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let starred = cursor.star();
        let short = cursor.optional();
        let source = cursor.argument().unwrap_or_default();
        let _ = short;
        flow.end_paragraph();
        let id = self.anchor("s");
        let depth = self.state.counters.get("secnumdepth").copied().unwrap_or(3);
        let number = (!starred && i64::from(level) <= depth)
            .then(|| self.step(name))
            .filter(|number| !number.is_empty());
        self.current.text = number.clone().unwrap_or_default();
        self.current.id.clone_from(&id);
        let title = self.line(source);
        flow.block(Block::Heading { level, id, number, title });
    }

    /// A sign by its number: `\ding{51}`, `\char65`, `\symbol{65}`, `\textcircled{1}`.
    fn sign(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let argument = if name == "char" {
            cursor.skip_space();
            let rest = cursor.rest();
            let mark = usize::from(rest.starts_with(['"', '\'']));
            let hex = rest.starts_with('"');
            let digits = rest[mark..]
                .find(|c: char| !(c.is_ascii_digit() || hex && matches!(c, 'A'..='F')))
                .unwrap_or(rest.len() - mark);
            let length = mark + digits.min(6);
            cursor.advance(length);
            &rest[..length]
        } else {
            cursor.argument().unwrap_or_default().trim()
        };
        let (digits, radix) = match argument.as_bytes().first() {
            Some(b'"') => (&argument[1..], 16),
            Some(b'\'') => (&argument[1..], 8),
            _ => (argument, 10),
        };
        let code = u32::from_str_radix(digits, radix).ok();
        let sign = match name {
            "ding" => code.and_then(crate::text::ding),
            "textcircled" | "circled" => match (code, argument.chars().next()) {
                (Some(n @ 1..=20), _) => char::from_u32(0x245f + n),
                (None, Some(c @ 'a'..='z')) => char::from_u32(0x24d0 + u32::from(c) - 97),
                (None, Some(c @ 'A'..='Z')) => char::from_u32(0x24b6 + u32::from(c) - 65),
                _ => None,
            },
            // Beyond ASCII it depends on the font.
            _ => code.and_then(char::from_u32).filter(|c| matches!(c, ' '..='~')),
        };
        match sign {
            Some(sign) => flow.raw(sign.encode_utf8(&mut [0; 4])),
            None => {
                self.report(
                    Severity::Warning,
                    name,
                    "ce signe n'est pas connu ; ce qui le désigne est montré",
                );
                let argument = argument.to_owned();
                self.flow(&argument, flow);
            }
        }
    }

    /// What `\maketitle` prints: what was given, each on a line of its own.
    fn title_block(&mut self, flow: &mut Flow) {
        let titles = std::mem::take(&mut self.state.titles);
        let mut blocks = Vec::new();
        for (part, tag) in [("title", "strong"), ("author", "span"), ("date", "span")] {
            let inner = titles.get(part).map(|text| self.line(text)).unwrap_or_default();
            if !inner.is_empty() {
                blocks.push(Block::Paragraph(vec![Inline::Styled { tag, class: None, inner }]));
            }
        }
        self.state.titles = titles;
        if !blocks.is_empty() {
            flow.block(Block::Div { class: "centre", blocks });
        }
    }

    fn set_counter(&mut self, command: &str, cursor: &mut Cursor<'_>) {
        let name = cursor.argument().unwrap_or_default().trim().to_owned();
        let value = cursor.argument().unwrap_or_default();
        let value = value
            .trim()
            .parse::<i64>()
            .unwrap_or_else(|_| self.evaluate(value).parse().unwrap_or(0));
        let before = if command == "setcounter" { 0 } else { self.value(&name) };
        let value = before.saturating_add(value);
        if name == "equation" {
            self.numbering.equation = u32::try_from(value).unwrap_or(0);
        }
        self.state.counters.insert(name, value);
    }
}

/// Text in capitals, or without them. Formulas stay.
fn recase(line: &mut [Inline], upper: bool) {
    for inline in line {
        match inline {
            Inline::Text(text) if upper => *text = text.to_uppercase(),
            Inline::Text(text) => *text = text.to_lowercase(),
            Inline::Styled { inner, .. } | Inline::Link { inner, .. } => recase(inner, upper),
            _ => {}
        }
    }
}

/// Passes over the arguments of a layout command.
pub(super) fn pass_over(arguments: &str, cursor: &mut Cursor<'_>) {
    for kind in arguments.chars() {
        match kind {
            'm' => {
                cursor.argument();
            }
            'o' => {
                cursor.optional();
            }
            's' => {
                cursor.star();
            }
            'd' => {
                cursor.delimited('(', ')');
            }
            '=' => assignment(cursor),
            _ => {}
        }
    }
}

/// `=2cm`, `1pt plus 2pt`, `\linewidth`: an assignment to a length, up to its end.
fn assignment(cursor: &mut Cursor<'_>) {
    cursor.skip_space();
    if cursor.peek() == Some(Token::Char('=')) {
        cursor.next();
        cursor.skip_space();
    }
    let mut letters = 0;
    while let Some(token) = cursor.peek() {
        match token {
            Token::Char(c)
                if (c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+')) && letters == 0 => {}
            Token::Char(c) if c.is_ascii_alphabetic() && letters < 2 => letters += 1,
            Token::Command(_) if letters == 0 => {
                cursor.next();
                return;
            }
            _ => return,
        }
        cursor.next();
        if letters == 2 {
            stretch(cursor);
            return;
        }
    }
}

/// `plus 2pt minus 1fil` after a length.
fn stretch(cursor: &mut Cursor<'_>) {
    for word in ["plus", "minus"] {
        let mut ahead = cursor.clone();
        ahead.skip_space();
        let Some(after) = ahead.rest().strip_prefix(word) else { continue };
        let after = after.trim_start();
        let end = after
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-')))
            .unwrap_or(after.len());
        let unit = after[end..].chars().take_while(char::is_ascii_alphabetic).count();
        // `fill` is the longest unit; two letters are the usual ones.
        let unit = if after[end..].starts_with("fil") { unit.min(5) } else { unit.min(2) };
        if end == 0 || unit < 2 {
            continue;
        }
        ahead.advance(ahead.rest().len() - after.len() + end + unit);
        *cursor = ahead;
    }
}

/// The length after a line end, `\\[2pt]`.
fn skip_length(cursor: &mut Cursor<'_>) {
    if !matches!(cursor.peek(), Some(Token::Char('['))) {
        return;
    }
    let rest = cursor.rest();
    let inside: String = rest[1..].chars().take_while(|c| *c != ']').take(40).collect();
    if crate::keyval::length(&inside).is_some() {
        cursor.optional();
    }
}
