//! A store in the memory of the process.

use crate::Error;
use mqd_model::{Applied, Change, ChangeSet, Snapshot, Version};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    snapshot: Snapshot,
    transactions: u64,
    last_node: i64,
    last_relation: i64,
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere cannot leave the state half-changed: it is replaced in one assignment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn load(&self) -> Snapshot {
        self.state().snapshot.clone()
    }

    pub(crate) fn version(&self) -> Version {
        self.state().snapshot.version.clone()
    }

    pub(crate) fn replace(&self, snapshot: &Snapshot, expected: &Version) -> Result<(), Error> {
        let mut state = self.state();
        if state.snapshot.version != *expected {
            return Err(Error::Changed);
        }
        let mut snapshot = snapshot.clone();
        snapshot.nodes.sort_by_key(|node| node.id);
        snapshot.relations.sort_by_key(|relation| relation.id);
        let transactions = state.transactions + 1;
        snapshot.version = Version(transactions.to_string());
        *state = State {
            transactions,
            last_node: snapshot.nodes.last().map_or(0, |n| n.id).max(state.last_node),
            last_relation: snapshot.relations.last().map_or(0, |r| r.id).max(state.last_relation),
            snapshot,
        };
        Ok(())
    }

    pub(crate) fn apply(&self, changes: &ChangeSet) -> Result<Applied, Error> {
        let mut state = self.state();
        let (mut node, mut relation) = (state.last_node, state.last_relation);
        let mut applied = Applied {
            version: Version((state.transactions + 1).to_string()),
            ..Applied::default()
        };
        for change in &changes.changes {
            match change {
                Change::CreateNode(_) => {
                    node += 1;
                    applied.nodes.push(node);
                }
                Change::CreateRelation(_) => {
                    relation += 1;
                    applied.relations.push(relation);
                }
                _ => {}
            }
        }
        let mut snapshot = state.snapshot.clone();
        changes.apply_to(&mut snapshot, &applied)?;
        *state = State {
            snapshot,
            transactions: state.transactions + 1,
            last_node: node,
            last_relation: relation,
        };
        Ok(applied)
    }
}
