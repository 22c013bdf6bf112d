//! The documents of one kind or of all: filters, order, pages, counts, all in the address.

mod filter;

use super::prelude::*;
use filter::{Facet, Filter, ORDERS};
use std::sync::Arc;

super::question!("liste");

/// Documents in French order of their titles.
#[derive(Deserialize)]
pub(crate) struct Data {
    pub(crate) documents: Vec<Item>,
}

/// One line of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    pub(crate) uuid: Option<String>,
    pub(crate) titre: Option<String>,
    type_doc: Option<String>,
    niveau: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) adresse: String,
    pub(crate) a_corrige: bool,
    #[serde(rename = "conceptsEVAL")]
    pub(crate) evaluated: Vec<Theme>,
    #[serde(rename = "concepts")]
    pub(crate) documented: Vec<Theme>,
}

/// A concept that a document is about.
#[derive(Deserialize, Clone)]
pub(crate) struct Theme {
    pub(crate) uuid: Option<String>,
    pub(crate) litteral: Option<String>,
    #[serde(rename = "typeConcept")]
    kind: Option<String>,
    pub(crate) adresse: String,
}

/// The kind of concept that sheets of exercises are made of.
const THEME: &str = "thème feuille exercices";

impl Theme {
    fn is_theme(&self) -> bool {
        self.kind.as_deref() == Some(THEME)
    }

    fn name(&self) -> String {
        text::plain(&text::entry(self.litteral.as_deref().unwrap_or_default()))
    }
}

impl Item {
    pub(crate) fn title(&self) -> &str {
        self.titre.as_deref().unwrap_or_default()
    }

    fn kind(&self) -> &str {
        self.type_doc.as_deref().unwrap_or_default()
    }

    /// Its description, unless a concept named beside it says the same.
    fn lead(&self) -> Option<&str> {
        let text = self.description.as_deref()?;
        (!self.about().any(|t| text::letters(&t.name()) == text::letters(text))).then_some(text)
    }

    fn about(&self) -> impl Iterator<Item = &Theme> {
        self.evaluated.iter().chain(&self.documented)
    }

    /// The themes of exercises that it belongs to.
    fn themes(&self) -> impl Iterator<Item = &Theme> {
        self.about().filter(|concept| concept.is_theme())
    }

    /// The other concepts that it is about.
    fn concepts(&self) -> impl Iterator<Item = &Theme> {
        self.about().filter(|concept| !concept.is_theme())
    }
}

/// One of the lists.
pub(crate) struct Kind {
    pub(crate) path: &'static str,
    pub(crate) genre: &'static str,
    title: &'static str,
    lead: &'static str,
}

impl Kind {
    /// The key of its name.
    pub(crate) fn name(&self) -> &'static str {
        self.title
    }
}

/// The lists of the site.
pub(crate) static KINDS: [Kind; 3] = [
    Kind {
        path: "/vues/problemes",
        genre: "problème",
        title: "menu.problemes",
        lead: "list.problemes",
    },
    Kind {
        path: "/vues/exercices",
        genre: "exercice",
        title: "menu.exercices",
        lead: "list.exercices",
    },
    Kind { path: "/vues/listecours", genre: "cours", title: "menu.cours", lead: "list.cours" },
];

/// Entries on one page.
pub(crate) const PER_PAGE: usize = 40;

#[derive(Template)]
#[template(path = "liste/liste.html")]
struct View<'v> {
    p: Frame,
    lead: &'static str,
    filter: Filter<'v>,
    /// Whether entries are of several kinds.
    mixed: bool,
    facets: Vec<Facet>,
    /// The orders: value, key of the name, chosen.
    orders: Vec<(&'static str, String, bool)>,
    items: Vec<&'v Item>,
    total: usize,
    /// Without any filter.
    whole: usize,
    chips: Vec<Link>,
    pager: Vec<Option<Link>>,
}

/// `GET /vues/problemes` and its like.
pub(crate) async fn page(ctx: Ctx, kind: &'static Kind) -> Answer {
    let title = ctx.lang.t(kind.title).to_owned();
    list(ctx, Some(kind.genre), title, kind.lead).await
}

/// `GET /vues/documents`: those of every kind, or of one (`?genre=…`).
pub(crate) async fn any(ctx: Ctx) -> Answer {
    let kinds = mqd_model::Label::Document.spec().kinds;
    if ctx.param("genre").is_some_and(|asked| !kinds.contains(&asked)) {
        return Err(SiteError::BadParameter { parameter: "genre", reason: kinds.join(", ") });
    }
    let title = ctx.lang.t("menu.documents").to_owned();
    list(ctx, None, title, "list.documents").await
}

async fn list(ctx: Ctx, genre: Option<&str>, title: String, lead: &'static str) -> Answer {
    let mixed = genre.is_none();
    let filter = Filter::read(&ctx, mixed)?;
    let number = ctx.number("page", 1)?;
    let data = match genre {
        Some(genre) => all(&ctx, genre).await?,
        None => of(&ctx, mqd_model::Label::Document.spec().kinds).await?,
    };
    let mut items: Vec<&Item> = data.documents.iter().filter(|item| filter.keeps(item)).collect();
    filter.sort(&mut items);
    let total = items.len();
    let last = total.div_ceil(PER_PAGE).max(1);
    if number > last {
        return Err(SiteError::NotFound);
    }
    let items = items.into_iter().skip((number - 1) * PER_PAGE).take(PER_PAGE).collect();
    let own = ctx.path.clone();
    let mut p = Frame::new(&ctx, &title).describe(ctx.lang.t(lead)).crumb(title, &own);
    p.series.previous = link_to(&ctx, number.checked_sub(1).filter(|n| *n > 0));
    p.series.next = link_to(&ctx, Some(number + 1).filter(|n| *n <= last));
    let facets = filter.facets(&ctx, &data.documents, mixed);
    let offered = |name: &str| match name {
        "titre" | "date" | "corrige" => true,
        name => facets.iter().any(|facet| facet.name == name),
    };
    let orders = ORDERS
        .into_iter()
        .filter(|(name, _)| offered(name))
        .map(|(name, order)| {
            (name, ctx.lang.t(&format!("list.by.{name}")).to_owned(), order == filter.order)
        })
        .collect();
    let view = View {
        lead,
        mixed,
        orders,
        facets,
        chips: filter.chips(&ctx, &data.documents),
        filter,
        items,
        total,
        whole: data.documents.len(),
        pager: pager(&ctx, number, last),
        p,
    };
    Page::html(&view)
}

/// Every document of a kind; many pages share the answer.
pub(crate) async fn all(ctx: &Ctx, genre: &str) -> Result<Arc<Data>, SiteError> {
    of(ctx, &[genre]).await
}

async fn of(ctx: &Ctx, genres: &[&str]) -> Result<Arc<Data>, SiteError> {
    ctx.ask_shared::<Data>(&QUESTION, json!({ "genres": genres })).await
}

fn link_to(ctx: &Ctx, number: Option<usize>) -> Option<Link> {
    let number = number?;
    let text = ctx.lang.f("pager.page", number);
    Some(Link { text, href: page_href(ctx, number), current: false })
}

fn page_href(ctx: &Ctx, number: usize) -> String {
    let text = number.to_string();
    ctx.with(&[("page", (number > 1).then_some(text.as_str()))])
}

/// Links to the first, the last and the nearest pages; `None` stands for a gap.
pub(crate) fn pager(ctx: &Ctx, current: usize, last: usize) -> Vec<Option<Link>> {
    if last < 2 {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut before = 0;
    for n in (1..=last).filter(|n| *n == 1 || *n == last || n.abs_diff(current) <= 2) {
        if n > before + 1 {
            out.push(None);
        }
        before = n;
        out.push(Some(Link {
            text: n.to_string(),
            href: page_href(ctx, n),
            current: n == current,
        }));
    }
    out
}
