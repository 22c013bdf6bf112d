//! Text kept as it stands: verbatim environments, listings, files of code.

use super::commandchars::{USUAL, signs_in};
use super::{Flow, Parser, Place, UNCLOSED, end_of};
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
        let key = (name.to_owned(), end_of(source));
        let found = if self.unclosed.contains(&key) { None } else { rest.find(&end) };
        let Some(at) = found else {
            self.unclosed.insert(key);
            return self.report(Severity::Error, name, UNCLOSED);
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
        let mut language = self.state.verbatims.get(name).cloned().flatten();
        let mut caption = None;
        let mut own_options = "";
        // The signs that keep their meaning inside.
        let mut signs = match name {
            "alltt" | "semiverbatim" => Some(USUAL),
            _ => self.state.listings.signs(name),
        };
        if name == "listing"
            && let Some((_, after)) = body.split_once('}').filter(|_| body.starts_with('{'))
        {
            body = after;
        }
        if body.starts_with('[') {
            let mut inner = Cursor::new(body);
            if let Some(options) = inner.optional() {
                language = language_in(options).or(language);
                signs = signs_in(options).unwrap_or(signs);
                caption = self.caption_of_listing(options);
                own_options = options;
                body = inner.rest();
            }
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
        // Blanks behind `\begin{…}` are no line of it.
        let first = body.trim_start_matches([' ', '\t', '\r']);
        let text = first.strip_prefix('\n').unwrap_or(body).trim_end().to_owned();
        let text = match signs {
            Some(signs) => self.with_commands(&text, signs),
            None => text,
        };
        let text = self.with_escapes(name, own_options, text, flow);
        let block = Block::Verbatim { text, language };
        match caption {
            Some((id, caption)) => {
                let caption = Some(caption);
                flow.block(Block::Float { table: false, id, blocks: vec![block], caption });
            }
            None => flow.block(block),
        }
    }

    /// The anchor, head and caption of a listing that has one among its options, whose label is taken.
    fn caption_of_listing(&mut self, options: &str) -> Option<(String, (String, Vec<Inline>))> {
        let parsed = keyval::parse(options);
        let value = |wanted: &str| parsed.iter().find(|(key, _)| *key == wanted).map(|(_, v)| *v);
        let title = value("title");
        let shown = value("caption").or(title)?;
        // A short form in brackets is for the list of listings.
        let mut cursor = Cursor::new(shown);
        cursor.optional();
        let line = self.line(cursor.rest().trim());
        let id = self.anchor("code");
        let mut place = Place { id: id.clone(), title: self.plain(&line), ..Place::default() };
        let head = if title == Some(shown) {
            String::new()
        } else {
            place.text = self.step("lstlisting");
            (place.key, place.kind) = ("listing".into(), "listing".into());
            format!("Listing {}", place.text)
        };
        if let Some(label) = value("label") {
            let current = std::mem::replace(&mut self.current, place);
            self.label(label.trim().to_owned());
            self.current = current;
        }
        Some((id, (head, line)))
    }

    /// `\lstinputlisting[…]{file}`, `\inputminted[…]{language}{file}`, `\verbatiminput{file}`.
    pub(super) fn code_file(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        cursor.star();
        let options = cursor.optional().unwrap_or_default();
        let mut language = language_in(options);
        if name == "inputminted" {
            language = cursor.argument().map(str::to_owned);
        }
        let path = self.file_name(cursor.argument().unwrap_or_default());
        let Some((path, text)) = self.state.find(&path, self.sources) else {
            self.report(Severity::Error, &path, super::files::MISSING);
            return;
        };
        self.out.inputs.push(path);
        self.out.bytes_read += text.len();
        let text = self.with_escapes(name, options, text.trim_end().to_owned(), flow);
        flow.block(Block::Verbatim { text, language });
    }

    /// `\verb` and its like.
    pub(super) fn verb(&mut self, name: &str, cursor: &mut Cursor<'_>, flow: &mut Flow) {
        let options = match name {
            "lstinline" => cursor.clone().optional().unwrap_or_default(),
            _ => "",
        };
        match cursor.text_as_it_stands(name) {
            Some(text) => {
                let text = self.with_escapes(name, options, text.to_owned(), flow);
                flow.inline(Inline::Code(text));
            }
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

pub(crate) fn language_in(options: &str) -> Option<String> {
    let found = keyval::parse(options).into_iter().find(|(key, _)| *key == "language");
    // `[LaTeX]TeX`: a dialect of a language.
    found.map(|(_, value)| value.rsplit(']').next().unwrap_or(value).to_owned())
}
