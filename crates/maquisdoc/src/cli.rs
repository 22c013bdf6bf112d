//! The command line, as data; each command's work is in `cmd/`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{net::SocketAddr, path::PathBuf};

/// Keeps LaTeX documents linked, readable and printable: the whole platform in one program.
#[derive(Debug, Parser)]
#[command(name = "maquisdoc", version, about, arg_required_else_help = true)]
pub struct Cli {
    /// The configuration file [default: maquisdoc.toml here or in a folder above].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the site, the API and the compile service (or one of them).
    Serve(Serve),
    /// Bring the maquis in line with the sources.
    Maintain(Maintain),
    /// Write the whole site as files for any static host.
    Build(Build),
    /// Save the whole maquis to a file, or check such a file.
    Backup(Backup),
    /// Load a backup into the store.
    Restore(Restore),
    /// Add nodes and relations from CSV files.
    Import(Import),
    /// Check the consistency rules of the maquis, or give uuids to nodes that have none.
    Check(Check),
    /// Say what is configured, reachable and healthy, and what to do about what is not.
    Doctor(Doctor),
    /// Print the GraphQL schema.
    Schema,
    /// Draw a sheet of quick exercises.
    Sheet(Box<Sheet>),
    /// Convert LaTeX.
    #[command(subcommand)]
    Tex(Tex),
    /// Write a first configuration and manifests for a folder of LaTeX repositories.
    Init(Init),
    /// Work on concepts.
    #[command(subcommand)]
    Concept(Concept),
    /// Files for hosting platforms.
    #[command(subcommand)]
    Deploy(Deploy),
    /// Print the environment variables that the program reads.
    Env {
        /// As the Markdown table of docs/ENVIRONMENT.md.
        #[arg(long)]
        markdown: bool,
    },
}

/// Machine-readable output.
#[derive(Debug, Args)]
pub struct Json {
    /// Print JSON for scripts.
    #[arg(long)]
    pub json: bool,
}

/// The components that `serve --only` can run alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Component {
    /// Pages.
    Site,
    /// The API over the maquis.
    Graphql,
    /// The sheet server.
    Rapidexo,
    /// The compile service.
    Latex,
}

/// `serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Run this component alone.
    #[arg(long, value_enum)]
    pub only: Option<Component>,
    /// Address to listen on, e.g. 127.0.0.1:8000.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// For authors: read, show and compile again what is saved; open pages load themselves anew.
    #[arg(long, conflicts_with = "only")]
    pub watch: bool,
}

/// `maintain`
#[derive(Debug, Args)]
pub struct Maintain {
    /// Only these dépôts.
    pub depots: Vec<String>,
    /// Show what would be done and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Leave PDFs and pictures as they are.
    #[arg(long)]
    pub no_compile: bool,
    /// Documents compiled at the same time [default: one a processor].
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Print JSON for scripts.
    #[arg(long)]
    pub json: bool,
}

/// `build`
#[derive(Debug, Args)]
pub struct Build {
    /// Folder to write to.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Print JSON for scripts.
    #[arg(long)]
    pub json: bool,
}

/// `backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// File to write (`.jsonl.zst`, or `.jsonl` for plain text).
    #[arg(required_unless_present = "to")]
    pub file: Option<PathBuf>,
    /// Check that the file is a whole and unchanged backup; write nothing.
    #[arg(long, conflicts_with = "to")]
    pub verify: bool,
    /// Folder or `s3://bucket/prefix` to write a dated backup to.
    #[arg(long, value_name = "URL", conflicts_with = "file")]
    pub to: Option<String>,
    /// How many to keep there, e.g. 7d,4w,12m; older ones are deleted.
    #[arg(long, value_name = "RULE", requires = "to")]
    pub keep: Option<String>,
    /// Print JSON for scripts.
    #[arg(long)]
    pub json: bool,
}

/// `restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup: a file, or an address such as `s3://bucket/folder` (its newest backup).
    pub file: String,
    /// Check the backup, show what would be done and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Replace what is in the store; a backup of it is made first.
    #[arg(long)]
    pub replace: bool,
    /// Print JSON for scripts.
    #[arg(long)]
    pub json: bool,
}

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// CSV of nodes.
    #[arg(long, value_name = "FILE")]
    pub nodes: PathBuf,
    /// CSV of relations.
    #[arg(long, value_name = "FILE")]
    pub relations: Option<PathBuf>,
    /// Show what would be done and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON for scripts.
    #[arg(long)]
    pub json: bool,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// Show every offence, not only the first ones of each rule.
    #[arg(long)]
    pub all: bool,
    /// Give a uuid to every node that another program made without.
    #[arg(long)]
    pub add_uuids: bool,
    /// Show what would be done and write nothing.
    #[arg(long, requires = "add_uuids")]
    pub dry_run: bool,
    /// Print JSON for scripts.
    #[arg(long)]
    pub json: bool,
}

/// `deploy`
#[derive(Debug, Subcommand)]
pub enum Deploy {
    /// Print the app spec for DigitalOcean App Platform, from the configuration; without secrets.
    Spec(DeploySpec),
}

/// `deploy spec`
#[derive(Debug, Args)]
pub struct DeploySpec {
    /// Name of the app.
    #[arg(long, default_value = "maquisdoc", value_parser = app_name)]
    pub name: String,
    /// Region of the platform.
    #[arg(long, default_value = "fra")]
    pub region: String,
    /// Repository that holds the Dockerfile and your maquisdoc.toml.
    #[arg(long, value_name = "URL", default_value = concat!(env!("CARGO_PKG_REPOSITORY"), ".git"))]
    pub git: String,
    /// Its branch.
    #[arg(long, default_value = "main")]
    pub branch: String,
    /// Print JSON for scripts.
    #[arg(long)]
    pub json: bool,
}

/// The platform's own rule for names.
fn app_name(text: &str) -> Result<String, String> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = (2..=32).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(inner)
        && !text.ends_with('-');
    if fits {
        Ok(text.to_owned())
    } else {
        Err("2 to 32 lower-case letters, digits and dashes, a letter first, no dash last"
            .to_owned())
    }
}

/// `doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// Print JSON for scripts.
    #[arg(long)]
    pub json: bool,
    /// Count warnings as failures.
    #[arg(long)]
    pub strict: bool,
}

/// `tex`
#[derive(Debug, Subcommand)]
pub enum Tex {
    /// Convert one file and print its HTML.
    Html {
        /// The LaTeX file.
        file: PathBuf,
        /// A file whose macros are read first (may be repeated).
        #[arg(long, value_name = "FILE")]
        preamble: Vec<PathBuf>,
        /// Print HTML, text, headings, index and diagnostics as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say how much of these folders the converter renders.
    Report {
        /// Dépôts (folders with a depot.toml), or those of the configuration.
        dirs: Vec<PathBuf>,
        /// Print JSON for scripts.
        #[arg(long)]
        json: bool,
    },
}

/// `sheet`
#[derive(Debug, Args)]
pub struct Sheet {
    /// How many of a theme, or its weight with --total (may be repeated).
    #[arg(long, value_name = "THEME=N")]
    pub theme: Vec<String>,
    /// Exercises of a theme by number, range or name (may be repeated).
    #[arg(long, value_name = "THEME=7 11 14-18")]
    pub list: Vec<String>,
    /// How many in all.
    #[arg(long, value_name = "N")]
    pub total: Option<u32>,
    /// The same text gives the same draw.
    #[arg(long)]
    pub seed: Option<String>,
    /// Draw from this version (a commit).
    #[arg(long, value_name = "COMMIT")]
    pub at: Option<String>,
    /// Draw from this dépôt; the first one otherwise.
    #[arg(long)]
    pub depot: Option<String>,
    /// Keep drawn exercises together by theme.
    #[arg(long)]
    pub by_theme: bool,
    /// The address of a sheet, as its page has it; the other options change it.
    #[arg(long, value_name = "URL")]
    pub address: Option<String>,
    /// Title of the header.
    #[arg(long)]
    pub title: Option<String>,
    /// Class of the header.
    #[arg(long)]
    pub class: Option<String>,
    /// Date of the header.
    #[arg(long)]
    pub date: Option<String>,
    /// `a4` (two columns) or `a5`.
    #[arg(long)]
    pub paper: Option<String>,
    /// `normales`, `grandes` or `dys`.
    #[arg(long)]
    pub letters: Option<String>,
    /// Room for each answer, in millimetres.
    #[arg(long, value_name = "MM")]
    pub room: Option<u32>,
    /// A line for the student's name.
    #[arg(long)]
    pub name: bool,
    /// Shuffled variants.
    #[arg(long, value_name = "N")]
    pub variants: Option<u32>,
    /// A QR code that leads to the answers.
    #[arg(long)]
    pub qr: bool,
    /// Without the paths of the exercises.
    #[arg(long)]
    pub plain: bool,
    /// The answers instead of the statements (PDF, LaTeX).
    #[arg(long, conflicts_with = "both")]
    pub answers: bool,
    /// Statements and answers (PDF, LaTeX).
    #[arg(long)]
    pub both: bool,
    /// File to write; its ending says what: .pdf, .tex, .zip (a PDF for each variant),
    /// .tex.zip (sources and pictures), .xml (Moodle), .amc.tex, .md, .json.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print the themes and how many exercises they have.
    #[arg(long)]
    pub themes: bool,
    /// Print JSON for scripts.
    #[arg(long)]
    pub json: bool,
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Folder that holds LaTeX repositories, or is one.
    pub dir: PathBuf,
    /// Show what would be written and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Replace files that are there.
    #[arg(long)]
    pub force: bool,
}

/// `concept`
#[derive(Debug, Subcommand)]
pub enum Concept {
    /// Merge concept B into concept A: links of B go to A, B disappears.
    Merge {
        /// The concept to keep (literal, uuid or id).
        keep: String,
        /// The concept to melt into it.
        melt: String,
        /// Show what would be done and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Propose concepts that look the same.
    Duplicates(Json),
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
