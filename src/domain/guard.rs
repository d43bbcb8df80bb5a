//! Guards: limits that hold a whole batch back until a person has looked.

use jiff::{SignedDuration, Timestamp};

use super::alert::{Advice, Kind};
use super::run::names;

/// The largest difference between our clock and OneLogin's at which a run may go on.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(10);

names! {
    /// The guards, by the key of the configuration where there is one.
    Guard {
        /// Both caps on notices.
        Notices = "max_notices_per_run",
        /// The number that a person released the caps for.
        ReleasedNotices = "max-notices",
        /// The floor under the number of users.
        UserDrop = "max_user_drop_percent",
        /// Our clock against OneLogin's.
        Clock = "clock",
    }
}

impl Guard {
    /// The trouble that it is to an admin. A release that was too small is the flood that it was
    /// meant for.
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Notices | Self::ReleasedNotices => Kind::Notices,
            Self::UserDrop => Kind::UserDrop,
            Self::Clock => Kind::Clock,
        }
    }

    /// What to look at before a person decides.
    pub(super) fn look(self) -> Option<Advice> {
        let plan = "onelogin-steward run password-expiry --plan";
        (self != Self::Clock)
            .then(|| Advice::command("See whom the run would mail, and why nobody else", plan))
    }
}

/// A guard that tripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Which.
    pub guard: Guard,
    /// What was measured.
    pub measured: u64,
    /// What would have been allowed.
    pub limit: u64,
    /// What happened, in words.
    pub what: String,
    /// What to do.
    pub remedy: Advice,
}

impl Hold {
    /// The same, saying what else is known about it.
    #[must_use]
    pub fn with(mut self, notes: &[String]) -> Self {
        for note in notes {
            self.what.push_str("; ");
            self.what.push_str(note);
        }
        self
    }

    /// All of it in words.
    pub fn text(&self) -> String {
        let Advice { words, command } = &self.remedy;
        let command = command
            .as_ref()
            .map_or(String::new(), |command| format!(": {command}"));
        format!("{}. {words}{command}", self.what)
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
    /// Of the fresh ones, those that passed an earlier threshold without a notice.
    pub late: u64,
}

/// Holds when so many notices are new that something else than time must have made them due.
pub fn hold_on_notices(flood: Flood, limits: NoticeLimits, release: Release) -> Option<Hold> {
    let Flood {
        fresh,
        can_expire,
        urgent,
        late,
    } = flood;
    let (guard, limit, above) = if let Some(limit) = release.max_notices {
        (
            Guard::ReleasedNotices,
            limit,
            format!("and this run was released for {limit}"),
        )
    } else {
        let (number, percent) = (limits.notices, limits.notices_percent);
        let above = format!(
            "more than max_notices_per_run ({number}) and more than {percent} % of the {can_expire} people whose \
             password can expire"
        );
        (Guard::Notices, number, above)
    };
    let above_share = release.max_notices.is_some() || fresh * 100 > limits.notices_percent * can_expire;
    (fresh > limit && above_share).then(|| Hold {
        guard,
        measured: fresh,
        limit,
        what: format!(
            "{fresh} notices are due at once, {above}; {urgent} of them expire before the next send day. {} reached \
             their threshold since the last run, and {late} passed an earlier one without a notice (a first run, missed \
             runs, or an age that became shorter)",
            fresh.saturating_sub(late)
        ),
        remedy: Advice::command(
            "If that is right, release this one run",
            format!("onelogin-steward run password-expiry --max-notices {fresh} --reason \"...\""),
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
        guard: Guard::UserDrop,
        measured: users,
        limit: before,
        what: format!(
            "OneLogin lists {users} users, and {before} in the last run: a loss of more than {} %",
            limits.user_drop_percent
        ),
        remedy: Advice::command(
            "If that is right, release this one run",
            "onelogin-steward run password-expiry --accept-user-count --reason \"...\"",
        ),
    })
}

/// Holds when our clock and OneLogin's differ: every date would be wrong.
pub fn hold_on_clock(ours: Timestamp, onelogins: Timestamp) -> Option<Hold> {
    let apart = ours.duration_since(onelogins).abs();
    (apart > CLOCK_TOLERANCE).then(|| Hold {
        guard: Guard::Clock,
        measured: apart.as_secs().unsigned_abs(),
        limit: CLOCK_TOLERANCE.as_secs().unsigned_abs(),
        what: format!(
            "the clock of this machine says {ours:.0} and OneLogin's says {onelogins:.0}: more than 10 minutes apart"
        ),
        remedy: Advice::command("Set the clock and run again; look at it with", "timedatectl"),
    })
}
