//! Relay connections: pages, edges, counts and aggregates.

use crate::{
    context::shared,
    inputs::{Arguments, list_arguments},
    problem::Problem,
    values::NodeValue,
};
use async_graphql::{
    Value,
    dynamic::{Field, FieldFuture, FieldValue, Object, ResolverContext, TypeRef},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use mqd_graph::Graph;
use mqd_model::{Label, Node, NodeId, PropKind};
use std::{ops::Range, sync::Arc};

/// A page of a Relay connection: the nodes that passed, and which of them are shown.
#[derive(Clone)]
pub(crate) struct Page {
    graph: Arc<Graph>,
    nodes: Arc<[NodeId]>,
    start: usize,
    end: usize,
}

impl Page {
    /// Filters, sorts and pages some nodes by the arguments of a connection.
    pub(crate) fn new(
        graph: &Arc<Graph>,
        label: Label,
        nodes: Vec<&Node>,
        arguments: &Arguments,
    ) -> async_graphql::Result<Self> {
        let mut list = list_arguments(label, arguments);
        (list.offset, list.limit) = (0, None);
        let (nodes, total) = list.of(graph, nodes.into_iter());
        Self::of_list(graph, nodes, total, arguments)
    }

    /// Filters, sorts and pages the nodes of a label.
    pub(crate) fn of_label(
        graph: &Arc<Graph>,
        label: Label,
        arguments: &Arguments,
    ) -> async_graphql::Result<Self> {
        let mut list = list_arguments(label, arguments);
        (list.offset, list.limit) = (0, None);
        let (nodes, total) = graph.list(label, &list);
        Self::of_list(graph, nodes, total, arguments)
    }

    /// Pages nodes that are already in order.
    fn of_list(
        graph: &Arc<Graph>,
        nodes: Vec<&Node>,
        total: usize,
        arguments: &Arguments,
    ) -> async_graphql::Result<Self> {
        let start = match arguments.get("after").and_then(|after| after.as_str()) {
            Some(cursor) => position(cursor).ok_or_else(bad_cursor)?.saturating_add(1),
            None => 0,
        };
        let first = match arguments.get("first").and_then(serde_json::Value::as_i64) {
            Some(first) => usize::try_from(first).map_err(|_| negative())?,
            None => usize::MAX,
        };
        let start = start.min(total);
        let end = start.saturating_add(first).min(total);
        Ok(Self {
            graph: Arc::clone(graph),
            nodes: nodes.iter().map(|node| node.id).collect(),
            start,
            end,
        })
    }

    /// How many nodes passed.
    pub(crate) fn total(&self) -> i32 {
        i32::try_from(self.nodes.len()).unwrap_or(i32::MAX)
    }

    /// The positions of the nodes that are shown.
    pub(crate) fn shown(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The node at a position.
    pub(crate) fn id(&self, position: usize) -> NodeId {
        self.nodes[position]
    }

    pub(crate) fn has_next(&self) -> bool {
        self.end < self.nodes.len()
    }

    pub(crate) fn has_previous(&self) -> bool {
        self.start > 0
    }

    pub(crate) fn start_cursor(&self) -> Option<String> {
        (self.end > self.start).then(|| cursor(self.start))
    }

    pub(crate) fn end_cursor(&self) -> Option<String> {
        (self.end > self.start).then(|| cursor(self.end - 1))
    }

    /// The shortest and the longest text of a property, over all nodes that passed.
    pub(crate) fn extremes(&self, property: &str) -> Extremes {
        let values = || {
            let nodes = self.nodes.iter().filter_map(|id| self.graph.node(*id));
            nodes.filter_map(move |node| node.text(property))
        };
        let length = |text: &&str| text.chars().count();
        Extremes {
            shortest: values().min_by_key(length).map(str::to_owned),
            longest: values().max_by_key(length).map(str::to_owned),
        }
    }
}

fn bad_cursor() -> Problem {
    Problem::new(
        "BAD_USER_INPUT",
        "« after » n'est pas un curseur de cette connexion.",
        "\"after\" is not a cursor of this connection.",
    )
}

fn negative() -> Problem {
    Problem::new(
        "BAD_USER_INPUT",
        "« first » doit être positif ou nul.",
        "\"first\" must not be negative.",
    )
}

/// What leads back to a position.
pub(crate) fn cursor(position: usize) -> String {
    BASE64.encode(format!("arrayconnection:{position}"))
}

fn position(cursor: &str) -> Option<usize> {
    String::from_utf8(BASE64.decode(cursor).ok()?)
        .ok()?
        .strip_prefix("arrayconnection:")?
        .parse()
        .ok()
}

/// A node of a page with its position.
struct EdgeValue {
    position: usize,
    node: NodeValue,
}

pub(crate) fn edge(name: &str, label: Label) -> Object {
    Object::new(name)
        .field(Field::new("cursor", TypeRef::named_nn(TypeRef::STRING), |context| {
            FieldFuture::new(async move {
                Ok(Some(Value::from(cursor(
                    context.parent_value.try_downcast_ref::<EdgeValue>()?.position,
                ))))
            })
        }))
        .field(Field::new("node", TypeRef::named_nn(label.name()), |context| {
            FieldFuture::new(async move {
                Ok(Some(FieldValue::owned_any(
                    context.parent_value.try_downcast_ref::<EdgeValue>()?.node.clone(),
                )))
            })
        }))
}

pub(crate) fn connection(name: &str, edge: &str, aggregate: &str) -> Object {
    Object::new(name)
        .field(Field::new("edges", TypeRef::named_nn_list_nn(edge), |context| {
            FieldFuture::new(async move {
                let page = context.parent_value.try_downcast_ref::<Page>()?;
                shared(&context)?.budget.spend(page.shown().len())?;
                Ok(Some(FieldValue::list(page.shown().map(|position| {
                    let node = NodeValue { graph: Arc::clone(&page.graph), id: page.id(position) };
                    FieldValue::owned_any(EdgeValue { position, node })
                }))))
            })
        }))
        .field(Field::new("totalCount", TypeRef::named_nn(TypeRef::INT), |context| {
            FieldFuture::new(async move {
                Ok(Some(Value::from(context.parent_value.try_downcast_ref::<Page>()?.total())))
            })
        }))
        .field(Field::new("pageInfo", TypeRef::named_nn("PageInfo"), |context| {
            FieldFuture::new(async move {
                Ok(Some(FieldValue::owned_any(
                    context.parent_value.try_downcast_ref::<Page>()?.clone(),
                )))
            })
        }))
        .field(Field::new("aggregate", TypeRef::named_nn(aggregate), |context| {
            FieldFuture::new(async move {
                Ok(Some(FieldValue::owned_any(
                    context.parent_value.try_downcast_ref::<Page>()?.clone(),
                )))
            })
        }))
}

pub(crate) fn page_info() -> Object {
    let flag = |name: &str, value: fn(&Page) -> bool| {
        Field::new(name, TypeRef::named_nn(TypeRef::BOOLEAN), move |context| {
            FieldFuture::new(async move {
                Ok(Some(Value::from(value(context.parent_value.try_downcast_ref::<Page>()?))))
            })
        })
    };
    let at = |name: &str, value: fn(&Page) -> Option<String>| {
        Field::new(name, TypeRef::named(TypeRef::STRING), move |context| {
            FieldFuture::new(async move {
                Ok(value(context.parent_value.try_downcast_ref::<Page>()?).map(Value::from))
            })
        })
    };
    Object::new("PageInfo")
        .field(flag("hasNextPage", Page::has_next))
        .field(flag("hasPreviousPage", Page::has_previous))
        .field(at("startCursor", Page::start_cursor))
        .field(at("endCursor", Page::end_cursor))
}

pub(crate) fn aggregate(name: &str, count: &str, node: &str, node_required: bool) -> Object {
    let page = |context: ResolverContext<'_>| -> async_graphql::Result<Page> {
        Ok(context.parent_value.try_downcast_ref::<Page>()?.clone())
    };
    let node_type = if node_required { TypeRef::named_nn(node) } else { TypeRef::named(node) };
    Object::new(name)
        .field(Field::new("count", TypeRef::named_nn(count), move |context| {
            FieldFuture::new(async move { Ok(Some(FieldValue::owned_any(page(context)?))) })
        }))
        .field(Field::new("node", node_type, move |context| {
            FieldFuture::new(async move { Ok(Some(FieldValue::owned_any(page(context)?))) })
        }))
}

/// Shortest and longest value of a property.
pub(crate) struct Extremes {
    pub(crate) shortest: Option<String>,
    pub(crate) longest: Option<String>,
}

pub(crate) fn aggregate_node(name: &str, label: Label) -> Object {
    // Dates are computed in the contract, and have no aggregate.
    label.spec().props.iter().filter(|prop| prop.kind == PropKind::Text).fold(
        Object::new(name),
        |object, prop| {
            let property = prop.name;
            object.field(Field::new(
                property,
                TypeRef::named_nn("StringAggregateSelection"),
                move |context| {
                    FieldFuture::new(async move {
                        let page = context.parent_value.try_downcast_ref::<Page>()?;
                        Ok(Some(FieldValue::owned_any(page.extremes(property))))
                    })
                },
            ))
        },
    )
}

pub(crate) fn string_aggregate() -> Object {
    let field = |name: &str, value: fn(&Extremes) -> &Option<String>| {
        Field::new(name, TypeRef::named(TypeRef::STRING), move |context| {
            FieldFuture::new(async move {
                Ok(value(context.parent_value.try_downcast_ref::<Extremes>()?)
                    .as_deref()
                    .map(Value::from))
            })
        })
    };
    Object::new("StringAggregateSelection")
        .field(field("shortest", |e| &e.shortest))
        .field(field("longest", |e| &e.longest))
}
