//! Where sheets are compiled: in this process, or by a compile service elsewhere (`MQD_LATEX_URL`).

use crate::PdfError;
use base64::Engine as _;
use bytes::Bytes;
use mqd_pdf::{Compiler, Job};
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

/// What compiles sheets.
#[derive(Debug, Clone)]
pub enum Compile {
    /// In this process.
    Here(Compiler),
    /// Elsewhere.
    There(RemoteCompiler),
}

/// A compile service elsewhere.
#[derive(Debug, Clone)]
pub struct RemoteCompiler {
    client: reqwest::Client,
    address: Url,
}

/// A run is stopped long before this.
const PATIENCE: Duration = Duration::from_secs(90);
/// A sheet is smaller than this.
const LARGEST: usize = 64 << 20;

impl RemoteCompiler {
    /// The service at this address.
    ///
    /// # Errors
    /// [`PdfError::Unreachable`] when no HTTP client can be made here.
    pub fn new(base: Url) -> Result<Self, PdfError> {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .connect_timeout(Duration::from_secs(3))
            .build()
            .map_err(|_| PdfError::Unreachable)?;
        let address = format!("{}/compile", base.as_str().trim_end_matches('/'));
        let address = Url::parse(&address).map_err(|_| PdfError::Unreachable)?;
        Ok(Self { client, address })
    }

    pub(crate) async fn compile(&self, job: &Job) -> Result<Bytes, PdfError> {
        let unreachable = |error: reqwest::Error| {
            tracing::warn!("the compile service does not answer: {}", error.without_url());
            PdfError::Unreachable
        };
        let request = self.client.post(self.address.clone()).json(&request(job));
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let body = response.bytes().await.map_err(unreachable)?;
        if status.is_success() && body.len() <= LARGEST && body.starts_with(b"%PDF") {
            return Ok(body);
        }
        if status.as_u16() == 400 {
            // What went wrong in some lines, an empty one, TeX's log.
            let text = String::from_utf8_lossy(&body);
            let (reason, log) = text.split_once("\n\n").unwrap_or((&text, ""));
            let reason = reason.lines().collect::<Vec<_>>().join(" ");
            return Err(PdfError::Failed { reason, log: log.to_owned() });
        }
        tracing::warn!(%status, "the compile service made no PDF");
        Err(PdfError::Unreachable)
    }
}

/// A job as the service's JSON.
fn request(job: &Job) -> Value {
    let base64 = |bytes| base64::engine::general_purpose::STANDARD.encode(bytes);
    let files: serde_json::Map<String, Value> = job
        .files
        .iter()
        .map(|(path, bytes)| (path.clone(), json!({ "base64": base64(bytes) })))
        .collect();
    json!({ "main": job.main, "engine": job.engine, "files": files })
}
