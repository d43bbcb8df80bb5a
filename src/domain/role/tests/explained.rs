//! Explanations.

use super::*;
use crate::domain::role::explain::{Explanation, Ground, explain};

fn explained(world: &World, user: i64, role: i64) -> Explanation {
    let plan = world.plan();
    let whom = (UserId(user), RoleId(role));
    explain(
        &world.desired,
        &world.facts(),
        &world.terms,
        &world.memory,
        world.now,
        &plan,
        whom,
    )
}

fn company() -> World {
    world()
        .role(1, "Everybody", [1, 3])
        .role(2, "Sales", [1])
        .want_with("Everybody", ["user9"], |role| {
            role.include = vec![1];
            role.exclude = vec![listed("user2", 150)];
        })
        .want_with("Sales", ["user1", "user2"], |role| {
            role.members[0].until = Some(day("2026-12-31"));
            role.members[0].reason = Some("TICKET-12".to_owned());
        })
}

#[test]
fn an_included_person_is_explained_down_to_the_line_that_lists_them() {
    let told = explained(&company(), 1, 1);
    assert_eq!(
        (told.is_member, told.is_wanted, told.step),
        (Some(true), true, None)
    );
    let [
        Ground::Included {
            role,
            line,
            is_wanted: true,
            grounds,
        },
    ] = &told.grounds[..]
    else {
        panic!("{:?}", told.grounds);
    };
    assert_eq!((role.as_str(), *line), ("Sales", 200));
    let [
        Ground::Listed {
            line,
            until,
            reason,
            in_force,
            ..
        },
    ] = &grounds[..]
    else {
        panic!("{grounds:?}");
    };
    assert_eq!((*line, *until, *in_force), (201, Some(day("2026-12-31")), true));
    assert_eq!(reason.as_deref(), Some("TICKET-12"));
}

#[test]
fn an_exclusion_stands_before_what_it_wins_over() {
    let told = explained(&company(), 2, 1);
    assert!(!told.is_wanted);
    assert!(matches!(&told.grounds[0], Ground::Excluded { line: 150, .. }));
    assert!(matches!(
        &told.grounds[1],
        Ground::Included { is_wanted: true, .. }
    ));
}

#[test]
fn a_planned_step_is_told_with_the_guards_that_keep_it_back() {
    let told = explained(
        &company().with(|world| world.terms.limits.removals_per_role = 0),
        3,
        1,
    );
    let (direction, step) = told.step.unwrap();
    assert_eq!((direction, step.cause), (Direction::Remove, Cause::GoneFromFile));
    assert_eq!(
        told.held.iter().map(|hold| hold.guard).collect::<Vec<_>>(),
        [Guard::RemovalsPerRole]
    );
    assert_eq!(explained(&company(), 1, 2).held, []);
}

#[test]
fn a_role_that_the_file_does_not_name_has_no_grounds_and_an_unread_one_no_members() {
    let world = company().role(3, "Finance", []);
    let told = explained(&world, 1, 3);
    assert_eq!(
        (told.line, told.is_member, told.grounds.len()),
        (None, Some(false), 0)
    );
    let told = explained(&world.with(|world| drop(world.members.remove(&RoleId(1)))), 1, 1);
    assert_eq!(told.is_member, None);
}

#[test]
fn an_entry_that_may_mean_somebody_else_is_told_as_such() {
    let mut world = company();
    world.users.get_mut(&UserId(5)).unwrap().email = Some("user1".to_owned());
    assert!(matches!(
        &explained(&world, 5, 2).grounds[..],
        [Ground::Uncertain { line: 201, .. }]
    ));
}
