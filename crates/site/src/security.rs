//! The headers that keep a page from doing what it should not.

use crate::TrustProxy;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use base64::Engine as _;
use http::{HeaderName, HeaderValue, header};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

/// Sets the remembered theme before the first paint; the one script inside the page, allowed by
/// its hash.
pub(crate) const THEME_SCRIPT: &str = "try{var t=localStorage.getItem('theme');if(t)document.documentElement.dataset.theme=t}catch(e){}document.documentElement.classList.add('js')";

/// The content security policy of every page.
pub(crate) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash =
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(THEME_SCRIPT.as_bytes()));
    format!(
        "default-src 'none'; script-src 'self' 'sha256-{hash}'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// The policy inside a page of an export: headers are not ours there. Pagefind's index is read by
/// WebAssembly.
pub(crate) fn files_policy() -> String {
    POLICY
        .replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
        .replace("; frame-ancestors 'none'", "")
}

/// The policy of a page whose forms lead to another site too.
pub(crate) fn policy_with_forms_to(site: &str) -> Option<HeaderValue> {
    let own = "form-action 'self'";
    HeaderValue::try_from(POLICY.replace(own, &format!("{own} {site}"))).ok()
}

static POLICY_HEADER: LazyLock<HeaderValue> = LazyLock::new(|| {
    HeaderValue::from_str(&POLICY).expect("the policy is ASCII without line breaks")
});

/// Adds the headers to every answer.
pub(crate) async fn headers(
    State(trust): State<TrustProxy>,
    request: Request,
    next: Next,
) -> Response {
    // The trusted proxy says whether the request came in over TLS.
    let tls = request.uri().scheme_str() == Some("https")
        || (trust.any()
            && request.headers().get("x-forwarded-proto").is_some_and(|p| p == "https"));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| POLICY_HEADER.clone());
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if tls {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    response
}
