//! The documents in the order of their last change.

use super::prelude::*;

super::question!("recents");

/// Entries on one page.
pub(crate) const PER_PAGE: usize = 40;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Data {
    pub(crate) documents: Vec<Recent>,
    documents_connection: Count,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    total_count: usize,
}

/// A document as it was last changed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recent {
    titre: Option<String>,
    type_doc: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) changement: Option<String>,
    pub(crate) adresse: String,
    a_corrige: bool,
    #[serde(rename = "conceptsEVAL")]
    themes: Vec<Theme>,
}

#[derive(Deserialize)]
struct Theme {
    litteral: Option<String>,
    adresse: String,
}

impl Recent {
    pub(crate) fn title(&self) -> &str {
        self.titre.as_deref().unwrap_or_default()
    }

    pub(crate) fn kind(&self) -> &str {
        self.type_doc.as_deref().unwrap_or_default()
    }

    fn day(&self) -> &str {
        let date = self.date.as_deref().unwrap_or_default();
        date.get(..10).unwrap_or(date)
    }
}

#[derive(Template)]
#[template(path = "recents/recents.html")]
struct View {
    p: Frame,
    /// Documents by day.
    days: Vec<(String, Vec<Recent>)>,
    total: usize,
    pager: Vec<Option<Link>>,
}

/// The documents of a page, the newest first.
pub(crate) async fn newest(ctx: &Ctx, limit: usize, offset: usize) -> Result<Data, SiteError> {
    ctx.ask(&QUESTION, json!({ "limit": limit, "offset": offset })).await
}

/// `GET /vues/nouveautes`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let number = ctx.number("page", 1)?;
    let data = newest(&ctx, PER_PAGE, (number - 1).saturating_mul(PER_PAGE)).await?;
    let total = data.documents_connection.total_count;
    let last = total.div_ceil(PER_PAGE).max(1);
    if number > last {
        return Err(SiteError::NotFound);
    }
    let mut days: Vec<(String, Vec<Recent>)> = Vec::new();
    for document in data.documents {
        match days.last_mut() {
            Some((day, list)) if day == document.day() => list.push(document),
            _ => days.push((document.day().to_owned(), vec![document])),
        }
    }
    let title = ctx.lang.t("menu.recents");
    let p = Frame::new(&ctx, title)
        .describe(ctx.lang.t("recent.lead"))
        .crumb(title, "/vues/nouveautes");
    let pager = super::liste::pager(&ctx, number, last);
    Page::html(&View { p, days, total, pager })
}
