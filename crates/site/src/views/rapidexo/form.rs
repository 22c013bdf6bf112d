//! The form that asks for a sheet.

use super::*;
use mqd_rapidexo::DepotView;

#[derive(Deserialize)]
struct Data {
    documents: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    titre: Option<String>,
    adresse: String,
    description: Option<String>,
    contenus_connection: Count,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    total_count: usize,
}

/// The themes of the maquis, where no sheets can be drawn.
#[derive(Template)]
#[template(path = "rapidexo/rapidexo.html")]
struct Themes {
    p: Frame,
    themes: Vec<Listed>,
    exercises: usize,
}

#[derive(Template)]
#[template(path = "rapidexo/form.html")]
struct Form {
    p: Frame,
    depots: Vec<DepotView>,
    /// The one whose themes are offered.
    chosen: usize,
    rows: Vec<Row>,
    exercises: usize,
    asked: Vec<(String, String)>,
    problem: Option<String>,
}

/// A theme as the form offers it, with what was asked last.
struct Row {
    name: String,
    title: String,
    /// The name beside the title, where that does not say it.
    also: Option<String>,
    count: usize,
    wanted: String,
    list: String,
    href: String,
}

impl Form {
    fn asked(&self, name: &str) -> &str {
        self.asked.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

/// `GET /vues/rapidexo`
pub(super) async fn page(ctx: Ctx) -> Answer {
    if ctx.state.sheets().is_none() {
        return themes(&ctx, None).await;
    }
    match form(&ctx, None).await {
        Err(SiteError::Sheets(_)) => asleep(&ctx).await,
        other => other,
    }
}

/// What there is to read while the sheet server does not answer: the site goes on, with a notice.
pub(super) async fn asleep(ctx: &Ctx) -> Answer {
    let notice = ctx.lang.t("error.sheets-asleep").to_owned();
    Ok(themes(ctx, Some(notice)).await?.passing())
}

/// The form again, with why what was asked cannot be.
pub(super) async fn refused(ctx: &Ctx, problem: String) -> Answer {
    match form(ctx, Some(sentence(&problem))).await {
        Err(SiteError::Sheets(_)) => asleep(ctx).await,
        other => other,
    }
}

/// A message as a sentence of its own.
pub(super) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
    let end = if message.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}

/// Whether a title says a name, accents and capitals aside.
fn says(title: &str, name: &str) -> bool {
    text::letters(title).contains(&text::letters(name))
}

async fn themes(ctx: &Ctx, notice: Option<String>) -> Answer {
    let data: Data = ctx.ask(&QUESTION, json!({})).await?;
    let exercises = data.documents.iter().map(|t| t.contenus_connection.total_count).sum();
    let mut p = frame(ctx);
    if notice.is_some() {
        p.notice = notice;
    }
    Page::html(&Themes { p, themes: data.documents, exercises })
}

fn frame(ctx: &Ctx) -> Frame {
    let title = ctx.lang.t("menu.rapidexo");
    Frame::new(ctx, title).describe(ctx.lang.t("rapidexo.lead")).crumb(title, "/vues/rapidexo")
}

async fn form(ctx: &Ctx, problem: Option<String>) -> Answer {
    let depots = server(ctx)?.depots().await?;
    let chosen =
        depots.iter().position(|depot| Some(depot.name.as_str()) == ctx.param("d")).unwrap_or(0);
    let themes = depots.get(chosen).map(|depot| depot.themes.clone()).unwrap_or_default();
    let exercises = themes.iter().map(|theme| theme.count).sum();
    let rows = themes
        .into_iter()
        .map(|theme| {
            let asked = |prefix| ctx.param(&format!("{prefix}.{}", theme.name)).unwrap_or_default();
            let mut query = vec![("theme", theme.name.as_str())];
            query.extend(ctx.param("d").map(|depot| ("d", depot)));
            Row {
                wanted: asked("k").to_owned(),
                list: asked("l").to_owned(),
                href: ctx.address("/vues/rapidexo/theme", query),
                also: (!says(&theme.title, &theme.name)).then(|| theme.name.clone()),
                title: theme.title,
                name: theme.name,
                count: theme.count,
            }
        })
        .collect();
    let mut p = frame(ctx);
    p.noindex = !ctx.query.is_empty();
    let view = Form { p, depots, chosen, rows, exercises, asked: ctx.query.clone(), problem };
    // What there is to draw changes without the maquis.
    Ok(Page::html(&view)?.passing())
}

/// `GET /vues/rapidexo/nouvelle?…`: draws, and leads to the sheet; a wish that cannot be granted
/// comes back with the form.
pub(super) async fn start(ctx: Ctx) -> Answer {
    let whole = server(&ctx)?.start(&ctx.query).await?;
    Ok(Page::see(&address(&ctx, "feuille", &whole)))
}
