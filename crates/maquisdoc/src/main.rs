//! maquisdoc: the platform in one binary. Thin: parse, wire, run.

mod cli;
mod config;

use clap::Parser;
use std::process::ExitCode;

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
    if let cli::Command::Env { markdown } = &cli.command {
        if *markdown {
            print!("{}", config::vars::markdown());
        } else {
            for var in config::vars::ALL {
                println!("{:24} {}", var.name, var.help);
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let _settings = config::settings(cli)?;
    Ok(ExitCode::SUCCESS)
}
