//! A placed neighbourhood as SVG.

use super::{
    layout::{self, Inside, Layout, Placed, WIDTH},
    style,
};
use crate::{
    Lang,
    nodes::{Neighbourhood, NodeLink},
    text::{self, escape},
};
use std::fmt::Write as _;

/// Draws the neighbourhood of a node; `list` is where boxes of « so many more » lead.
pub(crate) fn draw(lang: Lang, centre: &NodeLink, around: &Neighbourhood, list: &str) -> String {
    let layout = layout::place(lang, centre, around);
    let mut out = String::with_capacity(layout.boxes.len() * 500);
    let (width, height) = (layout.width.ceil(), layout.height.ceil());
    let title = escape(&lang.f("graph.title", text::plain(&centre.intitule)));
    let _ = write!(
        out,
        r#"<svg class="graph" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" aria-label="{title}">"#
    );
    edges(&mut out, &layout, around);
    for (verb, x, y) in &layout.verbs {
        let _ = write!(out, r#"<text class="verb" x="{x:.0}" y="{y:.0}">{}</text>"#, escape(verb));
    }
    for placed in &layout.boxes {
        draw_box(&mut out, lang, placed, list);
    }
    out.push_str("</svg>");
    out
}

fn draw_box(out: &mut String, lang: Lang, placed: &Placed, list: &str) {
    let (x, y, height) = (placed.x, placed.y, placed.height);
    let (class, href, round) = match &placed.inside {
        Inside::Node(node) => {
            let (class, round) = match node.label.as_str() {
                "Document" => ("document", 2.0),
                "Concept" => ("concept", height / 2.0),
                "Evenement" => ("evenement", 2.0),
                _ => ("site", 6.0),
            };
            (class, lang.href(&node.adresse), round)
        }
        Inside::More(_) => ("more", list.to_owned(), 2.0),
    };
    let centre = if placed.column == 0 { " centre" } else { "" };
    let _ = write!(
        out,
        r#"<a class="{class}{centre}" href="{}"><rect class="box" x="{x:.0}" y="{y:.1}" width="{WIDTH}" height="{height:.1}" rx="{round:.1}"/>"#,
        escape(&href),
    );
    if class == "evenement" {
        let _ = write!(
            out,
            r#"<rect class="inner" x="{:.0}" y="{:.1}" width="{}" height="{:.1}"/>"#,
            x + 3.0,
            y + 3.0,
            WIDTH - 6.0,
            height - 6.0
        );
    }
    #[expect(clippy::cast_precision_loss, reason = "a box has one or two lines")]
    let first = y + height / 2.0 - (placed.lines.len() as f64 - 1.0) * 9.5 + 5.0;
    for (at, line) in placed.lines.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a box has one or two lines")]
        let y = first + at as f64 * 19.0;
        let _ = write!(
            out,
            r#"<text x="{:.0}" y="{y:.1}" text-anchor="middle">{} </text>"#,
            x + WIDTH / 2.0,
            escape(line)
        );
    }
    out.push_str("</a>");
}

/// Draws every relation whose two ends are in the picture.
fn edges(out: &mut String, layout: &Layout, around: &Neighbourhood) {
    let boxes = layout::by_uuid(layout);
    for tie in &around.relations {
        let (Some(from), Some(to)) = (boxes.get(tie.de.as_str()), boxes.get(tie.vers.as_str()))
        else {
            continue;
        };
        if tie.de == tie.vers {
            continue;
        }
        let style = style::of(&tie.kind);
        let rank = crate::nodes::rank(&tie.kind);
        let (a, b) = (from.middle(), to.middle());
        // An edge leaves and arrives on the sides that face each other; inside one column it
        // bows out on the far side from the middle.
        let (x1, x2, c1, c2, from_left) = if from.column < to.column {
            let (x1, x2) = (from.x + WIDTH, to.x);
            let half = (x2 - x1) / 2.0;
            (x1, x2, x1 + half, x2 - half, true)
        } else if from.column > to.column {
            let (x1, x2) = (from.x, to.x + WIDTH);
            let half = (x1 - x2) / 2.0;
            (x1, x2, x1 - half, x2 + half, false)
        } else if from.column < 0 {
            (from.x, to.x, from.x - 40.0, to.x - 40.0, true)
        } else {
            let (x1, x2) = (from.x + WIDTH, to.x + WIDTH);
            (x1, x2, x1 + 40.0, x2 + 40.0, false)
        };
        // Edges that pass over other columns stay in the background.
        let near = (from.column - to.column).abs() == 1;
        let cross = if near { "" } else { " cross" };
        let _ = write!(
            out,
            r#"<path class="edge r{rank}{cross}" d="M{x1:.0} {a:.1}C{c1:.0} {a:.1} {c2:.0} {b:.1} {x2:.0} {b:.1}" stroke-dasharray="{}"/>{}"#,
            style.dash,
            style::tip(style.tip, x2, b, from_left)
        );
    }
}
