//! Quick exercises. The themes come from the maquis; the pages of the sheet server mount here.

use super::prelude::*;
use crate::SiteState;
use axum::Router;

super::question!("rapidexo");

#[derive(Deserialize)]
struct Data {
    documents: Vec<Theme>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Theme {
    titre: Option<String>,
    adresse: String,
    description: Option<String>,
    contenus_connection: Count,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    total_count: usize,
}

#[derive(Template)]
#[template(path = "rapidexo/rapidexo.html")]
struct View {
    p: Frame,
    themes: Vec<Theme>,
    exercises: usize,
}

/// The addresses of this part, the same in every language.
pub(crate) fn routes() -> Router<SiteState> {
    let home = crate::router::view(page);
    Router::new().route("/vues/rapidexo", home.clone()).route("/vues/rapidexo/", home)
}

/// `GET /vues/rapidexo`
async fn page(ctx: Ctx) -> Answer {
    let data: Data = ctx.ask(&QUESTION, json!({})).await?;
    let title = ctx.lang.t("menu.rapidexo");
    let p = ctx.frame(title).describe(ctx.lang.t("rapidexo.lead")).crumb(title, "/vues/rapidexo");
    let exercises = data.documents.iter().map(|t| t.contenus_connection.total_count).sum();
    Page::html(&View { p, themes: data.documents, exercises })
}
