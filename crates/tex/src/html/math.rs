//! Formulas in the HTML, and where the MathML of each stands.

use super::{Writer, Written};
use crate::tree::{Inline, MathNode};
use mqd_math::line::Line;
use std::ops::Range;

impl Written {
    /// Where the MathML of this formula stands in the HTML.
    pub(crate) fn formula(&self, node: &MathNode) -> Option<Range<usize>> {
        self.formulas.get(&std::ptr::from_ref(node)).cloned()
    }
}

impl Writer<'_> {
    /// What stands in a line; a formula stays on the line of its punctuation.
    pub(super) fn line(&mut self, inlines: &[Inline]) {
        let mut line = Line::default();
        for (at, inline) in inlines.iter().enumerate() {
            if self.is_full() {
                break;
            }
            let next = inlines.get(at + 1);
            match inline {
                Inline::Text(text) => {
                    let [head, close, rest, open, tail] =
                        line.text(text, matches!(next, Some(Inline::Math(_))));
                    self.text(head);
                    self.push(close);
                    self.text(rest);
                    self.push(open);
                    self.text(tail);
                }
                Inline::Math(_) => {
                    let next = if let Some(Inline::Text(text)) = next { text } else { "" };
                    self.push(line.open(next));
                    self.inline(inline);
                    self.push(line.close());
                }
                _ => self.inline(inline),
            }
        }
        self.push(line.end());
    }

    pub(super) fn math(&mut self, node: &MathNode) {
        match &node.marked {
            Some((hash, src)) => {
                self.push("<span class=\"bloc-compile\"");
                self.attribute("data-bloc", hash);
                self.push(">");
                match src {
                    Some(src) => self.compiled("", &node.formula.speech, Some(src), "code"),
                    // Better than nothing until the picture is there.
                    None => self.mathml(node),
                }
                self.push("</span>");
            }
            None => self.mathml(node),
        }
    }

    fn mathml(&mut self, node: &MathNode) {
        let start = self.out.html.len();
        // One formula may be as long as a page: it would go far over the limit.
        if start + node.formula.mathml.len() > self.limit {
            self.full = true;
            return;
        }
        self.push(&node.formula.mathml);
        let end = self.out.html.len();
        if start < end {
            self.out.formulas.insert(std::ptr::from_ref(node), start..end);
        }
    }
}
