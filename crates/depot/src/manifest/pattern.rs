//! File-name patterns with named parts, `E{theme:letters2}{numero:digits2}.tex`.
//!
//! A pattern describes the whole path of a file inside its dépôt, with `/` between folders:
//!
//! | in a pattern | matches |
//! |---|---|
//! | `{nom}` | a non-empty text without `/`, remembered as `nom` |
//! | `{nom:digits}`, `{nom:digits2}` | digits; exactly two digits |
//! | `{nom:letters}`, `{nom:letters2}` | letters; exactly two letters |
//! | `{nom:word}` | letters and digits |
//! | `{nom:path}` | anything, folders included |
//! | `{nom:a\|b\|c}` | one of the words |
//! | `*` | any text without `/`, possibly empty |
//! | `**/` | any folders, possibly none |
//! | anything else | itself; upper and lower case differ |
//!
//! A name that comes back must have the same value everywhere.

use regex::Regex;
use std::collections::BTreeMap;

/// Values by name: what a pattern remembered, fields of an item, columns of a row.
pub type Vars = BTreeMap<String, String>;

/// A pattern, compiled.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
    /// The name of each group of the regex, in order; a name may come back.
    names: Vec<String>,
    /// Letters that stand for themselves.
    plain: usize,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence for the author of the manifest.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut regex = String::from("^");
        let (mut names, mut plain) = (Vec::new(), 0);
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("**/") {
                regex.push_str("(?:.*/)?");
                rest = after;
            } else if let Some(after) = rest.strip_prefix('*') {
                regex.push_str("[^/]*");
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let (part, after) =
                    after.split_once('}').ok_or("a `{` is never closed by a `}`")?;
                let (name, kind) = part.split_once(':').unwrap_or((part, "name"));
                check_name(name)?;
                regex.push_str(&format!("({})", part_regex(kind)?));
                names.push(name.to_owned());
                rest = after;
            } else if c == '}' {
                return Err("a `}` closes nothing".to_owned());
            } else {
                plain += 1;
                regex.push_str(&regex::escape(&rest[..c.len_utf8()]));
                rest = &rest[c.len_utf8()..];
            }
        }
        regex.push('$');
        let regex = Regex::new(&regex).map_err(|error| error.to_string())?;
        Ok(Self { text: text.to_owned(), regex, names, plain })
    }

    /// The named parts, in order, each once.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in &self.names {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// The named parts of a path that follows the pattern.
    #[must_use]
    pub fn matches(&self, path: &str) -> Option<Vars> {
        let captures = self.regex.captures(path)?;
        let mut vars = Vars::new();
        for (at, name) in self.names.iter().enumerate() {
            let value = captures.get(at + 1).map_or("", |found| found.as_str());
            if vars.get(name).is_some_and(|other| other != value) {
                return None;
            }
            vars.insert(name.clone(), value.to_owned());
        }
        Some(vars)
    }

    /// How much of a path the pattern says itself: of two that match one path, the one that says
    /// more is meant (`{nom}-corrige.tex` rather than `{nom}.tex`).
    #[must_use]
    pub fn weight(&self) -> usize {
        self.plain
    }

    /// The pattern as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Whether a text can name a part of a pattern or a field.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(name: &str) -> Result<(), String> {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic());
    if first && chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        Ok(())
    } else {
        Err(format!("`{name}` is not a name: a letter, then letters, digits or `_`"))
    }
}

fn part_regex(kind: &str) -> Result<String, String> {
    let class = |class: &str, count: &str| {
        if count.is_empty() {
            return Some(format!("{class}+?"));
        }
        let count: u8 = count.parse().ok().filter(|n| *n > 0)?;
        Some(format!("{class}{{{count}}}"))
    };
    let regex = if let Some(count) = kind.strip_prefix("digits") {
        class("[0-9]", count)
    } else if let Some(count) = kind.strip_prefix("letters") {
        class(r"\p{L}", count)
    } else if kind.contains('|') {
        Some(kind.split('|').map(regex::escape).collect::<Vec<_>>().join("|"))
    } else {
        match kind {
            "name" => Some("[^/]+?".to_owned()),
            "word" => Some(r"[\p{L}\p{N}]+?".to_owned()),
            "path" => Some(".+?".to_owned()),
            _ => None,
        }
    };
    regex.ok_or_else(|| {
        format!(
            "`{kind}` is not a kind of part: expected name, word, path, digits, digits2, letters, \
             letters2 or a choice such as a|b"
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn found(pattern: &str, path: &str) -> Option<String> {
        let vars = Pattern::new(pattern).unwrap().matches(path)?;
        Some(
            vars.iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join(" "),
        )
    }

    #[test]
    fn patterns_and_paths() {
        for (pattern, path, expected) in [
            ("E{theme:letters2}{n:digits2}.tex", "Ecp26.tex", Some("n=26 theme=cp")),
            ("E{theme:letters2}{n:digits2}.tex", "Ecp6.tex", None),
            ("E{theme:letters2}{n:digits2}.tex", "xEcp26.tex", None),
            ("E{theme:letters2}{n:digits2}.tex", "ecp26.tex", None),
            (
                "{theme}/E{nom}{n:digits}.tex",
                "Suites/Esuites12.tex",
                Some("n=12 nom=suites theme=Suites"),
            ),
            ("{theme}/E{nom}.tex", "a/b/Ex.tex", None),
            ("**/{nom:word}.tex", "a/b/x1.tex", Some("nom=x1")),
            ("**/{nom:word}.tex", "x1.tex", Some("nom=x1")),
            ("{ch:path}/ex-{n:digits}.tex", "a/b/ex-3.tex", Some("ch=a/b n=3")),
            ("{t}/{t}-{n}.tex", "anneau/anneau-2.tex", Some("n=2 t=anneau")),
            ("{t}/{t}-{n}.tex", "anneau/corps-2.tex", None),
            ("{lot:DM|DS}{n:digits}.tex", "DS3.tex", Some("lot=DS n=3")),
            ("a.tex", "axtex", None),
            ("S*.tex", "S.tex", Some("")),
        ] {
            assert_eq!(found(pattern, path).as_deref(), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn wrong_patterns_say_why() {
        for (pattern, why) in [
            ("E{nom.tex", "never closed"),
            ("Enom}.tex", "closes nothing"),
            ("{1a}.tex", "not a name"),
            ("{a:number}.tex", "not a kind of part"),
            ("{a:digits0}.tex", "not a kind of part"),
        ] {
            let error = Pattern::new(pattern).unwrap_err();
            assert!(error.contains(why), "{pattern}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_panics(pattern in "[{}a-z0-9:|*/.]{0,20}", path in "[a-zé0-9/.]{0,20}") {
            if let Ok(pattern) = Pattern::new(&pattern) {
                let _ = pattern.matches(&path);
            }
        }
    }
}
