//! Numbers, units and lengths: siunitx's commands and TeX's dimensions.

use super::table::{UNITS, lookup};
use crate::scan::{Cursor, Tok};

/// `\num{1.5e-3}` as TeX, with a decimal comma.
pub fn number(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '~').collect();
    if text.contains('x') && text.split('x').all(|part| !part.is_empty()) {
        return text.split('x').map(number).collect::<Vec<_>>().join("\\times ");
    }
    let text = text.replace("+-", "\\pm ").replace("\\,", "");
    let (mantissa, exponent) = match text.split_once(['e', 'E', 'd']) {
        Some((m, e)) if e.chars().all(|c| c.is_ascii_digit() || "+-".contains(c)) => (m, Some(e)),
        _ => (text.as_str(), None),
    };
    let mut out = grouped(mantissa);
    if let Some(exponent) = exponent {
        if !mantissa.is_empty() {
            out.push_str("\\times ");
        }
        out.push_str(&format!("10^{{{}}}", exponent.trim_start_matches('+')));
    }
    out
}

/// `\numlist{1;2}`, `\numrange{1}{2}`, `\SIlist`, `\SIrange` and their newer names, as TeX in French.
pub fn numbers<'s>(command: &str, mut argument: impl FnMut() -> &'s str) -> String {
    let first = argument();
    let mut parts: Vec<String> =
        first.split(if command.ends_with("product") { 'x' } else { ';' }).map(number).collect();
    let range = command.ends_with("range");
    if range {
        parts.push(number(argument()));
    }
    let quantity = matches!(command, "SIlist" | "SIrange" | "qtylist" | "qtyrange" | "qtyproduct");
    let unit = if quantity { format!("\\,{}", unit(argument())) } else { String::new() };
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

/// A number rounded as `round-mode=places, round-precision=2` says.
pub fn rounded(options: &str, text: &str) -> String {
    let value = |key: &str| {
        let at = options.find(key)? + key.len();
        options[at..].trim_start().strip_prefix('=')?.split(',').next().map(str::trim)
    };
    let places = value("round-precision").and_then(|n| n.parse::<usize>().ok()).unwrap_or(2);
    match (value("round-mode"), text.trim().replace(',', ".").parse::<f64>()) {
        (Some("places"), Ok(number)) if places <= 12 && !text.contains('e') => {
            format!("{number:.places$}")
        }
        _ => text.to_owned(),
    }
}

/// Digits in groups of three, with a decimal comma.
fn grouped(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits + 2 < text.len() || text.contains('\\') {
        return text.replace(['.', ','], "{,}");
    }
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let start = whole.len() - whole.trim_start_matches(['+', '-']).len();
    let mut out = whole[..start].to_owned();
    let whole: Vec<char> = whole[start..].chars().collect();
    for (i, c) in whole.iter().enumerate() {
        if i > 0 && whole.len() > 4 && (whole.len() - i).is_multiple_of(3) {
            out.push_str("\\,");
        }
        out.push(*c);
    }
    if whole.is_empty() && !decimals.is_empty() {
        out.push('0');
    }
    if !decimals.is_empty() {
        out.push_str("{,}");
        out.push_str(decimals);
    }
    out
}

/// `\si{\metre\per\second\squared}` or `m.s^{-2}` as TeX.
pub fn unit(text: &str) -> String {
    let mut out = String::new();
    let mut c = Cursor::new(text);
    let mut per = false;
    let mut prefix = "";
    let mut fresh = true;
    let mut power = 0;
    while let Some(token) = c.next_token() {
        match token {
            Tok::Command("per") => per = true,
            Tok::Command(power @ ("squared" | "cubed")) => {
                let sign = if out.ends_with("^{-1}") { "-" } else { "" };
                let head = out.trim_end_matches("^{-1}").len();
                out.truncate(head);
                let power = if power == "squared" { 2 } else { 3 };
                out.push_str(&format!("^{{{sign}{power}}}"));
            }
            // `\square\metre`, `\cubic\deci\metre`: the power is printed after the unit.
            Tok::Command("square") => power = 2,
            Tok::Command("cubic") => power = 3,
            Tok::Command("tothe" | "raiseto" | "of") => {
                let inner = c.arg().unwrap_or("");
                let sign = if out.ends_with("^{-1}") { "-" } else { "" };
                let head = out.trim_end_matches("^{-1}").len();
                out.truncate(head);
                out.push_str(&format!("^{{{sign}{inner}}}"));
            }
            Tok::Command(name) => match lookup(UNITS, name) {
                Some(p) if PREFIXES.contains(&name) => prefix = p,
                Some(symbol) => {
                    let symbol = format!("{}{symbol}", std::mem::take(&mut prefix));
                    let simple = symbol.chars().all(|c| c.is_ascii_alphabetic());
                    if !fresh {
                        out.push_str("\\,");
                    }
                    let face = if simple { "mathrm" } else { "text" };
                    out.push_str(&format!("\\{face}{{{}}}", symbol.replace('%', "\\%")));
                    out.push_str(&exponent(std::mem::take(&mut power), std::mem::take(&mut per)));
                    fresh = false;
                }
                None => match abbreviated(name) {
                    Some(symbol) => {
                        out.push_str(if fresh { "" } else { "\\," });
                        out.push_str(&format!("\\text{{{symbol}}}"));
                        out.push_str(&exponent(
                            std::mem::take(&mut power),
                            std::mem::take(&mut per),
                        ));
                        fresh = false;
                    }
                    None => out.push_str(&format!("\\{name} ")),
                },
            },
            Tok::Char('.') => out.push_str("\\cdot "),
            Tok::Char('~') | Tok::Space(_) => {}
            Tok::Char(ch) if ch.is_ascii_alphabetic() => out.push_str(&format!("\\mathrm{{{ch}}}")),
            Tok::Char('°') => out.push_str("{}^{\\circ}"),
            Tok::Char(ch) if ch.is_alphabetic() => out.push_str(&format!("\\text{{{ch}}}")),
            Tok::Char(ch) => out.push(ch),
            Tok::Open => {
                let inner = c.group_rest().unwrap_or("");
                out.push('{');
                out.push_str(inner);
                out.push('}');
            }
            Tok::Close | Tok::Param(_) => {}
        }
    }
    out
}

/// The exponent of a unit: its power, negative behind `\per`.
fn exponent(power: u8, per: bool) -> String {
    match (power, per) {
        (0, false) => String::new(),
        (0, true) => "^{-1}".to_owned(),
        (n, per) => format!("^{{{}{n}}}", if per { "-" } else { "" }),
    }
}

const PREFIXES: &[&str] = &[
    "kilo", "hecto", "deca", "deci", "centi", "milli", "micro", "nano", "pico", "femto", "mega",
    "giga", "tera",
];

/// siunitx's short names: a prefix and the symbol of a unit, `\kW`, `\us`, `\mL`.
fn abbreviated(name: &str) -> Option<String> {
    const SYMBOLS: &[&str] = &[
        "A", "C", "F", "GWh", "H", "Hz", "J", "K", "L", "N", "Pa", "V", "W", "Wh", "dB", "eV", "g",
        "h", "l", "m", "mol", "ohm", "s",
    ];
    let symbol = |unit: &str| SYMBOLS.contains(&unit).then(|| unit.replace("ohm", "Ω"));
    symbol(name).or_else(|| {
        let prefix = name.chars().next()?;
        let unit = symbol(&name[prefix.len_utf8()..])?;
        let prefix = if prefix == 'u' { 'µ' } else { prefix };
        "fpnµmcdkMGT".contains(prefix).then(|| format!("{prefix}{unit}"))
    })
}

/// `\ang{30;15;}` as TeX.
pub fn angle(text: &str) -> String {
    let marks = ["^{\\circ}", "'", "''"];
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
        ] {
            assert_eq!(number(given), want, "{given}");
        }
        let given = |list: [&'static str; 3]| {
            let mut list = list.into_iter();
            move || list.next().unwrap_or_default()
        };
        assert_eq!(numbers("numlist", given(["1;2;3", "", ""])), r"1\text{, }2\text{ et }3");
        assert_eq!(
            numbers("SIrange", given(["1", "2", r"\metre"])),
            r"1\,\mathrm{m}\text{ à }2\,\mathrm{m}"
        );
        assert_eq!(unit(r"\metre\per\second\squared"), r"\mathrm{m}\,\mathrm{s}^{-2}");
        assert_eq!(unit(r"\kilo\gram"), r"\mathrm{kg}");
        assert_eq!(
            unit(r"\mol\per\cubic\deci\metre\square\metre"),
            r"\mathrm{mol}\,\mathrm{dm}^{-3}\,\mathrm{m}^{2}"
        );
        assert_eq!(number(".5"), "0{,}5");
        assert_eq!(number("2x3"), r"2\times 3");
        assert_eq!(rounded("round-mode=places,round-precision=2", "3.14159"), "3.14");
        assert_eq!(unit(r"\percent"), r"\text{\%}");
        assert_eq!(unit(r"\kW\per\metre\tothe{4}"), r"\text{kW}\,\mathrm{m}^{-4}");
        assert_eq!(unit("m.s^{-1}"), r"\mathrm{m}\cdot \mathrm{s}^{-1}");
        assert_eq!(angle("30;15;"), "30^{\\circ}15'");
        assert_eq!(em("-0.5em"), Some(-0.5));
        assert_eq!(em("\\textwidth"), None);
        assert_eq!(em("é"), None);
    }
}
