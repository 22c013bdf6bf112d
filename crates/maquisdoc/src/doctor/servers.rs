//! The components that run elsewhere.

use super::Finding;
use crate::config::Settings;
use reqwest::blocking::Client;
use std::time::Duration;
use url::Url;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    [
        ("graphql", &settings.graphql_url, "MQD_GRAPHQL_SERVER_URL"),
        ("rapidexo", &settings.rapidexo_url, "FLASK_URL"),
    ]
    .into_iter()
    .map(|(name, url, variable)| match url {
        Some(url) => ready(name, url, variable),
        None => Finding::ok(name, "in this process"),
    })
    .collect()
}

/// A client for probes: short waits, no proxy surprises.
pub(super) fn client() -> Result<Client, Problem> {
    Client::builder()
        .timeout(Duration::from_secs(5))
        .user_agent(concat!("maquisdoc/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| Problem(error.to_string()))
}

/// Why no probe could be made at all.
pub(super) struct Problem(String);

impl Problem {
    pub(super) fn named(self, name: &'static str) -> Finding {
        Finding::failure(name, self.0, "look at the TLS certificates of this machine")
    }
}

/// Asks a component of ours whether it is ready.
pub(super) fn ready(name: &'static str, url: &Url, variable: &str) -> Finding {
    let client = match client() {
        Ok(client) => client,
        Err(problem) => return problem.named(name),
    };
    let address = url.join("/readyz").unwrap_or_else(|_| url.clone());
    match client.get(address).send() {
        Ok(response) if response.status().is_success() => {
            Finding::ok(name, format!("{url} is ready"))
        }
        // A server that is not ours has no /readyz, but answers.
        Ok(response) if response.status().as_u16() == 404 => Finding::warning(
            name,
            format!("{url} answers, but is not maquisdoc"),
            "nothing, if that is meant",
        ),
        Ok(response) => Finding::failure(
            name,
            format!("{url} is not ready ({})", response.status()),
            format!("run `maquisdoc doctor` where {variable} points to"),
        ),
        Err(error) => Finding::failure(
            name,
            format!("{url} does not answer: {}", error.without_url()),
            format!("start it, or mend {variable}"),
        ),
    }
}
