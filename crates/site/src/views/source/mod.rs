//! The LaTeX of a document, with numbered lines and the way to the file at its commit.

use super::prelude::*;

super::question!("source");

#[derive(Deserialize)]
struct Data {
    noeud: Option<Source>,
}

#[derive(Deserialize)]
struct Source {
    titre: Option<String>,
    adresse: Option<String>,
    depot: Option<String>,
    commit: Option<String>,
    #[serde(default)]
    parties: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    role: String,
    chemin: String,
    url_source: Option<String>,
    latex: String,
}

#[derive(Template)]
#[template(path = "source/source.html")]
struct View {
    p: Frame,
    d: Source,
}

/// `GET /document/{uuid}/source`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let data: Data = ctx.ask(&QUESTION, json!({ "uuid": ctx.uuid()? })).await?;
    let d = data.noeud.filter(|d| !d.parties.is_empty()).ok_or(SiteError::NotFound)?;
    let title = d.titre.clone().unwrap_or_default();
    let address = d.adresse.clone().ok_or(SiteError::NotFound)?;
    let mut p = Frame::new(&ctx, ctx.lang.f("source.title", &title)).crumb(title, &address);
    p.noindex = true;
    Page::html(&View { p, d })
}
