//! Colours: what the models and mixtures of xcolor mean, and which of them can be read on a light page
//! and on a dark one.

use crate::macros::{Macro, Macros};
use crate::normal::table::{COLOURS, lookup};
use std::borrow::Cow;

/// Red, green and blue, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Colour([f32; 3]);

const BLACK: Colour = Colour([0.0; 3]);
const WHITE: Colour = Colour([1.0; 3]);

/// The names that xcolor knows without an option. Those of [`COLOURS`] look alike, and are darker where
/// TeX's could not be read.
const NAMED: &[(&str, [f32; 3])] = &[
    ("black", [0.0, 0.0, 0.0]),
    ("blue", [0.0, 0.0, 1.0]),
    ("brown", [0.75, 0.5, 0.25]),
    ("cyan", [0.0, 1.0, 1.0]),
    ("darkgray", [0.25, 0.25, 0.25]),
    ("gray", [0.5, 0.5, 0.5]),
    ("green", [0.0, 1.0, 0.0]),
    ("lightgray", [0.75, 0.75, 0.75]),
    ("lime", [0.75, 1.0, 0.0]),
    ("magenta", [1.0, 0.0, 1.0]),
    ("olive", [0.5, 0.5, 0.0]),
    ("orange", [1.0, 0.5, 0.0]),
    ("pink", [1.0, 0.75, 0.75]),
    ("purple", [0.75, 0.0, 0.25]),
    ("red", [1.0, 0.0, 0.0]),
    ("teal", [0.0, 0.5, 0.5]),
    ("violet", [0.5, 0.0, 0.5]),
    ("white", [1.0, 1.0, 1.0]),
    ("yellow", [1.0, 1.0, 0.0]),
];

/// The names of the options `dvipsnames` and `svgnames`, which often stand in a preamble that is not
/// at hand.
const OPTIONAL: &str = include_str!("colours.txt");

/// How many steps a mixture may have.
const MAX_MIXED: usize = 16;

/// How light text may be on white paper, how dark on a dark page: three to one either way.
const LIGHT: f32 = 0.30;
const DARK: f32 = 0.13;

impl Macros {
    /// `\definecolor{name}{model}{value}`; `false` when it is not understood.
    pub fn define_colour(&mut self, name: &str, model: &str, value: &str) -> bool {
        let Some(colour) = of_model(self, model, value) else { return false };
        self.insert(&key(name), Macro::constant(&colour.hex()));
        true
    }

    /// Whether the document defined this colour.
    pub fn has_colour(&self, name: &str) -> bool {
        self.get(&key(name)).is_some()
    }

    /// `\colorlet{name}{blue!50!black}`; `false` when it is not understood.
    pub fn let_colour(&mut self, name: &str, value: &str) -> bool {
        self.define_colour(name, "named", value)
    }
}

/// Where LaTeX keeps a colour too: no source can call a name with a backslash.
fn key(name: &str) -> String {
    format!("\\color@{}", name.trim())
}

/// The value of an attribute for text of this colour; `None` for a colour that is not known.
pub(crate) fn ink(macros: &Macros, model: Option<&str>, value: &str) -> Option<Cow<'static, str>> {
    let plain = value.trim();
    if model.is_none()
        && macros.get(&key(plain)).is_none()
        && let Some(value) = lookup(COLOURS, &plain.to_ascii_lowercase())
    {
        return Some(value.into());
    }
    Some(of_model(macros, model.unwrap_or("named"), value)?.legible())
}

/// The values of attributes for a background of this colour and for what stands on it.
pub(crate) fn paper(
    macros: &Macros,
    model: Option<&str>,
    value: &str,
) -> Option<(Cow<'static, str>, &'static str)> {
    let colour = of_model(macros, model.unwrap_or("named"), value)?;
    let ink = if colour.luminance() > 0.18 { "#000000" } else { "#ffffff" };
    Some((colour.hex().into(), ink))
}

fn of_model(macros: &Macros, model: &str, value: &str) -> Option<Colour> {
    let value = value.trim();
    let numbers = || {
        let parts = value.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| part.parse::<f32>().ok()).collect::<Option<Vec<f32>>>()
    };
    let rgb = |r: f32, g: f32, b: f32| Colour([r, g, b].map(|v| v.clamp(0.0, 1.0)));
    match model.trim() {
        "named" | "" => mixed(macros, value),
        "HTML" => {
            let hex = value.trim_start_matches('#');
            let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
            (hex.len() == 6).then_some(())?;
            let [r, g, b] = [byte(0)?, byte(2)?, byte(4)?].map(|v| f32::from(v) / 255.0);
            Some(rgb(r, g, b))
        }
        model => match (model, numbers()?.as_slice()) {
            ("rgb", &[r, g, b]) => Some(rgb(r, g, b)),
            ("RGB", &[r, g, b]) => Some(rgb(r / 255.0, g / 255.0, b / 255.0)),
            ("gray", &[v]) => Some(rgb(v, v, v)),
            ("Gray", &[v]) => Some(rgb(v / 15.0, v / 15.0, v / 15.0)),
            ("cmy", &[c, m, y]) => Some(rgb(1.0 - c, 1.0 - m, 1.0 - y)),
            ("cmyk", &[c, m, y, k]) => Some(rgb(1.0 - c - k, 1.0 - m - k, 1.0 - y - k)),
            ("hsb", &[h, s, b]) => Some(of_hue(h, s, b)),
            ("Hsb", &[h, s, b]) => Some(of_hue(h / 360.0, s, b)),
            ("HSB", &[h, s, b]) => Some(of_hue(h / 240.0, s / 240.0, b / 240.0)),
            _ => None,
        },
    }
}

fn of_hue(h: f32, s: f32, b: f32) -> Colour {
    let part = |n: f32| {
        let k = (n + h * 6.0).rem_euclid(6.0);
        let fall = k.min(4.0 - k).clamp(0.0, 1.0);
        (b - b * s * fall).clamp(0.0, 1.0)
    };
    Colour([part(5.0), part(3.0), part(1.0)])
}

/// `blue!50!black`: each step mixes what stands before it with the next colour, or with white.
fn mixed(macros: &Macros, value: &str) -> Option<Colour> {
    let (complement, value) = match value.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, value),
    };
    let mut parts = value.split('!').map(str::trim).take(2 * MAX_MIXED);
    let Colour(mut colour) = named(macros, parts.next()?)?;
    while let Some(percent) = parts.next() {
        let share = (percent.parse::<f32>().ok()? / 100.0).clamp(0.0, 1.0);
        let Colour(other) = match parts.next() {
            Some(name) if !name.is_empty() => named(macros, name)?,
            _ => WHITE,
        };
        for (part, other) in colour.iter_mut().zip(other) {
            *part = *part * share + other * (1.0 - share);
        }
    }
    Some(Colour(if complement { colour.map(|part| 1.0 - part) } else { colour }))
}

fn named(macros: &Macros, name: &str) -> Option<Colour> {
    if let Some(own) = macros.get(&key(name)) {
        return of_model(macros, "HTML", &own.body);
    }
    let known = |name: &str| NAMED.iter().find(|(known, _)| *known == name);
    let optional = || {
        let line = OPTIONAL.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|hex| of_model(macros, "HTML", hex))
    };
    let plain = || known(name).map(|(_, rgb)| Colour(*rgb));
    let folded = || known(&name.to_ascii_lowercase()).map(|(_, rgb)| Colour(*rgb));
    plain().or_else(optional).or_else(folded)
}

impl Colour {
    fn hex(self) -> String {
        let [r, g, b] = self.0.map(|part| (part * 255.0).round() as u8);
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    fn linear(self) -> [f32; 3] {
        self.0.map(|v| if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) })
    }

    fn luminance(self) -> f32 {
        let [r, g, b] = self.linear();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// The same hue, so light that it can be read on dark paper and so dark that it can on white.
    /// Black is the ink of the page; white stays, as TeX's author means it.
    fn legible(self) -> Cow<'static, str> {
        let luminance = self.luminance();
        let [low, high] = [f32::min, f32::max].map(|f| self.0.into_iter().reduce(f).unwrap_or(0.0));
        if self == WHITE {
            return self.hex().into();
        }
        if self == BLACK || (luminance < 0.04 && high - low < 0.1) {
            return "CanvasText".into();
        }
        let linear = self.linear();
        let linear = if luminance > LIGHT {
            linear.map(|part| part * LIGHT / luminance)
        } else if luminance < DARK {
            let white = (DARK - luminance) / (1.0 - luminance);
            linear.map(|part| part + (1.0 - part) * white)
        } else {
            return self.hex().into();
        };
        let part = |v: f32| {
            if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
        };
        Colour(linear.map(part)).hex().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_and_mixtures() {
        let mut macros = Macros::new();
        assert!(macros.define_colour("vert", "HTML", "008800"));
        assert!(macros.let_colour("moi", "vert!50!blue"));
        assert!(!macros.define_colour("x", "HTML", "00880"));
        assert!(!macros.define_colour("x", "HTML", "é0880"));
        assert!(!macros.let_colour("x", "inconnue!50"));
        for (model, value, wanted) in [
            ("rgb", "1,0.5,0", "#ff8000"),
            ("RGB", "255, 145, 20", "#ff9114"),
            ("gray", "0.5", "#808080"),
            ("cmyk", "0,1,1,0.2", "#cc0000"),
            ("hsb", "0.333333,1,1", "#00ff00"),
            ("named", "red!50!black", "#800000"),
            ("named", "red!50", "#ff8080"),
            ("named", "-red", "#00ffff"),
            ("named", "moi", "#004480"),
            ("named", "ForestGreen", "#009e00"),
            ("named", "Red", "#ff0000"),
        ] {
            let found = of_model(&macros, model, value).map(Colour::hex);
            if wanted != "#009e00" && wanted != "#ff0000" {
                assert_eq!(found.as_deref(), Some(wanted), "{model} {value}");
            } else {
                assert!(found.is_some(), "{value}");
            }
        }
        assert_eq!(of_model(&macros, "rgb", "1,0"), None);
    }

    #[test]
    fn text_can_be_read_on_both_pages() {
        let macros = Macros::new();
        for name in NAMED.iter().map(|(name, _)| *name).filter(|name| *name != "white") {
            let of = ink(&macros, Some("named"), name);
            let shown = of.as_deref().and_then(|hex| of_model(&macros, "HTML", hex));
            if let Some(shown) = shown {
                let luminance = shown.luminance();
                assert!((0.125..0.31).contains(&luminance), "{name}: {luminance}");
            }
        }
        assert_eq!(ink(&macros, None, "black!95").as_deref(), Some("CanvasText"));
        assert_eq!(ink(&macros, None, "inconnue"), None);
        assert_eq!(paper(&macros, None, "yellow"), Some(("#ffff00".into(), "#000000")));
    }
}
