//! Notices: one mail owed about one person, for one occasion and one threshold, to one recipient.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::policy::MaxAge;
use super::run::names;
use super::user::UserId;

/// Days before the expiry, or before the last day of an access, at which a notice is due; -1 for the
/// notice after an expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Threshold(pub i32);

impl Threshold {
    /// The notice after the expiry.
    pub const AFTER_EXPIRY: Self = Self(-1);
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::AFTER_EXPIRY {
            f.write_str("after expiry")
        } else {
            self.0.fmt(f)
        }
    }
}

/// What a notice is about. The age is part of it: a changed policy gives a new date and new
/// notices, and an age that flips back repeats none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PasswordOccasion {
    /// When this password was set.
    pub changed_at: Timestamp,
    /// How long it lasts.
    pub max_age: MaxAge,
}

impl PasswordOccasion {
    /// Reads the written form; `None` for another kind of occasion.
    pub fn parse(text: &str) -> Option<Self> {
        let (changed_at, days) = text
            .strip_prefix("password:")?
            .strip_suffix('d')?
            .split_once(':')?;
        Some(Self {
            changed_at: Timestamp::from_millisecond(changed_at.parse().ok()?).ok()?,
            max_age: MaxAge::from_days(days.parse().ok()?),
        })
    }
}

impl fmt::Display for PasswordOccasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = match self.max_age {
            MaxAge::Never => 0,
            MaxAge::Days(days) => days,
        };
        write!(f, "password:{}:{days}d", self.changed_at.as_millisecond())
    }
}

/// What makes two notices the same one. At most one row of the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoticeKey {
    /// The person it is about.
    pub user_id: UserId,
    /// [`PasswordOccasion`] or [`AccessOccasion`] in its written form.
    ///
    /// [`AccessOccasion`]: super::role::until::AccessOccasion
    pub occasion: String,
    /// Which of the person's notices.
    pub threshold: Threshold,
    /// The intended recipient's address in lower case, whatever `redirect_to` says.
    pub recipient: String,
    /// A rehearsal prevents a second rehearsal copy and nothing else.
    pub rehearsal: bool,
    /// 0; only a deliberate resend raises it.
    pub resend: u32,
}

names! {
    /// Where a notice stands.
    NoticeState {
        /// Owed, not tried yet.
        Staged = "staged",
        /// Claimed; between the first byte and the server's last word.
        Sending = "sending",
        /// The server took responsibility for it.
        Sent = "sent",
        /// Refused for now, or the connection was lost; it is tried again.
        Retry = "retry",
        /// Refused for good.
        Failed = "failed",
        /// A more urgent notice took its place.
        Superseded = "superseded",
        /// No longer true.
        Cancelled = "cancelled",
        /// Written to a file or redirected: not sent to the person.
        Rehearsed = "rehearsed",
    }
}

impl NoticeState {
    /// Whether the mail is still owed. `Sending` is, when its process is gone.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Staged | Self::Sending | Self::Retry)
    }
}

/// What the ledger says of every notice so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    states: BTreeMap<NoticeKey, NoticeState>,
}

impl Ledger {
    /// Enters a notice.
    pub fn record(&mut self, key: NoticeKey, state: NoticeState) {
        self.states.insert(key, state);
    }

    /// Where this notice stands; `None` if it was never staged.
    pub fn state_of(&self, key: &NoticeKey) -> Option<NoticeState> {
        self.states.get(key).copied()
    }

    /// Every notice, and where it stands.
    pub fn notices(&self) -> impl Iterator<Item = (&NoticeKey, NoticeState)> {
        self.states.iter().map(|(key, state)| (key, *state))
    }

    /// Everybody whom a notice is about.
    pub fn people(&self) -> BTreeSet<UserId> {
        self.states.keys().map(|key| key.user_id).collect()
    }

    /// The newest row of this notice: the one with the highest resend number, else the key itself.
    pub fn newest(&self, key: &NoticeKey) -> NoticeKey {
        let of_resend = |resend| NoticeKey {
            resend,
            ..key.clone()
        };
        let rows = self.states.range(of_resend(0)..=of_resend(u32::MAX));
        rows.last()
            .map_or_else(|| key.clone(), |(newest, _)| newest.clone())
    }

    /// The most urgent notice about the same thing to the same recipient, of any threshold from that of
    /// `key` on, as its newest row says.
    pub fn last_of(&self, key: &NoticeKey) -> Option<(&NoticeKey, NoticeState)> {
        let same = |other: &NoticeKey| {
            (other.user_id, other.rehearsal) == (key.user_id, key.rehearsal)
                && other.occasion == key.occasion
                && other.recipient == key.recipient
        };
        let rows = self.states.range(key..);
        let about =
            |(other, _): &(&NoticeKey, _)| (other.user_id, &other.occasion) == (key.user_id, &key.occasion);
        let mut rows = rows.take_while(about).filter(|(other, _)| same(other));
        let (first, mut state) = rows.next()?;
        let mut last = first;
        for (newer, newer_state) in rows.take_while(|(other, _)| other.threshold == first.threshold) {
            (last, state) = (newer, newer_state);
        }
        Some((last, *state))
    }

    /// Whether a more urgent notice about the same thing to the same recipient is on record.
    pub fn has_more_urgent(&self, key: &NoticeKey) -> bool {
        self.states.iter().any(|(other, state)| {
            let same = NoticeKey {
                threshold: key.threshold,
                resend: key.resend,
                ..other.clone()
            };
            other.threshold < key.threshold && *state != NoticeState::Cancelled && same == *key
        })
    }

    /// The notices that are still owed.
    pub fn pending(&self) -> impl Iterator<Item = &NoticeKey> {
        self.states
            .iter()
            .filter(|(_, state)| state.is_pending())
            .map(|(key, _)| key)
    }
}

/// Who receives a notice, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The person whose password it is.
    Person,
    /// The person's manager.
    Manager,
    /// An address that a rule or the fallback names.
    Desk,
}

/// The intended recipient of a notice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipient {
    /// As what they receive it.
    pub audience: Audience,
    /// Where.
    pub address: String,
}
