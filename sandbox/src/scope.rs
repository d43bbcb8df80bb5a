//! What a credential may do.

use std::str::FromStr;

use crate::tenant::{Knobs, LeastScope};

/// The five scopes a credential can be made with (documented).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Login-related calls only.
    AuthenticationOnly,
    /// Reads of users, roles and groups.
    ReadUsers,
    /// Reads and writes of users and groups, without passwords and role assignment.
    ManageUsers,
    /// Reads of everything.
    ReadAll,
    /// Everything.
    ManageAll,
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "authentication-only" => Ok(Self::AuthenticationOnly),
            "read-users" => Ok(Self::ReadUsers),
            "manage-users" => Ok(Self::ManageUsers),
            "read-all" => Ok(Self::ReadAll),
            "manage-all" => Ok(Self::ManageAll),
            _ => Err("one of authentication-only, read-users, manage-users, read-all, manage-all".to_owned()),
        }
    }
}

/// What a route asks of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing, not even a token.
    Open,
    /// Users, v1 groups and the rate limit: any scope but the authentication one (documented).
    ReadPeople,
    /// Roles: Manage Users is not listed for them (documented).
    ReadRoles,
    /// Mappings (guess).
    ReadAll,
    /// Policies, by a knob.
    ReadPolicies,
    /// Changes of a user (documented).
    WritePeople,
    /// Role assignment and passwords (documented).
    WriteAll,
    /// Ending a session (documented).
    LogOut,
    /// Unlocking, by a knob.
    Unlock,
    /// `add_roles` of v1, by a knob.
    AddRoles,
    /// Second factors, by a knob.
    ReadDevices,
}

impl LeastScope {
    fn need(self) -> Need {
        match self {
            Self::ReadUsers => Need::ReadPeople,
            Self::ReadAll => Need::ReadAll,
            Self::ManageUsers => Need::WritePeople,
            Self::ManageAll => Need::WriteAll,
        }
    }
}

impl Scope {
    pub(crate) fn covers(self, need: Need, knobs: &Knobs) -> bool {
        match need {
            Need::Open => true,
            Need::ReadPeople => self != Self::AuthenticationOnly,
            Need::ReadRoles => matches!(self, Self::ReadUsers | Self::ReadAll | Self::ManageAll),
            Need::ReadAll => matches!(self, Self::ReadAll | Self::ManageAll),
            Need::ReadPolicies => self.covers(knobs.policies_scope.need(), knobs),
            Need::WritePeople => matches!(self, Self::ManageUsers | Self::ManageAll),
            Need::WriteAll => self == Self::ManageAll,
            Need::LogOut => !matches!(self, Self::ReadUsers | Self::ReadAll),
            Need::Unlock => self.covers(knobs.unlock_scope.need(), knobs),
            Need::AddRoles => self.covers(knobs.add_roles_scope.need(), knobs),
            Need::ReadDevices => self.covers(knobs.devices_scope.need(), knobs),
        }
    }
}
