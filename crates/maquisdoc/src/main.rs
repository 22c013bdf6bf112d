//! maquisdoc: the platform in one binary. Thin: parse, wire, run.

mod cli;
mod cmd;
mod config;
mod doctor;
mod pdfs;
mod platform;
mod sources;

use clap::Parser;
use cli::{Command, Concept, Deploy, Tex};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Long lives in little memory: see the note in `Cargo.toml`.
#[cfg(target_env = "gnu")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match run(&cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("maquisdoc: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &cli::Cli) -> eyre::Result<ExitCode> {
    // Commands that need no configuration.
    match &cli.command {
        Command::Env { markdown } => {
            if *markdown {
                print!("{}", config::vars::markdown());
            } else {
                for var in config::vars::ALL {
                    println!("{:24} {}", var.name, var.help);
                }
            }
            return Ok(ExitCode::SUCCESS);
        }
        Command::Schema => {
            println!("{}", mqd_graphql::Api::schema_sdl().unwrap_or_default());
            return Ok(ExitCode::SUCCESS);
        }
        Command::Init(options) => return cmd::init::run(options),
        Command::Tex(Tex::Html { file, preamble, json }) => {
            return cmd::tex::html(file, preamble, *json);
        }
        _ => {}
    }
    let settings = match (config::settings(cli), &cli.command) {
        (Ok(settings), _) => settings,
        (Err(error), Command::Doctor(options)) => {
            return cmd::tell(&doctor::refused(&error), options.json, options.strict);
        }
        (Err(error), _) => return Err(error.into()),
    };
    start_log(&settings);
    match &cli.command {
        Command::Serve(options) => cmd::serve::run(&settings, options),
        Command::Maintain(options) => cmd::maintain::run(&settings, options),
        Command::Build(options) => cmd::serve::build(&settings, options),
        Command::Backup(options) => cmd::data::backup(&settings, options),
        Command::Restore(options) => cmd::data::restore(&settings, options),
        Command::Import(options) => cmd::data::import(&settings, options),
        Command::Sheet(options) => cmd::sheet::run(&settings, options),
        Command::Check(options) => cmd::check::run(&settings, options),
        Command::Deploy(Deploy::Spec(options)) => cmd::deploy::spec(&settings, options),
        Command::Doctor(options) => cmd::doctor(&settings, options.json, options.strict),
        Command::Tex(Tex::Report { dirs, json }) => cmd::tex::report(&settings, dirs, *json),
        Command::Concept(Concept::Merge { keep, melt, dry_run }) => {
            cmd::maintain::merge_concepts(&settings, keep, melt, *dry_run)
        }
        Command::Concept(Concept::Duplicates(options)) => {
            cmd::maintain::duplicates(&settings, options.json)
        }
        // Done above.
        Command::Env { .. }
        | Command::Schema
        | Command::Init(_)
        | Command::Tex(Tex::Html { .. }) => Ok(ExitCode::SUCCESS),
    }
}

/// Logs go to the error output: what a command prints stays clean for scripts.
fn start_log(settings: &config::Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if settings.log_json { log.json().init() } else { log.init() }
}
