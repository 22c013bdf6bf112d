//! Dates, times and durations: between ISO 8601 text and the values that Neo4j keeps, and the one
//! spelling that backups use, so that a backup does not depend on the store it was made from.

use mqd_model::{Props, Temporal, Value};
use neo4j::value::{
    ValueReceive, ValueSend,
    time::{Date, DateTimeFixed, Duration, FixedOffset, LocalDateTime, LocalTime, Time, Tz},
};
use std::borrow::Cow;

/// The value to send for an ISO 8601 text; `None` when the text is not of that kind.
pub(crate) fn parse(temporal: Temporal, iso: &str) -> Option<ValueSend> {
    Some(match temporal {
        Temporal::Date => ValueSend::Date(iso.parse::<Date>().ok()?),
        Temporal::LocalTime => ValueSend::LocalTime(local_time(iso)?),
        Temporal::LocalDateTime => ValueSend::LocalDateTime(local_date_time(iso)?),
        Temporal::Time => {
            let (time, offset) = iso.split_at(offset_at(iso)?);
            ValueSend::Time(Time { time: local_time(time)?, offset: parse_offset(offset)? })
        }
        Temporal::DateTime => {
            let (text, zone) = match iso.strip_suffix(']').and_then(|text| text.split_once('[')) {
                Some((text, zone)) => (text, Some(zone.parse::<Tz>().ok()?)),
                None => (iso, None),
            };
            let at = offset_at(text)?;
            let offset = parse_offset(&text[at..])?;
            let moment: DateTimeFixed =
                local_date_time(&text[..at])?.and_local_timezone(offset).single()?;
            match zone {
                Some(zone) => ValueSend::DateTime(moment.with_timezone(&zone)),
                None => ValueSend::DateTimeFixed(moment),
            }
        }
        Temporal::Duration => ValueSend::Duration(parse_duration(iso)?),
    })
}

/// What a value of Neo4j is, in our words; gives the value back when it is no date or duration.
#[expect(clippy::result_large_err, reason = "not an error: the value, handed back")]
pub(crate) fn receive(value: ValueReceive) -> Result<Value, ValueReceive> {
    let send = match value {
        ValueReceive::Date(v) => ValueSend::Date(v),
        ValueReceive::Time(v) => ValueSend::Time(v),
        ValueReceive::LocalTime(v) => ValueSend::LocalTime(v),
        ValueReceive::LocalDateTime(v) => ValueSend::LocalDateTime(v),
        ValueReceive::DateTime(v) => ValueSend::DateTime(v),
        ValueReceive::DateTimeFixed(v) => ValueSend::DateTimeFixed(v),
        ValueReceive::Duration(v) => ValueSend::Duration(v),
        other => return Err(other),
    };
    // Every kind above has a spelling.
    Ok(spell(&send).unwrap_or(Value::Bool(false)))
}

fn spell(value: &ValueSend) -> Option<Value> {
    let (temporal, iso) = match value {
        ValueSend::Date(v) => (Temporal::Date, v.to_string()),
        ValueSend::LocalTime(v) => (Temporal::LocalTime, v.to_string()),
        ValueSend::LocalDateTime(v) => (Temporal::LocalDateTime, format!("{v:?}")),
        ValueSend::Time(v) => (Temporal::Time, format!("{}{}", v.time, spell_offset(v.offset))),
        ValueSend::DateTimeFixed(v) => {
            (Temporal::DateTime, format!("{:?}{}", v.naive_local(), spell_offset(*v.offset())))
        }
        ValueSend::DateTime(v) => {
            let fixed = v.fixed_offset();
            let offset = spell_offset(*fixed.offset());
            (Temporal::DateTime, format!("{:?}{offset}[{}]", v.naive_local(), v.timezone()))
        }
        ValueSend::Duration(v) => (Temporal::Duration, spell_duration(*v)),
        _ => return None,
    };
    Some(Value::Temporal { temporal, iso })
}

/// Properties with every date in the one spelling of backups. A text that is no date of its kind
/// stays as it is.
pub(crate) fn canonical_props(props: &Props) -> Cow<'_, Props> {
    let has_dates = |value: &Value| match value {
        Value::Temporal { .. } => true,
        Value::List(items) => items.iter().any(|i| matches!(i, Value::Temporal { .. })),
        _ => false,
    };
    if !props.values().any(has_dates) {
        return Cow::Borrowed(props);
    }
    Cow::Owned(props.iter().map(|(name, value)| (name.clone(), canonical(value))).collect())
}

fn canonical(value: &Value) -> Value {
    match value {
        Value::Temporal { temporal, iso } => {
            parse(*temporal, iso).and_then(|v| spell(&v)).unwrap_or_else(|| value.clone())
        }
        Value::List(items) => Value::List(items.iter().map(canonical).collect()),
        other => other.clone(),
    }
}

/// Neo4j writes `08:00` for eight o'clock; ISO 8601 allows it.
fn local_time(text: &str) -> Option<LocalTime> {
    text.parse().ok().or_else(|| format!("{text}:00").parse().ok())
}

fn local_date_time(text: &str) -> Option<LocalDateTime> {
    text.parse().ok().or_else(|| format!("{text}:00").parse().ok())
}

/// Where the offset starts: `Z`, or the last sign after the `T` (or in a time alone).
fn offset_at(text: &str) -> Option<usize> {
    let from = text.find('T').unwrap_or(0);
    text[from..].rfind(['Z', '+', '-']).map(|at| from + at)
}

fn parse_offset(text: &str) -> Option<FixedOffset> {
    if text == "Z" {
        return FixedOffset::east_opt(0);
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let mut seconds = 0;
    let mut parts = rest.split(':');
    for unit in [3600, 60, 1] {
        let Some(part) = parts.next() else { continue };
        if part.len() != 2 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        seconds += unit * part.parse::<i32>().ok()?;
    }
    match (sign, parts.next()) {
        ("+", None) => FixedOffset::east_opt(seconds),
        ("-", None) => FixedOffset::west_opt(seconds),
        _ => None,
    }
}

fn spell_offset(offset: FixedOffset) -> String {
    if offset.local_minus_utc() == 0 { "Z".to_owned() } else { offset.to_string() }
}

/// `P14M3DT-5.5S`: months, days and seconds do not convert into one another, so these are the
/// units that Neo4j keeps, and all of them.
fn spell_duration(duration: Duration) -> String {
    let total = i128::from(duration.seconds()) * 1_000_000_000 + i128::from(duration.nanoseconds());
    let sign = if total < 0 { "-" } else { "" };
    let (seconds, nanos) =
        (total.unsigned_abs() / 1_000_000_000, total.unsigned_abs() % 1_000_000_000);
    let fraction = match nanos {
        0 => String::new(),
        n => format!(".{}", format!("{n:09}").trim_end_matches('0')),
    };
    let mut text = "P".to_owned();
    for (number, unit) in [(duration.months(), 'M'), (duration.days(), 'D')] {
        if number != 0 {
            text.push_str(&format!("{number}{unit}"));
        }
    }
    if total != 0 || text == "P" {
        text.push_str(&format!("T{sign}{seconds}{fraction}S"));
    }
    text
}

fn parse_duration(text: &str) -> Option<Duration> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text.strip_prefix('P')?, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let (mut months, mut days, mut nanos) = (0_i64, 0_i64, 0_i128);
    for (number, unit) in parts(date)? {
        let number: i64 = number.parse().ok()?;
        let (slot, factor) = match unit {
            'Y' => (&mut months, 12),
            'M' => (&mut months, 1),
            'W' => (&mut days, 7),
            'D' => (&mut days, 1),
            _ => return None,
        };
        *slot = slot.checked_add(number.checked_mul(factor)?)?;
    }
    for (number, unit) in parts(time)? {
        let seconds: i128 = match unit {
            'H' => 3600,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.len() > 9 || (unit != 'S' && number.contains('.')) {
            return None;
        }
        let negative = whole.starts_with('-');
        let fraction: i128 = format!("{fraction:0<9}").parse().ok()?;
        let whole = i128::from(whole.parse::<i64>().ok()?) * seconds * 1_000_000_000;
        nanos += if negative { whole - fraction } else { whole + fraction };
    }
    // Neo4j keeps the fraction of a second positive: -0.5 s is -1 s and 500 million ns.
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).ok()?;
    let nanos = i32::try_from(nanos.rem_euclid(1_000_000_000)).ok()?;
    Duration::new(months, days, seconds, nanos)
}

/// `1Y-2M` → `(1, Y), (-2, M)`.
fn parts(mut text: &str) -> Option<Vec<(&str, char)>> {
    let mut parts = Vec::new();
    while !text.is_empty() {
        let at = text.find(|c: char| c.is_ascii_uppercase())?;
        parts.push((&text[..at], text[at..].chars().next()?));
        text = &text[at + 1..];
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Temporal::*;

    #[test]
    fn one_spelling_each() {
        for (temporal, given, kept) in [
            (Date, "2026-09-01", "2026-09-01"),
            (LocalTime, "08:00", "08:00:00"),
            (LocalTime, "08:00:00.5", "08:00:00.500"),
            (Time, "08:00+02:00", "08:00:00+02:00"),
            (Time, "08:00:00-00:00", "08:00:00Z"),
            (LocalDateTime, "2026-09-01T08:00", "2026-09-01T08:00:00"),
            (DateTime, "2026-09-01T08:00:00+00:00", "2026-09-01T08:00:00Z"),
            (DateTime, "2026-09-01T08:00Z", "2026-09-01T08:00:00Z"),
            (DateTime, "2026-09-01T08:00:00.123456+02:00", "2026-09-01T08:00:00.123456+02:00"),
            (
                DateTime,
                "2026-10-25T02:30:00+01:00[Europe/Paris]",
                "2026-10-25T02:30:00+01:00[Europe/Paris]",
            ),
            (
                DateTime,
                "2026-10-25T02:30:00+02:00[Europe/Paris]",
                "2026-10-25T02:30:00+02:00[Europe/Paris]",
            ),
            (Duration, "P1Y2M1W3DT4H5M6.7S", "P14M10DT14706.7S"),
            (Duration, "PT-0.5S", "PT-0.5S"),
            (Duration, "P-1M", "P-1M"),
            (Duration, "PT0S", "PT0S"),
            // Not of their kind: kept as they are.
            (Date, "le 1er septembre", "le 1er septembre"),
            (DateTime, "2026-09-01T08:00:00", "2026-09-01T08:00:00"),
            (Duration, "P", "P"),
            (Time, "é", "é"),
        ] {
            let value = Value::Temporal { temporal, iso: given.to_owned() };
            let expected = Value::Temporal { temporal, iso: kept.to_owned() };
            assert_eq!(canonical(&value), expected);
            assert_eq!(canonical(&expected), expected);
        }
    }
}
