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
        let message = french(&error.error_message());
        let (start, end) = (error.0.start.min(tex.len()), error.0.end.min(tex.len()));
        let bad = tex.get(start..end).unwrap_or("");
        match bad.trim() {
            "" => ctx.fail(source, &message, message.as_str()),
            construct => ctx.fail(source, construct, format!("« {construct} » : {message}")),
        }
        if start >= end || tex.get(start..end).is_none() {
            break;
        }
        repaired = Some(format!("{}□{}", &tex[..start], &tex[end..]));
    }
    vec![Node::leaf("mtext", "□")]
}

/// What math-core says of a fault, in French.
fn french(message: &str) -> String {
    // What it names, between quotation marks or not, which the sentence is about.
    let quoted = || message.split('"').nth(1).unwrap_or_default();
    let found = FRENCH.iter().find(|(start, _)| message.starts_with(start));
    match found {
        Some((_, said)) => said.replace('@', quoted()),
        None => "cette notation n'est pas comprise".to_owned(),
    }
}

/// How the messages of math-core begin, and what is said instead.
const FRENCH: &[(&str, &str)] = &[
    ("Unknown command", "commande inconnue"),
    ("Unknown environment", "environnement inconnu"),
    ("Unknown color", "couleur inconnue : @"),
    ("Not valid in math mode", "cela ne s'écrit pas dans une formule"),
    ("Not valid in text mode", "cela ne s'écrit pas dans du texte"),
    ("Duplicate subscript", "deux exposants ou deux indices de suite"),
    ("'^' or '_' directly followed", "deux exposants ou deux indices de suite"),
    ("Expected argument", "il manque un argument"),
    ("Expected closing token", "il manque « @ » à la fin"),
    ("Unmatched closing token", "« @ » ferme ce qui n'est pas ouvert"),
    ("There must be a parenthesis", "il manque un délimiteur après « @ »"),
    ("Expected one of `\\displaystyle`", "un style comme \\displaystyle est attendu"),
    ("Disallowed character in text group", "un caractère ne s'écrit pas dans ce texte"),
    ("Expected \"\\end", "cet environnement n'est pas celui qui est ouvert"),
    ("Found \"", "« @ » ne s'écrit pas ici"),
    ("Expected a relation", "une relation est attendue après \\not"),
    ("Expected a large operator", "un grand opérateur est attendu"),
    ("Expected at most one token", "un seul signe est attendu comme argument"),
    ("Expected exactly one token", "un seul signe est attendu comme argument"),
    ("Switch-like commands", "cette commande ne peut être un argument"),
    ("Expected non-special ASCII", "des lettres sans accent sont attendues"),
    ("Expected length", "une longueur est attendue"),
    ("Text unit", "cette unité de longueur ne convient pas ici"),
    ("Math unit", "cette unité de longueur ne convient pas ici"),
    ("Found invalid unit", "unité de longueur inconnue"),
    ("Expected column specification", "la description des colonnes n'est pas comprise"),
    ("Could not extract text", "ce texte n'est pas compris"),
    ("Found more than one label", "cette ligne porte plusieurs étiquettes"),
    ("Found more than one infix", "plusieurs fractions comme \\over dans un groupe"),
    ("Invalid parameter number", "un signe # n'a pas de sens ici"),
    ("Macro parameter found", "un signe # n'a pas de sens ici"),
    ("Expected parameter number", "un signe # n'a pas de sens ici"),
    ("Hard limit exceeded", "formule trop longue"),
];

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_french() {
        for (tex, said) in [
            (r"\nimporte", "commande inconnue"),
            ("x^2^3", "deux exposants ou deux indices de suite"),
            (r"\frac{1}", "il manque un argument"),
            (r"\textdegree", "cela ne s'écrit pas dans une formule"),
            (r"\not", "il manque un argument"),
            ("a&b", "« & » ne s'écrit pas ici"),
            ("{a", "il manque « } » à la fin"),
        ] {
            let found = CORE.convert_with_local_state(tex, MathDisplay::Inline);
            let message = found.err().map(|error| french(&error.error_message()));
            assert_eq!(message.as_deref(), Some(said), "{tex}");
        }
    }
}
