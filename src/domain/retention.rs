//! What may be forgotten: which rows are old enough, and which notices decide nothing any more.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::expiry::expires_at;
use super::notice::PasswordOccasion;
use super::role::until::AccessOccasion;
use super::run::names;
use super::selector::Selector;
use super::warned;

names! {
    /// What is pruned, in the order in which it goes: what points to a row goes before it.
    RowKind {
        /// Notices of the ledger.
        Notice = "notices",
        /// Changes of memberships.
        Change = "role_changes",
        /// Approvals of held steps.
        Approval = "approvals",
        /// Runs and skipped ticks.
        Run = "runs",
        /// Pauses that are over.
        Pause = "pauses",
        /// Causes that admins were told of, and that are over.
        Alert = "alerts",
        /// Whom selectors meant that no file has any more.
        Identity = "identities",
    }
}

/// What the store knows of the password that a person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastPassword {
    /// Nothing.
    Unknown,
    /// It was set at this instant, or is a later one.
    SetAt(Timestamp),
    /// The person has been missing from complete user lists for as long as rows are kept. They may come back
    /// with it.
    Nobodys,
}

/// What is old enough to be forgotten, where it decides nothing any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// The instant of the run, or the latest one that was proven, where that is earlier.
    pub now: Timestamp,
    /// Rows that were last touched before this may go (`store.keep`).
    pub before: Timestamp,
    /// The same for changes of memberships and approvals (`store.keep_changes`).
    pub changes_before: Timestamp,
    /// For how long after an expiry people are told of it.
    pub after_expiry_within: SignedDuration,
    /// The selectors of the desired state, of the last accepted one, and of `protected`. `None`: not known,
    /// so no selector is forgotten.
    pub present: Option<BTreeSet<Selector>>,
}

/// After this a calendar day is over in every time zone.
const OVER_EVERYWHERE: SignedDuration = SignedDuration::from_hours(48);

impl Retention {
    /// Whether a notice about this occasion can never be due again, and is counted by no run.
    ///
    /// A password is over once a newer one was seen. Where none was, it may still be in use however
    /// old it is, and its notices stay: without them they would be sent once more. Those of somebody who is
    /// missing stay for as long as they would be sent on a return.
    pub fn is_over(&self, occasion: &str, last: LastPassword) -> bool {
        if let Some(password) = PasswordOccasion::parse(occasion) {
            // Until then a run counts what came of the warnings.
            let expiry = expires_at(password.changed_at, password.max_age);
            let is_past = |expiry, span| self.now.duration_since(expiry) > span;
            let is_counted = expiry.is_some_and(|at| !is_past(at, warned::WINDOW));
            return match last {
                LastPassword::Unknown => false,
                LastPassword::SetAt(newest) => newest > password.changed_at && !is_counted,
                LastPassword::Nobodys => {
                    let told_for = warned::WINDOW.max(self.after_expiry_within);
                    expiry.is_some_and(|at| is_past(at, told_for))
                }
            };
        }
        // What is about something else decides for as long as nobody knows better.
        AccessOccasion::parse(occasion).is_some_and(|access| {
            let today = self.now.saturating_sub(OVER_EVERYWHERE);
            today.is_ok_and(|at| access.until < at.to_zoned(jiff::tz::TimeZone::UTC).date())
        })
    }

    /// Whether nothing names this selector any more.
    pub fn is_unnamed(&self, selector: &Selector) -> bool {
        self.present
            .as_ref()
            .is_some_and(|present| !present.contains(selector))
    }
}
