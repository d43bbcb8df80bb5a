//! Who is put into a role.

use std::collections::BTreeSet;

use super::actual::Members;
use super::change::{Cause, Direction};
use super::contest::{Contest, contest};
use super::draft::{Draft, Drafting, in_standing};
use super::holds;
use super::memory::Guard;
use super::plan::{Note, RolePlan, Topic};
use super::step::Step;
use super::want::Wanted;
use crate::domain::user::UserId;

impl Drafting<'_> {
    pub(super) fn add(&self, draft: &mut Draft, wanted: &Wanted, members: &Members, plan: &mut RolePlan) {
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
