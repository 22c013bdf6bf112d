//! Commands of running text.

use super::{
    Flow, Next, Parser, Place,
    headings::heading_level,
    signs::{pass_over, recase},
};
use crate::reader::{Cursor, Token};
use crate::{
    Severity, counters,
    references::inside_a_sentence,
    tables,
    tree::{Block, Inline},
};
use mqd_math::{Macro, Style};

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
        let primitive = self.primitive.take().is_some_and(|primitive| primitive == name);
        if !primitive
            && self
                .state
                .macros
                .get(name)
                .is_some_and(|meaning| self.state.macros.can_follow(meaning))
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
        if self.repeat(name, cursor, flow) {
            return Next::Token;
        }
        if let Some(next) = self.conditional(name, source, cursor, flow) {
            return next;
        }
        if let Some(level) = heading_level(name) {
            self.heading(name, level, cursor, flow);
            return Next::Token;
        }
        if self.package(name, cursor, flow) {
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
                let text = self.step(&counter);
                let id = self.anchor("ref");
                let kind = match tables::usual_statement(&counter) {
                    Some(name) => inside_a_sentence(name),
                    None => String::new(),
                };
                self.current = Place {
                    text,
                    id: id.clone(),
                    key: counter.into(),
                    kind: kind.into(),
                    title: String::new(),
                };
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
                cursor.optional();
                let title = self.word("contentsname", "Table des matières");
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
            "tikz" => self.tikz(source, start, cursor, flow),
            "appendix" => {
                self.state.macros.define_all("\\renewcommand{\\thesection}{\\Alph{section}}");
                self.state.counters.insert("section".to_owned(), 0);
                self.in_appendix = true;
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
            "csname" | "@nameuse" | "csuse" => {
                let inner = if name == "csname" {
                    let (start, mut end) = (cursor.offset(), cursor.offset());
                    while cursor.next().is_some_and(|token| token != Token::Command("endcsname")) {
                        end = cursor.offset();
                    }
                    cursor.slice(start, end)
                } else {
                    cursor.argument().unwrap_or_default()
                };
                let called = self.evaluate(inner);
                if called.chars().all(|c| c.is_ascii_alphabetic() || c == '@') && !called.is_empty()
                {
                    let text = format!("\\{called}");
                    return self.replaced(&text, source, cursor, flow);
                }
                let meaning = self.state.macros.get(&called).filter(|m| m.args.is_empty());
                let body = meaning.map(|meaning| meaning.body.to_string());
                self.flow(&body.unwrap_or_default(), flow);
            }
            "@namedef" | "csdef" | "csgdef" => {
                let called = cursor.argument().unwrap_or_default().trim().to_owned();
                let body = cursor.argument().unwrap_or_default();
                self.state.macros.insert(&called, Macro::constant(body));
            }
            "texorpdfstring" => {
                let inner = cursor.argument().unwrap_or_default();
                cursor.argument();
                self.flow(inner, flow);
            }
            "bonne" | "mauvaise" | "correctchoice" | "wrongchoice" => {
                flow.end_paragraph();
                flow.raw("□ ");
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            "item" | "itemitem" => {
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
                for _ in 0..3 {
                    cursor.optional();
                }
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
            | "qtylist" | "qtyproduct" | "tablenum" | "complexnum" | "numproduct" | "ce" => {
                let mut ahead = cursor.clone();
                ahead.star();
                ahead.optional();
                ahead.argument();
                let more = match name {
                    "SIrange" | "qtyrange" => 2,
                    "SI" | "qty" | "numrange" | "SIlist" | "qtylist" | "qtyproduct" => 1,
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
            "figurename" => flow.raw("Figure"),
            "tablename" => flow.raw("Table"),
            "contentsname" => flow.raw("Table des matières"),
            "refname" => flow.raw("Références"),
            "bibname" => flow.raw("Bibliographie"),
            "abstractname" => flow.raw("Résumé"),
            "appendixname" => flow.raw("Annexe"),
            "chaptername" => flow.raw("Chapitre"),
            "partname" => flow.raw("Partie"),
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
            if matches!(name, "makecell" | "shortstack" | "thead" | "rothead" | "textls" | "tcbox")
                || name.starts_with("ps")
            {
                cursor.star();
                cursor.optional();
            }
            if self.state.packages.contains("beamer") {
                cursor.delimited('<', '>');
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
                return Next::Token;
            }
            // A space at an end of the argument stands outside the element.
            if inner.starts_with([' ', '\n']) {
                flow.char(' ');
            }
            if tag == "code" {
                let outside = std::mem::replace(&mut self.typewriter, true);
                let text = self.evaluate(inner);
                self.typewriter = outside;
                flow.inline(Inline::Code(text));
            } else {
                let inner = self.line(inner);
                flow.inline(Inline::Styled { tag, class, inner });
            }
            if inner.ends_with([' ', '\n']) && !inner.ends_with("\\ ") {
                flow.char(' ');
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
        if self.state.macros.get(name).is_some_and(|meaning| meaning.terminal) {
            // `\let\ancienne\section`: what the name meant before the author redefined it.
            self.primitive = found.text.strip_prefix('\\').map(str::to_owned);
        }
        self.replaced(&found.text, source, cursor, flow)
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
