//! The documents of one kind: filters by theme and answer, sort, pages, counts.

mod filter;

use super::prelude::*;
use filter::Filter;
use std::sync::Arc;

super::question!("liste");

/// The documents of a kind, in French order of their titles.
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
    pub(crate) adresse: String,
}

impl Item {
    pub(crate) fn title(&self) -> &str {
        self.titre.as_deref().unwrap_or_default()
    }

    pub(crate) fn themes(&self) -> impl Iterator<Item = &Theme> {
        self.evaluated.iter().chain(&self.documented)
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
    kind: &'static Kind,
    filter: Filter<'v>,
    themes: Vec<(String, String, usize, bool)>,
    items: Vec<&'v Item>,
    total: usize,
    chips: Vec<Link>,
    pager: Vec<Option<Link>>,
}

/// `GET /vues/problemes` and its like.
pub(crate) async fn page(ctx: Ctx, kind: &'static Kind) -> Answer {
    let data = all(&ctx, kind.genre).await?;
    let filter = Filter::read(&ctx)?;
    let mut items: Vec<&Item> = data.documents.iter().filter(|item| filter.keeps(item)).collect();
    filter.sort(&mut items);
    let total = items.len();
    let number = ctx.number("page", 1)?;
    let last = total.div_ceil(PER_PAGE).max(1);
    if number > last {
        return Err(SiteError::NotFound);
    }
    let items = items.into_iter().skip((number - 1) * PER_PAGE).take(PER_PAGE).collect();
    let mut p = ctx.frame(ctx.lang.t(kind.title)).describe(ctx.lang.t(kind.lead));
    p = p.crumb(ctx.lang.t(kind.title), kind.path);
    let pager = pager(&ctx, number, last);
    p.series.previous = link_to(&ctx, number.checked_sub(1).filter(|n| *n > 0));
    p.series.next = link_to(&ctx, Some(number + 1).filter(|n| *n <= last));
    let view = View {
        kind,
        themes: filter.themes(&data.documents),
        chips: filter.chips(&ctx, &data.documents),
        filter,
        items,
        total,
        pager,
        p,
    };
    Page::html(&view)
}

/// Every document of a kind; many pages share the answer.
pub(crate) async fn all(ctx: &Ctx, genre: &str) -> Result<Arc<Data>, SiteError> {
    ctx.ask_shared::<Data>(&QUESTION, json!({ "genre": genre })).await
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
