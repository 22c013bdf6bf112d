//! The sheet server over HTTP: the routes of the old server, and a JSON API of ours.

mod api;
mod hook;
mod old;

pub use hook::{OnPush, hook};

use crate::{SheetError, Sheets};
use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use tower_http::cors::{Any, CorsLayer};

/// A list of paths is no longer than this.
const LARGEST_BODY: usize = 256 * 1024;

/// The sheet server as a router.
pub fn router(sheets: Sheets) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(Any);
    Router::new()
        .merge(old::routes())
        .merge(api::routes())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(cors)
        .with_state(sheets)
}

impl IntoResponse for SheetError {
    fn into_response(self) -> Response {
        (self.status(), Json(self.json())).into_response()
    }
}

/// A text to download.
fn attachment(media_type: &'static str, name: &str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
