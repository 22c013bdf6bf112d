//! Labels, references, index entries, footnotes, links.

use super::{Flow, Parser};
use crate::reader::{Cursor, Token};
use crate::{
    IndexEntry, Label, Severity,
    tree::{Block, Inline},
};

/// Macros in an address may call one another this deep.
const MAX_ADDRESS_DEPTH: usize = 8;

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
                let target = Label { text: self.current.text.clone(), id: self.current.id.clone() };
                self.out.labels.insert(label, target);
            }
            "ref" | "eqref" | "cref" | "Cref" | "autoref" | "nameref" | "vref" | "ref*" => {
                cursor.star();
                let label = cursor.argument().unwrap_or_default().trim().to_owned();
                flow.inline(Inline::Reference { label, parentheses: name == "eqref" });
            }
            "pageref" => {
                let label = cursor.argument().unwrap_or_default().trim().to_owned();
                flow.inline(Inline::Reference { label, parentheses: false });
            }
            "cite" | "citep" | "citet" => {
                cursor.optional();
                let keys = cursor.argument().unwrap_or_default().to_owned();
                flow.raw("[");
                flow.raw(&keys);
                flow.raw("]");
            }
            "index" | "sindex" => {
                cursor.optional();
                let entry = cursor.argument().unwrap_or_default().to_owned();
                self.index_entry(&entry, flow);
            }
            "footnote" | "footnotetext" => {
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                self.footnote(inner, flow);
            }
            "footnotemark" => {
                cursor.optional();
            }
            "href" | "hyperref" | "hyperlink" => {
                if name == "hyperref"
                    && let Some(label) = cursor.optional()
                {
                    let label = label.trim().to_owned();
                    let inner = cursor.argument().unwrap_or_default();
                    self.flow(inner, flow);
                    flow.raw(" ");
                    flow.inline(Inline::Reference { label, parentheses: true });
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
                cursor.argument();
                let inner = cursor.argument().unwrap_or_default();
                self.flow(inner, flow);
            }
            _ => return false,
        }
        true
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
                        && self.state.macros.get(name).is_some_and(|meaning| !meaning.programmed)
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
        let path: Vec<String> = entry
            .split('|')
            .next()
            .unwrap_or_default()
            .split('!')
            .map(|part| part.rsplit('@').next().unwrap_or_default().to_owned())
            .collect();
        let path: Vec<String> =
            path.iter().map(|part| self.evaluate(part)).filter(|part| !part.is_empty()).collect();
        if path.is_empty() {
            return;
        }
        let id = self.anchor("i");
        flow.inline(Inline::Anchor(id.clone()));
        self.out.index.push(IndexEntry { path, id });
    }
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
