//! The maquis as data: labels, properties, relations, change sets and consistency rules.
//!
//! Everything that the rest of the product knows about the shape of the maquis is written here
//! once, as tables ([`schema`]), and every other room is generated from those tables or checks
//! against them. Invariant: no I/O, no async, no clock.
#![deny(missing_docs)]

mod change;
pub mod literal;
mod node;
pub mod rules;
pub mod schema;
mod validate;
mod value;

pub use change::{Applied, Change, ChangeSet, Invalid, NewNode, NewRelation, NodeRef, Summary};
pub use node::{
    LABEL_PRIORITY, Node, NodeId, OWNED_BY, OWNER_KEY, Props, Relation, RelationId, Snapshot,
    Version,
};
pub use schema::{Label, LabelSpec, PropKind, PropSpec, Rel, Triple};
pub use uuid::Uuid;
pub use validate::{Refusal, validate};
pub use value::{Temporal, Value};
