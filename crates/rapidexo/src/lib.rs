//! Sheets of quick exercises (*rapidexos*): themes, draws with a seed, addresses, exports, the
//! sheet server.
//!
//! The way of a sheet: a scanned dépôt becomes immutable [`Exercises`] of one version; an
//! [`Address`] says what is asked; together they are a [`Sheet`], which is shown, printed and
//! exported. Invariant: same address, same sheet, byte for byte: everything that a sheet depends on
//! stands in its address, and versions that addresses name are kept.
#![deny(missing_docs)]

mod address;
mod archive;
mod client;
mod compile;
mod draw;
mod edit;
mod error;
mod exercises;
mod export;
mod html;
mod latex;
mod layout;
mod library;
mod listed;
mod past;
mod pdf;
mod preamble;
mod qr;
mod random;
mod routes;
mod sheet;
mod sheets;
mod shelf;
mod view;

pub use address::{Address, LONGEST};
pub use client::{AskError, Remote, SheetSource};
pub use compile::{Compile, RemoteCompiler};
pub use draw::{Ask, MAX_ITEMS, Place, draw};
pub use edit::Edit;
pub use error::SheetError;
pub use exercises::{Exercise, Exercises, Theme};
pub use html::Rendered;
pub use latex::Part;
pub use layout::{Layout, Letters, Paper, Variants};
pub use library::Library;
pub use listed::{Group, Pick};
pub use past::History;
pub use pdf::PdfError;
pub use routes::{OnPush, hook, router};
pub use sheet::Sheet;
pub use sheets::{Options, Sheets};
pub use shelf::Shelf;
pub use view::{CatalogueView, DepotView, ItemView, SheetView, SourceView, ThemeView};

#[cfg(test)]
mod tests {
    use super::*;

    /// Made-up exercises: themes with so many exercises `e1`, `e2` …
    pub(crate) fn exercises(themes: &[(&str, usize)]) -> Exercises {
        let themes = themes
            .iter()
            .map(|(name, count)| Theme {
                name: (*name).to_owned(),
                title: format!("Thème {name}"),
                exercises: (1..=*count)
                    .map(|n| Exercise {
                        name: format!("e{n}"),
                        path: format!("{name}/E{n}.tex"),
                        statement: format!("Calculer ${n}+\\R$.").into(),
                        answer: Some((format!("{name}/C{n}.tex"), format!("${n}$").into())),
                        ..Exercise::default()
                    })
                    .collect(),
            })
            .collect();
        let preamble = ("p.tex".to_owned(), "\\newcommand{\\R}{\\mathbb{R}}".into());
        Exercises::new("essai".into(), "Essai".into(), themes, preamble, Shelf::default())
    }
}
