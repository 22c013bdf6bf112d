//! Every exercise of a theme, with the numbers that lists use.

use super::*;
use mqd_rapidexo::CatalogueView;

#[derive(Template)]
#[template(path = "rapidexo/catalogue.html")]
struct Catalogue {
    p: Frame,
    found: CatalogueView,
    pager: Vec<Option<Link>>,
}

/// `GET /vues/rapidexo/theme?theme=…&page=…`
pub(super) async fn page(ctx: Ctx) -> Answer {
    let theme = ctx.param("theme").unwrap_or_default();
    let number = ctx.number("page", 1)?;
    let found = server(&ctx)?.catalogue(ctx.param("d"), theme, number).await?;
    let pager = crate::views::liste::pager(&ctx, number, found.pages);
    let rapidexo = ctx.lang.t("menu.rapidexo");
    let title = ctx.lang.f("rapidexo.catalogue", &found.theme.title);
    let p = Frame::new(&ctx, title).crumb(rapidexo, "/vues/rapidexo");
    Ok(Page::html(&Catalogue { p, found, pager })?.passing())
}
