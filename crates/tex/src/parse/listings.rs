//! Text kept as it stands: verbatim environments, listings, files of code.

use super::{Flow, Parser};
use crate::reader::{Cursor, Token};
use crate::{
    Severity, keyval,
    tree::{Block, Inline},
};

impl Parser<'_> {
    pub(super) fn verbatim<'s>(
        &mut self,
        name: &str,
        source: &'s str,
        cursor: &mut Cursor<'s>,
        flow: &mut Flow,
    ) {
        let end = format!("\\end{{{name}}}");
        let rest = cursor.rest();
        let Some(at) = rest.find(&end) else {
            self.report(
                Severity::Error,
                name,
                "cet environnement n'est pas fermé ; son début est ignoré",
            );
            return;
        };
        *cursor = Cursor::at(source, cursor.offset() + at + end.len());
        match name {
            "comment" => return,
            "filecontents" | "filecontents*" => {
                return self.report(
                    Severity::Info,
                    name,
                    "cet environnement ne montre rien sur une page",
                );
            }
            _ => {}
        }
        let mut body = &rest[..at];
        let mut language = None;
        if body.starts_with('[')
            && let Some((options, after)) = body[1..].split_once(']')
        {
            language = language_in(options);
            body = after;
        }
        if name == "minted"
            && let Some((given, after)) =
                body.trim_start().strip_prefix('{').and_then(|rest| rest.split_once('}'))
        {
            language = Some(given.to_owned());
            body = after;
        } else if matches!(name, "tcblisting" | "SaveVerbatim") && body.starts_with('{') {
            let mut inner = Cursor::new(body);
            if inner.argument().is_some() {
                body = inner.rest();
            }
        }
        if name.contains("python") || name.contains("Python") || name == "pyverbatim" {
            language = language.or_else(|| Some("python".to_owned()));
        }
        let text = body.strip_prefix('\n').unwrap_or(body).trim_end().to_owned();
        flow.block(Block::Verbatim { text, language });
    }

    /// `\lstinputlisting[…]{file}`, `\inputminted[…]{language}{file}`, `\verbatiminput{file}`.
    pub(super) fn code_file(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        cursor.star();
        let options = cursor.optional().unwrap_or_default();
        let mut language = language_in(options);
        if name == "inputminted" {
            language = cursor.argument().map(str::to_owned);
        }
        let path = cursor.argument().unwrap_or_default().trim().to_owned();
        let Some(text) = self.sources.read(&path) else {
            self.report(Severity::Error, &path, "ce fichier inclus est introuvable");
            return;
        };
        self.out.inputs.push(path);
        self.out.bytes_read += text.len();
        flow.block(Block::Verbatim { text: text.trim_end().to_owned(), language });
    }

    /// `\verb` and its like.
    pub(super) fn verb(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        match cursor.text_as_it_stands(name) {
            Some(text) => flow.inline(Inline::Code(text.to_owned())),
            None => self.report(
                Severity::Warning,
                name,
                "le texte tel quel n'est pas fermé sur sa ligne",
            ),
        }
    }

    /// After `\comment`, as environments of an author call it: passes over the text up to
    /// `\endcomment`.
    pub(super) fn comment(&mut self, cursor: &mut Cursor<'_>) {
        let mut ahead = cursor.clone();
        while let Some(token) = ahead.next() {
            if token == Token::Command("endcomment") {
                *cursor = ahead;
                return;
            }
        }
        self.report(
            Severity::Warning,
            "comment",
            "ce commentaire n'est pas fermé ; ce qui suit est montré",
        );
    }
}

fn language_in(options: &str) -> Option<String> {
    let found = keyval::parse(options).into_iter().find(|(key, _)| *key == "language");
    // `[LaTeX]TeX`: a dialect of a language.
    found.map(|(_, value)| value.rsplit(']').next().unwrap_or(value).to_owned())
}
