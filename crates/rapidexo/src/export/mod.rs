//! What a sheet can be taken away as, besides LaTeX and PDF.

mod amc;
mod json;
mod markdown;
mod moodle;
mod portable;
mod walk;

use crate::{Exercises, Place, Sheet};
use mqd_math::{Budget, Macros};

/// The formulas of a dépôt with the macros of its preamble replaced: other programs do not know
/// them.
pub(crate) struct Formulas(Macros);

impl Formulas {
    pub(crate) fn of(exercises: &Exercises) -> Self {
        let (path, text) = &exercises.preamble;
        Self(Macros::from_preamble(&exercises.shelf.whole(text, path)))
    }

    /// A formula that other programs understand.
    fn portable(&self, tex: &str) -> String {
        portable::portable(&self.0.expand(tex, &mut Budget::for_source(tex.len())))
    }
}

impl Sheet {
    /// A name for each exercise that stays the same from sheet to sheet.
    fn id(&self, place: Place) -> String {
        let theme = &self.exercises.themes[place.theme];
        format!("{}/{}", theme.name, theme.exercises[place.exercise].name)
    }

    /// What stands above a sheet.
    fn heading(&self) -> &str {
        match self.address.layout.title.as_str() {
            "" => "Rapidexo",
            title => title,
        }
    }
}
