//! Maintenance while everything goes wrong: killed while it publishes, a space that dies, another
//! maintenance at the same time, a full disk. The next run goes on where the last one was.
#![allow(clippy::unwrap_used)]

mod common;
use common::{everything, maquisdoc};
use serde_json::Value;
use std::{
    fs,
    io::{Read, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const MANIFEST: &str = r#"
[depot]
name = "cours"
dates = "none"

[[kind]]
name = "cours"
label = "Document"
type = "cours"
title = "Cours {nom}"
files.body = "{nom:word}-cours.tex"
publish = ["whole"]
"#;

/// How many documents a dépôt has.
const DOCUMENTS: usize = 12;

/// A folder with a configuration and one dépôt; `None`, said aloud, where there is no TeX.
fn world(publish: &str) -> Option<tempfile::TempDir> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|folder| folder.join("pdflatex").is_file()) {
        eprintln!("skipped: pdflatex is not installed (scripts/setup run installs it)");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("cours")).unwrap();
    let config = format!("[[depot]]\npath = \"cours\"\n{publish}");
    fs::write(folder.path().join("maquisdoc.toml"), config).unwrap();
    fs::write(folder.path().join("cours/depot.toml"), MANIFEST).unwrap();
    for n in 1..=DOCUMENTS {
        let path = folder.path().join(format!("cours/c{n}-cours.tex"));
        fs::write(path, format!("Le cours {n}.")).unwrap();
    }
    Some(folder)
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", everything(output)))
}

fn count(report: &Value, pointer: &str) -> usize {
    let value = report.pointer(pointer).unwrap_or_else(|| panic!("{pointer}: {report:#}"));
    value.as_array().map_or_else(|| usize::try_from(value.as_u64().unwrap()).unwrap(), Vec::len)
}

fn until(what: &str, mut look: impl FnMut() -> bool) {
    let start = Instant::now();
    while !look() {
        assert!(start.elapsed() < Duration::from_secs(90), "{what} did not happen");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Killed -9 when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Passes on what goes to an S3 server, and fails after so many uploads.
struct Between {
    address: SocketAddr,
    uploads: Arc<AtomicUsize>,
}

#[derive(Clone, Copy)]
enum Fails {
    /// Upload number `n` and all that follows hang for ever.
    Hangs(usize),
    /// Connections are cut, and no new one is answered.
    Dies(usize),
}

impl Between {
    fn start(server: SocketAddr, fails: Fails) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let uploads = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&uploads);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let counted = Arc::clone(&counted);
                thread::spawn(move || Self::pass(&client, server, fails, &counted));
            }
        });
        Self { address, uploads }
    }

    fn pass(client: &TcpStream, server: SocketAddr, fails: Fails, uploads: &AtomicUsize) {
        let Ok(upstream) = TcpStream::connect(server) else { return };
        let (mut from, mut back) = (upstream.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut back);
            let _ = back.shutdown(Shutdown::Both);
        });
        let (mut client, mut upstream) = (client.try_clone().unwrap(), upstream);
        let mut buffer = [0; 65_536];
        while let Ok(read @ 1..) = client.read(&mut buffer) {
            // A request begins a packet: one waits for the answer to the one before.
            if buffer.starts_with(b"PUT ") && !buffer[..read].windows(4).any(|w| w == b"json") {
                uploads.fetch_add(1, Ordering::SeqCst);
            }
            let sent = uploads.load(Ordering::SeqCst);
            match fails {
                Fails::Hangs(most) if sent > most => loop {
                    thread::sleep(Duration::from_secs(3600));
                },
                Fails::Dies(most) if sent > most => break,
                _ => {}
            }
            if upstream.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
        let _ = upstream.shutdown(Shutdown::Both);
    }
}

/// A dépôt that is published to a folder of its own in the S3 server of the tests; `None`, said
/// aloud, where none runs.
struct Space {
    folder: tempfile::TempDir,
    server: SocketAddr,
}

impl Space {
    fn new(name: &str) -> Option<Self> {
        let Ok(bucket) = std::env::var("MQD_TEST_S3") else {
            eprintln!("skipped: MQD_TEST_S3 is not set (eval \"$(scripts/s3 env DIR)\" sets it)");
            return None;
        };
        let to = format!("{bucket}/{name}-{}", std::process::id());
        let folder =
            world(&format!("[publish]\nto = \"{to}\"\naddress = \"https://pdf.exemple.fr\"\n"))?;
        let endpoint = std::env::var("AWS_ENDPOINT_URL").unwrap();
        let server = endpoint.trim_start_matches("http://").parse().unwrap();
        Some(Self { folder, server })
    }

    fn maintain(&self, through: SocketAddr) -> Command {
        let endpoint = format!("http://{through}");
        let env = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "essai"),
            ("AWS_SECRET_ACCESS_KEY", "essai"),
            ("AWS_ALLOW_HTTP", "true"),
        ];
        maquisdoc(self.folder.path(), &env, &["maintain", "--json"])
    }

    /// The next run, with a space that is well: it sends what is missing, and then nothing.
    fn goes_on(&self, sent: usize) {
        let report = json(&self.maintain(self.server).output().unwrap());
        assert_eq!(
            count(&report, "/pdfs/compiled/unchanged"),
            DOCUMENTS,
            "nothing is compiled twice"
        );
        assert_eq!(report.pointer("/pdfs/published/foreign").unwrap(), &Value::Array(Vec::new()));
        let again = count(&report, "/pdfs/published/uploaded");
        assert!(again >= DOCUMENTS - sent && again <= DOCUMENTS, "{again} after {sent}");
        assert_eq!(again + count(&report, "/pdfs/published/unchanged"), DOCUMENTS);
        assert_eq!(count(&report, "/addresses/nodes_updated"), DOCUMENTS, "the maquis knows them");
        let report = json(&self.maintain(self.server).output().unwrap());
        assert_eq!(count(&report, "/pdfs/published/unchanged"), DOCUMENTS);
        // A document that goes takes its PDF with it.
        fs::remove_file(self.folder.path().join("cours/c1-cours.tex")).unwrap();
        let report = json(&self.maintain(self.server).output().unwrap());
        assert_eq!(report.pointer("/pdfs/published/deleted/0").unwrap(), "cours/cours/c1.pdf");
    }
}

#[test]
fn a_maintenance_that_is_killed_while_it_publishes_is_taken_up_again() {
    let Some(space) = Space::new("tuee") else { return };
    let between = Between::start(space.server, Fails::Hangs(5));
    let mut command = space.maintain(between.address);
    let running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    until("the sixth upload", || between.uploads.load(Ordering::SeqCst) > 5);
    drop(running);
    space.goes_on(5);
}

#[test]
fn a_space_that_dies_is_told_and_what_was_sent_stays() {
    let Some(space) = Space::new("morte") else { return };
    let between = Between::start(space.server, Fails::Dies(4));
    let output = space.maintain(between.address).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    assert_eq!(count(&report, "/pdfs/compiled/compiled"), DOCUMENTS, "what was done is told");
    let why = report.pointer("/pdfs/unpublished").unwrap().as_str().unwrap();
    assert!(why.contains("s3://") && !why.contains("essai\""), "{why}");
    assert_eq!(report.pointer("/addresses").unwrap(), &Value::Null, "no reader is led to nothing");
    space.goes_on(4);
}

#[test]
fn two_maintenances_do_not_meet() {
    let Some(folder) = world("") else { return };
    let mut first = maquisdoc(folder.path(), &[], &["maintain", "--jobs", "1", "--json"]);
    let first = first.stdout(Stdio::piped()).spawn().unwrap();
    let compiled = folder.path().join("data/compiled/cours/cours");
    until("the first PDF", || compiled.is_dir());
    let second = maquisdoc(folder.path(), &[], &["maintain"]).output().unwrap();
    let said = everything(&second);
    assert!(!second.status.success() && said.contains("another maintenance"), "{said}");
    // A look changes nothing, and is allowed.
    let look = maquisdoc(folder.path(), &[], &["maintain", "--dry-run"]).output().unwrap();
    assert!(look.status.success(), "{}", everything(&look));
    let report = json(&first.wait_with_output().unwrap());
    assert_eq!(count(&report, "/pdfs/compiled/compiled"), DOCUMENTS);
    assert_eq!(count(&report, "/pdfs/published/uploaded"), DOCUMENTS);
}

/// Runs a shell in a copy of a world on a disk of a few megabytes.
fn on_a_small_disk(folder: &Path, megabytes: u64, script: &str) -> Option<Output> {
    let bytes = (megabytes << 20).to_string();
    let mut command = Command::new("bwrap");
    command.args(["--dev-bind", "/", "/", "--size", &bytes, "--tmpfs", "/mnt"]);
    command.args(["--die-with-parent", "sh", "-c"]);
    command.arg(format!("cp -r \"$0\"/* /mnt && cd /mnt && {script}"));
    command.arg(folder).arg(env!("CARGO_BIN_EXE_maquisdoc"));
    command.env_remove("NEO4J_URL").env_remove("MQD_DATA").env_remove("MQD_CONFIG");
    let output = command.stdin(Stdio::null()).output().ok()?;
    if String::from_utf8_lossy(&output.stderr).contains("bwrap: ") {
        eprintln!("skipped: no small disk can be made: {}", everything(&output));
        return None;
    }
    Some(output)
}

#[test]
fn a_full_disk_loses_nothing() {
    let Some(folder) = world("") else { return };
    // Large PDFs, so that the disk is full after some documents.
    let ballast = format!("{}\n", "x".repeat(99)).repeat(4_000);
    for n in 1..=DOCUMENTS {
        let text =
            format!("\\pdfcompresslevel=0 \\immediate\\pdfobj stream{{{ballast}}}Le cours {n}.");
        fs::write(folder.path().join(format!("cours/c{n}-cours.tex")), text).unwrap();
    }
    let script = "head -c 54000000 /dev/zero > lest; \"$1\" maintain --jobs 1 > plein.txt 2>&1; \
        echo $? >> plein.txt; cat plein.txt >&2; find data -name '*.pdf' | sort >&2; \
        rm lest; \"$1\" maintain --json; rm -r data/latex; \"$1\" maintain > dernier.txt; tail -3 dernier.txt >&2; \
        find data/publication -name '*#*' >&2";
    let Some(output) = on_a_small_disk(folder.path(), 60, script) else { return };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("No space left on device"), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", everything(&output)));
    let (made, kept) =
        (count(&report, "/pdfs/compiled/compiled"), count(&report, "/pdfs/compiled/unchanged"));
    assert_eq!((made + kept, count(&report, "/pdfs/compiled/failed")), (DOCUMENTS, 0), "{said}");
    assert!(made > 0, "the disk was full too late: {said}");
    assert_eq!(
        count(&report, "/pdfs/published/uploaded") + count(&report, "/pdfs/published/unchanged"),
        DOCUMENTS
    );
    assert!(said.contains("PDF : 0 compilés, 12 inchangés"), "{said}");
    assert!(!said.contains('#'), "nothing that was half written is left: {said}");
}
