//! The exercise sheets, one a theme.

use super::prelude::*;

super::question!("feuilles");

#[derive(Deserialize)]
pub(crate) struct Data {
    pub(crate) documents: Vec<Sheet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sheet {
    uuid: Option<String>,
    titre: Option<String>,
    date: Option<String>,
    description: Option<String>,
    pub(crate) adresse: String,
    #[serde(rename = "conceptsEVAL")]
    themes: Vec<Theme>,
    contenus_connection: Connection,
}

#[derive(Deserialize)]
struct Theme {
    litteral: Option<String>,
    adresse: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    total_count: usize,
}

impl Sheet {
    fn exercises(&self) -> usize {
        self.contenus_connection.total_count
    }

    fn title(&self) -> &str {
        self.titre.as_deref().unwrap_or_default()
    }

    /// Its theme, where the title does not say it already.
    fn themes(&self) -> impl Iterator<Item = &Theme> {
        self.themes.iter().filter(|t| t.litteral.as_deref() != self.titre.as_deref())
    }
}

#[derive(Template)]
#[template(path = "feuilles/feuilles.html")]
struct View {
    p: Frame,
    sheets: std::sync::Arc<Data>,
    exercises: usize,
}

impl View {
    /// The sheets that can be leafed through.
    fn filled(&self) -> impl Iterator<Item = &Sheet> {
        self.sheets.documents.iter().filter(|sheet| sheet.exercises() > 0)
    }

    /// The sheets that wait for their first exercise.
    fn empty(&self) -> Vec<&Sheet> {
        self.sheets.documents.iter().filter(|sheet| sheet.exercises() == 0).collect()
    }
}

/// `GET /vues/feuillesexercices`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let sheets = ctx.ask_shared::<Data>(&QUESTION, json!({})).await?;
    let exercises = sheets.documents.iter().map(Sheet::exercises).sum();
    let title = ctx.lang.t("menu.feuilles");
    let p = Frame::new(&ctx, title)
        .describe(ctx.lang.t("list.feuilles"))
        .crumb(title, "/vues/feuillesexercices");
    Page::html(&View { p, sheets, exercises })
}
