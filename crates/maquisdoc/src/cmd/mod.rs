//! The commands, a file each where there is something to do.

pub mod check;
pub mod data;
pub mod deploy;
pub mod init;
pub mod maintain;
mod relay;
mod reload;
pub mod serve;
pub mod sheet;
pub mod tex;
mod upkeep;
mod watch;

use crate::{config::Settings, doctor};
use std::process::ExitCode;

/// Prints a value as JSON.
pub(crate) fn print_json(value: &impl serde::Serialize) -> eyre::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// `doctor`: exit code 0, 1 (warnings, with --strict) or 2.
pub fn doctor(settings: &Settings, json: bool, strict: bool) -> eyre::Result<ExitCode> {
    tell(&doctor::examine(settings), json, strict)
}

/// Prints what was found.
pub fn tell(diagnosis: &doctor::Diagnosis, json: bool, strict: bool) -> eyre::Result<ExitCode> {
    if json {
        print_json(diagnosis)?;
    } else {
        print!("{}", diagnosis.text());
    }
    Ok(ExitCode::from(diagnosis.exit_code(strict)))
}
