//! Tables.

use super::Writer;
use crate::tree::{Cell, Row};
use std::fmt::Write as _;

impl Writer<'_> {
    pub(super) fn table(&mut self, rows: &[Row]) {
        self.push("<div class=\"table-defilante\" tabindex=\"0\" role=\"group\" aria-label=\"Tableau\"><table>\n");
        for row in rows {
            self.push(match (row.rule_above, row.rule_below) {
                (true, true) => "<tr class=\"filet filet-dessous\">",
                (true, false) => "<tr class=\"filet\">",
                (false, true) => "<tr class=\"filet-dessous\">",
                (false, false) => "<tr>",
            });
            if self.is_full() {
                self.push("</tr>");
                break;
            }
            for cell in &row.cells {
                self.cell(cell, if row.head { "th" } else { "td" });
            }
            self.push("</tr>\n");
        }
        self.push("</table></div>\n");
    }

    fn cell(&mut self, cell: &Cell, tag: &str) {
        self.push("<");
        self.push(tag);
        if tag == "th" {
            self.push(" scope=\"col\"");
        }
        if cell.columns > 1 {
            let _ = write!(self.out.html, " colspan=\"{}\"", cell.columns);
        }
        if cell.rows > 1 {
            let _ = write!(self.out.html, " rowspan=\"{}\"", cell.rows);
        }
        let mut classes = Vec::new();
        match cell.align {
            'c' => classes.push("m-c"),
            'r' => classes.push("m-r"),
            _ => {}
        }
        if cell.rule_left {
            classes.push("filet-gauche");
        }
        if cell.rule_right {
            classes.push("filet-droite");
        }
        if !classes.is_empty() {
            self.attribute("class", &classes.join(" "));
        }
        self.push(">");
        self.item_blocks(&cell.blocks);
        self.push("</");
        self.push(tag);
        self.push(">");
    }
}
