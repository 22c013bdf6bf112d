//! `tex html`, `tex report`.

use super::print_json;
use crate::config::Settings;
use mqd_depot::{
    DepotConfig, DepotSources,
    contents::Role,
    manifest::{Encoding, Manifest},
    part_sources,
    scan::Scan,
    scan_all,
    source::{self, Files},
};
use mqd_tex::{Convert, FigureInfo, Preamble, Severity, Sources, convert, report::Report};
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

/// The folder of a file that is converted on its own.
struct Folder(PathBuf);

impl Sources for Folder {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        ["", ".tex"].iter().find_map(|ending| read(&self.0.join(format!("{path}{ending}"))).ok())
    }

    fn figure(&self, path: &str) -> Option<FigureInfo> {
        let endings = ["", ".pdf", ".svg", ".png", ".jpg"];
        let found = endings
            .iter()
            .map(|ending| format!("{path}{ending}"))
            .find(|path| self.0.join(path).is_file())?;
        Some(FigureInfo { src: found, size: None })
    }
}

fn read(path: &Path) -> std::io::Result<Arc<str>> {
    Ok(source::decode(&std::fs::read(path)?, Encoding::Auto))
}

/// Converts one file.
pub fn html(file: &Path, preambles: &[PathBuf], json: bool) -> eyre::Result<ExitCode> {
    let at = |path: &Path| read(path).map_err(|error| eyre::eyre!("{}: {error}", path.display()));
    let text = at(file)?;
    let folder = Folder(file.parent().unwrap_or(Path::new(".")).to_path_buf());
    let texts = preambles.iter().map(|path| at(path)).collect::<eyre::Result<Vec<_>>>()?;
    let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    let options =
        Convert { preamble: Arc::new(Preamble::read(&texts, &folder)), ..Convert::default() };
    let document = convert(&text, &file.display().to_string(), &options, &folder);
    if json {
        let index: Vec<_> = document.index.iter().map(|entry| &entry.path).collect();
        print_json(&serde_json::json!({
            "html": document.html, "text": document.text, "index": index, "inputs": document.inputs,
            "figures": document.figures, "diagnostics": document.diagnostics,
        }))?;
    } else {
        println!("{}", document.html);
        for found in &document.diagnostics {
            eprintln!(
                "{}:{}:{}: {} : {}",
                found.file, found.line, found.column, found.construct, found.message
            );
        }
    }
    let broken = document.diagnostics.iter().any(|found| found.severity == Severity::Error);
    Ok(ExitCode::from(u8::from(broken)))
}

/// The dépôts of a folder: through its manifest, the configuration's, or those that `init` would
/// propose.
fn folder(settings: &Settings, dir: &Path) -> eyre::Result<Vec<Scan>> {
    let same = |depot: &&DepotConfig| {
        let known = std::fs::canonicalize(settings.folder.join(&depot.path));
        known.is_ok_and(|known| std::fs::canonicalize(dir).is_ok_and(|dir| dir == known))
    };
    if let Some(depot) = settings.file.depot.iter().find(same) {
        return Ok(scan_all(&settings.folder, std::slice::from_ref(depot))?);
    }
    if dir.join("depot.toml").exists() {
        let depot = DepotConfig { path: dir.to_path_buf(), ..DepotConfig::default() };
        return Ok(scan_all(&std::env::current_dir()?, &[depot])?);
    }
    let proposal =
        mqd_depot::init::propose(dir).map_err(|error| eyre::eyre!("{}: {error}", dir.display()))?;
    if proposal.depots.is_empty() {
        eyre::bail!("{}: no folder with .tex files is here", dir.display());
    }
    let scan = |depot: &mqd_depot::init::ProposedDepot| -> eyre::Result<Scan> {
        let manifest = Manifest::parse(&depot.root.join("depot.toml"), &depot.manifest)?;
        let files = Files::read(&depot.root, &manifest)
            .map_err(|error| eyre::eyre!("{}: {error}", depot.root.display()))?;
        Ok(Scan::new(Arc::new(manifest), files))
    };
    proposal.depots.iter().map(scan).collect()
}

/// Says how much of the dépôts the converter renders.
pub fn report(settings: &Settings, dirs: &[PathBuf], json: bool) -> eyre::Result<ExitCode> {
    let scans = if dirs.is_empty() {
        crate::sources::scans(settings)?
    } else {
        let mut scans = Vec::new();
        for dir in dirs {
            scans.extend(folder(settings, dir)?);
        }
        scans
    };
    let mut reports = BTreeMap::new();
    for scan in &scans {
        let mut report = Report::default();
        let mut preambles: HashMap<Option<&str>, Arc<Preamble>> = HashMap::new();
        let documents =
            scan.items.iter().filter(|item| scan.kind(item).label == mqd_model::Label::Document);
        for item in documents {
            let kind = scan.kind(item);
            let name = kind
                .preamble
                .as_deref()
                .or_else(|| scan.manifest.preambles.first().map(String::as_str));
            let preamble = Arc::clone(preambles.entry(name).or_insert_with(|| {
                let text = name.and_then(|name| scan.files.text(name)).cloned().unwrap_or_default();
                Arc::new(Preamble::read(
                    &[&text],
                    &DepotSources { scan, from: name.unwrap_or_default() },
                ))
            }));
            for (role, path, text) in part_sources(scan, item) {
                let options = Convert { preamble: Arc::clone(&preamble), ..Convert::default() };
                let start = Instant::now();
                let document = convert(&text, &path, &options, &DepotSources { scan, from: &path });
                let time = start.elapsed();
                let name = if role == Role::Body { path } else { format!("{path} ({role:?})") };
                report.add(&name, &document, time);
            }
        }
        if !json {
            println!("== {}\n{}", scan.manifest.name, report.text());
        }
        reports.insert(scan.manifest.name.clone(), report);
    }
    if json {
        print_json(&reports)?;
    }
    Ok(ExitCode::SUCCESS)
}
