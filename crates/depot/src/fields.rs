//! Reading values and parts out of a source, as a manifest says where they are.

use crate::{
    manifest::{Argument, FieldSource, Kind, Marker, Place, Role, Split, Vars},
    tables::Tables,
};
use mqd_tex::{Cursor, Token, command_arguments, plain_text};
use std::ops::Range;

/// The value of a field: the first source that gives one.
pub(crate) fn field(
    sources: &[FieldSource],
    text: &str,
    vars: &Vars,
    tables: &Tables,
) -> Option<String> {
    sources.iter().find_map(|source| {
        let value = match &source.place {
            Place::Template(template) => template.fill(vars)?,
            Place::Command(argument) => {
                plain_text(&argument_of(text, argument).into_iter().next()?)
            }
            Place::Environment(argument) => plain_text(&environment_argument(text, argument)?),
            Place::Between(start, end) => {
                let (_, after) = text.split_once(start.as_str())?;
                plain_text(after.split_once(end.as_str())?.0)
            }
            Place::Comment(label) => comments(text, label).into_iter().next()?,
            Place::Table { table, key, column } => {
                tables.get(*table, &key.fill(vars)?, column)?.to_owned()
            }
        };
        let value = match &source.split {
            Some((separator, item)) => {
                value.split(separator.as_str()).nth(item.saturating_sub(1))?.trim().to_owned()
            }
            None => value,
        };
        let value = match &source.regex {
            Some(regex) => {
                let found = regex.captures(&value)?;
                found.get(1).or_else(|| found.get(0))?.as_str().to_owned()
            }
            None => value,
        };
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    })
}

/// Every occurrence of an argument of a command, raw.
pub(crate) fn argument_of(text: &str, argument: &Argument) -> Vec<String> {
    if argument.optional {
        let mut out = Vec::new();
        let mut cursor = Cursor::new(text);
        while let Some(token) = cursor.next() {
            if token == Token::Command(&argument.name)
                && let Some(found) = cursor.optional()
            {
                out.push(found.to_owned());
            }
        }
        return out;
    }
    command_arguments(text, &argument.name)
        .filter_map(|arguments| {
            arguments.get(argument.number.saturating_sub(1)).map(|found| (*found).to_owned())
        })
        .collect()
}

fn environment_argument(text: &str, argument: &Argument) -> Option<String> {
    let mut cursor = Cursor::new(text);
    while let Some(token) = cursor.next() {
        if token == Token::Command("begin") && cursor.argument() == Some(argument.name.as_str()) {
            if argument.optional {
                return cursor.optional().map(str::to_owned);
            }
            cursor.optional();
            return (0..argument.number.max(1))
                .filter_map(|_| cursor.argument().map(str::to_owned))
                .last();
        }
    }
    None
}

/// The values of comment lines `% label: value`.
pub(crate) fn comments(text: &str, label: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let line = line.trim_start().strip_prefix('%')?.trim_start_matches('%').trim_start();
            let value = line.strip_prefix(label)?.trim_start().strip_prefix(':')?;
            Some(value.trim().to_owned())
        })
        .collect()
}

/// The stretches that a marker finds, in order, as byte ranges of their inside and of the whole.
pub(crate) fn stretches(text: &str, marker: &Marker) -> Vec<(Range<usize>, Range<usize>)> {
    match marker {
        Marker::Command { name, argument } => {
            let mut out = Vec::new();
            let mut cursor = Cursor::new(text);
            while let Some(token) = cursor.next() {
                if token != Token::Command(name) {
                    continue;
                }
                let start = cursor.offset() - name.len() - 1;
                cursor.optional();
                let mut found = None;
                for _ in 0..(*argument).max(1) {
                    found = cursor.argument();
                }
                if let Some(found) = found {
                    let at = found.as_ptr() as usize - text.as_ptr() as usize;
                    out.push((at..at + found.len(), start..cursor.offset()));
                }
            }
            out
        }
        Marker::Environment(name) => {
            let mut out = Vec::new();
            let mut cursor = Cursor::new(text);
            while let Some(token) = cursor.next() {
                let start = cursor.offset().saturating_sub("\\begin".len());
                if token == Token::Command("begin")
                    && cursor.clone().argument() == Some(name.as_str())
                {
                    cursor.argument();
                    let inside = cursor.offset();
                    match cursor.rest_of_environment(name) {
                        Some(body) => {
                            out.push((inside..inside + body.len(), start..cursor.offset()))
                        }
                        None => break,
                    }
                }
            }
            out
        }
        Marker::Between { start, end } => {
            let mut out = Vec::new();
            let mut from = 0;
            while let Some(at) = text[from..].find(start.as_str()).map(|at| at + from) {
                let inside = at + start.len();
                let (stop, after) = match end {
                    Some(end) => match text[inside..].find(end.as_str()) {
                        Some(length) => (inside + length, inside + length + end.len()),
                        None => (text.len(), text.len()),
                    },
                    None => match text[inside..].find(start.as_str()) {
                        Some(length) => (inside + length, inside + length),
                        None => (text.len(), text.len()),
                    },
                };
                out.push((inside..stop, at..after));
                from = after.max(inside);
                if from >= text.len() {
                    break;
                }
            }
            out
        }
        Marker::Rest => Vec::new(),
    }
}

/// The parts of one thing of a kind, by role, out of its text.
pub(crate) fn parts_of(text: &str, kind: &Kind) -> Vec<(Role, String)> {
    let shell = kind.split.as_ref().map(|split| shell(text, split)).unwrap_or_default();
    if kind.parts.is_empty() && kind.split.is_some() {
        return parts(text, &[(Role::Body, Marker::Rest)], &shell);
    }
    parts(text, &kind.parts, &shell)
}

/// What cut a text out of its file and says nothing itself: `\begin{exo}[titre]`, `\end{exo}`.
fn shell(text: &str, split: &Marker) -> Vec<Range<usize>> {
    let Some((inside, whole)) = stretches(text, split).into_iter().next() else {
        return Vec::new();
    };
    let mut start = inside.start;
    if matches!(split, Marker::Environment(_)) {
        let mut cursor = Cursor::at(text, start);
        if text[start..].starts_with('[') && cursor.optional().is_some() {
            start = cursor.offset();
        }
    }
    let mut shell = vec![whole.start..start, inside.end..whole.end];
    // The last one of a file goes on to its end.
    if let Some(end) = text.find("\\end{document}") {
        shell.push(end..text.len());
    }
    shell
}

/// The parts of a text by role; what is in `shell` belongs to none.
fn parts(text: &str, markers: &[(Role, Marker)], shell: &[Range<usize>]) -> Vec<(Role, String)> {
    let mut taken: Vec<Range<usize>> = shell.to_vec();
    let mut out: Vec<(Role, String)> = Vec::new();
    for (role, marker) in markers.iter().filter(|(_, marker)| *marker != Marker::Rest) {
        let found = stretches(text, marker);
        if found.is_empty() {
            continue;
        }
        let joined: Vec<&str> =
            found.iter().map(|(inside, _)| text[inside.clone()].trim()).collect();
        taken.extend(found.into_iter().map(|(_, whole)| whole));
        out.push((*role, joined.join("\n\n")));
    }
    if let Some((role, _)) = markers.iter().find(|(_, marker)| *marker == Marker::Rest) {
        taken.sort_by_key(|range| range.start);
        let mut rest = String::new();
        let mut at = 0;
        for range in taken {
            if range.start > at {
                rest.push_str(&text[at..range.start]);
            }
            at = at.max(range.end);
        }
        rest.push_str(&text[at..]);
        if !rest.trim().is_empty() {
            out.push((*role, rest.trim().to_owned()));
        }
    }
    out.sort_by_key(|(role, _)| *role);
    out
}

/// Cuts a text into pieces of plain text.
pub(crate) fn pieces(source: &str, split: &Split) -> Vec<String> {
    let clean =
        |text: &str| plain_text(text).trim().trim_end_matches(['.', ';', ',']).trim().to_owned();
    let pieces: Vec<String> = match split {
        Split::None => vec![clean(source)],
        Split::At(separator) => source.split(separator.as_str()).map(clean).collect(),
        Split::Sentences => {
            let items: Vec<&str> = source.split("\\item").collect();
            if items.len() > 1 {
                items[1..]
                    .iter()
                    .map(|item| {
                        let item = item.split("\\end{").next().unwrap_or_default();
                        clean(item)
                    })
                    .collect()
            } else {
                let text = source.replace("\\\\", "\n\n").replace("\\newline", "\n\n");
                text.split("\n\n").flat_map(sentences).collect()
            }
        }
    };
    pieces
        .into_iter()
        .filter(|piece| piece.chars().filter(|c| c.is_alphabetic()).count() > 2)
        .collect()
}

/// Sentences of a paragraph: cut after a full stop that a capital follows.
fn sentences(paragraph: &str) -> Vec<String> {
    let text = plain_text(paragraph);
    let mut out = Vec::new();
    let mut start = 0;
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    for window in chars.windows(3) {
        let [(at, '.'), (_, ' '), (_, next)] = window else { continue };
        if next.is_uppercase() {
            out.push(text[start..*at].trim().to_owned());
            start = at + 1;
        }
    }
    out.push(text[start..].trim().trim_end_matches('.').to_owned());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_file() {
        let text =
            "\\theme{suites}\n\\enonce{Soit $u$.}\n\\indication{Majorer.}\n\\corrige{On a {a}.}";
        let command = |name: &str| Marker::Command { name: name.into(), argument: 1 };
        let markers = [
            (Role::Statement, command("enonce")),
            (Role::Hint, command("indication")),
            (Role::Answer, command("corrige")),
        ];
        assert_eq!(
            parts(text, &markers, &[]),
            [
                (Role::Statement, "Soit $u$.".to_owned()),
                (Role::Hint, "Majorer.".to_owned()),
                (Role::Answer, "On a {a}.".to_owned())
            ]
        );
        let text = "Énoncé ici.\n%% corrigé\nRéponse.";
        let markers = [
            (Role::Statement, Marker::Rest),
            (Role::Answer, Marker::Between { start: "%% corrigé".into(), end: None }),
        ];
        assert_eq!(
            parts(text, &markers, &[]),
            [(Role::Statement, "Énoncé ici.".to_owned()), (Role::Answer, "Réponse.".to_owned())]
        );
    }

    #[test]
    fn what_cuts_a_text_is_no_part_of_it() {
        let answer = (Role::Answer, Marker::Environment("sol".into()));
        for (text, split) in [
            (
                r"\begin{exo}[Un titre] Calculer. \begin{sol}Deux.\end{sol} \end{exo}",
                Marker::Environment("exo".into()),
            ),
            (
                r"\exo Calculer. \begin{sol}Deux.\end{sol}",
                Marker::Between { start: r"\exo".into(), end: None },
            ),
        ] {
            let found = parts(
                text,
                &[(Role::Statement, Marker::Rest), answer.clone()],
                &shell(text, &split),
            );
            let wanted =
                [(Role::Statement, "Calculer.".to_owned()), (Role::Answer, "Deux.".to_owned())];
            assert_eq!(found, wanted, "{text}");
        }
    }

    #[test]
    fn questions_are_cut_into_sentences_or_items() {
        assert_eq!(
            pieces(
                "Racines carrées d'un complexe: calcul pratique. Inégalité triangulaire avec cas d'égalité.",
                &Split::Sentences
            ),
            [
                "Racines carrées d’un complexe : calcul pratique",
                "Inégalité triangulaire avec cas d’égalité"
            ]
        );
        assert_eq!(
            pieces(
                "\\begin{enumerate}\\item Un théorème.\\item Une preuve\\end{enumerate}",
                &Split::Sentences
            ),
            ["Un théorème", "Une preuve"]
        );
    }

    #[test]
    fn comment_lines_give_values() {
        assert_eq!(
            comments("% theme: suites\n%% theme : séries\nx % theme: no", "theme"),
            ["suites", "séries"]
        );
    }
}
