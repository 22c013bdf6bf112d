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

#[test]
fn lists_are_labelled_as_enumitem_was_told() {
    for (source, label) in [
        (r"\setlist[enumerate,1]{label=\alph*)}\begin{enumerate}\item x\end{enumerate}", "a)"),
        (r"\setlist[enumerate]{label=(\roman*)}\begin{enumerate}\item x\end{enumerate}", "(i)"),
        (
            r"\setlist[enumerate,1]{label=\alph*)}\begin{enumerate}[label=\Alph*.]\item x\end{enumerate}",
            "A.",
        ),
        (
            r"\newlist{questions}{enumerate}{2}\setlist[questions,1]{label=Q\arabic*.}\begin{questions}\item x\end{questions}",
            "Q1.",
        ),
        (r"\setlist[itemize]{label=--}\begin{enumerate}\item x\end{enumerate}", "1."),
    ] {
        let document = page(source);
        assert!(document.html.contains(&format!(">{label}<")), "{source}: {}", document.html);
        assert!(document.is_clean(), "{:?}", document.diagnostics);
    }
}

#[test]
fn a_formula_holds_to_the_signs_beside_it() {
    // What stays on one line, with M for a formula.
    for (source, held) in [
        ("Soit $n$. Alors", vec!["M."]),
        ("Soit $n$, $p$, $q$", vec!["M,", "M,"]),
        ("($n$ pair)", vec!["(M"]),
        ("Soit ($n$) et", vec!["(M)"]),
        ("le nombre~$n$ est", vec!["nombre\u{a0}M"]),
        ("l'entier $n$ : oui", vec!["M\u{a0}:"]),
        ("un $n$-uplet d'entiers", vec!["M-uplet"]),
        ("$3$~cm et", vec!["M\u{a0}cm"]),
        ("l'($n$)($p$)-suite", vec!["l’(M)(M)-suite"]),
        ("\\textbf{soit $n$.} Oui", vec!["M."]),
        ("$n$,$p$,$q$", vec!["M,", "M,"]),
        ("soit $n$ pair", vec![]),
        ("$n$.", vec!["M."]),
        // Longer words may be parted: they would leave the column of a phone.
        ("$n$-antidisestablishmentarianismusquement.", vec!["M-"]),
    ] {
        let document = page(source);
        let found: Vec<String> = document
            .html
            .split("<span class=\"mq-lie\">")
            .skip(1)
            .map(|rest| {
                let mut text = rest.split_once("</span>").unwrap().0.to_owned();
                while let Some(start) = text.find("<math") {
                    let end = text.find("</math>").unwrap() + "</math>".len();
                    text.replace_range(start..end, "M");
                }
                text
            })
            .collect();
        assert_eq!(found, held, "{source}: {}", document.html);
        assert_eq!(
            document.html.matches("<span").count(),
            document.html.matches("</span>").count()
        );
    }
}

#[test]
fn references_lead_to_the_labels_of_other_parts() {
    let options = Convert { id_prefix: "e-".to_owned(), ..Convert::default() };
    let first =
        convert(r"\begin{equation}\label{un}x=1\end{equation}", "e.tex", &options, &NoSources);
    let options = Convert {
        id_prefix: "c-".to_owned(),
        labels: std::sync::Arc::new(first.labels.clone()),
        ..Convert::default()
    };
    let second = convert(r"D'après \eqref{un}.", "c.tex", &options, &NoSources);
    let id = &first.labels["un"].id;
    assert!(second.html.contains(&format!("href=\"#{id}\"")), "{}", second.html);
    let lost = page(r"D'après \ref{nulle-part}.");
    assert_eq!(lost.diagnostics.len(), 1, "{:?}", lost.diagnostics);
}
