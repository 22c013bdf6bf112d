//! The GraphQL API over the graph in memory: a schema generated from the tables of `model`, its
//! limits, its HTTP.
//!
//! A request holds one graph from its first resolver to its last, so an answer never mixes two
//! states of the maquis. Invariant: no Cypher and no SQL.
#![deny(missing_docs)]

mod api;
mod budget;
mod cache;
mod connection;
mod content;
mod guard;
mod http;
mod index;
mod inputs;
mod mutate;
mod ours;
mod problem;
mod schema;
mod types;
mod values;

pub use api::{Access, Api, Config, Limits, OpenStore};
pub use http::{graphql_routes, router};
