//! `init` on folders of many shapes: what is proposed loads, and finds what a person would.
#![allow(clippy::unwrap_used)]

use mqd_depot::init::{ProposedDepot, propose};
use std::{fs, path::Path};

/// What the folder is, its files, what is found in it.
type Case<'c> = (&'c str, Vec<(&'c str, &'c str)>, &'c str);

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The only dépôt that is proposed for a repository with these files.
fn only(name: &str, files: &[(&str, &str)]) -> ProposedDepot {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join(name);
    fs::create_dir_all(root.join(".git")).unwrap();
    write(&root, files);
    let mut depots = propose(&root).unwrap().depots;
    assert_eq!(depots.len(), 1);
    depots.remove(0)
}

const WHOLE: &str = "\\documentclass{article}\\begin{document}";

#[test]
fn folders_of_many_shapes() {
    let course = format!(
        "{WHOLE}\\title{{Suites}}\\section{{Limites}}\\index{{suite!bornée}}Une suite.\\end{{document}}"
    );
    let sheet = "\\documentclass{article}\\begin{document}\\title{Les suites}\n\\begin{exercice}Un.\\end{exercice}\n\\begin{corrige}A.\\end{corrige}\n\\begin{exercice}Deux.\\end{exercice}\\end{document}";
    let nested = "\\begin{exo}[Titre]Un.\\begin{solution}A.\\end{solution}\\end{exo}\\begin{exo}Deux.\\end{exo}";
    let headed = "\\documentclass{article}\\begin{document}\\exo Un.\n\\exo Deux.\n\\exo Trois.\\end{document}";
    let opened = "\\exercice{7, a, 2001/02/03}\n\\enonce Un.\n\\finenonce\n\\noindication\n\\finexercice\n\\exercice{8, b, 2001/02/03}\n\\enonce Deux.\n\\finenonce\n\\correction Oui.\n\\fincorrection\n\\finexercice";
    let parts = "\\titre{Une suite}\\notions{suite, limite}\\enonce{Calculer la limite de la suite.}\\indication{Encadrer les termes.}\\corrige{Elle vaut exactement $0$.}";
    let cases: Vec<Case> = vec![
        (
            "pairs by their first letter, a table of themes, wrappers",
            vec![
                ("Ecp01.tex", "Calculer."),
                ("Ccp01.tex", "Deux."),
                ("Ecp02.tex", "Calculer."),
                ("Ccp02.tex", "Trois."),
                ("Eal01.tex", "Montrer."),
                ("Cal01.tex", "Oui."),
                ("Eal02.tex", "Sans corrigé."),
                ("codes.csv", "code;theme\ncp;Nombres complexes\nal;Algèbre\n"),
                ("Acp01.tex", "\\input{pre}\\input{Ecp01}\\input{Ccp01}\\end{document}"),
                ("Acp02.tex", "\\input{pre}\\input{Ecp02}\\input{Ccp02}\\end{document}"),
                ("pre.tex", "\\documentclass{article}\\newcommand{\\R}{\\mathbb R}"),
            ],
            "exercice 4, liste exercices 2, thème feuille exercices 2",
        ),
        (
            "a folder for statements, one for answers",
            vec![
                ("enonces/suites1.tex", "Un."),
                ("corriges/suites1.tex", "A."),
                ("enonces/series2.tex", "Deux."),
                ("corriges/series2.tex", "B."),
            ],
            "exercice 2",
        ),
        (
            "a folder for each exercise",
            vec![
                ("suites/ex1/sujet.tex", "Un."),
                ("suites/ex1/solution.tex", "A."),
                ("suites/ex2/sujet.tex", "Deux."),
                ("suites/ex2/solution.tex", "B."),
                ("limites/ex1/sujet.tex", "Trois."),
                ("limites/ex1/indication.tex", "Voir."),
                ("limites/ex1/solution.tex", "C."),
            ],
            "exercice 3, liste exercices 2, thème feuille exercices 2",
        ),
        (
            "an ending for the answers, statements without a mark",
            vec![
                ("exos/limites.tex", "Un."),
                ("exos/limites_corrige.tex", "A."),
                ("exos/derivees.tex", "Deux."),
                ("exos/derivees_corrige.tex", "B."),
                ("exos/seul.tex", "Sans corrigé."),
            ],
            "exercice 3",
        ),
        (
            "the same beside courses",
            vec![
                ("limites.tex", "Un."),
                ("limites-sol.tex", "A."),
                ("derivees.tex", "Deux."),
                ("derivees-sol.tex", "B."),
                ("cours-suites.tex", course.as_str()),
                ("cours-series.tex", course.as_str()),
            ],
            "cours 2, exercice 2, index Latex 2",
        ),
        (
            "sheets that hold exercises, answers after them",
            vec![("td1.tex", sheet), ("td2.tex", sheet)],
            "exercice 4, liste exercices 2",
        ),
        (
            "files by theme, answers inside the exercises",
            vec![("suites.tex", nested), ("groupes.tex", nested)],
            "exercice 4, liste exercices 2",
        ),
        (
            "exercises after a command",
            vec![("feuille-suites.tex", headed), ("feuille-series.tex", headed)],
            "exercice 6, liste exercices 2",
        ),
        (
            "exercises between commands that open and close",
            vec![("fiches/a.tex", opened), ("fiches/b.tex", opened)],
            "exercice 4, liste exercices 2",
        ),
        (
            "one exercise a file, its parts between commands",
            vec![("banque/a.tex", parts), ("banque/b.tex", parts), ("banque/c.tex", parts)],
            "exercice 3, objet mathématique 2",
        ),
        (
            "a year: courses, tests, homework, weeks",
            vec![
                ("cours/chap1.tex", course.as_str()),
                ("cours/chap2.tex", course.as_str()),
                ("ds/ds1.tex", course.as_str()),
                ("ds/ds2.tex", course.as_str()),
                ("dm/DM01.tex", course.as_str()),
                ("colles/semaine-1.tex", course.as_str()),
                ("colles/semaine-2.tex", course.as_str()),
            ],
            "DM 1, DS 2, cours 2, index Latex 2, problème 3, programme 2, semaine de colle 2",
        ),
        (
            "fragments that a sheet inputs, chapters that a book inputs",
            vec![
                ("exo/limite.tex", "Calculer."),
                ("exo/serie.tex", "Étudier."),
                ("exo/reste.tex", "Majorer."),
                (
                    "feuille.tex",
                    "\\documentclass{article}\\begin{document}\\title{Suites}\\input{exo/limite}\\input{exo/serie}\\end{document}",
                ),
                ("chapitres/suites.tex", "\\chapter{Suites}\\section{Limites}Une suite."),
                ("chapitres/series.tex", "\\chapter{Séries}\\section{Sommes}Une série."),
                (
                    "poly.tex",
                    "\\documentclass{book}\\begin{document}\\title{Analyse}\\input{chapitres/suites}\\input{chapitres/series}\\end{document}",
                ),
            ],
            "cours 2, exercice 3, liste exercices 1, livre 1",
        ),
        (
            "quick exercises",
            vec![
                ("calcul/Ea1.tex", "1+1 ?"),
                ("calcul/Ca1.tex", "2"),
                ("trigo/Eb1.tex", "sin 0 ?"),
                ("trigo/Cb1.tex", "0"),
            ],
            "liste rapidexo 2, rapidexo 2",
        ),
    ];
    for (what, files, wanted) in cases {
        let name = if what == "quick exercises" { "rapidexos" } else { "maths" };
        let depot = only(name, &files);
        let found: Vec<String> =
            depot.found.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        let left: Vec<&str> = depot.left.iter().map(|(path, _)| path.as_str()).collect();
        let said = [found.join(", "), left.join(", ")].join("; ");
        assert_eq!(said.trim_end_matches("; "), wanted, "{what}\n{}", depot.manifest);
    }
}

#[test]
fn the_proposed_text() {
    let depot = only(
        "maths",
        &[
            ("suites/1-enonce.tex", "% notions : suite, limite\nCalculer."),
            ("suites/1-corrige.tex", "Zéro."),
            ("series/2-enonce.tex", "% notions : série\nSommer."),
            ("series/2-corrige.tex", "Un."),
            ("commun/macros.tex", "\\usepackage{amsmath}\\newcommand{\\N}{\\mathbb N}"),
        ],
    );
    insta::assert_snapshot!(depot.manifest);
}

#[test]
fn each_repository_is_a_depot() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("Mes cours/ch1.tex", WHOLE),
            ("exos/E1.tex", "a"),
            ("exos/C1.tex", "b"),
            ("photos/a.txt", ""),
        ],
    );
    let proposal = propose(folder.path()).unwrap();
    let roots: Vec<_> = proposal.depots.iter().map(|d| d.root.file_name().unwrap()).collect();
    assert_eq!(roots, ["Mes cours", "exos"]);
    assert!(proposal.configuration.contains("path = \"Mes cours\""), "{}", proposal.configuration);
    assert!(proposal.depots[0].manifest.contains("name = \"mes-cours\""));
}

/// Files of a real corpus that a proposed manifest may leave out: one in ten.
#[test]
fn a_real_corpus_is_mostly_found() {
    let Some(corpus) = std::env::var_os("MQD_CORPUS") else {
        println!("skipped: MQD_CORPUS is not set");
        return;
    };
    for depot in propose(Path::new(&corpus)).unwrap().depots {
        let name = depot.root.file_name().unwrap().to_string_lossy().into_owned();
        let found: usize = depot.found.iter().map(|(_, count)| count).sum();
        println!("{name}: {:?}, {} left", depot.found, depot.left.len());
        assert!(depot.left.len() * 10 <= found, "{name}: {:#?}\n{}", depot.left, depot.manifest);
    }
}
