//! What a sheet becomes outside: the JSON API, files, PDFs.
#![allow(clippy::unwrap_used)]

mod common;

use axum::http::StatusCode;
use common::{flat, get, scan};
use mqd_pdf::{Compiler, Settings};
use mqd_rapidexo::{Address, Compile, Options, Part, Sheets, router};
use serde_json::Value;
use std::path::Path;

const SHEET: &str = "g=essai&t=Calcul.3_Suites.2";

fn sheets(root: &Path) -> Sheets {
    flat(root);
    let options = Options { base_url: Some("https://essai.example/".into()), ..Options::default() };
    Sheets::new(&[scan(root)], options)
}

/// What makes PDFs, where TeX and its sandbox are installed.
fn compiler(folder: &Path) -> Option<Compiler> {
    let pdflatex = std::process::Command::new("pdflatex").arg("--version").output().is_ok();
    match Compiler::new(Settings::new(folder)) {
        Ok(compiler) if pdflatex => Some(compiler),
        _ => {
            println!("skipped: pdflatex or bubblewrap is not installed");
            None
        }
    }
}

#[tokio::test]
async fn the_api_gives_whole_addresses() {
    let dir = tempfile::tempdir().unwrap();
    let server = router(sheets(dir.path()));
    let json = async |path: &str| -> Value {
        let (status, _, body) = get(&server, path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    };
    let themes = json("/api/rapidexo/themes").await;
    assert_eq!(themes[0]["themes"][1]["count"], 5);
    let form = "/api/rapidexo/nouvelle?k.Calcul=4&k.Suites=&l.Suites=1+exo1&titre=DS&inconnu=1";
    let address = json(form).await["address"].as_str().unwrap().to_owned();
    assert!(address.contains("&g=") && address.starts_with("c="), "{address}");
    let sheet = json(&format!("/api/rapidexo/feuille?{address}")).await;
    assert_eq!(sheet["address"], address);
    assert_eq!(sheet["items"].as_array().unwrap().len(), 6);
    assert!(sheet["items"][1]["statement"].as_str().unwrap().contains("Étudier la limite"));
    let edited = json(&format!("/api/rapidexo/modifier?{address}&op=d1")).await;
    let sheet =
        json(&format!("/api/rapidexo/feuille?{}", edited["address"].as_str().unwrap())).await;
    assert_eq!(sheet["items"].as_array().unwrap().len(), 5);
    let page = json("/api/rapidexo/theme?theme=Calcul").await;
    assert_eq!(page["items"][11]["name"], "calcul12");
}

#[tokio::test]
async fn what_cannot_be_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let server = router(sheets(dir.path()));
    let long = format!("/api/rapidexo/feuille?titre={}", "x".repeat(20_000));
    for (path, status) in [
        ("/api/rapidexo/feuille?t=Nul.3", 422),
        ("/api/rapidexo/feuille?t=Calcul.13", 422),
        ("/api/rapidexo/feuille?n=18", 422),
        ("/api/rapidexo/feuille?x=Calcul.13", 422),
        ("/api/rapidexo/feuille?x=Calcul.1-999999", 422),
        ("/api/rapidexo/feuille?c=0123456789", 404),
        ("/api/rapidexo/feuille?d=autre", 404),
        ("/api/rapidexo/modifier?op=r9&x=Calcul.1", 422),
        ("/api/rapidexo/nouvelle?k.Calcul=mille", 422),
        ("/api/rapidexo/nouvelle?l.Calcul=..%2Fx", 422),
        ("/api/rapidexo/theme?theme=Calcul&page=0", 422),
        ("/api/rapidexo/theme?theme=", 422),
        ("/api/rapidexo/autre.exe?x=Calcul.1", 404),
        ("/api/rapidexo/enonces.pdf?x=Calcul.1", 503),
        (long.as_str(), 422),
    ] {
        let (found, _, body) = get(&server, path).await;
        assert_eq!(found.as_u16(), status, "{path:.80}: {body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert!(body["error"].is_string());
    }
    let (_, _, body) = get(&server, "/api/rapidexo/feuille?t=Calcul.13").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((body["theme"].as_str(), body["available"].as_u64()), (Some("Calcul"), Some(12)));
}

#[tokio::test]
async fn exports_look_as_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let server = router(sheets(dir.path()));
    let query = format!(
        "{SHEET}&titre=Interro+%26+%C3%A9t%C3%A9&classe=MPSI&date=3+mai&nom=1&place=12&qr=1"
    );
    for file in ["moodle.xml", "amc.tex", "feuille.json", "feuille.md", "enonces.tex"] {
        let (status, headers, body) = get(&server, &format!("/api/rapidexo/{file}?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{file}");
        assert!(headers["content-disposition"].to_str().unwrap().contains(file));
        let (_, _, again) = get(&server, &format!("/api/rapidexo/{file}?{query}")).await;
        assert_eq!(body, again, "{file}");
        // The code itself is a picture of rules.
        let shown: String = body
            .lines()
            .filter(|line| !line.contains("\\put("))
            .map(|l| format!("{l}\n"))
            .collect();
        insta::assert_snapshot!(file.replace('.', "-"), shown);
    }
    let (_, _, xml) = get(&server, &format!("/api/rapidexo/moodle.xml?{query}")).await;
    let mut reader = quick_xml::Reader::from_str(&xml);
    while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    let (status, _, _) = get(&server, &format!("/api/rapidexo/sources.zip?{query}")).await;
    assert_eq!(status, StatusCode::OK);
    let (_, _, sources) = get(&server, &format!("/api/rapidexo/sources?{query}")).await;
    let sources: Vec<mqd_rapidexo::SourceView> = serde_json::from_str(&sources).unwrap();
    assert_eq!(sources[0].name, "enonces.tex");
    assert_eq!(sources[0].media_type, "application/x-tex");
}

/// Years later the dépôt is another, or gone; the address still means the same sheet.
#[test]
fn addresses_outlive_changes() {
    let (dir, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let options = Options { archive: Some(kept.path().to_owned()), ..Options::default() };
    flat(dir.path());
    let sheets = Sheets::new(&[scan(dir.path())], options.clone());
    let first = sheets.start(&[("k.Calcul".into(), "6".into())]).unwrap();
    let latex = sheets.sheet(first.clone()).unwrap().latex(Part::Statements, None);
    common::write(dir.path(), "Calcul/Ecalcul2.tex", "Autre chose.");
    common::write(dir.path(), "Calcul/Ecalcul0.tex", "Nouveau.");
    sheets.replace(&[scan(dir.path())]);
    assert_eq!(sheets.library(None).unwrap().current().count(), 18);
    assert_eq!(sheets.sheet(first.clone()).unwrap().latex(Part::Statements, None), latex);
    let later = Sheets::new(&[scan(dir.path())], options.clone());
    assert_eq!(later.sheet(first.clone()).unwrap().latex(Part::Statements, None), latex);
    // Another dépôt comes first today; then this one is gone.
    let other = tempfile::tempdir().unwrap();
    common::deep(other.path());
    let named = Address { depot: Some("rapides".into()), ..first.clone() };
    for scans in [vec![scan(other.path()), scan(dir.path())], vec![scan(other.path())], vec![]] {
        let later = Sheets::new(&scans, options.clone());
        for address in [&first, &named] {
            let sheet = later.sheet(address.clone()).unwrap();
            assert_eq!(sheet.latex(Part::Statements, None), latex, "{} dépôts", scans.len());
        }
        let unknown = Address { version: Some("0123456789".into()), ..first.clone() };
        assert_eq!(later.sheet(unknown).unwrap_err().status(), StatusCode::NOT_FOUND);
    }
}

/// In a Git repository versions are commits, and old ones are found in its history.
#[test]
fn commits_are_versions() {
    let dir = tempfile::tempdir().unwrap();
    flat(dir.path());
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git")
            .args(["-c", "user.name=x", "-c", "user.email=x@example.org"])
            .args(arguments)
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "a"]);
    let commit = git(&["rev-parse", "HEAD"]);
    let first = Sheets::new(&[scan(dir.path())], Options::default());
    assert_eq!(first.library(None).unwrap().current().version, commit);
    let address = first.start(&[("n".into(), "5".into())]).unwrap();
    let latex = first.sheet(address.clone()).unwrap().latex(Part::Answers, None);

    common::write(dir.path(), "Calcul/Ecalcul2.tex", "Autre chose.");
    let changed = Sheets::new(&[scan(dir.path())], Options::default());
    assert_ne!(changed.library(None).unwrap().current().version, commit);
    git(&["commit", "-qam", "b"]);
    let later = Sheets::new(&[scan(dir.path())], Options::default());
    assert_ne!(later.library(None).unwrap().current().version, commit);
    assert_eq!(later.sheet(address).unwrap().latex(Part::Answers, None), latex);
    let unknown = Address { version: Some("0123456789".into()), ..Address::default() };
    assert!(later.sheet(unknown).is_err());
}

#[tokio::test]
async fn every_layout_compiles() {
    let (dir, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(compiler) = compiler(cache.path()) else { return };
    flat(dir.path());
    let options = Options {
        compiler: Some(Compile::Here(compiler)),
        base_url: Some("https://essai.example".into()),
        ..Options::default()
    };
    let server = router(Sheets::new(&[scan(dir.path())], options));
    for layout in [
        "",
        "papier=a5&place=20&nom=1&titre=100%25+%24%5C%7B%23_%5E~",
        "lettres=grandes&qr=1",
        "lettres=dys&papier=a5",
        "variantes=3&qr=1&classe=MPSI",
        "sobre=1&lettres=dys&place=5",
        "papier=a5&lettres=grandes&titre=Interrogation+sur+les+suites+et+les+s%C3%A9ries+du+second+semestre&classe=MPSI+2&date=3+mai+2026",
    ] {
        let (status, headers, body) =
            get(&server, &format!("/api/rapidexo/complet.pdf?{SHEET}&{layout}")).await;
        assert_eq!(status, StatusCode::OK, "{layout}: {body}");
        assert_eq!(headers["content-type"], "application/pdf");
    }
    let (status, _, _) =
        get(&server, &format!("/api/rapidexo/variantes.zip?{SHEET}&variantes=2")).await;
    assert_eq!(status, StatusCode::OK);
    common::write(dir.path(), "Calcul/Ecalcul1.tex", "\\inconnue{x}");
    let broken = Sheets::new(
        &[scan(dir.path())],
        Options {
            compiler: Compiler::new(Settings::new(cache.path())).ok().map(Compile::Here),
            ..Options::default()
        },
    );
    let (status, _, body) = get(&router(broken), "/api/rapidexo/enonces.pdf?x=Calcul.1").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(body["error"].as_str().unwrap().contains("Calcul/Ecalcul1.tex"), "{}", body["error"]);
}

/// A source that was taken away shows its pictures where nothing else is.
#[test]
fn a_source_carries_its_pictures() {
    let (dir, alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    flat(dir.path());
    let figure = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/cours/figures");
    let figure = std::fs::read(figure.join("voisinage.pdf")).unwrap();
    common::write(dir.path(), "Calcul/figures/le dessin_1.pdf", figure);
    let text = "Lire \\includegraphics[width=3cm]{figures/le dessin_1} ici.";
    common::write(dir.path(), "Calcul/Ecalcul1.tex", text);
    let sheets = Sheets::new(&[scan(dir.path())], Options::default());
    let sheet = sheets.sheet(Address::parse("x=Calcul.1-3").unwrap()).unwrap();
    for (name, latex) in [("enonces", sheet.latex(Part::Statements, None)), ("amc", sheet.amc())] {
        assert_eq!(latex.matches("\\begin{filecontents*}{mqd-").count(), 1, "{name}");
        // Beside its pictures a source has no need to carry them.
        let (_, beside) = &sheet.files(None)[0];
        assert!(!String::from_utf8_lossy(beside).contains("filecontents"));
        if name == "amc" || compiler(alone.path()).is_none() {
            continue;
        }
        std::fs::write(alone.path().join("x.tex"), latex).unwrap();
        let done = std::process::Command::new("pdflatex")
            .args(["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "x.tex"])
            .current_dir(alone.path())
            .output()
            .unwrap();
        let log = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success(), "{log}");
        assert!(log.contains("<./mqd-") && !log.contains("damaged"), "{log}");
    }
}

/// Every exercise of the corpus shows as its author meant it, and every sheet of 30 compiles.
#[tokio::test]
async fn the_corpus_shows_and_compiles() {
    let Some(scan) = common::corpus() else { return };
    let cache = tempfile::tempdir().unwrap();
    let compiler = compiler(cache.path());
    let sheets = Sheets::new(
        &[scan],
        Options { compiler: compiler.clone().map(Compile::Here), ..Options::default() },
    );
    let exercises = sheets.library(None).unwrap().current();
    let mut unclean = Vec::new();
    for (theme, t) in exercises.themes.iter().enumerate() {
        for exercise in 0..t.exercises.len() {
            let html = exercises.html(mqd_rapidexo::Place { theme, exercise });
            assert!(!html.statement.contains('\u{fffd}') && !html.statement.contains("Ã©"));
            if !html.clean {
                unclean.push(t.exercises[exercise].path.clone());
            }
        }
    }
    println!("{} exercises, not faithful: {unclean:?}", exercises.count());
    assert!(unclean.len() * 100 < exercises.count(), "{unclean:?}");
    if compiler.is_none() {
        return;
    }
    let mut asked: Vec<String> = exercises
        .themes
        .iter()
        .map(|theme| format!("g=a&t={}.{}", theme.name, 30.min(theme.exercises.len())))
        .collect();
    asked.push("g=b&n=30".to_owned());
    asked.extend((0..3).map(|n| format!("g=c{n}&n=300")));
    for query in asked {
        let sheet = sheets.sheet(Address::parse(&query).unwrap()).unwrap();
        let start = std::time::Instant::now();
        let pdf = sheets.pdf(&sheet, &[Part::Statements, Part::Answers]).await;
        println!("{query}: {:?}", start.elapsed());
        assert!(pdf.is_ok(), "{query}: {}", pdf.unwrap_err());
    }
}
