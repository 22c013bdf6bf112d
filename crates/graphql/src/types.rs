//! Object types generated from the model: nodes, connections, aggregates.

use crate::{
    inputs::{Arguments, RelationField, arguments, capital, list_arguments, relation_fields},
    values::{NodeValue, address, graph, node_value, parent},
};
use async_graphql::{
    Value,
    dynamic::{
        Field, FieldFuture, FieldValue, InputValue, Interface, InterfaceField, Object,
        SchemaBuilder, TypeRef,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use mqd_graph::{Direction, Graph, Step};
use mqd_model::{Label, Node, PropKind, Rel};
use std::sync::Arc;

fn text_field(name: &'static str, help: &'static str) -> Field {
    Field::new(name, TypeRef::named(TypeRef::STRING), move |context| {
        FieldFuture::new(async move {
            Ok(parent(&context)?.node().and_then(|node| node.text(name)).map(Value::from))
        })
    })
    .description(help)
}

/// A field of every node, computed from it.
fn computed(name: &'static str, of: TypeRef, value: fn(&Node) -> Option<String>) -> Field {
    Field::new(name, of, move |context| {
        FieldFuture::new(
            async move { Ok(parent(&context)?.node().and_then(value).map(Value::from)) },
        )
    })
}

fn common_fields() -> Vec<Field> {
    vec![
        computed("_id", TypeRef::named_nn(TypeRef::ID), |node| Some(node.id.to_string())),
        computed("uuid", TypeRef::named(TypeRef::ID), |node| {
            node.uuid.map(|uuid| uuid.to_string())
        }),
        computed("label", TypeRef::named_nn(TypeRef::STRING), |node| {
            node.label().map(|label| label.name().to_owned())
        }),
        computed("genre", TypeRef::named_nn(TypeRef::STRING), |node| Some(node.kind().to_owned())),
        computed("intitule", TypeRef::named_nn(TypeRef::STRING), |node| {
            Some(node.title().to_owned())
        }),
        computed("adresse", TypeRef::named_nn(TypeRef::STRING), |node| Some(address(node))),
    ]
}

/// `where`, `limit`, `offset`, `sort`, and our `collation`.
pub(crate) fn list_inputs(field: Field, label: Label) -> Field {
    field
        .argument(InputValue::new("where", TypeRef::named(format!("{label}Where"))))
        .argument(InputValue::new("limit", TypeRef::named(TypeRef::INT)))
        .argument(InputValue::new("offset", TypeRef::named(TypeRef::INT)))
        .argument(InputValue::new("sort", TypeRef::named_nn_list(format!("{label}Sort"))))
        .argument(InputValue::new("collation", TypeRef::named("Collation")))
}

/// Registers the interface and the types of nodes with all that hangs on them.
pub(crate) fn register(mut builder: SchemaBuilder) -> SchemaBuilder {
    let mut interface =
        Interface::new("Noeud").description("Un nœud du maquis, quel que soit son type.");
    for field in ["_id", "label", "genre", "intitule", "adresse"] {
        let of = if field == "_id" { TypeRef::ID } else { TypeRef::STRING };
        interface = interface.field(InterfaceField::new(field, TypeRef::named_nn(of)));
    }
    interface = interface.field(InterfaceField::new("uuid", TypeRef::named(TypeRef::ID)));
    builder = builder.register(interface).register(page_info());
    for (name, fields) in [("Count", &["nodes"][..]), ("CountConnection", &["nodes", "edges"])] {
        let object = fields.iter().fold(Object::new(name), |object, field| {
            object.field(Field::new(*field, TypeRef::named_nn(TypeRef::INT), |context| {
                FieldFuture::new(async move {
                    Ok(Some(Value::from(context.parent_value.try_downcast_ref::<Page>()?.total())))
                })
            }))
        });
        builder = builder.register(object);
    }
    builder = builder.register(string_aggregate());
    for label in Label::ALL {
        builder = builder.register(node_type(label));
        builder = builder.register(aggregate_node(&format!("{label}AggregateNode"), label));
        builder = builder.register(aggregate(
            &format!("{label}Aggregate"),
            "Count",
            &format!("{label}AggregateNode"),
            true,
        ));
        builder = builder.register(edge(&format!("{label}Edge"), label));
        builder = builder.register(connection(
            &plural_connection(label),
            &format!("{label}Edge"),
            &format!("{label}Aggregate"),
        ));
        for field in relation_fields(label) {
            let target = field.step.label;
            let name = format!("{label}{}", capital(field.name));
            let selection = format!("{label}{target}{}AggregateSelection", capital(field.name));
            let selection_node =
                format!("{label}{target}{}NodeAggregateSelection", capital(field.name));
            builder = builder.register(edge(&format!("{name}Relationship"), target));
            builder = builder.register(aggregate_node(&selection_node, target));
            builder =
                builder.register(aggregate(&selection, "CountConnection", &selection_node, false));
            builder = builder.register(connection(
                &format!("{name}Connection"),
                &format!("{name}Relationship"),
                &selection,
            ));
        }
    }
    builder
}

/// `DocumentsConnection`, and `SitesWebConnection` for sites.
pub(crate) fn plural_connection(label: Label) -> String {
    format!("{}Connection", capital(label.spec().plural))
}

fn node_type(label: Label) -> Object {
    let mut object = Object::new(label.name()).implement("Noeud");
    for field in common_fields() {
        object = object.field(field);
    }
    for prop in label.spec().props {
        object = object.field(text_field(prop.name, prop.help));
    }
    for field in relation_fields(label) {
        object = object.field(relation_list(field)).field(relation_connection(label, field));
    }
    if label == Label::Concept {
        object = object
            .field(exercise_sheets())
            .field(neighbours("documentsvoisins", Label::Document))
            .field(neighbours("conceptsvoisins", Label::Concept));
    }
    if label == Label::Document {
        object = crate::content::document_fields(object);
    }
    object
}

fn relation_list(field: RelationField) -> Field {
    let target = field.step.label;
    let list = Field::new(field.name, TypeRef::named_nn_list_nn(target.name()), move |context| {
        FieldFuture::new(async move {
            let parent = parent(&context)?;
            let graph = &parent.graph;
            let arguments = arguments(&context);
            if arguments.is_empty() {
                // Most nested lists ask for everything as it comes.
                return Ok(Some(FieldValue::list(
                    graph.related(parent.id, field.step).map(|node| node_value(graph, node)),
                )));
            }
            let (nodes, _) =
                list_arguments(target, &arguments).of(graph, graph.related(parent.id, field.step));
            Ok(Some(FieldValue::list(nodes.into_iter().map(|node| node_value(graph, node)))))
        })
    });
    list_inputs(list, target)
}

fn relation_connection(label: Label, field: RelationField) -> Field {
    let target = field.step.label;
    let name = format!("{label}{}", capital(field.name));
    Field::new(
        format!("{}Connection", field.name),
        TypeRef::named_nn(format!("{name}Connection")),
        move |context| {
            FieldFuture::new(async move {
                let parent = parent(&context)?;
                let nodes: Vec<&Node> = parent.graph.related(parent.id, field.step).collect();
                Ok(Some(FieldValue::owned_any(Page::new(
                    &parent.graph,
                    target,
                    nodes,
                    &arguments(&context),
                )?)))
            })
        },
    )
    .argument(InputValue::new("where", TypeRef::named(format!("{name}ConnectionWhere"))))
    .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
    .argument(InputValue::new("after", TypeRef::named(TypeRef::STRING)))
    .argument(InputValue::new("sort", TypeRef::named_nn_list(format!("{name}ConnectionSort"))))
    .argument(InputValue::new("collation", TypeRef::named("Collation")))
}

/// `listexos`: the exercise sheets that evaluate a concept.
fn exercise_sheets() -> Field {
    Field::new("listexos", TypeRef::named_nn_list_nn("Document"), |context| {
        FieldFuture::new(async move {
            let parent = parent(&context)?;
            let step = Step { rel: Rel::Evalue, direction: Direction::In, label: Label::Document };
            let sheets = parent
                .graph
                .related(parent.id, step)
                .filter(|node| node.kind() == "liste exercices");
            Ok(Some(FieldValue::list(sheets.map(|node| node_value(&parent.graph, node)))))
        })
    })
}

/// A relation of a concept in either direction.
struct Neighbour {
    kind: String,
    out: bool,
    node: NodeValue,
}

fn neighbours(name: &'static str, label: Label) -> Field {
    let of = if label == Label::Document { "DocumentVoisin" } else { "ConceptVoisin" };
    Field::new(name, TypeRef::named_list(of), move |context| {
        FieldFuture::new(async move {
            let parent = parent(&context)?;
            let graph = &parent.graph;
            let both = [Direction::Out, Direction::In];
            let edges = both
                .into_iter()
                .flat_map(|way| graph.edges(parent.id, way))
                .filter(|edge| edge.node.label() == Some(label));
            Ok(Some(FieldValue::list(edges.map(|edge| {
                FieldValue::owned_any(Neighbour {
                    kind: edge.relation.kind.clone(),
                    out: edge.direction == Direction::Out,
                    node: NodeValue::new(graph, edge.node),
                })
            }))))
        })
    })
}

/// The types of neighbours.
pub(crate) fn neighbour_types() -> [Object; 2] {
    let of = |name: &str, fields: &[(&'static str, &'static str)], id: &'static str| {
        let mut object = Object::new(name)
            .field(Field::new("typeRel", TypeRef::named(TypeRef::STRING), |context| {
                FieldFuture::new(async move {
                    Ok(Some(Value::from(
                        context.parent_value.try_downcast_ref::<Neighbour>()?.kind.as_str(),
                    )))
                })
            }))
            .field(Field::new("out", TypeRef::named(TypeRef::BOOLEAN), |context| {
                FieldFuture::new(async move {
                    Ok(Some(Value::from(context.parent_value.try_downcast_ref::<Neighbour>()?.out)))
                })
            }))
            .field(Field::new(id, TypeRef::named_nn(TypeRef::ID), |context| {
                FieldFuture::new(async move {
                    Ok(Some(Value::from(
                        context.parent_value.try_downcast_ref::<Neighbour>()?.node.id.to_string(),
                    )))
                })
            }));
        for &(field, property) in fields {
            object =
                object.field(Field::new(field, TypeRef::named(TypeRef::STRING), move |context| {
                    FieldFuture::new(async move {
                        let neighbour = context.parent_value.try_downcast_ref::<Neighbour>()?;
                        Ok(neighbour
                            .node
                            .node()
                            .and_then(|node| node.text(property))
                            .map(Value::from))
                    })
                }));
        }
        object
    };
    [
        of(
            "DocumentVoisin",
            &[
                ("docType", "typeDoc"),
                ("docTitre", "titre"),
                ("docDescription", "description"),
                ("docUrl", "url"),
            ],
            "docId",
        ),
        of(
            "ConceptVoisin",
            &[("conceptLitteral", "litteral"), ("conceptDescription", "description")],
            "conceptId",
        ),
    ]
}

/// A page of a Relay connection: the nodes that passed, and which of them are shown.
#[derive(Clone)]
pub(crate) struct Page {
    graph: Arc<Graph>,
    nodes: Arc<[i64]>,
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

    /// Pages nodes that are already in order.
    pub(crate) fn of_list(
        graph: &Arc<Graph>,
        nodes: Vec<&Node>,
        total: usize,
        arguments: &Arguments,
    ) -> async_graphql::Result<Self> {
        let start = match arguments.get("after").and_then(|after| after.as_str()) {
            Some(cursor) => {
                position(cursor).ok_or("« after » n'est pas un curseur de cette connexion")? + 1
            }
            None => 0,
        };
        let first = match arguments.get("first").and_then(serde_json::Value::as_i64) {
            Some(first) => usize::try_from(first).map_err(|_| "« first » doit être positif")?,
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

    fn total(&self) -> i32 {
        i32::try_from(self.nodes.len()).unwrap_or(i32::MAX)
    }

    fn values(&self, property: &str) -> impl Iterator<Item = &str> {
        self.nodes
            .iter()
            .filter_map(|id| self.graph.node(*id))
            .filter_map(move |node| node.text(property))
            .collect::<Vec<_>>()
            .into_iter()
    }
}

fn cursor(position: usize) -> String {
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

fn edge(name: &str, label: Label) -> Object {
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

fn connection(name: &str, edge: &str, aggregate: &str) -> Object {
    Object::new(name)
        .field(Field::new("edges", TypeRef::named_nn_list_nn(edge), |context| {
            FieldFuture::new(async move {
                let page = context.parent_value.try_downcast_ref::<Page>()?;
                Ok(Some(FieldValue::list((page.start..page.end).map(|position| {
                    let node =
                        NodeValue { graph: Arc::clone(&page.graph), id: page.nodes[position] };
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

fn page_info() -> Object {
    let flag = |name: &str, value: fn(&Page) -> bool| {
        Field::new(name, TypeRef::named_nn(TypeRef::BOOLEAN), move |context| {
            FieldFuture::new(async move {
                Ok(Some(Value::from(value(context.parent_value.try_downcast_ref::<Page>()?))))
            })
        })
    };
    let at = |name: &str, value: fn(&Page) -> usize| {
        Field::new(name, TypeRef::named(TypeRef::STRING), move |context| {
            FieldFuture::new(async move {
                let page = context.parent_value.try_downcast_ref::<Page>()?;
                Ok((page.end > page.start).then(|| Value::from(cursor(value(page)))))
            })
        })
    };
    Object::new("PageInfo")
        .field(flag("hasNextPage", |page| page.end < page.nodes.len()))
        .field(flag("hasPreviousPage", |page| page.start > 0))
        .field(at("startCursor", |page| page.start))
        .field(at("endCursor", |page| page.end - 1))
}

fn aggregate(name: &str, count: &str, node: &str, node_required: bool) -> Object {
    let page =
        |context: async_graphql::dynamic::ResolverContext<'_>| -> async_graphql::Result<Page> {
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
struct Extremes {
    shortest: Option<String>,
    longest: Option<String>,
}

fn aggregate_node(name: &str, label: Label) -> Object {
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
                        let length = |text: &&str| text.chars().count();
                        let shortest = page.values(property).min_by_key(length).map(str::to_owned);
                        let longest = page.values(property).max_by_key(length).map(str::to_owned);
                        Ok(Some(FieldValue::owned_any(Extremes { shortest, longest })))
                    })
                },
            ))
        },
    )
}

fn string_aggregate() -> Object {
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

/// Used by root fields: a list of a label.
pub(crate) fn root_list(label: Label) -> Field {
    let list =
        Field::new(label.spec().plural, TypeRef::named_nn_list_nn(label.name()), move |context| {
            FieldFuture::new(async move {
                let graph = graph(&context)?;
                let (nodes, _) = graph.list(label, &list_arguments(label, &arguments(&context)));
                Ok(Some(FieldValue::list(nodes.into_iter().map(|node| node_value(graph, node)))))
            })
        });
    list_inputs(list, label)
}

/// Used by root fields: a connection of a label.
pub(crate) fn root_connection(label: Label) -> Field {
    Field::new(
        format!("{}Connection", label.spec().plural),
        TypeRef::named_nn(plural_connection(label)),
        move |context| {
            FieldFuture::new(async move {
                let graph = graph(&context)?;
                let arguments = arguments(&context);
                let mut list = list_arguments(label, &arguments);
                (list.offset, list.limit) = (0, None);
                let (nodes, total) = graph.list(label, &list);
                Ok(Some(FieldValue::owned_any(Page::of_list(graph, nodes, total, &arguments)?)))
            })
        },
    )
    .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
    .argument(InputValue::new("after", TypeRef::named(TypeRef::STRING)))
    .argument(InputValue::new("where", TypeRef::named(format!("{label}Where"))))
    .argument(InputValue::new("sort", TypeRef::named_nn_list(format!("{label}Sort"))))
    .argument(InputValue::new("collation", TypeRef::named("Collation")))
}
