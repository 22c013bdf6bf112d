//! Numbers, units and lengths: siunitx's commands and TeX's dimensions.

use super::units::{self, Per};
use crate::scan::Cursor;

/// `\num{1.5e-3}` as TeX, with a decimal comma. siunitx makes groups of five digits and more.
pub fn number(text: &str) -> String {
    in_groups(text, 5)
}

/// The number of numprint, which makes groups of four digits and more.
pub fn numprint(text: &str) -> String {
    in_groups(text, 4)
}

/// A number whose parts have groups of three digits where there are at least so many.
fn in_groups(text: &str, least: usize) -> String {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '~').collect();
    if text.contains('x') && text.split('x').all(|part| !part.is_empty()) {
        return text
            .split('x')
            .map(|part| in_groups(part, least))
            .collect::<Vec<_>>()
            .join("\\times ");
    }
    let text = text.replace("+-", "\\pm ").replace("\\,", "");
    let (mantissa, exponent) = match text.split_once(['e', 'E', 'd']) {
        Some((m, e)) if e.chars().all(|c| c.is_ascii_digit() || "+-".contains(c)) => (m, Some(e)),
        _ => (text.as_str(), None),
    };
    let mut out = grouped(mantissa, least);
    if let Some(exponent) = exponent {
        if !mantissa.is_empty() {
            out.push_str("\\times ");
        }
        out.push_str(&format!("10^{{{}}}", exponent.trim_start_matches('+')));
    }
    out
}

/// `\numlist{1;2}`, `\numrange{1}{2}`, `\SIlist`, `\SIrange` and their newer names, as TeX in French.
pub fn numbers<'s>(
    command: &str,
    per: Per,
    rounding: &Rounding,
    mut argument: impl FnMut() -> &'s str,
) -> String {
    let number = |text: &str| number(&rounding.of(text));
    let first = argument();
    let mut parts: Vec<String> =
        first.split(if command.ends_with("product") { 'x' } else { ';' }).map(number).collect();
    let range = command.ends_with("range");
    if range {
        parts.push(number(argument()));
    }
    let quantity = matches!(command, "SIlist" | "SIrange" | "qtylist" | "qtyrange" | "qtyproduct");
    let unit = if quantity { units::behind(argument(), per) } else { String::new() };
    let last = parts.len().saturating_sub(1);
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push_str(match command {
                _ if range => "\\text{ à }",
                "numproduct" | "qtyproduct" => "\\times ",
                _ if at == last => "\\text{ et }",
                _ => "\\text{, }",
            });
        }
        out.push_str(part);
        out.push_str(&unit);
    }
    out
}

/// How siunitx rounds numbers: `round-mode=places, round-precision=2`.
#[derive(Debug, Default)]
pub struct Rounding {
    /// `places` or `figures`.
    pub mode: Option<String>,
    /// How many of them.
    pub precision: Option<String>,
}

impl Rounding {
    /// The number rounded.
    pub fn of(&self, text: &str) -> String {
        rounded(self.mode.as_deref(), self.precision.as_deref(), text)
    }
}

fn rounded(mode: Option<&str>, precision: Option<&str>, text: &str) -> String {
    let precision = precision.and_then(|n| n.parse::<usize>().ok()).unwrap_or(2).min(12);
    let Ok(number) = text.trim().replace(',', ".").parse::<f64>() else { return text.to_owned() };
    if text.contains(['e', 'E']) || !number.is_finite() {
        return text.to_owned();
    }
    match mode {
        Some("places") => format!("{number:.precision$}"),
        Some("figures") if number != 0.0 && precision > 0 => {
            // A number of 400 digits is none that anybody rounds.
            let first = (number.abs().log10().floor() as i32).clamp(-400, 400);
            let places = i32::try_from(precision).unwrap_or(1) - 1 - first;
            match usize::try_from(places) {
                Ok(places) => format!("{number:.places$}"),
                Err(_) => {
                    let unit = 10_f64.powi(-places);
                    format!("{:.0}", (number / unit).round() * unit)
                }
            }
        }
        _ => text.to_owned(),
    }
}

/// Digits in groups of three, with a decimal comma.
fn grouped(text: &str, least: usize) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits + 2 < text.len() || text.contains('\\') {
        return text.replace(['.', ','], "{,}");
    }
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let start = whole.len() - whole.trim_start_matches(['+', '-']).len();
    let mut out = whole[..start].to_owned();
    let whole: Vec<char> = whole[start..].chars().collect();
    for (i, c) in whole.iter().enumerate() {
        if i > 0 && whole.len() >= least && (whole.len() - i).is_multiple_of(3) {
            out.push_str("\\,");
        }
        out.push(*c);
    }
    if whole.is_empty() && !decimals.is_empty() {
        out.push('0');
    }
    if !decimals.is_empty() {
        out.push_str("{,}");
        for (i, c) in decimals.chars().enumerate() {
            if i > 0 && decimals.len() >= least && i.is_multiple_of(3) {
                out.push_str("\\,");
            }
            out.push(c);
        }
    }
    out
}

/// `\ang{30;15;}` as TeX.
pub fn angle(text: &str) -> String {
    let marks = ["\\text{°}", "\\text{′}", "\\text{″}"];
    text.split(';')
        .zip(marks)
        .filter(|(value, _)| !value.trim().is_empty())
        .map(|(value, mark)| format!("{}{mark}", number(value)))
        .collect()
}

/// Reads an unbraced length (`\kern-3mu`, `\hskip 1cm plus 2fil`).
pub fn read_length(c: &mut Cursor<'_>) -> Option<String> {
    c.skip_space();
    let rest = c.rest();
    let number = rest.len()
        - rest.trim_start_matches(|c: char| c.is_ascii_digit() || "+-., ".contains(c)).len();
    let after = &rest[number..];
    let unit = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let unit = unit.min(2);
    if number == 0 || unit < 2 {
        return None;
    }
    c.seek(c.pos() + number + unit);
    Some(rest[..number + unit].to_owned())
}

/// A length in em; `None` if it is none or has a unit that only a page knows.
pub fn em(length: &str) -> Option<f32> {
    let length = length.split("plus").next()?.split("minus").next()?.trim();
    let split = length.find(|c: char| c.is_ascii_alphabetic() || c == '\\')?;
    let (value, unit) = length.split_at(split);
    let value: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    let value: f32 = match value.as_str() {
        "" => 1.0,
        "-" => -1.0,
        v => v.replace(',', ".").parse().ok()?,
    };
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "em" => 1.0,
        "ex" => 0.43,
        "mu" => 1.0 / 18.0,
        "pt" | "bp" | "dd" => 0.1,
        "mm" => 0.2845,
        "cm" => 2.845,
        "in" => 7.227,
        "pc" => 1.2,
        "\\quad" => 1.0,
        _ => return None,
    };
    Some(value * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_units_and_lengths() {
        for (given, want) in [
            ("1.5e-3", r"1{,}5\times 10^{-3}"),
            ("12345", r"12\,345"),
            ("-0,25", "-0{,}25"),
            ("e6", "10^{6}"),
            ("1234.5", "1234{,}5"),
            ("1.23456", r"1{,}234\,56"),
            ("1.2345", "1{,}2345"),
        ] {
            assert_eq!(number(given), want, "{given}");
        }
        let given = |list: [&'static str; 3]| {
            let mut list = list.into_iter();
            move || list.next().unwrap_or_default()
        };
        assert_eq!(
            numbers("numlist", Per::Power, &Rounding::default(), given(["1;2;3", "", ""])),
            r"1\text{, }2\text{ et }3"
        );
        assert_eq!(
            numbers("SIrange", Per::Power, &Rounding::default(), given(["1", "2", r"\metre"])),
            r"1\,\mathrm{m}\text{ à }2\,\mathrm{m}"
        );
        assert_eq!(number(".5"), "0{,}5");
        assert_eq!(numprint("1234,5678"), r"1\,234{,}567\,8");
        assert_eq!(number("2x3"), r"2\times 3");
        assert_eq!(rounded(Some("places"), None, "3.14159"), "3.14");
        assert_eq!(rounded(Some("figures"), Some("2"), "1234.5"), "1200");
        assert_eq!(rounded(Some("figures"), Some("2"), "0.012345"), "0.012");
        assert_eq!(rounded(None, Some("2"), "3.14159"), "3.14159");
        assert_eq!(angle("30;15;"), "30\\text{°}15\\text{′}");
        assert_eq!(em("-0.5em"), Some(-0.5));
        assert_eq!(em("\\textwidth"), None);
        assert_eq!(em("é"), None);
    }
}
