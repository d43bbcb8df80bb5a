//! `[role_sync]`: how far a run may go by itself, and what it does about people who are missing or
//! suspended. A limit trips when it is exceeded, not when it is met.

use super::RoleId;
use super::desired::RoleName;

/// `[role_sync.limits]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most removals from one role in one run.
    pub removals_per_role: u64,
    /// The same, in percent of the role's proven live members. Either of the two trips.
    pub removals_per_role_percent: u32,
    /// Up to this many live members the percentage does not apply.
    pub small_role: u64,
    /// The most removals in one run.
    pub removals_per_run: u64,
    /// The most removals in the last 24 hours, approved ones not counted.
    pub removals_per_day: u64,
    /// The most additions in one run.
    pub additions_per_run: u64,
    /// How many percent of the memberships that the last accepted file asked for may be gone.
    pub file_shrink_percent: u32,
    /// The first removals from a role that has never been in line with the file.
    pub first_removals: FirstRemovals,
}

/// The limits of one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleLimits {
    /// The most removals from it in one run.
    pub removals_per_role: u64,
    /// The same, in percent of its proven live members.
    pub removals_per_role_percent: u32,
    /// Up to this many live members the percentage does not apply.
    pub small_role: u64,
    /// Its first removals, while it has never been in line with the file.
    pub first_removals: FirstRemovals,
}

/// `[[role_sync.role]]`: what is different for one role. `None`: as everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleOverride {
    /// Which role of OneLogin.
    pub role: RoleName,
    /// `removals_per_role`
    pub removals_per_role: Option<u64>,
    /// `removals_per_role_percent`
    pub removals_per_role_percent: Option<u32>,
    /// `small_role`
    pub small_role: Option<u64>,
    /// `first_removals`
    pub first_removals: Option<FirstRemovals>,
}

/// `first_removals`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstRemovals {
    /// They wait for an approval.
    Hold,
    /// They need none of their own.
    Allow,
}

/// `unknown_user`: what is done about an entry of the file whom OneLogin does not have and never had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownUser {
    /// The removals of that role are held.
    HoldRemovals,
    /// The file is refused.
    Error,
    /// They are counted.
    Ignore,
}

/// `suspended_members`: what becomes of members with status 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuspendedMembers {
    /// They stay.
    Keep,
    /// They are removed.
    Remove,
}

impl Limits {
    /// What holds for one role: its own entry, else what holds everywhere. An entry may call the
    /// role by its number or by its name.
    pub fn of_role(&self, overrides: &[RoleOverride], id: RoleId, name: &str) -> RoleLimits {
        let own = overrides.iter().find(|own| match &own.role {
            RoleName::Id(number) => *number == id,
            RoleName::Name(text) => text == name,
        });
        RoleLimits {
            removals_per_role: own
                .and_then(|own| own.removals_per_role)
                .unwrap_or(self.removals_per_role),
            removals_per_role_percent: own
                .and_then(|own| own.removals_per_role_percent)
                .unwrap_or(self.removals_per_role_percent),
            small_role: own.and_then(|own| own.small_role).unwrap_or(self.small_role),
            first_removals: own
                .and_then(|own| own.first_removals)
                .unwrap_or(self.first_removals),
        }
    }
}
