//! Units of siunitx: `\metre\per\second\squared`, and what `per-mode` makes of them.

use super::table::{UNITS, lookup};
use super::{Context, number::Rounding};
use crate::macros::{Macro, Macros};
use crate::scan::{Cursor, Tok};

/// How a unit behind `\per` is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Per {
    /// With a negative power.
    #[default]
    Power,
    /// The same, the positive powers first.
    PositiveFirst,
    /// Behind one slash.
    Symbol,
    /// Behind a slash if it is the only one.
    SingleSymbol,
    /// Behind a slash each.
    RepeatedSymbol,
    /// Below a line.
    Fraction,
}

impl Per {
    /// What `per-mode=…` says.
    pub fn named(mode: &str, display: bool) -> Self {
        match mode.trim() {
            "symbol" => Per::Symbol,
            "symbol-or-fraction" if display => Per::Fraction,
            "symbol-or-fraction" => Per::Symbol,
            "single-symbol" => Per::SingleSymbol,
            "repeated-symbol" => Per::RepeatedSymbol,
            "fraction" => Per::Fraction,
            "power-positive-first" | "reciprocal-positive-first" => Per::PositiveFirst,
            _ => Per::Power,
        }
    }
}

/// A unit: its sign as TeX, its power, and whether it stands behind `\per`.
struct Unit {
    tex: String,
    power: String,
    per: bool,
}

enum Part {
    Unit(Unit),
    /// TeX written as it is to be printed, `m.s^{-1}`.
    Raw(String),
}

/// `\si{\metre\per\second\squared}` or `m.s^{-2}` as TeX.
pub fn unit(text: &str, per: Per) -> String {
    assembled(&read(text), per, false)
}

/// The same behind a number, with the space between them.
pub fn behind(text: &str, per: Per) -> String {
    let parts = read(text);
    let tex = assembled(&parts, per, true);
    let angle = matches!(parts.as_slice(), [Part::Unit(only)]
        if ["\\text{°}", "\\text{′}", "\\text{″}"].contains(&only.tex.as_str()));
    if angle || tex.starts_with('/') || tex.is_empty() { tex } else { format!("\\,{tex}") }
}

/// What the units that come next have before them.
#[derive(Default)]
struct Next {
    prefix: String,
    power: String,
    per: bool,
}

impl Next {
    /// The unit of this sign. A sign of letters is set in one word with its prefix.
    fn unit(&mut self, symbol: &str) -> Part {
        let Next { prefix, power, per } = std::mem::take(self);
        let word = format!("{prefix}{symbol}");
        let tex = if symbol.contains('\\') {
            let prefix = if prefix.is_empty() { prefix } else { face(&prefix) };
            format!("{prefix}{symbol}")
        } else {
            face(&word)
        };
        Part::Unit(Unit { tex, power, per })
    }
}

fn face(word: &str) -> String {
    let simple = word.chars().all(|c| c.is_ascii_alphabetic());
    format!("\\{}{{{}}}", if simple { "mathrm" } else { "text" }, word.replace('%', "\\%"))
}

fn read(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut c = Cursor::new(text);
    let mut next = Next::default();
    loop {
        let start = c.pos();
        let Some(token) = c.next_token() else { return parts };
        match token {
            Tok::Command("per") => next.per = true,
            Tok::Command("squared") => raise(&mut parts, "2"),
            Tok::Command("cubed") => raise(&mut parts, "3"),
            // `\square\metre`, `\cubic\deci\metre`: the power is printed after the unit.
            Tok::Command("square") => next.power = "2".to_owned(),
            Tok::Command("cubic") => next.power = "3".to_owned(),
            Tok::Command("raiseto") => next.power = c.arg().unwrap_or("").to_owned(),
            Tok::Command("tothe") => raise(&mut parts, c.arg().unwrap_or("")),
            Tok::Command("of") => {
                let inner = c.arg().unwrap_or("");
                if let Some(Part::Unit(last)) = parts.last_mut() {
                    last.tex.push_str(&format!("_{{\\text{{{inner}}}}}"));
                }
            }
            // What `\DeclareSIUnit` made of a unit.
            Tok::Command("mathrm" | "text" | "textrm" | "mathsf" | "textnormal" | "ensuremath") => {
                let inner = c.arg().unwrap_or("");
                let word = inner.chars().all(char::is_alphabetic);
                let symbol = if word { inner } else { c.slice(start, c.pos()) };
                parts.push(next.unit(symbol));
            }
            Tok::Command(name) => match lookup(UNITS, name) {
                Some(prefix) if PREFIXES.contains(&name) => prefix.clone_into(&mut next.prefix),
                Some(symbol) => parts.push(next.unit(symbol)),
                None => match abbreviated(name) {
                    Some(symbol) => {
                        let Next { power, per, .. } = std::mem::take(&mut next);
                        parts.push(Part::Unit(Unit {
                            tex: format!("\\text{{{symbol}}}"),
                            power,
                            per,
                        }));
                    }
                    None if name.len() > 1 && !matches!(name, "cdot" | "times" | "quad") => {
                        parts.push(next.unit(&format!("\\{name} ")));
                    }
                    None => parts.push(Part::Raw(format!("\\{name} "))),
                },
            },
            // `\s^2`, unlike `s^{-2}` in letters.
            Tok::Char('^') if matches!(parts.last(), Some(Part::Unit(_))) => {
                let power = c.arg().unwrap_or("");
                raise(&mut parts, power);
            }
            Tok::Char('.') => parts.push(Part::Raw("\\cdot ".to_owned())),
            Tok::Char('~') | Tok::Space(_) => {}
            Tok::Char('°') => parts.push(Part::Raw("{}^{\\circ}".to_owned())),
            Tok::Char(ch) if ch.is_alphabetic() => {
                let letter = ch.to_string();
                parts.push(Part::Raw(face(&letter)));
            }
            Tok::Char(ch) => parts.push(Part::Raw(ch.to_string())),
            Tok::Open => {
                let inner = c.group_rest().unwrap_or("");
                parts.push(Part::Raw(format!("{{{inner}}}")));
            }
            Tok::Close | Tok::Param(_) => {}
        }
    }
}

/// The power of the unit before it.
fn raise(parts: &mut Vec<Part>, power: &str) {
    match parts.last_mut() {
        Some(Part::Unit(last)) => power.clone_into(&mut last.power),
        _ => parts.push(Part::Raw(format!("^{{{power}}}"))),
    }
}

impl Unit {
    /// The unit with its power, which is negative behind `\per`.
    fn signed(&self) -> String {
        match (self.per, self.power.as_str()) {
            (false, _) => self.positive(),
            (true, "") => format!("{}^{{-1}}", self.tex),
            (true, power) => match power.trim().strip_prefix('-') {
                Some(power) => format!("{}^{{{power}}}", self.tex),
                None => format!("{}^{{-{power}}}", self.tex),
            },
        }
    }

    fn positive(&self) -> String {
        match self.power.as_str() {
            "" => self.tex.clone(),
            power => format!("{}^{{{power}}}", self.tex),
        }
    }
}

fn assembled(parts: &[Part], per: Per, behind_number: bool) -> String {
    let units: Vec<&Unit> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Unit(unit) => Some(unit),
            Part::Raw(_) => None,
        })
        .collect();
    if units.len() < parts.len() || units.iter().all(|unit| !unit.per) {
        let mut out = String::new();
        let dots = parts.iter().any(|part| matches!(part, Part::Raw(tex) if tex == "\\cdot "));
        let (mut after_unit, mut after_letter) = (false, false);
        for part in parts {
            match part {
                Part::Unit(unit) => {
                    out.push_str(match (after_unit, unit.per && after_letter) {
                        (true, _) => "\\,",
                        // `\kg.m\per\s`
                        (_, true) if dots => "\\cdot ",
                        (_, true) => "\\,",
                        _ => "",
                    });
                    out.push_str(&unit.signed());
                }
                Part::Raw(tex) => out.push_str(tex),
            }
            after_unit = matches!(part, Part::Unit(_));
            after_letter = matches!(part, Part::Raw(tex) if tex.starts_with("\\mathrm"));
        }
        return out;
    }
    let of = |per: bool, show: fn(&Unit) -> String| {
        let shown: Vec<String> =
            units.iter().filter(|unit| unit.per == per).map(|unit| show(unit)).collect();
        shown
    };
    let (above, below) = (of(false, Unit::positive), of(true, Unit::positive));
    let one = if behind_number { "" } else { "1" };
    let top = if above.is_empty() { one.to_owned() } else { above.join("\\,") };
    match per {
        Per::SingleSymbol if below.len() == 1 && !above.is_empty() => format!("{top}/{}", below[0]),
        Per::Symbol if below.len() == 1 => format!("{top}/{}", below[0]),
        Per::Symbol => format!("{top}/({})", below.join("\\,")),
        Per::Fraction => {
            let top = if above.is_empty() { "1" } else { &top };
            format!("\\frac{{{top}}}{{{}}}", below.join("\\,"))
        }
        Per::RepeatedSymbol => {
            let mut out = String::new();
            for (at, unit) in units.iter().enumerate() {
                out.push_str(match (unit.per, at) {
                    (true, 0) => one,
                    (true, _) | (false, 0) => "",
                    (false, _) => "\\,",
                });
                out.push_str(if unit.per { "/" } else { "" });
                out.push_str(&unit.positive());
            }
            out
        }
        Per::PositiveFirst => [above, of(true, Unit::signed)].concat().join("\\,"),
        Per::Power | Per::SingleSymbol => {
            let all: Vec<String> = units.iter().map(|unit| unit.signed()).collect();
            all.join("\\,")
        }
    }
}

const PREFIXES: &[&str] = &[
    "kilo", "hecto", "deca", "deka", "deci", "centi", "milli", "micro", "nano", "pico", "femto",
    "atto", "mega", "giga", "tera", "peta", "exa", "kibi", "mebi", "gibi", "tebi",
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

/// The options of siunitx that are followed.
const UNIT_OPTIONS: &[&str] = &["per-mode", "round-mode", "round-precision"];

/// The value of an option in a list of them.
fn option<'o>(options: &'o str, key: &str) -> Option<&'o str> {
    let mut pairs = options.split(',').filter_map(|pair| pair.split_once('='));
    pairs.rfind(|(name, _)| name.trim() == key).map(|(_, value)| value.trim())
}

impl Macros {
    /// The options of siunitx from here on (`\sisetup`).
    pub fn set_units(&mut self, options: &str) {
        for key in UNIT_OPTIONS {
            if let Some(value) = option(options, key) {
                self.insert(&format!("\\si@{key}"), Macro::constant(value));
            }
        }
    }
}

impl Context<'_> {
    /// An option of siunitx, as a command has it or as the document does.
    fn unit_option<'o>(&'o self, options: &'o str, key: &str) -> Option<&'o str> {
        // No source can call a name with a backslash.
        let general = || self.macros.get(&format!("\\si@{key}")).map(|value| &*value.body);
        option(options, key).or_else(general)
    }

    pub(super) fn per(&self, options: &str) -> Per {
        Per::named(self.unit_option(options, "per-mode").unwrap_or(""), self.display)
    }

    /// How numbers are rounded: `round-mode` and `round-precision`.
    pub(super) fn rounding(&self, options: &str) -> Rounding {
        let of = |key| self.unit_option(options, key).map(str::to_owned);
        Rounding { mode: of("round-mode"), precision: of("round-precision") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_as_siunitx_prints_them() {
        for (given, wanted) in [
            (r"\metre\per\second\squared", r"\mathrm{m}\,\mathrm{s}^{-2}"),
            (r"\kilo\gram", r"\mathrm{kg}"),
            (
                r"\mol\per\cubic\deci\metre\square\metre",
                r"\mathrm{mol}\,\mathrm{dm}^{-3}\,\mathrm{m}^{2}",
            ),
            (r"\percent", r"\text{\%}"),
            (r"\kW\per\metre\tothe{4}", r"\text{kW}\,\mathrm{m}^{-4}"),
            (r"\per\metre\tothe{-2}", r"\mathrm{m}^{2}"),
            (r"\m\per\s^2\per\kg^{3}", r"\mathrm{m}\,\mathrm{s}^{-2}\,\mathrm{kg}^{-3}"),
            (r"\kg.m\per\s^2", r"\mathrm{kg}\cdot \mathrm{m}\cdot \mathrm{s}^{-2}"),
            ("m.s^{-1}", r"\mathrm{m}\cdot \mathrm{s}^{-1}"),
            // Declared units: macros are replaced before.
            (r"\mega\mathrm{o}", r"\mathrm{Mo}"),
            (r"\kilo\text{€}\per\mathrm{o}", r"\mathrm{k}\text{€}\,\mathrm{o}^{-1}"),
            (r"\kilo\euro", r"\mathrm{k}\euro "),
            (r"\kilogram\of{pol}", r"\mathrm{kg}_{\text{pol}}"),
        ] {
            assert_eq!(unit(given, Per::Power), wanted, "{given}");
        }
    }

    #[test]
    fn modes_of_per() {
        let given = r"\metre\per\second\per\kilo\gram\kelvin";
        for (mode, wanted) in [
            ("", r"\mathrm{m}\,\mathrm{s}^{-1}\,\mathrm{kg}^{-1}\,\mathrm{K}"),
            (
                "reciprocal-positive-first",
                r"\mathrm{m}\,\mathrm{K}\,\mathrm{s}^{-1}\,\mathrm{kg}^{-1}",
            ),
            ("symbol", r"\mathrm{m}\,\mathrm{K}/(\mathrm{s}\,\mathrm{kg})"),
            ("repeated-symbol", r"\mathrm{m}/\mathrm{s}/\mathrm{kg}\,\mathrm{K}"),
            ("fraction", r"\frac{\mathrm{m}\,\mathrm{K}}{\mathrm{s}\,\mathrm{kg}}"),
            ("single-symbol", r"\mathrm{m}\,\mathrm{s}^{-1}\,\mathrm{kg}^{-1}\,\mathrm{K}"),
        ] {
            assert_eq!(unit(given, Per::named(mode, false)), wanted, "{mode}");
        }
        assert_eq!(unit(r"\per\second", Per::Symbol), r"1/\mathrm{s}");
        assert_eq!(behind(r"\per\second", Per::Symbol), r"/\mathrm{s}");
        assert_eq!(behind(r"\metre", Per::Symbol), r"\,\mathrm{m}");
        assert_eq!(behind(r"\degree", Per::Symbol), r"\text{°}");
    }
}
