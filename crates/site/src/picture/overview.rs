//! The whole maquis by kinds: a disc for each kind, as large as its nodes are many, and a ribbon
//! between kinds that relations join.

use crate::{
    Lang,
    text::{self, escape},
};
use std::{collections::BTreeMap, fmt::Write as _};

/// A kind of node and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) label: String,
    pub(crate) genre: String,
    pub(crate) count: usize,
    /// Where their list is.
    pub(crate) href: String,
}

const ROW: f64 = 124.0;
const COLUMN: f64 = 330.0;

/// Draws the kinds in a column for each label; `flows` counts the relations between two kinds
/// (by their index).
pub(crate) fn draw(lang: Lang, kinds: &[Kind], flows: &BTreeMap<(usize, usize), usize>) -> String {
    let labels = ["Evenement", "Document", "Concept", "SiteWeb"];
    let largest = kinds.iter().map(|k| k.count).max().unwrap_or(1).max(1);
    let mut rows = [0_u32; 4];
    let mut places: Vec<(f64, f64, f64)> = Vec::new();
    for kind in kinds {
        let column = labels.iter().position(|l| *l == kind.label).unwrap_or(3);
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let radius = 7.0 + 31.0 * (kind.count as f64 / largest as f64).sqrt();
        #[expect(clippy::cast_precision_loss, reason = "there are four columns")]
        let x = 110.0 + column as f64 * COLUMN;
        places.push((x, 56.0 + f64::from(rows[column]) * ROW, radius));
        rows[column] += 1;
    }
    let tallest = f64::from(rows.iter().copied().max().unwrap_or(1));
    // Shorter columns stand in the middle of the taller ones.
    for (place, kind) in places.iter_mut().zip(kinds) {
        let column = labels.iter().position(|l| *l == kind.label).unwrap_or(3);
        place.1 += (tallest - f64::from(rows[column])) * ROW / 2.0;
    }
    let used = rows.iter().rposition(|n| *n > 0).unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "there are four columns")]
    let width = 220.0 + used as f64 * COLUMN;
    let height = 30.0 + tallest * ROW;
    let title = escape(lang.t("maquis.picture"));
    let mut out = format!(
        r#"<svg class="graph" viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}" role="group" aria-label="{title}">"#
    );
    let most = flows.values().max().copied().unwrap_or(1).max(1);
    for ((a, b), count) in flows {
        let (Some(from), Some(to)) = (places.get(*a), places.get(*b)) else { continue };
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let weight = 1.0 + 11.0 * (*count as f64 / most as f64).sqrt();
        // Between two kinds of one column, the farther apart the wider, so that arcs stay apart.
        let (bow, back) = if (from.0 - to.0).abs() < 1.0 {
            let arc = (40.0 + 0.25 * (from.1 - to.1).abs()).min(0.65 * from.0).min(COLUMN / 2.0);
            (-arc, -arc)
        } else {
            ((to.0 - from.0) / 2.0, (from.0 - to.0) / 2.0)
        };
        let _ = write!(
            out,
            r#"<path class="flow" stroke-width="{weight:.1}" d="M{:.0} {:.0}C{:.0} {:.0} {:.0} {:.0} {:.0} {:.0}"/>"#,
            from.0,
            from.1,
            from.0 + bow,
            from.1,
            to.0 + back,
            to.1,
            to.0,
            to.1
        );
    }
    for (kind, (x, y, r)) in kinds.iter().zip(&places) {
        let name = text::kinds(lang, &kind.genre);
        let below = y + r + 17.0;
        let _ = write!(
            out,
            r#"<a class="halo" href="{}"><circle class="box disc {}" cx="{x:.0}" cy="{y:.0}" r="{r:.1}"/><text x="{x:.0}" y="{below:.0}" text-anchor="middle">{} </text><text class="num" x="{x:.0}" y="{:.0}" text-anchor="middle">{}</text></a>"#,
            escape(&kind.href),
            escape(&kind.label.to_lowercase()),
            escape(&name),
            below + 16.0,
            lang.number(kind.count)
        );
    }
    out.push_str("</svg>");
    out
}
