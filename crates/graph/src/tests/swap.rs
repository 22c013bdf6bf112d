//! Readers go on with the graph they hold while a writer puts the next ones in place.

use super::{concept, graph};
use crate::{Graph, List, Shared};
use mqd_model::{Applied, Change, ChangeSet, Label, NodeRef, Props, Value, Version};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// Every node of a graph carries the number of its state.
fn state(graph: &Graph) -> Vec<&str> {
    let (nodes, total) = graph.list(Label::Concept, &List::default());
    assert_eq!(total, 50);
    nodes.iter().map(|node| node.text("description").unwrap_or("0")).collect()
}

#[test]
fn readers_see_whole_states_in_order_while_a_writer_swaps() {
    let shared = Shared::new(graph((0..50).map(|id| concept(id, &id.to_string())).collect(), &[]));
    let done = AtomicBool::new(false);
    let held = shared.get();
    thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let (mut last, mut reads) = (0, 0);
                    while !done.load(Ordering::Acquire) || reads == 0 {
                        let graph = shared.get();
                        let states = state(&graph);
                        assert!(states.iter().all(|s| s == &states[0]), "{states:?}");
                        let seen: u32 = states[0].parse().unwrap();
                        assert!(seen >= last, "{seen} after {last}");
                        (last, reads) = (seen, reads + 1);
                    }
                    reads
                })
            })
            .collect();
        for version in 1..=300 {
            let text = Value::from(version.to_string());
            let set: Props = [("description".to_owned(), text)].into();
            let changes = (0..50)
                .map(|id| Change::UpdateNode {
                    node: NodeRef::Id(id),
                    set: set.clone(),
                    unset: vec![],
                })
                .collect();
            let applied = Applied { version: Version(version.to_string()), ..Applied::default() };
            let next = shared.get().apply(&ChangeSet::new(changes), &applied).unwrap();
            shared.set(Arc::new(next));
            // The writer reads its own write.
            assert_eq!(state(&shared.get())[0], version.to_string());
        }
        done.store(true, Ordering::Release);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
    assert_eq!(state(&held)[0], "0", "what a reader holds does not change");
}
