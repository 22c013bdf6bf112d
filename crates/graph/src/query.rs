//! Lists: filters, sorting, paging.

use crate::{Direction, Graph, collation::Collator};
use mqd_model::{Label, Node, NodeId, Rel, Value};
use std::cmp::Ordering;

/// A test on the text of a property; absent properties pass only `Eq(None)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// Equal, or absent for `None`.
    Eq(Option<String>),
    /// Among these; `None` stands for absent.
    In(Vec<Option<String>>),
    /// Holds this text.
    Contains(String),
    /// Begins with this text.
    StartsWith(String),
    /// Ends with this text.
    EndsWith(String),
}

impl TextTest {
    fn holds(&self, text: Option<&str>) -> bool {
        match self {
            Self::Eq(wanted) => text == wanted.as_deref(),
            Self::In(wanted) => wanted.iter().any(|wanted| text == wanted.as_deref()),
            Self::Contains(part) => text.is_some_and(|text| text.contains(part.as_str())),
            Self::StartsWith(part) => text.is_some_and(|text| text.starts_with(part.as_str())),
            Self::EndsWith(part) => text.is_some_and(|text| text.ends_with(part.as_str())),
        }
    }
}

/// How many of the related nodes must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// All of them (also when there is none).
    All,
    /// None of them.
    None,
    /// Exactly one.
    Single,
    /// At least one.
    Some,
}

/// A relation type, followed one way to nodes of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// Relation type.
    pub rel: Rel,
    /// Which way.
    pub direction: Direction,
    /// Label of the nodes at the other end.
    pub label: Label,
}

/// A filter on nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of these.
    And(Vec<Filter>),
    /// One of these; an empty list passes nothing.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A test on a property.
    Property(String, TextTest),
    /// A test on the integer id, as text.
    Id(TextTest),
    /// A test on the uuid, as text.
    Uuid(TextTest),
    /// A test on the related nodes.
    Related(Step, Quantifier, Box<Filter>),
}

impl Filter {
    /// Whether a node passes.
    #[must_use]
    pub fn holds(&self, graph: &Graph, node: &Node) -> bool {
        match self {
            Self::And(all) => all.iter().all(|filter| filter.holds(graph, node)),
            Self::Or(any) => any.iter().any(|filter| filter.holds(graph, node)),
            Self::Not(filter) => !filter.holds(graph, node),
            Self::Property(name, test) => test.holds(node.text(name)),
            Self::Id(test) => test.holds(Some(&node.id.to_string())),
            Self::Uuid(test) => test.holds(node.uuid.map(|uuid| uuid.to_string()).as_deref()),
            Self::Related(step, quantifier, filter) => {
                let mut passing =
                    graph.related(node.id, *step).map(|other| filter.holds(graph, other));
                match quantifier {
                    Quantifier::All => passing.all(|passes| passes),
                    Quantifier::None => !passing.any(|passes| passes),
                    Quantifier::Some => passing.any(|passes| passes),
                    Quantifier::Single => passing.filter(|passes| *passes).take(2).count() == 1,
                }
            }
        }
    }

    /// The kind (`typeDoc` …) that every passing node has, when the filter says so.
    fn kind<'f>(&'f self, property: &str) -> Option<&'f str> {
        match self {
            Self::Property(name, TextTest::Eq(Some(kind))) if name == property => Some(kind),
            Self::And(all) => all.iter().find_map(|filter| filter.kind(property)),
            _ => None,
        }
    }
}

/// What to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// The integer id.
    Id,
    /// A property.
    Property(String),
}

/// How texts compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Collation {
    /// By code point, as Neo4j does.
    #[default]
    Code,
    /// The French way: é beside e, case aside.
    French,
}

/// A list of nodes to make.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// Which nodes.
    pub filter: Option<Filter>,
    /// In which order; `true` is descending. Absent values are the greatest.
    pub sort: Vec<(Key, bool)>,
    /// How texts compare.
    pub collation: Collation,
    /// How many to pass over.
    pub offset: usize,
    /// How many to give.
    pub limit: Option<usize>,
}

impl List {
    /// Filters, sorts and pages some nodes; also says how many passed.
    pub fn of<'g>(
        &self,
        graph: &Graph,
        nodes: impl Iterator<Item = &'g Node>,
    ) -> (Vec<&'g Node>, usize) {
        let mut passing: Vec<&Node> = match &self.filter {
            Some(filter) => nodes.filter(|node| filter.holds(graph, node)).collect(),
            None => nodes.collect(),
        };
        let total = passing.len();
        if !self.sort.is_empty() {
            self.sort(&mut passing);
        }
        let page =
            passing.into_iter().skip(self.offset).take(self.limit.unwrap_or(usize::MAX)).collect();
        (page, total)
    }

    fn sort(&self, nodes: &mut [&Node]) {
        let collator = match self.collation {
            Collation::Code => None,
            Collation::French => Some(Collator::french()),
        };
        nodes.sort_by(|a, b| {
            self.sort
                .iter()
                .map(|(key, descending)| {
                    let order = match key {
                        Key::Id => a.id.cmp(&b.id),
                        Key::Property(name) => {
                            compare(a.props.get(name), b.props.get(name), collator.as_ref())
                        }
                    };
                    if *descending { order.reverse() } else { order }
                })
                .find(|order| order.is_ne())
                .unwrap_or_else(|| a.id.cmp(&b.id))
        });
    }
}

fn compare(a: Option<&Value>, b: Option<&Value>, collator: Option<&Collator>) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(Value::Int(a)), Some(Value::Int(b))) => a.cmp(b),
        (Some(Value::Float(a)), Some(Value::Float(b))) => a.total_cmp(b),
        (Some(a), Some(b)) => match (a.as_str(), b.as_str(), collator) {
            (Some(a), Some(b), Some(collator)) => collator.compare(a, b),
            (a, b, _) => a.cmp(&b),
        },
    }
}

impl Graph {
    /// The nodes at the other end of a step, in the order of the relations.
    pub fn related(&self, id: NodeId, step: Step) -> impl Iterator<Item = &Node> {
        self.edges(id, step.direction)
            .filter(move |edge| {
                edge.relation.kind == step.rel.name() && edge.node.label() == Some(step.label)
            })
            .map(|edge| edge.node)
    }

    /// A list of the nodes of a label, and how many passed its filter.
    #[must_use]
    pub fn list(&self, label: Label, list: &List) -> (Vec<&Node>, usize) {
        match list.filter.as_ref().and_then(|filter| filter.kind(label.spec().kind)) {
            Some(kind) => list.of(self, self.nodes_of_kind(label, kind)),
            None => list.of(self, self.nodes(label)),
        }
    }
}
