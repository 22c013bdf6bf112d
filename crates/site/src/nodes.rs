//! The shapes that several views read from the API: a node as a link, a neighbourhood.

use crate::{Lang, text};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A node as a link: `{ uuid label genre intitule adresse }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct NodeLink {
    #[serde(default)]
    pub(crate) uuid: Option<String>,
    pub(crate) label: String,
    pub(crate) genre: String,
    pub(crate) intitule: String,
    pub(crate) adresse: String,
}

/// A node of a neighbourhood.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Neighbour {
    pub(crate) noeud: NodeLink,
    pub(crate) distance: usize,
}

/// A relation of a neighbourhood, between uuids.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tie {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) verbe: String,
    pub(crate) verbe_inverse: String,
    pub(crate) de: String,
    pub(crate) vers: String,
}

/// The nodes around one node.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Neighbourhood {
    pub(crate) noeuds: Vec<Neighbour>,
    pub(crate) relations: Vec<Tie>,
    pub(crate) tronque: bool,
}

/// The neighbours that one relation leads to.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) kind: String,
    pub(crate) out: bool,
    pub(crate) verb: String,
    pub(crate) nodes: Vec<NodeLink>,
}

/// The verb of a relation in a language, from its start (`out`) or its end.
pub(crate) fn verb(lang: Lang, tie: &Tie, out: bool) -> String {
    let way = if out { "out" } else { "in" };
    lang.get(&format!("rel.{}.{way}", tie.kind)).map_or_else(
        || text::french(if out { &tie.verbe } else { &tie.verbe_inverse }),
        str::to_owned,
    )
}

impl Neighbourhood {
    pub(crate) fn node(&self, uuid: &str) -> Option<&NodeLink> {
        self.noeuds.iter().map(|n| &n.noeud).find(|n| n.uuid.as_deref() == Some(uuid))
    }

    /// The direct neighbours of a node by relation and direction, in the order of the model.
    pub(crate) fn groups(&self, lang: Lang, centre: &str) -> Vec<Group> {
        let mut groups: BTreeMap<(usize, bool), Group> = BTreeMap::new();
        let by_uuid: std::collections::HashMap<&str, &NodeLink> =
            self.noeuds.iter().filter_map(|n| Some((n.noeud.uuid.as_deref()?, &n.noeud))).collect();
        for tie in &self.relations {
            let (other, out) = if tie.de == centre {
                (&tie.vers, true)
            } else if tie.vers == centre {
                (&tie.de, false)
            } else {
                continue;
            };
            let Some(node) = by_uuid.get(other.as_str()) else { continue };
            let group = groups.entry((rank(&tie.kind), !out)).or_insert_with(|| Group {
                kind: tie.kind.clone(),
                out,
                verb: verb(lang, tie, out),
                nodes: Vec::new(),
            });
            if !group.nodes.iter().any(|n| n.uuid == node.uuid) {
                group.nodes.push((*node).clone());
            }
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        for group in &mut groups {
            group.nodes.sort_by_cached_key(|n| (n.genre.clone(), natural(&n.intitule)));
        }
        groups
    }
}

/// The place of a relation type in the model's table.
pub(crate) fn rank(kind: &str) -> usize {
    let all = mqd_model::Rel::ALL;
    all.iter().position(|rel| rel.name() == kind).unwrap_or(all.len())
}

/// A key by which « semaine 10 » comes after « semaine 9 ».
pub(crate) fn natural(title: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in mqd_model::literal::fold(title).chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            out.push_str(&format!("{digits:0>12}"));
            digits.clear();
        }
        out.push(c);
    }
    out
}

/// A uuid as the API writes it; `None` when the text is no uuid.
pub(crate) fn uuid(text: &str) -> Option<String> {
    mqd_model::Uuid::parse_str(text).ok().map(|uuid| uuid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_inside_titles_sort_as_numbers() {
        let mut weeks = ["semaine 10", "Semaine 9", "semaine 1"];
        weeks.sort_by_key(|w| natural(w));
        assert_eq!(weeks, ["semaine 1", "Semaine 9", "semaine 10"]);
    }
}
