//! Serves a site over a GraphQL server that runs elsewhere:
//! `MQD_GRAPHQL_SERVER_URL=http://127.0.0.1:4000/graphql cargo run -p mqd-site --example serve`.
//! `MQD_LISTEN` sets the address (default `127.0.0.1:8000`), `MQD_SITE` the folder that holds
//! `pages` and `journaux`.

use mqd_site::{Http, RateLimit, SiteConfig, SiteState};
use std::{env, error::Error, net::SocketAddr, path::PathBuf, sync::Arc};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("MQD_GRAPHQL_SERVER_URL")?.parse()?;
    let listen = env::var("MQD_LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".to_owned());
    let texts = env::var("MQD_SITE").ok().map(PathBuf::from);
    let config = SiteConfig {
        pages: texts.as_ref().map(|dir| dir.join("pages")),
        journals: texts.as_ref().map(|dir| dir.join("journaux")),
        rate: RateLimit { per_second: 0, burst: 0 },
        ..SiteConfig::default()
    };
    let state = SiteState::new(config, Arc::new(Http::new(url)?));
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    println!("http://{}", listener.local_addr()?);
    let router = mqd_site::router(state);
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
