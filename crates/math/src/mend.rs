//! Mending math-core's tree: no inline styles (a strict page forbids them), plain letters, decimal
//! commas, spaces that every browser keeps.

use crate::tree::{Node, Role};

/// Mends a list of siblings and all below them.
pub fn mend(nodes: &mut Vec<Node>) {
    for node in nodes.iter_mut() {
        mend_node(node);
    }
    decimal_commas(nodes);
}

fn mend_node(node: &mut Node) {
    mend(&mut node.kids);
    if node.tag == "mrow" && node.attrs.is_empty() && node.kids.len() == 2 {
        unwrap_letter(node);
    }
    if node.tag == "mrow" && node.attrs.is_empty() {
        still_fences(&mut node.kids);
    }
    if matches!(node.tag, "msqrt" | "mroot")
        && node
            .kids
            .first()
            .is_some_and(|kid| kid.tag == "mi" && SMALL.contains(&kid.text.as_str()))
        && (node.tag == "mroot" || node.kids.len() == 1)
    {
        node.attrs.push(("class", "mq-low".into()));
    }
    if !node.text.is_ascii() && node.text.contains(['\u{fe00}', '\u{fe01}']) {
        // The selectors choose a style of script that the font shows alike.
        node.text.retain(|c| c != '\u{fe00}' && c != '\u{fe01}');
    }
    if let [_, mark] = node.kids.as_mut_slice() {
        if matches!(node.tag, "mover" | "munder") && mark.text == "\u{332}" {
            // math-core draws lines with a combining character, which few fonts stretch: a border
            // is drawn by every browser.
            let over = node.tag == "mover";
            let base = node.kids.swap_remove(0);
            let class = if over { "mq-over" } else { "mq-under" };
            let role = if over { Role::Over } else { Role::Under };
            *node = Node::with("mrow", vec![base]).attr("class", class).role(role);
        } else if mark.text == "\u{20d7}" {
            // The combining arrow stands beside the letter in Chromium: a small arrow does not.
            mark.text = "→".into();
            mark.attrs.push(("class", "mq-vec".into()));
        }
    }
    let Some(at) = node.attrs.iter().position(|(name, _)| *name == "style") else { return };
    let (_, style) = node.attrs.swap_remove(at);
    if let Some(margin) = style.strip_prefix("margin-left:-") {
        let em: f32 = margin.trim_end_matches("em;").parse().unwrap_or(0.17);
        let mu = (em * 18.0).round().clamp(1.0, 36.0);
        node.attrs.push(("class", format!("mq-n{mu}").into()));
    } else if style.contains("math-shift") {
        node.attrs.push(("class", "mq-compact".into()));
    } else if node.tag == "mpadded" {
        padding(node, &style);
    }
}

/// Letters without ascender, over which the line of a root would lie too low.
const SMALL: [&str; 18] =
    ["a", "c", "e", "m", "n", "o", "r", "s", "u", "v", "w", "x", "z", "α", "ε", "π", "σ", "τ"];

/// Delimiters around one line of plain signs keep their size, as in TeX; browsers that stretch
/// them leave the room of their widest size on both sides.
fn still_fences(kids: &mut [Node]) {
    let [open, inner @ .., close] = kids else { return };
    let fence = |node: &Node| node.tag == "mo" && node.attrs.is_empty() && node.text.len() < 4;
    if !fence(open) || !fence(close) || !inner.iter().all(is_low) {
        return;
    }
    if !FENCES.contains(&open.text.as_str()) || !FENCES.contains(&close.text.as_str()) {
        return;
    }
    for delimiter in [open, close] {
        delimiter.attrs.push(("stretchy", "false".into()));
    }
}

const FENCES: [&str; 17] =
    ["(", ")", "[", "]", "{", "}", "|", "‖", "⌊", "⌋", "⌈", "⌉", "⟨", "⟩", "⟦", "⟧", "/"];

/// Whether a node is no higher than a letter with an index.
fn is_low(node: &Node) -> bool {
    match node.tag {
        "mi" | "mn" | "mtext" | "mspace" => true,
        // Signs that stretch or grow are higher than a letter.
        "mo" => node.text.chars().count() == 1 && !"∑∏∫∬∭∮⋃⋂⨁⨂⋁⋀|(".contains(&*node.text),
        "msub" => node.kids.iter().all(|kid| matches!(kid.tag, "mi" | "mn")),
        "mrow" => node.kids.iter().all(is_low),
        _ => false,
    }
}

/// `<mpadded style="padding-…">` becomes a row with spaces.
fn padding(node: &mut Node, style: &str) {
    node.tag = "mrow";
    let space = |value: &str| Node::new("mspace").attr("width", value.to_owned());
    for rule in style.split(';') {
        let Some((side, value)) = rule.split_once(':') else { continue };
        if value == "0" {
            continue;
        }
        if side == "padding-left" {
            node.kids.insert(0, space(value));
        } else {
            node.kids.push(space(value));
        }
    }
}

/// `<mrow><mspace/><mi>ℱ</mi></mrow>` needs no row: the letter is no ASCII or Greek one that a
/// browser would slant.
fn unwrap_letter(node: &mut Node) {
    let [space, letter] = node.kids.as_mut_slice() else { return };
    let empty_space = space.tag == "mspace" && space.attrs.is_empty();
    if empty_space && letter.tag == "mi" && !letter.text.is_ascii() {
        let single =
            letter.text.chars().filter(|c| !('\u{fe00}'..='\u{fe01}').contains(c)).count() == 1;
        if single {
            *node = std::mem::take(letter);
        }
    }
}

/// `3{,}14` is one number.
fn decimal_commas(nodes: &mut Vec<Node>) {
    let mut i = 1;
    while i + 1 < nodes.len() {
        let comma = nodes[i].is_op(",") && nodes[i].get("rspace") == Some("0");
        if comma && nodes[i - 1].tag == "mn" && nodes[i + 1].tag == "mn" {
            let decimals = nodes.remove(i + 1).text;
            nodes.remove(i);
            let whole = &mut nodes[i - 1].text;
            whole.push(',');
            whole.push_str(&decimals);
        } else {
            i += 1;
        }
    }
    // A scripted last digit: `3{,}14^2` keeps its comma tight, which is enough.
}
