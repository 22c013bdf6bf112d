//! The schema, and the root fields of the contract that are not generated from the model.

use crate::{
    content,
    context::shared,
    inputs, mutate, ours,
    problem::Problem,
    types::{self, root_connection, root_list},
    values::{graph, nodes},
};
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, Schema, SchemaError, TypeRef,
};
use mqd_graph::Scope;
use mqd_model::Label;

/// The contract's lists of one kind: field, label, kind.
pub(crate) const KINDS: &[(&str, Label, &str)] = &[
    ("feuilleexercicesdocuments", Label::Document, "liste exercices"),
    ("exercicedocuments", Label::Document, "exercice"),
    ("coursdocuments", Label::Document, "cours"),
    ("problemedocuments", Label::Document, "problème"),
    ("semaines", Label::Evenement, "semaine de colle"),
];

/// The contract's searches: field, label, kind.
const SEARCHES: &[(&str, Label, Option<&str>)] = &[
    ("searchpbs", Label::Document, Some("problème")),
    ("searchcours", Label::Document, Some("cours")),
    ("searchconcepts", Label::Concept, None),
];

/// At most this many results of a search of the contract.
const SEARCH_LIMIT: usize = 1_000;

/// Builds the schema.
pub(crate) fn build() -> Result<Schema, SchemaError> {
    let mut query = Object::new("Query");
    for label in Label::ALL {
        query = query.field(root_connection(label)).field(root_list(label));
    }
    for &(name, label, kind) in KINDS {
        query = query.field(Field::new(
            name,
            TypeRef::named_nn_list_nn(label.name()),
            move |context| {
                FieldFuture::new(async move {
                    let graph = graph(&context)?;
                    nodes(&context, graph, graph.nodes_of_kind(label, kind))
                })
            },
        ));
    }
    for &(name, label, kind) in SEARCHES {
        query = query.field(search_field(name, label, kind));
    }
    query = ours::fields().into_iter().fold(query, Object::field);
    // Depth and cost are limited before a document comes here (see `guard`).
    let mut builder = Schema::build("Query", Some("Mutation"), None)
        .register(query)
        .limit_recursive_depth(crate::limits::NESTING);
    builder = inputs::register(builder);
    builder = types::register(builder);
    builder = content::register(builder);
    builder = mutate::register(builder);
    for object in types::neighbour_types() {
        builder = builder.register(object);
    }
    for object in ours::types() {
        builder = builder.register(object);
    }
    builder.finish()
}

fn search_field(name: &'static str, label: Label, kind: Option<&'static str>) -> Field {
    Field::new(name, TypeRef::named_nn_list(label.name()), move |context| {
        FieldFuture::new(async move {
            let shared = shared(&context)?;
            let Some(text) =
                context.args.get("mot").and_then(|mot| mot.string().ok().map(str::to_owned))
            else {
                return Ok(Some(FieldValue::list(Vec::<FieldValue<'_>>::new())));
            };
            let search = shared.search().await?;
            let scope = Scope {
                labels: vec![label.name().to_owned()],
                kinds: kind.map(str::to_owned).into_iter().collect(),
            };
            let found = search
                .lucene(&text, &scope, SEARCH_LIMIT)
                .map_err(|bad| Problem::new("BAD_USER_INPUT", bad.fr, bad.en))?;
            let found = found.into_iter().filter_map(|(id, _)| shared.graph.node(id));
            nodes(&context, &shared.graph, found)
        })
    })
    .argument(InputValue::new("mot", TypeRef::named(TypeRef::STRING)))
}
