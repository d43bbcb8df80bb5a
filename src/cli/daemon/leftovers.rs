//! Notices that an earlier run left over bring another run.

use super::super::engine::Engine;
use super::end_cut_off_runs;
use crate::domain::retry;
use crate::domain::run::Job;
use crate::store::Leftover;

/// The job whose leftovers bring another run. What role sync leaves over, its next tick plans anew.
pub(super) const RETRIED: Job = Job::PasswordExpiry;

/// Whether notices that are still owed bring another run now.
pub(super) async fn are_due(engine: &Engine) -> bool {
    look_for(engine).await.unwrap_or_else(|error| {
        tracing::error!("what is still owed could not be looked up: {error:#}");
        false
    })
}

/// Whether notices that an earlier run left over bring another run now, be it ours or one by hand. A
/// run whose process is gone gets its end here.
async fn look_for(engine: &Engine) -> anyhow::Result<bool> {
    let settings = &engine.app.settings;
    if settings.schedule_of(RETRIED).is_none() {
        return Ok(false);
    }
    let leftover = engine.store.leftover(RETRIED, settings.mail.is_rehearsal());
    let Some(Leftover {
        status,
        started_at,
        ended_at,
    }) = leftover.await?
    else {
        return Ok(false);
    };
    let Some(ended_at) = ended_at else {
        end_cut_off_runs(engine, RETRIED).await?;
        return Ok(false);
    };
    let calendar = &settings.password_expiry.terms.calendar;
    let now = engine.app.clock.now();
    Ok(retry::retry_is_due(status, started_at, ended_at, calendar, now))
}
