//! The hourly quota of v1 calls.

use jiff::Timestamp;

const HOUR_SECONDS: i64 = 3600;

/// Calls counted in the current hour; `/auth` and v2 calls do not count (observed).
#[derive(Debug, Default)]
pub(crate) struct Quota {
    hour: i64,
    used: u64,
}

/// What the three rate-limit fields say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QuotaState {
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
    /// Seconds, not an instant (observed).
    pub(crate) reset_seconds: i64,
}

impl Quota {
    pub(crate) fn state(&mut self, limit: u64, now: Timestamp) -> QuotaState {
        let hour = now.as_second().div_euclid(HOUR_SECONDS);
        if hour != self.hour {
            self.hour = hour;
            self.used = 0;
        }
        QuotaState {
            limit,
            remaining: limit.saturating_sub(self.used),
            reset_seconds: HOUR_SECONDS - now.as_second().rem_euclid(HOUR_SECONDS),
        }
    }

    /// Counts a call; false when the hour is used up.
    pub(crate) fn take(&mut self, limit: u64, now: Timestamp) -> bool {
        let has_room = self.state(limit, now).remaining > 0;
        if has_room {
            self.used += 1;
        }
        has_room
    }
}
