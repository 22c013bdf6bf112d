//! Formulas: finding where they end, rendering them, showing a picture where that fails.

use super::{Flow, Parser, Place, end_of};
use crate::reader::{Cursor, Token};
use crate::{
    Label, Severity,
    tree::{Block, Inline, MathNode},
};
use mqd_math::{Formula, Style, render};
use std::borrow::Cow;

/// How a number is printed; in digits, if nothing says otherwise.
type Print = Option<fn(u32) -> String>;

/// How `\theequation` may print the number.
const NUMBERS: &[(&str, Print)] = &[
    ("arabic", None),
    ("alph", Some(|number| in_style("alph", number))),
    ("Alph", Some(|number| in_style("Alph", number))),
    ("roman", Some(|number| in_style("roman", number))),
    ("Roman", Some(|number| in_style("Roman", number))),
];

fn in_style(style: &str, number: u32) -> String {
    crate::counters::print(style, number.into()).unwrap_or_default()
}

impl Parser<'_> {
    /// After `$`: an inline formula, or a display between double dollars.
    pub(super) fn dollar<'s>(&mut self, source: &'s str, cursor: &mut Cursor<'s>, flow: &mut Flow) {
        let display = cursor.rest().starts_with('$');
        let start = cursor.offset() + usize::from(display);
        let end = if display { "$$" } else { "$" };
        match self.find_end(source, start, end) {
            Some(at) => {
                *cursor = Cursor::at(source, at + end.len());
                let style = if display { Style::Display } else { Style::Inline };
                self.formula(&source[start..at], style, flow);
            }
            None => self.report(
                Severity::Error,
                "$",
                "une formule n'est pas fermée ; ce qui suit est lu comme du texte",
            ),
        }
    }

    /// After `\(` or `\[`.
    pub(super) fn delimited_math<'s>(
        &mut self,
        open: &str,
        source: &'s str,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) {
        let (end, style) = if open == "(" { (")", Style::Inline) } else { ("]", Style::Display) };
        let start = cursor.offset();
        let key = (end.to_owned(), end_of(source));
        if !self.unclosed.contains(&key) {
            let mut ahead = cursor.clone();
            loop {
                let at = ahead.offset();
                match ahead.next() {
                    Some(Token::Command(name)) if name == end => {
                        *cursor = ahead;
                        return self.formula(&source[start..at], style, flow);
                    }
                    Some(_) => {}
                    None => break,
                }
            }
            self.unclosed.insert(key);
        }
        self.report(
            Severity::Error,
            open,
            "une formule n'est pas fermée ; ce qui suit est lu comme du texte",
        );
    }

    /// The closing dollars, not inside a group (a `\text{… $x$ …}` has its own).
    fn find_end(&mut self, source: &str, start: usize, end: &str) -> Option<usize> {
        let key = (end.to_owned(), end_of(source));
        if self.unclosed.contains(&key) {
            return None;
        }
        let mut cursor = Cursor::at(source, start);
        let mut depth = 0_i32;
        let mut fallback = None;
        loop {
            let at = cursor.offset();
            match cursor.next() {
                None => break,
                Some(Token::Open) => depth += 1,
                Some(Token::Close) => depth -= 1,
                // An empty line ends a formula in TeX too, with an error.
                Some(Token::Paragraph) if end == "$" => break,
                Some(Token::Char('$')) if source[at..].starts_with(end) => {
                    if depth <= 0 {
                        return Some(at);
                    }
                    fallback = fallback.or(Some(at));
                }
                Some(_) => {}
            }
        }
        if fallback.is_none() && end == "$$" {
            self.unclosed.insert(key);
        }
        fallback
    }

    /// `subequations`: its lines are numbered 3a, 3b ….
    pub(super) fn subequations(&mut self, body: &str, flow: &mut Flow) {
        let parent = self.numbering.equation.saturating_add(1);
        self.set_tag_prefix();
        let number = self.numbering.tag_number.map_or_else(|| parent.to_string(), |f| f(parent));
        let tag = format!("{}{number}", self.numbering.tag_prefix);
        let before = self.numbering.sub.replace((tag.clone(), 0));
        self.current = Place {
            text: tag,
            id: self.anchor("eqs"),
            key: "equation".into(),
            kind: "équation".into(),
            title: String::new(),
        };
        flow.inline(Inline::Anchor(self.current.id.clone()));
        self.flow(body, flow);
        self.numbering.equation = parent;
        self.numbering.sub = before;
    }

    /// `empheq`: a display environment with something beside or around it.
    pub(super) fn empheq(&mut self, body: &str, flow: &mut Flow) {
        let mut cursor = Cursor::new(body);
        let options = cursor.optional().unwrap_or_default();
        // `{align}`, or `{alignat=2}`.
        let environment = cursor.argument().unwrap_or_default();
        let (name, columns) = environment.split_once('=').unwrap_or((environment, ""));
        let name = name.trim();
        let mut left = None;
        for (key, value) in crate::keyval::parse(options) {
            match key {
                "left" => left = Some(value.replace("\\empheqlbrace", "\\lbrace")),
                "right" | "box" => self.report(
                    Severity::Info,
                    "empheq",
                    "ce qui entoure la formule n'est pas montré",
                ),
                _ => {}
            }
        }
        let content = cursor.rest();
        let Some(left) = left else {
            let content = if columns.is_empty() {
                content.to_owned()
            } else {
                format!("{{{columns}}}{content}")
            };
            return self.formula(&content, Style::Environment(name), flow);
        };
        let inner = match name.trim_end_matches('*') {
            "gather" => "gathered",
            "alignat" => "alignedat",
            _ => "aligned",
        };
        let columns = if columns.is_empty() { String::new() } else { format!("{{{columns}}}") };
        // What stands before the brace is outside the fence that stretches.
        let (before, fence) = match left.rfind("\\lbrace") {
            Some(at) => (left[..at].trim_end_matches("\\left").to_owned(), "\\lbrace"),
            None => (left, "."),
        };
        let formula = format!(
            "{before}\\left{fence}\\begin{{{inner}}}{columns}{content}\\end{{{inner}}}\\right."
        );
        if name.ends_with('*') {
            return self.formula(&formula, Style::Display, flow);
        }
        self.report(Severity::Info, "empheq", "les lignes de ce système portent un seul numéro");
        self.formula(&formula, Style::Environment("equation"), flow);
    }

    /// The number of the last equation.
    pub(super) fn set_equation(&mut self, number: u32) {
        if number < self.numbering.equation {
            self.numbering.restarts += 1;
        }
        self.numbering.equation = number;
    }

    /// What stands before the number of an equation, as `\theequation` says.
    fn set_tag_prefix(&mut self) {
        let own = self.state.macros.get("theequation");
        let form = match own.filter(|meaning| self.state.macros.can_follow(meaning)) {
            Some(meaning) => meaning.body.to_string(),
            None if self.is_by_chapter("equation") => "\\thechapter.\\arabic{equation}".to_owned(),
            None => {
                self.numbering.tag_number = None;
                return self.numbering.tag_prefix.clear();
            }
        };
        // It is read for each formula.
        self.budget.bytes = self.budget.bytes.saturating_sub(form.len().saturating_sub(200));
        if self.budget.is_spent() {
            return;
        }
        let found = NUMBERS.iter().find_map(|(style, print)| {
            let at = form.find(&format!("\\{style}{{equation}}"));
            let at = at.or_else(|| form.find(&format!("\\@{style}\\c@equation")));
            Some((at?, *print))
        });
        let (at, number) = found.unwrap_or((0, None));
        self.numbering.tag_number = number;
        self.numbering.tag_prefix = self.evaluate(&form[..at]);
    }

    /// Renders a formula into the flow.
    pub(super) fn formula(&mut self, tex: &str, style: Style<'_>, flow: &mut Flow) {
        if is_picture(tex) {
            // On a line of its own it stands in the middle.
            match style {
                Style::Inline => self.flow(tex, flow),
                _ => {
                    let blocks = self.blocks(tex);
                    flow.block(Block::Div { class: "centre", blocks });
                }
            }
            return;
        }
        let tex = &*self.without_loops(tex);
        let tex = &*self.decided_formula(tex);
        let tex = &*self.with_counters(tex);
        if style != Style::Inline {
            self.set_tag_prefix();
        }
        let formula = render(tex, style, &self.state.macros, &mut self.numbering);
        let equation = i64::from(self.numbering.equation);
        if equation != self.state.counters.get("equation").copied().unwrap_or_default() {
            self.state.counters.insert("equation".to_owned(), equation);
        }
        let marked = self.after_formula(&formula, tex, style);
        if formula.mathml.is_empty() && marked.is_none() {
            return;
        }
        let node = Box::new(MathNode { formula, marked });
        match style {
            Style::Inline => flow.inline(Inline::Math(node)),
            _ => flow.block(Block::Display(node)),
        }
    }

    /// A formula with the counters that it prints, `$(H_{\arabic{enumi}})$`.
    fn with_counters<'t>(&mut self, tex: &'t str) -> Cow<'t, str> {
        const STYLES: &[&str] = &["arabic", "alph", "Alph", "roman", "Roman", "value"];
        if !tex.contains("\\the") && !STYLES.iter().any(|style| tex.contains(style)) {
            return Cow::Borrowed(tex);
        }
        let mut out = String::new();
        let mut copied = 0;
        let mut cursor = Cursor::new(tex);
        while let Some(token) = cursor.next() {
            let Token::Command(name) = token else { continue };
            let start = cursor.offset() - name.len() - 1;
            let printed = if STYLES.contains(&name) {
                let Some(counter) = cursor.argument() else { continue };
                let style = if name == "value" { "arabic" } else { name };
                crate::counters::print(style, self.value(counter.trim())).unwrap_or_default()
            } else if let Some(counter) = name.strip_prefix("the")
                && self.state.counters.contains_key(counter)
            {
                self.printed(counter)
            } else {
                continue;
            };
            out.push_str(&tex[copied..start]);
            out.push_str(&format!("{{\\mathrm{{{printed}}}}}"));
            copied = cursor.offset();
        }
        if copied == 0 { Cow::Borrowed(tex) } else { Cow::Owned(out + &tex[copied..]) }
    }

    /// Labels, problems and the picture of a formula.
    fn after_formula(
        &mut self,
        formula: &Formula,
        tex: &str,
        style: Style<'_>,
    ) -> Option<(String, Option<String>)> {
        for label in &formula.labels {
            let (kind, kinds) = self.kinds("equation", "équation");
            let (text, id) = (label.tag.clone(), label.id.clone());
            let named = Label { text, id, kind, kinds, title: String::new(), equation: true };
            self.out.labels.insert(label.name.trim().to_owned(), named);
        }
        self.unresolved |= !formula.unresolved.is_empty();
        for problem in &formula.problems {
            let severity = if problem.harmless { Severity::Info } else { Severity::Warning };
            self.report(severity, &problem.construct, &problem.message);
        }
        if formula.faithful {
            return None;
        }
        let source = match style {
            Style::Inline => format!("${tex}$"),
            Style::Display => format!("\\[{tex}\\]"),
            Style::Environment(name) => format!("\\begin{{{name}}}{tex}\\end{{{name}}}"),
        };
        Some(self.mark("formule", &source))
    }
}

/// Whether a formula is nothing but an included picture.
fn is_picture(tex: &str) -> bool {
    let mut cursor = Cursor::new(tex.trim());
    if cursor.next() != Some(Token::Command("includegraphics")) {
        return false;
    }
    cursor.star();
    while cursor.optional().is_some() {}
    cursor.argument().is_some() && cursor.rest().trim().is_empty()
}
