//! What programs read: feeds, the map of the site, robots, the description of its search.

use crate::SiteError;
use crate::{
    Lang,
    ctx::Ctx,
    page::Page,
    text::{self, escape},
    views::{self, prelude::Answer},
};
use std::fmt::Write as _;

const ATOM: &str = "application/atom+xml; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";

/// One entry of a feed.
struct Entry {
    title: String,
    url: String,
    date: String,
    summary: String,
}

fn atom(ctx: &Ctx, title: &str, own: &str, home: &str, entries: &[Entry]) -> Page {
    let base = escape(&ctx.site_address());
    // A feed is as new as its newest entry; an empty one is as old as feeds are.
    let updated = entries.iter().map(|e| e.date.as_str()).max().unwrap_or("2005-12-01T00:00:00Z");
    let author = match ctx.config().author.as_str() {
        "" => &ctx.config().title,
        _ => &ctx.config().author,
    };
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"fr\">\n<title>{}</title>\n<id>{base}{own}</id>\n<link rel=\"self\" href=\"{base}{own}\"/>\n<link href=\"{base}{home}\"/>\n<updated>{updated}</updated>\n<author><name>{}</name></author>\n",
        escape(title),
        escape(author),
    );
    for e in entries {
        let url = escape(&format!("{base}{}", e.url));
        let _ = writeln!(
            out,
            "<entry><title>{}</title><id>{url}</id><link href=\"{url}\"/><updated>{}</updated><summary>{}</summary></entry>",
            escape(&text::plain(&e.title)),
            e.date,
            escape(&text::plain(&e.summary)),
        );
    }
    out.push_str("</feed>\n");
    ctx.addressed(Page::new(ATOM, out))
}

/// A date of the maquis as Atom writes it: a whole instant.
fn instant(date: &str) -> String {
    let zoneless = date.split('[').next().unwrap_or(date);
    if let Ok(instant) = zoneless.parse::<jiff::Timestamp>() {
        return instant.to_string();
    }
    match zoneless.get(..10).and_then(|d| d.parse::<jiff::civil::Date>().ok()) {
        Some(day) => format!("{day}T00:00:00Z"),
        None => "1970-01-01T00:00:00Z".to_owned(),
    }
}

/// `GET /atom.xml`: the documents changed last.
pub(crate) async fn recents(ctx: Ctx) -> Answer {
    let data = views::recents::newest(&ctx, 30, 0).await?;
    let entries: Vec<Entry> = data
        .documents
        .iter()
        .map(|d| Entry {
            title: d.title().to_owned(),
            url: d.adresse.clone(),
            date: instant(d.date.as_deref().unwrap_or_default()),
            summary: {
                let about = d.description.clone();
                let about = about.unwrap_or_else(|| text::kind(Lang::Fr, d.kind()));
                match d.changement.as_deref() {
                    Some(change) => format!("{about} [{change}]"),
                    None => about,
                }
            },
        })
        .collect();
    let title = format!("{} · {}", ctx.config().title, ctx.lang.t("feed.title"));
    Ok(atom(&ctx, &title, "/atom.xml", "/vues/nouveautes", &entries))
}

/// `GET /projet/journal/{journal}/atom.xml`
pub(crate) async fn journal(ctx: Ctx) -> Answer {
    let journal = ctx.state.library().journal(ctx.arg("journal")).ok_or(SiteError::NotFound)?;
    let home = format!("/projet/journal/{}", journal.slug);
    let entries: Vec<Entry> = journal
        .entries
        .iter()
        .take(30)
        .map(|e| Entry {
            title: e.title.clone(),
            url: format!("{home}/{}", e.slug),
            date: instant(e.date.as_deref().unwrap_or_default()),
            summary: e.description.clone(),
        })
        .collect();
    let title = format!("{} · {}", ctx.config().title, journal.title);
    Ok(atom(&ctx, &title, &format!("{home}/atom.xml"), &home, &entries))
}

/// Every page of the site that stands for something: path and date of its last change. The map of
/// the site and the export go through it.
pub(crate) async fn every_page(ctx: &Ctx) -> Result<Vec<(String, Option<String>)>, SiteError> {
    let mut out: Vec<(String, Option<String>)> = [
        "/",
        "/vues/problemes",
        "/vues/feuillesexercices",
        "/vues/exercices",
        "/vues/listecours",
        "/vues/semaines",
        "/vues/rapidexo",
        "/vues/listeconcepts",
        "/vues/glossaire",
        "/vues/nouveautes",
        "/vues/documents",
        "/vues/maquis",
        "/vues/recherche",
        "/projet",
        "/projet/etat",
    ]
    .into_iter()
    .map(|path| (path.to_owned(), None))
    .collect();
    let library = ctx.state.library();
    out.extend(library.pages.iter().map(|p| (format!("/projet/{}", p.slug), p.date.clone())));
    if !library.journals.is_empty() {
        out.push(("/projet/journal".to_owned(), None));
    }
    for journal in &library.journals {
        let home = format!("/projet/journal/{}", journal.slug);
        out.extend(journal.entries.iter().map(|e| (format!("{home}/{}", e.slug), e.date.clone())));
        out.push((home, None));
    }
    out.extend(views::maquis::addresses(ctx).await?.into_iter().map(|path| (path, None)));
    Ok(out)
}

/// `GET /sitemap.xml`
pub(crate) async fn sitemap(ctx: Ctx) -> Answer {
    let base = escape(&ctx.site_address());
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    // The format allows 50,000 addresses in a file.
    for (path, date) in every_page(&ctx).await?.into_iter().take(50_000) {
        let _ = write!(out, "<url><loc>{}</loc>", escape(&format!("{base}{path}")));
        if let Some(day) = date.as_deref().and_then(|d| d.get(..10)) {
            let _ = write!(out, "<lastmod>{}</lastmod>", escape(day));
        }
        out.push_str("</url>\n");
    }
    out.push_str("</urlset>\n");
    Ok(ctx.addressed(Page::new(XML, out)))
}

/// `GET /robots.txt`
pub(crate) async fn robots(ctx: Ctx) -> Answer {
    let base = escape(&ctx.site_address());
    let text = format!(
        "User-agent: *\nDisallow: /api/\nDisallow: /graphql\nDisallow: /vues/recherche\nDisallow: /vues/suggestions\n\nSitemap: {base}/sitemap.xml\n"
    );
    Ok(ctx.addressed(Page::new("text/plain; charset=utf-8", text)))
}

/// `GET /opensearch.xml`
pub(crate) async fn opensearch(ctx: Ctx) -> Answer {
    let config = ctx.config();
    let name: String = config.title.chars().take(16).collect();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\"><ShortName>{}</ShortName><Description>{}</Description><InputEncoding>UTF-8</InputEncoding><Url type=\"text/html\" template=\"{}/vues/recherche?q={{searchTerms}}\"/></OpenSearchDescription>\n",
        escape(name.trim()),
        escape(&config.title),
        escape(&ctx.site_address())
    );
    let page = Page::new("application/opensearchdescription+xml; charset=utf-8", body);
    Ok(ctx.addressed(page))
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[test]
    fn dates_become_instants() {
        for (date, expected) in [
            ("2026-03-01", "2026-03-01T00:00:00Z"),
            ("2026-03-01T10:00:00+01:00", "2026-03-01T09:00:00Z"),
            ("2026-03-01T10:00:00+01:00[Europe/Paris]", "2026-03-01T09:00:00Z"),
            ("jadis", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(instant(date), expected);
        }
    }
}
