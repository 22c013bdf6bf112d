//! The routes of the old sheet server, as its clients call them. They answer for the current
//! versions and keep no address.

use super::attachment;
use crate::{Ask, Part, SheetError, Sheets, draw, random::fresh_seed};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

/// What the old server left as it is in its percent-encoded texts.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');

pub(super) fn routes() -> Router<Sheets> {
    Router::new()
        .route("/getREFS", get(refs))
        .route("/getCOMPIL", post(compil))
        .route("/LATEX", post(latex))
        .route("/getPDF/{id}", get(|s, p| tex(s, p, Part::Statements)))
        .route("/getCorrPDF/{id}", get(|s, p| tex(s, p, Part::Answers)))
}

/// `GET /getREFS?Theme=n&…`: paths of statements, in random order.
async fn refs(
    State(sheets): State<Sheets>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<String>>, SheetError> {
    let mut themes: Vec<(String, u32)> = Vec::new();
    for (theme, count) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let bad = || {
            let count: String = count.chars().take(40).collect();
            SheetError::parameter(theme.as_ref(), format!("« {count} » n’est pas un nombre"))
        };
        let count: i64 = count.trim().parse().map_err(|_| bad())?;
        let count = u32::try_from(count.max(0)).map_err(|_| bad())?;
        match themes.iter_mut().find(|(name, _)| *name == *theme) {
            Some((_, there)) => *there = there.saturating_add(count),
            None => themes.push((theme.into_owned(), count)),
        }
    }
    let libraries = sheets.libraries();
    let library = libraries
        .iter()
        .find(|library| {
            let exercises = library.current();
            themes.iter().all(|(name, _)| exercises.theme(name).is_ok())
        })
        .or(libraries.first())
        .ok_or(SheetError::NoDepot)?;
    let exercises = library.current();
    if themes.is_empty() {
        return Ok(Json(Vec::new()));
    }
    let drawn = draw(&exercises, &Ask { themes, ..Ask::default() }, &fresh_seed())?;
    let path =
        |place: crate::Place| exercises.themes[place.theme].exercises[place.exercise].path.clone();
    Ok(Json(drawn.into_iter().map(path).collect()))
}

/// A JSON body; anything else is told so.
fn body<T: serde::de::DeserializeOwned>(bytes: &Bytes, wanted: &str) -> Result<T, SheetError> {
    serde_json::from_slice(bytes)
        .map_err(|error| SheetError::parameter("corps", format!("{wanted} est attendu : {error}")))
}

/// `POST /getCOMPIL`: both sides of a sheet as LaTeX, percent-encoded, and its id.
async fn compil(State(sheets): State<Sheets>, bytes: Bytes) -> Result<Response, SheetError> {
    let paths: Vec<String> = body(&bytes, "une liste JSON de chemins")?;
    let (id, sheet) = sheets.of_paths(&paths)?;
    let encoded = |part| utf8_percent_encode(&sheet.latex(part, None), PLAIN).to_string();
    let answer = json!({
        "level": 2,
        "id_session": id,
        "latex_urlstrE": encoded(Part::Statements),
        "latex_urlstrC": encoded(Part::Answers),
    });
    Ok(Json(answer).into_response())
}

/// `POST /LATEX`: the source of a statement or answer.
async fn latex(State(sheets): State<Sheets>, bytes: Bytes) -> Result<Response, SheetError> {
    let path: String = body(&bytes, "un texte JSON, le chemin d’un exercice,")?;
    let found = sheets.libraries().iter().find_map(|library| {
        let exercises = library.current();
        let (theme, exercise) = exercises.at_path(&path)?;
        let exercise = &exercises.themes[theme].exercises[exercise];
        match &exercise.answer {
            Some((answer, text)) if *answer == path => Some(text.to_string()),
            _ => Some(exercise.statement.to_string()),
        }
    });
    Ok(match found {
        Some(text) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response(),
        None => {
            let path: String = path.chars().take(120).collect();
            let error = SheetError::NoExercise { exercise: path, theme: None };
            (StatusCode::NOT_FOUND, Json(error.json())).into_response()
        }
    })
}

/// `GET /getPDF/<id>`, `GET /getCorrPDF/<id>`: the LaTeX that the compile service comes for.
async fn tex(State(sheets): State<Sheets>, Path(id): Path<String>, part: Part) -> Response {
    let sheet = id.parse().ok().and_then(|id| sheets.made(&id));
    let Some(sheet) = sheet else {
        let error = json!({ "error": "cette feuille n’est plus là ; demandez-la de nouveau" });
        return (StatusCode::NOT_FOUND, Json(error)).into_response();
    };
    let name = match part {
        Part::Statements => "rapidexo-enonces.tex",
        Part::Answers => "rapidexo-corriges.tex",
    };
    attachment("text/x-tex", name, sheet.latex(part, None))
}
