//! A sheet as a question bank for Moodle: an open question each, formulas for its MathJax filter.

use super::{
    Formulas,
    walk::{Piece, pieces},
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
        let answer = html.answer.as_deref().map(|html| for_moodle(html, formulas));
        let answer = answer.unwrap_or_default();
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
                rich(out, "responsetemplate", "")?;
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

fn rich(out: &mut Out, name: &str, html: &str) -> io::Result<()> {
    out.create_element(name).with_attribute(("format", "html")).write_inner_content(|out| {
        out.create_element("text").write_inner_content(|out| {
            // Cuts inside a CDATA section where its end would stand in the text.
            for part in BytesCData::escaped(html) {
                out.write_event(Event::CData(part))?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

/// HTML whose formulas are TeX between `\(` and `\)`.
fn for_moodle(html: &str, formulas: &Formulas) -> String {
    let mut out = String::with_capacity(html.len());
    for piece in pieces(html) {
        match piece {
            Piece::Open(_, tag) => out.push_str(tag),
            Piece::Close(name) => out.push_str(&format!("</{name}>")),
            Piece::Text(_, raw) => out.push_str(raw),
            Piece::Formula(tex, block) => {
                let (open, close) = if block { ("\\[", "\\]") } else { ("\\(", "\\)") };
                let tex = formulas.plain(&tex);
                let tex = quick_xml::escape::partial_escape(tex.trim());
                out.push_str(&format!("{open}{tex}{close}"));
            }
        }
    }
    out
}
