//! What is wrong with a manifest, where, and what was expected.

use std::{fmt, ops::Range, path::PathBuf};

/// A manifest that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError {
    /// The manifest file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub message: String,
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file.display(), self.line, self.column, self.message)
    }
}

impl std::error::Error for ManifestError {}

impl ManifestError {
    /// An error at a place of the text of a manifest.
    pub(crate) fn at(
        file: &std::path::Path,
        text: &str,
        span: Range<usize>,
        message: String,
    ) -> Self {
        let before = &text.as_bytes()[..span.start.min(text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
        Self { file: file.to_owned(), line, column, message }
    }

    /// What the TOML reader found, with a suggestion when a key is nearly right.
    pub(crate) fn toml(file: &std::path::Path, text: &str, error: &toml::de::Error) -> Self {
        let message = match error.message().split_once("unknown field `") {
            Some((_, rest)) => unknown_key(rest).unwrap_or_else(|| error.message().to_owned()),
            None => error.message().to_owned(),
        };
        Self::at(file, text, error.span().unwrap_or(0..0), message)
    }
}

/// Turns serde's sentence about an unknown field into ours.
fn unknown_key(rest: &str) -> Option<String> {
    let (key, expected) = rest.split_once('`')?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    Some(format!("unknown key `{key}`{}; expected {}", suggestion(key, &known), known.join(", ")))
}

/// ` (did you mean …?)` when a known name is near.
pub(crate) fn suggestion(name: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|other| (strsim::damerau_levenshtein(name, other), other))
        .min()
        .filter(|(distance, other)| *distance <= 1 + other.chars().count() / 4)
        .map(|(_, other)| format!(" (did you mean `{other}`?)"))
        .unwrap_or_default()
}
