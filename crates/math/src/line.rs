//! What stays on the line of a formula. Browsers break a line on either side of one, whatever stands
//! there; a word joiner (U+2060) does not keep Chromium from it.

/// Opens the span that holds a formula and what sticks to it; the rule of its class is in
/// [`CSS`](crate::CSS).
const OPEN: &str = "<span class=\"mq-lie\">";
const CLOSE: &str = "</span>";

/// A line of texts and formulas that is being written.
///
/// ```
/// use mqd_math::line::Line;
/// let mut line = Line::default();
/// let mut html = String::from(line.open(", n"));
/// html += "<math></math>";
/// html += line.close();
/// html += &line.text(", n", false).concat();
/// html += line.end();
/// assert_eq!(html, "<span class=\"mq-lie\"><math></math>,</span> n");
/// ```
#[derive(Debug, Default)]
pub struct Line {
    /// A span is open.
    held: bool,
    /// The span stays open after the formula.
    on: bool,
}

impl Line {
    /// What to write before a formula; `next` is the text after it, if there is one.
    pub fn open(&mut self, next: &str) -> &'static str {
        let was = self.held;
        self.on = sticks_after(next) > 0;
        self.held |= self.on;
        if self.held && !was { OPEN } else { "" }
    }

    /// What to write after a formula.
    pub fn close(&mut self) -> &'static str {
        if self.held && !self.on { self.end() } else { "" }
    }

    /// A text in five pieces, the first, third and last its own, the others markup. Say whether a
    /// formula comes after it.
    pub fn text<'t>(&mut self, text: &'t str, formula_follows: bool) -> [&'t str; 5] {
        let before = |text: &str| if formula_follows { sticks_before(text) } else { 0 };
        let (head, rest) = text.split_at(if self.held { sticks_after(text) } else { 0 });
        // « ($x$)($y$) » stays together.
        if self.held && rest.is_empty() && before(head) > 0 {
            return [head, "", "", "", ""];
        }
        let close = self.end();
        let (rest, tail) = rest.split_at(rest.len() - before(rest));
        self.held = !tail.is_empty();
        [head, close, rest, if self.held { OPEN } else { "" }, tail]
    }

    /// What to write where the line ends, or where something else begins.
    pub fn end(&mut self) -> &'static str {
        if std::mem::take(&mut self.held) { CLOSE } else { "" }
    }
}

/// How much of a text, in bytes, stays on the line of the formula before it: punctuation, what
/// follows a hard space, the rest of a word such as « $n$-uplet ».
fn sticks_after(text: &str) -> usize {
    let holds = |c: char| {
        hard(c) || matches!(c, '.' | ',' | ';' | ':' | ')' | ']' | '!' | '?' | '…' | '-' | '’')
    };
    if !text.starts_with(holds) {
        return 0;
    }
    let word = text.find(soft).unwrap_or(text.len());
    if word <= LONGEST { word } else { text.len() - text.trim_start_matches(holds).len() }
}

/// How much of a text, in bytes, stays on the line of the formula after it: an opening sign, the word
/// before a hard space.
fn sticks_before(text: &str) -> usize {
    let holds = |c: char| hard(c) || matches!(c, '(' | '[' | '’');
    if !text.ends_with(holds) {
        return 0;
    }
    let word = text.len() - text.rfind(soft).map_or(0, |at| at + 1);
    if word <= LONGEST { word } else { text.len() - text.trim_end_matches(holds).len() }
}

/// A longer word, in bytes, is not held whole: it would leave the column of a phone.
const LONGEST: usize = 32;

fn hard(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{202f}')
}

/// Where a line may be broken. All of these are one byte.
fn soft(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sticks_is_cut_between_words() {
        for (text, after, before) in [
            ("", 0, 0),
            (". Alors", 1, 0),
            (" soit", 0, 0),
            ("-uplet d’entiers", 6, 0),
            ("\u{a0}: oui", 3, 0),
            ("soit (", 0, 1),
            ("le nombre\u{a0}", 0, 8),
            ("l’", 0, 4),
            (")(", 2, 2),
            ("…été", 8, 0),
            (".\nla", 1, 0),
            (".une-suite-de-mots-qui-ne-finit-pas-de-finir", 1, 0),
        ] {
            assert_eq!((sticks_after(text), sticks_before(text)), (after, before), "{text}");
        }
    }
}
