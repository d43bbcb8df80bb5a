//! Roles and their members as OneLogin showed them in this run, with what the reads are worth.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::RoleId;
use crate::domain::user::UserId;

/// One role of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualRole {
    /// OneLogin's number.
    pub id: RoleId,
    /// Its name; several roles may have the same one, also in other letters.
    pub name: String,
    /// Who is in it.
    pub members: Reading,
}

/// What the read of a role's members came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Every page was read, the cursor ended by itself, nobody came twice, and the count equals
    /// `Total-Count`: who is not among them is not a member.
    Proven(Members),
    /// Read to its end, but it does not add up: who is among them is a member, and nothing is
    /// known of the others. The text says why, with both numbers.
    Unproven(Members, String),
    /// Not read. The text says why.
    Unreadable(String),
}

/// The members that were seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    /// Their numbers.
    pub ids: BTreeSet<UserId>,
    /// Who put them in and when, where OneLogin says so (`added_by`, `added_at`).
    pub origins: BTreeMap<UserId, Origin>,
}

/// How a member came into a role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The name of the person or credential.
    pub added_by: Option<String>,
    /// When.
    pub added_at: Option<Timestamp>,
}

impl Reading {
    /// The members that were seen, where any reading was had.
    pub fn seen(&self) -> Option<&Members> {
        match self {
            Self::Proven(members) | Self::Unproven(members, _) => Some(members),
            Self::Unreadable(_) => None,
        }
    }

    /// The members, where absence from them is proven.
    pub fn proven(&self) -> Option<&Members> {
        match self {
            Self::Proven(members) => Some(members),
            Self::Unproven(..) | Self::Unreadable(_) => None,
        }
    }
}

/// A mapping of OneLogin that sets roles, from `GET /api/2/mappings`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// OneLogin's number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The roles that it gives (actions `add_role`, `set_role`).
    pub roles: BTreeSet<RoleId>,
}
