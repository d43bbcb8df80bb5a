//! What the daemon must remember of its schedules while it is off.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::pauses::PAUSED_AT;
use super::runs::{CUT_OFF, last_run};
use super::{Error, Store, instant, stored};
use crate::domain::run::{Job, Run, RunStatus};

/// How a job stood when the daemon last served it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Its schedule and the name of the zone; `None` where it was not enabled.
    pub schedule: Option<(String, String)>,
    /// Up to when the schedule has been answered.
    pub until: Timestamp,
}

/// What is known of a job when the daemon starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    /// `None` where no daemon ever served this store.
    pub served: Option<Served>,
    /// The last run, skipped ticks left out.
    pub last_run: Option<Run>,
    /// How many runs were cut off since the last one that came to an end; one that was told to stop did
    /// neither.
    pub cut_off: u32,
}

impl Store {
    /// What is known of a job. Ticks after `latest` are left out: they are of a clock that was ahead.
    pub async fn past(&self, job: Job, latest: Timestamp) -> Result<Past, Error> {
        self.call(move |store| {
            Ok(Past {
                served: served(store, job, latest)?,
                last_run: last_run(store, job, false)?,
                cut_off: cut_off_in_a_row(store, job)?,
            })
        })
        .await
    }

    /// Remembers the schedule of a job and the name of its zone, or that it is not enabled.
    pub async fn record_schedule(
        &self,
        job: Job,
        schedule: Option<(String, String)>,
        since: Timestamp,
    ) -> Result<(), Error> {
        self.call(move |store| {
            let (cron, zone) = schedule.unzip();
            store.execute(
                "INSERT OR REPLACE INTO schedule (job, cron, time_zone, since) VALUES (?1, ?2, ?3, ?4)",
                params![job.as_str(), cron, zone, stored(since)],
            )
        })
        .await?;
        Ok(())
    }

    /// Whether the job was paused at an instant that has passed.
    pub async fn was_paused(&self, job: Job, at: Timestamp) -> Result<bool, Error> {
        self.call(move |store| {
            let query = format!("SELECT EXISTS (SELECT 1 FROM pause WHERE job = ?2 AND {PAUSED_AT})");
            store.query_row(&query, params![stored(at), job.as_str()], |row| row.get(0))
        })
        .await
    }
}

/// A row stands for the tick that brought it.
fn served(store: &Connection, job: Job, latest: Timestamp) -> rusqlite::Result<Option<Served>> {
    let query = "SELECT cron, time_zone, max(since, coalesce((
                     SELECT max(started_at) FROM run
                     WHERE job = ?1 AND trigger IN ('schedule', 'catch-up') AND started_at <= ?2), 0))
                 FROM schedule WHERE job = ?1";
    let served = store.query_row(query, params![job.as_str(), stored(latest)], |row| {
        let (cron, zone): (Option<String>, Option<String>) = (row.get(0)?, row.get(1)?);
        Ok(Served {
            schedule: cron.zip(zone),
            until: instant(row.get(2)?),
        })
    });
    served.optional()
}

fn cut_off_in_a_row(store: &Connection, job: Job) -> rusqlite::Result<u32> {
    let query = "SELECT count(*) FROM run
                 WHERE job = ?1 AND status = ?2 AND summary = ?3
                   AND run_id > coalesce((SELECT max(run_id) FROM run
                                          WHERE job = ?1 AND status NOT IN (?2, 'skipped')), 0)";
    store.query_row(
        query,
        params![job.as_str(), RunStatus::Interrupted.as_str(), CUT_OFF],
        |row| row.get(0),
    )
}
