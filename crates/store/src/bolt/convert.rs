//! Property values between our model and Neo4j's wire.

use crate::{Error, temporal};
use mqd_model::{Props, Temporal, Value};
use neo4j::value::{
    ValueReceive, ValueSend,
    spatial::{Cartesian2D, Cartesian3D, WGS84_2D, WGS84_3D},
};
use std::collections::HashMap;

/// Property that keeps `_id` where the database's own id cannot: nodes that we created.
pub(super) const ID: &str = "mqd_id";
/// Property that keeps the uuid.
pub(super) const UUID: &str = "uuid";

/// The properties of a node or relation to write.
pub(super) fn send_props(props: &Props) -> Result<HashMap<String, ValueSend>, Error> {
    props.iter().map(|(name, value)| Ok((name.clone(), send(name, value)?))).collect()
}

fn send(name: &str, value: &Value) -> Result<ValueSend, Error> {
    let refuse = |detail| Error::Name { name: name.to_owned(), detail };
    Ok(match value {
        Value::Bool(flag) => ValueSend::Boolean(*flag),
        Value::Int(number) => ValueSend::Integer(*number),
        Value::Float(number) => ValueSend::Float(*number),
        Value::String(text) => ValueSend::String(text.clone()),
        Value::List(items) => {
            ValueSend::List(items.iter().map(|item| send(name, item)).collect::<Result<_, _>>()?)
        }
        Value::Temporal { temporal, iso } => {
            temporal::parse(*temporal, iso).ok_or_else(|| refuse("its date is not ISO 8601"))?
        }
        Value::Bytes { hex } => {
            ValueSend::Bytes(hex::decode(hex).map_err(|_| refuse("its bytes are not hexadecimal"))?)
        }
        Value::Point { srid, point } => match (srid, point.as_slice()) {
            (7203, [x, y]) => ValueSend::Cartesian2D(Cartesian2D::new(*x, *y)),
            (9157, [x, y, z]) => ValueSend::Cartesian3D(Cartesian3D::new(*x, *y, *z)),
            (4326, [x, y]) => ValueSend::WGS84_2D(WGS84_2D::new(*x, *y)),
            (4979, [x, y, z]) => ValueSend::WGS84_3D(WGS84_3D::new(*x, *y, *z)),
            _ => return Err(refuse("Neo4j knows no such point (7203, 9157, 4326 and 4979)")),
        },
    })
}

/// Values that the driver cannot hold (years beyond 262,000, time zones that it does not know),
/// read again as text: by the database's own id of their node or relation, and name.
pub(super) type Rescued = HashMap<(i64, String), Value>;

/// The names of the properties that must be read again as text.
pub(super) fn broken(properties: &HashMap<String, ValueReceive>) -> impl Iterator<Item = &String> {
    properties
        .iter()
        .filter(|(_, value)| matches!(value, ValueReceive::BrokenValue(_)))
        .map(|(name, _)| name)
}

/// A date or duration from its text and what Cypher's `valueType` says of it.
pub(super) fn rescue(iso: &str, kind: &str) -> Option<Value> {
    let kinds = [
        ("ZONED DATETIME", Temporal::DateTime),
        ("LOCAL DATETIME", Temporal::LocalDateTime),
        ("ZONED TIME", Temporal::Time),
        ("LOCAL TIME", Temporal::LocalTime),
        ("DATE", Temporal::Date),
        ("DURATION", Temporal::Duration),
    ];
    let (_, temporal) = kinds.into_iter().find(|(name, _)| kind.starts_with(name))?;
    Some(Value::Temporal { temporal, iso: iso.to_owned() })
}

/// The properties of a node or relation as they were read.
pub(super) fn receive_props(
    what: &str,
    id: i64,
    properties: HashMap<String, ValueReceive>,
    rescued: &mut Rescued,
) -> Result<Props, Error> {
    properties
        .into_iter()
        .map(|(name, value)| {
            if !rescued.is_empty()
                && let Some(value) = rescued.remove(&(id, name.clone()))
            {
                return Ok((name, value));
            }
            match receive(value) {
                Ok(value) => Ok((name, value)),
                Err(detail) => {
                    Err(Error::Unreadable { what: format!("{what} {id}"), property: name, detail })
                }
            }
        })
        .collect()
}

fn receive(value: ValueReceive) -> Result<Value, String> {
    let value = match temporal::receive(value) {
        Ok(value) => return Ok(value),
        Err(other) => other,
    };
    Ok(match value {
        ValueReceive::Boolean(flag) => Value::Bool(flag),
        ValueReceive::Integer(number) => Value::Int(number),
        ValueReceive::Float(number) => Value::Float(number),
        ValueReceive::String(text) => Value::String(text),
        ValueReceive::List(items) => {
            Value::List(items.into_iter().map(receive).collect::<Result<_, _>>()?)
        }
        ValueReceive::Bytes(bytes) => Value::Bytes { hex: hex::encode(bytes) },
        ValueReceive::Cartesian2D(p) => Value::Point { srid: p.srid(), point: vec![p.x(), p.y()] },
        ValueReceive::Cartesian3D(p) => {
            Value::Point { srid: p.srid(), point: vec![p.x(), p.y(), p.z()] }
        }
        ValueReceive::WGS84_2D(p) => {
            Value::Point { srid: p.srid(), point: vec![p.longitude(), p.latitude()] }
        }
        ValueReceive::WGS84_3D(p) => {
            Value::Point { srid: p.srid(), point: vec![p.longitude(), p.latitude(), p.altitude()] }
        }
        ValueReceive::BrokenValue(broken) => return Err(broken.reason().to_owned()),
        other => return Err(format!("{other:?} is no property value")),
    })
}

/// A label or relation type between back quotes. Cypher 5 before 5.26 takes no parameter in these
/// places, so the name becomes part of the statement; three characters could end the quoted name
/// (the back quote, and the backslash that starts `\u0060`, which Cypher 5 unescapes before it
/// parses) or cut the statement short (control characters). They are refused, everything else is
/// an ordinary character of the name.
pub(super) fn quoted(name: &str) -> Result<String, Error> {
    if name.is_empty() || name.chars().any(|c| matches!(c, '`' | '\\') || c.is_control()) {
        return Err(Error::Name {
            name: name.to_owned(),
            detail: "a label or relation type is not empty and holds no back quote, backslash or \
                     control character",
        });
    }
    Ok(format!("`{name}`"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        for name in ["", "a`b", "a\\u0060b", "a\nb", "a\0b", "`) DETACH DELETE n //"] {
            assert!(quoted(name).is_err(), "{name:?}");
        }
        assert_eq!(quoted("Théorème important").unwrap(), "`Théorème important`");
    }
}
