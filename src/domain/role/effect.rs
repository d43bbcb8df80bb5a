//! What carrying a plan out takes, and where it leads.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::RolePlan;
use super::step::{RoleSteps, Step};
use super::{BATCH, RoleId};
use crate::domain::user::UserId;

/// Calls that carrying a plan out takes, each counted once: what fails and is tried again comes on
/// top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Calls {
    /// Writes, 50 people each.
    pub writes: u64,
    /// Pages of the reads that check them: after the additions of a role, and after its removals.
    pub reads: u64,
}

impl RolePlan {
    /// How many calls apply makes, with pages of this size.
    pub fn calls(&self, page: u64) -> Calls {
        let mut calls = Calls::default();
        for role in &self.roles {
            let going = |steps: &[Step]| steps.iter().filter(|step| !step.is_held()).count() as u64;
            let mut members = role.members.len() as u64;
            let (add, remove) = (going(&role.add), going(&role.remove));
            for (count, after) in [
                (add, members + add),
                (remove, (members + add).saturating_sub(remove)),
            ] {
                if count > 0 {
                    members = after;
                    calls.writes += count.div_ceil(BATCH);
                    calls.reads += members.div_ceil(page.max(1)).max(1);
                }
            }
        }
        calls
    }

    /// Who would be in each role after the steps that are not held.
    pub fn outcome(&self) -> BTreeMap<RoleId, BTreeSet<UserId>> {
        let after = |role: &RoleSteps| {
            let mut members = role.members.clone();
            members.extend(
                role.add
                    .iter()
                    .filter(|step| !step.is_held())
                    .map(|step| step.user),
            );
            for step in role.remove.iter().filter(|step| !step.is_held()) {
                members.remove(&step.user);
            }
            members
        };
        self.roles.iter().map(|role| (role.id, after(role))).collect()
    }
}
