//! A store in Neo4j or Aura, over Bolt, that other programs may write to as well.
//!
//! * `_id` is the property `mqd_id` where there is one (every node that we make has it), else the
//!   database's own id; see [`load::public_ids`].
//! * One node `(:MqdMeta)` holds our bookkeeping. It is no part of the maquis.
//! * Our writers wait for one another on that node. A change set is checked against the database
//!   inside its own transaction, so of two writers both succeed when their changes are compatible,
//!   and the second gets [`Error::Invalid`] or [`Error::Changed`] when they are not.
//! * The version is the number of the last transaction committed to the database, so the writes of
//!   every program are noticed, also those that change one property. Where the server does not say
//!   that number, it is our count of writes with the counts of nodes, relations and properties'
//!   names: a foreign write that only changes the value of a property is then not noticed until
//!   the next forced load.

mod convert;
mod execute;
mod load;
mod plan;

use crate::{Error, Secret};
use execute::{Stop, Writer};
use mqd_model::{Applied, Change, ChangeSet, Snapshot, Uuid, Version};
use neo4j::{
    Neo4jError, ValueReceive,
    bookmarks::{BookmarkManager, bookmark_managers},
    driver::{
        ConnectionConfig, Driver, DriverConfig, KeepAliveConfig, Record, RoutingControl,
        auth::AuthToken,
    },
    session::{Session, SessionConfig},
    transaction::Transaction,
};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
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
    /// The last version that was handed out with the content it belongs to.
    known: Mutex<Option<Version>>,
}

impl fmt::Debug for Neo4j {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Neo4j").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Neo4j {
    /// Connects and checks the credentials.
    pub(crate) fn open(config: &Neo4jConfig) -> Result<Self, Error> {
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
        let store = Self {
            address: url.to_owned(),
            driver,
            database: config.database.clone().filter(|name| !name.is_empty()).map(Arc::new),
            bookmarks: Arc::new(bookmark_managers::simple(None)),
            known: Mutex::new(None),
        };
        store.version()?;
        Ok(store)
    }

    fn session(&self) -> Session<'_> {
        let config = SessionConfig::new().with_bookmark_manager(Arc::clone(&self.bookmarks));
        self.driver.session(match &self.database {
            Some(name) => config.with_database(Arc::clone(name)),
            None => config,
        })
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
    fn transact<T>(
        &self,
        mode: RoutingControl,
        mut work: impl FnMut(&Transaction<'_, '_>) -> Result<T, Stop>,
    ) -> Result<T, Error> {
        let mut pauses = PAUSES.iter();
        loop {
            let mut ours = None;
            let mut session = self.session();
            let done =
                session.transaction().with_routing_control(mode).run(|transaction| {
                    match work(&transaction) {
                        Ok(value) => {
                            transaction.commit()?;
                            Ok(Some(value))
                        }
                        Err(Stop::Theirs(error)) => Err(error),
                        Err(Stop::Ours(error)) => {
                            ours = Some(error);
                            transaction.rollback()?;
                            Ok(None)
                        }
                    }
                });
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

    fn read<T>(
        &self,
        statement: &str,
        mut each: impl FnMut(Record) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        self.transact(RoutingControl::Read, |transaction| {
            read_all(transaction, statement, &mut each)
        })
    }

    pub(crate) fn version(&self) -> Result<Version, Error> {
        let ours = self.database.as_ref().map_or(String::new(), |name| name.to_lowercase());
        let rows = self.read(
            "SHOW DATABASES YIELD name, home, databaseID, lastCommittedTxn, writer",
            |record| {
                let mut values = record.into_values();
                let (name, home, id, last, writer) = (
                    values.next()?,
                    values.next()?,
                    values.next()?,
                    values.next()?,
                    values.next()?,
                );
                let wanted = match ours.as_str() {
                    "" => home.as_bool()?,
                    ours => name.as_string()? == ours,
                };
                (wanted && writer.as_bool() == Some(true))
                    .then(|| Some(format!("{}-{}", id.as_string()?, last.as_int()?)))
                    .flatten()
            },
        );
        match rows {
            Ok(rows) if !rows.is_empty() => return Ok(Version(rows[0].clone())),
            Ok(_) | Err(Error::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        let counts = self.read(
            "MATCH (n) WITH count(n) AS nodes MATCH ()-[r]->() WITH nodes, count(r) AS relations \
             OPTIONAL MATCH (m:MqdMeta {cle: 'maquis'}) \
             RETURN nodes, relations, coalesce(m.ecritures, 0)",
            |record| Some(record.values().filter_map(ValueReceive::as_int).collect::<Vec<_>>()),
        )?;
        let counts = counts.into_iter().next().unwrap_or_default();
        Ok(Version(counts.iter().map(i64::to_string).collect::<Vec<_>>().join("-")))
    }

    pub(crate) fn load(&self) -> Result<Snapshot, Error> {
        // Neo4j gives no snapshot of one moment to two statements: read until nothing changed
        // meanwhile. After the last try the older version stands, so a refresh reads again.
        let mut version = self.version()?;
        let mut tries = 3;
        loop {
            let (nodes, links) = self.transact(RoutingControl::Read, |transaction| {
                let nodes =
                    read_all(transaction, "MATCH (n) WHERE NOT n:MqdMeta RETURN n", &mut |r| {
                        r.into_values().next()?.try_into_node().ok()
                    })?;
                let links = read_all(transaction, "MATCH ()-[r]->() RETURN r", &mut |r| {
                    r.into_values().next()?.try_into_relationship().ok()
                })?;
                Ok((nodes, links))
            })?;
            let after = self.version()?;
            tries -= 1;
            if after == version || tries == 0 {
                let (nodes, ids) = load::nodes(nodes)?;
                let relations = load::relations(links, &ids)?;
                self.remember(Some(version.clone()));
                return Ok(Snapshot { version, nodes, relations });
            }
            version = after;
        }
    }

    fn remember(&self, version: Option<Version>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = version;
    }

    pub(crate) fn apply(&self, changes: &ChangeSet) -> Result<Applied, Error> {
        let names = plan::Names::of(changes);
        let creates = changes.summary().nodes_created;
        let before = self.version()?;
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
        Ok(Applied { version: self.version_after(&before), nodes, relations })
    }

    /// The version after a write of ours that started from `before`. Only when our transaction is
    /// the one and only change since the content that the caller has does the server's number
    /// describe that content; otherwise the answer is a version that no store is in, so that the
    /// next refresh loads everything.
    fn version_after(&self, before: &Version) -> Version {
        let number = |version: &Version| {
            let (id, last) = version.0.rsplit_once('-')?;
            Some((id.to_owned(), last.parse::<i64>().ok()?))
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let version = match self.version() {
            Ok(after)
                if known.as_ref() == Some(before)
                    && matches!(
                        (number(before), number(&after)),
                        (Some((id, m)), Some((id_after, n))) if id == id_after && n == m + 1
                    ) =>
            {
                after
            }
            _ => Version(format!("{}+{}", before.0, Uuid::new_v4())),
        };
        *known = Some(version.clone());
        version
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
        self.remember(None);
        Ok(())
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

/// The change set that gives a uuid to every node that has none.
#[must_use]
pub fn give_uuids(snapshot: &Snapshot) -> ChangeSet {
    let without = snapshot.nodes.iter().filter(|node| node.uuid.is_none());
    ChangeSet::new(
        without.map(|node| Change::GiveUuid { node: node.id, uuid: Uuid::new_v4() }).collect(),
    )
}
