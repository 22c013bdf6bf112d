//! The program as an author uses it, with a real TeX: maintenance that is killed and taken up
//! again, and a server that follows what is saved.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

const MANIFEST: &str = r#"
[depot]
name = "cours"
preambles = ["preambule.tex"]
dates = "none"

[[kind]]
name = "cours"
label = "Document"
type = "cours"
title = "Cours {nom}"
files.body = "{nom:word}-cours.tex"
publish = ["whole"]
"#;

const PREAMBLE: &str = "\\documentclass{article}\n\\usepackage{tikz}\n";

/// A folder with a configuration and one dépôt; `None`, said aloud, where there is no TeX.
fn world(texts: &[(&str, &str)]) -> Option<tempfile::TempDir> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|folder| folder.join("pdflatex").is_file()) {
        eprintln!("skipped: pdflatex is not installed (scripts/setup run installs it)");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let depot = folder.path().join("cours");
    fs::create_dir(&depot).unwrap();
    fs::write(folder.path().join("maquisdoc.toml"), "[[depot]]\npath = \"cours\"\n").unwrap();
    fs::write(depot.join("depot.toml"), MANIFEST).unwrap();
    fs::write(depot.join("preambule.tex"), PREAMBLE).unwrap();
    for (name, text) in texts {
        fs::write(depot.join(name), text).unwrap();
    }
    Some(folder)
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maquisdoc"));
    command.current_dir(folder).env_remove("NEO4J_URL").env_remove("MQD_CONFIG");
    command.env_remove("MQD_DATA").env("MQD_LOG", "warn").stdin(Stdio::null());
    command
}

/// What a program says that must end by itself, and soon.
fn finished(command: &mut Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut running = Running(child);
    let out = drained(running.0.stdout.take().unwrap());
    let err = drained(running.0.stderr.take().unwrap());
    let status = until("the end of the program", || running.0.try_wait().unwrap());
    Output { status, stdout: out.join().unwrap(), stderr: err.join().unwrap() }
}

fn drained(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        pipe.read_to_end(&mut all).unwrap();
        all
    })
}

fn maintain(folder: &Path, arguments: &[&str]) -> Value {
    let output = finished(program(folder).arg("maintain").arg("--json").args(arguments));
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(90), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(30));
    }
}

/// Killed when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_killed_maintenance_is_taken_up_again() {
    let texts: Vec<(String, String)> =
        (1..=8).map(|n| (format!("c{n}-cours.tex"), format!("Le cours {n}."))).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let Some(folder) = world(&texts) else { return };
    let folder = folder.path();
    let dry = maintain(folder, &["--dry-run"]);
    assert_eq!(dry["pdfs"]["compiled"]["compiled"].as_array().unwrap().len(), 8);
    assert!(!folder.join("data").exists(), "a dry run writes nothing");

    let mut command = program(folder);
    command.args(["maintain", "--jobs", "1"]).stdout(Stdio::null()).stderr(Stdio::null());
    let running = Running(command.spawn().unwrap());
    let records = || -> usize {
        let files = fs::read_dir(folder.join("data/compiled/cours/cours")).into_iter().flatten();
        files.flatten().filter(|file| file.path().extension().is_some_and(|e| e == "json")).count()
    };
    until("the first PDF", || (records() > 0).then_some(()));
    drop(running);
    let kept = records();
    assert!(kept < 8, "it was killed too late to tell");

    let report = maintain(folder, &[]);
    let compiled = &report["pdfs"]["compiled"];
    assert_eq!(compiled["unchanged"], kept);
    assert_eq!(compiled["compiled"].as_array().unwrap().len(), 8 - kept);
    assert_eq!(report["pdfs"]["published"]["uploaded"].as_array().unwrap().len(), 8);
    assert_eq!(report["addresses"]["nodes_updated"], 8);
    let again = maintain(folder, &[]);
    assert_eq!(again["pdfs"]["compiled"]["unchanged"], 8);
    assert_eq!(again["pdfs"]["published"]["unchanged"], 8);
    assert_eq!(again["changes"]["nodes_updated"], 0);
    let left = fs::read_dir(folder.join("data/publication/cours/cours")).unwrap().count();
    assert_eq!(left, 8);
}

struct Server {
    _running: Running,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut child = program(folder)
            .args(["serve", "--watch", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let running = Running(child);
        // Read to its end, so that what it says later goes somewhere.
        let (say, said) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = say.send(line);
            }
        });
        let line = said.recv_timeout(Duration::from_secs(60)).expect("the server starts");
        let address = line.split("http://").nth(1).unwrap().trim().trim_end_matches('/');
        Self { address: address.to_owned(), _running: running }
    }

    fn request(&self, head: &str, body: &str) -> (String, Vec<u8>) {
        self.asked(head, "", body)
    }

    /// With further headers, each with its end of line.
    fn asked(&self, head: &str, headers: &str, body: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let host = &self.address;
        let length = body.len();
        write!(stream, "{head} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        (String::from_utf8_lossy(&answer[..end]).into_owned(), answer[end + 4..].to_vec())
    }

    fn get(&self, path: &str) -> String {
        let (head, body) = self.request(&format!("GET {path}"), "");
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        String::from_utf8_lossy(&body).into_owned()
    }

    fn documents(&self) -> Vec<Value> {
        let question = json!({ "query": "{ documents { uuid titre url } }" });
        let (_, body) = self.request("POST /graphql", &question.to_string());
        let answer: Value = serde_json::from_slice(&body).unwrap();
        answer["data"]["documents"].as_array().unwrap().clone()
    }

    /// The numbers that pages are told, as they come.
    fn told(&self) -> impl Iterator<Item = String> + use<> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET /watch HTTP/1.1\r\nhost: {}\r\n\r\n", self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
        let start = Instant::now();
        BufReader::new(stream)
            .lines()
            .map(move |line| {
                // The server's signs of life are no news.
                assert!(start.elapsed() < Duration::from_secs(120), "nothing was told");
                line.expect("the server tells within the time")
            })
            .filter_map(|line| line.strip_prefix("data:").map(|data| data.trim().to_owned()))
    }
}

#[test]
fn a_saved_file_is_shown_compiled_and_open_pages_are_told() {
    let Some(folder) = world(&[("un-cours.tex", "Le texte d'avant.")]) else { return };
    let source: PathBuf = folder.path().join("cours/un-cours.tex");
    let server = Server::start(folder.path());
    let document = until("the first maintenance", || {
        server.documents().into_iter().find(|document| !document["url"].is_null())
    });
    let page = format!("/document/{}", document["uuid"].as_str().unwrap());
    let before = server.get(&page);
    assert!(before.contains("texte d’avant"), "{before}");
    assert!(before.contains("<script src=\"/watch.js\" defer>"));
    assert!(server.get("/watch.js").contains("EventSource"));
    let pdf = document["url"].as_str().unwrap();
    assert!(before.contains(&format!("href=\"{pdf}\"")), "the page leads to its PDF");
    let (head, first_pdf) = server.request(&format!("GET {pdf}"), "");
    assert!(head.contains("application/pdf") && first_pdf.starts_with(b"%PDF"), "{head}");
    assert!(head.contains("cache-control: public, max-age=3600"), "{head}");
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("PDFs have a tag");
    let (head, body) =
        server.asked(&format!("GET {pdf}"), &format!("if-none-match: {tag}\r\n"), "");
    assert!(head.starts_with("HTTP/1.1 304") && body.is_empty(), "{head}");

    let mut told = server.told();
    let shown = told.next().unwrap();
    fs::write(
        &source,
        "Le texte nouveau. \\begin{tikzpicture}\\draw (0,0)--(1,1);\\end{tikzpicture}",
    )
    .unwrap();
    assert_ne!(told.next().unwrap(), shown, "open pages are told");
    until("the new text", || server.get(&page).contains("texte nouveau").then_some(()));
    // The drawing comes when TeX has made it, and the page is told again.
    let address = until("the picture", || {
        let html = server.get(&page);
        let at = html.find("/figures/cours/mqd-dessins/")?;
        Some(html[at..].split('"').next()?.to_owned())
    });
    let (head, svg) = server.request(&format!("GET {address}"), "");
    let svg = String::from_utf8_lossy(&svg);
    assert!(head.contains("image/svg+xml"), "{head}");
    assert!(svg.contains("<title>Dessin (tikzpicture)</title>") && svg.contains("<path"), "{svg}");
    until("the new PDF", || {
        (server.request(&format!("GET {pdf}"), "").1 != first_pdf).then_some(())
    });

    // A new file is a new document; a broken one keeps the server going.
    fs::write(folder.path().join("cours/deux-cours.tex"), "Un second.").unwrap();
    until("the second document", || (server.documents().len() == 2).then_some(()));
    fs::write(&source, "Un texte \\fautif.").unwrap();
    until("the broken text", || server.get(&page).contains("Un texte").then_some(()));
}

#[test]
fn watching_is_for_the_authors_own_machine() {
    let Some(folder) = world(&[]) else { return };
    let mut serve = program(folder.path());
    let output = finished(serve.args(["serve", "--watch", "--listen", "0.0.0.0:0"]));
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("the author's own machine"), "{said}");
}
