//! Checks a change set against the model before it is applied: what a person asks for through the
//! API is refused with a code and a sentence in French and in English for each thing wrong.
//!
//! What a change set would break is what the consistency rules find after it and did not find
//! before it, so that a maquis that is already at fault somewhere can still be changed.

use crate::{
    Applied, Change, ChangeSet, Invalid, Label, NodeId, NodeRef, OWNED_BY, OWNER_KEY, PropKind,
    Props, Rel, Snapshot, Uuid, Value,
    rules::{Breach, Facts, RULES},
};
use std::collections::{HashMap, HashSet};

/// One reason why a change set is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{english}")]
pub struct Refusal {
    /// A stable code: that of a rule ([`RULES`]), or `UNKNOWN_PROPERTY`, `WRONG_VALUE`, `NO_NODE`
    /// or `NO_RELATION`.
    pub code: &'static str,
    /// What is wrong, in French.
    pub french: String,
    /// What is wrong, in English.
    pub english: String,
    /// The step of the change set, when one step alone is wrong.
    pub step: Option<usize>,
}

/// Everything that is wrong with a change set; nothing when it may be applied. Linear in the size
/// of the maquis.
#[must_use]
pub fn validate(before: &Snapshot, changes: &ChangeSet) -> Vec<Refusal> {
    let refusals = steps(before, changes);
    if !refusals.is_empty() {
        return refusals;
    }
    let mut after = before.clone();
    if let Err(invalid) = changes.apply_to(&mut after, &ids(before, changes)) {
        return vec![not_there(&invalid)];
    }
    let facts = Facts::new(&after);
    let mut earlier: Option<Facts<'_>> = None;
    let mut refusals = Vec::new();
    for rule in RULES {
        let found = (rule.check)(&facts);
        if found.is_empty() {
            continue;
        }
        let known = (rule.check)(earlier.get_or_insert_with(|| Facts::new(before)));
        let known = Known::new(&known);
        for breach in found.into_iter().filter(|breach| !known.covers(breach)) {
            refusals.push(Refusal {
                code: rule.code,
                french: format!("{} {}", rule.sentence, breach.detail),
                english: format!("{} Nodes: {:?}.", rule.english, breach.nodes),
                step: None,
            });
        }
    }
    refusals
}

/// What was wrong before, by the nodes concerned.
struct Known<'o>(HashMap<NodeId, Vec<&'o Breach>>);

impl<'o> Known<'o> {
    fn new(breachs: &'o [Breach]) -> Self {
        let mut by_node: HashMap<NodeId, Vec<&Breach>> = HashMap::new();
        for breach in breachs {
            for node in &breach.nodes {
                by_node.entry(*node).or_default().push(breach);
            }
        }
        Self(by_node)
    }

    /// Whether an breach is one of these, or what is left of one.
    fn covers(&self, breach: &Breach) -> bool {
        let old = breach.nodes.first().and_then(|node| self.0.get(node));
        old.into_iter().flatten().any(|old| {
            let nodes: HashSet<&NodeId> = old.nodes.iter().collect();
            let relations: HashSet<_> = old.relations.iter().collect();
            breach.nodes.iter().all(|node| nodes.contains(node))
                && breach.relations.iter().all(|relation| relations.contains(relation))
        })
    }
}

/// Ids that no node or relation has, as a store would give them.
fn ids(snapshot: &Snapshot, changes: &ChangeSet) -> Applied {
    let node = snapshot.nodes.iter().map(|node| node.id).max().unwrap_or(0);
    let relation = snapshot.relations.iter().map(|relation| relation.id).max().unwrap_or(0);
    let sum = changes.summary();
    let next = |last: i64, count: usize| (0..count).map(|n| last + 1 + n as i64).collect();
    Applied {
        version: snapshot.version.clone(),
        nodes: next(node, sum.nodes_created),
        relations: next(relation, sum.relations_created),
    }
}

fn not_there(invalid: &Invalid) -> Refusal {
    let english = invalid.to_string();
    match invalid {
        Invalid::NoNode { step, node } => {
            let node = match node {
                NodeRef::Id(id) => id.to_string(),
                NodeRef::Uuid(uuid) => uuid.to_string(),
            };
            Refusal {
                code: "NO_NODE",
                french: format!("Il n'y a pas de nœud {node}."),
                english: format!("There is no node {node}."),
                step: Some(*step),
            }
        }
        Invalid::NoRelation { step, relation } => Refusal {
            code: "NO_RELATION",
            french: format!("Il n'y a pas de relation {relation}."),
            english: format!("There is no relation {relation}."),
            step: Some(*step),
        },
        Invalid::UuidTaken { step, uuid } => Refusal {
            code: "UUID_TAKEN",
            french: format!("L'uuid {uuid} est déjà pris."),
            english,
            step: Some(*step),
        },
    }
}

/// What is wrong with single steps: names that the model does not know, values that do not fit.
fn steps(before: &Snapshot, changes: &ChangeSet) -> Vec<Refusal> {
    let labels = Labels::new(before, changes);
    let mut out = Vec::new();
    for (step, change) in changes.changes.iter().enumerate() {
        match change {
            Change::CreateNode(new) => {
                let known: Vec<Option<Label>> =
                    new.labels.iter().map(|name| name.parse().ok()).collect();
                match (known.as_slice(), known.iter().position(Option::is_none)) {
                    ([], _) => out.push(Refusal {
                        code: "UNKNOWN_LABEL",
                        french: "Un nœud doit porter un label du modèle.".into(),
                        english: "A node must have a label of the model.".into(),
                        step: Some(step),
                    }),
                    (_, Some(at)) => out.push(Refusal {
                        code: "UNKNOWN_LABEL",
                        french: format!(
                            "« {} » n'est pas un label du modèle (Document, Concept, Evenement, SiteWeb).",
                            new.labels[at]
                        ),
                        english: format!(
                            "“{}” is not a label of the model (Document, Concept, Evenement, SiteWeb).",
                            new.labels[at]
                        ),
                        step: Some(step),
                    }),
                    _ => {
                        let label = labels.of(NodeRef::Uuid(new.uuid));
                        out.extend(props(step, label, &new.props));
                    }
                }
            }
            Change::UpdateNode { node, set, .. } => {
                out.extend(props(step, labels.of(*node), set));
            }
            Change::CreateRelation(new) if new.kind.parse::<Rel>().is_err() => {
                out.push(Refusal {
                    code: "FORBIDDEN_TRIPLE",
                    french: format!("« {} » n'est pas une relation du modèle.", new.kind),
                    english: format!("“{}” is not a relation of the model.", new.kind),
                    step: Some(step),
                });
            }
            _ => {}
        }
    }
    out
}

fn props(step: usize, label: Option<Label>, set: &Props) -> Vec<Refusal> {
    // A node that is not there, or without a known label: told elsewhere.
    let Some(label) = label else { return Vec::new() };
    set.iter()
        .filter(|(name, _)| ![OWNED_BY, OWNER_KEY].contains(&name.as_str()))
        .filter_map(|(name, value)| match label.spec().props.iter().find(|p| p.name == *name) {
            None => Some(Refusal {
                code: "UNKNOWN_PROPERTY",
                french: format!("« {name} » n'est pas une propriété de {label}."),
                english: format!("“{name}” is not a property of {label}."),
                step: Some(step),
            }),
            Some(spec) => {
                let fits = match spec.kind {
                    PropKind::Text => matches!(value, Value::String(_)),
                    PropKind::Date => value.as_str().is_some(),
                };
                (!fits).then(|| Refusal {
                    code: "WRONG_VALUE",
                    french: format!("« {name} » doit être un texte."),
                    english: format!("“{name}” must be a text."),
                    step: Some(step),
                })
            }
        })
        .collect()
}

/// The labels of the nodes that a change set names.
struct Labels<'s> {
    by_id: HashMap<NodeId, usize>,
    by_uuid: HashMap<Uuid, usize>,
    before: &'s Snapshot,
    made: HashMap<Uuid, Option<Label>>,
}

impl<'s> Labels<'s> {
    fn new(before: &'s Snapshot, changes: &ChangeSet) -> Self {
        let at = || before.nodes.iter().enumerate();
        let made = changes.changes.iter().filter_map(|change| match change {
            Change::CreateNode(new) => {
                let label = crate::LABEL_PRIORITY
                    .into_iter()
                    .find(|label| new.labels.iter().any(|name| name == label.name()));
                Some((new.uuid, label))
            }
            _ => None,
        });
        Self {
            by_id: at().map(|(at, node)| (node.id, at)).collect(),
            by_uuid: at().filter_map(|(at, node)| Some((node.uuid?, at))).collect(),
            before,
            made: made.collect(),
        }
    }

    fn of(&self, node: NodeRef) -> Option<Label> {
        let at = match node {
            NodeRef::Id(id) => self.by_id.get(&id),
            NodeRef::Uuid(uuid) => match self.made.get(&uuid) {
                Some(label) => return *label,
                None => self.by_uuid.get(&uuid),
            },
        };
        at.and_then(|at| self.before.nodes[*at].label())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{NewNode, NewRelation, Node, Relation};

    fn concept(id: i64, kind: &str, literal: &str) -> Node {
        Node {
            id,
            uuid: Some(Uuid::from_u128(id as u128)),
            labels: vec!["Concept".into()],
            props: texts(&[("typeConcept", kind), ("litteral", literal)]),
        }
    }

    fn texts(props: &[(&str, &str)]) -> Props {
        props.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text))).collect()
    }

    fn before() -> Snapshot {
        Snapshot {
            nodes: vec![
                concept(1, "index Latex", "matrice"),
                concept(2, "index Latex", "trace"),
                concept(3, "discipline", "algèbre"),
            ],
            relations: vec![Relation {
                id: 1,
                from: 2,
                kind: "REQUIERT".into(),
                to: 1,
                props: Props::new(),
            }],
            ..Snapshot::default()
        }
    }

    fn create(labels: &[&str], props: &[(&str, &str)]) -> Change {
        Change::CreateNode(NewNode {
            uuid: Uuid::from_u128(99),
            labels: labels.iter().map(|l| (*l).to_owned()).collect(),
            props: texts(props),
        })
    }

    fn join(from: i64, kind: &str, to: i64) -> Change {
        Change::CreateRelation(NewRelation {
            from: NodeRef::Id(from),
            kind: kind.into(),
            to: NodeRef::Id(to),
            props: Props::new(),
        })
    }

    fn update(id: i64, props: &[(&str, &str)]) -> Change {
        Change::UpdateNode { node: NodeRef::Id(id), set: texts(props), unset: vec![] }
    }

    #[test]
    fn what_the_model_forbids_is_refused_by_code() {
        let document = [("typeDoc", "cours"), ("titre", "Déterminants")];
        let table: &[(&[&str], Vec<Change>)] = &[
            (&[], vec![]),
            (&[], vec![create(&["Document"], &document)]),
            (&["UNKNOWN_LABEL"], vec![create(&[], &document)]),
            (&["UNKNOWN_LABEL"], vec![create(&["Personne"], &document)]),
            (&["UNKNOWN_KIND"], vec![create(&["Document"], &[("typeDoc", "a"), ("titre", "b")])]),
            (
                &["EMPTY_TITLE"],
                vec![create(&["Document"], &[("typeDoc", "cours"), ("titre", " ")])],
            ),
            (&["EMPTY_TITLE"], vec![update(1, &[("litteral", "")])]),
            (&["UNKNOWN_PROPERTY"], vec![update(1, &[("titre", "a")])]),
            (&["DUPLICATE_KEY"], vec![update(1, &[("litteral", "trace")])]),
            (&["NO_NODE"], vec![update(12, &[("litteral", "a")])]),
            (&["NO_NODE"], vec![join(1, "REQUIERT", 12)]),
            (&["NO_RELATION"], vec![Change::DeleteRelation { relation: 12 }]),
            (&["FORBIDDEN_TRIPLE"], vec![join(1, "UTILISE", 2)]),
            (&["FORBIDDEN_TRIPLE"], vec![join(1, "AIME", 2)]),
            (&["REQUIERT_CYCLE"], vec![join(1, "REQUIERT", 2)]),
            (&["DUPLICATE_RELATION"], vec![join(2, "REQUIERT", 1)]),
            (&["SPECIALISE_KINDS"], vec![join(1, "SPECIALISE", 3)]),
            (
                &["SECOND_SPECIALISE", "SPECIALISE_KINDS"],
                vec![join(1, "SPECIALISE", 2), join(1, "SPECIALISE", 3)],
            ),
            // The two literals are exchanged: only the end counts.
            (&[], vec![update(1, &[("litteral", "trace")]), update(2, &[("litteral", "matrice")])]),
            (
                &["WRONG_VALUE"],
                vec![Change::UpdateNode {
                    node: NodeRef::Id(1),
                    set: [("litteral".to_owned(), Value::Int(3))].into(),
                    unset: vec![],
                }],
            ),
            (
                &["EMPTY_TITLE"],
                vec![Change::UpdateNode {
                    node: NodeRef::Id(1),
                    set: Props::new(),
                    unset: vec!["litteral".into()],
                }],
            ),
            (
                &["UUID_TAKEN"],
                vec![
                    create(&["Document"], &document),
                    create(&["Document"], &[("typeDoc", "cours"), ("titre", "Autre")]),
                ],
            ),
        ];
        for (expected, changes) in table {
            let found = validate(&before(), &ChangeSet::new(changes.clone()));
            let codes: Vec<&str> = found.iter().map(|refusal| refusal.code).collect();
            assert_eq!(codes, *expected, "{changes:?}");
            assert!(found.iter().all(|r| !r.french.is_empty() && !r.english.is_empty()));
        }
    }

    #[test]
    fn what_was_wrong_before_does_not_stand_in_the_way() {
        let mut before = before();
        before.nodes.extend((4..7).map(|id| concept(id, "index Latex", "rang")));
        let allowed = [
            update(1, &[("description", "Tableau de nombres")]),
            // Three of a name become two: better, if not yet well.
            Change::DeleteNode { node: NodeRef::Id(6) },
        ];
        for change in allowed {
            assert_eq!(validate(&before, &ChangeSet::new(vec![change])), []);
        }
        let worse = validate(&before, &ChangeSet::new(vec![update(1, &[("litteral", "rang")])]));
        assert_eq!(worse[0].code, "DUPLICATE_KEY");
        assert!(worse[0].french.contains("4 nœuds"), "{}", worse[0].french);
    }
}
