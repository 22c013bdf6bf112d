//! Figures that scripts draw: drawn where the program is, else the committed ones; Python and
//! Asymptote are installed by `scripts/setup test`.
#![allow(clippy::unwrap_used)]

use mqd_depot::{
    DepotConfig, DepotContents,
    compile::{
        Options, Report, Shelf, compile,
        figures::{Drawn, Figures, draw},
        wanted,
    },
    contents::Contents as _,
    scan::Scan,
    scan_all,
};
use mqd_pdf::{Compiler, Settings, drawing::Program};
use std::{fs, io::Write as _, path::PathBuf, process::Stdio};

const MANIFEST: &str = r#"
[depot]
name = "cours"
dates = "none"

[[kind]]
name = "cours"
label = "Document"
type = "cours"
title = "Cours {nom}"
files.body = "cours-{nom:word}.tex"
publish = ["whole"]
"#;

/// A script that writes a PDF with a word on it.
fn script(word: &str) -> String {
    format!(
        r#"import os, sys
word = {word}
stream = b"BT /F1 12 Tf 5 5 Td (" + word.encode() + b") Tj ET"
parts = [
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 20]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
    b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
]
pdf, at = b"%PDF-1.4\n", []
for number, part in enumerate(parts, 1):
    at.append(len(pdf))
    pdf += b"%d 0 obj%s endobj\n" % (number, part)
start = len(pdf)
pdf += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % a for a in at)
pdf += b"trailer<</Root 1 0 R/Size 6>>\nstartxref\n%d\n%%%%EOF\n" % start
open(os.path.basename(sys.argv[0])[:-3] + ".pdf", "wb").write(pdf)
"#
    )
}

struct World {
    folder: tempfile::TempDir,
    compiler: Compiler,
    /// As on a machine where no program draws.
    without: Compiler,
}

impl World {
    /// `None`, said aloud, where there is no TeX or no Python.
    fn new() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new(folder.path().join("latex"));
        let compiler = Compiler::new(settings.clone()).unwrap();
        if !std::env::split_paths(&path).any(|folder| folder.join("pdflatex").is_file())
            || compiler.draws(Program::Python).is_none()
        {
            eprintln!("skipped: TeX or Python is not installed (scripts/setup test installs them)");
            return None;
        }
        let without = Compiler::new(Settings { unsandboxed: true, ..settings }).unwrap();
        let world = Self { folder, compiler, without };
        world.write("depot.toml", MANIFEST);
        world.write("cours-un.tex", "Voir \\includegraphics{fig/f} ici.");
        world.write("cours-deux.tex", "Rien à voir.");
        world.write("fig/f.py", &script("'Dessine'"));
        world.commit("fig/f.pdf", "'Depose'");
        Some(world)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("cours").join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A figure that the author drew and committed.
    fn commit(&self, path: &str, word: &str) {
        let folder = tempfile::tempdir().unwrap();
        let name = path.rsplit('/').next().unwrap();
        let own = folder.path().join(name.replace(".pdf", ".py"));
        fs::write(&own, script(word)).unwrap();
        let status =
            std::process::Command::new("/usr/bin/python3").arg(&own).current_dir(&folder).status();
        assert!(status.unwrap().success());
        fs::copy(folder.path().join(name), self.path(path)).unwrap();
    }

    fn scans(&self) -> Vec<Scan> {
        let depot = DepotConfig { path: "cours".into(), ..DepotConfig::default() };
        let mut scans = scan_all(self.folder.path(), &[depot]).unwrap();
        let figures = Figures::load(&self.folder.path().join("figures"));
        scans.iter_mut().for_each(|scan| figures.lay(scan));
        scans
    }

    fn run(&self) -> (Drawn, Report) {
        self.run_with(&self.compiler, false)
    }

    fn run_with(&self, compiler: &Compiler, dry_run: bool) -> (Drawn, Report) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let options = Options { parallel: 2, dry_run, all: true, progress: &|_| {} };
        let mut scans = self.scans();
        runtime.block_on(async {
            let folder = self.folder.path().join("figures");
            let drawn = draw(&mut scans, &folder, compiler, options).await.unwrap();
            let targets = wanted(&scans).targets;
            let shelf = Shelf::new(self.folder.path().join("compiled"));
            let report = compile(&scans, &targets, &shelf, compiler, options).await.unwrap();
            (drawn, report)
        })
    }

    /// The text of a compiled PDF, by poppler.
    fn text(&self, name: &str) -> String {
        let pdf = fs::read(self.folder.path().join("compiled/cours").join(name)).unwrap();
        let mut child = std::process::Command::new("pdftotext")
            .args(["-", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("pdftotext is installed (scripts/setup test)");
        child.stdin.take().unwrap().write_all(&pdf).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }
}

fn compiled(report: &Report) -> Vec<&str> {
    assert_eq!(report.failed, [], "{}", report.text());
    report.compiled.iter().map(|one| one.pdf.trim_start_matches("cours/cours/")).collect()
}

#[test]
fn a_figure_is_drawn_where_its_program_is_and_else_the_committed_one_is_used() {
    let Some(world) = World::new() else { return };
    let (drawn, report) = world.run_with(&world.without, false);
    assert_eq!(drawn.missing, [("python3".to_owned(), 1)].into());
    assert!(drawn.text().contains("python3 n'est pas installé"), "{}", drawn.text());
    assert_eq!(compiled(&report), ["deux.pdf", "un.pdf"]);
    assert!(world.text("cours/un.pdf").contains("Depose"));

    // The program comes: what it draws takes the place of the committed figure.
    let (drawn, report) = world.run_with(&world.compiler, true);
    assert_eq!(
        (drawn.drawn.as_slice(), compiled(&report)),
        (&["cours/fig/f.py".to_owned()][..], vec!["un.pdf"])
    );
    assert!(!world.folder.path().join("figures").exists(), "a dry run draws nothing");
    let (drawn, report) = world.run();
    assert_eq!(
        (drawn.drawn.as_slice(), compiled(&report)),
        (&["cours/fig/f.py".to_owned()][..], vec!["un.pdf"])
    );
    assert!(world.text("cours/un.pdf").contains("Dessine"));
    let (drawn, report) = world.run();
    assert_eq!((drawn.drawn.len(), drawn.unchanged, compiled(&report)), (0, 1, vec![]));

    // A change of the script, or of a file that it reads, is a change of what shows the figure.
    world.write("fig/mot.txt", "Lu");
    world.write("fig/f.py", &script("open('mot.txt').read()"));
    assert_eq!(compiled(&world.run().1), ["un.pdf"]);
    assert!(world.text("cours/un.pdf").contains("Lu"));
    world.write("fig/mot.txt", "Relu");
    assert_eq!(compiled(&world.run().1), ["un.pdf"]);
    assert!(world.text("cours/un.pdf").contains("Relu"));
    world.write("cours-deux.tex", "Toujours rien.");
    let (drawn, report) = world.run();
    assert_eq!((drawn.drawn.len(), compiled(&report)), (0, vec!["deux.pdf"]));

    // The program goes again: what it drew last is still what the script says.
    assert_eq!(compiled(&world.run_with(&world.without, false).1), Vec::<&str>::new());

    // A script that breaks is located, and the committed figure is used; so it is without one.
    world.write("fig/f.py", "x = 1\nraise ValueError('cassé')\n# f.pdf");
    let (drawn, report) = world.run();
    assert_eq!(compiled(&report), ["un.pdf"]);
    assert!(world.text("cours/un.pdf").contains("Depose"));
    assert!(
        drawn.text().contains("✗ cours/fig/f.py:2 : ValueError: cassé (la figure déposée sert)"),
        "{}",
        drawn.text()
    );
    let (again, _) = world.run();
    assert_eq!(
        (again.drawn.len(), again.failed),
        (0, drawn.failed),
        "it is not run again, and said"
    );
    fs::remove_file(world.path("fig/f.py")).unwrap();
    let (drawn, report) = world.run();
    assert_eq!((drawn.failed.len(), compiled(&report)), (0, vec![]));
    let left = fs::read_dir(world.folder.path().join("figures/cours")).unwrap().count();
    assert_eq!(left, 1, "nothing but the index is left");
}

#[test]
fn only_figures_are_drawn_and_the_site_shows_them() {
    let Some(world) = World::new() else { return };
    // Named and not committed; a tool, a document's own script, and one that nothing names are left.
    world.write("cours-trois.tex", "\\includegraphics[width=2cm]{fig/nouveau.pdf}");
    world.write("fig/nouveau.py", &script("'Neuf'"));
    for stray in ["outil.py", "cours-deux.py", "seul.asy"] {
        world.write(stray, "raise SystemExit('jamais')");
    }
    world.commit("cours-deux.pdf", "'document'");
    let (drawn, report) = world.run();
    assert_eq!(drawn.failed, []);
    assert_eq!(drawn.drawn.len(), 2, "{drawn:?}");
    assert_eq!(compiled(&report), ["deux.pdf", "trois.pdf", "un.pdf"]);
    assert!(world.text("cours/trois.pdf").contains("Neuf"));
    let contents = DepotContents::new(world.scans());
    for path in ["fig/nouveau.pdf", "fig/f.pdf"] {
        let figure = contents.figure("cours", path).unwrap();
        assert_eq!(figure.media_type, "image/svg+xml");
        assert!(String::from_utf8_lossy(&figure.bytes).contains("<path"), "{path}");
    }
    assert!(contents.figure("cours", "fig/f.py").is_none(), "a script is no picture");
}

#[test]
fn asymptote_figures_are_drawn() {
    let Some(world) = World::new() else { return };
    if world.compiler.draws(Program::Asymptote).is_none() {
        eprintln!("skipped: asy is not installed (scripts/setup test installs it)");
        return;
    }
    world.write("cours-un.tex", "\\includegraphics{trait}");
    world.write("trait.asy", "size(3cm); draw((0,0)--(1,1)); label(\"Asy\", (0,1));");
    let (drawn, report) = world.run();
    assert!(drawn.drawn.contains(&"cours/trait.asy".to_owned()), "{drawn:?}");
    assert_eq!(compiled(&report), ["deux.pdf", "un.pdf"]);
    assert!(world.text("cours/un.pdf").contains("Asy"));
}
