//! What a view gives back: a body, its media type and whether it may be kept.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};

/// A finished page (or feed, or picture).
#[derive(Debug, Clone)]
pub struct Page {
    pub(crate) status: StatusCode,
    pub(crate) media_type: &'static str,
    pub(crate) body: Bytes,
    /// Whether the page depends on the address and the maquis alone.
    pub(crate) keep: bool,
    /// Where the page moved for good.
    location: Option<String>,
    /// Another site that its forms lead to.
    forms_to: Option<&'static str>,
}

/// Marks a response that the page cache may keep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keep;

impl Page {
    /// An HTML page.
    pub(crate) fn html(template: &impl askama::Template) -> Result<Self, crate::SiteError> {
        Ok(Self::new("text/html; charset=utf-8", template.render()?))
    }

    /// A body of any other kind.
    pub(crate) fn new(media_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            media_type,
            body: body.into(),
            keep: true,
            location: None,
            forms_to: None,
        }
    }

    /// A page that moved for good.
    pub(crate) fn moved(location: &str) -> Self {
        let mut page = Self::new("text/plain; charset=utf-8", location.to_owned());
        page.location = Some(location.to_owned());
        page.status(StatusCode::PERMANENT_REDIRECT)
    }

    /// The page that a form leads to.
    pub(crate) fn see(location: &str) -> Self {
        Self::moved(location).status(StatusCode::SEE_OTHER)
    }

    /// The same with another status; such pages are not kept.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self.keep = false;
        self
    }

    /// The same, with forms that lead to another site too.
    pub(crate) fn with_forms_to(mut self, site: &'static str) -> Self {
        self.forms_to = Some(site);
        self
    }

    /// The same, to be made anew each time.
    pub(crate) fn passing(mut self) -> Self {
        self.keep = false;
        self
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        if let Some(location) = self.location.and_then(|l| HeaderValue::try_from(l).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        if let Some(policy) = self.forms_to.and_then(crate::security::policy_with_forms_to) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        if self.keep {
            response.extensions_mut().insert(Keep);
        }
        response
    }
}
