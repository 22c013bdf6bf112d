//! The components: here, or elsewhere and then reachable, ready, and how old what they serve is.

use super::{Finding, ago, shown};
use crate::config::Settings;
use reqwest::blocking::Client;
use serde_json::Value;
use std::time::Duration;
use url::Url;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![site(settings)];
    findings.extend(proxy(settings));
    findings.extend(
        [
            ("graphql", &settings.graphql_url, "MQD_GRAPHQL_SERVER_URL"),
            ("rapidexo", &settings.rapidexo_url, "FLASK_URL"),
        ]
        .into_iter()
        .map(|(name, url, variable)| match url {
            Some(url) => ready(name, url, variable),
            None => Finding::ok(name, "in this process"),
        }),
    );
    findings
}

fn public_address(settings: &Settings) -> Option<Url> {
    let configured = Some(settings.file.site.base_url.as_str()).filter(|url| !url.is_empty());
    settings.base_url.clone().or_else(|| Url::parse(configured?).ok())
}

/// We speak no TLS ourselves, so a proxy stands before a site whose public address has it. Without
/// its word for who reads, all readers share the limit of one.
fn proxy(settings: &Settings) -> Option<Finding> {
    let secure = public_address(settings).is_some_and(|url| url.scheme() == "https");
    let limited = settings.file.site.rate.per_second > 0;
    let unnamed = settings.file.site.trust_proxy == mqd_site::TrustProxy::Nobody;
    (secure && limited && unnamed).then(|| {
        Finding::warning(
            "proxy",
            "the public address has TLS, so a proxy stands before the site, and all readers share \
             the limit of one",
            "set MQD_TRUST_PROXY (docs/DEPLOYMENT.md, « Behind a proxy »)",
        )
    })
}

/// The site, at its public address where there is one.
fn site(settings: &Settings) -> Finding {
    match public_address(settings) {
        Some(url) => ready("site", &url, "MQD_BASE_URL"),
        None => Finding::off("site", "no public address is configured (MQD_BASE_URL)"),
    }
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
    let url = shown(url.as_str());
    match client.get(address).send() {
        Ok(response) if response.status().is_success() => {
            answered(name, &url, &response.json().unwrap_or_default())
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

/// A component that is ready says more of itself.
fn answered(name: &'static str, url: &str, body: &Value) -> Finding {
    let moment =
        |key: &str| body[key].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let program = body["program"].as_str().map(|v| format!(", {v}")).unwrap_or_default();
    if body["stale"] == true {
        let age = moment("stale_since").map(|since| format!(" of {} ago", ago(since)));
        return Finding::warning(
            name,
            format!(
                "{url} is ready{program}, but its database does not answer: it serves the last \
                 good graph{}",
                age.unwrap_or_default()
            ),
            "look at the database; it is asked again every few seconds",
        );
    }
    let age = moment("checked").map(|at| format!(", its data was up to date {} ago", ago(at)));
    Finding::ok(name, format!("{url} is ready{program}{}", age.unwrap_or_default()))
}
