//! The checks of the rules that look at nodes one by one or at relations one by one.

use super::{
    Breach,
    facts::{Facts, Joint, name},
};
use crate::{Label, Node, Rel, Value, schema::valid_triple};
use std::{collections::HashMap, hash::Hash};

/// The kinds of concept between which PORTE_SUR and OUTIL_DE are.
const RESULT: &str = "résultat mathématique";
const OBJECT: &str = "objet mathématique";

fn about(nodes: &[&Node], detail: String) -> Breach {
    Breach { nodes: nodes.iter().map(|node| node.id).collect(), relations: Vec::new(), detail }
}

fn about_joint(facts: &Facts<'_>, joint: &Joint<'_>, why: &str) -> Breach {
    let (from, to) = (facts.node(joint.from), facts.node(joint.to));
    Breach {
        nodes: vec![from.id, to.id],
        relations: vec![joint.relation.id],
        detail: format!("{} {} {} : {why}", name(from), joint.relation.kind, name(to)),
    }
}

/// Items that share a key with another, grouped, in the order of the first of each group.
fn shared<T: Copy, K: Eq + Hash>(
    items: impl Iterator<Item = T>,
    key: impl Fn(T) -> Option<K>,
) -> Vec<Vec<T>> {
    let mut first: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<Vec<T>> = Vec::new();
    for item in items {
        let Some(key) = key(item) else { continue };
        let at = *first.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(item);
    }
    groups.retain(|group| group.len() > 1);
    groups
}

pub(super) fn known_label(facts: &Facts<'_>) -> Vec<Breach> {
    facts
        .nodes
        .iter()
        .filter(|(_, label)| label.is_none())
        .map(|(node, _)| {
            let labels = match node.labels.as_slice() {
                [] => "n'a aucun label".to_owned(),
                labels => format!("porte {}", labels.join(", ")),
            };
            about(&[node], format!("Le nœud n° {} {labels}.", node.id))
        })
        .collect()
}

pub(super) fn has_uuid(facts: &Facts<'_>) -> Vec<Breach> {
    facts
        .nodes
        .iter()
        .filter(|(node, _)| node.uuid.is_none())
        .map(|(node, _)| about(&[node], format!("{} n'a pas d'uuid.", name(node))))
        .collect()
}

pub(super) fn unique_uuid(facts: &Facts<'_>) -> Vec<Breach> {
    shared(facts.nodes.iter().map(|(node, _)| *node), |node| node.uuid)
        .into_iter()
        .map(|group| {
            let uuid = group[0].uuid.unwrap_or_default();
            about(&group, format!("{} nœuds ont l'uuid {uuid}.", group.len()))
        })
        .collect()
}

pub(super) fn titled(facts: &Facts<'_>) -> Vec<Breach> {
    facts
        .nodes
        .iter()
        .filter_map(|(node, label)| {
            let property = (*label)?.spec().title;
            let why = match node.props.get(property) {
                None => "est absent",
                Some(Value::String(text)) if text.trim().is_empty() => "est vide",
                Some(Value::String(_)) => return None,
                Some(_) => "n'est pas un texte",
            };
            Some(about(&[node], format!("Nœud n° {} : « {property} » {why}.", node.id)))
        })
        .collect()
}

pub(super) fn known_kind(facts: &Facts<'_>) -> Vec<Breach> {
    facts
        .nodes
        .iter()
        .filter_map(|(node, label)| {
            let spec = (*label)?.spec();
            // No kinds in the table: any will do, and none too.
            if spec.kinds.is_empty() || spec.kinds.contains(&node.kind()) {
                return None;
            }
            let detail = match node.kind() {
                "" => format!("{} n'a pas de « {} ».", name(node), spec.kind),
                kind => format!("{} : « {kind} » n'est pas un {} connu.", name(node), spec.kind),
            };
            Some(about(&[node], detail))
        })
        .collect()
}

pub(super) fn unique_key(facts: &Facts<'_>) -> Vec<Breach> {
    let keyed = |(node, label): (&_, Option<Label>)| {
        let node: &Node = node;
        let title = node.title();
        (!title.trim().is_empty()).then_some((label?, node.kind().to_owned(), title.to_owned()))
    };
    shared(facts.nodes.iter().copied(), keyed)
        .into_iter()
        .map(|group| {
            let nodes: Vec<&Node> = group.iter().map(|(node, _)| *node).collect();
            let detail = format!(
                "{} nœuds de type « {} » s'appellent « {} ».",
                nodes.len(),
                nodes[0].kind(),
                nodes[0].title()
            );
            about(&nodes, detail)
        })
        .collect()
}

pub(super) fn valid_triples(facts: &Facts<'_>) -> Vec<Breach> {
    facts
        .relations
        .iter()
        .filter_map(|joint| {
            let Some(rel) = joint.rel else {
                return Some(about_joint(facts, joint, "type de relation inconnu."));
            };
            // A node without known label is told by the rule on labels.
            let (from, to) = (facts.label(joint.from)?, facts.label(joint.to)?);
            match valid_triple(from, rel, to) {
                Some(_) => None,
                None => Some(about_joint(
                    facts,
                    joint,
                    &format!("le modèle ne permet pas {from} {rel} {to}."),
                )),
            }
        })
        .collect()
}

fn parallel(facts: &Facts<'_>, wanted: impl Fn(Option<Rel>) -> bool) -> Vec<Breach> {
    let joints = facts.relations.iter().filter(|joint| wanted(joint.rel));
    shared(joints, |joint| Some((joint.from, joint.relation.kind.as_str(), joint.to)))
        .into_iter()
        .map(|group| Breach {
            relations: group.iter().map(|joint| joint.relation.id).collect(),
            ..about_joint(facts, group[0], &format!("{} fois.", group.len()))
        })
        .collect()
}

pub(super) fn no_parallel(facts: &Facts<'_>) -> Vec<Breach> {
    // INDEXE has a rule of its own.
    parallel(facts, |rel| rel != Some(Rel::Indexe))
}

pub(super) fn indexed_once(facts: &Facts<'_>) -> Vec<Breach> {
    parallel(facts, |rel| rel == Some(Rel::Indexe))
}

pub(super) fn one_specialise(facts: &Facts<'_>) -> Vec<Breach> {
    shared(facts.of(Rel::Specialise), |joint| Some(joint.from))
        .into_iter()
        .map(|group| {
            let from = facts.node(group[0].from);
            let ends: Vec<&Node> = group.iter().map(|joint| facts.node(joint.to)).collect();
            let names: Vec<String> = ends.iter().map(|node| name(node)).collect();
            Breach {
                nodes: std::iter::once(from.id).chain(ends.iter().map(|node| node.id)).collect(),
                relations: group.iter().map(|joint| joint.relation.id).collect(),
                detail: format!("{} spécialise {}.", name(from), names.join(" et ")),
            }
        })
        .collect()
}

pub(super) fn specialise_kinds(facts: &Facts<'_>) -> Vec<Breach> {
    facts
        .of(Rel::Specialise)
        .filter_map(|joint| {
            let (from, to) = (facts.node(joint.from).kind(), facts.node(joint.to).kind());
            (from != to)
                .then(|| about_joint(facts, joint, &format!("« {from} » n'est pas « {to} ».")))
        })
        .collect()
}

fn between(facts: &Facts<'_>, rel: Rel, from: &str, to: &str) -> Vec<Breach> {
    facts
        .of(rel)
        .filter_map(|joint| {
            let (is_from, is_to) = (facts.node(joint.from).kind(), facts.node(joint.to).kind());
            (is_from != from || is_to != to)
                .then(|| about_joint(facts, joint, &format!("va de « {is_from} » à « {is_to} ».")))
        })
        .collect()
}

pub(super) fn porte_sur(facts: &Facts<'_>) -> Vec<Breach> {
    between(facts, Rel::PorteSur, RESULT, OBJECT)
}

pub(super) fn outil_de(facts: &Facts<'_>) -> Vec<Breach> {
    between(facts, Rel::OutilDe, RESULT, RESULT)
}
