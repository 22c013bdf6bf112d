//! The plain text of a formula, for search and excerpts.

use crate::tree::{Node, Role};

/// Superscripts and subscripts that Unicode has.
const SUPER: &[(char, char)] = &[
    ('0', '⁰'),
    ('1', '¹'),
    ('2', '²'),
    ('3', '³'),
    ('4', '⁴'),
    ('5', '⁵'),
    ('6', '⁶'),
    ('7', '⁷'),
    ('8', '⁸'),
    ('9', '⁹'),
    ('−', '⁻'),
    ('+', '⁺'),
    ('n', 'ⁿ'),
    ('′', '′'),
    ('″', '″'),
    ('‴', '‴'),
];
const SUB: &[(char, char)] = &[
    ('0', '₀'),
    ('1', '₁'),
    ('2', '₂'),
    ('3', '₃'),
    ('4', '₄'),
    ('5', '₅'),
    ('6', '₆'),
    ('7', '₇'),
    ('8', '₈'),
    ('9', '₉'),
];

/// Operators with a space on both sides.
const SPACED: &str = "=≠<>≤≥≼≽⩽⩾∈∉⊂⊃⊆⊇∼≃≈≡→↦⇒⇔⟹⟺⟶⟵←↔∣+−±×÷∪∩∧∨∘⊕⊗∖:";

/// The text of some nodes.
pub fn plain(nodes: &[Node]) -> String {
    let mut out = String::new();
    list(nodes, &mut out);
    let words = out.split_whitespace();
    let mut text = String::with_capacity(out.len());
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

fn list(nodes: &[Node], out: &mut String) {
    for (i, node) in nodes.iter().enumerate() {
        // A sign at the beginning or after an operator takes no spaces.
        if node.tag == "mo" && SPACED.contains(node.text.as_str()) {
            let unary = "+−±".contains(node.text.as_str())
                && (i == 0 || (nodes[i - 1].tag == "mo" && nodes[i - 1].text != ")"));
            if unary {
                out.push_str(&node.text);
            } else {
                out.push(' ');
                out.push_str(&node.text);
                out.push(' ');
            }
        } else {
            // The space behind a name is for what comes next.
            let close = matches!(node.text.as_str(), ")" | "]" | "/" | "," | ";");
            if close && i > 0 && ends_in_name(&nodes[i - 1]) && out.ends_with(' ') {
                out.pop();
            }
            one(node, out);
        }
    }
}

fn ends_in_name(node: &Node) -> bool {
    match node.kids.last() {
        Some(last) => node.tag == "mrow" && ends_in_name(last),
        None => node.tag == "mi" && node.text.chars().nth(1).is_some(),
    }
}

fn one(node: &Node, out: &mut String) {
    let kid = |i: usize| node.kids.get(i);
    let part = |i: usize, out: &mut String| {
        if let Some(kid) = kid(i) {
            grouped(kid, out);
        }
    };
    match node.tag {
        "mn" | "mi" => {
            if node.text.chars().count() > 1 && out.ends_with(|c: char| c.is_alphanumeric()) {
                out.push(' ');
            }
            out.push_str(&node.text);
            if node.text.chars().count() > 1 && node.tag == "mi" {
                out.push(' ');
            }
        }
        "mo" if node.text == "\u{2063}" => {}
        "mo" => {
            let name = node.text.chars().filter(|c| c.is_alphabetic()).count() > 1;
            if name && out.ends_with(|c: char| c.is_alphanumeric()) {
                out.push(' ');
            }
            out.push_str(&node.text);
            if name || matches!(node.text.as_str(), "," | ";") {
                out.push(' ');
            }
        }
        "mspace" => {
            let wide = node.get("width").and_then(|w| w.trim_end_matches("em").parse::<f32>().ok());
            if wide.is_some_and(|w| w > 0.1) {
                out.push(' ');
            }
        }
        "mphantom" => {}
        "mfrac" => {
            part(0, out);
            out.push_str(if node.get("linethickness") == Some("0") { " " } else { "/" });
            part(1, out);
        }
        "msqrt" => {
            out.push('√');
            let inner = Node::with("mrow", node.kids.clone());
            grouped(&inner, out);
        }
        "mroot" => {
            if let Some(degree) = kid(1) {
                script(degree, "", SUPER, out);
            }
            out.push('√');
            part(0, out);
        }
        "msub" | "munder" => {
            kid(0).inspect(|k| one(k, out));
            kid(1).inspect(|k| below(k, out));
        }
        "msup" | "mover" => {
            kid(0).inspect(|k| one(k, out));
            kid(1).inspect(|k| above(k, node, out));
        }
        "msubsup" | "munderover" => {
            kid(0).inspect(|k| one(k, out));
            kid(1).inspect(|k| below(k, out));
            kid(2).inspect(|k| above(k, node, out));
        }
        "mtable" => {
            for (i, row) in node.kids.iter().enumerate() {
                out.push_str(if i == 0 { " " } else { " ; " });
                for (j, cell) in row.kids.iter().enumerate() {
                    if j > 0 {
                        out.push(' ');
                    }
                    list(&cell.kids, out);
                }
            }
            out.push(' ');
        }
        _ => {
            out.push_str(&node.text);
            if node.role == Role::Number {
                out.push(' ');
            }
            list(&node.kids, out);
        }
    }
}

fn below(script_node: &Node, out: &mut String) {
    if script_node.tag == "mo" && "⏟⎵⏝_\u{203e}".contains(script_node.text.as_str()) {
        return;
    }
    script(script_node, "_", SUB, out);
}

fn above(script_node: &Node, whole: &Node, out: &mut String) {
    if whole.get("accent") == Some("true") {
        // An accent: the letter says enough for a search.
        return;
    }
    script(script_node, "^", SUPER, out);
}

fn script(node: &Node, mark: &str, table: &[(char, char)], out: &mut String) {
    let text = plain(std::slice::from_ref(node));
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    while out.ends_with(' ') {
        out.pop();
    }
    let mapped: Option<String> =
        text.chars().map(|c| table.iter().find(|(p, _)| *p == c).map(|(_, s)| *s)).collect();
    match mapped {
        Some(mapped) => out.push_str(&mapped),
        None if text.chars().count() == 1 => {
            out.push_str(mark);
            out.push_str(text);
        }
        None => {
            out.push_str(mark);
            out.push('{');
            out.push_str(text);
            out.push('}');
        }
    }
}

/// The text of a node, in parentheses where it is more than one sign or number.
fn grouped(node: &Node, out: &mut String) {
    let text = plain(std::slice::from_ref(node));
    let simple = text.chars().all(char::is_alphanumeric) || node.tag != "mrow";
    if simple {
        out.push_str(&text);
    } else {
        out.push('(');
        out.push_str(&text);
        out.push(')');
    }
}
