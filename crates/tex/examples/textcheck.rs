//! Compares the words of our pages with those of the PDF that TeX makes of the same documents,
//! formulas excluded: `textcheck [--words] FOLDER PREAMBLE COUNT FILE…` takes COUNT of the files,
//! evenly spread. Needs pdflatex and pdftohtml. `scripts/textcheck` calls it.

mod shared;

use mqd_tex::{Convert, Preamble, convert};
use shared::{Folder, compile, own_preamble, spread, text, wrapped};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::Arc,
};

/// Words with how often they come.
type Words = BTreeMap<String, i32>;

/// Counts the words of two letters or more, without case.
fn count(text: &str, words: &mut Words) {
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|w| w.chars().count() > 1) {
        let word = word.replace('ﬁ', "fi").replace('ﬂ', "fl").replace('ﬀ', "ff");
        *words.entry(word.to_lowercase()).or_default() += 1;
    }
}

/// The words of a page: outside formulas, and the prose inside them.
fn words_of_page(html: &str) -> (Words, Words) {
    let (mut outside, mut inside) = (Words::new(), Words::new());
    let (mut in_math, mut in_prose, mut skipped) = (false, false, false);
    let mut rest = html;
    let mut run = String::new();
    loop {
        let at = rest.find('<').unwrap_or(rest.len());
        if in_math {
            if in_prose && !skipped {
                count(&unescape(&rest[..at]), &mut inside);
            }
        } else if !skipped {
            run.push_str(&unescape(&rest[..at]));
        }
        let Some(end) = rest[at..].find('>') else { break };
        let tag = &rest[at..=at + end];
        let name = tag.trim_start_matches(['<', '/']).split(['>', ' ', '/']).next().unwrap_or("");
        let opens = !tag.starts_with("</");
        match name {
            "math" => {
                in_math = opens;
                run.push(' ');
            }
            // `mathrm` and operators are of a mathematical font in the PDF.
            "mtext" => in_prose = opens,
            "annotation" => skipped = opens,
            "sup" | "em" | "strong" | "span" | "a" | "code" | "u" => {}
            _ => run.push(' '),
        }
        if tag.contains("class=\"absent\"") {
            // Not a word of the author.
            let shown = rest[at + end + 1..].find('<').unwrap_or(0);
            rest = &rest[at + end + 1 + shown..];
            continue;
        }
        rest = &rest[at + end + 1..];
    }
    count(&run, &mut outside);
    (outside, inside)
}

/// A page without its index, which another program makes for the PDF.
fn without_index(html: &str) -> String {
    match html.split_once("<div class=\"index\">") {
        Some((before, rest)) => {
            format!("{before}{}", rest.split_once("</div>").map_or("", |(_, after)| after))
        }
        None => html.to_owned(),
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#160;", " ")
        .replace("&amp;", "&")
}

/// The words that `pdftohtml -xml` finds in a PDF, in fonts that are not mathematical.
fn words_of_pdf(xml: &str) -> Words {
    const MATH: &[&str] = &[
        "CMMI", "CMSY", "CMEX", "MSAM", "MSBM", "EUFM", "EUSM", "RSFS", "CMBSY", "CMMIB", "CMR",
        "CMBX", "CMSS", "CMTI", "stmary", "StMary", "dsrom", "DSROM", "bbold", "bbm", "LASY",
        "wasy",
    ];
    let mut fonts: BTreeMap<&str, bool> = BTreeMap::new();
    let mut all = String::new();
    for line in xml.lines() {
        let attribute = |name: &str| {
            let start = line.find(&format!(" {name}=\""))? + name.len() + 3;
            line[start..].split('"').next()
        };
        if let (true, Some(id), Some(family)) =
            (line.contains("<fontspec"), attribute("id"), attribute("family"))
        {
            let family = family.rsplit('+').next().unwrap_or(family);
            fonts.insert(id, !MATH.iter().any(|math| family.starts_with(math)));
        } else if line.starts_with("<text") {
            let shown = attribute("font").is_none_or(|id| fonts.get(id).copied().unwrap_or(true));
            if shown && let Some(start) = line.find('>') {
                let mut rest = line[start + 1..].trim_end_matches("</text>");
                while let Some(at) = rest.find('<') {
                    all.push_str(&unescape(&rest[..at]));
                    rest = rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]);
                }
                all.push_str(&unescape(rest));
            }
            all.push('\n');
        }
    }
    let mut words = Words::new();
    count(&all, &mut words);
    words
}

/// What is set where a document begins, so that TeX writes nothing but its text: no heads and feet,
/// no pictures, no hyphens.
const BARE: &str = "\\pagestyle{empty}\\hyphenpenalty=10000 \\exhyphenpenalty=10000 \\tolerance=10000 \
    \\hbadness=10000 \\emergencystretch=20em \\renewcommand{\\includegraphics}[2][]{}\
    \\renewcommand{\\thispagestyle}[1]{}\\renewcommand{\\today}{}\\renewcommand{\\printindex}{}";

/// What pdftohtml says of the compiled document.
fn xml(work: &Path) -> Option<String> {
    let out = Command::new("pdftohtml")
        .args(["-xml", "-i", "-stdout", "-q", "d.pdf"])
        .current_dir(work)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let xml = String::from_utf8_lossy(&out.stdout).into_owned();
    xml.contains("<text").then_some(xml)
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1).peekable();
    let show = args.next_if_eq("--words").is_some();
    let (Some(root), Some(preamble_name), Some(wanted)) = (args.next(), args.next(), args.next())
    else {
        eprintln!("textcheck [--words] FOLDER PREAMBLE COUNT FILE…");
        return ExitCode::from(2);
    };
    let root = PathBuf::from(root);
    let preamble_text = text(&root.join(&preamble_name)).unwrap_or_default();
    let named = |path: &Path| path.display().to_string();
    let at_root = Folder { root: &root, here: root.clone(), figure: &named };
    let preamble = Arc::new(Preamble::read(&[&preamble_text], &at_root));
    let files: Vec<String> = args.collect();
    let wanted: usize = wanted.parse().unwrap_or(50);
    let work = std::env::temp_dir().join(format!("textcheck-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir_all(&work) {
        eprintln!("{}: {error}", work.display());
        return ExitCode::FAILURE;
    }
    let (mut documents, mut equal, mut words, mut differing) = (0, 0, 0, 0);
    for file in spread(&files, wanted) {
        let Some(source) = text(&root.join(file)) else { continue };
        let here = root.join(file).parent().unwrap_or(&root).to_path_buf();
        let folder = Folder { root: &root, here: here.clone(), figure: &named };
        let options = Convert { preamble: Arc::clone(&preamble), ..Convert::default() };
        let document = convert(&source, file, &options, &folder);
        let (page, prose) = words_of_page(&without_index(&document.html));
        let (its_name, its_text) = own_preamble(&source, &folder)
            .unwrap_or_else(|| (preamble_name.clone(), preamble_text.clone()));
        let tex = wrapped(&its_name, &its_text, &source, BARE);
        let made = compile(&tex, &[&here, &root], &work).then(|| xml(&work)).flatten();
        let Some(xml) = made else {
            println!("{file}: TeX makes no text of it");
            continue;
        };
        let pdf = words_of_pdf(&xml);
        let get = |words: &Words, word: &str| words.get(word).copied().unwrap_or_default();
        let mut differences = Vec::new();
        for word in pdf.keys().chain(page.keys().filter(|word| !pdf.contains_key(*word))) {
            let (ours, theirs) = (get(&page, word), get(&pdf, word));
            // Prose inside formulas may be of a text font or not.
            if theirs > ours + get(&prose, word) {
                differences.push(format!("-{word}×{}", theirs - ours - get(&prose, word)));
            } else if ours > theirs {
                differences.push(format!("+{word}×{}", ours - theirs));
            }
        }
        documents += 1;
        words += pdf.values().sum::<i32>();
        differing += differences.len();
        equal += usize::from(differences.is_empty());
        if !differences.is_empty() {
            println!("{file}: {}", differences.join(" "));
        }
        if show {
            println!("{page:?}\n{pdf:?}");
        }
    }
    let _ = std::fs::remove_dir_all(&work);
    println!(
        "{documents} documents, {words} words in their PDF: {equal} documents with equal words, {differing} words that differ (- only in the PDF, + only in the page)"
    );
    ExitCode::SUCCESS
}
