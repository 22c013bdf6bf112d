//! One story, the same text for every store: what is written is there, what fails changes nothing.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Bench, concept, node, relation};
use mqd_model::{
    Change, ChangeSet, Invalid, NodeRef, OWNED_BY, Props, Snapshot, Temporal, Uuid, Value,
};
use mqd_store::{Error, Store};

#[test]
fn in_memory() {
    story(&Bench::memory());
}

#[test]
fn in_a_sqlite_file() {
    story(&Bench::sqlite());
}

#[test]
fn in_neo4j() {
    if let Some(bench) = Bench::neo4j() {
        story(&bench);
    }
}

fn story(bench: &Bench) {
    let store = bench.open();
    let (derivee, limite, cours) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());

    // Create: a course that indexes two concepts, with accents, a datetime, every kind of value.
    let odd = odd_values();
    let mut first = vec![
        concept(derivee, "dérivée à l'œuvre — « où ça ? » 𝔽"),
        concept(limite, "limite"),
        Change::CreateNode(node(cours, "Document", odd.clone())),
    ];
    first.push(relation(cours, "INDEXE", derivee, Props::new()));
    let owned = Props::from([(OWNED_BY.to_owned(), Value::from_iter(["cours".to_owned()]))]);
    first.push(relation(cours, "INDEXE", limite, owned.clone()));
    let empty = store.version().unwrap();
    let applied = apply(&store, first);
    assert_eq!((applied.nodes.len(), applied.relations.len()), (3, 2));
    assert_ne!(applied.version, empty);
    let seen = store.load().unwrap();
    assert_eq!(seen.nodes.len(), 3);
    assert_eq!(find(&seen, derivee).title(), "dérivée à l'œuvre — « où ça ? » 𝔽");
    assert_eq!(find(&seen, cours).props, odd);
    assert_eq!(find(&seen, cours).id, applied.nodes[2]);
    let with_owner = seen.relations.iter().find(|r| r.id == applied.relations[1]).unwrap();
    assert_eq!(with_owner.props, owned);

    // Update: set, change and remove properties of a node and of a relation.
    apply(
        &store,
        vec![
            Change::UpdateNode {
                node: NodeRef::Uuid(limite),
                set: Props::from([("description".to_owned(), "à l'infini".into())]),
                unset: vec!["discipline".to_owned()],
            },
            Change::UpdateRelation {
                relation: applied.relations[1],
                set: Props::from([("rang".to_owned(), Value::Int(2))]),
                unset: vec![OWNED_BY.to_owned()],
            },
        ],
    );
    let seen = store.load().unwrap();
    assert_eq!(find(&seen, limite).text("description"), Some("à l'infini"));
    assert_eq!(find(&seen, limite).text("discipline"), None);
    let updated = seen.relations.iter().find(|r| r.id == applied.relations[1]).unwrap();
    assert_eq!(updated.props, Props::from([("rang".to_owned(), Value::Int(2))]));

    // A failure in the middle changes nothing, and the error names the step.
    let before = store.load().unwrap();
    let stranger = Uuid::new_v4();
    let broken = ChangeSet::new(vec![
        concept(Uuid::new_v4(), "jamais"),
        Change::DeleteNode { node: NodeRef::Uuid(limite) },
        relation(derivee, "REQUIERT", stranger, Props::new()),
    ]);
    let error = store.apply(&broken).unwrap_err();
    let Error::Invalid(Invalid::NoNode { step: 2, node }) = error else { panic!("{error}") };
    assert_eq!(node, NodeRef::Uuid(stranger));
    let error = store.apply(&ChangeSet::new(vec![concept(derivee, "bis")])).unwrap_err();
    assert!(matches!(error, Error::Invalid(Invalid::UuidTaken { step: 0, .. })), "{error}");
    let error = store
        .apply(&ChangeSet::new(vec![Change::DeleteRelation { relation: 987_654_321 }]))
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(Invalid::NoRelation { .. })), "{error}");
    assert_eq!(content(&store.load().unwrap()), content(&before));

    // Merge two concepts: links go from the one to the other, a hand-made link (without owner)
    // too, and the first goes, all in one change set; ids stay.
    let hand_made = apply(&store, vec![relation(derivee, "REQUIERT", limite, Props::new())]);
    let merged = apply(
        &store,
        vec![
            relation(cours, "EVALUE", derivee, Props::new()),
            Change::DeleteRelation { relation: hand_made.relations[0] },
            Change::DeleteNode { node: NodeRef::Uuid(limite) },
            // Gone with its node: naming it still is no error.
            Change::DeleteRelation { relation: applied.relations[1] },
        ],
    );
    let seen = store.load().unwrap();
    assert_eq!(seen.nodes.len(), 2);
    let kinds: Vec<_> = seen.relations.iter().map(|r| r.kind.as_str()).collect();
    assert_eq!(kinds, ["INDEXE", "EVALUE"]);
    assert_eq!(find(&seen, derivee).id, applied.nodes[0]);
    assert!(seen.relations.iter().any(|r| r.id == merged.relations[0]));

    // The snapshot in memory and the store agree after the same changes.
    let more = ChangeSet::new(vec![
        concept(limite, "limite, de nouveau"),
        relation(limite, "SPECIALISE", derivee, Props::new()),
        relation(limite, "SPECIALISE", derivee, Props::new()),
    ]);
    let applied = store.apply(&more).unwrap();
    let mut mirror = seen;
    more.apply_to(&mut mirror, &applied).unwrap();
    let seen = store.load().unwrap();
    assert_eq!(content(&seen), content(&mirror));
    assert_eq!(seen.version, store.version().unwrap());
    // An id is never given twice.
    assert!(applied.nodes[0] > merged.nodes.iter().copied().max().unwrap_or(2));

    // Restart: of the store, and of the server behind it.
    let store = bench.restart(store);
    assert_eq!(content(&store.load().unwrap()), content(&seen));

    two_writers(bench, &store, derivee);
    fifty_thousand(&store);
}

/// Compatible changes of two writers both succeed; of two that exclude one another, one does.
fn two_writers(bench: &Bench, store: &Store, shared: Uuid) {
    let second = bench.second_writer();
    let other = second.as_ref().unwrap_or(store);
    std::thread::scope(|scope| {
        for writer in [store, other] {
            scope.spawn(move || {
                for n in 0..10 {
                    let new = Uuid::new_v4();
                    apply(
                        writer,
                        vec![
                            concept(new, &format!("concept {n} d'un des deux")),
                            relation(new, "REQUIERT", shared, Props::new()),
                        ],
                    );
                }
            });
        }
    });
    let seen = store.load().unwrap();
    let made = seen.nodes.iter().filter(|n| n.title().ends_with("d'un des deux")).count();
    assert_eq!(made, 20);
    let ids: std::collections::HashSet<_> = seen.nodes.iter().map(|n| n.id).collect();
    assert_eq!(ids.len(), seen.nodes.len());

    // What the other wrote is noticed.
    let victim = Uuid::new_v4();
    apply(other, vec![concept(victim, "victime")]);
    assert_ne!(store.version().unwrap(), seen.version);
    let delete = ChangeSet::new(vec![Change::DeleteNode { node: NodeRef::Uuid(victim) }]);
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let handles = [store, other].map(|writer| scope.spawn(|| writer.apply(&delete).is_ok()));
        handles.into_iter().map(|h| h.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|ok| **ok).count(), 1);
}

fn fifty_thousand(store: &Store) {
    let before = store.load().unwrap().nodes.len();
    let uuids: Vec<_> = (0..50_000).map(|_| Uuid::new_v4()).collect();
    let mut changes: Vec<_> =
        uuids.iter().enumerate().map(|(n, u)| concept(*u, &format!("notion {n}"))).collect();
    changes.extend(
        uuids.windows(2).step_by(2).map(|w| relation(w[0], "REQUIERT", w[1], Props::new())),
    );
    let applied = apply(store, changes);
    assert_eq!(applied.nodes.len(), 50_000);
    let seen = store.load().unwrap();
    assert_eq!(seen.nodes.len(), before + 50_000);
    let last = seen.nodes.iter().find(|n| n.id == applied.nodes[49_999]).unwrap();
    assert_eq!((last.uuid, last.title()), (Some(uuids[49_999]), "notion 49999"));
    let first = seen.relations.iter().find(|r| r.id == applied.relations[0]).unwrap();
    assert_eq!((first.from, first.to), (applied.nodes[0], applied.nodes[1]));
    let delete = uuids.iter().map(|u| Change::DeleteNode { node: NodeRef::Uuid(*u) }).collect();
    apply(store, delete);
    assert_eq!(store.load().unwrap().nodes.len(), before);
}

fn apply(store: &Store, changes: Vec<Change>) -> mqd_model::Applied {
    store.apply(&ChangeSet::new(changes)).unwrap()
}

fn find(snapshot: &Snapshot, uuid: Uuid) -> &mqd_model::Node {
    snapshot.nodes.iter().find(|n| n.uuid == Some(uuid)).unwrap()
}

fn content(snapshot: &Snapshot) -> (&[mqd_model::Node], &[mqd_model::Relation]) {
    (&snapshot.nodes, &snapshot.relations)
}

fn odd_values() -> Props {
    let moment = |temporal, iso: &str| Value::Temporal { temporal, iso: iso.to_owned() };
    [
        ("titre", "Dérivées, l'été".into()),
        ("typeDoc", "cours".into()),
        ("date", moment(Temporal::DateTime, "2026-09-01T08:00:00.123456Z")),
        ("zone", moment(Temporal::DateTime, "2026-10-25T02:30:00+01:00[Europe/Paris]")),
        ("jour", moment(Temporal::Date, "2026-09-01")),
        ("heure", moment(Temporal::Time, "08:00:00+02:00")),
        ("heure_locale", moment(Temporal::LocalTime, "08:00:00")),
        ("local", moment(Temporal::LocalDateTime, "2026-09-01T08:00:00")),
        ("duree", moment(Temporal::Duration, "P14M3DT-5.5S")),
        ("lieu", Value::Point { srid: 4326, point: vec![2.35, 48.85] }),
        ("point", Value::Point { srid: 9157, point: vec![1.0, -2.0, 0.1] }),
        ("octets", Value::Bytes { hex: "00ff10".to_owned() }),
        ("flottant", Value::Float(0.1 + 0.2)),
        ("infini", Value::Float(f64::NEG_INFINITY)),
        ("entier", Value::Int(i64::MIN)),
        ("vrai", Value::Bool(true)),
        ("liste", Value::List(vec![Value::Int(1), Value::Int(2)])),
        ("vide", Value::List(vec![])),
        ("nom inconnu, avec `accents`", "é\u{1F600}\n\0fin".into()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
