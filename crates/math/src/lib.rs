//! One TeX formula to MathML Core, French speech and plain text; macro tables.
//!
//! [`render`] is the whole of it. The MathML carries no inline style: a page that shows it must
//! have the rules of [`CSS`].
#![deny(missing_docs)]

mod colour;
mod convert;
pub mod line;
mod macros;
mod mend;
mod normal;
mod overlays;
mod render;
pub mod scan;
mod speech;
mod text;
mod tree;

pub use macros::{Arg, Budget, Defined, Definition, Environment, Expansion, Macro, Macros};
pub use render::{Formula, Label, Numbering, Problem, Style, Target, render};

/// The style rules that the MathML of this crate needs (classes `mq-…`).
pub const CSS: &str = include_str!("mathml.css");
