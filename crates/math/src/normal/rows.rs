//! Cutting the inside of a table into rows and cells, with its rules.

use crate::scan::{Cursor, Tok};

/// One row of a table, still TeX.
#[derive(Debug, Default, Clone)]
pub struct Row<'a> {
    /// The cells.
    pub cells: Vec<&'a str>,
    /// Rules above: none for a whole line, else first and last column (from 1).
    pub rules: Vec<Option<(usize, usize)>>,
    /// Prose that stands between rows, above this one.
    pub between: Vec<&'a str>,
}

/// The rows of `tex`. The last one is dropped if empty; its rules stay as rules below.
pub fn rows(tex: &str) -> (Vec<Row<'_>>, bool) {
    let mut rows = Vec::new();
    let mut row = Row::default();
    let mut c = Cursor::new(tex);
    let mut cell = 0;
    let mut depth = 0usize;
    at_row_start(&mut c, &mut row, &mut cell);
    loop {
        let start = c.pos();
        let Some(token) = c.next_token() else { break };
        match token {
            Tok::Open => {
                let _ = c.group_rest();
            }
            Tok::Char('&') if depth == 0 => {
                row.cells.push(&tex[cell..start]);
                cell = c.pos();
            }
            // A box over two cells.
            Tok::Command("Aboxed")
                if depth == 0 && c.arg().is_some_and(|inner| inner.contains('&')) =>
            {
                let at = start + tex[start..c.pos()].find('\\').unwrap_or_default();
                row.cells.push(&tex[cell..at]);
                cell = at;
            }
            Tok::Command("begin") => depth += 1,
            Tok::Command("end") => depth = depth.saturating_sub(1),
            Tok::Command("\\" | "cr" | "tabularnewline" | "crcr") if depth == 0 => {
                let end = c.pos() - "\\\\".len();
                let end = end.max(start).min(c.pos());
                let end = tex[start..c.pos()].rfind('\\').map_or(end, |at| start + at);
                // `\\` ends in two backslashes: step back over the first too.
                let end = if tex[..c.pos()].ends_with("\\\\") { c.pos() - 2 } else { end };
                row.cells.push(&tex[cell..end.max(cell)]);
                rows.push(std::mem::take(&mut row));
                at_row_start(&mut c, &mut row, &mut cell);
            }
            _ => {}
        }
    }
    let last = &tex[cell..];
    let below = if row.cells.is_empty() && is_blank(last) {
        !row.rules.is_empty()
    } else {
        row.cells.push(last);
        rows.push(row);
        false
    };
    (rows, below)
}

fn is_blank(tex: &str) -> bool {
    let mut c = Cursor::new(tex);
    c.skip_space();
    c.next_token().is_none()
}

/// After a row's end: its optional space, then the rules of the next row.
fn at_row_start<'a>(c: &mut Cursor<'a>, row: &mut Row<'a>, cell: &mut usize) {
    let before = *c;
    c.eat('*');
    match c.opt() {
        Some(space) if is_length(space) => {}
        _ => *c = before,
    }
    *cell = c.pos();
    loop {
        c.skip_space();
        let here = *c;
        match c.next_token() {
            Some(Tok::Command("hline" | "hdashline" | "toprule" | "midrule" | "bottomrule")) => {
                row.rules.push(None);
            }
            Some(Tok::Command("cline" | "cmidrule")) => {
                // An option never closed is left to the text of the cell.
                while c.rest().starts_with('(') && c.until(")").is_some() {}
                let range = c.arg().unwrap_or("");
                let mut ends = range.split('-').map(|n| n.trim().parse().unwrap_or(0));
                let (from, to) = (ends.next().unwrap_or(0), ends.next().unwrap_or(0));
                row.rules.push(Some((from, to)));
            }
            Some(Tok::Command("intertext" | "shortintertext")) => {
                row.between.extend(c.arg());
            }
            Some(Tok::Command("noalign")) => {
                let inner = c.arg().unwrap_or("");
                if inner.contains("\\hrule") {
                    row.rules.push(None);
                }
            }
            _ => {
                *c = here;
                break;
            }
        }
        *cell = c.pos();
    }
}

fn is_length(text: &str) -> bool {
    super::number::em(text).is_some() || text.contains('\\')
}

/// One column of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// `l`, `c` or `r`.
    pub align: char,
    /// A rule to the left, to the right.
    pub rules: (bool, bool),
    /// What stands before each cell (`>{…}`), and after (`<{…}`).
    pub around: (String, String),
    /// What stands between this column and the one before it (for the first column alone), and the
    /// one behind it: `@{=}`, `!{+}`.
    pub beside: (String, String),
    /// No room to the left, to the right (`@{}`).
    pub tight: (bool, bool),
}

/// The columns of an array's specification; `None` when a part of it is unknown.
pub fn columns(spec: &str) -> Option<Vec<Column>> {
    let mut found = Vec::new();
    read_columns(spec, &mut found, &mut Next::default(), 0)?;
    Some(found)
}

/// How many signs and arguments a specification may have, repetitions included.
const MAX_READ: usize = 4_000;

/// What was read of the column that comes next.
#[derive(Default)]
struct Next {
    bar: bool,
    before: String,
    beside: String,
    tight: bool,
    /// How much of the specification was read, repetitions included.
    read: usize,
}

fn read_columns(spec: &str, found: &mut Vec<Column>, next: &mut Next, depth: usize) -> Option<()> {
    let mut c = Cursor::new(spec);
    while let Some(token) = c.next_token() {
        next.read += 1;
        if found.len() > 200 || depth > 4 || next.read > MAX_READ {
            return None;
        }
        match token {
            Tok::Space(_) => {}
            Tok::Char('|' | ':') | Tok::Command("vline") => match found.last_mut() {
                Some(last) if last.beside.1.is_empty() => last.rules.1 = true,
                _ => next.bar = true,
            },
            Tok::Char(kind @ ('@' | '!')) => {
                let inner = c.arg()?;
                let last = found.last_mut();
                if inner.contains("\\vline") || inner.contains("\\vrule") {
                    match last {
                        Some(last) => last.rules.1 = true,
                        None => next.bar = true,
                    }
                } else if !is_room(inner) {
                    match last {
                        Some(last) => last.beside.1.push_str(inner),
                        None => next.beside.push_str(inner),
                    }
                } else if !inner.trim().is_empty() {
                    // Room, as columns have it anyway.
                    continue;
                }
                if kind == '@' {
                    next.tight = true;
                    if let Some(last) = found.last_mut() {
                        last.tight.1 = true;
                    }
                }
            }
            Tok::Char('>') => next.before.push_str(c.arg()?),
            Tok::Char('<') => {
                let inner = c.arg()?;
                if let Some(last) = found.last_mut() {
                    last.around.1.push_str(inner);
                }
            }
            Tok::Char('*') => {
                let times: usize = c.arg()?.trim().parse().ok()?;
                let inner = c.arg()?;
                for _ in 0..times.min(60) {
                    read_columns(inner, found, next, depth + 1)?;
                }
            }
            Tok::Char(kind) if kind.is_ascii_alphabetic() => {
                let align = match kind {
                    'l' | 'L' | 'X' => 'l',
                    'r' | 'R' => 'r',
                    'p' | 'm' | 'b' | 'M' | 'P' => {
                        c.arg();
                        'l'
                    }
                    _ => 'c',
                };
                let fresh = Next { read: next.read, ..Next::default() };
                let Next { bar, before, beside, tight, .. } = std::mem::replace(next, fresh);
                found.push(Column {
                    align,
                    rules: (bar, false),
                    around: (before, String::new()),
                    beside: (beside, String::new()),
                    tight: (tight, false),
                });
            }
            _ => return None,
        }
    }
    Some(())
}

/// Whether what stands between columns is only room.
fn is_room(between: &str) -> bool {
    let mut c = Cursor::new(between);
    while let Some(token) = c.next_token() {
        match token {
            Tok::Space(_) | Tok::Char('~') => {}
            Tok::Command("hspace" | "hskip" | "kern" | "mkern" | "mspace") => {
                c.eat('*');
                c.skip_space();
                if c.peek() == Some(Tok::Open) {
                    c.arg();
                } else {
                    super::number::read_length(&mut c);
                }
            }
            Tok::Command("extracolsep" | "hphantom" | "phantom") => {
                c.arg();
            }
            Tok::Command(
                "," | ";" | ":" | "!" | " " | "quad" | "qquad" | "enspace" | "enskip" | "thinspace"
                | "hfill" | "hfil" | "fill" | "tabcolsep" | "arraycolsep",
            ) => {}
            Tok::Open => {
                if !c.group_rest().is_some_and(|inner| inner.trim().is_empty()) {
                    return false;
                }
            }
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn rows_cells_and_rules() {
        let tex = r"\hline a & {b&c\\d} \\[2pt] \cline{1-2} \begin{x}&\\\end{x} & e % & f
            \\ \hline ";
        let (found, below) = rows(tex);
        assert!(below);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].cells.len(), 2);
        assert_eq!(found[0].rules, [None]);
        assert_eq!(found[1].rules, [Some((1, 2))]);
        assert_eq!(found[1].cells[0].trim(), r"\begin{x}&\\\end{x}");
        assert_eq!(rows(r"a \\ [0,1]").0[1].cells[0], " [0,1]");
    }

    #[test]
    fn column_specifications() {
        let found = columns(r"|@{}r|*{2}{c}>{\displaystyle}l@{}").unwrap();
        let align: String = found.iter().map(|c| c.align).collect();
        assert_eq!(align, "rccl");
        assert_eq!(found[0].rules, (true, true));
        assert_eq!(found[3].around.0, r"\displaystyle");
        assert_eq!(columns("l&r"), None);
        let found = columns(r"@{}r@{\,=\,}l!{+}|c@{\hspace{1em}}c@{}c").unwrap();
        let beside: Vec<&str> = found.iter().map(|c| c.beside.1.as_str()).collect();
        assert_eq!(beside, [r"\,=\,", "+", "", "", ""]);
        let tight: Vec<(bool, bool)> = found.iter().map(|c| c.tight).collect();
        let wanted = [(true, true), (true, false), (false, false), (false, true), (true, false)];
        assert_eq!(tight, wanted);
        assert_eq!(found[2].rules, (true, false));
    }
}
