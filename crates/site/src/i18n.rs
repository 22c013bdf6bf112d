//! The languages of the interface: one catalogue file each, all texts through it.

use std::{collections::HashMap, fmt::Display, sync::LazyLock};

/// A language of the interface. Documents stay in the language of their authors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// French, at the root of the site.
    Fr,
    /// English, under `/en`.
    En,
}

type Catalogue = HashMap<String, String>;

static FR: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../locales/fr.toml")));
static EN: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../locales/en.toml")));

fn read(text: &str) -> Catalogue {
    let table: toml::Table =
        text.parse().expect("the catalogues are part of the program and a test reads them");
    let mut flat = Catalogue::new();
    flatten("", &table, &mut flat);
    flat
}

fn flatten(prefix: &str, table: &toml::Table, out: &mut Catalogue) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, out),
            toml::Value::String(text) => {
                out.insert(key, text.clone());
            }
            other => {
                out.insert(key, other.to_string());
            }
        }
    }
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// Its code, for `lang` attributes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// What its addresses start with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Fr => "",
            Self::En => "/en",
        }
    }

    /// An address of the site in this language; other addresses stay as they are.
    #[must_use]
    pub(crate) fn href(self, path: &str) -> String {
        let prefix = self.prefix();
        if !path.starts_with('/') || path.starts_with("//") || prefix.is_empty() {
            return path.to_owned();
        }
        if path == "/" { prefix.to_owned() } else { format!("{prefix}{path}") }
    }

    /// The other language.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Fr => Self::En,
            Self::En => Self::Fr,
        }
    }

    fn catalogue(self) -> &'static Catalogue {
        match self {
            Self::Fr => &FR,
            Self::En => &EN,
        }
    }

    /// A text, if the catalogue has it.
    #[must_use]
    pub fn get(self, key: &str) -> Option<&'static str> {
        self.catalogue().get(key).map(String::as_str)
    }

    /// A text; the key itself where it is missing, so that a hole is seen and breaks nothing.
    #[must_use]
    pub fn t(self, key: &str) -> &str {
        self.get(key).unwrap_or(key)
    }

    /// A text with `{}` replaced.
    #[must_use]
    pub fn f(self, key: &str, value: impl Display) -> String {
        self.t(key).replace("{}", &value.to_string())
    }

    /// A text with a count: the keys `<key>.one` and `<key>.other`. In French zero is singular.
    #[must_use]
    pub fn n(self, key: &str, count: usize) -> String {
        let one = match self {
            Self::Fr => count < 2,
            Self::En => count == 1,
        };
        let form = if one { "one" } else { "other" };
        self.t(&format!("{key}.{form}")).replace("{}", &self.number(count))
    }

    /// A number with the language's separator of thousands.
    #[must_use]
    pub fn number(self, number: usize) -> String {
        let digits = number.to_string();
        let separator = match self {
            Self::Fr => '\u{202f}',
            Self::En => ',',
        };
        if digits.len() < 5 {
            return digits;
        }
        let mut out = String::with_capacity(digits.len() + 2);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(separator);
            }
            out.push(digit);
        }
        out
    }

    /// A day as people write it; the text itself when it is no ISO 8601 date.
    #[must_use]
    pub fn day(self, iso: &str) -> String {
        let Some(date) = iso.get(..10).and_then(|d| d.parse::<jiff::civil::Date>().ok()) else {
            return iso.to_owned();
        };
        let month = self.t(&format!("month.{}", date.month())).to_owned();
        match self {
            Self::Fr if date.day() == 1 => format!("1ᵉʳ\u{a0}{month}\u{a0}{}", date.year()),
            Self::Fr | Self::En => format!("{}\u{a0}{month}\u{a0}{}", date.day(), date.year()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_catalogues_hold_the_same_keys_and_the_same_places() {
        let keys = |c: &Catalogue| c.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(&FR), keys(&EN));
        for (key, text) in FR.iter() {
            assert!(!text.trim().is_empty(), "{key} is empty");
            assert_eq!(text.matches("{}").count(), EN[key].matches("{}").count(), "{key}");
        }
    }

    #[test]
    fn french_texts_use_french_spaces_and_apostrophes() {
        for (key, text) in FR.iter() {
            assert!(!text.contains('\''), "{key}: straight apostrophe in « {text} »");
            for sign in [" :", " ;", " !", " ?", " »", "« "] {
                assert!(!text.contains(sign), "{key}: breaking space in « {text} »");
            }
        }
    }

    /// Every key that code or a template names is in the catalogue.
    #[test]
    fn every_text_asked_for_exists() {
        let mut asked = 0;
        let call = regex_lite();
        for file in files(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let text = std::fs::read_to_string(&file).unwrap();
            for (function, key) in call(&text) {
                asked += 1;
                let keys = if function == "n" {
                    vec![format!("{key}.one"), format!("{key}.other")]
                } else {
                    vec![key.clone()]
                };
                for key in keys {
                    assert!(FR.contains_key(&key), "{}: no text « {key} »", file.display());
                }
            }
        }
        assert!(asked > 50, "only {asked} texts found: the search is broken");
    }

    fn files(dir: std::path::PathBuf) -> Vec<std::path::PathBuf> {
        let mut out = Vec::new();
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                out.extend(files(path));
            } else if path.extension().is_some_and(|e| e == "html" || e == "rs")
                && !path.ends_with("i18n.rs")
            {
                out.push(path);
            }
        }
        out
    }

    /// Finds `.t("key")`, `.f("key", …)` and `.n("key", …)`.
    fn regex_lite() -> impl Fn(&str) -> Vec<(String, String)> {
        |text| {
            let mut found = Vec::new();
            for function in ["t", "f", "n"] {
                let open = format!(".{function}(\"");
                for (at, _) in text.match_indices(&open) {
                    let rest = &text[at + open.len()..];
                    let key = rest.split('"').next().unwrap_or_default();
                    found.push((function.to_owned(), key.to_owned()));
                }
            }
            found
        }
    }

    #[test]
    fn addresses_in_each_language() {
        for (lang, path, expected) in [
            (Lang::Fr, "/vues/problemes", "/vues/problemes"),
            (Lang::En, "/vues/problemes", "/en/vues/problemes"),
            (Lang::En, "/", "/en"),
            (Lang::En, "https://a.fr/b", "https://a.fr/b"),
            (Lang::En, "//a.fr/b", "//a.fr/b"),
        ] {
            assert_eq!(lang.href(path), expected);
        }
    }

    #[test]
    fn numbers_and_days_read_as_each_language_writes_them() {
        assert_eq!(Lang::Fr.number(1234), "1234");
        assert_eq!(Lang::Fr.number(12345), "12\u{202f}345");
        assert_eq!(Lang::En.number(1234567), "1,234,567");
        assert_eq!(Lang::Fr.day("2026-03-01T10:00:00Z"), "1ᵉʳ\u{a0}mars\u{a0}2026");
        assert_eq!(Lang::En.day("2026-03-12"), "12\u{a0}March\u{a0}2026");
        assert_eq!(Lang::Fr.day("jadis"), "jadis");
    }
}
