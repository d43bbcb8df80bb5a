//! Opening the file: pragmas, schema version, migrations.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::Error;

/// Each brings the schema from one version to the next. Append only.
const MIGRATIONS: [&str; 6] = [
    include_str!("migrations/0001_create_runs_and_notices.sql"),
    include_str!("migrations/0002_create_learned.sql"),
    include_str!("migrations/0003_create_alerts.sql"),
    include_str!("migrations/0004_create_role_sync.sql"),
    include_str!("migrations/0005_create_schedules.sql"),
    include_str!("migrations/0006_create_password_seen.sql"),
];

/// "OLST", in the header of the file: tells our stores from other SQLite files.
const APPLICATION_ID: i32 = 0x4f4c_5354;

/// How long SQLite waits for another process before it gives up.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The stores at which this process has looked, each before its first connection.
static LOOKED_AT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Refuses a backup that was put beside the write-ahead log of the store whose place it takes: SQLite would
/// replay that log over it. A store says in its header that it has a log (byte 18 is 2,
/// <https://www.sqlite.org/fileformat2.html>), a backup that it has none (1).
///
/// Only once in a process, before any connection: closing a file drops all of the process's POSIX locks on it,
/// those of SQLite too.
fn refuse_foreign_log(path: &Path) -> Result<(), Error> {
    let mut looked_at = LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner);
    if looked_at.contains(path) {
        return Ok(());
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let has_log = fs::metadata(log).is_ok_and(|log| log.len() > 0);
    if has_log && write_version(path) == Some(1) {
        return Err(Error::ForeignLog {
            path: path.to_owned(),
        });
    }
    looked_at.insert(path.to_owned());
    Ok(())
}

/// Byte 18 of the file's header; `None` where it has none yet.
fn write_version(path: &Path) -> Option<u8> {
    let mut header = [0; 19];
    File::open(path).ok()?.read_exact(&mut header).ok()?;
    header.last().copied()
}

pub(super) fn open_for_writing(path: &Path) -> Result<Connection, Error> {
    refuse_foreign_log(path)?;
    let unreachable = |source| Error::Unreachable {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(unreachable)?;
    // Two processes that make the same store at the same time would meet a locked database that no
    // busy timeout waits for. The kernel frees this lock with the handle, a few milliseconds on.
    let making = File::open(folder).map_err(unreachable)?;
    making.lock().map_err(unreachable)?;
    // Made here and not by SQLite, so that nobody else can read it for a moment.
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(file) => drop::<File>(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(unreachable(error)),
    }
    let sqlite = |source| Error::of(path, source);
    let mut connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(sqlite)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite)?;
    let version = version_of(path, &connection)?;
    connection
        .pragma_update(None, "journal_mode", "wal")
        .map_err(sqlite)?;
    // A notice that is not on the disk must not be on its way: every commit is synced.
    connection
        .pragma_update(None, "synchronous", "full")
        .map_err(sqlite)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(sqlite)?;
    migrate(&mut connection, version).map_err(sqlite)?;
    Ok(connection)
}

pub(super) fn open_for_reading(path: &Path) -> Result<Option<Connection>, Error> {
    refuse_foreign_log(path)?;
    match fs::metadata(path) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(Error::Unreachable {
                path: path.to_owned(),
                source,
            });
        }
    }
    let sqlite = |source| Error::of(path, source);
    // Not SQLITE_OPEN_READ_ONLY: that one leaves the -wal and -shm files of the log behind.
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(sqlite)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite)?;
    connection
        .pragma_update(None, "query_only", true)
        .map_err(sqlite)?;
    let known = newest();
    match version_of(path, &connection)? {
        // Created a moment ago by a process that has not come to its first migration yet.
        0 => Ok(None),
        found if found < known => Err(Error::Older {
            path: path.to_owned(),
            found,
            known,
        }),
        _ => Ok(Some(connection)),
    }
}

fn newest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// The version of the schema, 0 for an empty file; refuses what is not ours or too new.
fn version_of(path: &Path, connection: &Connection) -> Result<u32, Error> {
    let sqlite = |source| Error::of(path, source);
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let application_id = pragma("application_id").map_err(sqlite)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(sqlite)?;
    let version = u32::try_from(pragma("user_version").map_err(sqlite)?).unwrap_or(u32::MAX);
    if application_id != APPLICATION_ID && tables > 0 {
        let why = "it is the SQLite database of another program".to_owned();
        return Err(Error::NotAStore {
            path: path.to_owned(),
            why,
        });
    }
    let known = newest();
    if version > known {
        return Err(Error::Newer {
            path: path.to_owned(),
            found: version,
            known,
        });
    }
    Ok(version)
}

fn migrate(connection: &mut Connection, version: u32) -> rusqlite::Result<()> {
    for (step, sql) in (1..).zip(MIGRATIONS).skip(version as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have taken this step while we waited for the lock.
        let reached: i32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if reached < step {
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", step)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_each_earlier_version_keeps_its_rows_when_it_is_opened() {
        for version in 1..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("steward.db");
            let old = Connection::open(&path).unwrap();
            for sql in &MIGRATIONS[..version] {
                old.execute_batch(sql).unwrap();
            }
            old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
            old.pragma_update(None, "user_version", i32::try_from(version).unwrap())
                .unwrap();
            old.execute_batch(
                "INSERT INTO run (job, trigger, status, started_at, finished_at)
                   VALUES ('password-expiry', 'manual', 'succeeded', 1, 2);
                 INSERT INTO notice (user_id, occasion, threshold, recipient, rehearsal, state, account, address,
                                     message_id, staged_by, staged_at, changed_at)
                   VALUES (7, 'password:1:90d', 7, 'a@x.example', 0, 'sent', 'a', 'a@x.example', '<1@x>', 1, 1, 1);",
            )
            .unwrap();
            drop(old);
            let new = open_for_writing(&path).unwrap();
            let row = "SELECT state, (SELECT warned FROM run) FROM notice WHERE user_id = 7";
            let read =
                |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<u32>>(1)?));
            let kept = new.query_row(row, [], read).unwrap();
            assert_eq!(kept, ("sent".to_owned(), None), "version {version}");
            assert_eq!(version_of(&path, &new).unwrap(), newest());
        }
    }
}
