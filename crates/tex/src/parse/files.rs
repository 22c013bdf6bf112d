//! Files that a document includes.

use super::{Flow, Parser};
use crate::Severity;
use crate::preamble::{folder_in, is_of_tex, named_file};
use crate::reader::{Cursor, Token, without_unclosed_groups, without_unclosed_verbatim};
use std::sync::Arc;

impl Parser<'_> {
    /// `\input` and its like.
    pub(super) fn input(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let folder = self.state.folder.clone();
        if name.ends_with("import") {
            let given = cursor.argument().unwrap_or_default();
            let within = if name == "subimport" { folder.as_str() } else { "" };
            let given = self.file_name(given);
            self.state.folder = folder_in(within, &given);
        }
        let given = named_file(cursor);
        let path = self.file_name(&given);
        self.input_file(&path, flow);
        self.state.folder = folder;
    }

    fn input_file(&mut self, path: &str, flow: &mut Flow) {
        if path.ends_with(".pdf_t") || path.ends_with(".pstex_t") || path.ends_with(".pdf_tex") {
            self.overlay(path, flow);
            return;
        }
        let found = self.state.find(path, self.sources);
        let name = found.as_ref().map_or(path, |(name, _)| name);
        if self.files.len() > super::MAX_INPUTS
            || self.files.iter().any(|file| same_file(&file.name, name))
        {
            self.report(Severity::Error, path, "ce fichier s'inclut lui-même ; il est passé");
            return;
        }
        let Some((path, text)) = found else {
            if is_of_tex(path) {
                return;
            }
            if self.state.packages.contains("answers") {
                return self.report(
                    Severity::Info,
                    path,
                    "ce fichier s'écrit à la compilation ; ses réponses sont montrées à leur place",
                );
            }
            self.report(Severity::Error, path, MISSING);
            return;
        };
        self.out.inputs.push(path.clone());
        let preamble = text.contains("\\documentclass") && begin_document(&text).is_none();
        if preamble {
            let sources = self.sources;
            self.state.load(&text, sources, 0);
            return self.report_missing(None);
        }
        let here = self.here;
        let ended = self.ended;
        let given = Arc::clone(&text);
        let (mended, unclosed) = without_unclosed_verbatim(&given);
        let (mended, left_open) = without_unclosed_groups(&mended);
        let text: Arc<str> = if unclosed.is_empty() && left_open.is_none() {
            Arc::clone(&text)
        } else {
            Arc::from(mended.as_ref())
        };
        let read = super::FileText::Read(Arc::clone(&text));
        self.files.push(super::File::new(path, read));
        self.report_unclosed(&unclosed);
        self.report_left_open(left_open);
        self.file_body(&text, false, flow);
        self.files.pop();
        self.here = here;
        // The end of an included document is not the end of this one.
        self.ended = ended;
    }

    /// The name of a file with its macros replaced.
    pub(super) fn file_name(&mut self, given: &str) -> String {
        let name = self.state.file_name(given, &mut self.budget);
        if name.contains('\\') { self.evaluate(&name) } else { name }
    }

    /// Tells of files that a preamble names and that were not found; `source` is the preamble, when it
    /// stands in the current file.
    pub(super) fn report_missing(&mut self, source: Option<&str>) {
        for (at, path) in std::mem::take(&mut self.state.missing) {
            if let Some(source) = source {
                self.place(source, at.min(source.len()));
            }
            self.report(Severity::Error, &path, MISSING);
        }
    }
}

/// What is said of a file that is not there.
pub(super) const MISSING: &str = "ce fichier inclus est introuvable";

fn same_file(a: &str, b: &str) -> bool {
    let clean = |path: &str| path.trim_start_matches("./").trim_end_matches(".tex").to_owned();
    clean(a) == clean(b)
}

/// Where `\begin{document}` stands, outside comments.
pub(super) fn begin_document(source: &str) -> Option<usize> {
    if !source.contains("\\begin{document}") {
        return None;
    }
    let mut cursor = Cursor::new(source);
    loop {
        let token = cursor.next()?;
        if token == Token::Command("begin") && cursor.clone().argument() == Some("document") {
            return Some(cursor.offset() - "\\begin".len());
        }
    }
}
