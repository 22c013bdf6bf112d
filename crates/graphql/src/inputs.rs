//! Input types generated from the model, and how they become filters and sorts.

use async_graphql::dynamic::{Enum, InputObject, InputValue, SchemaBuilder, TypeRef};
use mqd_graph::{Collation, Direction, Filter, Key, List, Quantifier, Step, TextTest};
use mqd_model::{Label, Triple, schema::TRIPLES};
use serde_json::Value;

/// A relation field of a label: its name, and the step it stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RelationField {
    pub(crate) name: &'static str,
    pub(crate) step: Step,
}

/// All relation fields of a label, both ways.
pub(crate) fn relation_fields(label: Label) -> Vec<RelationField> {
    let out = |t: &Triple| RelationField {
        name: t.field,
        step: Step { rel: t.rel, direction: Direction::Out, label: t.to },
    };
    let back = |t: &Triple| RelationField {
        name: t.field_back,
        step: Step { rel: t.rel, direction: Direction::In, label: t.from },
    };
    let starts = TRIPLES.iter().filter(|t| t.from == label).map(out);
    let ends = TRIPLES.iter().filter(|t| t.to == label).map(back);
    starts.chain(ends).collect()
}

/// `conceptsEVAL` as `ConceptsEVAL`.
pub(crate) fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn list_of(name: impl Into<String>) -> TypeRef {
    TypeRef::named_nn_list(name.into())
}

/// Registers every input type.
pub(crate) fn register(mut builder: SchemaBuilder) -> SchemaBuilder {
    builder = builder
        .register(
            Enum::new("SortDirection")
                .item("ASC")
                .item("DESC")
                .description("An enum for sorting in either ascending or descending order."),
        )
        .register(
            Enum::new("Collation")
                .item("CODE")
                .item("FR")
                .description("Ordre des textes : par code (CODE) ou à la française (FR)."),
        )
        .register(Enum::new("Sens").item("SORTANT").item("ENTRANT").item("TOUS"))
        .register(scalar_filters("StringScalarFilters", TypeRef::STRING))
        .register(scalar_filters("IDScalarFilters", TypeRef::ID))
        .register(
            InputObject::new("IntScalarFilters")
                .field(InputValue::new("eq", TypeRef::named(TypeRef::INT)))
                .field(InputValue::new("gt", TypeRef::named(TypeRef::INT)))
                .field(InputValue::new("gte", TypeRef::named(TypeRef::INT)))
                .field(InputValue::new("in", list_of(TypeRef::INT)))
                .field(InputValue::new("lt", TypeRef::named(TypeRef::INT)))
                .field(InputValue::new("lte", TypeRef::named(TypeRef::INT))),
        );
    for label in Label::ALL {
        builder = builder
            .register(where_input(label))
            .register(sort_input(label))
            .register(quantified(&format!("{label}RelationshipFilters"), &format!("{label}Where")));
        for field in relation_fields(label) {
            let name = format!("{label}{}", capital(field.name));
            let target = field.step.label;
            let connection_where = format!("{name}ConnectionWhere");
            builder = builder
                .register(
                    InputObject::new(&connection_where)
                        .field(InputValue::new("AND", list_of(&connection_where)))
                        .field(InputValue::new("OR", list_of(&connection_where)))
                        .field(InputValue::new("NOT", TypeRef::named(&connection_where)))
                        .field(InputValue::new("node", TypeRef::named(format!("{target}Where")))),
                )
                .register(
                    InputObject::new(format!("{name}ConnectionSort"))
                        .field(InputValue::new("node", TypeRef::named(format!("{target}Sort")))),
                )
                .register(quantified(&format!("{name}ConnectionFilters"), &connection_where));
        }
    }
    builder
}

fn scalar_filters(name: &str, of: &str) -> InputObject {
    let in_list = TypeRef::named_nn_list(of);
    InputObject::new(name)
        .field(InputValue::new("eq", TypeRef::named(of)))
        .field(InputValue::new("in", in_list))
        .field(InputValue::new("contains", TypeRef::named(of)))
        .field(InputValue::new("endsWith", TypeRef::named(of)))
        .field(InputValue::new("startsWith", TypeRef::named(of)))
}

fn quantified(name: &str, inner: &str) -> InputObject {
    ["all", "none", "single", "some"]
        .into_iter()
        .fold(InputObject::new(name), |input, quantifier| {
            input.field(InputValue::new(quantifier, TypeRef::named(inner)))
        })
}

fn where_input(label: Label) -> InputObject {
    let name = format!("{label}Where");
    let mut input = InputObject::new(&name)
        .field(InputValue::new("_id", TypeRef::named("IDScalarFilters")))
        .field(InputValue::new("uuid", TypeRef::named("IDScalarFilters")));
    for prop in label.spec().props {
        input = input.field(InputValue::new(prop.name, TypeRef::named("StringScalarFilters")));
    }
    input = input
        .field(InputValue::new("OR", list_of(&name)))
        .field(InputValue::new("AND", list_of(&name)))
        .field(InputValue::new("NOT", TypeRef::named(&name)));
    if label == Label::Concept {
        input =
            input.field(InputValue::new("listexos", TypeRef::named("DocumentRelationshipFilters")));
    }
    for field in relation_fields(label) {
        let target = field.step.label;
        input = input
            .field(InputValue::new(
                field.name,
                TypeRef::named(format!("{target}RelationshipFilters")),
            ))
            .field(InputValue::new(
                format!("{}Connection", field.name),
                TypeRef::named(format!("{label}{}ConnectionFilters", capital(field.name))),
            ));
    }
    input
}

fn sort_input(label: Label) -> InputObject {
    let input = InputObject::new(format!("{label}Sort"))
        .field(InputValue::new("_id", TypeRef::named("SortDirection")));
    label.spec().props.iter().fold(input, |input, prop| {
        input.field(InputValue::new(prop.name, TypeRef::named("SortDirection")))
    })
}

/// The filter of a `where` argument; the schema has already checked its shape.
pub(crate) fn filter(label: Label, value: &Value) -> Filter {
    let Some(object) = value.as_object() else { return Filter::And(Vec::new()) };
    let mut all = Vec::new();
    for (key, value) in object {
        if value.is_null() {
            continue;
        }
        match key.as_str() {
            "AND" => all.push(Filter::And(list(label, value))),
            "OR" => all.push(Filter::Or(list(label, value))),
            "NOT" => all.push(Filter::Not(Box::new(filter(label, value)))),
            // Where of a connection: `{ node: … }`.
            "node" => all.push(filter(label, value)),
            "_id" => all.extend(tests(value).into_iter().map(Filter::Id)),
            "uuid" => all.extend(tests(value).into_iter().map(Filter::Uuid)),
            "listexos" => {
                let step = Step {
                    rel: mqd_model::Rel::Evalue,
                    direction: Direction::In,
                    label: Label::Document,
                };
                let sheets = Filter::Property(
                    "typeDoc".into(),
                    TextTest::Eq(Some("liste exercices".into())),
                );
                all.extend(related(step, value).into_iter().map(|filter| match filter {
                    Filter::Related(step, quantifier, inner) => Filter::Related(
                        step,
                        quantifier,
                        Box::new(Filter::And(vec![sheets.clone(), *inner])),
                    ),
                    other => other,
                }));
            }
            name => {
                let field = name.strip_suffix("Connection").unwrap_or(name);
                if let Some(relation) =
                    relation_fields(label).into_iter().find(|relation| relation.name == field)
                {
                    all.extend(related(relation.step, value));
                } else {
                    all.extend(
                        tests(value)
                            .into_iter()
                            .map(|test| Filter::Property(name.to_owned(), test)),
                    );
                }
            }
        }
    }
    match all.len() {
        1 => all.remove(0),
        _ => Filter::And(all),
    }
}

fn list(label: Label, value: &Value) -> Vec<Filter> {
    match value {
        Value::Array(items) => items.iter().map(|item| filter(label, item)).collect(),
        one => vec![filter(label, one)],
    }
}

fn related(step: Step, value: &Value) -> Vec<Filter> {
    let Some(object) = value.as_object() else { return Vec::new() };
    object
        .iter()
        .filter(|(_, inner)| !inner.is_null())
        .filter_map(|(quantifier, inner)| {
            let quantifier = match quantifier.as_str() {
                "all" => Quantifier::All,
                "none" => Quantifier::None,
                "single" => Quantifier::Single,
                "some" => Quantifier::Some,
                _ => return None,
            };
            Some(Filter::Related(step, quantifier, Box::new(filter(step.label, inner))))
        })
        .collect()
}

fn tests(value: &Value) -> Vec<TextTest> {
    let Some(object) = value.as_object() else { return Vec::new() };
    // Ids may be given as numbers.
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    object
        .iter()
        .filter_map(|(test, value)| {
            Some(match test.as_str() {
                "eq" => TextTest::Eq(text(value)),
                "in" => TextTest::In(value.as_array()?.iter().map(text).collect()),
                "contains" => TextTest::Contains(text(value)?),
                "startsWith" => TextTest::StartsWith(text(value)?),
                "endsWith" => TextTest::EndsWith(text(value)?),
                _ => return None,
            })
        })
        .collect()
}

/// The list that the arguments of a field ask for.
pub(crate) fn list_arguments(label: Label, arguments: &Arguments) -> List {
    let count = |value: Option<&Value>| {
        value.and_then(Value::as_i64).map(|n| usize::try_from(n).unwrap_or(0))
    };
    List {
        filter: arguments
            .get("where")
            .filter(|value| !value.is_null())
            .map(|value| filter(label, value)),
        sort: arguments.get("sort").map(sort).unwrap_or_default(),
        collation: match arguments.get("collation").and_then(Value::as_str) {
            Some("FR") => Collation::French,
            _ => Collation::Code,
        },
        offset: count(arguments.get("offset")).unwrap_or(0),
        limit: count(arguments.get("limit")),
    }
}

fn sort(value: &Value) -> Vec<(Key, bool)> {
    let items = match value {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    let mut keys = Vec::new();
    for item in items {
        // A sort of a connection is `{ node: { … } }`.
        let item = item.get("node").unwrap_or(item);
        for (name, direction) in item.as_object().into_iter().flatten() {
            let key = if name == "_id" { Key::Id } else { Key::Property(name.clone()) };
            keys.push((key, direction.as_str() == Some("DESC")));
        }
    }
    keys
}

/// The arguments of a field as JSON.
pub(crate) type Arguments = serde_json::Map<String, Value>;

/// Reads the arguments of a field.
pub(crate) fn arguments(context: &async_graphql::dynamic::ResolverContext<'_>) -> Arguments {
    context
        .args
        .iter()
        .filter_map(|(name, value)| {
            Some((name.to_string(), value.as_value().clone().into_json().ok()?))
        })
        .collect()
}
