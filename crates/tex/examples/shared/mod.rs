//! What the examples share: the sources of a folder, and their documents compiled by TeX.

use mqd_tex::{FigureInfo, Sources};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

/// A folder of sources, seen from a file in it.
pub struct Folder<'f> {
    pub root: &'f Path,
    pub here: PathBuf,
    /// Address of a picture on the page.
    pub figure: &'f dyn Fn(&Path) -> String,
}

impl Sources for Folder<'_> {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        [&self.here, self.root]
            .iter()
            .flat_map(|folder| [folder.join(path), folder.join(format!("{path}.tex"))])
            .find_map(|path| text(&path))
            .map(Into::into)
    }

    fn figure(&self, path: &str) -> Option<FigureInfo> {
        let endings = ["", ".pdf", ".svg", ".png", ".jpg"];
        let found = [&self.here, self.root].into_iter().find_map(|folder| {
            endings
                .iter()
                .map(|end| folder.join(format!("{path}{end}")))
                .find(|path| path.is_file())
        })?;
        Some(FigureInfo { src: (self.figure)(&found), size: None })
    }
}

/// A file as text, whether it is UTF-8 or Latin-1.
pub fn text(path: &Path) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    Some(
        String::from_utf8(bytes)
            .unwrap_or_else(|error| error.into_bytes().iter().map(|b| *b as char).collect()),
    )
}

/// A whole document of a fragment or of a document with its preamble apart, transcoded to UTF-8;
/// `at_begin` is done where it begins.
pub fn wrapped(preamble_name: &str, preamble: &str, body: &str, at_begin: &str) -> String {
    let body: String =
        body.lines().filter(|line| !inputs(line, preamble_name)).collect::<Vec<_>>().join("\n");
    let (own, body) = match body.find("\\begin{document}") {
        Some(at) => body.split_at(at),
        None => ("", body.as_str()),
    };
    let mut preamble = if own.contains("\\documentclass") {
        String::new()
    } else {
        // What begins the document may be the end of the preamble; in a comment it is not.
        let begins = |line: &&str| !line.trim_start().starts_with("\\begin{document}");
        preamble.lines().take_while(begins).collect::<Vec<_>>().join("\n")
    };
    preamble.push_str(own);
    let preamble = preamble
        .replace("[latin1]{inputenc}", "[utf8]{inputenc}")
        .replace("\\usepackage{ucs}", "")
        .replace("landscape,", "")
        .replace("twocolumn", "onecolumn");
    let end = if body.contains("\\end{document}") { "" } else { "\n\\end{document}\n" };
    let begin = if body.contains("\\begin{document}") { "" } else { "\\begin{document}\n" };
    format!(
        "{preamble}\n\\usepackage[T1]{{fontenc}}\n\\AtBeginDocument{{{at_begin}}}\n{begin}{body}{end}"
    )
}

/// Compiles a document whose source stands in the first of the folders to `d.pdf` in `work`; `false` when TeX makes none.
pub fn compile(tex: &str, inputs: &[&Path], work: &Path) -> bool {
    // A licence's icons are no text; without this file TeX stops.
    let written = std::fs::write(work.join("d.tex"), tex)
        .and_then(|()| std::fs::write(work.join("ccicons.sty"), "\\ProvidesPackage{ccicons}\n"));
    if written.is_err() {
        return false;
    }
    let _ = std::fs::remove_file(work.join("d.pdf"));
    let here = inputs.first().copied();
    let inputs: String = inputs.iter().map(|folder| format!("{}:", folder.display())).collect();
    let Some(here) = here else { return false };
    // A table of contents needs a second run.
    for _ in 0..1 + usize::from(tex.contains("\\tableofcontents") || tex.contains("\\ref")) {
        let ran = Command::new("pdflatex")
            .args(["-interaction=nonstopmode", "-no-shell-escape"])
            .arg(format!("-output-directory={}", work.display()))
            .arg(work.join("d.tex"))
            // Pictures are named from where the source stands.
            .current_dir(here)
            .env("TEXINPUTS", format!(".:{}:{inputs}", work.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if let Err(error) = ran {
            eprintln!("pdflatex: {error}");
            return false;
        }
    }
    work.join("d.pdf").exists()
}

/// The preamble that a document includes itself, if it does: name and text.
pub fn own_preamble(source: &str, folder: &Folder<'_>) -> Option<(String, String)> {
    source.lines().find_map(|line| {
        let name = line.trim().strip_prefix("\\input{")?.split('}').next()?;
        let text = folder.read(name)?;
        text.contains("\\documentclass").then(|| (name.to_owned(), text.to_string()))
    })
}

/// Some of the files, evenly spread.
pub fn spread(files: &[String], wanted: usize) -> impl Iterator<Item = &String> {
    files.iter().step_by((files.len() / wanted.max(1)).max(1)).take(wanted)
}

/// Whether a line includes the preamble, which is given apart.
fn inputs(line: &str, preamble: &str) -> bool {
    line.trim()
        .strip_prefix("\\input{")
        .and_then(|rest| rest.split('}').next())
        .is_some_and(|path| path.trim_end_matches(".tex") == preamble.trim_end_matches(".tex"))
}
