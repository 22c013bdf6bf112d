//! Tables.

use super::{
    Flow, MAX_DEPTH, Parser,
    boxes::value_in,
    columns::{Column, columns, tblr_columns},
};
use crate::reader::{Cursor, Token, join};
use crate::tree::{Block, Cell, Row};
use std::borrow::Cow;

/// At most this many columns and rows are taken by one cell.
const MAX_SPAN: usize = 50;
/// At most this many rows name the columns.
const MAX_HEADS: usize = 3;
/// What a macro stands for when it must be replaced before a table is split.
const SPLITS: &[&str] = &["&", "\\\\", "\\hline", "\\tabularnewline", "\\cline"];

/// What stands at the start of a row.
#[derive(Default)]
struct Rules {
    /// A line across.
    line: bool,
    /// The line that closes the heads of a table of booktabs.
    after_heads: bool,
}

impl Parser<'_> {
    pub(super) fn table(&mut self, name: &str, body: &str, flow: &mut Flow) {
        let mut cursor = Cursor::new(body);
        match name {
            "tabular*" | "tabularx" | "tabulary" | "xltabular" | "NiceTabular*"
            | "NiceTabularX" => {
                cursor.argument();
            }
            "tabu" | "longtabu" => {
                // `to 5cm`, `spread 0pt`.
                while matches!(cursor.peek(), Some(Token::Char(c)) if c != '[') {
                    cursor.next();
                }
            }
            _ => {}
        }
        let options = cursor.optional().unwrap_or_default();
        if let Some(caption) = value_in(options, &["caption"]).filter(|_| name.ends_with("tblr")) {
            let label = value_in(options, &["label"]).unwrap_or_default();
            self.flow(&format!("\\captionof{{table}}{{{caption}}}\\label{{{label}}}"), flow);
        }
        let noted = name.ends_with("tblr");
        let spec = cursor.argument().unwrap_or_default();
        let spec = if name.ends_with("tblr") { tblr_columns(spec) } else { spec };
        let columns = columns(spec, &self.state.column_types);
        if name.starts_with("Nice") {
            cursor.optional();
        }
        let body = self.unfold(cursor.rest(), SPLITS);
        let body = without_repeated_heads(&body);
        let mut rows: Vec<Row> = Vec::new();
        let mut rules = Rules::default();
        let mut headed = false;
        // How many rows more a cell above takes, by column.
        let mut taken: Vec<usize> = Vec::new();
        for source in split_rows(&body) {
            let source = self.head_of_row(source, &mut rules, flow);
            if rules.after_heads && !headed && rows.len() <= MAX_HEADS {
                headed = true;
                rows.iter_mut().for_each(|row: &mut Row| row.head = true);
            }
            if source.trim().is_empty() {
                continue;
            }
            let Rules { line, .. } = std::mem::take(&mut rules);
            let mut row = Row { rule_above: line, ..Row::default() };
            let mut position = 0;
            // Cells that tabularray and nicematrix leave empty under one that is wider.
            let mut covered = 0_usize;
            for source in split_cells(source) {
                if covered > 0 && source.trim().is_empty() {
                    covered -= 1;
                    continue;
                }
                let column = columns
                    .get(position)
                    .cloned()
                    .unwrap_or_else(|| Column { align: 'l', ..Column::default() });
                let cell = self.cell(source, &column, position == 0);
                let over = taken.get(position).copied().unwrap_or_default() > 0;
                let width = cell.columns;
                let wide = source.trim_start();
                let wide = wide.starts_with("\\Block") || wide.starts_with("\\SetCell");
                covered = if wide { width - 1 } else { 0 };
                if taken.len() < position + width {
                    taken.resize((position + width).min(4 * MAX_SPAN), 0);
                }
                let end = (position + width).min(taken.len());
                let place = taken.get_mut(position.min(end)..end).unwrap_or_default();
                if over && cell.blocks.is_empty() {
                    // The cell above stands here too.
                    place.iter_mut().for_each(|rows| *rows = rows.saturating_sub(1));
                } else {
                    place.fill(cell.rows - 1);
                    row.cells.push(cell);
                }
                position += width;
            }
            rows.push(row);
        }
        if let Some(last) = rows.last_mut() {
            last.rule_below = rules.line;
        }
        if !rows.is_empty() {
            flow.block(Block::Table { rows });
        }
        // tabularray's notes: `note{a}={…}`, under the table.
        for (key, value) in crate::keyval::parse(options).into_iter().filter(|_| noted) {
            if let Some(mark) = key.strip_prefix("note{").and_then(|key| key.strip_suffix('}')) {
                self.flow(&format!("\\textsuperscript{{{mark}}} {value}"), flow);
                flow.end_paragraph();
            }
        }
    }

    /// A cell; a rule on its left belongs to it only in the first column.
    fn cell(&mut self, source: &str, column: &Column, first: bool) -> Cell {
        let mut cell = Cell {
            columns: 1,
            rows: 1,
            align: column.align,
            rule_left: first && column.rule_left,
            rule_right: column.rule_right,
            blocks: Vec::new(),
        };
        let mut cursor = Cursor::new(source);
        cursor.skip_space();
        let start = cursor.offset();
        match cursor.next() {
            // A macro of the author may stand for \multicolumn.
            Some(Token::Command(name))
                if self.depth < MAX_DEPTH
                    && self.state.macros.get(name).is_some_and(|meaning| {
                        self.state.macros.can_follow(meaning) && meaning.body.contains("\\multi")
                    }) =>
            {
                match self.state.macros.expand_at(&source[start..], &mut self.budget) {
                    Some(found) => {
                        let text = join(&found.text, &source[start + found.consumed..]);
                        self.depth += 1;
                        cell = self.cell(&text, column, first);
                        self.depth -= 1;
                    }
                    None => cell.blocks = self.blocks(source),
                }
            }
            Some(Token::Command("multicolumn")) => {
                let count = number(cursor.argument()).clamp(1, MAX_SPAN);
                let spec = cursor.argument().unwrap_or_default();
                let own = columns(spec, &self.state.column_types);
                let own = own.first().cloned().unwrap_or_else(|| column.clone());
                let inner = cursor.argument().unwrap_or_default();
                cell = self.cell(inner, &own, true);
                cell.columns = count;
                cell.rule_left &= first;
                cell.blocks.extend(self.blocks(cursor.rest()));
            }
            Some(Token::Command("Block")) => {
                cursor.optional();
                let size = cursor.argument().unwrap_or_default();
                let (rows, columns) = size.split_once('-').unwrap_or((size, "1"));
                cell.rows = number(Some(rows)).clamp(1, MAX_SPAN);
                cell.columns = number(Some(columns)).clamp(1, MAX_SPAN);
                cell.align = 'c';
                let inner = cursor.argument().unwrap_or_default();
                cell.blocks = self.blocks(inner);
            }
            Some(Token::Command("SetCell")) => {
                let options = cursor.optional().unwrap_or_default();
                let span = |key| number(value_in(options, &[key])).clamp(1, MAX_SPAN);
                (cell.rows, cell.columns) = (span("r"), span("c"));
                cursor.argument();
                cell.blocks = self.blocks(cursor.rest());
            }
            Some(Token::Command("multirow")) => {
                cursor.optional();
                cell.rows = number(cursor.argument()).clamp(1, MAX_SPAN);
                cursor.optional();
                cursor.argument();
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                cell.blocks = self.blocks(&dressed(inner, column));
                cell.blocks.extend(self.blocks(cursor.rest()));
            }
            _ => {
                // A style set in a cell holds for the cell.
                let source = dressed(source, column);
                cell.blocks = self.blocks(&source);
            }
        }
        cell
    }

    /// Takes the lines and the caption at the start of a row.
    fn head_of_row<'r>(&mut self, row: &'r str, rules: &mut Rules, flow: &mut Flow) -> &'r str {
        let mut cursor = Cursor::new(row);
        loop {
            let mut ahead = cursor.clone();
            while matches!(ahead.peek(), Some(Token::Space | Token::Paragraph)) {
                ahead.next();
            }
            match ahead.next() {
                Some(Token::Command(
                    name @ ("hline" | "toprule" | "midrule" | "bottomrule" | "firsthline"
                    | "lasthline" | "Xhline" | "specialrule" | "Hline" | "hdashline"
                    | "hlineB" | "firsthdashline" | "lasthdashline"),
                )) => {
                    ahead.optional();
                    let arguments = match name {
                        "Xhline" | "hlineB" => 1,
                        "specialrule" => 3,
                        _ => 0,
                    };
                    for _ in 0..arguments {
                        ahead.argument();
                    }
                    rules.line = true;
                    rules.after_heads |= name == "midrule";
                }
                Some(Token::Command("cline" | "cmidrule" | "hhline" | "cdashline")) => {
                    ahead.optional();
                    ahead.delimited('(', ')');
                    ahead.argument();
                    rules.line = true;
                }
                Some(Token::Command(
                    "noalign" | "rowcolor" | "addlinespace" | "rowcolors" | "arrayrulecolor"
                    | "rowfont" | "everyrow",
                )) => {
                    ahead.optional();
                    while matches!(ahead.peek(), Some(Token::Open)) && ahead.argument().is_some() {}
                }
                Some(Token::Command("caption")) => {
                    ahead.star();
                    let own = self.in_float.replace(true);
                    let start = ahead.offset();
                    ahead.optional();
                    ahead.argument();
                    let caption = &row[start..ahead.offset()];
                    self.in_float = None;
                    self.flow(&format!("\\captionof{{table}}{caption}"), flow);
                    self.in_float = own;
                }
                Some(Token::Command("label")) => {
                    let start = ahead.offset();
                    ahead.argument();
                    let label = format!("\\label{}", &row[start..ahead.offset()]);
                    self.flow(&label, flow);
                }
                _ => return cursor.rest(),
            }
            cursor = ahead;
        }
    }
}

/// A cell with what its column puts around it.
fn dressed<'c>(source: &'c str, column: &Column) -> Cow<'c, str> {
    let digits = source.contains(|c: char| c.is_ascii_digit());
    if column.numbers && digits && source.trim().chars().all(|c| "0123456789.,+-eE".contains(c)) {
        return Cow::Owned(format!("{}\\num{{{}}}{}", column.before, source.trim(), column.after));
    }
    if source.trim().is_empty() || (column.before.is_empty() && column.after.is_empty()) {
        return Cow::Borrowed(source);
    }
    Cow::Owned(join(&join(&column.before, source.trim()), &column.after))
}

fn number(text: Option<&str>) -> usize {
    let number = text.and_then(|n| n.trim().parse::<i64>().ok()).unwrap_or(1);
    usize::try_from(number.unsigned_abs()).unwrap_or(1)
}

/// Tables over several pages have heads and feet to repeat: a page shows one of each.
fn without_repeated_heads(body: &str) -> Cow<'_, str> {
    if !body.contains("\\endhead") && !body.contains("\\endf") && !body.contains("\\endlast") {
        return Cow::Borrowed(body);
    }
    let mut parts: Vec<(&str, &str)> = Vec::new();
    let mut cursor = Cursor::new(body);
    let mut start = 0;
    while let Some(token) = cursor.next_outside_verbatim() {
        if let Token::Command(name @ ("endfirsthead" | "endhead" | "endfoot" | "endlastfoot")) =
            token
        {
            parts.push((name, &body[start..cursor.offset() - name.len() - 1]));
            start = cursor.offset();
        }
    }
    let find = |wanted: &str| parts.iter().find(|(name, _)| *name == wanted).map(|(_, text)| *text);
    let head = find("endfirsthead").or_else(|| find("endhead")).unwrap_or_default();
    let foot = find("endlastfoot").or_else(|| find("endfoot")).unwrap_or_default();
    let rows = body[start..].trim_end();
    let end = if rows.ends_with("\\\\") || foot.is_empty() { "" } else { "\\\\" };
    Cow::Owned(format!("{head}{rows}{end}{foot}"))
}

fn split_rows(body: &str) -> Vec<&str> {
    split(body, |token| matches!(token, Token::Command("\\" | "tabularnewline" | "cr")))
}

fn split_cells(row: &str) -> Vec<&str> {
    split(row, |token| token == Token::Char('&'))
}

/// Splits outside groups and environments; a length after a line end is passed over.
pub(super) fn split(body: &str, is_separator: impl Fn(Token<'_>) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut cursor = Cursor::new(body);
    let (mut start, mut depth) = (0, 0_i32);
    while let Some(token) = cursor.next_outside_verbatim() {
        match token {
            Token::Open | Token::Command("begin") => depth += 1,
            Token::Close | Token::Command("end") => depth -= 1,
            token if depth <= 0 && is_separator(token) => {
                let length = match token {
                    Token::Command(name) => name.len() + 1,
                    _ => 1,
                };
                parts.push(&body[start..cursor.offset() - length]);
                if matches!(token, Token::Command(_)) {
                    cursor.star();
                    crate::keyval::skip_dimension(&mut cursor);
                }
                start = cursor.offset();
            }
            _ => {}
        }
    }
    parts.push(&body[start..]);
    parts
}

/// The lines of `tabbing` as a table without rules; `None` where it moves its tabs.
pub(super) fn of_tabs(body: &str) -> Option<String> {
    let mut rows = vec![String::new()];
    let (mut widest, mut cells, mut copied) = (1, 1, 0);
    let mut cursor = Cursor::new(body);
    let mut copy = |rows: &mut Vec<String>, until: usize, next: usize| {
        if let Some(row) = rows.last_mut() {
            row.push_str(&body[copied..until]);
        }
        copied = next;
    };
    let mut depth = 0_usize;
    while let Some(token) = cursor.next() {
        let Token::Command(name) = token else {
            match token {
                Token::Open => depth += 1,
                Token::Close => depth = depth.saturating_sub(1),
                Token::Char('&') => return None,
                _ => {}
            }
            continue;
        };
        let at = cursor.offset() - name.len() - 1;
        match name {
            "+" | "-" | "<" | "'" | "`" | "pushtabs" | "poptabs" | "a" => return None,
            "=" | ">" if depth == 0 => {
                copy(&mut rows, at, cursor.offset());
                rows.last_mut()?.push_str(" & ");
                cells += 1;
                widest = widest.max(cells);
            }
            "\\" | "kill" if depth == 0 => {
                copy(&mut rows, at, cursor.offset());
                if name == "kill" {
                    rows.pop();
                }
                rows.push(String::new());
                cells = 1;
            }
            _ => {}
        }
    }
    copy(&mut rows, body.len(), body.len());
    let spec = "l".repeat(widest.min(MAX_TABS));
    Some(format!("{{{spec}}}{}", rows.join("\\\\")))
}

/// So many tabs have a column of their own.
const MAX_TABS: usize = 40;
