//! Exercises listed by hand: `7 11 14-18`, numbers and names inside a theme.

use crate::{Exercises, Place, SheetError};

/// One piece of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// The number of an exercise in its theme, from 1.
    Number(u32),
    /// A range of numbers; it may go down.
    Range(u32, u32),
    /// The name of an exercise.
    Name(String),
}

/// Exercises of one theme, in the order in which they are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The theme.
    pub theme: String,
    /// Its exercises.
    pub picks: Vec<Pick>,
}

/// Names longer than this are no names.
const LONGEST: usize = 120;

/// A number from 1, without sign or leading zero that another number has too.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    (digits && text.len() <= 6).then(|| text.parse().ok()).flatten().filter(|n| *n > 0)
}

fn range(text: &str) -> Option<Pick> {
    let (from, to) = text.split_once(['-', '–'])?;
    Some(Pick::Range(number(from.trim())?, number(to.trim())?))
}

impl Pick {
    /// Reads a list as people write it: spaces, commas or semicolons between its pieces.
    ///
    /// # Errors
    /// [`SheetError::Parameter`] when a piece is neither number, range nor name.
    pub fn list(text: &str) -> Result<Vec<Self>, SheetError> {
        text.split(|c: char| c.is_whitespace() || c == ',' || c == ';')
            .filter(|piece| !piece.is_empty())
            .map(|piece| {
                if let Some(found) = number(piece).map(Pick::Number).or_else(|| range(piece)) {
                    return Ok(found);
                }
                let named = piece.starts_with(|c: char| c.is_alphanumeric())
                    && piece.bytes().any(|b| !b.is_ascii_digit())
                    && !piece.chars().any(char::is_control)
                    && piece.len() <= LONGEST;
                if named {
                    return Ok(Pick::Name(piece.to_owned()));
                }
                let piece: String = piece.chars().take(40).collect();
                let reason = format!("« {piece} » n’est ni un numéro, ni un intervalle, ni un nom");
                Err(SheetError::parameter("liste", reason))
            })
            .collect()
    }
}

impl Group {
    /// The groups that list these places in their order, ranges where three or more follow.
    pub(crate) fn of(exercises: &Exercises, places: &[Place]) -> Vec<Self> {
        let mut out: Vec<Self> = Vec::new();
        let mut at = 0;
        while at < places.len() {
            let theme = places[at].theme;
            let end = at + places[at..].iter().take_while(|place| place.theme == theme).count();
            let numbers: Vec<u32> = places[at..end]
                .iter()
                .map(|place| u32::try_from(place.exercise + 1).unwrap_or(u32::MAX))
                .collect();
            out.push(Self { theme: exercises.themes[theme].name.clone(), picks: runs(&numbers) });
            at = end;
        }
        out
    }

    /// The places that the group lists.
    pub(crate) fn places(&self, exercises: &Exercises) -> Result<Vec<Place>, SheetError> {
        let theme = exercises.theme(&self.theme)?;
        let there = &exercises.themes[theme];
        let none = |exercise: String| SheetError::NoExercise {
            exercise,
            theme: Some((self.theme.clone(), there.exercises.len())),
        };
        let by_number = |n: u32| {
            let at = (n as usize).wrapping_sub(1);
            let found = there.exercises.get(at).map(|_| Place { theme, exercise: at });
            found.ok_or_else(|| none(n.to_string()))
        };
        let mut out = Vec::new();
        for pick in &self.picks {
            match pick {
                Pick::Number(n) => out.push(by_number(*n)?),
                // Both ends exist, so the range is no longer than the theme.
                Pick::Range(from, to) => {
                    by_number(*from)?;
                    by_number(*to)?;
                    let numbers: Vec<u32> = if from <= to {
                        (*from..=*to).collect()
                    } else {
                        (*to..=*from).rev().collect()
                    };
                    for n in numbers {
                        out.push(by_number(n)?);
                    }
                }
                Pick::Name(name) => {
                    let exercise = there.position(name).ok_or_else(|| none(name.clone()))?;
                    out.push(Place { theme, exercise });
                }
            }
        }
        Ok(out)
    }
}

fn runs(numbers: &[u32]) -> Vec<Pick> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < numbers.len() {
        let length = 1 + numbers[at..]
            .windows(2)
            .take_while(|pair| pair[1] == pair[0].wrapping_add(1))
            .count();
        if length > 2 {
            out.push(Pick::Range(numbers[at], numbers[at + length - 1]));
        } else {
            out.extend(numbers[at..at + length].iter().copied().map(Pick::Number));
        }
        at += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_as_people_write_them() {
        use Pick::{Name, Number, Range};
        for (text, picks) in [
            ("7 11 14-18", vec![Number(7), Number(11), Range(14, 18)]),
            (" 3,4 ; 9–7", vec![Number(3), Number(4), Range(9, 7)]),
            ("exo6 Calc12b", vec![Name("exo6".into()), Name("Calc12b".into())]),
            ("", vec![]),
        ] {
            assert_eq!(Pick::list(text).unwrap(), picks, "{text}");
        }
        for wrong in ["0", "-3", "1234567", "../x", "<b>", "0-3"] {
            assert!(
                !matches!(Pick::list(wrong), Ok(picks) if picks.iter().any(|p| !matches!(p, Name(_)))),
                "{wrong}"
            );
        }
    }

    #[test]
    fn runs_are_ranges() {
        use Pick::{Number, Range};
        assert_eq!(
            runs(&[7, 11, 14, 15, 16, 3, 4]),
            [Number(7), Number(11), Range(14, 16), Number(3), Number(4)]
        );
    }
}
