//! What a server does on its own beside a real Neo4j: it follows what others write there, keeps the
//! database awake, and lives with connections that are cut while nobody speaks.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Neo4j, Server, get, get_json, post, wait};
use serde_json::{Value, json};
use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

const TOKEN: &str = "jeton-des-essais";
const LONG: Duration = Duration::from_secs(60);

/// A server over the database, and nothing else.
fn serve(folder: &Path, neo4j: &Neo4j, more: &[(&str, &str)]) -> Server {
    fs::write(folder.join("maquisdoc.toml"), "[site.rate]\nper_second = 0\n").unwrap();
    let mut env = neo4j.env();
    env.extend([("MQD_ADMIN_TOKEN", TOKEN), ("MQD_LOG", "off")]);
    // The last one of a name counts.
    env.extend(more);
    Server::start(folder, &env, &[])
}

fn concept(name: &str) -> String {
    format!("CREATE (:Concept {{litteral: '{name}', typeConcept: 'index Latex'}})")
}

fn shows(server: &Server, name: &str) -> bool {
    get(&format!("{}/vues/listeconcepts", server.url)).body.contains(name)
}

fn refresh(server: &Server, token: Option<&str>) -> (u16, Value) {
    let answer = post(&format!("{}/admin/refresh", server.url), token, &json!({}));
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
}

#[test]
fn what_others_write_is_shown_after_a_refresh_that_is_asked_for() {
    let Some(neo4j) = Neo4j::find() else { return };
    neo4j.cypher(&concept("noté avant"));
    let folder = tempfile::tempdir().unwrap();
    // It never looks of its own accord.
    let server = serve(folder.path(), &neo4j, &[("MQD_REFRESH", "0")]);
    assert!(shows(&server, "noté avant"));
    assert_eq!(refresh(&server, Some(TOKEN)), (200, json!({ "changed": false })));

    neo4j.cypher(&concept("noté à la main"));
    thread::sleep(Duration::from_secs(2));
    assert!(!shows(&server, "noté à la main"), "MQD_REFRESH=0 looked");
    for token in [None, Some("un-autre-jeton-tout-aussi-long")] {
        let (status, _) = refresh(&server, token);
        assert!(matches!(status, 401 | 403), "{status}");
    }
    assert!(!shows(&server, "noté à la main"), "a stranger made it look");
    assert_eq!(refresh(&server, Some(TOKEN)), (200, json!({ "changed": true })));
    assert!(shows(&server, "noté à la main"));
    // Changes and deletions as well as what is new.
    neo4j.cypher("MATCH (c:Concept {litteral: 'noté avant'}) SET c.litteral = 'noté autrement'");
    neo4j.cypher("MATCH (c:Concept {litteral: 'noté à la main'}) DETACH DELETE c");
    assert_eq!(refresh(&server, Some(TOKEN)).1, json!({ "changed": true }));
    assert!(shows(&server, "noté autrement") && !shows(&server, "noté à la main"));
}

#[test]
fn what_others_write_is_shown_every_mqd_refresh_seconds() {
    let Some(neo4j) = Neo4j::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &neo4j, &[("MQD_REFRESH", "1")]);
    neo4j.cypher(&concept("noté à la main"));
    let start = Instant::now();
    wait("the new concept", LONG, || shows(&server, "noté à la main"));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let checked = || get_json(&format!("{}/readyz", server.url))["checked"].clone();
    let before = checked();
    wait("the next look", LONG, || checked() != before);
    // What was seen is what a start without the database would serve.
    wait("the last good graph", LONG, || {
        fs::read_dir(folder.path().join("data")).is_ok_and(|entries| {
            entries.flatten().any(|e| e.file_name().to_string_lossy().starts_with("last-good-"))
        })
    });
}

#[test]
fn a_free_database_is_kept_awake_by_a_write_that_changes_nothing() {
    let Some(neo4j) = Neo4j::find() else { return };
    neo4j.cypher(&concept("seul"));
    let folder = tempfile::tempdir().unwrap();
    let awake = "MATCH (m:MqdMeta) WHERE m.veille IS NOT NULL RETURN m.veille";
    let server = serve(folder.path(), &neo4j, &[]);
    thread::sleep(Duration::from_secs(2));
    assert_eq!(neo4j.number(awake), None, "written without being asked");
    drop(server);

    let server = serve(folder.path(), &neo4j, &[("MQD_KEEPALIVE", "24")]);
    wait("the write", LONG, || neo4j.number(awake).is_some());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let age = i64::try_from(now.as_millis()).unwrap() - neo4j.number(awake).unwrap();
    assert!(age.abs() < 60_000, "{age} ms ago");
    // The maquis is as it was, and so is what a reader of the API sees.
    refresh(&server, Some(TOKEN));
    let ready = get_json(&format!("{}/readyz", server.url));
    assert_eq!((&ready["nodes"], &ready["relations"]), (&json!(1), &json!(0)), "{ready}");
}

/// Stands before the database and cuts what has been silent for a moment, as load balancers do.
struct Cutter {
    address: String,
    cuts: Arc<AtomicUsize>,
}

impl Cutter {
    fn start(server: String, silence: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let cuts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&cuts);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                client.set_read_timeout(Some(silence)).unwrap();
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let counted = Arc::clone(&counted);
                thread::spawn(move || {
                    if pass(from, to).is_err() {
                        counted.fetch_add(1, SeqCst);
                    }
                });
                thread::spawn(move || pass(server, client));
            }
        });
        Self { address, cuts }
    }
}

/// Passes bytes on until one side closes, or is silent for too long; then closes both.
fn pass(mut from: TcpStream, mut to: TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 65536];
    let ended = loop {
        match from.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(size) => {
                if to.write_all(&buffer[..size]).is_err() {
                    break Ok(());
                }
            }
            Err(error) => break Err(error),
        }
    };
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
    ended
}

#[test]
fn connections_that_are_cut_while_nobody_speaks_are_survived() {
    let Some(neo4j) = Neo4j::find() else { return };
    let Some(server) = neo4j.url.strip_prefix("bolt://") else { return };
    // Twenty minutes on Aura; a second here.
    let cutter = Cutter::start(server.to_owned(), Duration::from_secs(1));
    let url = format!("bolt://{}", cutter.address);
    let folder = tempfile::tempdir().unwrap();
    let more = [("NEO4J_URL", url.as_str()), ("MQD_REFRESH", "0")];
    let server = serve(folder.path(), &neo4j, &more);
    for n in 1..=3 {
        let before = cutter.cuts.load(SeqCst);
        wait("a cut", LONG, || cutter.cuts.load(SeqCst) > before);
        // The first question after a cut is a refresh, the next one a write.
        neo4j.cypher(&concept(&format!("noté {n}")));
        assert_eq!(refresh(&server, Some(TOKEN)), (200, json!({ "changed": true })));
        assert!(shows(&server, &format!("noté {n}")));
        let before = cutter.cuts.load(SeqCst);
        wait("another cut", LONG, || cutter.cuts.load(SeqCst) > before);
        let input = format!("[{{ typeConcept: \"index Latex\", litteral: \"écrit {n}\" }}]");
        let query =
            format!("mutation {{ createConcepts(input: {input}) {{ info {{ nodesCreated }} }} }}");
        let answer =
            post(&format!("{}/graphql", server.url), Some(TOKEN), &json!({ "query": query }));
        assert!(answer.body.contains("\"nodesCreated\":1"), "{}", answer.body);
        assert_eq!(answer.stale, None);
    }
    assert_eq!(neo4j.number("MATCH (c:Concept) RETURN count(c)"), Some(6));
}
