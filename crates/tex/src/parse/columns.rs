//! Column specifications of tables: alignment, rules, what is put before and after each cell.

use crate::reader::{Cursor, Token};
use std::collections::BTreeMap;

/// At most this many columns are read.
const MAX_COLUMNS: usize = 200;
/// At most this many tokens are read, those of repeated parts each time.
const MAX_TOKENS: usize = 4_000;
/// Column types of an author may stand for one another this deep.
const MAX_DEPTH: usize = 8;

/// Column types of `\newcolumntype`: how many arguments, and what they stand for.
pub(crate) type ColumnTypes = BTreeMap<char, (usize, String)>;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Column {
    /// `l`, `c` or `r`.
    pub(crate) align: char,
    /// TeX before and after each cell.
    pub(crate) before: String,
    pub(crate) after: String,
    /// Rules beside it.
    pub(crate) rule_left: bool,
    pub(crate) rule_right: bool,
    /// siunitx sets the numbers in it.
    pub(crate) numbers: bool,
}

/// The columns of a specification.
pub(crate) fn columns(spec: &str, types: &ColumnTypes) -> Vec<Column> {
    let mut found = Found::default();
    read(spec, types, 0, &mut found);
    found.columns
}

/// The columns found so far, the start of the next, and the tokens that were read.
#[derive(Default)]
struct Found {
    columns: Vec<Column>,
    next: Column,
    tokens: usize,
}

fn read(spec: &str, types: &ColumnTypes, depth: usize, found: &mut Found) {
    let mut cursor = Cursor::new(spec);
    while let Some(token) = cursor.next() {
        found.tokens += 1;
        if found.columns.len() >= MAX_COLUMNS || found.tokens > MAX_TOKENS {
            return;
        }
        let Found { columns: out, next, .. } = found;
        let align = match token {
            Token::Char(c) if depth < MAX_DEPTH && types.contains_key(&c) => {
                let (count, body) = &types[&c];
                let mut text = body.clone();
                for n in 1..=*count {
                    let argument = cursor.argument().unwrap_or_default();
                    text = text.replace(&format!("#{n}"), argument);
                }
                // A type of an author may be called by what it stands for.
                let mut others = types.clone();
                others.remove(&c);
                read(&text, &others, depth + 1, found);
                continue;
            }
            Token::Char(c @ ('l' | 'c' | 'r')) => c,
            Token::Char('p' | 'm' | 'b' | 'w' | 'W') => {
                let options = cursor.optional().unwrap_or_default();
                let first = cursor.argument().unwrap_or_default().trim();
                if matches!(token, Token::Char('w' | 'W')) {
                    cursor.argument();
                }
                first.chars().chain(options.chars()).find(|c| "lcr".contains(*c)).map_or('l', |c| {
                    if matches!(first, "l" | "c" | "r") || !options.is_empty() { c } else { 'l' }
                })
            }
            Token::Char('X' | 'Q') => {
                let options = cursor.optional().unwrap_or_default();
                options
                    .split(',')
                    .map(str::trim)
                    .find_map(|o| match o {
                        "c" => Some('c'),
                        "r" => Some('r'),
                        _ => None,
                    })
                    .unwrap_or('l')
            }
            Token::Char('L' | 'J' | 'Y') => 'l',
            Token::Char('C' | 'Z') => 'c',
            Token::Char(kind @ ('S' | 's')) => {
                cursor.optional();
                next.numbers = kind == 'S';
                'c'
            }
            Token::Char('R') => 'r',
            Token::Char('d' | 'D') => {
                // dcolumn's has three arguments, and a short form of one.
                while cursor.peek() == Some(Token::Open) && cursor.argument().is_some() {}
                'r'
            }
            Token::Char('|' | ':') => {
                match out.last_mut() {
                    Some(column) => column.rule_right = true,
                    None => next.rule_left = true,
                }
                continue;
            }
            Token::Char('>') => {
                next.before.push_str(cursor.argument().unwrap_or_default());
                continue;
            }
            Token::Char('<') => {
                let after = cursor.argument().unwrap_or_default();
                if let Some(column) = out.last_mut() {
                    column.after.insert_str(0, after);
                }
                continue;
            }
            Token::Char('@' | '!') => {
                // Text between columns: a rule, room, or signs that the cell before it carries.
                let between = cursor.argument().unwrap_or_default();
                if between.contains("\\vrule") || between.contains("\\vline") {
                    if let Some(column) = out.last_mut() {
                        column.rule_right = true;
                    }
                } else if !between.contains('\\')
                    && !between.trim().is_empty()
                    && let Some(column) = out.last_mut()
                {
                    column.after.push_str(between);
                }
                continue;
            }
            Token::Char('*') => {
                let count: usize =
                    cursor.argument().and_then(|n| n.trim().parse().ok()).unwrap_or(1);
                let repeated = cursor.argument().unwrap_or_default();
                if depth < MAX_DEPTH {
                    for _ in 0..count.min(MAX_COLUMNS) {
                        read(repeated, types, depth + 1, found);
                    }
                }
                continue;
            }
            _ => continue,
        };
        let mut column = std::mem::take(next);
        column.align = align;
        for (command, align) in [
            ("\\centering", 'c'),
            ("\\raggedleft", 'r'),
            ("\\raggedright", 'l'),
            ("\\arraybackslash", ' '),
        ] {
            if column.before.contains(command) {
                column.before = column.before.replace(command, "");
                if align != ' ' {
                    column.align = align;
                }
            }
        }
        if column.before.trim().is_empty() {
            column.before.clear();
        }
        out.push(column);
    }
}

/// The specification among the options of a `tblr`.
pub(crate) fn tblr_columns(options: &str) -> &str {
    let parsed = crate::keyval::parse(options);
    match parsed.iter().find(|(key, _)| *key == "colspec") {
        Some((_, spec)) => spec,
        None if parsed.iter().any(|(_, value)| !value.is_empty()) => "",
        None => options,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifications_of_every_kind() {
        let mut types = ColumnTypes::new();
        types.insert('C', (1, ">{\\centering\\arraybackslash}m{#1}".to_owned()));
        types.insert('M', (0, ">{$}c<{$}".to_owned()));
        for (spec, wanted) in [
            ("lcr", "lcr"),
            ("|l|c|", "l|c|"),
            ("*{3}{c}", "ccc"),
            ("p{3cm}X>{\\raggedleft}p{2cm}", "llr"),
            ("C{2cm}M", "cc"),
            ("@{}l@{\\extracolsep{\\fill}}r@{}", "lr"),
            ("S[table-format=2.1]D{.}{,}{2}w{c}{1cm}", "crc"),
            ("X[c]Q[r]", "cr"),
        ] {
            let read: String = columns(spec, &types)
                .iter()
                .flat_map(|c| [Some(c.align), c.rule_right.then_some('|')])
                .flatten()
                .collect();
            assert_eq!(read, wanted, "{spec}");
        }
        assert_eq!(columns("M", &types)[0].before, "$");
        assert!(columns("|c", &types)[0].rule_left);
    }
}
