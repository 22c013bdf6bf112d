//! Nodes as values of the schema, and what every node answers.

use async_graphql::dynamic::{FieldValue, ResolverContext};
use mqd_graph::Graph;
use mqd_model::{Label, Node, NodeId, Uuid};
use std::sync::Arc;

use crate::context::shared;

/// A node in an answer.
#[derive(Clone)]
pub(crate) struct NodeValue {
    pub(crate) graph: Arc<Graph>,
    pub(crate) id: NodeId,
}

impl NodeValue {
    pub(crate) fn new(graph: &Arc<Graph>, node: &Node) -> Self {
        Self { graph: Arc::clone(graph), id: node.id }
    }

    /// The node; `None` cannot happen, since values are made from nodes of the graph they hold.
    pub(crate) fn node(&self) -> Option<&Node> {
        self.graph.node(self.id)
    }
}

/// A node as the value of a field of its own type.
pub(crate) fn node_value<'a>(graph: &Arc<Graph>, node: &Node) -> FieldValue<'a> {
    FieldValue::owned_any(NodeValue::new(graph, node))
}

/// Nodes as the value of a list field, charged to the budget of the request.
pub(crate) fn nodes<'a, 'n>(
    context: &ResolverContext<'_>,
    graph: &Arc<Graph>,
    nodes: impl Iterator<Item = &'n Node>,
) -> async_graphql::Result<Option<FieldValue<'a>>> {
    let values: Vec<FieldValue<'a>> = nodes.map(|node| node_value(graph, node)).collect();
    shared(context)?.budget.spend(values.len())?;
    Ok(Some(FieldValue::list(values)))
}

/// A node as the value of a field of type `Noeud`; `None` for labels outside the model.
pub(crate) fn interface_value<'a>(graph: &Arc<Graph>, node: &Node) -> Option<FieldValue<'a>> {
    let label = node.label()?;
    Some(FieldValue::owned_any(NodeValue::new(graph, node)).with_type(label.name()))
}

/// The graph of this request.
pub(crate) fn graph<'c>(context: &ResolverContext<'c>) -> async_graphql::Result<&'c Arc<Graph>> {
    Ok(&shared(context)?.graph)
}

/// The node whose field is being resolved.
pub(crate) fn parent<'c>(context: &ResolverContext<'c>) -> async_graphql::Result<&'c NodeValue> {
    context.parent_value.try_downcast_ref::<NodeValue>()
}

/// The node of a `uuid` or `_id` argument.
pub(crate) fn by_uuid<'g>(graph: &'g Graph, uuid: &str) -> Option<&'g Node> {
    graph.by_uuid(Uuid::parse_str(uuid).ok()?)
}

/// The page of a node on the site.
pub(crate) fn address(node: &Node) -> String {
    let folder = match node.label() {
        Some(Label::Document) | None => "document",
        Some(Label::Concept) => "concept",
        Some(Label::Evenement) => "evenement",
        Some(Label::SiteWeb) => "site-web",
    };
    match node.uuid {
        Some(uuid) => format!("/{folder}/{uuid}"),
        None => format!("/{folder}_{}", node.id),
    }
}
