//! The excerpt under a hit: the passage that holds most of what was asked for, as escaped HTML with
//! `<mark>` around the words found and formulas as MathML.

use super::words::{Word, fold, stems, words};
use std::ops::Range;

/// About how many characters an excerpt has, and how many of them before the first word found.
const LENGTH: usize = 200;
const BEFORE: usize = 50;
/// Formulas with longer texts than this stay text, and those that would take the MathML of an excerpt
/// beyond so many bytes: an excerpt is no page. The bytes hold what a page leaves out (the source, the
/// text read aloud), which is more than half of them.
const FORMULA: usize = 200;
const MATHML: usize = 8_000;
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

/// The formulas of a text that touch a range of it.
pub(crate) type InText<'f> = dyn Fn(Range<usize>) -> Vec<(Range<usize>, String)> + 'f;

/// The best passage of the first text that holds something of what was asked for; the beginning
/// of the first text that is not empty when none does.
pub(crate) fn snippet(texts: &[(&str, &InText<'_>)], wanted: &[Wanted]) -> String {
    for (text, formulas) in texts {
        let marks = marks(text, wanted);
        if let Some(at) = best(&marks) {
            return passage(text, at, &marks, formulas);
        }
    }
    let text = texts.iter().find(|(text, _)| !text.trim().is_empty());
    text.map(|(text, formulas)| passage(text, 0, &[], formulas)).unwrap_or_default()
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

/// About [`LENGTH`] characters around `at`, cut between words. No formula is cut: at the edges it
/// is whole or left out.
fn passage(text: &str, at: usize, marks: &[Mark], formulas: &InText<'_>) -> String {
    let mut start = text[..at].char_indices().rev().take(BEFORE).last().map_or(at, |(at, _)| at);
    if start > 0 {
        let cut = text[start..at].find(char::is_whitespace);
        start = cut.map_or(at, |cut| start + cut);
        start += text[start..at].len() - text[start..at].trim_start().len();
    }
    let end = text[start..].char_indices().nth(LENGTH).map_or(text.len(), |(end, _)| start + end);
    let mut end = match text[start..end].rfind(char::is_whitespace) {
        // Not where it would cut most of the passage: a text need not have spaces.
        Some(cut) if end < text.len() && cut > LENGTH / 2 => start + cut,
        _ => end,
    };
    let mut formulas = formulas(start..end);
    // What was found is shown first.
    let found = |range: &Range<usize>| {
        marks.iter().any(|mark| mark.start < range.end && range.start < mark.end)
    };
    let mut room = MATHML;
    let mut kept = vec![false; formulas.len()];
    for wanted in [true, false] {
        for (kept, (range, mathml)) in kept.iter_mut().zip(&formulas) {
            let text = text.get(range.clone());
            let short = text.is_some_and(|text| text.chars().nth(FORMULA).is_none());
            if found(range) == wanted && short && mathml.len() <= room {
                room -= mathml.len();
                *kept = true;
            }
        }
    }
    let mut kept = kept.into_iter();
    formulas.retain(|_| kept.next().unwrap_or_default());
    if let Some((first, _)) = formulas.first()
        && first.start < start
    {
        start = first.start;
    }
    if let Some((last, _)) = formulas.last()
        && last.end > end
    {
        // What was found is in it, or it is all there is.
        let needed = last.contains(&at) || last.start <= start;
        end = if needed { last.end } else { last.start };
    }
    formulas.retain(|(range, _)| range.end <= end);

    let mut out = Passage { text, marks, at: start, out: String::with_capacity(LENGTH * 2) };
    if !text[..start].trim().is_empty() {
        out.out.push('…');
    }
    for (range, mathml) in &formulas {
        if range.start < out.at {
            continue;
        }
        out.words(range.start);
        let (open, close) = if found(range) { ("<mark>", "</mark>") } else { ("", "") };
        out.out.extend([open, mathml, close]);
        out.at = range.end;
    }
    out.words(end);
    let mut out = out.out.trim().to_owned();
    if !text[end..].trim().is_empty() {
        out.push('…');
    }
    out
}

/// An excerpt that is being written.
struct Passage<'p> {
    text: &'p str,
    marks: &'p [Mark],
    /// Up to where it is written.
    at: usize,
    out: String,
}

impl Passage<'_> {
    /// Writes the text up to there, with its marks.
    fn words(&mut self, end: usize) {
        let (from, marks) = (self.at, self.marks);
        for mark in marks.iter().filter(|m| m.start >= from && m.end <= end) {
            escape(&self.text[self.at..mark.start], &mut self.out);
            self.out.push_str("<mark>");
            escape(&self.text[mark.start..mark.end], &mut self.out);
            self.out.push_str("</mark>");
            self.at = mark.end;
        }
        escape(&self.text[self.at..end], &mut self.out);
        self.at = end;
    }
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

    fn plain(text: &str, wanted: &[Wanted]) -> String {
        snippet(&[(text, &|_| Vec::new())], wanted)
    }

    /// The excerpt of a text whose formulas are between dollars; `<math>` shows what each holds.
    fn mathematical(source: &str, words: &[&str]) -> String {
        let (mut text, mut formulas) = (String::new(), Vec::new());
        for (at, piece) in source.split('$').enumerate() {
            let start = text.len();
            text.push_str(piece);
            if at % 2 == 1 {
                formulas.push((start..text.len(), format!("<math>{piece}</math>")));
            }
        }
        let touching = |within: Range<usize>| {
            let mut near = formulas.clone();
            near.retain(|(r, _)| r.start < within.end && within.start < r.end);
            near
        };
        snippet(&[(&text, &touching)], &wanted(words))
    }

    #[test]
    fn formulas_are_shown_whole_or_not_at_all() {
        let few = "mot ".repeat(8);
        let many = "mot ".repeat(60);
        let long = "x+".repeat(150);
        for (source, words, expected) in [
            ("Si $x<y$ alors la suite", "suite", "Si <math>x<y</math> alors la <mark>suite</mark>"),
            ("$∑ x$ est $y$", "∑", "<mark><math>∑ x</math></mark> est <math>y</math>"),
            // A formula over the left edge comes with the excerpt.
            (
                &format!("{many}$a+b + c + d +e +f$ {few}suite"),
                "suite",
                &format!("…<math>a+b + c + d +e +f</math> {few}<mark>suite</mark>"),
            ),
            // One over the right edge stays away, unless what was found is in it.
            (
                &format!("suite {}$a + b + c + d + e + f$", "mot ".repeat(47)),
                "suite",
                &format!("<mark>suite</mark> {}…", "mot ".repeat(47).trim()),
            ),
            (
                &format!("${} z + ∑$ fin", "y + ".repeat(40)),
                "∑",
                &format!("<mark><math>{} z + ∑</math></mark> fin", "y + ".repeat(40)),
            ),
            // What is too long for an excerpt stays text.
            (&format!("suite ${long}$"), "suite", &format!("<mark>suite</mark> {}…", &long[..194])),
        ] {
            assert_eq!(mathematical(source, &[words]), expected, "{source}");
        }
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
            assert_eq!(plain(text, &wanted(words)), *expected);
        }
    }

    #[test]
    fn the_passage_with_most_of_the_words_is_taken() {
        let filler = "mot ".repeat(200);
        let text = format!("rang {filler} rang et noyau {filler}");
        let found = plain(&text, &wanted(&["noyau", "rang"]));
        assert!(found.contains("<mark>rang</mark> et <mark>noyau</mark>"), "{found}");
        assert!(found.starts_with('…') && found.ends_with('…'), "{found}");
    }

    proptest::proptest! {
        #[test]
        fn an_excerpt_is_never_markup(text in "\\PC{0,300}", word in "[a-zé<>&]{1,6}") {
            let found = plain(&text, &wanted(&[&word]));
            let bare = found.replace("<mark>", "").replace("</mark>", "");
            proptest::prop_assert!(!bare.contains(['<', '>', '"', '\'']));
        }
    }
}
