//! What a site that runs alone passes on to the other components: sheets, the API, pictures. Its
//! readers need one address, whatever runs where, and no component but the site must be public.

use crate::config::Settings;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::{sync::Arc, time::Duration};
use url::Url;

/// A sheet is compiled within this time or not at all.
const PATIENCE: Duration = Duration::from_secs(90);
/// No question to a component is larger.
const LARGEST: usize = 2 << 20;
/// Headers that belong to one connection, or that the client here sets itself.
const OWN: [HeaderName; 9] = [
    header::HOST,
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::ACCEPT_ENCODING,
    header::UPGRADE,
    header::TE,
    header::COOKIE,
];

/// The addresses of the sheet server, old and new.
const SHEETS: [&str; 6] =
    ["/api/rapidexo/", "/getREFS", "/getCOMPIL", "/LATEX", "/getPDF/", "/getCorrPDF/"];

#[derive(Clone)]
struct Relay {
    client: reqwest::Client,
    graphql: Option<Url>,
    rapidexo: Option<Url>,
    latex: Option<Url>,
}

/// The same site, which passes on what runs elsewhere.
///
/// # Errors
/// When no HTTP client can be made.
pub fn relaying(site: Router, settings: &Settings) -> eyre::Result<Router> {
    let relay = Relay {
        client: reqwest::Client::builder()
            .timeout(PATIENCE)
            .connect_timeout(Duration::from_secs(3))
            .redirect(reqwest::redirect::Policy::none())
            .build()?,
        graphql: settings.graphql_url.clone(),
        rapidexo: settings.rapidexo_url.clone(),
        latex: settings.latex_url.clone(),
    };
    Ok(site.layer(from_fn_with_state(Arc::new(relay), pass)))
}

impl Relay {
    /// Where a request goes, if not to the site itself.
    fn target(&self, path: &str) -> Option<Url> {
        // `..`, however it is written, could lead to any other address there.
        let climbs = |part: &str| {
            let part = part.to_ascii_lowercase().replace("%2e", ".");
            part == "." || part == ".."
        };
        if path.split(['/', '\\']).any(climbs) {
            return None;
        }
        self.address(path)
    }

    fn address(&self, path: &str) -> Option<Url> {
        if path == "/graphql" {
            return self.graphql.clone();
        }
        let under = |base: &Url, path: &str| {
            Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/'))).ok()
        };
        if path.starts_with("/figures/") || path.starts_with("/pdf/") {
            // Beside the API, whatever the address of the API itself.
            let mut url = self.graphql.clone()?;
            url.set_path(path);
            return Some(url);
        }
        if let Some(path) = path.strip_prefix("/latex/") {
            return under(self.latex.as_ref()?, &format!("/{path}"));
        }
        let own = |prefix: &&str| {
            path == prefix.trim_end_matches('/')
                || prefix.ends_with('/') && path.starts_with(*prefix)
        };
        SHEETS.iter().any(own).then(|| under(self.rapidexo.as_ref()?, path))?
    }
}

async fn pass(State(relay): State<Arc<Relay>>, request: Request, next: Next) -> Response {
    let Some(mut url) = relay.target(request.uri().path()) else {
        return next.run(request).await;
    };
    url.set_query(request.uri().query());
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let answer = relay
        .client
        .request(parts.method, url)
        .headers(without_own(&parts.headers))
        .body(body)
        .send()
        .await;
    match answer {
        Ok(answer) => {
            let (status, headers) = (answer.status(), without_own(answer.headers()));
            let mut response = Response::new(Body::from_stream(answer.bytes_stream()));
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            response
        }
        Err(error) => {
            tracing::warn!(path = parts.uri.path(), "passed on in vain: {}", error.without_url());
            asleep()
        }
    }
}

fn without_own(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.iter().filter(|(name, _)| !OWN.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The component that would answer does not.
fn asleep() -> Response {
    let sentence = "Ce service ne répond pas pour le moment ; réessayez dans un instant.\n";
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_what_belongs_elsewhere_goes_there() {
        let url = |text: &str| Some(Url::parse(text).unwrap());
        let relay = Relay {
            client: reqwest::Client::new(),
            graphql: url("http://api:1/graphql"),
            rapidexo: url("http://sheets:2/base/"),
            latex: None,
        };
        for (path, wanted) in [
            ("/", None),
            ("/vues/rapidexo", None),
            ("/graphql", Some("http://api:1/graphql")),
            ("/graphqlx", None),
            ("/figures/cours/a%20b.svg", Some("http://api:1/figures/cours/a%20b.svg")),
            ("/figures/../admin/refresh", None),
            ("/figures/%2E./admin/refresh", None),
            ("/api/rapidexo/themes", Some("http://sheets:2/base/api/rapidexo/themes")),
            ("/getREFS", Some("http://sheets:2/base/getREFS")),
            ("/getREFSx", None),
            ("/getPDF/12", Some("http://sheets:2/base/getPDF/12")),
            ("/latex/compile", None),
        ] {
            assert_eq!(relay.target(path).map(String::from).as_deref(), wanted, "{path}");
        }
    }
}
