//! Guards: limits that hold a whole batch back until a person has looked.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// The largest difference between our clock and OneLogin's at which a run may go on.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(10);

/// A guard that tripped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// The key of the configuration, or the name of the rule.
    pub guard: &'static str,
    /// What was measured.
    pub measured: u64,
    /// What would have been allowed.
    pub limit: u64,
    /// In words, with what to do.
    pub text: String,
}

impl Hold {
    /// The same, saying what else is known about it.
    #[must_use]
    pub fn with(mut self, notes: &[String]) -> Self {
        for note in notes {
            self.text.push_str("; ");
            self.text.push_str(note);
        }
        self
    }
}

/// Limits on one run of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeLimits {
    /// Held only above this number ...
    pub notices: u64,
    /// ... and above this share of the people whose password can expire.
    pub notices_percent: u64,
    /// Held when the user list has shrunk by more than this since the last proven one.
    pub user_drop_percent: u64,
}

/// What a person releases for one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Release {
    /// Takes the place of both caps.
    pub max_notices: Option<u64>,
    /// Accepts the number of users as it is.
    pub accept_user_count: bool,
}

/// The notices of a run, as the caps see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flood {
    /// Never staged before.
    pub fresh: u64,
    /// People whose password can expire.
    pub can_expire: u64,
    /// Of these, those whose password expires before the next send day.
    pub urgent: u64,
}

/// Holds when so many notices are new that something else than time must have made them due.
pub fn hold_on_notices(flood: Flood, limits: NoticeLimits, release: Release) -> Option<Hold> {
    let Flood {
        fresh,
        can_expire,
        urgent,
    } = flood;
    let (guard, limit, above) = if let Some(limit) = release.max_notices {
        (
            "max-notices",
            limit,
            format!("and this run was released for {limit}"),
        )
    } else {
        let (number, percent) = (limits.notices, limits.notices_percent);
        let above = format!(
            "more than max_notices_per_run ({number}) and more than {percent} % of the {can_expire} people whose \
             password can expire"
        );
        ("max_notices_per_run", number, above)
    };
    let above_share = release.max_notices.is_some() || fresh * 100 > limits.notices_percent * can_expire;
    (fresh > limit && above_share).then(|| Hold {
        guard,
        measured: fresh,
        limit,
        text: format!(
            "{fresh} notices are due at once, {above}; {urgent} of them expire before the next send day. If that is \
             right, release this one run: onelogin-steward run password-expiry --max-notices {fresh} --reason \"...\""
        ),
    })
}

/// Holds when the user list is suddenly shorter: half a list looks like a complete one.
pub fn hold_on_user_drop(
    users: u64,
    before: Option<u64>,
    limits: NoticeLimits,
    release: Release,
) -> Option<Hold> {
    let before = before?;
    let lost = before.saturating_sub(users);
    let dropped = lost * 100 > limits.user_drop_percent * before;
    (dropped && !release.accept_user_count).then(|| Hold {
        guard: "max_user_drop_percent",
        measured: users,
        limit: before,
        text: format!(
            "OneLogin lists {users} users, and {before} in the last run: a loss of more than {} %. If that is right, \
             release this one run: onelogin-steward run password-expiry --accept-user-count --reason \"...\"",
            limits.user_drop_percent
        ),
    })
}

/// Holds when our clock and OneLogin's differ: every date would be wrong.
pub fn hold_on_clock(ours: Timestamp, onelogins: Timestamp) -> Option<Hold> {
    let apart = ours.duration_since(onelogins).abs();
    (apart > CLOCK_TOLERANCE).then(|| Hold {
        guard: "clock",
        measured: apart.as_secs().unsigned_abs(),
        limit: CLOCK_TOLERANCE.as_secs().unsigned_abs(),
        text: format!(
            "the clock of this machine says {ours:.0} and OneLogin's says {onelogins:.0}: more than 10 minutes apart. \
             Set the clock (timedatectl) and run again"
        ),
    })
}
