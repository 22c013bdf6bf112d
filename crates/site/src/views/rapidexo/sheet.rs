//! A sheet on screen: whole, one exercise at a time, on a projector, with its answers.

use super::*;
use mqd_rapidexo::ItemView;

/// A choice of a list.
struct Choice {
    value: &'static str,
    text: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "rapidexo/sheet.html")]
struct Whole {
    p: Frame,
    sheet: SheetView,
    /// Parameters of the sheet, for the forms that change it.
    hidden: Vec<(String, String)>,
    /// Those without the layout, for the form of the layout.
    asked: Vec<(String, String)>,
    links: Links,
    papers: Vec<Choice>,
    letters: Vec<Choice>,
    layout: Vec<(String, String)>,
    files: Vec<(&'static str, String)>,
    with_answers: bool,
    /// Why a change could not be made.
    problem: Option<String>,
    /// Others can reach the site, so a code on paper can lead to it.
    public: bool,
}

/// Where the pages of a sheet are.
struct Links {
    sheet: String,
    one: String,
    projector: String,
    answers: String,
    again: Option<String>,
    action: String,
}

impl Whole {
    fn value(&self, name: &str) -> &str {
        self.layout.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

/// Parameters of the layout.
const LAYOUT: [&str; 10] = mqd_rapidexo::Layout::PARAMETERS;

fn links(ctx: &Ctx, sheet: &SheetView) -> Links {
    let to = |page| address(ctx, page, &sheet.address);
    // A draw can be made anew; exercises that were all chosen by hand cannot.
    let drawn = ctx.param("t").is_some() || ctx.param("n").is_some() || ctx.param("x").is_none();
    let again = drawn.then(|| {
        let pairs: Vec<_> =
            pairs(ctx).into_iter().filter(|(name, _)| name != "g" && name != "c").collect();
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        ctx.address("/vues/rapidexo/nouvelle", pairs)
    });
    Links {
        sheet: to("feuille"),
        one: to("une"),
        projector: to("projecteur"),
        answers: to("corriges"),
        again,
        action: ctx.href("/vues/rapidexo/feuille"),
    }
}

fn frame(ctx: &Ctx, sheet: &SheetView, what: &str) -> Frame {
    let name = if sheet.title.is_empty() { ctx.lang.t("menu.rapidexo") } else { &sheet.title };
    let title = format!("{name} · {}", ctx.lang.t(what));
    let mut p = Frame::new(ctx, title)
        .crumb(ctx.lang.t("menu.rapidexo"), "/vues/rapidexo")
        .crumb(ctx.lang.t("rapidexo.sheet"), &format!("/vues/rapidexo/feuille?{}", sheet.address));
    p.noindex = true;
    p
}

/// `GET /vues/rapidexo/feuille?<address>`; with `op`, leads to the changed sheet.
pub(super) async fn sheet(ctx: Ctx) -> Answer {
    if let Some(op) = ctx.param("op") {
        let op = match op {
            "x" => format!(
                "x.{}.{}",
                ctx.param("ajout").unwrap_or_default(),
                ctx.param("liste").unwrap_or_default()
            ),
            op => op.to_owned(),
        };
        return match server(&ctx)?.edit(&pairs(&ctx), &op).await {
            Ok(changed) => Ok(Page::see(&address(&ctx, "feuille", &changed))),
            // The sheet stays as it is, and says why.
            Err(AskError::Asked { status: 422, message }) => {
                let problem = Some(form::sentence(&message));
                let page = whole(ctx, "feuille", "rapidexo.sheet", problem).await?;
                Ok(page.status(http::StatusCode::UNPROCESSABLE_ENTITY))
            }
            Err(other) => Err(other.into()),
        };
    }
    whole(ctx, "feuille", "rapidexo.sheet", None).await
}

/// `GET /vues/rapidexo/corriges?<address>`
pub(super) async fn answers(ctx: Ctx) -> Answer {
    whole(ctx, "corriges", "rapidexo.answers", None).await
}

async fn whole(ctx: Ctx, page: &str, what: &str, problem: Option<String>) -> Answer {
    let sheet = match found(&ctx, page).await? {
        Ok(sheet) => sheet,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let hidden = pairs(&ctx);
    let (layout, asked): (Vec<_>, Vec<_>) =
        hidden.iter().cloned().partition(|(name, _)| LAYOUT.contains(&name.as_str()));
    let choices = |name: &str, values: &[(&'static str, &str)]| {
        let now = layout.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        let choice = |(value, key): &(&'static str, &str)| Choice {
            value,
            text: ctx.lang.t(key).to_owned(),
            chosen: Some(*value) == now,
        };
        values.iter().map(choice).collect::<Vec<_>>()
    };
    let base = server(&ctx)?.files();
    let mut files: Vec<(&'static str, String)> = [
        ("rapidexo.pdf-statements", "enonces.pdf"),
        ("rapidexo.pdf-answers", "corriges.pdf"),
        ("rapidexo.pdf-both", "complet.pdf"),
        ("rapidexo.pdf-variants", "variantes.zip"),
        ("rapidexo.tex-statements", "enonces.tex"),
        ("rapidexo.tex-answers", "corriges.tex"),
        ("rapidexo.tex-zip", "sources.zip"),
        ("Moodle (XML)", "moodle.xml"),
        ("AMC-LaTeX", "amc.tex"),
        ("Markdown", "feuille.md"),
        ("JSON", "feuille.json"),
    ]
    .into_iter()
    .map(|(key, file)| (key, format!("{base}/{file}?{}", sheet.address)))
    .collect();
    files.push(("rapidexo.overleaf", address(&ctx, "overleaf", &sheet.address)));
    let view = Whole {
        p: frame(&ctx, &sheet, what).script("js/sheet.js"),
        links: links(&ctx, &sheet),
        papers: choices("papier", &[("a4", "rapidexo.a4"), ("a5", "rapidexo.a5")]),
        letters: choices(
            "lettres",
            &[
                ("normales", "rapidexo.usual"),
                ("grandes", "rapidexo.large"),
                ("dys", "rapidexo.dys"),
            ],
        ),
        sheet,
        hidden,
        asked,
        layout,
        files,
        with_answers: page == "corriges",
        problem,
        public: !ctx.config().base_url.is_empty(),
    };
    Page::html(&view)
}

/// Where Overleaf makes a project of what a form sends.
const OVERLEAF: &str = "https://www.overleaf.com";

#[derive(Template)]
#[template(path = "rapidexo/overleaf.html")]
struct Overleaf {
    p: Frame,
    links: Links,
    sources: Vec<mqd_rapidexo::SourceView>,
    target: String,
}

/// `GET /vues/rapidexo/overleaf?<address>`: a form that carries the sources to Overleaf. They come
/// from the reader's browser, so Overleaf need not reach this site.
pub(super) async fn overleaf(ctx: Ctx) -> Answer {
    let sheet = match found(&ctx, "overleaf").await? {
        Ok(sheet) => sheet,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let sources = server(&ctx)?.sources(&pairs(&ctx)).await?;
    let (p, links) = (frame(&ctx, &sheet, "rapidexo.overleaf"), links(&ctx, &sheet));
    let target = format!("{OVERLEAF}/docs");
    let page = Page::html(&Overleaf { p, links, sources, target })?;
    Ok(page.passing().with_forms_to(OVERLEAF))
}

#[derive(Template)]
#[template(path = "rapidexo/one.html")]
struct One {
    p: Frame,
    item: ItemView,
    number: usize,
    total: usize,
    links: Links,
}

/// The exercise of the page: the sheet, the exercise's number, and links to its neighbours.
struct Turn {
    sheet: SheetView,
    number: usize,
    previous: Option<String>,
    next: Option<String>,
}

async fn turn(ctx: &Ctx, page: &str) -> Result<Result<Turn, Page>, SiteError> {
    let number = ctx.number("i", 1)?;
    let sheet = match found(ctx, page).await? {
        Ok(sheet) => sheet,
        Err(elsewhere) => return Ok(Err(elsewhere)),
    };
    let total = sheet.items.len();
    if number > total {
        return Err(SiteError::NotFound);
    }
    let at = |n: usize| ctx.with(&[("i", (n > 1).then_some(n.to_string().as_str()))]);
    let previous = (number > 1).then(|| at(number - 1));
    let next = (number < total).then(|| at(number + 1));
    Ok(Ok(Turn { sheet, number, previous, next }))
}

/// `GET /vues/rapidexo/une?<address>&i=…`: one exercise at a time.
pub(super) async fn one(ctx: Ctx) -> Answer {
    let mut turn = match turn(&ctx, "une").await? {
        Ok(turn) => turn,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let (number, total) = (turn.number, turn.sheet.items.len());
    let mut p = frame(&ctx, &turn.sheet, "rapidexo.one");
    let link =
        |n: usize, href| Link { text: ctx.lang.f("rapidexo.number", n), href, current: false };
    let links = links(&ctx, &turn.sheet);
    p.series = Series {
        previous: turn.previous.map(|href| link(number - 1, href)),
        next: turn.next.map(|href| link(number + 1, href)),
        up: Some(Link {
            text: ctx.lang.t("rapidexo.sheet").to_owned(),
            href: links.sheet.clone(),
            current: false,
        }),
    };
    let item = turn.sheet.items.swap_remove(number - 1);
    Page::html(&One { p, item, number, total, links })
}

/// Times that the projector offers, in seconds; the style sheet has a clock for each.
const TIMES: [usize; 8] = [20, 30, 45, 60, 90, 120, 180, 300];

/// How long an exercise stays.
struct Time {
    seconds: usize,
    text: String,
    /// Where it leads.
    then: String,
}

/// Seconds as people say them.
fn duration(seconds: usize) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds}\u{a0}s"),
        (minutes, 0) => format!("{minutes}\u{a0}min"),
        (minutes, seconds) => format!("{minutes}\u{a0}min\u{a0}{seconds}"),
    }
}

#[derive(Template)]
#[template(path = "rapidexo/projector.html")]
struct Projector {
    p: Frame,
    item: ItemView,
    number: usize,
    total: usize,
    links: Links,
    previous: Option<String>,
    next: Option<String>,
    /// Seconds, and where the time leads.
    time: Option<Time>,
    /// The answer is shown under the statement.
    with_answer: bool,
    /// The first exercise with its answer; after the last statement it comes by itself.
    answers: String,
    /// Text, address, whether it is the one that runs.
    times: Vec<(String, String, bool)>,
    no_time: String,
}

/// `GET /vues/rapidexo/projecteur?<address>&i=…&duree=…&reponses=1`: in big type; with a time, the
/// next exercise comes by itself. After the last statement they come again, with their answers.
pub(super) async fn projector(ctx: Ctx) -> Answer {
    let turn = match turn(&ctx, "projecteur").await? {
        Ok(turn) => turn,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let time = match ctx.param("duree") {
        None => None,
        Some(text) => {
            let known = text.parse().ok().filter(|time| TIMES.contains(time));
            Some(known.ok_or_else(|| SiteError::BadParameter {
                parameter: "duree",
                reason: format!("{TIMES:?}"),
            })?)
        }
    };
    let Turn { mut sheet, number, previous, next } = turn;
    let links = links(&ctx, &sheet);
    let total = sheet.items.len();
    let with_answer = ctx.param("reponses").is_some();
    let answers = ctx.with(&[("i", None), ("duree", None), ("reponses", Some("1"))]);
    let next = next.or_else(|| (!with_answer).then(|| answers.clone()));
    let time = time.zip(next.clone()).filter(|_| !with_answer);
    let asked = time.as_ref().map(|(seconds, _)| *seconds);
    let time = time.map(|(seconds, then)| Time { seconds, text: duration(seconds), then });
    let times = TIMES.into_iter().map(|seconds| {
        let href = ctx.with(&[("duree", Some(&seconds.to_string()))]);
        (duration(seconds), href, asked == Some(seconds))
    });
    let view = Projector {
        p: frame(&ctx, &sheet, "rapidexo.projector"),
        item: sheet.items.swap_remove(number - 1),
        number,
        total,
        previous,
        next,
        time,
        with_answer,
        answers,
        times: times.collect(),
        no_time: ctx.with(&[("duree", None)]),
        links,
    };
    Page::html(&view)
}
