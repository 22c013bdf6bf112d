//! Environments.

use super::{Flow, Next, Parser, UNCLOSED, end_of, lists::list_kind, signs::pass_over};
use crate::reader::{Cursor, Token, append, join};
use crate::{
    Severity, tables,
    tree::{Block, Inline},
};
use mqd_math::Style;
use std::borrow::Cow;

/// What is said of the answers that a document collects.
const IN_PLACE: &str =
    "cette réponse irait dans un fichier, à lire plus loin ; elle est montrée à sa place";

/// What is said of environments that stand for one another.
const ENDLESS: &str = "les environnements du document se développent sans fin";

/// What is said of a definition that cannot be followed.
const NOT_UNDERSTOOD: &str =
    "la définition de cet environnement n'est pas comprise ; son contenu est montré";

/// So many kinds of environments may be left open.
const MAX_UNCLOSED: usize = 200;

/// So many signs of difficulty are printed.
const MAX_DIFFICULTY: usize = 10;

/// A text without its labels, which name its first appearance.
fn without_labels(text: &str) -> String {
    let mut parts = text.split("\\label{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    out
}

impl Parser<'_> {
    /// After `\begin`, which started at `start`.
    pub(super) fn begin<'s>(
        &mut self,
        source: &'s str,
        start: usize,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) -> Next {
        let name = cursor.argument().unwrap_or_default().trim();
        if name == "document" {
            return Next::Token;
        }
        let kept = tables::is_verbatim(name) && !self.is_own_text(name);
        if kept || self.state.verbatims.contains_key(name) {
            self.verbatim(name, source, cursor, flow);
            return Next::Token;
        }
        if self.state.comments.get(name) == Some(&false) {
            return self.hidden(name, source, cursor);
        }
        let key = (name.to_owned(), end_of(source));
        // Each kind of environment that is not closed is looked for once, and not too many of them.
        let body = if self.unclosed.contains(&key) || self.unclosed.len() > MAX_UNCLOSED {
            None
        } else {
            cursor.clone().rest_of_environment(name)
        };
        let Some(body) = body else {
            if self.unclosed.insert(key) {
                self.report(Severity::Error, name, UNCLOSED);
            }
            let arguments = tables::boxed(name).map_or("", |(_, arguments)| arguments);
            pass_over(arguments, cursor);
            cursor.optional();
            return Next::Token;
        };
        cursor.rest_of_environment(name);
        let whole = &source[start..cursor.offset()];
        let mark = self.state.macros.mark();
        // What a label names ends with the environment that numbered it.
        let current = self.current.clone();
        self.environment(name, body, whole, flow);
        self.current = current;
        self.state.macros.undo(mark);
        // What is to hold behind the environment.
        for (name, meaning) in std::mem::take(&mut self.outliving) {
            self.state.macros.insert(&name, meaning);
        }
        Next::Token
    }

    /// Whether the author made an environment by this name for text that is read as usual.
    fn is_own_text(&self, name: &str) -> bool {
        if self.state.theorems.contains_key(name) || self.state.lists.contains_key(name) {
            return true;
        }
        let Some(defined) = self.state.macros.environment(name) else { return false };
        // What it opens may keep its text as it stands: `\begin{minted}`, `\verbatim`.
        let mut cursor = Cursor::new(&defined.begin.body);
        let keeps = std::iter::from_fn(|| cursor.next().map(|token| (token, cursor.clone()))).any(
            |(token, mut after)| match token {
                Token::Command("begin") => {
                    after.argument().is_some_and(|name| tables::is_verbatim(name.trim()))
                }
                Token::Command(name) => {
                    tables::is_verbatim(name) || matches!(name, "VerbatimEnvironment")
                }
                _ => false,
            },
        );
        !keeps && self.state.macros.can_follow(&defined.begin)
    }

    /// An environment that the author chose not to show (package comment).
    fn hidden<'s>(&mut self, name: &str, source: &'s str, cursor: &mut Cursor<'s>) -> Next {
        let end = format!("\\end{{{name}}}");
        match cursor.rest().find(&end) {
            Some(at) => *cursor = Cursor::at(source, cursor.offset() + at + end.len()),
            None => self.report(Severity::Error, name, UNCLOSED),
        }
        Next::Token
    }

    pub(super) fn environment(&mut self, name: &str, body: &str, whole: &str, flow: &mut Flow) {
        let defined = self.state.macros.environment(name).cloned();
        if let Some(defined) = defined.or_else(|| self.state.macros.environment_of_commands(name)) {
            if self.state.macros.can_follow(&defined.begin) {
                return self.defined_environment(name, &defined, body, flow);
            }
            // What the author means is not what the name says: perhaps a title, perhaps nothing.
            if tables::usual_statement(name).is_some() && !self.state.theorems.contains_key(name) {
                self.report(Severity::Warning, name, NOT_UNDERSTOOD);
                let blocks = self.blocks(body);
                return flow.block(Block::Div { class: "inconnu", blocks });
            }
        }
        if let Some(theorem) = self.state.theorems.get(name).cloned() {
            return self.theorem(name, &theorem, body, flow);
        }
        if let Some(shown_by) = self.state.associations.get(name).cloned() {
            return self.answer(name, &shown_by, body, flow);
        }
        if self.state.comments.get(name) == Some(&true) {
            return self.flow(body, flow);
        }
        if self.keeps_back(name) {
            return;
        }
        let body = if self.state.packages.contains("beamer") && body.starts_with('<') {
            let mut cursor = Cursor::new(body);
            cursor.delimited('<', '>');
            cursor.rest()
        } else {
            body
        };
        if self.titled_box(name, body, flow) {
            return;
        }
        if name == "subequations" {
            return self.subequations(body, flow);
        }
        if name == "empheq" {
            return self.empheq(body, flow);
        }
        if Style::is_environment(name) {
            return self.formula(body, Style::Environment(name), flow);
        }
        let listed = self.state.lists.get(name).map_or(name, String::as_str).to_owned();
        if let Some(kind) = list_kind(&listed) {
            return self.list(name, kind, body, flow);
        }
        let algorithm = matches!(
            name.trim_end_matches('*'),
            "algorithm" | "algorithm2e" | "algorithmic" | "algorithmicx"
        );
        if algorithm && self.algorithm(name, body, flow) {
            return;
        }
        if name == "tabbing"
            && let Some(table) = super::table::of_tabs(body)
        {
            return self.table("tabular", &table, flow);
        }
        if tables::is_drawing(name) {
            return self.drawing(name, whole, flow);
        }
        if self.state.packages.contains("automultiplechoice")
            && let "question" | "questionmult" | "questionmultx" = name
        {
            let sign = if name == "questionmult" { " ♣" } else { "" };
            let number = self.step("AMCquestion");
            let number = Some(format!("{number}{sign}"));
            let class = "bloc-definition".to_owned();
            let mut cursor = Cursor::new(body);
            // Its name is for the correction.
            cursor.argument();
            return self.statement(name, class, "Question", number, cursor.rest(), flow);
        }
        match name {
            "proof" | "preuve" | "demonstration" | "demo" | "dem" | "Preuve" | "Demonstration" => {
                self.proof(body, flow)
            }
            "figure" | "figure*" | "table" | "table*" | "wrapfigure" | "wraptable"
            | "floatingfigure" | "floatingtable" | "subfigure" | "subtable" | "SCfigure"
            | "SCtable" | "sidewaysfigure" | "sidewaystable" | "marginfigure" | "margintable" => {
                self.float(name, body, flow)
            }
            "tabular" | "tabular*" | "tabularx" | "tabulary" | "longtable" | "supertabular"
            | "tblr" | "longtblr" | "talltblr" | "xltabular" | "tabu" | "longtabu" | "booktabs"
            | "longtabs" | "NiceTabular" | "NiceTabular*" | "NiceTabularX" | "mpsupertabular"
            | "longtable*" => {
                self.table(name, body, flow);
            }
            "array" | "aligned" | "pmatrix" | "cases" | "matrix" | "split" | "gathered"
            | "bmatrix" | "vmatrix" | "dcases" | "alignedat" => {
                self.report(Severity::Warning, name, "cet environnement ne s'écrit que dans une formule ; il est montré comme une formule");
                self.formula(whole, Style::Display, flow);
            }
            // thmtools: a theorem that may be repeated.
            "restatable" => {
                let mut cursor = Cursor::new(body);
                let title = cursor.optional().map(|title| format!("[{title}]"));
                let theorem = cursor.argument().unwrap_or_default().trim().to_owned();
                let again = cursor.argument().unwrap_or_default().trim().to_owned();
                let rest = cursor.rest();
                let body = title.clone().unwrap_or_default() + rest;
                if self.depth < super::MAX_DEPTH && theorem != "restatable" {
                    self.environment(&theorem, &body, whole, flow);
                }
                // `\again*` prints it once more with the number that it had.
                let counter = self.state.theorems.get(&theorem).and_then(|t| t.counter.clone());
                let number = counter.map(|counter| self.printed(&counter)).unwrap_or_default();
                let rest = without_labels(rest);
                if !again.is_empty() && !rest.contains('#') {
                    let title = title.unwrap_or_default();
                    let text = format!(
                        "\\begin{{restated@}}{{{theorem}}}{{{number}}}{title}{rest}\\end{{restated@}}"
                    );
                    self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
                    let args = [mqd_math::Arg::Star];
                    let meaning =
                        mqd_math::Macro { args: args.into(), ..mqd_math::Macro::constant(&text) };
                    self.outliving.push((again, meaning));
                }
            }
            "restated@" => {
                let mut cursor = Cursor::new(body);
                let theorem = cursor.argument().unwrap_or_default().to_owned();
                let number = cursor.argument().filter(|number| !number.is_empty());
                let number = number.map(str::to_owned);
                let head = self.state.theorems.get(&theorem).cloned();
                let head = head.map(|known| self.name_of_theorem(&known)).unwrap_or_default();
                let class = "bloc-plain".to_owned();
                self.statement(&theorem, class, &head, number, cursor.rest(), flow);
            }
            "numcases" | "subnumcases" => {
                self.report(
                    Severity::Info,
                    name,
                    "les lignes de ce système portent un seul numéro",
                );
                self.formula(whole, Style::Environment("equation"), flow);
            }
            // exam: the space that is left for an answer.
            "solutionorlines"
            | "solutionordottedlines"
            | "solutionorbox"
            | "solutionorgrid"
            | "solutionbox" => {
                let mut cursor = Cursor::new(body);
                cursor.optional();
                if name == "solutionbox" {
                    cursor.argument();
                }
                let class = "bloc-definition".to_owned();
                self.statement(name, class, "Solution", None, cursor.rest(), flow);
            }
            // csquotes: where the quotation is from stands behind it.
            "displayquote" => {
                let mut cursor = Cursor::new(body);
                let from = cursor.optional().filter(|from| !from.trim().is_empty());
                let end = from.map(|from| format!(" ({from})")).unwrap_or_default();
                let text = join(cursor.rest().trim_end(), &end);
                let blocks = self.blocks(&text);
                flow.block(Block::Div { class: "citation", blocks });
            }
            "MakeFramed" => {
                let mut cursor = Cursor::new(body);
                cursor.argument();
                self.framed_by_command(cursor.rest(), flow);
            }
            "lrbox" => self.fill_by_environment(body),
            "thebibliography" => self.bibliography(body, flow),
            "theindex" | "CCSXML" => {
                self.report(Severity::Info, name, "cet environnement ne montre rien sur une page")
            }
            "Exercise" | "Exercise*" | "ExerciseList" => {
                self.begin_exercise();
                if name == "ExerciseList" {
                    return self.flow(body, flow);
                }
                let number = (name == "Exercise").then(|| self.step("Exercise"));
                let class = "bloc-definition".to_owned();
                let mut cursor = Cursor::new(body);
                let options = cursor.optional().unwrap_or_default();
                let marks = self.difficulty(options);
                let value = |key| super::boxes::value_in(options, &[key]);
                if value("name").or(value("origin")).is_some() {
                    let head = self.evaluate(value("name").unwrap_or("Exercice"));
                    let title = self.line(&super::boxes::title_of_exercise(options));
                    let label = value("label");
                    self.stated(name, class, &head, number, title, label, cursor.rest(), flow);
                } else {
                    self.statement(name, class, "Exercice", number, body, flow);
                }
                if let Some(Block::Statement { head, .. }) = flow.blocks.last_mut()
                    && !marks.is_empty()
                {
                    head.insert(0, Inline::Text(marks));
                }
            }
            "frame" => {
                let mut cursor = Cursor::new(body);
                cursor.delimited('<', '>');
                cursor.optional();
                cursor.optional();
                if matches!(cursor.peek(), Some(crate::reader::Token::Open)) {
                    let title = cursor.argument().unwrap_or_default();
                    self.bold_line(title, flow);
                    if self.rest_is_group(&cursor) {
                        let subtitle = cursor.argument().unwrap_or_default();
                        self.flow(subtitle, flow);
                        flow.end_paragraph();
                    }
                }
                self.flow(cursor.rest(), flow);
                flow.end_paragraph();
            }
            "defproblem" => {
                let mut cursor = Cursor::new(body);
                cursor.optional();
                cursor.argument();
                self.flow(cursor.rest(), flow);
            }
            "onlyproblem" | "textenglish" | "textfrench" => self.flow(body, flow),
            // picinpar: lines over it, a place, what stands there, its caption.
            "window" | "figwindow" | "tabwindow" => {
                let mut cursor = Cursor::new(body);
                let options = cursor.optional().unwrap_or_default();
                let parts = super::loops::outside_groups(options);
                let part = |at: usize| {
                    let text = parts.get(at).map_or("", |part| part.trim());
                    text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text)
                };
                let caption = match part(3) {
                    "" => String::new(),
                    text => format!("\\caption{{{text}}}"),
                };
                let shown = format!("{}{caption}", part(2));
                if name == "window" {
                    self.flow(part(2), flow);
                    flow.end_paragraph();
                } else {
                    let float = if name == "tabwindow" { "table" } else { "figure" };
                    self.float(float, &shown, flow);
                }
                self.flow(cursor.rest(), flow);
                flow.end_paragraph();
            }
            "parcolumns" => {
                let mut cursor = Cursor::new(body);
                cursor.optional();
                cursor.argument();
                let blocks = self.blocks(cursor.rest());
                flow.block(Block::Div { class: "colonnes", blocks });
            }
            "math" => self.formula(body, Style::Inline, flow),
            _ => {
                if let Some((tag, class)) = tables::switch(name) {
                    // `\begin{itshape}` is the switch for the length of the environment.
                    self.styled_rest(tag, class, body, flow);
                } else if let Some((class, arguments)) = tables::boxed(name) {
                    let mut cursor = Cursor::new(body);
                    pass_over(arguments, &mut cursor);
                    if class == "multicolonnes"
                        && let Some(preface) = cursor.optional()
                    {
                        // What stands over the columns; lengths may follow.
                        self.flow(preface, flow);
                        flow.end_paragraph();
                        cursor.optional();
                    }
                    if class == "minipage" && self.in_float.is_some() {
                        return self.minipage(cursor.rest(), flow);
                    }
                    if class == "groupe" {
                        // Nothing on the page tells it from what is around it.
                        return self.flow(cursor.rest(), flow);
                    }
                    let blocks = self.blocks(cursor.rest());
                    flow.block(Block::Div { class, blocks });
                } else if let Some(head) = tables::usual_statement(name) {
                    let number = self.number_of_exercise(name);
                    if name == "Answer" {
                        self.begin_exercise();
                    }
                    self.statement(name, "bloc-definition".to_owned(), head, number, body, flow);
                } else {
                    self.report(
                        Severity::Warning,
                        name,
                        "cet environnement n'est pas connu ; son contenu est montré",
                    );
                    let mut cursor = Cursor::new(body);
                    cursor.optional();
                    let blocks = self.blocks(cursor.rest());
                    flow.block(Block::Div { class: "inconnu", blocks });
                }
            }
        }
    }

    /// An answer that the package answers keeps in a file: it stands in its place on a page, as the
    /// author's environment shows it there, if it is one.
    fn answer(&mut self, name: &str, shown_by: &str, body: &str, flow: &mut Flow) {
        self.report(Severity::Info, name, IN_PLACE);
        if self.state.macros.environment(shown_by).is_some() && shown_by != name {
            let number = self.current.text.clone();
            let text = format!("\\begin{{{shown_by}}}{{{number}}}{body}\\end{{{shown_by}}}");
            self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
            if !self.budget.is_spent() {
                flow.end_paragraph();
                self.flow(&text, flow);
                return flow.end_paragraph();
            }
        }
        self.statement(name, "bloc-definition".to_owned(), "Solution", None, body, flow);
    }

    /// The package exercise numbers questions and parts anew in each exercise.
    pub(super) fn begin_exercise(&mut self) {
        for counter in ["Question", "ExePart"] {
            self.state.counters.insert(counter.to_owned(), 0);
        }
    }

    /// What the package exercise prints before an exercise that is difficult: a sign for each degree.
    pub(super) fn difficulty(&mut self, options: &str) -> String {
        let degree = super::boxes::value_in(options, &["difficulty"]);
        let degree = degree.and_then(|degree| degree.trim().parse().ok()).unwrap_or(0_usize);
        if degree == 0 {
            return String::new();
        }
        let sign = self.word("DifficultyMarker", "*");
        format!("{} ", sign.repeat(degree.min(MAX_DIFFICULTY)))
    }

    /// The number that exsheets and xsim print of an exercise, and beamer of a theorem.
    fn number_of_exercise(&mut self, name: &str) -> Option<String> {
        let packages = &self.state.packages;
        let exercises = packages.contains("xsim") || packages.contains("exsheets");
        // Beamer's own theorems share a counter.
        if packages.contains("beamer") && !exercises && tables::is_theorem_of_beamer(name) {
            return Some(self.step("theorem"));
        }
        let numbered = match name {
            "exercise" | "problem" => packages.contains("xsim"),
            "question" => packages.contains("exsheets"),
            _ => false,
        };
        numbered.then(|| self.step(name))
    }

    /// An environment of `\newenvironment`: what its beginning and end stand for, around its body.
    fn defined_environment(
        &mut self,
        name: &str,
        defined: &mqd_math::Environment,
        body: &str,
        flow: &mut Flow,
    ) {
        // The table expands a call of a command; the beginning is called by a name no source can write.
        // Without arguments its text stands before the body as it is, whose first blank is kept.
        let mut table = mqd_math::Macros::default();
        table.insert("begin@", defined.begin.clone());
        let (call, after) = match defined.begin.args.is_empty() {
            true => ("\\begin@ ".to_owned(), body),
            false => (format!("\\begin@ {body}"), ""),
        };
        let mut budget = self.budget.clone();
        let Some(found) = table.expand_at(&call, &mut budget) else {
            self.report(
                Severity::Warning,
                name,
                "il manque un argument à cet environnement ; son contenu est montré",
            );
            return self.flow(body, flow);
        };
        self.budget = budget;
        let rest = join(&call[found.consumed.min(call.len())..], after);
        // Conditions are decided apart from the body, so that what the beginning opens (a comment, a
        // box that hides the answers) is closed by what the end says.
        let begin = match found.text.contains("\\if") {
            true => self.unfold(&found.text, &[]).into_owned(),
            false => found.text,
        };
        let begin = self.decided(&begin).into_owned();
        if defined.takes_body() {
            return self.around_body(name, &begin, &rest, flow);
        }
        // With xparse the end takes the arguments too.
        let mut end = Cow::Borrowed(&*defined.end);
        if end.contains('#') {
            let body = mqd_math::Macro::constant(&end).body;
            table.insert("begin@", mqd_math::Macro { body, ..defined.begin.clone() });
            if let Some(found) = table.expand_at(&call, &mut self.budget) {
                end = Cow::Owned(found.text);
            }
        }
        let end = match end.contains("\\if") {
            true => self.unfold(&end, &[]),
            false => Cow::Borrowed(&*end),
        };
        let end = self.decided(&end);
        let text = join(&join(&begin, &rest), &end);
        self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
        if self.budget.is_spent() {
            return self.report(Severity::Error, name, ENDLESS);
        }
        self.flow(&text, flow);
    }

    /// The text of an environment that takes its body, which stands where `\BODY` does.
    fn around_body(&mut self, name: &str, text: &str, body: &str, flow: &mut Flow) {
        let mut out = String::new();
        let mut copied = 0;
        let mut cursor = Cursor::new(text);
        while let Some(token) = cursor.next() {
            if token != Token::Command("BODY") {
                continue;
            }
            self.budget.bytes = self.budget.bytes.saturating_sub(body.len());
            if self.budget.is_spent() {
                return self.report(Severity::Error, name, ENDLESS);
            }
            append(&mut out, &text[copied..cursor.offset() - "\\BODY".len()]);
            cursor.skip_space();
            append(&mut out, body);
            copied = cursor.offset();
        }
        append(&mut out, &text[copied..]);
        self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
        self.flow(&out, flow);
    }
}
