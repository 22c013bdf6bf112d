//! Compiling what changed.

use super::{
    closure::{Closure, Reader},
    generate::MAIN,
    plan::Target,
    report::{Compiled, Failed, Report},
    shelf::{Problem, Record, Shelf},
};
use crate::{manifest::Publish, scan::Scan};
use bytes::Bytes;
use futures::StreamExt as _;
use mqd_pdf::{Compiler, Diagnosis, Failure, Job, Outcome, RunError};
use std::{collections::BTreeMap, io, time::Instant};

/// How a run tells how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// What is done from here on, in French.
    Stage(&'static str),
    /// So many figures or PDFs are to be made.
    Start(usize),
    /// One is done.
    Done {
        /// Which.
        label: String,
        /// Whether it compiled.
        compiled: bool,
    },
}

/// How to compile.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// Runs at the same time.
    pub parallel: usize,
    /// Say what would be compiled, and compile nothing.
    pub dry_run: bool,
    /// Every dépôt of the configuration is among the scans: what belongs to none is forgotten.
    pub all: bool,
    /// Told how far the run is.
    pub progress: &'o (dyn Fn(Progress) + Sync),
}

/// A name that TeX asks for is looked for in the dépôt this many times for one document.
const QUESTIONS: usize = 12;

/// Compiles the targets whose sources changed. A document that fails stops no other one, and its
/// last PDF stays.
///
/// # Errors
/// When the folder of compiled PDFs cannot be written.
pub async fn compile(
    scans: &[Scan],
    targets: &[Target],
    shelf: &Shelf,
    compiler: &Compiler,
    options: Options<'_>,
) -> io::Result<Report> {
    let start = Instant::now();
    let mut report = Report { dry_run: options.dry_run, ..Report::default() };
    let mut records = shelf.records();
    let mut todo = Vec::new();
    for target in targets {
        let before = records.remove(&(target.depot.clone(), target.name.clone()));
        let Some(scan) = scans.iter().find(|scan| scan.manifest.name == target.depot) else {
            continue;
        };
        let mut asked = before.as_ref().map(|before| before.asked.clone()).unwrap_or_default();
        asked.retain(|_, path| scan.files.files.contains_key(path));
        let job = match job(scan, target, &asked) {
            Ok(job) => job,
            Err(error) => {
                report.failed.push(failed(target, unreadable(&error), before.as_ref(), shelf));
                continue;
            }
        };
        let digest = compiler.key(&job);
        let current = before.as_ref().filter(|before| before.digest == digest);
        match current {
            Some(record) if record.problem.as_ref().is_some_and(|problem| problem.lasting) => {
                let problem = record.problem.clone().unwrap_or_else(|| unreadable("?"));
                report
                    .failed
                    .push(Failed { known: true, ..failed(target, problem, Some(record), shelf) });
            }
            Some(record) if record.problem.is_none() && shelf.has(record) => report.unchanged += 1,
            _ => todo.push((target, scan, job, asked, before)),
        }
    }
    // What is left has no document any more.
    for record in records.into_values() {
        let ours = scans.iter().any(|scan| scan.manifest.name == record.depot);
        if ours || options.all {
            report.removed.push(format!("{}/{}.pdf", record.depot, record.name));
            if !options.dry_run {
                shelf.remove(&record)?;
            }
        }
    }
    if options.dry_run {
        report.compiled = todo
            .iter()
            .map(|(target, ..)| Compiled { pdf: target.label(), seconds: 0.0 })
            .collect();
        report.compiled.sort_by(|a, b| a.pdf.cmp(&b.pdf));
        return Ok(report);
    }
    (options.progress)(Progress::Stage("compilation"));
    (options.progress)(Progress::Start(todo.len()));
    let mut runs = futures::stream::iter(todo.into_iter().map(
        |(target, scan, job, asked, before)| async move {
            let start = Instant::now();
            let (result, job, asked) = answered(scan, target, job, asked, compiler).await;
            (target, result, job, asked, before, start.elapsed().as_secs_f64())
        },
    ))
    .buffer_unordered(options.parallel.max(1));
    while let Some((target, result, job, asked, before, seconds)) = runs.next().await {
        let mut record = Record {
            depot: target.depot.clone(),
            name: target.name.clone(),
            cle: target.cle.clone(),
            what: target.what,
            engine: target.engine,
            digest: compiler.key(&job),
            asked,
            seconds: (seconds * 1000.0).round() / 1000.0,
            problem: None,
            pdf: before.as_ref().and_then(|before| before.pdf.clone()),
        };
        match result {
            Ok(pdf) => {
                record.pdf = Some(shelf.put_pdf(target, &pdf)?);
                report.compiled.push(Compiled { pdf: target.label(), seconds: record.seconds });
            }
            Err(problem) => {
                record.problem = Some(problem.clone());
                report.failed.push(failed(target, problem, before.as_ref(), shelf));
            }
        }
        shelf.put(&record)?;
        let compiled = record.problem.is_none();
        (options.progress)(Progress::Done { label: target.label(), compiled });
    }
    drop(runs);
    report.compiled.sort_by(|a, b| a.pdf.cmp(&b.pdf));
    report.failed.sort_by(|a, b| a.pdf.cmp(&b.pdf));
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

fn failed(target: &Target, problem: Problem, before: Option<&Record>, shelf: &Shelf) -> Failed {
    Failed {
        pdf: target.label(),
        depot: target.depot.clone(),
        problem,
        kept: before.is_some_and(|before| shelf.has(before)),
        known: false,
    }
}

fn unreadable(error: impl ToString) -> Problem {
    Problem {
        file: None,
        line: None,
        message: error.to_string(),
        excerpt: String::new(),
        hint: "Un fichier du dépôt ne peut pas être lu.".to_owned(),
        lasting: false,
    }
}

/// TeX could not be started, or its folder could not be written.
fn not_run(error: impl ToString) -> Problem {
    Problem {
        hint: "La compilation n'a pas pu se faire ; ce document sera repris à la prochaine maintenance (place sur le disque, droits et mémoire sont à vérifier)."
            .to_owned(),
        ..unreadable(error)
    }
}

/// A target with the bytes of its files.
fn job(scan: &Scan, target: &Target, asked: &BTreeMap<String, String>) -> Result<Job, String> {
    let mut files: BTreeMap<String, Bytes> = target
        .texts
        .iter()
        .map(|(path, text)| (path.clone(), Bytes::copy_from_slice(text.as_bytes())))
        .collect();
    for path in &target.others {
        files.insert(path.clone(), read(scan, path)?);
    }
    let reader = Reader::new(&scan.files);
    for (name, path) in asked {
        give(scan, &reader, name, path, &mut files)?;
    }
    Ok(Job { engine: target.engine, main: target.main.clone(), files })
}

fn read(scan: &Scan, path: &str) -> Result<Bytes, String> {
    let bytes = scan.files.bytes(path);
    bytes.map(Bytes::from).map_err(|error| format!("{path} : {error}"))
}

/// Gives a run a file of the dépôt under the name that TeX asks for, with all that it needs.
fn give(
    scan: &Scan,
    reader: &Reader<'_>,
    name: &str,
    path: &str,
    files: &mut BTreeMap<String, Bytes>,
) -> Result<(), String> {
    let mut closure = Closure::default();
    reader.add(path, &mut closure);
    for (of, text) in closure.texts {
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        if of == path {
            files.insert(name.to_owned(), bytes.clone());
        }
        files.entry(of).or_insert(bytes);
    }
    for of in closure.others {
        let bytes = read(scan, &of)?;
        if of == path {
            files.insert(name.to_owned(), bytes.clone());
        }
        files.entry(of).or_insert(bytes);
    }
    Ok(())
}

/// Runs a job; a file of the dépôt that TeX asks for and that no source names (a macro made its
/// name) is given to it.
async fn answered(
    scan: &Scan,
    target: &Target,
    mut job: Job,
    mut asked: BTreeMap<String, String>,
    compiler: &Compiler,
) -> (Result<Bytes, Problem>, Job, BTreeMap<String, String>) {
    loop {
        let outcome = run(&job, compiler).await;
        let (why, diagnosis) = match outcome {
            Ok(Outcome::Pdf { pdf, .. }) => return (Ok(pdf), job, asked),
            Ok(Outcome::Failed { why, diagnosis, .. }) => (why, diagnosis),
            Err(error) => return (Err(not_run(error)), job, asked),
        };
        if let Some(diagnosis) = &diagnosis
            && asked.len() < QUESTIONS
            && let Some((name, path)) = missing(scan, target, &diagnosis.message)
            && !job.files.contains_key(&name)
            && give(scan, &Reader::new(&scan.files), &name, &path, &mut job.files).is_ok()
        {
            asked.insert(name, path);
            continue;
        }
        return (Err(problem(target, why, diagnosis)), job, asked);
    }
}

/// Waits while other documents fill the queue.
async fn run(job: &Job, compiler: &Compiler) -> Result<Outcome, String> {
    loop {
        match compiler.compile(job.clone(), false).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => match &*error {
                RunError::Busy { retry_after } => tokio::time::sleep(*retry_after).await,
                error => return Err(error.to_string()),
            },
        }
    }
}

/// A file that TeX's message names and that is in the dépôt: as a run must be given it, and where
/// it is.
fn missing(scan: &Scan, target: &Target, message: &str) -> Option<(String, String)> {
    const ENDINGS: &[&str] = &["", ".tex", ".pdf", ".png", ".jpg", ".jpeg"];
    if !(message.contains("not found") || message.contains("find") || message.contains("open")) {
        return None;
    }
    let sources = || {
        let of_main = (target.main != MAIN).then_some(target.main.as_str());
        of_main.into_iter().chain(target.texts.keys().map(String::as_str))
    };
    message
        .split(['`', '\'', '"', '‘', '’'])
        .skip(1)
        .step_by(2)
        .map(|name| name.trim().trim_start_matches("./"))
        .filter(|name| !name.is_empty() && !name.starts_with('/') && !name.contains(".."))
        .find_map(|name| {
            let file = sources().find_map(|from| scan.files.find(from, name, ENDINGS))?;
            // The same ending as the file, where the name has none.
            let ending = ENDINGS.iter().find(|ending| {
                !ending.is_empty() && file.path.ends_with(**ending) && !name.ends_with(**ending)
            });
            Some((format!("{name}{}", ending.unwrap_or(&"")), file.path.clone()))
        })
}

fn problem(target: &Target, why: Failure, diagnosis: Option<Diagnosis>) -> Problem {
    let (file, line, message, excerpt, hint) = match diagnosis {
        Some(Diagnosis { file, line, message, excerpt, hint }) => {
            (file, line, message, excerpt, hint)
        }
        None => (None, None, String::new(), String::new(), String::new()),
    };
    let (said, meant) = match why {
        Failure::Time => (
            "La compilation dure trop longtemps",
            "Une boucle sans fin, ou un document à couper en plusieurs.",
        ),
        Failure::Disk => {
            ("La compilation écrit trop de fichiers", "Une boucle sans fin écrit sans doute.")
        }
        Failure::NoPage => (
            "Le document n'a aucune page",
            "Rien n'est écrit entre \\begin{document} et \\end{document}.",
        ),
        _ => ("TeX s'est arrêté", "Compilez ce document à la main pour voir ce que TeX en dit."),
    };
    // A part of a file was given under a name of ours, with the lines that it has there.
    let file = file.map(|file| {
        let part = file.strip_prefix("mqd-part-").and_then(|rest| rest.split_once('/'));
        part.map_or(file.clone(), |(_, path)| path.to_owned())
    });
    let ours = file.as_deref() == Some(MAIN);
    let errors = why == Failure::Errors;
    Problem {
        line: line.filter(|_| !ours),
        file: file.filter(|_| !ours).or_else(|| (target.main != MAIN).then(|| target.main.clone())),
        message: if message.is_empty() || !errors { said.to_owned() } else { message },
        excerpt,
        hint: if hint.is_empty() || !errors { meant.to_owned() } else { hint },
        lasting: errors || why == Failure::NoPage,
    }
}

impl Publish {
    /// The property of a document that holds the address of this PDF.
    #[must_use]
    pub fn property(self) -> &'static str {
        match self {
            Self::Whole => "url",
            Self::Statement => "urlEnon",
            Self::Answer => "urlCorr",
        }
    }
}
