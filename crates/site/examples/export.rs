//! Writes a site over a GraphQL server that runs elsewhere as files:
//! `MQD_GRAPHQL_SERVER_URL=http://127.0.0.1:4000/graphql cargo run -p mqd-site --example export -- OUT`.
//! `--titles` after the folder leaves the index of all texts out.

use mqd_site::{ExportOptions, Http, SiteConfig, SiteState, export};
use std::{env, error::Error, path::PathBuf, sync::Arc};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("MQD_GRAPHQL_SERVER_URL")?.parse()?;
    let out: PathBuf = env::args().nth(1).ok_or("the folder to write is missing")?.into();
    let state = SiteState::new(SiteConfig::default(), Arc::new(Http::new(url)?));
    let full_text = env::args().nth(2).as_deref() != Some("--titles");
    let options = ExportOptions { full_text, ..ExportOptions::default() };
    println!("{:#?}", export(state, &out, &options).await?);
    Ok(())
}
