//! Object types generated from the model: nodes, connections, aggregates.

use crate::{
    connection::{Page, aggregate, aggregate_node, connection, edge, page_info, string_aggregate},
    context::shared,
    inputs::{RelationField, arguments, capital, list_arguments, relation_fields},
    values::{NodeValue, address, graph, nodes, parent},
};
use async_graphql::{
    Value,
    dynamic::{
        Field, FieldFuture, FieldValue, InputValue, Interface, InterfaceField, Object,
        SchemaBuilder, TypeRef,
    },
};
use mqd_graph::{Direction, Graph, Step};
use mqd_model::{Label, Node, NodeId, Rel};

fn text_field(name: &'static str, help: &'static str) -> Field {
    Field::new(name, TypeRef::named(TypeRef::STRING), move |context| {
        FieldFuture::new(async move {
            Ok(parent(&context)?.node().and_then(|node| node.text(name)).map(Value::from))
        })
    })
    .description(help)
}

/// A field that every node has, computed from it.
pub(crate) struct Common {
    pub(crate) name: &'static str,
    pub(crate) of: &'static str,
    /// Every node has it.
    pub(crate) required: bool,
    pub(crate) value: fn(&Node) -> Option<String>,
}

/// The place of `_id` among the common fields.
pub(crate) const ID: usize = 0;

/// The fields of the interface `Noeud`.
pub(crate) const COMMON: [Common; 6] = [
    Common {
        name: "_id",
        of: TypeRef::ID,
        required: true,
        value: |node| Some(node.id.to_string()),
    },
    Common {
        name: "uuid",
        of: TypeRef::ID,
        required: false,
        value: |node| node.uuid.map(|uuid| uuid.to_string()),
    },
    Common {
        name: "label",
        of: TypeRef::STRING,
        required: true,
        value: |node| node.label().map(|label| label.name().to_owned()),
    },
    Common {
        name: "genre",
        of: TypeRef::STRING,
        required: true,
        value: |node| Some(node.kind().to_owned()),
    },
    Common {
        name: "intitule",
        of: TypeRef::STRING,
        required: true,
        value: |node| Some(node.title().to_owned()),
    },
    Common {
        name: "adresse",
        of: TypeRef::STRING,
        required: true,
        value: |node| Some(address(node)),
    },
];

impl Common {
    fn of(&self) -> TypeRef {
        if self.required { TypeRef::named_nn(self.of) } else { TypeRef::named(self.of) }
    }

    fn field(&self) -> Field {
        let value = self.value;
        Field::new(self.name, self.of(), move |context| {
            FieldFuture::new(async move {
                Ok(parent(&context)?.node().and_then(value).map(Value::from))
            })
        })
    }
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
    for field in &COMMON {
        interface = interface.field(InterfaceField::new(field.name, field.of()));
    }
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
    for field in &COMMON {
        object = object.field(field.field());
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
                return nodes(&context, graph, graph.related(parent.id, field.step));
            }
            let (found, _) =
                list_arguments(target, &arguments).of(graph, graph.related(parent.id, field.step));
            nodes(&context, graph, found.into_iter())
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
                let related: Vec<&Node> = parent.graph.related(parent.id, field.step).collect();
                Ok(Some(FieldValue::owned_any(Page::new(
                    &parent.graph,
                    target,
                    related,
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
            nodes(&context, &parent.graph, sheets(&parent.graph, parent.id))
        })
    })
}

/// The exercise sheets that evaluate a concept.
pub(crate) fn sheets(graph: &Graph, concept: NodeId) -> impl Iterator<Item = &Node> {
    let step = Step { rel: Rel::Evalue, direction: Direction::In, label: Label::Document };
    graph.related(concept, step).filter(|node| node.kind() == "liste exercices")
}

/// A relation of a concept in either direction.
struct Neighbour {
    kind: String,
    out: bool,
    node: NodeValue,
}

fn neighbours(name: &'static str, label: Label) -> Field {
    Field::new(name, TypeRef::named_list(told(label).name), move |context| {
        FieldFuture::new(async move {
            let parent = parent(&context)?;
            let graph = &parent.graph;
            let neighbours: Vec<FieldValue<'_>> = graph
                .edges_with(parent.id, label)
                .map(|edge| {
                    FieldValue::owned_any(Neighbour {
                        kind: edge.relation.kind.clone(),
                        out: edge.direction == Direction::Out,
                        node: NodeValue::new(graph, edge.node),
                    })
                })
                .collect();
            shared(&context)?.budget.spend(neighbours.len())?;
            Ok(Some(FieldValue::list(neighbours)))
        })
    })
}

/// How the neighbours of one label are told: their type, the field with their id, and the fields
/// that give their properties.
pub(crate) struct Told {
    pub(crate) name: &'static str,
    pub(crate) id: &'static str,
    pub(crate) properties: &'static [(&'static str, &'static str)],
}

/// How neighbours are told, by their label; only documents and concepts are.
pub(crate) fn told(label: Label) -> &'static Told {
    match label {
        Label::Concept => &Told {
            name: "ConceptVoisin",
            id: "conceptId",
            properties: &[("conceptLitteral", "litteral"), ("conceptDescription", "description")],
        },
        _ => &Told {
            name: "DocumentVoisin",
            id: "docId",
            properties: &[
                ("docType", "typeDoc"),
                ("docTitre", "titre"),
                ("docDescription", "description"),
                ("docUrl", "url"),
            ],
        },
    }
}

/// The types of neighbours.
pub(crate) fn neighbour_types() -> [Object; 2] {
    fn field(
        name: &str,
        of: TypeRef,
        value: impl Fn(&Neighbour) -> Option<Value> + Copy + Send + Sync + 'static,
    ) -> Field {
        Field::new(name, of, move |context| {
            FieldFuture::new(async move {
                Ok(value(context.parent_value.try_downcast_ref::<Neighbour>()?))
            })
        })
    }
    [Label::Document, Label::Concept].map(told).map(|told| {
        let object = Object::new(told.name)
            .field(field("typeRel", TypeRef::named(TypeRef::STRING), |neighbour| {
                Some(Value::from(neighbour.kind.as_str()))
            }))
            .field(field("out", TypeRef::named(TypeRef::BOOLEAN), |neighbour| {
                Some(Value::from(neighbour.out))
            }))
            .field(field(told.id, TypeRef::named_nn(TypeRef::ID), |neighbour| {
                Some(Value::from(neighbour.node.id.to_string()))
            }));
        told.properties.iter().fold(object, |object, &(name, property)| {
            object.field(field(name, TypeRef::named(TypeRef::STRING), move |neighbour| {
                neighbour.node.node().and_then(|node| node.text(property)).map(Value::from)
            }))
        })
    })
}

/// Used by root fields: a list of a label.
pub(crate) fn root_list(label: Label) -> Field {
    let list =
        Field::new(label.spec().plural, TypeRef::named_nn_list_nn(label.name()), move |context| {
            FieldFuture::new(async move {
                let graph = graph(&context)?;
                let (found, _) = graph.list(label, &list_arguments(label, &arguments(&context)));
                nodes(&context, graph, found.into_iter())
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
                let page = Page::of_label(graph, label, &arguments(&context))?;
                Ok(Some(FieldValue::owned_any(page)))
            })
        },
    )
    .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
    .argument(InputValue::new("after", TypeRef::named(TypeRef::STRING)))
    .argument(InputValue::new("where", TypeRef::named(format!("{label}Where"))))
    .argument(InputValue::new("sort", TypeRef::named_nn_list(format!("{label}Sort"))))
    .argument(InputValue::new("collation", TypeRef::named("Collation")))
}
