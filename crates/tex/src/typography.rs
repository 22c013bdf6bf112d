//! French typography of running text: dashes, quotes, and the spaces before high punctuation.

/// Narrow no-break space, before `;`, `!` and `?`.
const NARROW: char = '\u{202f}';
/// No-break space, before `:` and inside guillemets.
const NO_BREAK: char = '\u{a0}';

/// Adds the character of high punctuation to a text, with the space that belongs before it.
pub(crate) fn push_punctuation(out: &mut String, c: char) {
    let space = if c == ':' { NO_BREAK } else { NARROW };
    let before = out.chars().next_back();
    match before {
        Some(' ') => {
            out.pop();
            out.push(space);
        }
        // Already spaced, opening, or a repeated mark: as it stands.
        Some(b) if b.is_alphabetic() || matches!(b, ')' | ']' | '»' | '”' | '…' | '’' | '°') => {
            out.push(space)
        }
        _ => {}
    }
    out.push(c);
}

/// Adds a character of running text: `--`, `---`, `<<`, `>>`, ```` `` ````, `''` and apostrophes
/// become what they mean.
pub(crate) fn push_char(out: &mut String, c: char) {
    let before = out.chars().next_back();
    match (before, c) {
        (Some('-'), '-') => {
            out.pop();
            out.push('–');
        }
        (Some('–'), '-') => {
            out.pop();
            out.push('—');
        }
        (Some('‘'), '`') => {
            out.pop();
            out.push('“');
        }
        (Some('’'), '\'') => {
            out.pop();
            out.push('”');
        }
        (Some('<'), '<') => {
            out.pop();
            out.push('«');
            out.push(NO_BREAK);
        }
        (Some('>'), '>') => {
            out.pop();
            while out.ends_with(' ') {
                out.pop();
            }
            out.push(NO_BREAK);
            out.push('»');
        }
        (_, '`') => out.push('‘'),
        (_, '\'') => out.push('’'),
        (_, ';' | ':' | '!' | '?') => push_punctuation(out, c),
        (_, '~') => {
            if before == Some(' ') {
                out.pop();
            }
            out.push(NO_BREAK);
        }
        (Some(NO_BREAK | NARROW | ' '), ' ') => {}
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_punctuation() {
        for (source, wanted) in [
            ("Vrai ?", "Vrai\u{202f}?"),
            ("Vrai?", "Vrai\u{202f}?"),
            ("à 10:30", "à 10:30"),
            ("Soit : a", "Soit\u{a0}: a"),
            ("l'un -- ou", "l’un – ou"),
            ("<< mot >>", "«\u{a0}mot\u{a0}»"),
            ("``x''", "“x”"),
            ("a --- b", "a — b"),
            ("!!", "!!"),
        ] {
            let mut out = String::new();
            for c in source.chars() {
                push_char(&mut out, c);
            }
            assert_eq!(out, wanted);
        }
    }
}
