//! Environments.

use super::{Flow, Next, Parser, commands::pass_over, end_of, lists::list_kind};
use crate::reader::Cursor;
use crate::{Severity, tables, tree::Block};
use mqd_math::Style;

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
        if is_verbatim(name) {
            self.verbatim(name, source, cursor, flow);
            return Next::Token;
        }
        let key = (name.to_owned(), end_of(source));
        let body = if self.unclosed.contains(&key) {
            None
        } else {
            cursor.clone().rest_of_environment(name)
        };
        let Some(body) = body else {
            if self.unclosed.insert(key) {
                self.report(
                    Severity::Error,
                    name,
                    "cet environnement n'est pas fermé ; son début est ignoré",
                );
            }
            return Next::Token;
        };
        cursor.rest_of_environment(name);
        let whole = &source[start..cursor.offset()];
        self.environment(name, body, whole, flow);
        Next::Token
    }

    fn environment(&mut self, name: &str, body: &str, whole: &str, flow: &mut Flow) {
        if let Some(defined) = self.state.macros.environment(name).cloned()
            && !defined.begin.programmed
        {
            return self.defined_environment(name, &defined, body, flow);
        }
        if let Some(theorem) = self.state.theorems.get(name).cloned() {
            let number = theorem.counter.as_deref().map(|counter| self.step(counter));
            let class = format!(
                "bloc-{}",
                theorem.style.chars().filter(char::is_ascii_alphanumeric).collect::<String>()
            );
            return self.statement(class, &theorem.title, number, body, flow);
        }
        if Style::is_environment(name) {
            return self.formula(body, Style::Environment(name), flow);
        }
        let listed = self.state.lists.get(name).map_or(name, String::as_str).to_owned();
        if let Some(kind) = list_kind(&listed) {
            return self.list(name, kind, body, flow);
        }
        if tables::is_drawing(name) {
            return self.drawing(name, whole, flow);
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
            | "tblr" | "longtblr" => {
                self.table(if name == "longtblr" { "tblr" } else { name }, body, flow);
            }
            "array" | "aligned" | "pmatrix" | "cases" | "matrix" | "split" | "gathered"
            | "bmatrix" | "vmatrix" => {
                self.report(Severity::Warning, name, "cet environnement ne s'écrit que dans une formule ; il est montré comme une formule");
                self.formula(whole, Style::Display, flow);
            }
            "thebibliography" => self.bibliography(body, flow),
            "theindex" | "comment" | "filecontents" | "filecontents*" | "CCSXML" => {
                if name != "comment" {
                    self.report(
                        Severity::Info,
                        name,
                        "cet environnement ne montre rien sur une page",
                    );
                }
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
                    if class == "groupe" {
                        // Nothing on the page tells it from what is around it.
                        return self.flow(cursor.rest(), flow);
                    }
                    let blocks = self.blocks(cursor.rest());
                    flow.block(Block::Div { class, blocks });
                } else if let Some(head) = tables::usual_statement(name) {
                    self.statement("bloc-definition".to_owned(), head, None, body, flow);
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

    /// An environment of `\newenvironment`: what its beginning and end stand for, around its body.
    fn defined_environment(
        &mut self,
        name: &str,
        defined: &mqd_math::Environment,
        body: &str,
        flow: &mut Flow,
    ) {
        // The table expands a call of a command; the beginning is called by a name no source can write.
        let mut table = mqd_math::Macros::default();
        table.insert("begin@", defined.begin.clone());
        let call = format!("\\begin@ {body}");
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
        let rest = &call[found.consumed.min(call.len())..];
        let text = format!("{}{rest}{}", found.text, defined.end);
        self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
        if self.budget.is_spent() {
            self.report(
                Severity::Error,
                name,
                "les environnements du document se développent sans fin",
            );
            return;
        }
        self.flow(&text, flow);
    }

    fn statement(
        &mut self,
        class: String,
        head: &str,
        number: Option<String>,
        body: &str,
        flow: &mut Flow,
    ) {
        let mut cursor = Cursor::new(body);
        let title = cursor.optional().map(|title| self.line(title)).unwrap_or_default();
        let id = self.anchor("t");
        self.current.text = number.clone().unwrap_or_default();
        self.current.id.clone_from(&id);
        let blocks = self.blocks_with_items(cursor.rest());
        let head = match number.filter(|number| !number.is_empty()) {
            Some(number) => format!("{head} {number}"),
            None => head.to_owned(),
        };
        flow.block(Block::Statement { class, head, title, id, blocks, qed: false });
    }

    fn proof(&mut self, body: &str, flow: &mut Flow) {
        let mut cursor = Cursor::new(body);
        let own = cursor.optional().map(|title| self.evaluate(title));
        let head = own.unwrap_or_else(|| match self.state.macros.get("proofname") {
            Some(meaning) => {
                let body = meaning.body.to_string();
                self.evaluate(&body)
            }
            None => "Démonstration".to_owned(),
        });
        let id = self.anchor("t");
        let blocks = self.blocks_with_items(cursor.rest());
        flow.block(Block::Statement {
            class: "bloc-preuve".to_owned(),
            head,
            title: Vec::new(),
            id,
            blocks,
            qed: true,
        });
    }

    fn verbatim<'s>(
        &mut self,
        name: &str,
        source: &'s str,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) {
        let end = format!("\\end{{{name}}}");
        let rest = cursor.rest();
        let Some(at) = rest.find(&end) else {
            self.report(
                Severity::Error,
                name,
                "cet environnement n'est pas fermé ; son début est ignoré",
            );
            return;
        };
        *cursor = Cursor::at(source, cursor.offset() + at + end.len());
        if name == "comment" {
            return;
        }
        let mut body = &rest[..at];
        let mut language = None;
        if body.starts_with('[')
            && let Some((options, after)) = body[1..].split_once(']')
        {
            language = crate::keyval::parse(options)
                .into_iter()
                .find(|(key, _)| *key == "language")
                .map(|(_, value)| value.to_owned());
            body = after;
        }
        if name == "minted"
            && let Some((given, after)) =
                body.trim_start().strip_prefix('{').and_then(|rest| rest.split_once('}'))
        {
            language = Some(given.to_owned());
            body = after;
        }
        let text = body.strip_prefix('\n').unwrap_or(body).trim_end().to_owned();
        flow.block(Block::Verbatim { text, language });
    }
}

fn is_verbatim(name: &str) -> bool {
    matches!(
        name,
        "verbatim"
            | "verbatim*"
            | "Verbatim"
            | "BVerbatim"
            | "lstlisting"
            | "minted"
            | "alltt"
            | "comment"
            | "sagesilent"
            | "python"
            | "pythoncode"
            | "code"
            | "listing@"
    )
}
