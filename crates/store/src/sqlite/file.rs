//! The SQLite file itself: recognising it before touching it, creating it in one step, holding it
//! against a second writer, bringing its schema up to date.

use crate::{Error, OpenMode};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Seek, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// `MQDs` in the header: tells our files from every other SQLite file.
const APPLICATION_ID: i32 = 0x4d51_4473;

/// Step `n` brings a file from schema version `n` to `n + 1`; a new file takes them all. Never
/// change a step that was released: add one.
const MIGRATIONS: [&str; 2] = [
    "CREATE TABLE node (
         id INTEGER PRIMARY KEY, uuid BLOB UNIQUE, labels TEXT NOT NULL, props TEXT NOT NULL
     ) STRICT;
     CREATE TABLE relation (
         id INTEGER PRIMARY KEY,
         start INTEGER NOT NULL REFERENCES node (id),
         kind TEXT NOT NULL,
         finish INTEGER NOT NULL REFERENCES node (id),
         props TEXT NOT NULL
     ) STRICT;
     CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     INSERT INTO counter VALUES ('transactions', 0), ('node', 0), ('relation', 0);
     CREATE TABLE identity (uuid BLOB NOT NULL) STRICT;
     INSERT INTO identity VALUES (randomblob(8));",
    // Deleting a node looks its relations up by either end.
    "CREATE INDEX relation_start ON relation (start);
     CREATE INDEX relation_finish ON relation (finish);",
];

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where the header of a SQLite file keeps `PRAGMA user_version` and `PRAGMA application_id`.
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

/// The newest schema version that this program knows.
pub(super) const fn newest() -> i64 {
    MIGRATIONS.len() as i64
}

/// The lock that keeps a second writer out. The system releases it when the process ends, however
/// it ends; the text inside only serves to say who holds it.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held, not used")] File);

impl Lock {
    fn take(path: &Path) -> Result<Self, Error> {
        let lock_path = beside(path, ".lock");
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&lock_path)
            .map_err(|e| Error::io(&lock_path, e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Best effort: without the text the error is only less precise.
                let _ = file.take(200).read_to_string(&mut holder);
                let holder = match holder.trim() {
                    "" => "another process".to_owned(),
                    text => text.to_owned(),
                };
                return Err(Error::Held { path: path.to_owned(), holder });
            }
            Err(TryLockError::Error(e)) => return Err(Error::io(&lock_path, e)),
        }
        let program = std::env::current_exe()
            .ok()
            .and_then(|exe| Some(exe.file_name()?.to_string_lossy().into_owned()))
            .unwrap_or_else(|| "a program".to_owned());
        let text = format!("{program}, process {}", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(|e| Error::io(&lock_path, e))?;
        Ok(Self(file))
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Opens (or creates) the file: two connections, one for writing that a read-only store lacks and
/// one for reading.
pub(super) fn open(
    path: &Path,
    mode: OpenMode,
) -> Result<(Option<(Connection, Lock)>, Connection), Error> {
    match mode {
        OpenMode::ReadOnly => {
            examine(path)?;
            let reader = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            known_version(path, &reader)?;
            Ok((None, reader))
        }
        OpenMode::Look => {
            examine(path)?;
            let log = fs::metadata(beside(path, "-wal")).map_or(0, |log| log.len());
            match path.to_str() {
                // Nobody is in the middle of writing: the file alone is all there is.
                Some(text) if log == 0 => {
                    let path_of_uri =
                        text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
                    let uri = PathBuf::from(format!("file:{path_of_uri}?immutable=1"));
                    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
                    Ok((None, connect(&uri, flags)?))
                }
                _ => Ok((None, connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)),
            }
        }
        OpenMode::ReadWrite => {
            if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
                fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
            }
            let lock = Lock::take(path)?;
            if !path.try_exists().map_err(|e| Error::io(path, e))? {
                create(path)?;
            }
            examine(path)?;
            check(path)?;
            let mut writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            migrate(path, &mut writer)?;
            let reader = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            Ok((Some((writer, lock)), reader))
        }
    }
}

/// Reads the header as plain bytes: SQLite itself may write to a file or beside it on opening.
fn examine(path: &Path) -> Result<(), Error> {
    let foreign = |found: &str| Error::Foreign { path: path.to_owned(), found: found.to_owned() };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return Err(Error::Missing { path: path.to_owned() });
        }
        Err(e) => return Err(Error::io(path, e)),
    };
    let mut header = [0_u8; 100];
    match file.read_exact(&mut header) {
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => {
            return Err(foreign("too short to be a SQLite file"));
        }
        Err(e) if e.kind() == ErrorKind::IsADirectory => return Err(foreign("a folder")),
        Err(e) => return Err(Error::io(path, e)),
    }
    let field = |at: usize| {
        i32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    if &header[..16] != MAGIC {
        return Err(foreign("not a SQLite file"));
    }
    if field(APPLICATION_ID_AT) != APPLICATION_ID {
        return Err(foreign("a SQLite file of another program"));
    }
    refuse_newer(path, field(USER_VERSION_AT).into())
}

fn refuse_newer(path: &Path, found: i64) -> Result<(), Error> {
    match found {
        found if found > newest() => {
            Err(Error::Newer { path: path.to_owned(), found, known: newest() })
        }
        found if found < 1 => {
            Err(Error::Damaged { path: path.to_owned(), detail: format!("schema version {found}") })
        }
        _ => Ok(()),
    }
}

/// The version as SQLite sees it, the journal of a killed process included.
fn known_version(path: &Path, connection: &Connection) -> Result<i64, Error> {
    let version = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|e| sqlite(path, e))?;
    refuse_newer(path, version)?;
    Ok(version)
}

/// Checks every page before anything may be written. Without a journal to take into account,
/// SQLite is told that the file cannot change, so that it makes no file beside it.
fn check(path: &Path) -> Result<(), Error> {
    let journal = fs::metadata(beside(path, "-wal")).map(|m| m.len()).unwrap_or(0);
    let connection = if journal == 0 {
        let mut address =
            url::Url::from_file_path(std::path::absolute(path).map_err(|e| Error::io(path, e))?)
                .map_err(|()| Error::Foreign {
                    path: path.to_owned(),
                    found: "no path to a file".to_owned(),
                })?;
        address.set_query(Some("immutable=1"));
        Connection::open_with_flags(
            address.as_str(),
            OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_URI
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|e| sqlite(path, e))?
    } else {
        connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?
    };
    known_version(path, &connection)?;
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|e| sqlite(path, e))?;
    match verdict.as_str() {
        "ok" => Ok(()),
        _ => Err(Error::Damaged { path: path.to_owned(), detail: verdict.replace('\n', " ") }),
    }
}

/// Makes the file under another name and renames it: a killed process leaves a whole file or none.
fn create(path: &Path) -> Result<(), Error> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let new = tempfile::Builder::new()
        .prefix(".maquis-")
        .tempfile_in(folder)
        .map_err(|e| Error::io(folder, e))?
        .into_temp_path();
    let mut connection = connect(&new, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(|e| sqlite(path, e))?;
    step(path, &mut connection, 0)?;
    connection.close().map_err(|(_, e)| sqlite(path, e))?;
    File::open(&new).and_then(|file| file.sync_all()).map_err(|e| Error::io(path, e))?;
    new.persist_noclobber(path).map_err(|e| Error::io(path, e.error))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| Error::io(folder, e))
}

fn migrate(path: &Path, connection: &mut Connection) -> Result<(), Error> {
    let found = known_version(path, connection)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(|e| sqlite(path, e))?;
    if found < newest() {
        tracing::info!(path = %path.display(), from = found, to = newest(), "migrating the schema");
        step(path, connection, found)?;
        // The header that `examine` reads is the one of the main file.
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|e| sqlite(path, e))?;
    }
    Ok(())
}

/// Takes every migration after `from` in one transaction.
fn step(path: &Path, connection: &mut Connection, from: i64) -> Result<(), Error> {
    let run = |connection: &mut Connection| {
        let transaction = connection.transaction()?;
        for sql in MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(0)) {
            transaction.execute_batch(sql)?;
        }
        transaction.pragma_update(None, "user_version", newest())?;
        transaction.commit()
    };
    run(connection).map_err(|e| sqlite(path, e))
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let open = || {
        let connection =
            Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(connection)
    };
    open().map_err(|e| sqlite(path, e))
}

/// What SQLite says, in our words where they help.
pub(super) fn sqlite(path: &Path, source: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly};
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(DiskFull) => Error::Full { path },
        Some(DatabaseCorrupt | NotADatabase) => Error::Damaged { path, detail: source.to_string() },
        Some(ReadOnly) => Error::ReadOnly { path },
        _ => Error::Sqlite { path, source },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_of_the_first_schema_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.sqlite");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(MIGRATIONS[0]).unwrap();
        old.execute_batch(
            "INSERT INTO node VALUES (7, NULL, '[\"Concept\"]', '{\"litteral\":\"é\"}');
             UPDATE counter SET value = 7 WHERE name = 'node';",
        )
        .unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        drop(old);
        let store = crate::Store::open_sqlite(&path, OpenMode::ReadWrite).unwrap();
        assert_eq!(store.load().unwrap().nodes[0].title(), "é");
        drop(store);
        let header = fs::read(&path).unwrap();
        assert_eq!(i64::from(header[USER_VERSION_AT + 3]), newest());
    }
}
