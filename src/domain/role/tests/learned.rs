//! What a run leaves for the next one.

use super::*;
use crate::domain::role::memory::Entry;

#[test]
fn the_ledger_learns_whom_selectors_mean_and_nothing_uncertain() {
    let mut world = world().role(1, "Staff", [1]).want_with(
        "Staff",
        ["user1@acme.example", "typo", "id:3", "user4@acme.example"],
        |role| role.exclude.push(listed("user2", 150)),
    );
    world.terms.protected = vec![Selector::parse("user9").unwrap()];
    world.users.get_mut(&UserId(5)).unwrap().email = Some("user4@acme.example".to_owned());
    let learned: Vec<String> = world
        .plan()
        .learnings
        .identities
        .iter()
        .map(|(selector, id)| format!("{selector}={id}"))
        .collect();
    assert_eq!(learned, ["id:3=3", "user1@acme.example=1", "user2=2", "user9=9"]);
}

#[test]
fn an_entry_with_a_last_day_is_first_accepted_once() {
    let mut world = world().role(1, "Staff", [1]).want("Staff", [1]);
    world.desired.roles[0].members[0].until = Some(day("2026-12-31"));
    let first = world.now;
    world.apply();
    world.now += SignedDuration::from_hours(24);
    world.apply();
    let entry = Entry {
        role: RoleId(1),
        person: Selector::Name("user1@acme.example".to_owned()),
        until: day("2026-12-31"),
    };
    assert_eq!(world.memory.first_accepted, BTreeMap::from([(entry, first)]));
}

#[test]
fn roles_are_remembered_as_we_left_them() {
    let mut world = world().role(1, "Staff", [1, 2]).want("Staff", [1, 3, 4]);
    world.apply();
    assert_eq!(world.memory.roles[&RoleId(1)].members, 3);
}

#[test]
fn a_shrunken_file_all_of_whose_removals_are_held_for_another_reason_is_not_accepted() {
    let mut world = world().role(1, "Staff", 1..=10).want("Staff", 6..=10);
    world.memory.accepted = Some(Accepted {
        digest: "old".to_owned(),
        memberships: 10,
    });
    world.desired.roles[0].members.push(member("typo", 190));
    let plan = world.plan();
    assert_eq!(
        (guards(&plan, 1), plan.learnings.accepted),
        (vec![Guard::Identity], None)
    );
    world.desired.roles[0].members.pop();
    world.memory.roles.get_mut(&RoleId(1)).unwrap().members = 10;
    world
        .members
        .insert(RoleId(1), Reading::Unreadable("500".to_owned()));
    assert_eq!(world.plan().learnings.accepted, None);
}
