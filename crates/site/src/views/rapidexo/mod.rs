//! Quick exercises: sheets drawn at random, on screen. The sheet server says what they hold; where
//! there is none, the themes of the maquis are listed.

mod catalogue;
mod form;
mod sheet;

use super::prelude::*;
use crate::{SiteState, router::view};
use axum::{Router, routing::MethodRouter};
use mqd_rapidexo::{AskError, SheetSource, SheetView};

super::question!("rapidexo");

/// Parameters that belong to a page and not to the sheet on it.
const OWN: [&str; 8] = ["op", "i", "duree", "reponses", "page", "theme", "liste", "ajout"];

/// The addresses of this part, the same in every language.
pub(crate) fn routes() -> Router<SiteState> {
    let mut router = Router::new();
    for (path, route) in [
        ("/vues/rapidexo", view(form::page)),
        ("/vues/rapidexo/nouvelle", answered(form::start)),
        ("/vues/rapidexo/feuille", answered(sheet::sheet)),
        ("/vues/rapidexo/une", answered(sheet::one)),
        ("/vues/rapidexo/projecteur", answered(sheet::projector)),
        ("/vues/rapidexo/corriges", answered(sheet::answers)),
        ("/vues/rapidexo/overleaf", answered(sheet::overleaf)),
        ("/vues/rapidexo/theme", answered(catalogue::page)),
    ] {
        router = router.route(&format!("{path}/"), route.clone()).route(path, route);
    }
    router
}

/// A page of the sheet server; while that does not answer, what can be read instead, with a notice.
/// Where it cannot give what is asked, the form says why.
fn answered<F, A>(handler: F) -> MethodRouter<SiteState>
where
    F: Fn(Ctx) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answer> + Send,
{
    view(move |ctx: Ctx| {
        let made = handler(ctx.clone());
        async move {
            match made.await {
                Err(SiteError::Sheets(reason)) => {
                    tracing::warn!(path = ctx.path, "the sheet server does not answer: {reason}");
                    form::asleep(&ctx).await
                }
                Err(SiteError::Sheet { missing, message }) => {
                    let status = SiteError::Sheet { missing, message: String::new() }.status();
                    Ok(form::refused(&ctx, message).await?.status(status))
                }
                other => other,
            }
        }
    })
}

impl From<AskError> for SiteError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Asked { status, message } => Self::Sheet { missing: status == 404, message },
            AskError::Unreachable(reason) => Self::Sheets(reason),
        }
    }
}

/// The sheet server; a site without one has no such pages.
fn server(ctx: &Ctx) -> Result<&SheetSource, SiteError> {
    ctx.state.sheets().ok_or(SiteError::NotFound)
}

/// The parameters of the sheet.
fn pairs(ctx: &Ctx) -> Vec<(String, String)> {
    ctx.query.iter().filter(|(name, _)| !OWN.contains(&name.as_str())).cloned().collect()
}

/// The address of a page of a sheet.
fn address(ctx: &Ctx, page: &str, address: &str) -> String {
    format!("{}?{address}", ctx.href(&format!("/vues/rapidexo/{page}")))
}

/// The sheet of this page, or the whole address to go to where the one asked for leaves something
/// open.
async fn found(ctx: &Ctx, page: &str) -> Result<Result<SheetView, Page>, SiteError> {
    let server = server(ctx)?;
    let pairs = pairs(ctx);
    if ctx.param("c").is_none() || ctx.param("g").is_none() {
        let whole = server.start(&pairs).await?;
        return Ok(Err(Page::see(&address(ctx, page, &whole))));
    }
    let mut sheet = server.sheet(&pairs).await?;
    // Readers see the names that people give to themes; the name in addresses has no accents.
    for item in &mut sheet.items {
        if let Some(theme) = sheet.depot.themes.iter().find(|theme| theme.name == item.theme) {
            item.theme.clone_from(&theme.title);
        }
    }
    let asked = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    // A form sends what is usual too: the address to keep is the short one.
    if asked != sheet.address && ctx.query.len() == pairs.len() {
        return Ok(Err(Page::see(&address(ctx, page, &sheet.address))));
    }
    Ok(Ok(sheet))
}
