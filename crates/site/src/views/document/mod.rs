//! A document: statement and answer, contents, index, sources, citation, what it is linked to.

mod data;
mod meta;

use super::feuilleter::Exercise;
use super::prelude::*;
use crate::{cite::Citation, picture};
use data::{Content, Data};

super::question!("document");

/// How statement and answer stand on the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The answer folded under the statement.
    Folded,
    /// Side by side.
    Beside,
    /// The statement alone.
    Statement,
}

#[derive(Template)]
#[template(path = "document/document.html")]
struct View {
    p: Frame,
    d: Content,
    mode: Mode,
    modes: Vec<Link>,
    groups: Vec<Group>,
    picture: String,
    legend: String,
    /// The exercises of a sheet.
    exercises: Vec<Exercise>,
    themes: Vec<NodeLink>,
    cite: String,
    bibtex: String,
    permalink: String,
    /// The figures: anchor and caption.
    figures: Vec<(String, String)>,
    /// The index entries: text and anchor.
    index: Vec<(String, String)>,
}

impl View {
    /// The description, unless a theme beside it says the same.
    fn lead(&self) -> Option<&str> {
        let text = self.d.description.as_deref()?;
        let said =
            self.themes.iter().any(|theme| text::letters(&theme.intitule) == text::letters(text));
        (!said).then_some(text)
    }

    /// A sheet or a list of documents says enough by what it holds.
    fn holds_documents(&self) -> bool {
        self.groups.iter().any(|group| group.kind == "CONTIENT" && group.out)
    }
}

/// The key of the name of a part's role.
pub(crate) fn role_key(role: &str) -> &'static str {
    match role {
        "ENONCE" => "role.enonce",
        "INDICATION" => "role.indication",
        "CORRIGE" => "role.corrige",
        _ => "role.entier",
    }
}

/// The key of what a PDF holds, beside others of its document.
fn pdf_key(role: &str) -> &'static str {
    match role {
        "ENONCE" | "INDICATION" | "CORRIGE" => role_key(role),
        _ => "doc.whole",
    }
}

/// `GET /document/{uuid}`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let uuid = ctx.uuid()?;
    let mode = match ctx.param("vue") {
        None => Mode::Folded,
        Some("cote") => Mode::Beside,
        Some("enonce") => Mode::Statement,
        Some(_) => {
            let reason = ctx.lang.f("error.values", "cote, enonce");
            return Err(SiteError::BadParameter { parameter: "vue", reason });
        }
    };
    let data: Data = ctx.ask(&QUESTION, json!({ "uuid": uuid })).await?;
    let found = data.noeud.ok_or(SiteError::NotFound)?;
    if !found.adresse.starts_with("/document/") {
        return Ok(Page::moved(&ctx.href(&found.adresse)));
    }
    let d = found.content;
    let around = data.voisinage.unwrap_or_default();
    let groups = around.groups(ctx.lang, &uuid);
    let exercises = sheet(&ctx, &d, &uuid).await?;
    let permalink = format!("{}{}", ctx.config().base_url, found.adresse);
    let citation = Citation {
        title: d.title(),
        kind: d.kind(),
        author: &ctx.config().author,
        site: &ctx.config().title,
        date: d.date.as_deref(),
        url: &permalink,
        uuid: &uuid,
    };
    let (cite, bibtex) = (citation.text(ctx.lang), citation.bibtex());
    let mut p = meta::frame(&ctx, &d, &groups, &permalink);
    p.series = series(&ctx, &d, &uuid).await?;
    let pictured =
        around.node(&uuid).map(|centre| picture::draw(ctx.lang, centre, &around, "#relations"));
    let themes = groups
        .iter()
        .filter(|g| g.kind == "EVALUE")
        .flat_map(|g| g.nodes.iter().filter(|n| n.genre == "thème feuille exercices").cloned())
        .collect();
    let modes = modes(&ctx, &d, mode);
    let index = d.index();
    let view = View {
        mode,
        modes,
        picture: pictured.filter(|_| !groups.is_empty()).unwrap_or_default(),
        legend: picture::legend(ctx.lang, &around),
        groups,
        exercises,
        themes,
        cite,
        bibtex,
        permalink,
        figures: d.figures(),
        index,
        d,
        p,
    };
    Page::html(&view)
}

/// `GET /document/{uuid}/bibtex`
pub(crate) async fn bibtex(ctx: Ctx) -> Answer {
    let uuid = ctx.uuid()?;
    let data: Data = ctx.ask(&QUESTION, json!({ "uuid": uuid })).await?;
    let found = data.noeud.filter(|n| n.adresse.starts_with("/document/"));
    let found = found.ok_or(SiteError::NotFound)?;
    let url = format!("{}{}", ctx.site_address(), found.adresse);
    let citation = Citation {
        title: found.content.title(),
        kind: found.content.kind(),
        author: &ctx.config().author,
        site: &ctx.config().title,
        date: found.content.date.as_deref(),
        url: &url,
        uuid: &uuid,
    };
    let page = Page::new("application/x-bibtex; charset=utf-8", citation.bibtex());
    Ok(ctx.addressed(page))
}

/// The exercises of a sheet, in order; empty for other documents.
async fn sheet(ctx: &Ctx, d: &Content, uuid: &str) -> Result<Vec<Exercise>, SiteError> {
    if d.kind() != "liste exercices" {
        return Ok(Vec::new());
    }
    super::feuilleter::exercises(ctx, uuid).await
}

fn modes(ctx: &Ctx, d: &Content, mode: Mode) -> Vec<Link> {
    if !d.has_answer() {
        return Vec::new();
    }
    [
        ("mode.folded", None, Mode::Folded),
        ("mode.beside", Some("cote"), Mode::Beside),
        ("mode.statement", Some("enonce"), Mode::Statement),
    ]
    .into_iter()
    .map(|(key, value, of)| Link {
        text: ctx.lang.t(key).to_owned(),
        href: ctx.with(&[("vue", value)]),
        current: of == mode,
    })
    .collect()
}

/// The documents before and after this one in the list of its kind.
async fn series(ctx: &Ctx, d: &Content, uuid: &str) -> Result<Series, SiteError> {
    if d.kind().is_empty() {
        return Ok(Series::default());
    }
    let all = super::liste::all(ctx, d.kind()).await?;
    let link = |at: usize| {
        all.documents.get(at).map(|item| Link {
            text: text::plain(item.title()),
            href: ctx.href(&item.adresse),
            current: false,
        })
    };
    let at = all.documents.iter().position(|item| item.uuid.as_deref() == Some(uuid));
    Ok(Series {
        previous: at.and_then(|at| at.checked_sub(1)).and_then(link),
        next: at.and_then(|at| link(at + 1)),
        up: None,
    })
}
