//! Nodes and relations as every store gives them, and the snapshot of a whole maquis.

use crate::{Label, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The integer id of a node, `_id` in the API. Unique in one store; new ids are given by the store.
pub type NodeId = i64;
/// The integer id of a relation, unique in one store.
pub type RelationId = i64;
/// Properties by name, sorted so that whatever is written from them is deterministic.
pub type Props = BTreeMap<String, Value>;

/// Property of nodes and relations that maintenance made: the list of dépôts (by name) that own it.
/// A node or relation without it was made by hand and is never touched by maintenance.
pub const OWNED_BY: &str = "mqd_depots";
/// Property of owned nodes: the stable key of the source inside its dépôt (`depot:kind:ident`), by
/// which maintenance finds the node again when its title changes.
pub const OWNER_KEY: &str = "mqd_cle";

/// The label that counts when a node of a foreign database carries several.
pub const LABEL_PRIORITY: [Label; 4] =
    [Label::Document, Label::Concept, Label::Evenement, Label::SiteWeb];

/// One node of the maquis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// `_id` of the API.
    pub id: NodeId,
    /// The identifier that never changes; absent only in a database that our code did not write.
    pub uuid: Option<Uuid>,
    /// All labels as the store has them, sorted; usually one, maybe none that the model knows.
    pub labels: Vec<String>,
    /// Every property but `uuid`.
    pub props: Props,
}

impl Node {
    /// The label of the model that this node counts as, if any.
    #[must_use]
    pub fn label(&self) -> Option<Label> {
        LABEL_PRIORITY.into_iter().find(|label| self.labels.iter().any(|l| l == label.name()))
    }

    /// The text of a property, if it is there and is a text or a date.
    #[must_use]
    pub fn text(&self, property: &str) -> Option<&str> {
        self.props.get(property).and_then(Value::as_str)
    }

    /// What people call this node: its title, literal or name; empty if it has none.
    #[must_use]
    pub fn title(&self) -> &str {
        self.label().and_then(|label| self.text(label.spec().title)).unwrap_or_default()
    }

    /// `typeDoc`, `typeConcept`, `typeEvt` or `typeSiteWeb`, whichever its label has.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.label().and_then(|label| self.text(label.spec().kind)).unwrap_or_default()
    }

    /// The dépôts that own this node; empty when it was made by hand.
    #[must_use]
    pub fn owners(&self) -> Vec<&str> {
        self.props.get(OWNED_BY).map(Value::as_strings).unwrap_or_default()
    }
}

/// One relation of the maquis, between two nodes of the same snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    /// Identifier in the store.
    pub id: RelationId,
    /// Where it starts.
    pub from: NodeId,
    /// Its type, `CONTIENT` and so on; possibly one that the model does not know.
    pub kind: String,
    /// Where it ends.
    pub to: NodeId,
    /// Its properties.
    pub props: Props,
}

impl Relation {
    /// The dépôts that own this relation; empty when it was made by hand.
    #[must_use]
    pub fn owners(&self) -> Vec<&str> {
        self.props.get(OWNED_BY).map(Value::as_strings).unwrap_or_default()
    }
}

/// What tells one state of a store from another: equal versions mean equal content.
/// The embedded store counts its transactions; Neo4j gives a digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Version(pub String);

/// The whole content of a store at one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// Which state this is.
    pub version: Version,
    /// All nodes, sorted by id.
    pub nodes: Vec<Node>,
    /// All relations, sorted by id; both ends are in `nodes`.
    pub relations: Vec<Relation>,
}
