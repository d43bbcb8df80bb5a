//! The care of the store: whether it is sound, what is pruned from it, and copies of it.
//!
//! # What is pruned
//!
//! A row goes once it was last touched longer ago than `store.keep` (`store.keep_changes` for changes of
//! memberships and approvals) and decides nothing any more. Age alone prunes nothing, and ages are those at
//! the last run that held the clock against OneLogin's. By table:
//!
//! | table | goes when | never goes |
//! |---|---|---|
//! | `notice` | its password was replaced, as a newer one in the ledger or in `password_seen` shows, and its expiry is 30 days past (until then runs count what came of the warning); the person has been missing from complete user lists for `store.keep`, and its expiry is so far back that a return would bring no mail; the last day of its access is over | what is still owed; notices of the newest password that the store knows of a person; an occasion that this version does not know |
//! | `password_seen` | with the last notice of the person | of whoever has notices |
//! | `role_change` | together with all changes of its run, since `roles undo` takes them as one | an open change, and those of its run; changes of the last 7 days, within which a membership becomes contested and removals of a day are counted |
//! | `approval` | used, or past its 24 hours | one that can be used; one that a change points to |
//! | `run` | nothing points to it any more | one that goes on; one to which a notice, a change, an approval, a role or an alert points; of each job the newest run, the newest skipped tick, the newest of its schedule, the newest that proved the user list, and the newest that may have left notices over |
//! | `pause` | it is over | one in force, and one without an end |
//! | `alert`, `alert_told` | it is over, and everybody who knew of it was told so | one that goes on; one of whose end somebody is still to be told; what was told today |
//! | `identity` | no file and no `protected` names the selector | every one that is named, however long ago it was seen; all of them where a file cannot be read |
//!
//! `tenant`, `schedule`, `policy_book`, `learned`, `accepted_file`, `accepted_entry` and `role_seen` are facts of
//! now, not history: one row a thing, replaced and never pruned. The last accepted file is among them.
//!
//! # How
//!
//! A batch is a transaction of its own, so that a long pruning keeps no writer waiting. Rows that another
//! process is about to use are young, so none of them is in any batch. What is deleted is overwritten
//! (`secure_delete`): it is in no later backup either, not even in unused pages.
//!
//! The file is not made smaller. Pages that pruning frees are used by the next rows, so that a store that
//! keeps the same span has the same size; `VACUUM` would keep every writer waiting for as long as it copies the
//! whole file, and needs as much room again.

mod backup;
mod prune;
#[cfg(test)]
mod tests;

use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

pub use self::backup::{BackedUp, BackupError, BackupFolder, KEPT as KEPT_BACKUPS};
pub use self::prune::Batch;
use super::{Error, Store, file};

/// How long tidying up may keep others waiting.
const SHORT_WAIT: Duration = Duration::from_secs(1);

/// So many kinds of damage say enough.
const NAMED: usize = 5;

impl Store {
    /// What is damaged, in SQLite's words: nothing where the store is sound.
    pub async fn find_damage(&self) -> Result<Vec<String>, Error> {
        let found = self.call(|store| Ok(damage(store))).await?;
        match found {
            Ok(damage) => Ok(damage),
            // A page that cannot be read at all.
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
                Ok(vec![error.to_string()])
            }
            Err(error) => Err(Error::of(&self.path, error)),
        }
    }

    /// Refreshes what SQLite knows of the tables, and empties the write-ahead log where nobody reads in it.
    pub async fn optimise(&self) -> Result<(), Error> {
        self.call(|store| {
            store.execute_batch("PRAGMA optimize")?;
            store.busy_timeout(SHORT_WAIT)?;
            // Its answer tells whether somebody was in the way; then the next run empties it.
            store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            store.busy_timeout(file::BUSY_TIMEOUT)
        })
        .await
    }

    /// A copy in memory, for whoever wants to see what would be done.
    pub async fn copy_in_memory(&self) -> Result<Self, Error> {
        let copy = self
            .call(|store| {
                let mut copy = Connection::open_in_memory()?;
                let all_at_once = -1;
                Backup::new(store, &mut copy)?.step(all_at_once)?;
                copy.pragma_update(None, "foreign_keys", true)?;
                Ok(copy)
            })
            .await?;
        Self::start(&self.path, copy)
    }
}

fn damage(store: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = store.prepare(&format!("PRAGMA integrity_check({NAMED})"))?;
    let mut found: Vec<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    found.retain(|line| line != "ok");
    let mut statement = store.prepare("PRAGMA foreign_key_check")?;
    let orphan = |row: &rusqlite::Row<'_>| {
        let (table, of): (String, String) = (row.get(0)?, row.get(2)?);
        Ok(format!("a row of {table} points to no {of}"))
    };
    let orphans = statement.query_map([], orphan)?.take(NAMED);
    found.extend(orphans.collect::<Result<Vec<_>, _>>()?);
    Ok(found)
}
