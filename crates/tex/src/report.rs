//! How much of a set of documents the converter renders: the content of `maquisdoc tex report`.

use crate::{Document, Severity};
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

/// Totals over many documents.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Documents converted.
    pub documents: usize,
    /// Documents rendered faithfully.
    pub clean: usize,
    /// Documents with blocks that only TeX can draw.
    pub with_marked_blocks: usize,
    /// Documents with errors in their source.
    pub with_errors: usize,
    /// Bytes of HTML.
    pub html_bytes: usize,
    /// Constructs that are not rendered as they stand: how often, and where first.
    pub constructs: BTreeMap<String, (usize, String)>,
    /// The slowest documents, slowest first, in microseconds.
    pub slowest: Vec<(String, u128)>,
    /// Time of all conversions, in microseconds.
    pub total_time: u128,
}

/// How many slow documents are listed.
const SLOWEST: usize = 10;

impl Report {
    /// Adds a document.
    pub fn add(&mut self, name: &str, document: &Document, time: Duration) {
        self.documents += 1;
        self.clean += usize::from(document.is_clean());
        self.with_marked_blocks += usize::from(!document.blocks.is_empty());
        self.with_errors +=
            usize::from(document.diagnostics.iter().any(|d| d.severity == Severity::Error));
        self.html_bytes += document.html.len();
        for diagnostic in document.diagnostics.iter().filter(|d| d.severity > Severity::Info) {
            let entry = self
                .constructs
                .entry(format!("{} : {}", diagnostic.construct, diagnostic.message))
                .or_default();
            if entry.0 == 0 {
                entry.1 = format!(
                    "{name} ({}:{}:{})",
                    diagnostic.file, diagnostic.line, diagnostic.column
                );
            }
            entry.0 += 1;
        }
        let micros = time.as_micros();
        self.total_time += micros;
        self.slowest.push((name.to_owned(), micros));
        self.slowest.sort_by_key(|(_, micros)| std::cmp::Reverse(*micros));
        self.slowest.truncate(SLOWEST);
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let percent = 100.0 * self.clean as f64 / self.documents.max(1) as f64;
        let mut out = format!(
            "{} documents: {} clean ({percent:.2} %), {} with marked blocks, {} with errors; {} kB of HTML in {:.3} s\n",
            self.documents,
            self.clean,
            self.with_marked_blocks,
            self.with_errors,
            self.html_bytes / 1000,
            self.total_time as f64 / 1e6
        );
        let mut constructs: Vec<_> = self.constructs.iter().collect();
        constructs.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (construct, (count, first)) in constructs {
            out.push_str(&format!("{count:6}  {construct}\n        {first}\n"));
        }
        for (name, micros) in &self.slowest {
            out.push_str(&format!("{:9.3} ms  {name}\n", *micros as f64 / 1e3));
        }
        out
    }
}
