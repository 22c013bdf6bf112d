//! LaTeX to PDF for sources that nobody vouches for, and PDF figures to SVG or to text.
//!
//! A run is pure from the outside: [`Job`] in, [`Outcome`] out. Invariant: a source is hostile; a
//! run happens in a sandbox with limits, leaves nothing behind, and always returns its log. A
//! partial PDF is never returned.
#![deny(missing_docs)]

pub mod ascii;
mod cache;
mod compiler;
pub mod drawing;
mod encoding;
pub mod figure;
mod format;
pub mod http;
mod installation;
mod job;
mod log;
mod lua;
pub mod picture;
mod process;
mod run;
mod sandbox;
mod work;

pub use compiler::{Compiler, Settings, SetupError, Statistics};
pub use job::{Engine, Job, JobError, Limits};
pub use log::{Diagnosis, diagnose};
pub use run::{Failure, Outcome, RunError};
pub use sandbox::{Bubblewrap, Sandbox, SandboxError};
