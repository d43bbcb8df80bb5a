//! Role memberships: what the file wants, what OneLogin has, and the plan that leads from one to
//! the other.

pub mod actual;
pub mod change;
pub mod desired;
pub mod limits;
pub mod memory;

use std::fmt;

use serde::{Deserialize, Serialize};

/// OneLogin's number for a role; stable over renames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleId(pub i64);

impl fmt::Display for RoleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
