//! The steps of each role, with everything that holds them and that nobody can approve away.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::RoleId;
use super::actual::{Members, Reading};
use super::change::{Cause, Direction};
use super::contest::{Contest, contest};
use super::decide::{RoleFacts, RoleTerms};
use super::desired::{DesiredRole, DesiredState, Membership};
use super::holds;
use super::limits::{RoleLimits, SuspendedMembers};
use super::memory::{Entry, Guard, LastSeen, Memory};
use super::plan::{
    Contested, Drift, Evidence, Fate, Hold, Note, Problem, RolePlan, RoleSteps, Scope, Step, Topic,
};
use super::protect::Protection;
use super::want::{Away, Wanted};
use crate::domain::user::{User, UserId, UserStatus};

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
                paused: self.memory.paused.get(&id).cloned(),
            },
        }
    }

    fn add(&self, draft: &mut Draft, wanted: &Wanted, members: &Members, plan: &mut RolePlan) {
        let everybody = holds::of_everybody(draft, Direction::Add);
        let by_rule = holds::of_rule_additions(wanted);
        for (id, cause) in &wanted.people {
            if members.ids.contains(id) {
                continue;
            }
            if !in_standing(self.facts.users, *id) {
                draft.impossible.insert(*id);
                plan.notes.push(self.out_of_standing(draft, *id));
                continue;
            }
            let mut guards: BTreeSet<Guard> = everybody.iter().map(|hold| hold.guard).collect();
            if *cause == Cause::Rule {
                guards.extend(by_rule.iter().map(|hold| hold.guard));
            }
            // An absence that is not proven is no disappearance.
            let changes = self.changes(draft.role.id, *id);
            if draft.is_proven() && contest(changes, Direction::Add, None, self.now) == Contest::Contested {
                guards.insert(Guard::Contested);
                plan.contested.push(self.contested(draft, *id, Direction::Add));
            }
            draft.role.add.push(Step {
                user: *id,
                cause: cause.clone(),
                guards,
                approved: None,
                counts: true,
            });
        }
        draft.role.held.extend(everybody);
        draft.role.held.extend(by_rule);
        holds::count_people(draft, Guard::Contested, Direction::Add);
    }

    fn remove(
        &self,
        draft: &mut Draft,
        file: &DesiredRole,
        wanted: &Wanted,
        members: &Members,
        plan: &mut RolePlan,
    ) {
        let mut everybody = holds::of_everybody(draft, Direction::Remove);
        everybody.extend(holds::of_removals(wanted, self.protection));
        everybody.extend(holds::of_emails(self.facts.users, self.memory.emails));
        for id in &members.ids {
            let Some(cause) = self.removal_cause(file, wanted, *id) else {
                continue;
            };
            let origin = members.origins.get(id).cloned().unwrap_or_default();
            let fate = self.fate(draft, file, wanted, *id, &cause);
            if fate == Fate::Protected {
                plan.notes.push(Note {
                    topic: Topic::Protected,
                    line: Some(file.line),
                    text: format!(
                        "user {id} is protected and stays in {}, which the file does not ask for ({cause})",
                        draft.role.name
                    ),
                });
            }
            draft.role.drift.push(Drift {
                user: *id,
                origin: origin.clone(),
                fate,
            });
            if !matches!(fate, Fate::Removal | Fate::Unproven) {
                continue;
            }
            let mut guards: BTreeSet<Guard> = everybody.iter().map(|hold| hold.guard).collect();
            let changes = self.changes(draft.role.id, *id);
            match contest(changes, Direction::Remove, Some(&origin), self.now) {
                Contest::No => {}
                Contest::Contested => {
                    guards.insert(Guard::Contested);
                    plan.contested.push(self.contested(draft, *id, Direction::Remove));
                }
                Contest::PutBack { by, too_soon } => {
                    plan.notes.push(Note {
                        topic: Topic::PutBack,
                        line: Some(file.line),
                        text: format!(
                            "{by} keeps putting user {id} back into {}, which the file does not ask for; removed \
                             again, at most once a day",
                            draft.role.name
                        ),
                    });
                    if too_soon {
                        guards.insert(Guard::Contested);
                    }
                }
            }
            let counts = !(cause == Cause::UntilPassed && self.came_to_pass(wanted.away.get(id)));
            draft.role.remove.push(Step {
                user: *id,
                cause,
                guards,
                approved: None,
                counts,
            });
        }
        draft.role.held.extend(everybody);
        holds::count_people(draft, Guard::Contested, Direction::Remove);
    }

    /// Why a member is not wanted; `None`: they are.
    fn removal_cause(&self, file: &DesiredRole, wanted: &Wanted, id: UserId) -> Option<Cause> {
        if wanted.people.contains_key(&id) {
            let suspended = self
                .facts
                .users
                .get(&id)
                .is_some_and(|user| user.status == UserStatus::Suspended);
            let goes = suspended
                && self.terms.suspended_members == SuspendedMembers::Remove
                && file.membership == Membership::Exact;
            return goes.then_some(Cause::Inactive);
        }
        let away = wanted.away.get(&id).map(|away| away.cause.clone());
        Some(away.unwrap_or(Cause::GoneFromFile))
    }

    fn fate(&self, draft: &Draft, file: &DesiredRole, wanted: &Wanted, id: UserId, cause: &Cause) -> Fate {
        let sent_away = wanted.away.get(&id).is_some_and(|away| away.own)
            && matches!(cause, Cause::UntilPassed | Cause::Excluded);
        if self.protection.people.contains(&id) {
            Fate::Protected
        } else if wanted.doubtful.contains(&id) {
            Fate::Doubtful
        } else if file.membership == Membership::Additive && !sent_away {
            Fate::Additive
        } else if draft.is_proven() {
            Fate::Removal
        } else {
            Fate::Unproven
        }
    }

    /// Whether the last days lay ahead when the entries were first accepted.
    fn came_to_pass(&self, away: Option<&Away>) -> bool {
        let Some(away) = away.filter(|away| !away.ended.is_empty()) else {
            return false;
        };
        away.ended.iter().all(|(index, person, until)| {
            let Some(Ok(role)) = self.named.get(*index) else {
                return false;
            };
            let entry = Entry {
                role: *role,
                person: person.clone(),
                until: *until,
            };
            let accepted = self.memory.first_accepted.get(&entry);
            accepted.is_some_and(|at| at.to_zoned(self.terms.time_zone.clone()).date() <= *until)
        })
    }

    fn changes(&self, role: RoleId, user: UserId) -> &[super::memory::PastChange] {
        self.memory.changes.get(&(role, user)).map_or(&[], Vec::as_slice)
    }

    fn contested(&self, draft: &Draft, user: UserId, direction: Direction) -> Contested {
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

    fn out_of_standing(&self, draft: &Draft, id: UserId) -> Note {
        let standing = self.facts.users.get(&id).map_or("unknown".to_owned(), |user| {
            format!("status {}, state {}", user.status, user.state)
        });
        Note {
            topic: Topic::Standing,
            line: Some(draft.role.line),
            text: format!(
                "user {id} is wanted in {} and not added: {standing}",
                draft.role.name
            ),
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
