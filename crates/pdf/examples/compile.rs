//! Compiles files of a folder with the whole folder's sources at hand and prints how it went:
//! `cargo run -p mqd-pdf --example compile -- FOLDER FILE…`

use mqd_pdf::{Compiler, Engine, Job, Outcome, Settings};
use std::{collections::BTreeMap, path::Path, time::Instant};

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().expect("a folder");
    let cache = tempfile::tempdir().expect("a temporary folder");
    let compiler = Compiler::new(Settings::new(cache.path())).expect("a compiler");
    let mut files = BTreeMap::new();
    read(Path::new(&folder), Path::new(&folder), &mut files);
    let (mut good, mut bad) = (0, 0);
    for main in args {
        let start = Instant::now();
        let job = Job { engine: Engine::Pdflatex, main: main.clone(), files: files.clone() };
        match compiler.compile(job, false).await {
            Ok(Outcome::Pdf { pdf, .. }) => {
                good += 1;
                println!("{main}: {} bytes, {:?}", pdf.len(), start.elapsed());
            }
            Ok(Outcome::Failed { why, diagnosis, .. }) => {
                bad += 1;
                println!("{main}: {why:?} {diagnosis:?}");
            }
            Err(error) => println!("{main}: {error}"),
        }
    }
    println!("{good} compiled, {bad} failed, {} with a format", compiler.statistics().with_format);
}

fn read(root: &Path, folder: &Path, files: &mut BTreeMap<String, bytes::Bytes>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(root, &path, files);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let name = path.strip_prefix(root).expect("below the root").display().to_string();
            let text = matches!(path.extension().and_then(|e| e.to_str()), Some("tex" | "sty"));
            let bytes = match std::str::from_utf8(&bytes) {
                Err(_) if text => {
                    encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned().into_bytes()
                }
                _ => bytes,
            };
            files.insert(name, bytes.into());
        }
    }
}
