//! Arguments of lists as filters, sorts and pages.

use super::parts::{Arguments, relation_fields};
use mqd_graph::{
    Collation, CountTest, Direction, Filter, Key, List, Measure, NumberTest, Quantifier, Step,
    TextTest,
};
use mqd_model::{Label, Rel};
use serde_json::Value;

/// The exercise sheets that evaluate a concept.
const SHEETS: Step = Step { rel: Rel::Evalue, direction: Direction::In, label: Label::Document };

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
            "listexos" => all.extend(sheets(value)),
            name => all.extend(named(label, name, value)),
        }
    }
    match all.len() {
        1 => all.remove(0),
        _ => Filter::And(all),
    }
}

/// A filter named after a property or a relation of the label.
fn named(label: Label, name: &str, value: &Value) -> Vec<Filter> {
    if let Some(quantifier) = name.strip_prefix("listexos_") {
        let quantified = serde_json::json!({ quantifier.to_lowercase(): value });
        return sheets(&quantified);
    }
    let relation = |name: &str| relation_fields(label).find(|relation| relation.name == name);
    if let Some(relation) = relation(name.strip_suffix("Connection").unwrap_or(name)) {
        return related(relation.step, value);
    }
    if let Some(relation) = name.strip_suffix("Aggregate").and_then(relation) {
        return vec![aggregate(relation.step, value)];
    }
    let property = |test| Filter::Property(name.to_owned(), test);
    tests(value).into_iter().map(property).collect()
}

/// Quantifiers over the exercise sheets of a concept.
fn sheets(value: &Value) -> Vec<Filter> {
    let kind = Label::Document.spec().kind.to_owned();
    let is_sheet = Filter::Property(kind, TextTest::Eq(Some("liste exercices".into())));
    let narrowed = |filter| match filter {
        // All the sheets, whatever the other documents are.
        Filter::Related(step, Quantifier::All, inner) => {
            let fails = Filter::And(vec![is_sheet.clone(), Filter::Not(inner.clone())]);
            let passes = Filter::And(vec![is_sheet.clone(), *inner]);
            Filter::And(vec![
                Filter::Related(step, Quantifier::None, Box::new(fails)),
                Filter::Related(step, Quantifier::Some, Box::new(passes)),
            ])
        }
        Filter::Related(step, quantifier, inner) => {
            let inner = Filter::And(vec![is_sheet.clone(), *inner]);
            Filter::Related(step, quantifier, Box::new(inner))
        }
        other => other,
    };
    related(SHEETS, value).into_iter().map(narrowed).collect()
}

/// A filter on how many nodes are related and on the lengths of their texts.
fn aggregate(step: Step, value: &Value) -> Filter {
    let mut all = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        match key.as_str() {
            _ if value.is_null() => {}
            "AND" => all.push(Filter::And(each(value, |item| aggregate(step, item)))),
            "OR" => all.push(Filter::Or(each(value, |item| aggregate(step, item)))),
            "NOT" => all.push(Filter::Not(Box::new(aggregate(step, value)))),
            // `{ nodes: …, edges: … }` of a connection; two nodes are joined once at most.
            "count" if value.get("nodes").is_some() || value.get("edges").is_some() => {
                for side in ["nodes", "edges"].iter().filter_map(|side| value.get(side)) {
                    all.extend(numbers(side, |test, n| count(step, test, n)));
                }
            }
            "count" => all.extend(numbers(value, |test, n| count(step, test, n))),
            "node" => all.push(lengths(step, value)),
            name => {
                let test = name.strip_prefix("count_").map(str::to_lowercase);
                all.extend(test.zip(value.as_f64()).and_then(|(test, n)| count(step, &test, n)));
            }
        }
    }
    Filter::And(all)
}

fn count(step: Step, test: &str, n: f64) -> Option<Filter> {
    // The schema only lets 32-bit integers through.
    let n = n as i64;
    let test = match test {
        "eq" => CountTest::Eq(n),
        "gt" => CountTest::Gt(n),
        "gte" => CountTest::Gte(n),
        "lt" => CountTest::Lt(n),
        "lte" => CountTest::Lte(n),
        _ => return None,
    };
    Some(Filter::Count(step, Box::new(Filter::And(Vec::new())), test))
}

fn lengths(step: Step, value: &Value) -> Filter {
    let mut all = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        match key.as_str() {
            _ if value.is_null() => {}
            "AND" => all.push(Filter::And(each(value, |item| lengths(step, item)))),
            "OR" => all.push(Filter::Or(each(value, |item| lengths(step, item)))),
            "NOT" => all.push(Filter::Not(Box::new(lengths(step, value)))),
            property => {
                for (measure, value) in value.as_object().into_iter().flatten() {
                    let measure = match measure.as_str() {
                        "averageLength" => Measure::Average,
                        "shortestLength" => Measure::Shortest,
                        "longestLength" => Measure::Longest,
                        _ => continue,
                    };
                    all.extend(numbers(value, |test, n| {
                        let test = match test {
                            "eq" => NumberTest::Eq(n),
                            "gt" => NumberTest::Gt(n),
                            "gte" => NumberTest::Gte(n),
                            "lt" => NumberTest::Lt(n),
                            "lte" => NumberTest::Lte(n),
                            _ => return None,
                        };
                        Some(Filter::Length(step, property.to_owned(), measure, test))
                    }));
                }
            }
        }
    }
    Filter::And(all)
}

/// The tests of an `IntScalarFilters` or `FloatScalarFilters`; `in` is one `eq` or another.
fn numbers(value: &Value, make: impl Fn(&str, f64) -> Option<Filter>) -> Vec<Filter> {
    let mut all = Vec::new();
    for (test, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Array(wanted) => {
                let wanted: Vec<Filter> =
                    wanted.iter().filter_map(|n| make("eq", n.as_f64()?)).collect();
                // Among none: never.
                let never = || Filter::Not(Box::new(Filter::And(Vec::new())));
                all.push(if wanted.is_empty() { never() } else { Filter::Or(wanted) });
            }
            one => all.extend(one.as_f64().and_then(|n| make(test, n))),
        }
    }
    all
}

/// The items of a list; a single value counts as a list of one.
fn each(value: &Value, make: impl Fn(&Value) -> Filter) -> Vec<Filter> {
    match value {
        Value::Array(items) => items.iter().map(make).collect(),
        one => vec![make(one)],
    }
}

fn list(label: Label, value: &Value) -> Vec<Filter> {
    each(value, |item| filter(label, item))
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
                "aggregate" => return Some(aggregate(step, inner)),
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
            // What is equal by a key is equal by it again.
            if keys.iter().all(|(known, _)| *known != key) {
                keys.push((key, direction.as_str() == Some("DESC")));
            }
        }
    }
    keys
}
