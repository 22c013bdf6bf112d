//! Answers that a document keeps back: exam without `answers`, and exsheets and xsim, which print
//! them only where they are asked to. A page shows no answer that the sheet does not.

use super::Parser;
use crate::{Severity, keyval};

/// Commands that print the solutions that exsheets and xsim collect.
const PRINTING: &[&str] = &[
    "\\printsolution",
    "\\printallsolutions",
    "\\printcollection",
    "solution/print",
    "print-solutions",
];

impl Parser<'_> {
    /// Whether this environment is an answer that TeX does not print, which is told.
    pub(super) fn keeps_back(&mut self, name: &str) -> bool {
        let answer = name.starts_with("solution");
        let exam = self.state.class == "exam" && answer;
        let collected = ["exsheets", "xsim"].iter().any(|p| self.state.packages.contains(*p));
        let said = if exam && !self.prints_answers() {
            "cette solution n'est imprimée qu'avec \\printanswers ; elle n'est pas montrée"
        } else if collected && name == "solution" && !self.prints_solutions() {
            "cette solution n'est imprimée que par \\printsolutions ; elle n'est pas montrée"
        } else {
            return false;
        };
        self.report(Severity::Info, name, said);
        true
    }

    /// Whether exam prints answers here.
    pub(super) fn prints_answers(&self) -> bool {
        self.state.flags.get("printanswers").copied().unwrap_or_default()
    }

    fn prints_solutions(&self) -> bool {
        self.state.flags.get("solution/print").copied().unwrap_or(self.asks_for_solutions)
    }

    /// Whether a source prints solutions somewhere, perhaps behind them.
    pub(super) fn asks_for_solutions(source: &str) -> bool {
        PRINTING.iter().any(|command| source.contains(command))
    }
}

impl crate::preamble::Preamble {
    /// After `\xsimsetup` or `\SetupExSheets`: whether solutions are printed in their place.
    pub(crate) fn set_solutions(&mut self, of: &str, options: &str) {
        for (key, value) in keyval::parse(options) {
            let key = if of.is_empty() { key.to_owned() } else { format!("{of}/{key}") };
            if matches!(key.as_str(), "solution/print" | "solutions/print" | "print-solutions") {
                self.flags.insert("solution/print".to_owned(), value.trim() != "false");
            }
        }
    }
}
