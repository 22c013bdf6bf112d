//! The page cache: finished pages, compressed once, with their ETag.
//!
//! A page is kept under its address (which holds its language) together with the state of the
//! maquis it was made from; another state makes it stale. Stale pages are still served when the
//! maquis does not answer.

use crate::{
    SiteState,
    compress::{Encoding, brotli, gzip, preferred, smaller},
    page::Keep,
};
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, response::Parts};
use std::sync::{Arc, OnceLock};

/// Keeps the pages last asked for, up to a weight.
pub(crate) struct PageCache(moka::sync::Cache<String, Arc<Kept>>);

struct Kept {
    version: Arc<str>,
    media_type: HeaderValue,
    etag: HeaderValue,
    plain: Bytes,
    /// Compressed when first asked for; `None` inside when it would not be smaller.
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

/// Below this a header costs more than compression saves.
const SMALLEST: usize = 600;
/// Brotli's quality. Higher ones make the first reader of a page wait for milliseconds and save a
/// few per cent.
const QUALITY: u32 = 6;
/// The same for what is compressed for one reader alone: a tenth larger, made in a third of the time.
const QUALITY_PASSING: u32 = 4;

impl PageCache {
    pub(crate) fn new(bytes: u64) -> Self {
        Self(
            moka::sync::Cache::builder()
                .max_capacity(bytes)
                .weigher(|key: &String, page: &Arc<Kept>| {
                    // The compressed copies come later; they are about two fifths of the page.
                    let weight = key.len() + page.plain.len() + page.plain.len() * 2 / 5 + 256;
                    u32::try_from(weight).unwrap_or(u32::MAX)
                })
                .build(),
        )
    }
}

/// Serves kept pages and keeps new ones.
pub(crate) async fn cached(
    State(state): State<SiteState>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return next.run(request).await;
    }
    let version = state.version();
    let key = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let kept = state.pages().0.get(&key);
    if let Some(kept) = &kept
        && kept.version == version
    {
        return kept.respond(request.headers());
    }
    let headers = request.headers().clone();
    let response = next.run(request).await;
    if response.status() == StatusCode::SERVICE_UNAVAILABLE
        && let Some(stale) = kept
    {
        return stale.respond(&headers);
    }
    let keep = response.extensions().get::<Keep>().is_some();
    let (parts, body) = response.into_parts();
    // Views make their bodies in memory, so collecting one cannot fail nor wait.
    let Ok(plain) = axum::body::to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    if !keep {
        return passing(parts, plain, &headers);
    }
    let media_type = parts
        .headers
        .get(header::CONTENT_TYPE)
        .cloned()
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let kept = Arc::new(Kept::new(version, media_type, plain));
    state.pages().0.insert(key, Arc::clone(&kept));
    kept.respond(&headers)
}

/// A page that is made anew for each reader travels compressed too.
fn passing(mut parts: Parts, plain: Bytes, asked: &HeaderMap) -> Response {
    if plain.len() < SMALLEST {
        return Response::from_parts(parts, Body::from(plain));
    }
    parts.headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let encoding = preferred(asked.get(header::ACCEPT_ENCODING));
    let compressed = match encoding {
        Encoding::Brotli => smaller(&plain, brotli(&plain, QUALITY_PASSING)),
        Encoding::Gzip => smaller(&plain, gzip(&plain)),
        Encoding::Plain => None,
    };
    if let Some((bytes, name)) = compressed.as_ref().zip(encoding.name()) {
        parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::from(bytes.clone()));
    }
    Response::from_parts(parts, Body::from(plain))
}

impl Kept {
    fn new(version: Arc<str>, media_type: HeaderValue, plain: Bytes) -> Self {
        // Templates write into buffers that grow by doubling; what is kept is only the page.
        let plain = Bytes::copy_from_slice(&plain);
        let hash = blake3::hash(&plain).to_hex();
        // Weak, because the encodings of one page share it.
        let etag = HeaderValue::from_str(&format!("W/\"{}\"", &hash[..20]))
            .expect("hexadecimal digits are allowed in headers");
        Self { version, media_type, etag, plain, brotli: OnceLock::new(), gzip: OnceLock::new() }
    }

    fn encoded(&self, encoding: Encoding) -> Option<Bytes> {
        if self.plain.len() < SMALLEST {
            return None;
        }
        match encoding {
            Encoding::Brotli => {
                self.brotli.get_or_init(|| smaller(&self.plain, brotli(&self.plain, QUALITY)))
            }
            Encoding::Gzip => self.gzip.get_or_init(|| smaller(&self.plain, gzip(&self.plain))),
            Encoding::Plain => return None,
        }
        .clone()
    }

    fn respond(&self, asked: &HeaderMap) -> Response {
        let matches = asked
            .get(header::IF_NONE_MATCH)
            .and_then(|tags| tags.to_str().ok())
            .zip(self.etag.to_str().ok())
            .is_some_and(|(tags, own)| tags.split(',').any(|tag| tag.trim() == own));
        let encoding = preferred(asked.get(header::ACCEPT_ENCODING));
        let mut response = if matches {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else if let Some(bytes) = self.encoded(encoding) {
            let mut response = Response::new(Body::from(bytes));
            if let Some(name) = encoding.name() {
                let name = HeaderValue::from_static(name);
                response.headers_mut().insert(header::CONTENT_ENCODING, name);
            }
            response
        } else {
            Response::new(Body::from(self.plain.clone()))
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.media_type.clone());
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}
