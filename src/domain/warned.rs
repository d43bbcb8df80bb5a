//! What came of the warnings: who changed the password in time, and whose expired anyway.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::expiry::{Facts, Terms, assess, expires_at};
use super::notice::{Ledger, NoticeState, PasswordOccasion, Threshold};
use super::user::UserId;

/// Warnings about passwords that were to expire longer ago than this are no news.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The people who were warned of an expiry that lies ahead or at most 30 days back. A rehearsal warned
/// nobody, and those who have left are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Warned {
    /// How many people's passwords.
    pub people: u32,
    /// Of these, those who set another one before it expired.
    pub changed: u32,
    /// Those whose password expired, whether or not they changed it later.
    pub expired: u32,
}

impl Warned {
    /// For the summary of a run; `None` where nobody was warned.
    pub fn text(self) -> Option<String> {
        let Self {
            people,
            changed,
            expired,
        } = self;
        (people > 0).then(|| format!("of {people} warned {changed} changed in time, {expired} expired"))
    }
}

/// Counts them, from the notices that were sent before the expiry and the people as they are now.
pub fn count_warned(ledger: &Ledger, facts: &Facts, terms: &Terms, now: Timestamp) -> Warned {
    // Of a person's warnings those about the latest password count.
    let mut last: BTreeMap<UserId, PasswordOccasion> = BTreeMap::new();
    for (key, state) in ledger.notices() {
        if state != NoticeState::Sent || key.threshold == Threshold::AFTER_EXPIRY {
            continue;
        }
        if let Some(occasion) = PasswordOccasion::parse(&key.occasion) {
            let known = last.entry(key.user_id).or_insert(occasion);
            *known = occasion.max(*known);
        }
    }
    let mut warned = Warned::default();
    for (id, occasion) in last {
        let Some(user) = facts.users.get(&id) else {
            continue;
        };
        // The ledger keeps milliseconds.
        let is_changed = user
            .password_changed_at
            .is_some_and(|at| at.as_millisecond() > occasion.changed_at.as_millisecond());
        let mut expiry = expires_at(occasion.changed_at, occasion.max_age);
        let mut is_expired = user
            .password_changed_at
            .is_some_and(|changed| expiry.is_some_and(|at| changed > at));
        if !is_changed {
            // The same password may have another date by now.
            let Ok(deadline) = assess(user, facts, terms).deadline else {
                continue;
            };
            expiry = deadline.expires_at;
            is_expired = deadline.status_expired || expiry.is_some_and(|at| at <= now);
        }
        if expiry.is_some_and(|at| now.duration_since(at) > WINDOW) {
            continue;
        }
        warned.people += 1;
        warned.changed += u32::from(is_changed && !is_expired);
        warned.expired += u32::from(is_expired);
    }
    warned
}
