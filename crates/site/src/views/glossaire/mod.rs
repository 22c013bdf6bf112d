//! The glossary: the concepts that have a description. It shares the question of the index.

use super::concepts::{Concept, all};
use super::prelude::*;

#[derive(Template)]
#[template(path = "glossaire/glossaire.html")]
struct View<'v> {
    p: Frame,
    letters: Vec<(char, Vec<&'v Concept>)>,
    total: usize,
}

/// `GET /vues/glossaire`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let data = all(&ctx).await?;
    let mut letters: Vec<(char, Vec<&Concept>)> = Vec::new();
    let mut total = 0;
    let described = |c: &&Concept| c.description.as_deref().is_some_and(|d| !d.trim().is_empty());
    for concept in data.concepts.iter().filter(described) {
        total += 1;
        let letter = text::initial(concept.title());
        match letters.last_mut() {
            Some((last, concepts)) if *last == letter => concepts.push(concept),
            _ => letters.push((letter, vec![concept])),
        }
    }
    let title = ctx.lang.t("menu.glossaire");
    let p = Frame::new(&ctx, title)
        .describe(ctx.lang.t("glossary.lead"))
        .crumb(title, "/vues/glossaire");
    Page::html(&View { p, letters, total })
}
