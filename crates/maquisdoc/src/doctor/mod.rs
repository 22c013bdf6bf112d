//! `maquisdoc doctor`: one line a server, details and remedy for what fails, one verdict line,
//! an exit code for scripts, no side effect, no secret shown.

mod github;
mod latex;
mod machine;
mod servers;
mod store;

use crate::config::{ConfigError, Settings};
use serde::Serialize;
use std::fmt::Write as _;

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not configured, and not needed.
    Off,
    /// Works.
    Ok,
    /// Works, but something wants attention.
    Warning,
    /// Does not work.
    Failure,
}

/// What was found about one thing.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The server or thing, by a stable name.
    pub name: &'static str,
    /// How well it is.
    pub state: State,
    /// One line.
    pub summary: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    fn ok(name: &'static str, summary: impl Into<String>) -> Self {
        Self { name, state: State::Ok, summary: summary.into(), remedy: None }
    }

    fn off(name: &'static str, summary: impl Into<String>) -> Self {
        Self { name, state: State::Off, summary: summary.into(), remedy: None }
    }

    fn warning(name: &'static str, summary: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state: State::Warning, summary: summary.into(), remedy: Some(remedy.into()) }
    }

    fn failure(name: &'static str, summary: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state: State::Failure, summary: summary.into(), remedy: Some(remedy.into()) }
    }
}

/// An address without the user and password that someone may have written into it.
fn shown(address: &str) -> String {
    match (address.find("://"), address.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://…{}", &address[..scheme], &address[at..])
        }
        _ => address.to_owned(),
    }
}

/// How long ago something was, for people.
fn ago(moment: jiff::Timestamp) -> String {
    let seconds = jiff::Timestamp::now().duration_since(moment).as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Everything that was found.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// `ok`, `warning` or `failure`.
    pub verdict: State,
    /// One entry a server or thing.
    pub findings: Vec<Finding>,
}

/// Looks at everything. Probes run at the same time, each with its own time limit.
#[must_use]
pub fn examine(settings: &Settings) -> Diagnosis {
    let probes: [fn(&Settings) -> Vec<Finding>; 5] =
        [machine::examine, store::examine, servers::examine, github::examine, latex::examine];
    let findings: Vec<Finding> = std::thread::scope(|scope| {
        let running: Vec<_> =
            probes.iter().map(|probe| scope.spawn(move || probe(settings))).collect();
        running
            .into_iter()
            .flat_map(|probe| {
                probe.join().unwrap_or_else(|_| {
                    vec![Finding::failure(
                        "doctor",
                        "a check stopped half-way",
                        "please report this as a fault of maquisdoc",
                    )]
                })
            })
            .collect()
    });
    let verdict =
        findings.iter().map(|finding| finding.state).max().unwrap_or(State::Ok).max(State::Ok);
    Diagnosis { verdict, findings }
}

/// A configuration that cannot be read at all: nothing else can be looked at.
#[must_use]
pub fn refused(error: &ConfigError) -> Diagnosis {
    let remedy = match error {
        ConfigError::Env(_) => "set or mend the variable (`maquisdoc env` lists them all)",
        ConfigError::File { .. } => "mend the file where the message says",
        ConfigError::Dangerous { .. } => "mend it, or unset it here",
    };
    let finding = Finding::failure("configuration", error.to_string(), remedy);
    Diagnosis { verdict: State::Failure, findings: vec![finding] }
}

impl Diagnosis {
    /// 0 when all is well, 1 for warnings when `strict`, 2 for failures.
    #[must_use]
    pub fn exit_code(&self, strict: bool) -> u8 {
        match self.verdict {
            State::Failure => 2,
            State::Warning if strict => 1,
            _ => 0,
        }
    }

    /// For people: a line a finding, a remedy under what wants one, the verdict last.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for finding in &self.findings {
            let mark = match finding.state {
                State::Off => "–",
                State::Ok => "✓",
                State::Warning => "!",
                State::Failure => "✗",
            };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{mark} {:<14} {}", finding.name, finding.summary.trim_end());
            if let Some(remedy) = &finding.remedy {
                let _ = writeln!(out, "  {:<14} → {remedy}", "");
            }
        }
        let count = |state| self.findings.iter().filter(|f| f.state == state).count();
        let (failures, warnings) = (count(State::Failure), count(State::Warning));
        let _ = match self.verdict {
            State::Failure => writeln!(out, "verdict: {failures} failing, {warnings} to look at"),
            State::Warning => writeln!(out, "verdict: works, {warnings} to look at"),
            _ => writeln!(out, "verdict: all is well"),
        };
        out
    }
}
