//! What the converter makes of files and says of them, each read from its own folder:
//! `cargo run -p mqd-tex --example said -- [--html] [--preamble FILE] FILE…`.

#[allow(dead_code, reason = "the other examples need more of it")]
mod shared;

use mqd_tex::{Convert, NoSources, Preamble, convert};
use shared::{Folder, text};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

fn main() {
    let mut args = std::env::args().skip(1).peekable();
    let html = args.next_if_eq("--html").is_some();
    let mut options = Convert::default();
    if args.next_if_eq("--preamble").is_some() {
        let given = args.next().and_then(|file| text(Path::new(&file))).unwrap_or_default();
        options.preamble = Arc::new(Preamble::read(&[&given], &NoSources));
    }
    for file in args.map(PathBuf::from) {
        let Some(source) = text(&file) else { continue };
        let here = file.parent().unwrap_or(Path::new("")).to_path_buf();
        let named = |path: &Path| path.display().to_string();
        let folder = Folder { root: &here, here: here.clone(), figure: &named };
        let name = file.display().to_string();
        let document = convert(&source, &name, &options, &folder);
        println!("== {name}\n{}", if html { &document.html } else { &document.text });
        for said in &document.diagnostics {
            println!(
                "  {:?} {}:{} {}: {}",
                said.severity, said.line, said.column, said.construct, said.message
            );
        }
        for block in &document.blocks {
            let source = block.context.clone() + &block.source;
            println!("  marked {}: {}", block.construct, source.replace('\n', " "));
        }
    }
}
