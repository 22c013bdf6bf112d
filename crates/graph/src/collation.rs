//! The French order of words, by ICU.

use icu_collator::{
    Collator as IcuCollator, CollatorBorrowed,
    options::{CollatorOptions, Strength},
};
use icu_locale_core::locale;
use std::{cmp::Ordering, sync::LazyLock};

/// Compares texts the French way: accents and case only where all else is equal.
#[derive(Debug)]
pub struct Collator(Option<CollatorBorrowed<'static>>);

static FRENCH: LazyLock<Collator> = LazyLock::new(|| {
    let mut options = CollatorOptions::default();
    options.strength = Some(Strength::Tertiary);
    // The data is compiled in; without it the order is by code point.
    Collator(IcuCollator::try_new(locale!("fr").into(), options).ok())
});

impl Collator {
    /// For French.
    #[must_use]
    pub fn french() -> &'static Self {
        &FRENCH
    }

    /// Which text comes first.
    #[must_use]
    pub fn compare(&self, a: &str, b: &str) -> Ordering {
        match &self.0 {
            Some(collator) => collator.compare(a, b),
            None => a.cmp(b),
        }
    }

    /// Bytes that compare as the text does: for sorting many texts.
    #[must_use]
    pub fn key(&self, text: &str) -> Vec<u8> {
        let mut key = Vec::with_capacity(text.len() + 8);
        match &self.0 {
            Some(collator) => {
                // Writing to memory cannot fail: the error type has no values.
                let Ok(()) = collator.write_sort_key_to(text, &mut key);
            }
            None => key.extend(text.as_bytes()),
        }
        key
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

    proptest::proptest! {
        #[test]
        fn keys_compare_as_texts_do(a in "[a-zA-ZéèêçÀœ' -]{0,8}", b in "[a-zA-ZéèêçÀœ' -]{0,8}") {
            let french = Collator::french();
            proptest::prop_assert_eq!(french.key(&a).cmp(&french.key(&b)), french.compare(&a, &b));
        }
    }
}
