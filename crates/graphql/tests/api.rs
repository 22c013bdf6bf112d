//! The API over a small maquis: the contract's shapes, filters, connections, search, limits.
#![allow(clippy::unwrap_used)]

use mqd_depot::{
    Maquis,
    contents::{Content, Contents, Figure, Part, Role},
};
use mqd_graphql::{Api, Config};
use mqd_model::{
    Change, ChangeSet, Label, NewNode, NewRelation, Node, NodeRef, Props, Rel, Uuid, Value,
};
use mqd_store::Store;
use serde_json::{Value as Json, json};
use std::sync::Arc;

struct Fixture;

impl Contents for Fixture {
    fn content(&self, node: &Node) -> Option<Arc<Content>> {
        (node.kind() == "cours").then(|| {
            let part = Part {
                role: Role::Body,
                path: "suites.tex".into(),
                source_url: None,
                pdf_url: None,
                latex: "Une suite".into(),
                html: "<p>Une suite</p>".into(),
                text: "Une suite monotone et bornée converge dans ℝ.".into(),
                toc: Vec::new(),
                index: Vec::new(),
                remarks: Vec::new(),
            };
            Arc::new(Content { depot: "demo".into(), commit: None, parts: vec![part] })
        })
    }

    fn figure(&self, _: &str, _: &str) -> Option<Arc<Figure>> {
        None
    }
}

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn node(n: u128, label: Label, kind: &str, title: &str) -> Change {
    let spec = label.spec();
    let props = Props::from([
        (spec.kind.to_owned(), Value::from(kind)),
        (spec.title.to_owned(), Value::from(title)),
    ]);
    Change::CreateNode(NewNode { uuid: uuid(n), labels: vec![label.name().into()], props })
}

fn link(from: u128, rel: Rel, to: u128) -> Change {
    Change::CreateRelation(NewRelation {
        from: NodeRef::Uuid(uuid(from)),
        kind: rel.name().into(),
        to: NodeRef::Uuid(uuid(to)),
        props: Props::new(),
    })
}

fn api() -> Api {
    let store = Store::memory();
    store
        .apply(&ChangeSet::new(vec![
            node(1, Label::Document, "cours", "Suites réelles"),
            node(2, Label::Document, "exercice", "Exercice su01"),
            node(3, Label::Document, "exercice", "Exercice su02"),
            node(4, Label::Document, "liste exercices", "Suites"),
            node(5, Label::Concept, "thème feuille exercices", "suites"),
            node(6, Label::Concept, "objet mathématique", "étude asymptotique"),
            node(7, Label::Concept, "objet mathématique", "Ensemble"),
            node(8, Label::Evenement, "semaine de colle", "semaine 1"),
            link(4, Rel::Contient, 2),
            link(4, Rel::Contient, 3),
            link(4, Rel::Evalue, 5),
            link(2, Rel::Evalue, 5),
            link(1, Rel::Documente, 6),
            link(6, Rel::Requiert, 7),
            link(8, Rel::Utilise, 1),
        ]))
        .unwrap();
    Api::new(Arc::new(Maquis::open(store).unwrap()), Arc::new(Fixture), Config::default())
}

async fn data(api: &Api, query: &str) -> Json {
    let answer = api.execute(query, Json::Null).await;
    assert!(answer.get("errors").is_none(), "{query}: {answer}");
    answer["data"].clone()
}

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
    ] {
        assert_eq!(data(&api, query).await, wanted, "{query}");
    }
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

#[tokio::test]
async fn costly_and_malformed_documents_are_refused() {
    let api = api();
    let deep = format!("{{ documents {}{} }}", "{ contenants ".repeat(40), "}".repeat(40));
    let wide = format!(
        "{{ {} }}",
        (0..3_000).map(|n| format!("a{n}: documents {{ titre }}")).collect::<Vec<_>>().join(" ")
    );
    let cyclic = "query { documents { ...a } } fragment a on Document { contenants { ...b } } fragment b on Document { contenants { ...a } }".to_owned();
    for query in [deep, wide, cyclic, "{".to_owned(), "{ documents { nope } }".to_owned()] {
        let answer = api.execute(&query, Json::Null).await;
        assert!(answer["errors"][0]["message"].is_string(), "{answer}");
    }
}

#[test]
fn the_schema_has_the_fields_of_the_contract() {
    let sdl = Api::schema_sdl().unwrap();
    for wanted in [
        "type DocumentConceptConceptsEVALAggregateSelection",
        "input DocumentConceptsINDEXEConnectionWhere",
        "type ConceptsConnection",
        "semaines: [Evenement!]!",
        "searchpbs(mot: String): [Document!]",
    ] {
        assert!(sdl.contains(wanted), "{wanted}");
    }
}
