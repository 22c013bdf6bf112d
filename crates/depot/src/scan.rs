//! Sources matched against a manifest: the items of each kind, and what they say.

use crate::{
    compile::pictures::Pictures,
    fields,
    manifest::{Each, Kind, Manifest, Origin, Publish, Role, Vars},
    publish::Published,
    source::Files,
    tables::Tables,
};
use mqd_model::Rel;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// One thing of a dépôt.
#[derive(Debug, Clone)]
pub struct Item {
    /// Place of its kind in the manifest.
    pub kind: usize,
    /// What tells it from the others of its kind.
    pub key: String,
    /// What its file's name, its fields and its table say.
    pub vars: Vars,
    /// Its files by role.
    pub files: Vec<(Role, String)>,
    /// Its source, when it is a part of a file.
    pub cut: Option<Arc<str>>,
    /// Relations to other items: type, whether it leaves this one, kind and key of the other.
    pub links: Vec<ItemLink>,
    /// Date of the newest of its files.
    pub date: Option<String>,
}

/// A relation between items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemLink {
    /// Relation type.
    pub rel: Rel,
    /// Whether it leaves the item that holds it.
    pub outgoing: bool,
    /// Kind of the other.
    pub kind: usize,
    /// Key of the other.
    pub key: String,
}

/// A dépôt, read and matched.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Its manifest.
    pub manifest: Arc<Manifest>,
    /// Its files.
    pub files: Files,
    /// Its items, by kind in the order of the manifest, then by key.
    pub items: Vec<Item>,
    /// Files that became nothing, and why.
    pub ignored: Vec<(String, String)>,
    /// What an author should know.
    pub remarks: Vec<String>,
    /// Where PDFs are published.
    pub published: Arc<Published>,
    /// Pictures of blocks that only TeX can draw.
    pub pictures: Arc<Pictures>,
    by_key: HashMap<(usize, String), usize>,
}

impl Scan {
    /// Matches files against a manifest. Pure: what it says depends on its arguments alone.
    #[must_use]
    pub fn new(manifest: Arc<Manifest>, files: Files) -> Self {
        let mut remarks = Vec::new();
        let tables = Tables::read(&manifest, &files, &mut remarks);
        let mut scan = Self {
            manifest,
            files,
            items: Vec::new(),
            ignored: Vec::new(),
            remarks,
            published: Arc::default(),
            pictures: Arc::default(),
            by_key: HashMap::new(),
        };
        scan.items_of_files(&tables);
        scan.items_of_tables(&tables);
        scan.fields(&tables);
        scan.links();
        scan.sort();
        scan.left_out();
        scan
    }

    /// An item by kind and key.
    #[must_use]
    pub fn item(&self, kind: usize, key: &str) -> Option<&Item> {
        self.by_key.get(&(kind, key.to_owned())).map(|at| &self.items[*at])
    }

    /// The kind of an item.
    #[must_use]
    pub fn kind(&self, item: &Item) -> &Kind {
        &self.manifest.kinds[item.kind]
    }

    /// The stable key of an item's node, `depot:kind:key`.
    #[must_use]
    pub fn cle(&self, item: &Item) -> String {
        format!("{}:{}:{}", self.manifest.name, self.kind(item).name, item.key)
    }

    /// The public address of a PDF of an item. Where maintenance publishes none of the dépôt's, the
    /// manifest's address is taken to be true: somebody else publishes them.
    #[must_use]
    pub fn pdf(&self, item: &Item, what: Publish) -> Option<String> {
        if !self.kind(item).publish.contains(&what) {
            return None;
        }
        if self.published.knows(&self.manifest.name) {
            let address = self.published.address(&self.manifest.name, &self.cle(item), what)?;
            return Some(address.to_owned());
        }
        let role = match what {
            Publish::Whole => [Role::Wrapper, Role::Body],
            Publish::Statement => [Role::Statement, Role::Body],
            Publish::Answer => [Role::Answer, Role::Answer],
        };
        let (_, path) =
            role.iter().find_map(|role| item.files.iter().find(|(of, _)| of == role))?;
        crate::plan::address(self.manifest.pdf_address.as_ref()?, self, path)
    }

    /// The source of an item that fields and links are read from: its main file, or its cut.
    fn text(&self, item: &Item) -> Option<Arc<str>> {
        if let Some(cut) = &item.cut {
            return Some(Arc::clone(cut));
        }
        let main = [Role::Body, Role::Statement]
            .into_iter()
            .find_map(|role| item.files.iter().find(|(r, _)| *r == role))?;
        self.files.text(&main.1).cloned()
    }

    fn add(&mut self, item: Item) -> usize {
        let key = (item.kind, item.key.clone());
        if let Some(at) = self.by_key.get(&key) {
            return *at;
        }
        self.items.push(item);
        self.by_key.insert(key, self.items.len() - 1);
        self.items.len() - 1
    }

    fn items_of_files(&mut self, tables: &Tables) {
        let manifest = Arc::clone(&self.manifest);
        // A preamble is no document, even if a pattern fits its name; a whole document may lend its
        // preamble to others and be one all the same.
        let macros: BTreeSet<&str> = manifest
            .all_preambles()
            .filter(|path| !self.files.text(path).is_some_and(|t| t.contains("\\end{document}")))
            .collect();
        for (at, kind) in manifest.kinds.iter().enumerate() {
            let mut others: Vec<(Role, String, Vars)> = Vec::new();
            let main = match kind.origin {
                Origin::Files(role) => Some(role),
                _ => None,
            };
            let matched: Vec<(Role, String, Vars)> = self
                .files
                .files
                .keys()
                .filter(|path| !macros.contains(path.as_str()))
                .filter_map(|path| {
                    let (role, vars) = role_of(kind, path)?;
                    Some((role, path.clone(), vars))
                })
                .collect();
            for (role, path, mut vars) in matched {
                built_in(&mut vars, &path, &manifest.name);
                if Some(role) != main {
                    others.push((role, path, vars));
                    continue;
                }
                let date = self.files.files.get(&path).and_then(|file| file.date.clone());
                if let Some(marker) = &kind.split {
                    let Some(text) = self.files.text(&path).cloned() else { continue };
                    for (n, (_, whole)) in fields::stretches(&text, marker).into_iter().enumerate()
                    {
                        let cut: Arc<str> = text[whole].into();
                        let mut vars = vars.clone();
                        vars.insert("n".to_owned(), (n + 1).to_string());
                        self.read_fields(kind, &cut, &mut vars, tables);
                        let Some(key) = kind.key.fill(&vars) else {
                            self.remarks.push(format!(
                                "{path} : l'élément {} n'a pas de quoi faire sa clé « {} »",
                                n + 1,
                                kind.key.as_str()
                            ));
                            continue;
                        };
                        vars.insert("key".to_owned(), key.clone());
                        self.add(Item {
                            kind: at,
                            key,
                            vars,
                            files: vec![(role, path.clone())],
                            cut: Some(cut),
                            links: Vec::new(),
                            date: date.clone(),
                        });
                    }
                } else if let Some(key) = kind.key.fill(&vars) {
                    vars.insert("key".to_owned(), key.clone());
                    self.add(Item {
                        kind: at,
                        key,
                        vars,
                        files: vec![(role, path)],
                        cut: None,
                        links: Vec::new(),
                        date,
                    });
                }
            }
            for (role, path, vars) in others {
                let Some(found) =
                    kind.key.fill(&vars).and_then(|key| self.by_key.get(&(at, key)).copied())
                else {
                    if main.is_some() {
                        self.ignored.push((
                            path,
                            format!("{} sans énoncé ni corps du même nom", role.name()),
                        ));
                    }
                    continue;
                };
                let date = self.files.files.get(&path).and_then(|file| file.date.clone());
                let item = &mut self.items[found];
                item.date = item.date.take().max(date);
                item.files.push((role, path));
            }
        }
    }

    fn items_of_tables(&mut self, tables: &Tables) {
        let manifest = Arc::clone(&self.manifest);
        for (at, kind) in manifest.kinds.iter().enumerate() {
            let Origin::Table(table) = kind.origin else { continue };
            for row in tables.rows(table) {
                let mut vars: Vars = row.clone();
                vars.insert("depot".to_owned(), manifest.name.clone());
                let Some(key) = kind.key.fill(&vars) else { continue };
                vars.insert("key".to_owned(), key.clone());
                let mut files = Vec::new();
                for path in self.files.files.keys() {
                    if let Some((role, file)) = role_of(kind, path)
                        && kind.key.fill(&file).as_deref() == Some(key.as_str())
                    {
                        files.push((role, path.clone()));
                    }
                }
                self.add(Item {
                    kind: at,
                    key,
                    vars,
                    files,
                    cut: None,
                    links: Vec::new(),
                    date: None,
                });
            }
        }
    }

    fn read_fields(&self, kind: &Kind, text: &str, vars: &mut Vars, tables: &Tables) {
        for (name, sources) in &kind.fields {
            if let Some(value) = fields::field(sources, text, vars, tables) {
                vars.insert(name.clone(), value);
            }
        }
    }

    fn fields(&mut self, tables: &Tables) {
        let manifest = Arc::clone(&self.manifest);
        for at in 0..self.items.len() {
            let kind = &manifest.kinds[self.items[at].kind];
            if kind.fields.is_empty() || (kind.split.is_some() && self.items[at].cut.is_some()) {
                continue;
            }
            let text = self.text(&self.items[at]).unwrap_or_default();
            let mut vars = std::mem::take(&mut self.items[at].vars);
            self.read_fields(kind, &text, &mut vars, tables);
            self.items[at].vars = vars;
        }
    }

    /// Relations, and the items that exist because something mentions them.
    fn links(&mut self) {
        let manifest = Arc::clone(&self.manifest);
        let mut missing: BTreeSet<String> = BTreeSet::new();
        for at in 0..self.items.len() {
            let kind = &manifest.kinds[self.items[at].kind];
            if kind.links.is_empty() {
                continue;
            }
            let text = self.text(&self.items[at]);
            for link in &kind.links {
                let vars = self.items[at].vars.clone();
                let mentions = match &link.each {
                    None => vec![(vars.clone(), None)],
                    Some(each) => self.mentions(
                        each,
                        &vars,
                        text.as_deref().unwrap_or_default(),
                        &self.items[at].files,
                    ),
                };
                for (vars, parent) in mentions {
                    let Some(key) = link.key.fill(&vars) else { continue };
                    if matches!(manifest.kinds[link.other].origin, Origin::Links) {
                        let mut vars = vars.clone();
                        vars.insert("key".to_owned(), key.clone());
                        self.add(Item {
                            kind: link.other,
                            key: key.clone(),
                            vars,
                            files: Vec::new(),
                            cut: None,
                            links: Vec::new(),
                            date: None,
                        });
                        if let (Some(rel), Some(parent)) = (link.hierarchy, parent) {
                            self.chain(link.other, rel, &link.key, &parent, &key);
                        }
                    } else if !self.by_key.contains_key(&(link.other, key.clone())) {
                        missing.insert(format!(
                            "{} mentionne « {key} » ({}), qui n'est pas là",
                            self.items[at].key, manifest.kinds[link.other].name
                        ));
                        continue;
                    }
                    let found =
                        ItemLink { rel: link.rel, outgoing: link.outgoing, kind: link.other, key };
                    let links = &mut self.items[at].links;
                    if !links.contains(&found) {
                        links.push(found);
                    }
                }
            }
        }
        self.remarks.extend(missing);
    }

    /// Makes the parents of a sub-entry, and links each to the next.
    fn chain(
        &mut self,
        kind: usize,
        rel: Rel,
        template: &crate::manifest::Template,
        parents: &[Vars],
        key: &str,
    ) {
        let mut below = key.to_owned();
        for vars in parents {
            let Some(above) = template.fill(vars) else { return };
            let mut vars = vars.clone();
            vars.insert("key".to_owned(), above.clone());
            let at = self.add(Item {
                kind,
                key: above.clone(),
                vars,
                files: Vec::new(),
                cut: None,
                links: Vec::new(),
                date: None,
            });
            let link = ItemLink { rel, outgoing: true, kind, key: below };
            if !self.items[at].links.contains(&link) {
                self.items[at].links.push(link);
            }
            below = above;
        }
    }

    /// What a repeated link mentions: the variables of each mention, and of its parents for index
    /// entries, nearest first.
    fn mentions(
        &self,
        each: &Each,
        vars: &Vars,
        text: &str,
        files: &[(Role, String)],
    ) -> Vec<(Vars, Option<Vec<Vars>>)> {
        let with = |names: &[(&str, String)]| {
            let mut vars = vars.clone();
            vars.extend(names.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            vars
        };
        let pieces = |source: &str, split| {
            fields::pieces(source, split)
                .into_iter()
                .enumerate()
                .map(|(n, piece)| (with(&[("value", piece), ("n", (n + 1).to_string())]), None))
                .collect::<Vec<_>>()
        };
        match each {
            Each::Input(pattern) => {
                let from = files.first().map_or("", |(_, path)| path.as_str());
                mqd_tex::command_arguments(text, "input")
                    .chain(mqd_tex::command_arguments(text, "include"))
                    .filter_map(|arguments| {
                        self.files.find(from, arguments.first()?.trim(), &["", ".tex"])
                    })
                    .filter_map(|file| {
                        let found = pattern.matches(&file.path)?;
                        let mut vars = vars.clone();
                        // The key of the other is made of its own names, not of this file's.
                        vars.retain(|name, _| !matches!(name.as_str(), "path" | "stem"));
                        vars.extend(found);
                        built_in(&mut vars, &file.path, &self.manifest.name);
                        Some((vars, None))
                    })
                    .collect()
            }
            Each::Index => {
                let mut out = Vec::new();
                for arguments in mqd_tex::command_arguments(text, "index") {
                    let Some(entry) = arguments.first() else { continue };
                    let path: Vec<String> = entry
                        .split('|')
                        .next()
                        .unwrap_or_default()
                        .split('!')
                        .map(|part| {
                            mqd_tex::plain_text(part.rsplit('@').next().unwrap_or_default())
                        })
                        .filter(|part| !part.is_empty())
                        .collect();
                    if path.is_empty() {
                        continue;
                    }
                    let entry_vars = |parts: &[String]| {
                        let whole = parts.join(", ");
                        let last = parts.last().cloned().unwrap_or_default();
                        with(&[("value", whole), ("last", last), ("first", parts[0].clone())])
                    };
                    let parents: Vec<Vars> =
                        (1..path.len()).rev().map(|length| entry_vars(&path[..length])).collect();
                    out.push((entry_vars(&path), (!parents.is_empty()).then_some(parents)));
                }
                out
            }
            Each::Section { start, until, split } => {
                let Some(found) = start.find(text) else { return Vec::new() };
                let after = &text[found.end()..];
                let end = until
                    .iter()
                    .filter_map(|regex| regex.find(after))
                    .map(|found| found.start())
                    .min()
                    .unwrap_or(after.len());
                pieces(&after[..end], split)
            }
            Each::Field { name, split } => {
                vars.get(name).map(|value| pieces(value, split)).unwrap_or_default()
            }
            Each::Command { argument, split } => fields::argument_of(text, argument)
                .iter()
                .flat_map(|source| pieces(source, split))
                .collect(),
            Each::Comment { label, split } => fields::comments(text, label)
                .iter()
                .flat_map(|source| pieces(source, split))
                .collect(),
        }
    }

    fn sort(&mut self) {
        self.items.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| natural(&a.key, &b.key)));
        self.by_key = self
            .items
            .iter()
            .enumerate()
            .map(|(at, item)| ((item.kind, item.key.clone()), at))
            .collect();
        for item in &mut self.items {
            item.files.sort();
        }
    }

    /// Files that those input, directly or not.
    fn included<'f>(&'f self, from: &BTreeSet<&'f str>) -> BTreeSet<&'f str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut todo: Vec<&str> = from.iter().copied().collect();
        while let Some(path) = todo.pop() {
            let Some(text) = self.files.text(path) else { continue };
            for command in ["input", "include"] {
                for arguments in mqd_tex::command_arguments(text, command) {
                    let file = arguments
                        .first()
                        .and_then(|name| self.files.find(path, name.trim(), &["", ".tex"]));
                    if let Some(file) = file
                        && found.insert(&file.path)
                    {
                        todo.push(&file.path);
                    }
                }
            }
        }
        found
    }

    /// Texts that no pattern names and nothing mentions.
    fn left_out(&mut self) {
        let used: BTreeSet<&str> = self
            .items
            .iter()
            .flat_map(|item| item.files.iter().map(|(_, path)| path.as_str()))
            .collect();
        let said: BTreeSet<String> = self.ignored.iter().map(|(path, _)| path.clone()).collect();
        let preambles: BTreeSet<&str> = self.manifest.all_preambles().collect();
        let included = self.included(&used);
        let mut ignored: Vec<(String, String)> = self
            .files
            .files
            .values()
            .filter(|file| {
                file.path.ends_with(".tex")
                    && !used.contains(file.path.as_str())
                    && !said.contains(&file.path)
                    && !preambles.contains(file.path.as_str())
                    && !included.contains(file.path.as_str())
            })
            .map(|file| {
                (file.path.clone(), "aucun motif du manifeste ne nomme ce fichier".to_owned())
            })
            .collect();
        ignored.extend(self.files.left_out.iter().cloned());
        self.ignored.append(&mut ignored);
        self.ignored.sort();
    }
}

/// What a file is for in a kind, and what its name says: of two patterns, the one that says more.
fn role_of(kind: &Kind, path: &str) -> Option<(Role, Vars)> {
    let mut found: Option<(usize, Role, Vars)> = None;
    for (role, pattern) in &kind.files {
        let weight = pattern.weight();
        if found.as_ref().is_none_or(|(most, _, _)| weight > *most)
            && let Some(vars) = pattern.matches(path)
        {
            found = Some((weight, *role, vars));
        }
    }
    found.map(|(_, role, vars)| (role, vars))
}

/// Variables that every file gives.
fn built_in(vars: &mut Vars, path: &str, depot: &str) {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    for (var, value) in [("path", path), ("stem", stem), ("depot", depot)] {
        vars.entry(var.to_owned()).or_insert_with(|| value.to_owned());
    }
}

/// Compares texts with numbers as people do: `E2` before `E10`.
#[must_use]
pub fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut a, mut b) = (a.chars().peekable(), b.chars().peekable());
    loop {
        match (a.peek().copied(), b.peek().copied()) {
            (None, None) => return std::cmp::Ordering::Equal,
            (None, Some(_)) => return std::cmp::Ordering::Less,
            (Some(_), None) => return std::cmp::Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
                    let mut digits = String::new();
                    while let Some(c) = chars.peek().copied().filter(char::is_ascii_digit) {
                        digits.push(c);
                        chars.next();
                    }
                    let value = digits.trim_start_matches('0').to_owned();
                    (value.len(), value, digits.len())
                };
                let order = number(&mut a).cmp(&number(&mut b));
                if order.is_ne() {
                    return order;
                }
            }
            (Some(x), Some(y)) if x == y => {
                a.next();
                b.next();
            }
            (Some(x), Some(y)) => return x.cmp(&y),
        }
    }
}
