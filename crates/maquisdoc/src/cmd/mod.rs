//! The commands, a file each where there is something to do.

pub mod data;
pub mod init;
pub mod maintain;
pub mod serve;
pub mod sheet;
pub mod tex;
pub mod watch;

use crate::{config::Settings, doctor, platform};
use std::process::ExitCode;

/// Prints a value as JSON.
pub(crate) fn print_json(value: &impl serde::Serialize) -> eyre::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// `doctor`: exit code 0, 1 (warnings, with --strict) or 2.
pub fn doctor(settings: &Settings, json: bool, strict: bool) -> eyre::Result<ExitCode> {
    let diagnosis = doctor::examine(settings);
    if json {
        print_json(&diagnosis)?;
    } else {
        print!("{}", diagnosis.text());
    }
    Ok(ExitCode::from(diagnosis.exit_code(strict)))
}

/// `check`: exit code 1 when a rule is broken.
pub fn check(settings: &Settings, json: bool) -> eyre::Result<ExitCode> {
    let snapshot = platform::open_store(settings, true)?.load()?;
    let offences = mqd_model::rules::check(&snapshot);
    let title = |id: &i64| {
        let node = snapshot.nodes.iter().find(|node| node.id == *id);
        node.map_or_else(|| id.to_string(), |node| format!("{} « {} »", node.kind(), node.title()))
    };
    if json {
        let list: Vec<_> = offences
            .iter()
            .map(|o| serde_json::json!({ "rule": o.rule.name, "sentence": o.rule.sentence, "detail": o.detail, "nodes": o.nodes }))
            .collect();
        print_json(&serde_json::json!({ "nodes": snapshot.nodes.len(), "offences": list }))?;
    } else {
        for offence in &offences {
            let nodes: Vec<String> = offence.nodes.iter().take(5).map(title).collect();
            println!(
                "✗ {} : {}\n  {} — {}",
                offence.rule.name,
                offence.rule.sentence,
                offence.detail,
                nodes.join(", ")
            );
        }
        match offences.len() {
            0 => println!("verdict: {} nodes, every rule holds", snapshot.nodes.len()),
            count => println!("verdict: {count} offences"),
        }
    }
    Ok(ExitCode::from(u8::from(!offences.is_empty())))
}
