//! PDF figures as plain text: the first page of a PDF, written anew with printable signs alone, so
//! that a LaTeX source can carry it in a `filecontents*` environment.

use hayro_svg::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, ObjRef, Object, Stream},
};
use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// A figure as text is no longer than this.
const LARGEST: usize = 4 << 20;
/// A figure has no more objects, and none is deeper, than this.
const MOST_OBJECTS: usize = 10_000;
const DEEPEST: usize = 64;
/// What a page may have from the tree above it, and what a picture of it needs.
const OF_PAGE: [&str; 7] =
    ["MediaBox", "CropBox", "Rotate", "Resources", "Contents", "Group", "UserUnit"];
const FROM_ABOVE: usize = 4;

/// The first page of a PDF with printable signs alone, in lines; `None` for what is no PDF or is too
/// large.
#[must_use]
pub fn rewrite(pdf: &[u8]) -> Option<String> {
    // A hostile figure may panic the reader.
    let bytes = Arc::new(pdf.to_vec());
    catch_unwind(AssertUnwindSafe(|| page(bytes))).ok().flatten()
}

fn page(bytes: Arc<Vec<u8>>) -> Option<String> {
    let pdf = Pdf::new(bytes).ok()?;
    let page = pdf.pages().first()?.raw().clone();
    let mut out = Writer::default();
    out.object(1, "<</Type/Catalog/Pages 2 0 R>>");
    out.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
    let mut body = String::from("<</Type/Page/Parent 2 0 R");
    for (at, key) in OF_PAGE.into_iter().enumerate() {
        let mut holder = Some(page.clone());
        for _ in 0..DEEPEST {
            let Some(dict) = &holder else { break };
            if let Some(value) = dict.get_raw::<Object<'_>>(key) {
                let _ = write!(body, "\n/{key}");
                out.value(value, &mut body, 0)?;
                break;
            }
            holder = dict.get::<Dict<'_>>("Parent").filter(|_| at < FROM_ABOVE);
        }
    }
    body.push_str(">>");
    out.object(3, &body);
    while let Some((reference, number)) = out.waiting.pop_front() {
        let mut body = String::new();
        match pdf.xref().get::<Object<'_>>(reference.into()) {
            Some(Object::Stream(stream)) => out.stream(&stream, &mut body)?,
            Some(object) => out.value(MaybeRef::NotRef(object), &mut body, 0)?,
            None => body.push_str("null"),
        }
        out.object(number, &body);
        if out.text.len() > LARGEST || out.numbers.len() > MOST_OBJECTS {
            return None;
        }
    }
    Some(out.finish())
}

#[derive(Default)]
struct Writer {
    text: String,
    /// Offsets of the objects that are written, by their numbers.
    offsets: HashMap<usize, usize>,
    /// Numbers of the objects that something refers to.
    numbers: HashMap<ObjRef, usize>,
    waiting: VecDeque<(ObjRef, usize)>,
}

/// The first number of an object that is not the page or above it.
const FIRST: usize = 4;

impl Writer {
    fn object(&mut self, number: usize, body: &str) {
        if self.text.is_empty() {
            self.text.push_str("%PDF-1.5\n");
        }
        self.offsets.insert(number, self.text.len());
        let _ = writeln!(self.text, "{number} 0 obj\n{body}\nendobj");
    }

    /// A value; a space comes before it where it would join what stands before.
    fn value(&mut self, value: MaybeRef<Object<'_>>, out: &mut String, depth: usize) -> Option<()> {
        if depth > DEEPEST || out.len() > LARGEST {
            return None;
        }
        let _ = match value {
            MaybeRef::Ref(reference) => {
                let next = FIRST + self.numbers.len();
                let number = *self.numbers.entry(reference).or_insert(next);
                if number == next {
                    self.waiting.push_back((reference, number));
                }
                write!(out, " {number} 0 R")
            }
            MaybeRef::NotRef(Object::Null(_)) => write!(out, " null"),
            MaybeRef::NotRef(Object::Boolean(value)) => write!(out, " {value}"),
            MaybeRef::NotRef(Object::Number(number)) => {
                let number = number.as_f64();
                if number.fract() == 0.0 {
                    write!(out, " {number:.0}")
                } else {
                    let digits = format!("{number:.6}");
                    write!(out, " {}", digits.trim_end_matches('0').trim_end_matches('.'))
                }
            }
            MaybeRef::NotRef(Object::String(text)) => {
                out.push('<');
                text.as_bytes().iter().try_for_each(|byte| write!(out, "{byte:02x}")).ok()?;
                write!(out, ">")
            }
            MaybeRef::NotRef(Object::Name(text)) => {
                name(text.as_ref(), out);
                Ok(())
            }
            MaybeRef::NotRef(Object::Array(array)) => return self.array(&array, out, depth),
            MaybeRef::NotRef(Object::Dict(dict)) => {
                out.push_str("<<");
                self.entries(&dict, &[], out, depth)?;
                write!(out, ">>")
            }
            // A stream is never inside anything.
            MaybeRef::NotRef(Object::Stream(_)) => return None,
        };
        Some(())
    }

    fn array(&mut self, array: &Array<'_>, out: &mut String, depth: usize) -> Option<()> {
        out.push('[');
        for (at, item) in array.raw_iter().enumerate() {
            if at % 16 == 15 {
                out.push('\n');
            }
            self.value(item, out, depth + 1)?;
        }
        out.push(']');
        Some(())
    }

    fn entries(
        &mut self,
        dict: &Dict<'_>,
        without: &[&str],
        out: &mut String,
        depth: usize,
    ) -> Option<()> {
        for (key, value) in dict.entries() {
            // What stands above or beside the page would bring the whole document.
            let skipped = ["Parent", "StructParent", "StructParents", "Metadata", "PieceInfo"];
            let is = |other: &&str| other.as_bytes() == key.as_ref();
            if skipped.iter().chain(without).any(is) {
                continue;
            }
            out.push('\n');
            name(key.as_ref(), out);
            self.value(value, out, depth + 1)?;
        }
        Some(())
    }

    /// A stream in hexadecimal digits, over the filters that it has.
    fn stream(&mut self, stream: &Stream<'_>, out: &mut String) -> Option<()> {
        let dict = stream.dict();
        if dict.contains_key("F") {
            return None;
        }
        let mut body = String::new();
        for (at, byte) in stream.raw_data().iter().enumerate() {
            if at > 0 && at % 40 == 0 {
                body.push('\n');
            }
            let _ = write!(body, "{byte:02x}");
        }
        body.push('>');
        if body.len() > LARGEST {
            return None;
        }
        out.push_str("<<");
        let own = ["Filter", "DecodeParms", "Length"];
        self.entries(dict, &own, out, 0)?;
        out.push_str("\n/Filter[/ASCIIHexDecode");
        self.spread(dict.get("Filter"), out)?;
        out.push(']');
        if let Some(parameters) = dict.get::<Object<'_>>("DecodeParms") {
            out.push_str("\n/DecodeParms[null");
            self.spread(Some(parameters), out)?;
            out.push(']');
        }
        let _ = write!(out, "\n/Length {}>>\nstream\n{body}\nendstream", body.len());
        Some(())
    }

    /// One value, or the items of an array.
    fn spread(&mut self, value: Option<Object<'_>>, out: &mut String) -> Option<()> {
        match value {
            Some(Object::Array(array)) => {
                array.raw_iter().try_for_each(|item| self.value(item, out, 1))
            }
            Some(value) => self.value(MaybeRef::NotRef(value), out, 1),
            None => Some(()),
        }
    }

    /// The text with the table of its objects, which is a stream: lines of the usual table end with
    /// spaces, and TeX would drop those.
    fn finish(mut self) -> String {
        let number = FIRST + self.numbers.len();
        let start = self.text.len();
        self.offsets.insert(number, start);
        let mut table = String::from("00000000000000\n");
        for number in 1..=number {
            let offset = self.offsets.get(&number).copied().unwrap_or(0);
            let _ = writeln!(table, "01{offset:08x}0000");
        }
        table.push('>');
        let body = format!(
            "<</Type/XRef/Size {}/Root 1 0 R/W[1 4 2]/Filter/ASCIIHexDecode/Length {}>>\nstream\n\
             {table}\nendstream",
            number + 1,
            table.len()
        );
        self.object(number, &body);
        let _ = writeln!(self.text, "startxref\n{start}\n%%EOF");
        self.text
    }
}

/// A name, what is no letter or digit in hexadecimal digits.
fn name(bytes: &[u8], out: &mut String) {
    out.push('/');
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+') {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "#{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A page with a line, written by hand; its box stands above it.
    const LINE: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 100 50.5]>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F#20 (a\xff)>>>>>>endobj\n4 0 obj<</Length 22>>stream\n0 0 m 100 50 l 1 w S\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

    #[test]
    fn a_page_is_written_with_printable_signs_and_reads_the_same() {
        let text = rewrite(LINE).expect("a page");
        assert!(text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{text}");
        // TeX drops spaces at the ends of lines: offsets would be wrong.
        assert!(text.lines().all(|line| !line.ends_with(' ') && line.len() < 400), "{text}");
        assert!(
            text.contains("/MediaBox[ 0 0 100 50.5]") && text.contains("/F#20<61ff>"),
            "{text}"
        );
        let draw = |bytes: &[u8]| crate::figure::to_svg(bytes.to_vec(), 0).expect("a picture");
        assert_eq!(draw(text.as_bytes()), draw(LINE));
        // Written once, it stays as it is.
        assert_eq!(rewrite(text.as_bytes()).map(|again| draw(again.as_bytes())), Some(draw(LINE)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_figures_end(at in 0..LINE.len(), byte in any::<u8>(), cut in 0..LINE.len()) {
            let mut damaged = LINE.to_vec();
            damaged[at] = byte;
            let _ = rewrite(&damaged);
            damaged.truncate(cut);
            let _ = rewrite(&damaged);
        }
    }
}
