//! The MathML tree: read from math-core's output, mended, written with an allow-list.
//!
//! Whatever a formula holds, only elements and attributes named here can come out.

use std::borrow::Cow;

/// The elements that a tree may hold. The first is what an unknown one becomes.
const TAGS: &[&str] = &[
    "mrow",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "msub",
    "msup",
    "msubsup",
    "mover",
    "munder",
    "munderover",
    "msqrt",
    "mroot",
    "mfrac",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
    "mmultiscripts",
    "mprescripts",
    "menclose",
    "math",
    "a",
    "b",
    "i",
    "em",
    "code",
    "span",
    "s",
    "u",
];

/// The attributes that a tree may hold.
const ATTRS: &[&str] = &[
    "accent",
    "accentunder",
    "class",
    "columnspan",
    "depth",
    "display",
    "displaystyle",
    "form",
    "height",
    "href",
    "id",
    "largeop",
    "linethickness",
    "lspace",
    "mathbackground",
    "mathcolor",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "notation",
    "rowspan",
    "rspace",
    "scriptlevel",
    "separator",
    "stretchy",
    "style",
    "symmetric",
    "voffset",
    "width",
];

/// What a node stands for, where the MathML alone does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Nothing special.
    #[default]
    Plain,
    /// A matrix (not a layout table).
    Matrix,
    /// Cases: value, condition.
    Cases,
    /// Aligned lines.
    Lines,
    /// Stacked lines under an operator.
    Stack,
    /// An equation's number.
    Number,
    /// A framed part.
    Box,
    /// Struck out.
    Cancel,
    /// A line above.
    Over,
    /// A line below.
    Under,
    /// Text in words.
    Words,
}

/// An element with its attributes, and its text or its children.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    /// The element's name.
    pub tag: &'static str,
    /// Its attributes.
    pub attrs: Vec<(&'static str, Cow<'static, str>)>,
    /// Its text, unescaped; only where there are no children.
    pub text: String,
    /// Its children.
    pub kids: Vec<Node>,
    /// What it stands for.
    pub role: Role,
}

impl Node {
    /// An element without content.
    pub fn new(tag: &'static str) -> Self {
        Node { tag, ..Node::default() }
    }

    /// An element with text.
    pub fn leaf(tag: &'static str, text: impl Into<String>) -> Self {
        Node { tag, text: text.into(), ..Node::default() }
    }

    /// An element with children.
    pub fn with(tag: &'static str, kids: Vec<Node>) -> Self {
        Node { tag, kids, ..Node::default() }
    }

    /// One node of several: themselves where there is one, a row otherwise.
    pub fn row(mut kids: Vec<Node>) -> Self {
        match (kids.len(), kids.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                kids.push(last);
                Node::with("mrow", kids)
            }
            (_, None) => Node::new("mrow"),
        }
    }

    /// The node with an attribute more.
    #[must_use]
    pub fn attr(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.attrs.push((name, value.into()));
        self
    }

    /// The node with a role.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_ref())
    }

    /// Whether the node is an operator with this text.
    pub fn is_op(&self, text: &str) -> bool {
        self.tag == "mo" && self.text == text
    }

    /// Whether the text is a name of several letters, which stand upright.
    fn is_name(&self) -> bool {
        self.text.chars().nth(1).is_some() && self.text.chars().all(char::is_alphabetic)
    }

    /// Writes the element.
    pub fn write(&self, out: &mut String) {
        if let Some((base, primes)) = self.primed() {
            out.push_str("<mrow>");
            if base.tag == "mo" {
                // The name of an operator, whose space would come before its prime.
                Self::leaf("mi", base.text.clone()).write(out);
            } else {
                base.write(out);
            }
            out.push_str("<mo lspace=\"0\" rspace=\"0\">");
            escape(primes, out);
            out.push_str("</mo></mrow>");
            return;
        }
        out.push('<');
        out.push_str(self.tag);
        for (name, value) in &self.attrs {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        if self.kids.is_empty() && self.text.is_empty() && self.tag == "mspace" {
            out.push_str("/>");
            return;
        }
        out.push('>');
        escape(&self.text, out);
        for kid in &self.kids {
            kid.write(out);
        }
        out.push_str("</");
        out.push_str(self.tag);
        out.push('>');
    }
}

impl Node {
    /// A letter and its primes. The prime of a font for mathematics is drawn small and high as it
    /// is: as a superscript, browsers would make it smaller and lift it once more.
    fn primed(&self) -> Option<(&Self, &str)> {
        let [base, mark] = self.kids.as_slice() else { return None };
        let primes = !mark.text.is_empty() && mark.text.chars().all(|c| "′″‴⁗".contains(c));
        (self.tag == "msup"
            && self.attrs.is_empty()
            && (base.tag == "mi" || (base.tag == "mo" && base.is_name()))
            && mark.tag == "mo"
            && primes)
            .then_some((base, mark.text.as_str()))
    }
}

/// Appends `text` as XML text or attribute value. Characters that XML forbids are left out.
pub fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(c),
        }
    }
}

/// The first of the characters that stand for the parts we make ourselves.
const HOLE: u32 = 0xF_0000;
/// How many such parts one fragment may have.
const MAX_HOLES: usize = 0xFFFD;

/// The character that stands for part `index` in what math-core is given.
pub fn hole(index: usize) -> Option<char> {
    if index >= MAX_HOLES {
        return None;
    }
    char::from_u32(HOLE + index as u32)
}

/// Whether a character may stand for a part; the author's own ones are taken out beforehand.
pub fn is_hole(c: char) -> bool {
    (HOLE..HOLE + MAX_HOLES as u32).contains(&(c as u32))
}

/// Reads the children of `<math>` in what math-core gave, with the parts of our own in place.
pub fn parse(xml: &str, holes: &mut [Option<Node>]) -> Vec<Node> {
    let mut open: Vec<Node> = vec![Node::new("math")];
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        if at > 0
            && let Some(node) = open.last_mut()
        {
            unescape(&rest[..at], &mut node.text);
        }
        let Some(end) = rest[at..].find('>').map(|n| at + n) else { break };
        let inside = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if inside.starts_with('/') {
            if open.len() > 1
                && let Some(done) = open.pop()
                && let Some(parent) = open.last_mut()
            {
                parent.kids.push(filled(done, holes));
            }
            continue;
        }
        let (inside, empty) = match inside.strip_suffix('/') {
            Some(inside) => (inside, true),
            None => (inside, false),
        };
        let node = element(inside);
        match (node.tag, empty) {
            ("math", _) => {}
            (_, true) => {
                if let Some(parent) = open.last_mut() {
                    parent.kids.push(node);
                }
            }
            _ => open.push(node),
        }
        // `</math>` closes nothing that is open: it is the last tag.
    }
    let mut top = open.swap_remove(0);
    std::mem::take(&mut top.kids)
}

fn element(inside: &str) -> Node {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let tag = TAGS.iter().find(|t| **t == name).copied().unwrap_or(TAGS[0]);
    let mut node = Node::new(tag);
    while let Some((name, after)) = rest.split_once("=\"") {
        let Some((value, after)) = after.split_once('"') else { break };
        if let Some(name) = ATTRS.iter().find(|a| **a == name.trim()) {
            let value = match value {
                "0" => Cow::Borrowed("0"),
                "false" => Cow::Borrowed("false"),
                "true" => Cow::Borrowed("true"),
                _ => {
                    let mut text = String::with_capacity(value.len());
                    unescape(value, &mut text);
                    Cow::Owned(text)
                }
            };
            node.attrs.push((name, value));
        }
        rest = after;
    }
    node
}

/// A leaf whose text names a part becomes that part.
fn filled(node: Node, holes: &mut [Option<Node>]) -> Node {
    if node.text.is_empty() || !node.text.chars().any(is_hole) {
        return node;
    }
    let mut parts = Vec::new();
    let mut text = String::new();
    for c in node.text.chars() {
        if is_hole(c) {
            if !text.is_empty() {
                parts.push(Node::leaf(node.tag, std::mem::take(&mut text)));
            }
            let index = (c as u32 - HOLE) as usize;
            if let Some(part) = holes.get_mut(index).and_then(Option::take) {
                parts.push(part);
            }
        } else {
            text.push(c);
        }
    }
    if !text.is_empty() {
        parts.push(Node::leaf(node.tag, text));
    }
    Node::row(parts)
}

fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity =
            [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"'), ("&#x27;", '\'')]
                .into_iter()
                .find(|(name, _)| rest.starts_with(name));
        match entity {
            Some((name, c)) => {
                out.push(c);
                rest = &rest[name.len()..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn reads_fills_and_writes() {
        let mut holes = vec![Some(Node::leaf("mtext", "a<b"))];
        let xml = format!(
            "<math><mi>{}</mi><mo lspace=\"0\" onclick=\"x\">&lt;</mo></math>",
            hole(0).unwrap()
        );
        let nodes = parse(&xml, &mut holes);
        let mut out = String::new();
        Node::row(nodes).write(&mut out);
        assert_eq!(out, "<mrow><mtext>a&lt;b</mtext><mo lspace=\"0\">&lt;</mo></mrow>");
    }

    #[test]
    fn unknown_elements_become_rows() {
        let nodes = parse("<math><script>x</script></math>", &mut []);
        assert_eq!(nodes[0].tag, "mrow");
    }
}
