//! Who is taken out of a role.

use std::collections::BTreeSet;

use super::actual::Members;
use super::change::{Cause, Direction};
use super::contest::{Contest, contest};
use super::desired::{DesiredRole, Membership};
use super::draft::{Draft, Drafting};
use super::holds;
use super::limits::SuspendedMembers;
use super::memory::{Entry, Guard};
use super::plan::{Note, RolePlan, Topic};
use super::step::{Drift, Fate, Step};
use super::want::{Away, Wanted};
use crate::domain::user::{User, UserId, UserStatus};

impl Drafting<'_> {
    pub(super) fn remove(
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
                            "{by} keeps putting user {id} back into {} ({}), which the file does not ask for; removed \
                             again, at most once a day",
                            draft.role.name,
                            self.email_or_account(*id)
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

    fn email_or_account(&self, id: UserId) -> String {
        let name = |user: &User| user.email.clone().unwrap_or_else(|| user.account_name());
        self.facts.users.get(&id).map(name).unwrap_or_default()
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
}
