//! The usual faults of authors: each is located and explained in French, whatever its engine.

mod common;
use common::{bench, job};
use mqd_pdf::{Engine, Outcome};

/// A fault: the line of the body, where it is found, a word of TeX's excerpt, and of the hint.
struct Fault {
    what: &'static str,
    body: &'static str,
    place: (&'static str, u32),
    excerpt: &'static str,
    hint: &'static str,
}

const fn fault(
    what: &'static str,
    body: &'static str,
    place: (&'static str, u32),
    excerpt: &'static str,
    hint: &'static str,
) -> Fault {
    Fault { what, body, place, excerpt, hint }
}

/// The body begins on line 5 of `m.tex`; `partie.tex` has an unknown command on its line 2.
const FAULTS: &[Fault] = &[
    fault("unknown command", "Bon.\n\\inconnue", ("m.tex", 6), "\\inconnue", "orthographe"),
    fault(
        "unknown command in a part",
        "\\input{partie}",
        ("partie.tex", 2),
        "\\fausse",
        "orthographe",
    ),
    fault("dollar forgotten", "Soit x_1 un réel.", ("m.tex", 5), "x_", "dollars"),
    fault("brace never closed", "Bon.\n\\textbf{gras\n\nb", ("m.tex", 6), "gras", "accolade"),
    fault("brace too many", "a}", ("m.tex", 5), "a}", "accolade fermante de trop"),
    fault(
        "environment unknown",
        "\\begin{theoreme}x\\end{theoreme}",
        ("m.tex", 5),
        "theoreme",
        "environnement",
    ),
    fault(
        "environments crossed",
        "\\begin{center}\\begin{quote}x\\end{center}\\end{quote}",
        ("m.tex", 5),
        "\\end{center}",
        "croisent",
    ),
    fault("part not found", "\\input{absente}", ("m.tex", 5), "absente", "introuvable"),
    fault("figure not found", "\\includegraphics{absente}", ("m.tex", 5), "absente", "introuvable"),
    fault("package not found", "\\end{document}", ("m.tex", 3), "paquet-absent", "introuvable"),
    fault("alignment outside of a table", "Dupont & Durand", ("m.tex", 5), "&", "tableau"),
    fault(
        "too many columns",
        "\\begin{tabular}{c}a&b\\end{tabular}",
        ("m.tex", 5),
        "a&",
        "colonnes",
    ),
    fault("two indices", "$x_1_2$", ("m.tex", 5), "_2", "indices"),
    fault("length without unit", "\\vspace{3}", ("m.tex", 5), "3", "unité"),
    fault("list without item", "\\begin{itemize}x\\end{itemize}", ("m.tex", 5), "", "\\item"),
    fault(
        "command defined twice",
        "\\newcommand{\\section}{x}",
        ("m.tex", 5),
        "\\section",
        "renewcommand",
    ),
    fault("sign that TeX does not know", "Un chat 🐈.", ("m.tex", 5), "", "caractère"),
    fault(
        "command that calls itself",
        "\\newcommand{\\x}{a\\x b}\\x",
        ("m.tex", 5),
        "",
        "elle-même",
    ),
    fault("formula ends twice", "$$x$ y", ("m.tex", 5), "", "$$"),
    fault("end forgotten", "%", ("m.tex", 0), "", "\\end{document}"),
];

#[tokio::test]
async fn usual_faults_are_located_and_explained() {
    let bench = bench();
    let mut wrong = String::new();
    for Fault { what, body, place, excerpt, hint } in FAULTS {
        let package = if *what == "package not found" { "paquet-absent" } else { "amsmath" };
        let end = if *what == "end forgotten" { "" } else { "\\end{document}" };
        let main = format!(
            "\\documentclass{{article}}\n\\usepackage{{graphicx}}\n\\usepackage{{{package}}}\n\\begin{{document}}\n{body}\n{end}\n"
        );
        let files: &[(&str, &[u8])] =
            &[("m.tex", main.as_bytes()), ("partie.tex", b"Bien.\n\\fausse\n")];
        let outcome = bench.compiler.compile(job(Engine::Pdflatex, "m.tex", files), false).await;
        let Ok(Outcome::Failed { diagnosis, log, .. }) = outcome else {
            panic!("{what} compiles: {outcome:?}");
        };
        let Some(found) = diagnosis else {
            panic!("{what} is not found in\n{log}");
        };
        let line = (place.1 != 0).then_some(place.1);
        let located =
            line.is_none() || (found.file.as_deref(), found.line) == (Some(place.0), line);
        let explained = found.hint.contains(hint);
        let shown = format!("{} {}", found.message, found.excerpt).contains(excerpt);
        if !(located && explained && shown) {
            wrong.push_str(&format!("{what}: {found:#?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn the_other_engines_report_alike() {
    let bench = bench();
    for engine in [Engine::Xelatex, Engine::Lualatex] {
        let main = b"\\documentclass{article}\n\\begin{document}\n\\inconnue\n\\end{document}\n";
        let outcome = bench.compiler.compile(job(engine, "m.tex", &[("m.tex", main)]), false).await;
        let Ok(Outcome::Failed { diagnosis: Some(found), .. }) = outcome else {
            panic!("{engine}: {outcome:?}");
        };
        assert_eq!((found.file.as_deref(), found.line), (Some("m.tex"), Some(3)), "{engine}");
        assert!(found.hint.contains("orthographe"), "{engine}: {}", found.hint);
    }
}
