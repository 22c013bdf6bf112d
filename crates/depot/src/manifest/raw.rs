//! A manifest as it is written, before it is checked. Every key of `docs/MANIFEST.md` is here.

use serde::{
    Deserialize, Deserializer,
    de::{
        self, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer},
    },
};
use std::{collections::BTreeMap, fmt, marker::PhantomData};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawManifest {
    pub depot: RawDepot,
    #[serde(default)]
    pub addresses: RawAddresses,
    #[serde(default)]
    pub table: Vec<Spanned<RawTable>>,
    #[serde(default)]
    pub kind: Vec<Spanned<RawKind>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDepot {
    pub name: Spanned<String>,
    pub title: Option<String>,
    #[serde(default)]
    pub encoding: super::Encoding,
    #[serde(default)]
    pub dates: super::Dates,
    #[serde(default)]
    pub ignore: Vec<Spanned<String>>,
    pub max_file: Option<u64>,
    #[serde(default)]
    pub preambles: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAddresses {
    pub source: Option<Spanned<String>>,
    pub pdf: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTable {
    pub name: Spanned<String>,
    pub file: Option<String>,
    pub separator: Option<Spanned<String>>,
    pub columns: Option<Vec<String>>,
    pub key: Option<Spanned<String>>,
    pub rows: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawKind {
    pub name: Spanned<String>,
    pub label: Spanned<String>,
    #[serde(rename = "type")]
    pub kind: Spanned<String>,
    pub title: Spanned<OneOrMany<String>>,
    pub description: Option<Spanned<OneOrMany<String>>>,
    #[serde(default)]
    pub props: BTreeMap<Spanned<String>, Spanned<OneOrMany<String>>>,
    pub key: Option<Spanned<String>>,
    pub table: Option<Spanned<String>>,
    #[serde(default)]
    pub files: BTreeMap<Spanned<String>, Spanned<OneOrMany<String>>>,
    pub split: Option<Spanned<RawMarker>>,
    #[serde(default)]
    pub parts: BTreeMap<Spanned<String>, Spanned<RawMarker>>,
    #[serde(default)]
    pub fields: BTreeMap<Spanned<String>, Spanned<OneOrMany<RawSource>>>,
    #[serde(default)]
    pub link: Vec<Spanned<RawLink>>,
    pub preamble: Option<String>,
    #[serde(default)]
    pub publish: Vec<Spanned<String>>,
    pub engine: Option<Spanned<String>>,
    pub layout: Option<String>,
    pub shared: Option<bool>,
}

/// How a stretch of a file is found.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMarker {
    pub command: Option<String>,
    pub argument: Option<usize>,
    pub environment: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    pub rest: Option<bool>,
}

/// Where a value is found; a plain text is a template.
#[derive(Default)]
pub(super) struct RawSource(pub RawSourceTable);

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSourceTable {
    pub template: Option<String>,
    pub command: Option<String>,
    pub environment: Option<String>,
    pub argument: Option<usize>,
    pub option: Option<usize>,
    pub between: Option<(String, String)>,
    pub comment: Option<String>,
    pub table: Option<String>,
    pub key: Option<String>,
    pub column: Option<String>,
    pub split: Option<String>,
    pub item: Option<usize>,
    pub regex: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLink {
    pub relation: Spanned<String>,
    pub to: Option<Spanned<String>>,
    pub from: Option<Spanned<String>>,
    pub key: Option<Spanned<String>>,
    pub each: Option<Spanned<RawEach>>,
    pub hierarchy: Option<Spanned<String>>,
}

/// What a link is repeated for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEach {
    pub input: Option<String>,
    pub index: Option<bool>,
    pub section: Option<String>,
    pub until: Option<Vec<String>>,
    pub field: Option<String>,
    pub command: Option<String>,
    pub argument: Option<usize>,
    pub comment: Option<String>,
    pub split: Option<String>,
}

/// One value, or a list of values.
pub(super) struct OneOrMany<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Vec<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value or a list of values")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
                Ok(vec![T::deserialize(StrDeserializer::new(text))?])
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
                Ok(vec![T::deserialize(MapAccessDeserializer::new(map))?])
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Vec<T>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq))
            }
        }
        deserializer.deserialize_any(Either(PhantomData)).map(OneOrMany)
    }
}

impl<'de> Deserialize<'de> for RawSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTable;
        impl<'de> Visitor<'de> for TextOrTable {
            type Value = RawSourceTable;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a template, or a table such as { command = \"titre\" }")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawSourceTable, E> {
                Ok(RawSourceTable { template: Some(text.to_owned()), ..Default::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawSourceTable, A::Error> {
                RawSourceTable::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(TextOrTable).map(RawSource)
    }
}
