//! Repositories of shapes that nobody prepared: `init` proposes their manifest, a real TeX compiles
//! them, and what is on the pages is what their authors would see.
#![allow(clippy::unwrap_used)]

use mqd_depot::{
    DepotConfig,
    compile::{Options, Shelf, compile, wanted},
    init::propose,
    scan_all,
};
use mqd_pdf::{Compiler, Engine, Settings};
use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

/// Words of each PDF, by name; `None`, said aloud, where there is no TeX.
fn pdfs(name: &str, files: &[(&str, &[u8])], figures: &[&str]) -> Option<BTreeMap<String, String>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|folder| folder.join("pdflatex").is_file()) {
        eprintln!("skipped: pdflatex is not installed (scripts/setup run installs it)");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join(name);
    fs::create_dir_all(root.join(".git")).unwrap();
    let write = |path: &str, bytes: &[u8]| {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), bytes).unwrap();
    };
    files.iter().for_each(|(path, bytes)| write(path, bytes));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let compiler = Compiler::new(Settings::new(folder.path().join("latex"))).unwrap();
    let figure = "\\documentclass{article}\\pagestyle{empty}\\begin{document}Figure\\end{document}";
    let job = mqd_pdf::Job::of_text(Engine::Pdflatex, figure);
    match runtime.block_on(compiler.compile(job, false)).unwrap() {
        mqd_pdf::Outcome::Pdf { pdf, .. } => figures.iter().for_each(|path| write(path, &pdf)),
        failed => panic!("{failed:?}"),
    }
    let proposed = propose(&root).unwrap().depots.remove(0);
    write("depot.toml", proposed.manifest.as_bytes());
    let depot = DepotConfig { path: name.into(), ..DepotConfig::default() };
    let scans = scan_all(folder.path(), &[depot]).unwrap();
    let targets = wanted(&scans).targets;
    let shelf = Shelf::new(folder.path().join("compiled"));
    let options = Options { parallel: 2, dry_run: false, all: true, progress: &|_| {} };
    let report = runtime.block_on(compile(&scans, &targets, &shelf, &compiler, options)).unwrap();
    assert_eq!(report.failed, [], "{}\n{}", report.text(), proposed.manifest);
    let own = folder.path().join("compiled").join(name);
    let words = targets
        .iter()
        .map(|target| (target.name.clone(), words(&own.join(format!("{}.pdf", target.name)))));
    Some(words.collect())
}

/// The words of a PDF, by poppler.
fn words(pdf: &Path) -> String {
    let mut child = Command::new("pdftotext")
        .args(["-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext is installed (scripts/setup test)");
    child.stdin.take().unwrap().write_all(&fs::read(pdf).unwrap()).unwrap();
    let text = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_course_with_a_class_of_its_own_parts_fonts_a_bibliography_and_an_index() {
    let files: &[(&str, &[u8])] = &[
        (
            "cours-analyse.tex",
            b"\\documentclass{style/coursprof}\n\\setmainfont{Latin Modern Roman}\n\\graphicspath{{images/}{images/schemas/}}\n\\title{Analyse}\\makeindex\n\\begin{document}\n\\maketitle\\tableofcontents\n\\subfile{chapitres/suites}\n\\subfile{chapitres/series}\n\\bibliographystyle{plain}\\bibliography{biblio}\\printindex\n\\end{document}",
        ),
        (
            "style/coursprof.cls",
            b"\\NeedsTeXFormat{LaTeX2e}\\ProvidesClass{style/coursprof}\\LoadClass{article}\\RequirePackage{fontspec,graphicx,makeidx,subfiles,amsthm}\\RequirePackage{style/macros}",
        ),
        ("style/macros.sty", b"\\ProvidesPackage{style/macros}\\newtheorem{theoreme}{Th\xc3\xa9or\xc3\xa8me}"),
        (
            "chapitres/suites.tex",
            b"\\documentclass[../cours-analyse]{subfiles}\n\\begin{document}\n\\section{Suites}\\label{s}\\index{suite}Voir \\cite{cauchy}. \\includegraphics[width=3cm]{courbe}\\begin{theoreme}Elle converge.\\end{theoreme}\n\\end{document}",
        ),
        (
            "chapitres/series.tex",
            b"\\documentclass[../cours-analyse.tex]{subfiles}\n\\begin{document}\n\\section{S\xc3\xa9ries}\\index{s\xc3\xa9rie}Apr\xc3\xa8s la section \\ref{s}. \\includegraphics[width=3cm]{schema.pdf}\n\\end{document}",
        ),
        ("biblio.bib", b"@book{cauchy, author={Augustin Cauchy}, title={Analyse}, year={1821}, publisher={Debure}}"),
    ];
    let figures = ["images/courbe.pdf", "images/schemas/schema.pdf"];
    let Some(pdfs) = pdfs("analyse", files, &figures) else { return };
    let names: Vec<&str> = pdfs.keys().map(String::as_str).collect();
    assert_eq!(names, ["chapitres/series", "chapitres/suites", "cours-analyse"]);
    let whole = &pdfs["cours-analyse"];
    for text in [
        "Voir [1]",
        "Théorème 1. Elle converge",
        "Après la section 1",
        "Augustin Cauchy",
        "suite, ",
    ] {
        assert!(whole.contains(text), "{text}: {whole}");
    }
    assert_eq!(whole.matches("Figure").count(), 2, "{whole}");
    assert!(pdfs["chapitres/suites"].contains("Théorème 1. Elle converge"));
}

#[test]
fn chapters_in_latin_1_that_share_their_names_and_a_preamble_in_a_folder() {
    let preamble = b"\\documentclass{article}\\usepackage[latin1]{inputenc}\\usepackage[T1]{fontenc}\\usepackage[french]{babel}% \xe9t\xe9\n\\newcommand{\\dd}{\\,\\mathrm d}\\newcommand{\\R}{\\mathbf R}\\newcommand{\\N}{\\mathbf N}";
    let statement = b"D\xe9terminer la nature de l'\xe9l\xe9ment propos\xe9 : $\\int_0^1 t\\dd t$.\n\\input{donnees}";
    let files: &[(&str, &[u8])] = &[
        ("commun/entete.tex", preamble),
        ("suites/exercice-01.tex", statement),
        ("suites/exercice-01-corrige.tex", b"C'est \xe9vident."),
        ("suites/exercice-02.tex", statement),
        ("suites/exercice-02-corrige.tex", b"D'apr\xe8s le th\xe9or\xe8me."),
        ("suites/donnees.tex", b"Donn\xe9es des suites."),
        ("series/exercice-01.tex", statement),
        ("series/exercice-01-corrige.tex", b"Par r\xe9currence."),
        ("series/exercice-02.tex", statement),
        ("series/donnees.tex", b"Donn\xe9es des s\xe9ries."),
        (
            "feuille-suites.tex",
            b"\\input{commun/entete}\\begin{document}Feuille de l'\xe9t\xe9. \\input{suites/exercice-01}\\input{suites/exercice-02}\\end{document}",
        ),
    ];
    let Some(pdfs) = pdfs("latin", files, &[]) else { return };
    for (name, texts) in [
        ("exercice/suites/exercice-01", ["élément proposé", "Données des suites", "évident"]),
        ("exercice/series/exercice-01", ["élément proposé", "Données des séries", "récurrence"]),
        ("feuille/suites", ["Données des suites", "évident", "théorème"]),
        ("feuille-suites", ["Feuille de l’été", "Données des suites", "élément"]),
    ] {
        for text in texts {
            assert!(
                pdfs.get(name).is_some_and(|words| words.contains(text)),
                "{name}: {text}: {pdfs:#?}"
            );
        }
    }
    assert!(
        !pdfs.keys().any(|name| name.contains("commun")),
        "a preamble is no exercise: {pdfs:#?}"
    );
}

#[test]
fn sheets_that_stand_alone_lend_their_preamble_to_their_exercises() {
    let sheet = |word: &str| {
        format!(
            "% !TeX program = lualatex\n\\documentclass{{article}}\\newcommand{{\\mot}}{{{word}}}\\newenvironment{{exercice}}{{}}{{}}\\newenvironment{{solution}}{{}}{{}}\\begin{{document}}Bonjour.\\begin{{exercice}}Calculer \\mot\\directlua{{tex.print(1)}}.\\begin{{solution}}Deux.\\end{{solution}}\\end{{exercice}}\\begin{{exercice}}Calculer deux.\\begin{{solution}}Quatre.\\end{{solution}}\\end{{exercice}}\\end{{document}}"
        )
    };
    let (first, second) = (sheet("premier"), sheet("second"));
    let files: &[(&str, &[u8])] =
        &[("01-suites/TD.tex", first.as_bytes()), ("02-limites/TD.tex", second.as_bytes())];
    let Some(pdfs) = pdfs("terminale", files, &[]) else { return };
    let exercises: Vec<&String> = pdfs
        .iter()
        .filter(|(name, words)| name.starts_with("exercice/") && words.contains("Calculer second1"))
        .map(|(_, words)| words)
        .collect();
    assert_eq!(exercises.len(), 1, "{pdfs:#?}");
    assert!(exercises[0].contains("Deux") && !exercises[0].contains("Bonjour"), "{exercises:?}");
    assert!(pdfs["01-suites/TD"].contains("Calculer premier1"), "{pdfs:#?}");
}
