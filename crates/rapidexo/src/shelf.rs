//! The files that exercises refer to: texts that they input, pictures that they show.

use bytes::Bytes;
use mqd_tex::{Cursor, FigureInfo, Sources, Token};
use std::{collections::BTreeMap, sync::Arc};

/// Files of a dépôt by path; only those that exercises or the preamble refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    /// LaTeX sources.
    pub texts: BTreeMap<String, Arc<str>>,
    /// Pictures.
    pub figures: BTreeMap<String, Bytes>,
}

/// A text that inputs itself stops here.
const MAX_DEPTH: usize = 12;
/// What inputs may make of one text, in bytes.
const MAX_WHOLE: usize = 1 << 20;
/// Endings that a picture may be named without.
pub(crate) const PICTURES: &[&str] = &["", ".pdf", ".png", ".jpg", ".jpeg"];

impl Shelf {
    fn find<'s, T>(
        map: &'s BTreeMap<String, T>,
        from: &str,
        name: &str,
        endings: &[&str],
    ) -> Option<(&'s String, &'s T)> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        [folder, ""].into_iter().find_map(|folder| {
            let path = join(folder, name)?;
            endings.iter().find_map(|ending| map.get_key_value(&format!("{path}{ending}")))
        })
    }

    /// A picture that a source at `from` names: its path and content.
    #[must_use]
    pub fn figure(&self, from: &str, name: &str) -> Option<(&String, &Bytes)> {
        Self::find(&self.figures, from, name, PICTURES)
    }

    /// A text that a source at `from` names.
    #[must_use]
    pub fn text(&self, from: &str, name: &str) -> Option<(&String, &Arc<str>)> {
        Self::find(&self.texts, from, name, &["", ".tex"])
    }

    /// A source with the texts that it inputs in their place, and its pictures named by their paths
    /// from the root: what one self-contained file needs.
    #[must_use]
    pub fn whole(&self, source: &str, from: &str) -> String {
        let mut out = String::with_capacity(source.len());
        self.put(source, from, 0, &mut out);
        out
    }

    fn put(&self, source: &str, from: &str, depth: usize, out: &mut String) {
        let mut cursor = Cursor::new(source);
        let mut copied = 0;
        while let Some(token) = cursor.next() {
            let Token::Command(name @ ("input" | "include" | "includegraphics")) = token else {
                continue;
            };
            let start = cursor.offset() - name.len() - 1;
            cursor.optional();
            let Some(argument) = cursor.argument() else { continue };
            if name == "includegraphics" {
                if let Some((path, _)) = self.figure(from, argument.trim()) {
                    // Both are slices of `source`, so the difference is an offset inside it.
                    let at = argument.as_ptr() as usize - source.as_ptr() as usize;
                    out.push_str(&source[copied..at]);
                    out.push_str(path);
                    copied = at + argument.len();
                }
            } else if let Some((path, text)) = self.text(from, argument.trim())
                && depth < MAX_DEPTH
                && out.len() + text.len() < MAX_WHOLE
            {
                out.push_str(&source[copied..start]);
                self.put(text, path, depth + 1, out);
                // A comment at the end of the text must not swallow what follows.
                if text.lines().last().is_some_and(|line| line.contains('%')) {
                    out.push('\n');
                }
                copied = cursor.offset();
            }
        }
        out.push_str(&source[copied..]);
    }
}

/// A relative path from a folder, `..` resolved; `None` when it leaves the root.
fn join(folder: &str, name: &str) -> Option<String> {
    if name.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The files of the shelf as a source at a path names them, for the converter. Pictures become
/// `data:` addresses: a page shows them wherever it is served from, and they stay with their
/// version.
pub(crate) struct From<'s> {
    pub(crate) shelf: &'s Shelf,
    pub(crate) path: &'s str,
}

impl Sources for From<'_> {
    fn read(&self, name: &str) -> Option<Arc<str>> {
        Some(Arc::clone(self.shelf.text(self.path, name)?.1))
    }

    fn figure(&self, name: &str) -> Option<FigureInfo> {
        let (path, bytes) = self.shelf.figure(self.path, name)?;
        let encode = |bytes: &[u8]| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(bytes)
        };
        let ending = path.rsplit('.').next()?.to_ascii_lowercase();
        let (src, size) = match ending.as_str() {
            "pdf" => {
                let svg = mqd_pdf::figure::to_svg(bytes.to_vec(), 0).ok()?;
                let src = format!("data:image/svg+xml;base64,{}", encode(svg.svg.as_bytes()));
                (src, Some((svg.width, svg.height)))
            }
            "png" => (format!("data:image/png;base64,{}", encode(bytes)), None),
            "jpg" | "jpeg" => (format!("data:image/jpeg;base64,{}", encode(bytes)), None),
            _ => return None,
        };
        Some(FigureInfo { src, size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> Shelf {
        Shelf {
            texts: [("a/part.tex", "P % fin"), ("loop.tex", "\\input{loop}x")]
                .map(|(path, text)| (path.to_owned(), text.into()))
                .into(),
            figures: [("a/fig.pdf".to_owned(), Bytes::from_static(b"%PDF"))].into(),
        }
    }

    #[test]
    fn inputs_and_pictures_are_put_in_place() {
        for (source, whole) in [
            ("x \\input{part} y", "x P % fin\n y"),
            ("\\includegraphics[width=1cm]{fig}", "\\includegraphics[width=1cm]{a/fig.pdf}"),
            ("\\includegraphics{../a/fig.pdf}", "\\includegraphics{a/fig.pdf}"),
            ("\\input{../../etc/passwd}", "\\input{../../etc/passwd}"),
            ("% \\input{part}\nz", "% \\input{part}\nz"),
        ] {
            assert_eq!(shelf().whole(source, "a/E1.tex"), whole, "{source}");
        }
    }

    #[test]
    fn a_loop_ends() {
        assert!(shelf().whole("\\input{loop}", "a.tex").len() < 1000);
    }
}
