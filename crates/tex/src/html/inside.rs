//! What may stand in a link, in a heading of the table of contents.

use crate::tree::Inline;

pub(super) fn without_links(inline: &Inline) -> Inline {
    match inline {
        Inline::Link { inner, .. } => Inline::Styled {
            tag: "span",
            class: None,
            inner: inner.iter().map(without_links).collect(),
        },
        Inline::Styled { tag, class, inner } => {
            Inline::Styled { tag, class: *class, inner: inner.iter().map(without_links).collect() }
        }
        Inline::Footnote(_) => Inline::Text(String::new()),
        other => other.clone(),
    }
}

/// HTML without its links and anchors: what a table of contents may hold of a heading.
pub(super) fn strip_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('>') else { break };
        let tag = &rest[at..=at + end];
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        if !matches!(name.as_str(), "a" | "span" | "sup" | "img") {
            out.push_str(tag);
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    out
}
