//! A sheet: an address and the exercises that it means.

use crate::{Address, Exercise, Exercises, Place, SheetError, draw::draw, random::Random};
use std::sync::Arc;

/// A sheet.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Its address, with its version.
    pub address: Address,
    /// The exercises of that version.
    pub exercises: Arc<Exercises>,
    /// Those of the sheet, in order.
    pub places: Vec<Place>,
}

impl Sheet {
    /// The sheet of an address. `exercises` are those of its version.
    ///
    /// # Errors
    /// [`SheetError`] when the address asks for what is not there.
    pub fn new(exercises: Arc<Exercises>, mut address: Address) -> Result<Self, SheetError> {
        let places = draw(&exercises, &address.ask, &address.seed)?;
        if address.version.is_none() {
            address.version = Some(exercises.short_version());
        }
        Ok(Self { address, exercises, places })
    }

    /// The exercises of the sheet, in order, with their themes.
    pub fn items(&self) -> impl ExactSizeIterator<Item = (&str, &Exercise)> {
        self.places.iter().map(|place| {
            let theme = &self.exercises.themes[place.theme];
            (theme.name.as_str(), &theme.exercises[place.exercise])
        })
    }

    /// The order of the exercises in a variant; the first variant is the sheet itself.
    #[must_use]
    pub fn variant(&self, number: usize) -> Vec<Place> {
        let mut places = self.places.clone();
        if number > 0 {
            let variant = number.to_string();
            let version = &self.exercises.version;
            Random::of(&["variant", version, &self.address.seed, &variant]).shuffle(&mut places);
        }
        places
    }
}

impl Exercises {
    /// The version as addresses have it: ten digits tell the commits of one dépôt apart.
    #[must_use]
    pub fn short_version(&self) -> String {
        match self.version.split_once('-') {
            Some((commit, digest)) => format!("{:.10}-{digest}", commit),
            None => format!("{:.10}", self.version),
        }
    }
}
