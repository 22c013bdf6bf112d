//! Patterns that are said as one thing: intervals, sets, absolute values, applications, tables.

use super::{Voice, is_short, speak};
use crate::tree::{Node, Role};

/// Letters that are functions when a parenthesis follows.
const FUNCTION_LETTERS: &[&str] = &[
    "f", "g", "h", "F", "G", "H", "P", "Q", "φ", "ϕ", "ψ", "Φ", "Ψ", "Γ", "χ", "u", "v", "ℙ", "𝔼",
    "E", "V", "𝕍", "p", "q", "y", "R", "S", "T", "ρ", "θ", "μ", "ℒ", "ℳ", "exp", "ln", "sin",
    "cos", "tan", "arctan", "log", "det", "dim", "ker", "deg",
];

/// Says what begins at `nodes[at]` if it is a bracketed pattern; gives the number of nodes taken.
pub fn bracketed(voice: &mut Voice, nodes: &[Node], at: usize) -> usize {
    // `\left … \right` makes one row of it all.
    if nodes[at].tag == "mrow" && nodes[at].kids.len() > 1 && nodes[at].attrs.is_empty() {
        let inner = &nodes[at].kids;
        let last = inner.len() - 1;
        if opens_table(voice, inner) {
            return 1;
        }
        if opening(inner, 0) && inner[last].tag == "mo" && said(voice, nodes, at, inner, last) {
            return 1;
        }
        return 0;
    }
    if !opening(nodes, at) {
        return 0;
    }
    match closing(nodes, at) {
        Some(end) if said(voice, nodes, at, &nodes[at..=end], end - at) => end - at + 1,
        _ => 0,
    }
}

fn opening(nodes: &[Node], at: usize) -> bool {
    nodes[at].tag == "mo"
        && matches!(nodes[at].text.as_str(), "(" | "[" | "]" | "{" | "|" | "‖" | "⟦")
}

/// The bracket that answers the one at `at`, scripts on it allowed.
fn closing(nodes: &[Node], at: usize) -> Option<usize> {
    let open = nodes[at].text.as_str();
    let mut depth = 0usize;
    for (i, node) in nodes.iter().enumerate().skip(at + 1).take(400) {
        if node.tag != "mo" {
            continue;
        }
        match (open, node.text.as_str()) {
            ("(", "(") | ("{", "{") | ("⟦", "⟦") => depth += 1,
            ("(", ")") | ("{", "}") | ("⟦", "⟧") => {
                if depth == 0 {
                    return Some(i);
                }
                depth -= 1;
            }
            ("[" | "]", "[" | "]") | ("|", "|") | ("‖", "‖") => return Some(i),
            _ => {}
        }
    }
    None
}

/// Says brackets and what they hold; `false` if there is nothing better than the signs.
fn said(voice: &mut Voice, around: &[Node], at: usize, all: &[Node], last: usize) -> bool {
    let (open, close) = (all[0].text.as_str(), all[last].text.as_str());
    let inner = &all[1..last];
    match (open, close) {
        ("[" | "]", "[" | "]") => interval(voice, open, close, inner),
        ("⟦", "⟧") => {
            let Some(comma) = separator(inner) else { return false };
            voice.say("intervalle d'entiers de");
            voice.list(&inner[..comma]);
            voice.say("à");
            voice.list(&inner[comma + 1..]);
            true
        }
        ("|", "|") => {
            if let [table] = inner
                && table.tag == "mtable"
            {
                self::table(voice, table, Some("déterminant"));
                return true;
            }
            voice.say("valeur absolue de");
            voice.list(inner);
            if inner.len() > 1 {
                voice.say("fin valeur absolue");
            }
            true
        }
        ("‖", "‖") => {
            voice.say("norme de");
            voice.list(inner);
            if inner.len() > 1 {
                voice.say("fin norme");
            }
            true
        }
        ("{", "}") => {
            voice.say("ensemble");
            let bar =
                inner.iter().position(|n| n.tag == "mo" && matches!(n.text.as_str(), "∣" | "|"));
            match bar {
                Some(bar) => {
                    voice.say("des");
                    voice.quantified = true;
                    voice.list(&inner[..bar]);
                    voice.quantified = false;
                    voice.say("tels que");
                    voice.list(&inner[bar + 1..]);
                }
                None => {
                    voice.say("formé de");
                    voice.list(inner);
                }
            }
            voice.say("fin ensemble");
            true
        }
        ("(", ")" | "") => {
            match inner {
                [modulo, ..] if base_text(modulo) == "mod" || modulo.text == "mod" => {
                    voice.list(inner);
                    return true;
                }
                [table] if table.tag == "mtable" => {
                    self::table(voice, table, None);
                    return true;
                }
                [choose] if choose.get("linethickness") == Some("0") && choose.kids.len() == 2 => {
                    voice.list(&choose.kids[1..]);
                    voice.say("parmi");
                    voice.list(&choose.kids[..1]);
                    return true;
                }
                _ => {}
            }
            let before = at.checked_sub(1).and_then(|i| around.get(i));
            let applied = before.is_some_and(is_function);
            if !applied {
                return false;
            }
            if before.is_some_and(|n| !voice_said_de(voice, n)) {
                voice.say("de");
            }
            match inner.iter().position(|n| n.is_op("∣") || n.is_op("|")) {
                // A bar in a probability.
                Some(bar) if before.is_some_and(|n| "PEVℙ𝔼𝕍".contains(base_text(n))) => {
                    voice.list(&inner[..bar]);
                    voice.say("sachant");
                    voice.list(&inner[bar + 1..]);
                }
                _ => voice.list(inner),
            }
            let short = match inner {
                [only] => is_short(only),
                _ => false,
            };
            if !short && !inner.iter().all(is_short) {
                voice.say("fermer la parenthèse");
            } else if !short && inner.iter().any(|n| n.tag == "mo" && n.text != ",") {
                voice.say(",");
            }
            true
        }
        ("{", "") => false,
        _ => match inner {
            [table] if table.tag == "mtable" => {
                self::table(voice, table, None);
                true
            }
            _ => false,
        },
    }
}

/// A brace that opens cases or a system: only what it holds is said.
fn opens_table(voice: &mut Voice, inner: &[Node]) -> bool {
    let [open, table, rest @ ..] = inner else { return false };
    let bare = rest.iter().all(|n| n.tag == "mo" && matches!(n.text.as_str(), "" | "\u{2063}"));
    if !open.is_op("{") || table.tag != "mtable" || !bare {
        return false;
    }
    if table.role == Role::Cases {
        self::table(voice, table, None);
        return true;
    }
    voice.say("système :");
    for row in &table.kids {
        cells(voice, row, "");
        voice.say(";");
    }
    voice.say("fin du système");
    true
}

fn base_text(node: &Node) -> &str {
    match node.kids.first() {
        Some(base) => &base.text,
        None => &node.text,
    }
}

fn voice_said_de(voice: &Voice, _before: &Node) -> bool {
    voice.out.ends_with(" de")
}

fn is_function(node: &Node) -> bool {
    match node.tag {
        "mi" | "mo" => FUNCTION_LETTERS.contains(&node.text.as_str()),
        "msub" | "msup" | "msubsup" => node.kids.first().is_some_and(is_function),
        _ => false,
    }
}

fn interval(voice: &mut Voice, open: &str, close: &str, inner: &[Node]) -> bool {
    if let [table] = inner
        && table.tag == "mtable"
    {
        self::table(voice, table, None);
        return true;
    }
    let Some(comma) = separator(inner) else { return false };
    voice.say(match (open, close) {
        ("[", "]") => "intervalle fermé",
        ("]", "[") => "intervalle ouvert",
        ("[", _) => "intervalle fermé à gauche, ouvert à droite",
        _ => "intervalle ouvert à gauche, fermé à droite",
    });
    voice.list(&inner[..comma]);
    voice.say(",");
    voice.list(&inner[comma + 1..]);
    true
}

/// The only comma or semicolon.
fn separator(inner: &[Node]) -> Option<usize> {
    let mut found = None;
    for (i, node) in inner.iter().enumerate() {
        if node.tag == "mo" && matches!(node.text.as_str(), "," | ";") {
            if found.is_some() {
                return None;
            }
            found = Some(i);
        }
    }
    found
}

/// Says a table: matrix, cases, lines.
pub fn table(voice: &mut Voice, node: &Node, name: Option<&str>) {
    let rows = node.kids.as_slice();
    match node.role {
        Role::Matrix => {
            let columns = rows.iter().map(|r| r.kids.len()).max().unwrap_or(0);
            if columns <= 1 && name.is_none() {
                voice.say("colonne");
            } else {
                let name = name.unwrap_or("matrice");
                voice.say(&format!("{name} {} lignes {} colonnes ;", rows.len(), columns));
            }
            for (i, row) in rows.iter().enumerate() {
                if columns > 1 {
                    voice.say(&format!("ligne {} :", i + 1));
                }
                cells(voice, row, ",");
                voice.say(";");
            }
            voice.say(if columns <= 1 { "fin colonne" } else { "fin" });
        }
        Role::Cases => {
            voice.say("cas :");
            for row in rows {
                cells(voice, row, ",");
                voice.say(";");
            }
            voice.say("fin des cas");
        }
        _ => {
            for (i, row) in rows.iter().enumerate() {
                if i > 0 {
                    voice.say(";");
                }
                cells(voice, row, "");
            }
        }
    }
}

fn cells(voice: &mut Voice, row: &Node, separator: &str) {
    let mut first = true;
    for cell in &row.kids {
        let said = speak(&cell.kids);
        if said.is_empty() {
            continue;
        }
        if !first {
            voice.say(separator);
        }
        if cell.role == Role::Number {
            voice.say(", équation");
        }
        first = false;
        voice.say(said.trim_matches(['(', ')']));
    }
}
