//! When what a run left over is tried again.

use jiff::{SignedDuration, Timestamp};

use super::calendar::SendCalendar;
use super::run::RunStatus;

/// How long after the end of the last run.
pub const RETRY_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// Whether notices that are still owed bring another run now: a quarter of an hour after the end of
/// the last run, unless that one sent all that was due.
///
/// Whether they are still true is for the new run to decide; one that finds nothing due has
/// succeeded, and is the last one. Midnight leaves them to the schedule, also those of a run that it
/// came upon, or that was found cut off on a later day: nobody is mailed in the night for it.
pub fn retry_is_due(
    status: RunStatus,
    started_at: Timestamp,
    ended_at: Timestamp,
    calendar: &SendCalendar,
    now: Timestamp,
) -> bool {
    !matches!(status, RunStatus::Succeeded | RunStatus::Running)
        && now.duration_since(ended_at) >= RETRY_AFTER
        && calendar.day_of(now) == calendar.day_of(started_at)
}
