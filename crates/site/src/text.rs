//! Texts of the maquis on their way to a page: escaping, French typography, formulas between
//! dollars, plain text for titles and feeds.

use crate::Lang;
use mqd_math::line::Line;
use std::sync::LazyLock;
use std::{borrow::Cow, collections::HashSet};

/// Escapes a text for HTML content and attributes.
#[must_use]
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// French spaces and apostrophes, after the *Lexique* of the Imprimerie nationale: a narrow
/// no-break space before `; ! ?`, a no-break space before `:` and inside guillemets.
#[must_use]
pub(crate) fn french(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let set = match c {
            '\'' if before.is_alphabetic() && chars.peek().is_some_and(|n| n.is_alphanumeric()) => {
                '’'
            }
            ' ' => match chars.peek() {
                Some(';' | '!' | '?') => '\u{202f}',
                Some(':' | '»') => '\u{a0}',
                _ if before == '«' => '\u{a0}',
                _ => ' ',
            },
            c => c,
        };
        out.push(set);
        before = c;
    }
    out
}

/// A piece of a text that may hold formulas.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Formula(&'t str),
}

/// Splits at `$…$` and `\(…\)`. A dollar without its partner is a dollar.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let dollar = rest.find('$').map(|at| (at, "$", "$"));
        let round = rest.find("\\(").map(|at| (at, "\\(", "\\)"));
        let next = match (dollar, round) {
            (Some(d), Some(r)) => Some(if d.0 < r.0 { d } else { r }),
            (d, r) => d.or(r),
        };
        let found = next.and_then(|(at, open, close)| {
            let start = at + open.len();
            let end = rest[start..].find(close)? + start;
            (end > start).then_some((at, start, end, end + close.len()))
        });
        let Some((at, start, end, after)) = found else { break };
        if at > 0 {
            out.push(Piece::Text(&rest[..at]));
        }
        out.push(Piece::Formula(&rest[start..end]));
        rest = &rest[after..];
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// A title or description as HTML: escaped, with French typography and formulas as MathML.
#[must_use]
pub(crate) fn rich(text: &str) -> String {
    let pieces = pieces(text);
    // What is set of each text, and nothing of a formula.
    let set: Vec<String> = pieces
        .iter()
        .map(|piece| if let Piece::Text(text) = piece { french(text) } else { String::new() })
        .collect();
    let mut line = Line::default();
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(_) => {
                let formula_follows = matches!(pieces.get(at + 1), Some(Piece::Formula(_)));
                let [head, close, rest, open, tail] = line.text(&set[at], formula_follows);
                out.extend([&escape(head), close, &escape(rest), open, &escape(tail)]);
            }
            Piece::Formula(tex) => {
                let next = set.get(at + 1).map_or("", String::as_str);
                out.extend([line.open(next), &formula(tex, false), line.close()]);
            }
        }
    }
    out.push_str(line.end());
    out
}

/// The same as plain text, for `<title>`, feeds and citations.
#[must_use]
pub(crate) fn plain(text: &str) -> String {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => french(text),
            Piece::Formula(tex) => render(tex, false).text,
        })
        .collect()
}

/// One formula as MathML, or its source set as code where it cannot be shown.
#[must_use]
pub(crate) fn formula(tex: &str, display: bool) -> String {
    match render(tex, display).mathml {
        empty if empty.is_empty() => format!("<code>{}</code>", escape(tex)),
        mathml => mathml,
    }
}

fn render(tex: &str, display: bool) -> mqd_math::Formula {
    let style = if display { mqd_math::Style::Display } else { mqd_math::Style::Inline };
    // Titles and pages have no preamble and number nothing.
    mqd_math::render(tex, style, &MACROS, &mut mqd_math::Numbering::default())
}

static MACROS: LazyLock<mqd_math::Macros> = LazyLock::new(mqd_math::Macros::new);

/// The first words of a text, cut between words.
#[must_use]
pub(crate) fn clip(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let cut: String = text.chars().take(length).collect();
    let cut = cut.rsplit_once(char::is_whitespace).map_or(cut.as_str(), |(head, _)| head);
    format!("{}…", cut.trim_end_matches([',', ';', ':', '.']))
}

/// The letter under which an index files a title: `A`–`Z`, or `#`.
#[must_use]
pub(crate) fn initial(title: &str) -> char {
    mqd_model::literal::fold(title)
        .chars()
        .find(|c| c.is_alphanumeric())
        .filter(char::is_ascii_alphabetic)
        .map_or('#', |c| c.to_ascii_uppercase())
}

/// The HTML of a part with its anchors set apart by a prefix, so that parts can share a page.
#[must_use]
pub(crate) fn scoped(html: &str, prefix: &str) -> String {
    let mut out = String::with_capacity(html.len() + 64);
    let mut rest = html;
    let own: HashSet<&str> =
        html.split(" id=\"").skip(1).filter_map(|after| after.split('"').next()).collect();
    // Inside tags only: in texts the quotes of attributes are escaped.
    while let Some(at) = rest.find("=\"") {
        let name = rest[..at].rsplit([' ', '\n', '<']).next().unwrap_or_default();
        let (head, tail) = rest.split_at(at + 2);
        out.push_str(head);
        rest = tail;
        match name {
            "id" | "for" | "aria-labelledby" | "aria-describedby" => out.push_str(prefix),
            // A link to a place of another part stays.
            "href" if own.contains(anchor_of(rest)) => {
                out.push('#');
                out.push_str(prefix);
                rest = &rest[1..];
            }
            _ => {}
        }
        // Over the value: it may hold anything.
        let end = rest.find('"').unwrap_or(rest.len());
        out.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// The anchor of the page to which a value of `href` leads; empty for another address.
fn anchor_of(value: &str) -> &str {
    let value = value.split('"').next().unwrap_or_default();
    value.strip_prefix('#').unwrap_or_default()
}

/// The letters and digits of a text, folded: what two ways of writing a title have in common.
#[must_use]
pub(crate) fn letters(text: &str) -> String {
    mqd_model::literal::fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The text of HTML of our own converter, without its tags.
#[must_use]
pub(crate) fn bare(html: &str) -> String {
    let mut out = untagged(html);
    for (entity, c) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        out = out.replace(entity, c);
    }
    out
}

/// HTML of our own converter without its tags, what it escapes left as it is.
#[must_use]
pub(crate) fn untagged(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        // The source of a formula is not its text.
        let tail = &rest[at..];
        let end = match tail.strip_prefix("<annotation") {
            Some(_) => tail.find("</annotation>").map(|end| end + "</annotation>".len()),
            None => tail.find('>').map(|end| end + 1),
        };
        rest = end.map_or("", |end| &tail[end..]);
    }
    out.push_str(rest);
    out
}

/// The HTML of a document without the title at its head, where that says no more than the title
/// and the description of its page. A heading is hidden from sight alone: those below stand on it.
#[must_use]
pub(crate) fn without_title<'h>(html: &'h str, title: &str, description: &str) -> Cow<'h, str> {
    let heads = [("<h2", "</h2>"), ("<h3", "</h3>"), ("<div class=\"centre\">", "</div>")];
    for (open, close) in heads {
        let Some(inside) = html.strip_prefix(open) else { continue };
        let Some(end) = inside.find(close) else { continue };
        let head = &html[..open.len() + end];
        if head.contains("<div class=\"minipage")
            || head.contains("<img")
            || head.contains("<table")
        {
            continue;
        }
        let found = letters(&bare(head));
        let (title, description) = (letters(&plain(title)), letters(&plain(description)));
        if !found.is_empty() && (found == title || found == format!("{title}{description}")) {
            if open.starts_with("<h") {
                return Cow::Owned(format!("{open} class=\"sr\"{inside}"));
            }
            return Cow::Borrowed(html[head.len() + close.len()..].trim_start());
        }
    }
    Cow::Borrowed(html)
}

/// The figures of a text that have a caption: anchor and caption as plain text.
#[must_use]
pub(crate) fn figures(html: &str) -> Vec<(String, String)> {
    let found = html.split("<figure").skip(1).filter_map(|figure| {
        let figure = figure.split("</figure>").next()?;
        let tag = figure.split('>').next()?;
        let id = tag.split(" id=\"").nth(1)?.split('"').next()?;
        let caption = figure.split("<figcaption").nth(1)?.split_once('>')?.1;
        let caption = bare(caption.split("</figcaption>").next()?);
        Some((id.to_owned(), caption.trim().to_owned()))
    });
    found.filter(|(_, caption)| !caption.is_empty()).collect()
}

/// The letter of an index as part of an anchor.
#[must_use]
pub(crate) fn anchor(letter: &char) -> String {
    if letter.is_ascii_alphabetic() { letter.to_lowercase().to_string() } else { "0".to_owned() }
}

/// An index entry with its levels, « anneau!intègre », as readers see it.
#[must_use]
pub(crate) fn entry(title: &str) -> String {
    // A formula may hold a factorial: only signs between words part levels.
    if title.contains('$') { title.to_owned() } else { title.replace('!', ", ") }
}

/// A text as an anchor: ASCII letters, digits and hyphens.
#[must_use]
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in mqd_model::literal::fold(text).chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// The name of a kind (`typeDoc` and so on) in a language; the value itself when it is unknown.
#[must_use]
pub(crate) fn kind(lang: Lang, kind: &str) -> String {
    lang.get(&format!("kind.{}", slug(kind))).map_or_else(|| french(kind), str::to_owned)
}

/// What a change touched (« énoncé modifié, corrigé ajouté ») in a language.
#[must_use]
pub(crate) fn change(lang: Lang, change: &str) -> String {
    let one = |part: &str| {
        lang.get(&format!("change.{}", slug(part))).map_or_else(|| french(part), str::to_owned)
    };
    change.split(", ").map(one).collect::<Vec<_>>().join(", ")
}

/// The same in the plural, for headings.
#[must_use]
pub(crate) fn kinds(lang: Lang, kind: &str) -> String {
    lang.get(&format!("kinds.{}", slug(kind))).map_or_else(|| french(kind), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_typography() {
        for (raw, set) in [
            ("l'axe d'Euler", "l’axe d’Euler"),
            ("Pourquoi ?", "Pourquoi\u{202f}?"),
            ("a : b", "a\u{a0}: b"),
            ("« ici »", "«\u{a0}ici\u{a0}»"),
            ("f' continue", "f' continue"),
        ] {
            assert_eq!(french(raw), set);
        }
    }

    #[test]
    fn formulas_are_found_and_lone_dollars_stay() {
        use Piece::{Formula, Text};
        assert_eq!(pieces("a $x$ b"), [Text("a "), Formula("x"), Text(" b")]);
        assert_eq!(pieces("\\(x\\)$y$"), [Formula("x"), Formula("y")]);
        assert_eq!(pieces("5 $"), [Text("5 $")]);
        assert_eq!(pieces("$$"), [Text("$$")]);
    }

    #[test]
    fn hostile_text_is_escaped() {
        assert_eq!(rich("<script>'\""), "&lt;script&gt;&#39;&quot;");
        assert!(rich("$n$-<b>").ends_with("</math>-&lt;b&gt;</span>"));
    }

    #[test]
    fn anchors_of_parts_are_set_apart() {
        let html = r##"<h2 id="a">x</h2> <a class="id" href="#a">b = "c"</a> <a href="/d#a">"##;
        let expected =
            r##"<h2 id="c-a">x</h2> <a class="id" href="#c-a">b = "c"</a> <a href="/d#a">"##;
        assert_eq!(scoped(html, "c-"), expected);
    }

    #[test]
    fn a_title_at_the_head_of_a_text_is_left_out_once() {
        for (html, rest) in [
            (
                "<h3 id=\"e-s-1\">La méthode <math><mi>x</mi></math></h3>\n<p>a</p>",
                "<h3 class=\"sr\" id=\"e-s-1\">La méthode <math><mi>x</mi></math></h3>\n<p>a</p>",
            ),
            (
                "<div class=\"centre\">\n<p><strong>La méthode x</strong></p>\n<p>En bref</p></div>b",
                "b",
            ),
            ("<h2>La méthode x, suite</h2><p>a</p>", "<h2>La méthode x, suite</h2><p>a</p>"),
            ("<p>La méthode x</p>", "<p>La méthode x</p>"),
        ] {
            assert_eq!(without_title(html, "La méthode $x$", "En bref."), rest);
        }
    }

    #[test]
    fn figures_are_found_by_their_captions() {
        let html = "<figure class=\"f\" id=\"f-1\"><img><figcaption>Figure 1 : <em>a</em> &lt; b</figcaption></figure><figure id=\"x\"><img></figure>";
        assert_eq!(figures(html), [("f-1".to_owned(), "Figure 1 : a < b".to_owned())]);
    }

    #[test]
    fn initials_and_slugs() {
        assert_eq!(initial("Éléments"), 'E');
        assert_eq!(initial("« œuf »"), 'O');
        assert_eq!(initial("2-cycle"), '#');
        assert_eq!(slug("thème feuille exercices"), "theme-feuille-exercices");
    }

    #[test]
    fn clips_between_words() {
        assert_eq!(clip("un deux trois", 9), "un deux…");
        assert_eq!(clip("court", 9), "court");
    }
}
