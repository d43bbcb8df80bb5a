//! Moves: nobody is left with neither role.

use super::*;

/// Person 1 moves from A to B; person 2 just leaves A.
fn moving() -> World {
    world()
        .role(1, "A", [1, 2, 9])
        .role(2, "B", [9])
        .want("A", [9])
        .want("B", [1, 9])
}

#[test]
fn a14_both_sides_of_a_move_are_planned() {
    let plan = moving().plan();
    assert_eq!(
        (writes(&plan, 1), writes(&plan, 2)),
        ((vec![], vec![1, 2]), (vec![1], vec![]))
    );
}

#[test]
fn an_addition_that_is_held_or_impossible_withholds_the_removal_and_no_other() {
    let cases: [Case; 7] = [
        ("held", |world| world.terms.limits.additions_per_run = 0),
        ("paused", |world| {
            world.memory.paused.insert(RoleId(2), "x".to_owned());
        }),
        ("unreadable", |world| {
            world
                .members
                .insert(RoleId(2), Reading::Unreadable("403".to_owned()));
        }),
        ("deleted", |world| {
            world.roles.remove(&RoleId(2));
        }),
        ("became empty", |world| {
            world
                .members
                .insert(RoleId(2), Reading::Proven(Members::default()));
        }),
        ("out of standing", |world| {
            world.users.get_mut(&UserId(1)).unwrap().status = crate::domain::user::UserStatus::Unactivated;
        }),
        ("ambiguous", |world| {
            world.users.get_mut(&UserId(3)).unwrap().email = Some("user1@acme.example".to_owned());
        }),
    ];
    for (name, change) in cases {
        let plan = moving().with(change).plan();
        let role = plan.role(RoleId(1)).unwrap();
        assert_eq!(going(&role.remove), [2], "{name}");
        assert_eq!(guards(&plan, 1), [Guard::Move], "{name}");
        assert_eq!(holds(&plan, 1)[0].measured, 1, "{name}");
    }
}

#[test]
fn somebody_who_is_in_the_other_role_already_may_leave_this_one() {
    let mut world = moving().with(|world| world.terms.limits.additions_per_run = 0);
    let unproven = Reading::Unproven(members_of([1, 9]), "2 of 3".to_owned());
    world.members.insert(RoleId(2), unproven);
    assert_eq!(writes(&world.plan(), 1).1, [1, 2]);
}

#[test]
fn removals_that_wait_for_a_move_count_against_the_limits() {
    let mut world = moving();
    world.memory.paused.insert(RoleId(2), "x".to_owned());
    world.terms.limits.removals_per_role = 1;
    assert!(writes(&world.plan(), 1).1.is_empty());
}

#[test]
fn a_suspended_member_who_is_to_go_is_not_being_moved() {
    let mut world = world()
        .role(1, "A", [1, 9])
        .role(2, "B", [9])
        .want("A", [1, 9])
        .want("B", [1, 9]);
    world.users.get_mut(&UserId(1)).unwrap().status = crate::domain::user::UserStatus::Suspended;
    world.terms.suspended_members = SuspendedMembers::Remove;
    assert_eq!(writes(&world.plan(), 1).1, [1]);
}
