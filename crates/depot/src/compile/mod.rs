//! Compiling the documents of dépôts: what is to be made ([`wanted`], pure), what changed since the
//! last time (by content, never by time), and the runs.

mod closure;
pub mod figures;
mod generate;
pub mod pictures;
mod plan;
mod report;
mod run;
mod shelf;

pub use plan::{Target, Wanted, wanted};
pub use report::{Compiled, Failed, Report};
pub use run::{Options, Progress, compile};
pub(crate) use shelf::write;
pub use shelf::{Kept, Problem, Record, Shelf};
