//! Compiling small dépôts with a real TeX: what changed and nothing else, whatever breaks.
#![allow(clippy::unwrap_used)]

use mqd_depot::{
    DepotConfig,
    compile::{Options, Progress, Report, Shelf, compile, wanted},
    scan::Scan,
    scan_all,
};
use mqd_pdf::{Compiler, Settings};
use std::{fs, path::Path, sync::Mutex};

const MANIFEST: &str = r#"
[depot]
name = "exos"
preambles = ["commun/preambule.tex"]
dates = "none"

[[table]]
name = "themes"
rows = { al = "Algèbre & groupes", fc = "Fonctions" }

[[kind]]
name = "exercice"
label = "Document"
type = "exercice"
title = "Exercice {theme}{n}"
key = "{theme}{n}"
preamble = "commun/preambule.tex"
files.statement = "{theme:letters2}/E{n:digits}.tex"
files.answer = "{theme:letters2}/C{n:digits}.tex"
publish = ["whole"]

[[kind.link]]
relation = "CONTIENT"
from = "feuille"
key = "{theme}"

[[kind]]
name = "feuille"
label = "Document"
type = "liste exercices"
title = "{value}"
table = "themes"
preamble = "commun/preambule.tex"
publish = ["whole"]

[[kind]]
name = "cours"
label = "Document"
type = "cours"
title = "Cours {nom}"
files.body = "cours-{nom}.tex"
publish = ["whole"]
"#;

const FILES: &[(&str, &str)] = &[
    ("exos/depot.toml", MANIFEST),
    (
        "exos/commun/preambule.tex",
        "\\documentclass{article}\n\\usepackage[latin1]{inputenc}\n\\usepackage{amsmath,graphicx}\n\\newcommand{\\R}{\\mathbf{R}}\n\\newcommand{\\dessin}[1]{\\includegraphics{al/#1}}\n",
    ),
    ("exos/al/E1.tex", "Soit $x\\in\\R$. \\input{suite}"),
    ("exos/al/suite.tex", "La suite."),
    ("exos/al/C1.tex", "Évident."),
    ("exos/al/E2.tex", "Voir \\dessin{trait}."),
    ("exos/fc/E1.tex", "Une fonction."),
    ("exos/cours-un.tex", "\\documentclass{article}\\begin{document}Tout seul.\\end{document}"),
];

struct World {
    folder: tempfile::TempDir,
    compiler: Compiler,
    shelf: Shelf,
}

impl World {
    /// `None`, said aloud, where there is no TeX.
    fn new() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if !std::env::split_paths(&path).any(|folder| folder.join("pdflatex").is_file()) {
            eprintln!("skipped: pdflatex is not installed (scripts/setup run installs it)");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let compiler = Compiler::new(Settings::new(folder.path().join("latex"))).unwrap();
        let shelf = Shelf::new(folder.path().join("compiled"));
        let world = Self { folder, compiler, shelf };
        for (path, text) in FILES {
            world.write(path, text);
        }
        fs::write(world.path("exos/al/trait.pdf"), world.figure("un trait")).unwrap();
        Some(world)
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join("depots").join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A small PDF, as a drawing program would have made it.
    fn figure(&self, text: &str) -> Vec<u8> {
        let source = format!(
            "\\documentclass{{article}}\\pagestyle{{empty}}\\begin{{document}}{text}\\end{{document}}"
        );
        let job = mqd_pdf::Job::of_text(mqd_pdf::Engine::Pdflatex, source);
        match runtime().block_on(self.compiler.compile(job, false)).unwrap() {
            mqd_pdf::Outcome::Pdf { pdf, .. } => pdf.to_vec(),
            failed => panic!("{failed:?}"),
        }
    }

    fn scans(&self) -> Vec<Scan> {
        let depot = DepotConfig { path: "exos".into(), ..DepotConfig::default() };
        scan_all(&self.path(""), &[depot]).unwrap()
    }

    fn run(&self) -> Report {
        self.run_with(false, &|_| {})
    }

    fn run_with(&self, dry_run: bool, progress: &(dyn Fn(Progress) + Sync)) -> Report {
        let scans = self.scans();
        let wanted = wanted(&scans);
        assert_eq!(wanted.remarks, Vec::<String>::new());
        let options = Options { parallel: 2, dry_run, all: true, progress };
        let run = compile(&scans, &wanted.targets, &self.shelf, &self.compiler, options);
        runtime().block_on(run).unwrap()
    }

    fn pdf(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join("compiled").join(name)).unwrap()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

fn compiled(report: &Report) -> Vec<&str> {
    assert_eq!(report.failed, [], "{}", report.text());
    report.compiled.iter().map(|one| one.pdf.trim_start_matches("exos/")).collect()
}

const ALL: [&str; 6] = [
    "cours-un.pdf",
    "exercice/al1.pdf",
    "exercice/al2.pdf",
    "exercice/fc1.pdf",
    "feuille/al.pdf",
    "feuille/fc.pdf",
];

#[test]
fn a_change_is_compiled_with_all_that_it_touches_and_nothing_else() {
    let Some(world) = World::new() else { return };
    assert_eq!(compiled(&world.run_with(true, &|_| {})), ALL, "a dry run says what would be");
    assert!(!world.folder.path().join("compiled").exists(), "and writes nothing");
    assert_eq!(compiled(&world.run()), ALL);
    let second = world.run();
    assert_eq!((compiled(&second), second.unchanged), (vec![], 6));

    // The same bytes at another time are no change.
    world.write("exos/al/E1.tex", FILES[2].1);
    assert_eq!(compiled(&world.run()), Vec::<&str>::new());
    let rows: [(&str, &str, &[&str]); 6] = [
        ("exos/fc/E1.tex", "Deux fonctions.", &["exercice/fc1.pdf", "feuille/fc.pdf"]),
        ("exos/al/suite.tex", "La fin.", &["exercice/al1.pdf", "feuille/al.pdf"]),
        ("exos/al/C1.tex", "Très évident.", &["exercice/al1.pdf", "feuille/al.pdf"]),
        ("exos/fc/C1.tex", "Un corrigé nouveau.", &["exercice/fc1.pdf", "feuille/fc.pdf"]),
        (
            "exos/cours-un.tex",
            "\\documentclass{article}\\begin{document}x\\end{document}",
            &ALL[..1],
        ),
        ("exos/commun/preambule.tex", &FILES[1].1.replace("mathbf", "mathrm"), &ALL[1..]),
    ];
    for (path, text, expected) in rows {
        world.write(path, text);
        assert_eq!(compiled(&world.run()), expected, "{path}");
    }

    // A macro made the name of the figure: TeX asked for it, and it counts from then on.
    fs::write(world.path("exos/al/trait.pdf"), world.figure("un autre trait")).unwrap();
    assert_eq!(compiled(&world.run()), ["exercice/al2.pdf", "feuille/al.pdf"]);

    fs::remove_file(world.path("exos/fc/E1.tex")).unwrap();
    fs::remove_file(world.path("exos/fc/C1.tex")).unwrap();
    let report = world.run();
    assert_eq!(report.removed, ["exos/exercice/fc1.pdf", "exos/feuille/fc.pdf"]);
    assert!(!world.folder.path().join("compiled/exos/exercice/fc1.pdf").exists());
    assert!(world.pdf("exos/feuille/al.pdf").starts_with(b"%PDF"));
}

#[test]
fn a_broken_document_is_located_and_stops_no_other() {
    let Some(world) = World::new() else { return };
    world.run();
    let before = world.pdf("exos/exercice/al1.pdf");
    world.write("exos/al/suite.tex", "Bien.\n\nIci $\\commandeinconnue$.\n");
    world.write("exos/fc/E1.tex", "Une autre fonction.");
    let report = world.run();
    let done: Vec<&str> = report.compiled.iter().map(|one| one.pdf.as_str()).collect();
    assert_eq!(done, ["exos/exercice/fc1.pdf", "exos/feuille/fc.pdf"]);
    let failed: Vec<String> =
        report.failed.iter().map(|one| format!("{} {}", one.pdf, one.place())).collect();
    assert_eq!(
        failed,
        ["exos/exercice/al1.pdf exos/al/suite.tex:3", "exos/feuille/al.pdf exos/al/suite.tex:3"]
    );
    assert!(report.failed.iter().all(|one| one.kept && !one.known));
    assert!(report.failed[0].problem.hint.starts_with("Cette commande"));
    assert_eq!(world.pdf("exos/exercice/al1.pdf"), before, "the last PDF stays");

    let again = world.run();
    assert_eq!(again.compiled, [], "what failed is not tried again until it changes");
    assert!(again.failed.iter().all(|one| one.known) && again.failed.len() == 2);

    world.write("exos/al/suite.tex", "Réparé.");
    assert_eq!(compiled(&world.run()), ["exercice/al1.pdf", "feuille/al.pdf"]);
}

#[test]
fn a_run_that_is_cut_short_goes_on_where_it_was() {
    let Some(world) = World::new() else { return };
    let scans = world.scans();
    let targets = wanted(&scans).targets;
    let done = Mutex::new(0);
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = Mutex::new(Some(tell));
    let progress = |event: Progress| {
        if let Progress::Done { .. } = event {
            *done.lock().unwrap() += 1;
            if let Some(tell) = tell.lock().unwrap().take() {
                tell.send(()).unwrap();
            }
        }
    };
    let options = Options { parallel: 1, dry_run: false, all: true, progress: &progress };
    runtime().block_on(async {
        tokio::select! {
            _ = compile(&scans, &targets, &world.shelf, &world.compiler, options) => panic!("too fast"),
            _ = told => {}
        }
    });
    let first = *done.lock().unwrap();
    let report = world.run();
    assert_eq!(report.unchanged, first);
    assert_eq!(report.compiled.len(), ALL.len() - first);
}

#[test]
fn parts_of_files_layouts_and_engines_compile() {
    let Some(world) = World::new() else { return };
    fs::remove_dir_all(world.path("exos")).unwrap();
    world.write(
        "exos/depot.toml",
        r#"
[depot]
name = "exos"
dates = "none"
preambles = ["p.tex"]

[[kind]]
name = "exercice"
label = "Document"
type = "exercice"
title = "Exercice {n}"
key = "{n}"
files.body = "chapitre.tex"
split = { environment = "exo" }
parts.answer = { command = "corrige" }
parts.statement = { rest = true }
publish = ["whole", "statement", "answer"]
layout = """
Avant. <<title>>
<<statement>>
Après.
"""

[[kind]]
name = "note"
label = "Document"
type = "cours"
title = "Note {nom} ⊂ ℝ"
files.body = "note-{nom}.tex"
engine = "xelatex"
publish = ["whole"]
"#,
    );
    world.write("exos/p.tex", "\\newenvironment{exo}{}{}");
    world.write(
        "exos/chapitre.tex",
        "\\section{Un}\n\\begin{exo}\nUn.\n\\corrige{Oui.}\n\\end{exo}\n\\begin{exo}\nDeux \\faute.\n\\end{exo}\n",
    );
    world.write("exos/note-a.tex", "Une note : \\ifdefined\\XeTeXversion bien\\else\\faute\\fi.");
    world.write(
        "exos/note-b.tex",
        "% !TEX program = lualatex\n\\documentclass{article}\\begin{document}\\directlua{tex.print(1)}\\end{document}",
    );
    let report = world.run();
    let done: Vec<&str> = report.compiled.iter().map(|one| one.pdf.as_str()).collect();
    assert_eq!(
        done,
        [
            "exos/exercice/1-corrige.pdf",
            "exos/exercice/1-enonce.pdf",
            "exos/exercice/1.pdf",
            "exos/note-b.pdf",
            "exos/note/a.pdf"
        ],
        "{}",
        report.text()
    );
    // The line is that of the file that the author edits.
    let places: Vec<String> = report.failed.iter().map(mqd_depot::compile::Failed::place).collect();
    assert_eq!(places, ["exos/chapitre.tex:7", "exos/chapitre.tex:7"], "{}", report.text());
}

#[test]
fn a_manifest_cannot_ask_for_what_has_no_pdf() {
    for (wrong, expected) in [
        (
            "label = \"Concept\"\ntype = \"discipline\"\ntitle = \"{value}\"\npublish = [\"whole\"]",
            "only a kind of Document has PDFs",
        ),
        (
            "label = \"Document\"\ntype = \"cours\"\ntitle = \"x\"\nfiles.body = \"{n}.tex\"\nengine = \"pdflatx\"",
            "did you mean `pdflatex`",
        ),
    ] {
        let text = format!("[depot]\nname = \"d\"\n[[kind]]\nname = \"k\"\n{wrong}\n");
        let error =
            mqd_depot::manifest::Manifest::parse(Path::new("depot.toml"), &text).unwrap_err();
        assert!(error.message.contains(expected), "{error}");
    }
}
