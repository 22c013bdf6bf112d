//! How relation types look: a dash pattern and a tip each, so that nothing depends on colour.

use crate::{
    Lang,
    nodes::{Neighbourhood, rank, verb},
    text::escape,
};
use std::{collections::BTreeMap, fmt::Write as _};

/// The shape at the head of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tip {
    Arrow,
    Disc,
    Diamond,
    Bar,
}

/// The look of a relation type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) dash: &'static str,
    pub(super) tip: Tip,
}

const DASHES: [&str; 4] = ["", "7 4", "2 3", "10 3 2 3"];
const TIPS: [Tip; 4] = [Tip::Arrow, Tip::Disc, Tip::Diamond, Tip::Bar];

/// Each of the first sixteen types of the model has a look of its own.
pub(super) fn of(kind: &str) -> Style {
    let rank = rank(kind);
    Style { dash: DASHES[rank % DASHES.len()], tip: TIPS[(rank / DASHES.len()) % TIPS.len()] }
}

/// The drawing of a tip at a point, for an edge that arrives from the left (or the right).
pub(super) fn tip(tip: Tip, x: f64, y: f64, from_left: bool) -> String {
    let s = if from_left { -1.0 } else { 1.0 };
    match tip {
        Tip::Arrow => format!(r#"<path class="tip" d="M{x:.0} {y:.1}l{:.0} -4.500v9z"/>"#, 9.0 * s),
        Tip::Disc => {
            format!(r#"<circle class="tip open" cx="{:.0}" cy="{y:.1}" r="4"/>"#, x + 4.0 * s)
        }
        Tip::Diamond => format!(
            r#"<path class="tip" d="M{x:.0} {y:.1}l{0:.0} -4l{0:.0} 4l{1:.0} 4z"/>"#,
            5.5 * s,
            -5.5 * s
        ),
        Tip::Bar => format!(
            r#"<path class="tip open" d="M{0:.0} {1:.1}v9M{x:.0} {y:.1}h{2:.0}"/>"#,
            x + 5.0 * s,
            y - 4.5,
            5.0 * s
        ),
    }
}

/// What the lines of a picture mean, as a list of samples.
pub(crate) fn legend(lang: Lang, around: &Neighbourhood) -> String {
    let mut kinds: BTreeMap<usize, (&str, String)> = BTreeMap::new();
    for tie in &around.relations {
        kinds.entry(rank(&tie.kind)).or_insert_with(|| (tie.kind.as_str(), verb(lang, tie, true)));
    }
    let mut out = String::new();
    for (kind, verb) in kinds.values() {
        let style = of(kind);
        let _ = write!(
            out,
            r#"<li><svg class="graph" viewBox="0 0 44 12" aria-hidden="true"><path class="edge" d="M1 6h34" stroke-dasharray="{}"/>{}</svg>{}</li>"#,
            style.dash,
            tip(style.tip, 43.0, 6.0, true),
            escape(verb)
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relation_of_the_model_has_a_look_of_its_own() {
        let mut seen: Vec<Style> = Vec::new();
        for rel in mqd_model::Rel::ALL {
            let style = of(rel.name());
            assert!(!seen.contains(&style), "{rel} looks like another");
            seen.push(style);
        }
    }
}
