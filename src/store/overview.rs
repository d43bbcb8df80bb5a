//! How things stand, for `status`.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::approvals::open_approvals;
use super::pauses::{Pause, pauses};
use super::runs::last_run;
use super::{Error, Store, named, stored};
use crate::domain::role::memory::Approval;
use crate::domain::role::plan::Totals;
use crate::domain::run::{Job, Run, RunId};

/// How things stand, read at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// Pauses in force, the oldest first.
    pub pauses: Vec<Pause>,
    /// Approvals that can still be used.
    pub approvals: Vec<Approval>,
    /// The last run of each job that has any, skipped ticks left out.
    pub last_runs: Vec<Run>,
    /// Ticks that were skipped since then, the last one of each job.
    pub skipped: Vec<Run>,
    /// Notices that are still owed.
    pub waiting: Waiting,
    /// What the last run of role sync that planned found, before it wrote anything.
    pub drift: Option<(RunId, Totals)>,
}

/// Notices that are still owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Not tried yet, or cut off while they were sent.
    pub staged: u64,
    /// Put off by the server.
    pub retry: u64,
}

/// Where `learned` keeps the drift.
const DRIFT: &str = "role-drift";

impl Store {
    /// How things stand. `rehearsal`: the notices of a rehearsal are counted, instead of the real ones.
    pub async fn overview(&self, now: Timestamp, rehearsal: bool) -> Result<Overview, Error> {
        self.call(move |store| {
            let mut overview = Overview {
                pauses: pauses(store, now)?,
                approvals: open_approvals(store, now)?,
                waiting: waiting(store, rehearsal)?,
                drift: drift(store)?,
                ..Overview::default()
            };
            for job in Job::ALL {
                let run = last_run(store, *job, false)?;
                let skipped = last_run(store, *job, true)?;
                let after = run.as_ref().map(|run| run.run_id);
                overview
                    .skipped
                    .extend(skipped.filter(|skipped| Some(skipped.run_id) > after));
                overview.last_runs.extend(run);
            }
            Ok(overview)
        })
        .await
    }

    /// Keeps what a run of role sync found.
    pub async fn record_drift(&self, run: RunId, totals: Totals, now: Timestamp) -> Result<(), Error> {
        let drift = serde_json::to_string(&(run, totals));
        self.call(move |store| {
            let drift = drift.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            store.execute(
                "INSERT OR REPLACE INTO learned (name, value, learned_at) VALUES (?1, ?2, ?3)",
                params![DRIFT, drift, stored(now)],
            )
        })
        .await?;
        Ok(())
    }
}

fn waiting(store: &Connection, rehearsal: bool) -> rusqlite::Result<Waiting> {
    let query = "SELECT count(*) FILTER (WHERE state <> 'retry'), count(*) FILTER (WHERE state = 'retry')
                 FROM notice WHERE state IN ('staged', 'sending', 'retry') AND rehearsal = ?1";
    store.query_row(query, [rehearsal], |row| {
        Ok(Waiting {
            staged: row.get::<_, u32>(0)?.into(),
            retry: row.get::<_, u32>(1)?.into(),
        })
    })
}

fn drift(store: &Connection) -> rusqlite::Result<Option<(RunId, Totals)>> {
    let query = "SELECT value FROM learned WHERE name = ?1";
    let parsed = store.query_row(query, [DRIFT], |row| {
        named(0, row.get_ref(0)?.as_str()?, |text| {
            serde_json::from_str(text).ok()
        })
    });
    parsed.optional()
}
