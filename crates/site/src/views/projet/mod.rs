//! The project's own pages and journals. They are Markdown files and ask the API nothing.

use super::prelude::*;
use crate::{
    i18n::Lang,
    markdown::{Article, Journal},
};

#[derive(Template)]
#[template(path = "projet/page.html")]
struct PageView<'v> {
    p: Frame,
    a: &'v Article,
}

#[derive(Template)]
#[template(path = "projet/contents.html")]
struct ContentsView<'v> {
    p: Frame,
    pages: Vec<&'v Article>,
    journals: &'v [Journal],
}

#[derive(Template)]
#[template(path = "projet/journal.html")]
struct JournalView<'v> {
    p: Frame,
    journal: &'v Journal,
}

fn frame(ctx: &Ctx, title: &str) -> Frame {
    Frame::new(ctx, title).crumb(ctx.lang.t("menu.le-projet"), "/projet")
}

/// The page in the reader's language, where its author wrote it in that.
fn localised<'l>(ctx: &'l Ctx, page: &'l Article) -> &'l Article {
    if ctx.lang == Lang::En { ctx.state.library().in_english(page) } else { page }
}

/// `GET /projet`
pub(crate) async fn contents(ctx: Ctx) -> Answer {
    let library = ctx.state.library();
    let p = Frame::new(&ctx, ctx.lang.t("menu.le-projet")).describe(ctx.lang.t("project.lead"));
    let pages = library
        .pages
        .iter()
        .filter(|page| page.slug != "projet")
        .map(|page| localised(&ctx, page))
        .collect();
    Page::html(&ContentsView { p, pages, journals: &library.journals })
}

/// `GET /projet/{slug}`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let library = ctx.state.library();
    let article = library.page(ctx.arg("slug")).ok_or(SiteError::NotFound)?;
    let article = localised(&ctx, article);
    let mut p = frame(&ctx, &article.title).describe(&article.description);
    p = p.crumb(article.title.clone(), &ctx.path);
    let at = library.pages.iter().position(|page| page.slug == article.slug);
    let link = |at: usize| {
        library.pages.get(at).map(|page| Link {
            text: localised(&ctx, page).title.clone(),
            href: ctx.href(&format!("/projet/{}", page.slug)),
            current: false,
        })
    };
    p.series.previous = at.and_then(|at| at.checked_sub(1)).and_then(link);
    p.series.next = at.and_then(|at| link(at + 1));
    Page::html(&PageView { p, a: article })
}

/// `GET /projet/journal`
pub(crate) async fn journals(ctx: Ctx) -> Answer {
    let journals = &ctx.state.library().journals;
    let title = ctx.lang.t("menu.journaux");
    let p = frame(&ctx, title).crumb(title, "/projet/journal");
    Page::html(&ContentsView { p, pages: Vec::new(), journals })
}

/// `GET /projet/journal/{journal}`
pub(crate) async fn journal(ctx: Ctx) -> Answer {
    let journal = ctx.state.library().journal(ctx.arg("journal")).ok_or(SiteError::NotFound)?;
    let p = frame(&ctx, &journal.title)
        .describe(&journal.description)
        .crumb(ctx.lang.t("menu.journaux"), "/projet/journal")
        .crumb(journal.title.clone(), &ctx.path);
    Page::html(&JournalView { p, journal })
}

/// `GET /projet/journal/{journal}/{slug}`
pub(crate) async fn entry(ctx: Ctx) -> Answer {
    let journal = ctx.state.library().journal(ctx.arg("journal")).ok_or(SiteError::NotFound)?;
    let entries = &journal.entries;
    let at = entries
        .iter()
        .position(|entry| entry.slug == ctx.arg("slug"))
        .ok_or(SiteError::NotFound)?;
    let home = format!("/projet/journal/{}", journal.slug);
    let link = |entry: &Article| Link {
        text: entry.title.clone(),
        href: ctx.href(&format!("{home}/{}", entry.slug)),
        current: false,
    };
    let article = &entries[at];
    let mut p = frame(&ctx, &article.title)
        .describe(&article.description)
        .crumb(ctx.lang.t("menu.journaux"), "/projet/journal")
        .crumb(journal.title.clone(), &home)
        .crumb(article.title.clone(), &ctx.path);
    p.article = true;
    // Entries stand newest first; a reader goes on in time.
    p.series.previous = entries.get(at + 1).map(link);
    p.series.next = at.checked_sub(1).and_then(|at| entries.get(at)).map(link);
    Page::html(&PageView { p, a: article })
}
