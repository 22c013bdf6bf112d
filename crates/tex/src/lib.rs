//! LaTeX to accessible HTML, plain text, index entries and diagnostics
#![deny(missing_docs)]
