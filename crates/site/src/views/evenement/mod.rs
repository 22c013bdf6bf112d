//! An event of the year: for a week its programme and its questions, with the weeks beside it.

use super::prelude::*;
use crate::picture;

super::question!("evenement");

#[derive(Deserialize)]
struct Data {
    noeud: Option<Found>,
    voisinage: Option<Neighbourhood>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    adresse: String,
    #[serde(default)]
    nom: Option<String>,
    #[serde(default)]
    type_evt: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    documents: Vec<Used>,
    #[serde(default)]
    sousevenements: Vec<Other>,
    #[serde(default)]
    surevenements: Vec<Other>,
}

/// A document that the event uses.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Used {
    titre: Option<String>,
    adresse: String,
    type_doc: Option<String>,
    parties: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    html: String,
    texte: String,
    url_pdf: Option<String>,
}

#[derive(Deserialize)]
struct Other {
    nom: Option<String>,
    adresse: String,
    #[serde(default)]
    description: Option<String>,
}

impl Used {
    fn is_programme(&self) -> bool {
        self.type_doc.as_deref() == Some("programme") && !self.parties.is_empty()
    }
}

impl Found {
    /// The text of a programme, without the title that the page has.
    fn text<'p>(&self, part: &'p Part) -> std::borrow::Cow<'p, str> {
        let description = self.description.as_deref().unwrap_or_default();
        text::without_title(&part.html, self.nom.as_deref().unwrap_or_default(), description)
    }

    fn has_programme(&self) -> bool {
        self.documents.iter().any(Used::is_programme)
    }
}

#[derive(Template)]
#[template(path = "evenement/evenement.html")]
struct View {
    p: Frame,
    e: Found,
    groups: Vec<Group>,
    picture: String,
    legend: String,
}

/// `GET /evenement/{uuid}`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let uuid = ctx.uuid()?;
    let data: Data = ctx.ask(&QUESTION, json!({ "uuid": uuid })).await?;
    let mut e = data.noeud.ok_or(SiteError::NotFound)?;
    if !e.adresse.starts_with("/evenement/") {
        return Ok(Page::moved(&ctx.href(&e.adresse)));
    }
    // Questions stand as the programme asks them; what it does not have comes after, by name.
    let programme: String = e
        .documents
        .iter()
        .flat_map(|d| &d.parties)
        .map(|part| text::letters(&part.texte))
        .collect();
    e.sousevenements.sort_by_cached_key(|o| {
        let name = o.nom.as_deref().unwrap_or_default();
        let at = programme.find(&text::letters(&text::plain(name)));
        (at.unwrap_or(usize::MAX), nodes::natural(name))
    });
    let around = data.voisinage.unwrap_or_default();
    let groups = around.groups(ctx.lang, &uuid);
    let name = e.nom.clone().unwrap_or_default();
    let mut p = Frame::new(&ctx, name)
        .describe(e.description.as_deref().unwrap_or_default())
        .crumb(ctx.lang.t("menu.semaines"), "/vues/semaines");
    if let Some(above) = e.surevenements.first() {
        p = p.crumb(above.nom.clone().unwrap_or_default(), &above.adresse);
    }
    if e.type_evt.as_deref() == Some("semaine de colle") {
        p.series = series(&ctx, &uuid).await?;
    }
    let pictured = around
        .node(&uuid)
        .filter(|_| !groups.is_empty())
        .map(|centre| picture::draw(ctx.lang, centre, &around, "#relations"));
    let view = View {
        picture: pictured.unwrap_or_default(),
        legend: picture::legend(ctx.lang, &around),
        groups,
        e,
        p,
    };
    Page::html(&view)
}

async fn series(ctx: &Ctx, uuid: &str) -> Result<Series, SiteError> {
    let weeks = super::semaines::all(ctx).await?;
    let at = weeks.iter().position(|w| w.uuid.as_deref() == Some(uuid));
    let link = |at: usize| {
        weeks.get(at).map(|w| Link {
            text: text::plain(w.title()),
            href: ctx.href(&w.adresse),
            current: false,
        })
    };
    let up = Link {
        text: ctx.lang.t("menu.semaines").to_owned(),
        href: ctx.href("/vues/semaines"),
        current: false,
    };
    Ok(Series {
        previous: at.and_then(|at| at.checked_sub(1)).and_then(link),
        next: at.and_then(|at| link(at + 1)),
        up: Some(up),
    })
}
