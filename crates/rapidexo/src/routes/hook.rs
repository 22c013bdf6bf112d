//! `POST /hooks/github`: GitHub says that a repository changed. Only who knows the secret is heard.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::sync::Arc;

/// What is done when a repository changed; its argument is `owner/name`.
pub type OnPush = Arc<dyn Fn(&str) + Send + Sync>;

/// GitHub sends no more than 25 MB; the list of commits of a push is far smaller.
const LARGEST_BODY: usize = 5 << 20;

#[derive(Clone)]
struct Hook {
    secret: Arc<[u8]>,
    push: OnPush,
}

/// The hook as a router. `push` is called for each push and returns at once.
pub fn hook(secret: &str, push: OnPush) -> Router {
    let hook = Hook { secret: secret.as_bytes().into(), push };
    Router::new()
        .route("/hooks/github", post(receive))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(hook)
}

async fn receive(State(hook): State<Hook>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !is_signed(&hook.secret, &headers, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    match headers.get("x-github-event").and_then(|event| event.to_str().ok()) {
        Some("ping") => StatusCode::OK,
        Some("push") => {
            let payload: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
            match payload.as_ref().and_then(|p| p["repository"]["full_name"].as_str()) {
                Some(repository) => {
                    (hook.push)(repository);
                    StatusCode::ACCEPTED
                }
                None => StatusCode::UNPROCESSABLE_ENTITY,
            }
        }
        _ => StatusCode::NO_CONTENT,
    }
}

/// Whether the signature is that of the body under our secret; compared in constant time.
fn is_signed(secret: &[u8], headers: &HeaderMap, body: &[u8]) -> bool {
    let signature = headers
        .get("x-hub-signature-256")
        .and_then(|value| value.to_str().ok()?.strip_prefix("sha256="))
        .and_then(|digits| hex::decode(digits).ok());
    let (Some(signature), Ok(mut mac)) = (signature, Hmac::<Sha256>::new_from_slice(secret)) else {
        return false;
    };
    mac.update(body);
    !secret.is_empty() && mac.verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use std::sync::Mutex;
    use tower::ServiceExt as _;

    fn signature(secret: &str, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    }

    /// GitHub's own example of a signature.
    #[test]
    fn the_signature_is_githubs() {
        assert_eq!(
            signature("It's a Secret to Everybody", "Hello, World!"),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }

    #[tokio::test]
    async fn only_who_knows_the_secret_is_heard() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        let router = hook("s3", Arc::new(move |name| hears.lock().unwrap().push(name.to_owned())));
        let body = r#"{"repository":{"full_name":"owner/depot"}}"#;
        let good = signature("s3", body);
        for (event, signed, status) in [
            ("push", good.as_str(), 202),
            ("ping", &good, 200),
            ("issues", &good, 204),
            ("push", "", 401),
            ("push", "sha256=", 401),
            ("push", "sha256=zz", 401),
            ("push", &signature("other", body), 401),
            ("push", &signature("s3", "other"), 401),
            ("push", good.trim_start_matches("sha256="), 401),
        ] {
            let request = Request::post("/hooks/github")
                .header("x-github-event", event)
                .header("x-hub-signature-256", signed)
                .body(Body::from(body))
                .unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{event} {signed}");
        }
        assert_eq!(*heard.lock().unwrap(), ["owner/depot"]);
    }
}
