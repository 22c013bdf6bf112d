//! `\printindex`: the entries of the document so far, in French order, each leading to its places.

use super::{Flow, Parser};
use crate::Severity;
use crate::tree::{Block, Inline, Item, ListKind};
use std::collections::BTreeMap;

/// An entry: how it is printed, where it stands, what is below it.
#[derive(Default)]
struct Entry {
    shown: String,
    places: Vec<String>,
    below: BTreeMap<String, Entry>,
}

impl Parser<'_> {
    /// Keeps a place for the index, once in a document: entries may come after it.
    pub(super) fn print_index(&mut self, flow: &mut Flow) {
        if std::mem::replace(&mut self.index_printed, true) {
            return self.report(Severity::Info, "printindex", "cet index est déjà écrit plus haut");
        }
        flow.block(Block::Div { class: INDEX, blocks: Vec::new() });
    }

    /// Writes the index into its place, now that all entries are known.
    pub(super) fn fill_index(&mut self, blocks: &mut [Block]) {
        if !self.index_printed {
            return;
        }
        // Its heading stands beside those of the document, whichever level they have.
        let levels = blocks.iter().filter_map(|block| match block {
            Block::Heading { level, .. } => Some(*level),
            _ => None,
        });
        let level = levels.min().unwrap_or(1);
        let Some(place) = place_of_index(blocks) else { return };
        if self.out.index.is_empty() {
            return;
        }
        let mut root = Entry::default();
        for entry in &self.out.index {
            let mut at = &mut root;
            for part in entry.path.iter().take(3) {
                at = at.below.entry(key(part)).or_default();
                if at.shown.is_empty() {
                    at.shown.clone_from(part);
                }
            }
            at.places.push(entry.id.clone());
        }
        let title = self.word("indexname", "Index");
        let id = self.anchor("s");
        let title = vec![Inline::Text(title)];
        place.push(Block::Heading { level, id, number: None, title, listed: false });
        place.push(list(root.below));
    }
}

/// The class of the index on a page.
const INDEX: &str = "index";

/// The place that was kept for the index.
fn place_of_index(blocks: &mut [Block]) -> Option<&mut Vec<Block>> {
    blocks.iter_mut().find_map(|block| match block {
        Block::Div { class, blocks } => match *class == INDEX {
            true => Some(blocks),
            false => place_of_index(blocks),
        },
        _ => None,
    })
}

fn list(entries: BTreeMap<String, Entry>) -> Block {
    let items = entries.into_values().map(|entry| {
        let mut line = vec![Inline::Text(entry.shown)];
        for (at, place) in entry.places.into_iter().enumerate() {
            line.push(Inline::Text(if at == 0 { "\u{a0}: " } else { ", " }.to_owned()));
            let inner = vec![Inline::Text((at + 1).to_string())];
            line.push(Inline::Link { href: format!("#{place}"), inner });
        }
        let mut blocks = vec![Block::Paragraph(line)];
        if !entry.below.is_empty() {
            blocks.push(list(entry.below));
        }
        Item { blocks, ..Item::default() }
    });
    Block::List { kind: ListKind::Bullets, items: items.collect() }
}

/// What sorts an entry: without case, accents or ligatures, then as it stands.
fn key(entry: &str) -> String {
    let mut out = String::with_capacity(2 * entry.len());
    for c in entry.chars().flat_map(char::to_lowercase) {
        match c {
            'à' | 'â' | 'ä' | 'á' | 'ã' => out.push('a'),
            'ç' => out.push('c'),
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'î' | 'ï' | 'í' => out.push('i'),
            'ô' | 'ö' | 'ó' => out.push('o'),
            'ù' | 'û' | 'ü' | 'ú' => out.push('u'),
            'ÿ' => out.push('y'),
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            c => out.push(c),
        }
    }
    out.push('\u{0}');
    out + entry
}
