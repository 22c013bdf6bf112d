//! What a view gets: the site, the language and the address asked for.

use crate::{Lang, SiteConfig, SiteError, SiteState, page::Page, views::Document};
use axum::extract::{FromRequestParts, OriginalUri, RawPathParams};
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{convert::Infallible, sync::Arc};

/// The request of one page.
#[derive(Clone)]
pub(crate) struct Ctx {
    pub(crate) state: SiteState,
    pub(crate) lang: Lang,
    /// The path without the language's prefix, without a slash at its end.
    pub(crate) path: String,
    /// The query of the address, as it was sent.
    pub(crate) query: Vec<(String, String)>,
    /// The named parts of the route.
    args: Vec<(String, String)>,
    /// Where the reader found the site, as its request says.
    host: Option<String>,
}

impl Ctx {
    pub(crate) fn new(state: SiteState, path: &str, query: Option<&str>) -> Self {
        let (lang, path) = match path.strip_prefix("/en") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => (Lang::En, rest),
            _ => (Lang::Fr, path),
        };
        let trimmed = path.trim_end_matches('/');
        let path = if trimmed.is_empty() { "/" } else { trimmed }.to_owned();
        let query = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Self { state, lang, path, query, args: Vec::new(), host: None }
    }

    pub(crate) fn config(&self) -> &SiteConfig {
        self.state.config()
    }

    /// A named part of the route; empty when the route has none of that name.
    pub(crate) fn arg(&self, name: &str) -> &str {
        self.args.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// The uuid in the address.
    pub(crate) fn uuid(&self) -> Result<String, SiteError> {
        crate::nodes::uuid(self.arg("uuid")).ok_or(SiteError::NotFound)
    }

    /// Asks the question of a view.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        document: &'static Document,
        variables: Value,
    ) -> Result<T, SiteError> {
        self.state.ask(document, variables).await
    }

    /// Asks a question whose answer many pages share.
    pub(crate) async fn ask_shared<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
        document: &'static Document,
        variables: Value,
    ) -> Result<Arc<T>, SiteError> {
        self.state.ask_shared(document, variables).await
    }

    /// The first value of a parameter of the address.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter.
    pub(crate) fn params(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect()
    }

    /// A positive number of the address.
    pub(crate) fn number(&self, name: &'static str, default: usize) -> Result<usize, SiteError> {
        match self.param(name) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
                let reason = self.lang.f("error.number", text);
                SiteError::BadParameter { parameter: name, reason }
            }),
        }
    }

    /// The address of this page with some parameters changed (`None` takes one away); the page
    /// number goes back to the first unless it is among the changes.
    pub(crate) fn with(&self, changes: &[(&str, Option<&str>)]) -> String {
        let mut pairs: Vec<(&str, &str)> = self
            .query
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .filter(|(n, _)| *n != "page" && !changes.iter().any(|(changed, _)| changed == n))
            .collect();
        pairs.extend(changes.iter().filter_map(|(n, v)| Some((*n, (*v)?))));
        self.address(&self.path, pairs)
    }

    /// The address of a page in this page's language, with parameters.
    pub(crate) fn address<'p>(
        &self,
        path: &str,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> String {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let path = self.href(path);
        match (query.is_empty(), self.state.files_only()) {
            (true, _) => path,
            (false, false) => format!("{path}?{query}"),
            (false, true) => format!("{}/-/{query}", path.trim_end_matches('/')),
        }
    }

    /// The address of the site for one reader: the configured one, else where the request found it.
    /// For answers that no other reader gets.
    pub(crate) fn site_address(&self) -> String {
        match &self.host {
            Some(host) if self.config().base_url.is_empty() => format!("http://{host}"),
            _ => self.config().base_url.clone(),
        }
    }

    /// A page that names [`Self::site_address`]: kept where the configuration tells it, made for one
    /// reader where only the request does.
    pub(crate) fn addressed(&self, page: Page) -> Page {
        if self.config().base_url.is_empty() { page.passing() } else { page }
    }

    /// An address of the site in this page's language.
    pub(crate) fn href(&self, path: &str) -> String {
        self.lang.href(path)
    }
}

impl FromRequestParts<SiteState> for Ctx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &SiteState) -> Result<Self, Infallible> {
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
        let mut ctx = Self::new(state.clone(), uri.path(), uri.query());
        if let Ok(args) = RawPathParams::from_request_parts(parts, state).await {
            ctx.args = args.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        }
        let host = parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        let named = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        ctx.host = host.filter(|host| host.chars().all(named)).map(str::to_owned);
        Ok(ctx)
    }
}
