//! Lists: filters, sorting, paging.

use crate::{Direction, Graph, rank::compare};
use mqd_model::{Label, Node, NodeId, Rel};
use std::{cell::RefCell, collections::HashMap};

/// A test on the text of a property. As in the database, a test on an absent property is neither
/// true nor false, except `Eq(None)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// Equal, or absent for `None`.
    Eq(Option<String>),
    /// Among these; `None` among them makes what is not found unknown.
    In(Vec<Option<String>>),
    /// Holds this text.
    Contains(String),
    /// Begins with this text.
    StartsWith(String),
    /// Ends with this text.
    EndsWith(String),
}

impl TextTest {
    fn truth(&self, text: Option<&str>) -> Option<bool> {
        match self {
            Self::Eq(None) => Some(text.is_none()),
            Self::Eq(Some(wanted)) => Some(text? == wanted),
            Self::In(wanted) => {
                let text = text?;
                let found = wanted.iter().any(|wanted| wanted.as_deref() == Some(text));
                (found || wanted.iter().all(Option::is_some)).then_some(found)
            }
            Self::Contains(part) => Some(text?.contains(part.as_str())),
            Self::StartsWith(part) => Some(text?.starts_with(part.as_str())),
            Self::EndsWith(part) => Some(text?.ends_with(part.as_str())),
        }
    }
}

/// A test on a number of related nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountTest {
    /// Exactly so many.
    Eq(i64),
    /// More.
    Gt(i64),
    /// So many or more.
    Gte(i64),
    /// Fewer.
    Lt(i64),
    /// So many or fewer.
    Lte(i64),
}

impl CountTest {
    fn holds(self, count: usize) -> bool {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        match self {
            Self::Eq(n) => count == n,
            Self::Gt(n) => count > n,
            Self::Gte(n) => count >= n,
            Self::Lt(n) => count < n,
            Self::Lte(n) => count <= n,
        }
    }
}

/// What is measured of the lengths (in characters) of a property over related nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The mean.
    Average,
    /// The least.
    Shortest,
    /// The greatest.
    Longest,
}

/// How a measure is compared with a bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NumberTest {
    /// Equal.
    Eq(f64),
    /// Greater.
    Gt(f64),
    /// Greater or equal.
    Gte(f64),
    /// Less.
    Lt(f64),
    /// Less or equal.
    Lte(f64),
}

impl NumberTest {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::Eq(n) => value == n,
            Self::Gt(n) => value > n,
            Self::Gte(n) => value >= n,
            Self::Lt(n) => value < n,
            Self::Lte(n) => value <= n,
        }
    }
}

/// How many of the related nodes must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one, and none fails: what the database's library means by `all`.
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

/// A filter on nodes. As in the database a filter is true, false or unknown (a test on an absent
/// property), the contrary of unknown is unknown, and only nodes for which it is true pass.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these; an empty list asks for nothing.
    And(Vec<Filter>),
    /// One of these; an empty list asks for nothing.
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
    /// A test on how many related nodes pass a filter.
    Count(Step, Box<Filter>, CountTest),
    /// A test on the lengths of a property of the related nodes; unknown when none has it.
    Length(Step, String, Measure, NumberTest),
}

/// What is known of filters along relations while a list is made: one that asks for what is
/// related to what is related would otherwise be tried once for every way that leads to a node.
#[derive(Default)]
pub(crate) struct Known(RefCell<HashMap<(*const Filter, NodeId), Option<bool>>>);

impl Known {
    /// The truth of a filter for a related node.
    fn truth(&self, filter: &Filter, graph: &Graph, node: &Node) -> Option<bool> {
        if !filter.walks() {
            return filter.truth(graph, node, self);
        }
        // The filter stays where it is as long as the list is made.
        let key = (std::ptr::from_ref(filter), node.id);
        let known = self.0.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let truth = filter.truth(graph, node, self);
            self.0.borrow_mut().insert(key, truth);
            truth
        })
    }
}

impl Filter {
    /// Whether a node passes.
    #[must_use]
    pub fn holds(&self, graph: &Graph, node: &Node) -> bool {
        self.passes(graph, node, &Known::default())
    }

    pub(crate) fn passes(&self, graph: &Graph, node: &Node, known: &Known) -> bool {
        self.truth(graph, node, known) == Some(true)
    }

    /// Whether it looks at related nodes.
    fn walks(&self) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(Self::walks),
            Self::Not(filter) => filter.walks(),
            Self::Property(..) | Self::Id(_) | Self::Uuid(_) => false,
            Self::Related(..) | Self::Count(..) | Self::Length(..) => true,
        }
    }

    fn truth(&self, graph: &Graph, node: &Node, known: &Known) -> Option<bool> {
        match self {
            Self::And(all) => settle(all, false, graph, node, known),
            Self::Or(any) if any.is_empty() => Some(true),
            Self::Or(any) => settle(any, true, graph, node, known),
            Self::Not(filter) => filter.truth(graph, node, known).map(|truth| !truth),
            Self::Property(name, test) => test.truth(node.text(name)),
            Self::Id(test) => test.truth(Some(&node.id.to_string())),
            Self::Uuid(test) => test.truth(node.uuid.map(|uuid| uuid.to_string()).as_deref()),
            Self::Related(step, quantifier, filter) => {
                let related = graph.related(node.id, *step);
                let mut truths = related.map(|other| known.truth(filter, graph, other));
                Some(match quantifier {
                    Quantifier::All => {
                        let mut one = false;
                        truths.all(|truth| {
                            one |= truth == Some(true);
                            truth != Some(false)
                        }) && one
                    }
                    Quantifier::None => !truths.any(|truth| truth == Some(true)),
                    Quantifier::Some => truths.any(|truth| truth == Some(true)),
                    Quantifier::Single => {
                        truths.filter(|truth| *truth == Some(true)).take(2).count() == 1
                    }
                })
            }
            Self::Count(step, filter, test) => {
                let related = graph.related(node.id, *step);
                let passing =
                    related.filter(|other| known.truth(filter, graph, other) == Some(true));
                Some(test.holds(passing.count()))
            }
            Self::Length(step, property, measure, test) => {
                let lengths = graph
                    .related(node.id, *step)
                    .filter_map(|other| other.text(property))
                    .map(|text| text.chars().count() as f64);
                let value = match measure {
                    Measure::Average => {
                        let (count, sum) =
                            lengths.fold((0_u32, 0.0), |(count, sum), n| (count + 1, sum + n));
                        (count > 0).then(|| sum / f64::from(count))
                    }
                    Measure::Shortest => lengths.reduce(f64::min),
                    Measure::Longest => lengths.reduce(f64::max),
                };
                Some(test.holds(value?))
            }
        }
    }

    /// The id that every passing node has, when the filter says so.
    fn id(&self) -> Option<&str> {
        match self {
            Self::Id(TextTest::Eq(Some(id))) => Some(id),
            Self::And(all) => all.iter().find_map(Self::id),
            _ => None,
        }
    }

    /// The kind (`typeDoc` …) that every passing node has, when the filter says so.
    fn kind<'f>(&'f self, property: &str) -> Option<&'f str> {
        match self {
            Self::Property(name, TextTest::Eq(Some(kind)))
                if name == property && !kind.is_empty() =>
            {
                Some(kind)
            }
            Self::And(all) => all.iter().find_map(|filter| filter.kind(property)),
            _ => None,
        }
    }
}

/// The truth of filters joined so that one of truth `decisive` decides, and unknown ones leave
/// what is not decided unknown.
fn settle(
    filters: &[Filter],
    decisive: bool,
    graph: &Graph,
    node: &Node,
    known: &Known,
) -> Option<bool> {
    let mut settled = true;
    for filter in filters {
        match filter.truth(graph, node, known) {
            Some(truth) if truth == decisive => return Some(decisive),
            Some(_) => {}
            None => settled = false,
        }
    }
    settled.then_some(!decisive)
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
    /// Filters, sorts and pages some nodes of a graph; also says how many passed.
    pub fn of<'g>(
        &self,
        graph: &'g Graph,
        nodes: impl Iterator<Item = &'g Node>,
    ) -> (Vec<&'g Node>, usize) {
        let limit = self.limit.unwrap_or(usize::MAX);
        if self.filter.is_none() && self.sort.is_empty() {
            let (mut page, mut total) = (Vec::new(), 0);
            for node in nodes {
                if total >= self.offset && page.len() < limit {
                    page.push(node);
                }
                total += 1;
            }
            return (page, total);
        }
        let mut passing: Vec<&Node> = match &self.filter {
            Some(filter) => {
                let known = Known::default();
                nodes.filter(|node| filter.passes(graph, node, &known)).collect()
            }
            None => nodes.collect(),
        };
        let total = passing.len();
        if !self.sort.is_empty() {
            self.sort(graph, &mut passing, self.offset.saturating_add(limit));
        }
        (passing.into_iter().skip(self.offset).take(limit).collect(), total)
    }

    /// Puts nodes in order; beyond the first `needed` any order will do.
    fn sort(&self, graph: &Graph, nodes: &mut Vec<&Node>, needed: usize) {
        let mut placed: Vec<(usize, Option<Label>, &Node)> = nodes
            .iter()
            .map(|node| match graph.place(node) {
                Some((label, at)) => (at, Some(label), *node),
                None => (0, None, *node),
            })
            .collect();
        // Ranks count within one label; a mixed list compares values.
        let first = placed.first().and_then(|(_, label, _)| *label);
        let label = first.filter(|_| placed.iter().all(|(_, label, _)| *label == first));
        let columns: Vec<(Column<'_>, bool)> = self
            .sort
            .iter()
            .map(|(key, descending)| {
                let column = match key {
                    Key::Id => Column::Id,
                    Key::Property(name) => label
                        .and_then(|label| graph.ranks(label, name, self.collation))
                        .map_or(Column::Value(name, self.collation), |ranked| {
                            Column::Rank(&ranked.ranks)
                        }),
                };
                (column, *descending)
            })
            .collect();
        let order = |(i, _, a): &(usize, Option<Label>, &Node),
                     (j, _, b): &(usize, Option<Label>, &Node)| {
            columns
                .iter()
                .map(|(column, descending)| {
                    let order = match column {
                        Column::Id => a.id.cmp(&b.id),
                        Column::Rank(ranks) => ranks[*i].cmp(&ranks[*j]),
                        Column::Value(name, collation) => {
                            compare(a.props.get(*name), b.props.get(*name), *collation)
                        }
                    };
                    if *descending { order.reverse() } else { order }
                })
                .find(|order| order.is_ne())
                .unwrap_or_else(|| a.id.cmp(&b.id))
        };
        if needed > 0 && needed < placed.len() {
            placed.select_nth_unstable_by(needed - 1, order);
            placed.truncate(needed);
        }
        placed.sort_by(order);
        *nodes = placed.into_iter().map(|(_, _, node)| node).collect();
    }
}

/// How a sort key is looked up.
enum Column<'a> {
    Id,
    Rank(&'a [u32]),
    Value(&'a str, Collation),
}

impl Graph {
    /// A list of the nodes of a label, and how many passed its filter.
    #[must_use]
    pub fn list(&self, label: Label, list: &List) -> (Vec<&Node>, usize) {
        let filter = list.filter.as_ref();
        let limit = list.limit.unwrap_or(usize::MAX);
        if filter.is_none() && list.sort.is_empty() {
            let nodes = self.nodes(label);
            return (nodes.clone().skip(list.offset).take(limit).collect(), nodes.len());
        }
        if let (None, [(Key::Property(name), descending)]) = (filter, list.sort.as_slice())
            && let Some(ranked) = self.ranks(label, name, list.collation)
        {
            let page = ranked.order(*descending).skip(list.offset).take(limit);
            let page = page.map(|at| &self.snapshot().nodes[at]).collect();
            return (page, self.nodes(label).len());
        }
        if let Some(id) = filter.and_then(Filter::id) {
            let node = id.parse().ok().and_then(|id| self.node(id));
            list.of(self, node.into_iter().filter(|node| node.label() == Some(label)))
        } else if let Some(kind) = filter.and_then(|filter| filter.kind(label.spec().kind)) {
            list.of(self, self.nodes_of_kind(label, kind))
        } else {
            list.of(self, self.nodes(label))
        }
    }
}
