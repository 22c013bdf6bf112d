//! Where pages get their sheets: from this process, or from a sheet server elsewhere (`FLASK_URL`).

use crate::{Address, CatalogueView, DepotView, SheetError, SheetView, Sheets, SourceView};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;

/// The sheet server that pages ask: in this process and over HTTP alike.
#[derive(Debug, Clone)]
pub enum SheetSource {
    /// In this process.
    Here(Sheets),
    /// Elsewhere.
    There(Remote),
}

/// A sheet server elsewhere.
#[derive(Debug, Clone)]
pub struct Remote {
    client: reqwest::Client,
    base: Url,
    /// Sheets by their address, which always gives the same one: they are still there while the
    /// server does not answer.
    seen: moka::sync::Cache<String, Bytes>,
}

/// Why a page gets no sheet.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// What was asked for cannot be; the sentence is for the reader.
    #[error("{message}")]
    Asked {
        /// 404 or 422.
        status: u16,
        /// Why.
        message: String,
    },
    /// The sheet server does not answer.
    #[error("the sheet server does not answer: {0}")]
    Unreachable(String),
}

impl From<SheetError> for AskError {
    fn from(error: SheetError) -> Self {
        Self::Asked { status: error.status().as_u16(), message: error.to_string() }
    }
}

/// How long a page waits for a sheet server elsewhere.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of sheets that are remembered.
const SEEN: u64 = 16 << 20;
/// A sheet is smaller than this.
const LARGEST: usize = 32 << 20;

impl Remote {
    /// Asks the server at this address.
    ///
    /// # Errors
    /// [`AskError::Unreachable`] when no HTTP client can be made here.
    pub fn new(base: Url) -> Result<Self, AskError> {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .connect_timeout(Duration::from_secs(3))
            .build()
            .map_err(|error| AskError::Unreachable(error.to_string()))?;
        let seen = moka::sync::Cache::builder()
            .max_capacity(SEEN)
            .weigher(|_, sheet: &Bytes| u32::try_from(sheet.len()).unwrap_or(u32::MAX))
            .build();
        Ok(Self { client, base, seen })
    }

    async fn sheet(&self, query: &str) -> Result<SheetView, AskError> {
        let answer = match self.bytes("feuille", query).await {
            Ok(answer) => {
                self.seen.insert(query.to_owned(), answer.clone());
                answer
            }
            Err(AskError::Unreachable(reason)) => {
                self.seen.get(query).ok_or(AskError::Unreachable(reason))?
            }
            Err(asked) => return Err(asked),
        };
        parsed(&answer)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &str) -> Result<T, AskError> {
        parsed(&self.bytes(path, query).await?)
    }

    async fn bytes(&self, path: &str, query: &str) -> Result<Bytes, AskError> {
        let unreachable =
            |error: reqwest::Error| AskError::Unreachable(error.without_url().to_string());
        let base = self.base.as_str().trim_end_matches('/');
        let url = format!("{base}/api/rapidexo/{path}?{query}");
        let response = self.client.get(url).send().await.map_err(unreachable)?;
        let status = response.status();
        let body = response.bytes().await.map_err(unreachable)?;
        if body.len() > LARGEST {
            return Err(AskError::Unreachable("the answer is too large".to_owned()));
        }
        if status.is_client_error() {
            let message = serde_json::from_slice::<serde_json::Value>(&body)
                .ok()
                .and_then(|body| Some(body["error"].as_str()?.to_owned()))
                .unwrap_or_else(|| status.to_string());
            return Err(AskError::Asked { status: status.as_u16(), message });
        }
        if !status.is_success() {
            return Err(AskError::Unreachable(status.to_string()));
        }
        Ok(body)
    }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, AskError> {
    serde_json::from_slice(body).map_err(|error| AskError::Unreachable(error.to_string()))
}

#[derive(serde::Deserialize)]
struct Answer {
    address: String,
}

/// Name and value of parameters, as they were sent.
type Pairs = [(String, String)];

fn query(pairs: &Pairs) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn address(pairs: &Pairs) -> Result<Address, SheetError> {
    Address::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Runs work that may read a disk or convert many exercises away from the threads that serve.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SheetError> + Send + 'static,
) -> Result<T, AskError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(AskError::Unreachable(error.to_string())),
    }
}

impl SheetSource {
    /// What the addresses of files of sheets start with. A site passes them on to a sheet server
    /// elsewhere, whose own address readers may not be able to reach.
    #[must_use]
    pub fn files(&self) -> String {
        "/api/rapidexo".to_owned()
    }

    /// The dépôts and their themes.
    ///
    /// # Errors
    /// [`AskError::Unreachable`].
    pub async fn depots(&self) -> Result<Vec<DepotView>, AskError> {
        match self {
            Self::Here(sheets) => Ok(sheets.depots()),
            Self::There(remote) => remote.get("themes", "").await,
        }
    }

    /// The whole address of the sheet that a form asks for, see [`Sheets::start`].
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn start(&self, pairs: &Pairs) -> Result<String, AskError> {
        match self {
            Self::Here(sheets) => {
                let (sheets, pairs) = (sheets.clone(), pairs.to_vec());
                aside(move || Ok(sheets.start(&pairs)?.to_string())).await
            }
            Self::There(remote) => {
                Ok(remote.get::<Answer>("nouvelle", &query(pairs)).await?.address)
            }
        }
    }

    /// A sheet.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn sheet(&self, pairs: &Pairs) -> Result<SheetView, AskError> {
        match self {
            Self::Here(sheets) => {
                let (sheets, address) = (sheets.clone(), address(pairs)?);
                aside(move || Ok(sheets.sheet(address)?.view())).await
            }
            Self::There(remote) => remote.sheet(&query(pairs)).await,
        }
    }

    /// The LaTeX sources of a sheet and the pictures that they show.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn sources(&self, pairs: &Pairs) -> Result<Vec<SourceView>, AskError> {
        match self {
            Self::Here(sheets) => {
                let (sheets, address) = (sheets.clone(), address(pairs)?);
                let base = sheets.options().base_url.clone();
                aside(move || Ok(SourceView::of(&sheets.sheet(address)?, base.as_deref()))).await
            }
            Self::There(remote) => remote.get("sources", &query(pairs)).await,
        }
    }

    /// The address of a changed sheet.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn edit(&self, pairs: &Pairs, edit: &str) -> Result<String, AskError> {
        match self {
            Self::Here(sheets) => {
                let (sheets, address, edit) = (sheets.clone(), address(pairs)?, edit.to_owned());
                aside(move || Ok(sheets.edit(address, &edit)?.to_string())).await
            }
            Self::There(remote) => {
                let mut pairs = pairs.to_vec();
                pairs.push(("op".to_owned(), edit.to_owned()));
                Ok(remote.get::<Answer>("modifier", &query(&pairs)).await?.address)
            }
        }
    }

    /// A page of the exercises of a theme.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn catalogue(
        &self,
        depot: Option<&str>,
        theme: &str,
        page: usize,
    ) -> Result<CatalogueView, AskError> {
        match self {
            Self::Here(sheets) => {
                let (sheets, theme) = (sheets.clone(), theme.to_owned());
                let depot = depot.map(str::to_owned);
                aside(move || sheets.catalogue(depot.as_deref(), &theme, page)).await
            }
            Self::There(remote) => {
                let mut pairs = vec![
                    ("theme".to_owned(), theme.to_owned()),
                    ("page".to_owned(), page.to_string()),
                ];
                pairs.extend(depot.map(|depot| ("d".to_owned(), depot.to_owned())));
                remote.get("theme", &query(&pairs)).await
            }
        }
    }
}
