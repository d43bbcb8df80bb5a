//! A plan in a file: what was shown is what is applied, or nothing.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::RoleId;
use super::change::{Cause, Direction};
use super::desired::RoleName;
use super::memory::Guard;
use super::plan::RolePlan;
use super::step::{RoleSteps, hex};
use crate::domain::user::UserId;

/// The version of this format and of the rules behind it. Raised when either changes.
const VERSION: u32 = 1;
/// An older plan is not applied.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(24);

/// A plan in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    /// Version of the format.
    pub version: u32,
    /// Whose roles.
    pub tenant: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// SHA-256 of the roles.toml it was made from.
    pub desired_state: String,
    /// The id of the plan.
    pub plan_id: String,
    /// Its roles.
    pub roles: Vec<SavedRole>,
    /// SHA-256 over all of the above: an edited plan is not applied. No signature: who can write
    /// the file can compute it.
    pub checksum: String,
}

/// A role of a saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedRole {
    /// OneLogin's number.
    pub id: RoleId,
    /// Its name then.
    pub name: String,
    /// Whether the file calls it by name.
    pub by_name: bool,
    /// A fingerprint of its members then.
    pub snapshot: String,
    /// Its steps.
    pub steps: Vec<SavedStep>,
}

/// A step of a saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedStep {
    /// Which way.
    pub direction: Direction,
    /// Who.
    pub user_id: UserId,
    /// Why.
    pub cause: Cause,
    /// What held it.
    pub held: Vec<Guard>,
}

/// Why a saved plan is not applied at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not what `roles plan --out` writes.
    #[error("this is no saved plan: {0}")]
    NotAPlan(String),
    /// Written by another version.
    #[error("the plan was saved in format {0}, and this version reads {VERSION}: make a new one")]
    Version(u32),
    /// Its checksum does not fit.
    #[error("the plan was changed since it was saved: make a new one")]
    Edited,
    /// Of another tenant.
    #[error("the plan is for tenant {was}, and this is {is}")]
    Tenant {
        /// Whose it is.
        was: String,
        /// Who is asked.
        is: String,
    },
    /// Older than a day, or from the future.
    #[error("the plan was made at {0}, which is not within the last 24 hours: make a new one")]
    Age(Timestamp),
}

/// What became of a role since its plan was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// The same steps as now: they may be applied.
    Same,
    /// The same steps; the role has another name now.
    Renamed(String),
    /// It is not as it was: nothing is applied to it.
    Stale(&'static str),
    /// Its name belongs to another role now: nothing is applied to either.
    Replaced(RoleId),
}

impl std::fmt::Display for Freshness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Same => f.write_str("as it was"),
            Self::Renamed(name) => write!(f, "its name is {name} now"),
            Self::Stale(why) => f.write_str(why),
            Self::Replaced(id) => write!(f, "its name belongs to another role now, id {id}"),
        }
    }
}

impl Freshness {
    /// Whether its steps may be applied.
    pub fn can_be_applied(&self) -> bool {
        matches!(self, Self::Same | Self::Renamed(_))
    }
}

impl SavedPlan {
    /// The plan as it is saved.
    pub fn new(plan: &RolePlan, digest: &str, made_at: Timestamp) -> Self {
        let mut saved = Self {
            version: VERSION,
            tenant: plan.tenant.clone(),
            made_at,
            desired_state: digest.to_owned(),
            plan_id: plan.id(),
            roles: plan.roles.iter().map(SavedRole::new).collect(),
            checksum: String::new(),
        };
        saved.checksum = saved.sum();
        saved
    }

    /// Reads a saved plan.
    pub fn parse(text: &str) -> Result<Self, Unusable> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let not_a_plan = |error: serde_json::Error| Unusable::NotAPlan(error.to_string());
        // Another version may have other fields.
        let Versioned { version } = serde_json::from_str(text).map_err(not_a_plan)?;
        if version != VERSION {
            return Err(Unusable::Version(version));
        }
        serde_json::from_str(text).map_err(not_a_plan)
    }

    /// Whether it may be compared with a plan of now, before any call is made.
    pub fn check(&self, tenant: &str, now: Timestamp) -> Result<(), Unusable> {
        let age = now.duration_since(self.made_at);
        if self.version != VERSION {
            Err(Unusable::Version(self.version))
        } else if self.checksum != self.sum() {
            Err(Unusable::Edited)
        } else if self.tenant != tenant {
            Err(Unusable::Tenant {
                was: self.tenant.clone(),
                is: tenant.to_owned(),
            })
        } else if age > MAX_AGE || age.is_negative() {
            Err(Unusable::Age(self.made_at))
        } else {
            Ok(())
        }
    }

    /// Each role of the saved plan against the plan of now. Roles that were not in it are not
    /// applied.
    pub fn compare(&self, now: &RolePlan) -> BTreeMap<RoleId, Freshness> {
        let roles = self.roles.iter();
        roles.map(|role| (role.id, role.compare(now))).collect()
    }

    fn sum(&self) -> String {
        let bare = Self {
            checksum: String::new(),
            ..self.clone()
        };
        // Text, numbers and lists: this cannot fail, and an empty text fits no checksum.
        let text = serde_json::to_string(&bare).unwrap_or_default();
        hex(&Sha256::digest(text))
    }
}

impl SavedRole {
    fn new(role: &RoleSteps) -> Self {
        Self {
            id: role.id,
            name: role.name.clone(),
            by_name: matches!(role.called, RoleName::Name(_)),
            snapshot: role.snapshot(),
            steps: steps(role),
        }
    }

    fn compare(&self, plan: &RolePlan) -> Freshness {
        let namesake = plan
            .roles
            .iter()
            .find(|role| self.by_name && role.called == RoleName::Name(self.name.clone()));
        let Some(now) = plan.role(self.id) else {
            return match namesake {
                Some(other) => Freshness::Replaced(other.id),
                None => {
                    Freshness::Stale("OneLogin has it no more under that name, or the file does not name it")
                }
            };
        };
        if now.name != self.name && self.by_name {
            Freshness::Stale("it has another name now")
        } else if now.snapshot() != self.snapshot {
            Freshness::Stale("its members have changed since the plan was saved")
        } else if !self.has_steps_of(now) {
            Freshness::Stale("the file, the people or a guard has changed since the plan was saved")
        } else if now.name != self.name {
            Freshness::Renamed(now.name.clone())
        } else {
            Freshness::Same
        }
    }
}

impl SavedRole {
    /// The same steps with the same verdicts; a step that was approved meanwhile is held no more.
    fn has_steps_of(&self, now: &RoleSteps) -> bool {
        let is_approved: Vec<bool> = now.steps().map(|(_, step)| step.approved.is_some()).collect();
        let now = steps(now);
        let mut pairs = self.steps.iter().zip(now.iter().zip(is_approved));
        let same = |(saved, (now, is_approved)): (&SavedStep, (&SavedStep, bool))| {
            let step = |step: &SavedStep| (step.direction, step.user_id, step.cause.clone());
            step(saved) == step(now) && (is_approved || saved.held == now.held)
        };
        self.steps.len() == now.len() && pairs.all(same)
    }
}

fn steps(role: &RoleSteps) -> Vec<SavedStep> {
    let saved = role.steps().map(|(direction, step)| SavedStep {
        direction,
        user_id: step.user,
        cause: step.cause.clone(),
        held: step.guards.iter().copied().collect(),
    });
    saved.collect()
}
