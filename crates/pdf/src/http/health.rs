//! Is the service able to compile? A tiny document is compiled now and then, and the last results
//! are kept.

use super::{Service, answer::fresh_json};
use crate::{Compiler, Engine, Job, Outcome, RunError};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{Html, Response},
};
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const PROBE: &str = "\\documentclass{article}\\begin{document}ok\\end{document}";
const EVERY: Duration = Duration::from_secs(300);
const EVERY_WHILE_BAD: Duration = Duration::from_secs(10);
const KEPT: usize = 24;

/// One probe.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub(super) struct Probe {
    ok: bool,
    milliseconds: u128,
    seconds_after_start: u64,
}

/// The last probes.
#[derive(Debug)]
pub(super) struct Health {
    compiler: Compiler,
    started: Instant,
    probes: Mutex<VecDeque<Probe>>,
    turn: tokio::sync::Mutex<()>,
}

impl Health {
    pub(super) fn start(compiler: Compiler) -> Self {
        Self {
            compiler,
            started: Instant::now(),
            probes: Mutex::default(),
            turn: Default::default(),
        }
    }

    /// The probes, after a new one when the last is old. While too many wait, the last one stands.
    async fn look(&self) -> Vec<Probe> {
        // One at a time: the others find the probe that was made meanwhile.
        let _turn = self.turn.lock().await;
        let last = self.probes().back().copied();
        let now = self.started.elapsed();
        let old = |probe: Probe| {
            let every = if probe.ok { EVERY } else { EVERY_WHILE_BAD };
            now.as_secs() > probe.seconds_after_start + every.as_secs()
        };
        if last.is_none_or(old) {
            let start = Instant::now();
            let outcome = self.compiler.compile(Job::of_text(Engine::Pdflatex, PROBE), true).await;
            let busy = matches!(&outcome, Err(error) if matches!(**error, RunError::Busy { .. }));
            let probe = Probe {
                ok: busy || matches!(outcome, Ok(Outcome::Pdf { .. })),
                milliseconds: start.elapsed().as_millis(),
                seconds_after_start: now.as_secs(),
            };
            let mut probes = self.probes();
            if !busy || probes.is_empty() {
                probes.push_back(probe);
            }
            if probes.len() > KEPT {
                probes.pop_front();
            }
        }
        self.probes().iter().copied().collect()
    }

    fn probes(&self) -> std::sync::MutexGuard<'_, VecDeque<Probe>> {
        self.probes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `GET /version`.
pub(super) async fn version() -> Json<serde_json::Value> {
    Json(serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "link": env!("CARGO_PKG_REPOSITORY"),
    }))
}

fn status(probes: &[Probe]) -> StatusCode {
    if probes.last().is_some_and(|probe| probe.ok) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

/// `GET /health.json`.
pub(super) async fn json(State(service): State<Service>) -> Response {
    let health = service.health.look().await;
    let uptime = service.health.started.elapsed().as_secs();
    fresh_json(
        status(&health),
        serde_json::json!({
            "uptime": uptime,
            "health": health,
            "statistics": service.compiler.statistics(),
        }),
    )
}

/// `GET /health`.
pub(super) async fn page(State(service): State<Service>) -> (StatusCode, Html<String>) {
    let health = service.health.look().await;
    let rows: String = health
        .iter()
        .map(|p| format!("<li>{} – {} ms</li>", if p.ok { "ok" } else { "échec" }, p.milliseconds))
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"fr\"><meta charset=\"utf-8\"><title>Santé du service de compilation</title>\
         <h1>Service de compilation</h1><p>En service depuis {} s.</p><ul>{rows}</ul></html>",
        service.health.started.elapsed().as_secs()
    );
    (status(&health), Html(page))
}
