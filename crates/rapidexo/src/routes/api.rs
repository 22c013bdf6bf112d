//! `/api/rapidexo/…`: sheets as data and as files, for the site and for scripts.

use super::attachment;
use crate::{Address, Part, PdfError, Sheet, SheetError, Sheets};
use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

pub(super) fn routes() -> Router<Sheets> {
    Router::new()
        .route("/api/rapidexo/themes", get(themes))
        .route("/api/rapidexo/theme", get(theme))
        .route("/api/rapidexo/nouvelle", get(start))
        .route("/api/rapidexo/feuille", get(sheet))
        .route("/api/rapidexo/modifier", get(edit))
        .route("/api/rapidexo/sources", get(sources))
        .route("/api/rapidexo/{file}", get(file))
}

/// What can be wrong with an answer of the API.
pub(super) enum ApiError {
    Sheet(SheetError),
    Pdf(PdfError),
    NoFile,
    Inside,
}

impl From<SheetError> for ApiError {
    fn from(error: SheetError) -> Self {
        Self::Sheet(error)
    }
}

impl From<PdfError> for ApiError {
    fn from(error: PdfError) -> Self {
        Self::Pdf(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Sheet(error) => return error.into_response(),
            Self::NoFile => (
                StatusCode::NOT_FOUND,
                json!({ "error": "il n’y a pas de fichier de ce nom", "files": FILES }),
            ),
            Self::Inside => (
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({ "error": "la feuille n’a pas pu être préparée" }),
            ),
            Self::Pdf(error) => {
                let status = match &error {
                    PdfError::NoCompiler | PdfError::Run(_) | PdfError::Unreachable => {
                        StatusCode::SERVICE_UNAVAILABLE
                    }
                    PdfError::Failed { .. } => StatusCode::UNPROCESSABLE_ENTITY,
                    PdfError::Zip(_) => StatusCode::INTERNAL_SERVER_ERROR,
                };
                let mut body = json!({ "error": error.to_string() });
                if let PdfError::Failed { log, .. } = &error {
                    body["log"] = log.as_str().into();
                }
                (status, body)
            }
        };
        (status, Json(body)).into_response()
    }
}

type Pairs = Vec<(String, String)>;

fn pairs(query: Option<String>) -> Result<Pairs, SheetError> {
    let query = query.unwrap_or_default();
    if query.len() > crate::LONGEST {
        return Err(SheetError::parameter("adresse", "elle est trop longue"));
    }
    Ok(url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect())
}

fn param<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p str> {
    let found = pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    found.filter(|value| !value.is_empty())
}

/// Work that reads disks or converts many exercises, away from the threads that serve.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SheetError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::Inside)?.map_err(ApiError::Sheet)
}

/// `GET /api/rapidexo/themes`
async fn themes(State(sheets): State<Sheets>) -> Json<Vec<crate::DepotView>> {
    Json(sheets.depots())
}

/// `GET /api/rapidexo/theme?theme=…&d=…&page=…`
async fn theme(
    State(sheets): State<Sheets>,
    RawQuery(query): RawQuery,
) -> Result<Json<crate::CatalogueView>, ApiError> {
    let pairs = pairs(query)?;
    let page = param(&pairs, "page").map_or(Ok(1), str::parse);
    let page = page.map_err(|_| SheetError::parameter("page", "un nombre est attendu"))?;
    let work = move || {
        let theme = param(&pairs, "theme").unwrap_or_default();
        sheets.catalogue(param(&pairs, "d"), theme, page)
    };
    Ok(Json(aside(work).await?))
}

/// `GET /api/rapidexo/nouvelle?…`: what a form asks for → the whole address of its sheet.
async fn start(
    State(sheets): State<Sheets>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let pairs = pairs(query)?;
    let address = aside(move || sheets.start(&pairs)).await?;
    Ok(Json(json!({ "address": address.to_string() })))
}

/// `GET /api/rapidexo/modifier?<address>&op=…`: the address of the changed sheet.
async fn edit(
    State(sheets): State<Sheets>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let pairs = pairs(query)?;
    let work = move || {
        let plain = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        sheets.edit(Address::from_pairs(plain)?, param(&pairs, "op").unwrap_or_default())
    };
    Ok(Json(json!({ "address": aside(work).await?.to_string() })))
}

async fn found(sheets: &Sheets, query: Option<String>) -> Result<Sheet, ApiError> {
    let sheets = sheets.clone();
    aside(move || sheets.sheet(Address::parse(&query.unwrap_or_default())?)).await
}

/// `GET /api/rapidexo/feuille?<address>`
async fn sheet(
    State(sheets): State<Sheets>,
    RawQuery(query): RawQuery,
) -> Result<Json<crate::SheetView>, ApiError> {
    let sheet = found(&sheets, query).await?;
    Ok(Json(aside(move || Ok(sheet.view())).await?))
}

/// `GET /api/rapidexo/sources?<address>`: its LaTeX and pictures, for a project elsewhere.
async fn sources(
    State(sheets): State<Sheets>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<crate::SourceView>>, ApiError> {
    let sheet = found(&sheets, query).await?;
    let base = sheets.options().base_url.clone();
    Ok(Json(aside(move || Ok(crate::SourceView::of(&sheet, base.as_deref()))).await?))
}

/// The files of a sheet.
const FILES: [&str; 11] = [
    "enonces.pdf",
    "corriges.pdf",
    "complet.pdf",
    "variantes.zip",
    "enonces.tex",
    "corriges.tex",
    "sources.zip",
    "moodle.xml",
    "amc.tex",
    "feuille.json",
    "feuille.md",
];

/// `GET /api/rapidexo/<file>?<address>`
async fn file(
    State(sheets): State<Sheets>,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let Some(name) = FILES.into_iter().find(|name| *name == file) else {
        return Err(ApiError::NoFile);
    };
    let whole = Address::parse(query.as_deref().unwrap_or_default())?.version.is_some();
    let sheet = found(&sheets, query).await?;
    let base = sheets.options().base_url.clone();
    let mut response = match name {
        "enonces.pdf" | "corriges.pdf" | "complet.pdf" => {
            let parts: &[Part] = match name {
                "enonces.pdf" => &[Part::Statements],
                "corriges.pdf" => &[Part::Answers],
                _ => &[Part::Statements, Part::Answers],
            };
            let pdf = sheets.pdf(&sheet, parts).await?;
            let mut response = attachment("application/pdf", name, pdf);
            let shown = HeaderValue::try_from(format!("inline; filename=\"{name}\""));
            if let Ok(shown) = shown {
                response.headers_mut().insert(header::CONTENT_DISPOSITION, shown);
            }
            response
        }
        "variantes.zip" => attachment("application/zip", name, sheets.variants(&sheet).await?),
        "sources.zip" => attachment("application/zip", name, sheet.sources(base.as_deref())?),
        _ => {
            let work = move || {
                Ok(match name {
                    "enonces.tex" => sheet.latex(Part::Statements, base.as_deref()),
                    "corriges.tex" => sheet.latex(Part::Answers, base.as_deref()),
                    "amc.tex" => sheet.amc(),
                    "moodle.xml" => sheet.moodle().unwrap_or_default(),
                    "feuille.md" => sheet.markdown(),
                    _ => format!("{:#}\n", sheet.json()),
                })
            };
            let text = aside(work).await?;
            let media_type = match name.rsplit('.').next() {
                Some("tex") => "text/x-tex; charset=utf-8",
                Some("xml") => "application/xml",
                Some("md") => "text/markdown; charset=utf-8",
                _ => "application/json",
            };
            attachment(media_type, name, text)
        }
    };
    // An address with its version means the same for ever.
    let kept = if whole { "public, max-age=86400" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    Ok(response)
}
