//! Labels, references, index entries, footnotes, links.

use super::{Flow, Parser, lists::split_items};
use crate::reader::{Cursor, Token};
use crate::{
    IndexEntry, Label, Severity,
    options::CAPITALISED,
    references::{Form, capitalised},
    tree::{Block, Inline, Item, ListKind},
};

/// Macros in an address may call one another this deep.
const MAX_ADDRESS_DEPTH: usize = 8;
/// What stands before the names of entries of a bibliography among the labels.
pub(super) const CITED: &str = "cite.";
/// What stands before the names of `\hypertarget`s among the labels.
const TARGET: &str = "cible.";

impl Parser<'_> {
    /// Handles a command of this room; `false` when it is none.
    pub(super) fn reference(
        &mut self,
        name: &str,
        cursor: &mut Cursor<'_>,
        flow: &mut Flow,
    ) -> bool {
        match name {
            "label" => {
                let label = cursor.argument().unwrap_or_default().trim().to_owned();
                if self.current.id.is_empty() {
                    self.current.id = self.anchor("ref");
                    let id = self.current.id.clone();
                    flow.inline(Inline::Anchor(id));
                }
                self.label(label);
            }
            "bibitem" => {
                cursor.optional();
                cursor.argument();
            }
            "cite" | "citep" | "citet" | "parencite" | "textcite" | "autocite" | "footcite"
            | "footfullcite" | "citeauthor" | "citeyear" | "fullcite" => {
                cursor.star();
                let before = cursor.optional().unwrap_or_default();
                let after = cursor.optional();
                let (before, after) = match after {
                    Some(after) => (before, after),
                    None => ("", before),
                };
                let keys = self.file_name(cursor.argument().unwrap_or_default());
                let labels = keys.split(',').map(|key| format!("{CITED}{}", key.trim())).collect();
                flow.raw("[");
                if !before.is_empty() {
                    self.flow(before, flow);
                    flow.raw(" ");
                }
                self.refer(labels, Form::Citation, flow);
                if !after.is_empty() {
                    flow.raw(", ");
                    self.flow(after, flow);
                }
                flow.raw("]");
            }
            "index" | "sindex" => {
                cursor.optional();
                let entry = cursor.argument().unwrap_or_default().to_owned();
                self.index_entry(&entry, flow);
            }
            "footnote" | "footnotetext" => {
                if self.state.packages.contains("beamer") {
                    cursor.delimited('<', '>');
                }
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                self.footnote(inner, flow);
            }
            "footnotemark" => {
                cursor.optional();
            }
            "hyperlink" => {
                let target = cursor.argument().unwrap_or_default().trim();
                let labels = vec![format!("{TARGET}{target}")];
                let inner = cursor.argument().unwrap_or_default();
                let inner = self.line(inner);
                self.refer(labels, Form::Words(inner), flow);
            }
            "qrcode" => {
                cursor.star();
                cursor.optional();
                let address = cursor.raw_argument().unwrap_or_default().to_owned();
                let shown = vec![Inline::Text(address.replace('\\', ""))];
                self.link(&address, shown, flow);
            }
            "href" | "hyperref" => {
                if name == "hyperref"
                    && let Some(label) = cursor.optional()
                {
                    let labels = vec![label.trim().to_owned()];
                    let inner = cursor.argument().unwrap_or_default();
                    let inner = self.line(inner);
                    self.refer(labels, Form::Words(inner), flow);
                    return true;
                }
                if name == "hyperref" {
                    // `\hyperref{address}{category}{name}{text}`
                    let address = cursor.raw_argument().unwrap_or_default().to_owned();
                    let (category, place) = (cursor.argument(), cursor.argument());
                    let place = match (category, place) {
                        (Some(category), Some(place)) => format!("{address}\\#{category}.{place}"),
                        _ => address,
                    };
                    let inner = cursor.argument().unwrap_or_default();
                    let inner = self.line(inner);
                    self.link(&place, inner, flow);
                    return true;
                }
                cursor.optional();
                let address = cursor.raw_argument().unwrap_or_default().to_owned();
                let inner = cursor.argument().unwrap_or_default();
                let inner = self.line(inner);
                self.link(&address, inner, flow);
            }
            "url" | "nolinkurl" => {
                let address = cursor.raw_argument().unwrap_or_default().to_owned();
                let shown = vec![Inline::Text(address.replace('\\', ""))];
                self.link(&address, shown, flow);
            }
            "path" => {
                let path = cursor.raw_argument().unwrap_or_default().to_owned();
                flow.inline(Inline::Code(path));
            }
            "hypertarget" => {
                let target = cursor.argument().unwrap_or_default().trim();
                let id = self.anchor("cible");
                let label = Label { id: id.clone(), ..Label::default() };
                self.out.labels.insert(format!("{TARGET}{target}"), label);
                flow.inline(Inline::Anchor(id));
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            _ => {
                let Some(form) = form(name) else { return false };
                cursor.star();
                cursor.optional();
                let mut labels: Vec<String> = names(cursor.argument().unwrap_or_default());
                if form == Form::Range {
                    labels.extend(names(cursor.argument().unwrap_or_default()));
                }
                let form = match form {
                    Form::Page { english, .. } => {
                        self.report(
                            Severity::Info,
                            name,
                            "les pages n'ont pas de numéro ici ; le renvoi nomme ce qui s'y trouve",
                        );
                        // `\vpageref` and its like print the word themselves.
                        Form::Page { said: name == "pageref" && says_page(&flow.text), english }
                    }
                    form => form,
                };
                self.refer(labels, form, flow);
            }
        }
        true
    }

    /// Gives a name to the place where we are.
    pub(super) fn label(&mut self, name: String) {
        let place = self.current.clone();
        let (kind, kinds) = self.kinds(&place.key, &place.kind);
        let label = Label {
            text: place.text,
            id: place.id,
            kind,
            kinds,
            title: place.title,
            equation: false,
        };
        self.out.labels.insert(name, label);
    }

    /// What the author calls a kind of place, one of them and several.
    pub(super) fn kinds(&mut self, key: &str, usual: &str) -> (String, String) {
        if let Some(names) = self.state.kinds.get(key) {
            return names.clone();
        }
        let own = self.state.macros.get(&format!("{key}autorefname"));
        match own.map(|meaning| meaning.body.to_string()) {
            Some(body) => (self.evaluate(&body), String::new()),
            None if self.state.settings.contains_key(CAPITALISED) => {
                (capitalised(usual), String::new())
            }
            None => (usual.to_owned(), String::new()),
        }
    }

    /// A reference. Whether its labels exist is known at the end of the document.
    pub(super) fn refer(&mut self, labels: Vec<String>, form: Form, flow: &mut Flow) {
        for label in &labels {
            if form != Form::Citation
                && !self.out.labels.contains_key(label)
                && self.waiting.len() < super::MAX_DIAGNOSTICS
            {
                let name = label.strip_prefix(TARGET).unwrap_or(label);
                let message = format!("le renvoi « {name} » ne mène nulle part dans ce document");
                let said = self.diagnostic(Severity::Info, "ref", message);
                self.waiting.push((label.clone(), said));
            }
        }
        flow.inline(Inline::Reference { labels, form });
    }

    pub(super) fn footnote(&mut self, source: &str, flow: &mut Flow) {
        let number = self.out.footnotes.len() + 1;
        // Its place is taken first, so that a note inside the note comes after it.
        self.out.footnotes.push(Vec::new());
        let blocks: Vec<Block> = self.blocks(source);
        self.out.footnotes[number - 1] = blocks;
        flow.inline(Inline::Footnote(number));
    }

    fn link(&mut self, address: &str, inner: Vec<Inline>, flow: &mut Flow) {
        // Macros in an address are the author's base addresses.
        let address =
            if address.contains('\\') { self.address(address, 0) } else { address.to_owned() };
        let address: String =
            address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
        let address = with_two_slashes(address);
        if is_safe(&address) {
            flow.inline(Inline::Link { href: address, inner });
        } else {
            self.report(Severity::Warning, "href", "cette adresse n'est ni http, ni https, ni mailto ; seul le texte du lien est montré");
            flow.flush_text();
            flow.line.extend(inner);
        }
    }

    /// An address with its macros replaced; its signs stand for themselves, escaped or not.
    fn address(&mut self, source: &str, depth: usize) -> String {
        let mut out = String::new();
        let mut cursor = Cursor::new(source);
        loop {
            let at = cursor.offset();
            match cursor.next() {
                None => return out,
                Some(Token::Command(name)) => {
                    if depth < MAX_ADDRESS_DEPTH
                        && self
                            .state
                            .macros
                            .get(name)
                            .is_some_and(|meaning| self.state.macros.can_follow(meaning))
                        && let Some(found) =
                            self.state.macros.expand_at(&source[at..], &mut self.budget)
                    {
                        out.push_str(&self.address(&found.text, depth + 1));
                        cursor = Cursor::at(source, at + found.consumed);
                    } else if name.chars().all(|c| c.is_ascii_punctuation()) {
                        out.push_str(name);
                    } else if !matches!(name, "string" | "detokenize" | "relax") {
                        self.report(
                            Severity::Warning,
                            name,
                            "cette commande n'a pas de sens dans une adresse ; elle y est passée",
                        );
                    }
                }
                Some(Token::Open | Token::Close | Token::Space | Token::Paragraph) => {}
                Some(Token::Char(_)) => out.push_str(&source[at..cursor.offset()]),
            }
        }
    }

    fn index_entry(&mut self, entry: &str, flow: &mut Flow) {
        // `a!b@c|see{d}`: sub-entries, sort keys, formats.
        let path = parts_of_entry(entry);
        let path: Vec<String> =
            path.iter().map(|part| self.evaluate(part)).filter(|part| !part.is_empty()).collect();
        if path.is_empty() {
            return;
        }
        let id = self.anchor("i");
        flow.inline(Inline::Anchor(id.clone()));
        self.out.index.push(IndexEntry { path, id });
    }

    /// `thebibliography`.
    pub(super) fn bibliography(&mut self, body: &str, flow: &mut Flow) {
        let mut cursor = Cursor::new(body);
        cursor.argument();
        let (_, parts) = split_items(cursor.rest(), &["bibitem"]);
        let mut number = 0;
        let mut items = Vec::new();
        for part in parts {
            let mut cursor = Cursor::new(part);
            let text = match cursor.optional() {
                Some(own) => self.evaluate(own),
                None => {
                    number += 1;
                    number.to_string()
                }
            };
            let key = cursor.argument().unwrap_or_default().trim();
            let id = self.anchor("bib");
            let label = Label { text: text.clone(), id: id.clone(), ..Label::default() };
            self.out.labels.insert(format!("{CITED}{key}"), label);
            let marker = vec![Inline::Text(format!("[{text}]"))];
            items.push(Item { marker, id: Some(id), blocks: self.blocks(cursor.rest()) });
        }
        flow.block(Block::List { kind: ListKind::Terms, items });
    }
}

/// The main entry and the sub-entries of an index entry, as they are printed, read as makeindex does:
/// a double quote takes their meaning from the signs behind it.
fn parts_of_entry(entry: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = entry.chars();
    while let Some(c) = chars.next() {
        let Some(part) = parts.last_mut() else { break };
        match c {
            '"' => part.extend(chars.next()),
            // `\"o` is an accent.
            '\\' => {
                part.push(c);
                if chars.as_str().starts_with('"') {
                    part.extend(chars.next());
                }
            }
            '|' => break,
            '!' => parts.push(String::new()),
            // What stands before it only sorts.
            '@' => part.clear(),
            c => part.push(c),
        }
    }
    parts
}

/// How a command refers.
fn form(command: &str) -> Option<Form> {
    Some(match command {
        "ref" | "vref" | "labelcref" | "subref" | "thref*" | "fullref" => Form::Number,
        "eqref" | "labelcref*" => Form::Parentheses,
        "cref" | "thref" | "vrefs" => Form::Named { capital: false, parentheses: true },
        "Cref" | "Vref" => Form::Named { capital: true, parentheses: true },
        "autoref" => Form::Named { capital: false, parentheses: false },
        "Autoref" => Form::Named { capital: true, parentheses: false },
        "namecref" | "lcnamecref" => Form::Kind { capital: false },
        "nameCref" => Form::Kind { capital: true },
        "crefrange" | "Crefrange" => Form::Range,
        "nameref" | "Nameref" | "titleref" => Form::Title,
        "pageref" | "cpageref" | "vpageref" | "autopageref" => {
            Form::Page { said: false, english: false }
        }
        _ => return None,
    })
}

/// Whether a text ends with the word for a page.
fn says_page(text: &str) -> bool {
    let text = text.trim_end();
    let start = text
        .rfind(|c: char| !(c.is_alphabetic() || c == '.'))
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    matches!(&text[start..], "page" | "pages" | "Page" | "Pages" | "p." | "pp." | "P." | "p")
}

/// The labels of a list.
fn names(list: &str) -> Vec<String> {
    list.split(',').map(|name| name.trim().to_owned()).collect()
}

/// Mends `http:/host`, which browsers and PDF readers mend too.
fn with_two_slashes(address: String) -> String {
    for scheme in ["http:/", "https:/"] {
        if let Some(rest) = address.strip_prefix(scheme)
            && !rest.starts_with('/')
        {
            return format!("{scheme}/{rest}");
        }
    }
    address
}

/// Addresses that a page may link to: the web, mail, or a place on the same site.
pub(crate) fn is_safe(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("mailto:")
    {
        return true;
    }
    // Relative: no scheme, and not `//host`.
    let before_slash = lower.split(['/', '?', '#']).next().unwrap_or_default();
    !before_slash.contains(':')
        && !lower.starts_with("//")
        && !lower.starts_with('\\')
        && !lower.is_empty()
}
