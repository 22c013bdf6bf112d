//! What input types are made of: relation fields, names, the arguments of a field.

use async_graphql::dynamic::{InputObject, InputValue, ResolverContext, TypeRef};
use mqd_graph::{Direction, Step};
use mqd_model::{Label, Triple, schema::TRIPLES};
use serde_json::Value;

/// A relation field of a label: its name, and the step it stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RelationField {
    pub(crate) name: &'static str,
    pub(crate) step: Step,
}

/// All relation fields of a label, both ways.
pub(crate) fn relation_fields(label: Label) -> impl Iterator<Item = RelationField> {
    let out = |t: &Triple| RelationField {
        name: t.field,
        step: Step { rel: t.rel, direction: Direction::Out, label: t.to },
    };
    let back = |t: &Triple| RelationField {
        name: t.field_back,
        step: Step { rel: t.rel, direction: Direction::In, label: t.from },
    };
    let starts = TRIPLES.iter().filter(move |t| t.from == label).map(out);
    let ends = TRIPLES.iter().filter(move |t| t.to == label).map(back);
    starts.chain(ends)
}

/// Whether a label has relations at all.
pub(crate) fn has_relations(label: Label) -> bool {
    relation_fields(label).next().is_some()
}

/// `conceptsEVAL` as `ConceptsEVAL`.
pub(crate) fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

pub(super) fn list_of(name: impl Into<String>) -> TypeRef {
    TypeRef::named_nn_list(name.into())
}

/// An input whose fields are optional, each of one named type.
pub(super) fn input<N: Into<String>>(
    name: impl Into<String>,
    fields: impl IntoIterator<Item = (N, TypeRef)>,
) -> InputObject {
    fields
        .into_iter()
        .fold(InputObject::new(name), |input, (field, of)| input.field(InputValue::new(field, of)))
}

/// The arguments of a field as JSON.
pub(crate) type Arguments = serde_json::Map<String, Value>;

/// Reads the arguments of a field.
pub(crate) fn arguments(context: &ResolverContext<'_>) -> Arguments {
    context
        .args
        .iter()
        .filter_map(|(name, value)| {
            Some((name.to_string(), value.as_value().clone().into_json().ok()?))
        })
        .collect()
}
