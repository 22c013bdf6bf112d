//! Colours and boxes: what their commands name.

use std::borrow::Cow;

use super::table::Face;
use super::{Context, number};
use crate::colour;
use crate::scan::Cursor;
use crate::tree::{Node, Role};

impl Context<'_> {
    /// `[model]{colour}`: the value of an attribute for text; `None` when the colour is not known.
    pub(super) fn ink(&mut self, part: &str, c: &mut Cursor<'_>) -> Option<Cow<'static, str>> {
        let (model, name) = (c.opt(), c.arg().unwrap_or(""));
        let found = colour::ink(self.macros, model, name);
        if found.is_none() {
            self.unknown(part, name);
        }
        found
    }

    /// The same for what stands behind text, and the value for the text.
    pub(super) fn paper(
        &mut self,
        part: &str,
        c: &mut Cursor<'_>,
    ) -> Option<(Cow<'static, str>, &'static str)> {
        let (model, name) = (c.opt(), c.arg().unwrap_or(""));
        let found = colour::paper(self.macros, model, name);
        if found.is_none() {
            self.unknown(part, name);
        }
        found
    }

    /// After `\boxed`, `\fbox` and their like: the box. All but those of mathematics hold text.
    pub(super) fn boxed(&mut self, name: &str, part: &str, c: &mut Cursor<'_>) -> Node {
        let mut frame = Node::new("mrow").attr("class", "mq-box").role(Role::Box);
        match name {
            "colorbox" => {
                frame = Node::new("mrow");
                if let Some((paper, ink)) = self.paper(part, c) {
                    frame = frame.attr("mathbackground", paper).attr("mathcolor", ink);
                }
            }
            // The colour of the frame, then that of the paper, which is white in most documents.
            "fcolorbox" => {
                let _ = (c.opt(), c.arg());
                let white = c.clone().arg().is_some_and(|name| name.trim() == "white");
                match self.paper(part, c) {
                    Some((paper, ink)) if !white => {
                        frame = frame.attr("mathbackground", paper).attr("mathcolor", ink);
                    }
                    _ => {}
                }
            }
            _ => while c.opt().is_some() {},
        }
        let Some(inner) = c.arg() else {
            self.fail(part, part.trim(), "argument absent");
            return frame;
        };
        let content = if matches!(name, "boxed" | "tcboxmath" | "tcbhighmath") {
            Node::with("mrow", self.fragment(inner))
        } else {
            self.prose(inner, Face::Plain)
        };
        let content = if self.display && name == "boxed" {
            content.attr("displaystyle", "true")
        } else {
            content
        };
        frame.kids.push(content);
        frame
    }

    /// After `\rule`: its line; `None` for a strut, which shows nothing.
    pub(super) fn rule(&mut self, part: &str, c: &mut Cursor<'_>) -> Option<Node> {
        let raised = c.opt().and_then(number::em).unwrap_or(0.0);
        let (width, height) = (number::em(c.arg()?), number::em(c.arg()?));
        if width.is_none() || height.is_none() {
            self.note(part, part.trim(), "filet de dimensions inconnues, non montré");
        }
        let (width, height) = (width?.min(40.0), height?.min(20.0));
        if width < 0.02 || height < 0.02 {
            return None;
        }
        let em = |length: f32| format!("{}em", (length * 100.0).round() / 100.0);
        let line = Node::new("mspace").attr("width", em(width));
        let line = line.attr("height", em((height + raised).max(0.0)));
        let line = line.attr("depth", em((-raised).clamp(0.0, height) + 0.0));
        Some(line.attr("mathbackground", "currentcolor"))
    }

    fn unknown(&mut self, part: &str, name: &str) {
        self.note(part, part.trim(), format!("couleur « {name} » inconnue, ignorée"));
    }
}
