//! What admins are told of steps that wait for a person.

use std::collections::BTreeMap;

use super::trouble::look;
use crate::domain::alert::{Advice, Kind, Trouble};
use crate::domain::role::change::Direction;
use crate::domain::role::memory::Guard;
use crate::domain::role::plan::RolePlan;
use crate::domain::role::step::{Hold, RoleSteps, Scope};
use crate::mail::clean::clean;

/// So many roles have a mail of their own; the others share one.
const OWN_MAILS: usize = 5;
/// So many roles are named in one mail.
const NAMED: usize = 30;
/// What the shared mail is about.
const OTHERS: &str = "other roles";

/// A role, and how many of its steps a guard holds.
type HeldIn<'a> = (&'a RoleSteps, u64);

/// One trouble for the guards that look at the whole run, however many roles they hold, and one for
/// each role that has a guard of its own. What nobody can approve away is told elsewhere.
pub(super) fn of_plan(plan: &RolePlan) -> Vec<Trouble> {
    let mut of_run: BTreeMap<Guard, (&Hold, Vec<HeldIn<'_>>)> = BTreeMap::new();
    let mut of_roles: Vec<(&RoleSteps, Vec<&Hold>)> = Vec::new();
    for role in &plan.roles {
        let mut own = Vec::new();
        for hold in role.held.iter().filter(|hold| hold.guard.can_be_approved()) {
            let count = held_by(role, hold);
            match hold.scope {
                // A guard of the run stands in roles too of which it holds nothing.
                _ if count == 0 => {}
                Scope::Run | Scope::Day => {
                    let (_, roles) = of_run.entry(hold.guard).or_insert((hold, Vec::new()));
                    roles.push((role, count));
                }
                Scope::Role | Scope::Person => own.push(hold),
            }
        }
        if !own.is_empty() {
            of_roles.push((role, own));
        }
    }
    let mut troubles = Vec::new();
    if !of_run.is_empty() {
        troubles.push(whole_run(plan, &of_run));
    }
    let (first, others) = of_roles.split_at(of_roles.len().min(OWN_MAILS));
    troubles.extend(first.iter().map(|(role, holds)| one_role(plan, role, holds)));
    if !others.is_empty() {
        troubles.push(other_roles(plan, others));
    }
    troubles
}

fn held_by(role: &RoleSteps, hold: &Hold) -> u64 {
    let counted = role
        .steps()
        .filter(|(way, step)| *way == hold.direction && step.guards.contains(&hold.guard));
    counted.count() as u64
}

fn whole_run(plan: &RolePlan, guards: &BTreeMap<Guard, (&Hold, Vec<HeldIn<'_>>)>) -> Trouble {
    let holds: Vec<String> = guards.values().map(|(hold, _)| in_words(hold)).collect();
    let mut lines = Vec::new();
    for (hold, roles) in guards.values() {
        let of_role = |(role, count): &HeldIn<'_>| format!("{} (id {}): {count}", clean(&role.name), role.id);
        let steps = match hold.direction {
            Direction::Add => "Additions",
            Direction::Remove => "Removals",
        };
        lines.push(format!("{steps} held by {}:", hold.guard));
        lines.extend(few(roles.iter().map(of_role)));
    }
    Trouble {
        kind: Kind::Held,
        about: String::new(),
        what: format!("{}\n{}", holds.join("; "), lines.join("\n")),
        advice: vec![look(), approve(plan, None)],
    }
}

fn one_role(plan: &RolePlan, role: &RoleSteps, holds: &[&Hold]) -> Trouble {
    let holds: Vec<String> = holds.iter().map(|hold| in_words(hold)).collect();
    Trouble {
        kind: Kind::Held,
        about: role.name.clone(),
        what: holds.join("; "),
        advice: vec![look(), approve(plan, Some(&role.name))],
    }
}

fn other_roles(plan: &RolePlan, others: &[(&RoleSteps, Vec<&Hold>)]) -> Trouble {
    let lines = others.iter().map(|(role, holds)| {
        let holds: Vec<String> = holds.iter().map(|hold| in_words(hold)).collect();
        format!("{} (id {}): {}", clean(&role.name), role.id, holds.join("; "))
    });
    let lines = few(lines);
    Trouble {
        kind: Kind::Held,
        about: OTHERS.to_owned(),
        what: format!(
            "steps of {} more roles wait, beside those that have a mail of their own\n{}",
            others.len(),
            lines.join("\n")
        ),
        advice: vec![look(), approve(plan, None)],
    }
}

fn in_words(hold: &Hold) -> String {
    let Hold {
        guard,
        measured,
        limit,
        text,
        ..
    } = hold;
    format!("held by {guard} (measured {measured}, limit {limit}): {text}")
}

fn approve(plan: &RolePlan, role: Option<&str>) -> Advice {
    let only = role.map_or(String::new(), |role| {
        // As a shell reads it back.
        format!(" --role '{}'", role.replace('\'', r"'\''"))
    });
    let words = match role {
        Some(_) => "If that is right, release it within 24 hours",
        None => "If all of it is right, release it within 24 hours; with --role a single role",
    };
    Advice::command(
        words,
        format!(
            "onelogin-steward roles approve {}{only} --reason \"...\"",
            plan.id()
        ),
    )
}

fn few(lines: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let more = lines.len().saturating_sub(NAMED);
    let mut named: Vec<String> = lines.take(NAMED).map(|line| format!("  {line}")).collect();
    if more > 0 {
        named.push(format!("  and {more} more roles"));
    }
    named
}
