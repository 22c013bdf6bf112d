//! The address of a sheet: everything it depends on, in one query string.
//!
//! | parameter | what it says | example |
//! |---|---|---|
//! | `d` | dépôt, when it is not the first | `d=rapides` |
//! | `c` | version: a commit, or a digest where there is none | `c=1f0c2d9e8a` |
//! | `g` | seed (graine) | `g=k7f3q2ab` |
//! | `n` | how many in all; then `t` gives weights | `n=30` |
//! | `t` | how many of each theme | `t=Calcul.10_Primitives.5` |
//! | `x` | exercises by number or name, with ranges | `x=Calcul.7.11.14-18_Primitives.3` |
//! | `ordre` | `themes`: drawn exercises stay together by theme | |
//! | | and the layout, see [`Layout`] | `papier=a5&lettres=grandes` |
//!
//! Inside `t` and `x`, letters and digits of ASCII stand for themselves; every other byte of a name
//! is `*` and two hexadecimal digits. So nothing in them needs escaping in a query.

use crate::{Ask, Group, Layout, Pick, SheetError};
use std::fmt;

/// Longer addresses are refused: 500 exercises of as many themes have room in this.
pub const LONGEST: usize = 16 * 1024;

/// Everything a sheet depends on. Printing and parsing are inverse to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// The dépôt; the first one where there is none.
    pub depot: Option<String>,
    /// The version; the current one where there is none.
    pub version: Option<String>,
    /// The seed of the draw.
    pub seed: String,
    /// Which exercises.
    pub ask: Ask,
    /// How it looks on paper.
    pub layout: Layout,
}

impl Address {
    /// Reads a query string. Parameters that are not of a sheet are passed over.
    ///
    /// # Errors
    /// [`SheetError::Parameter`] names the parameter that cannot be read.
    pub fn parse(query: &str) -> Result<Self, SheetError> {
        if query.len() > LONGEST {
            return Err(SheetError::parameter("adresse", "elle est trop longue"));
        }
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Self::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// Reads parameters.
    ///
    /// # Errors
    /// As [`Address::parse`].
    pub fn from_pairs<'p>(
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<Self, SheetError> {
        let mut out = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in pairs {
            let ours = matches!(name, "d" | "c" | "g" | "n" | "t" | "x" | "ordre")
                || Layout::PARAMETERS.contains(&name);
            if !ours || value.is_empty() {
                continue;
            }
            if seen.contains(&name) {
                return Err(SheetError::parameter(name, "il est donné deux fois"));
            }
            seen.push(name);
            out.set(name, value)?;
        }
        Ok(out)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SheetError> {
        let bad = |reason: &str| Err(SheetError::parameter(name, reason));
        match name {
            "d" => {
                if value.len() > 120 || value.chars().any(char::is_control) {
                    return bad("ce n’est pas le nom d’un dépôt");
                }
                self.depot = Some(value.to_owned());
            }
            "c" => {
                if !is_version(value) {
                    return bad("ce n’est pas une version : 7 à 64 chiffres hexadécimaux");
                }
                self.version = Some(value.to_owned());
            }
            "g" => {
                if value.len() > 64 || !value.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    return bad("une graine a au plus 64 lettres ou chiffres");
                }
                self.seed = value.to_owned();
            }
            "n" => match count(value) {
                Some(total) => self.ask.total = Some(total),
                None => return bad("un nombre est attendu"),
            },
            "t" => self.ask.themes = themes(value)?,
            "x" => self.ask.listed = value.split('_').map(group).collect::<Result<_, _>>()?,
            "ordre" => match value {
                "themes" => self.ask.by_theme = true,
                _ => return bad("« themes » est attendu"),
            },
            _ => {
                self.layout.set(name, value)?;
            }
        }
        Ok(())
    }

    /// The parameters of the address, in their order.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        let mut put = |name, value: Option<String>| out.extend(value.map(|value| (name, value)));
        put("d", self.depot.clone());
        put("c", self.version.clone());
        put("g", Some(self.seed.clone()).filter(|seed| !seed.is_empty()));
        put("n", self.ask.total.map(|total| total.to_string()));
        put("t", Some(&self.ask.themes).filter(|t| !t.is_empty()).map(|t| print_themes(t)));
        put("x", Some(&self.ask.listed).filter(|x| !x.is_empty()).map(|x| print_groups(x)));
        put("ordre", self.ask.by_theme.then(|| "themes".to_owned()));
        out.extend(self.layout.parameters());
        out
    }
}

impl fmt::Display for Address {
    /// The query string, without question mark.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs());
        f.write_str(&query.finish())
    }
}

/// What a draw is asked, as addresses have it: the draw depends on it.
pub(crate) fn question(ask: &Ask) -> String {
    Address { ask: ask.clone(), ..Address::default() }.to_string()
}

/// Hexadecimal digits, as commits and digests are; after a dash the digest that tells two readings
/// of one commit apart.
fn is_version(text: &str) -> bool {
    let hex = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    match text.split_once('-') {
        Some((commit, digest)) => hex(commit, 7, 64) && hex(digest, 8, 8),
        None => hex(text, 7, 64),
    }
}

fn count(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn themes(value: &str) -> Result<Vec<(String, u32)>, SheetError> {
    let mut out: Vec<(String, u32)> = Vec::new();
    for part in value.split('_') {
        let found = part.split_once('.').and_then(|(name, n)| Some((decode(name)?, count(n)?)));
        let Some((name, number)) = found else {
            let reason = "« thème.nombre » est attendu, avec « _ » entre les thèmes";
            return Err(SheetError::parameter("t", reason));
        };
        if out.iter().any(|(other, _)| *other == name) {
            return Err(SheetError::parameter("t", "un thème est donné deux fois"));
        }
        out.push((name, number));
    }
    Ok(out)
}

fn group(text: &str) -> Result<Group, SheetError> {
    let read = || {
        let mut parts = text.split('.');
        let theme = decode(parts.next()?)?;
        let picks: Vec<Pick> = parts.map(pick).collect::<Option<_>>()?;
        (!picks.is_empty()).then_some(Group { theme, picks })
    };
    read().ok_or_else(|| {
        let reason = "« thème.numéro.numéro-numéro » est attendu, avec « _ » entre les thèmes";
        SheetError::parameter("x", reason)
    })
}

fn pick(text: &str) -> Option<Pick> {
    let positive = |text: &str| count(text).filter(|n| *n > 0);
    if let Some((from, to)) = text.split_once('-') {
        return Some(Pick::Range(positive(from)?, positive(to)?));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return positive(text).map(Pick::Number);
    }
    decode(text).map(Pick::Name)
}

fn print_themes(themes: &[(String, u32)]) -> String {
    let parts: Vec<String> =
        themes.iter().map(|(name, n)| format!("{}.{n}", encode(name))).collect();
    parts.join("_")
}

fn print_groups(groups: &[Group]) -> String {
    let parts: Vec<String> = groups
        .iter()
        .map(|group| {
            let mut out = encode(&group.theme);
            for pick in &group.picks {
                out.push('.');
                match pick {
                    Pick::Number(n) => out.push_str(&n.to_string()),
                    Pick::Range(from, to) => out.push_str(&format!("{from}-{to}")),
                    Pick::Name(name) => out.push_str(&name_of_pick(name)),
                }
            }
            out
        })
        .collect();
    parts.join("_")
}

/// A name that is a number is told from a number by its first sign.
fn name_of_pick(name: &str) -> String {
    match name.bytes().next() {
        Some(first) if name.bytes().all(|b| b.is_ascii_digit()) => {
            format!("*{first:02X}{}", &name[1..])
        }
        _ => encode(name),
    }
}

fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("*{byte:02X}"));
        }
    }
    out
}

fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'*' => {
                let digits = [bytes.next()?, bytes.next()?];
                // Capitals only: a name has one spelling.
                let hex = |b: u8| matches!(b, b'0'..=b'9' | b'A'..=b'F');
                if !digits.iter().all(|b| hex(*b)) {
                    return None;
                }
                out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
            }
            b if b.is_ascii_alphanumeric() => out.push(b),
            // Written by hand: letters beyond ASCII, a dash, a slash.
            b if b >= 0x80 || matches!(b, b'-' | b'/' | b' ') => out.push(b),
            _ => return None,
        }
    }
    let name = String::from_utf8(out).ok()?;
    (!name.is_empty() && name.len() <= 240 && !name.chars().any(char::is_control)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Letters, Paper, layout::Variants};
    use proptest::{collection::vec, option, prelude::*};

    #[test]
    fn an_address_says_what_it_means() {
        let address = Address::parse(
            "g=k7f3&c=1f0c2d9e8a&x=Calcul.7.11.14-18_Primitives.exo6&papier=a5&utm_source=mail",
        )
        .unwrap();
        assert_eq!(address.seed, "k7f3");
        assert_eq!(address.layout.paper, Paper::A5);
        assert_eq!(
            address.ask.listed[0].picks,
            [Pick::Number(7), Pick::Number(11), Pick::Range(14, 18)]
        );
        assert_eq!(address.ask.listed[1].picks, [Pick::Name("exo6".into())]);
        assert_eq!(
            address.to_string(),
            "c=1f0c2d9e8a&g=k7f3&x=Calcul.7.11.14-18_Primitives.exo6&papier=a5"
        );
    }

    #[test]
    fn hostile_addresses_are_refused_by_name() {
        for (query, parameter) in [
            ("g=%00", "g"),
            ("g=../../x", "g"),
            ("c=HEAD", "c"),
            ("c=--upload-pack%3Dx", "c"),
            ("n=-1", "n"),
            ("n=99999999999999999999", "n"),
            ("t=A", "t"),
            ("t=A.1_A.2", "t"),
            ("t=*zz.1", "t"),
            ("t=*00.1", "t"),
            ("t=*FF.1", "t"),
            ("x=A", "x"),
            ("x=A.0", "x"),
            ("x=A.1-", "x"),
            ("x=_", "x"),
            ("place=-3", "place"),
            ("variantes=27", "variantes"),
            ("variantes=0", "variantes"),
            ("papier=a0", "papier"),
            ("titre=a%0Ab", "titre"),
            ("qr=maybe", "qr"),
            ("g=a&g=b", "g"),
        ] {
            match Address::parse(query) {
                Err(SheetError::Parameter { parameter: named, .. }) => {
                    assert_eq!(named, parameter, "{query}");
                }
                other => panic!("{query}: {other:?}"),
            }
        }
        assert!(Address::parse(&"t=A".repeat(LONGEST)).is_err());
    }

    fn name() -> impl Strategy<Value = String> {
        "[A-Za-z0-9éÀ_./ *+&=%-]{1,12}"
    }

    fn pick() -> impl Strategy<Value = Pick> {
        prop_oneof![
            (1..1_000_000_u32).prop_map(Pick::Number),
            (1..1_000_000_u32, 1..1_000_000_u32).prop_map(|(a, b)| Pick::Range(a, b)),
            name().prop_map(Pick::Name),
        ]
    }

    prop_compose! {
        fn layout()(
            (title, class, date) in ("[a-zé&<% ]{0,20}", "[A-Z0-9]{0,5}", "[0-9/]{0,10}"),
            (a5, letters, room) in (any::<bool>(), 0..3, 0..=200_u32),
            (name, variants, qr, plain) in (any::<bool>(), 1..=26_u32, any::<bool>(), any::<bool>()),
        ) -> Layout {
            Layout {
                title: title.trim().to_owned(), class, date,
                paper: if a5 { Paper::A5 } else { Paper::A4 },
                letters: [Letters::Usual, Letters::Large, Letters::Dys][letters as usize],
                room, name, variants: Variants::new(variants).unwrap(), qr, plain,
            }
        }
    }

    prop_compose! {
        fn address()(
            depot in option::of("[a-z é&-]{1,20}"),
            version in option::of("[0-9a-f]{7,40}(-[0-9a-f]{8})?"),
            seed in "[A-Za-z0-9]{0,20}",
            themes in proptest::collection::btree_map(name(), 0..1000_u32, 0..4),
            listed in vec((name(), vec(pick(), 1..5)), 0..4),
            total in option::of(0..1000_u32),
            by_theme in any::<bool>(),
            layout in layout(),
        ) -> Address {
            let listed = listed.into_iter().map(|(theme, picks)| Group { theme, picks }).collect();
            let themes = themes.into_iter().collect();
            Address { depot, version, seed, ask: Ask { listed, themes, total, by_theme }, layout }
        }
    }

    proptest! {
        #[test]
        fn parse_after_print_is_the_identity(address in address()) {
            prop_assert_eq!(Address::parse(&address.to_string()), Ok(address));
        }

        #[test]
        fn anything_is_read_or_refused(query in "[a-z]{0,3}=?[ -~é]{0,60}(&[gntxcd]=[ -~]{0,30}){0,3}") {
            if let Ok(address) = Address::parse(&query) {
                prop_assert_eq!(Address::parse(&address.to_string()), Ok(address));
            }
        }
    }
}
