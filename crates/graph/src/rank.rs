//! Sorting without comparing texts: the nodes of a label are ranked once by a property, and every
//! later sort by it compares numbers.

use crate::{Collation, Collator, Graph};
use mqd_model::{Label, Node, Value};
use std::{cmp::Ordering, sync::OnceLock};

/// Room for the properties of one label; a property beyond is sorted without ranks.
const PROPS: usize = 16;
const COLLATIONS: usize = 2;

/// For each label, property and collation, the rank of every node; made when first asked for.
#[derive(Debug)]
pub(crate) struct Ranks(Vec<OnceLock<Ranked>>);

/// The nodes of a label ranked by a property.
#[derive(Debug)]
pub(crate) struct Ranked {
    /// The rank of each node by its position among all nodes; nodes of other labels have 0.
    pub(crate) ranks: Box<[u32]>,
    /// The positions of the nodes of the label, by rank, then by id.
    order: Box<[u32]>,
}

impl Ranked {
    /// The positions in order; `descending` turns the ranks around, not the ids of one rank.
    pub(crate) fn order(&self, descending: bool) -> Box<dyn Iterator<Item = usize> + '_> {
        if !descending {
            return Box::new(self.order.iter().map(|at| *at as usize));
        }
        let rank = |at: &u32| self.ranks[*at as usize];
        let groups = self.order.chunk_by(move |a, b| rank(a) == rank(b));
        Box::new(groups.rev().flatten().map(|at| *at as usize))
    }
}

impl Default for Ranks {
    fn default() -> Self {
        Self((0..Label::ALL.len() * PROPS * COLLATIONS).map(|_| OnceLock::new()).collect())
    }
}

impl Graph {
    /// The nodes of a label ranked by a property of the model.
    pub(crate) fn ranks(
        &self,
        label: Label,
        property: &str,
        collation: Collation,
    ) -> Option<&Ranked> {
        let prop = label.spec().props.iter().position(|p| p.name == property)?;
        let slot = (prop < PROPS)
            .then_some((label as usize * PROPS + prop) * COLLATIONS + collation as usize)?;
        Some(self.ranks.0[slot].get_or_init(|| self.rank(label, property, collation)))
    }

    fn rank(&self, label: Label, property: &str, collation: Collation) -> Ranked {
        let mut ranks = vec![0_u32; self.snapshot().nodes.len()];
        let value = |node: &Node| node.props.get(property).cloned();
        let placed = self.nodes(label).filter_map(|node| Some((self.place(node)?.1, node)));
        match collation {
            Collation::Code => {
                let mut keyed: Vec<_> =
                    placed.map(|(at, node)| (node.props.get(property), at)).collect();
                keyed.sort_by(|(a, _), (b, _)| compare(*a, *b, Collation::Code));
                number(&mut ranks, &keyed, |a, b| compare(*a, *b, Collation::Code).is_eq());
            }
            Collation::French => {
                // What is not a text keeps its order by value, after the texts.
                let mut keyed: Vec<_> = placed
                    .map(|(at, node)| match node.text(property) {
                        Some(text) => ((Some(Collator::french().key(text)), None), at),
                        None => ((None, value(node)), at),
                    })
                    .collect();
                let order =
                    |(a, x): &(Option<Vec<u8>>, Option<Value>),
                     (b, y): &(Option<Vec<u8>>, Option<Value>)| {
                        match (a, b) {
                            (Some(a), Some(b)) => a.cmp(b),
                            (Some(_), None) => Ordering::Less,
                            (None, Some(_)) => Ordering::Greater,
                            (None, None) => compare(x.as_ref(), y.as_ref(), Collation::Code),
                        }
                    };
                keyed.sort_by(|(a, _), (b, _)| order(a, b));
                number(&mut ranks, &keyed, |a, b| order(a, b).is_eq());
            }
        }
        let mut order: Vec<u32> = (0..).zip(&self.snapshot().nodes).map(|(at, _)| at).collect();
        order.retain(|at| self.label_at(*at as usize) == Some(label));
        order.sort_by_key(|at| ranks[*at as usize]);
        Ranked { ranks: ranks.into_boxed_slice(), order: order.into_boxed_slice() }
    }
}

/// Numbers sorted things; equal ones alike.
fn number<K>(ranks: &mut [u32], sorted: &[(K, usize)], same: impl Fn(&K, &K) -> bool) {
    let mut rank = 0;
    for (n, (key, at)) in sorted.iter().enumerate() {
        if n > 0 && !same(&sorted[n - 1].0, key) {
            rank += 1;
        }
        ranks[*at] = rank;
    }
}

/// How two values of a property compare: texts first, then numbers, then the rest, absence last.
pub(crate) fn compare(a: Option<&Value>, b: Option<&Value>, collation: Collation) -> Ordering {
    fn class(value: Option<&Value>) -> u8 {
        match value {
            Some(value) if value.as_str().is_some() => 0,
            Some(Value::Int(_) | Value::Float(_)) => 1,
            Some(Value::Bool(_)) => 2,
            Some(_) => 3,
            None => 4,
        }
    }
    fn float(value: &Value) -> f64 {
        match value {
            // Exact below 2^53, which no number of a maquis comes near.
            Value::Int(number) => *number as f64,
            Value::Float(number) => *number,
            _ => f64::NAN,
        }
    }
    class(a).cmp(&class(b)).then_with(|| match (a, b) {
        (Some(Value::Int(a)), Some(Value::Int(b))) => a.cmp(b),
        (Some(Value::Bool(a)), Some(Value::Bool(b))) => a.cmp(b),
        (Some(a), Some(b)) => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) if collation == Collation::French => {
                Collator::french().compare(a, b)
            }
            (Some(a), Some(b)) => a.cmp(b),
            _ if class(Some(a)) == 1 => float(a).total_cmp(&float(b)),
            _ => Ordering::Equal,
        },
        _ => Ordering::Equal,
    })
}
