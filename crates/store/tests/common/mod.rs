//! The stores that the tests run on, and short ways to write changes.
#![allow(clippy::unwrap_used, dead_code, reason = "each test file uses some of it")]

use mqd_model::{Change, NewNode, NewRelation, NodeRef, Props, Uuid};
use mqd_store::{Neo4jConfig, OpenMode, Secret, Store};
use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

pub enum Bench {
    Memory,
    Sqlite(tempfile::TempDir),
    Neo4j(Neo4jConfig, MutexGuard<'static, ()>),
}

/// There is one Neo4j, and each test wants it empty.
static NEO4J: Mutex<()> = Mutex::new(());

impl Bench {
    pub fn memory() -> Self {
        Self::Memory
    }

    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// The Neo4j of the test script, emptied; says so when there is none.
    pub fn neo4j() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        let Some(url) = variable("MQD_TEST_NEO4J_URL") else {
            eprintln!("skipped: MQD_TEST_NEO4J_URL not set (scripts/neo4j starts one)");
            return None;
        };
        let guard = NEO4J.lock().unwrap_or_else(PoisonError::into_inner);
        let config = Neo4jConfig {
            url,
            username: variable("MQD_TEST_NEO4J_USERNAME").unwrap_or_else(|| "neo4j".to_owned()),
            password: Secret::new(variable("MQD_TEST_NEO4J_PASSWORD").unwrap_or_default()),
            database: variable("MQD_TEST_NEO4J_DATABASE"),
        };
        let bench = Self::Neo4j(config, guard);
        bench.cypher("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 2000 ROWS");
        Some(bench)
    }

    /// Runs a statement as a program that is not ours would.
    pub fn cypher(&self, statement: &str) {
        self.try_cypher(statement).unwrap();
    }

    /// The same, where the server may refuse: its words. Without a server nothing is refused.
    pub fn try_cypher(&self, statement: &str) -> Result<(), String> {
        let Self::Neo4j(config, ..) = self else { return Ok(()) };
        let auth = neo4j::driver::auth::AuthToken::new_basic_auth(
            &config.username,
            config.password.expose(),
        );
        let driver = neo4j::driver::Driver::new(
            config.url.parse().unwrap(),
            neo4j::driver::DriverConfig::new().with_auth(auth.into()),
        );
        let mut session = driver.session(neo4j::session::SessionConfig::new());
        session.auto_commit(statement).run().map(|_| ()).map_err(|error| error.to_string())
    }

    pub fn path(&self) -> PathBuf {
        let Self::Sqlite(folder) = self else { panic!("no file") };
        folder.path().join("maquis.sqlite")
    }

    pub fn open(&self) -> Store {
        match self {
            Self::Memory => Store::memory(),
            Self::Sqlite(_) => Store::open_sqlite(self.path(), OpenMode::ReadWrite).unwrap(),
            Self::Neo4j(config, ..) => Store::open_neo4j(config).unwrap(),
        }
    }

    /// The store as it is after a restart. A store in memory has none.
    pub fn restart(&self, store: Store) -> Store {
        match self {
            Self::Memory => store,
            Self::Sqlite(_) => {
                drop(store);
                self.open()
            }
            Self::Neo4j(..) => {
                self.script("restart");
                // The same store, whose connections are all dead now, goes on.
                store
            }
        }
    }

    /// A second writer beside the first, as another process has it. The file of a SQLite store has
    /// one writer process: its threads share the store.
    pub fn second_writer(&self) -> Option<Store> {
        matches!(self, Self::Neo4j(..)).then(|| self.open())
    }

    /// Runs `scripts/neo4j` on the server of the tests, if it is the one of the script.
    pub fn script(&self, command: &str) -> bool {
        let Ok(dir) = std::env::var("MQD_TEST_NEO4J_DIR") else {
            eprintln!("skipped in part: MQD_TEST_NEO4J_DIR not set, the server stays up");
            return false;
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/neo4j");
        let status = std::process::Command::new(script).args([command, &dir]).status().unwrap();
        assert!(status.success(), "scripts/neo4j {command}");
        true
    }

    pub fn neo4j_config(&self) -> Neo4jConfig {
        let Self::Neo4j(config, ..) = self else { panic!("no Neo4j") };
        config.clone()
    }
}

pub fn node(uuid: Uuid, label: &str, props: Props) -> NewNode {
    NewNode { uuid, labels: vec![label.to_owned()], props }
}

pub fn concept(uuid: Uuid, litteral: &str) -> Change {
    let props = [("litteral", litteral), ("typeConcept", "index Latex"), ("discipline", "maths")];
    let props = props.map(|(name, value)| (name.to_owned(), value.into()));
    Change::CreateNode(node(uuid, "Concept", props.into()))
}

pub fn relation(from: Uuid, kind: &str, to: Uuid, props: Props) -> Change {
    Change::CreateRelation(NewRelation {
        from: NodeRef::Uuid(from),
        kind: kind.to_owned(),
        to: NodeRef::Uuid(to),
        props,
    })
}
