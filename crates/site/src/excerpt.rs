//! Excerpts of the API on their way to a page: `<mark>` and presentation MathML pass, whatever else
//! looks like a tag is escaped.

/// Elements of MathML that show something, and nothing but show it.
const ELEMENTS: [&str; 27] = [
    "math",
    "semantics",
    "mrow",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "mstyle",
    "merror",
    "mpadded",
    "mphantom",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "mtable",
    "mtr",
    "mtd",
];

/// Attributes that stay. An excerpt is a line: `display` goes, as `id` and `href` do, which would
/// name places of another page, and `alttext`, which weighs as much as the formula that it repeats.
const ATTRIBUTES: [&str; 27] = [
    "accent",
    "accentunder",
    "class",
    "columnalign",
    "columnlines",
    "columnspan",
    "depth",
    "displaystyle",
    "fence",
    "form",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "rowlines",
    "rowspan",
    "rspace",
    "scriptlevel",
    "separator",
    "stretchy",
    "symmetric",
    "voffset",
    "width",
];

/// An excerpt as HTML that can be put into a page. Formulas between dollars, as descriptions have
/// them, become MathML.
#[must_use]
pub(crate) fn excerpt(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('$') {
        let inside = rest[at + 1..].split('$').next().unwrap_or_default();
        let after = rest.get(at + inside.len() + 2..);
        // « 5 $ et 6 $ » is no formula, nor is what reaches into one that is MathML already.
        let tex = inside.replace("<mark>", "").replace("</mark>", "");
        let Some(after) =
            after.filter(|_| tex.trim() == tex && !tex.is_empty() && !tex.contains('<'))
        else {
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        };
        out.push_str(&rest[..at]);
        let found = inside.contains("<mark>") && inside.contains("</mark>");
        let (open, close) = if found { ("<mark>", "</mark>") } else { ("", "") };
        out.extend([open, &crate::text::formula(&unescape(&tex), false), close]);
        rest = after;
    }
    out.push_str(rest);
    clean(&out)
}

/// The text behind what the API escapes.
fn unescape(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// Lets marks and formulas pass, and nothing else.
fn clean(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    let mut marks = 0_usize;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("<mark>") {
            marks += 1;
            out.push_str("<mark>");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("</mark>").filter(|_| marks > 0) {
            marks -= 1;
            out.push_str("</mark>");
            rest = after;
        } else if let Some((formula, after)) = formula(rest) {
            out.push_str(&formula);
            rest = after;
        } else {
            out.push_str("&lt;");
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out.push_str(&"</mark>".repeat(marks));
    out
}

/// The formula that a text begins with, cleaned, and what comes after it; none when it is anything
/// but well-formed MathML.
fn formula(text: &str) -> Option<(String, &str)> {
    let length = text.find("</math>")? + "</math>".len();
    let (mut rest, after) = text.split_at(length);
    let mut out = String::with_capacity(length);
    let mut open: Vec<&str> = Vec::new();
    while !rest.is_empty() {
        let tag = rest.strip_prefix('<')?;
        let (tag, text) = tag.split_once('>')?;
        let upto = text.find('<').unwrap_or(text.len());
        rest = &text[upto..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop()? != name {
                return None;
            }
            out.extend(["</", name, ">"]);
        } else {
            let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            if name == "annotation" && !empty {
                // The source of a formula: its reader has the document for that.
                rest = rest.strip_prefix("</annotation>")?;
                continue;
            }
            if !ELEMENTS.contains(&name) || open.is_empty() != (name == "math") {
                return None;
            }
            out.extend(["<", name]);
            attribute(attributes, &mut out)?;
            out.push_str(if empty { "/>" } else { ">" });
            if !empty {
                open.push(name);
            }
        }
        out.push_str(&text[..upto]);
    }
    open.is_empty().then_some((out, after))
}

/// Writes the attributes that stay; none when they are not `name="value"` with spaces between.
fn attribute(mut rest: &str, out: &mut String) -> Option<()> {
    rest = rest.trim();
    while !rest.is_empty() {
        let (name, tail) = rest.split_once("=\"")?;
        let (value, tail) = tail.split_once('"')?;
        if ATTRIBUTES.contains(&name) {
            out.extend([" ", name, "=\"", value, "\""]);
        }
        rest = tail.trim_start();
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_formulas_pass_and_nothing_else() {
        for (raw, shown) in [
            ("a <mark>b</mark> <i>c", "a <mark>b</mark> &lt;i>c"),
            ("a <mark>b", "a <mark>b</mark>"),
            ("5 $ et 6 $, $ab", "5 $ et 6 $, $ab"),
            ("a</mark>", "a&lt;/mark>"),
            (
                "<mark><math display=\"block\" alttext=\"x\"><semantics><mi class=\"n\">x</mi>\
                 <annotation encoding=\"application/x-tex\">x</annotation></semantics></math></mark>",
                "<mark><math><semantics><mi class=\"n\">x</mi></semantics></math></mark>",
            ),
            (
                "<math><mi id=\"a\" href=\"#b\" onclick=\"c()\" style=\"d\">x</mi><mspace/></math>",
                "<math><mi>x</mi><mspace/></math>",
            ),
            ("<math><mi>x</math>", "&lt;math>&lt;mi>x&lt;/math>"),
            ("<math><script>x</script></math>", "&lt;math>&lt;script>x&lt;/script>&lt;/math>"),
            ("<mi>x</mi>", "&lt;mi>x&lt;/mi>"),
            ("<math><mi", "&lt;math>&lt;mi"),
            ("<math a=b></math>", "&lt;math a=b>&lt;/math>"),
        ] {
            assert_eq!(excerpt(raw), shown, "{raw}");
        }
    }

    #[test]
    fn what_the_converter_writes_passes() {
        for tex in [
            r"\sum_{k=1}^n \frac{1}{k^2} \leq \sqrt[3]{x}",
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
            r"\begin{cases} x & \text{si } x>0 \\ 0 \end{cases}",
            r"\overline{z} = \widehat{ABC},\ \mathbb{R} \underbrace{x+y}_{2}",
        ] {
            let mathml = crate::text::formula(tex, true);
            let shown = excerpt(&mathml);
            assert!(
                shown.starts_with("<math><semantics>") && !shown.contains("annotation"),
                "{shown}"
            );
        }
    }

    #[test]
    fn formulas_of_descriptions_are_rendered() {
        let shown = excerpt(r"de $\mathbb{N}$ dans $a &lt; <mark>b</mark>$");
        assert!(shown.starts_with("de <math") && shown.contains("ℕ"), "{shown}");
        assert!(shown.contains("dans <mark><math") && shown.ends_with("</math></mark>"), "{shown}");
        assert!(!shown.contains('$') && shown.contains("&lt;</mo>"), "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn no_other_element_comes_through(raw in "(<|>|/|math|mi|mark|script| on=\"|\"|x| ){0,40}") {
            for tag in excerpt(&raw).split('<').skip(1) {
                let tag = tag.split('>').next().unwrap_or_default();
                let name: String =
                    tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphabetic).collect();
                proptest::prop_assert!(["mark", "math", "mi"].contains(&&*name), "{raw}: {tag}");
                proptest::prop_assert!(!tag.contains(" on="), "{raw}");
            }
        }
    }
}
