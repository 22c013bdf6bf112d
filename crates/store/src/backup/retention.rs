//! Which backups to keep: the newest of each of the last days, weeks and months that have one.

use crate::Error;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{collections::BTreeSet, str::FromStr};

/// How many days, weeks and months to keep a backup of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keep {
    /// Days.
    pub days: u32,
    /// Weeks (from Monday).
    pub weeks: u32,
    /// Months.
    pub months: u32,
}

const EXPECTED: &str = "numbers of days, weeks and months to keep, as in 7d,4w,12m (at least one)";

impl FromStr for Keep {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Option { value: text.to_owned(), expected: EXPECTED };
        let mut keep = Self::default();
        for part in text.split(',').map(str::trim) {
            let unit = part.chars().last().ok_or_else(wrong)?;
            let number: u32 = part[..part.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
            let slot = match unit {
                'd' | 'j' => &mut keep.days,
                'w' | 's' => &mut keep.weeks,
                'm' => &mut keep.months,
                _ => return Err(wrong()),
            };
            if *slot != 0 {
                return Err(wrong());
            }
            *slot = number;
        }
        // A policy that keeps nothing is a mistake: it would delete the backup just made.
        if keep == Self::default() { Err(wrong()) } else { Ok(keep) }
    }
}

/// The first day of the period that a day is in.
type Period = fn(Date) -> Date;

/// The backups to delete, oldest first. The newest one is always kept, whatever the policy.
#[must_use]
pub fn plan<T: Ord + Clone>(backups: &[(Timestamp, T)], keep: Keep) -> Vec<T> {
    let mut newest_first = backups.to_vec();
    newest_first.sort_by(|a, b| b.cmp(a));
    let mut kept = BTreeSet::from([0]);
    let rules: [(u32, Period); 3] = [
        (keep.days, |day| day),
        (keep.weeks, |day| {
            let since_monday = day.weekday().to_monday_zero_offset();
            day.saturating_sub(jiff::Span::new().days(since_monday))
        }),
        (keep.months, Date::first_of_month),
    ];
    for (number, period) in rules {
        let mut periods = Vec::new();
        for (at, (moment, _)) in newest_first.iter().enumerate() {
            let this = period(moment.to_zoned(TimeZone::UTC).date());
            if periods.last() != Some(&this) {
                periods.push(this);
                if periods.len() > number as usize {
                    break;
                }
                kept.insert(at);
            }
        }
    }
    let gone = newest_first.into_iter().enumerate().filter(|(at, _)| !kept.contains(at));
    let mut names: Vec<T> = gone.map(|(_, (_, name))| name).collect();
    names.reverse();
    names
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn days(text: &str) -> Vec<(Timestamp, String)> {
        text.split_whitespace()
            .map(|day| (format!("2026-{day}T02:00:00Z").parse().unwrap(), day.to_owned()))
            .collect()
    }

    #[test]
    fn what_goes() {
        for (keep, have, gone) in [
            ("1d", "", ""),
            ("1d", "03-01", ""),
            ("2d", "03-01 03-02 03-03", "03-01"),
            // Days without a backup do not count: a laptop that was off keeps its last ones.
            ("2d", "01-01 02-01 03-01", "01-01"),
            // 2026-03-02 is a Monday: two weeks, the newest of each.
            ("2w", "02-27 03-01 03-02 03-05 03-07", "02-27 03-02 03-05"),
            ("2m", "01-15 01-31 02-10 02-20 03-01", "01-15 01-31 02-10"),
            ("3m", "01-15 01-31 02-10 02-20 03-01", "01-15 02-10"),
            ("1d,1w,2m", "01-31 02-20 03-02 03-04 03-05", "01-31 03-02 03-04"),
            ("0d,1m", "03-01 03-02", "03-01"),
        ] {
            let gone: Vec<String> = gone.split_whitespace().map(str::to_owned).collect();
            assert_eq!(plan(&days(have), keep.parse().unwrap()), gone, "{keep}: {have}");
        }
    }

    #[test]
    fn several_backups_of_a_day_leave_the_newest() {
        let at = |text: &str| (text.parse::<Timestamp>().unwrap(), text.to_owned());
        let have = [at("2026-03-01T10:00:00Z"), at("2026-03-01T08:00:00Z")];
        assert_eq!(plan(&have, "7d".parse().unwrap()), ["2026-03-01T08:00:00Z"]);
    }

    #[test]
    fn a_policy_is_read_or_refused() {
        let keep = "7d, 4w,12m".parse::<Keep>().unwrap();
        assert_eq!(keep, Keep { days: 7, weeks: 4, months: 12 });
        for text in ["", "7", "7x", "d", "0d", "-1d", "1d,2d", "7d;4w", "1é"] {
            assert!(text.parse::<Keep>().is_err(), "{text}");
        }
    }
}
