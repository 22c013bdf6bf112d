//! The API over the test maquis: answers to the questions of the views, from the same tables.

use super::fixture::{self, Texts};
use futures::future::BoxFuture;
use mqd_depot::contents::{Contents as _, Role};
use mqd_graph::{Direction, Graph};
use mqd_model::{Label, Node, Uuid, literal::fold, schema::TRIPLES};
use mqd_site::{GraphSource, SourceError};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A source over the fixture.
pub fn source() -> Arc<dyn GraphSource> {
    source_over(fixture::graph())
}

/// A source over any maquis whose documents have the texts of the fixture.
pub fn source_over(graph: Graph) -> Arc<dyn GraphSource> {
    Arc::new(Canned(graph))
}

struct Canned(Graph);

impl GraphSource for Canned {
    fn version(&self) -> Arc<str> {
        "1".into()
    }

    fn run<'a>(
        &'a self,
        document: &'static str,
        variables: Value,
    ) -> BoxFuture<'a, Result<Value, SourceError>> {
        Box::pin(async move { Ok(json!({ "data": self.answer(document, &variables) })) })
    }
}

fn address(node: &Node) -> String {
    let path = match node.label() {
        Some(Label::Document) => "document",
        Some(Label::Concept) => "concept",
        Some(Label::Evenement) => "evenement",
        _ => "site-web",
    };
    format!("/{path}/{}", node.uuid.unwrap())
}

/// A node with its properties and contents.
fn base(node: &Node) -> Value {
    let mut out = json!({
        "_id": node.id.to_string(),
        "uuid": node.uuid,
        "label": node.label().unwrap().name(),
        "genre": node.kind(),
        "intitule": node.title(),
        "adresse": address(node),
        "aCorrige": false,
        "parties": [],
    });
    for (name, value) in &node.props {
        out[name] = json!(value.as_str());
    }
    if let Some(content) = Texts.content(node) {
        out["depot"] = json!(content.depot);
        out["commit"] = json!(content.commit);
        out["aCorrige"] = json!(content.parts.iter().any(|p| p.role == Role::Answer));
        out["parties"] = content
            .parts
            .iter()
            .map(|p| {
                json!({
                    "role": match p.role {
                        Role::Body => "ENTIER",
                        Role::Statement => "ENONCE",
                        Role::Hint => "INDICATION",
                        Role::Answer => "CORRIGE",
                    },
                    "chemin": p.path, "urlSource": p.source_url, "urlPdf": p.pdf_url,
                    "latex": p.latex, "html": p.html, "texte": p.text,
                    "tdm": p.toc.iter().map(|h| json!({
                        "niveau": h.level, "ancre": h.id, "numero": h.number, "html": h.html,
                    })).collect::<Vec<_>>(),
                    "index": p.index.iter().map(|e| json!({ "chemin": e.path, "ancre": e.id })).collect::<Vec<_>>(),
                    "remarques": p.remarks.iter().map(|r| json!({
                        "gravite": r.severity, "fichier": r.file, "ligne": r.line,
                        "colonne": r.column, "message": r.message,
                    })).collect::<Vec<_>>(),
                })
            })
            .collect();
    }
    out
}

impl Canned {
    /// A node with its relations too.
    fn full(&self, node: &Node) -> Value {
        let mut out = base(node);
        let label = node.label().unwrap();
        for triple in &TRIPLES {
            for (own, field, direction) in [
                (triple.from, triple.field, Direction::Out),
                (triple.to, triple.field_back, Direction::In),
            ] {
                if own != label {
                    continue;
                }
                let other = if direction == Direction::Out { triple.to } else { triple.from };
                let ends: Vec<Value> = self
                    .0
                    .edges(node.id, direction)
                    .filter(|e| e.relation.kind == triple.rel.name())
                    .filter(|e| e.node.label() == Some(other))
                    .map(|e| base(e.node))
                    .collect();
                out[format!("{field}Connection")] = json!({ "totalCount": ends.len() });
                out[field] = Value::from(ends);
            }
        }
        out
    }

    fn list(&self, label: Label, kind: Option<&str>) -> Vec<Value> {
        let mut nodes: Vec<&Node> =
            self.0.nodes(label).filter(|n| kind.is_none_or(|k| n.kind() == k)).collect();
        nodes.sort_by_key(|n| fold(n.title()));
        nodes.into_iter().map(|n| self.full(n)).collect()
    }

    fn node(&self, variables: &Value) -> Option<&Node> {
        if let Some(id) = variables["id"].as_str() {
            return self.0.node(id.parse().ok()?);
        }
        self.0.by_uuid(Uuid::parse_str(variables["uuid"].as_str()?).ok()?)
    }

    fn around(&self, variables: &Value) -> Value {
        let Some(centre) = self.node(variables) else { return Value::Null };
        let depth = variables["profondeur"].as_u64().unwrap_or(1);
        let mut distance = BTreeMap::from([(centre.id, 0)]);
        for step in 1..=depth {
            let reached: Vec<i64> = distance.keys().copied().collect();
            for id in reached {
                for direction in [Direction::Out, Direction::In] {
                    for edge in self.0.edges(id, direction) {
                        distance.entry(edge.node.id).or_insert(step);
                    }
                }
            }
        }
        let mut ties = BTreeSet::new();
        let mut relations = Vec::new();
        for id in distance.keys() {
            for edge in self.0.edges(*id, Direction::Out) {
                if distance.contains_key(&edge.node.id) && ties.insert(edge.relation.id) {
                    relations.push(json!({
                        "type": edge.relation.kind, "verbe": "v", "verbeInverse": "w",
                        "de": self.0.node(*id).unwrap().uuid, "vers": edge.node.uuid,
                    }));
                }
            }
        }
        let nodes: Vec<Value> = distance
            .iter()
            .map(|(id, d)| json!({ "distance": d, "noeud": base(self.0.node(*id).unwrap()) }))
            .collect();
        json!({ "tronque": false, "noeuds": nodes, "relations": relations })
    }

    fn answer(&self, document: &str, variables: &Value) -> Value {
        let operation =
            document.trim().trim_start_matches("query ").split(['(', ' ', '{']).next().unwrap();
        let documents = |kind| self.list(Label::Document, Some(kind));
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for label in Label::ALL.into_iter().filter(|_| document.contains("comptes")) {
            for node in self.0.nodes(label) {
                *counts.entry((label.name(), node.kind())).or_default() += 1;
            }
        }
        let counts: Vec<Value> = counts
            .into_iter()
            .map(|((label, kind), n)| json!({ "label": label, "genre": kind, "nombre": n }))
            .collect();
        let maquis = json!({ "version": "1", "comptes": counts });
        match operation {
            "Accueil" => json!({
                "maquis": maquis,
                "documents": documents("problème"),
                "concepts": self.list(Label::Concept, Some("thème feuille exercices")),
            }),
            "Liste" => json!({ "documents": documents(variables["genre"].as_str().unwrap()) }),
            "Feuilles" => json!({ "documents": documents("liste exercices") }),
            "Rapidexo" => json!({ "documents": documents("liste rapidexo") }),
            "Concepts" => json!({ "concepts": self.list(Label::Concept, None) }),
            "Semaines" => {
                json!({
                    "evenements": self.list(Label::Evenement, Some("semaine de colle")),
                    "devoirs": self.list(Label::Evenement, Some("DS")),
                })
            }
            "Recents" => {
                let mut all: Vec<&Node> = self.0.nodes(Label::Document).collect();
                all.sort_by_key(|n| (std::cmp::Reverse(n.text("date")), n.id));
                let number = |name: &str| variables[name].as_u64().unwrap() as usize;
                let page = all.iter().skip(number("offset")).take(number("limit"));
                let page: Vec<Value> = page.map(|n| self.full(n)).collect();
                json!({ "documentsConnection": { "totalCount": all.len() }, "documents": page })
            }
            "Recherche" => {
                let found: Vec<Value> = documents("problème")
                    .into_iter()
                    .map(|d| json!({ "score": 1.0, "extrait": "une <mark>suite</mark> &lt;x&gt;", "noeud": d }))
                    .collect();
                json!({ "recherche": { "total": found.len(), "suggestions": [], "resultats": found } })
            }
            "Maquis" => json!({
                "documents": self.slim(Label::Document), "concepts": self.slim(Label::Concept),
                "evenements": self.slim(Label::Evenement), "sitesweb": self.slim(Label::SiteWeb),
            }),
            "Etat" => json!({ "maquis": maquis, "coherence": [{
                "regle": "essai", "phrase": "Une règle d’essai.", "detail": "un détail",
                "noeuds": [base(self.0.nodes(Label::Concept).next().unwrap())],
            }]}),
            "Chemin" => {
                json!({ "cheminPrerequis": self.list(Label::Concept, Some("index Latex")) })
            }
            "Parcours" => json!({
                "noeud": self.node(variables).map(base),
                "parcours": self.list(Label::Concept, Some("index Latex")).into_iter().enumerate()
                    .map(|(at, c)| json!({ "profondeur": at, "concept": c, "documents": documents("cours") }))
                    .collect::<Vec<_>>(),
            }),
            _ => json!({
                "noeud": self.node(variables).map(|n| self.full(n)),
                "voisinage": self.around(variables),
            }),
        }
    }

    /// Nodes with the ends of their relations only.
    fn slim(&self, label: Label) -> Vec<Value> {
        self.0
            .nodes(label)
            .map(|node| {
                let mut out = json!({ "description": node.text("description") });
                let whole = base(node);
                for field in ["uuid", "genre", "intitule", "adresse"] {
                    out[field] = whole[field].clone();
                }
                for edge in self.0.edges(node.id, Direction::Out) {
                    let field = edge.relation.kind.to_lowercase();
                    if out.get(&field).is_none() {
                        out[&field] = json!([]);
                    }
                    out[&field].as_array_mut().unwrap().push(json!({ "uuid": edge.node.uuid }));
                }
                out
            })
            .collect()
    }
}
