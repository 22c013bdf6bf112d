//! The shortest chain of prerequisites from one concept to another. The choice of concepts comes
//! from the question of the index.

use super::prelude::*;

super::question!("chemin");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    chemin_prerequis: Option<Vec<Step>>,
}

#[derive(Deserialize)]
struct Step {
    litteral: Option<String>,
    adresse: String,
    description: Option<String>,
}

#[derive(Template)]
#[template(path = "chemin/chemin.html")]
struct View {
    p: Frame,
    concepts: Vec<(String, String)>,
    from: String,
    to: String,
    asked: bool,
    steps: Option<Vec<Step>>,
}

/// `GET /vues/chemin?de=…&vers=…`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let uuid = |name: &'static str| match ctx.param(name) {
        None => Ok(None),
        Some(text) => nodes::uuid(text).map(Some).ok_or_else(|| SiteError::BadParameter {
            parameter: name,
            reason: ctx.lang.t("path.no-uuid").to_owned(),
        }),
    };
    let (from, to) = (uuid("de")?, uuid("vers")?);
    let mut asked = false;
    let mut steps = None;
    if let (Some(from), Some(to)) = (&from, &to) {
        asked = true;
        let data: Data = ctx.ask(&QUESTION, json!({ "de": from, "vers": to })).await?;
        steps = data.chemin_prerequis;
    }
    let all = super::concepts::all(&ctx).await?;
    let concepts = all
        .concepts
        .iter()
        .filter(|c| c.requires())
        .filter_map(|c| Some((c.uuid()?.to_owned(), text::plain(&text::entry(c.title())))))
        .collect();
    let title = ctx.lang.t("path.chain");
    let p = Frame::new(&ctx, title)
        .describe(ctx.lang.t("path.chain-lead"))
        .crumb(title, "/vues/chemin");
    let view = View {
        p,
        concepts,
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
        asked,
        steps,
    };
    Page::html(&view)
}
