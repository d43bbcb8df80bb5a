//! Facts that are missing: what holds steps back and cannot be approved away.

use std::collections::BTreeMap;

use super::change::Direction;
use super::draft::{Draft, personal};
use super::memory::Guard;
use super::protect::Protection;
use super::step::{Evidence, Hold, Scope};
use super::want::Wanted;
use crate::domain::user::{User, UserId};

/// What holds every step of the role that goes this way.
pub(super) fn of_everybody(draft: &Draft, direction: Direction) -> Vec<Hold> {
    let hold = |guard, measured, limit, text| Hold {
        guard,
        direction,
        scope: Scope::Role,
        measured,
        limit,
        text,
    };
    let mut holds = Vec::new();
    if let Some(reason) = &draft.role.paused {
        holds.push(hold(Guard::Paused, 1, 0, format!("the role is paused: {reason}")));
    }
    if let Some(before) = draft.fell_empty {
        let text = format!(
            "role became empty since last run: 0 members now, {before} then; nothing is written to it. Read so again \
             with a Total-Count of 0, it is taken for empty"
        );
        holds.push(hold(Guard::Proof, 0, before, text));
    } else if let (Direction::Remove, Evidence::Unproven(why)) = (direction, &draft.role.evidence) {
        let text = format!("removals need a complete list of members: {why}");
        holds.push(hold(Guard::Proof, draft.role.members.len() as u64, 0, text));
    }
    holds
}

/// What holds the additions that `match` asks for.
pub(super) fn of_rule_additions(wanted: &Wanted) -> Option<Hold> {
    let unknown = unknown_fields(wanted)?;
    Some(Hold {
        guard: Guard::Proof,
        direction: Direction::Add,
        scope: Scope::Role,
        measured: wanted.unknown_fields.len() as u64,
        limit: 0,
        text: format!("{unknown}: nobody is added by `match`"),
    })
}

/// What holds the removals from a role, or from every role.
pub(super) fn of_removals(wanted: &Wanted, protection: &Protection) -> Vec<Hold> {
    let hold = |guard, scope, measured: usize, text| Hold {
        guard,
        direction: Direction::Remove,
        scope,
        measured: measured as u64,
        limit: 0,
        text,
    };
    let mut holds = Vec::new();
    if !protection.unsure.is_empty() {
        let text = format!(
            "nobody is removed from any role, since it is not certain who is protected: {}",
            protection.unsure.join("; ")
        );
        holds.push(hold(Guard::Identity, Scope::Run, protection.unsure.len(), text));
    }
    if !wanted.unsure.is_empty() {
        let text = format!(
            "who is meant by the file is not certain: {}",
            wanted.unsure.join("; ")
        );
        holds.push(hold(Guard::Identity, Scope::Role, wanted.unsure.len(), text));
    }
    if let Some(unknown) = unknown_fields(wanted) {
        let text = format!("{unknown}: nobody is removed who might fit `match`");
        holds.push(hold(Guard::Proof, Scope::Role, wanted.unknown_fields.len(), text));
    }
    holds
}

fn unknown_fields(wanted: &Wanted) -> Option<String> {
    let fields: Vec<&str> = wanted.unknown_fields.iter().map(String::as_str).collect();
    (!fields.is_empty()).then(|| format!("OneLogin does not tell {} of everybody", fields.join(", ")))
}

/// People who have an email.
pub(super) fn emails(users: &BTreeMap<UserId, User>) -> u64 {
    users.values().filter(|user| user.email.is_some()).count() as u64
}

/// Holds every removal where half of the emails are gone while the people are still there.
pub(super) fn of_emails(users: &BTreeMap<UserId, User>, before: Option<u64>) -> Option<Hold> {
    let (before, now) = (before?, emails(users));
    let without = users.len() as u64 - now;
    let lost = before.saturating_sub(now).min(without);
    (before > 0 && lost * 2 >= before).then(|| Hold {
        guard: Guard::Emails,
        direction: Direction::Remove,
        scope: Scope::Run,
        measured: now,
        limit: before,
        text: format!(
            "{now} people have an email, and {before} had one at the last run: nobody is removed from any role while \
             half of the emails or more are missing"
        ),
    })
}

/// Tells of a guard on single people how many it holds.
pub(super) fn count_people(draft: &mut Draft, guard: Guard, direction: Direction) {
    let held = draft
        .role
        .steps()
        .filter(|(way, step)| *way == direction && step.guards.contains(&guard))
        .count() as u64;
    if held > 0 {
        let text = match guard {
            Guard::Move => {
                "their place in another role is not certain in this run: nobody is left with neither role"
            }
            _ => "changed twice within 7 days, and changed back each time",
        };
        draft.role.held.push(personal(guard, direction, held, text));
    }
}
