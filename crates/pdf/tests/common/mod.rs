//! What the tests with a real TeX share.
#![allow(dead_code)] // Each test file uses its part.

use bytes::Bytes;
use mqd_pdf::{Compiler, Engine, Job, Limits, Outcome, Settings};
use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::Duration,
};

/// A compiler in a folder of its own, with limits that fit small documents on a busy machine.
pub struct Bench {
    pub compiler: Compiler,
    pub folder: tempfile::TempDir,
}

pub fn limits() -> Limits {
    Limits {
        time: Duration::from_secs(20),
        memory: 1 << 30,
        file_size: 8 << 20,
        disk: 32 << 20,
        processes: 32,
        ..Limits::default()
    }
}

pub fn bench() -> Bench {
    bench_with(|_| {})
}

pub fn bench_with(change: impl FnOnce(&mut Settings)) -> Bench {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut settings = Settings { limits: limits(), ..Settings::new(folder.path()) };
    change(&mut settings);
    let compiler = Compiler::new(settings).unwrap_or_else(|error| panic!("{error}"));
    Bench { compiler, folder }
}

pub fn job(engine: Engine, main: &str, files: &[(&str, &[u8])]) -> Job {
    let files =
        files.iter().map(|(path, bytes)| ((*path).to_owned(), Bytes::copy_from_slice(bytes)));
    Job { engine, main: main.to_owned(), files: files.collect() }
}

/// A document of one file.
pub fn document(body: &str) -> Job {
    Job::of_text(
        Engine::Pdflatex,
        format!("\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"),
    )
}

/// The PDF of an outcome, or a panic with its log.
#[track_caller]
pub fn pdf(outcome: Outcome) -> Bytes {
    match outcome {
        Outcome::Pdf { pdf, .. } => pdf,
        Outcome::Failed { why, log, diagnosis } => panic!("{why:?} {diagnosis:?}\n{log}"),
    }
}

/// The text of a PDF, by poppler.
pub fn text(pdf: &[u8]) -> String {
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext is installed (scripts/setup test)");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(pdf).expect("it reads");
    drop(stdin);
    String::from_utf8_lossy(&child.wait_with_output().expect("it ends").stdout).into_owned()
}
