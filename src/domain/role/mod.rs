//! Role memberships: what the file wants, what OneLogin has, and the plan that leads from one to
//! the other.

pub mod actual;
mod addition;
pub mod change;
mod contest;
pub mod decide;
pub mod desired;
mod draft;
pub mod effect;
pub mod explain;
mod guards;
mod holds;
pub mod learn;
pub mod limits;
pub mod memory;
pub mod names;
mod notes;
pub mod plan;
mod protect;
mod removal;
pub mod resolve;
pub mod saved;
pub mod step;
pub mod undo;
pub mod until;
pub mod want;

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

/// People in one call that writes.
pub const BATCH: u64 = 50;

#[cfg(test)]
pub(crate) mod tests;
