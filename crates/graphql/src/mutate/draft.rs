//! What the fields of a mutation ask for so far: each is planned on what those before it did.

use super::plan::Plan;
use crate::problem::Problem;
use mqd_graph::Graph;
use mqd_model::{Applied, Change, ChangeSet, NodeRef, RelationId, Version};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

/// How far a mutation is.
#[derive(Clone)]
pub(crate) enum Writing {
    /// Its fields are planned.
    Planning(Arc<Mutex<Draft>>),
    /// It is applied: what came of each field, in order.
    Done(Arc<Mutex<VecDeque<Outcome>>>),
}

/// What a field changed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Info {
    pub(super) nodes_created: usize,
    pub(super) nodes_deleted: usize,
    pub(super) relations_created: usize,
    pub(super) relations_deleted: usize,
}

/// What came of a field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(super) info: Info,
    /// The nodes it is about.
    pub(super) nodes: Vec<NodeRef>,
}

/// What the fields of a request ask for so far.
pub(crate) struct Draft {
    /// The maquis as it will be after them; what they create has provisional ids.
    pub(super) graph: Arc<Graph>,
    /// `None` where a later field undid a step.
    steps: Vec<Option<Change>>,
    /// Which step made a relation, by its provisional id.
    made: HashMap<RelationId, usize>,
    pub(super) outcomes: VecDeque<Outcome>,
    most: usize,
}

impl Draft {
    pub(super) fn new(graph: Arc<Graph>, most: usize) -> Self {
        Self { graph, steps: Vec::new(), made: HashMap::new(), outcomes: VecDeque::new(), most }
    }

    /// Plans one field.
    pub(super) fn field(
        &mut self,
        ask: impl FnOnce(&mut Plan) -> Result<Vec<NodeRef>, Problem>,
    ) -> Result<Outcome, Problem> {
        let mut plan =
            Plan::new(Arc::clone(&self.graph), self.most.saturating_sub(self.steps.len()));
        let nodes = ask(&mut plan)?;
        let info = self.absorb(ChangeSet::new(plan.changes))?;
        let outcome = Outcome { info, nodes };
        self.outcomes.push_back(outcome.clone());
        Ok(outcome)
    }

    /// Takes the changes of a field in.
    fn absorb(&mut self, changes: ChangeSet) -> Result<Info, Problem> {
        let before = self.graph.snapshot();
        let next = |last: Option<i64>, count: usize| {
            let last = last.unwrap_or(0);
            (1..=count).map(|n| last + n as i64).collect::<Vec<_>>()
        };
        let sum = changes.summary();
        let applied = Applied {
            version: Version("draft".into()),
            nodes: next(before.nodes.iter().map(|n| n.id).max(), sum.nodes_created),
            relations: next(before.relations.iter().map(|r| r.id).max(), sum.relations_created),
        };
        let graph = self.graph.apply(&changes, &applied).map_err(|invalid| {
            Problem::new(
                "BAD_USER_INPUT",
                "La mutation nomme ce qui n'est pas là.",
                format!("The mutation names what is not there: {invalid}."),
            )
        })?;
        let after = graph.snapshot();
        let info = Info {
            nodes_created: sum.nodes_created,
            nodes_deleted: before.nodes.len() + sum.nodes_created - after.nodes.len(),
            relations_created: sum.relations_created,
            relations_deleted: before.relations.len() + sum.relations_created
                - after.relations.len(),
        };
        let mut ids = applied.relations.into_iter();
        for change in changes.changes {
            match &change {
                Change::DeleteRelation { relation } => {
                    // The store would not know the provisional id.
                    if let Some(step) = self.made.remove(relation) {
                        self.steps[step] = None;
                        continue;
                    }
                }
                Change::CreateRelation(_) => {
                    self.made.extend(ids.next().map(|id| (id, self.steps.len())));
                }
                _ => {}
            }
            self.steps.push(Some(change));
        }
        self.graph = Arc::new(graph);
        Ok(info)
    }

    /// Everything to do, in order.
    pub(super) fn changes(&self) -> ChangeSet {
        ChangeSet::new(self.steps.iter().flatten().cloned().collect())
    }
}
