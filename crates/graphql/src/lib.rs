//! The GraphQL API over the graph in memory: a schema generated from the tables of `model`, its
//! limits, its HTTP.
//!
//! A request holds one graph from its first resolver to its last, so an answer never mixes two
//! states of the maquis. Invariant: no Cypher and no SQL.
#![deny(missing_docs)]

// So that unit tests can share the fixture of the integration tests.
#[cfg(test)]
extern crate self as mqd_graphql;

mod api;
mod budget;
mod cache;
mod config;
mod connection;
mod content;
mod context;
mod direct;
mod engine;
mod guard;
mod http;
mod index;
mod inputs;
mod limits;
mod mutate;
mod ours;
mod problem;
mod schema;
mod types;
mod values;

pub use api::Api;
pub use config::{Access, Config, OpenStore};
pub use http::{graphql_routes, router};
pub use limits::Limits;
