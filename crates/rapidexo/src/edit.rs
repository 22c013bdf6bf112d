//! Changes to a sheet: each gives a new address and leaves the other exercises where they are.

use crate::{Address, Ask, Group, Pick, Place, Sheet, SheetError, random::Random};

/// A change to a sheet. Places count from 0 here and from 1 in texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Another exercise of the same theme in this place.
    Replace(usize),
    /// Without this one.
    Remove(usize),
    /// This one goes to that place.
    Move(usize, usize),
    /// All in another order.
    Shuffle,
    /// One more, of this theme or of any.
    Add(Option<String>),
    /// These too.
    List(Group),
}

impl Edit {
    /// Reads an edit: `r3` replaces the third, `d3` removes it, `u3` and `b3` move it up and down,
    /// `m3.1` moves it to the first place, `s` shuffles, `a` adds one, `a.Theme` one of a theme,
    /// `x.Theme.7 12-15` these.
    ///
    /// # Errors
    /// [`SheetError::Parameter`] when it is none of these.
    pub fn parse(text: &str) -> Result<Self, SheetError> {
        let read = || {
            let (first, rest) = (text.chars().next()?, text.get(1..)?);
            let place = |text: &str| text.parse::<usize>().ok()?.checked_sub(1);
            Some(match first {
                'r' => Self::Replace(place(rest)?),
                'd' => Self::Remove(place(rest)?),
                'u' => Self::Move(place(rest)?, place(rest)?.saturating_sub(1)),
                'b' => Self::Move(place(rest)?, place(rest)? + 1),
                'm' => {
                    let (from, to) = rest.split_once('.')?;
                    Self::Move(place(from)?, place(to)?)
                }
                's' if rest.is_empty() => Self::Shuffle,
                'a' if rest.is_empty() => Self::Add(None),
                'a' => Self::Add(Some(rest.strip_prefix('.')?.to_owned())),
                'x' => {
                    let (theme, list) = rest.strip_prefix('.')?.rsplit_once('.')?;
                    let picks = Pick::list(list).ok().filter(|picks| !picks.is_empty())?;
                    Self::List(Group { theme: theme.to_owned(), picks })
                }
                _ => return None,
            })
        };
        read().ok_or_else(|| SheetError::parameter("op", "cette modification ne se lit pas"))
    }
}

impl Sheet {
    /// The address of this sheet with other exercises.
    #[must_use]
    pub fn address_of(&self, places: &[Place]) -> Address {
        let listed = Group::of(&self.exercises, places);
        Address { ask: Ask { listed, ..Ask::default() }, ..self.address.clone() }
    }

    /// The address of the changed sheet.
    ///
    /// # Errors
    /// [`SheetError`] when the change names a place or an exercise that is not there, or there is
    /// no exercise left to put in.
    pub fn edit(&self, edit: &Edit) -> Result<Address, SheetError> {
        let mut places = self.places.clone();
        let check = |at: usize| {
            let reason = || format!("la feuille a {} exercices", self.places.len());
            if at < self.places.len() { Ok(at) } else { Err(SheetError::parameter("op", reason())) }
        };
        match edit {
            Edit::Replace(at) => {
                let theme = places[check(*at)?].theme;
                places[*at] = self.other(Some(theme), *at)?;
            }
            Edit::Remove(at) => {
                places.remove(check(*at)?);
                if places.is_empty() {
                    return Err(SheetError::parameter("op", "il ne resterait aucun exercice"));
                }
            }
            Edit::Move(from, to) => {
                let place = places.remove(check(*from)?);
                places.insert((*to).min(places.len()), place);
            }
            Edit::Shuffle => self.random("shuffle").shuffle(&mut places),
            Edit::Add(theme) => {
                let theme = theme.as_ref().map(|name| self.exercises.theme(name)).transpose()?;
                let place = self.other(theme, places.len())?;
                places.push(place);
            }
            Edit::List(group) => {
                for place in group.places(&self.exercises)? {
                    if places.contains(&place) {
                        let name = &self.exercises.themes[place.theme].exercises[place.exercise];
                        return Err(SheetError::Twice(format!("{} {}", group.theme, name.name)));
                    }
                    places.push(place);
                }
            }
        }
        Ok(self.address_of(&places))
    }

    /// Choices that depend on this very sheet: the same change of the same sheet gives the same.
    fn random(&self, what: &str) -> Random {
        Random::of(&["edit", &self.exercises.version, &self.address.to_string(), what])
    }

    /// An exercise that is not on the sheet.
    fn other(&self, theme: Option<usize>, at: usize) -> Result<Place, SheetError> {
        let left: Vec<Place> = self
            .exercises
            .themes
            .iter()
            .enumerate()
            .filter(|(t, _)| theme.is_none_or(|theme| theme == *t))
            .flat_map(|(theme, t)| {
                (0..t.exercises.len()).map(move |exercise| Place { theme, exercise })
            })
            .filter(|place| !self.places.contains(place))
            .collect();
        if left.is_empty() {
            return Err(match theme {
                Some(theme) => {
                    let theme = &self.exercises.themes[theme];
                    let available = theme.exercises.len();
                    SheetError::TooFew {
                        theme: theme.name.clone(),
                        wanted: available + 1,
                        available,
                    }
                }
                None => {
                    let available = self.exercises.count();
                    SheetError::TooFewInAll { wanted: available + 1, available }
                }
            });
        }
        Ok(left[self.random(&at.to_string()).below(left.len())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::exercises;
    use std::sync::Arc;

    fn sheet(query: &str) -> Sheet {
        let all = Arc::new(exercises(&[("A", 30), ("B", 20), ("C d", 3)]));
        Sheet::new(all, Address::parse(query).unwrap()).unwrap()
    }

    fn edited(sheet: &Sheet, op: &str) -> Sheet {
        let address = sheet.edit(&Edit::parse(op).unwrap()).unwrap();
        let address = Address::parse(&address.to_string()).unwrap();
        Sheet::new(Arc::clone(&sheet.exercises), address).unwrap()
    }

    #[test]
    fn the_address_of_the_places_means_the_places() {
        let sheet = sheet("g=s&t=A.10_B.10_C*20d.3");
        let same = sheet.address_of(&sheet.places);
        let again = Sheet::new(Arc::clone(&sheet.exercises), same).unwrap();
        assert_eq!(again.places, sheet.places);
    }

    #[test]
    fn replacing_leaves_the_others_in_place() {
        let before = sheet("g=s&t=A.10_B.10");
        let after = edited(&before, "r4");
        assert_eq!(after.places.len(), 20);
        for (n, (a, b)) in before.places.iter().zip(&after.places).enumerate() {
            assert_eq!(a == b, n != 3, "{n}");
        }
        assert_eq!(after.places[3].theme, before.places[3].theme);
        assert!(!before.places.contains(&after.places[3]));
    }

    #[test]
    fn every_change_is_what_it_says() {
        let before = sheet("x=A.1-5&papier=a5&g=s");
        let numbers = |sheet: &Sheet| -> Vec<usize> {
            sheet.places.iter().map(|place| place.exercise + 1 + 100 * place.theme).collect()
        };
        for (op, wanted) in [
            ("d2", vec![1, 3, 4, 5]),
            ("u3", vec![1, 3, 2, 4, 5]),
            ("u1", vec![1, 2, 3, 4, 5]),
            ("b3", vec![1, 2, 4, 3, 5]),
            ("b5", vec![1, 2, 3, 4, 5]),
            ("m5.1", vec![5, 1, 2, 3, 4]),
            ("x.C d.3 1", vec![1, 2, 3, 4, 5, 203, 201]),
        ] {
            let after = edited(&before, op);
            assert_eq!(numbers(&after), wanted, "{op}");
            assert_eq!(after.address.layout, before.address.layout);
            assert_eq!(after.address.seed, "s");
        }
        let mut shuffled = numbers(&edited(&before, "s"));
        assert_ne!(shuffled, [1, 2, 3, 4, 5]);
        shuffled.sort_unstable();
        assert_eq!(shuffled, [1, 2, 3, 4, 5]);
        assert_eq!(edited(&before, "a.C d").places[5].theme, 2);
        assert_eq!(edited(&before, "a").places.len(), 6);
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let sheet = sheet("x=C*20d.1-3");
        for op in
            ["r4", "r1", "d0", "d99999999999999999999", "", "é", "q", "m1", "a.Z", "x.A.", "a.C d"]
        {
            let result = Edit::parse(op).and_then(|edit| sheet.edit(&edit));
            assert!(result.is_err(), "{op}: {result:?}");
        }
    }
}
