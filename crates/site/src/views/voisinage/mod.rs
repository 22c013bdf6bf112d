//! The neighbourhood of a node, one or two relations away, as a picture and as the same list;
//! filters by relation, direction and depth stand in the address.

use super::prelude::*;
use crate::picture;
use mqd_model::Rel;

super::question!("voisinage");

#[derive(Deserialize)]
struct Data {
    noeud: Option<NodeLink>,
    voisinage: Option<Neighbourhood>,
}

/// A sentence of the list: a node, a verb, a node.
struct Sentence {
    from: NodeLink,
    verb: String,
    to: NodeLink,
}

#[derive(Template)]
#[template(path = "voisinage/voisinage.html")]
struct View {
    p: Frame,
    centre: NodeLink,
    picture: String,
    legend: String,
    sentences: Vec<Sentence>,
    nodes: usize,
    truncated: bool,
    relations: Vec<(&'static str, String, bool)>,
    ways: Vec<(&'static str, &'static str, bool)>,
    depth: usize,
}

/// Nodes of a picture; more cannot be read.
const LIMIT: usize = 160;

/// `GET /<label>/{uuid}/voisinage?relation=…&sens=…&profondeur=…`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let uuid = ctx.uuid()?;
    let values = |parameter, allowed: &str| SiteError::BadParameter {
        parameter,
        reason: ctx.lang.f("error.values", allowed),
    };
    let chosen = ctx.params("relation");
    if chosen.iter().any(|name| name.parse::<Rel>().is_err()) {
        let names: Vec<&str> = Rel::ALL.iter().map(|rel| rel.name()).collect();
        return Err(values("relation", &names.join(", ")));
    }
    let way = match ctx.param("sens") {
        None => "TOUS",
        Some("sortant") => "SORTANT",
        Some("entrant") => "ENTRANT",
        Some(_) => return Err(values("sens", "sortant, entrant")),
    };
    let depth = ctx.number("profondeur", 1)?;
    if depth > 2 {
        return Err(values("profondeur", "1, 2"));
    }
    let variables = json!({
        "uuid": uuid,
        "relations": (!chosen.is_empty()).then_some(&chosen),
        "sens": way,
        "profondeur": depth,
        "limite": LIMIT,
    });
    let data: Data = ctx.ask(&QUESTION, variables).await?;
    let centre = data.noeud.ok_or(SiteError::NotFound)?;
    let around = data.voisinage.unwrap_or_default();
    let link = |uuid: &str| {
        if centre.uuid.as_deref() == Some(uuid) {
            Some(centre.clone())
        } else {
            around.node(uuid).cloned()
        }
    };
    let mut ties: Vec<_> = around.relations.iter().collect();
    // The relations of the node itself first.
    ties.sort_by_key(|t| (t.de != uuid && t.vers != uuid, nodes::rank(&t.kind), t.vers == uuid));
    let sentences: Vec<Sentence> = ties
        .into_iter()
        .filter_map(|tie| {
            let verb = nodes::verb(ctx.lang, tie, true);
            Some(Sentence { from: link(&tie.de)?, verb, to: link(&tie.vers)? })
        })
        .collect();
    let relations = Rel::ALL
        .iter()
        .map(|rel| {
            let key = format!("rel.{}.out", rel.name());
            let verb = ctx.lang.get(&key).unwrap_or(rel.verb()).to_owned();
            (rel.name(), verb, chosen.contains(&rel.name()))
        })
        .collect();
    let ways = vec![
        ("", ctx.lang.t("graph.both"), way == "TOUS"),
        ("sortant", ctx.lang.t("graph.out"), way == "SORTANT"),
        ("entrant", ctx.lang.t("graph.in"), way == "ENTRANT"),
    ];
    let title = ctx.lang.f("graph.title", &centre.intitule);
    let mut p = Frame::new(&ctx, title).crumb(text::entry(&centre.intitule), &centre.adresse);
    p = p.crumb(ctx.lang.t("graph.crumb"), &ctx.path).script("js/graph.js");
    p.noindex = !ctx.query.is_empty();
    let view = View {
        picture: picture::draw(ctx.lang, &centre, &around, "#liste"),
        legend: picture::legend(ctx.lang, &around),
        nodes: around.noeuds.len(),
        truncated: around.tronque,
        centre,
        sentences,
        relations,
        ways,
        depth,
        p,
    };
    Page::html(&view)
}
