//! The plan: what must change in the graph so that it says what the sources say. Pure.

use crate::{changed, manifest::Role, scan::Scan};
use mqd_graph::{Direction, Graph};
use mqd_model::{
    Change, ChangeSet, Label, NewNode, NewRelation, Node, NodeRef, OWNED_BY, OWNER_KEY, Props,
    RelationId, Uuid, Value,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Property of owned nodes: names of the properties that maintenance set, so that one that a person
/// added is never taken away.
pub const OWNED_PROPS: &str = "mqd_props";
/// Property of owned nodes: which parts the document has (`statement`, `answer` …).
pub const ROLES: &str = "mqd_roles";
/// Property of nodes that a person made and that a source now describes: they are let go, not
/// deleted, when the source disappears.
pub const ADOPTED: &str = "mqd_adopte";

/// Namespace of the uuids that are made from keys (a random constant).
const NAMESPACE: Uuid = Uuid::from_u128(0x6d61_7175_6973_4d51_8c1e_0f6d_d0c5_a9b1);

/// What a run wants to change, and what it noticed.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The changes.
    pub changes: ChangeSet,
    /// Nodes of the sources by label and kind.
    pub counts: BTreeMap<(String, String), usize>,
    /// Titles of nodes that are created.
    pub created: Vec<String>,
    /// Titles of nodes that are updated, with what changes.
    pub updated: Vec<String>,
    /// Titles of nodes that are deleted.
    pub deleted: Vec<String>,
    /// What an author should know.
    pub remarks: Vec<String>,
}

/// A node that the sources want.
struct Wanted {
    label: Label,
    kind: String,
    title: String,
    props: Props,
    cle: Option<String>,
    owners: BTreeSet<String>,
}

/// What identifies a wanted node: its key, or its label, kind and title when dépôts share it.
type Identity = String;

/// Compares scans with a graph. Only what the scanned dépôts own is touched.
#[must_use]
pub fn plan(scans: &[Scan], graph: &Graph) -> Plan {
    let mut plan = Plan::default();
    let depots: BTreeSet<String> = scans.iter().map(|scan| scan.manifest.name.clone()).collect();
    let (wanted, relations) = wanted(scans, &mut plan);
    for node in wanted.values() {
        *plan.counts.entry((node.label.name().to_owned(), node.kind.clone())).or_default() += 1;
    }
    let refs = nodes(&wanted, graph, &depots, &mut plan);
    links(&relations, &refs, graph, &depots, &mut plan);
    plan
}

/// The nodes and relations that the sources want.
#[allow(clippy::type_complexity)]
fn wanted(
    scans: &[Scan],
    plan: &mut Plan,
) -> (BTreeMap<Identity, Wanted>, BTreeMap<(Identity, String, Identity), BTreeSet<String>>) {
    let mut nodes: BTreeMap<Identity, Wanted> = BTreeMap::new();
    let mut titles: HashMap<(Label, String, String), Identity> = HashMap::new();
    // Order of first mention, for stable ids: identities sort by dépôt, kind and key.
    let mut identities: HashMap<(usize, usize), Identity> = HashMap::new();
    for (s, scan) in scans.iter().enumerate() {
        for (i, item) in scan.items.iter().enumerate() {
            let kind = scan.kind(item);
            let title = kind
                .titles
                .iter()
                .find_map(|title| title.fill(&item.vars))
                .map(|title| title.trim().to_owned())
                .unwrap_or_default();
            let title = if title.is_empty() { item.key.clone() } else { title };
            if title.trim().is_empty() {
                plan.remarks
                    .push(format!("{} : un élément sans intitulé est passé", scan.manifest.name));
                continue;
            }
            let cle = scan.cle(item);
            let identity = if kind.shared {
                format!("partagé:{}:{}:{title}", kind.label, kind.kind)
            } else {
                cle.clone()
            };
            identities.insert((s, i), identity.clone());
            if let Some(node) = nodes.get_mut(&identity) {
                node.owners.insert(scan.manifest.name.clone());
                continue;
            }
            let mut title = title;
            let same = (kind.label, kind.kind.clone(), title.clone());
            if let Some(other) = titles.get(&same) {
                plan.remarks.push(format!("deux {} s'intitulent « {title} » ({other} et {identity}) : la clé du second est ajoutée à son intitulé", kind.kind));
                title = format!("{title} ({})", item.key);
            }
            titles.insert((kind.label, kind.kind.clone(), title.clone()), identity.clone());
            let mut props = Props::new();
            for (name, templates) in &kind.props {
                if let Some(value) = templates
                    .iter()
                    .find_map(|template| template.fill(&item.vars))
                    .filter(|value| !value.trim().is_empty())
                {
                    props.insert(name.clone(), Value::from(value.trim()));
                }
            }
            if kind.label == Label::Document {
                document_props(scan, item, &mut props);
            }
            let owners = BTreeSet::from([scan.manifest.name.clone()]);
            let cle = (!kind.shared).then_some(cle);
            nodes.insert(
                identity,
                Wanted { label: kind.label, kind: kind.kind.clone(), title, props, cle, owners },
            );
        }
    }
    let mut relations: BTreeMap<(Identity, String, Identity), BTreeSet<String>> = BTreeMap::new();
    for (s, scan) in scans.iter().enumerate() {
        let places: HashMap<(usize, &str), usize> = scan
            .items
            .iter()
            .enumerate()
            .map(|(i, item)| ((item.kind, item.key.as_str()), i))
            .collect();
        for (i, item) in scan.items.iter().enumerate() {
            let Some(own) = identities.get(&(s, i)) else { continue };
            for link in &item.links {
                let Some(other) = places
                    .get(&(link.kind, link.key.as_str()))
                    .and_then(|at| identities.get(&(s, *at)))
                else {
                    continue;
                };
                let (from, to) = if link.outgoing { (own, other) } else { (other, own) };
                if from != to {
                    relations
                        .entry((from.clone(), link.rel.name().to_owned(), to.clone()))
                        .or_default()
                        .insert(scan.manifest.name.clone());
                }
            }
        }
    }
    (nodes, relations)
}

/// Date, addresses and parts of a document.
fn document_props(scan: &Scan, item: &crate::scan::Item, props: &mut Props) {
    if let Some(date) = &item.date {
        props.entry("date".to_owned()).or_insert_with(|| Value::from(date.as_str()));
    }
    let mut roles: BTreeSet<&str> = item.files.iter().map(|(role, _)| role.name()).collect();
    let kind = scan.kind(item);
    if !kind.parts.is_empty()
        && let Some(text) = main_text(scan, item)
    {
        roles.extend(crate::fields::parts_of(&text, kind).iter().map(|(role, _)| role.name()));
    }
    if !roles.is_empty() {
        props.insert(ROLES.to_owned(), roles.iter().map(|role| (*role).to_owned()).collect());
    }
    if let Some(prints) = changed::prints(scan, item) {
        props.insert(changed::PRINTS.to_owned(), prints);
    }
    for what in &kind.publish {
        if let Some(address) = scan.pdf(item, *what) {
            props.entry(what.property().to_owned()).or_insert_with(|| Value::from(address));
        }
    }
    let Some(template) = &scan.manifest.source_address else { return };
    for (role, path) in &item.files {
        let name = match role {
            Role::Body | Role::Wrapper => "urlSrc",
            Role::Statement => "urlSrcEnon",
            Role::Answer => "urlSrcCorr",
            Role::Hint => continue,
        };
        if let Some(address) = address(template, scan, path) {
            props.entry(name.to_owned()).or_insert_with(|| Value::from(address));
        }
    }
}

pub(crate) fn main_text(scan: &Scan, item: &crate::scan::Item) -> Option<std::sync::Arc<str>> {
    if let Some(cut) = &item.cut {
        return Some(std::sync::Arc::clone(cut));
    }
    let (_, path) =
        item.files.iter().find(|(role, _)| matches!(role, Role::Body | Role::Statement))?;
    scan.files.text(path).cloned()
}

/// The public address of a source file.
pub(crate) fn address(
    template: &crate::manifest::Template,
    scan: &Scan,
    path: &str,
) -> Option<String> {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    template.fill_with(|name| {
        Some(match name {
            "path" => path.to_owned(),
            "stem" => stem.to_owned(),
            "depot" => scan.manifest.name.clone(),
            "commit" => scan.files.commit.clone().unwrap_or_else(|| "HEAD".to_owned()),
            _ => return None,
        })
    })
}

fn owners_value(owners: &BTreeSet<String>) -> Value {
    owners.iter().cloned().collect()
}

/// Creates, updates and deletes nodes; returns how to name each wanted one.
fn nodes(
    wanted: &BTreeMap<Identity, Wanted>,
    graph: &Graph,
    depots: &BTreeSet<String>,
    plan: &mut Plan,
) -> HashMap<Identity, NodeRef> {
    let snapshot = graph.snapshot();
    let by_cle: HashMap<&str, &Node> =
        snapshot.nodes.iter().filter_map(|node| Some((node.text(OWNER_KEY)?, node))).collect();
    // Sources give typographic apostrophes, hands straight ones.
    let straight = |title: &str| title.replace('’', "'");
    let by_title: HashMap<(Label, &str, String), &Node> = snapshot
        .nodes
        .iter()
        .filter_map(|node| Some(((node.label()?, node.kind(), straight(node.title())), node)))
        .collect();
    let mut refs = HashMap::new();
    let mut kept: HashSet<i64> = HashSet::new();
    let mut taken: HashSet<Uuid> = snapshot.nodes.iter().filter_map(|node| node.uuid).collect();
    for (identity, want) in wanted {
        let by_key = want.cle.as_deref().and_then(|cle| by_cle.get(cle));
        let existing = by_key
            .or_else(|| by_title.get(&(want.label, want.kind.as_str(), straight(&want.title))));
        let existing = existing.filter(|node| !kept.contains(&node.id));
        let spec = want.label.spec();
        let mut props = want.props.clone();
        props.insert(spec.kind.to_owned(), Value::from(want.kind.as_str()));
        props.insert(spec.title.to_owned(), Value::from(want.title.as_str()));
        let names: Value = want.props.keys().cloned().collect();
        match existing {
            None => {
                let mut uuid = Uuid::new_v5(&NAMESPACE, identity.as_bytes());
                if !taken.insert(uuid) {
                    uuid = Uuid::new_v4();
                }
                props.insert(OWNED_BY.to_owned(), owners_value(&want.owners));
                props.insert(OWNED_PROPS.to_owned(), names);
                if let Some(cle) = &want.cle {
                    props.insert(OWNER_KEY.to_owned(), Value::from(cle.as_str()));
                }
                if want.label == Label::Document {
                    props.insert(changed::CHANGE.to_owned(), Value::from(changed::NEW));
                }
                plan.created.push(format!("{} « {} »", want.kind, want.title));
                plan.changes.changes.push(Change::CreateNode(NewNode {
                    uuid,
                    labels: vec![want.label.name().to_owned()],
                    props,
                }));
                refs.insert(identity.clone(), NodeRef::Uuid(uuid));
            }
            Some(node) => {
                kept.insert(node.id);
                refs.insert(identity.clone(), NodeRef::Id(node.id));
                let before: BTreeSet<String> =
                    node.owners().into_iter().map(str::to_owned).collect();
                let mut owners: BTreeSet<String> = before.difference(depots).cloned().collect();
                owners.extend(want.owners.iter().cloned());
                props.insert(OWNED_BY.to_owned(), owners_value(&owners));
                props.insert(OWNED_PROPS.to_owned(), names);
                if let Some(cle) = &want.cle {
                    props.insert(OWNER_KEY.to_owned(), Value::from(cle.as_str()));
                }
                if before.is_empty() {
                    props.insert(ADOPTED.to_owned(), Value::from(true));
                    plan.remarks.push(format!(
                        "{} « {} » a été fait à la main ; la source le décrit désormais",
                        want.kind, want.title
                    ));
                }
                let unset: Vec<String> = node
                    .props
                    .get(OWNED_PROPS)
                    .map(Value::as_strings)
                    .unwrap_or_default()
                    .into_iter()
                    .filter(|name| !props.contains_key(*name) && node.props.contains_key(*name))
                    .map(str::to_owned)
                    .collect();
                let said = (want.label == Label::Document)
                    .then(|| changed::sentence(node, &props))
                    .flatten();
                if let Some(said) = said {
                    props.insert(changed::CHANGE.to_owned(), Value::from(said));
                }
                props.retain(|name, value| node.props.get(name) != Some(value));
                if !props.is_empty() || !unset.is_empty() {
                    let names: Vec<&str> = props
                        .keys()
                        .map(String::as_str)
                        .filter(|name| !name.starts_with("mqd_"))
                        .chain(unset.iter().map(String::as_str))
                        .collect();
                    plan.updated.push(format!(
                        "{} « {} » ({})",
                        want.kind,
                        want.title,
                        if names.is_empty() { "appartenance".to_owned() } else { names.join(", ") }
                    ));
                    plan.changes.changes.push(Change::UpdateNode {
                        node: NodeRef::Id(node.id),
                        set: props,
                        unset,
                    });
                }
            }
        }
    }
    for node in &snapshot.nodes {
        let before: BTreeSet<String> = node.owners().into_iter().map(str::to_owned).collect();
        if kept.contains(&node.id) || before.is_disjoint(depots) {
            continue;
        }
        let owners: BTreeSet<String> = before.difference(depots).cloned().collect();
        let adopted = node.props.contains_key(ADOPTED);
        let own = NodeRef::Id(node.id);
        if !owners.is_empty() {
            plan.changes.changes.push(Change::UpdateNode {
                node: own,
                set: Props::from([(OWNED_BY.to_owned(), owners_value(&owners))]),
                unset: Vec::new(),
            });
        } else if adopted {
            let unset = [OWNED_BY, OWNER_KEY, OWNED_PROPS, ADOPTED, ROLES, changed::PRINTS]
                .map(str::to_owned)
                .to_vec();
            plan.changes.changes.push(Change::UpdateNode { node: own, set: Props::new(), unset });
            plan.remarks.push(format!(
                "{} « {} » n'a plus de source ; il reste, fait à la main",
                node.kind(),
                node.title()
            ));
        } else {
            let by_hand: Vec<String> = [Direction::Out, Direction::In]
                .into_iter()
                .flat_map(|way| graph.edges(node.id, way))
                .filter(|edge| edge.relation.owners().is_empty())
                .map(|edge| format!("{} « {} »", edge.relation.kind, edge.node.title()))
                .collect();
            if !by_hand.is_empty() {
                plan.remarks.push(format!("{} « {} » n'a plus de source ; avec lui partent ces liens faits à la main : {}", node.kind(), node.title(), by_hand.join(", ")));
            }
            plan.deleted.push(format!("{} « {} »", node.kind(), node.title()));
            plan.changes.changes.push(Change::DeleteNode { node: own });
        }
    }
    refs
}

/// Creates and deletes relations.
fn links(
    relations: &BTreeMap<(Identity, String, Identity), BTreeSet<String>>,
    refs: &HashMap<Identity, NodeRef>,
    graph: &Graph,
    depots: &BTreeSet<String>,
    plan: &mut Plan,
) {
    let snapshot = graph.snapshot();
    let existing: HashMap<(i64, &str, i64), usize> = snapshot
        .relations
        .iter()
        .enumerate()
        .map(|(at, relation)| ((relation.from, relation.kind.as_str(), relation.to), at))
        .collect();
    let deleted: HashSet<i64> = plan
        .changes
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::DeleteNode { node: NodeRef::Id(id) } => Some(*id),
            _ => None,
        })
        .collect();
    let mut kept: HashSet<RelationId> = HashSet::new();
    for ((from, kind, to), owners) in relations {
        let (Some(from), Some(to)) = (refs.get(from), refs.get(to)) else { continue };
        let found = match (from, to) {
            (NodeRef::Id(from), NodeRef::Id(to)) => {
                existing.get(&(*from, kind.as_str(), *to)).map(|at| &snapshot.relations[*at])
            }
            _ => None,
        };
        match found {
            None => {
                let props = Props::from([(OWNED_BY.to_owned(), owners_value(owners))]);
                plan.changes.changes.push(Change::CreateRelation(NewRelation {
                    from: *from,
                    kind: kind.clone(),
                    to: *to,
                    props,
                }));
            }
            Some(relation) => {
                kept.insert(relation.id);
                let before: BTreeSet<String> =
                    relation.owners().into_iter().map(str::to_owned).collect();
                // A relation that a person made stays theirs.
                if before.is_empty() {
                    continue;
                }
                let mut now: BTreeSet<String> = before.difference(depots).cloned().collect();
                now.extend(owners.iter().cloned());
                if now != before {
                    let set = Props::from([(OWNED_BY.to_owned(), owners_value(&now))]);
                    plan.changes.changes.push(Change::UpdateRelation {
                        relation: relation.id,
                        set,
                        unset: Vec::new(),
                    });
                }
            }
        }
    }
    for relation in &snapshot.relations {
        let before: BTreeSet<String> = relation.owners().into_iter().map(str::to_owned).collect();
        if kept.contains(&relation.id)
            || before.is_disjoint(depots)
            || deleted.contains(&relation.from)
            || deleted.contains(&relation.to)
        {
            continue;
        }
        let owners: BTreeSet<String> = before.difference(depots).cloned().collect();
        plan.changes.changes.push(if owners.is_empty() {
            Change::DeleteRelation { relation: relation.id }
        } else {
            let set = Props::from([(OWNED_BY.to_owned(), owners_value(&owners))]);
            Change::UpdateRelation { relation: relation.id, set, unset: Vec::new() }
        });
    }
}
