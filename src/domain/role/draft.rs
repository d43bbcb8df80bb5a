//! The steps of each role, with everything that holds them and that nobody can approve away.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::RoleId;
use super::actual::Reading;
use super::change::Direction;
use super::decide::{RoleFacts, RoleTerms};
use super::desired::DesiredState;
use super::limits::RoleLimits;
use super::memory::{Guard, LastSeen, Memory};
use super::plan::{Contested, Problem, RolePlan};
use super::protect::Protection;
use super::step::{Evidence, Hold, RoleSteps, Scope};
use super::want::Wanted;
use crate::domain::user::{User, UserId};

/// Everything that the steps follow from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drafting<'a> {
    pub(super) desired: &'a DesiredState,
    pub(super) facts: &'a RoleFacts<'a>,
    pub(super) terms: &'a RoleTerms,
    pub(super) memory: &'a Memory,
    pub(super) protection: &'a Protection,
    pub(super) wanted: &'a [Wanted],
    pub(super) named: &'a [Result<RoleId, Problem>],
    pub(super) now: Timestamp,
}

/// A role whose guards are not all asked yet.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) role: RoleSteps,
    /// Its place in the file.
    pub(super) index: usize,
    pub(super) last: LastSeen,
    pub(super) limits: RoleLimits,
    /// It had so many members at the last run and is read as empty, for the first time.
    pub(super) fell_empty: Option<u64>,
    /// So many people fitted `match` at the last run, and nobody does now.
    pub(super) rule_dropped: Option<u64>,
    /// What `match` fits now; `None` where it has none or it cannot be told.
    pub(super) rule_matches: Option<u64>,
    pub(super) has_rule: bool,
    /// People who are wanted and cannot be added.
    pub(super) impossible: BTreeSet<UserId>,
    /// The file's own entry cannot be carried out; nothing is planned.
    pub(super) is_misfit: bool,
}

impl Draft {
    pub(super) fn is_readable(&self) -> bool {
        !matches!(self.role.evidence, Evidence::Unreadable(_))
    }

    pub(super) fn is_proven(&self) -> bool {
        self.role.evidence == Evidence::Proven
    }

    /// Only guards that hold something are told.
    pub(super) fn finish(self) -> RoleSteps {
        let mut role = self.role;
        let holding: BTreeSet<(Guard, Direction)> = role
            .steps()
            .flat_map(|(direction, step)| step.guards.iter().map(move |guard| (*guard, direction)))
            .collect();
        role.held
            .retain(|hold| holding.contains(&(hold.guard, hold.direction)));
        role.held.sort();
        role.held.dedup();
        role
    }
}

/// Whether somebody may be added to a role.
pub(super) fn in_standing(users: &BTreeMap<UserId, User>, id: UserId) -> bool {
    users.get(&id).is_some_and(User::in_good_standing)
}

impl Drafting<'_> {
    /// The roles that OneLogin has; what is wrong with the others goes into the plan.
    pub(super) fn drafts(&self, plan: &mut RolePlan) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for (index, named) in self.named.iter().enumerate() {
            match named {
                Ok(id) => drafts.push(self.draft(index, *id, plan)),
                Err(problem) => plan.problems.push(problem.clone()),
            }
        }
        drafts
    }

    fn draft(&self, index: usize, id: RoleId, plan: &mut RolePlan) -> Draft {
        let (file, wanted) = (&self.desired.roles[index], &self.wanted[index]);
        let reading = self.facts.members.get(&id);
        let mut draft = self.blank(index, id, reading);
        let mut problem = |text: String| {
            plan.problems.push(Problem {
                role: file.role.clone(),
                line: file.line,
                text,
            });
        };
        match &draft.role.evidence {
            Evidence::Unreadable(why) => problem(format!("its members could not be read: {why}")),
            Evidence::Unproven(why) => problem(format!("its list of members is incomplete: {why}")),
            Evidence::Proven => {}
        }
        if wanted.people.is_empty() && !file.allow_empty {
            problem("nobody would be left in it: write allow_empty = true if that is meant".to_owned());
            draft.is_misfit = true;
        }
        let Some(members) = reading
            .and_then(Reading::seen)
            .filter(|_| !draft.is_misfit)
            .cloned()
        else {
            return draft;
        };
        self.add(&mut draft, wanted, &members, plan);
        self.remove(&mut draft, file, wanted, &members, plan);
        draft
    }

    fn blank(&self, index: usize, id: RoleId, reading: Option<&Reading>) -> Draft {
        let (file, wanted) = (&self.desired.roles[index], &self.wanted[index]);
        let name = self.facts.roles.get(&id).cloned().unwrap_or_default();
        let last = self.memory.roles.get(&id).copied().unwrap_or_default();
        let evidence = match reading {
            Some(Reading::Proven(_)) => Evidence::Proven,
            Some(Reading::Unproven(_, why)) => Evidence::Unproven(why.clone()),
            Some(Reading::Unreadable(why)) => Evidence::Unreadable(why.clone()),
            None => Evidence::Unreadable("they were not read".to_owned()),
        };
        let members = reading
            .and_then(Reading::seen)
            .map(|members| members.ids.clone())
            .unwrap_or_default();
        let is_new_emptiness = members.is_empty() && !(evidence == Evidence::Proven && last.empty_reads > 0);
        let fell_empty = (last.members > 0 && is_new_emptiness && reading.and_then(Reading::seen).is_some())
            .then_some(last.members);
        let had_matches = last.rule_matches.filter(|matches| *matches > 0);
        Draft {
            index,
            last,
            limits: self.terms.limits.of_role(&self.terms.overrides, id, &name),
            fell_empty,
            rule_dropped: had_matches.filter(|_| wanted.rule_matches == Some(0)),
            rule_matches: wanted.rule_matches,
            has_rule: file.matching.is_some(),
            impossible: BTreeSet::new(),
            is_misfit: false,
            role: RoleSteps {
                id,
                name,
                called: file.role.clone(),
                line: file.line,
                membership: file.membership,
                evidence,
                members,
                add: Vec::new(),
                remove: Vec::new(),
                held: Vec::new(),
                drift: Vec::new(),
                paused: self.pause_of(index, id),
            },
        }
    }

    /// Why the role is paused. A pause that was to last while the entry stays the same is over with
    /// another one.
    fn pause_of(&self, index: usize, id: RoleId) -> Option<String> {
        let reason = self.memory.paused.get(&id)?;
        let entry = self.memory.paused_while.get(&id);
        let is_over = entry.is_some_and(|entry| *entry != self.desired.entry_digest(index));
        (!is_over).then(|| reason.clone())
    }

    /// The roles of the file whose pause is over in this way.
    pub(super) fn ended_pauses(&self) -> BTreeSet<RoleId> {
        let named = self.named.iter().enumerate();
        named
            .filter_map(|(index, id)| Some((index, *id.as_ref().ok()?)))
            .filter(|(index, id)| self.memory.paused.contains_key(id) && self.pause_of(*index, *id).is_none())
            .map(|(_, id)| id)
            .collect()
    }

    pub(super) fn changes(&self, role: RoleId, user: UserId) -> &[super::memory::PastChange] {
        self.memory.changes.get(&(role, user)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn contested(&self, draft: &Draft, user: UserId, direction: Direction) -> Contested {
        let (role, name) = (draft.role.id, draft.role.name.clone());
        let setting = self
            .facts
            .mappings
            .iter()
            .filter(|mapping| mapping.roles.contains(&role));
        Contested {
            role,
            name,
            user,
            direction,
            mappings: setting.map(|mapping| mapping.name.clone()).collect(),
        }
    }
}

/// A hold on single people, to be counted later.
pub(super) fn personal(guard: Guard, direction: Direction, measured: u64, text: &str) -> Hold {
    Hold {
        guard,
        direction,
        scope: Scope::Person,
        measured,
        limit: 0,
        text: text.to_owned(),
    }
}
