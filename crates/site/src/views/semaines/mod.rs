//! The weeks of the school year.

use super::prelude::*;
use std::sync::Arc;

super::question!("semaines");

#[derive(Deserialize)]
pub(crate) struct Data {
    evenements: Vec<Week>,
    devoirs: Vec<Work>,
}

/// A test or homework.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
struct Work {
    nom: Option<String>,
    type_evt: Option<String>,
    description: Option<String>,
    adresse: String,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Week {
    pub(crate) uuid: Option<String>,
    nom: Option<String>,
    description: Option<String>,
    pub(crate) adresse: String,
    documents: Vec<Programme>,
    sousevenements_connection: Count,
}

#[derive(Deserialize, Clone)]
struct Programme {
    titre: Option<String>,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
struct Count {
    total_count: usize,
}

impl Week {
    pub(crate) fn title(&self) -> &str {
        self.nom.as_deref().unwrap_or_default()
    }

    /// What the week is about: its description, or the titles of its documents where they say
    /// more than the name of the week.
    fn about(&self) -> String {
        match self.description.as_deref() {
            Some(text) if !text.trim().is_empty() => text.to_owned(),
            _ => {
                let titles = self.documents.iter().filter_map(|d| d.titre.as_deref());
                titles.filter(|t| !t.contains(self.title())).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

#[derive(Template)]
#[template(path = "semaines/semaines.html")]
struct View {
    p: Frame,
    weeks: Vec<Week>,
    works: Vec<Work>,
}

/// The weeks in the order of the year.
pub(crate) async fn all(ctx: &Ctx) -> Result<Vec<Week>, SiteError> {
    let data = ask(ctx).await?;
    let mut weeks = data.evenements.clone();
    weeks.sort_by_cached_key(|week| nodes::natural(week.title()));
    Ok(weeks)
}

async fn ask(ctx: &Ctx) -> Result<Arc<Data>, SiteError> {
    ctx.ask_shared(&QUESTION, json!({})).await
}

/// `GET /vues/semaines`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let weeks = all(&ctx).await?;
    let mut works = ask(&ctx).await?.devoirs.clone();
    works.sort_by_cached_key(|work| nodes::natural(work.nom.as_deref().unwrap_or_default()));
    let title = ctx.lang.t("menu.semaines");
    let p =
        Frame::new(&ctx, title).describe(ctx.lang.t("weeks.lead")).crumb(title, "/vues/semaines");
    Page::html(&View { p, weeks, works })
}
