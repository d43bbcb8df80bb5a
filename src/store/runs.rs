//! The history of runs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Error, Store, instant, named, stored};
use crate::domain::run::{Job, Run, RunId, RunStatus, Trigger};
use crate::domain::warned::Warned;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Never `Running`.
    pub status: RunStatus,
    /// One line for people.
    pub summary: String,
    /// Size of the proven user list, where the run got that far.
    pub users: Option<u64>,
    /// What came of earlier warnings, where the run got that far.
    pub warned: Option<Warned>,
}

/// Which runs to list.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Only this job.
    pub job: Option<Job>,
    /// Only runs that staged, sent or changed something about this person: an id, or an address or account
    /// name in any case.
    pub user: Option<String>,
    /// Only runs that intended a change of this role: its name in any case, or `id:123`.
    pub role: Option<String>,
    /// Started at or after.
    pub since: Option<Timestamp>,
    /// Started before.
    pub until: Option<Timestamp>,
    /// The newest so many.
    pub limit: Option<u32>,
}

/// What the runs of a job left behind: notices that are still owed, or a scheduled run that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leftover {
    /// How the last run ended.
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, or when a retry was last skipped or a run by hand failed; `None` while it runs.
    pub ended_at: Option<Timestamp>,
}

/// The summary of a run that did not come to its own end, as one does that is told to stop.
pub(super) const CUT_OFF: &str = "the process ended in the middle of it";

const COLUMNS: &str = "run_id, job, trigger, status, started_at, finished_at, summary, reason,
     warned, warned_changed, warned_expired";

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        run_id: RunId(row.get(0)?),
        job: named(1, row.get_ref(1)?.as_str()?, Job::parse)?,
        trigger: named(2, row.get_ref(2)?.as_str()?, Trigger::parse)?,
        status: named(3, row.get_ref(3)?.as_str()?, RunStatus::parse)?,
        started_at: instant(row.get(4)?),
        finished_at: row.get::<_, Option<i64>>(5)?.map(instant),
        summary: row.get(6)?,
        reason: row.get(7)?,
        warned: warned(row)?,
    })
}

fn warned(row: &Row<'_>) -> rusqlite::Result<Option<Warned>> {
    let Some(people) = row.get(8)? else {
        return Ok(None);
    };
    Ok(Some(Warned {
        people,
        changed: row.get(9)?,
        expired: row.get(10)?,
    }))
}

impl Store {
    /// Opens a run. Rows of the job that still say `running` become `interrupted`: whoever begins a
    /// run holds the job's lock, so their process is gone.
    pub async fn begin_run(
        &self,
        job: Job,
        trigger: Trigger,
        started_at: Timestamp,
        reason: Option<String>,
    ) -> Result<RunId, Error> {
        self.call(move |store| {
            let transaction = store.transaction()?;
            interrupt(&transaction, job, started_at)?;
            transaction.execute(
                "INSERT INTO run (job, trigger, status, started_at, reason) VALUES (?1, ?2, 'running', ?3, ?4)",
                params![job.as_str(), trigger.as_str(), stored(started_at), reason],
            )?;
            let id = transaction.last_insert_rowid();
            transaction.commit()?;
            Ok(RunId(id))
        })
        .await
    }

    /// Gives runs that were cut off an end. False: there was none.
    pub async fn interrupt_runs(&self, job: Job, at: Timestamp) -> Result<bool, Error> {
        self.call(move |store| interrupt(store, job, at)).await
    }

    /// Closes a run.
    pub async fn finish_run(&self, id: RunId, finished_at: Timestamp, ending: Ending) -> Result<(), Error> {
        self.call(move |store| {
            store.execute(
                "UPDATE run SET status = ?2, finished_at = ?3, summary = ?4, users = ?5, warned = ?6,
                        warned_changed = ?7, warned_expired = ?8
                 WHERE run_id = ?1",
                params![
                    id.0,
                    ending.status.as_str(),
                    stored(finished_at),
                    ending.summary,
                    ending.users.map(i64::try_from).and_then(Result::ok),
                    ending.warned.map(|warned| warned.people),
                    ending.warned.map(|warned| warned.changed),
                    ending.warned.map(|warned| warned.expired),
                ],
            )
        })
        .await?;
        Ok(())
    }

    /// Records a tick that did not become a run.
    pub async fn record_skipped(
        &self,
        job: Job,
        trigger: Trigger,
        at: Timestamp,
        why: String,
    ) -> Result<(), Error> {
        self.call(move |store| {
            store.execute(
                "INSERT INTO run (job, trigger, status, started_at, finished_at, summary)
                 VALUES (?1, ?2, 'skipped', ?3, ?3, ?4)",
                params![job.as_str(), trigger.as_str(), stored(at), why],
            )
        })
        .await?;
        Ok(())
    }

    /// The run that left notices of the job over, real ones or those of a rehearsal, or that failed before
    /// it knew what is owed. `None` where nothing is left. A run that sent one notice once more and succeeded
    /// is passed over: it proved no list of users, and left nothing to anybody. So is one by hand that failed
    /// and staged nothing: it is for whoever began it, and only puts off what the run before it left.
    pub async fn leftover(&self, job: Job, rehearsal: bool) -> Result<Option<Leftover>, Error> {
        self.call(move |store| {
            store
                .query_row(
                    "SELECT status, started_at, finished_at,
                            (SELECT MAX(finished_at) FROM run
                             WHERE job = ?1 AND (trigger = 'retry' AND status = 'skipped'
                                                 OR trigger = 'manual' AND status = 'failed'))
                     FROM run
                     WHERE run_id = (SELECT MAX(run_id) FROM run
                                     WHERE job = ?1 AND status <> 'skipped'
                                       AND NOT (status = 'succeeded' AND users IS NULL)
                                       AND NOT (status = 'failed' AND trigger = 'manual'
                                                AND run_id NOT IN (SELECT staged_by FROM notice)))
                       AND (status = 'failed' AND trigger <> 'manual'
                            OR EXISTS (SELECT 1 FROM notice
                                       WHERE state IN ('staged', 'sending', 'retry') AND rehearsal = ?2
                                         AND staged_by IN (SELECT run_id FROM run WHERE job = ?1)))",
                    params![job.as_str(), rehearsal],
                    |row| {
                        let ended_at: Option<i64> = row.get(2)?;
                        let skipped_at: Option<i64> = row.get(3)?;
                        Ok(Leftover {
                            status: named(0, row.get_ref(0)?.as_str()?, RunStatus::parse)?,
                            started_at: instant(row.get(1)?),
                            ended_at: ended_at.map(|at| instant(at.max(skipped_at.unwrap_or(at)))),
                        })
                    },
                )
                .optional()
        })
        .await
    }

    /// The number of users in the last run of the job that proved the list and was not refused.
    pub async fn previous_user_count(&self, job: Job) -> Result<Option<u64>, Error> {
        let users: Option<i64> = self
            .call(move |store| {
                store
                    .query_row(
                        "SELECT users FROM run WHERE job = ?1 AND users IS NOT NULL AND status NOT IN ('running', 'refused')
                         ORDER BY run_id DESC LIMIT 1",
                        [job.as_str()],
                        |row| row.get(0),
                    )
                    .optional()
            })
            .await?;
        Ok(users.and_then(|users| u64::try_from(users).ok()))
    }

    /// The latest instant at which a run of any job proved a user list, before which it had held the clock
    /// against OneLogin's. `None`: none has yet.
    pub async fn proven_at(&self) -> Result<Option<Timestamp>, Error> {
        // Whichever is earlier: the clock may have been set right in the middle of the run.
        let query = "SELECT max(min(started_at, finished_at)) FROM run WHERE users IS NOT NULL";
        let at: Option<i64> = self
            .call(move |store| store.query_row(query, [], |row| row.get(0)))
            .await?;
        Ok(at.map(instant))
    }

    /// Runs, newest first.
    pub async fn list_runs(&self, filter: RunFilter) -> Result<Vec<Run>, Error> {
        self.call(move |store| {
            let about = filter
                .user
                .as_deref()
                .map(|user| runs_about(store, user))
                .transpose()?;
            let of_role = filter
                .role
                .as_deref()
                .map(|role| runs_that_changed(store, role))
                .transpose()?;
            let mut statement = store.prepare(&format!(
                "SELECT {COLUMNS} FROM run
                 WHERE (?1 IS NULL OR job = ?1)
                   AND (?2 IS NULL OR started_at >= ?2)
                   AND (?3 IS NULL OR started_at < ?3)
                   AND (?4 IS NULL OR run_id IN (SELECT value FROM json_each(?4)))
                   AND (?5 IS NULL OR run_id IN (SELECT value FROM json_each(?5)))
                 ORDER BY run_id DESC LIMIT ?6"
            ))?;
            let rows = statement.query_map(
                params![
                    filter.job.map(Job::as_str),
                    filter.since.map(stored),
                    filter.until.map(stored),
                    about,
                    of_role,
                    filter.limit.map_or(-1, i64::from),
                ],
                run,
            )?;
            rows.collect()
        })
        .await
    }

    /// One run.
    pub async fn find_run(&self, id: RunId) -> Result<Option<Run>, Error> {
        self.call(move |store| {
            store
                .query_row(
                    &format!("SELECT {COLUMNS} FROM run WHERE run_id = ?1"),
                    [id.0],
                    run,
                )
                .optional()
        })
        .await
    }
}

/// The newest row of a job: a run, or a tick that was skipped.
pub(super) fn last_run(store: &Connection, job: Job, skipped: bool) -> rusqlite::Result<Option<Run>> {
    store
        .query_row(
            &format!(
                "SELECT {COLUMNS} FROM run WHERE job = ?1 AND (status = 'skipped') = ?2
                 ORDER BY run_id DESC LIMIT 1"
            ),
            params![job.as_str(), skipped],
            run,
        )
        .optional()
}

fn interrupt(store: &Connection, job: Job, at: Timestamp) -> rusqlite::Result<bool> {
    let ended = store.execute(
        "UPDATE run SET status = 'interrupted', finished_at = ?2, summary = ?3
         WHERE job = ?1 AND status = 'running'",
        params![job.as_str(), stored(at), CUT_OFF],
    )?;
    Ok(ended > 0)
}

/// The runs that staged or sent a notice about this person, or intended a change of theirs, as a
/// JSON array.
fn runs_about(store: &Connection, user: &str) -> rusqlite::Result<String> {
    let query = "SELECT user_id, account, address, staged_by, tried_by FROM notice
                 UNION SELECT user_id, account, '', run_id, NULL FROM role_change";
    runs_where(store, query, user)
}

/// The same for a role.
fn runs_that_changed(store: &Connection, role: &str) -> rusqlite::Result<String> {
    let query = "SELECT DISTINCT role_id, role_name, '', run_id, NULL FROM role_change";
    runs_where(store, query, role)
}

/// Rows of a number, two names and two runs: the runs where the number or a name is what is wanted.
fn runs_where(store: &Connection, query: &str, wanted: &str) -> rusqlite::Result<String> {
    let wanted = wanted.to_lowercase();
    let mut statement = store.prepare(query)?;
    let mut rows = statement.query([])?;
    let mut runs = BTreeSet::new();
    while let Some(row) = rows.next()? {
        if is_about(row, &wanted)? {
            runs.insert(row.get::<_, i64>(3)?);
            runs.extend(row.get::<_, Option<i64>>(4)?);
        }
    }
    let ids: Vec<String> = runs.iter().map(i64::to_string).collect();
    Ok(format!("[{}]", ids.join(",")))
}

/// Whether a row that begins with `user_id`, `account` and `address` is about this person: `id:123`,
/// or an address or account name in lower case. Compared here, since SQLite's own lower() knows ASCII
/// only.
pub(super) fn is_about(row: &Row<'_>, user: &str) -> rusqlite::Result<bool> {
    let is = |column: usize| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str()?.to_lowercase() == user);
    Ok(format!("id:{}", row.get::<_, i64>(0)?) == user || is(1)? || is(2)?)
}
