//! The limits of `[role_sync.limits]`, and the approvals that release what they hold.
//!
//! Every verdict is reached twice: first as if nobody had approved anything, which says what an
//! approval must cover; then without the approved steps, which count against nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::RoleId;
use super::change::{Cause, Direction};
use super::decide::RoleTerms;
use super::desired::DesiredState;
use super::draft::Draft;
use super::holds::count_people;
use super::limits::{FirstRemovals, Limits};
use super::memory::{Guard, Memory};
use super::step::{Hold, Scope, Step};
use super::want::Wanted;
use crate::domain::user::UserId;

/// Steps that an approval releases, with its number.
type Approved = BTreeMap<(RoleId, UserId), i64>;

/// Holds the additions of the run where they are too many.
pub(super) fn hold_additions(drafts: &mut [Draft], terms: &RoleTerms, memory: &Memory) {
    let verdicts = |drafts: &[Draft], approved: &Approved| {
        let free = |draft: &Draft| counted(draft, Direction::Add, approved);
        let (measured, limit) = (
            drafts.iter().map(free).sum::<u64>(),
            terms.limits.additions_per_run,
        );
        let hold = (measured > limit).then(|| Hold {
            guard: Guard::AdditionsPerRun,
            direction: Direction::Add,
            scope: Scope::Run,
            measured,
            limit,
            text: format!("{measured} additions in this run, and {limit} are allowed"),
        });
        vec![hold.into_iter().collect(); drafts.len()]
    };
    judge(drafts, Direction::Add, memory, verdicts);
}

/// Holds every removal of somebody whose place elsewhere is not certain. A suspended person is not
/// being moved.
pub(super) fn hold_moves(drafts: &mut [Draft], movers: &BTreeSet<UserId>) {
    for draft in drafts {
        let moving = |step: &&mut Step| step.cause != Cause::Inactive && movers.contains(&step.user);
        for step in draft.role.remove.iter_mut().filter(moving) {
            step.guards.insert(Guard::Move);
        }
        count_people(draft, Guard::Move, Direction::Remove);
    }
}

/// Whether the file has shrunk too much: another file than the accepted one, that is. Removals whose
/// day came to pass are no shrinking.
pub(super) fn shrink(
    desired: &DesiredState,
    drafts: &[Draft],
    wanted: &[Wanted],
    terms: &RoleTerms,
    memory: &Memory,
) -> Option<Hold> {
    let accepted = memory
        .accepted
        .as_ref()
        .filter(|accepted| accepted.digest != desired.digest)?;
    let before = accepted.memberships;
    let ended = drafts
        .iter()
        .flat_map(|draft| &draft.role.remove)
        .filter(|step| !step.counts);
    let now = wanted.iter().map(Wanted::memberships).sum::<u64>() + ended.count() as u64;
    let lost = before.saturating_sub(now);
    let limit = u64::from(terms.limits.file_shrink_percent);
    (lost * 100 > limit * before).then(|| Hold {
        guard: Guard::FileShrink,
        direction: Direction::Remove,
        scope: Scope::Run,
        measured: lost * 100 / before,
        limit,
        text: format!(
            "the file asks for {now} memberships, and the last accepted one for {before}: more than {limit} % are gone"
        ),
    })
}

/// Holds removals that are too many, and releases what is approved.
pub(super) fn hold_removals(drafts: &mut [Draft], terms: &RoleTerms, memory: &Memory, shrink: Option<&Hold>) {
    let verdicts = |drafts: &[Draft], approved: &Approved| {
        let of_run = of_run(drafts, &terms.limits, memory, approved);
        let of_draft = |draft: &Draft| {
            let of_role = of_role(draft, approved);
            of_role
                .into_iter()
                .chain(of_run.iter().cloned())
                .chain(shrink.cloned())
                .collect()
        };
        drafts.iter().map(of_draft).collect()
    };
    judge(drafts, Direction::Remove, memory, verdicts);
}

fn of_role(draft: &Draft, approved: &Approved) -> Vec<Hold> {
    let measured = counted(draft, Direction::Remove, approved);
    let (limits, name) = (&draft.limits, &draft.role.name);
    let hold = |guard, measured, limit, text| Hold {
        guard,
        direction: Direction::Remove,
        scope: Scope::Role,
        measured,
        limit,
        text,
    };
    let mut holds = Vec::new();
    if measured > limits.removals_per_role {
        let limit = limits.removals_per_role;
        let text = format!("{measured} removals from {name}, and {limit} are allowed");
        holds.push(hold(Guard::RemovalsPerRole, measured, limit, text));
    }
    let (members, percent) = (
        draft.role.members.len() as u64,
        u64::from(limits.removals_per_role_percent),
    );
    if members > limits.small_role && measured * 100 > percent * members {
        let share = measured * 100 / members;
        let text =
            format!("{measured} of the {members} members of {name} would go, and {percent} % are allowed");
        holds.push(hold(Guard::RemovalsPerRolePercent, share, percent, text));
    }
    if measured > 0 && !draft.last.was_in_line && limits.first_removals == FirstRemovals::Hold {
        let text = format!("{name} has never been in line with the file: its first removals wait");
        holds.push(hold(Guard::FirstRemovals, measured, 0, text));
    }
    if let Some(before) = draft.rule_dropped {
        let text = format!("nobody fits `match` now, and {before} people did at the last run");
        holds.push(hold(Guard::RuleDrop, 0, before, text));
    }
    holds
}

fn of_run(drafts: &[Draft], limits: &Limits, memory: &Memory, approved: &Approved) -> Vec<Hold> {
    let measured: u64 = drafts
        .iter()
        .map(|draft| counted(draft, Direction::Remove, approved))
        .sum();
    let hold = |guard, scope, measured, limit, text| Hold {
        guard,
        direction: Direction::Remove,
        scope,
        measured,
        limit,
        text,
    };
    let mut holds = Vec::new();
    let limit = limits.removals_per_run;
    if measured > limit {
        let text = format!("{measured} removals in this run, and {limit} are allowed");
        holds.push(hold(Guard::RemovalsPerRun, Scope::Run, measured, limit, text));
    }
    let (day, limit) = (memory.removals_of_day + measured, limits.removals_per_day);
    if measured > 0 && day > limit {
        let text = format!("{day} removals within 24 hours with those of this run, and {limit} are allowed");
        holds.push(hold(Guard::RemovalsPerDay, Scope::Day, day, limit, text));
    }
    holds
}

fn steps_of(draft: &Draft, direction: Direction) -> &[Step] {
    match direction {
        Direction::Add => &draft.role.add,
        Direction::Remove => &draft.role.remove,
    }
}

/// Steps that a limit counts: what the file asks for, and nothing but the order of the moves keeps
/// from being done. An approved one, and a day that came to pass, count against nothing.
fn counted(draft: &Draft, direction: Direction, approved: &Approved) -> u64 {
    let counts =
        |step: &&Step| step.counts && is_open(step) && !approved.contains_key(&(draft.role.id, step.user));
    steps_of(draft, direction).iter().filter(counts).count() as u64
}

fn is_open(step: &Step) -> bool {
    step.guards.iter().all(|guard| *guard == Guard::Move)
}

fn judge(
    drafts: &mut [Draft],
    direction: Direction,
    memory: &Memory,
    verdicts: impl Fn(&[Draft], &Approved) -> Vec<Vec<Hold>>,
) {
    let strict = verdicts(drafts, &Approved::new());
    let approved = approvals(drafts, direction, memory, &strict);
    let holds = verdicts(drafts, &approved);
    for (draft, holds) in drafts.iter_mut().zip(holds) {
        let id = draft.role.id;
        let steps = match direction {
            Direction::Add => &mut draft.role.add,
            Direction::Remove => &mut draft.role.remove,
        };
        for step in steps {
            step.approved = approved.get(&(id, step.user)).copied();
            if step.approved.is_none() && is_open(step) {
                step.guards.extend(holds.iter().map(|hold| hold.guard));
            }
        }
        draft.role.held.extend(holds);
    }
}

/// An approval covers a role where its people include everybody who is held there, and its guards
/// all that hold them.
fn approvals(drafts: &[Draft], direction: Direction, memory: &Memory, strict: &[Vec<Hold>]) -> Approved {
    let mut approved = Approved::new();
    for (draft, holds) in drafts.iter().zip(strict) {
        let id = draft.role.id;
        let guards: BTreeSet<Guard> = holds.iter().map(|hold| hold.guard).collect();
        let people: BTreeSet<UserId> = steps_of(draft, direction)
            .iter()
            .filter(|step| step.guards.is_empty())
            .map(|step| step.user)
            .collect();
        let covers = memory.approvals.iter().find(|approval| {
            approval.role == id
                && approval.direction == direction
                && guards.is_subset(&approval.guards)
                && people.is_subset(&approval.people)
        });
        if let Some(approval) = covers.filter(|_| !guards.is_empty()) {
            approved.extend(people.into_iter().map(|user| ((id, user), approval.id)));
        }
    }
    approved
}
