//! Changes of memberships: what is intended, why, and what became of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::run::names;

names! {
    /// Which way.
    Direction {
        /// Into the role.
        Add = "add",
        /// Out of the role.
        Remove = "remove",
    }
}

names! {
    /// Where a journalled change stands.
    ChangeState {
        /// Written down; the call may have been made, or not.
        Intended = "intended",
        /// A re-read shows it.
        Done = "done",
        /// It was so before our call.
        Already = "already",
        /// OneLogin refused it.
        Failed = "failed",
        /// OneLogin said yes, and re-reads do not show it.
        Unverified = "unverified",
        /// The process ended before it was known; a later re-read found it not done.
        Abandoned = "abandoned",
    }
}

/// Why a step is planned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The file lists the person in this role.
    Listed,
    /// The person is among the desired people of the role that this one includes.
    Included(String),
    /// The person fits the role's `match`.
    Rule,
    /// The last day of the entry is over.
    UntilPassed,
    /// The person is in `exclude`.
    Excluded,
    /// The first day of the entry lies ahead.
    NotYet,
    /// The file names the person no more, or never did.
    GoneFromFile,
    /// Suspended, where the configuration says that this removes.
    Inactive,
    /// A run is undone.
    Undone,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Listed => "listed",
            Self::Included(role) => return write!(f, "included from {role}"),
            Self::Rule => "fits match",
            Self::UntilPassed => "until has passed",
            Self::Excluded => "excluded",
            Self::NotYet => "from lies ahead",
            Self::GoneFromFile => "not in the file",
            Self::Inactive => "suspended",
            Self::Undone => "undone",
        })
    }
}
