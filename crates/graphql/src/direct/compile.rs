//! From a document to a plan.

use super::{
    AggregateField, ConnectionField, EdgeField, NeighbourField, NodeField, PageField, Plan,
    RootField, Text, json::Object,
};
use crate::{
    connection::Page,
    content::has_answers,
    guard,
    inputs::{Arguments, RelationField, capital, list_arguments, relation_fields},
    schema::KINDS,
    types::{COMMON, ID, plural_connection, told},
};
use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
        SelectionSet,
    },
};
use mqd_model::{Label, NodeRef, PropKind, Uuid};
use std::{cell::RefCell, collections::HashMap};

/// The plan of a document, when all it asks for can be answered here. The document has passed the
/// guard, so that its fragments end; whether it is valid must be found out elsewhere.
pub(crate) fn plan(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
) -> Option<Plan> {
    let operation = guard::operation(document, operation)?;
    if operation.ty != OperationType::Query {
        return None;
    }
    let compiler = Compiler { document, operation, variables, texts: RefCell::default() };
    let root = compiler.root(&operation.selection_set.node)?;
    Some(Plan { root, texts: compiler.texts.into_inner() })
}

struct Compiler<'d> {
    document: &'d ExecutableDocument,
    operation: &'d OperationDefinition,
    variables: &'d Variables,
    /// What the plan says of nodes, each once.
    texts: RefCell<Vec<Text>>,
}

/// A field of an answer: wherever the document selects it, with all that is selected below it.
struct Chosen<'d> {
    key: &'d str,
    field: &'d Field,
    sets: Vec<&'d SelectionSet>,
}

impl<'d> Compiler<'d> {
    /// The selected fields of an object of a type, each made by `make` but `__typename`.
    fn object<F>(
        &self,
        sets: &[&'d SelectionSet],
        name: &str,
        make: impl Fn(&str, &Chosen<'d>) -> Option<F>,
    ) -> Option<Object<F>> {
        let (mut chosen, mut places) = (Vec::new(), HashMap::new());
        for set in sets {
            self.collect(set, name, &mut chosen, &mut places)?;
        }
        let mut object = Object::new();
        for chosen in &chosen {
            match chosen.field.name.node.as_str() {
                "__typename" => object.push_type(chosen.key, name),
                field => object.push(chosen.key, make(field, chosen)?),
            }
        }
        Some(object)
    }

    fn collect(
        &self,
        set: &'d SelectionSet,
        name: &str,
        chosen: &mut Vec<Chosen<'d>>,
        places: &mut HashMap<&'d str, usize>,
    ) -> Option<()> {
        for item in &set.items {
            if self.is_skipped(item.node.directives()) {
                continue;
            }
            let (condition, set) = match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let key = field.response_key().node.as_str();
                    let set = &field.selection_set.node;
                    match places.get(key) {
                        None => {
                            places.insert(key, chosen.len());
                            chosen.push(Chosen { key, field, sets: vec![set] });
                        }
                        Some(place) if same(chosen[*place].field, field) => {
                            chosen[*place].sets.push(set);
                        }
                        Some(_) => return None,
                    }
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    (fragment.type_condition.as_ref(), &fragment.selection_set.node)
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.node.fragment_name.node)?;
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set.node)
                }
            };
            let condition = condition.map(|condition| condition.node.on.node.as_str());
            let is_node = name.parse::<Label>().is_ok();
            if condition.is_none_or(|on| on == name || (on == "Noeud" && is_node)) {
                self.collect(set, name, chosen, places)?;
            }
        }
        Some(())
    }

    /// The place of a text in the plan.
    fn text(&self, text: Text) -> usize {
        let mut texts = self.texts.borrow_mut();
        texts.iter().position(|known| *known == text).unwrap_or_else(|| {
            texts.push(text);
            texts.len() - 1
        })
    }

    fn is_skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let include = match directive.node.name.node.as_str() {
                "skip" => false,
                "include" => true,
                _ => return false,
            };
            let given = directive.node.get_argument("if");
            given.is_some_and(|given| {
                let value = given.node.clone().into_const_with(|name| self.variable(&name));
                (value == Ok(Value::Boolean(true))) != include
            })
        })
    }

    /// The value of a variable.
    fn variable(&self, name: &Name) -> Result<Value, ()> {
        let definitions = &self.operation.variable_definitions;
        let definition = definitions.iter().find(|definition| definition.node.name.node == *name);
        let definition = &definition.ok_or(())?.node;
        self.variables.get(name).or_else(|| definition.default_value()).cloned().ok_or(())
    }

    fn arguments(&self, field: &Field) -> Option<Arguments> {
        let each = field.arguments.iter().map(|(name, value)| {
            let value = value.node.clone().into_const_with(|name| self.variable(&name)).ok()?;
            Some((name.node.to_string(), value.into_json().ok()?))
        });
        each.collect()
    }

    fn root(&self, set: &'d SelectionSet) -> Option<Object<RootField>> {
        self.object(&[set], "Query", |name, chosen| {
            for label in Label::ALL {
                let plural = label.spec().plural;
                if name == plural {
                    let list = list_arguments(label, &self.arguments(chosen.field)?);
                    return Some(RootField::List(label, list, self.node(label, chosen)?));
                }
                if name.strip_suffix("Connection") == Some(plural) {
                    let arguments = self.arguments(chosen.field)?;
                    let (of, edge) = (plural_connection(label), format!("{label}Edge"));
                    let aggregate =
                        (format!("{label}Aggregate"), "Count", format!("{label}AggregateNode"));
                    let fields = self.connection(label, chosen, &of, &edge, &aggregate)?;
                    return Some(RootField::Connection(label, arguments, fields));
                }
            }
            if name == "noeud" {
                let each =
                    Label::ALL.into_iter().map(|label| Some((label, self.node(label, chosen)?)));
                return Some(RootField::Node(
                    self.wanted(chosen.field)?,
                    each.collect::<Option<_>>()?,
                ));
            }
            let (_, label, kind) = KINDS.iter().find(|(known, _, _)| *known == name)?;
            Some(RootField::Kind(*label, kind, self.node(*label, chosen)?))
        })
    }

    /// The node that `noeud` asks for, by its uuid or else its id.
    fn wanted(&self, field: &Field) -> Option<Option<NodeRef>> {
        let arguments = self.arguments(field)?;
        let text = |name: &str| arguments.get(name).and_then(serde_json::Value::as_str);
        Some(match (text("uuid"), text("_id")) {
            (Some(uuid), _) => Uuid::parse_str(uuid).ok().map(NodeRef::Uuid),
            (None, Some(id)) => id.parse().ok().map(NodeRef::Id),
            (None, None) => None,
        })
    }

    fn node(&self, label: Label, chosen: &Chosen<'d>) -> Option<Object<NodeField>> {
        self.object(&chosen.sets, label.name(), |name, chosen| {
            if let Some(common) = COMMON.iter().position(|common| common.name == name) {
                return Some(NodeField::Text(self.text(Text::Common(common))));
            }
            if let Some(prop) = label.spec().props.iter().find(|prop| prop.name == name) {
                return Some(NodeField::Text(self.text(Text::Property(prop.name))));
            }
            for relation in relation_fields(label) {
                if name == relation.name {
                    let arguments = self.arguments(chosen.field)?;
                    let target = relation.step.label;
                    let list = (!arguments.is_empty()).then(|| list_arguments(target, &arguments));
                    return Some(NodeField::Related(
                        relation.step,
                        list,
                        self.node(target, chosen)?,
                    ));
                }
                if name.strip_suffix("Connection") == Some(relation.name) {
                    return self.relation_connection(label, relation, chosen);
                }
            }
            match (label, name) {
                (Label::Document, "aCorrige") => Some(NodeField::Flag(has_answers)),
                (Label::Concept, "listexos") => {
                    Some(NodeField::Sheets(self.node(Label::Document, chosen)?))
                }
                (Label::Concept, "documentsvoisins") => self.neighbours(Label::Document, chosen),
                (Label::Concept, "conceptsvoisins") => self.neighbours(Label::Concept, chosen),
                _ => None,
            }
        })
    }

    fn neighbours(&self, label: Label, chosen: &Chosen<'d>) -> Option<NodeField> {
        let told = told(label);
        let fields = self.object(&chosen.sets, told.name, |name, _| {
            Some(match name {
                "typeRel" => NeighbourField::Kind,
                "out" => NeighbourField::Out,
                _ if name == told.id => NeighbourField::Text(self.text(Text::Common(ID))),
                _ => {
                    let (_, property) = told.properties.iter().find(|(known, _)| *known == name)?;
                    NeighbourField::Text(self.text(Text::Property(property)))
                }
            })
        });
        Some(NodeField::Neighbours(label, fields?))
    }

    fn relation_connection(
        &self,
        label: Label,
        relation: RelationField,
        chosen: &Chosen<'d>,
    ) -> Option<NodeField> {
        let (target, field) = (relation.step.label, capital(relation.name));
        let (of, edge) =
            (format!("{label}{field}Connection"), format!("{label}{field}Relationship"));
        let selection = format!("{label}{target}{field}");
        let aggregate = (
            format!("{selection}AggregateSelection"),
            "CountConnection",
            format!("{selection}NodeAggregateSelection"),
        );
        let fields = self.connection(target, chosen, &of, &edge, &aggregate)?;
        Some(NodeField::Connection(relation.step, self.arguments(chosen.field)?, fields))
    }

    /// A connection to nodes of a label: the names of its type, of its edges, and of its aggregate
    /// with the count and the node in it.
    fn connection(
        &self,
        label: Label,
        chosen: &Chosen<'d>,
        of: &str,
        edge: &str,
        (aggregate, count, node): &(String, &str, String),
    ) -> Option<Object<ConnectionField>> {
        self.object(&chosen.sets, of, |name, chosen| {
            let sets = &chosen.sets;
            Some(match name {
                "totalCount" => ConnectionField::Total,
                "edges" => ConnectionField::Edges(self.object(sets, edge, |name, chosen| {
                    Some(match name {
                        "cursor" => EdgeField::Cursor,
                        "node" => EdgeField::Node(self.node(label, chosen)?),
                        _ => return None,
                    })
                })?),
                "pageInfo" => {
                    ConnectionField::PageInfo(self.object(sets, "PageInfo", |name, _| {
                        Some(match name {
                            "hasNextPage" => PageField::Flag(Page::has_next),
                            "hasPreviousPage" => PageField::Flag(Page::has_previous),
                            "startCursor" => PageField::Cursor(Page::start_cursor),
                            "endCursor" => PageField::Cursor(Page::end_cursor),
                            _ => return None,
                        })
                    })?)
                }
                "aggregate" => {
                    ConnectionField::Aggregate(self.object(sets, aggregate, |name, chosen| {
                        let sets = &chosen.sets;
                        Some(match name {
                            "count" => {
                                AggregateField::Count(self.object(sets, count, |name, _| {
                                    matches!(name, "nodes" | "edges").then_some(())
                                })?)
                            }
                            "node" => AggregateField::Node(self.aggregate_node(label, sets, node)?),
                            _ => return None,
                        })
                    })?)
                }
                _ => return None,
            })
        })
    }

    fn aggregate_node(
        &self,
        label: Label,
        sets: &[&'d SelectionSet],
        of: &str,
    ) -> Option<Object<(&'static str, Object<super::ExtremeField>)>> {
        let texts = || label.spec().props.iter().filter(|prop| prop.kind == PropKind::Text);
        self.object(sets, of, |name, chosen| {
            let prop = texts().find(|prop| prop.name == name)?;
            let extremes = self.object(&chosen.sets, "StringAggregateSelection", |name, _| {
                let value: super::ExtremeField = match name {
                    "shortest" => |extremes| &extremes.shortest,
                    "longest" => |extremes| &extremes.longest,
                    _ => return None,
                };
                Some(value)
            });
            Some((prop.name, extremes?))
        })
    }
}

/// Whether two selections ask for the same.
fn same(a: &Field, b: &Field) -> bool {
    let arguments = |field: &'_ Field| {
        field
            .arguments
            .iter()
            .map(|(name, value)| (name.node.clone(), value.node.clone()))
            .collect::<Vec<_>>()
    };
    a.name.node == b.name.node && arguments(a) == arguments(b)
}
