//! Renders every formula of TeX files and reports what fails, by construct.
//!
//! `cargo run -p mqd-math --example formulas -- [-p PREAMBLE]… [-v] FILE…`

use std::collections::BTreeMap;
use std::time::Instant;

use mqd_math::{Macros, Numbering, Style, render, scan};
use scan::{Cursor, Tok};

fn main() {
    let mut macros = Macros::new();
    let mut files = Vec::new();
    let mut verbose = false;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-p" => match args.next() {
                Some(path) => drop(macros.define_all(&read(&path))),
                None => return eprintln!("-p: which preamble?"),
            },
            "-v" => verbose = true,
            _ => files.push(arg),
        }
    }
    let macros = macros.shared();
    let (mut count, mut failed, mut bytes) = (0u32, 0u32, 0usize);
    let mut constructs: BTreeMap<String, (u32, String)> = BTreeMap::new();
    let mut times = Vec::new();
    for file in &files {
        let source = read(file);
        let mut local = macros.clone();
        local.define_all(&source);
        let mut numbering = Numbering::default();
        for (tex, style) in formulas(&source) {
            let start = Instant::now();
            let found = render(tex, style, &local, &mut numbering);
            times.push(start.elapsed());
            count += 1;
            bytes += found.mathml.len();
            if found.mathml.contains("□") || !found.faithful {
                failed += 1;
                for p in found.problems.iter().filter(|p| !p.harmless).take(1) {
                    let entry = constructs.entry(p.construct.clone()).or_default();
                    entry.0 += 1;
                    if entry.1.is_empty() || verbose {
                        let tex: String = tex.chars().take(300).collect();
                        entry.1.push_str(&format!("\n    {file}: {} | {tex}", p.message));
                    }
                }
            }
        }
    }
    times.sort_unstable();
    let mut by_count: Vec<_> = constructs.into_iter().collect();
    by_count.sort_by_key(|(_, (n, _))| std::cmp::Reverse(*n));
    for (construct, (n, first)) in by_count {
        println!("{n:6} {construct}{first}");
    }
    let share = 100.0 * f64::from(failed) / f64::from(count.max(1));
    println!("{count} formulas in {} files, {failed} not faithful ({share:.3} %)", files.len());
    if let (Some(median), Some(worst)) = (times.get(times.len() / 2), times.last()) {
        let total: std::time::Duration = times.iter().sum();
        println!("median {median:?}, worst {worst:?}, total {total:?}, {bytes} bytes of MathML");
    }
}

/// UTF-8, or else what Windows writes.
fn read(path: &str) -> String {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{path}: {error}");
            return String::new();
        }
    };
    String::from_utf8(bytes)
        .unwrap_or_else(|bad| bad.as_bytes().iter().map(|b| char::from(*b)).collect())
}

/// The formulas of a document: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`, environments.
fn formulas(source: &str) -> Vec<(&str, Style<'_>)> {
    let mut found = Vec::new();
    let mut c = Cursor::new(source);
    while let Some(token) = c.next_token() {
        let (end, style) = match token {
            Tok::Char('$') if c.rest().starts_with('$') => {
                c.next_token();
                ("$$", Style::Display)
            }
            Tok::Char('$') => ("$", Style::Inline),
            Tok::Command("(") => ("\\)", Style::Inline),
            Tok::Command("[") => ("\\]", Style::Display),
            Tok::Command("begin") => {
                let before = c;
                let name = c.arg().unwrap_or("");
                if matches!(name, "verbatim" | "lstlisting" | "comment" | "Verbatim" | "asy") {
                    if let Some(at) = c.rest().find(&format!("\\end{{{name}}}")) {
                        c.seek(c.pos() + at);
                    }
                    continue;
                }
                let end = format!("\\end{{{name}}}");
                match c.rest().find(&end).filter(|_| Style::is_environment(name)) {
                    Some(at) => {
                        let start = c.pos();
                        found.push((c.slice(start, start + at), Style::Environment(name)));
                        c.seek(start + at + end.len());
                    }
                    None => c = before,
                }
                continue;
            }
            Tok::Command("newcommand" | "renewcommand" | "def") => {
                // The body of a definition is no formula.
                let before = c;
                if c.arg().is_none() {
                    c = before;
                    continue;
                }
                while c.opt().is_some() {}
                let _ = c.until("{").map(|_| c.group_rest());
                continue;
            }
            _ => continue,
        };
        match c.until(end) {
            Some(tex) => found.push((tex, style)),
            None => eprintln!("unclosed formula: {:.60}", c.rest().replace('\n', " ")),
        }
    }
    found
}
