//! The root fields of mutations and the types of their answers.

use super::{
    draft::{Info, Outcome, Writing},
    merge,
    plan::Plan,
};
use crate::{
    content::simple,
    context::shared,
    inputs::{Arguments, arguments, capital, has_relations},
    problem::Problem,
    values::{NodeValue, interface_value, nodes},
};
use async_graphql::{
    Value,
    dynamic::{
        Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
    },
};
use mqd_graph::Graph;
use mqd_model::{Label, Node, NodeRef};
use serde_json::Value as Json;
use std::sync::{Arc, PoisonError};

/// What a field plans.
type Ask = fn(Label, &mut Plan, &Arguments) -> Result<Vec<NodeRef>, Problem>;

/// A field's outcome on the graph where its nodes are found.
struct Answer {
    outcome: Outcome,
    graph: Arc<Graph>,
}

impl Answer {
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        // A later field of the same request may have deleted some.
        self.outcome.nodes.iter().filter_map(|node| self.graph.find(*node))
    }
}

/// Registers the mutations.
pub(crate) fn register(mut builder: SchemaBuilder) -> SchemaBuilder {
    let mut mutation = Object::new("Mutation").description(
        "Demande le jeton d'administration. Une requête est une transaction : tout ou rien.",
    );
    for label in Label::ALL {
        for field in of_label(label) {
            mutation = mutation.field(field);
        }
        for (verb, info) in [("Create", "CreateInfo"), ("Update", "UpdateInfo")] {
            let plural = label.spec().plural;
            let name = format!("{verb}{}MutationResponse", capital(plural));
            let list = TypeRef::named_nn_list_nn(label.name());
            let object = Object::new(name).field(info_field(info)).field(Field::new(
                plural,
                list,
                |context| {
                    FieldFuture::new(async move {
                        let answer = context.parent_value.try_downcast_ref::<Answer>()?;
                        nodes(&context, &answer.graph, answer.nodes())
                    })
                },
            ));
            builder = builder.register(object);
        }
    }
    for field in ours() {
        mutation = mutation.field(field);
    }
    let infos: [(&str, &[Counter]); 3] = [
        ("CreateInfo", &[NODES_CREATED, RELATIONS_CREATED]),
        ("DeleteInfo", &[NODES_DELETED, RELATIONS_DELETED]),
        ("UpdateInfo", &[NODES_CREATED, NODES_DELETED, RELATIONS_CREATED, RELATIONS_DELETED]),
    ];
    for (name, counters) in infos {
        builder = builder.register(simple::<Info>(name, counters));
    }
    for object in our_types() {
        builder = builder.register(object);
    }
    builder.register(mutation)
}

type Counter = crate::content::SimpleField<Info>;

fn number(count: usize) -> Option<Value> {
    Some(Value::from(i32::try_from(count).unwrap_or(i32::MAX)))
}

fn int() -> TypeRef {
    TypeRef::named_nn(TypeRef::INT)
}

const NODES_CREATED: Counter = ("nodesCreated", int, |info| number(info.nodes_created));
const NODES_DELETED: Counter = ("nodesDeleted", int, |info| number(info.nodes_deleted));
const RELATIONS_CREATED: Counter =
    ("relationshipsCreated", int, |info| number(info.relations_created));
const RELATIONS_DELETED: Counter =
    ("relationshipsDeleted", int, |info| number(info.relations_deleted));

fn info_field(of: &'static str) -> Field {
    Field::new("info", TypeRef::named_nn(of), |context| {
        FieldFuture::new(async move {
            let answer = context.parent_value.try_downcast_ref::<Answer>()?;
            Ok(Some(FieldValue::owned_any(answer.outcome.info)))
        })
    })
}

/// Plans the field, or tells what came of it.
fn answer(context: &ResolverContext<'_>, label: Label, ask: Ask) -> async_graphql::Result<Answer> {
    let shared = shared(context)?;
    match &shared.writing {
        Some(Writing::Planning(draft)) => {
            let mut draft = draft.lock().unwrap_or_else(PoisonError::into_inner);
            let outcome = draft.field(|plan| ask(label, plan, &arguments(context)))?;
            Ok(Answer { outcome, graph: Arc::clone(&draft.graph) })
        }
        Some(Writing::Done(outcomes)) => {
            let next = outcomes.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            Ok(Answer { outcome: next.unwrap_or_default(), graph: Arc::clone(&shared.graph) })
        }
        // A request only comes here as a mutation.
        None => Err(Problem::new(
            "UNAUTHENTICATED",
            "Ce n'est pas une mutation.",
            "This is not a mutation.",
        )
        .into()),
    }
}

fn field(name: String, of: &str, label: Label, ask: Ask) -> Field {
    Field::new(name, TypeRef::named_nn(of), move |context| {
        FieldFuture::new(
            async move { Ok(Some(FieldValue::owned_any(answer(&context, label, ask)?))) },
        )
    })
}

/// `createDocuments`, `deleteDocuments`, `updateDocuments`, and so for every label.
fn of_label(label: Label) -> [Field; 3] {
    let plural = capital(label.spec().plural);
    let create = field(
        format!("create{plural}"),
        &format!("Create{plural}MutationResponse"),
        label,
        |label, plan, arguments| {
            let inputs = arguments.get("input").and_then(Json::as_array).into_iter().flatten();
            inputs.map(|input| plan.create(label, input)).collect()
        },
    )
    .argument(InputValue::new("input", TypeRef::named_nn_list_nn(format!("{label}CreateInput"))));
    let update = field(
        format!("update{plural}"),
        &format!("Update{plural}MutationResponse"),
        label,
        |label, plan, arguments| {
            let nodes = plan.matching(label, arguments.get("where"));
            if let Some(input) = arguments.get("update").filter(|input| !input.is_null()) {
                for node in &nodes {
                    plan.update(label, *node, input)?;
                }
            }
            Ok(nodes)
        },
    )
    .argument(InputValue::new("where", TypeRef::named(format!("{label}Where"))))
    .argument(InputValue::new("update", TypeRef::named(format!("{label}UpdateInput"))));
    let mut delete =
        Field::new(format!("delete{plural}"), TypeRef::named_nn("DeleteInfo"), move |context| {
            FieldFuture::new(async move {
                let answer = answer(&context, label, |label, plan, arguments| {
                    for node in plan.matching(label, arguments.get("where")) {
                        plan.delete(label, node, arguments.get("delete"))?;
                    }
                    Ok(Vec::new())
                })?;
                Ok(Some(FieldValue::owned_any(answer.outcome.info)))
            })
        })
        .argument(InputValue::new("where", TypeRef::named(format!("{label}Where"))));
    if has_relations(label) {
        delete = delete
            .argument(InputValue::new("delete", TypeRef::named(format!("{label}DeleteInput"))));
    }
    [create, delete, update]
}

fn text<'a>(arguments: &'a Arguments, name: &str) -> &'a str {
    arguments.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// Our mutations.
fn ours() -> Vec<Field> {
    let id = || TypeRef::named_nn(TypeRef::ID);
    let ends = |field: Field| {
        field
            .argument(InputValue::new("de", id()))
            .argument(InputValue::new("relation", TypeRef::named_nn(TypeRef::STRING)))
            .argument(InputValue::new("vers", id()))
    };
    let join: Ask = |_, plan, arguments| {
        let (from, to) = (text(arguments, "de"), text(arguments, "vers"));
        merge::join(plan, from, text(arguments, "relation"), to)
    };
    let part: Ask = |_, plan, arguments| {
        let (from, to) = (text(arguments, "de"), text(arguments, "vers"));
        merge::part(plan, from, text(arguments, "relation"), to)
    };
    let merge: Ask = |_, plan, arguments| {
        let absorbed = arguments.get("absorbes").and_then(Json::as_array);
        let absorbed: Vec<&str> = absorbed.into_iter().flatten().filter_map(Json::as_str).collect();
        merge::merge(plan, text(arguments, "garde"), &absorbed)
    };
    vec![
        ends(field("relier".into(), "Raccord", Label::Concept, join))
            .description("Relie deux nœuds (uuid ou _id), s'ils ne le sont pas déjà."),
        ends(field("delier".into(), "Raccord", Label::Concept, part))
            .description("Supprime la relation entre deux nœuds (uuid ou _id)."),
        field("fusionnerConcepts".into(), "FusionConcepts", Label::Concept, merge)
            .argument(InputValue::new("garde", id()))
            .argument(InputValue::new("absorbes", TypeRef::named_nn_list_nn(TypeRef::ID)))
            .description(
                "Fait un concept de plusieurs : celui qu'on garde reçoit les relations des autres.",
            ),
    ]
}

fn end(name: &str, at: usize) -> Field {
    Field::new(name, TypeRef::named("Noeud"), move |context| {
        FieldFuture::new(async move {
            let answer = context.parent_value.try_downcast_ref::<Answer>()?;
            let node = answer.outcome.nodes.get(at).and_then(|node| answer.graph.find(*node));
            Ok(node.and_then(|node| interface_value(&answer.graph, node)))
        })
    })
}

fn our_types() -> [Object; 2] {
    [
        Object::new("Raccord")
            .field(info_field("UpdateInfo"))
            .field(end("de", 0))
            .field(end("vers", 1)),
        Object::new("FusionConcepts").field(info_field("UpdateInfo")).field(Field::new(
            "concept",
            TypeRef::named("Concept"),
            |context| {
                FieldFuture::new(async move {
                    let answer = context.parent_value.try_downcast_ref::<Answer>()?;
                    let kept = answer.nodes().next();
                    Ok(kept.map(|node| FieldValue::owned_any(NodeValue::new(&answer.graph, node))))
                })
            },
        )),
    ]
}
