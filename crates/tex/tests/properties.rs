//! What holds for every input: the page is well-formed, nothing of the source becomes markup, and
//! the time and size of the output stay in proportion.
#![allow(clippy::unwrap_used)]

use mqd_tex::{Convert, Document, NoSources, convert};
use proptest::prelude::*;

fn page(source: &str) -> Document {
    convert(source, "essai.tex", &Convert::default(), &NoSources)
}

/// Reads the page with a strict eye: every tag closed in order, attributes quoted and unique, no bare
/// `<` or `&`. Returns what is wrong, and hands every element to `see`.
fn check(html: &str, mut see: impl FnMut(&str, &[(&str, &str)])) -> Result<(), String> {
    const VOID: &[&str] = &["br", "hr", "img", "wbr", "col", "input"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        entities(&rest[..at])?;
        rest = &rest[at + 1..];
        let inside = &rest[..rest.find('>').ok_or("a tag without end")?];
        rest = &rest[inside.len() + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes nothing; open: {open:?}"));
            }
            continue;
        }
        let closed = inside.ends_with('/');
        let inside = inside.trim_end_matches('/').trim_end();
        let (name, mut tail) = inside.split_once(' ').unwrap_or((inside, ""));
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(format!("no name of an element: {name:?}"));
        }
        let mut attributes: Vec<(&str, &str)> = Vec::new();
        while !tail.trim().is_empty() {
            tail = tail.trim_start();
            let end = tail.find(['=', ' ']).unwrap_or(tail.len());
            let key = &tail[..end];
            if key.is_empty() || attributes.iter().any(|(other, _)| *other == key) {
                return Err(format!("attribute {key:?} of <{name}> twice or without name"));
            }
            tail = &tail[end..];
            let mut value = "";
            if let Some(quoted) = tail.strip_prefix("=\"") {
                let end = quoted.find('"').ok_or("an attribute without end")?;
                value = &quoted[..end];
                entities(value)?;
                tail = &quoted[end + 1..];
            } else if tail.starts_with('=') {
                return Err(format!("attribute {key:?} of <{name}> is not quoted"));
            }
            attributes.push((key, value));
        }
        see(name, &attributes);
        if !closed && !VOID.contains(&name) {
            open.push(name);
        }
    }
    entities(rest)?;
    if open.is_empty() { Ok(()) } else { Err(format!("not closed: {open:?}")) }
}

fn entities(text: &str) -> Result<(), String> {
    for part in text.split('&').skip(1) {
        match part.split_once(';') {
            Some((name, _))
                if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '#') => {}
            _ => {
                return Err(format!(
                    "a bare & before {:?}",
                    part.chars().take(20).collect::<String>()
                ));
            }
        }
    }
    if text.contains('>') {
        return Err("a bare >".to_owned());
    }
    Ok(())
}

/// Well-formed, no active element, no event handler, no scheme but those allowed.
fn harmless(html: &str) -> Result<(), String> {
    let mut found = None;
    check(html, |name, attributes| {
        if matches!(name, "script" | "iframe" | "object" | "embed" | "style" | "form" | "base") {
            found = Some(format!("<{name}>"));
        }
        for (key, value) in attributes {
            let bad_address = matches!(*key, "href" | "src")
                && value.split(['/', '#', '?']).next().is_some_and(|start| {
                    start.contains(':')
                        && !["http:", "https:", "mailto:"].iter().any(|ok| start.starts_with(ok))
                });
            if key.starts_with("on") || bad_address {
                found = Some(format!("{key}={value:?} in <{name}>"));
            }
        }
    })?;
    found.map_or(Ok(()), Err)
}

/// What a hostile author could try, and what a careless one writes.
const PIECES: &[&str] = &[
    "<script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "'",
    "&",
    "&amp;",
    "<",
    ">",
    "]]>",
    "-->",
    "javascript:alert(1)",
    "\\href{javascript:alert(1)}{x}",
    "\\href{JaVa\tScript:alert(1)}{x}",
    "\\url{data:text/html,<script>}",
    "\\href{http://a.fr/\" onclick=\"x}{y}",
    "\\href{//x.fr}{z}",
    "\\includegraphics[width=\"3cm]{\"onerror=\"a}",
    "\\label{\"><script>}",
    "\\ref{\"><script>}",
    "\\index{a!b@<b>}",
    "\\section{<i>}",
    "\\footnote{<b>$<$}",
    "\\verb|<script>|",
    "\\verb+",
    "$x<y$",
    "$\\text{<script>}$",
    "$$\\href{javascript:a}{x}$$",
    "\\[\\label{<}\\tag{<}\\]",
    "$",
    "$$",
    "\\(",
    "\\]",
    "\\begin{itemize}",
    "\\end{itemize}",
    "\\item",
    "\\item[<b>]",
    "\\begin{enumerate}[label=<\\alph*>]",
    "\\end{enumerate}",
    "\\begin{tabular}{|c|<{x}l}",
    "\\end{tabular}",
    "\\multicolumn{2}{c}{<}",
    "\\multirow{999999}{*}{x}",
    "\\hline",
    "\\\\",
    "\\begin{verbatim}",
    "\\end{verbatim}",
    "</pre>",
    "\\begin{tikzpicture}",
    "\\end{tikzpicture}",
    "\\begin{figure}",
    "\\caption{<}",
    "\\end{figure}",
    "\\begin{\"><x}",
    "\\end{\"><x}",
    "{",
    "}",
    "[",
    "]",
    "%",
    "\n",
    "\n\n",
    "#1",
    "~",
    "^",
    "_",
    "\\newcommand{\\x}[1]{<#1\\x{#1}>}",
    "\\x",
    "\\def\\y{\\y\\y}",
    "\\y",
    "\\inconnue{a}",
    "\\'e",
    "é",
    "\u{0}",
    "\\newtheorem{t}{<T>}",
    "\\begin{t}[<]",
    "\\end{t}",
    "\\textcolor{\"red}{a}",
    "\\color{red;x:y}",
    "\\",
    "\\setcounter{enumi}{99999999999999999999}",
    "\\alph{enumi}",
    "\\input{x}",
    "\\char60",
    "\\symbol{60}",
    "^^3c",
    "\\href{javascript&colon;alert(1)}{x}",
    "\\href{ javascript:alert(1)}{x}",
    "\\href{java\\%0ascript:alert(1)}{x}",
    "\\href{\\j:alert(1)}{x}\\def\\j{javascript}",
    "\\def\\j{javascript}\\href{\\j:alert(1)}{x}",
    "\\href{vbscript:x}{y}",
    "\\href{data:text/html;base64,PHNjcmlwdD4=}{x}",
    "\\href{\\\\evil.fr}{x}",
    "\\href{/\\evil.fr}{x}",
    "\\href{\u{1}javascript:alert(1)}{x}",
    "\\href{jav\u{0}ascript:alert(1)}{x}",
    "\\href{JAVASCRIPT:alert(1)}{x}",
    "\\href{&#106;avascript:alert(1)}{x}",
    "\\hyperref{javascript:a}{b}{c}{d}",
    "\\url{javascript:alert(1)}",
    "\\path{<script>}",
    "\\begin{lstlisting}[language=\" onload=\"x]",
    "\\end{lstlisting}",
    "\\begin{minted}{\"><script>}",
    "\\end{minted}",
    "\\section[<b>]{x}",
    "\\newtheorem{z}{\" onclick=\"x}",
    "\\begin{z}[\" onclick=\"x]",
    "\\end{z}",
    "\\theoremstyle{\" onclick=\"x}",
    "\\declaretheorem[name=<b>]{w}",
    "\\begin{w}",
    "\\end{w}",
    "\\newtcbtheorem{v}{<b>}{}{\"><i>}",
    "\\begin{v}{<b>}{\"><i>}",
    "\\end{v}",
    "\\begin{tcolorbox}[title=<script>]",
    "\\end{tcolorbox}",
    "\\caption[<]{\" onerror=\"x}",
    "\\begin{tabular}{>{<b>}c<{</b>}}",
    "\\newcolumntype{Q}{>{<b>}c}",
    "\\tag{\"><script>}",
    "$\\tag{\" onclick=\"x}\\label{\" id=\"y}$",
    "\\begin{align}x\\label{\" onclick=\"z}\\tag{<b>}\\end{align}",
    "$\\text{\\href{javascript:a}{x}}$",
    "$\\mathrm{<img src=x onerror=alert(1)>}$",
    "$\\operatorname{<script>}$",
    "$\\color{\" onclick=\"x}x$",
    "$\\textcolor{red;background:url(//x)}{x}$",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\unicode{60}$",
    "\\ding{<}",
    "\\foreach\\x in{<,>}{\\x}",
    "\\title{<script>}\\maketitle",
    "\\contentsname\\tableofcontents",
    "\\def\\contentsname{\" onclick=\"x}",
];

/// Whether the places of formulas are in order, between letters, and lead to MathML.
fn placed(document: &Document) -> Result<(), String> {
    let mut end = 0;
    for place in &document.formulas {
        let text = document.text.get(place.text.clone());
        if text.is_none_or(str::is_empty) || place.text.start < end {
            return Err(format!("{place:?} is no place in {:?}", document.text));
        }
        end = place.text.end;
        let mathml = document.html.get(place.html.clone()).unwrap_or_default();
        if !mathml.starts_with("<math") || !mathml.ends_with("</math>") {
            return Err(format!("{place:?} is {mathml:?}"));
        }
        check(mathml, |_, _| {})?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn pieces_make_harmless_pages(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
        let source = pieces.join(" ");
        let document = page(&source);
        prop_assert_eq!(harmless(&document.html), Ok(()), "{}\n{}", source, document.html);
        prop_assert_eq!(placed(&document), Ok(()), "{}", source);
    }

    #[test]
    fn any_text_makes_a_harmless_page(source in "(\\PC|\n|[\\\\{}$&%#<>\"']){0,200}") {
        let document = page(&source);
        prop_assert_eq!(harmless(&document.html), Ok(()), "{}\n{}", source, document.html);
        prop_assert_eq!(placed(&document), Ok(()), "{}", source);
    }

    #[test]
    fn words_are_never_lost(words in prop::collection::vec("[a-z]{3,8}", 1..20)) {
        let document = page(&words.join(" "));
        prop_assert_eq!(document.text.split_whitespace().collect::<Vec<_>>(), words);
    }
}

#[test]
fn formulas_have_a_place_in_the_text() {
    let document = page(
        r"Soit $x$, \[ y = 2 \] et \begin{tabular}{cc} a & $z$ \\ $t$ & \\ \end{tabular}
          \emph{puis $u$.}\footnote{Et $v$.} $w$",
    );
    let texts: Vec<&str> =
        document.formulas.iter().map(|place| &document.text[place.text.clone()]).collect();
    assert_eq!(texts, ["x", "y = 2", "z", "t", "u", "w", "v"], "{}", document.text);
    assert_eq!(placed(&document), Ok(()));
    for (place, text) in document.formulas.iter().zip(texts) {
        let shown = &document.html[place.html.clone()];
        assert!(text.chars().any(|c| shown.contains(c)), "{text}: {shown}");
    }
}

#[test]
fn the_checker_can_fail() {
    for bad in [
        "<p>",
        "</p>",
        "<p><b></p></b>",
        "a & b",
        "<p a=b></p>",
        "<p a=\"1\" a=\"2\"></p>",
        "a > b",
    ] {
        assert!(check(bad, |_, _| {}).is_err(), "{bad}");
    }
    for bad in ["<script></script>", "<p onclick=\"x\"></p>", "<a href=\"javascript:x\"></a>"] {
        assert!(harmless(bad).is_err(), "{bad}");
    }
}

#[test]
fn deep_nesting_ends() {
    for piece in [
        "{",
        "\\textbf{",
        "\\begin{itemize}\\item ",
        "\\begin{center}",
        "$\\sqrt{",
        "\\begin{figure}",
        "\\begin{",
        "\\url{",
        "\\mintinline{",
        "\\iftrue ",
        "\\ifthenelse{",
        "\\begin{tabular}{",
        "\\begin{verbatim}",
    ] {
        let document = page(&piece.repeat(3_000));
        assert_eq!(harmless(&document.html), Ok(()), "{piece}");
        assert!(!document.diagnostics.is_empty(), "{piece}");
    }
}

/// What is not closed is not looked for again and again: these took minutes.
#[test]
fn many_unclosed_groups_take_no_time() {
    for piece in [
        "\\textbf{",
        "\\frac{",
        "\\item[",
        "\\footnote{",
        "\\textbf{\\verb|}|",
        "}\\sbox{\\x}{",
        "\\setbox0\\vbox\\bgroup ",
    ] {
        let start = std::time::Instant::now();
        let document = page(&piece.repeat(8_000));
        assert_eq!(harmless(&document.html), Ok(()), "{piece}");
        assert!(!document.diagnostics.is_empty(), "{piece}");
        assert!(document.html.len() <= 128 * 1024 + 50 * 8_000 * piece.len(), "{piece}");
        // Far above what it takes on a busy machine, far below what it took.
        assert!(start.elapsed().as_secs() < 60, "{piece}: {:?}", start.elapsed());
    }
}

/// A file of unclosed groups, which a source includes.
struct LeftOpen(String);

impl mqd_tex::Sources for LeftOpen {
    fn read(&self, _: &str) -> Option<std::sync::Arc<str>> {
        Some(self.0.as_str().into())
    }

    fn figure(&self, _: &str) -> Option<mqd_tex::FigureInfo> {
        None
    }
}

#[test]
fn many_unclosed_groups_of_an_included_file_take_no_time() {
    let start = std::time::Instant::now();
    let file = LeftOpen("un \\textbf{".repeat(20_000));
    let document = mqd_tex::convert("Avant \\input{f} après.", "d", &Convert::default(), &file);
    assert!(document.text.contains("après"), "{}", document.text.len());
    let told = document.diagnostics.iter().filter(|d| d.file == "f" && d.construct == "{");
    assert_eq!(told.count(), 1);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

/// A formula that stands for much is left out where the page has no room for it any more.
#[test]
fn many_long_formulas_make_no_long_page() {
    let double: String = (b'a'..=b'n')
        .zip(b'b'..=b'o')
        .map(|(from, to)| {
            let (from, to) = (char::from(from), char::from(to));
            format!("\\newcommand{{\\q{to}}}{{\\q{from}\\q{from}}}")
        })
        .collect();
    let source = format!("\\newcommand{{\\qa}}{{x}}{double} {}", "$\\qk$ ".repeat(14));
    let document = page(&source);
    assert!(document.html.len() <= 96 * 1024 + 50 * source.len(), "{}", document.html.len());
    assert!(document.html.len() > 10_000, "the first ones are there");
    assert!(!document.is_clean());
}

/// One text of which every sign is written with six.
#[test]
fn a_long_text_of_quotes_makes_no_long_page() {
    let source = format!("\\newcommand{{\\q}}{{{}\\q\\q}}\\q", "\"".repeat(120));
    let document = page(&source);
    assert!(document.html.len() <= 128 * 1024 + 50 * source.len(), "{}", document.html.len());
    assert!(document.html.len() > 10_000, "the first ones are there");
    assert_eq!(harmless(&document.html), Ok(()));
    assert!(!document.is_clean());
}

/// Theorems whose counter is named by a text with theorems in it: each number took twice the time of
/// the one inside.
#[test]
fn counters_that_count_each_other_take_no_time() {
    let inner = "\\section{S}\\begin{thm}a\\end{thm}\\begin{thm}b\\end{thm}";
    let source = format!(
        "\\newtheorem{{thm}}{{T}}[{inner}]\\newcounter{{{inner}}}\\renewcommand{{\\thethm}}{{{inner}}}{inner}"
    );
    let start = std::time::Instant::now();
    let document = page(&source);
    assert_eq!(harmless(&document.html), Ok(()));
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
