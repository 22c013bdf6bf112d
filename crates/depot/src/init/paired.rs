//! Exercises whose statement and answer are two files, their themes and their wrappers.

use super::{
    draft::{Draft, titled, with_notions},
    inside::{attached, quoted},
    look::{Folder, Seen},
    names::Pairs,
    wholes::{Sort, sort},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// The pattern of the files that put one pair each together, which are taken from the list.
pub(super) fn wrapper(found: &Pairs, wrappers: &mut Vec<&Seen>) -> Option<String> {
    let mut patterns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for wrapper in wrappers.iter() {
        for (middle, statement) in &found.statements {
            let folder = statement.rsplit_once('/').map_or("", |(folder, _)| folder);
            // Files with a folder for a theme are named by their pattern alone.
            if wrapper.inputs.contains(statement)
                && wrapper.folder() == folder
                && folder.is_empty()
                && wrapper.stem().contains(middle.as_str())
            {
                let pattern = wrapper.path.replacen(middle.as_str(), &found.middle, 1);
                patterns.entry(pattern).or_default().push(wrapper.path.clone());
            }
        }
    }
    let (pattern, paths) = patterns.into_iter().max_by_key(|(_, paths)| paths.len())?;
    if paths.len() < 2 {
        return None;
    }
    wrappers.retain(|wrapper| !paths.contains(&wrapper.path));
    Some(pattern)
}

/// A table of the themes that statements name.
struct Themes {
    pub path: String,
    pub separator: char,
    pub columns: Vec<String>,
    pub header: bool,
    pub key: String,
    pub title: String,
}

fn themes(folder: &Folder, found: &Pairs) -> Option<Themes> {
    let pattern = crate::manifest::Pattern::new(&found.statement).ok()?;
    let names: BTreeSet<String> = found
        .statements
        .iter()
        .filter_map(|(_, path)| pattern.matches(path)?.remove("theme"))
        .collect();
    folder.tables.iter().find_map(|(path, text)| {
        let first = text.lines().next()?;
        let separator = [';', '\t', ','].into_iter().max_by_key(|c| first.matches(*c).count())?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator as u8)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().flatten().collect();
        let width = rows.first()?.len();
        let known = |column: usize| {
            rows.iter().filter(|row| row.get(column).is_some_and(|v| names.contains(v))).count()
        };
        let key = (0..width).max_by_key(|column| known(*column))?;
        if width < 2 || known(key) * 2 < names.len().max(2) {
            return None;
        }
        let header = !names.contains(rows.first()?.get(key)?);
        let columns: Vec<String> = match header {
            true => rows.first()?.iter().map(str::to_owned).collect(),
            false => (0..width)
                .map(|n| if n == key { "code".to_owned() } else { format!("colonne{n}") })
                .collect(),
        };
        // The title is the longest of the other columns.
        let length = |column: usize| {
            rows.iter().filter_map(|row| row.get(column)).map(str::len).sum::<usize>()
        };
        let title =
            (0..width).filter(|column| *column != key).max_by_key(|column| length(*column))?;
        let plain = |column: usize| crate::manifest::pattern::check_name(&columns[column]).is_ok();
        (plain(key) && plain(title)).then(|| Themes {
            path: path.clone(),
            separator,
            header,
            key: columns[key].clone(),
            title: columns[title].clone(),
            columns,
        })
    })
}

/// Exercises, problems or rapidexos in pairs of files, with their themes.
pub(super) fn of_pairs(
    found: &Pairs,
    files: &[&Seen],
    wrapper: Option<String>,
    quick: bool,
    n: usize,
    folder: &Folder,
    tables: &mut String,
) -> Vec<Draft> {
    let mut lengths: Vec<usize> = files.iter().map(|file| file.text.len()).collect();
    lengths.sort_unstable();
    let long = lengths.get(lengths.len() / 2).is_some_and(|length| *length > 3_500);
    let problems =
        files.iter().filter(|file| sort(file) == Sort::Problem).count() * 2 > files.len();
    let (name, kind, sheet, capital) = match (quick, long || problems) {
        (true, _) => ("rapidexo", "rapidexo", "liste rapidexo", "Rapidexo"),
        (_, true) => ("probleme", "problème", "livre problèmes", "Problème"),
        _ => ("exercice", "exercice", "liste exercices", "Exercice"),
    };
    let name = if n == 1 { name.to_owned() } else { format!("{name}{n}") };
    let title = attached(files, &["titre", "title", "intitule"]);
    let own = format!("{capital} {}", found.key);
    let mut draft = titled(Draft::new(&name, "Document", kind), &own, title.as_ref())
        .line("key", quoted(&found.key))
        .line("files.statement", quoted(&found.statement));
    if let Some(hint) = &found.hint {
        draft = draft.line("files.hint", quoted(hint));
    }
    draft = draft.line("files.answer", quoted(&found.answer));
    if let Some(wrapper) = wrapper {
        draft = draft.line("files.wrapper", quoted(&wrapper));
    }
    let mut out = Vec::new();
    let mut draft = with_notions(draft, files, &mut out);
    if found.theme {
        let themes = themes(folder, found);
        let key: &[(&str, &str)] = &[("key", "\"{theme}\"")];
        if !quick {
            draft = draft.link("EVALUE", &[&[("to", "\"theme\"")], key].concat());
        }
        draft = draft.link("CONTIENT", &[&[("from", "\"feuille\"")], key].concat());
        let from = |draft: Draft| match &themes {
            Some(themes) => draft
                .line("title", quoted(&format!("{{{}}}", themes.title)))
                .line("key", quoted(&format!("{{{}}}", themes.key)))
                .line("table", quoted("themes")),
            None => draft.line("title", quoted("{theme}")).line("key", quoted("{theme}")),
        };
        if let Some(themes) = &themes {
            let _ = write!(
                tables,
                "\n[[table]]\nname = \"themes\"\nfile = {}\nseparator = {}\nkey = {}\n",
                quoted(&themes.path),
                quoted(&themes.separator.to_string()),
                quoted(&themes.key)
            );
            if !themes.header {
                let columns: Vec<String> = themes.columns.iter().map(|name| quoted(name)).collect();
                let _ = writeln!(tables, "columns = [{}]", columns.join(", "));
            }
        }
        if !quick {
            out.push(from(Draft::new("theme", "Concept", "thème feuille exercices")));
        }
        let sheet = if sheet == "livre problèmes" { "liste exercices" } else { sheet };
        let mut list = from(Draft::new("feuille", "Document", sheet));
        if let (Some(themes), false) = (&themes, quick) {
            let key = quoted(&format!("{{{}}}", themes.key));
            list = list.link("EVALUE", &[("to", "\"theme\""), ("key", &key)]);
        }
        out.push(list);
    }
    out.insert(0, draft);
    out
}
