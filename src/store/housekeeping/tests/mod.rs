//! Each rule of pruning: a row that its age alone would prune and that stays, and one that goes.

mod backups;
mod notices;
mod rules;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use tempfile::TempDir;

use super::prune::batch;
use crate::domain::retention::{Retention, RowKind};
use crate::domain::selector::Selector;
use crate::store::file::open_for_writing;
use crate::store::stored;

/// Monday, 08:00 in Berlin.
fn now() -> Timestamp {
    "2026-11-23T07:00:00Z".parse().unwrap()
}

/// So many days ago, as it is stored.
fn ago(days: i64) -> i64 {
    stored(now() - SignedDuration::from_hours(24 * days))
}

/// A store with these rows.
struct Desk {
    folder: TempDir,
    store: Connection,
}

impl Desk {
    fn with(rows: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open_for_writing(&folder.path().join("steward.db")).unwrap();
        store.execute_batch(rows).unwrap();
        Self { folder, store }
    }

    /// Prunes everything, as a run does that keeps a year, and three years of changes.
    fn prune(&self) {
        self.prune_by(&Retention {
            now: now(),
            before: now() - SignedDuration::from_hours(24 * 365),
            changes_before: now() - SignedDuration::from_hours(24 * 1095),
            after_expiry_within: SignedDuration::from_hours(7 * 24),
            present: Some([Selector::Name("ana@acme.example".to_owned())].into()),
        });
    }

    /// The same with the shortest spans that can be set.
    fn prune_to_a_day(&self) {
        let day_ago = now() - SignedDuration::from_hours(24);
        self.prune_by(&Retention {
            now: now(),
            before: day_ago,
            changes_before: day_ago,
            after_expiry_within: SignedDuration::from_hours(7 * 24),
            present: None,
        });
    }

    fn prune_by(&self, retention: &Retention) {
        for kind in RowKind::ALL {
            let mut from = Some(0);
            while let Some(begin) = from {
                from = batch(&self.store, *kind, retention, begin).unwrap().next;
            }
        }
        let damage = super::damage(&self.store).unwrap();
        assert_eq!(damage, [""; 0], "nothing points to what is gone");
    }

    /// The values of a query with one column of text.
    fn left(&self, query: &str) -> Vec<String> {
        let mut statement = self.store.prepare(query).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

/// A run that began and ended so many days ago; what it is for is in its summary.
fn run(id: i64, job: &str, status: &str, days: i64, users: Option<i64>, what: &str) -> String {
    let (at, users) = (
        ago(days),
        users.map_or("NULL".to_owned(), |users| users.to_string()),
    );
    let end = if status == "running" {
        "NULL".to_owned()
    } else {
        at.to_string()
    };
    format!(
        "INSERT INTO run (run_id, job, trigger, status, started_at, finished_at, summary, users)
         VALUES ({id}, '{job}', 'schedule', '{status}', {at}, {end}, '{what}', {users});"
    )
}

/// A notice that was last touched so many days ago; what it is for is in its account.
fn notice(user: i64, occasion: &str, threshold: i64, state: &str, days: i64, what: &str) -> String {
    let at = ago(days);
    format!(
        "INSERT INTO notice (user_id, occasion, threshold, recipient, rehearsal, state, account, address, message_id,
                             staged_by, staged_at, changed_at)
         VALUES ({user}, '{occasion}', {threshold}, 'p{user}@acme.example', 0, '{state}', '{what}', 'p{user}@acme.example',
                 '<{user}-{occasion}-{threshold}@x>', 1, {at}, {at});"
    )
}

/// The occasion of a password that was set so many days ago.
fn password(days: i64) -> String {
    format!("password:{}:90d", ago(days))
}
