//! Answers queries that only read the graph, straight as JSON: what is selected is looked up once,
//! in the document, and then written node by node, without a value, a future or an allocation a
//! field.
//!
//! It answers wholly or not at all. What it does not know (introspection, contents of documents,
//! searches, mutations), and whatever goes wrong on the way, is left to the library's executor,
//! which also has validated the document; but an answer that grows too large or takes too long is
//! refused here, so that its cost is not paid twice. So the resolvers remain what the API means, and a test
//! holds the answers of both together, byte for byte.

mod columns;
mod compile;
mod json;
#[cfg(test)]
mod tests;

pub(crate) use columns::Columns;
pub(crate) use compile::plan;

use crate::{
    budget::Budget,
    connection::{Extremes, Page, cursor},
    inputs::Arguments,
    problem::Problem,
    types::sheets,
};
use columns::{Column, Text};
use json::{Json, Object};
use mqd_graph::{Direction, Edge, Graph, List, Step};
use mqd_model::{Label, Node, NodeRef};
use std::{cell::Cell, sync::Arc};

/// What a document asks for, ready to be written for any graph.
pub(crate) struct Plan {
    root: Object<RootField>,
    /// What it says of nodes; its fields name their text by its place here.
    texts: Vec<Text>,
}

/// Why no answer is given here.
pub(crate) enum Stop {
    /// Something is wrong that the library can tell, and where.
    Elsewhere,
    /// What the caller is told.
    Refused(Problem),
}

enum RootField {
    /// All nodes of a label, filtered and sorted.
    List(Label, List, Object<NodeField>),
    /// All nodes of a kind.
    Kind(Label, &'static str, Object<NodeField>),
    Connection(Label, Arguments, Object<ConnectionField>),
    /// One node, with what is selected of it should it have this label or that.
    Node(Option<NodeRef>, Vec<(Label, Object<NodeField>)>),
}

enum NodeField {
    Text(usize),
    Flag(fn(&Node) -> bool),
    Related(Step, Option<List>, Object<NodeField>),
    Sheets(Object<NodeField>),
    Connection(Step, Arguments, Object<ConnectionField>),
    Neighbours(Label, Object<NeighbourField>),
}

enum NeighbourField {
    Kind,
    Out,
    Text(usize),
}

enum ConnectionField {
    Total,
    Edges(Object<EdgeField>),
    PageInfo(Object<PageField>),
    Aggregate(Object<AggregateField>),
}

enum EdgeField {
    Cursor,
    Node(Object<NodeField>),
}

enum PageField {
    Flag(fn(&Page) -> bool),
    Cursor(fn(&Page) -> Option<String>),
}

enum AggregateField {
    /// Of nodes, or of edges: the same.
    Count(Object<()>),
    /// The extremes of a property.
    Node(Object<(&'static str, Object<ExtremeField>)>),
}

type ExtremeField = fn(&Extremes) -> &Option<String>;

/// Results counted before the budget is asked.
const BETWEEN: usize = 256;

impl Plan {
    /// The whole answer, `{"data": …}`.
    pub(crate) fn run(
        &self,
        graph: &Arc<Graph>,
        budget: &Budget,
        columns: &Columns,
    ) -> Result<Vec<u8>, Stop> {
        let column = |text: &Text| (columns.get(graph, *text), Cell::new(0));
        let texts = self.texts.iter().map(column).collect();
        let run = Run { plan: self, graph, budget, unpaid: Cell::new(0), texts };
        let mut json = Json::default();
        json.raw(r#"{"data":"#);
        self.root.write(&mut json, |field, json| run.root(field, json))?;
        json.raw("}");
        run.pay()?;
        for (text, (_, read)) in self.texts.iter().zip(&run.texts) {
            columns.were_read(graph, *text, read.get());
        }
        Ok(json.into_bytes())
    }
}

/// One run of a plan.
struct Run<'g> {
    plan: &'g Plan,
    graph: &'g Arc<Graph>,
    budget: &'g Budget,
    /// Results that the budget does not know of yet.
    unpaid: Cell<usize>,
    /// Of each text of the plan: its column, or how often it was read without one.
    texts: Vec<(Option<Arc<Column>>, Cell<usize>)>,
}

impl Run<'_> {
    fn spend(&self, results: usize) -> Result<(), Stop> {
        // An empty list took its time too.
        self.unpaid.set(self.unpaid.get() + results.max(1));
        if self.unpaid.get() >= BETWEEN { self.pay() } else { Ok(()) }
    }

    fn pay(&self) -> Result<(), Stop> {
        self.budget.spend(self.unpaid.take()).map_err(Stop::Refused)
    }

    fn root(&self, field: &RootField, json: &mut Json) -> Result<(), Stop> {
        match field {
            RootField::List(label, list, fields) => {
                let (nodes, _) = self.graph.list(*label, list);
                self.nodes(nodes.into_iter(), fields, json)
            }
            RootField::Kind(label, kind, fields) => {
                self.nodes(self.graph.nodes_of_kind(*label, kind), fields, json)
            }
            RootField::Connection(label, arguments, fields) => {
                let page =
                    Page::of_label(self.graph, *label, arguments).map_err(|_| Stop::Elsewhere)?;
                self.connection(&page, fields, json)
            }
            RootField::Node(wanted, labels) => {
                let node = wanted.and_then(|wanted| self.graph.find(wanted));
                let of = node.and_then(Node::label);
                match (node, labels.iter().find(|(label, _)| Some(*label) == of)) {
                    (Some(node), Some((_, fields))) => self.node(node, fields, json),
                    _ => {
                        json.null();
                        Ok(())
                    }
                }
            }
        }
    }

    fn nodes<'n>(
        &self,
        nodes: impl Iterator<Item = &'n Node>,
        fields: &Object<NodeField>,
        json: &mut Json,
    ) -> Result<(), Stop> {
        let count = json.list(nodes, |node, json| self.node(node, fields, json))?;
        self.spend(count)
    }

    fn node(&self, node: &Node, fields: &Object<NodeField>, json: &mut Json) -> Result<(), Stop> {
        fields.write(json, |field, json| {
            match field {
                NodeField::Text(text) => self.text(*text, node, json),
                NodeField::Flag(value) => json.flag(value(node)),
                NodeField::Related(step, None, fields) => {
                    self.nodes(self.graph.related(node.id, *step), fields, json)?;
                }
                NodeField::Related(step, Some(list), fields) => {
                    self.pay()?;
                    let (nodes, _) = list.of(self.graph, self.graph.related(node.id, *step));
                    self.nodes(nodes.into_iter(), fields, json)?;
                }
                NodeField::Sheets(fields) => {
                    self.nodes(sheets(self.graph, node.id), fields, json)?;
                }
                NodeField::Connection(step, arguments, fields) => {
                    self.pay()?;
                    let related = self.graph.related(node.id, *step).collect();
                    let page = Page::new(self.graph, step.label, related, arguments);
                    self.connection(&page.map_err(|_| Stop::Elsewhere)?, fields, json)?;
                }
                NodeField::Neighbours(label, fields) => {
                    let edges = self.graph.edges_with(node.id, *label);
                    let count =
                        json.list(edges, |edge, json| self.neighbour(&edge, fields, json))?;
                    self.spend(count)?;
                }
            }
            Ok(())
        })
    }

    /// Writes what a text of the plan says of a node.
    fn text(&self, text: usize, node: &Node, json: &mut Json) {
        let (column, read) = &self.texts[text];
        let column = column.as_ref().zip(self.graph.position(node));
        match column {
            Some((column, at)) => json.raw(column.at(at)),
            None => {
                read.set(read.get() + 1);
                json.text(self.plan.texts[text].of(node).as_deref());
            }
        }
    }

    fn neighbour(
        &self,
        edge: &Edge<'_>,
        fields: &Object<NeighbourField>,
        json: &mut Json,
    ) -> Result<(), Stop> {
        fields.write(json, |field, json| {
            match field {
                NeighbourField::Kind => json.text(Some(&edge.relation.kind)),
                NeighbourField::Out => json.flag(edge.direction == Direction::Out),
                NeighbourField::Text(text) => self.text(*text, edge.node, json),
            }
            Ok(())
        })
    }

    fn connection(
        &self,
        page: &Page,
        fields: &Object<ConnectionField>,
        json: &mut Json,
    ) -> Result<(), Stop> {
        fields.write(json, |field, json| match field {
            ConnectionField::Total => {
                json.number(page.total());
                Ok(())
            }
            ConnectionField::Edges(fields) => {
                let count = json.list(page.shown(), |position, json| {
                    fields.write(json, |field, json| match field {
                        EdgeField::Cursor => {
                            json.text(Some(&cursor(position)));
                            Ok(())
                        }
                        EdgeField::Node(fields) => {
                            let node = self.graph.node(page.id(position)).ok_or(Stop::Elsewhere)?;
                            self.node(node, fields, json)
                        }
                    })
                })?;
                self.spend(count)
            }
            ConnectionField::PageInfo(fields) => fields.write(json, |field, json| {
                match field {
                    PageField::Flag(value) => json.flag(value(page)),
                    PageField::Cursor(value) => json.text(value(page).as_deref()),
                }
                Ok(())
            }),
            ConnectionField::Aggregate(fields) => {
                fields.write(json, |field, json| aggregate(page, field, json))
            }
        })
    }
}

fn aggregate(page: &Page, field: &AggregateField, json: &mut Json) -> Result<(), Stop> {
    match field {
        AggregateField::Count(fields) => fields.write(json, |(), json| {
            json.number(page.total());
            Ok(())
        }),
        AggregateField::Node(fields) => fields.write(json, |(property, fields), json| {
            let extremes = page.extremes(property);
            fields.write(json, |value, json| {
                json.text(value(&extremes).as_deref());
                Ok(())
            })
        }),
    }
}
