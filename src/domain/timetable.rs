//! What the schedule of a job asks for at an instant: a run now, one that was missed, or nothing yet.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::calendar::Schedule;

/// A clock that is set back by less than this waits until its old time is reached again, so that the same
/// time does not come twice.
pub const SMALL_STEP_BACK: SignedDuration = SignedDuration::from_mins(5);

/// The schedule of a job on the calendar of a zone, and up to where it has been answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    schedule: Schedule,
    zone: TimeZone,
    answered_until: Timestamp,
}

/// A scheduled time that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Now, or a moment ago.
    OnTime,
    /// The last one passed unseen: the machine was off or asleep.
    Missed(Timestamp),
    /// Every one that passed unseen did so too long ago; this is the first of them.
    TooLate(Timestamp),
}

impl Timetable {
    /// A timetable whose times up to an instant have been answered.
    pub fn new(schedule: Schedule, zone: TimeZone, answered_until: Timestamp) -> Self {
        Self {
            schedule,
            zone,
            answered_until,
        }
    }

    /// Whether this is the timetable of that schedule, however far it has been answered.
    pub fn is_of(&self, schedule: &Schedule, zone: &TimeZone) -> bool {
        self.schedule == *schedule && self.zone == *zone
    }

    /// The next time.
    pub fn next_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.schedule.next_after(now.max(self.answered_until), &self.zone)
    }

    /// What the clock asks for. Whatever is told is answered thereby, and not told again; of several times
    /// that passed the last one counts.
    ///
    /// A time is on time up to `grace` after it, and is made up for up to `catch_up` after it. A clock that
    /// was set back begins anew from what it shows now.
    pub fn look(&mut self, now: Timestamp, grace: Duration, catch_up: Duration) -> Option<Call> {
        if now < self.answered_until {
            if self.answered_until.duration_since(now) > SMALL_STEP_BACK {
                self.answered_until = now;
            }
            return None;
        }
        let first = self.next_after(self.answered_until, now)?;
        // One moment more, since the search begins after the instant that it is given.
        let window = grace.max(catch_up) + Duration::from_nanos(1);
        let earliest = now
            .checked_sub(window)
            .unwrap_or(Timestamp::MIN)
            .max(self.answered_until);
        self.answered_until = now;
        let mut last = None;
        while let Some(next) = self.next_after(last.unwrap_or(earliest), now) {
            last = Some(next);
        }
        let Some(last) = last else {
            return Some(Call::TooLate(first));
        };
        let is_late = now.duration_since(last).unsigned_abs() > grace;
        Some(if is_late { Call::Missed(last) } else { Call::OnTime })
    }

    /// The first time after an instant, if it has come.
    fn next_after(&self, after: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let next = self.schedule.next_after(after, &self.zone)?;
        (next <= now).then_some(next)
    }
}
