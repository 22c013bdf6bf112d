//! Search: a plain form, results with their excerpts, and suggestions for who types.

use super::prelude::*;
use crate::SourceError;

super::question!("recherche");

#[derive(Deserialize)]
struct Data {
    recherche: Found,
}

#[derive(Deserialize, Default)]
struct Found {
    total: usize,
    suggestions: Vec<String>,
    resultats: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    extrait: String,
    noeud: NodeLink,
}

/// The kinds that the form offers.
const KINDS: [&str; 12] = [
    "problème",
    "exercice",
    "liste exercices",
    "cours",
    "rapidexo",
    "programme",
    "objet mathématique",
    "résultat mathématique",
    "thème feuille exercices",
    "index Latex",
    "semaine de colle",
    "question de cours",
];

/// Results on one page.
const PER_PAGE: usize = 20;
/// Longer questions are no questions.
const LONGEST: usize = 200;

#[derive(Template)]
#[template(path = "recherche/recherche.html")]
struct View {
    p: Frame,
    words: String,
    kinds: Vec<(&'static str, String, bool)>,
    found: Found,
    problem: Option<String>,
    pager: Vec<Option<Link>>,
}

/// `GET /vues/recherche?q=…`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    results(ctx, &[]).await
}

/// `GET /vues/recherche1`: among problems, as its old address was.
pub(crate) async fn problems(ctx: Ctx) -> Answer {
    results(ctx, &["problème"]).await
}

/// `GET /vues/recherche-cours`
pub(crate) async fn courses(ctx: Ctx) -> Answer {
    results(ctx, &["cours"]).await
}

/// `GET /vues/recherche-concepts`
pub(crate) async fn concepts(ctx: Ctx) -> Answer {
    results(ctx, &["index Latex", "thème feuille exercices"]).await
}

async fn results(ctx: Ctx, preset: &[&str]) -> Answer {
    if ctx.state.files_only() {
        // The index and the script answer where no server does.
        return offline(&ctx);
    }
    let words = ctx.param("q").unwrap_or_default().trim().to_owned();
    if words.chars().count() > LONGEST {
        let reason = ctx.lang.f("search.too-long", LONGEST);
        return Err(SiteError::BadParameter { parameter: "q", reason });
    }
    let mut types: Vec<&str> = ctx.params("type");
    if types.is_empty() {
        types = preset.to_vec();
    }
    let number = ctx.number("page", 1)?;
    let mut problem = None;
    let mut found = Found::default();
    if !words.is_empty() {
        let variables = json!({
            "mot": words,
            "types": (!types.is_empty()).then_some(&types),
            "limite": PER_PAGE,
            "decalage": (number - 1).saturating_mul(PER_PAGE),
        });
        match ctx.ask::<Data>(&QUESTION, variables).await {
            Ok(data) => found = data.recherche,
            // A question that cannot be read is said to its author, on the page.
            Err(SiteError::Source(SourceError::Refused { message, .. })) => {
                problem = Some(message);
            }
            Err(other) => return Err(other),
        }
    }
    let title = ctx.lang.t("menu.recherche");
    let heading = if words.is_empty() { title.to_owned() } else { format!("{words} · {title}") };
    let mut p = Frame::new(&ctx, heading).crumb(title, "/vues/recherche");
    p.search.clone_from(&words);
    p.noindex = !words.is_empty();
    let kinds = KINDS
        .iter()
        .map(|kind| (*kind, text::kinds(ctx.lang, kind), types.contains(kind)))
        .collect();
    let pager = super::liste::pager(&ctx, number, found.total.div_ceil(PER_PAGE));
    let view = View { p, words, kinds, found, problem, pager };
    // The index follows the maquis a moment later: what it finds is not kept.
    Ok(Page::html(&view)?.passing())
}

#[derive(Template)]
#[template(path = "recherche/offline.html")]
struct Offline {
    p: Frame,
}

fn offline(ctx: &Ctx) -> Answer {
    let title = ctx.lang.t("menu.recherche");
    let p = Frame::new(ctx, title).crumb(title, "/vues/recherche").script("js/offline.js");
    Page::html(&Offline { p })
}

/// `GET /vues/suggestions?q=…`: a few titles as JSON, for the search field.
pub(crate) async fn suggestions(ctx: Ctx) -> Answer {
    let words = ctx.param("q").unwrap_or_default().trim();
    if words.is_empty() || words.chars().count() > LONGEST {
        return Ok(Page::new("application/json", "[]"));
    }
    // The word being typed is not finished: ask for what starts with it too.
    let open = words.chars().last().is_some_and(char::is_alphanumeric);
    let question = if open && words.chars().all(|c| c.is_alphanumeric() || " '’-".contains(c)) {
        format!("{words} {}*", words.rsplit([' ', '\'', '’', '-']).next().unwrap_or(words))
    } else {
        words.to_owned()
    };
    let variables = json!({ "mot": question, "types": null, "limite": 8, "decalage": 0 });
    let found = match ctx.ask::<Data>(&QUESTION, variables).await {
        Ok(data) => data.recherche.resultats,
        Err(SiteError::Source(SourceError::Refused { .. })) => Vec::new(),
        Err(other) => return Err(other),
    };
    let list: Vec<_> = found
        .iter()
        .map(|hit| {
            json!({
                "t": text::plain(&text::entry(&hit.noeud.intitule)),
                "k": text::kind(ctx.lang, &hit.noeud.genre),
                "h": ctx.href(&hit.noeud.adresse),
            })
        })
        .collect();
    Ok(Page::new("application/json", serde_json::Value::from(list).to_string()).passing())
}
