//! Documents as authors write them, with a real TeX in a real sandbox.

mod common;
use common::{bench, document, job, pdf, text};
use mqd_pdf::{Engine, Failure, Job, Outcome};

#[tokio::test]
async fn every_engine_compiles() {
    let bench = bench();
    for engine in [Engine::Pdflatex, Engine::Xelatex, Engine::Lualatex] {
        let source = "\\documentclass{article}\\begin{document}Bonjour $x^2$\\end{document}";
        let outcome = bench.compiler.compile(Job::of_text(engine, source), false).await;
        let text = text(&pdf(outcome.expect("a run")));
        assert!(text.contains("Bonjour"), "{engine}: {text}");
    }
}

/// What a document must print, after all the passes that it needs.
#[tokio::test]
async fn documents_get_the_passes_and_programs_that_they_need() {
    const BIB: &[u8] = b"@book{knuth, author={Donald Knuth}, title={The TeXbook}, year={1984}, publisher={Addison}}";
    const LATIN1: &[u8] = b"\\documentclass{article}\\usepackage[latin1]{inputenc}\\usepackage[T1]{fontenc}\\begin{document}\xc9nonc\xe9 \\input{suite}\\end{document}";
    let png = {
        // One black pixel.
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
            .expect("base64")
    };
    let bench = bench();
    let figure = pdf(bench.compiler.compile(document("Figure!"), false).await.expect("a run"));
    let part = "\\section{Deuxième}\\label{two}\\cite{knuth}";
    type Case<'c> = (&'c str, Engine, &'c str, Vec<(&'c str, &'c [u8])>, Vec<&'c str>);
    let cases: Vec<Case<'_>> = vec![
        (
            "references and contents",
            Engine::Pdflatex,
            "m.tex",
            vec![("m.tex", b"\\documentclass{article}\\begin{document}\\tableofcontents\\newpage See \\ref{b}, page \\pageref{b}.\\newpage\\section{A}\\section{B}\\label{b}\\end{document}")],
            vec!["See 2, page 3", "2 B", "3"],
        ),
        (
            "a bibliography",
            Engine::Pdflatex,
            "m.tex",
            vec![("m.tex", b"\\documentclass{article}\\begin{document}See \\cite{knuth}.\\bibliographystyle{plain}\\bibliography{refs}\\end{document}"), ("refs.bib", BIB)],
            vec!["See [1].", "Donald Knuth"],
        ),
        (
            "a bibliography of biblatex, by biber",
            Engine::Pdflatex,
            "m.tex",
            vec![("m.tex", b"\\documentclass{article}\\usepackage{biblatex}\\addbibresource{refs.bib}\\begin{document}See \\cite{knuth}.\\printbibliography\\end{document}"), ("refs.bib", BIB)],
            vec!["See [1].", "Donald"],
        ),
        (
            "a bibliography cited in an included part",
            Engine::Pdflatex,
            "m.tex",
            vec![("m.tex", "\\documentclass{article}\\begin{document}Voir \\ref{two}.\\include{parties/deux}\\bibliographystyle{plain}\\bibliography{refs}\\end{document}".as_bytes()), ("parties/deux.tex", part.as_bytes()), ("refs.bib", BIB)],
            vec!["Voir 1.", "[1]", "Donald Knuth"],
        ),
        (
            "latin-1, also in parts",
            Engine::Pdflatex,
            "m.tex",
            vec![("m.tex", LATIN1), ("suite.tex", b"d\xe9j\xe0")],
            vec!["Énoncé déjà"],
        ),
        (
            "figures and the document's name",
            Engine::Pdflatex,
            "Feuille 1.tex",
            vec![
                ("Feuille 1.tex", b"\\documentclass{article}\\usepackage{graphicx}\\begin{document}\\includegraphics{figures/f}\\includegraphics[width=1cm]{p.png}\\newpage\\jobname\\end{document}"),
                ("figures/f.pdf", &figure),
                ("p.png", &png),
            ],
            vec!["Figure!", "Feuille-1"],
        ),
        (
            "a document in a folder, with an accent",
            Engine::Pdflatex,
            "dossier/Énoncé.tex",
            vec![("dossier/Énoncé.tex", b"\\documentclass{article}\\begin{document}\\input{macros}\\M\\end{document}"), ("macros.tex", b"\\def\\M{lu}")],
            vec!["lu"],
        ),
        (
            "a bibliography that comes with the sources",
            Engine::Pdflatex,
            "m.tex",
            vec![("m.tex", b"\\documentclass{article}\\begin{document}\\cite{a}\\bibliography{absent}\\end{document}"), ("m.bbl", b"\\begin{thebibliography}{1}\\bibitem{a} Un livre.\\end{thebibliography}")],
            vec!["Un livre"],
        ),
        (
            "hyperref and xelatex",
            Engine::Xelatex,
            "m.tex",
            vec![("m.tex", "\\documentclass{article}\\usepackage{hyperref}\\begin{document}\\section{Été}\\label{s}Voir \\ref{s}\\end{document}".as_bytes())],
            vec!["Voir 1"],
        ),
    ];
    for (what, engine, main, files, wanted) in cases {
        let outcome = bench.compiler.compile(job(engine, main, &files), false).await;
        let text = text(&pdf(outcome.expect("a run")));
        for wanted in wanted {
            assert!(text.contains(wanted), "{what}: « {wanted} » is not in\n{text}");
        }
    }
}

#[tokio::test]
async fn an_index_has_the_pages_of_the_last_pass() {
    // The contents push the entry some pages on after makeindex has seen it for the first time.
    let source = "\\documentclass{article}\\usepackage{makeidx}\\makeindex\\begin{document}\\tableofcontents\\newpage\\index{groupe}Page \\pageref{g}.\\label{g}\\newpage\\newcount\\n\\loop\\section{S}\\advance\\n1 \\ifnum\\n<80\\repeat\\printindex\\end{document}";
    let bench = bench();
    let job = Job::of_text(Engine::Pdflatex, source);
    let text = text(&pdf(bench.compiler.compile(job, false).await.expect("a run")));
    let number = |before: &str| {
        let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}")).1;
        rest.chars().take_while(char::is_ascii_digit).collect::<String>()
    };
    assert!(number("Page ").parse::<u32>().expect("a page") > 2, "{text}");
    assert_eq!(number("groupe, "), number("Page "));
}

#[tokio::test]
async fn a_pdf_is_made_by_the_run_or_there_is_none() {
    let bench = bench();
    let other = pdf(bench.compiler.compile(document("x"), false).await.expect("a run"));
    // The sources hold a PDF under the name of the result, and the document has no page.
    let empty = b"\\documentclass{article}\\begin{document}\\end{document}";
    let stale = job(Engine::Pdflatex, "m.tex", &[("m.tex", empty), ("m.pdf", &other)]);
    let outcome = bench.compiler.compile(stale, false).await.expect("a run");
    assert!(matches!(outcome, Outcome::Failed { why: Failure::NoPage, .. }), "{outcome:?}");
    // Pages before the error are no result.
    let outcome = bench.compiler.compile(document("a\\newpage b\\newpage\\fehler"), false).await;
    let outcome = outcome.expect("a run");
    assert!(matches!(outcome, Outcome::Failed { why: Failure::Errors, .. }), "{outcome:?}");
    // And a document that never settles ends after its passes.
    let restless = document(
        "\\makeatletter\\immediate\\write\\@auxout{\\gdef\\string\\restless{\\the\\pdfelapsedtime}}\\makeatother x\\ref{no}",
    );
    pdf(bench.compiler.compile(restless, false).await.expect("a run"));
}

#[tokio::test]
async fn formats_serve_the_same_preamble_and_no_other() {
    let bench = bench();
    let page = |preamble: &str, macros: &str, body: &str| {
        let main = format!(
            "\\documentclass{{article}}\n{preamble}\n\\begin{{document}}\n{body} \\M\n\\end{{document}}\n"
        );
        job(
            Engine::Pdflatex,
            "m.tex",
            &[("m.tex", main.as_bytes()), ("macros.tex", macros.as_bytes())],
        )
    };
    // Preamble, macros, body, printed, and how many runs have used a format afterwards.
    for (preamble, macros, body, printed, used) in [
        ("\\input{macros}", "\\def\\M{one}", "a", "a one", 0),
        ("\\input{macros}", "\\def\\M{one}", "b", "b one", 1),
        ("\\input{macros}", "\\def\\M{one}", "c", "c one", 2),
        // Another file under the same name.
        ("\\input{macros}", "\\def\\M{two}", "a", "a two", 2),
        ("\\input{macros}", "\\def\\M{two}", "b", "b two", 3),
        // Read in a way that no command shows.
        ("\\InputIfFileExists{macros}{}{}", "\\def\\M{one}", "a", "a one", 3),
        ("\\InputIfFileExists{macros}{}{}", "\\def\\M{one}", "b", "b one", 4),
        ("\\InputIfFileExists{macros}{}{}", "\\def\\M{two}", "c", "c two", 4),
        // A preamble that does not survive a dump compiles all the same, then without.
        (
            "\\input{macros}\\newread\\r\\openin\\r=macros \\AtBeginDocument{\\ifeof\\r\\lost\\fi}",
            "\\def\\M{one}",
            "a",
            "a one",
            4,
        ),
        (
            "\\input{macros}\\newread\\r\\openin\\r=macros \\AtBeginDocument{\\ifeof\\r\\lost\\fi}",
            "\\def\\M{one}",
            "b",
            "b one",
            5,
        ),
        (
            "\\input{macros}\\newread\\r\\openin\\r=macros \\AtBeginDocument{\\ifeof\\r\\lost\\fi}",
            "\\def\\M{one}",
            "c",
            "c one",
            5,
        ),
    ] {
        let outcome = bench.compiler.compile(page(preamble, macros, body), false).await;
        let text = text(&pdf(outcome.expect("a run")));
        assert!(text.contains(printed), "{preamble} {macros} {body}: {text}");
        let now = bench.compiler.statistics().with_format;
        assert_eq!(now, used, "{preamble} {macros} {body}");
    }
}

#[tokio::test]
async fn nothing_is_left_behind() {
    // A temporary folder of our own would need another process: look for our documents' names.
    let bench = bench();
    let files: &[(&str, &[u8])] = &[(
        "left-behind-by-mqd.tex",
        b"\\documentclass{article}\\begin{document}\\fehler\\end{document}",
    )];
    let outcome =
        bench.compiler.compile(job(Engine::Pdflatex, "left-behind-by-mqd.tex", files), false).await;
    assert!(matches!(outcome, Ok(Outcome::Failed { .. })));
    let left = || {
        std::fs::read_dir(std::env::temp_dir())
            .expect("the temporary folder")
            .flatten()
            .filter(|entry| entry.path().join("left-behind-by-mqd.tex").exists())
            .count()
    };
    for _ in 0..50 {
        if left() == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(left(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_licence_is_printed_without_the_fonts_of_its_icons() {
    let bench = bench();
    let text = "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage[type={CC},modifier={by-sa},version={4.0}]{doclicense}\n\\begin{document}Un \\ccbysa{} deux \\doclicenseText\\end{document}";
    // As it is given to runs where TeX lacks the package.
    let stand_in = include_bytes!("../src/standins/ccicons.sty");
    let job =
        job(Engine::Pdflatex, "m.tex", &[("m.tex", text.as_bytes()), ("ccicons.sty", stand_in)]);
    let said = common::text(&pdf(bench.compiler.compile(job, false).await.expect("a run")));
    assert!(said.contains("cc by-sa") && said.contains("CC BY-SA 4.0"), "{said}");
}
