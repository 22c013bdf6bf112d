//! What comes out of a formula, whatever goes in.
#![allow(clippy::unwrap_used)]

use mqd_math::{Formula, Macros, Numbering, Style, render};
use proptest::prelude::*;

fn inline(tex: &str) -> Formula {
    render(tex, Style::Inline, &Macros::new(), &mut Numbering::default())
}

fn display(name: &str, tex: &str, numbering: &mut Numbering) -> Formula {
    render(tex, Style::Environment(name), &Macros::new(), numbering)
}

/// Fails unless `xml` is one well-formed element made of allowed names only.
fn check_xml(xml: &str) {
    const TAGS: &[&str] = &[
        "math",
        "semantics",
        "annotation",
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
        "a",
        "b",
        "i",
        "em",
        "code",
        "span",
        "s",
        "u",
    ];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        assert!(!rest[..at].contains('>'), "loose > in {xml}");
        let end = rest.find('>').unwrap();
        let inside = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{xml}");
            continue;
        }
        let name = inside.split([' ', '/']).next().unwrap();
        assert!(TAGS.contains(&name), "<{name}> in {xml}");
        assert_eq!(inside.matches('"').count() % 2, 0, "{xml}");
        for (i, attribute) in inside.split('"').enumerate() {
            let is_name = i % 2 == 0 && attribute.ends_with('=');
            let name = attribute.rsplit(' ').next().unwrap();
            assert!(!is_name || !(name.starts_with("on") || name.starts_with("style")), "{xml}");
        }
        if !inside.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty() && rest.is_empty(), "{open:?} {rest} in {xml}");
}

const PIECES: &[&str] = &[
    "x",
    "1",
    "{",
    "}",
    "^",
    "_",
    "&",
    "\\\\",
    " ",
    "$",
    "#1",
    "%",
    "~",
    "'",
    "<script>",
    "\"",
    "é",
    "\\frac",
    "\\sqrt",
    "[",
    "]",
    "\\left(",
    "\\right)",
    "\\begin{array}{c|c}",
    "\\end{array}",
    "\\begin{pmatrix}",
    "\\end{pmatrix}",
    "\\text{",
    "\\mathbb{R}",
    "\\over",
    "\\sum",
    "\\limits",
    "\\not",
    "\\hline",
    "\\label{a\"<b>}",
    "\\eqref{a}",
    "\\tag{<i>}",
    "\\color{red}",
    "\\mathop",
    "\\def\\x{\\x\\x}",
    "\\x",
    "\\kern",
    "3pt",
    "\\big",
    "\\displaystyle",
    "\\u{f0000}",
    "\u{f0000}",
    "\\bf",
    "\\textcolor{blue}",
    "\\multicolumn{2}{c}{x}",
    "\\intertext{a}",
    "\\operatorname",
    "\\substack{a\\\\b}",
    "\\hspace{-1em}",
    "\\href{javascript:x}{y}",
    "\\'e",
    "\\",
    "\\middle|",
    "\\systeme{",
    "\\num{1e",
    "\\mathrm",
    "\\overbrace",
    "\\xrightarrow",
    "\\prescript",
    "\\sideset",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_well_formed_mathml(tex in "\\PC{0,60}") {
        check_xml(&inline(&tex).mathml);
    }

    #[test]
    fn any_tex_gives_well_formed_mathml(picks in prop::collection::vec(0..PIECES.len(), 0..24)) {
        let tex: String = picks.iter().map(|i| PIECES[*i]).collect();
        let mut numbering = Numbering { id_prefix: "d\"<1>".into(), ..Default::default() };
        for style in [Style::Inline, Style::Display, Style::Environment("align")] {
            let found = render(&tex, style, &Macros::new(), &mut numbering);
            check_xml(&found.mathml);
            prop_assert!(found.mathml.len() < 20_000 + 400 * tex.len());
        }
    }
}

#[test]
fn deep_nesting_is_refused_and_not_fatal() {
    for piece in [
        "{",
        "\\sqrt",
        "\\sqrt{",
        "\\bar",
        "x^{",
        "\\left(",
        "\\text{$",
        "\\frac",
        "\\bf ",
        "\\displaystyle",
        "\\begin{array}{c}",
        "\\mathop",
        "\\not",
        "\\color{red}",
        "\\over",
        "\\rm ",
        "^",
        "'",
        "-",
        "\\mathbf{",
        "\\tilde",
        "\\ifmmode",
        "\\limits",
        "&",
        "\\hat\\mathbb",
        "\\cal ",
    ] {
        for count in [30, 3000] {
            check_xml(&inline(&piece.repeat(count)).mathml);
        }
    }
}

/// Beginnings without end must not be searched again and again.
#[test]
fn a_long_hostile_formula_ends_soon() {
    for piece in [
        "{",
        "}",
        "\\\\[",
        "\\sqrt[",
        "\\text{$",
        "\\frac{",
        "\\begin{array}{c}",
        "\\begin{array}{c}a\\\\\\cmidrule(\\end{array}",
        "\\only<2>{",
        "\\pause[",
        "\\uncover<",
        "\\text{\\textcolor{red}{",
        "\\text{\\fbox{",
        "\\operatorname{\\operatorname{",
        "\\arraycolsep=",
        "\\unit{\\per",
        "\\ce{A+",
    ] {
        let tex = piece.repeat(20_000 / piece.len());
        let start = std::time::Instant::now();
        check_xml(&inline(&tex).mathml);
        println!("{piece}: {:?}", start.elapsed());
        assert!(start.elapsed().as_secs() < 10, "{piece}: {:?}", start.elapsed());
    }
}

/// What stands between columns is repeated in each row, and a specification may repeat itself.
#[test]
fn a_hostile_array_ends_soon() {
    let many = format!(
        r"\begin{{array}}{{r@{{{}}}l}}{}\end{{array}}",
        "=".repeat(9_000),
        r"\\".repeat(9_000)
    );
    let nested = r"\begin{array}{*{60}{*{60}{*{60}{*{60}{@{=}}}}}c}a\end{array}";
    for tex in [many.as_str(), nested] {
        let start = std::time::Instant::now();
        let found = inline(tex);
        check_xml(&found.mathml);
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }
}

#[test]
fn hostile_content_stays_text() {
    let tex = r#"\text{<script>alert(1)</script>} <img src=x onerror=y> \label{"><b>} \href{javascript:a}{b}"#;
    let found = inline(tex);
    check_xml(&found.mathml);
    assert!(!found.mathml.contains("<script") && !found.mathml.contains("<img"));
}

#[test]
fn lines_are_numbered_and_labels_lead_to_them() {
    let mut numbering = Numbering { id_prefix: "doc-".into(), ..Default::default() };
    let found =
        display("align", r"a&=b\label{un}\\c&=d\nonumber\\e&=f\tag{$*$}\label{et}", &mut numbering);
    assert!(found.faithful, "{:?}", found.problems);
    let labels: Vec<_> =
        found.labels.iter().map(|l| (l.name.as_str(), l.tag.as_str(), l.id.as_str())).collect();
    assert_eq!(labels, [("un", "1", "doc-eq-1"), ("et", "∗", "doc-eq-t1")]);
    assert!(found.mathml.contains(r#"id="doc-eq-1""#) && found.mathml.contains("(1)"));
    let found = display("equation", r"x\eqref{un}", &mut numbering);
    assert!(found.mathml.contains(r##"<a href="#doc-eq-1">(1)</a>"##), "{}", found.mathml);
    assert!(found.mathml.contains("(2)"));
    assert_eq!(inline(r"\eqref{loin}").unresolved, ["loin"]);
    assert!(display("align*", r"a&=b\\c&=d", &mut numbering).labels.is_empty());
    assert_eq!(numbering.equation, 2);
}

/// TeX, and the plain text of it.
#[test]
fn text_is_readable() {
    for (tex, want) in [
        (r"\sum_{k=1}^{n}\frac{1}{k^2}", "∑_{k = 1}ⁿ1/k²"),
        (r"\mathbb{R}\setminus\{0\}", "ℝ ∖ {0}"),
        (r"x\in E", "x ∈ E"),
        (r"\frac{a+b}{2}", "(a + b)/2"),
        (r"\sqrt{x+1}", "√(x + 1)"),
        (r"3{,}14", "3,14"),
        (r"u_{n+1}", "u_{n + 1}"),
        (r"-x", "−x"),
    ] {
        assert_eq!(inline(tex).text, want, "{tex}");
    }
}

/// An unknown command is told, and nothing of it shows.
#[test]
fn what_cannot_be_shown_is_told() {
    let found = inline(r"x+\foo{y}");
    assert!(!found.faithful);
    assert_eq!(found.problems[0].construct, r"\foo");
    let shown = found.mathml.split("<annotation").next().unwrap();
    assert!(!shown.contains("foo"), "{shown}");
    for tex in [r"{x", r"x}", r"\left(x", r"\begin{tikzpicture}x\end{tikzpicture}", "a&b"] {
        assert!(!inline(tex).faithful, "{tex}");
    }
}

#[test]
fn letters_are_the_right_unicode_letters() {
    for (tex, want) in [
        (r"\mathbb{R}", "<mi>ℝ</mi>"),
        (r"\mathds{1}", "<mi>𝟙</mi>"),
        (r"\mathcal{F}", "<mi>ℱ</mi>"),
        (r"\mathfrak{S}", "<mi>𝔖</mi>"),
        (r"\boldsymbol{\alpha}", "<mi>𝜶</mi>"),
        (r"\bar\mathbb{R}", "<mi>ℝ</mi>"),
    ] {
        let found = inline(tex).mathml;
        assert!(found.contains(want), "{tex}: {found}");
    }
}
