//! Neighbourhoods, prerequisite paths, learning paths.

use super::{concept, graph};
use crate::{Around, Direction, Graph};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const COUNT: i64 = 9;

fn made(edges: &[(i64, bool, i64)]) -> Graph {
    let relations: Vec<(i64, &str, i64)> = edges
        .iter()
        .map(|(from, needs, to)| (*from, if *needs { "REQUIERT" } else { "CONTIENT" }, *to))
        .collect();
    graph((0..COUNT).map(|id| concept(id, &format!("c{id}"))).collect(), &relations)
}

/// Distances from a node by relaxing every edge until nothing changes.
fn distances(from: i64, edges: impl Iterator<Item = (i64, i64)> + Clone) -> BTreeMap<i64, usize> {
    let mut known = BTreeMap::from([(from, 0)]);
    for _ in 0..COUNT {
        for (a, b) in edges.clone() {
            if let Some(d) = known.get(&a).copied() {
                let best = known.entry(b).or_insert(usize::MAX);
                *best = (*best).min(d + 1);
            }
        }
    }
    known
}

fn edges() -> impl Strategy<Value = Vec<(i64, bool, i64)>> {
    prop::collection::vec((0..COUNT, any::<bool>(), 0..COUNT), 0..18)
}

#[test]
fn what_is_not_there_has_no_neighbours_and_no_path() {
    let graph = made(&[(0, true, 1)]);
    let around = Around { relations: None, direction: None, depth: 1, limit: 10 };
    assert!(graph.around(77, &around).is_none());
    assert!(graph.prerequisite_path(77, 0).is_none());
    assert!(graph.prerequisite_path(0, 77).is_none());
    assert!(graph.prerequisite_path(1, 0).is_none());
    assert!(graph.learning_path(77).is_empty());
    let path = graph.prerequisite_path(0, 0).unwrap();
    assert_eq!(path.iter().map(|node| node.id).collect::<Vec<_>>(), [0]);
}

#[test]
fn a_long_chain_is_walked_without_recursion() {
    let count = 50_000;
    let relations: Vec<(i64, &str, i64)> = (1..count).map(|id| (id - 1, "REQUIERT", id)).collect();
    let graph = graph((0..count).map(|id| concept(id, "c")).collect(), &relations);
    let path = graph.learning_path(0);
    assert_eq!(path.len(), count as usize);
    assert_eq!(path[0].0.id, count - 1);
    assert_eq!(graph.prerequisite_path(0, count - 1).unwrap().len(), count as usize);
}

proptest! {
    #[test]
    fn neighbourhoods_are_balls(
        edges in edges(),
        depth in 0_usize..4,
        limit in 1_usize..12,
        direction in prop::option::of(prop_oneof![Just(Direction::Out), Just(Direction::In)]),
        only in prop::option::of(Just("CONTIENT")),
    ) {
        let graph = made(&edges);
        let wanted = |needs: bool| only.is_none() || !needs;
        let steps: Vec<(i64, i64)> = edges.iter().filter(|(_, needs, _)| wanted(*needs))
            .flat_map(|(from, _, to)| {
                let out = (direction != Some(Direction::In)).then_some((*from, *to));
                let back = (direction != Some(Direction::Out)).then_some((*to, *from));
                [out, back].into_iter().flatten()
            })
            .collect();
        let ball: BTreeMap<i64, usize> = distances(0, steps.iter().copied())
            .into_iter().filter(|(_, d)| *d <= depth).collect();
        let around = Around { relations: only.map(|only| vec![only.into()]), direction, depth, limit };
        let found = graph.around(0, &around).unwrap();
        let nodes: BTreeMap<i64, usize> =
            found.nodes.iter().map(|(node, distance)| (node.id, *distance)).collect();
        prop_assert_eq!(nodes.len(), found.nodes.len());
        prop_assert_eq!(nodes.len(), ball.len().min(limit));
        prop_assert_eq!(found.truncated, ball.len() > limit);
        prop_assert!(found.nodes.is_sorted_by_key(|(_, distance)| *distance));
        prop_assert!(nodes.iter().all(|(id, distance)| ball[id] == *distance));
        // The nearest come first: what was left out is no nearer than what is in.
        let farthest = nodes.values().max().unwrap();
        prop_assert!(ball.iter().all(|(id, d)| nodes.contains_key(id) || d >= farthest));
        let relations: Vec<i64> = found.relations.iter().map(|relation| relation.id).collect();
        let expected: Vec<i64> = edges.iter().enumerate()
            .filter(|(_, (a, needs, b))|
                wanted(*needs) && nodes.contains_key(a) && nodes.contains_key(b))
            .map(|(at, _)| at as i64).collect();
        prop_assert_eq!(relations, expected);
    }

    #[test]
    fn prerequisite_paths_are_shortest(edges in edges(), to in 0..COUNT) {
        let graph = made(&edges);
        let needs: BTreeSet<(i64, i64)> =
            edges.iter().filter(|(_, needs, _)| *needs).map(|(a, _, b)| (*a, *b)).collect();
        let expected = distances(0, needs.iter().copied()).get(&to).copied();
        let path: Option<Vec<i64>> =
            graph.prerequisite_path(0, to).map(|path| path.iter().map(|node| node.id).collect());
        prop_assert_eq!(path.as_ref().map(|path| path.len() - 1), expected);
        for path in path.iter() {
            prop_assert_eq!((path.first(), path.last()), (Some(&0), Some(&to)));
            prop_assert!(path.windows(2).all(|step| needs.contains(&(step[0], step[1]))));
        }
    }

    #[test]
    fn learning_paths_hold_all_that_is_needed_in_order(edges in edges()) {
        let graph = made(&edges);
        let needs: BTreeSet<(i64, i64)> =
            edges.iter().filter(|(_, needs, _)| *needs).map(|(a, _, b)| (*a, *b)).collect();
        let path: Vec<i64> = graph.learning_path(0).iter().map(|(node, _)| node.id).collect();
        let reached: BTreeSet<i64> = distances(0, needs.iter().copied()).into_keys().collect();
        prop_assert_eq!(path.iter().copied().collect::<BTreeSet<_>>(), reached);
        prop_assert_eq!(path.last(), Some(&0));
        let place = |id: i64| path.iter().position(|p| *p == id).unwrap();
        for (a, b) in needs.iter().filter(|(a, _)| path.contains(a)) {
            // Within a cycle no order is right.
            let cyclic = distances(*b, needs.iter().copied()).contains_key(a);
            prop_assert!(cyclic || place(*b) < place(*a), "{} needs {}: {:?}", a, b, path);
        }
    }
}
