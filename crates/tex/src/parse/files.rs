//! Files that a document includes.

use super::{Flow, Parser, begin_document};
use crate::Severity;
use crate::reader::{Cursor, Token, without_unclosed_groups, without_unclosed_verbatim};
use std::sync::Arc;

impl Parser<'_> {
    /// `\input` and its like.
    pub(super) fn input(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let folder =
            if name.ends_with("import") { cursor.argument().unwrap_or_default() } else { "" };
        let path = match cursor.peek() {
            Some(Token::Open) => cursor.argument().unwrap_or_default().to_owned(),
            _ => {
                // `\input file` without braces goes up to the next blank.
                cursor.skip_space();
                let rest = cursor.rest();
                let end = rest
                    .find(|c: char| c.is_whitespace() || c == '\\' || c == '}')
                    .unwrap_or(rest.len());
                let word = rest[..end].to_owned();
                for _ in 0..word.chars().count() {
                    cursor.next();
                }
                word
            }
        };
        let path = format!("{folder}{}", self.evaluate_path(&path));
        if path.ends_with(".pdf_t") || path.ends_with(".pstex_t") || path.ends_with(".pdf_tex") {
            self.overlay(&path, flow);
            return;
        }
        if self.files.len() > super::MAX_INPUTS
            || self.files.iter().any(|file| same_file(&file.name, &path))
        {
            self.report(Severity::Error, &path, "ce fichier s'inclut lui-même ; il est passé");
            return;
        }
        let Some(text) = self.sources.read(&path) else {
            if self.state.packages.contains("answers") {
                return self.report(
                    Severity::Info,
                    &path,
                    "ce fichier s'écrit à la compilation ; ses réponses sont montrées à leur place",
                );
            }
            self.report(Severity::Error, &path, "ce fichier inclus est introuvable");
            return;
        };
        self.out.inputs.push(path.clone());
        let preamble = text.contains("\\documentclass") && begin_document(&text).is_none();
        if preamble {
            let sources = self.sources;
            self.state.load(&text, sources, 0);
            return;
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
        self.file_body(&text, flow);
        self.files.pop();
        self.here = here;
        // The end of an included document is not the end of this one.
        self.ended = ended;
    }

    fn evaluate_path(&mut self, path: &str) -> String {
        if path.contains('\\') { self.evaluate(path) } else { path.trim().to_owned() }
    }
}

fn same_file(a: &str, b: &str) -> bool {
    let clean = |path: &str| path.trim_start_matches("./").trim_end_matches(".tex").to_owned();
    clean(a) == clean(b)
}
