//! A formula said in French, from its MathML tree.

mod patterns;
mod words;

use crate::tree::{Node, Role};
use words::{ACCENTS, BIG, FUNCTIONS, LETTERS, OPERATORS};

/// Says some nodes.
pub fn speak(nodes: &[Node]) -> String {
    let mut voice = Voice::default();
    voice.list(nodes);
    voice.finish()
}

/// Words put one after the other.
#[derive(Default)]
struct Voice {
    out: String,
    /// After a quantifier, `∈` is said as a participle.
    quantified: bool,
}

fn find(table: &[(&'static str, &'static str)], key: &str) -> Option<&'static str> {
    table.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
}

impl Voice {
    fn finish(self) -> String {
        self.out.trim().trim_end_matches([',', ';']).trim_end().to_owned()
    }

    fn say(&mut self, words: &str) {
        let words = words.trim();
        if words.is_empty() {
            return;
        }
        let tight = words.starts_with([',', '.']);
        if !self.out.is_empty() && !self.out.ends_with(' ') && !tight {
            self.out.push(' ');
        }
        // `de` and the like are elided before a vowel only where it is sure: never before letters.
        self.out.push_str(words);
    }

    /// Says a list of siblings.
    fn list(&mut self, nodes: &[Node]) {
        let arrow = nodes.iter().any(|n| n.is_op("→"));
        let mut i = 0;
        while i < nodes.len() {
            let taken = patterns::bracketed(self, nodes, i);
            if taken > 0 {
                i += taken;
                continue;
            }
            let node = &nodes[i];
            match (node.tag, node.text.as_str()) {
                ("mo", ":") if arrow && nodes[i..].iter().any(|n| n.is_op("→")) => self.say("de"),
                ("mo", "→") if nodes[..i].iter().any(|n| n.is_op(":")) => self.say("dans"),
                ("mo", "∀" | "∃") => {
                    self.one(node, None);
                    self.quantified = true;
                }
                ("mo", "∈") if std::mem::take(&mut self.quantified) => self.say("appartenant à"),
                ("mo", "−" | "-") if i == 0 => self.say("moins"),
                _ => self.one(node, nodes.get(i + 1)),
            }
            i += 1;
        }
    }

    fn one(&mut self, node: &Node, next: Option<&Node>) {
        let kids = node.kids.as_slice();
        match (node.tag, kids) {
            ("mi" | "mn", _) => self.name(&node.text, next),
            ("mo", _) => self.operator(&node.text, next),
            ("mtext", _) => {
                self.say(&node.text);
                self.list(kids);
            }
            ("a" | "b" | "i" | "em" | "code" | "u" | "span", _) => self.say(&node.text),
            ("mspace" | "mphantom", _) => {}
            ("mfrac", [top, bottom]) => self.fraction(node, top, bottom),
            ("msqrt", _) => {
                self.say("racine carrée de");
                self.list(kids);
                if !kids.iter().all(is_short) || kids.len() > 1 {
                    self.say("fin racine");
                }
            }
            ("mroot", [inside, degree]) => {
                let degree = speak(std::slice::from_ref(degree));
                match degree.as_str() {
                    "3" => self.say("racine cubique de"),
                    "2" => self.say("racine carrée de"),
                    "n" => self.say("racine n-ième de"),
                    other => self.say(&format!("racine d'indice {other} de")),
                }
                self.closed(inside, "fin racine");
            }
            ("msub" | "munder", [base, below]) => {
                self.scripted(node, base, Some(below), None, next)
            }
            ("msup" | "mover", [base, above]) => self.scripted(node, base, None, Some(above), next),
            ("msubsup" | "munderover", [base, below, above]) => {
                self.scripted(node, base, Some(below), Some(above), next);
            }
            ("mtable", _) => patterns::table(self, node, None),
            ("mrow", _) => match node.role {
                Role::Box => {
                    self.list(kids);
                }
                Role::Over | Role::Under => {
                    self.list(kids);
                    let over = node.role == Role::Over;
                    self.say(if over { "barre" } else { "souligné" });
                }
                Role::Cancel => {
                    self.say("barré");
                    self.list(kids);
                }
                _ => self.list(kids),
            },
            _ => {
                self.say(&node.text);
                self.list(kids);
            }
        }
    }

    /// An identifier or a number.
    fn name(&mut self, text: &str, next: Option<&Node>) {
        if let Some(function) = find(FUNCTIONS, text) {
            self.say(function);
            if text != "mod"
                && next.is_some_and(|n| !matches!(n.tag, "mo" | "mspace") || n.text == "(")
            {
                self.say("de");
            }
            return;
        }
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => match LETTERS.iter().find(|(l, _)| *l == c) {
                Some((_, said)) => self.say(said),
                None => match find(OPERATORS, text) {
                    Some(said) => self.say(said),
                    None => self.say(plain_letter(c).encode_utf8(&mut [0; 4])),
                },
            },
            _ => self.say(text),
        }
    }

    fn operator(&mut self, text: &str, next: Option<&Node>) {
        if let Some(said) = find(BIG, text) {
            self.say(said);
            return self.say("de");
        }
        if let Some(said) = find(OPERATORS, text) {
            return self.say(said);
        }
        if let Some(base) = text.strip_suffix('\u{338}') {
            self.say("non");
            return self.operator(base, next);
        }
        self.name(text, next);
    }

    fn fraction(&mut self, node: &Node, top: &Node, bottom: &Node) {
        if node.get("linethickness") == Some("0") {
            self.list(std::slice::from_ref(top));
            self.say("au-dessus de");
            return self.list(std::slice::from_ref(bottom));
        }
        if is_short(top) && is_short(bottom) {
            self.list(std::slice::from_ref(top));
            self.say("sur");
            self.list(std::slice::from_ref(bottom));
        } else {
            self.say("fraction");
            self.list(std::slice::from_ref(top));
            self.say("sur");
            self.list(std::slice::from_ref(bottom));
            self.say("fin fraction");
        }
    }

    fn scripted(
        &mut self,
        node: &Node,
        base: &Node,
        below: Option<&Node>,
        above: Option<&Node>,
        next: Option<&Node>,
    ) {
        if let Some(big) = find(BIG, &base.text) {
            return self.big(big, below, above);
        }
        let limit = matches!(base.text.as_str(), "lim" | "lim\u{2009}sup" | "lim\u{2009}inf");
        if let (true, Some(below)) = (limit, below) {
            self.operator(&base.text, None);
            self.say("quand");
            self.list(std::slice::from_ref(below));
            return self.say("de");
        }
        if matches!(base.text.as_str(), "max" | "min" | "sup" | "inf")
            && let Some(below) = below
        {
            self.operator(&base.text, None);
            self.say("pour");
            self.quantified = true;
            self.list(std::slice::from_ref(below));
            self.quantified = false;
            return self.say("de");
        }
        if let Some(above) = above
            && matches!(node.tag, "mover" | "munderover")
        {
            return self.over(node, base, above);
        }
        if node.tag == "munder"
            && let Some(below) = below
        {
            return self.under(node, base, below);
        }
        let function = find(FUNCTIONS, &base.text).is_some();
        self.one(base, None);
        if let Some(below) = below.filter(|b| matches!(b.text.as_str(), "+" | "−")) {
            self.operator(&below.text, None);
        } else if let Some(below) = below {
            self.say("indice");
            self.closed(below, "fin indice");
        }
        if let Some(above) = above {
            self.power(above);
        }
        if function && next.is_some_and(|n| !matches!(n.tag, "mo" | "mspace") || n.text == "(") {
            self.say("de");
        }
    }

    fn big(&mut self, name: &str, below: Option<&Node>, above: Option<&Node>) {
        self.say(name);
        let integral = name.starts_with("intégrale");
        match (below, above) {
            (Some(below), Some(above)) if integral => {
                self.say("de");
                self.list(std::slice::from_ref(below));
                self.say("à");
                self.list(std::slice::from_ref(above));
            }
            (Some(below), above) => {
                self.say(if integral { "sur" } else { "pour" });
                self.quantified = !integral;
                // `k = 1` with an upper bound is said « k allant de 1 ».
                let parts = below.kids.as_slice();
                let equal = parts.iter().position(|n| n.is_op("="));
                match (equal, above) {
                    (Some(at), Some(above)) => {
                        self.list(&parts[..at]);
                        self.say("allant de");
                        self.list(&parts[at + 1..]);
                        self.say("à");
                        self.list(std::slice::from_ref(above));
                    }
                    _ => {
                        self.list(std::slice::from_ref(below));
                        if let Some(above) = above {
                            self.say("jusqu'à");
                            self.list(std::slice::from_ref(above));
                        }
                    }
                }
                self.quantified = false;
            }
            (None, Some(above)) => {
                self.say("jusqu'à");
                self.list(std::slice::from_ref(above));
            }
            (None, None) => {}
        }
        self.say("de");
    }

    fn over(&mut self, node: &Node, base: &Node, above: &Node) {
        if node.get("accent") == Some("true") {
            match find(ACCENTS, &above.text) {
                Some("vecteur") => {
                    self.say("vecteur");
                    return self.list(std::slice::from_ref(base));
                }
                Some("chapeau") if base.tag == "mrow" && base.kids.len() == 3 => {
                    self.say("angle");
                    return self.list(std::slice::from_ref(base));
                }
                accent => {
                    self.closed(base, "");
                    return self.say(accent.unwrap_or(""));
                }
            }
        }
        self.list(std::slice::from_ref(base));
        let said = speak(std::slice::from_ref(above));
        if !said.is_empty() {
            self.say("avec");
            self.say(&said);
            self.say("au-dessus");
        }
    }

    fn under(&mut self, node: &Node, base: &Node, below: &Node) {
        self.list(std::slice::from_ref(base));
        if node.get("accentunder") == Some("true") {
            if below.text == "_" || below.text == "‾" || below.text == "\u{332}" {
                self.say("souligné");
            }
            return;
        }
        let said = speak(std::slice::from_ref(below));
        if !said.is_empty() {
            self.say("avec");
            self.say(&said);
            self.say("au-dessous");
        }
    }

    fn power(&mut self, above: &Node) {
        let marks = |n: &Node| n.text.chars().all(|c| "′″‴".contains(c)) && !n.text.is_empty();
        if above.tag == "mo" && marks(above) {
            return self.operator(&above.text, None);
        }
        if above.tag == "mrow" && above.kids.first().is_some_and(|k| k.tag == "mo" && marks(k)) {
            self.operator(&above.kids[0].text, None);
            let rest = &above.kids[1..];
            if let [only] = rest {
                return self.power(only);
            }
            self.say("puissance");
            return self.list(rest);
        }
        if let [open, order, close] = above.kids.as_slice()
            && open.is_op("(")
            && close.is_op(")")
        {
            self.say("dérivée d'ordre");
            return self.list(std::slice::from_ref(order));
        }
        match (above.tag, above.text.as_str()) {
            ("mn", "2") => self.say("au carré"),
            ("mn", "3") => self.say("au cube"),
            (_, "∗" | "*" | "⋆") => self.say("étoile"),
            (_, "∘") => self.say("rond"),
            (_, "⊥") => self.say("orthogonal"),
            (_, "+") => self.say("plus"),
            (_, "−") => self.say("moins"),
            ("mi", "t" | "T") => self.say("transposée"),
            (_, "⊤") => self.say("transposée"),
            _ => {
                self.say("puissance");
                self.closed(above, "fin puissance");
            }
        }
    }

    /// Says a part; its end is said too if the part is long.
    fn closed(&mut self, node: &Node, end: &str) {
        self.list(std::slice::from_ref(node));
        if !is_short(node) {
            self.say(end);
        }
    }
}

/// Whether nobody would ask where the part ends.
fn is_short(node: &Node) -> bool {
    match node.tag {
        "mi" | "mn" | "mtext" => true,
        "mrow" if matches!(node.role, Role::Over | Role::Under) => node.kids.iter().all(is_short),
        "mo" => true,
        "mrow" => {
            let seen: Vec<_> = node.kids.iter().filter(|k| k.tag != "mspace").collect();
            match seen.as_slice() {
                [only] => is_short(only),
                [sign, value] => sign.tag != "mfrac" && is_short(sign) && value.tag == "mn",
                _ => seen.is_empty(),
            }
        }
        "msub" | "msup" => node.kids.iter().all(is_short),
        "mover" => node.get("accent") == Some("true"),
        "msqrt" => node.kids.len() == 1 && is_short(&node.kids[0]),
        _ => false,
    }
}

/// A mathematical letter said as the letter that it shows: 𝐱 is x, 𝔖 is S.
fn plain_letter(c: char) -> char {
    let code = c as u32;
    if (0x1D400..=0x1D6A3).contains(&code) {
        let index = (code - 0x1D400) % 52;
        let base = if index < 26 { b'A' + index as u8 } else { b'a' + (index - 26) as u8 };
        return char::from(base);
    }
    match code {
        0x1D7CE..=0x1D7FF => char::from(b'0' + ((code - 0x1D7CE) % 10) as u8),
        _ => c,
    }
}
