#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Label, Node, Relation, Snapshot, Uuid, Value};
use proptest::prelude::*;

fn node(id: i64, label: Label, kind: &str, title: &str) -> Node {
    let spec = label.spec();
    Node {
        id,
        uuid: Some(Uuid::from_u128(id as u128)),
        labels: vec![label.name().into()],
        props: [
            (spec.kind.to_owned(), Value::from(kind)),
            (spec.title.to_owned(), Value::from(title)),
        ]
        .into(),
    }
}

fn relation(id: i64, from: i64, kind: &str, to: i64) -> Relation {
    Relation { id, from, kind: kind.into(), to, props: Default::default() }
}

/// Two results, two objects, two documents, an event and a site: nothing is wrong.
fn clean() -> Snapshot {
    use Label::*;
    let (result, object) = ("résultat mathématique", "objet mathématique");
    Snapshot {
        nodes: vec![
            node(1, Concept, result, "théorème des bornes"),
            node(2, Concept, result, "théorème des valeurs intermédiaires"),
            node(3, Concept, object, "fonction"),
            node(4, Concept, object, "segment"),
            node(5, Document, "cours", "Continuité"),
            node(6, Document, "exercice", "Un point fixe"),
            node(7, Evenement, "DS", "DS 3"),
            node(8, SiteWeb, "n'importe quoi", "Encyclopédie"),
        ],
        relations: vec![
            relation(1, 1, "PORTE_SUR", 3),
            relation(2, 2, "OUTIL_DE", 1),
            relation(3, 4, "SPECIALISE", 3),
            relation(4, 5, "INDEXE", 1),
            relation(5, 1, "REQUIERT", 2),
            relation(6, 2, "REQUIERT", 3),
            relation(7, 6, "REQUIERT", 1),
            relation(8, 7, "UTILISE", 6),
            relation(9, 6, "EVALUE", 1),
        ],
        ..Snapshot::default()
    }
}

/// What breaks which rule, as `rule: nodes`.
fn broken(snapshot: &Snapshot) -> Vec<String> {
    check(snapshot)
        .into_iter()
        .map(|offence| format!("{}: {:?}", offence.rule.name, offence.nodes))
        .collect()
}

#[test]
fn each_rule_finds_what_breaks_it_and_nothing_else() {
    assert_eq!(broken(&clean()), [""; 0]);
    type Break = fn(&mut Snapshot);
    let table: &[(&[&str], Break)] = &[
        (&["label-connu: [8]"], |s| s.nodes[7].labels = vec!["Personne".into()]),
        (&["label-connu: [8]"], |s| s.nodes[7].labels.clear()),
        (&["uuid-présent: [5]"], |s| s.nodes[4].uuid = None),
        (&["uuid-unique: [5, 6]"], |s| s.nodes[5].uuid = s.nodes[4].uuid),
        (&["intitulé-non-vide: [3]"], |s| {
            s.nodes[2].props.insert("litteral".into(), Value::from(" \u{a0}"));
        }),
        (&["intitulé-non-vide: [3]"], |s| {
            s.nodes[2].props.insert("litteral".into(), Value::Int(3));
        }),
        (&["intitulé-non-vide: [8]"], |s| {
            s.nodes[7].props.remove("nom");
        }),
        (&["type-connu: [5]"], |s| {
            s.nodes[4].props.insert("typeDoc".into(), Value::from("roman"));
        }),
        (&["type-connu: [5]"], |s| {
            s.nodes[4].props.remove("typeDoc");
        }),
        (&["clé-unique: [3, 4]"], |s| {
            s.nodes[3].props.insert("litteral".into(), Value::from("fonction"));
        }),
        (&["triplet-valide: [6, 5]"], |s| s.relations.push(relation(10, 6, "INDEXE", 5))),
        (&["triplet-valide: [6, 5]"], |s| s.relations.push(relation(10, 6, "AIME", 5))),
        (&["relation-unique: [7, 6]"], |s| s.relations.push(relation(10, 7, "UTILISE", 6))),
        (&["indexe-une-fois: [5, 1]"], |s| s.relations.push(relation(10, 5, "INDEXE", 1))),
        (&["spécialise-unique: [2, 1, 1]", "relation-unique: [2, 1]"], |s| {
            s.relations.push(relation(10, 2, "SPECIALISE", 1));
            s.relations.push(relation(11, 2, "SPECIALISE", 1));
        }),
        (&["spécialise-même-type: [1, 3]"], |s| {
            s.relations.push(relation(10, 1, "SPECIALISE", 3));
        }),
        (&["porte-sur: [3, 4]"], |s| s.relations.push(relation(10, 3, "PORTE_SUR", 4))),
        (&["outil-de: [3, 1]"], |s| s.relations.push(relation(10, 3, "OUTIL_DE", 1))),
        (&["requiert-sans-cycle: [1, 2, 3]"], |s| {
            s.relations.push(relation(10, 3, "REQUIERT", 1));
        }),
        (&["requiert-sans-cycle: [4]"], |s| s.relations.push(relation(10, 4, "REQUIERT", 4))),
    ];
    let mut tried = std::collections::BTreeSet::new();
    for (expected, change) in table {
        let mut snapshot = clean();
        change(&mut snapshot);
        let mut found = broken(&snapshot);
        let mut expected: Vec<String> = expected.iter().map(|e| (*e).to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        tried.extend(found.iter().filter_map(|f| Some(f.split_once(':')?.0.to_owned())));
    }
    assert_eq!(tried.len(), RULES.len(), "every rule is tried: {tried:?}");
}

#[test]
fn names_and_codes_are_unique() {
    let mut names: Vec<&str> = RULES.iter().flat_map(|rule| [rule.name, rule.code]).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 2 * RULES.len());
}

#[test]
fn a_detail_names_the_nodes() {
    let mut snapshot = clean();
    snapshot.relations.push(relation(10, 3, "REQUIERT", 2));
    let found = check(&snapshot);
    assert_eq!(
        found[0].detail,
        "« théorème des valeurs intermédiaires » (n° 2) requiert « fonction » (n° 3) requiert \
         « théorème des valeurs intermédiaires » (n° 2)."
    );
}

#[test]
fn a_chain_of_a_hundred_thousand_does_not_overflow_the_stack() {
    let count = 100_000;
    let mut snapshot = Snapshot {
        nodes: (0..count)
            .map(|id| node(id, Label::Concept, "index Latex", &format!("c{id}")))
            .collect(),
        relations: (1..count).map(|id| relation(id, id - 1, "REQUIERT", id)).collect(),
        ..Snapshot::default()
    };
    assert_eq!(broken(&snapshot).len(), 0);
    snapshot.relations.push(relation(count, count - 1, "REQUIERT", 0));
    let found = check(&snapshot);
    assert_eq!(found[0].nodes.len(), usize::try_from(count).unwrap());
}

proptest! {
    /// Against the definition: a node lies on a cycle when it reaches itself.
    #[test]
    fn cycles_are_found_where_they_are(edges in prop::collection::vec((0_i64..8, 0_i64..8), 0..20)) {
        let snapshot = Snapshot {
            nodes: (0..8).map(|id| node(id, Label::Concept, "discipline", &format!("c{id}"))).collect(),
            relations: edges.iter().enumerate()
                .map(|(at, (from, to))| relation(at as i64, *from, "REQUIERT", *to)).collect(),
            ..Snapshot::default()
        };
        let mut reach = [[false; 8]; 8];
        for (from, to) in &edges {
            reach[*from as usize][*to as usize] = true;
        }
        for by in 0..8 { for from in 0..8 { for to in 0..8 {
            reach[from][to] |= reach[from][by] && reach[by][to];
        } } }
        let found = cycles::check(&Facts::new(&snapshot));
        // Every cycle that is told is one.
        for offence in &found {
            let mut closed = offence.nodes.clone();
            closed.push(offence.nodes[0]);
            for step in closed.windows(2) {
                prop_assert!(edges.contains(&(step[0], step[1])));
            }
        }
        // Every component with a cycle is told once.
        for (at, from) in reach.iter().enumerate() {
            let told = found.iter()
                .filter(|o| from[o.nodes[0] as usize] && reach[o.nodes[0] as usize][at]).count();
            prop_assert_eq!(told, usize::from(from[at]));
        }
    }
}
