//! A sheet to leaf through: one exercise at a time, large enough for a projector, its answer on
//! demand. Arrow keys turn the pages where scripts run; links do everywhere.

use super::prelude::*;

super::question!("feuilleter");

#[derive(Deserialize)]
struct Data {
    noeud: Option<Sheet>,
}

/// A sheet and its exercises.
#[derive(Deserialize)]
struct Sheet {
    titre: Option<String>,
    adresse: Option<String>,
    #[serde(default)]
    contenus: Vec<Exercise>,
}

/// An exercise with its parts.
#[derive(Deserialize)]
pub(crate) struct Exercise {
    pub(crate) titre: Option<String>,
    pub(crate) adresse: String,
    pub(crate) parties: Vec<Part>,
}

/// A part as a sheet shows it.
#[derive(Deserialize)]
pub(crate) struct Part {
    pub(crate) role: String,
    pub(crate) html: String,
}

impl Part {
    /// Its HTML with anchors that no other exercise of the page has.
    pub(crate) fn scoped(&self, number: &usize) -> String {
        let role = self.role.chars().next().unwrap_or('X').to_ascii_lowercase();
        text::scoped(&self.html, &format!("{role}{number}-"))
    }
}

impl Exercise {
    pub(crate) fn title(&self) -> &str {
        self.titre.as_deref().unwrap_or_default()
    }

    /// What is shown at once.
    pub(crate) fn statement(&self) -> impl Iterator<Item = &Part> {
        self.parties.iter().filter(|p| matches!(p.role.as_str(), "ENONCE" | "ENTIER"))
    }

    /// What is shown on demand.
    pub(crate) fn rest(&self) -> impl Iterator<Item = &Part> {
        self.parties.iter().filter(|p| !matches!(p.role.as_str(), "ENONCE" | "ENTIER"))
    }
}

#[derive(Template)]
#[template(path = "feuilleter/feuilleter.html")]
struct View {
    p: Frame,
    exercise: Exercise,
    number: usize,
    total: usize,
    sheet: String,
}

/// The exercises of a sheet, in order.
pub(crate) async fn exercises(ctx: &Ctx, uuid: &str) -> Result<Vec<Exercise>, SiteError> {
    let data: Data = ctx.ask(&QUESTION, json!({ "uuid": uuid })).await?;
    Ok(data.noeud.map(|sheet| sheet.contenus).unwrap_or_default())
}

/// `GET /document/{uuid}/feuilleter?n=…`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let uuid = ctx.uuid()?;
    let number = ctx.number("n", 1)?;
    let data: Data = ctx.ask(&QUESTION, json!({ "uuid": uuid })).await?;
    let mut sheet = data.noeud.ok_or(SiteError::NotFound)?;
    let address = sheet.adresse.ok_or(SiteError::NotFound)?;
    let total = sheet.contenus.len();
    if number > total {
        return Err(SiteError::NotFound);
    }
    let exercise = sheet.contenus.swap_remove(number - 1);
    let name = sheet.titre.unwrap_or_default();
    let mut p = Frame::new(&ctx, format!("{name} · {number}"))
        .crumb(ctx.lang.t("menu.feuilles"), "/vues/feuillesexercices")
        .crumb(name.clone(), &address);
    let turn = |n: usize| Link {
        text: ctx.lang.f("sheet.exercise", n),
        href: ctx.with(&[("n", (n > 1).then_some(n.to_string().as_str()))]),
        current: false,
    };
    p.series = Series {
        previous: (number > 1).then(|| turn(number - 1)),
        next: (number < total).then(|| turn(number + 1)),
        up: Some(Link { text: text::plain(&name), href: ctx.href(&address), current: false }),
    };
    Page::html(&View { p, exercise, number, total, sheet: name })
}
