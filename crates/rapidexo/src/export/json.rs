//! A sheet as JSON: sources and HTML.

use crate::Sheet;
use serde_json::{Value, json};

impl Sheet {
    /// The sheet as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let items: Vec<Value> = self
            .places
            .iter()
            .map(|place| {
                let theme = &self.exercises.themes[place.theme];
                let exercise = &theme.exercises[place.exercise];
                let html = self.exercises.html(*place);
                json!({
                    "theme": theme.name,
                    "number": place.exercise + 1,
                    "name": exercise.name,
                    "path": exercise.path,
                    "answer_path": exercise.answer.as_ref().map(|(path, _)| path),
                    "statement": { "latex": &*exercise.statement, "html": html.statement },
                    "answer": exercise.answer.as_ref().map(|(_, text)| {
                        json!({ "latex": &**text, "html": html.answer })
                    }),
                })
            })
            .collect();
        json!({
            "address": self.address.to_string(),
            "depot": self.exercises.depot,
            "version": self.exercises.version,
            "seed": self.address.seed,
            "title": self.address.layout.title,
            "class": self.address.layout.class,
            "date": self.address.layout.date,
            "exercises": items,
        })
    }
}
