//! The preamble of a sheet: the packages and macros of the dépôt's, with the sheet's own page.

use crate::{Exercises, Layout, Letters, Paper};
use mqd_tex::{Cursor, Token};

/// Packages that a sheet sets up itself.
const OURS: &[&str] = &["geometry", "inputenc", "ucs", "fancyhdr", "import"];
/// Commands of the page, with one argument each; the sheet has its own.
const PAGE: &[&str] = &[
    "geometry",
    "pagestyle",
    "lhead",
    "chead",
    "rhead",
    "lfoot",
    "cfoot",
    "rfoot",
    "fancyhead",
    "fancyfoot",
    "fancyhf",
    "title",
    "author",
    "date",
];
/// What a sheet needs that the dépôt may not load; loading a package twice does no harm.
const NEEDED: &str = "\\usepackage{amsmath}\n\\usepackage{amssymb}\n\\usepackage{graphicx}\n";
/// In this encoding an accented letter is one sign, so that words can be searched and copied.
const ENCODING: &str = "\\usepackage[T1]{fontenc}\n";
/// Where a dépôt has no preamble at all.
const NONE: &str = "\\usepackage[french]{babel}\n";

/// Figures and tables stand where they are, also in columns, where LaTeX would drop them; a picture
/// that is not there is named. `mqd@<path>` is the file of a picture that the source carries itself.
const FIGURES: &str = r"\makeatletter
\let\mqdgraphics\includegraphics
\newcommand{\mqdpicture}[2][]{\ifcsname mqd@\detokenize{#2}\endcsname\mqdgraphics[#1]{\csname mqd@\detokenize{#2}\endcsname}\else\IfFileExists{#2}{\mqdgraphics[#1]{#2}}{\fbox{\texttt{\detokenize{#2}}}}\fi}
\renewcommand{\includegraphics}{\@ifstar\mqdpicture\mqdpicture}
\newcommand{\mqdhere}[1]{\par\nobreak\noindent\begin{minipage}{\linewidth}\centering\def\@captype{#1}}
\newcommand{\mqdthere}{\end{minipage}\par\smallskip}
\renewenvironment{figure}[1][]{\mqdhere{figure}}{\mqdthere}
\renewenvironment{figure*}[1][]{\mqdhere{figure}}{\mqdthere}
\renewenvironment{table}[1][]{\mqdhere{table}}{\mqdthere}
\renewenvironment{table*}[1][]{\mqdhere{table}}{\mqdthere}
\makeatother
";

/// The header: title, class and date on one line where they fit; else the title beside the two
/// others, in letters small enough for the room that there is.
const HEADER: &str = r"\usepackage{fancyhdr}
\pagestyle{fancy}
\fancyhf{}
\newcommand{\mqdtitre}{}\newcommand{\mqdclasse}{}\newcommand{\mqddate}{}\newcommand{\mqdpied}{}
\makeatletter
\newsavebox{\mqdboite}
\newcommand{\mqdblocs}{\parbox[b]{.6\headwidth}{\raggedright\strut\mqdtitre\strut}\hfill\parbox[b]{.37\headwidth}{\raggedleft\strut\mqdclasse\par\mqddate\strut}}
\newcommand{\mqdessai}[1]{#1\sbox\mqdboite{\hbox to\headwidth{\mqdblocs}}\ifdim\ht\mqdboite>\dimexpr\headheight-4pt\relax\else\let\mqdessai\@gobble\fi}
\newcommand{\mqdtete}{{\sbox\mqdboite{\mqdtitre\quad\mqdclasse\quad\mqddate}%
\ifdim\wd\mqdboite>\headwidth
\mqdessai\normalsize\mqdessai\small\mqdessai\footnotesize\mqdessai\scriptsize\mqdessai\tiny\usebox\mqdboite
\else\hbox to\headwidth{\strut\mqdtitre\hfil\mqdclasse\hfil\mqddate}\fi}}
\makeatother
\fancyhead[L]{\mqdtete}
\lfoot{\tiny\mqdpied}\rfoot{\thepage}
";

/// Exercises: a page or column ends between two of them where it can.
const EXERCISES: &str = r"\newcommand{\mqdensemble}{\interlinepenalty=1000\predisplaypenalty=10000\postdisplaypenalty=1000\interdisplaylinepenalty=1000 \mqdserre}
\newcommand{\mqdserre}{}
\raggedbottom
";

/// Two columns of equal height; in narrow lines a ragged edge is better than wide gaps.
const COLUMNS: &str = r"\usepackage{multicol}
\setlength{\columnsep}{8mm}\setlength{\columnseprule}{.2pt}\setlength{\multicolsep}{0pt}
\renewcommand{\mqdserre}{\rightskip=0pt plus 2em\relax}
";

/// For dyslexic readers, after the advice of the British Dyslexia Association: no serifs in texts
/// and formulas, letters and lines further apart, nothing justified or hyphenated.
const DYS: &str = r"\usepackage[scaled=.95]{helvet}
\usepackage[helvet]{sfmath}
\renewcommand{\familydefault}{\sfdefault}
\usepackage[tracking=true]{microtype}
\SetTracking{encoding={*},family={*}}{30}
\AtBeginDocument{\raggedright}
\linespread{1.4}
\hyphenpenalty=10000
\renewcommand{\mqdserre}{\setlength{\itemsep}{2ex}}
";

/// Whether a sheet has two columns.
pub(crate) fn has_columns(layout: &Layout) -> bool {
    matches!((layout.paper, layout.letters), (Paper::A4, Letters::Usual))
}

/// The preamble, from `\documentclass` on. It depends on the dépôt, the paper and the letters alone,
/// so that one precompiled format serves many sheets.
pub(crate) fn preamble(exercises: &Exercises, layout: &Layout) -> String {
    let (class, body) = parts(exercises);
    let (paper, margins) = match layout.paper {
        Paper::A4 => ("a4paper", "hmargin=1.1cm,vmargin=2.2cm,headheight=34pt,headsep=4mm"),
        Paper::A5 => ("a5paper", "hmargin=1cm,vmargin=1.8cm,headheight=34pt,headsep=3mm"),
    };
    // The sizes beyond 12 points are those of the extended classes.
    let (class, size) = match (class.as_str(), layout.letters) {
        ("article" | "report", Letters::Large) => (format!("ext{class}"), ",17pt"),
        ("article" | "report", Letters::Dys) => (format!("ext{class}"), ",14pt"),
        (_, Letters::Usual) => (class, ""),
        _ => (class, ",12pt"),
    };
    let letters = if layout.letters == Letters::Dys { DYS } else { "" };
    let columns = if has_columns(layout) { COLUMNS } else { "" };
    format!(
        "\\documentclass[{paper}{size}]{{{class}}}\n\\usepackage[utf8]{{inputenc}}\n\
         {body}\n{NEEDED}\\usepackage[{paper},{margins}]{{geometry}}\n{FIGURES}{HEADER}{EXERCISES}\
         {columns}{letters}"
    )
}

/// The packages and macros of the dépôt, and pictures as sheets show them.
pub(crate) fn packages(exercises: &Exercises) -> String {
    format!("{}\n{NEEDED}{FIGURES}", parts(exercises).1)
}

/// The class that the dépôt uses, and what it loads and defines.
fn parts(exercises: &Exercises) -> (String, String) {
    let (path, text) = &exercises.preamble;
    if text.is_empty() {
        return ("article".to_owned(), format!("{ENCODING}{NONE}").trim().to_owned());
    }
    let whole = exercises.shelf.whole(&without_comments(text), path);
    let Cleaned { class, body } = clean(&whole, exercises, path, 0);
    let encoding = if body.contains("{fontenc}") { "" } else { ENCODING };
    (class.unwrap_or_else(|| "article".to_owned()), format!("{encoding}{}", body.trim()))
}

struct Cleaned {
    class: Option<String>,
    body: String,
}

/// Comments are left out: a `\begin{document}` in one would be taken for the real one.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let bytes = line.as_bytes();
        let end = (0..bytes.len()).find(|at| {
            let slashes = bytes[..*at].iter().rev().take_while(|b| **b == b'\\').count();
            bytes[*at] == b'%' && slashes % 2 == 0
        });
        match end {
            // What is left of a line that was all comment would be an empty line, a paragraph.
            Some(end) if line[..end].trim().is_empty() => {}
            Some(end) => {
                out.push_str(&line[..end]);
                out.push_str("%\n");
            }
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

/// A preamble without class, page and encoding; packages of the dépôt are put in place.
fn clean(text: &str, exercises: &Exercises, from: &str, depth: usize) -> Cleaned {
    let mut out = Cleaned { class: None, body: String::with_capacity(text.len()) };
    let mut cursor = Cursor::new(text);
    let mut copied = 0;
    while let Some(token) = cursor.next() {
        let Token::Command(name) = token else { continue };
        let start = cursor.offset() - name.len() - 1;
        match name {
            "documentclass" => {
                out.body.push_str(&text[copied..start]);
                cursor.optional();
                out.class = cursor.argument().map(|class| class.trim().to_owned());
                copied = cursor.offset();
            }
            "usepackage" | "RequirePackage" => {
                let options = cursor.optional();
                let Some(names) = cursor.argument() else { continue };
                out.body.push_str(&text[copied..start]);
                copied = cursor.offset();
                let mut kept = Vec::new();
                for name in names.split(',').map(str::trim) {
                    let own = exercises.shelf.text(from, &format!("{name}.sty"));
                    if let Some((path, package)) = own.filter(|_| depth < 8) {
                        let package = without_comments(package);
                        let inside = clean(&package, exercises, path, depth + 1);
                        out.body.push_str(&format!(
                            "\\makeatletter\n{}\n\\makeatother\n",
                            inside.body.trim()
                        ));
                    } else if !OURS.contains(&name) && !name.is_empty() {
                        kept.push(name);
                    }
                }
                if !kept.is_empty() {
                    let options = options.map(|o| format!("[{o}]")).unwrap_or_default();
                    out.body.push_str(&format!("\\usepackage{options}{{{}}}", kept.join(",")));
                }
            }
            "ProvidesPackage" | "NeedsTeXFormat" => {
                out.body.push_str(&text[copied..start]);
                cursor.argument();
                cursor.optional();
                copied = cursor.offset();
            }
            "begin" if cursor.clone().argument() == Some("document") => {
                out.body.push_str(&text[copied..start]);
                return out;
            }
            _ if PAGE.contains(&name) => {
                out.body.push_str(&text[copied..start]);
                cursor.optional();
                cursor.argument();
                copied = cursor.offset();
            }
            _ => {}
        }
    }
    out.body.push_str(&text[copied..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Shelf, tests::exercises};

    #[test]
    fn a_preamble_keeps_what_exercises_need_and_loses_its_page() {
        let mut all = exercises(&[("A", 1)]);
        all.preamble = (
            "t/p.tex".to_owned(),
            "\\documentclass[a4paper]{article}\n\\usepackage[latin1]{inputenc}\n\
             \\usepackage[margin=3cm]{geometry} % page\n%\\begin{document}\n\
             \\usepackage[french]{babel}\\usepackage{stmaryrd,ucs}\n\\usepackage{mine}\n\
             \\lhead{X}\\newcommand{\\R}{\\mathbb{R}} % \\R\n\\begin{document}never"
                .into(),
        );
        all.shelf = Shelf {
            texts: [("t/mine.sty".to_owned(), "\\ProvidesPackage{mine}\\def\\m@x{1}".into())]
                .into(),
            ..Shelf::default()
        };
        let out = preamble(&all, &Layout::default());
        for kept in ["[french]{babel}", "\\usepackage{stmaryrd}", "\\m@x", "\\mathbb{R}"] {
            assert!(out.contains(kept), "{kept}: {out}");
        }
        for gone in ["latin1", "ucs", "3cm", "never", "begin{document}", "{X}", "ProvidesPackage"] {
            assert!(!out.contains(gone), "{gone}: {out}");
        }
        assert!(out.starts_with("\\documentclass[a4paper]{article}") && out.contains("multicol"));
        assert_eq!(out.matches("fontenc").count(), 1);
        let large = Layout { letters: Letters::Large, paper: Paper::A5, ..Layout::default() };
        let large = preamble(&all, &large);
        assert!(large.starts_with("\\documentclass[a5paper,17pt]{extarticle}"));
    }
}
