//! Serves a site over a large made maquis, its documents with texts and formulas, to measure
//! searches and pictures on: `cargo run --release -p mqd-site --example large -- 100000 WORDS`
//! writes what to search for, a line a search, into the file WORDS. `MQD_LISTEN` sets the address
//! (default `127.0.0.1:8000`).
#![allow(clippy::unwrap_used)]

#[path = "../../../bench/maquis.rs"]
mod maquis;

use maquis::Language;
use mqd_depot::{
    Maquis,
    contents::{Content, Contents, Figure, Part, Place, Role},
};
use mqd_graphql::{Api, Config};
use mqd_model::{Change, ChangeSet, NewNode, NewRelation, Node, NodeRef, Props};
use mqd_site::{InProcess, RateLimit, SiteConfig, SiteState};
use mqd_store::Store;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use std::{collections::HashMap, env, error::Error, net::SocketAddr, sync::Arc};

const SEED: u64 = 20_260_901;
const FORMULA: &str = "∑ xₙ ≤ 1";
const MATHML: &str = "<math alttext=\"somme\"><semantics><mrow><mo>∑</mo><msub><mi>x</mi><mi>n</mi></msub><mo>≤</mo><mn>1</mn></mrow></semantics></math>";

/// Texts of 40 to 160 words with a formula after every tenth or so.
struct Texts(Language);

impl Contents for Texts {
    fn content(&self, node: &Node) -> Option<Arc<Content>> {
        if node.label() != Some(mqd_model::Label::Document) {
            return None;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(node.id.unsigned_abs());
        let (mut text, mut html, mut formulas) = (String::new(), "<p>".to_owned(), Vec::new());
        for _ in 0..rng.random_range(40..160) {
            let word = self.0.word(&mut rng);
            text.extend([word, " "]);
            html.extend([word, " "]);
            if rng.random_range(0..10) == 0 {
                let (at, shown) = (text.len(), html.len());
                text.extend([FORMULA, " "]);
                html.extend([MATHML, " "]);
                formulas.push(Place {
                    text: at..at + FORMULA.len(),
                    html: shown..shown + MATHML.len(),
                });
            }
        }
        html.push_str("</p>");
        let part = Part {
            role: Role::Body,
            path: "texte.tex".to_owned(),
            source_url: None,
            pdf_url: None,
            latex: String::new(),
            html,
            text,
            formulas,
            toc: Vec::new(),
            index: Vec::new(),
            remarks: Vec::new(),
        };
        Some(Arc::new(Content { depot: "essai".to_owned(), commit: None, parts: vec![part] }))
    }

    fn figure(&self, _: &str, _: &str) -> Option<Arc<Figure>> {
        None
    }
}

fn store(nodes: usize) -> Store {
    let made = maquis::maquis(SEED, nodes, nodes * 4);
    let uuids: HashMap<i64, _> = made.nodes.iter().map(|n| (n.id, n.uuid.unwrap())).collect();
    let nodes = made.nodes.into_iter().map(|node| {
        Change::CreateNode(NewNode {
            uuid: node.uuid.unwrap(),
            labels: node.labels,
            props: node.props,
        })
    });
    let relations = made.relations.into_iter().map(|relation| {
        Change::CreateRelation(NewRelation {
            from: NodeRef::Uuid(uuids[&relation.from]),
            kind: relation.kind,
            to: NodeRef::Uuid(uuids[&relation.to]),
            props: Props::new(),
        })
    });
    let store = Store::memory();
    store.apply(&ChangeSet::new(nodes.chain(relations).collect())).unwrap();
    store
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let nodes: usize = env::args().nth(1).ok_or("how many nodes?")?.parse()?;
    let language = Language::new(SEED, 30_000);
    if let Some(file) = env::args().nth(2) {
        // One to three words as frequent as in the texts, the last of a third unfinished.
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let searches = (0..2_000).map(|n| {
            let words: Vec<&str> = (0..1 + n % 3).map(|_| language.word(&mut rng)).collect();
            let words = words.join(" ");
            let length = words.chars().count();
            let typed = if n % 9 < 3 { (length * 2).div_ceil(3) } else { length };
            words.chars().take(typed).collect::<String>() + "\n"
        });
        std::fs::write(file, searches.collect::<String>())?;
    }
    let maquis = Arc::new(Maquis::open(store(nodes))?);
    let api = Api::new(maquis, Arc::new(Texts(language)), Config::default());
    let config =
        SiteConfig { rate: RateLimit { per_second: 0, burst: 0 }, ..SiteConfig::default() };
    let state = SiteState::new(config, Arc::new(InProcess::new(api.clone())));
    // The first search waits for the index.
    while api
        .execute("{ recherche(mot: \"de\") { total } }", serde_json::json!({}))
        .await["data"]["recherche"]["total"]
        .as_u64()
        .is_none_or(|total| total == 0)
    {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let listen = env::var("MQD_LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".to_owned());
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    println!("http://{}", listener.local_addr()?);
    let router = mqd_site::router(state);
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
