//! The weeks of the school year.

use super::prelude::*;
use std::sync::Arc;

super::question!("semaines");

#[derive(Deserialize)]
pub(crate) struct Data {
    evenements: Vec<Week>,
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
}

/// The weeks in the order of the year.
pub(crate) async fn all(ctx: &Ctx) -> Result<Vec<Week>, SiteError> {
    let data: Arc<Data> = ctx.ask_shared(&QUESTION, json!({})).await?;
    let mut weeks = data.evenements.clone();
    weeks.sort_by_cached_key(|week| nodes::natural(week.title()));
    Ok(weeks)
}

/// `GET /vues/semaines`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let weeks = all(&ctx).await?;
    let title = ctx.lang.t("menu.semaines");
    let p = ctx.frame(title).describe(ctx.lang.t("weeks.lead")).crumb(title, "/vues/semaines");
    Page::html(&View { p, weeks })
}
