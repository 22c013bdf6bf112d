//! The tables of a manifest: rows of a CSV file of the dépôt, or written in the manifest itself.

use crate::{
    manifest::{Manifest, Rows},
    source::Files,
};
use std::collections::BTreeMap;

/// The tables of a manifest, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables(Vec<Vec<(String, BTreeMap<String, String>)>>);

impl Tables {
    pub(crate) fn get(&self, table: usize, key: &str, column: &str) -> Option<&str> {
        let (_, row) = self.0.get(table)?.iter().find(|(k, _)| k == key)?;
        row.get(column).map(String::as_str)
    }

    pub(crate) fn read(manifest: &Manifest, files: &Files, remarks: &mut Vec<String>) -> Self {
        let tables = manifest.tables.iter().map(|table| match &table.rows {
            Rows::Inline(rows) => rows
                .iter()
                .map(|(key, value)| {
                    (
                        key.clone(),
                        BTreeMap::from([
                            ("key".to_owned(), key.clone()),
                            ("value".to_owned(), value.clone()),
                        ]),
                    )
                })
                .collect(),
            Rows::File { path, separator, columns } => {
                let Some(text) = files.text(path) else {
                    remarks.push(format!(
                        "la table « {} » : le fichier {path} est introuvable",
                        table.name
                    ));
                    return Vec::new();
                };
                let mut reader = csv::ReaderBuilder::new()
                    .delimiter(*separator)
                    .has_headers(columns.is_none())
                    .flexible(true)
                    .trim(csv::Trim::All)
                    .from_reader(text.as_bytes());
                let names: Vec<String> = match columns {
                    Some(columns) => columns.clone(),
                    None => reader
                        .headers()
                        .map(|headers| headers.iter().map(str::to_owned).collect())
                        .unwrap_or_default(),
                };
                let mut rows = Vec::new();
                for record in reader.records() {
                    match record {
                        Ok(record) => {
                            let row: BTreeMap<String, String> = names
                                .iter()
                                .cloned()
                                .zip(record.iter().map(str::to_owned))
                                .collect();
                            match row.get(&table.key) {
                                Some(key) if !key.is_empty() => rows.push((key.clone(), row)),
                                _ => {}
                            }
                        }
                        Err(error) => {
                            remarks.push(format!("la table « {} » : {error}", table.name))
                        }
                    }
                }
                rows
            }
        });
        Self(tables.collect())
    }

    /// The rows of a table, in order.
    pub(crate) fn rows(&self, table: usize) -> impl Iterator<Item = &BTreeMap<String, String>> {
        self.0.get(table).into_iter().flatten().map(|(_, row)| row)
    }
}
