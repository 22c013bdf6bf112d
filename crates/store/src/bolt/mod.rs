//! A store in Neo4j or Aura, over Bolt, that other programs may write to as well.
//!
//! * `_id` is the property `mqd_id` where there is one (every node that we make has it), else the
//!   database's own id; see [`load::public_ids`].
//! * One node `(:MqdMeta)` holds our bookkeeping. It is no part of the maquis.
//! * Our writers wait for one another on that node. A change set is checked against the database
//!   inside its own transaction, so of two writers both succeed when their changes are compatible,
//!   and the second gets [`Error::Invalid`] or [`Error::Changed`] when they are not.
//! * The version is the bookmark that the server gives after an empty read: it names the last
//!   transaction committed to the database, whoever wrote it and whatever it changed. A write of
//!   ours answers a version that no database is in, so the next refresh reads everything again.

mod convert;
mod execute;
mod load;
mod plan;

use crate::{Error, Secret};
use execute::{Stop, Writer};
use mqd_model::{Applied, Change, ChangeSet, Snapshot, Uuid, Version};
use neo4j::{
    Neo4jError, ValueReceive, ValueSend,
    bookmarks::{BookmarkManager, bookmark_managers},
    driver::{
        ConnectionConfig, Driver, DriverConfig, KeepAliveConfig, Record, RoutingControl,
        auth::AuthToken,
    },
    session::{Session, SessionConfig},
    transaction::Transaction,
};
use std::{
    collections::HashMap,
    fmt,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    thread,
    time::Duration,
};

/// Where Neo4j is and who we are there.
#[derive(Debug, Clone)]
pub struct Neo4jConfig {
    /// `bolt://`, `bolt+s://`, `bolt+ssc://`, `neo4j://`, `neo4j+s://` or `neo4j+ssc://`.
    pub url: String,
    /// The user.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// The database; the user's home database when absent.
    pub database: Option<String>,
}

/// Tries of a transaction that failed in a way that is safe to repeat: it cannot have been
/// committed. The pauses between them add up to two seconds.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(150), Duration::from_millis(500), Duration::from_millis(1350)];

pub(crate) struct Neo4j {
    address: String,
    driver: Driver,
    database: Option<Arc<String>>,
    /// Makes every read see our own writes, also on a cluster.
    bookmarks: Arc<dyn BookmarkManager>,
}

impl fmt::Debug for Neo4j {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Neo4j").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Neo4j {
    /// Makes the driver; nothing is asked of the server until it is needed.
    pub(crate) fn later(config: &Neo4jConfig) -> Result<Self, Error> {
        let url = config.url.trim();
        // The driver's own message would repeat a password written into the address.
        if url.contains('@') {
            return Err(Error::Address {
                detail: "it holds a user or password, which belong in NEO4J_USERNAME and \
                         NEO4J_PASSWORD"
                    .to_owned(),
            });
        }
        let connection = url
            .parse::<ConnectionConfig>()
            .map_err(|e| Error::Address { detail: e.to_string() })?;
        let auth = AuthToken::new_basic_auth(&config.username, config.password.expose());
        let driver = Driver::new(
            connection,
            DriverConfig::new()
                .with_user_agent(concat!("maquisdoc/", env!("CARGO_PKG_VERSION")).to_owned())
                .with_auth(Arc::new(auth))
                // Load balancers cut idle connections after twenty minutes, some after less.
                .with_idle_time_before_connection_test(Duration::from_secs(20))
                .with_max_connection_lifetime(Duration::from_secs(15 * 60))
                .with_connection_timeout(Duration::from_secs(10))
                .with_connection_acquisition_timeout(Duration::from_secs(20))
                .with_keep_alive(KeepAliveConfig::CustomTime(Duration::from_secs(30)))
                .with_fetch_all(),
        );
        Ok(Self {
            address: url.to_owned(),
            driver,
            database: config.database.clone().filter(|name| !name.is_empty()).map(Arc::new),
            bookmarks: Arc::new(bookmark_managers::simple(None)),
        })
    }

    /// Connects and checks the credentials.
    pub(crate) fn open(config: &Neo4jConfig) -> Result<Self, Error> {
        let store = Self::later(config)?;
        store.version()?;
        Ok(store)
    }

    fn session(&self) -> Session<'_> {
        let config = SessionConfig::new().with_bookmark_manager(Arc::clone(&self.bookmarks));
        self.driver.session(self.at_database(config))
    }

    fn at_database(&self, config: SessionConfig) -> SessionConfig {
        match &self.database {
            Some(name) => config.with_database(Arc::clone(name)),
            None => config,
        }
    }

    fn error(&self, error: Neo4jError) -> Error {
        let address = self.address.clone();
        match error {
            Neo4jError::Disconnect { during_commit: true, .. } => Error::OutcomeUnknown { address },
            Neo4jError::ServerError { error, .. } => match error.code() {
                code if code.starts_with("Neo.ClientError.Security") => {
                    Error::Unauthorised { address }
                }
                code => Error::Refused {
                    address,
                    code: code.to_owned(),
                    message: error.message().to_owned(),
                },
            },
            other => Error::Unreachable { address, detail: other.to_string() },
        }
    }

    /// Runs a transaction, again where that is safe: a connection lost before the commit was sent,
    /// a leader that changed, a deadlock. A connection lost during the commit is never repeated.
    #[expect(clippy::result_large_err, reason = "the driver takes its own error by value")]
    fn transact<T>(
        &self,
        mode: RoutingControl,
        mut work: impl FnMut(&Transaction<'_, '_>) -> Result<T, Stop>,
    ) -> Result<T, Error> {
        let mut pauses = PAUSES.iter();
        loop {
            let mut ours = None;
            let mut session = self.session();
            let run = || {
                session.transaction().with_routing_control(mode).run(|transaction| {
                    match work(&transaction) {
                        Ok(value) => {
                            transaction.commit()?;
                            Ok(Some(value))
                        }
                        Err(Stop::Theirs(error)) => Err(*error),
                        Err(Stop::Ours(error)) => {
                            ours = Some(error);
                            transaction.rollback()?;
                            Ok(None)
                        }
                    }
                })
            };
            // The driver panics on a few dates (years beyond 290 million) instead of saying that it
            // cannot read them; what another program wrote must not stop this one.
            let done = panic::catch_unwind(AssertUnwindSafe(run));
            let Ok(done) = done else {
                return Err(Error::Unreadable {
                    what: self.address.clone(),
                    property: "?".to_owned(),
                    detail: "the driver fails on a value of the database, likely a date of more \
                             than 290 million years"
                        .to_owned(),
                });
            };
            match (done, ours) {
                (_, Some(error)) => return Err(error),
                (Ok(Some(value)), None) => return Ok(value),
                // Without a value there is an error of ours.
                (Ok(None), None) => return Err(Error::Changed),
                (Err(error), None) => match pauses.next() {
                    Some(pause) if error.is_retryable() => {
                        tracing::warn!(address = self.address, %error, "trying again");
                        thread::sleep(*pause);
                    }
                    _ => return Err(self.error(error)),
                },
            }
        }
    }

    pub(crate) fn version(&self) -> Result<Version, Error> {
        let mut pauses = PAUSES.iter();
        loop {
            let bookmarks = self.bookmarks.get_bookmarks().map_err(|e| Error::Unreachable {
                address: self.address.clone(),
                detail: e.to_string(),
            })?;
            let config = SessionConfig::new().with_bookmarks(bookmarks);
            let mut session = self.driver.session(self.at_database(config));
            let read = session.auto_commit("RETURN 1").with_routing_control(RoutingControl::Read);
            match read.run() {
                Ok(_) => {
                    let seen = session.last_bookmarks();
                    let mut seen: Vec<&str> = seen.raw().collect();
                    seen.sort_unstable();
                    return Ok(Version(seen.join(" ")));
                }
                Err(error) => match pauses.next() {
                    Some(pause) if error.is_retryable() => thread::sleep(*pause),
                    _ => return Err(self.error(error)),
                },
            }
        }
    }

    pub(crate) fn load(&self) -> Result<Snapshot, Error> {
        // Neo4j gives no snapshot of one moment to two statements: read until nothing changed
        // meanwhile. After the last try the older version stands, so a refresh reads again.
        let mut version = self.version()?;
        let mut tries = 3;
        loop {
            let (nodes, links, lost) = self.transact(RoutingControl::Read, |transaction| {
                let nodes =
                    read_all(transaction, "MATCH (n) WHERE NOT n:MqdMeta RETURN n", &mut |r| {
                        r.into_values().next()?.try_into_node().ok()
                    })?;
                let links = read_all(transaction, "MATCH ()-[r]->() RETURN r", &mut |r| {
                    r.into_values().next()?.try_into_relationship().ok()
                })?;
                let lost = (
                    rescue(transaction, NODE_TEXT, nodes.iter().map(|n| (n.id, &n.properties)))?,
                    rescue(transaction, LINK_TEXT, links.iter().map(|r| (r.id, &r.properties)))?,
                );
                Ok((nodes, links, lost))
            })?;
            let after = self.version()?;
            tries -= 1;
            if after == version || tries == 0 {
                let (nodes, ids) = load::nodes(nodes, lost.0)?;
                let relations = load::relations(links, &ids, lost.1)?;
                return Ok(Snapshot { version, nodes, relations });
            }
            version = after;
        }
    }

    pub(crate) fn apply(&self, changes: &ChangeSet) -> Result<Applied, Error> {
        let names = plan::Names::of(changes);
        let creates = changes.summary().nodes_created;
        let (nodes, relations) = self.transact(RoutingControl::Write, |transaction| {
            let writer = Writer(transaction);
            let mut last = writer.begin()?;
            let ops = plan::plan(changes, writer.resolve(&names)?).map_err(Error::Invalid)?;
            let mut ids = Vec::with_capacity(creates);
            if creates > 0 {
                last = last.max(writer.largest()?);
                for _ in 0..creates {
                    last += 1;
                    ids.push(last);
                }
                writer.end(last)?;
            }
            let relations = writer.ops(&ops, &ids)?;
            Ok((ids, relations))
        })?;
        // Nothing says whether another program wrote since the caller last read, so the answer is a
        // version that no database is in: the next refresh reads the database again.
        let version = Version(format!("ecriture {}", Uuid::new_v4()));
        Ok(Applied { version, nodes, relations })
    }

    pub(crate) fn replace(&self, snapshot: &Snapshot, expected: &Version) -> Result<(), Error> {
        // Checked before the transaction, which may itself add names to the database and so move
        // its version. What another program writes in the moment between is replaced like the rest.
        if self.version()? != *expected {
            return Err(Error::Changed);
        }
        self.transact(RoutingControl::Write, |transaction| {
            let writer = Writer(transaction);
            let last = writer.begin()?;
            let last = snapshot.nodes.iter().map(|node| node.id).fold(last, i64::max);
            writer.fill(snapshot)?;
            writer.end(last)
        })?;
        Ok(())
    }

    /// Which server this is, and when one of our programs last wrote to it.
    pub(crate) fn about(&self) -> Result<(String, Option<i64>), Error> {
        self.transact(RoutingControl::Read, |transaction| {
            let mut server = read_all(transaction, COMPONENTS, &mut |r| {
                r.into_values().next()?.try_into_string().ok()
            })?;
            let mut written = read_all(transaction, WRITTEN, &mut |r| {
                r.into_values().next()?.try_into_int().ok()
            })?;
            Ok((server.pop().unwrap_or_default(), written.pop()))
        })
    }

    /// A write that changes no content: Aura pauses a free database that nobody writes to.
    pub(crate) fn keep_alive(&self) -> Result<(), Error> {
        self.transact(RoutingControl::Write, |transaction| {
            transaction
                .query("MERGE (m:MqdMeta {cle: 'maquis'}) SET m.veille = timestamp()")
                .run()?
                .consume()?;
            Ok(())
        })
    }
}

fn read_all<T>(
    transaction: &Transaction<'_, '_>,
    statement: &str,
    each: &mut impl FnMut(Record) -> Option<T>,
) -> Result<Vec<T>, Stop> {
    let mut stream = transaction.query(statement).run()?;
    let mut rows = Vec::new();
    for record in stream.by_ref() {
        rows.extend(each(record?));
    }
    stream.consume()?;
    Ok(rows)
}

const COMPONENTS: &str = "CALL dbms.components() YIELD name, versions, edition \
     RETURN name + ' ' + versions[0] + ' ' + edition LIMIT 1";
const WRITTEN: &str = "MATCH (m:MqdMeta {cle: 'maquis'}) RETURN m.ecrit";
const NODE_TEXT: &str =
    "MATCH (n) WHERE id(n) = $id RETURN toString(n[$name]), valueType(n[$name])";
const LINK_TEXT: &str =
    "MATCH ()-[r]->() WHERE id(r) = $id RETURN toString(r[$name]), valueType(r[$name])";

/// Reads again, as text, the few values that the driver cannot hold.
fn rescue<'p>(
    transaction: &Transaction<'_, '_>,
    statement: &str,
    all: impl Iterator<Item = (i64, &'p HashMap<String, ValueReceive>)>,
) -> Result<convert::Rescued, Stop> {
    let mut rescued = convert::Rescued::new();
    for (id, properties) in all {
        for name in convert::broken(properties) {
            let params: HashMap<&str, ValueSend> =
                [("id", id.into()), ("name", name.as_str().into())].into();
            let mut stream = transaction.query(statement).with_parameters(params).run()?;
            for record in stream.by_ref() {
                let record = record?;
                let texts: Vec<&str> =
                    record.values().filter_map(|v| v.as_string().map(String::as_str)).collect();
                if let [iso, kind] = texts[..]
                    && let Some(value) = convert::rescue(iso, kind)
                {
                    rescued.insert((id, name.clone()), value);
                }
            }
            stream.consume()?;
        }
    }
    Ok(rescued)
}

/// The change set that gives a uuid to every node that has none.
#[must_use]
pub fn give_uuids(snapshot: &Snapshot) -> ChangeSet {
    let without = snapshot.nodes.iter().filter(|node| node.uuid.is_none());
    ChangeSet::new(
        without.map(|node| Change::GiveUuid { node: node.id, uuid: Uuid::new_v4() }).collect(),
    )
}
