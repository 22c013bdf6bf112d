//! Tables.

use super::{Flow, MAX_DEPTH, Parser};
use crate::reader::{Cursor, Token};
use crate::tree::{Block, Cell, Row};

/// At most this many columns and rows are taken by one cell.
const MAX_SPAN: usize = 50;

impl Parser<'_> {
    pub(super) fn table(&mut self, name: &str, body: &str, flow: &mut Flow) {
        let mut cursor = Cursor::new(body);
        if matches!(name, "tabular*" | "tabularx" | "tabulary" | "tblr") {
            cursor.argument();
        }
        cursor.optional();
        let columns =
            columns(if name == "tblr" { "" } else { cursor.argument().unwrap_or_default() });
        let mut rows: Vec<Row> = Vec::new();
        let mut rule_above = false;
        for source in split_rows(cursor.rest()) {
            let (rules, source) = take_rules(source);
            rule_above |= rules;
            if source.trim().is_empty() {
                continue;
            }
            let mut row = Row { rule_above, cells: Vec::new() };
            rule_above = false;
            for source in split_cells(source) {
                let position = row.cells.iter().map(|cell: &Cell| cell.columns).sum::<usize>();
                let align = columns.get(position).copied().unwrap_or('l');
                row.cells.push(self.cell(source, align));
            }
            rows.push(row);
        }
        if !rows.is_empty() {
            flow.block(Block::Table { columns, rows });
        }
    }

    fn cell(&mut self, source: &str, align: char) -> Cell {
        let mut cell = Cell { columns: 1, rows: 1, align, blocks: Vec::new() };
        let mut cursor = Cursor::new(source);
        cursor.skip_space();
        let start = cursor.offset();
        match cursor.next() {
            // A macro of the author may stand for \multicolumn.
            Some(Token::Command(name))
                if self.depth < MAX_DEPTH
                    && self.state.macros.get(name).is_some_and(|meaning| {
                        !meaning.programmed && meaning.body.to_string().contains("\\multi")
                    }) =>
            {
                match self.state.macros.expand_at(&source[start..], &mut self.budget) {
                    Some(found) => {
                        let text = format!("{}{}", found.text, &source[start + found.consumed..]);
                        self.depth += 1;
                        cell = self.cell(&text, align);
                        self.depth -= 1;
                    }
                    None => cell.blocks = self.blocks(source),
                }
            }
            Some(Token::Command("multicolumn")) => {
                cell.columns = cursor
                    .argument()
                    .and_then(|n| n.trim().parse().ok())
                    .unwrap_or(1)
                    .clamp(1, MAX_SPAN);
                cell.align = columns(cursor.argument().unwrap_or_default())
                    .first()
                    .copied()
                    .unwrap_or(align);
                let inner = cursor.argument().unwrap_or_default();
                let inner = self.cell(inner, cell.align);
                cell.rows = inner.rows;
                cell.blocks = inner.blocks;
                cell.blocks.extend(self.blocks(cursor.rest()));
            }
            Some(Token::Command("multirow")) => {
                cursor.optional();
                let rows =
                    cursor.argument().and_then(|n| n.trim().parse::<i64>().ok()).unwrap_or(1);
                cell.rows = usize::try_from(rows.abs()).unwrap_or(1).clamp(1, MAX_SPAN);
                cursor.optional();
                cursor.argument();
                cursor.optional();
                let inner = cursor.argument().unwrap_or_default();
                cell.blocks = self.blocks(inner);
                cell.blocks.extend(self.blocks(cursor.rest()));
            }
            _ => cell.blocks = self.blocks(source),
        }
        cell
    }
}

/// Alignments of the columns of a specification.
fn columns(spec: &str) -> Vec<char> {
    let mut out = Vec::new();
    let mut cursor = Cursor::new(spec);
    while let Some(token) = cursor.next() {
        match token {
            Token::Char(c @ ('l' | 'c' | 'r')) => out.push(c),
            Token::Char('p' | 'm' | 'b' | 'w') => {
                cursor.optional();
                cursor.argument();
                out.push('l');
            }
            Token::Char('X' | 'L' | 'J' | 'Y') => out.push('l'),
            Token::Char('C' | 'S' | 'Z') => out.push('c'),
            Token::Char('R' | 'd' | 'D') => out.push('r'),
            Token::Char('@' | '!' | '>' | '<') => {
                cursor.argument();
            }
            Token::Char('*') => {
                let count: usize =
                    cursor.argument().and_then(|n| n.trim().parse().ok()).unwrap_or(1);
                let repeated = columns(cursor.argument().unwrap_or_default());
                for _ in 0..count.min(MAX_SPAN) {
                    out.extend(&repeated);
                }
            }
            _ => {}
        }
        if out.len() > 200 {
            break;
        }
    }
    out
}

/// Takes the horizontal lines at the start of a row.
fn take_rules(row: &str) -> (bool, &str) {
    let mut cursor = Cursor::new(row);
    let mut found = false;
    loop {
        let mut ahead = cursor.clone();
        while matches!(ahead.peek(), Some(Token::Space | Token::Paragraph)) {
            ahead.next();
        }
        match ahead.next() {
            Some(Token::Command(
                "hline" | "toprule" | "midrule" | "bottomrule" | "firsthline" | "lasthline"
                | "Xhline" | "specialrule",
            )) => {
                ahead.optional();
                found = true;
            }
            Some(Token::Command("cline" | "cmidrule" | "hhline")) => {
                ahead.delimited('(', ')');
                ahead.argument();
                found = true;
            }
            Some(Token::Command(
                "noalign" | "rowcolor" | "addlinespace" | "endhead" | "endfirsthead" | "endfoot"
                | "endlastfoot" | "rowcolors",
            )) => {
                ahead.optional();
                if matches!(ahead.peek(), Some(Token::Open)) {
                    ahead.argument();
                }
            }
            _ => return (found, cursor.rest()),
        }
        cursor = ahead;
    }
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
    loop {
        let at = cursor.offset();
        let Some(token) = cursor.next() else { break };
        match token {
            Token::Open | Token::Command("begin") => depth += 1,
            Token::Close | Token::Command("end") => depth -= 1,
            token if depth <= 0 && is_separator(token) => {
                parts.push(&body[start..at]);
                if matches!(token, Token::Command(_)) {
                    cursor.star();
                    let rest = cursor.rest();
                    if let Some(inside) =
                        rest.strip_prefix('[').and_then(|rest| rest.split_once(']'))
                        && inside.0.len() < 40
                        && crate::keyval::length(inside.0).is_some()
                    {
                        cursor.optional();
                    }
                }
                start = cursor.offset();
            }
            _ => {}
        }
    }
    parts.push(&body[start..]);
    parts
}
