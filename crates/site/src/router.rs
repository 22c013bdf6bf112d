//! The addresses of the site.

use crate::{
    SiteError, SiteState, assets, cache, ctx::Ctx, feeds, limits, page::Page, security, views,
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::future::Future;
use tower_http::catch_panic::CatchPanicLayer;

/// A page with its error page around it.
pub(crate) fn view<F, A>(handler: F) -> MethodRouter<SiteState>
where
    F: Fn(Ctx) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<Page, SiteError>> + Send,
{
    get(move |ctx: Ctx| async move { answer(ctx.clone(), handler(ctx)).await })
}

async fn answer(ctx: Ctx, made: impl Future<Output = Result<Page, SiteError>>) -> Response {
    match made.await {
        Ok(page) => page.into_response(),
        Err(error) => views::erreur::answer(&ctx, &error),
    }
}

/// The pages of one language. Each answers with and without a slash at its end.
fn pages() -> Router<SiteState> {
    let mut routes: Vec<(&str, MethodRouter<SiteState>)> = vec![
        ("/vues/feuillesexercices", view(views::feuilles::page)),
        ("/vues/listeconcepts", view(views::concepts::page)),
        ("/vues/glossaire", view(views::glossaire::page)),
        ("/vues/semaines", view(views::semaines::page)),
        ("/vues/documents", view(views::liste::any)),
        ("/vues/nouveautes", view(views::recents::page)),
        ("/vues/recherche", view(views::recherche::page)),
        ("/vues/recherche1", view(views::recherche::problems)),
        ("/vues/recherche-cours", view(views::recherche::courses)),
        ("/vues/recherche-concepts", view(views::recherche::concepts)),
        ("/vues/suggestions", view(views::recherche::suggestions)),
        ("/vues/maquis", view(views::maquis::page)),
        ("/vues/maquis.json", view(views::maquis::data)),
        ("/vues/index.json", view(views::maquis::index)),
        ("/vues/chemin", view(views::chemin::page)),
        ("/document/{uuid}", view(views::document::page)),
        ("/document/{uuid}/source", view(views::source::page)),
        ("/document/{uuid}/bibtex", view(views::document::bibtex)),
        ("/document/{uuid}/feuilleter", view(views::feuilleter::page)),
        ("/document/{uuid}/voisinage", view(views::voisinage::page)),
        ("/concept/{uuid}", view(views::concept::page)),
        ("/concept/{uuid}/voisinage", view(views::voisinage::page)),
        ("/concept/{uuid}/parcours", view(views::parcours::page)),
        ("/evenement/{uuid}", view(views::evenement::page)),
        ("/evenement/{uuid}/voisinage", view(views::voisinage::page)),
        ("/site-web/{uuid}", view(views::siteweb::page)),
        ("/site-web/{uuid}/voisinage", view(views::voisinage::page)),
        ("/projet", view(views::projet::contents)),
        ("/projet/etat", view(views::etat::page)),
        ("/projet/journal", view(views::projet::journals)),
        ("/projet/journal/{journal}", view(views::projet::journal)),
        ("/projet/journal/{journal}/{slug}", view(views::projet::entry)),
        ("/projet/{slug}", view(views::projet::page)),
    ];
    for kind in &views::liste::KINDS {
        routes.push((kind.path, view(move |ctx| views::liste::page(ctx, kind))));
    }
    let mut router = Router::new().merge(views::rapidexo::routes());
    for (path, route) in routes {
        router = router.route(&format!("{path}/"), route.clone()).route(path, route);
    }
    router
}

/// Every address of the site but `/graphql` and the sheet server's, which the program that serves
/// them merges in. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that
/// limits count by address.
pub fn router(state: SiteState) -> Router {
    let kept = Router::new()
        .route("/", view(views::home::page))
        .route("/en", view(views::home::page))
        .route("/en/", view(views::home::page))
        .merge(pages())
        .nest("/en", pages())
        .route("/atom.xml", view(feeds::recents))
        .route("/projet/journal/{journal}/atom.xml", view(feeds::journal))
        .route("/sitemap.xml", view(feeds::sitemap))
        .route("/robots.txt", view(feeds::robots))
        .route("/opensearch.xml", view(feeds::opensearch))
        .fallback(get(
            |ctx: Ctx| async move { answer(ctx.clone(), views::redirect::page(ctx)).await },
        ))
        .layer(from_fn_with_state(state.clone(), cache::cached));
    let files = Router::new()
        .route("/assets/{*path}", get(assets::serve))
        .route("/favicon.ico", get(favicon))
        .route("/figures/{depot}/{*path}", get(|s, p, h| file("figures", s, p, h)))
        .route("/pdf/{depot}/{*path}", get(|s, p, h| file("pdf", s, p, h)));
    let trust = state.config().trust_proxy.clone();
    let config = state.config().clone();
    let router = kept.merge(files).with_state(state).layer(DefaultBodyLimit::max(64 * 1024));
    limits::limit(router, &config)
        .layer(from_fn_with_state(trust, security::headers))
        .layer(CatchPanicLayer::new())
}

async fn favicon() -> Response {
    let location = assets::href("icons/emblem.svg");
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response()
}

/// A picture or PDF of a document.
async fn file(
    tree: &'static str,
    State(state): State<SiteState>,
    Path((depot, path)): Path<(String, String)>,
    asked: HeaderMap,
) -> Response {
    let Some(files) = state.files().cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Reading (and making a picture of a PDF) may take a while.
    let found = tokio::task::spawn_blocking(move || files.file(tree, &depot, &path)).await;
    let Ok(Some(file)) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let etag = format!("\"{}\"", &blake3::hash(&file.bytes).to_hex()[..20]);
    let known =
        asked.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag.as_bytes());
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { file.bytes.into_response() };
    let headers = response.headers_mut();
    let media_type = HeaderValue::try_from(file.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(header::ETAG, etag);
    }
    // A picture made from a hostile source stays a picture. A sandboxed PDF is not shown by
    // browsers, whose viewers are pages of their own.
    let policy = match tree {
        "pdf" => "frame-ancestors 'none'; base-uri 'none'",
        _ => "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
