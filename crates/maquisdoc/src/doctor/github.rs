//! GitHub: is it reachable, and is the token good?

use super::{Finding, servers::client, shown};
use crate::config::Settings;
use secrecy::ExposeSecret;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    if settings.github.token.is_none() && settings.github.user.is_none() {
        return vec![Finding::off("github", "not configured")];
    }
    vec![probe(settings)]
}

fn probe(settings: &Settings) -> Finding {
    let github = &settings.github;
    let api = shown(github.api.as_str());
    let address = github.api.join("rate_limit").unwrap_or_else(|_| github.api.clone());
    let client = match client() {
        Ok(client) => client,
        Err(finding) => return finding.named("github"),
    };
    let mut request = client.get(address).header("accept", "application/vnd.github+json");
    if let Some(token) = &github.token {
        request = request.bearer_auth(token.expose_secret());
    }
    let response = match request.send() {
        Ok(response) => response,
        Err(error) => {
            return Finding::failure(
                "github",
                format!("{api} does not answer: {}", error.without_url()),
                "look at the network and at GITHUB_API_URL; readers are served from the cache meanwhile",
            );
        }
    };
    let remaining = response
        .headers()
        .get("x-ratelimit-remaining")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<u32>().ok());
    let who = if github.token.is_some() { "with a token" } else { "anonymous" };
    match response.status().as_u16() {
        200 if remaining == Some(0) => Finding::warning(
            "github",
            format!("the rate limit is spent ({who})"),
            "wait for the next hour, or set GITHUB_TOKEN",
        ),
        200 => Finding::ok(
            "github",
            format!(
                "{who}, {} calls left this hour",
                remaining.map_or("?".into(), |n| n.to_string())
            ),
        ),
        401 => Finding::failure(
            "github",
            "GitHub refuses the token: it is wrong or has expired",
            "make a new token that reads the repositories and put it into GITHUB_TOKEN",
        ),
        403 | 429 => Finding::warning(
            "github",
            format!("GitHub refuses for now ({})", response.status()),
            "wait for the rate limit to recover, or look at the token's permissions",
        ),
        _ => Finding::failure(
            "github",
            format!("{api} answers {}", response.status()),
            "look at GITHUB_API_URL",
        ),
    }
}
