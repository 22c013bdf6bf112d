//! JSON as it is written: bytes that grow, and objects whose keys are ready to be copied.

use super::Stop;
use std::io::Write as _;

/// JSON being written.
#[derive(Default)]
pub(super) struct Json(Vec<u8>);

/// The selected fields of an object, in the order of the answer, each key with what stands before
/// and after it: `{"key":` or `,"key":`.
pub(super) struct Object<F>(Vec<(Box<str>, Selected<F>)>);

enum Selected<F> {
    /// `__typename`: the same for all objects of the type, as JSON.
    Type(Box<str>),
    Field(F),
}

impl<F> Object<F> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn push(&mut self, key: &str, field: F) {
        self.select(key, Selected::Field(field));
    }

    pub(super) fn push_type(&mut self, key: &str, name: &str) {
        // Names of GraphQL need no escape.
        self.select(key, Selected::Type(format!("\"{name}\"").into()));
    }

    fn select(&mut self, key: &str, selected: Selected<F>) {
        let before = if self.0.is_empty() { '{' } else { ',' };
        self.0.push((format!("{before}\"{key}\":").into(), selected));
    }

    /// Writes an object; as the library does, `null` when nothing of it is selected.
    pub(super) fn write(
        &self,
        json: &mut Json,
        mut field: impl FnMut(&F, &mut Json) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if self.0.is_empty() {
            json.null();
            return Ok(());
        }
        for (key, selected) in &self.0 {
            json.raw(key);
            match selected {
                Selected::Type(name) => json.raw(name),
                Selected::Field(selected) => field(selected, json)?,
            }
        }
        json.0.push(b'}');
        Ok(())
    }
}

impl Json {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    pub(super) fn null(&mut self) {
        self.raw("null");
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.raw(if flag { "true" } else { "false" });
    }

    pub(super) fn number(&mut self, number: i32) {
        write!(self.0, "{number}").expect("a vector takes what is written to it");
    }

    pub(super) fn text(&mut self, text: Option<&str>) {
        let Some(text) = text else { return self.null() };
        // Most texts are copied as they are; the others are escaped as `serde_json` does it.
        if text.bytes().fold(false, |any, byte| any | matches!(byte, ..0x20 | b'"' | b'\\')) {
            serde_json::to_writer(&mut self.0, text).expect("a vector takes what is written to it");
        } else {
            self.0.push(b'"');
            self.raw(text);
            self.0.push(b'"');
        }
    }

    /// Writes a list, and says how long it is.
    pub(super) fn list<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        mut item: impl FnMut(T, &mut Self) -> Result<(), Stop>,
    ) -> Result<usize, Stop> {
        self.0.push(b'[');
        let mut count = 0;
        for each in items {
            if count > 0 {
                self.0.push(b',');
            }
            item(each, self)?;
            count += 1;
        }
        self.0.push(b']');
        Ok(count)
    }
}
