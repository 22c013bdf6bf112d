//! Every GraphQL document of the views is one that the schema answers, and lies beside a template.
#![allow(clippy::unwrap_used)]

mod common;

use async_graphql::parser::{
    parse_query,
    types::{DocumentOperations, OperationDefinition},
};
use serde_json::{Map, Value, json};
use std::{fs, path::Path};

/// A value for each variable that must have one.
fn variables(operation: &OperationDefinition) -> Value {
    let mut out = Map::new();
    for variable in &operation.variable_definitions {
        let variable = &variable.node;
        let value = match variable.var_type.node.to_string().as_str() {
            "ID!" => json!("00000000-0000-0000-0000-000000000001"),
            "String!" => json!("suite"),
            "Int!" => json!(3),
            "[String!]!" => json!([]),
            other => {
                assert!(!other.ends_with('!'), "no value for {other}");
                continue;
            }
        };
        out.insert(variable.name.node.to_string(), value);
    }
    out.into()
}

#[tokio::test]
async fn each_view_asks_what_the_schema_has() {
    let api = common::api(common::fixture::store());
    let mut asked = 0;
    for folder in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/views")).unwrap() {
        let folder = folder.unwrap().path();
        let Ok(files) = fs::read_dir(&folder) else { continue };
        let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        let with = |ending: &str| {
            let ends = |path: &&std::path::PathBuf| path.extension().is_some_and(|e| e == ending);
            files.iter().filter(ends).collect::<Vec<_>>()
        };
        let questions = with("graphql");
        assert!(questions.len() <= 1, "{}: one question a view", folder.display());
        let Some(question) = questions.first() else { continue };
        assert!(!with("html").is_empty(), "{}: no template", folder.display());
        let text = fs::read_to_string(question).unwrap();
        let name = question.display();
        let parsed = parse_query(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let DocumentOperations::Multiple(operations) = parsed.operations else {
            panic!("{name}: the operation has no name");
        };
        let operation = &operations.values().next().unwrap().node;
        let answer = api.execute(&text, variables(operation)).await;
        assert_eq!(answer.get("errors"), None, "{name}");
        asked += 1;
    }
    assert!(asked > 15, "{asked}");
    // What the schema does not have is seen.
    let answer = api.execute("{ documents { titr } }", Value::Null).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
}
