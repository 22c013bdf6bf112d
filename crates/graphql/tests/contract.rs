//! Holds the schema against the facts that clients of the present server rely on (`contract.txt`),
//! and against the tables of the model that it is generated from.
#![allow(clippy::unwrap_used)]

use async_graphql::parser::{
    parse_schema,
    types::{InputValueDefinition, TypeKind, TypeSystemDefinition},
};
use mqd_graphql::Api;
use mqd_model::{Label, PropKind, schema::TRIPLES};
use std::collections::{BTreeMap, HashMap};

/// A field of a type or input: its type, and its arguments with their types.
#[derive(Debug, PartialEq, Eq, Default, Clone)]
struct Fact {
    of: String,
    arguments: BTreeMap<String, String>,
}

fn arguments<'a>(
    values: impl Iterator<Item = &'a InputValueDefinition>,
) -> BTreeMap<String, String> {
    values.map(|v| (v.name.node.to_string(), v.ty.node.to_string())).collect()
}

/// Everything that our schema has, by `type Name.field`.
fn ours() -> HashMap<String, Fact> {
    let document = parse_schema(Api::schema_sdl().unwrap()).unwrap();
    let mut facts = HashMap::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        let mut add = |kind: &str, field: &str, fact| {
            facts.insert(format!("{kind} {name}.{field}"), fact);
        };
        match definition.node.kind {
            TypeKind::Object(object) => {
                for field in object.fields {
                    let field = field.node;
                    let arguments = arguments(field.arguments.iter().map(|a| &a.node));
                    let fact = Fact { of: field.ty.node.to_string(), arguments };
                    add("type", &field.name.node, fact);
                }
            }
            TypeKind::InputObject(input) => {
                for (field, of) in arguments(input.fields.iter().map(|f| &f.node)) {
                    add("input", &field, Fact { of, ..Fact::default() });
                }
            }
            TypeKind::Enum(values) => {
                for value in values.values {
                    add("enum", &value.node.value.node, Fact::default());
                }
            }
            _ => {}
        }
    }
    facts
}

/// `type Query.documents(limit: Int): [Document!]!` as its name and what is said of it.
fn read(line: &str) -> (String, Fact) {
    let open = line.find('(');
    let (name, rest) = line.split_at(open.unwrap_or_else(|| line.find(':').unwrap_or(line.len())));
    let (list, of) = match open {
        Some(_) => rest[1..].split_once("):").unwrap(),
        None => ("", rest.strip_prefix(':').unwrap_or_default()),
    };
    let argument = |text: &str| {
        let (name, of) = text.split_once(':').unwrap();
        (name.trim().to_owned(), of.trim().to_owned())
    };
    let arguments = list.split(',').filter(|text| !text.is_empty()).map(argument).collect();
    (name.trim().to_owned(), Fact { of: of.trim().to_owned(), arguments })
}

#[test]
fn every_fact_of_the_contract_holds() {
    let ours = ours();
    let mut wrong = Vec::new();
    let facts = include_str!("contract.txt").lines().filter(|line| !line.starts_with('#'));
    let facts: Vec<&str> = facts.filter(|line| !line.is_empty()).collect();
    assert!(facts.len() > 800, "{}", facts.len());
    for line in facts {
        let (name, wanted) = read(line);
        match ours.get(&name) {
            None => wrong.push(format!("absent: {line}")),
            Some(found) => {
                if found.of != wanted.of {
                    wrong.push(format!("{name} is {} and not {}", found.of, wanted.of));
                }
                for (argument, of) in &wanted.arguments {
                    if found.arguments.get(argument) != Some(of) {
                        wrong.push(format!(
                            "{name}({argument}:) is {:?} and not {of}",
                            found.arguments.get(argument)
                        ));
                    }
                }
                // An argument of ours must not be asked of a client that does not know it.
                for (argument, of) in &found.arguments {
                    if !wanted.arguments.contains_key(argument) && of.ends_with('!') {
                        wrong.push(format!("{name} asks for an argument {argument} of ours"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of the contract's facts:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_input_of_the_contract_asks_for_nothing_new() {
    let (names, facts): (Vec<String>, Vec<Fact>) = include_str!("contract.txt")
        .lines()
        .filter(|line| line.starts_with("input "))
        .map(read)
        .unzip();
    assert_eq!(names.len(), facts.len());
    let types: Vec<&str> = names.iter().map(|name| name.split('.').next().unwrap()).collect();
    for (name, fact) in ours() {
        let input = name.split('.').next().unwrap();
        if types.contains(&input) && !names.contains(&name) {
            assert!(!fact.of.ends_with('!'), "{name}: {}", fact.of);
        }
    }
}

/// A line of the tables is all that a property or a relation needs: each is in types, filters,
/// sorts, connections, aggregates and mutations, whatever its name.
#[test]
fn every_line_of_the_model_is_everywhere() {
    let ours = ours();
    let mut absent = Vec::new();
    let mut there = |name: String| {
        if !ours.contains_key(&name) {
            absent.push(name);
        }
    };
    for label in Label::ALL {
        for property in label.spec().props {
            let name = property.name;
            for place in ["type {}", "input {}Where", "input {}Sort"] {
                there(format!("{}.{name}", place.replace("{}", label.name())));
            }
            // A date is given and sorted by, never set, and has no length.
            if property.kind == PropKind::Text {
                for place in ["type {}AggregateNode", "input {}CreateInput", "input {}UpdateInput"]
                {
                    there(format!("{}.{name}", place.replace("{}", label.name())));
                }
            }
        }
    }
    let ends = TRIPLES.iter().flat_map(|triple| {
        [(triple.from, triple.field, triple.to), (triple.to, triple.field_back, triple.from)]
    });
    for (from, field, to) in ends {
        let capital = field[..1].to_uppercase() + &field[1..];
        for place in ["type {}", "input {}Where", "input {}CreateInput", "input {}UpdateInput"] {
            there(format!("{}.{field}", place.replace("{}", from.name())));
        }
        for place in ["type {}", "input {}Where"] {
            there(format!("{}.{field}Connection", place.replace("{}", from.name())));
        }
        for place in [
            format!("type {from}{capital}Connection.edges"),
            format!("type {from}{capital}Connection.aggregate"),
            format!("type {from}{to}{capital}AggregateSelection.count"),
            format!("input {from}{capital}ConnectionSort.node"),
            format!("input {from}{capital}FieldInput.connect"),
            format!("input {from}{capital}UpdateFieldInput.disconnect"),
        ] {
            there(place);
        }
    }
    assert!(absent.is_empty(), "{} places:\n{}", absent.len(), absent.join("\n"));
}
