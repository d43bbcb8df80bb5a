//! The steps of a plan, and how far each has come.

use std::collections::BTreeSet;

use super::Task;
use super::load::RoleReading;
use super::report::{Fate, StepReport};
use crate::domain::role::RoleId;
use crate::domain::role::change::{Cause, ChangeState, Direction};
use crate::domain::role::plan::RolePlan;
use crate::domain::role::saved::Freshness;
use crate::domain::role::step;
use crate::domain::user::{User, UserId};

/// The steps of one role. A person stands in one of the lists, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSteps {
    /// The role.
    pub role: RoleId,
    /// Its name, for people.
    pub name: String,
    /// Who comes in.
    pub add: Vec<Step>,
    /// Who goes out.
    pub remove: Vec<Step>,
}

/// One person's step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The person.
    pub user: UserId,
    /// Their email or account name, for people.
    pub account: String,
    /// Why.
    pub cause: Cause,
    /// The approval that released it.
    pub approval: Option<i64>,
    /// A removal that counts against no limit.
    pub exempt: bool,
}

/// The steps of a plan that are to be carried out, and of a saved plan the roles that are not as they
/// were, with the reason.
pub(super) fn of_plan(
    plan: &RolePlan,
    task: &Task,
    reading: &RoleReading,
) -> (Vec<RoleSteps>, Vec<(String, String)>) {
    let fresh = match task {
        Task::ApplySaved(saved) => Some(saved.compare(plan)),
        Task::AsConfigured | Task::Apply | Task::Undo(_) => None,
    };
    let mut stale = Vec::new();
    for (id, freshness) in fresh.iter().flatten() {
        if !freshness.can_be_applied() {
            let name = reading
                .roles
                .get(id)
                .cloned()
                .unwrap_or_else(|| format!("id {id}"));
            stale.push((name, freshness.to_string()));
        }
    }
    let is_wanted = |id: &RoleId| {
        fresh
            .as_ref()
            .is_none_or(|fresh| fresh.get(id).is_some_and(Freshness::can_be_applied))
    };
    let account = |id: UserId| {
        reading
            .users
            .get(&id)
            .map_or_else(|| format!("id:{id}"), User::account_name)
    };
    // A move never leaves a person with neither role: whoever would come into a role that is left
    // alone goes out of none.
    let left_alone = plan.roles.iter().filter(|role| !is_wanted(&role.id));
    let awaited: BTreeSet<UserId> = left_alone
        .flat_map(|role| &role.add)
        .map(|step| step.user)
        .collect();
    let free = |steps: &[step::Step]| {
        let steps = steps.iter().filter(|step| !step.is_held());
        steps
            .map(|step| Step {
                user: step.user,
                account: account(step.user),
                cause: step.cause.clone(),
                approval: step.approved,
                exempt: !step.counts,
            })
            .collect::<Vec<_>>()
    };
    let roles = plan.roles.iter().filter(|role| is_wanted(&role.id));
    let steps = roles.map(|role| RoleSteps {
        role: role.id,
        name: role.name.clone(),
        add: free(&role.add),
        remove: free(&role.remove)
            .into_iter()
            .filter(|step| !awaited.contains(&step.user))
            .collect(),
    });
    (
        steps
            .filter(|role| !(role.add.is_empty() && role.remove.is_empty()))
            .collect(),
        stale,
    )
}

/// A role with its steps, on their way.
pub(super) struct Role {
    pub(super) id: RoleId,
    pub(super) name: String,
    pub(super) add: Vec<Item>,
    pub(super) remove: Vec<Item>,
}

/// A step on its way.
pub(super) struct Item {
    pub(super) step: Step,
    pub(super) progress: Progress,
}

/// How far a step has come.
pub(super) enum Progress {
    /// Not called yet.
    Waiting,
    /// Called; in the journal it is open.
    Called(Said),
    /// Settled in the journal.
    Settled(ChangeState, Option<String>),
    /// Not to be called: an addition of this person is not certain.
    Withheld,
    /// Not to be called any more: why.
    Left(String),
}

/// What the answer to the last call said of a step.
#[derive(Clone)]
pub(super) enum Said {
    /// A success.
    Yes,
    /// No, in these words.
    No(String),
    /// Nothing that counts.
    Nothing(String),
}

impl Role {
    pub(super) fn new(steps: RoleSteps) -> Self {
        let items = |steps: Vec<Step>| {
            let waiting = |step| Item {
                step,
                progress: Progress::Waiting,
            };
            steps.into_iter().map(waiting).collect()
        };
        Self {
            id: steps.role,
            name: steps.name,
            add: items(steps.add),
            remove: items(steps.remove),
        }
    }

    pub(super) fn items(&self, direction: Direction) -> &[Item] {
        match direction {
            Direction::Add => &self.add,
            Direction::Remove => &self.remove,
        }
    }

    pub(super) fn items_mut(&mut self, direction: Direction) -> &mut [Item] {
        match direction {
            Direction::Add => &mut self.add,
            Direction::Remove => &mut self.remove,
        }
    }

    /// Leaves alone what was not called yet.
    pub(super) fn give_up(&mut self, direction: Direction, why: &str) {
        for item in self.items_mut(direction) {
            if matches!(item.progress, Progress::Waiting) {
                item.progress = Progress::Left(why.to_owned());
            }
        }
    }

    pub(super) fn reports(&self, direction: Direction) -> impl Iterator<Item = StepReport> {
        self.items(direction).iter().map(move |item| {
            let (fate, words) = match &item.progress {
                Progress::Waiting => (Fate::Left, None),
                Progress::Left(why) => (Fate::Left, Some(why.clone())),
                Progress::Withheld => (Fate::Withheld, None),
                Progress::Settled(state, words) => (Fate::Journalled(*state), words.clone()),
                Progress::Called(Said::Yes) => (Fate::Journalled(ChangeState::Intended), None),
                Progress::Called(Said::No(words) | Said::Nothing(words)) => {
                    (Fate::Journalled(ChangeState::Intended), Some(words.clone()))
                }
            };
            StepReport {
                role: self.id,
                user: item.step.user,
                direction,
                fate,
                words,
            }
        })
    }
}

impl Item {
    /// Whether a re-read has shown the step.
    pub(super) fn is_certain(&self) -> bool {
        matches!(
            self.progress,
            Progress::Settled(ChangeState::Done | ChangeState::Already, _)
        )
    }
}
