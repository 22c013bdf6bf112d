//! One TeX formula to MathML Core, French speech and plain text; macro tables.
#![deny(missing_docs)]

mod macros;
mod render;
pub mod scan;

pub use macros::{Arg, Budget, Defined, Definition, Environment, Expansion, Macro, Macros};
pub use render::{Formula, Label, Numbering, Problem, Style, Target, render};
