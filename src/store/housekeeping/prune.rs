//! One batch of rows that are old and decide nothing. The rules stand in the module above.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::cut;
use crate::domain::notice::PasswordOccasion;
use crate::domain::retention::{LastPassword, Retention, RowKind};
use crate::store::approvals::LIFE;
use crate::store::role_memory::{CONTESTED_WITHIN, columns, selector};
use crate::store::{Error, Store, instant, stored};

/// So many rows are looked at, or deleted, in one transaction.
const ROWS: i64 = 500;

/// The same for runs whose changes go.
const RUNS: i64 = 10;

/// What a batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// So many rows went.
    pub pruned: u64,
    /// Where the next one begins; `None`: this was the last one.
    pub next: Option<i64>,
}

impl Store {
    /// Prunes a batch of rows of this kind, beginning at 0 or where the last one says.
    pub async fn prune(&self, kind: RowKind, retention: Retention, from: i64) -> Result<Batch, Error> {
        self.call(move |store| {
            store.pragma_update(None, "secure_delete", true)?;
            let transaction = store.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let batch = batch(&transaction, kind, &retention, from)?;
            cut::here("before a batch is committed");
            transaction.commit()?;
            Ok(batch)
        })
        .await
    }
}

pub(super) fn batch(
    store: &Connection,
    kind: RowKind,
    retention: &Retention,
    from: i64,
) -> rusqlite::Result<Batch> {
    let before = stored(retention.before);
    let deleted = match kind {
        RowKind::Notice => return notices(store, retention, from),
        RowKind::Identity => return identities(store, retention),
        RowKind::Change => return changes(store, retention),
        RowKind::Alert => alerts(store, retention)?,
        RowKind::Approval => {
            let before = retention.changes_before.min(ago(retention, LIFE));
            store.execute(APPROVALS, params![stored(before), ROWS])?
        }
        RowKind::Run => store.execute(RUNS_OF_NO_USE, params![before, ROWS])?,
        RowKind::Pause => store.execute(PAUSES, params![before, ROWS])?,
    };
    Ok(Batch {
        pruned: deleted as u64,
        next: (i64::try_from(deleted) == Ok(ROWS)).then_some(0),
    })
}

fn ago(retention: &Retention, span: SignedDuration) -> Timestamp {
    retention.now.saturating_sub(span).unwrap_or(Timestamp::MIN)
}

const APPROVALS: &str = "DELETE FROM approval WHERE approval_id IN
    (SELECT approval_id FROM approval
     WHERE approved_at < ?1
       AND approval_id NOT IN (SELECT approval_id FROM role_change WHERE approval_id IS NOT NULL)
     LIMIT ?2)";

/// Those that no notice asks for any more.
const PASSWORDS_OF_NO_USE: &str = "DELETE FROM password_seen
     WHERE seen_at < ?1 AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.user_id = password_seen.user_id)";

const PAUSES: &str = "DELETE FROM pause WHERE pause_id IN
    (SELECT pause_id FROM pause WHERE coalesce(ended_at, until) < ?1 LIMIT ?2)";

/// The last four of the conditions are what `status`, the daemon's look for missed times, the guard on the
/// size of the user list, and the search for notices that a run left over go by.
const RUNS_OF_NO_USE: &str = "DELETE FROM run WHERE run_id IN
    (SELECT run_id FROM run AS old
     WHERE finished_at < ?1
       AND NOT EXISTS (SELECT 1 FROM notice WHERE staged_by = old.run_id)
       AND NOT EXISTS (SELECT 1 FROM notice WHERE tried_by = old.run_id)
       AND NOT EXISTS (SELECT 1 FROM role_change WHERE run_id = old.run_id)
       AND NOT EXISTS (SELECT 1 FROM approval WHERE used_by = old.run_id)
       AND NOT EXISTS (SELECT 1 FROM role_seen WHERE run_id = old.run_id)
       AND NOT EXISTS (SELECT 1 FROM alert WHERE since_run = old.run_id)
       AND run_id NOT IN (SELECT max(run_id) FROM run GROUP BY job, status = 'skipped')
       AND run_id NOT IN (SELECT run_id FROM (SELECT run_id, max(started_at) FROM run
                                              WHERE trigger IN ('schedule', 'catch-up') GROUP BY job))
       AND run_id NOT IN (SELECT max(run_id) FROM run
                          WHERE users IS NOT NULL AND status NOT IN ('running', 'refused') GROUP BY job)
       AND run_id NOT IN (SELECT max(run_id) FROM run
                          WHERE status <> 'skipped' AND NOT (status = 'succeeded' AND users IS NULL) GROUP BY job)
     LIMIT ?2)";

/// Looks at the next notices that are old and settled; what their occasions mean is not for SQL to say.
fn notices(store: &Connection, retention: &Retention, from: i64) -> rusqlite::Result<Batch> {
    let mut statement = store.prepare_cached(
        "SELECT notice_id, user_id, occasion FROM notice
         WHERE notice_id > ?1 AND changed_at < ?2 AND state NOT IN ('staged', 'sending', 'retry')
         ORDER BY notice_id LIMIT ?3",
    )?;
    let row = |row: &rusqlite::Row<'_>| {
        let (id, user, occasion): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((id, user, occasion))
    };
    let old = statement.query_map(params![from, stored(retention.before), ROWS], row)?;
    let old: Vec<(i64, i64, String)> = old.collect::<Result<_, _>>()?;
    // Once, not for each person: it looks at every row.
    let last_list_at: Option<i64> =
        store.query_row("SELECT max(seen_at) FROM password_seen", [], |row| row.get(0))?;
    let mut passwords = BTreeMap::new();
    let mut delete = store.prepare_cached("DELETE FROM notice WHERE notice_id = ?1")?;
    let mut pruned = 0;
    for (id, user, occasion) in &old {
        // Known before the first row of the person goes.
        let password = if let Some(known) = passwords.get(user) {
            *known
        } else {
            let known = last_password(store, retention, last_list_at.map(instant), *user)?;
            passwords.insert(*user, known);
            known
        };
        if retention.is_over(occasion, password) {
            delete.execute([id])?;
            pruned += 1;
        }
    }
    let is_full = i64::try_from(old.len()) == Ok(ROWS);
    if !is_full {
        store.execute(PASSWORDS_OF_NO_USE, [stored(retention.before)])?;
    }
    let last = old.last().map(|(id, ..)| *id);
    Ok(Batch {
        pruned,
        next: last.filter(|_| is_full),
    })
}

/// What the user lists know of a person's password; where they do not, what the ledger does.
fn last_password(
    store: &Connection,
    retention: &Retention,
    last_list_at: Option<Timestamp>,
    user: i64,
) -> rusqlite::Result<LastPassword> {
    let mut statement =
        store.prepare_cached("SELECT changed_at, seen_at FROM password_seen WHERE user_id = ?1")?;
    let seen = statement
        .query_row([user], |row| {
            let changed_at: Option<i64> = row.get(0)?;
            Ok((changed_at.map(instant), instant(row.get(1)?)))
        })
        .optional()?;
    let keep = retention.now.duration_since(retention.before);
    if let Some((changed_at, seen_at)) = seen {
        if last_list_at.is_some_and(|at| at.duration_since(seen_at) >= keep) {
            return Ok(LastPassword::Nobodys);
        }
        // What OneLogin says of now comes before what it said when notices were staged.
        if let Some(changed_at) = changed_at {
            return Ok(LastPassword::SetAt(changed_at));
        }
    }
    let mut newest = None;
    let mut statement = store.prepare_cached("SELECT DISTINCT occasion FROM notice WHERE user_id = ?1")?;
    let mut rows = statement.query([user])?;
    while let Some(row) = rows.next()? {
        let password = PasswordOccasion::parse(row.get_ref(0)?.as_str()?);
        newest = newest.max(password.map(|password| password.changed_at));
    }
    Ok(newest.map_or(LastPassword::Unknown, LastPassword::SetAt))
}

/// All changes of a run, or none.
fn changes(store: &Connection, retention: &Retention) -> rusqlite::Result<Batch> {
    let before = retention.changes_before.min(ago(retention, CONTESTED_WITHIN));
    let mut statement = store.prepare_cached(
        "SELECT run_id FROM role_change GROUP BY run_id
         HAVING count(*) = count(settled_at) AND max(settled_at) < ?1 LIMIT ?2",
    )?;
    let runs = statement.query_map(params![stored(before), RUNS], |row| row.get(0))?;
    let runs: Vec<i64> = runs.collect::<Result<_, _>>()?;
    let mut pruned = 0;
    for run in &runs {
        pruned += store.execute("DELETE FROM role_change WHERE run_id = ?1", [run])?;
    }
    Ok(Batch {
        pruned: pruned as u64,
        next: (i64::try_from(runs.len()) == Ok(RUNS)).then_some(0),
    })
}

/// Causes that are over, with what each admin was told of them.
fn alerts(store: &Connection, retention: &Retention) -> rusqlite::Result<usize> {
    let before = stored(retention.before);
    // The day that it was, an offset or two away: at least a day back, so never today's.
    let day = retention.before.to_zoned(TimeZone::UTC).date().to_string();
    let is_over = "is_going_on = 0 AND since < ?1 AND NOT EXISTS
        (SELECT 1 FROM alert_told WHERE alert_told.alert_id = alert.alert_id AND (is_open = 1 OR told_on >= ?2))";
    store.execute(
        &format!("DELETE FROM alert_told WHERE alert_id IN (SELECT alert_id FROM alert WHERE {is_over} ORDER BY alert_id LIMIT ?3)"),
        params![before, day, ROWS],
    )?;
    store.execute(
        &format!("DELETE FROM alert WHERE alert_id IN (SELECT alert_id FROM alert WHERE {is_over} ORDER BY alert_id LIMIT ?3)"),
        params![before, day, ROWS],
    )
}

fn identities(store: &Connection, retention: &Retention) -> rusqlite::Result<Batch> {
    let mut statement = store.prepare_cached("SELECT kind, value FROM identity WHERE seen_at < ?1")?;
    let old = statement.query_map([stored(retention.before)], |row| selector(row, 0))?;
    let old: Vec<_> = old.collect::<Result<_, _>>()?;
    let mut pruned = 0;
    for selector in old.iter().filter(|selector| retention.is_unnamed(selector)) {
        let (kind, value) = columns(selector);
        store
            .prepare_cached("DELETE FROM identity WHERE kind = ?1 AND value = ?2")?
            .execute(params![kind, value])?;
        pruned += 1;
    }
    Ok(Batch { pruned, next: None })
}
