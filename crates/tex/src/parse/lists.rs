//! Lists: `enumerate`, `itemize`, `description`, with the options of enumitem and enumerate.

use super::{Flow, Parser, boxes::points_text};
use crate::reader::{Cursor, Token};
use crate::{
    Severity, keyval,
    tree::{Block, Inline, Item, ListKind},
};

const LEVELS: [&str; 4] = ["enumi", "enumii", "enumiii", "enumiv"];

/// The kind of list that an environment is.
pub(super) fn list_kind(name: &str) -> Option<ListKind> {
    Some(match name.trim_end_matches('*') {
        "enumerate" | "enumeration" | "questions" | "parts" | "subparts" | "inparaenum"
        | "asparaenum" | "compactenum" | "tasks" | "enumerate1" | "itemenum" | "subsubparts"
        | "choices" | "oneparchoices" | "subquestions" | "dingautolist" => ListKind::Ordered,
        "itemize" | "compactitem" | "inparaitem" | "list" | "trivlist" | "dinglist"
        | "asparaitem" | "checkboxes" | "oneparcheckboxes" | "todolist" | "reponses"
        | "reponseshoriz" | "choiceshoriz" => ListKind::Bullets,
        "description" | "labeling" | "compactdesc" | "tablenotes" | "asparadesc" | "inparadesc" => {
            ListKind::Terms
        }
        _ => return None,
    })
}

impl Parser<'_> {
    pub(super) fn list(&mut self, name: &str, kind: ListKind, body: &str, flow: &mut Flow) {
        let mut cursor = Cursor::new(body);
        // A list that the author made behaves like the one it is made of.
        let own_list = self.state.lists.get(name).cloned();
        let like = own_list.as_deref().unwrap_or(name);
        let mut first_ding = None;
        match like {
            "dingautolist" => first_ding = cursor.argument().and_then(|n| n.trim().parse().ok()),
            "list" => {
                let label = cursor.argument().unwrap_or_default();
                let declarations = cursor.argument().unwrap_or_default();
                return self.list_of_labels(label, declarations, cursor.rest(), flow);
            }
            "labeling" | "dinglist" => {
                cursor.argument();
            }
            _ => {}
        }
        let own = cursor.optional().unwrap_or_default().to_owned();
        if like == "tasks" {
            cursor.delimited('(', ')');
        }
        let level = self.enumerations.min(3);
        let counter = LEVELS[level];
        let own_settings = settings(&own);
        // A series goes on with the options that it began with.
        let series = own_settings.series.clone().unwrap_or_default();
        let begun = if own_settings.resume_options {
            self.series.get(&(level, series.clone())).map(|(_, options)| options.as_str())
        } else {
            None
        };
        let options =
            format!("{},{}{own}", begun.unwrap_or(""), self.state.options_of_list(name, level + 1));
        let usual = match like {
            "tasks" => Some("\\alph*)"),
            "choices" | "oneparchoices" => Some("\\Alph*."),
            "checkboxes" | "oneparcheckboxes" | "todolist" => Some("□"),
            _ => None,
        };
        let mut settings = settings(&options);
        // With enumitem a short label is a label like any other.
        settings.short &= !self.state.packages.contains("enumitem");
        if let Some(own) = &own_list {
            // Its counters are called after it.
            for text in [&mut settings.label, &mut settings.reference].into_iter().flatten() {
                for (roman, level) in ["iv", "iii", "ii", "i"].iter().zip(LEVELS.iter().rev()) {
                    *text = text.replace(&format!("{{{name}{roman}}}"), &format!("{{{level}}}"));
                    if own == "enumerate" {
                        *text =
                            text.replace(&format!("\\the{name}{roman}"), &format!("\\the{level}"));
                    }
                }
            }
        }
        let mut numbering =
            Numbered { kind, counter, level, label: None, reference: None, first_ding };
        if kind == ListKind::Ordered {
            self.enumerations += 1;
            self.enumerated.truncate(level);
            let before = match settings.start {
                Some(start) => start.saturating_sub(1),
                None if settings.resume => {
                    let key = (level, own_settings.series.clone().unwrap_or_default());
                    self.series.get(&key).map_or(0, |(value, _)| *value)
                }
                None => 0,
            };
            self.state.counters.insert(counter.to_owned(), before);
            numbering.reference = match (&settings.reference, &settings.label) {
                (Some(reference), _) => Some(star_to_counter(reference, counter)),
                (None, Some(_)) if settings.short => None,
                (None, label) => label.as_deref().map(|label| star_to_counter(label, counter)),
            };
            if settings.starred
                && let Some((_, above)) = self.enumerated.last()
                && let Some(label) = &mut settings.label
            {
                label.insert_str(0, above);
                if settings.reference.is_none() {
                    numbering.reference = Some(star_to_counter(label, counter));
                }
            }
        }
        if kind != ListKind::Terms {
            let label = settings.label.as_deref().or(usual);
            numbering.label = label.map(|label| star_to_counter(label, counter));
        }
        let mut items = Vec::new();
        let separators = if own_list.is_some() && like != "tasks" {
            &["item", "question"]
        } else {
            separators(like)
        };
        let separators = self.without_own(separators);
        let (body, in_columns) = self.unwrapped(cursor.rest(), &separators);
        let body = self.unfold(&body, &["\\item", "\\task", "\\question"]);
        let (before, parts) = split_items(&body, &separators);
        if !before.trim().is_empty() {
            // `\setcounter` and lengths between \begin and the first \item, and text by mistake.
            let before = self.blocks(before);
            if !before.is_empty() {
                self.report(
                    Severity::Info,
                    "\\item",
                    "du texte précède le premier \\item de la liste ; il est montré avant elle",
                );
                for block in before {
                    flow.block(block);
                }
            }
        }
        let list = if own_list.is_some() && like != "tasks" { "" } else { like };
        let joins = std::mem::take(&mut settings.joins);
        let last = parts.len().saturating_sub(1);
        for (at, part) in parts.into_iter().enumerate() {
            // What enumitem prints between the items of a list in the line.
            let join = match &joins {
                [_, Some(before_last)] if at + 1 == last => before_last,
                [Some(join), _] if at < last => join,
                _ => "",
            };
            if join.trim().is_empty() {
                items.push(self.item(part, list, &numbering));
            } else {
                let part = format!("{}{join}", part.trim_end());
                items.push(self.item(&part, list, &numbering));
            }
        }
        if kind == ListKind::Ordered {
            let value = self.value(counter);
            self.series.insert((level, String::new()), (value, own.clone()));
            if !series.is_empty() {
                let begun = self.series.remove(&(level, series.clone()));
                let options = begun.map_or(own, |(_, options)| options);
                self.series.insert((level, series), (value, options));
            }
            self.enumerations -= 1;
        }
        if items.is_empty() {
            self.report(Severity::Warning, name, "la liste n'a pas d'\\item");
            return;
        }
        let list = Block::List { kind, items };
        flow.block(match in_columns {
            true => Block::Div { class: "multicolonnes", blocks: vec![list] },
            false => list,
        });
    }

    /// LaTeX's `list`, of which the others are made: its label, and what it declares.
    fn list_of_labels(&mut self, label: &str, declarations: &str, body: &str, flow: &mut Flow) {
        let mut steps: Option<&str> = None;
        let mut cursor = Cursor::new(declarations);
        while let Some(token) = cursor.next() {
            match token {
                Token::Command("usecounter") => {
                    let counter = cursor.argument().unwrap_or_default().trim();
                    self.state.counters.insert(counter.to_owned(), 0);
                    steps = Some(counter);
                }
                Token::Command(name @ ("setcounter" | "addtocounter")) => {
                    self.set_counter(name, &mut cursor);
                }
                _ => {}
            }
        }
        let numbering = Numbered {
            kind: if steps.is_some() { ListKind::Ordered } else { ListKind::Bullets },
            counter: steps.unwrap_or_default(),
            level: self.enumerations.min(3),
            label: Some(label.to_owned()).filter(|label| !label.trim().is_empty()),
            reference: steps.map(|counter| format!("\\the{counter}")),
            first_ding: None,
        };
        let kind = numbering.kind;
        let separators = ["item"];
        let (body, in_columns) = self.unwrapped(body, &separators);
        let body = self.unfold(&body, &["\\item"]);
        let (before, parts) = split_items(&body, &separators);
        for block in self.blocks(before) {
            flow.block(block);
        }
        let mut items: Vec<Item> =
            parts.into_iter().map(|part| self.item(part, "list", &numbering)).collect();
        match items.as_mut_slice() {
            [] => self.report(Severity::Warning, "list", "la liste n'a pas d'\\item"),
            // One item without a label is a part of the text in other margins.
            [one] if one.marker.is_empty() && one.id.is_none() => {
                for block in std::mem::take(&mut one.blocks) {
                    flow.block(block);
                }
            }
            _ => {
                let list = Block::List { kind, items };
                flow.block(match in_columns {
                    true => Block::Div { class: "multicolonnes", blocks: vec![list] },
                    false => list,
                });
            }
        }
    }

    /// The commands that begin an item of a list, but for those by which the author means something
    /// else: a macro that stands for an item is replaced before the items are told apart.
    fn without_own(&self, separators: &[&'static str]) -> Vec<&'static str> {
        let means_something_else = |name: &str| {
            self.state.macros.get(name).is_some_and(|meaning| {
                // `\let\ancien\question\renewcommand{\question}{\ancien…}` still begins an item.
                let refers = |word: &str| {
                    let meaning = self.state.macros.get(word);
                    meaning.is_some_and(|m| m.terminal && m.body.strip_prefix('\\') == Some(name))
                };
                let refers = Cursor::new(&meaning.body)
                    .any(|token| matches!(token, Token::Command(word) if refers(word)));
                self.state.macros.can_follow(meaning) && !meaning.terminal && !refers
            })
        };
        separators
            .iter()
            .copied()
            .filter(|name| *name == "item" || !means_something_else(name))
            .collect()
    }

    /// Blocks of a theorem or proof, which is a list to LaTeX: `\item`s may stand in it directly.
    pub(super) fn blocks_with_items(&mut self, source: &str) -> Vec<Block> {
        if !source.contains("\\item") {
            return self.blocks(source);
        }
        let (text, _) = self.unwrapped(source, &["item"]);
        let (before, parts) = split_items(&text, &["item"]);
        if parts.is_empty() {
            return self.blocks(source);
        }
        let mut blocks = self.blocks(before);
        let items =
            parts.into_iter().map(|part| self.item(part, "", &Numbered::default())).collect();
        blocks.push(Block::List { kind: ListKind::Terms, items });
        blocks
    }

    fn item(&mut self, source: &str, list: &str, numbering: &Numbered<'_>) -> Item {
        let Numbered { kind, counter, level, .. } = *numbering;
        let label = numbering.label.as_deref();
        let mut cursor = Cursor::new(source);
        if list == "tasks" && matches!(cursor.peek(), Some(Token::Char('*' | '!'))) {
            // A task over several columns.
            cursor.next();
            cursor.delimited('(', ')');
        }
        if self.state.packages.contains("beamer") {
            cursor.delimited('<', '>');
        }
        // `\titledquestion{Titre}[5]`, of the class exam.
        let titled = match (list, cursor.peek()) {
            ("questions", Some(Token::Open)) => {
                let mut ahead = cursor.clone();
                let title = ahead.argument().filter(|_| ahead.rest().starts_with('['));
                if title.is_some() {
                    cursor = ahead;
                }
                title
            }
            _ => None,
        };
        let mut own = cursor.optional();
        // In the class exam brackets hold the points of a question, not its label.
        let points = match list {
            "questions" | "parts" | "subparts" | "subsubparts" => own.take(),
            // In automultiplechoice a comment for the correction.
            "reponses" | "reponseshoriz" | "choiceshoriz" => {
                own = None;
                None
            }
            "choices" if self.state.packages.contains("automultiplechoice") => {
                own = None;
                None
            }
            _ => None,
        };
        let mut item = Item::default();
        if let Some(own) = own {
            item.marker = self.line(own);
            if item.marker.is_empty() && kind == ListKind::Ordered {
                // `\item[]` has no number.
                item.marker.push(Inline::Text("\u{a0}".to_owned()));
            }
        } else if kind == ListKind::Ordered {
            *self.state.counters.entry(counter.to_owned()).or_default() += 1;
            let form = match label {
                Some(label) => label.to_owned(),
                None if list == "list" => String::new(),
                None => {
                    let name = format!("label{counter}");
                    match self.state.macros.get(&name) {
                        Some(meaning) if self.state.macros.can_follow(meaning) => {
                            meaning.body.to_string()
                        }
                        _ => match level {
                            1 => "(\\theenumii)".to_owned(),
                            _ => format!("\\the{counter}."),
                        },
                    }
                }
            };
            let ding = numbering.first_ding.and_then(|first: u32| {
                let past = u32::try_from(self.value(counter)).ok()?.checked_sub(1)?;
                crate::text::ding(first.checked_add(past)?)
            });
            item.marker = match ding {
                Some(sign) => vec![Inline::Text(sign.to_string())],
                None => self.line(&form),
            };
            self.current.text = self.number_of_item(numbering);
            self.enumerated.truncate(level);
            let label = self.plain(&item.marker);
            let number = match &numbering.reference {
                Some(_) => self.current.text.clone(),
                None => self.printed(counter),
            };
            self.enumerated.push((number, label));
            self.current.key = "enumi".into();
            self.current.kind = "point".into();
            self.current.title.clear();
        } else if let Some(label) = label {
            item.marker = self.line(label);
        }
        let labels = self.out.labels.len();
        let anchor = self.anchor("q");
        self.current.id.clone_from(&anchor);
        if let Some(points) = points.filter(|points| !points.trim().is_empty()) {
            let text = format!("({})", points_text(&self.evaluate(points)));
            item.blocks.push(Block::Paragraph(vec![Inline::Text(text)]));
        }
        if let Some(title) = titled {
            let mut flow = Flow::default();
            self.bold_line(title, &mut flow);
            item.blocks.extend(flow.blocks);
        }
        item.blocks.extend(self.blocks(cursor.rest()));
        // Most items are never referred to: their anchor is kept only when a label took it.
        if self.out.labels.len() > labels
            && self.out.labels.values().any(|label| label.id == anchor)
        {
            item.id = Some(anchor);
        }
        item
    }

    /// What references to an item print: as enumitem's `ref` or `label` says, else its number behind
    /// those of the items around it, as LaTeX does.
    fn number_of_item(&mut self, numbering: &Numbered<'_>) -> String {
        if let Some(reference) = &numbering.reference {
            return self.evaluate(reference);
        }
        let counter = numbering.counter;
        let prefix = match self.state.macros.get(&format!("p@{counter}")) {
            Some(meaning) => {
                let body = meaning.body.to_string();
                self.evaluate(&body)
            }
            None => {
                let above = |level: usize| {
                    self.enumerated.get(level).map_or("", |(number, _)| number.as_str())
                };
                match numbering.level {
                    0 => String::new(),
                    1 => above(0).to_owned(),
                    2 => format!("{}({})", above(0), above(1)),
                    _ => format!("{}({}){}", above(0), above(1), above(2)),
                }
            }
        };
        let own = match numbering.label.as_deref().and_then(|label| style_of(label, counter)) {
            Some(style) => self.evaluate(&style),
            None => self.printed(counter),
        };
        prefix + &own
    }
}

/// How the items of a list are numbered.
struct Numbered<'c> {
    kind: ListKind,
    counter: &'c str,
    level: usize,
    label: Option<String>,
    /// What references print, where the options of the list say so.
    reference: Option<String>,
    /// pifont's lists count in signs, from this one on.
    first_ding: Option<u32>,
}

impl Default for Numbered<'_> {
    fn default() -> Self {
        Self {
            kind: ListKind::Terms,
            counter: "",
            level: 0,
            label: None,
            reference: None,
            first_ding: None,
        }
    }
}

/// What the options of a list say.
#[derive(Default)]
struct ListSettings {
    label: Option<String>,
    /// The label was given in the short form of the package enumerate.
    short: bool,
    /// `label*`: behind the label of the item around.
    starred: bool,
    reference: Option<String>,
    start: Option<i64>,
    resume: bool,
    /// `resume*`: with the options of the series.
    resume_options: bool,
    series: Option<String>,
    /// `itemjoin` and `itemjoin*`.
    joins: [Option<String>; 2],
}

/// The commands that begin an item of a list.
fn separators(list: &str) -> &'static [&'static str] {
    match list {
        "tasks" => &["task", "item"],
        "choices" | "oneparchoices" | "checkboxes" | "oneparcheckboxes" => {
            &["choice", "CorrectChoice", "correctchoice", "wrongchoice", "item"]
        }
        "reponses" | "reponseshoriz" => &["bonne", "mauvaise", "item"],
        "choiceshoriz" => &["correctchoice", "wrongchoice", "item"],
        "questions" => &["item", "question", "titledquestion", "bonusquestion"],
        "parts" => &["item", "part", "bonuspart"],
        "subparts" => &["item", "subpart"],
        "subsubparts" => &["item", "subsubpart"],
        _ => &["item", "question"],
    }
}

fn settings(options: &str) -> ListSettings {
    let mut out = ListSettings::default();
    for (key, value) in keyval::parse(options) {
        match key {
            "label" | "label*" => {
                out.label = Some(value.to_owned());
                out.starred = key == "label*";
                out.short = false;
                out.reference = None;
            }
            "ref" => out.reference = Some(value.to_owned()),
            "start" => out.start = value.parse().ok(),
            "resume" | "resume*" => {
                out.resume = true;
                out.resume_options = key == "resume*" || !value.is_empty();
                if !value.is_empty() {
                    out.series = Some(value.to_owned());
                }
            }
            "series" => out.series = Some(value.to_owned()),
            "itemjoin" => out.joins[0] = Some(value.to_owned()),
            "itemjoin*" => out.joins[1] = Some(value.to_owned()),
            "font" | "leftmargin" | "itemsep" | "topsep" | "noitemsep" | "nosep" | "align"
            | "wide" | "labelindent" | "parsep" | "itemindent" | "labelwidth" | "labelsep"
            | "before" | "after" | "style" | "listparindent" | "rightmargin" | "partopsep"
            | "widest" | "left" => {}
            // The short form of the package enumerate: `a)`, `(i)`, `1.`.
            _ if value.is_empty() && (out.label.is_none() || out.short) => {
                if let Some(label) = short_label(key) {
                    out.label = Some(label);
                    out.short = true;
                }
            }
            _ => {}
        }
    }
    out
}

/// `a)` as `\alph*)`: the first counter letter outside braces.
fn short_label(text: &str) -> Option<String> {
    let mut cursor = Cursor::new(text);
    let (mut depth, mut in_word) = (0_i32, false);
    let at = loop {
        let place = cursor.offset();
        match cursor.next()? {
            Token::Open => depth += 1,
            Token::Close => depth -= 1,
            Token::Char('1' | 'a' | 'A' | 'i' | 'I') if depth <= 0 => break place,
            Token::Char(c) => {
                in_word = c.is_alphabetic();
                continue;
            }
            _ => {}
        }
        in_word = false;
    };
    let style = match text.as_bytes()[at] {
        b'1' => "arabic",
        b'a' => "alph",
        b'A' => "Alph",
        b'i' => "roman",
        _ => "Roman",
    };
    // A word is no pattern: `[Question]`, `[nosep]`.
    if in_word || text[at + 1..].starts_with(char::is_alphabetic) {
        return None;
    }
    Some(format!("{}\\{style}*{}", &text[..at], &text[at + 1..]))
}

/// enumitem's `\alph*` is `\alph{counter}`.
fn star_to_counter(label: &str, counter: &str) -> String {
    let mut out = label.to_owned();
    for style in ["arabic", "alph", "Alph", "roman", "Roman", "fnsymbol"] {
        out = out.replace(&format!("\\{style}*"), &format!("\\{style}{{{counter}}}"));
    }
    out
}

/// The first counter that a label prints, `\alph{enumi}` of `(\alph{enumi})`.
fn style_of(label: &str, counter: &str) -> Option<String> {
    let end = format!("{{{counter}}}");
    let at = label.find(&end)?;
    let start = label[..at].rfind('\\')?;
    Some(label[start..at + end.len()].to_owned())
}

/// What stands before the first item, and the items, split at the level of this list.
pub(super) fn split_items<'s>(body: &'s str, separators: &[&str]) -> (&'s str, Vec<&'s str>) {
    let mut cursor = Cursor::new(body);
    let (mut depth, mut groups) = (0_i32, 0_i32);
    let mut starts: Vec<(usize, usize)> = Vec::new();
    while let Some(token) = cursor.next_outside_verbatim() {
        match token {
            Token::Open => groups += 1,
            Token::Close => groups -= 1,
            Token::Command("begin") => depth += 1,
            Token::Command("end") => depth -= 1,
            Token::Command(name) if depth <= 0 && groups <= 0 && separators.contains(&name) => {
                starts.push((cursor.offset() - name.len() - 1, cursor.offset()));
            }
            _ => {}
        }
    }
    let Some((first, _)) = starts.first() else { return (body, Vec::new()) };
    let before = &body[..*first];
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([body.len()]);
    (before, starts.iter().zip(ends).map(|((_, start), end)| &body[*start..end]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_lists() {
        for (options, wanted) in [
            ("a)", Some("\\alph*)")),
            ("(i)", Some("(\\roman*)")),
            ("1.", Some("\\arabic*.")),
            ("label=\\alph*), start=3", Some("\\alph*)")),
            ("nosep", None),
            ("leftmargin=*", None),
            ("label={(\\Roman*)}", Some("(\\Roman*)")),
            ("Question", None),
            (r"\itshape i)\upshape", Some(r"\itshape \roman*)\upshape")),
            (r"\bfseries 1.", Some(r"\bfseries \arabic*.")),
        ] {
            assert_eq!(settings(options).label.as_deref(), wanted, "{options}");
        }
        assert_eq!(settings("start=3").start, Some(3));
    }
}
