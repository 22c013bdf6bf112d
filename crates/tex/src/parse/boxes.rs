//! Framed boxes and statements: theorems, exercises, proofs, with the options of their packages.

use super::{Flow, Parser, Place};
use crate::reader::{Cursor, Token};
use crate::{
    keyval,
    preamble::Theorem,
    references::inside_a_sentence,
    tree::{Block, Inline},
};

/// What stands in brackets after `\begin{exercice}`.
#[derive(Default)]
struct Options<'o> {
    title: Option<&'o str>,
    points: Option<&'o str>,
    label: Option<&'o str>,
}

/// Keys that the packages of exercises and theorems take. Another `=` is part of a title.
const KEYS: &[&str] = &[
    "title",
    "subtitle",
    "name",
    "titre",
    "note",
    "points",
    "bonus-points",
    "label",
    "ID",
    "id",
    "print",
    "use",
    "tags",
    "topic",
    "subtopic",
    "origin",
    "difficulty",
    "sujet",
    "continues",
    "ref",
    "restate",
    "bareme",
    "skip-below",
    "headline",
    "counter",
    "type",
    "template",
    "use-files",
    "goals",
    "exam",
    "class",
    "level",
];

fn options(text: &str) -> Options<'_> {
    let parsed = keyval::parse(text);
    // Properties that an author declares stand beside the usual ones.
    let named =
        |key: &str| key.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b' ' | b'/'));
    let are_options = parsed.iter().any(|(key, value)| KEYS.contains(key) && !value.is_empty())
        && parsed.iter().all(|(key, value)| named(key) && !value.is_empty());
    if !are_options {
        return Options { title: Some(text), ..Options::default() };
    }
    let get =
        |keys: &[&str]| parsed.iter().find(|(key, _)| keys.contains(key)).map(|(_, value)| *value);
    Options {
        title: get(&["title", "subtitle", "name", "titre", "note", "headline"]),
        points: get(&["points", "bareme"]),
        label: get(&["label"]),
    }
}

impl Parser<'_> {
    /// A theorem that the author declared.
    pub(super) fn theorem(&mut self, name: &str, theorem: &Theorem, body: &str, flow: &mut Flow) {
        let number = theorem.counter.as_deref().map(|counter| self.step(counter));
        let class = format!(
            "bloc-{}",
            theorem.style.chars().filter(char::is_ascii_alphanumeric).collect::<String>()
        );
        let head = self.name_of_theorem(theorem);
        let Some(prefix) = &theorem.prefix else {
            return self.statement(name, class, &head, number, body, flow);
        };
        // tcolorbox: options in brackets, then a title and a label as arguments.
        let mut cursor = Cursor::new(body);
        cursor.optional();
        let title = cursor.argument().unwrap_or_default();
        let label = cursor.argument().unwrap_or_default().trim();
        let label = (!label.is_empty()).then(|| format!("{prefix}:{label}"));
        let title = self.line(title);
        self.stated(name, class, &head, number, title, label.as_deref(), cursor.rest(), flow);
    }

    /// The printed name of a theorem.
    pub(super) fn name_of_theorem(&mut self, theorem: &Theorem) -> String {
        if !theorem.title.contains('\\') {
            return theorem.title.clone();
        }
        let length = theorem.title.len().saturating_sub(200);
        self.budget.bytes = self.budget.bytes.saturating_sub(length);
        if self.budget.is_spent() { String::new() } else { self.evaluate(&theorem.title) }
    }

    pub(super) fn statement(
        &mut self,
        name: &str,
        class: String,
        head: &str,
        number: Option<String>,
        body: &str,
        flow: &mut Flow,
    ) {
        let mut cursor = Cursor::new(body);
        if self.state.packages.contains("beamer") {
            cursor.delimited('<', '>');
        }
        // exam: the height that is left for a solution.
        let given = cursor.optional().filter(|text| keyval::length(text).is_none());
        let options = given.map(options).unwrap_or_default();
        let mut title = options.title.map(|title| self.line(title)).unwrap_or_default();
        // Questions of automultiplechoice begin with their name, which no reader sees.
        if name.starts_with("question") && cursor.peek() == Some(Token::Open) {
            let mut ahead = cursor.clone();
            let id = ahead.argument().unwrap_or_default();
            let is_name = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_:.".contains(&b))
                && id.bytes().any(|b| b.is_ascii_alphabetic());
            if is_name {
                cursor = ahead;
            }
        }
        // exsheets: `\begin{question}{3}`.
        let given = match cursor.peek() {
            Some(Token::Open) => {
                let mut ahead = cursor.clone();
                let points = ahead.argument().filter(|text| {
                    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
                });
                if points.is_some() {
                    cursor = ahead;
                }
                points
            }
            _ => None,
        };
        if let Some(points) = options.points.or(given) {
            let points = points_text(&self.evaluate(points));
            if !title.is_empty() {
                title.push(Inline::Text(", ".to_owned()));
            }
            title.push(Inline::Text(points));
        }
        self.stated(name, class, head, number, title, options.label, cursor.rest(), flow);
    }

    #[allow(clippy::too_many_arguments, reason = "each is one part of a statement")]
    pub(super) fn stated(
        &mut self,
        name: &str,
        class: String,
        head: &str,
        number: Option<String>,
        title: Vec<Inline>,
        label: Option<&str>,
        body: &str,
        flow: &mut Flow,
    ) {
        let id = self.anchor("t");
        self.current = Place {
            text: number.clone().unwrap_or_default(),
            id: id.clone(),
            key: name.to_owned().into(),
            kind: inside_a_sentence(head).into(),
            title: self.plain(&title),
        };
        if let Some(label) = label {
            self.label(label.trim().to_owned());
        }
        if let Some(format) = self.head_format(name) {
            let (head, title) = (self.formatted_head(&format, head, number, title), Vec::new());
            let blocks = self.blocks_with_items(body);
            return flow.block(Block::Statement {
                class,
                head,
                title,
                id,
                blocks,
                qed: Vec::new(),
            });
        }
        let blocks = self.blocks_with_items(body);
        // What beamer does not show, its references still print.
        let own = self.state.theorems.get(name).map(|theorem| theorem.prefix.is_none());
        let hidden = self.state.unnumbered_theorems
            && own.unwrap_or_else(|| crate::tables::is_theorem_of_beamer(name));
        let head = match number.filter(|number| !number.is_empty() && !hidden) {
            Some(number) => format!("{head} {number}"),
            None => head.to_owned(),
        };
        let head = vec![Inline::Text(head)];
        flow.block(Block::Statement { class, head, title, id, blocks, qed: Vec::new() });
    }

    /// What `\newtheoremstyle` says of the heads of a theorem.
    fn head_format(&self, name: &str) -> Option<String> {
        self.state.theorem_heads.get(&self.state.theorems.get(name)?.style).cloned()
    }

    /// The head of a theorem as `\newtheoremstyle` sets it: `\thmname`, `\thmnumber` and `\thmnote`
    /// show their argument if there is a name, a number, a title.
    fn formatted_head(
        &mut self,
        format: &str,
        name: &str,
        number: Option<String>,
        title: Vec<Inline>,
    ) -> Vec<Inline> {
        let number = number.unwrap_or_default();
        let given = format.replace("#1", name).replace("#2", &number);
        self.budget.bytes = self.budget.bytes.saturating_sub(given.len());
        if self.budget.is_spent() {
            return Vec::new();
        }
        let mut parts = String::new();
        let (mut out, mut title) = (Vec::new(), Some(title));
        let mut cursor = Cursor::new(&given);
        let mut copied = 0;
        while let Some(token) = cursor.next() {
            let at = match token {
                Token::Command(command) => cursor.offset() - command.len() - 1,
                // The title stands by itself.
                Token::Char('#') => {
                    parts.push_str(&given[copied..cursor.offset() - 1]);
                    cursor.next();
                    copied = cursor.offset();
                    out.extend(self.line(&std::mem::take(&mut parts)));
                    out.extend(title.take().unwrap_or_default());
                    continue;
                }
                _ => continue,
            };
            let shown = match token {
                Token::Command("thmname") => !name.is_empty(),
                Token::Command("thmnumber") => !number.is_empty(),
                Token::Command("thmnote") => title.as_ref().is_some_and(|title| !title.is_empty()),
                _ => continue,
            };
            parts.push_str(&given[copied..at]);
            let inner = cursor.argument().unwrap_or_default();
            copied = cursor.offset();
            if shown {
                match inner.split_once("#3") {
                    Some((before, after)) => {
                        parts.push_str(before);
                        // A line of its own would lose the blank at its end.
                        let apart = parts.ends_with(' ');
                        out.extend(self.line(&std::mem::take(&mut parts)));
                        out.extend(apart.then(|| Inline::Text(" ".to_owned())));
                        out.extend(title.take().unwrap_or_default());
                        parts.push_str(after);
                    }
                    None => parts.push_str(inner),
                }
            }
        }
        parts.push_str(&given[copied..]);
        out.extend(self.line(&parts));
        out
    }

    pub(super) fn proof(&mut self, body: &str, flow: &mut Flow) {
        let mut cursor = Cursor::new(body);
        let head = match cursor.optional() {
            Some(own) => self.line(own),
            None => {
                let name = self.word("proofname", "Démonstration");
                vec![Inline::Text(name)]
            }
        };
        let id = self.anchor("t");
        let blocks = self.blocks_with_items(cursor.rest());
        let mut sign = Flow::default();
        self.qed(&mut sign);
        flow.block(Block::Statement {
            class: "bloc-preuve".to_owned(),
            head,
            title: Vec::new(),
            id,
            blocks,
            qed: sign.finish_line(),
        });
    }

    /// The sign that ends a proof, as the author redefined it.
    pub(super) fn qed(&mut self, flow: &mut Flow) {
        match self.state.macros.get("qedsymbol") {
            Some(meaning) if self.state.macros.can_follow(meaning) => {
                let body = meaning.body.to_string();
                self.budget.bytes = self.budget.bytes.saturating_sub(body.len());
                if !self.budget.is_spent() {
                    self.flow(&body, flow);
                }
            }
            _ => flow.raw("□"),
        }
    }

    /// A title on a line of its own that is no heading of the document.
    pub(super) fn bold_line(&mut self, title: &str, flow: &mut Flow) {
        let inner = self.line(title);
        flow.block(Block::Paragraph(vec![Inline::Styled { tag: "strong", class: None, inner }]));
    }

    /// `\tcbox[options]{…}`: a frame in the line, or with a title a box of its own.
    pub(super) fn tcbox(&mut self, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        cursor.star();
        let options = cursor.optional().unwrap_or_default();
        let title = value_in(options, &["title", "adjusted title"]).unwrap_or_default();
        let inner = cursor.argument().unwrap_or_default();
        if title.trim().is_empty() {
            return self.styled_argument("span", Some("cadre"), inner, flow);
        }
        let mut own = Flow::default();
        self.bold_line(title, &mut own);
        let mut blocks = own.blocks;
        blocks.extend(self.blocks(inner));
        flow.block(Block::Div { class: "encadre", blocks });
    }

    /// The argument of a command that makes a line of its own, within a paragraph too.
    pub(super) fn line_of_its_own(
        &mut self,
        class: &'static str,
        cursor: &mut Cursor<'_>,
        flow: &mut Flow,
    ) {
        let blocks = self.blocks(cursor.argument().unwrap_or_default());
        if blocks.is_empty() {
            return;
        }
        flow.trim_end();
        flow.flush_text();
        // The line is broken already.
        while flow.line.pop_if(|last| *last == Inline::Break).is_some() {}
        flow.block(Block::Div { class, blocks });
    }

    /// framed's `MakeFramed`: what `\FrameCommand` prints stands before its text.
    pub(super) fn framed_by_command(&mut self, body: &str, flow: &mut Flow) {
        let command = self.state.macros.get("FrameCommand");
        let command = command.filter(|meaning| self.state.macros.can_follow(meaning));
        // Its last command takes the text, which stands in a box of its own here.
        let shown = command.map(|meaning| format!("{}{{}}", meaning.body.replace("#1", "")));
        let shown = shown.unwrap_or_default();
        self.budget.bytes = self.budget.bytes.saturating_sub(shown.len());
        let mut blocks = Vec::new();
        if !self.budget.is_spent() {
            let label = self.line(&shown);
            if !self.plain(&label).trim().is_empty() {
                blocks.push(Block::Paragraph(label));
            }
        }
        blocks.extend(self.blocks(body));
        flow.block(Block::Div { class: "encadre", blocks });
    }

    /// A box with an optional title; `false` when the environment is none.
    pub(super) fn titled_box(&mut self, name: &str, body: &str, flow: &mut Flow) -> bool {
        let mut cursor = Cursor::new(body);
        let title = match name.trim_end_matches('*') {
            "tcolorbox" | "mdframed" | "tcbitem" | "tcbitemize" | "tcbraster" => {
                let options = cursor.optional().unwrap_or_default();
                if let Some(code) = value_in(options, &["startcode"]) {
                    // It sets counters before the text.
                    self.line(code);
                }
                if let Some(label) = value_in(options, &["label"]) {
                    self.label(label.trim().to_owned());
                }
                value_in(options, &["title", "frametitle", "adjusted title"])
            }
            // Beamer's blocks, bclogo.
            "block" | "alertblock" | "exampleblock" => {
                cursor.delimited('<', '>');
                let title = cursor.argument();
                cursor.delimited('<', '>');
                title
            }
            "bclogo" => {
                cursor.optional();
                cursor.argument()
            }
            _ => return false,
        };
        let mut blocks = Vec::new();
        if let Some(title) = title.filter(|title| !title.trim().is_empty()) {
            let mut own = Flow::default();
            self.bold_line(title, &mut own);
            blocks = own.blocks;
        }
        blocks.extend(self.blocks(cursor.rest()));
        flow.block(Block::Div { class: "encadre", blocks });
        true
    }
}

/// The value of a key among the options of a box, the last one given, as the packages take it.
pub(super) fn value_in<'o>(options: &'o str, keys: &[&str]) -> Option<&'o str> {
    let options = options.trim();
    let mut found = None;
    for (key, value) in keyval::parse(options) {
        match key {
            _ if keys.contains(&key) => found = Some(value),
            // Options that a macro put between braces.
            _ if key.starts_with('{') => {
                let whole = options.strip_prefix('{').unwrap_or(options);
                let end = whole.rfind('}').unwrap_or(whole.len());
                found = value_in(&whole[..end], keys).or(found);
            }
            _ => {}
        }
    }
    found
}

/// The title that the package exercise prints, with where the exercise is from.
pub(super) fn title_of_exercise(options: &str) -> String {
    let title = value_in(options, &["title"]).unwrap_or_default();
    match value_in(options, &["origin"]).filter(|origin| !origin.trim().is_empty()) {
        Some(origin) if title.is_empty() => origin.to_owned(),
        Some(origin) => format!("{title}, {origin}"),
        None => title.to_owned(),
    }
}

/// `3 points`, in French.
pub(super) fn points_text(points: &str) -> String {
    let plural = points.trim().replace(',', ".").parse::<f32>().is_ok_and(|n| n >= 2.0);
    format!("{} point{}", points.trim(), if plural { "s" } else { "" })
}
