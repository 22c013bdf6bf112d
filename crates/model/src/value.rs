//! Property values: what a property graph database can hold, so that nothing of a database that
//! our code did not write is lost on the way to a backup and back.

use serde::{Deserialize, Serialize};

/// The kinds of dates and durations a property graph knows, named as Cypher names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Temporal {
    /// A calendar day, `2026-09-01`.
    Date,
    /// A time of day with an offset, `08:00:00+02:00`.
    Time,
    /// A time of day without offset.
    LocalTime,
    /// An instant with an offset or zone, `2026-09-01T08:00:00+02:00[Europe/Paris]`.
    DateTime,
    /// A date and time without offset.
    LocalDateTime,
    /// An ISO 8601 duration, `P1DT2H`.
    Duration,
}

/// The value of a property. Absent properties are absent: there is no null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A boolean.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A finite or non-finite float (non-finite ones cannot be written as JSON and are refused
    /// by the backup format with a clear error).
    Float(f64),
    /// A text.
    String(String),
    /// A list; property graphs only allow lists of one scalar kind, which we do not enforce on read.
    List(Vec<Value>),
    /// A date, time or duration: its kind and its ISO 8601 text as the database gave it.
    Temporal {
        /// Which kind of moment.
        temporal: Temporal,
        /// ISO 8601 text.
        iso: String,
    },
    /// A point: spatial reference identifier and two or three coordinates.
    Point {
        /// Spatial reference identifier.
        srid: i64,
        /// Two or three coordinates in the units of `srid`.
        point: Vec<f64>,
    },
    /// Raw bytes, written as hexadecimal text.
    Bytes {
        /// Lower-case hexadecimal.
        hex: String,
    },
}

impl Value {
    /// The text of a string value, or of a date as ISO 8601.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Temporal { iso, .. } => Some(iso),
            _ => None,
        }
    }

    /// The strings of a list of strings; a single string counts as a list of one.
    #[must_use]
    pub fn as_strings(&self) -> Vec<&str> {
        match self {
            Self::List(items) => items.iter().filter_map(Value::as_str).collect(),
            Self::String(text) => vec![text],
            _ => Vec::new(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl FromIterator<String> for Value {
    fn from_iter<I: IntoIterator<Item = String>>(texts: I) -> Self {
        Self::List(texts.into_iter().map(Value::String).collect())
    }
}
