//! Sources in older encodings, as UTF-8.
//!
//! A document that says which encoding its files have is made to say UTF-8.

use crate::job::Job;
use bytes::Bytes;
use encoding_rs::Encoding;

/// Endings of files that are text for TeX.
const TEXTS: &[&str] =
    &["tex", "ltx", "sty", "cls", "def", "cfg", "clo", "bib", "bst", "txt", "csv", "py", "pdf_t"];

/// Names of the package `inputenc`.
const EIGHT_BITS: &[&str] = &[
    "latin1", "latin9", "latin2", "latin10", "ansinew", "cp1252", "cp1250", "applemac", "macce",
    "decmulti",
];

/// The encoding by a name of `inputenc`; without one Windows-1252, which holds latin-1.
fn by_name(name: Option<&str>) -> &'static Encoding {
    match name {
        Some("latin9") => encoding_rs::ISO_8859_15,
        Some("latin2") => encoding_rs::ISO_8859_2,
        Some("latin10") => encoding_rs::ISO_8859_16,
        Some("cp1250") => encoding_rs::WINDOWS_1250,
        Some("applemac") => encoding_rs::MACINTOSH,
        _ => encoding_rs::WINDOWS_1252,
    }
}

/// The job with every text file in UTF-8.
pub(crate) fn in_utf8(mut job: Job) -> Job {
    let is_text =
        |path: &str| path.rsplit_once('.').is_some_and(|(_, extension)| TEXTS.contains(&extension));
    let declared = job
        .files
        .iter()
        .filter(|(path, _)| is_text(path))
        .find_map(|(_, bytes)| declaration(&String::from_utf8_lossy(bytes)));
    if declared.is_none()
        && job
            .files
            .iter()
            .all(|(path, bytes)| !is_text(path) || std::str::from_utf8(bytes).is_ok())
    {
        return job;
    }
    let encoding = by_name(declared.as_deref());
    for (path, bytes) in &mut job.files {
        if !is_text(path) {
            continue;
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        };
        *bytes = Bytes::from(saying_utf8(text));
    }
    job
}

/// Where the text names an encoding: the positions of the name. A list of options longer than this
/// is none of `inputenc`'s, so that a hostile text is read once.
fn named(text: &str) -> Vec<std::ops::Range<usize>> {
    const LONGEST: usize = 40;
    let options = text.match_indices("]{inputenc}").filter_map(|(end, _)| {
        let before = text.as_bytes()[end.saturating_sub(LONGEST)..end].iter().rev();
        let length = before.take_while(|byte| **byte != b'[').count();
        (length < LONGEST.min(end)).then_some(end - length..end)
    });
    let commands = text.match_indices("\\inputencoding{").filter_map(|(at, command)| {
        let start = at + command.len();
        let rest = &text.as_bytes()[start..];
        let length = rest.iter().take(LONGEST).position(|byte| *byte == b'}')?;
        Some(start..start + length)
    });
    let mut ranges: Vec<_> = options.chain(commands).collect();
    ranges.retain(|range| {
        text.get(range.clone()).is_some_and(|name| EIGHT_BITS.contains(&name.trim()))
    });
    ranges.sort_by_key(|range| range.start);
    ranges
}

fn declaration(text: &str) -> Option<String> {
    named(text).into_iter().next().map(|range| text[range].trim().to_owned())
}

fn saying_utf8(text: String) -> String {
    let ranges = named(&text);
    if ranges.is_empty() {
        return text;
    }
    let mut said = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        said.push_str(&text[at..range.start]);
        said.push_str("utf8");
        at = range.end;
    }
    said.push_str(&text[at..]);
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(main: &[u8], other: &[u8]) -> (String, String) {
        let files = [("m.tex", main), ("a.tex", other)]
            .map(|(path, bytes)| (path.to_owned(), Bytes::copy_from_slice(bytes)));
        let job = in_utf8(Job { main: "m.tex".into(), files: files.into(), ..Job::default() });
        let text = |path: &str| String::from_utf8(job.files[path].to_vec()).expect("UTF-8");
        (text("m.tex"), text("a.tex"))
    }

    #[test]
    fn old_encodings_become_utf8_and_say_so() {
        for (main, other, wanted) in [
            (
                "\\usepackage[latin1]{inputenc}",
                &b"\xe9t\xe9"[..],
                ("\\usepackage[utf8]{inputenc}", "été"),
            ),
            (
                "\\usepackage[applemac]{inputenc}",
                b"\x8et\x8e",
                ("\\usepackage[utf8]{inputenc}", "été"),
            ),
            ("\\usepackage[utf8]{inputenc}", b"\xe9t\xe9", ("\\usepackage[utf8]{inputenc}", "été")),
            ("\\inputencoding{latin9}", b"\xa4", ("\\inputencoding{utf8}", "€")),
            (
                "\\usepackage[latin1]{inputenc}",
                "été".as_bytes(),
                ("\\usepackage[utf8]{inputenc}", "été"),
            ),
            ("[latin1]", b"\x80", ("[latin1]", "€")),
            ("latin1]{inputenc}", b"", ("latin1]{inputenc}", "")),
            ("[é latin1]{inputenc}", b"", ("[é latin1]{inputenc}", "")),
            (
                "[latin1]{inputenc}[latin1]{inputenc}\\inputencoding{",
                b"",
                ("[utf8]{inputenc}[utf8]{inputenc}\\inputencoding{", ""),
            ),
        ] {
            let (main, other) = after(main.as_bytes(), other);
            assert_eq!((main.as_str(), other.as_str()), wanted);
        }
    }

    #[test]
    fn what_is_no_text_stays() {
        let files = [("f.png".to_owned(), Bytes::from_static(b"\x89PNG\xff"))];
        let job = Job { main: "m.tex".into(), files: files.into(), ..Job::default() };
        assert_eq!(in_utf8(job.clone()), job);
    }
}
