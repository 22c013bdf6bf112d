//! Maintenance: read the dépôts, plan, show, apply.

use crate::{
    Maquis,
    config::DepotConfig,
    manifest::{Manifest, ManifestError},
    plan::{Plan, plan},
    scan::Scan,
    source::Files,
};
use mqd_model::{Label, Node, Summary};
use serde::Serialize;
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What can go wrong before anything is written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaintainError {
    /// A manifest is wrong; the message names file, line and what was expected.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A dépôt cannot be read.
    #[error("the dépôt {path} cannot be read: {error}")]
    Depot {
        /// Its folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Two dépôts have one name.
    #[error("two dépôts are named « {0} »: change `name` in one depot.toml")]
    SameName(String),
    /// No dépôt has this name.
    #[error("no dépôt is named « {0} »; there are: {1}")]
    Unknown(String, String),
    /// The store refused or cannot be written.
    #[error(transparent)]
    Store(#[from] mqd_store::Error),
}

/// What a run did, or would do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Whether anything was written.
    pub applied: bool,
    /// Nodes that the sources give: label, kind, number.
    pub counts: Vec<(String, String, usize)>,
    /// Changes by kind of change.
    pub changes: Summary,
    /// Nodes created.
    pub created: Vec<String>,
    /// Nodes updated.
    pub updated: Vec<String>,
    /// Nodes deleted.
    pub deleted: Vec<String>,
    /// Files that became nothing: dépôt, path, why.
    pub ignored: Vec<(String, String, String)>,
    /// Concepts that look the same.
    pub duplicates: Vec<Vec<String>>,
    /// What an author should know.
    pub remarks: Vec<String>,
}

/// Reads the dépôts of a configuration.
///
/// # Errors
/// [`MaintainError`] for the first dépôt or manifest that is wrong.
pub fn scan_all(folder: &Path, depots: &[DepotConfig]) -> Result<Vec<Scan>, MaintainError> {
    let mut scans: Vec<Scan> = Vec::new();
    for depot in depots {
        let root = folder.join(&depot.path);
        let file = depot
            .manifest
            .as_ref()
            .map_or_else(|| root.join("depot.toml"), |manifest| folder.join(manifest));
        let manifest = Manifest::load(&file)?;
        if scans.iter().any(|scan| scan.manifest.name == manifest.name) {
            return Err(MaintainError::SameName(manifest.name));
        }
        let mut files = Files::read(&root, &manifest)
            .map_err(|error| MaintainError::Depot { path: root, error })?;
        files.commit = files.commit.or_else(|| depot.commit.clone());
        scans.push(Scan::new(Arc::new(manifest), files));
    }
    Ok(scans)
}

/// Keeps the dépôts that are named; all when none is.
///
/// # Errors
/// [`MaintainError::Unknown`] for a name that none has.
pub fn only(scans: Vec<Scan>, names: &[String]) -> Result<Vec<Scan>, MaintainError> {
    if names.is_empty() {
        return Ok(scans);
    }
    let known: Vec<String> = scans.iter().map(|scan| scan.manifest.name.clone()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(MaintainError::Unknown(unknown.clone(), known.join(", ")));
    }
    Ok(scans.into_iter().filter(|scan| names.contains(&scan.manifest.name)).collect())
}

/// Brings a maquis in line with scanned dépôts; with `dry_run`, only says how.
///
/// # Errors
/// [`MaintainError::Store`] when the store refuses; nothing is changed then.
pub fn maintain(scans: &[Scan], maquis: &Maquis, dry_run: bool) -> Result<Report, MaintainError> {
    let graph = maquis.graph();
    let plan = plan(scans, &graph);
    let mut after = graph;
    if !dry_run && !plan.changes.is_empty() {
        after = maquis.apply(&plan.changes)?;
    }
    let same = mqd_model::literal::duplicates(after.nodes(Label::Concept));
    let titles = |group: Vec<&Node>| group.iter().map(|node| node.title().to_owned()).collect();
    Ok(report(scans, plan, !dry_run, same.into_iter().map(titles).collect()))
}

fn report(scans: &[Scan], plan: Plan, applied: bool, duplicates: Vec<Vec<String>>) -> Report {
    Report {
        applied,
        counts: plan
            .counts
            .iter()
            .map(|((label, kind), number)| (label.clone(), kind.clone(), *number))
            .collect(),
        changes: plan.changes.summary(),
        created: plan.created,
        updated: plan.updated,
        deleted: plan.deleted,
        ignored: scans
            .iter()
            .flat_map(|scan| {
                scan.ignored
                    .iter()
                    .map(|(path, why)| (scan.manifest.name.clone(), path.clone(), why.clone()))
            })
            .collect(),
        duplicates,
        remarks: plan
            .remarks
            .into_iter()
            .chain(scans.iter().flat_map(|scan| {
                scan.remarks.iter().map(|remark| format!("{} : {remark}", scan.manifest.name))
            }))
            .collect(),
    }
}

/// How many lines of one sort are shown.
const SHOWN: usize = 15;

impl Report {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (title, lines) in
            [("créés", &self.created), ("mis à jour", &self.updated), ("supprimés", &self.deleted)]
        {
            section(&mut out, title, lines);
        }
        section(&mut out, "remarques", &self.remarks);
        let duplicates: Vec<String> =
            self.duplicates.iter().map(|group| group.join(" = ")).collect();
        section(&mut out, "concepts qui se ressemblent (maquisdoc concept merge A B)", &duplicates);
        let ignored: Vec<String> = self
            .ignored
            .iter()
            .map(|(depot, path, why)| format!("{depot}/{path} : {why}"))
            .collect();
        section(&mut out, "fichiers ignorés", &ignored);
        out.push_str("\nlabel       type                               nombre\n");
        for (label, kind, number) in &self.counts {
            out.push_str(&format!("{label:<11} {kind:<34} {number:>6}\n"));
        }
        let c = &self.changes;
        let done = if self.applied { "fait" } else { "à faire (rien n'est écrit)" };
        out.push_str(&format!(
            "\n{done} : nœuds +{} ~{} -{}, relations +{} ~{} -{}\n",
            c.nodes_created,
            c.nodes_updated,
            c.nodes_deleted,
            c.relations_created,
            c.relations_updated,
            c.relations_deleted
        ));
        out
    }
}

fn section(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    out.push_str(&format!("{title} ({})\n", lines.len()));
    for line in lines.iter().take(SHOWN) {
        out.push_str(&format!("  {line}\n"));
    }
    if lines.len() > SHOWN {
        out.push_str(&format!("  … et {} autres (--json les donne tous)\n", lines.len() - SHOWN));
    }
}
