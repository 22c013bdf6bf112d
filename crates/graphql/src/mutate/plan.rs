//! What one mutation field asks for, as changes. Filters look at the maquis as it was when the
//! field began; what the field itself has done so far is kept beside it.

use crate::{
    inputs::{RelationField, filter, relation_fields},
    problem::Problem,
};
use mqd_graph::{Direction, Filter, Graph, Step};
use mqd_model::{
    Change, Label, NewNode, NewRelation, Node, NodeId, NodeRef, PropKind, Props, RelationId, Uuid,
    Value,
};
use serde_json::Value as Json;
use std::{collections::HashSet, sync::Arc};

/// The kind of a concept that is created without one: the contract's clients cannot give it.
const CONCEPT_KIND: &str = "objet mathématique";

/// The changes of one field, and what is needed to add to them.
pub(super) struct Plan {
    pub(super) graph: Arc<Graph>,
    pub(super) changes: Vec<Change>,
    gone_nodes: HashSet<NodeId>,
    gone_relations: HashSet<RelationId>,
    joined: HashSet<(NodeRef, String, NodeRef)>,
    most: usize,
}

/// How changes name a node: by what never changes, where it has that.
pub(super) fn name(node: &Node) -> NodeRef {
    node.uuid.map_or(NodeRef::Id(node.id), NodeRef::Uuid)
}

/// The items of a list; a single value counts as a list of one, an absent one as none.
fn items(value: Option<&Json>) -> &[Json] {
    match value {
        None | Some(Json::Null) => &[],
        Some(Json::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
    }
}

/// A part of an input that is there and not null.
fn given<'v>(value: &'v Json, name: &str) -> Option<&'v Json> {
    value.get(name).filter(|value| !value.is_null())
}

impl Plan {
    pub(super) fn new(graph: Arc<Graph>, most: usize) -> Self {
        Self {
            graph,
            changes: Vec::new(),
            gone_nodes: HashSet::new(),
            gone_relations: HashSet::new(),
            joined: HashSet::new(),
            most,
        }
    }

    pub(super) fn push(&mut self, change: Change) -> Result<(), Problem> {
        if self.changes.len() >= self.most {
            return Err(Problem::new(
                "TOO_MANY_CHANGES",
                "La mutation change trop de choses à la fois ; faites-en plusieurs.",
                "The mutation changes too much at once; make several.",
            ));
        }
        self.changes.push(change);
        Ok(())
    }

    /// The nodes of a label that pass the `where` argument; all of them without one.
    pub(super) fn matching(&self, label: Label, condition: Option<&Json>) -> Vec<NodeRef> {
        let filter = condition.filter(|c| !c.is_null()).map(|c| filter(label, c));
        let passes = |node: &&Node| filter.as_ref().is_none_or(|f| f.holds(&self.graph, node));
        let here = |node: &&Node| !self.gone_nodes.contains(&node.id);
        self.graph.nodes(label).filter(here).filter(passes).map(name).collect()
    }

    /// The relations of a step at a node, and their other ends that pass a condition.
    fn related(
        &self,
        origin: NodeRef,
        step: Step,
        condition: Option<&Json>,
    ) -> Vec<(RelationId, NodeRef)> {
        // A node that this field makes has no relations in the graph.
        let Some(origin) = self.graph.find(origin) else { return Vec::new() };
        let filter: Option<Filter> = condition.map(|condition| filter(step.label, condition));
        self.graph
            .edges(origin.id, step.direction)
            .filter(|edge| edge.relation.kind == step.rel.name())
            .filter(|edge| edge.node.label() == Some(step.label))
            .filter(|edge| !self.gone_relations.contains(&edge.relation.id))
            .filter(|edge| !self.gone_nodes.contains(&edge.node.id))
            .filter(|edge| filter.as_ref().is_none_or(|f| f.holds(&self.graph, edge.node)))
            .map(|edge| (edge.relation.id, name(edge.node)))
            .collect()
    }

    fn is_joined(&self, from: NodeRef, kind: &str, to: NodeRef) -> bool {
        if self.joined.contains(&(from, kind.to_owned(), to)) {
            return true;
        }
        let (Some(from), Some(to)) = (self.graph.find(from), self.graph.find(to)) else {
            return false;
        };
        self.graph.edges(from.id, Direction::Out).any(|edge| {
            edge.relation.kind == kind
                && edge.node.id == to.id
                && !self.gone_relations.contains(&edge.relation.id)
        })
    }

    /// Joins two nodes, unless they are joined already.
    pub(super) fn join(
        &mut self,
        from: NodeRef,
        kind: &str,
        to: NodeRef,
        props: Props,
    ) -> Result<(), Problem> {
        if self.is_joined(from, kind, to) {
            return Ok(());
        }
        self.joined.insert((from, kind.to_owned(), to));
        self.push(Change::CreateRelation(NewRelation { from, kind: kind.into(), to, props }))
    }

    fn join_step(&mut self, origin: NodeRef, step: Step, other: NodeRef) -> Result<(), Problem> {
        let (from, to) = match step.direction {
            Direction::Out => (origin, other),
            Direction::In => (other, origin),
        };
        self.join(from, step.rel.name(), to, Props::new())
    }

    /// Takes a relation away.
    pub(super) fn part(&mut self, relation: RelationId) -> Result<(), Problem> {
        if self.gone_relations.insert(relation) {
            self.push(Change::DeleteRelation { relation })?;
        }
        Ok(())
    }

    /// Creates a node with what it is joined to.
    pub(super) fn create(&mut self, label: Label, input: &Json) -> Result<NodeRef, Problem> {
        let spec = label.spec();
        let mut props: Props = spec
            .props
            .iter()
            .filter(|prop| prop.kind == PropKind::Text)
            .filter_map(|prop| {
                Some((prop.name.to_owned(), Value::from(input.get(prop.name)?.as_str()?)))
            })
            .collect();
        if label == Label::Concept {
            props.entry(spec.kind.to_owned()).or_insert_with(|| Value::from(CONCEPT_KIND));
        }
        let uuid = Uuid::new_v4();
        let labels = vec![label.name().to_owned()];
        self.push(Change::CreateNode(NewNode { uuid, labels, props }))?;
        let node = NodeRef::Uuid(uuid);
        for field in relation_fields(label) {
            if let Some(related) = given(input, field.name) {
                self.connect(node, field, related.get("connect"))?;
                self.create_related(node, field, related.get("create"))?;
            }
        }
        Ok(node)
    }

    /// Updates a node and what it is joined to.
    pub(super) fn update(
        &mut self,
        label: Label,
        node: NodeRef,
        input: &Json,
    ) -> Result<(), Problem> {
        let (mut set, mut unset) = (Props::new(), Vec::new());
        for prop in label.spec().props.iter().filter(|prop| prop.kind == PropKind::Text) {
            match given(input, prop.name).and_then(|change| change.get("set")) {
                None => {}
                Some(Json::String(text)) => {
                    set.insert(prop.name.to_owned(), Value::from(text.as_str()));
                }
                Some(_) => unset.push(prop.name.to_owned()),
            }
        }
        if !set.is_empty() || !unset.is_empty() {
            self.push(Change::UpdateNode { node, set, unset })?;
        }
        for field in relation_fields(label) {
            for change in items(input.get(field.name)) {
                if let Some(update) = given(change, "update") {
                    let among = self.related(node, field.step, given(update, "where"));
                    for (_, other) in among {
                        if let Some(input) = given(update, "node") {
                            self.update(field.step.label, other, input)?;
                        }
                    }
                }
                self.disconnect(node, field, change.get("disconnect"))?;
                self.connect(node, field, change.get("connect"))?;
                self.delete_related(node, field, change.get("delete"))?;
                self.create_related(node, field, change.get("create"))?;
            }
        }
        Ok(())
    }

    /// Deletes a node, and what `input` names among what it is joined to.
    pub(super) fn delete(
        &mut self,
        label: Label,
        node: NodeRef,
        input: Option<&Json>,
    ) -> Result<(), Problem> {
        if let Some(input) = input.filter(|input| !input.is_null()) {
            for field in relation_fields(label) {
                self.delete_related(node, field, input.get(field.name))?;
            }
        }
        self.delete_node(node)
    }

    pub(super) fn delete_node(&mut self, node: NodeRef) -> Result<(), Problem> {
        match self.graph.find(node).map(|node| node.id) {
            Some(id) if !self.gone_nodes.insert(id) => Ok(()),
            _ => self.push(Change::DeleteNode { node }),
        }
    }

    fn connect(
        &mut self,
        origin: NodeRef,
        field: RelationField,
        list: Option<&Json>,
    ) -> Result<(), Problem> {
        let target = field.step.label;
        for item in items(list) {
            for other in self.matching(target, given(item, "where")) {
                self.join_step(origin, field.step, other)?;
                for nested in items(item.get("connect")) {
                    for field in relation_fields(target) {
                        self.connect(other, field, nested.get(field.name))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn disconnect(
        &mut self,
        origin: NodeRef,
        field: RelationField,
        list: Option<&Json>,
    ) -> Result<(), Problem> {
        for item in items(list) {
            for (relation, other) in self.related(origin, field.step, given(item, "where")) {
                if let Some(nested) = given(item, "disconnect") {
                    for field in relation_fields(field.step.label) {
                        self.disconnect(other, field, nested.get(field.name))?;
                    }
                }
                self.part(relation)?;
            }
        }
        Ok(())
    }

    fn create_related(
        &mut self,
        origin: NodeRef,
        field: RelationField,
        list: Option<&Json>,
    ) -> Result<(), Problem> {
        for item in items(list) {
            let other = self.create(field.step.label, &item["node"])?;
            self.join_step(origin, field.step, other)?;
        }
        Ok(())
    }

    fn delete_related(
        &mut self,
        origin: NodeRef,
        field: RelationField,
        list: Option<&Json>,
    ) -> Result<(), Problem> {
        for item in items(list) {
            for (_, other) in self.related(origin, field.step, given(item, "where")) {
                self.delete(field.step.label, other, given(item, "delete"))?;
            }
        }
        Ok(())
    }
}
