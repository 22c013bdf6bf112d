//! A concept: what it is, the documents about it by role, what it requires and what requires it.

use super::prelude::*;
use crate::picture;

super::question!("concept");

#[derive(Deserialize)]
struct Data {
    noeud: Option<Found>,
    voisinage: Option<Neighbourhood>,
}

#[derive(Deserialize)]
struct Found {
    adresse: String,
    #[serde(default)]
    litteral: Option<String>,
    #[serde(default, rename = "typeConcept")]
    kind: Option<String>,
    #[serde(default)]
    discipline: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

impl Found {
    fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "concept/concept.html")]
struct View {
    p: Frame,
    c: Found,
    title: String,
    groups: Vec<Group>,
    truncated: bool,
    learn: bool,
    picture: String,
    legend: String,
}

/// `GET /concept/{uuid}`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let uuid = ctx.uuid()?;
    let data: Data = ctx.ask(&QUESTION, json!({ "uuid": uuid })).await?;
    let c = data.noeud.ok_or(SiteError::NotFound)?;
    if !c.adresse.starts_with("/concept/") {
        return Ok(Page::moved(&ctx.href(&c.adresse)));
    }
    let around = data.voisinage.unwrap_or_default();
    let groups = around.groups(ctx.lang, &uuid);
    let title = text::entry(c.litteral.as_deref().unwrap_or_default());
    let mut p = Frame::new(&ctx, title.clone())
        .describe(c.description.as_deref().unwrap_or_default())
        .crumb(ctx.lang.t("menu.concepts"), "/vues/listeconcepts")
        .json_ld(&json!({
            "@context": "https://schema.org",
            "@type": "DefinedTerm",
            "name": text::plain(&title),
            "description": c.description.as_deref().map(text::plain),
            "inLanguage": "fr",
            "url": format!("{}{}", ctx.config().base_url, c.adresse),
        }));
    p.article = true;
    let pictured = around
        .node(&uuid)
        .filter(|_| !groups.is_empty())
        .map(|centre| picture::draw(ctx.lang, centre, &around, "#relations"));
    let view = View {
        title,
        truncated: around.tronque,
        learn: groups.iter().any(|g| g.kind == "REQUIERT" && g.out),
        picture: pictured.unwrap_or_default(),
        legend: picture::legend(ctx.lang, &around),
        groups,
        c,
        p,
    };
    Page::html(&view)
}
