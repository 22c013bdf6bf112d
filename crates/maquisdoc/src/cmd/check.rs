//! `check`: the consistency rules, what the maquis holds beyond the model, and uuids for nodes that
//! another program made without.

use super::print_json;
use crate::{cli, config::Settings, platform};
use mqd_depot::Maquis;
use mqd_model::{Label, Rel, Snapshot, rules::Offence};
use std::{collections::BTreeMap, process::ExitCode};

/// Offences of one rule that are told to a person at most.
const MOST: usize = 10;
/// Properties that are ours begin so.
const OURS: &str = "mqd_";

/// Exit code 1 when a rule is broken.
pub fn run(settings: &Settings, options: &cli::Check) -> eyre::Result<ExitCode> {
    if options.add_uuids {
        return add_uuids(settings, options);
    }
    let snapshot = platform::open_store(settings, true)?.load()?;
    let offences = mqd_model::rules::check(&snapshot);
    let beyond = beyond(&snapshot);
    if options.json {
        let list: Vec<_> = offences
            .iter()
            .map(|o| serde_json::json!({ "rule": o.rule.name, "sentence": o.rule.sentence, "detail": o.detail, "nodes": o.nodes }))
            .collect();
        print_json(&serde_json::json!({
            "nodes": snapshot.nodes.len(), "offences": list, "beyond_the_model": beyond,
        }))?;
    } else {
        print!("{}", text(&snapshot, &offences, options.all));
        for (what, count) in &beyond {
            println!("– {what} : {count} (hors du modèle, gardé tel quel)");
        }
        match offences.len() {
            0 => println!("verdict: {} nodes, every rule holds", snapshot.nodes.len()),
            count => println!("verdict: {count} offences"),
        }
    }
    Ok(ExitCode::from(u8::from(!offences.is_empty())))
}

fn text(snapshot: &Snapshot, offences: &[Offence], all: bool) -> String {
    let title = |id: &i64| {
        let node = snapshot.nodes.iter().find(|node| node.id == *id);
        node.map_or_else(|| id.to_string(), |node| format!("{} « {} »", node.kind(), node.title()))
    };
    let mut out = String::new();
    for group in offences.chunk_by(|a, b| a.rule.name == b.rule.name) {
        let rule = group[0].rule;
        out.push_str(&format!("✗ {} ({}) : {}\n", rule.name, group.len(), rule.sentence));
        let shown = if all { group.len() } else { MOST };
        for offence in group.iter().take(shown) {
            let nodes: Vec<String> = offence.nodes.iter().take(5).map(title).collect();
            out.push_str(&format!("  {} — {}\n", offence.detail, nodes.join(", ")));
        }
        if group.len() > shown {
            out.push_str(&format!("  … et {} autres (--all les montre)\n", group.len() - shown));
        }
    }
    out
}

/// What other programs put there and the model does not know: it is kept, and told.
fn beyond(snapshot: &Snapshot) -> BTreeMap<String, usize> {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let mut note = |what: String| *found.entry(what).or_default() += 1;
    for node in &snapshot.nodes {
        for label in &node.labels {
            if !Label::ALL.iter().any(|known| known.name() == label) {
                note(format!("label « {label} »"));
            }
        }
        if node.labels.len() > 1 {
            note(format!("nœuds à plusieurs labels ({})", node.labels.join(", ")));
        }
        let known = node.label().map(|label| label.spec().props).unwrap_or_default();
        for name in node.props.keys().filter(|name| !name.starts_with(OURS)) {
            if !known.iter().any(|prop| prop.name == name) {
                let label = node.labels.first().map_or("sans label", String::as_str);
                note(format!("propriété « {name} » ({label})"));
            }
        }
    }
    for relation in &snapshot.relations {
        if !Rel::ALL.iter().any(|known| known.name() == relation.kind) {
            note(format!("relation « {} »", relation.kind));
        }
        for name in relation.props.keys().filter(|name| !name.starts_with(OURS)) {
            note(format!("propriété « {name} » de la relation « {} »", relation.kind));
        }
    }
    found
}

/// Gives a uuid to every node that has none, in one transaction.
fn add_uuids(settings: &Settings, options: &cli::Check) -> eyre::Result<ExitCode> {
    let maquis = if options.dry_run {
        Maquis::open(platform::open_store(settings, true)?)?
    } else {
        platform::open_maquis(settings)?
    };
    let changes = mqd_store::give_uuids(maquis.graph().snapshot());
    let count = changes.changes.len();
    if !options.dry_run && count > 0 {
        maquis.apply(&changes)?;
    }
    if options.json {
        print_json(&serde_json::json!({ "uuids": count, "written": !options.dry_run }))?;
    } else if options.dry_run {
        println!("{count} nœuds sans uuid en recevraient un (rien n'est écrit)");
    } else {
        println!("{count} nœuds ont reçu un uuid");
    }
    Ok(ExitCode::SUCCESS)
}
