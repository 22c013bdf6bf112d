//! Mutations: who may, what is refused, one transaction a request, visible to the next read.
#![allow(clippy::unwrap_used)]

mod common;

use common::{TOKEN, api, data, uuid, writable};
use mqd_graphql::{Access, Api, Config};
use serde_json::{Value as Json, json};

async fn write(api: &Api, query: &str) -> Json {
    let access = api.access(Some(&format!("Bearer {TOKEN}")));
    api.execute_as(query, Json::Null, access).await
}

async fn written(api: &Api, query: &str) -> Json {
    let answer = write(api, query).await;
    assert!(answer.get("errors").is_none(), "{query}: {answer}");
    answer["data"].clone()
}

/// The code of the first error of a request that must change nothing.
async fn refused(api: &Api, query: &str) -> String {
    let before = api.maquis().graph().version().clone();
    let answer = write(api, query).await;
    assert_eq!(*api.maquis().graph().version(), before, "{query}");
    assert_eq!(answer["data"], Json::Null, "{query}");
    let error = &answer["errors"][0]["extensions"];
    assert!(error["fr"].is_string() && error["en"].is_string(), "{query}: {answer}");
    error["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_the_token_opens_mutations() {
    let query =
        "mutation { createConcepts(input: [{litteral: \"rang\"}]) { info { nodesCreated } } }";
    let cases: [(Api, Option<&str>, Access, &str); 6] = [
        (api(), None, Access::Reader, "MUTATIONS_OFF"),
        (api(), Some("Bearer "), Access::Refused, "MUTATIONS_OFF"),
        (writable(), None, Access::Reader, "UNAUTHENTICATED"),
        (writable(), Some("Bearer un jeton de tes"), Access::Refused, "UNAUTHENTICATED"),
        (writable(), Some(TOKEN), Access::Refused, "UNAUTHENTICATED"),
        (
            common::api_with(Config { admin_token: Some(String::new()), ..Config::default() }),
            Some("Bearer "),
            Access::Refused,
            "MUTATIONS_OFF",
        ),
    ];
    for (api, header, access, code) in cases {
        assert_eq!(api.access(header), access, "{header:?}");
        let answer = api.execute_as(query, Json::Null, api.access(header)).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], json!(code), "{header:?}");
        let found =
            data(&api, "{ concepts(where: {litteral: {eq: \"rang\"}}) { litteral } }").await;
        assert_eq!(found["concepts"], json!([]));
    }
    assert_eq!(
        written(&writable(), query).await,
        json!({"createConcepts": {"info": {"nodesCreated": 1}}})
    );
}

#[tokio::test]
async fn nodes_are_created_with_what_they_are_joined_to() {
    let api = writable();
    let created = written(
        &api,
        r#"mutation { createDocuments(input: [{
            titre: "Rang", typeDoc: "cours", description: "Le rang d'une matrice",
            concepts: { create: [{ node: { litteral: "rang", typeConcept: "index Latex" } }],
                        connect: [{ where: { node: { litteral: { eq: "Ensemble" } } } }] },
            evenements: { connect: [{ where: { node: { nom: { eq: "semaine 1" } } } }] }
        }]) { info { nodesCreated relationshipsCreated } documents { titre date concepts(sort: [{litteral: ASC}]) { litteral } evenements { nom } } } }"#,
    )
    .await;
    assert_eq!(
        created["createDocuments"],
        json!({
            "info": {"nodesCreated": 2, "relationshipsCreated": 3},
            "documents": [{
                "titre": "Rang", "date": null,
                "concepts": [{"litteral": "Ensemble"}, {"litteral": "rang"}],
                "evenements": [{"nom": "semaine 1"}],
            }],
        })
    );
    let read = data(&api, "{ documents(where: {titre: {eq: \"Rang\"}}) { _id concepts { _id } } }");
    let read = read.await;
    assert!(read["documents"][0]["_id"].as_str().unwrap().parse::<i64>().unwrap() > 8, "{read}");
    assert_eq!(read["documents"][0]["concepts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn nodes_are_updated_along_their_relations() {
    let api = writable();
    let changed = written(
        &api,
        r#"mutation { updateDocuments(
            where: { titre: { eq: "Suites" } },
            update: {
                titre: { set: "Suites numériques" }, description: { set: null },
                conceptsEVAL: [{
                    update: { where: { node: { litteral: { eq: "suites" } } }, node: { discipline: { set: "analyse" } } },
                    connect: [{ where: { node: { litteral: { eq: "Ensemble" } } } }]
                }],
                contenus: [{ disconnect: [{ where: { node: { titre: { eq: "Exercice su01" } } } }],
                             delete: [{ where: { node: { titre: { eq: "Exercice su02" } } } }] }]
            }
        ) { info { nodesCreated nodesDeleted relationshipsCreated relationshipsDeleted }
            documents { titre contenus { titre } conceptsEVAL { litteral discipline } } } }"#,
    )
    .await;
    assert_eq!(
        changed["updateDocuments"],
        json!({
            "info": {"nodesCreated": 0, "nodesDeleted": 1, "relationshipsCreated": 1, "relationshipsDeleted": 2},
            "documents": [{"titre": "Suites numériques", "contenus": [], "conceptsEVAL": [
                {"litteral": "suites", "discipline": "analyse"}, {"litteral": "Ensemble", "discipline": null},
            ]}],
        })
    );
    // What is joined already is not joined again.
    let again = written(
        &api,
        r#"mutation { updateDocuments(where: { titre: { eq: "Suites numériques" } }, update: {
            conceptsEVAL: [{ connect: [{ where: { node: { litteral: { eq: "Ensemble" } } } }] }]
        }) { info { relationshipsCreated } } }"#,
    )
    .await;
    assert_eq!(again["updateDocuments"]["info"]["relationshipsCreated"], json!(0));
    let deleted = written(
        &api,
        r#"mutation { deleteDocuments(where: { titre: { eq: "Suites numériques" } },
            delete: { conceptsEVAL: [{ where: { node: { litteral: { eq: "Ensemble" } } } }] }
        ) { nodesDeleted relationshipsDeleted } }"#,
    )
    .await;
    // Two relations of the document, and the one by which another concept requires this one.
    assert_eq!(deleted["deleteDocuments"], json!({"nodesDeleted": 2, "relationshipsDeleted": 3}));
}

#[tokio::test]
async fn sites_are_written_too() {
    let api = writable();
    let site = r#"{ nom: "Maths", typeSiteWeb: "cours", url: "https://maths.example/" }"#;
    let query =
        format!("mutation {{ createSitesweb(input: [{site}]) {{ sitesweb {{ nom url }} }} }}");
    let created = written(&api, &query).await;
    assert_eq!(
        created["createSitesweb"]["sitesweb"],
        json!([{"nom": "Maths", "url": "https://maths.example/"}])
    );
    let deleted = written(&api, "mutation { deleteSitesweb { nodesDeleted } }").await;
    assert_eq!(deleted["deleteSitesweb"]["nodesDeleted"], json!(1));
}

#[tokio::test]
async fn a_request_is_one_transaction_whose_fields_see_one_another() {
    let api = writable();
    let before = api.maquis().graph().version().clone();
    let answer = written(
        &api,
        r#"mutation {
            a: createConcepts(input: [{ litteral: "rang" }]) { concepts { litteral typeConcept } }
            b: updateConcepts(where: { litteral: { eq: "rang" } }, update: {
                documents: [{ connect: [{ where: { node: { titre: { eq: "Suites réelles" } } } }] }]
            }) { concepts { documents { titre } } }
            c: updateConcepts(where: { litteral: { eq: "rang" } }, update: {
                documents: [{ disconnect: [{}] }], description: { set: "d" }
            }) { info { relationshipsDeleted } concepts { litteral description documents { titre } } }
        }"#,
    )
    .await;
    assert_eq!(answer["a"]["concepts"][0]["typeConcept"], json!("objet mathématique"));
    assert_eq!(answer["c"]["info"]["relationshipsDeleted"], json!(1));
    assert_eq!(
        answer["c"]["concepts"],
        json!([{"litteral": "rang", "description": "d", "documents": []}])
    );
    let after = api.maquis().graph().version().0.parse::<u64>().unwrap();
    assert_eq!(after, before.0.parse::<u64>().unwrap() + 1, "one transaction");
    // The second field is refused, so the first has not happened.
    let code = refused(
        &api,
        r#"mutation {
            a: createConcepts(input: [{ litteral: "noyau" }]) { info { nodesCreated } }
            b: createConcepts(input: [{ litteral: " " }]) { info { nodesCreated } }
        }"#,
    )
    .await;
    assert_eq!(code, "EMPTY_TITLE");
    let found = data(&api, "{ concepts(where: {litteral: {eq: \"noyau\"}}) { litteral } }").await;
    assert_eq!(found["concepts"], json!([]));
}

#[tokio::test]
async fn what_the_model_forbids_is_refused() {
    let api = writable();
    let join = |from: u128, relation: &str, to: u128| {
        format!(
            "mutation {{ relier(de: \"{}\", relation: \"{relation}\", vers: \"{}\") {{ info {{ relationshipsCreated }} }} }}",
            uuid(from),
            uuid(to)
        )
    };
    let create = |litteral: &str, kind: &str| {
        format!(
            "mutation {{ createConcepts(input: [{{litteral: \"{litteral}\", typeConcept: \"{kind}\"}}]) {{ info {{ nodesCreated }} }} }}"
        )
    };
    let cases = [
        (join(5, "UTILISE", 6), "FORBIDDEN_TRIPLE"),
        (join(5, "AIME", 6), "FORBIDDEN_TRIPLE"),
        (join(7, "REQUIERT", 6), "REQUIERT_CYCLE"),
        (join(7, "REQUIERT", 99), "NO_NODE"),
        (create("", "index Latex"), "EMPTY_TITLE"),
        (create("Ensemble", "objet mathématique"), "DUPLICATE_KEY"),
        (create("Ensemble", "poisson"), "UNKNOWN_KIND"),
        ("mutation { createDocuments(input: [{titre: \"a\"}]) { info { nodesCreated } } }".into(), "UNKNOWN_KIND"),
        (format!("mutation {{ delier(de: \"{}\", relation: \"REQUIERT\", vers: \"5\") {{ info {{ nodesDeleted }} }} }}", uuid(7)), "NO_RELATION"),
        ("mutation { fusionnerConcepts(garde: \"6\", absorbes: [\"1\"]) { info { nodesDeleted } } }".into(), "NOT_A_CONCEPT"),
        ("mutation { fusionnerConcepts(garde: \"6\", absorbes: [\"6\"]) { info { nodesDeleted } } }".into(), "BAD_USER_INPUT"),
    ];
    for (query, code) in cases {
        assert_eq!(refused(&api, &query).await, code, "{query}");
    }
}

#[tokio::test]
async fn nodes_are_joined_and_parted_by_name() {
    let api = writable();
    let query = |verb: &str| {
        format!(
            "mutation {{ {verb}(de: \"{}\", relation: \"REQUIERT\", vers: \"7\") {{ info {{ relationshipsCreated relationshipsDeleted }} de {{ intitule }} vers {{ intitule }} }} }}",
            uuid(5)
        )
    };
    let joined = written(&api, &query("relier")).await;
    assert_eq!(
        joined["relier"],
        json!({"info": {"relationshipsCreated": 1, "relationshipsDeleted": 0}, "de": {"intitule": "suites"}, "vers": {"intitule": "Ensemble"}})
    );
    let parted = written(&api, &query("delier")).await;
    assert_eq!(parted["delier"]["info"]["relationshipsDeleted"], json!(1));
}

#[tokio::test]
async fn a_merged_concept_has_the_relations_of_both() {
    let api = writable();
    written(
        &api,
        r#"mutation { createConcepts(input: [{ litteral: "asymptotique", description: "d",
            documents: { connect: [{ where: { node: { typeDoc: { in: ["cours", "exercice"] } } } }] },
            prerequis: { connect: [{ where: { node: { litteral: { in: ["suites", "étude asymptotique"] } } } }] } }]) { info { nodesCreated } } }"#,
    )
    .await;
    let merged = written(
        &api,
        "mutation { fusionnerConcepts(garde: \"6\", absorbes: [\"9\"]) { info { nodesDeleted relationshipsCreated relationshipsDeleted } concept { litteral description documents { titre } prerequis { litteral } } } }",
    )
    .await;
    assert_eq!(
        merged["fusionnerConcepts"],
        json!({
            "info": {"nodesDeleted": 1, "relationshipsCreated": 3, "relationshipsDeleted": 5},
            "concept": {
                "litteral": "étude asymptotique", "description": "d",
                "documents": [{"titre": "Suites réelles"}, {"titre": "Exercice su01"}, {"titre": "Exercice su02"}],
                "prerequis": [{"litteral": "Ensemble"}, {"litteral": "suites"}],
            },
        })
    );
    assert_eq!(data(&api, "{ coherence { regle } }").await["coherence"], json!([]));
}

#[tokio::test]
async fn a_mutation_that_changes_too_much_is_refused() {
    let limits = mqd_graphql::Limits { changes: 3, ..mqd_graphql::Limits::default() };
    let api =
        common::api_with(Config { admin_token: Some(TOKEN.into()), limits, ..Config::default() });
    let query = "mutation { deleteDocuments { nodesDeleted } }";
    assert_eq!(refused(&api, query).await, "TOO_MANY_CHANGES");
}

#[tokio::test]
async fn two_writers_do_not_lose_one_another() {
    let api = writable();
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let api = api.clone();
            tokio::spawn(async move {
                let query = format!("mutation {{ createConcepts(input: [{{litteral: \"c{n}\"}}]) {{ info {{ nodesCreated }} }} }}");
                written(&api, &query).await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let all =
        data(&api, "{ conceptsConnection(where: {litteral: {startsWith: \"c\"}}) { totalCount } }")
            .await;
    assert_eq!(all["conceptsConnection"]["totalCount"], json!(20));
}

#[tokio::test]
async fn a_server_that_reads_a_file_opens_it_to_write() {
    use mqd_store::{OpenMode, Store};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("maquis.sqlite");
    drop(Store::open_sqlite(&path, OpenMode::ReadWrite).unwrap());
    let reader = Store::open_sqlite(&path, OpenMode::ReadOnly).unwrap();
    let config = |writer| Config { admin_token: Some(TOKEN.into()), writer, ..Config::default() };
    let create =
        "mutation { createConcepts(input: [{litteral: \"rang\"}]) { concepts { litteral } } }";
    let api = common::api_over(reader, config(None));
    assert_eq!(refused(&api, create).await, "READ_ONLY");
    let reader = Store::open_sqlite(&path, OpenMode::ReadOnly).unwrap();
    let open = {
        let path = path.clone();
        mqd_graphql::OpenStore(std::sync::Arc::new(move || {
            Store::open_sqlite(&path, OpenMode::ReadWrite)
        }))
    };
    let api = common::api_over(reader, config(Some(open)));
    let other = Store::open_sqlite(&path, OpenMode::ReadWrite).unwrap();
    assert_eq!(refused(&api, create).await, "BUSY");
    drop(other);
    assert_eq!(
        written(&api, create).await["createConcepts"]["concepts"],
        json!([{"litteral": "rang"}])
    );
    // Nothing stays locked.
    Store::open_sqlite(&path, OpenMode::ReadWrite).unwrap();
}
