//! The API over a small maquis: the contract's shapes, filters, connections, search, limits.
#![allow(clippy::unwrap_used)]

mod common;

use common::{api, data, uuid};
use serde_json::{Value as Json, json};

#[tokio::test]
async fn queries_of_the_contract() {
    let api = api();
    for (query, wanted) in [
        (
            "{ coursdocuments { titre _id } }",
            json!({"coursdocuments": [{"titre": "Suites réelles", "_id": "1"}]}),
        ),
        (
            "{ semaines { nom documents { titre } } }",
            json!({"semaines": [{"nom": "semaine 1", "documents": [{"titre": "Suites réelles"}]}]}),
        ),
        (
            "{ documents(where: {typeDoc: {eq: \"exercice\"}}, sort: [{titre: DESC}], limit: 1) { titre contenants { titre } } }",
            json!({"documents": [{"titre": "Exercice su02", "contenants": [{"titre": "Suites"}]}]}),
        ),
        (
            "{ documents(where: {conceptsEVAL: {some: {litteral: {startsWith: \"sui\"}}}, NOT: {titre: {contains: \"su01\"}}}) { titre } }",
            json!({"documents": [{"titre": "Suites"}]}),
        ),
        (
            "{ concepts(where: {OR: [{litteral: {in: [\"suites\"]}}, {_id: {eq: \"7\"}}]}) { litteral listexos { titre } } }",
            json!({"concepts": [{"litteral": "suites", "listexos": [{"titre": "Suites"}]}, {"litteral": "Ensemble", "listexos": []}]}),
        ),
        (
            "{ concepts(where: {typeConcept: {eq: \"objet mathématique\"}}, sort: [{litteral: ASC}], collation: FR) { litteral } }",
            json!({"concepts": [{"litteral": "Ensemble"}, {"litteral": "étude asymptotique"}]}),
        ),
        (
            "{ concepts(where: {litteral: {eq: \"étude asymptotique\"}}) { conceptsvoisins { typeRel out conceptLitteral conceptId } documentsvoisins { typeRel out docTitre } } }",
            json!({"concepts": [{
                "conceptsvoisins": [{"typeRel": "REQUIERT", "out": true, "conceptLitteral": "Ensemble", "conceptId": "7"}],
                "documentsvoisins": [{"typeRel": "DOCUMENTE", "out": false, "docTitre": "Suites réelles"}],
            }]}),
        ),
        (
            "{ documentsConnection(first: 1, where: {typeDoc: {eq: \"exercice\"}}) { totalCount pageInfo { hasNextPage hasPreviousPage } edges { node { titre } } aggregate { count { nodes } node { titre { longest } } } } }",
            json!({"documentsConnection": {
                "totalCount": 2, "pageInfo": {"hasNextPage": true, "hasPreviousPage": false},
                "edges": [{"node": {"titre": "Exercice su01"}}],
                "aggregate": {"count": {"nodes": 2}, "node": {"titre": {"longest": "Exercice su02"}}},
            }}),
        ),
        (
            "{ noeud(_id: \"1\") { __typename intitule ... on Document { parties { role html } } } }",
            json!({"noeud": {"__typename": "Document", "intitule": "Suites réelles", "parties": [{"role": "ENTIER", "html": "<p>Une suite</p>"}]}}),
        ),
        ("{ coherence { regle } }", json!({"coherence": []})),
        (
            "{ documents(where: {contenusConnection: {aggregate: {count: {nodes: {gte: 2}}}}}) { titre } }",
            json!({"documents": [{"titre": "Suites"}]}),
        ),
        (
            "{ documents(where: {conceptsEVALConnection: {aggregate: {node: {litteral: {longestLength: {eq: 6}, averageLength: {lt: 6.5}}}}}}) { titre } }",
            json!({"documents": [{"titre": "Exercice su01"}, {"titre": "Suites"}]}),
        ),
        (
            "{ documents(where: {contenantsAggregate: {count_GT: 0, NOT: {node: {titre: {shortestLength: {in: [7]}}}}}, conceptsEVALAggregate: {count: {in: [0]}}}) { titre } }",
            json!({"documents": [{"titre": "Exercice su02"}]}),
        ),
        (
            "{ concepts(where: {listexos_SOME: {titre: {eq: \"Suites\"}}}) { litteral } }",
            json!({"concepts": [{"litteral": "suites"}]}),
        ),
        (
            "{ concepts(where: {listexos: {all: {titre: {eq: \"Suites\"}}}}) { litteral } }",
            json!({"concepts": [{"litteral": "suites"}]}),
        ),
    ] {
        assert_eq!(data(&api, query).await, wanted, "{query}");
    }
}

#[tokio::test]
async fn variables_that_are_left_out_have_their_defaults() {
    let api = api();
    let query = "query ($yes: Boolean = true, $n: Int = 1, $where: DocumentWhere) {
        documents(limit: $n, where: $where) { _id titre @include(if: $yes) } maquis @skip(if: $yes) { version } }";
    assert_eq!(
        data(&api, query).await,
        json!({"documents": [{"_id": "1", "titre": "Suites réelles"}]})
    );
}

#[tokio::test]
async fn a_cursor_leads_to_the_next_page() {
    let api = api();
    let first = data(&api, "{ documentsConnection(first: 3) { pageInfo { endCursor } } }").await;
    let cursor = first["documentsConnection"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned();
    let query = format!(
        "{{ documentsConnection(first: 3, after: \"{cursor}\") {{ edges {{ node {{ titre }} }} pageInfo {{ hasPreviousPage }} }} }}"
    );
    let next = data(&api, &query).await;
    assert_eq!(next["documentsConnection"]["edges"], json!([{"node": {"titre": "Suites"}}]));
    assert_eq!(next["documentsConnection"]["pageInfo"]["hasPreviousPage"], json!(true));
}

#[tokio::test]
async fn neighbourhoods_and_paths() {
    let api = api();
    let query = format!(
        "{{ voisinage(uuid: \"{}\", profondeur: 2) {{ tronque noeuds {{ distance noeud {{ intitule }} }} relations {{ type verbe }} }} }}",
        uuid(6)
    );
    let around = data(&api, &query).await;
    assert_eq!(around["voisinage"]["noeuds"].as_array().unwrap().len(), 4);
    assert_eq!(
        around["voisinage"]["noeuds"][0],
        json!({"distance": 0, "noeud": {"intitule": "étude asymptotique"}})
    );
    let query = format!(
        "{{ parcours(concept: \"{}\") {{ profondeur concept {{ litteral }} documents {{ titre }} }} }}",
        uuid(6)
    );
    let path = data(&api, &query).await;
    assert_eq!(
        path["parcours"],
        json!([
            {"profondeur": 0, "concept": {"litteral": "Ensemble"}, "documents": []},
            {"profondeur": 1, "concept": {"litteral": "étude asymptotique"}, "documents": [{"titre": "Suites réelles"}]},
        ])
    );
    let query =
        format!("{{ cheminPrerequis(de: \"{}\", vers: \"{}\") {{ litteral }} }}", uuid(6), uuid(7));
    assert_eq!(data(&api, &query).await["cheminPrerequis"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn search_in_titles_and_texts() {
    let api = api();
    for (query, wanted) in [
        (
            "{ searchcours(mot: \"monotones\") { titre } }",
            json!({"searchcours": [{"titre": "Suites réelles"}]}),
        ),
        (
            "{ searchcours(mot: \"sui*\") { titre } }",
            json!({"searchcours": [{"titre": "Suites réelles"}]}),
        ),
        ("{ searchcours(mot: \"+suite -bornée\") { titre } }", json!({"searchcours": []})),
        (
            "{ searchconcepts(mot: \"\\\"étude asymptotique\\\"\") { litteral } }",
            json!({"searchconcepts": [{"litteral": "étude asymptotique"}]}),
        ),
        (
            "{ recherche(mot: \"asymptotiqe\") { total resultats { noeud { intitule } } } }",
            json!({"recherche": {"total": 1, "resultats": [{"noeud": {"intitule": "étude asymptotique"}}]}}),
        ),
    ] {
        assert_eq!(data(&api, query).await, wanted, "{query}");
    }
    let found = data(&api, "{ recherche(mot: \"converge\") { resultats { extrait } } }").await;
    assert!(
        found["recherche"]["resultats"][0]["extrait"]
            .as_str()
            .unwrap()
            .contains("<mark>converge</mark>"),
        "{found}"
    );
    for bad in ["(a", "\\\"a", "a AND", "*", ")"] {
        let answer =
            api.execute(&format!("{{ searchpbs(mot: \"{bad}\") {{ titre }} }}"), Json::Null).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"],
            json!("BAD_USER_INPUT"),
            "{bad}: {answer}"
        );
    }
}
