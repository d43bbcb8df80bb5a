//! What was missed while the daemon was off.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::engine::Engine;
use super::end_cut_off_runs;
use crate::config::settings::Settings;
use crate::domain::calendar::Schedule;
use crate::domain::run::{Job, RunStatus, Trigger};
use crate::domain::timetable::{Call, Timetable};
use crate::report::time;
use crate::store::{Past, Served};

/// A run that is cut off so many times in a row is not begun again by a start: it may be what ends the
/// process. Its next scheduled time is another chance.
const CUT_OFF_AT_MOST: u32 = 3;

/// Whether a start of the daemon makes up for a run of this job: its last scheduled time passed while the
/// daemon was off, or its last run was cut off, and neither is longer ago than `daemon.catch_up`.
///
/// The times are those of the schedule that was served then. A store that no daemon has served yet, but on
/// which the job has run, is taken as served since with today's.
pub(super) async fn is_due(engine: &Engine, job: Job, now: Timestamp) -> anyhow::Result<bool> {
    end_cut_off_runs(engine, job).await?;
    let settings = &engine.app.settings;
    let Some(schedule) = settings.schedule_of(job) else {
        return Ok(false);
    };
    let past = engine.store.past(job).await?;
    if was_cut_off(&past, now, settings.daemon.catch_up) {
        tracing::info!(%job, "catching up: its last run was cut off");
        return Ok(true);
    }
    let Some(mut timetable) = timetable_then(past, schedule, settings.time_zone()) else {
        return Ok(false);
    };
    Ok(
        match timetable.look(now, Duration::ZERO, settings.daemon.catch_up) {
            None => false,
            // The clock stands at the very time: so does the first look of the loop, for which it has passed.
            Some(Call::OnTime) => is_wanted(engine, job, now).await,
            Some(Call::Missed(at)) => is_wanted(engine, job, at).await,
            Some(Call::TooLate(at)) => {
                tracing::warn!(%job, "not made up for: {}", too_late(settings, at));
                false
            }
        },
    )
}

/// Remembers the schedule of a job in the store, where it is another one than the last daemon served.
pub(super) async fn record_schedule(engine: &Engine, job: Job, now: Timestamp) -> anyhow::Result<()> {
    let settings = &engine.app.settings;
    let zone = settings.time_zone().iana_name().unwrap_or("UTC");
    let schedule = settings
        .schedule_of(job)
        .map(|schedule| (schedule.as_str().to_owned(), zone.to_owned()));
    let served = engine.store.past(job).await?.served;
    if served.is_none_or(|served| served.schedule != schedule) {
        engine.store.record_schedule(job, schedule, now).await?;
    }
    Ok(())
}

/// Whether a time that was missed is made up for: not where the job was paused then.
pub(super) async fn is_wanted(engine: &Engine, job: Job, at: Timestamp) -> bool {
    let was_paused = engine.store.was_paused(job, at).await.unwrap_or_else(|error| {
        tracing::error!("whether the job was paused could not be looked up: {error}");
        false
    });
    let missed = time::minute(at, engine.app.settings.time_zone());
    if was_paused {
        tracing::info!(%job, missed, "not made up for: the job was paused then");
    } else {
        tracing::info!(%job, missed, "catching up: its time passed unseen");
    }
    !was_paused
}

/// Why a time that was missed is not made up for.
pub(super) fn too_late(settings: &Settings, at: Timestamp) -> String {
    let missed = time::minute(at, settings.time_zone());
    format!("{missed} passed unseen, longer ago than daemon.catch_up")
}

fn was_cut_off(past: &Past, now: Timestamp, catch_up: Duration) -> bool {
    let Some(run) = &past.last_run else { return false };
    let is_recent = now.duration_since(run.started_at).unsigned_abs() <= catch_up;
    run.status == RunStatus::Interrupted
        && run.trigger != Trigger::Manual
        && is_recent
        && past.interrupted < CUT_OFF_AT_MOST
}

/// The timetable of the job while the daemon was off; `None` where it had none, or has never run.
fn timetable_then(past: Past, schedule: &Schedule, zone: &TimeZone) -> Option<Timetable> {
    let run = past.last_run?;
    match past.served {
        None => Some(Timetable::new(schedule.clone(), zone.clone(), run.started_at)),
        Some(Served {
            schedule: Some((cron, zone)),
            until,
        }) => {
            let schedule = Schedule::parse(&cron).ok()?;
            Some(Timetable::new(schedule, TimeZone::get(&zone).ok()?, until))
        }
        Some(Served { schedule: None, .. }) => None,
    }
}
