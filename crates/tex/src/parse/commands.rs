//! Commands of running text.

use super::{Flow, Next, Parser, Place, headings::heading_level, signs::recase};
use crate::reader::{Cursor, Token};
use crate::{
    Severity,
    calc::Mode,
    counters,
    references::inside_a_sentence,
    tables,
    tree::{Block, Inline},
};
use mqd_math::{Macro, Style};

/// What is said of a number that cannot be known.
const NOT_COMPUTED: &str = "ce nombre n'est pas compris ; il est pris pour zéro";

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
        if name == "subtitle" && self.state.macros.get(name).is_some() && self.state.is_subtitle() {
            self.state.title(name, cursor);
            return Next::Token;
        }
        self.note_setting(name, source, start);
        let primitive = self.primitive.take().is_some_and(|primitive| primitive == name);
        if !primitive
            && self
                .state
                .macros
                .get(name)
                .is_some_and(|meaning| self.state.macros.can_follow(meaning))
            && !tables::is_definer(name)
        {
            if self.drawn_heading(name, source, start, cursor, flow) {
                return Next::Token;
            }
            return self.expand(name, source, start, cursor, flow);
        }
        if tables::is_definer(name) {
            match self.state.define(&source[start..]) {
                Some(length) => *cursor = Cursor::at(source, start + length),
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
                crate::keyval::skip_dimension(cursor);
                flow.trim_end();
                flow.inline(Inline::Break);
            }
            "par" | "endgraf" => flow.end_paragraph(),
            "xspace" => flow.owe_space(),
            "@startsection" => self.started_section(cursor, flow),
            "ignorespaces" | "ignorespacesafterend" => cursor.skip_space(),
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
            "newcounter" | "counterwithin" | "counterwithout" | "numberwithin" | "@addtoreset"
            | "@removefromreset" | "setsecnumdepth" | "maxsecnumdepth" => {
                self.state.counter(name, cursor)
            }
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
            _ if self.state.is_part_of_title(name) => self.state.title(name, cursor),
            "maketitle" => self.title_block(flow),
            "@title" | "@author" | "@date" | "@subtitle" | "@institute" | "@subject"
            | "@publishers" | "inserttitle" | "insertauthor" | "insertdate" | "insertsubtitle"
            | "insertinstitute" | "thetitle" | "theauthor" | "thedate" => {
                self.part_of_title(name, flow);
            }
            "inst" if self.state.packages.contains("beamer") => {
                let inner = self.line(cursor.argument().unwrap_or_default());
                flow.inline(Inline::Styled { tag: "sup", class: None, inner });
            }
            "tableofcontents" => {
                cursor.star();
                cursor.optional();
                let title = self.word("contentsname", "Table des matières");
                flow.block(Block::Contents { title });
            }
            // What is left to be filled in.
            "dotfill" => flow.raw("……"),
            "hrule" | "hrulefill" => {
                if name == "hrule" {
                    super::signs::pass_over("r", cursor);
                }
                flow.block(Block::Rule);
            }
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
            "Verb" | "spverb" | "Verb*" => self.short_verbatim(cursor, flow),
            "lstinputlisting" | "inputminted" | "verbatiminput" | "VerbatimInput" => {
                self.code_file(name, cursor, flow);
            }
            "ExplSyntaxOn" => {
                let text = crate::expl::region(name, cursor);
                self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
                self.flow(&text, flow);
            }
            "ExplSyntaxOff" => {}
            "comment" => self.comment(cursor),
            "endcomment" => {}
            "tikz" => self.tikz(source, start, cursor, flow),
            "frontmatter" | "backmatter" => self.outside_main_matter = true,
            "mainmatter" => self.outside_main_matter = false,
            "appendix" => {
                let chapters = self.value("chapter") > 0 || self.state.has_chapters();
                let top = if chapters { "chapter" } else { "section" };
                self.state
                    .macros
                    .insert(&format!("the{top}"), Macro::constant(&format!("\\Alph{{{top}}}")));
                self.state.counters.insert(top.to_owned(), 0);
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
            "ExePart" => {
                let options = cursor.optional().unwrap_or_default();
                let title = super::boxes::value_in(options, &["title", "name"]).unwrap_or_default();
                self.state.counters.insert("Question".to_owned(), 0);
                let part = self.step("ExePart");
                let dash = if title.is_empty() { "" } else { " – " };
                self.bold_line(&format!("Partie {part}{dash}{title}"), flow);
            }
            "Question" | "subQuestion" => {
                cursor.optional();
                flow.end_paragraph();
                let number = self.step(name);
                if name == "Question" {
                    self.state.counters.insert("subQuestion".to_owned(), 0);
                }
                let value = self.value(name);
                match (name, counters::print("alph", value)) {
                    ("subQuestion", Some(letter)) => flow.raw(&format!("({letter}) ")),
                    _ => flow.raw(&format!("{number}. ")),
                }
            }
            // The package exercise, inside ExerciseList.
            "Exercise" | "Answer" => {
                let starred = cursor.star();
                let options = cursor.optional().unwrap_or_default();
                let title = super::boxes::title_of_exercise(options);
                self.begin_exercise();
                let head = match name {
                    "Exercise" => {
                        let marks = self.difficulty(options);
                        let called = super::boxes::value_in(options, &["name"]);
                        let called = called.unwrap_or("Exercice");
                        match starred {
                            true => format!("{marks}{called}"),
                            false => format!("{marks}{called} {}", self.step("Exercise")),
                        }
                    }
                    _ => "Réponse".to_owned(),
                };
                let dash = if title.is_empty() { "" } else { " – " };
                self.bold_line(&format!("{head}{dash}{title}"), flow);
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
            "detokenize" => flow.raw(cursor.argument().unwrap_or_default()),
            "texorpdfstring" => {
                let inner = cursor.argument().unwrap_or_default();
                cursor.argument();
                self.flow(inner, flow);
            }
            "bonne" | "mauvaise" | "correctchoice" | "wrongchoice" => {
                flow.end_paragraph();
                flow.raw("□ ");
                // A comment for the correction.
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            // Plain TeX's: a paragraph that begins with a mark.
            "item" | "itemitem" if self.rest_is_group(cursor) => {
                let mark = cursor.argument().unwrap_or_default();
                flow.end_paragraph();
                self.flow(mark, flow);
                flow.char(' ');
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
                if self.state.packages.contains("beamer") {
                    cursor.delimited('<', '>');
                }
                for _ in 0..3 {
                    cursor.optional();
                }
                let skipped = if matches!(name, "resizebox" | "fcolorbox") { 2 } else { 1 };
                let mut colour = "";
                for _ in 0..skipped {
                    colour = cursor.argument().unwrap_or_default();
                    cursor.optional();
                }
                let inner = cursor.argument().unwrap_or_default();
                match name {
                    "colorbox" if colour.trim() == "white" => self.flow(inner, flow),
                    "colorbox" | "fcolorbox" => self.coloured_box(name, inner, flow),
                    _ => self.flow(inner, flow),
                }
            }
            "hyperdef" | "hyperref@" => {
                cursor.argument();
                cursor.argument();
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            "enquote" | "frquote" | "textquote" | "foreignquote" | "blockquote" | "textcquote"
            | "hyphenquote" | "foreigntextquote" => {
                cursor.star();
                // The language or the key of the source, then where it is from.
                if name.starts_with("foreign") || matches!(name, "hyphenquote" | "textcquote") {
                    cursor.argument();
                }
                let from = cursor.optional().map(str::to_owned);
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                flow.raw("«\u{a0}");
                self.flow(inner, flow);
                flow.trim_end();
                flow.raw("\u{a0}»");
                if let Some(from) = from {
                    flow.raw(" (");
                    self.flow(&from, flow);
                    flow.raw(")");
                }
            }
            "ensuremath" | "unitfrac" | "SI" | "si" | "num" | "qty" | "unit" | "ang" | "nombre"
            | "numprint" | "np" | "systeme" | "SIrange" | "qtyrange" | "numrange" | "numlist"
            | "SIlist" | "qtylist" | "qtyproduct" | "tablenum" | "complexnum" | "numproduct"
            | "ce" => {
                let mut ahead = cursor.clone();
                ahead.star();
                ahead.optional();
                ahead.argument();
                let more = match name {
                    "SIrange" | "qtyrange" => 2,
                    "unitfrac" | "SI" | "qty" | "numrange" | "SIlist" | "qtylist"
                    | "qtyproduct" => 1,
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
            | "listoffigures" | "listoftables" => {
                if name == "bibliography" {
                    cursor.argument();
                } else {
                    if name.starts_with("listof") {
                        cursor.star();
                    }
                    cursor.optional();
                }
                self.report(
                    Severity::Info,
                    name,
                    "cela ne se connaît qu'à la compilation ; rien n'est montré",
                );
            }
            "printindex" => {
                cursor.optional();
                self.print_index(flow);
            }
            "frametitle" | "framesubtitle" => {
                cursor.delimited('<', '>');
                cursor.optional();
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
                // babel uses \xspace where it is loaded.
                if self.state.packages.contains("xspace") {
                    flow.owe_space();
                }
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
            "chaptername" | "chaptertitlename" => flow.raw("Chapitre"),
            "partname" => flow.raw("Partie"),
            "colchunk" => {
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                let blocks = self.blocks(inner);
                flow.block(Block::Div { class: "colonne", blocks });
            }
            "colplacechunks" | "colbreak" => {}
            // It may hold for all that follows.
            "onslide" => {
                cursor.delimited('<', '>');
                if self.rest_is_group(cursor) {
                    let inner = cursor.argument().unwrap_or_default();
                    self.flow(inner, flow);
                }
            }
            "only" | "uncover" | "visible" | "invisible" | "alert" => {
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
            "exo" | "question" | "titre" | "subtitle"
                if self.rest_is_group(cursor) && self.state.macros.get(name).is_none() =>
            {
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

    pub(super) fn rest_is_group(&self, cursor: &Cursor<'_>) -> bool {
        matches!(cursor.peek(), Some(Token::Open))
    }

    /// Replaces a macro by what it stands for and goes on with that.
    pub(super) fn expand<'s>(
        &mut self,
        name: &str,
        source: &'s str,
        start: usize,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) -> Next {
        let macros = &self.state.macros;
        let found = match macros.get(name).is_some_and(|meaning| macros.can_follow(meaning)) {
            true => macros.expand_at(&source[start..], &mut self.budget),
            false => macros.expand_in_part_at(&source[start..], &mut self.budget),
        };
        let Some(found) = found else {
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
        let text = super::escapes::code_of_argument(&found.text);
        self.replaced(&text, source, cursor, flow)
    }

    pub(super) fn set_counter(&mut self, command: &str, cursor: &mut Cursor<'_>) {
        let name = cursor.argument().unwrap_or_default().trim().to_owned();
        let given = cursor.argument().unwrap_or_default();
        let known = given.trim().parse::<i64>().ok();
        let known = known.or_else(|| {
            let value = self.state.compute(given, Mode::Counter)?;
            crate::conditions::whole(value)
        });
        let value = known.unwrap_or_else(|| {
            let text = self.evaluate(given);
            text.parse().unwrap_or_else(|_| {
                self.report(Severity::Warning, command, NOT_COMPUTED);
                0
            })
        });
        let before = if command == "setcounter" { 0 } else { self.value(&name) };
        let value = before.saturating_add(value);
        if name == "equation" {
            self.set_equation(u32::try_from(value).unwrap_or(0));
        }
        self.state.counters.insert(name, value);
    }
}
