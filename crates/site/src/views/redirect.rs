//! The old addresses of nodes and pages, each moved for good to its new one.

use super::prelude::*;

/// Finds a node by either of its names.
pub(crate) static QUESTION: Document = Document {
    name: "redirect",
    text: "query Adresse($id: ID, $uuid: ID) { noeud(_id: $id, uuid: $uuid) { adresse } }",
};

#[derive(Deserialize)]
struct Data {
    noeud: Option<Found>,
}

#[derive(Deserialize)]
struct Found {
    adresse: String,
}

async fn node(ctx: &Ctx, names: serde_json::Value) -> Answer {
    let data: Data = ctx.ask(&QUESTION, names).await?;
    let found = data.noeud.ok_or(SiteError::NotFound)?;
    Ok(Page::moved(&ctx.href(&found.adresse)))
}

/// Whatever no route answers.
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let path = ctx.path.clone();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["vuesproches", "concepts" | "cours" | "noeuds" | "semaines", uuid] => {
            let uuid = nodes::uuid(uuid).ok_or(SiteError::NotFound)?;
            node(&ctx, json!({ "uuid": uuid })).await
        }
        ["developpement"] => Ok(Page::moved(&ctx.href("/projet"))),
        ["developpement", "journal"] => Ok(Page::moved(&ctx.href("/projet/journal"))),
        ["developpement", "markdown", slug] => {
            let library = ctx.state.library();
            let slug = text::slug(slug);
            let entry = library
                .journals
                .iter()
                .find_map(|j| j.entries.iter().find(|e| e.slug == slug).map(|e| (j, e)));
            let path = match entry {
                _ if library.page(&slug).is_some() => format!("/projet/{slug}"),
                Some((journal, entry)) => {
                    format!("/projet/journal/{}/{}", journal.slug, entry.slug)
                }
                None => return Err(SiteError::NotFound),
            };
            Ok(Page::moved(&ctx.href(&path)))
        }
        [one] => match one.split_once('_') {
            // The number of a week was the number of its node.
            Some(("document" | "concept" | "semaine" | "evenement", id)) if number(id) => {
                node(&ctx, json!({ "id": id })).await
            }
            _ => Err(SiteError::NotFound),
        },
        _ => Err(SiteError::NotFound),
    }
}

fn number(text: &str) -> bool {
    !text.is_empty() && text.len() < 19 && text.bytes().all(|b| b.is_ascii_digit())
}
