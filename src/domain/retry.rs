//! When what a run left over is tried again.

use jiff::{SignedDuration, Timestamp};

use super::calendar::SendCalendar;
use super::run::RunStatus;

/// How long after the end of the last run.
pub const RETRY_AFTER: SignedDuration = SignedDuration::from_mins(15);

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Whether what the last run left over brings another run now, a quarter of an hour after its end: notices
/// that are still owed, or all of them where it failed before it knew whom. A day's only run must not be lost
/// to a server that was down for an hour, as the notice of the last day would be.
///
/// Whether they are still true is for the new run to decide; one that finds nothing due has
/// succeeded, and is the last one. Midnight leaves them to the schedule, also those of a run that it
/// came upon, or that was found cut off on a later day: nobody is mailed in the night for it. Where
/// the day's scheduled time went by unused meanwhile, the next one is a day away, and this is it.
pub fn retry_is_due(
    status: RunStatus,
    started_at: Timestamp,
    ended_at: Timestamp,
    calendar: &SendCalendar,
    now: Timestamp,
) -> bool {
    let is_today = |at| calendar.day_of(at) == calendar.day_of(now);
    let was_scheduled = || {
        let midnight = calendar.zoned(now).start_of_day().map(|at| at.timestamp());
        let before = midnight.map_or(started_at, |at| (at - SECOND).max(started_at));
        let scheduled_at = calendar.schedule.next_after(before, &calendar.time_zone);
        scheduled_at.is_some_and(|at| at <= now)
    };
    !matches!(status, RunStatus::Succeeded | RunStatus::Running)
        && now.duration_since(ended_at) >= RETRY_AFTER
        && (is_today(started_at) || is_today(ended_at) && was_scheduled())
}
