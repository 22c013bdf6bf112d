//! The title page: what there is, what is new, where to search.

use super::prelude::*;

super::question!("home");

#[derive(Deserialize, Default)]
struct Data {
    maquis: Counts,
    documents: Vec<Recent>,
    concepts: Vec<Theme>,
}

#[derive(Deserialize, Default)]
struct Counts {
    comptes: Vec<Count>,
}

#[derive(Deserialize)]
struct Count {
    label: String,
    genre: String,
    nombre: usize,
}

#[derive(Deserialize)]
struct Recent {
    titre: Option<String>,
    #[serde(rename = "typeDoc")]
    kind: Option<String>,
    date: Option<String>,
    changement: Option<String>,
    adresse: String,
}

#[derive(Deserialize)]
struct Theme {
    litteral: Option<String>,
    adresse: String,
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct View {
    p: Frame,
    data: Data,
    /// The table of contents: text, address, how many.
    contents: Vec<(String, String, Option<usize>)>,
}

/// `GET /`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let mut p = Frame::new(&ctx, ctx.config().title.clone());
    // The title page is shown even while the maquis sleeps.
    let (data, reached) = match ctx.ask::<Data>(&QUESTION, json!({})).await {
        Ok(data) => (data, true),
        Err(error) => {
            tracing::warn!("the title page is shown without the maquis: {error}");
            p.notice = Some(p.t("error.asleep").to_owned());
            (Data::default(), false)
        }
    };
    let count = |label: &str, genre: Option<&str>| -> usize {
        let counts = data.maquis.comptes.iter();
        counts
            .filter(|c| c.label == label && genre.is_none_or(|g| c.genre == g))
            .map(|c| c.nombre)
            .sum()
    };
    let document = |genre| Some(count("Document", Some(genre)));
    let contents = [
        ("menu.problemes", "/vues/problemes", document("problème")),
        ("menu.feuilles", "/vues/feuillesexercices", document("liste exercices")),
        ("menu.exercices", "/vues/exercices", document("exercice")),
        ("menu.cours", "/vues/listecours", document("cours")),
        ("menu.semaines", "/vues/semaines", Some(count("Evenement", Some("semaine de colle")))),
        ("menu.rapidexo", "/vues/rapidexo", document("rapidexo")),
        ("menu.concepts", "/vues/listeconcepts", Some(count("Concept", None))),
        ("menu.glossaire", "/vues/glossaire", None),
        ("menu.documents", "/vues/documents", Some(count("Document", None))),
        ("menu.maquis", "/vues/maquis", None),
    ]
    .into_iter()
    .map(|(key, path, n)| (p.t(key).to_owned(), p.h(path), n.filter(|_| reached)))
    .collect();
    let page = Page::html(&View { p, data, contents })?;
    Ok(if reached { page } else { page.passing() })
}
