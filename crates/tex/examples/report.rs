//! Converts files with a preamble and reports:
//! `cargo run -p mqd-tex --example report -- FOLDER PREAMBLE FILE…` (paths inside the folder).

use mqd_tex::{Convert, FigureInfo, Preamble, Sources, convert, report::Report};
use std::{path::PathBuf, sync::Arc, time::Instant};

struct Folder(PathBuf);

impl Sources for Folder {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        [path.to_owned(), format!("{path}.tex")]
            .iter()
            .find_map(|path| text(&self.0.join(path)))
            .map(Into::into)
    }

    fn figure(&self, path: &str) -> Option<FigureInfo> {
        ["", ".pdf", ".png", ".svg", ".jpg"]
            .iter()
            .map(|ending| format!("{}{ending}", path.trim_start_matches("./")))
            .find(|path| self.0.join(path).is_file())
            .map(|path| FigureInfo { src: format!("/figures/{path}"), size: None })
    }
}

fn text(path: &PathBuf) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    Some(
        String::from_utf8(bytes)
            .unwrap_or_else(|error| error.into_bytes().iter().map(|b| *b as char).collect()),
    )
}

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = Folder(args.next().expect("a folder").into());
    let preamble = text(&folder.0.join(args.next().expect("a preamble"))).unwrap_or_default();
    let options =
        Convert { preamble: Arc::new(Preamble::read(&[&preamble], &folder)), ..Convert::default() };
    let mut report = Report::default();
    let files: Vec<String> = args.collect();
    for file in &files {
        let Some(source) = text(&folder.0.join(file)) else { continue };
        let start = Instant::now();
        let document = convert(&source, file, &options, &folder);
        report.add(file, &document, start.elapsed());
        if files.len() == 1 {
            println!("{}", document.html);
        }
    }
    println!("{}", report.text());
}
