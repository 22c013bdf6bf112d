//! From a formula's TeX to all that a page needs of it.

mod types;

pub use types::{Formula, Label, Numbering, Problem, Style, Target};

use crate::macros::{Budget, Macros};
use crate::normal::Context;
use crate::scan::balanced;
use crate::tree::{self, Node};
use crate::{overlays, speech, text};

/// The longest formula, macros expanded, that is rendered; the caller shows a picture of others.
const MAX_LENGTH: usize = 100_000;

/// MathML is at most this much longer than its TeX, beside [`ROOM`].
const MAX_GROWTH: usize = 50;
/// The MathML that even a short formula may have, as macros can stand for much.
const ROOM: usize = 64 * 1024;

/// Renders one formula. Never panics, and takes time linear in the size of the formula and of
/// what its macros stand for.
pub fn render(tex: &str, style: Style<'_>, macros: &Macros, numbering: &mut Numbering) -> Formula {
    let mut budget = Budget::for_source(tex.len());
    // A formula that is too long is not even looked at.
    let whole = if tex.len() > MAX_LENGTH { "".into() } else { balanced(tex) };
    let expanded = macros.expand(&whole, &mut budget);
    let display = !matches!(style, Style::Inline | Style::Environment("math"));
    let mut ctx = Context::new(tex, display, macros, numbering);
    if tex.len() > MAX_LENGTH || budget.is_spent() || expanded.len() > MAX_LENGTH {
        ctx.fail(tex, "\\newcommand", "formule trop longue une fois ses macros développées");
        let problems = ctx.problems;
        return Formula { problems, ..Formula::default() };
    }
    if matches!(whole, std::borrow::Cow::Owned(_)) {
        ctx.fail(tex, "{", "accolades qui ne vont pas par paires");
    }
    // Places can only be told in what the author wrote, not in what macros made of it.
    let expanded = match expanded {
        std::borrow::Cow::Borrowed(source) => overlays::without(source),
        std::borrow::Cow::Owned(source) => overlays::without(&source).into_owned().into(),
    };
    let nodes = match &expanded {
        std::borrow::Cow::Borrowed(source) => body(&mut ctx, source, style),
        std::borrow::Cow::Owned(source) => body(&mut ctx, source, style),
    };
    let speech = speech::speak(&nodes);
    let text = text::plain(&nodes);
    let faithful = ctx.problems.iter().all(|p| p.harmless);
    let mathml = element(nodes, tex, display, &speech);
    if mathml.len() > ROOM + MAX_GROWTH * tex.len() {
        ctx.fail(tex, "\\newcommand", "formule trop longue une fois développée");
        let problems = ctx.problems;
        return Formula { problems, ..Formula::default() };
    }
    let Context { problems, labels, unresolved, .. } = ctx;
    Formula { mathml, speech, text, problems, labels, unresolved, faithful }
}

fn body(ctx: &mut Context<'_>, source: &str, style: Style<'_>) -> Vec<Node> {
    match style {
        Style::Environment(name) => ctx.display_environment(name, source),
        Style::Display => ctx.display_environment("displaymath", source),
        Style::Inline => {
            let nodes = ctx.fragment(source);
            ctx.line = Default::default();
            nodes
        }
    }
}

/// The `<math>` element, with the speech as its label and the TeX as annotation.
fn element(nodes: Vec<Node>, tex: &str, display: bool, speech: &str) -> String {
    let mut out = String::with_capacity(nodes.len() * 60 + 2 * tex.len() + 200);
    out.push_str("<math");
    if display {
        out.push_str(" display=\"block\"");
    }
    out.push_str(" alttext=\"");
    tree::escape(speech, &mut out);
    out.push_str("\"><semantics>");
    Node::row(nodes).write(&mut out);
    out.push_str("<annotation encoding=\"application/x-tex\">");
    tree::escape(tex, &mut out);
    out.push_str("</annotation></semantics></math>");
    out
}
