//! What is to be compiled: a target for each PDF that a manifest asks for, with everything that it
//! is made of. Pure.

use super::{
    closure::{Closure, Reader, magic},
    generate::{MAIN, Writer},
};
use crate::{
    contents::Role,
    manifest::{Publish, Role as FileRole},
    scan::{Item, Scan},
};
use mqd_model::Rel;
use mqd_pdf::Engine;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// A PDF to make.
#[derive(Debug, Clone)]
pub struct Target {
    /// The dépôt.
    pub depot: String,
    /// The stable key of the document's node.
    pub cle: String,
    /// Which of its PDFs.
    pub what: Publish,
    /// The name of the PDF inside the dépôt, `/` between folders, without ending.
    pub name: String,
    /// The engine.
    pub engine: Engine,
    /// The file to compile, among `texts`.
    pub main: String,
    /// The sources that it is made of, UTF-8, by path.
    pub texts: BTreeMap<String, Arc<str>>,
    /// Paths in the dépôt of all other files.
    pub others: BTreeSet<String>,
}

impl Target {
    /// How people and reports call it: `depot/name.pdf`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}/{}.pdf", self.depot, self.name)
    }
}

/// What is to be compiled.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The PDFs, in the order of the manifests.
    pub targets: Vec<Target>,
    /// What an author should know.
    pub remarks: Vec<String>,
}

/// The PDFs that the manifests ask for.
#[must_use]
pub fn wanted(scans: &[Scan]) -> Wanted {
    let mut out = Wanted::default();
    for scan in scans {
        let planner = Planner { reader: Reader::new(&scan.files), scan, contents: contents(scan) };
        let mut taken: HashMap<String, String> = HashMap::new();
        for item in &scan.items {
            for what in &scan.kind(item).publish {
                match planner.target(item, *what) {
                    Ok(Some(mut target)) => {
                        // Two documents never share an address.
                        if taken.contains_key(&target.name) {
                            let other = &taken[&target.name];
                            out.remarks.push(format!(
                                "{} : le PDF de {} s'appellerait comme celui de {other} ; sa clé est ajoutée à son nom",
                                scan.manifest.name, target.cle
                            ));
                            target.name = format!("{}-{}", target.name, address(&item.key));
                        }
                        taken.insert(target.name.clone(), target.cle.clone());
                        out.targets.push(target);
                    }
                    Ok(None) => {}
                    Err(remark) => out.remarks.push(format!("{} : {remark}", scan.manifest.name)),
                }
            }
        }
    }
    out
}

struct Planner<'s> {
    reader: Reader<'s>,
    scan: &'s Scan,
    contents: HashMap<(usize, String), Vec<usize>>,
}

/// What each item contains, in the order of the items.
fn contents(scan: &Scan) -> HashMap<(usize, String), Vec<usize>> {
    let places: HashMap<(usize, &str), usize> = scan
        .items
        .iter()
        .enumerate()
        .map(|(at, item)| ((item.kind, item.key.as_str()), at))
        .collect();
    let mut out: HashMap<(usize, String), BTreeSet<usize>> = HashMap::new();
    for (at, item) in scan.items.iter().enumerate() {
        for link in item.links.iter().filter(|link| link.rel == Rel::Contient) {
            if link.outgoing {
                if let Some(inside) = places.get(&(link.kind, link.key.as_str())) {
                    out.entry((item.kind, item.key.clone())).or_default().insert(*inside);
                }
            } else {
                out.entry((link.kind, link.key.clone())).or_default().insert(at);
            }
        }
    }
    out.into_iter().map(|(key, set)| (key, set.into_iter().collect())).collect()
}

impl<'s> Planner<'s> {
    fn target(&self, item: &Item, what: Publish) -> Result<Option<Target>, String> {
        let kind = self.scan.kind(item);
        // Files of its own that compile by themselves.
        let role = |wanted: FileRole| {
            let path = item.files.iter().find(|(role, _)| *role == wanted)?.1.as_str();
            (item.cut.is_none() && kind.parts.is_empty()).then_some(path)
        };
        let own = match what {
            Publish::Whole => {
                let wrapper = item.files.iter().find(|(role, _)| *role == FileRole::Wrapper);
                if let Some((_, path)) = wrapper {
                    return Ok(Some(self.real(item, what, path)));
                }
                role(FileRole::Body).or_else(|| role(FileRole::Statement))
            }
            Publish::Statement => role(FileRole::Statement).or_else(|| role(FileRole::Body)),
            Publish::Answer => role(FileRole::Answer),
        };
        if let Some(path) = own
            && self.stands_alone(path)
        {
            let parts = item.files.iter().filter(|(role, _)| *role != FileRole::Wrapper).count();
            if what == Publish::Whole && parts > 1 {
                return Err(format!(
                    "les parties de « {} » se compilent chacune à part ; il faut un fichier `wrapper` pour les réunir",
                    item.key
                ));
            }
            return Ok(Some(self.real(item, what, path)));
        }
        Ok(self.generated(item, what))
    }

    /// Whether a file is a whole document, alone or through what it inputs.
    fn stands_alone(&self, path: &str) -> bool {
        let mut closure = Closure::default();
        self.reader.add(path, &mut closure);
        closure.begins && closure.class
    }

    /// A document that the author wrote whole.
    fn real(&self, item: &Item, what: Publish, path: &str) -> Target {
        let mut closure = Closure::default();
        self.reader.add(path, &mut closure);
        let name = address(path.strip_suffix(".tex").unwrap_or(path));
        self.made(item, what, name, path, closure)
    }

    /// A document that we write around what the author wrote.
    fn generated(&self, item: &Item, what: Publish) -> Option<Target> {
        let kind = self.scan.kind(item);
        let title = kind.titles.iter().find_map(|title| title.fill(&item.vars));
        let title = title.unwrap_or_else(|| item.key.clone());
        let title = mqd_tex::plain_text(&title);
        let inside: Vec<&Item> = self
            .contents
            .get(&(item.kind, item.key.clone()))
            .into_iter()
            .flatten()
            .map(|at| &self.scan.items[*at])
            .filter(|item| !item.files.is_empty())
            .collect();
        let answered = inside.iter().any(|item| {
            item.files.iter().any(|(role, _)| *role == FileRole::Answer)
                || self.scan.kind(item).parts.iter().any(|(role, _)| *role == FileRole::Answer)
        });
        let mut writer = Writer::new(&self.reader, self.scan);
        let sheet = item.files.iter().all(|(role, _)| *role == FileRole::Wrapper);
        let has = match (&kind.layout, sheet, what) {
            // A theme of which there is no exercise yet has no sheet.
            (_, true, _) if inside.is_empty() => false,
            (Some(layout), ..) if what == Publish::Whole => {
                writer.layout(layout, item, &inside, &title);
                true
            }
            (_, true, Publish::Whole) => {
                writer.sheet(&inside, &title, true, answered);
                true
            }
            (_, true, Publish::Statement) => {
                writer.sheet(&inside, &title, true, false);
                true
            }
            (_, true, Publish::Answer) => {
                writer.sheet(&inside, &title, false, true);
                answered
            }
            (_, false, Publish::Whole) => writer.document(
                item,
                &title,
                &[Role::Body, Role::Statement, Role::Hint, Role::Answer],
            ),
            (_, false, Publish::Statement) => {
                writer.document(item, &title, &[Role::Statement])
                    || writer.document(item, &title, &[Role::Body])
            }
            (_, false, Publish::Answer) => writer.document(item, &title, &[Role::Answer]),
        };
        if !has {
            return None;
        }
        let closure = writer.finish(kind);
        let part = match what {
            Publish::Whole => "",
            Publish::Statement => "-enonce",
            Publish::Answer => "-corrige",
        };
        let name = format!("{}/{}{part}", kind.name, address(&item.key));
        Some(self.made(item, what, name, MAIN, closure))
    }

    fn made(
        &self,
        item: &Item,
        what: Publish,
        name: String,
        main: &str,
        closure: Closure,
    ) -> Target {
        // The source that is compiled has the last word, then the manifest, then what it loads.
        let engine = closure
            .texts
            .get(main)
            .and_then(|text| magic(text))
            .or(self.scan.kind(item).engine)
            .or(closure.engine);
        Target {
            depot: self.scan.manifest.name.clone(),
            cle: self.scan.cle(item),
            what,
            name,
            engine: engine.unwrap_or_default(),
            main: main.to_owned(),
            texts: closure.texts,
            others: closure.others,
        }
    }
}

/// A key as it may stand in an address and in a file's name.
fn address(key: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_./".contains(c) { c } else { '-' };
    let parts: Vec<String> = key
        .split('/')
        .map(|part| part.chars().map(plain).collect::<String>())
        .map(|part| part.trim_start_matches('.').to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() { "sans-nom".to_owned() } else { parts.join("/") }
}
