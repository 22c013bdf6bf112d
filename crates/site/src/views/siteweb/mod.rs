//! A web site that the maquis knows.

use super::prelude::*;

super::question!("siteweb");

#[derive(Deserialize)]
struct Data {
    noeud: Option<Found>,
    voisinage: Option<Neighbourhood>,
}

#[derive(Deserialize)]
struct Found {
    adresse: String,
    #[serde(default)]
    nom: Option<String>,
    #[serde(default, rename = "typeSiteWeb")]
    kind: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

#[derive(Template)]
#[template(path = "siteweb/siteweb.html")]
struct View {
    p: Frame,
    s: Found,
    groups: Vec<Group>,
}

/// `GET /site-web/{uuid}`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let uuid = ctx.uuid()?;
    let data: Data = ctx.ask(&QUESTION, json!({ "uuid": uuid })).await?;
    let mut s = data.noeud.ok_or(SiteError::NotFound)?;
    if !s.adresse.starts_with("/site-web/") {
        return Ok(Page::moved(&ctx.href(&s.adresse)));
    }
    // Only an address of the web becomes a link.
    s.url = s.url.filter(|u| u.starts_with("https://") || u.starts_with("http://"));
    let groups = data.voisinage.unwrap_or_default().groups(ctx.lang, &uuid);
    let p = Frame::new(&ctx, s.nom.clone().unwrap_or_default())
        .describe(s.description.as_deref().unwrap_or_default())
        .crumb(ctx.lang.t("menu.maquis"), "/vues/maquis");
    Page::html(&View { p, s, groups })
}
