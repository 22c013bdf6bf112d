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
        | "choices" | "oneparchoices" | "subquestions" => ListKind::Ordered,
        "itemize" | "compactitem" | "inparaitem" | "list" | "trivlist" | "dinglist"
        | "asparaitem" | "checkboxes" | "oneparcheckboxes" | "todolist" | "reponses"
        | "reponseshoriz" => ListKind::Bullets,
        "description" | "labeling" | "compactdesc" => ListKind::Terms,
        _ => return None,
    })
}

impl Parser<'_> {
    pub(super) fn list(&mut self, name: &str, kind: ListKind, body: &str, flow: &mut Flow) {
        let mut cursor = Cursor::new(body);
        match name {
            "list" => {
                cursor.argument();
                cursor.argument();
            }
            "labeling" | "dinglist" => {
                cursor.argument();
            }
            _ => {}
        }
        let own = cursor.optional().unwrap_or_default().to_owned();
        if name == "tasks" {
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
        let mut label = match name {
            "tasks" => Some("\\alph*)".to_owned()),
            "choices" | "oneparchoices" => Some("\\Alph*.".to_owned()),
            "checkboxes" | "oneparcheckboxes" | "todolist" => Some("□".to_owned()),
            _ => None,
        };
        if kind == ListKind::Ordered {
            self.enumerations += 1;
            let settings = settings(&options);
            let before = match settings.start {
                Some(start) => start.saturating_sub(1),
                None if settings.resume => {
                    let key = (level, own_settings.series.clone().unwrap_or_default());
                    self.series.get(&key).map_or(0, |(value, _)| *value)
                }
                None => 0,
            };
            self.state.counters.insert(counter.to_owned(), before);
            label = settings.label.or(label).map(|label| star_to_counter(&label, counter));
        } else if kind == ListKind::Bullets {
            label =
                settings(&options).label.or(label).map(|label| star_to_counter(&label, counter));
        }
        let mut items = Vec::new();
        let separators = separators(name);
        let body = self.unfold(cursor.rest(), &["\\item", "\\task", "\\question"]);
        let (before, parts) = split_items(&body, separators);
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
        for part in parts {
            items.push(self.item(part, name, kind, counter, level, label.as_deref()));
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
        flow.block(Block::List { kind, items });
    }

    /// Blocks of a theorem or proof, which is a list to LaTeX: `\item`s may stand in it directly.
    pub(super) fn blocks_with_items(&mut self, source: &str) -> Vec<Block> {
        if !source.contains("\\item") {
            return self.blocks(source);
        }
        let (before, parts) = split_items(source, &["item"]);
        if parts.is_empty() {
            return self.blocks(source);
        }
        let mut blocks = self.blocks(before);
        let items = parts
            .into_iter()
            .map(|part| self.item(part, "", ListKind::Terms, "", 0, None))
            .collect();
        blocks.push(Block::List { kind: ListKind::Terms, items });
        blocks
    }

    fn item(
        &mut self,
        source: &str,
        list: &str,
        kind: ListKind,
        counter: &str,
        level: usize,
        label: Option<&str>,
    ) -> Item {
        let mut cursor = Cursor::new(source);
        if list == "tasks" && matches!(cursor.peek(), Some(Token::Char('*' | '!'))) {
            // A task over several columns.
            cursor.next();
            cursor.delimited('(', ')');
        }
        let mut own = cursor.optional();
        // In the class exam brackets hold the points of a question, not its label.
        let points = match list {
            "questions" | "parts" | "subparts" | "subsubparts" => own.take(),
            _ => None,
        };
        let mut item = Item::default();
        if let Some(own) = own {
            item.marker = self.line(own);
        } else if kind == ListKind::Ordered {
            *self.state.counters.entry(counter.to_owned()).or_default() += 1;
            let form = match label {
                Some(label) => label.to_owned(),
                None => {
                    let name = format!("label{counter}");
                    match self.state.macros.get(&name) {
                        Some(meaning) if !meaning.programmed => meaning.body.to_string(),
                        _ => match level {
                            1 => "(\\theenumii)".to_owned(),
                            _ => format!("\\the{counter}."),
                        },
                    }
                }
            };
            item.marker = self.line(&form);
            self.current.text = self.printed(counter);
        } else if let Some(label) = label {
            item.marker = self.line(label);
        }
        let before = std::mem::take(&mut self.current.id);
        let labels = self.out.labels.len();
        let anchor = self.anchor("q");
        self.current.id.clone_from(&anchor);
        if let Some(points) = points.filter(|points| !points.trim().is_empty()) {
            let text = format!("({})", points_text(&self.evaluate(points)));
            item.blocks.push(Block::Paragraph(vec![Inline::Text(text)]));
        }
        item.blocks.extend(self.blocks(cursor.rest()));
        // Most items are never referred to: their anchor is kept only when a label took it.
        if self.out.labels.len() > labels
            && self.out.labels.values().any(|label| label.id == anchor)
        {
            item.id = Some(anchor);
        }
        self.current.id = before;
        item
    }

    /// `thebibliography`.
    pub(super) fn bibliography(&mut self, body: &str, flow: &mut Flow) {
        let mut cursor = Cursor::new(body);
        cursor.argument();
        let (_, parts) = split_items(cursor.rest(), &["bibitem"]);
        let items = parts
            .into_iter()
            .map(|part| {
                let mut cursor = Cursor::new(part);
                let shown = cursor.optional().map(str::to_owned);
                let key = cursor.argument().unwrap_or_default().to_owned();
                let marker = vec![Inline::Text(format!("[{}]", shown.unwrap_or(key)))];
                Item { marker, id: None, blocks: self.blocks(cursor.rest()) }
            })
            .collect();
        flow.block(Block::List { kind: ListKind::Terms, items });
    }
}

/// What the options of a list say.
#[derive(Default)]
struct ListSettings {
    label: Option<String>,
    start: Option<i64>,
    resume: bool,
    /// `resume*`: with the options of the series.
    resume_options: bool,
    series: Option<String>,
}

/// The commands that begin an item of a list.
fn separators(list: &str) -> &'static [&'static str] {
    match list {
        "tasks" => &["task", "item"],
        "choices" | "oneparchoices" | "checkboxes" | "oneparcheckboxes" => {
            &["choice", "CorrectChoice", "correctchoice", "item"]
        }
        "reponses" | "reponseshoriz" => &["bonne", "mauvaise", "item"],
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
            "label" | "label*" => out.label = Some(value.to_owned()),
            "start" => out.start = value.parse().ok(),
            "resume" | "resume*" => {
                out.resume = true;
                out.resume_options = key == "resume*" || !value.is_empty();
                if !value.is_empty() {
                    out.series = Some(value.to_owned());
                }
            }
            "series" => out.series = Some(value.to_owned()),
            "font" | "leftmargin" | "itemsep" | "topsep" | "noitemsep" | "nosep" | "align"
            | "wide" | "labelindent" | "parsep" | "itemindent" | "labelwidth" | "labelsep"
            | "ref" | "before" | "after" | "itemjoin" | "style" | "listparindent"
            | "rightmargin" | "partopsep" | "widest" | "left" => {}
            // The short form of the package enumerate: `a)`, `(i)`, `1.`.
            _ if value.is_empty() && out.label.is_none() => out.label = short_label(key),
            _ => {}
        }
    }
    out
}

/// `a)` as `\alph*)`: the first counter letter outside braces.
fn short_label(text: &str) -> Option<String> {
    let at = text.find(['1', 'a', 'A', 'i', 'I'])?;
    let style = match text.as_bytes()[at] {
        b'1' => "arabic",
        b'a' => "alph",
        b'A' => "Alph",
        b'i' => "roman",
        _ => "Roman",
    };
    // A word is no pattern: `[Question]`, `[nosep]`.
    let around_is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    if around_is_letter(text[..at].chars().next_back())
        || around_is_letter(text[at + 1..].chars().next())
    {
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

/// What stands before the first item, and the items, split at the level of this list.
fn split_items<'s>(body: &'s str, separators: &[&str]) -> (&'s str, Vec<&'s str>) {
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
        ] {
            assert_eq!(settings(options).label.as_deref(), wanted, "{options}");
        }
        assert_eq!(settings("start=3").start, Some(3));
    }
}
