//! Documents beside their PDF, to be looked at: `look OUT ASSETS FOLDER PREAMBLE COUNT FILE…` writes
//! a page with both for COUNT of the files. ASSETS holds the style sheets and fonts of the site.
//! Needs pdflatex, pdftoppm and pdftocairo. `scripts/look` calls it.

mod shared;

use mqd_tex::{Convert, Preamble, convert};
use shared::{Folder, compile, own_preamble, spread, text, wrapped};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::Arc,
};

/// Pages of a PDF that are shown.
const PAGES: &str = "3";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [out, assets, root, preamble_name, wanted, files @ ..] = args.as_slice() else {
        eprintln!("look OUT ASSETS FOLDER PREAMBLE COUNT FILE…");
        return ExitCode::from(2);
    };
    let (out, assets, root) = (Path::new(out), Path::new(assets), PathBuf::from(root));
    let Ok(assets) = assets.canonicalize() else {
        eprintln!("{}: no such folder", assets.display());
        return ExitCode::FAILURE;
    };
    let mut css = String::new();
    for sheet in ["tokens", "base", "document", "tex"] {
        css.push_str(&text(&assets.join(format!("css/{sheet}.css"))).unwrap_or_default());
    }
    let css = css.replace("url(/fonts/", &format!("url({}/fonts/", assets.display()));
    let preamble_text = text(&root.join(preamble_name)).unwrap_or_default();
    let figure = |path: &Path| drawn(path, out);
    let at_root = Folder { root: &root, here: root.clone(), figure: &figure };
    let preamble = Arc::new(Preamble::read(&[&preamble_text], &at_root));
    let work = std::env::temp_dir().join(format!("look-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir_all(&work).and_then(|()| std::fs::create_dir_all(out)) {
        eprintln!("{}: {error}", out.display());
        return ExitCode::FAILURE;
    }
    for file in spread(files, wanted.parse().unwrap_or(10)) {
        let Some(source) = text(&root.join(file)) else { continue };
        let here = root.join(file).parent().unwrap_or(&root).to_path_buf();
        let folder = Folder { root: &root, here: here.clone(), figure: &figure };
        let options = Convert { preamble: Arc::clone(&preamble), ..Convert::default() };
        let document = convert(&source, file, &options, &folder);
        let name = file.trim_end_matches(".tex").replace('/', "-");
        let (its_name, its_text) = own_preamble(&source, &folder)
            .unwrap_or_else(|| (preamble_name.clone(), preamble_text.clone()));
        let tex = wrapped(&its_name, &its_text, &source, "");
        let mut pages = String::new();
        if compile(&tex, &[&here, &root], &work) {
            let _ = Command::new("pdftoppm")
                .args(["-r", "75", "-l", PAGES, "-png", "d.pdf"])
                .arg(std::path::absolute(out).unwrap_or_else(|_| out.to_path_buf()).join(&name))
                .current_dir(&work)
                .status();
            // pdftoppm fills its numbers with zeros, as many as the last one needs.
            for page in 1..=PAGES.parse().unwrap_or(1) {
                for number in [format!("{page}"), format!("{page:02}"), format!("{page:03}")] {
                    let picture = format!("{name}-{number}.png");
                    if out.join(&picture).is_file() {
                        let _ = write!(pages, "<img src=\"{picture}\" alt=\"\">");
                    }
                }
            }
        }
        let page = format!(
            "<!doctype html><html lang=fr><meta charset=utf-8><title>{name}</title><style>{css}{}\
             .paire {{ display: grid; grid-template-columns: 44rem auto; gap: 2rem; padding: 1rem; }}\
             .paire > .pdf img {{ display: block; border: 1px solid #ccc; margin-bottom: .5rem; }}</style>\
             <div class=paire><main class=tex>{}</main><div class=pdf>{pages}</div></div></html>",
            mqd_math::CSS,
            document.html
        );
        if let Err(error) = std::fs::write(out.join(format!("{name}.html")), page) {
            eprintln!("{name}: {error}");
        }
        for found in &document.diagnostics {
            println!("{}:{}: {} : {}", found.file, found.line, found.construct, found.message);
        }
    }
    let _ = std::fs::remove_dir_all(&work);
    ExitCode::SUCCESS
}

/// A picture as browsers show it, in the folder of the pages.
fn drawn(path: &Path, out: &Path) -> String {
    if path.extension().is_none_or(|end| end != "pdf") {
        return path.display().to_string();
    }
    let name = format!("{}.svg", path.file_stem().unwrap_or_default().to_string_lossy());
    let made = Command::new("pdftocairo")
        .arg("-svg")
        .arg(path)
        .arg(out.join(&name))
        .stderr(Stdio::null())
        .status();
    if made.is_ok_and(|status| status.success()) { name } else { path.display().to_string() }
}
