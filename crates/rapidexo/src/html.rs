//! Exercises as HTML with MathML: converted on demand, once for each version.

use crate::{Exercises, Place, shelf::From};
use mqd_tex::{Convert, convert};
use std::sync::Arc;

/// An exercise as a page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The statement.
    pub statement: String,
    /// The hint.
    pub hint: Option<String>,
    /// The answer.
    pub answer: Option<String>,
    /// Whether everything is shown as the author meant it.
    pub clean: bool,
}

impl Exercises {
    /// An exercise as HTML.
    #[must_use]
    pub fn html(&self, place: Place) -> Arc<Rendered> {
        let exercise = &self.themes[place.theme].exercises[place.exercise];
        Arc::clone(exercise.html.get_or_init(|| {
            let mut clean = true;
            let mut part = |role: &str, path: &str, text: &str| {
                // Anchors that no other exercise of a page has.
                let id_prefix = format!("{role}{}-{}-", place.theme, place.exercise);
                let options = Convert {
                    preamble: Arc::clone(self.macros()),
                    id_prefix,
                    heading_shift: 1,
                    ..Convert::default()
                };
                let document = convert(text, path, &options, &From { shelf: &self.shelf, path });
                clean &= document.is_clean();
                document.html
            };
            let statement = part("e", &exercise.path, &exercise.statement);
            let hint = exercise.hint.as_ref().map(|text| part("i", &exercise.path, text));
            let answer = exercise.answer.as_ref().map(|(path, text)| part("c", path, text));
            Arc::new(Rendered { statement, hint, answer, clean })
        }))
    }
}
