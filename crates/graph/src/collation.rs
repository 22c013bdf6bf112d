//! The French order of words, by ICU.

use icu_collator::{
    Collator as IcuCollator, CollatorBorrowed,
    options::{CollatorOptions, Strength},
};
use icu_locale_core::locale;
use std::cmp::Ordering;

/// Compares texts the French way: accents and case only where all else is equal.
#[derive(Debug)]
pub struct Collator(Option<CollatorBorrowed<'static>>);

impl Collator {
    /// For French.
    #[must_use]
    pub fn french() -> Self {
        let mut options = CollatorOptions::default();
        options.strength = Some(Strength::Tertiary);
        // The data is compiled in; without it the order is by code point.
        Self(IcuCollator::try_new(locale!("fr").into(), options).ok())
    }

    /// Which text comes first.
    #[must_use]
    pub fn compare(&self, a: &str, b: &str) -> Ordering {
        match &self.0 {
            Some(collator) => collator.compare(a, b),
            None => a.cmp(b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Collator;

    #[test]
    fn accents_stand_beside_their_letters_and_case_does_not_count_first() {
        let mut words = ["zéro", "étude", "Espace", "eau", "ensemble", "Étude", "abscisse"];
        let collator = Collator::french();
        words.sort_by(|a, b| collator.compare(a, b));
        assert_eq!(words, ["abscisse", "eau", "ensemble", "Espace", "étude", "Étude", "zéro"]);
    }
}
