//! The database: reachable, authorised, its version, how much it holds, how old that and the last
//! backup are.

use super::{Finding, ago, shown};
use crate::{
    config::{Neo4j, Settings, StoreAt},
    platform,
};
use jiff::Timestamp;
use mqd_store::{Error, backup::Remote};
use std::{
    io::{Read as _, Write as _},
    net::{TcpStream, ToSocketAddrs as _},
    path::Path,
    time::Duration,
};

/// A backup older than this many hours is stale.
const STALE: i64 = 7 * 24;
/// How long a server may take to answer a probe.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let [store, data] = database(settings);
    vec![store, data, backup(settings)]
}

/// The database itself, and how old what is served from it is.
fn database(settings: &Settings) -> [Finding; 2] {
    let place = match &settings.store {
        StoreAt::File(path) if !path.exists() => {
            let store = format!("{} is not there yet", path.display());
            return [
                Finding::warning("store", store, "`maquisdoc maintain` makes it"),
                Finding::off("data", "none yet"),
            ];
        }
        StoreAt::File(path) => path.display().to_string(),
        StoreAt::Neo4j(neo4j) => shown(&neo4j.url),
    };
    let read = || {
        let store = platform::look_at_store(settings)?;
        Ok::<_, Error>((store.about()?, store.load()?))
    };
    match read() {
        Ok((about, snapshot)) => {
            let (nodes, relations) = (snapshot.nodes.len(), snapshot.relations.len());
            let server = about.server;
            let store = format!("{place}: {server}, {nodes} nodes, {relations} relations");
            let written = about.written.map_or_else(
                || "never written by maquisdoc".to_owned(),
                |at| format!("last written {} ago", ago(at)),
            );
            let kept = match kept(settings) {
                Some(Some(at)) => format!("; the last good graph is of {} ago", ago(at)),
                Some(None) => {
                    "; no last good graph is kept here yet (`serve` keeps one)".to_owned()
                }
                None => String::new(),
            };
            [Finding::ok("store", store), Finding::ok("data", format!("{written}{kept}"))]
        }
        Err(error) => match &settings.store {
            StoreAt::File(_) => [
                Finding::failure(
                    "store",
                    error.to_string(),
                    "look at the message; `maquisdoc restore` brings a backup back",
                ),
                Finding::off("data", "unknown while the store cannot be read"),
            ],
            StoreAt::Neo4j(neo4j) => [neo4j_failure(neo4j, &place, &error), meanwhile(settings)],
        },
    }
}

/// When the last good graph of a database elsewhere was kept; the outer `None` is a store of our
/// own, which needs none.
fn kept(settings: &Settings) -> Option<Option<Timestamp>> {
    let StoreAt::Neo4j(neo4j) = &settings.store else { return None };
    let age = platform::last_good(settings, neo4j).age().ok();
    Some(age.and_then(|age| Timestamp::now().checked_sub(age).ok()))
}

/// What readers see while the database does not answer.
fn meanwhile(settings: &Settings) -> Finding {
    match kept(settings).flatten() {
        Some(at) => Finding::warning(
            "data",
            format!("`serve` serves the last good graph, of {} ago, meanwhile", ago(at)),
            "nothing: it is read again when the database answers",
        ),
        None => Finding::warning(
            "data",
            "there is no last good graph here: `serve` cannot start without the database",
            "keep MQD_DATA on a disk that lasts, or restore the last backup into a store of its own",
        ),
    }
}

/// What is wrong with the connection, said as precisely as can be found out from here.
fn neo4j_failure(neo4j: &Neo4j, place: &str, error: &Error) -> Finding {
    let (what, remedy) = match error {
        Error::Unauthorised { .. } => (
            "the server refuses the user or the password".to_owned(),
            "look at NEO4J_USERNAME and NEO4J_PASSWORD",
        ),
        Error::Unreachable { .. } => network(neo4j),
        // It names the variable, and no address.
        Error::Address { .. } => (error.to_string(), "mend NEO4J_URL"),
        _ => (error.to_string(), "look at the message, at NEO4J_URL and at NEO4J_DATABASE"),
    };
    Finding::failure("store", format!("{place}: {what}"), remedy)
}

/// Why a database cannot be reached: its host, its port, or TLS on one side only.
fn network(neo4j: &Neo4j) -> (String, &'static str) {
    let secure = neo4j.url.split("://").next().is_some_and(|scheme| scheme.contains("+s"));
    let Some((host, port)) = url::Url::parse(&neo4j.url)
        .ok()
        .and_then(|url| Some((url.host_str()?.to_owned(), url.port().unwrap_or(7687))))
    else {
        return ("the address names no host".to_owned(), "mend NEO4J_URL");
    };
    let bare = host.trim_matches(['[', ']']);
    let Some(address) = (bare, port).to_socket_addrs().ok().and_then(|mut found| found.next())
    else {
        return (
            format!("the host « {host} » is not known"),
            "look at the host in NEO4J_URL, and at the network",
        );
    };
    let Ok(stream) = TcpStream::connect_timeout(&address, PATIENCE) else {
        return (
            format!("nothing listens on port {port}"),
            "look at the port in NEO4J_URL, and whether the database runs (Aura pauses a free one \
             that is not used)",
        );
    };
    match (speaks_bolt(stream), secure) {
        (true, true) => (
            "the server speaks Bolt without TLS, and the address asks for TLS".to_owned(),
            "write bolt:// or neo4j:// in NEO4J_URL, or turn TLS on in the server",
        ),
        (true, false) => (
            "the server answers, and then breaks off".to_owned(),
            "look at the server's log; it may still be starting",
        ),
        (false, true) => (
            "something answers, but TLS cannot be agreed on".to_owned(),
            "look at the server's certificate (bolt+ssc:// trusts one that it signed itself) and \
             at the port in NEO4J_URL",
        ),
        (false, false) => (
            "something answers, but does not speak Bolt without TLS".to_owned(),
            "write bolt+s:// or neo4j+s:// in NEO4J_URL if the server wants TLS; look at the port",
        ),
    }
}

/// Whether the first words of Bolt, without TLS, are answered as Bolt answers them.
fn speaks_bolt(mut stream: TcpStream) -> bool {
    const HELLO: [u8; 20] = [
        0x60, 0x60, 0xb0, 0x17, // Bolt
        0, 4, 4, 5, 0, 0, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, // versions 5.0 to 5.4, 4.4
    ];
    let mut answer = [0; 4];
    stream.set_read_timeout(Some(PATIENCE)).is_ok()
        && stream.write_all(&HELLO).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer[..2] == [0, 0]
}

fn backup(settings: &Settings) -> Finding {
    let place = shown(&settings.backups);
    let found = match settings.backups.contains("://") {
        true => newest_sent(settings),
        false => Ok(newest(Path::new(&settings.backups))),
    };
    match found {
        Err(error) => Finding::failure(
            "backup",
            format!("{place} cannot be looked at: {error}"),
            "look at MQD_BACKUP and at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL",
        ),
        Ok(None) => Finding::warning(
            "backup",
            format!("no backup in {place}"),
            "`maquisdoc backup --to …` each night (cron, systemd timer)",
        ),
        Ok(Some(at)) if Timestamp::now().duration_since(at).as_hours() > STALE => Finding::warning(
            "backup",
            format!("the last backup in {place} is {} old", ago(at)),
            "look at why the nightly `maquisdoc backup` no longer runs",
        ),
        Ok(Some(at)) => {
            Finding::ok("backup", format!("the last backup in {place} is {} old", ago(at)))
        }
    }
}

fn newest(folder: &Path) -> Option<Timestamp> {
    std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.ends_with(".jsonl") || name.ends_with(".jsonl.zst")
        })
        .filter_map(|entry| Timestamp::try_from(entry.metadata().ok()?.modified().ok()?).ok())
        .max()
}

fn newest_sent(settings: &Settings) -> eyre::Result<Option<Timestamp>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let remote = Remote::open(&settings.backups, settings.space())?;
    let patience = PATIENCE * 4;
    let listed = runtime
        .block_on(async { tokio::time::timeout(patience, remote.list()).await })
        .map_err(|_| eyre::eyre!("no answer within {patience:?}"))??;
    Ok(listed.last().map(|(at, _)| *at))
}
