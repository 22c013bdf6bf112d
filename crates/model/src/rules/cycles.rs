//! Cycles along REQUIERT: strongly connected components without recursion, then one short cycle
//! of each, so that the report stays linear however many cycles a component holds.

use super::{
    Breach,
    facts::{Facts, name},
};
use crate::Rel;
use std::collections::VecDeque;

const UNSEEN: usize = usize::MAX;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Breach> {
    let mut needs: Vec<Vec<usize>> = vec![Vec::new(); facts.nodes.len()];
    for joint in facts.of(Rel::Requiert) {
        needs[joint.from].push(joint.to);
    }
    let component = components(&needs);
    let mut told = vec![false; facts.nodes.len()];
    let mut before = vec![UNSEEN; facts.nodes.len()];
    let mut found = Vec::new();
    for start in 0..facts.nodes.len() {
        if told[component[start]] {
            continue;
        }
        if let Some(cycle) = cycle(start, &needs, &component, &mut before) {
            told[component[start]] = true;
            let nodes: Vec<_> = cycle.iter().map(|at| facts.node(*at)).collect();
            let mut names: Vec<String> = nodes.iter().map(|node| name(node)).collect();
            names.push(names[0].clone());
            found.push(Breach {
                nodes: nodes.iter().map(|node| node.id).collect(),
                relations: Vec::new(),
                detail: format!("{}.", names.join(" requiert ")),
            });
        }
    }
    found
}

/// A shortest cycle through `start`. In a component of several nodes there is one through each,
/// so the first node of every component settles it and the whole stays linear.
fn cycle(
    start: usize,
    needs: &[Vec<usize>],
    component: &[usize],
    before: &mut [usize],
) -> Option<Vec<usize>> {
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for &next in &needs[at] {
            if next == start {
                let mut cycle = vec![at];
                while let Some(&last) = cycle.last().filter(|last| **last != start) {
                    cycle.push(before[last]);
                }
                cycle.reverse();
                return Some(cycle);
            }
            if component[next] == component[start] && before[next] == UNSEEN {
                before[next] = at;
                queue.push_back(next);
            }
        }
    }
    None
}

/// The number of the strongly connected component of each node (Tarjan), numbers below the
/// number of nodes.
fn components(needs: &[Vec<usize>]) -> Vec<usize> {
    let count = needs.len();
    let mut order = vec![UNSEEN; count];
    let mut low = vec![0; count];
    let mut component = vec![UNSEEN; count];
    let (mut seen, mut made) = (0, 0);
    let mut open: Vec<usize> = Vec::new();
    for root in 0..count {
        if order[root] != UNSEEN {
            continue;
        }
        // A node and which of its ends to look at next.
        let mut path = vec![(root, 0)];
        while let Some((at, edge)) = path.pop() {
            if edge == 0 {
                order[at] = seen;
                low[at] = seen;
                seen += 1;
                open.push(at);
            } else {
                let done = needs[at][edge - 1];
                if component[done] == UNSEEN {
                    low[at] = low[at].min(low[done]);
                }
            }
            let mut edge = edge;
            while let Some(&next) = needs[at].get(edge) {
                edge += 1;
                if order[next] == UNSEEN {
                    path.push((at, edge));
                    path.push((next, 0));
                    break;
                }
                if component[next] == UNSEEN {
                    low[at] = low[at].min(order[next]);
                }
            }
            let waits = path.last().is_some_and(|(last, _)| order[*last] == UNSEEN);
            if !waits && low[at] == order[at] {
                while let Some(member) = open.pop() {
                    component[member] = made;
                    if member == at {
                        break;
                    }
                }
                made += 1;
            }
        }
    }
    component
}
