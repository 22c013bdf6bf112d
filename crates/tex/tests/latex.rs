//! What teachers write, construct by construct: the table is `latex.txt`, which says how to read it.
#![allow(clippy::unwrap_used)]

use mqd_tex::{Convert, Document, FigureInfo, Sources, convert};
use std::sync::Arc;

/// The files that the cases of the table include.
struct Files;

impl Sources for Files {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        Some(match path.trim_end_matches(".tex") {
            "partie" | "dossier/partie" => "Texte inclus : $x\\in\\mathbb{R}$.".into(),
            "dossier/chapitre" => "\\input{partie} \\includegraphics{schema} \\input{seule}".into(),
            "dossier/mac.sty" => "\\newcommand{\\demac}{de mac}".into(),
            "seule" => "Partie seule.".into(),
            "dossier/a.py" => "x = 1".into(),
            "document" => {
                "\\documentclass{subfiles}\\begin{document}Sous-document.\\end{document} après"
                    .into()
            }
            "options.sty" => OPTIONS.into(),
            "maclasse.cls" => "\\DeclareOption{prof}{\\def\\qui{prof}}\\def\\qui{élève}\\ProcessOptions\\relax\\LoadClass{article}\\newcommand{\\rep}[1]{R : #1}".into(),
            _ => return None,
        })
    }

    fn figure(&self, path: &str) -> Option<FigureInfo> {
        (path.starts_with("image") || path.starts_with("dossier/schema"))
            .then(|| FigureInfo { src: format!("/f/{path}"), size: Some((144.0, 72.0)) })
    }
}

/// A package whose options choose what is shown.
const OPTIONS: &str = r"
\newif\ifcorrige \corrigefalse \newcommand{\ordre}{aucun}
\DeclareOption{corrige}{\corrigetrue}
\DeclareOption{eleve}{\corrigefalse}
\DeclareOption{a}{\renewcommand{\ordre}{A}}
\DeclareOption{b}{\renewcommand{\ordre}{B}}
\DeclareOption*{\providecommand{\autre}{(\CurrentOption)}}
\ExecuteOptions{b}
\ProcessOptions\relax
\providecommand{\autre}{}
\ifcorrige\newcommand{\rep}[1]{Réponse #1}\else\newcommand{\rep}[1]{}\fi
\DeclareKeys[opt]{couleur .if = opt@couleur, nom .store = \opt@nom}
\SetupKeyvalOptions{family=kv,prefix=kv@}
\DeclareBoolOption[true]{cadre}\DeclareStringOption[Sol]{titre}
\ProcessKeyvalOptions*
\newcommand{\style}{\ifkv@cadre cadre\else libre\fi{} \kv@titre}
";

/// One case: its source and what is said of it.
struct Case<'t> {
    line: usize,
    source: String,
    said: Vec<(&'t str, &'t str)>,
}

fn cases(table: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    let mut ended = true;
    for (number, line) in table.lines().enumerate() {
        if line.starts_with("# ") || line.is_empty() {
            ended = true;
        } else if let Some(said) = ["= ", "t ", "- ", "! ", "i "]
            .iter()
            .find_map(|mark| line.strip_prefix(mark).map(|rest| (*mark, rest)))
            && !ended
        {
            cases.last_mut().unwrap().said.push((said.0.trim(), said.1));
        } else {
            if ended {
                cases.push(Case { line: number + 1, source: String::new(), said: Vec::new() });
                ended = false;
            }
            let case = cases.last_mut().unwrap();
            assert!(case.said.is_empty(), "line {}: source after its sayings", number + 1);
            // `~~~` is an empty line of the source.
            case.source.push_str(if line == "~~~" { "" } else { line });
            case.source.push('\n');
        }
    }
    cases
}

/// The text that a reader sees: without tags, annotations and code.
fn visible(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    let mut hidden = 0_usize;
    while let Some(at) = rest.find('<') {
        if hidden == 0 {
            out.push_str(&rest[..at]);
        }
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        let tag = &rest[at..end];
        for name in ["annotation", "pre", "code"] {
            if tag.starts_with(&format!("<{name}")) {
                hidden += 1;
            } else if tag.starts_with(&format!("</{name}>")) {
                hidden = hidden.saturating_sub(1);
            }
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out.replace("&#39;", "'").replace("&amp;", "&")
}

fn raw_command(html: &str) -> Option<String> {
    let shown = visible(html);
    let at = shown
        .match_indices('\\')
        .map(|(at, _)| at)
        .find(|at| shown[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic()))?;
    Some(shown[at..].chars().take(30).collect())
}

fn wrong(document: &Document, said: &[(&str, &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut marked = false;
    let mut informed = false;
    for (mark, wanted) in said {
        let holds = match *mark {
            "=" => document.html.contains(wanted),
            "t" => document.text.split_whitespace().collect::<Vec<_>>().join(" ").contains(wanted),
            "-" => !document.html.contains(wanted),
            "!" => {
                marked = true;
                document.blocks.iter().any(|block| block.construct == *wanted)
                    || document.diagnostics.iter().any(|d| d.construct == *wanted)
            }
            _ => {
                informed = true;
                document.diagnostics.iter().any(|d| d.construct == *wanted)
            }
        };
        if !holds {
            wrong.push(format!("{mark} {wanted}"));
        }
    }
    if !marked && !document.is_clean() {
        wrong.push("not clean".to_owned());
    }
    if !marked && !informed && !document.diagnostics.is_empty() {
        wrong.push("said something".to_owned());
    }
    if let Some(command) = raw_command(&document.html) {
        wrong.push(format!("raw command {command}"));
    }
    wrong
}

#[test]
fn what_teachers_write_is_shown() {
    let table = include_str!("latex.txt");
    let cases = cases(table);
    assert!(cases.len() > 100, "{} cases", cases.len());
    let mut failures = String::new();
    let only = std::env::var("LATEX_CASE").unwrap_or_default();
    for case in cases.iter().filter(|case| case.source.contains(&only)) {
        let document = convert(&case.source, "cas.tex", &Convert::default(), &Files);
        let wrong = wrong(&document, &case.said);
        if !wrong.is_empty() || !only.is_empty() {
            failures.push_str(&format!(
                "\nlatex.txt:{}: {}\n  wrong: {}\n  html: {}\n  text: {}\n  said: {:?}\n",
                case.line,
                case.source.trim_end(),
                wrong.join(" | "),
                document.html.trim_end(),
                document.text,
                document
                    .diagnostics
                    .iter()
                    .map(|d| format!("{} : {}", d.construct, d.message))
                    .collect::<Vec<_>>()
            ));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}
