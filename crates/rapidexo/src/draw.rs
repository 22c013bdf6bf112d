//! The draw: which exercises a sheet holds. Pure: exercises, question and seed decide alone.

use crate::{Exercises, Group, SheetError, random::Random};

/// More exercises than this make no quick sheet.
pub const MAX_ITEMS: usize = 500;

/// How many exercises a sheet has when nobody says.
const USUAL: usize = 30;

/// An exercise by the places of its theme and of itself in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Place of the theme in [`Exercises::themes`].
    pub theme: usize,
    /// Place of the exercise in its theme, from 0.
    pub exercise: usize,
}

/// Which exercises are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Exercises listed by hand; they come first, in this order.
    pub listed: Vec<Group>,
    /// How many of each theme; with a total, the weights of the themes.
    pub themes: Vec<(String, u32)>,
    /// How many in all, shared out by weight.
    pub total: Option<u32>,
    /// Drawn exercises stay together by theme instead of being mixed.
    pub by_theme: bool,
}

/// Draws the exercises of a sheet: never twice the same, and each that is left as likely as any
/// other of its theme.
///
/// # Errors
/// [`SheetError`] names the theme and how many exercises it has when more are asked for.
pub fn draw(exercises: &Exercises, ask: &Ask, seed: &str) -> Result<Vec<Place>, SheetError> {
    let mut chosen: Vec<Place> = Vec::new();
    let mut taken: Vec<Vec<bool>> =
        exercises.themes.iter().map(|theme| vec![false; theme.exercises.len()]).collect();
    for group in &ask.listed {
        for place in group.places(exercises)? {
            if std::mem::replace(&mut taken[place.theme][place.exercise], true) {
                let exercise = &exercises.themes[place.theme].exercises[place.exercise];
                return Err(SheetError::Twice(format!("{} {}", group.theme, exercise.name)));
            }
            chosen.push(place);
        }
        check_size(chosen.len())?;
    }
    let free: Vec<usize> =
        taken.iter().map(|theme| theme.iter().filter(|taken| !**taken).count()).collect();
    let counts = counts(exercises, ask, &free)?;
    check_size(chosen.len() + counts.iter().sum::<usize>())?;

    let question = crate::address::question(ask);
    let mut random = Random::of(&["sheet", &exercises.version, seed, &question]);
    let mut drawn: Vec<Place> = Vec::new();
    for (theme, count) in counts.into_iter().enumerate() {
        let mut left: Vec<usize> = (0..taken[theme].len()).filter(|e| !taken[theme][*e]).collect();
        // The first steps of a shuffle: a uniform choice without repetition, in random order.
        for at in 0..count {
            let other = at + random.below(left.len() - at);
            left.swap(at, other);
            drawn.push(Place { theme, exercise: left[at] });
        }
    }
    if !ask.by_theme {
        random.shuffle(&mut drawn);
    }
    chosen.append(&mut drawn);
    Ok(chosen)
}

fn check_size(wanted: usize) -> Result<(), SheetError> {
    if wanted > MAX_ITEMS { Err(SheetError::TooMany { wanted, limit: MAX_ITEMS }) } else { Ok(()) }
}

/// How many of each theme; no more than are free.
fn counts(exercises: &Exercises, ask: &Ask, free: &[usize]) -> Result<Vec<usize>, SheetError> {
    let mut asked = vec![0_usize; free.len()];
    for (name, count) in &ask.themes {
        let theme = exercises.theme(name)?;
        asked[theme] = asked[theme].saturating_add(*count as usize);
    }
    let total = match ask.total {
        Some(total) => total as usize,
        None if ask.themes.is_empty() && ask.listed.is_empty() => USUAL.min(free.iter().sum()),
        None => {
            for (theme, wanted) in asked.iter().enumerate() {
                if *wanted > free[theme] {
                    let theme = &exercises.themes[theme];
                    return Err(SheetError::TooFew {
                        theme: theme.name.clone(),
                        wanted: *wanted,
                        available: theme.exercises.len(),
                    });
                }
            }
            return Ok(asked);
        }
    };
    check_size(total)?;
    // Without weights every exercise weighs the same.
    let weights = if ask.themes.is_empty() { free.to_vec() } else { asked };
    share(total, &weights, free)
}

/// Shares a total out by weight (largest remainders), within what is there; what a small theme
/// cannot give goes to the others.
fn share(total: usize, weights: &[usize], free: &[usize]) -> Result<Vec<usize>, SheetError> {
    let available: usize =
        weights.iter().zip(free).filter(|(weight, _)| **weight > 0).map(|(_, free)| free).sum();
    if total > available {
        return Err(SheetError::TooFewInAll { wanted: total, available });
    }
    let mut out = vec![0_usize; free.len()];
    loop {
        let left = total - out.iter().sum::<usize>();
        let open: Vec<usize> =
            (0..free.len()).filter(|t| weights[*t] > 0 && out[*t] < free[*t]).collect();
        let weight: u128 = open.iter().map(|t| weights[*t] as u128).sum();
        if left == 0 || weight == 0 {
            return Ok(out);
        }
        let mut remainders: Vec<(u128, usize)> = Vec::new();
        for theme in open {
            let exact = left as u128 * weights[theme] as u128;
            let whole = usize::try_from(exact / weight).unwrap_or(usize::MAX);
            out[theme] = (out[theme] + whole).min(free[theme]);
            remainders.push((exact % weight, theme));
        }
        remainders.sort_by_key(|(remainder, theme)| (std::cmp::Reverse(*remainder), *theme));
        for (remainder, theme) in remainders {
            if remainder > 0 && out[theme] < free[theme] && out.iter().sum::<usize>() < total {
                out[theme] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pick, tests::exercises};

    fn ask(themes: &[(&str, u32)], total: Option<u32>) -> Ask {
        let themes = themes.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Ask { themes, total, ..Ask::default() }
    }

    #[test]
    fn counts_are_kept_and_nothing_comes_twice() {
        let all = exercises(&[("A", 5), ("B", 40), ("C", 7)]);
        for seed in ["", "a", "b"] {
            let mut drawn = draw(&all, &ask(&[("A", 5), ("B", 20)], None), seed).unwrap();
            assert_eq!(drawn.iter().filter(|place| place.theme == 0).count(), 5);
            assert_eq!(drawn.iter().filter(|place| place.theme == 1).count(), 20);
            drawn.sort();
            drawn.dedup();
            assert_eq!(drawn.len(), 25);
        }
        assert_eq!(draw(&all, &Ask::default(), "").unwrap().len(), 30);
        assert_eq!(draw(&all, &ask(&[], Some(52)), "").unwrap().len(), 52);
    }

    #[test]
    fn the_same_question_has_the_same_answer() {
        let all = exercises(&[("A", 50), ("B", 40)]);
        let question = ask(&[("A", 5), ("B", 5)], None);
        assert_eq!(draw(&all, &question, "x"), draw(&all, &question, "x"));
        assert_ne!(draw(&all, &question, "x"), draw(&all, &question, "y"));
        let other = exercises(&[("A", 50), ("B", 41)]);
        assert_ne!(draw(&all, &question, "x"), draw(&other, &question, "x"));
    }

    #[test]
    fn weights_share_out_within_what_is_there() {
        for (total, weights, free, shares) in [
            (10, vec![1, 1], vec![9, 9], vec![5, 5]),
            (10, vec![2, 1], vec![9, 9], vec![7, 3]),
            (10, vec![9, 1], vec![3, 20], vec![3, 7]),
            (3, vec![1, 1, 1, 1], vec![9, 9, 9, 9], vec![1, 1, 1, 0]),
            (4, vec![0, 1], vec![9, 9], vec![0, 4]),
            (0, vec![1], vec![1], vec![0]),
        ] {
            assert_eq!(share(total, &weights, &free), Ok(shares));
        }
        assert_eq!(
            share(5, &[1, 0], &[4, 9]),
            Err(SheetError::TooFewInAll { wanted: 5, available: 4 })
        );
    }

    #[test]
    fn asking_for_more_than_there_are_is_said() {
        let all = exercises(&[("A", 5), ("B", 40)]);
        let error = draw(&all, &ask(&[("A", 6)], None), "").unwrap_err();
        assert_eq!(error.to_string(), "le thème « A » a 5 exercices, 6 sont demandés");
        assert!(matches!(
            draw(&all, &ask(&[("Z", 1)], None), ""),
            Err(SheetError::UnknownTheme { .. })
        ));
        assert!(matches!(
            draw(&all, &ask(&[("A", u32::MAX)], Some(u32::MAX)), ""),
            Err(SheetError::TooMany { .. })
        ));
    }

    #[test]
    fn listed_exercises_come_first_and_are_not_drawn_again() {
        let all = exercises(&[("A", 6)]);
        let mut question = ask(&[("A", 4)], None);
        question.listed = vec![Group { theme: "A".into(), picks: vec![Pick::Range(5, 6)] }];
        let drawn = draw(&all, &question, "s").unwrap();
        assert_eq!((drawn[0].exercise, drawn[1].exercise, drawn.len()), (4, 5, 6));
        question.themes[0].1 = 5;
        assert!(matches!(draw(&all, &question, "s"), Err(SheetError::TooFew { .. })));
        question.listed[0].picks = vec![Pick::Number(2), Pick::Name("e2".into())];
        assert!(matches!(draw(&all, &question, "s"), Err(SheetError::Twice(_))));
    }

    /// Each exercise is drawn as often as any other: χ² over many seeds, also for the first place
    /// of the sheet.
    #[test]
    fn the_draw_is_uniform() {
        let all = exercises(&[("A", 20), ("B", 30)]);
        let (rounds, each) = (6000, 5);
        let mut seen = [[0_u32; 30]; 2];
        let mut first = [0_u32; 2];
        for seed in 0..rounds {
            let question = ask(&[("A", each), ("B", each)], None);
            let drawn = draw(&all, &question, &seed.to_string()).unwrap();
            first[drawn[0].theme] += 1;
            for place in drawn {
                seen[place.theme][place.exercise] += 1;
            }
        }
        for (theme, size) in [(0, 20), (1, 30)] {
            let expected = f64::from(rounds * each) / f64::from(size);
            let chi: f64 = seen[theme][..size as usize]
                .iter()
                .map(|n| (f64::from(*n) - expected).powi(2) / expected)
                .sum();
            // 99.9 % quantiles of χ² with 19 and 29 degrees of freedom: 43.8 and 58.3.
            assert!(chi < [43.8, 58.3][theme], "theme {theme}: {chi}");
        }
        let share = f64::from(first[0]) / f64::from(rounds);
        assert!((share - 0.5).abs() < 0.03, "{share}");
    }
}
