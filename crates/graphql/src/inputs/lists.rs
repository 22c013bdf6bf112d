//! The inputs of lists: filters, relation quantifiers, aggregates, sorts.

use super::parts::{capital, input, list_of, relation_fields};
use async_graphql::dynamic::{Enum, InputObject, InputValue, SchemaBuilder, TypeRef};
use mqd_model::{Label, PropKind};

const QUANTIFIERS: [&str; 4] = ["all", "none", "single", "some"];

/// Registers them.
pub(super) fn register(mut builder: SchemaBuilder) -> SchemaBuilder {
    builder = builder
        .register(
            Enum::new("SortDirection")
                .item("ASC")
                .item("DESC")
                .description("Ordre croissant (ASC) ou décroissant (DESC)."),
        )
        .register(
            Enum::new("Collation")
                .item("CODE")
                .item("FR")
                .description("Ordre des textes : par code (CODE) ou à la française (FR)."),
        )
        .register(Enum::new("Sens").item("SORTANT").item("ENTRANT").item("TOUS"))
        .register(text_tests("StringScalarFilters", TypeRef::STRING))
        .register(text_tests("IDScalarFilters", TypeRef::ID))
        .register(number_tests("IntScalarFilters", TypeRef::INT))
        .register(number_tests("FloatScalarFilters", TypeRef::FLOAT))
        .register(input(
            "StringScalarAggregationFilters",
            [
                ("averageLength", "FloatScalarFilters"),
                ("shortestLength", "IntScalarFilters"),
                ("longestLength", "IntScalarFilters"),
            ]
            .map(|(name, of)| (name, TypeRef::named(of))),
        ))
        .register(input(
            "ConnectionAggregationCountFilterInput",
            ["nodes", "edges"].map(|name| (name, TypeRef::named("IntScalarFilters"))),
        ));
    for label in Label::ALL {
        builder = builder
            .register(where_input(label))
            .register(sort_input(label))
            .register(quantified(&format!("{label}RelationshipFilters"), &format!("{label}Where")));
        for field in relation_fields(label) {
            let name = format!("{label}{}", capital(field.name));
            let target = field.step.label;
            let aggregate = format!("{name}ConnectionAggregateInput");
            let connection = format!("{name}ConnectionWhere");
            builder = builder
                .register(
                    logical(&connection)
                        .field(InputValue::new("node", TypeRef::named(format!("{target}Where")))),
                )
                .register(input(
                    format!("{name}ConnectionSort"),
                    [("node", TypeRef::named(format!("{target}Sort")))],
                ))
                .register(
                    quantified(&format!("{name}ConnectionFilters"), &connection)
                        .field(InputValue::new("aggregate", TypeRef::named(&aggregate))),
                )
                .register(aggregate_node(&name, target))
                .register(aggregate_input(&name))
                .register(
                    logical(&aggregate)
                        .field(InputValue::new(
                            "count",
                            TypeRef::named("ConnectionAggregationCountFilterInput"),
                        ))
                        .field(InputValue::new(
                            "node",
                            TypeRef::named(format!("{name}NodeAggregationWhereInput")),
                        )),
                );
        }
    }
    builder
}

fn text_tests(name: &str, of: &str) -> InputObject {
    let one = ["eq", "contains", "endsWith", "startsWith"].map(|test| (test, TypeRef::named(of)));
    input(name, one).field(InputValue::new("in", list_of(of)))
}

fn number_tests(name: &str, of: &str) -> InputObject {
    let one = ["eq", "gt", "gte", "lt", "lte"].map(|test| (test, TypeRef::named(of)));
    input(name, one).field(InputValue::new("in", list_of(of)))
}

/// An input with `AND`, `OR` and `NOT` of itself.
fn logical(name: &str) -> InputObject {
    input(name, [("AND", list_of(name)), ("OR", list_of(name)), ("NOT", TypeRef::named(name))])
}

fn quantified(name: &str, inner: &str) -> InputObject {
    input(name, QUANTIFIERS.map(|quantifier| (quantifier, TypeRef::named(inner))))
}

fn where_input(label: Label) -> InputObject {
    let mut all = logical(&format!("{label}Where"))
        .field(InputValue::new("_id", TypeRef::named("IDScalarFilters")))
        .field(InputValue::new("uuid", TypeRef::named("IDScalarFilters")));
    for prop in label.spec().props {
        all = all.field(InputValue::new(prop.name, TypeRef::named("StringScalarFilters")));
    }
    if label == Label::Concept {
        all = all.field(InputValue::new("listexos", TypeRef::named("DocumentRelationshipFilters")));
        for quantifier in QUANTIFIERS {
            let name = format!("listexos_{}", quantifier.to_uppercase());
            all = all.field(InputValue::new(name, TypeRef::named("DocumentWhere")));
        }
    }
    for field in relation_fields(label) {
        let target = field.step.label;
        let name = format!("{label}{}", capital(field.name));
        all = all
            .field(InputValue::new(
                field.name,
                TypeRef::named(format!("{target}RelationshipFilters")),
            ))
            .field(InputValue::new(
                format!("{}Connection", field.name),
                TypeRef::named(format!("{name}ConnectionFilters")),
            ))
            .field(
                InputValue::new(
                    format!("{}Aggregate", field.name),
                    TypeRef::named(format!("{name}AggregateInput")),
                )
                .deprecation(Some(&format!("{}Connection: {{ aggregate: … }}", field.name))),
            );
    }
    all
}

/// A test on how many nodes are related and on their texts.
fn aggregate_input(name: &str) -> InputObject {
    let counts = ["EQ", "LT", "LTE", "GT", "GTE"]
        .map(|test| (format!("count_{test}"), TypeRef::named(TypeRef::INT)));
    counts
        .into_iter()
        .fold(logical(&format!("{name}AggregateInput")), |input, (field, of)| {
            input.field(InputValue::new(field, of))
        })
        .field(InputValue::new("count", TypeRef::named("IntScalarFilters")))
        .field(InputValue::new("node", TypeRef::named(format!("{name}NodeAggregationWhereInput"))))
}

fn aggregate_node(name: &str, target: Label) -> InputObject {
    let texts = target.spec().props.iter().filter(|prop| prop.kind == PropKind::Text);
    texts.fold(logical(&format!("{name}NodeAggregationWhereInput")), |input, prop| {
        input.field(InputValue::new(prop.name, TypeRef::named("StringScalarAggregationFilters")))
    })
}

fn sort_input(label: Label) -> InputObject {
    let keys = label.spec().props.iter().map(|prop| prop.name).chain(["_id"]);
    input(format!("{label}Sort"), keys.map(|key| (key, TypeRef::named("SortDirection"))))
}
