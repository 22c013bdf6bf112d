//! `init`: looks at folders of LaTeX and proposes a configuration and manifests.

use crate::cli;
use std::{path::Path, process::ExitCode};

/// How many files that are left out are shown for each dépôt.
const SHOWN: usize = 10;

/// Proposes, and writes unless it is a dry run.
pub fn run(options: &cli::Init) -> eyre::Result<ExitCode> {
    let proposal = mqd_depot::init::propose(&options.dir)
        .map_err(|error| eyre::eyre!("{}: {error}", options.dir.display()))?;
    if proposal.depots.is_empty() {
        eyre::bail!("{}: no folder with .tex files is here", options.dir.display());
    }
    for depot in &proposal.depots {
        write(&depot.root.join("depot.toml"), &depot.manifest, options)?;
        for (kind, count) in &depot.found {
            println!("{count:>6}  {kind}");
        }
        for (path, why) in depot.left.iter().take(SHOWN) {
            println!("        {path} : {why}");
        }
        if depot.left.len() > SHOWN {
            println!("        … et {} autres fichiers laissés", depot.left.len() - SHOWN);
        }
    }
    write(&options.dir.join("maquisdoc.toml"), &proposal.configuration, options)?;
    println!(
        "next: look at the manifests, then `maquisdoc maintain --dry-run` in {}",
        options.dir.display()
    );
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, text: &str, options: &cli::Init) -> eyre::Result<()> {
    if options.dry_run {
        println!("# {}\n{text}", path.display());
    } else if path.exists() && !options.force {
        println!("{}: is there already, and stays (--force replaces it)", path.display());
    } else {
        std::fs::write(path, text).map_err(|error| eyre::eyre!("{}: {error}", path.display()))?;
        println!("{}: written", path.display());
    }
    Ok(())
}
