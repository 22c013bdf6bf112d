//! Literals compared the way a reader compares them: case, accents, articles and plural aside.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case without accents, œ and æ written out, typographic apostrophes made straight.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            '’' => out.push('\''),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn accents_case_and_ligatures_fold() {
        assert_eq!(fold("Théorème de l’Œuvre"), "theoreme de l'oeuvre");
    }
}
