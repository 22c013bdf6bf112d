//! The GraphQL API over the in-memory graph
#![deny(missing_docs)]
