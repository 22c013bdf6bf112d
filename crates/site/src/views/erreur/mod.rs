//! The page of an error: friendly, with a way on, and nothing of what is inside.

use super::prelude::*;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};

#[derive(Template)]
#[template(path = "erreur/erreur.html")]
struct View {
    p: Frame,
    status: u16,
    lead: String,
    detail: Option<String>,
}

/// The answer to a request that failed.
pub(crate) fn answer(ctx: &Ctx, error: &SiteError) -> Response {
    let status = error.status();
    if status.is_server_error() {
        tracing::error!(path = ctx.path, "{error}");
    }
    let key = error.key();
    let mut p = Frame::new(ctx, ctx.lang.t(&format!("error.{key}.title")));
    p.noindex = true;
    // This page remembers nothing, and says itself what sleeps.
    p.notice = None;
    let detail = match error {
        SiteError::BadParameter { parameter, reason } => {
            Some(text::french(&format!("{parameter} : {reason}")))
        }
        _ if ctx.config().verbose => Some(error.to_string()),
        _ => None,
    };
    let lead = ctx.lang.t(&format!("error.{key}.lead")).to_owned();
    let view = View { p, status: status.as_u16(), lead, detail };
    let mut response = match Page::html(&view) {
        Ok(page) => page.status(status).into_response(),
        // The one template that must not fail did: say so plainly.
        Err(_) => status.into_response(),
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    }
    response
}
