//! Plans of a small made-up company: a world in which everything is in line, and one thing changed
//! per test.

mod contested;
mod explained;
mod files;
mod identities;
mod learned;
mod limits;
mod moves;
mod properties;
mod protected;
mod readings;
mod released;
mod saved;
mod until;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::RoleId;
use super::actual::{Mapping, Members, Origin, Reading};
use super::change::{Cause, Direction};
use super::decide::{RoleFacts, RoleTerms, Tenant, plan_roles};
use super::desired::{DesiredRole, DesiredState, Listed, Member, Membership, RoleName};
use super::limits::{FirstRemovals, Limits, SuspendedMembers, UnknownUser};
use super::memory::{Accepted, Guard, LastSeen, Memory, PastChange};
use super::plan::{RolePlan, Topic};
use super::step::{Hold, Step};
use crate::domain::selector::Selector;
use crate::domain::user::{User, UserId};

/// Everything that a plan follows from.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) tenant: Tenant,
    pub(crate) users: BTreeMap<UserId, User>,
    pub(crate) unknown_fields: BTreeSet<String>,
    pub(crate) gone: BTreeSet<UserId>,
    pub(crate) roles: BTreeMap<RoleId, String>,
    pub(crate) members: BTreeMap<RoleId, Reading>,
    pub(crate) mappings: Vec<Mapping>,
    pub(crate) desired: DesiredState,
    pub(crate) terms: RoleTerms,
    pub(crate) memory: Memory,
    pub(crate) now: Timestamp,
}

/// A name, and what is different.
type Case = (&'static str, fn(&mut World));

/// Users 1 to 40 (`user1@acme.example` and so on), no role and no limit that trips.
pub(crate) fn world() -> World {
    let user = |id: i64| User {
        email: Some(format!("user{id}@acme.example")),
        username: Some(format!("user{id}")),
        ..User::new(id)
    };
    World {
        tenant: Tenant {
            label: Some("acme".to_owned()),
            account: Some(77),
        },
        users: (1..=40).map(|id| (UserId(id), user(id))).collect(),
        unknown_fields: BTreeSet::new(),
        gone: BTreeSet::new(),
        roles: BTreeMap::new(),
        members: BTreeMap::new(),
        mappings: Vec::new(),
        desired: DesiredState {
            tenant: None,
            roles: Vec::new(),
            digest: "digest".to_owned(),
        },
        terms: RoleTerms {
            limits: Limits {
                removals_per_role: 10,
                removals_per_role_percent: 100,
                small_role: 5,
                removals_per_run: 50,
                removals_per_day: 100,
                additions_per_run: 500,
                file_shrink_percent: 30,
                first_removals: FirstRemovals::Hold,
            },
            overrides: Vec::new(),
            protected: Vec::new(),
            unknown_user: UnknownUser::HoldRemovals,
            suspended_members: SuspendedMembers::Keep,
            time_zone: TimeZone::get("Europe/Berlin").unwrap(),
        },
        memory: Memory::default(),
        now: "2026-11-23T08:00:00Z".parse().unwrap(),
    }
}

impl World {
    /// A role of OneLogin that was in line with the file before, read and proven.
    pub(crate) fn role(mut self, id: i64, name: &str, members: impl IntoIterator<Item = i64>) -> Self {
        let members = members_of(members);
        let seen = LastSeen {
            members: members.ids.len() as u64,
            was_in_line: true,
            ..LastSeen::default()
        };
        self.memory.roles.insert(RoleId(id), seen);
        self.roles.insert(RoleId(id), name.to_owned());
        self.members.insert(RoleId(id), Reading::Proven(members));
        self
    }

    /// A `[[role]]`, by name, with these people by their emails.
    pub(crate) fn want(self, name: &str, people: impl IntoIterator<Item = i64>) -> Self {
        self.want_with(
            name,
            people.into_iter().map(|id| format!("user{id}@acme.example")),
            |_| {},
        )
    }

    /// The same, with selectors, and with what else stands there.
    pub(crate) fn want_with(
        mut self,
        name: &str,
        people: impl IntoIterator<Item = impl Into<String>>,
        change: impl FnOnce(&mut DesiredRole),
    ) -> Self {
        let line = (self.desired.roles.len() + 1) * 100;
        let members = people
            .into_iter()
            .enumerate()
            .map(|(index, text)| member(&text.into(), line + 1 + index));
        let mut role = DesiredRole {
            role: RoleName::Name(name.to_owned()),
            membership: Membership::Exact,
            members: members.collect(),
            include: Vec::new(),
            exclude: Vec::new(),
            matching: None,
            allow_empty: false,
            line,
        };
        change(&mut role);
        self.desired.roles.push(role);
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn plan(&self) -> RolePlan {
        plan_roles(&self.desired, &self.facts(), &self.terms, &self.memory, self.now)
    }

    pub(crate) fn facts(&self) -> RoleFacts<'_> {
        RoleFacts {
            tenant: &self.tenant,
            users: &self.users,
            unknown_fields: &self.unknown_fields,
            gone: &self.gone,
            roles: &self.roles,
            members: &self.members,
            mappings: &self.mappings,
        }
    }

    /// Carries out what is not held, and keeps what the run teaches.
    fn apply(&mut self) -> RolePlan {
        let plan = self.plan();
        let outcome = plan.outcome();
        let written: BTreeMap<RoleId, BTreeSet<UserId>> = outcome
            .into_iter()
            .filter(|(id, _)| {
                let mut steps = plan.role(*id).unwrap().steps();
                steps.any(|(_, step)| !step.is_held())
            })
            .collect();
        for (id, ids) in &written {
            let origins = BTreeMap::new();
            let members = Members {
                ids: ids.clone(),
                origins,
            };
            self.members.insert(*id, Reading::Proven(members));
        }
        self.keep(&plan, &written);
        plan
    }

    /// Keeps what a run teaches, as the store does.
    fn keep(&mut self, plan: &RolePlan, written: &BTreeMap<RoleId, BTreeSet<UserId>>) {
        let learnings = plan.learnings.clone().after(written);
        self.memory.identities.extend(learnings.identities);
        self.memory.accepted = learnings.accepted.or(self.memory.accepted.take());
        for entry in learnings.entries {
            self.memory.first_accepted.entry(entry).or_insert(self.now);
        }
        self.memory.roles.extend(learnings.roles);
        self.memory.emails = learnings.emails.or(self.memory.emails);
    }
}

fn members_of(ids: impl IntoIterator<Item = i64>) -> Members {
    Members {
        ids: ids.into_iter().map(UserId).collect(),
        origins: BTreeMap::new(),
    }
}

pub(crate) fn listed(text: &str, line: usize) -> Listed {
    Listed {
        person: Selector::parse(text).unwrap(),
        written: text.to_owned(),
        line,
    }
}

pub(crate) fn member(text: &str, line: usize) -> Member {
    Member {
        listed: listed(text, line),
        from: None,
        until: None,
        reason: None,
    }
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn ids(steps: &[Step]) -> Vec<i64> {
    steps.iter().map(|step| step.user.0).collect()
}

/// The steps that apply would write.
fn going(steps: &[Step]) -> Vec<i64> {
    steps
        .iter()
        .filter(|step| !step.is_held())
        .map(|step| step.user.0)
        .collect()
}

/// `(additions, removals)` that apply would write to a role.
fn writes(plan: &RolePlan, role: i64) -> (Vec<i64>, Vec<i64>) {
    let role = plan.role(RoleId(role)).unwrap();
    (going(&role.add), going(&role.remove))
}

/// `(additions, removals)` of a role, held or not.
fn steps(plan: &RolePlan, role: i64) -> (Vec<i64>, Vec<i64>) {
    let role = plan.role(RoleId(role)).unwrap();
    (ids(&role.add), ids(&role.remove))
}

fn guards(plan: &RolePlan, role: i64) -> Vec<Guard> {
    holds(plan, role).iter().map(|hold| hold.guard).collect()
}

fn holds(plan: &RolePlan, role: i64) -> &[Hold] {
    &plan.role(RoleId(role)).unwrap().held
}

fn causes(steps: &[Step]) -> Vec<Cause> {
    steps.iter().map(|step| step.cause.clone()).collect()
}

fn notes(plan: &RolePlan, topic: Topic) -> Vec<&str> {
    plan.notes
        .iter()
        .filter(|note| note.topic == topic)
        .map(|note| note.text.as_str())
        .collect()
}

const NOTHING: (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());
