//! G9: what an approval releases.

use super::*;
use crate::domain::role::memory::Approval;
use crate::domain::role::step::RoleSteps;

/// Twelve people of 30 are to go, and ten may.
fn held() -> World {
    world()
        .role(1, "Staff", 1..=30)
        .want("Staff", 13..=30)
        .role(2, "Sales", [1, 40])
        .want("Sales", [40])
}

/// The approvals that release a step of this plan.
fn approvals_used(plan: &RolePlan) -> BTreeSet<i64> {
    let steps = plan.roles.iter().flat_map(RoleSteps::steps);
    steps
        .filter(|(_, step)| !step.is_held())
        .filter_map(|(_, step)| step.approved)
        .collect()
}

/// What a person approves who looks at this plan.
fn approve(world: &mut World, role: i64, direction: Direction) {
    let plan = world.plan();
    let (people, guards) = plan.role(RoleId(role)).unwrap().approvable(direction);
    let id = 1 + i64::try_from(world.memory.approvals.len()).unwrap();
    let role = RoleId(role);
    world.memory.approvals.push(Approval {
        id,
        role,
        direction,
        guards,
        people,
    });
}

#[test]
fn approved_removals_go_on_and_the_approval_is_used_up() {
    let mut world = held();
    let before = world.plan();
    assert_eq!(before.totals().remove, 1);
    assert_eq!(approvals_used(&before), BTreeSet::new());
    approve(&mut world, 1, Direction::Remove);
    let plan = world.plan();
    assert_eq!((writes(&plan, 1).1.len(), plan.totals().held), (12, 0));
    assert_eq!(approvals_used(&plan), BTreeSet::from([1]));
    assert_ne!(plan.id(), before.id());
}

#[test]
fn g9_an_approval_is_good_for_those_pairs_or_fewer_in_that_role_and_no_more() {
    let mut world = held();
    approve(&mut world, 1, Direction::Remove);
    let fewer = world.clone().with(|world| {
        world.desired.roles[0].members.push(member("user12", 190));
    });
    assert_eq!(writes(&fewer.plan(), 1).1.len(), 11);
    let mut more = world.clone();
    more.desired.roles[0].members.remove(0);
    assert_eq!(writes(&more.plan(), 1).1.len(), 0);
    let mut elsewhere = world.clone();
    elsewhere.memory.approvals[0].role = RoleId(2);
    assert_eq!(writes(&elsewhere.plan(), 1).1.len(), 0);
    let mut wrong_way = world.clone();
    wrong_way.memory.approvals[0].direction = Direction::Add;
    assert_eq!(writes(&wrong_way.plan(), 1).1.len(), 0);
    // Another guard was never looked at.
    let mut another = world.clone();
    another.terms.limits.removals_per_run = 12;
    assert_eq!(writes(&another.plan(), 1).1.len(), 0);
}

#[test]
fn approved_removals_count_against_no_limit_of_the_others() {
    let mut world = held();
    world.terms.limits.removals_per_run = 12;
    assert_eq!(world.plan().totals().remove, 0);
    approve(&mut world, 1, Direction::Remove);
    assert_eq!(world.plan().totals().remove, 13);
}

#[test]
fn what_protects_people_cannot_be_approved_away() {
    let mut world = held();
    approve(&mut world, 1, Direction::Remove);
    let everything: BTreeSet<Guard> = Guard::ALL.iter().copied().collect();
    world.memory.approvals[0].guards = everything;
    let cases: [Case; 6] = [
        ("identity", |world| {
            world.desired.roles[0].members.push(member("typo", 190));
        }),
        ("protected", |world| {
            world.terms.protected.push(Selector::parse("typo").unwrap());
        }),
        ("emails", |world| {
            world.memory.emails = Some(80);
            for user in world.users.values_mut() {
                user.email = None;
            }
        }),
        ("paused", |world| {
            world.memory.paused.insert(RoleId(1), "x".to_owned());
        }),
        ("proof", |world| {
            let unproven = Reading::Unproven(members_of(1..=30), "30 of 31".to_owned());
            world.members.insert(RoleId(1), unproven);
        }),
        ("unreadable", |world| {
            world
                .members
                .insert(RoleId(1), Reading::Unreadable("500".to_owned()));
        }),
    ];
    for (name, change) in cases {
        let plan = world.clone().with(change).plan();
        assert!(writes(&plan, 1).1.is_empty(), "{name}");
        assert_eq!(approvals_used(&plan), BTreeSet::new(), "{name}");
    }
    let moving = world.with(|world| {
        world.desired.roles[1].members.push(member("user2", 290));
        world.memory.paused.insert(RoleId(2), "x".to_owned());
    });
    assert_eq!(writes(&moving.plan(), 1).1, [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}

#[test]
fn a_removal_that_waits_for_a_move_needs_no_approval_and_gets_none() {
    let mut world = held();
    approve(&mut world, 1, Direction::Remove);
    // Person 13 moves to a paused role.
    world.desired.roles[0].members.remove(0);
    world.desired.roles[1].members.push(member("user13", 290));
    world.memory.paused.insert(RoleId(2), "x".to_owned());
    let plan = world.plan();
    assert_eq!(writes(&plan, 1).1, (1..=12).collect::<Vec<_>>());
    let waiting = &plan.role(RoleId(1)).unwrap().remove[12];
    assert_eq!((waiting.user, waiting.approved), (UserId(13), None));
}

#[test]
fn held_additions_are_approved_role_by_role() {
    let mut world = world()
        .role(1, "A", [9])
        .role(2, "B", [9])
        .want("A", [1, 9])
        .want("B", [2, 3, 9]);
    world.terms.limits.additions_per_run = 1;
    assert_eq!(world.plan().totals().add, 0);
    approve(&mut world, 2, Direction::Add);
    // The other one alone is not too many.
    let plan = world.plan();
    assert_eq!((plan.totals().add, approvals_used(&plan).len()), (3, 1));
}

#[test]
fn a_shrunken_file_is_accepted_once_all_that_it_removes_is_approved() {
    let mut world = held();
    let accepted = Accepted {
        digest: "old".to_owned(),
        memberships: 31,
    };
    world.memory.accepted = Some(accepted);
    assert_eq!(world.plan().learnings.accepted, None);
    approve(&mut world, 1, Direction::Remove);
    assert_eq!(world.plan().learnings.accepted, None);
    approve(&mut world, 2, Direction::Remove);
    let plan = world.apply();
    assert_eq!(
        (
            plan.totals().held,
            world.memory.accepted.as_ref().unwrap().memberships
        ),
        (0, 19)
    );
}
