//! The whole maquis: by kinds as a picture and a table, and node by node on a canvas.

use super::prelude::*;
use crate::picture::overview::{self, Kind};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

super::question!("maquis");

/// A list of nodes of one label; the relations of a node are whatever else it has.
#[derive(Deserialize)]
pub(crate) struct Data {
    documents: Vec<Node>,
    concepts: Vec<Node>,
    evenements: Vec<Node>,
    sitesweb: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    uuid: Option<String>,
    genre: String,
    intitule: String,
    adresse: String,
    description: Option<String>,
    #[serde(flatten)]
    relations: BTreeMap<String, Vec<End>>,
}

#[derive(Deserialize)]
struct End {
    uuid: Option<String>,
}

/// The maquis as numbers: kinds, nodes by kind, relations between nodes.
struct Whole<'d> {
    kinds: Vec<Kind>,
    nodes: Vec<(usize, &'d Node)>,
    edges: Vec<(usize, usize)>,
}

#[derive(Template)]
#[template(path = "maquis/maquis.html")]
struct View {
    p: Frame,
    picture: String,
    kinds: Vec<Kind>,
    nodes: usize,
    edges: usize,
}

/// Where the nodes of a kind are listed.
fn list(ctx: &Ctx, label: &str, genre: &str) -> String {
    let path = match (label, genre) {
        ("Document", "liste exercices") => "/vues/feuillesexercices",
        ("Document", "rapidexo" | "liste rapidexo") => "/vues/rapidexo",
        ("Document", genre) => match super::liste::KINDS.iter().find(|kind| kind.genre == genre) {
            Some(kind) => kind.path,
            None => return ctx.address("/vues/documents", [("genre", genre)]),
        },
        ("Concept", genre) if !genre.is_empty() => {
            return ctx.address("/vues/listeconcepts", [("genre", genre)]);
        }
        ("Concept", _) => "/vues/listeconcepts",
        ("Evenement", _) => "/vues/semaines",
        _ => "/vues/maquis",
    };
    ctx.href(path)
}

fn whole<'d>(ctx: &Ctx, data: &'d Data) -> Whole<'d> {
    let labels = [
        ("Document", &data.documents),
        ("Concept", &data.concepts),
        ("Evenement", &data.evenements),
        ("SiteWeb", &data.sitesweb),
    ];
    let mut kinds: Vec<Kind> = Vec::new();
    let mut of_kind: HashMap<(&str, &str), usize> = HashMap::new();
    let mut nodes: Vec<(usize, &Node)> = Vec::new();
    let mut at: HashMap<&str, usize> = HashMap::new();
    for (label, list_of) in labels {
        for node in list_of {
            let kind = *of_kind.entry((label, &node.genre)).or_insert_with(|| {
                kinds.push(Kind {
                    label: label.to_owned(),
                    genre: node.genre.clone(),
                    count: 0,
                    href: list(ctx, label, &node.genre),
                });
                kinds.len() - 1
            });
            kinds[kind].count += 1;
            if let Some(uuid) = node.uuid.as_deref() {
                at.insert(uuid, nodes.len());
            }
            nodes.push((kind, node));
        }
    }
    let mut edges = Vec::new();
    for (from, (_, node)) in nodes.iter().enumerate() {
        for end in node.relations.values().flatten() {
            if let Some(to) = end.uuid.as_deref().and_then(|uuid| at.get(uuid)) {
                edges.push((from, *to));
            }
        }
    }
    Whole { kinds, nodes, edges }
}

async fn ask(ctx: &Ctx) -> Result<Arc<Data>, SiteError> {
    ctx.ask_shared::<Data>(&QUESTION, json!({})).await
}

/// `GET /vues/maquis`
pub(crate) async fn page(ctx: Ctx) -> Answer {
    let data = ask(&ctx).await?;
    let whole = whole(&ctx, &data);
    let mut flows: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (from, to) in &whole.edges {
        let (a, b) = (whole.nodes[*from].0, whole.nodes[*to].0);
        if a != b {
            *flows.entry((a.min(b), a.max(b))).or_default() += 1;
        }
    }
    // The larger kinds first in each column.
    let mut order: Vec<usize> = (0..whole.kinds.len()).collect();
    order.sort_by_key(|k| std::cmp::Reverse(whole.kinds[*k].count));
    let mut place = vec![0; order.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let kinds: Vec<Kind> = order.iter().map(|k| whole.kinds[*k].clone()).collect();
    let flows = flows.into_iter().map(|((a, b), n)| ((place[a], place[b]), n)).collect();
    let title = ctx.lang.t("menu.maquis");
    let p = Frame::new(&ctx, title)
        .describe(ctx.lang.t("maquis.lead"))
        .crumb(title, "/vues/maquis")
        .script("js/maquis.js");
    let view = View {
        picture: overview::draw(ctx.lang, &kinds, &flows),
        nodes: whole.nodes.len(),
        edges: whole.edges.len(),
        kinds,
        p,
    };
    Page::html(&view)
}

/// `GET /vues/maquis.json`: kinds, nodes (kind, title, address) and relations (pairs of indexes),
/// for the canvas.
pub(crate) async fn data(ctx: Ctx) -> Answer {
    let data = ask(&ctx).await?;
    let whole = whole(&ctx, &data);
    let kinds: Vec<Value> =
        whole.kinds.iter().map(|k| json!([k.label, text::kinds(ctx.lang, &k.genre)])).collect();
    let nodes: Vec<Value> = whole
        .nodes
        .iter()
        .map(|(kind, node)| {
            json!([kind, text::plain(&text::entry(&node.intitule)), ctx.href(&node.adresse)])
        })
        .collect();
    let edges: Vec<usize> = whole.edges.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let body = json!({ "kinds": kinds, "nodes": nodes, "edges": edges }).to_string();
    Ok(Page::new("application/json", body))
}

/// `GET /vues/index.json`: title, kind, address and description of every node, for the search of
/// a site without a server.
pub(crate) async fn index(ctx: Ctx) -> Answer {
    let data = ask(&ctx).await?;
    let lists = [&data.documents, &data.concepts, &data.evenements, &data.sitesweb];
    let entries: Vec<Value> = lists
        .into_iter()
        .flatten()
        .map(|node| {
            json!([
                text::plain(&text::entry(&node.intitule)),
                text::kind(ctx.lang, &node.genre),
                ctx.href(&node.adresse),
                text::plain(node.description.as_deref().unwrap_or_default()),
            ])
        })
        .collect();
    Ok(Page::new("application/json", Value::from(entries).to_string()))
}

/// The key of the name of a label.
pub(crate) fn label_key(label: &str) -> &'static str {
    match label {
        "Document" => "label.document",
        "Concept" => "label.concept",
        "Evenement" => "label.evenement",
        _ => "label.siteweb",
    }
}

/// The addresses of every node.
pub(crate) async fn addresses(ctx: &Ctx) -> Result<Vec<String>, SiteError> {
    let data = ask(ctx).await?;
    let lists = [&data.documents, &data.concepts, &data.evenements, &data.sitesweb];
    Ok(lists.into_iter().flatten().map(|node| node.adresse.clone()).collect())
}
