//! The learning path to a concept: everything it needs, prerequisites first, with documents.

use super::prelude::*;

super::question!("parcours");

#[derive(Deserialize)]
struct Data {
    noeud: Option<Centre>,
    parcours: Vec<Step>,
}

#[derive(Deserialize)]
struct Centre {
    label: String,
    intitule: String,
    adresse: String,
}

#[derive(Deserialize)]
struct Step {
    concept: Concept,
    documents: Vec<Read>,
}

#[derive(Deserialize)]
struct Concept {
    litteral: Option<String>,
    adresse: String,
    description: Option<String>,
    #[serde(rename = "documentsINDEXE")]
    indexing: Vec<Read>,
    #[serde(rename = "documentsEVAL")]
    evaluating: Vec<Read>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    titre: Option<String>,
    type_doc: Option<String>,
    adresse: String,
}

impl Step {
    /// What teaches the concept, then what exercises it; a few are enough to learn from.
    fn documents(&self) -> Vec<&Read> {
        let mut out: Vec<&Read> = Vec::new();
        let all = self.documents.iter().chain(&self.concept.indexing);
        for document in all.chain(&self.concept.evaluating) {
            if out.len() < 8 && !out.iter().any(|d| d.adresse == document.adresse) {
                out.push(document);
            }
        }
        out
    }
}

#[derive(Template)]
#[template(path = "parcours/parcours.html")]
struct View {
    p: Frame,
    centre: Centre,
    steps: Vec<Step>,
}

/// `GET /concept/{uuid}/parcours`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let data: Data = ctx.ask(&QUESTION, json!({ "uuid": ctx.uuid()? })).await?;
    let centre = data.noeud.filter(|n| n.label == "Concept").ok_or(SiteError::NotFound)?;
    let p = Frame::new(&ctx, ctx.lang.f("path.title", &centre.intitule))
        .describe(ctx.lang.t("path.lead"))
        .crumb(ctx.lang.t("menu.concepts"), "/vues/listeconcepts")
        .crumb(text::entry(&centre.intitule), &centre.adresse)
        .crumb(ctx.lang.t("path.crumb"), &ctx.path);
    Page::html(&View { p, centre, steps: data.parcours })
}
