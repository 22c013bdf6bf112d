//! Formulas said in French: `speech.txt` holds the formulas, the snapshot what is said of each.
#![allow(clippy::unwrap_used)]

use mqd_math::{Macros, Numbering, Style, render};

#[test]
fn formulas_are_said_in_french() {
    let mut said = String::new();
    let formulas: Vec<&str> = include_str!("speech.txt").lines().collect();
    assert!(formulas.len() >= 120, "{}", formulas.len());
    for tex in formulas {
        let found = render(tex, Style::Inline, &Macros::new(), &mut Numbering::default());
        assert!(found.faithful, "{tex}: {:?}", found.problems);
        assert!(!found.speech.contains(['\\', '{', '}', '^', '_']), "{tex}: {}", found.speech);
        said.push_str(&format!("{tex}\n    {}\n    {}\n", found.speech, found.text));
    }
    insta::assert_snapshot!(said);
}
