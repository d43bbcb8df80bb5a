//! What was missed while the daemon was off.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::engine::Engine;
use super::end_cut_off_runs;
use super::service::skip;
use crate::config::settings::Settings;
use crate::domain::calendar::Schedule;
use crate::domain::run::{Job, RunStatus, Trigger};
use crate::domain::timetable::{Call, SMALL_STEP_BACK, Timetable};
use crate::report::time;
use crate::store::{Error, Past, Served};

/// A run that is cut off so many times in a row is not begun again by a start: it may be what ends the
/// process. Its next scheduled time is another chance.
const CUT_OFF_AT_MOST: u32 = 3;

/// Where the timetable of a job goes on, and whether a start of the daemon makes up for a run of it: its last
/// scheduled time passed while the daemon was off, or its last run was cut off, and neither is longer ago
/// than `daemon.catch_up`. `None`: the job is not enabled.
///
/// The times are those of the schedule that was served then. A store that no daemon has served yet, but on
/// which the job has run, is taken as served since with today's.
pub(super) async fn take_up(
    engine: &Engine,
    job: Job,
    now: Timestamp,
) -> anyhow::Result<Option<(Timetable, bool)>> {
    end_cut_off_runs(engine, job).await?;
    let settings = &engine.app.settings;
    let Some(schedule) = settings.schedule_of(job) else {
        return Ok(None);
    };
    let zone = settings.time_zone();
    let past = engine.store.past(job, latest(now)).await?;
    let was_cut_off = was_cut_off(&past, now, settings.daemon.catch_up);
    if was_cut_off {
        tracing::info!(%job, "catching up: its last run was cut off");
    }
    let anew = Timetable::new(schedule.clone(), zone.clone(), now);
    let Some(mut timetable) = timetable_then(past, schedule, zone) else {
        return Ok(Some((anew, was_cut_off)));
    };
    let call = timetable.look(now, Duration::ZERO, settings.daemon.catch_up);
    let is_due = was_cut_off
        || match call {
            None => false,
            // The clock stands at the very time: so does the first look of the loop, for which it has passed.
            Some(Call::OnTime) => is_wanted(engine, job, now).await,
            Some(Call::Missed(at)) => is_wanted(engine, job, at).await,
            Some(Call::TooLate(at)) => {
                skip(engine, job, Trigger::CatchUp, &too_late(settings, at)).await;
                false
            }
        };
    let goes_on = timetable.is_of(schedule, zone);
    Ok(Some((if goes_on { timetable } else { anew }, is_due)))
}

/// Rows and schedules later than this are of a clock that was ahead.
fn latest(now: Timestamp) -> Timestamp {
    now.checked_add(SMALL_STEP_BACK).unwrap_or(Timestamp::MAX)
}

/// Remembers the schedule of a job in the store, where it is another one than the last daemon served, or was
/// served by a clock that was ahead.
pub(super) async fn record_schedule(engine: &Engine, job: Job, now: Timestamp) -> anyhow::Result<()> {
    let settings = &engine.app.settings;
    let zone = settings.time_zone().iana_name().unwrap_or("UTC");
    let schedule = settings
        .schedule_of(job)
        .map(|schedule| (schedule.as_str().to_owned(), zone.to_owned()));
    let latest = latest(now);
    let served = engine.store.past(job, latest).await?.served;
    if served.is_none_or(|served| served.schedule != schedule || served.until > latest) {
        engine.store.record_schedule(job, schedule, now).await?;
    }
    Ok(())
}

/// Whether a time that was missed is made up for: not where the job was paused then, or has never run on
/// this store, nor where the store does not tell.
pub(super) async fn is_wanted(engine: &Engine, job: Job, at: Timestamp) -> bool {
    let missed = time::minute(at, engine.app.settings.time_zone());
    match why_not(engine, job, at).await {
        Ok(None) => {
            tracing::info!(%job, missed, "catching up: its time passed unseen");
            true
        }
        Ok(Some(why)) => {
            tracing::info!(%job, missed, "not made up for: {why}");
            false
        }
        Err(error) => {
            tracing::error!(%job, missed, "not made up for: what happened then could not be looked up: {error}");
            false
        }
    }
}

async fn why_not(engine: &Engine, job: Job, at: Timestamp) -> Result<Option<&'static str>, Error> {
    if engine.store.was_paused(job, at).await? {
        return Ok(Some("the job was paused then"));
    }
    let has_run = engine.store.past(job, at).await?.last_run.is_some();
    Ok((!has_run).then_some("the job has never run on this store"))
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
        && past.cut_off < CUT_OFF_AT_MOST
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
