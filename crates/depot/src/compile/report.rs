//! What a compilation did, for people and for scripts.

use super::shelf::Problem;
use serde::Serialize;
use std::fmt::Write as _;

/// What was compiled, what was not and why.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Whether nothing was compiled, because that was not asked for.
    pub dry_run: bool,
    /// PDFs that were compiled (or would be).
    pub compiled: Vec<Compiled>,
    /// PDFs whose sources did not change.
    pub unchanged: usize,
    /// Documents that do not compile.
    pub failed: Vec<Failed>,
    /// PDFs whose document is gone.
    pub removed: Vec<String>,
    /// What an author should know.
    pub remarks: Vec<String>,
    /// Seconds that all of it took.
    pub seconds: f64,
}

/// A PDF that was compiled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compiled {
    /// `depot/name.pdf`.
    pub pdf: String,
    /// Seconds that it took, waiting for a place included.
    pub seconds: f64,
}

/// A document that does not compile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// `depot/name.pdf`.
    pub pdf: String,
    /// The dépôt.
    pub depot: String,
    /// Why.
    #[serde(flatten)]
    pub problem: Problem,
    /// Whether its last PDF stays.
    pub kept: bool,
    /// Whether an earlier run said so already.
    pub known: bool,
}

impl Failed {
    /// `depot/file.tex:12`, or what there is of it.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.problem.file, self.problem.line) {
            (Some(file), Some(line)) => format!("{}/{file}:{line}", self.depot),
            (Some(file), None) => format!("{}/{file}", self.depot),
            (None, _) => self.pdf.clone(),
        }
    }
}

/// How many lines of one sort are shown.
const SHOWN: usize = 40;

impl Report {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for remark in &self.remarks {
            let _ = writeln!(out, "  {remark}");
        }
        for failed in self.failed.iter().take(SHOWN) {
            let known = if failed.known { " (déjà dit)" } else { "" };
            let problem = &failed.problem;
            let _ = writeln!(out, "✗ {} : {}{known}", failed.place(), problem.message);
            if !problem.excerpt.is_empty() {
                let _ = writeln!(out, "    {}", problem.excerpt);
            }
            let kept = if failed.kept { " Son dernier PDF reste en place." } else { "" };
            let _ = writeln!(out, "    {}{kept}", problem.hint);
            if problem.file.is_some() {
                let _ = writeln!(out, "    ({})", failed.pdf);
            }
        }
        if self.failed.len() > SHOWN {
            let _ = writeln!(out, "  … et {} autres échecs", self.failed.len() - SHOWN);
        }
        if self.dry_run {
            for compiled in self.compiled.iter().take(SHOWN) {
                let _ = writeln!(out, "  à compiler : {}", compiled.pdf);
            }
            if self.compiled.len() > SHOWN {
                let _ = writeln!(out, "  … et {} autres", self.compiled.len() - SHOWN);
            }
        } else if self.compiled.len() > 3 {
            let mut slowest: Vec<_> = self.compiled.iter().collect();
            slowest.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
            let slowest: Vec<String> =
                slowest.iter().take(3).map(|c| format!("{} {:.1} s", c.pdf, c.seconds)).collect();
            let _ = writeln!(out, "les plus longs : {}", slowest.join(", "));
        }
        let _ = write!(
            out,
            "PDF : {} {}, {} inchangés, {} en échec, {} retirés",
            self.compiled.len(),
            if self.dry_run { "à compiler" } else { "compilés" },
            self.unchanged,
            self.failed.len(),
            self.removed.len(),
        );
        let _ =
            if self.dry_run { writeln!(out) } else { writeln!(out, " ({:.1} s)", self.seconds) };
        out
    }
}
