//! Constructs one by one: what a source becomes.
#![allow(clippy::unwrap_used)]

use mqd_tex::{Convert, NoSources, convert};

fn page(source: &str) -> mqd_tex::Document {
    convert(source, "essai.tex", &Convert::default(), &NoSources)
}

#[test]
fn a_macro_may_stand_for_a_cell_over_columns() {
    let document = page(
        r"\newcommand{\mc}[3]{\multicolumn{#1}{#2}{#3}}\begin{tabular}{|c|c|}\mc{2}{c}{large}\\ a&b\end{tabular}",
    );
    assert!(document.html.contains("colspan=\"2\""), "{}", document.html);
    assert!(document.is_clean(), "{:?}", document.diagnostics);
}

#[test]
fn addresses_keep_their_signs_and_replace_macros() {
    for (source, address) in [
        (r"\def\base{https://a.fr/}\href{\base x_y.pdf}{t}", "https://a.fr/x_y.pdf"),
        (r"\href{https://a.fr/a\_b\%20c\#d}{t}", "https://a.fr/a_b%20c#d"),
        (r"\href{https://a.fr/?a=1&b_c=2}{t}", "https://a.fr/?a=1&amp;b_c=2"),
    ] {
        let document = page(source);
        assert!(document.html.contains(&format!("href=\"{address}\"")), "{}", document.html);
        assert!(document.is_clean(), "{:?}", document.diagnostics);
    }
}

#[test]
fn what_is_only_room_leaves_no_text() {
    let document = page(r"a\phantom{xyz}b");
    assert!(document.is_clean(), "{:?}", document.diagnostics);
    assert!(!document.text.contains("xyz"), "{}", document.text);
}

#[test]
fn macros_of_cells_and_addresses_that_never_end_are_stopped() {
    let cell = page(r"\def\m{\m\multicolumn}\begin{tabular}{c}\m{2}{c}{x}\end{tabular}");
    assert!(!cell.diagnostics.is_empty());
    let link = page(r"\def\b{\b\b}\href{https://a.fr/\b}{t}");
    assert!(!link.diagnostics.is_empty());
}

#[test]
fn items_may_stand_directly_in_a_theorem() {
    let document = page(
        r"\newtheorem*{pa}{Présentation}\begin{pa}\item[Existence] : oui.\item[Unicité] : aussi.\end{pa}",
    );
    assert!(document.is_clean(), "{:?}", document.diagnostics);
    assert!(document.html.contains("<dt>Existence</dt>"), "{}", document.html);
}

#[test]
fn a_macro_may_hold_rules_and_colours() {
    let document = page(
        r"\newcommand{\titre}[1]{\bigskip\rule[5pt]{\linewidth}{2pt}\textbf{\color{red}{#1}}\newline}\titre{Suites}",
    );
    assert!(document.is_clean(), "{:?}", document.diagnostics);
    assert!(
        document.html.contains("<hr>") && document.text.contains("Suites"),
        "{}",
        document.html
    );
}

#[test]
fn a_title_is_printed_where_maketitle_stands() {
    let document =
        page(r"\title{Suites}\author{La classe}\begin{document}\maketitle Texte.\end{document}");
    assert!(document.is_clean(), "{:?}", document.diagnostics);
    assert!(document.text.starts_with("Suites"), "{}", document.text);
    assert!(document.text.contains("La classe"), "{}", document.text);
}

#[test]
fn headings_leave_out_no_level() {
    let document = page(
        r"\subsection*{A}\subsubsection*{B}\section*{C}\subsubsection*{D}\subsubsection*{E}\paragraph{F}",
    );
    let levels: Vec<&str> =
        document.html.match_indices("<h").map(|(at, _)| &document.html[at + 1..at + 3]).collect();
    assert_eq!(levels, ["h2", "h3", "h2", "h3", "h3", "h4"], "{}", document.html);
}
