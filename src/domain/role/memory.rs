//! What earlier runs left: the facts that a plan needs beyond file and tenant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::RoleId;
use super::change::Direction;
use crate::domain::run::names;
use crate::domain::selector::Selector;
use crate::domain::user::UserId;

/// Everything that the store knows and the plan asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// The identity ledger: whom each selector of the file and of `protected` last meant.
    pub identities: BTreeMap<Selector, UserId>,
    /// The file that counts as accepted; `None` before the first.
    pub accepted: Option<Accepted>,
    /// Since when each entry with a last day has been part of an accepted file.
    pub first_accepted: BTreeMap<Entry, Timestamp>,
    /// Each role as the last recorded run left it.
    pub roles: BTreeMap<RoleId, LastSeen>,
    /// How many people had an email when the user list was last proven by a run of this job.
    pub emails: Option<u64>,
    /// Our settled changes of the last 7 days, oldest first.
    pub changes: BTreeMap<(RoleId, UserId), Vec<PastChange>>,
    /// Removals of the last 24 hours that count against `removals_per_day`: done, not approved, and
    /// not caused by `until`.
    pub removals_of_day: u64,
    /// Approvals that are neither used nor past their 24 hours.
    pub approvals: Vec<Approval>,
    /// Roles that are planned and reported, not written: the reason.
    pub paused: BTreeMap<RoleId, String>,
    /// Of the paused roles those whose pause ends when their entry in the file is another than the
    /// one of this digest ([`DesiredState::entry_digest`](super::desired::DesiredState::entry_digest)).
    pub paused_while: BTreeMap<RoleId, String>,
}

/// The last file that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// SHA-256 of its bytes.
    pub digest: String,
    /// How many memberships it asked for.
    pub memberships: u64,
}

/// An entry of `members` with a last day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The role, as its number.
    pub role: RoleId,
    /// The person.
    pub person: Selector,
    /// The last day.
    pub until: Date,
}

/// A role at the end of the last recorded run that read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastSeen {
    /// Its members after our own writes.
    pub members: u64,
    /// How many runs in a row have read it as empty, proven by a `Total-Count` of 0.
    pub empty_reads: u32,
    /// Whether it has ever been in line with the file: the first removals from a role that never
    /// was are held.
    pub was_in_line: bool,
    /// How many people fitted its `match`; `None` where it had none.
    pub rule_matches: Option<u64>,
}

/// A change that was made and seen to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastChange {
    /// Which way.
    pub direction: Direction,
    /// When it was settled.
    pub at: Timestamp,
}

names! {
    /// The guards that hold steps back.
    Guard {
        /// `removals_per_role`
        RemovalsPerRole = "removals_per_role",
        /// `removals_per_role_percent`
        RemovalsPerRolePercent = "removals_per_role_percent",
        /// `removals_per_run`
        RemovalsPerRun = "removals_per_run",
        /// `removals_per_day`
        RemovalsPerDay = "removals_per_day",
        /// `additions_per_run`
        AdditionsPerRun = "additions_per_run",
        /// `file_shrink_percent`
        FileShrink = "file_shrink_percent",
        /// `first_removals`
        FirstRemovals = "first_removals",
        /// People whose `match` fitted at the last run, and nobody's does now.
        RuleDrop = "rule_drop",
        /// The role is not proven to lack anybody.
        Proof = "proof",
        /// A person of the file, or a protected one, is unknown, ambiguous or somebody else now.
        Identity = "identity",
        /// Half of the people who had an email have none.
        Emails = "emails",
        /// The person is protected.
        Protected = "protected",
        /// The person's addition elsewhere is not certain: a move never leaves them with neither.
        Move = "move",
        /// The membership comes back whenever it is changed.
        Contested = "contested",
        /// The role is paused.
        Paused = "paused",
    }
}

impl Guard {
    /// Whether a person may approve it away. Protection, proof, ambiguity and the clock cannot be.
    pub fn can_be_approved(self) -> bool {
        matches!(
            self,
            Self::RemovalsPerRole
                | Self::RemovalsPerRolePercent
                | Self::RemovalsPerRun
                | Self::RemovalsPerDay
                | Self::AdditionsPerRun
                | Self::FileShrink
                | Self::FirstRemovals
                | Self::RuleDrop
        )
    }
}

/// A person's yes to held steps of one role: good for 24 hours and one use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The store's number.
    pub id: i64,
    /// The role.
    pub role: RoleId,
    /// What was held.
    pub direction: Direction,
    /// The guards that held it.
    pub guards: BTreeSet<Guard>,
    /// The people.
    pub people: BTreeSet<UserId>,
}
