//! mhchem's `\ce{…}` as TeX: elements, indices, charges, isotopes, coefficients, arrows.

/// The TeX of a chemical formula; `None` for what this does not read (bonds drawn, states of
/// charge computed …).
pub fn chemistry(text: &str) -> Option<String> {
    let mut reader = Reader { rest: text.trim(), out: String::new(), before: Before::Blank };
    while !reader.rest.is_empty() {
        reader.step()?;
    }
    Some(reader.out)
}

/// What was read last: it says what a digit, `+` or `-` means.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Blank,
    Coefficient,
    Element,
}

/// Arrows, the longest first, as they are and with something above and below.
const ARROWS: &[(&str, &str, &str)] = &[
    ("<=>>", "\\rightleftharpoons ", "\\xrightleftharpoons"),
    ("<<=>", "\\rightleftharpoons ", "\\xrightleftharpoons"),
    ("<=>", "\\rightleftharpoons ", "\\xrightleftharpoons"),
    ("<-->", "\\longleftrightarrow ", "\\xleftrightarrow"),
    ("<->", "\\longleftrightarrow ", "\\xleftrightarrow"),
    ("->", "\\longrightarrow ", "\\xrightarrow"),
    ("<-", "\\longleftarrow ", "\\xleftarrow"),
];

struct Reader<'t> {
    rest: &'t str,
    out: String,
    before: Before,
}

impl<'t> Reader<'t> {
    fn step(&mut self) -> Option<()> {
        if let Some(arrow) = ARROWS.iter().find(|(sign, ..)| self.rest.starts_with(sign)) {
            return self.arrow(*arrow);
        }
        let first = self.rest.chars().next()?;
        let after = self.rest[first.len_utf8()..].chars().next();
        match first {
            c if c.is_whitespace() => {
                self.rest = self.rest.trim_start();
                self.before = Before::Blank;
            }
            'v' | '^' if self.before == Before::Blank && after.is_none_or(char::is_whitespace) => {
                self.rest = &self.rest[1..];
                self.out.push_str(if first == 'v' { "\\downarrow " } else { "\\uparrow " });
            }
            c if c.is_alphabetic() => {
                let letters = self.take(char::is_alphabetic);
                self.out.push_str(&format!("\\mathrm{{{letters}}}"));
                self.before = Before::Element;
            }
            c if c.is_ascii_digit() => {
                // A fraction is a coefficient; behind an element `/` parts a couple, `O2/H2O`.
                let index = self.before == Before::Element;
                let number = self
                    .take(|c| c.is_ascii_digit() || matches!(c, '.' | ',') || c == '/' && !index);
                let (number, dot) = match number.strip_suffix(['.', ',']) {
                    Some(number) => (number, "\\cdot "),
                    None => (number, ""),
                };
                if self.before == Before::Element {
                    // `CuSO4.5H2O`
                    let (index, more) = number.split_once('.').unwrap_or((number, ""));
                    self.out.push_str(&format!("_{{{index}}}"));
                    if !more.is_empty() {
                        self.out.push_str(&format!("\\cdot {more}\\,"));
                        self.before = Before::Coefficient;
                    }
                } else {
                    match number.split_once('/') {
                        Some((top, bottom)) => {
                            self.out.push_str(&format!("\\tfrac{{{top}}}{{{bottom}}}\\,"));
                        }
                        None => self.out.push_str(&format!("{}\\,", number.replace('.', "{,}"))),
                    }
                    self.before = Before::Coefficient;
                }
                if !dot.is_empty() {
                    self.out.push_str(dot);
                    self.before = Before::Blank;
                }
            }
            '^' | '_' => {
                self.rest = &self.rest[1..];
                let script = match self.group() {
                    Some(inner) => inner,
                    None if first == '^' => {
                        self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
                    }
                    None => self.take(|c| c.is_ascii_alphanumeric()),
                };
                if script.is_empty() {
                    return None;
                }
                if self.before != Before::Element && !self.out.ends_with('}') {
                    self.out.push_str("{}");
                }
                // A state as in `_{(aq)}` is words; charges and masses are signs.
                let words = script.chars().filter(|c| c.is_ascii_lowercase()).count() > 1;
                let script = script.trim_matches('$');
                match words && !script.contains('\\') {
                    true => self.out.push_str(&format!("{first}{{\\text{{{script}}}}}")),
                    false => self.out.push_str(&format!("{first}{{{script}}}")),
                }
            }
            '+' | '-' if self.before == Before::Element => {
                self.rest = &self.rest[1..];
                let ends = after.is_none_or(|c| c.is_whitespace() || "()[]_,;/".contains(c));
                match (ends, first) {
                    (true, _) => self.out.push_str(&format!("^{{{first}}}")),
                    (false, '-') => {
                        self.out.push_str("\\text{–}");
                        self.before = Before::Blank;
                    }
                    // No bond is written so: `A+B` is a charge too.
                    (false, _) if after.is_some_and(char::is_alphabetic) => {
                        self.out.push_str("^{+}");
                    }
                    (false, _) => return None,
                }
            }
            '+' | '-' => {
                self.rest = &self.rest[1..];
                self.out.push_str(&format!(" {first} "));
                self.before = Before::Blank;
            }
            '=' | '#' => {
                self.rest = &self.rest[1..];
                self.out.push_str(if first == '=' { "{=}" } else { "{\\equiv}" });
                self.before = Before::Blank;
            }
            '.' | '*' => {
                self.rest = &self.rest[1..];
                self.out.push_str("\\cdot ");
                self.before = Before::Blank;
            }
            '(' | '[' => {
                self.rest = &self.rest[1..];
                self.out.push(first);
                self.before = Before::Blank;
            }
            ')' | ']' => {
                self.rest = &self.rest[1..];
                self.out.push(first);
                self.before = Before::Element;
            }
            ',' | ';' | '/' => {
                self.rest = &self.rest[1..];
                self.out.push(first);
                self.before = Before::Blank;
            }
            '$' => {
                let (inner, rest) = self.rest[1..].split_once('$')?;
                self.out.push_str(&format!("{{{inner}}}"));
                self.rest = rest;
                self.before = Before::Element;
            }
            '{' => {
                let inner = self.group()?;
                self.out.push_str(&format!("\\text{{{inner}}}"));
                self.before = Before::Element;
            }
            '\\' => {
                let name = self.rest[1..]
                    .find(|c: char| !c.is_ascii_alphabetic())
                    .map_or(self.rest, |end| &self.rest[..=end]);
                if name.len() < 2 {
                    return None;
                }
                self.rest = &self.rest[name.len()..];
                self.out.push_str(name);
                self.out.push(' ');
                self.before = Before::Element;
            }
            _ => return None,
        }
        Some(())
    }

    fn arrow(&mut self, (sign, plain, stretched): (&str, &str, &str)) -> Option<()> {
        self.rest = &self.rest[sign.len()..];
        let mut beside = Vec::new();
        while let Some(rest) = self.rest.strip_prefix('[') {
            let (inner, rest) = rest.split_once(']')?;
            beside.push(if inner.contains('\\') {
                inner.to_owned()
            } else {
                chemistry(inner).unwrap_or_else(|| format!("\\text{{{inner}}}"))
            });
            self.rest = rest;
        }
        match beside.as_slice() {
            [] => self.out.push_str(plain),
            [above] => self.out.push_str(&format!("{stretched}{{{above}}}")),
            [above, below, ..] => {
                self.out.push_str(&format!("{stretched}[{below}]{{{above}}}"));
            }
        }
        self.before = Before::Blank;
        Some(())
    }

    fn take(&mut self, holds: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !holds(c)).unwrap_or(self.rest.len());
        let taken = &self.rest[..end];
        self.rest = &self.rest[end..];
        taken
    }

    /// The content of `{…}`.
    fn group(&mut self) -> Option<&'t str> {
        let inside = self.rest.strip_prefix('{')?;
        let mut depth = 1_usize;
        for (at, c) in inside.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.rest = &inside[at + 1..];
                return Some(&inside[..at]);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::chemistry;

    #[test]
    fn formulas_of_chemistry() {
        for (given, wanted) in [
            ("H2O", Some(r"\mathrm{H}_{2}\mathrm{O}")),
            ("SO4^2-", Some(r"\mathrm{SO}_{4}^{2-}")),
            ("Fe^{3+}", Some(r"\mathrm{Fe}^{3+}")),
            ("Na+", Some(r"\mathrm{Na}^{+}")),
            ("(NH4)2S", Some(r"(\mathrm{NH}_{4})_{2}\mathrm{S}")),
            ("^{14}_{6}C", Some(r"{}^{14}_{6}\mathrm{C}")),
            (
                "2H2 + O2 -> 2H2O",
                Some(
                    r"2\,\mathrm{H}_{2} + \mathrm{O}_{2}\longrightarrow 2\,\mathrm{H}_{2}\mathrm{O}",
                ),
            ),
            ("A <=> B", Some(r"\mathrm{A}\rightleftharpoons \mathrm{B}")),
            (r"A ->[\Delta] B", Some(r"\mathrm{A}\xrightarrow{\Delta}\mathrm{B}")),
            ("CuSO4.5H2O", Some(r"\mathrm{CuSO}_{4}\cdot 5\,\mathrm{H}_{2}\mathrm{O}")),
            ("H3O+_{(aq)}", Some(r"\mathrm{H}_{3}\mathrm{O}^{+}_{\text{(aq)}}")),
            ("CH3-CH2-OH", Some(r"\mathrm{CH}_{3}\text{–}\mathrm{CH}_{2}\text{–}\mathrm{OH}")),
            ("Ag+/Ag", Some(r"\mathrm{Ag}^{+}/\mathrm{Ag}")),
            ("2H+/H2", Some(r"2\,\mathrm{H}^{+}/\mathrm{H}_{2}")),
            ("MnO4-/Mn^2+", Some(r"\mathrm{MnO}_{4}^{-}/\mathrm{Mn}^{2+}")),
            ("O2/H2O", Some(r"\mathrm{O}_{2}/\mathrm{H}_{2}\mathrm{O}")),
            ("1/2O2", Some(r"\tfrac{1}{2}\,\mathrm{O}_{2}")),
            ("A & B", None),
            ("{x", None),
        ] {
            assert_eq!(chemistry(given).as_deref(), wanted, "{given}");
        }
    }
}
