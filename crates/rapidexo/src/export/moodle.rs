//! A sheet as a question bank for Moodle: an open question each, formulas for its MathJax filter.

use super::{
    Formulas,
    walk::{Piece, attribute, pieces},
};
use crate::{Place, Sheet};
use quick_xml::{
    Writer,
    events::{BytesCData, BytesDecl, BytesText, Event},
};
use std::io;

type Out = Writer<Vec<u8>>;

impl Sheet {
    /// The sheet as Moodle XML.
    ///
    /// # Errors
    /// Never for writing to memory; the type says what the writer may say.
    pub fn moodle(&self) -> io::Result<String> {
        let formulas = Formulas::of(&self.exercises);
        let mut out = Writer::new_with_indent(Vec::new(), b' ', 1);
        out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        // A category holds the questions that follow it: those of one theme stay together.
        let mut places = self.places.clone();
        places.sort_by_key(|place| place.theme);
        out.create_element("quiz").write_inner_content(|out| {
            let mut theme = None;
            for place in places {
                if theme.replace(place.theme) != Some(place.theme) {
                    self.category(out, place)?;
                }
                self.question(out, place, &formulas)?;
            }
            Ok(())
        })?;
        Ok(String::from_utf8_lossy(&out.into_inner()).into_owned())
    }

    fn category(&self, out: &mut Out, place: Place) -> io::Result<()> {
        let theme = &self.exercises.themes[place.theme];
        // A slash in a name is doubled: alone it would begin a category below.
        let name = |text: &str| text.replace('/', "//");
        let path = format!("$course$/top/{}/{}", name(&self.exercises.title), name(&theme.name));
        out.create_element("question").with_attribute(("type", "category")).write_inner_content(
            |out| {
                out.create_element("category").write_inner_content(|out| text(out, &path))?;
                Ok(())
            },
        )?;
        Ok(())
    }

    fn question(&self, out: &mut Out, place: Place, formulas: &Formulas) -> io::Result<()> {
        let html = self.exercises.html(place);
        let theme = &self.exercises.themes[place.theme];
        let id = self.id(place);
        let statement = for_moodle(&html.statement, formulas);
        let answer = for_moodle(html.answer.as_deref().unwrap_or_default(), formulas);
        out.create_element("question").with_attribute(("type", "essay")).write_inner_content(
            |out| {
                out.create_element("name").write_inner_content(|out| text(out, &id))?;
                rich(out, "questiontext", &statement)?;
                rich(out, "generalfeedback", &answer)?;
                for (name, value) in [
                    ("defaultgrade", "1"),
                    ("penalty", "0"),
                    ("hidden", "0"),
                    ("idnumber", id.as_str()),
                    ("responseformat", "editor"),
                    ("responserequired", "1"),
                    ("responsefieldlines", "5"),
                    ("attachments", "0"),
                    ("attachmentsrequired", "0"),
                ] {
                    out.create_element(name).write_text_content(BytesText::new(value))?;
                }
                rich(out, "graderinfo", &answer)?;
                rich(out, "responsetemplate", &Rich::default())?;
                out.create_element("tags").write_inner_content(|out| {
                    out.create_element("tag").write_inner_content(|out| text(out, &theme.name))?;
                    Ok(())
                })?;
                Ok(())
            },
        )?;
        Ok(())
    }
}

fn text(out: &mut Out, value: &str) -> io::Result<()> {
    out.create_element("text").write_text_content(BytesText::new(value))?;
    Ok(())
}

/// A text with the pictures that it shows.
#[derive(Debug, Default, PartialEq, Eq)]
struct Rich {
    html: String,
    /// Name and content, in base64.
    files: Vec<(String, String)>,
}

fn rich(out: &mut Out, name: &str, rich: &Rich) -> io::Result<()> {
    out.create_element(name).with_attribute(("format", "html")).write_inner_content(|out| {
        out.create_element("text").write_inner_content(|out| {
            // Cuts inside a CDATA section where its end would stand in the text.
            for part in BytesCData::escaped(&rich.html) {
                out.write_event(Event::CData(part))?;
            }
            Ok(())
        })?;
        for (name, content) in &rich.files {
            out.create_element("file")
                .with_attributes([("name", name.as_str()), ("path", "/"), ("encoding", "base64")])
                .write_text_content(BytesText::new(content))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// HTML whose formulas are TeX between `\(` and `\)`, and whose pictures are files beside it.
fn for_moodle(html: &str, formulas: &Formulas) -> Rich {
    let mut rich = Rich::default();
    let out = &mut rich.html;
    for piece in pieces(html) {
        match piece {
            Piece::Open(name, tag) => match (name == "img").then(|| picture(tag)).flatten() {
                Some((tag, file)) => {
                    out.push_str(&tag);
                    if !rich.files.contains(&file) {
                        rich.files.push(file);
                    }
                }
                None => out.push_str(tag),
            },
            Piece::Close(name) => out.push_str(&format!("</{name}>")),
            Piece::Text(_, raw) => out.push_str(raw),
            Piece::Formula(tex, block) => {
                let (open, close) = if block { ("\\[", "\\]") } else { ("\\(", "\\)") };
                let tex = formulas.portable(&tex);
                let tex = quick_xml::escape::partial_escape(tex.trim());
                if !tex.is_empty() {
                    out.push_str(&format!("{open}{tex}{close}"));
                }
            }
        }
    }
    rich
}

/// The tag of a picture that is a file of the question, and that file.
fn picture(tag: &str) -> Option<(String, (String, String))> {
    let source = attribute(tag, "src")?;
    let (kind, content) = source.strip_prefix("data:image/")?.split_once(";base64,")?;
    let ending = match kind {
        "svg+xml" => "svg",
        "jpeg" => "jpg",
        other => other,
    };
    let name = format!("{:.12}.{ending}", blake3::hash(content.as_bytes()).to_hex());
    Some((tag.replace(&source, &format!("@@PLUGINFILE@@/{name}")), (name, content.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::exercises;

    #[test]
    fn pictures_are_files_of_the_question() {
        let formulas = Formulas::of(&exercises(&[]));
        let html = "<p>x <img src=\"data:image/svg+xml;base64,PHN2Zz4=\" alt=\"y\"> <img src=\"/a.png\"></p>";
        let rich = for_moodle(html, &formulas);
        let [(name, content)] = &rich.files[..] else { panic!("{rich:?}") };
        assert!(name.ends_with(".svg") && content == "PHN2Zz4=");
        let tag = format!("<img src=\"@@PLUGINFILE@@/{name}\" alt=\"y\">");
        assert_eq!(rich.html, format!("<p>x {tag} <img src=\"/a.png\"></p>"));
    }
}
