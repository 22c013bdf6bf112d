//! Property values as JSON, the same in SQLite rows and in backups: exact and unambiguous.
//!
//! Booleans, integers, texts and lists are themselves. Everything else is an object whose keys
//! tell what it is: `{"float":"0.1"}` (a text, so that no JSON reader rounds it and infinities can
//! be written), `{"temporal":"date","iso":"2026-09-01"}`, `{"srid":4326,"point":["2.0","48.0"]}`,
//! `{"hex":"00ff"}`.

use mqd_model::{Props, Temporal, Value};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq},
};
use std::fmt;

/// Lists may hold lists in no property graph; a hostile file gets this far and no further.
const MAX_DEPTH: usize = 8;

/// Properties to write.
pub(crate) struct PropsOut<'a>(pub(crate) &'a Props);

impl Serialize for PropsOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Out(value))))
    }
}

struct Out<'a>(&'a Value);

impl Serialize for Out<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::String(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(&Out(item))?;
                }
                seq.end()
            }
            Value::Float(number) => one(serializer, "float", &format!("{number:?}")),
            Value::Bytes { hex } => one(serializer, "hex", hex),
            Value::Temporal { temporal, iso } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("temporal", temporal)?;
                map.serialize_entry("iso", iso)?;
                map.end()
            }
            Value::Point { srid, point } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("srid", srid)?;
                let coordinates: Vec<String> = point.iter().map(|c| format!("{c:?}")).collect();
                map.serialize_entry("point", &coordinates)?;
                map.end()
            }
        }
    }
}

fn one<S: Serializer>(serializer: S, key: &str, text: &str) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, text)?;
    map.end()
}

/// Properties read back. A name given twice is an error: one of the two values would be lost.
#[derive(Debug, Default)]
pub(crate) struct PropsIn(pub(crate) Props);

impl<'de> Deserialize<'de> for PropsIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PropsVisitor;
        impl<'de> Visitor<'de> for PropsVisitor {
            type Value = PropsIn;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of properties")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PropsIn, A::Error> {
                let mut props = Props::new();
                while let Some(name) = map.next_key::<String>()? {
                    let value = map.next_value_seed(In(MAX_DEPTH))?;
                    if props.contains_key(&name) {
                        return Err(de::Error::custom(format!("« {name} » is given twice")));
                    }
                    props.insert(name, value);
                }
                Ok(PropsIn(props))
            }
        }
        deserializer.deserialize_map(PropsVisitor)
    }
}

/// One value to read, with how many lists may still open inside.
#[derive(Clone, Copy)]
struct In(usize);

impl<'de> de::DeserializeSeed<'de> for In {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for In {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property value (there is no null: leave the property out)")
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number)
            .map(Value::Int)
            .map_err(|_| E::custom(format!("{number} does not fit in 64 bits with a sign")))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Err(E::custom(format!("the float {number} must be written {{\"float\":\"{number:?}\"}}")))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inside =
            In(self.0.checked_sub(1).ok_or_else(|| de::Error::custom("lists too deep"))?);
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inside)? {
            items.push(item);
        }
        items.shrink_to_fit();
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Tagged {
            float: Option<String>,
            hex: Option<String>,
            temporal: Option<Temporal>,
            iso: Option<String>,
            srid: Option<i64>,
            point: Option<Vec<String>>,
        }
        let float = |text: &str| {
            text.parse::<f64>().map_err(|_| de::Error::custom(format!("« {text} » is no float")))
        };
        match Tagged::deserialize(de::value::MapAccessDeserializer::new(map))? {
            Tagged {
                float: Some(f),
                hex: None,
                temporal: None,
                iso: None,
                srid: None,
                point: None,
            } => Ok(Value::Float(float(&f)?)),
            Tagged {
                float: None,
                hex: Some(hex),
                temporal: None,
                iso: None,
                srid: None,
                point: None,
            } => {
                let lower = hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                if !lower || hex.len() % 2 != 0 {
                    return Err(de::Error::custom(
                        "bytes are pairs of lower-case hexadecimal digits",
                    ));
                }
                Ok(Value::Bytes { hex })
            }
            Tagged {
                float: None,
                hex: None,
                temporal: Some(temporal),
                iso: Some(iso),
                srid: None,
                point: None,
            } => Ok(Value::Temporal { temporal, iso }),
            Tagged {
                float: None,
                hex: None,
                temporal: None,
                iso: None,
                srid: Some(srid),
                point: Some(point),
            } => {
                if !(2..=3).contains(&point.len()) {
                    return Err(de::Error::custom("a point has two or three coordinates"));
                }
                let point = point.iter().map(|c| float(c)).collect::<Result<_, A::Error>>()?;
                Ok(Value::Point { srid, point })
            }
            _ => Err(de::Error::custom(
                "an object is {\"float\"}, {\"hex\"}, {\"temporal\",\"iso\"} or {\"srid\",\"point\"}",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn round(props: &Props) -> Props {
        let text = serde_json::to_string(&PropsOut(props)).unwrap();
        serde_json::from_str::<PropsIn>(&text).unwrap().0
    }

    fn value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            any::<String>().prop_map(Value::String),
            Just(Value::Temporal { temporal: Temporal::Date, iso: "2026-09-01".to_owned() }),
            (any::<i64>(), proptest::collection::vec(any::<f64>(), 2..=3))
                .prop_map(|(srid, point)| Value::Point { srid, point }),
            proptest::collection::vec(any::<u8>(), 0..9)
                .prop_map(|bytes| Value::Bytes { hex: hex::encode(bytes) }),
        ];
        prop_oneof![
            4 => scalar.clone(),
            1 => proptest::collection::vec(scalar, 0..5).prop_map(Value::List),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(props in proptest::collection::btree_map(".{0,6}", value(), 0..6)) {
            prop_assert_eq!(round(&props), props);
        }

        #[test]
        fn hostile_text_never_panics(text in "[\\[\\]{}\":,a-z0-9.\\-]{0,60}") {
            let _ = serde_json::from_str::<PropsIn>(&text);
        }
    }

    #[test]
    fn floats_that_json_has_no_word_for_survive() {
        for number in [f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE, 0.1 + 0.2] {
            let props = Props::from([("x".to_owned(), Value::Float(number))]);
            let Value::Float(back) = round(&props)["x"] else { panic!("not a float") };
            assert_eq!(back.to_bits(), number.to_bits());
        }
        let nan = Props::from([("x".to_owned(), Value::Float(f64::NAN))]);
        assert!(matches!(round(&nan)["x"], Value::Float(x) if x.is_nan()));
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        for (text, why) in [
            (r#"{"a":null}"#, "there is no null"),
            (r#"{"a":1,"a":2}"#, "given twice"),
            (r#"{"a":1.5}"#, "must be written"),
            (r#"{"a":{"float":"0","hex":""}}"#, "an object is"),
            (r#"{"a":{"point":["1","2"]}}"#, "an object is"),
            (r#"{"a":{"srid":1,"point":["1"]}}"#, "two or three"),
            (r#"{"a":{"hex":"F"}}"#, "lower-case"),
            (r#"{"a":{"latitude":1}}"#, "unknown field"),
            (r#"{"a":18446744073709551615}"#, "64 bits"),
            (r#"{"a":[[[[[[[[[[[]]]]]]]]]]]}"#, "too deep"),
        ] {
            let error = serde_json::from_str::<PropsIn>(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
