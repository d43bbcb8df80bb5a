//! F: what the file wants.

use super::*;
use crate::domain::role::step::Fate;
use crate::domain::rule::Field;

fn department(value: &str) -> BTreeMap<Field, Vec<String>> {
    BTreeMap::from([(Field::Department, vec![value.to_owned()])])
}

fn temporary(text: &str, from: Option<&str>, until: Option<&str>) -> Member {
    Member {
        from: from.map(day),
        until: until.map(day),
        ..member(text, 190)
    }
}

#[test]
fn f5_an_empty_result_is_an_error_of_that_role_unless_it_is_meant() {
    let world = world().role(1, "Guests", [1]);
    let plan = world.clone().want("Guests", []).plan();
    assert_eq!(steps(&plan, 1), NOTHING);
    assert!(plan.problems[0].text.contains("allow_empty = true"));
    let plan = world
        .want_with("Guests", Vec::<String>::new(), |role| role.allow_empty = true)
        .plan();
    assert_eq!((writes(&plan, 1).1, plan.problems.len()), (vec![1], 0));
}

#[test]
fn f7_an_include_means_the_desired_people_of_the_other_role_after_exclude_and_until() {
    let plan = world()
        .role(1, "Everybody", [])
        .role(2, "Sales", [])
        .want_with("Everybody", ["user9"], |role| role.include = vec![1])
        .want_with("Sales", ["user1", "user2", "user3"], |role| {
            role.exclude = vec![listed("user2", 250)];
            role.members[2].until = Some(day("2026-11-22"));
        })
        .plan();
    assert_eq!(writes(&plan, 1).0, [1, 9]);
    assert_eq!(
        causes(&plan.role(RoleId(1)).unwrap().add),
        [Cause::Included("Sales".to_owned()), Cause::Listed]
    );
}

#[test]
fn f7_what_is_uncertain_in_an_included_role_withholds_the_removals_of_the_includer() {
    let world = world()
        .role(1, "Everybody", [1, 3])
        .role(2, "Sales", [1])
        .want_with("Everybody", Vec::<String>::new(), |role| role.include = vec![1]);
    let plan = world.clone().want_with("Sales", ["user1", "typo"], |_| {}).plan();
    assert_eq!(
        (guards(&plan, 1), writes(&plan, 1)),
        (vec![Guard::Identity], NOTHING)
    );
    // The actual state of the included role does not matter.
    let plan = world
        .want("Sales", [1])
        .with(|world| {
            world
                .members
                .insert(RoleId(2), Reading::Unreadable("403".to_owned()));
        })
        .plan();
    assert_eq!(writes(&plan, 1).1, [3]);
}

#[test]
fn f7_a_circle_plans_no_removal_and_does_not_hang() {
    let plan = world()
        .role(1, "A", [1])
        .role(2, "B", [2])
        .want_with("A", ["user1"], |role| role.include = vec![1])
        .want_with("B", ["user2"], |role| role.include = vec![0])
        .plan();
    assert_eq!(plan.totals().remove, 0);
}

#[test]
fn f8_exclude_wins_in_its_role_and_listing_wins_over_an_exclusion_elsewhere() {
    // Top includes Left, which excludes 1, and Right, which lists 1 and 2; 3 is excluded at the top.
    let plan = world()
        .role(1, "Top", [])
        .role(2, "Left", [])
        .role(3, "Right", [])
        .want_with("Top", ["user3", "user2"], |role| {
            role.include = vec![1, 2];
            role.exclude = vec![listed("user3", 150)];
        })
        .want_with("Left", ["user1", "user4"], |role| {
            role.exclude = vec![listed("user1", 250)];
        })
        .want("Right", [1, 2])
        .plan();
    assert_eq!(writes(&plan, 1).0, [1, 2, 4]);
    let top = plan.role(RoleId(1)).unwrap();
    assert_eq!(top.add[0].cause, Cause::Included("Right".to_owned()));
    // Listed stands before included.
    assert_eq!(top.add[1].cause, Cause::Listed);
    assert_eq!(writes(&plan, 2).0, [4]);
}

#[test]
fn f9_a_rule_that_fits_nobody_any_more_holds_the_removals_of_its_role_for_as_long() {
    let mut world = world()
        .role(1, "Engineers", [1, 2])
        .with(|world| {
            for id in [1, 2] {
                world.users.get_mut(&UserId(id)).unwrap().department = Some("ENG".to_owned());
            }
        })
        .want_with("Engineers", ["user3"], |role| {
            role.matching = Some(department("eng"));
        });
    let plan = world.apply();
    assert_eq!(steps(&plan, 1), (vec![3], vec![]));
    assert_eq!(plan.learnings.roles[&RoleId(1)].rule_matches, Some(2));
    for id in [1, 2] {
        world.users.get_mut(&UserId(id)).unwrap().department = None;
    }
    for _run in 0..3 {
        let plan = world.apply();
        assert_eq!(
            (guards(&plan, 1), writes(&plan, 1)),
            (vec![Guard::RuleDrop], NOTHING)
        );
    }
    // One who still fits is no outage.
    world.users.get_mut(&UserId(1)).unwrap().department = Some("Eng".to_owned());
    assert_eq!(writes(&world.plan(), 1).1, [2]);
}

#[test]
fn f9_a_field_that_is_not_known_of_everybody_adds_and_removes_nobody() {
    let world = world()
        .role(1, "Engineers", [1, 2])
        .with(|world| {
            world.users.get_mut(&UserId(4)).unwrap().department = Some("Eng".to_owned());
            world.unknown_fields = ["department".to_owned()].into();
            world.memory.roles.get_mut(&RoleId(1)).unwrap().rule_matches = Some(5);
        })
        .want_with("Engineers", ["user3"], |role| {
            role.matching = Some(department("eng"));
        });
    let plan = world.plan();
    assert_eq!(steps(&plan, 1), (vec![3, 4], vec![1, 2]));
    assert_eq!(writes(&plan, 1), (vec![3], vec![]));
    assert_eq!(guards(&plan, 1), [Guard::Proof, Guard::Proof]);
    assert_eq!(plan.learnings.roles[&RoleId(1)].rule_matches, Some(5));
}

#[test]
fn f11_the_first_and_the_last_day_are_both_in_force_on_the_clock_of_the_zone() {
    let world = world()
        .role(1, "Staff", [1, 9])
        .role(2, "Other", [9])
        .want("Other", [9]);
    let causes_at = |now: &str, from, until| {
        let mut world = world.clone().want("Staff", [9]);
        world.desired.roles[1]
            .members
            .push(temporary("user1", from, until));
        world.now = now.parse().unwrap();
        causes(&world.plan().role(RoleId(1)).unwrap().remove)
    };
    // Berlin is an hour ahead of UTC in winter.
    let until = Some("2026-12-31");
    assert_eq!(causes_at("2026-12-31T22:59:59Z", None, until), []);
    assert_eq!(
        causes_at("2026-12-31T23:00:00Z", None, until),
        [Cause::UntilPassed]
    );
    let from = Some("2027-01-01");
    assert_eq!(causes_at("2026-12-31T22:59:59Z", from, None), [Cause::NotYet]);
    assert_eq!(causes_at("2026-12-31T23:00:00Z", from, None), []);
}

#[test]
fn somebody_whose_temporary_place_is_over_stays_where_something_else_wants_them() {
    let plan = world()
        .role(1, "Staff", [1])
        .want_with("Staff", ["user1@acme.example"], |role| {
            role.members.push(temporary("user1", None, Some("2026-11-01")));
        })
        .plan();
    assert_eq!(steps(&plan, 1), NOTHING);
}

#[test]
fn g12_g13_an_additive_role_keeps_strangers_and_sends_away_only_whom_the_file_sends_away() {
    let world = world()
        .role(1, "Staff", [1, 2, 3, 4])
        .want_with("Staff", ["user1"], |role| {
            role.membership = Membership::Additive;
            role.exclude = vec![listed("user2", 150)];
            role.members.push(temporary("user3", None, Some("2026-11-01")));
        });
    let plan = world.plan();
    let role = plan.role(RoleId(1)).unwrap();
    assert_eq!(causes(&role.remove), [Cause::Excluded, Cause::UntilPassed]);
    assert_eq!(
        (role.drift[2].user, role.drift[2].fate),
        (UserId(4), Fate::Additive)
    );
    assert!(!plan.learnings.clone().after(&plan.outcome()).roles.is_empty());

    // Made exact, a role that had strangers shows all of them and waits for a person.
    let mut world = world.with(|world| world.memory.roles.get_mut(&RoleId(1)).unwrap().was_in_line = false);
    world.terms.limits.first_removals = FirstRemovals::Allow;
    world.apply();
    world.terms.limits.first_removals = FirstRemovals::Hold;
    world.desired.roles[0].membership = Membership::Exact;
    let plan = world.plan();
    assert_eq!(
        (steps(&plan, 1).1, guards(&plan, 1)),
        (vec![4], vec![Guard::FirstRemovals])
    );
}
