//! What machines read about a document: breadcrumbs, description, JSON-LD.

use super::{super::prelude::*, data::Content};

/// The frame of a document's page.
pub(super) fn frame(ctx: &Ctx, d: &Content, groups: &[Group], permalink: &str) -> Frame {
    let (name, path) = match d.kind() {
        "liste exercices" => ("menu.feuilles", "/vues/feuillesexercices"),
        "programme" => ("menu.semaines", "/vues/semaines"),
        "rapidexo" | "liste rapidexo" => ("menu.rapidexo", "/vues/rapidexo"),
        kind => super::super::liste::KINDS
            .iter()
            .find(|k| k.genre == kind)
            .map_or(("menu.recents", "/vues/nouveautes"), |k| (k.name(), k.path)),
    };
    let mut p = Frame::new(ctx, d.title()).describe(&d.summary()).crumb(ctx.lang.t(name), path);
    // An exercise lies in its sheet, a problem in its book.
    let holder = groups
        .iter()
        .find(|g| g.kind == "CONTIENT" && !g.out)
        .and_then(|g| g.nodes.iter().find(|n| n.label == "Document"));
    if let Some(holder) = holder {
        p = p.crumb(holder.intitule.clone(), &holder.adresse);
    }
    p.article = true;
    p.json_ld(&json_ld(ctx, d, groups, permalink))
}

fn json_ld(ctx: &Ctx, d: &Content, groups: &[Group], permalink: &str) -> serde_json::Value {
    let concepts = |kind: &str| -> Vec<serde_json::Value> {
        groups
            .iter()
            .filter(|g| g.kind == kind && g.out)
            .flat_map(|g| &g.nodes)
            .filter(|n| n.label == "Concept")
            .map(|n| json!({ "@type": "DefinedTerm", "name": text::plain(&text::entry(&n.intitule)) }))
            .collect()
    };
    let mut value = json!({
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "name": text::plain(d.title()),
        "learningResourceType": d.kind(),
        "inLanguage": "fr",
        "url": permalink,
        "isAccessibleForFree": true,
        "license": ctx.config().licence.url,
        "description": text::plain(&d.summary()),
    });
    for (name, list) in [
        ("teaches", [concepts("DOCUMENTE"), concepts("INDEXE")].concat()),
        ("assesses", concepts("EVALUE")),
        ("competencyRequired", concepts("REQUIERT")),
    ] {
        if !list.is_empty() {
            value[name] = list.into();
        }
    }
    if !ctx.config().author.is_empty() {
        value["author"] = json!({ "@type": "Person", "name": ctx.config().author });
    }
    if let Some(date) = &d.date {
        value["dateModified"] = json!(date);
    }
    value
}
