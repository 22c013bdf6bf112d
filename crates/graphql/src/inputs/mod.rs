//! Input types generated from the model, and what they stand for.

mod filter;
mod lists;
mod parts;
mod writes;

pub(crate) use filter::{filter, list_arguments};
pub(crate) use parts::{
    Arguments, RelationField, arguments, capital, has_relations, relation_fields,
};

use async_graphql::dynamic::SchemaBuilder;

/// Registers every input type.
pub(crate) fn register(builder: SchemaBuilder) -> SchemaBuilder {
    writes::register(lists::register(builder))
}
