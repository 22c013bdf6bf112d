//! A fragment of LaTeX that only TeX can draw, as an SVG picture of its own size.
//!
//! The fragment is set in a box with its document's preamble, the page is made as large as the box,
//! and the page is drawn as SVG. Sizes are in `em` of the fragment's own text, so that the picture
//! fits the text around it, and the depth below the base line is kept for formulas in a line.

use crate::{Compiler, Diagnosis, Engine, Failure, Job, Outcome, RunError, figure};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// What to draw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fragment {
    /// The engine of the document that the fragment comes from.
    pub engine: Engine,
    /// The preamble of that document. What follows a `\begin{document}` is left out; without a
    /// `\documentclass`, the usual packages of a French mathematical text are loaded before it.
    pub preamble: String,
    /// The fragment: a drawing, a formula with its delimiters, a table…
    pub body: String,
    /// Files that the preamble or the fragment reads, by relative path.
    pub files: BTreeMap<String, Bytes>,
}

/// A drawn fragment. Lengths are in `em` of the fragment's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// The SVG document; transparent, with its size in `em`.
    pub svg: String,
    /// Width.
    pub width: f32,
    /// Height, what is below the base line included.
    pub height: f32,
    /// How much of the height is below the base line.
    pub depth: f32,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The fragment does not compile. Lines of the diagnosis count from the fragment's first line
    /// when the error is in the fragment; else there is none.
    #[error("the fragment does not compile ({why})")]
    Failed {
        /// Why.
        why: Failure,
        /// The first error.
        diagnosis: Option<Diagnosis>,
        /// TeX's log.
        log: String,
    },
    /// The fragment compiles and draws nothing.
    #[error("the fragment draws nothing")]
    Empty,
    /// The page cannot be drawn as SVG.
    #[error(transparent)]
    Figure(#[from] figure::FigureError),
    /// No run could be made.
    #[error(transparent)]
    Run(#[from] Arc<RunError>),
}

impl Picture {
    /// The SVG with a text alternative, for where it stands without an `alt` attribute.
    #[must_use]
    pub fn titled(&self, title: &str) -> String {
        let title = title.replace('&', "&amp;").replace('<', "&lt;");
        match self.svg.split_once('>') {
            Some((root, rest)) => {
                format!("{root} role=\"img\"><title>{title}</title>{rest}")
            }
            None => self.svg.clone(),
        }
    }
}

/// Changes with the way pictures are made, so that kept ones are made again.
const VERSION: &str = "1";

impl Compiler {
    /// The picture of a fragment: kept, or made in a run like any other.
    ///
    /// # Errors
    /// [`PictureError`].
    pub async fn picture(&self, fragment: &Fragment) -> Result<Picture, PictureError> {
        let (job, first_line) = fragment.job();
        let key = format!("{}-{VERSION}", self.key(&job));
        if let Some(kept) = self.kept_picture(&key) {
            return Ok(kept);
        }
        // Its size is in the log, which a kept PDF does not have.
        let (pdf, log) = match self.compile(job, true).await? {
            Outcome::Pdf { pdf, log } => (pdf, log),
            Outcome::Failed { why: Failure::NoPage, .. } => return Err(PictureError::Empty),
            Outcome::Failed { why, mut diagnosis, log } => {
                if let Some(found) = &mut diagnosis {
                    locate(found, first_line, &fragment.body);
                }
                return Err(PictureError::Failed { why, diagnosis, log });
            }
        };
        let measures = Measures::read(&log).unwrap_or(Measures { em: 10.0, depth: 0.0 });
        let drawn =
            tokio::task::spawn_blocking(move || figure::to_svg(pdf.to_vec(), 0)).await.unwrap_or(
                // The thread that draws cannot have panicked: drawing has a thread of its own.
                Err(figure::FigureError::TooLarge),
            )?;
        let picture = measures.apply(&drawn);
        self.keep_picture(&key, &picture);
        Ok(picture)
    }
}

/// Lines of the diagnosis as lines of the fragment.
fn locate(found: &mut Diagnosis, first_line: u32, body: &str) {
    let lines = u32::try_from(body.lines().count()).unwrap_or(u32::MAX);
    if found.file.as_deref() == Some(MAIN) {
        found.file = None;
        found.line = found
            .line
            .filter(|line| (first_line..first_line.saturating_add(lines)).contains(line))
            .map(|line| line - first_line + 1);
    }
}

/// The name of the generated source: no file of a dépôt is called that.
const MAIN: &str = "mqd-fragment.tex";

/// What a fragment gets that comes without a class.
const DEFAULT_CLASS: &str = r"\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb,graphicx,xcolor,tikz}
\usepackage[french]{babel}
";

/// Room around the box for what sticks out of it: strokes, italics.
const MARGIN: &str = "1bp";

impl Fragment {
    /// The job that draws the fragment, and the line of its source where the fragment begins.
    fn job(&self) -> (Job, u32) {
        let preamble = self.preamble.split("\\begin{document}").next().unwrap_or_default();
        let class = if preamble.contains("\\documentclass") { "" } else { DEFAULT_CLASS };
        // `\label` and `\tag` belong to the display that the formula is taken out of. The page's
        // size has another name in LuaTeX.
        let before = format!(
            "{class}{preamble}\n\\usepackage{{varwidth}}\n\\begin{{document}}\n\
             \\newbox\\mqdbox\\expandafter\\let\\csname label\\expandafter\\endcsname\\csname @gobble\\endcsname\n\
             \\setbox\\mqdbox\\hbox{{\\begin{{varwidth}}[b]{{\\linewidth}}%\n"
        );
        let after = format!(
            "\n\\end{{varwidth}}}}%\n\
             \\typeout{{mqd-picture: \\csname f@size\\endcsname, \\the\\dp\\mqdbox.}}\n\
             \\ifdim\\wd\\mqdbox>0pt\n\
             \\ifdefined\\pdfpagewidth\\else\\let\\pdfpagewidth\\pagewidth\\let\\pdfpageheight\\pageheight\\fi\n\
             \\hoffset=\\dimexpr-1in+{MARGIN}\\relax \\voffset=\\hoffset\n\
             \\pdfpagewidth=\\dimexpr\\wd\\mqdbox+{MARGIN}+{MARGIN}\\relax\n\
             \\pdfpageheight=\\dimexpr\\ht\\mqdbox+\\dp\\mqdbox+{MARGIN}+{MARGIN}\\relax\n\
             \\shipout\\box\\mqdbox\n\
             \\fi\n\
             \\end{{document}}\n"
        );
        let first_line = u32::try_from(before.lines().count() + 1).unwrap_or(1);
        let mut files = self.files.clone();
        let source = format!("{before}{}{after}", tight(self.body.trim()));
        files.insert(MAIN.to_owned(), source.into());
        (Job { engine: self.engine, main: MAIN.to_owned(), files }, first_line)
    }
}

/// A displayed formula as one that is only as wide as itself, and without a number: the page that
/// shows the picture numbers its formulas. Everything else stays as it is.
fn tight(body: &str) -> String {
    const DISPLAYS: &[(&str, &str)] = &[
        ("equation", ""),
        ("displaymath", ""),
        ("align", "aligned"),
        ("flalign", "aligned"),
        ("alignat", "alignedat"),
        ("gather", "gathered"),
        ("multline", "gathered"),
    ];
    let between = |start: &str, end: &str| body.strip_prefix(start)?.strip_suffix(end);
    if let Some(formula) = between("\\[", "\\]").or_else(|| between("$$", "$$")) {
        return format!("$\\displaystyle {formula}$");
    }
    for (display, inner) in DISPLAYS {
        for star in ["", "*"] {
            let name = format!("{display}{star}");
            let (start, end) = (format!("\\begin{{{name}}}"), format!("\\end{{{name}}}"));
            let Some(formula) = between(&start, &end) else { continue };
            return if inner.is_empty() {
                format!("$\\displaystyle {formula}$")
            } else {
                format!("$\\displaystyle\\begin{{{inner}}}{formula}\\end{{{inner}}}$")
            };
        }
    }
    body.to_owned()
}

/// What the log tells of the box: size of the text and depth, in TeX points.
struct Measures {
    em: f32,
    depth: f32,
}

impl Measures {
    fn read(log: &str) -> Option<Self> {
        let line = log.lines().find_map(|line| line.strip_prefix("mqd-picture: "))?;
        let (em, depth) = line.split_once("pt.")?.0.split_once(", ")?;
        Some(Self { em: em.parse().ok().filter(|em| *em > 0.0)?, depth: depth.parse().ok()? })
    }

    /// The drawn page with its size in `em`.
    fn apply(&self, drawn: &figure::Svg) -> Picture {
        // A PDF point is 72.27/72 TeX points.
        let em = self.em * 72.0 / 72.27;
        let [width, height] = [drawn.width / em, drawn.height / em];
        let depth = self.depth / self.em + 1.0 / em;
        let root = format!("width=\"{}\" height=\"{}\"", drawn.width, drawn.height);
        let sized = format!("width=\"{width:.4}em\" height=\"{height:.4}em\"");
        Picture { svg: drawn.svg.replacen(&root, &sized, 1), width, height, depth }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_lose_their_width_and_their_number() {
        for (given, wanted) in [
            ("\\[x\\]", "$\\displaystyle x$"),
            ("$$x$$", "$\\displaystyle x$"),
            ("\\begin{equation}x\\end{equation}", "$\\displaystyle x$"),
            (
                "\\begin{align*}a&=b\\end{align*}",
                "$\\displaystyle\\begin{aligned}a&=b\\end{aligned}$",
            ),
            (
                "\\begin{alignat}{2}a&=b\\end{alignat}",
                "$\\displaystyle\\begin{alignedat}{2}a&=b\\end{alignedat}$",
            ),
            ("$x$", "$x$"),
            ("\\begin{tabular}{c}x\\end{tabular}", "\\begin{tabular}{c}x\\end{tabular}"),
        ] {
            assert_eq!(tight(given), wanted);
        }
    }

    #[test]
    fn a_title_is_text() {
        let picture =
            Picture { svg: "<svg a=\"b\"><g/></svg>".into(), width: 1.0, height: 1.0, depth: 0.0 };
        assert_eq!(
            picture.titled("a < b & c"),
            "<svg a=\"b\" role=\"img\"><title>a &lt; b &amp; c</title><g/></svg>"
        );
    }
}
