//! The excerpt under a hit: the passage that holds most of what was asked for, as escaped HTML with
//! `<mark>` around the words found.

use super::words::{Word, fold, stems, words};

/// About how many characters an excerpt has, and how many of them before the first word found.
const LENGTH: usize = 200;
const BEFORE: usize = 50;
/// How far into a text to look: a hit need not be found at the price of the whole search.
const LOOKED_AT: usize = 60_000;

/// One word that was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    folded: String,
    stems: Vec<String>,
    /// Whether longer words that begin alike are found too.
    pub(crate) prefix: bool,
    /// Folded words that it may have been meant for.
    pub(crate) near: Vec<String>,
}

impl Wanted {
    pub(crate) fn new(raw: &str) -> Self {
        let (stem, plain) = stems(raw);
        let stems = [Some(stem), plain].into_iter().flatten().collect();
        Self { folded: fold(raw).into_owned(), stems, prefix: false, near: Vec::new() }
    }

    fn matches(&self, word: &Word<'_>) -> bool {
        let mut sign = [0; 4];
        if word.sign.is_some_and(|c| *c.encode_utf8(&mut sign) == *self.folded) {
            return true;
        }
        // Most words differ in their first letter already: do not fold or stem those.
        let first = |text: &str| text.chars().next();
        let start = word.raw.chars().next().map(|c| c.len_utf8()).unwrap_or_default();
        let letter = first(&fold(&word.raw[..start]));
        let mut meant = std::iter::once(&self.folded).chain(&self.near);
        if !meant.any(|meant| first(meant) == letter) {
            return false;
        }
        let folded = fold(word.raw);
        folded == self.folded
            || self.prefix && folded.starts_with(&self.folded)
            || self.near.iter().any(|near| *near == folded)
            || {
                let (stem, plain) = stems(word.raw);
                self.stems.iter().any(|s| *s == stem || Some(s) == plain.as_ref())
            }
    }
}

/// The best passage of the first text that holds something of what was asked for; the beginning
/// of the first text that is not empty when none does.
pub(crate) fn snippet(texts: &[&str], wanted: &[Wanted]) -> String {
    for text in texts {
        let marks = marks(text, wanted);
        if let Some(at) = best(&marks) {
            return passage(text, at, &marks);
        }
    }
    let text = texts.iter().map(|text| text.trim()).find(|text| !text.is_empty());
    text.map(|text| passage(text, 0, &[])).unwrap_or_default()
}

/// A word found: where it begins and ends, and which of the wanted words it is.
struct Mark {
    start: usize,
    end: usize,
    wanted: usize,
}

fn marks(text: &str, wanted: &[Wanted]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut seen = vec![false; wanted.len()];
    let mut last = LOOKED_AT;
    for word in words(text) {
        if word.start >= last {
            break;
        }
        if let Some(which) = wanted.iter().position(|wanted| wanted.matches(&word)) {
            seen[which] = true;
            marks.push(Mark { start: word.start, end: word.start + word.raw.len(), wanted: which });
            // All were seen: look no further than what can stand in one passage with this one.
            if seen.iter().all(|seen| *seen) {
                last = last.min(word.start + 2 * LENGTH);
            }
        }
    }
    marks
}

/// Where the passage with most different words begins, then with most words.
fn best(marks: &[Mark]) -> Option<usize> {
    let mut best = None;
    let mut most = (0, 0);
    for (at, first) in marks.iter().enumerate() {
        let inside = marks[at..].iter().take_while(|mark| mark.end < first.start + LENGTH - BEFORE);
        let (mut kinds, mut count) = (Vec::new(), 0);
        for mark in inside.take(32) {
            count += 1;
            if !kinds.contains(&mark.wanted) {
                kinds.push(mark.wanted);
            }
        }
        if (kinds.len(), count) > most || best.is_none() {
            (most, best) = ((kinds.len(), count), Some(first.start));
        }
    }
    best
}

/// About [`LENGTH`] characters around `at`, cut between words.
fn passage(text: &str, at: usize, marks: &[Mark]) -> String {
    let mut start = text[..at].char_indices().rev().take(BEFORE).last().map_or(at, |(at, _)| at);
    if start > 0 {
        let cut = text[start..at].find(char::is_whitespace);
        start = cut.map_or(at, |cut| start + cut);
        start += text[start..at].len() - text[start..at].trim_start().len();
    }
    let end = text[start..].char_indices().nth(LENGTH).map_or(text.len(), |(end, _)| start + end);
    let end = match text[start..end].rfind(char::is_whitespace) {
        // Not where it would cut most of the passage: a text need not have spaces.
        Some(cut) if end < text.len() && cut > LENGTH / 2 => start + cut,
        _ => end,
    };
    let mut out = String::with_capacity(LENGTH * 2);
    if !text[..start].trim().is_empty() {
        out.push('…');
    }
    let mut from = start;
    for mark in marks.iter().filter(|mark| mark.start >= start && mark.end <= end) {
        escape(&text[from..mark.start], &mut out);
        out.push_str("<mark>");
        escape(&text[mark.start..mark.end], &mut out);
        out.push_str("</mark>");
        from = mark.end;
    }
    escape(&text[from..end], &mut out);
    let mut out = out.trim().to_owned();
    if !text[end..].trim().is_empty() {
        out.push('…');
    }
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Lines of the text are not lines of the excerpt; the rest of what controls a
            // terminal or the direction of writing is left out.
            c if c.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c if c.is_control() => {}
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(words: &[&str]) -> Vec<Wanted> {
        words.iter().map(|word| Wanted::new(word)).collect()
    }

    #[test]
    fn excerpts_mark_what_was_found_and_escape_the_rest() {
        let table: &[(&[&str], &str, &str)] = &[
            (&["matrice"], "", ""),
            (&["matrice"], "  <b>Rien</b>\nici ", "&lt;b&gt;Rien&lt;/b&gt; ici"),
            (
                &["matrice"],
                "Les <i> Matrices & l'autre",
                "Les &lt;i&gt; <mark>Matrices</mark> &amp; l&#39;autre",
            ),
            (&["sum"], r"soit \sum_k", r"soit \<mark>sum</mark>_k"),
            (&["∑"], r"soit \sum_k et ∑", r"soit \<mark>sum</mark>_k et <mark>∑</mark>"),
            (&["derivee"], "la dérivée", "la <mark>dérivée</mark>"),
        ];
        for (words, text, expected) in table {
            assert_eq!(snippet(&[text], &wanted(words)), *expected);
        }
    }

    #[test]
    fn the_passage_with_most_of_the_words_is_taken() {
        let filler = "mot ".repeat(200);
        let text = format!("rang {filler} rang et noyau {filler}");
        let found = snippet(&[&text], &wanted(&["noyau", "rang"]));
        assert!(found.contains("<mark>rang</mark> et <mark>noyau</mark>"), "{found}");
        assert!(found.starts_with('…') && found.ends_with('…'), "{found}");
    }

    proptest::proptest! {
        #[test]
        fn an_excerpt_is_never_markup(text in "\\PC{0,300}", word in "[a-zé<>&]{1,6}") {
            let found = snippet(&[&text], &wanted(&[&word]));
            let bare = found.replace("<mark>", "").replace("</mark>", "");
            proptest::prop_assert!(!bare.contains(['<', '>', '"', '\'']));
        }
    }
}
