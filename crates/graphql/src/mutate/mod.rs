//! Mutations: those of the contract, generated from the model, and ours.
//!
//! A request is executed twice. The first time its fields are planned one after the other on a
//! draft, each seeing what those before it did; what they ask for together is validated and
//! applied in one transaction. The second time the same fields tell what came of it.

mod draft;
mod merge;
mod plan;
mod run;
mod types;

pub(crate) use draft::Writing;
pub(crate) use run::{allowed, to_its_end};
pub(crate) use types::register;
