//! math-core at work: normalised TeX in, a mended tree out.

use std::sync::LazyLock;

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use crate::normal::Context;
use crate::tree::{self, Node};

static CORE: LazyLock<LatexToMathML> = LazyLock::new(|| {
    let config = MathCoreConfig { allow_unreliable_rendering: true, ..Default::default() };
    // Without macros there is nothing in a configuration that could be refused.
    LatexToMathML::new(config).unwrap_or_default()
});

/// How many faults of one fragment are put aside before it is given up.
const MAX_REPAIRS: usize = 6;

/// Converts one fragment. Where math-core refuses a part, the part is replaced by a box, the
/// fault is recorded, and the rest is shown.
pub fn convert(
    ctx: &mut Context<'_>,
    source: &str,
    tex: &str,
    holes: &mut [Option<Node>],
) -> Vec<Node> {
    if tex.is_empty() {
        return Vec::new();
    }
    if let Some(node) = trivial(tex, holes) {
        return vec![node];
    }
    let display = if ctx.display { MathDisplay::Block } else { MathDisplay::Inline };
    let mut repaired = None::<String>;
    for _ in 0..=MAX_REPAIRS {
        let tex = repaired.as_deref().unwrap_or(tex);
        // math-core is not ours: should it panic, the formula is given up and not the document.
        let run = std::panic::AssertUnwindSafe(|| CORE.convert_with_local_state(tex, display));
        let Ok(result) = std::panic::catch_unwind(run) else {
            ctx.fail(source, "", "formule que le convertisseur ne sait pas lire");
            break;
        };
        let error = match result {
            Ok(found) => {
                let mut nodes = tree::parse(&found.mathml, holes);
                crate::mend::mend(&mut nodes);
                return nodes;
            }
            Err(error) => error,
        };
        let message = error.error_message();
        let (start, end) = (error.0.start.min(tex.len()), error.0.end.min(tex.len()));
        let bad = tex.get(start..end).unwrap_or("");
        let construct = if bad.trim().is_empty() { message.as_str() } else { bad.trim() };
        ctx.fail(source, construct, format!("« {construct} » : {message}"));
        if start >= end || tex.get(start..end).is_none() {
            break;
        }
        repaired = Some(format!("{}□{}", &tex[..start], &tex[end..]));
    }
    vec![Node::leaf("mtext", "□")]
}

/// The commonest fragments, one letter or one part of our own, need no parser.
fn trivial(tex: &str, holes: &mut [Option<Node>]) -> Option<Node> {
    let mut chars = tex.chars();
    let only = chars.next()?;
    if chars.next().is_some() {
        return None;
    }
    match only {
        'a'..='z' | 'A'..='Z' => Some(Node::leaf("mi", only)),
        '0'..='9' => Some(Node::leaf("mn", only)),
        c if tree::is_hole(c) => holes.first_mut().and_then(Option::take),
        _ => None,
    }
}
