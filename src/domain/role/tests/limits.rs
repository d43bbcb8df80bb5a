//! G: limits, each met and exceeded.

use super::*;
use crate::domain::role::memory::Entry;
use crate::domain::role::step::Scope;

/// A role of `members` people of whom `removed` are to go.
fn losing(members: i64, removed: i64) -> World {
    world().role(1, "Staff", 1..=members).want_with(
        "Staff",
        (removed + 1..=members).map(|id| format!("user{id}")),
        |role| {
            role.allow_empty = true;
        },
    )
}

#[test]
fn g1_a_limit_trips_when_it_is_exceeded_and_additions_go_on() {
    let trip = |removed| {
        let mut world = losing(30, removed);
        world.desired.roles[0].members.push(member("user40", 190));
        world.plan()
    };
    assert_eq!(writes(&trip(10), 1).1.len(), 10);
    let plan = trip(11);
    assert_eq!(writes(&plan, 1), (vec![40], vec![]));
    let hold = &holds(&plan, 1)[0];
    assert_eq!(
        (hold.guard, hold.measured, hold.limit, hold.scope),
        (Guard::RemovalsPerRole, 11, 10, Scope::Role)
    );
    assert!(hold.text.contains("11") && hold.text.contains("10"));
    assert_eq!(
        (plan.totals().add, plan.totals().remove, plan.totals().held),
        (1, 0, 11)
    );
}

#[test]
fn g1_g2_g3_the_percentage_is_of_proven_members_and_spares_small_roles() {
    let tripped = |members, removed| {
        let mut world = losing(members, removed);
        world.terms.limits.removals_per_role_percent = 20;
        guards(&world.plan(), 1)
    };
    assert_eq!(tripped(10, 2), []);
    assert_eq!(tripped(10, 3), [Guard::RemovalsPerRolePercent]);
    assert_eq!(tripped(5, 5), []);
    assert_eq!(tripped(6, 2), [Guard::RemovalsPerRolePercent]);
    assert_eq!(tripped(0, 0), []);
}

#[test]
fn a_role_may_have_limits_of_its_own() {
    use crate::domain::role::limits::RoleOverride;
    let own = RoleOverride {
        role: RoleName::Name("Staff".to_owned()),
        removals_per_role: Some(20),
        removals_per_role_percent: None,
        small_role: None,
        first_removals: None,
    };
    let plan = losing(30, 15)
        .with(|world| world.terms.overrides.push(own))
        .plan();
    assert_eq!(writes(&plan, 1).1.len(), 15);
}

#[test]
fn too_many_removals_in_a_run_hold_those_of_every_role() {
    let plan = |limit| {
        let mut world = world()
            .role(1, "A", [1, 2, 9])
            .role(2, "B", [3, 4, 9])
            .want("A", [9])
            .want("B", [9]);
        world.terms.limits.removals_per_run = limit;
        world.plan()
    };
    assert_eq!(plan(4).totals().remove, 4);
    let plan = plan(3);
    assert_eq!((plan.totals().remove, plan.totals().held), (0, 4));
    assert_eq!(
        (guards(&plan, 1), guards(&plan, 2)),
        (vec![Guard::RemovalsPerRun], vec![Guard::RemovalsPerRun])
    );
    assert_eq!((holds(&plan, 2)[0].measured, holds(&plan, 2)[0].limit), (4, 3));
}

#[test]
fn g5_removals_of_the_last_day_count() {
    let plan = |before| {
        losing(30, 9)
            .with(|world| world.memory.removals_of_day = before)
            .plan()
    };
    assert_eq!(plan(91).totals().remove, 9);
    let plan = plan(92);
    let hold = &holds(&plan, 1)[0];
    assert_eq!(
        (hold.guard, hold.measured, hold.limit, hold.scope),
        (Guard::RemovalsPerDay, 101, 100, Scope::Day)
    );
    assert_eq!(plan.totals().remove, 0);
}

#[test]
fn too_many_additions_hold_every_addition_of_the_run() {
    let plan = |limit| {
        let mut world = world()
            .role(1, "A", [9])
            .role(2, "B", [9])
            .want("A", [1, 2])
            .want("B", [3, 9]);
        world.terms.limits.additions_per_run = limit;
        world.plan()
    };
    assert_eq!(plan(3).totals().add, 3);
    let plan = plan(2);
    assert_eq!(
        (plan.totals().add, plan.totals().held, plan.totals().remove),
        (0, 3, 1)
    );
    assert_eq!(guards(&plan, 2), [Guard::AdditionsPerRun]);
}

#[test]
fn f16_a_file_that_lost_too_much_is_not_accepted_and_holds_every_removal() {
    let plan = |before| {
        let accepted = Accepted {
            digest: "old".to_owned(),
            memberships: before,
        };
        losing(10, 3)
            .with(|world| world.memory.accepted = Some(accepted))
            .plan()
    };
    let fine = plan(10);
    assert_eq!(
        (fine.totals().remove, fine.learnings.accepted.unwrap().memberships),
        (3, 7)
    );
    let shrunk = plan(11);
    assert_eq!(guards(&shrunk, 1), [Guard::FileShrink]);
    assert_eq!(
        (holds(&shrunk, 1)[0].measured, holds(&shrunk, 1)[0].limit),
        (36, 30)
    );
    assert_eq!((shrunk.totals().remove, shrunk.learnings.accepted), (0, None));
}

#[test]
fn the_first_removals_from_a_role_wait_until_it_was_in_line_once() {
    let mut world = losing(10, 2).with(|world| {
        world.memory.roles.get_mut(&RoleId(1)).unwrap().was_in_line = false;
    });
    let plan = world.apply();
    assert_eq!(
        (guards(&plan, 1), plan.totals().held),
        (vec![Guard::FirstRemovals], 2)
    );
    assert!(!world.memory.roles[&RoleId(1)].was_in_line);

    let mut allowed = world.clone();
    allowed.terms.limits.first_removals = FirstRemovals::Allow;
    assert_eq!(allowed.apply().totals().remove, 2);
    assert!(allowed.memory.roles[&RoleId(1)].was_in_line);

    // By hand, say.
    world
        .members
        .insert(RoleId(1), Reading::Proven(members_of(3..=10)));
    world.apply();
    world
        .members
        .insert(RoleId(1), Reading::Proven(members_of(2..=10)));
    assert_eq!(writes(&world.plan(), 1).1, [2]);
}

#[test]
fn a_last_day_that_came_to_pass_counts_against_no_limit_and_one_that_had_passed_does() {
    let world = |accepted: &str| {
        let mut world = losing(10, 0);
        let until = day("2026-11-20");
        for member in &mut world.desired.roles[0].members[..3] {
            member.until = Some(until);
            let entry = Entry {
                role: RoleId(1),
                person: member.listed.person.clone(),
                until,
            };
            let at = accepted.parse().unwrap();
            world.memory.first_accepted.insert(entry, at);
        }
        world.terms.limits.removals_per_role = 0;
        world.terms.limits.removals_per_run = 0;
        world.terms.limits.removals_per_day = 0;
        world.memory.roles.get_mut(&RoleId(1)).unwrap().was_in_line = false;
        world.memory.accepted = Some(Accepted {
            digest: "old".to_owned(),
            memberships: 10,
        });
        world.terms.limits.file_shrink_percent = 10;
        world
    };
    // Berlin's 20 November ends at 23:00 UTC.
    let mut fine = world("2026-11-20T22:59:59Z");
    assert_eq!(writes(&fine.apply(), 1).1, [1, 2, 3]);
    assert_eq!(fine.apply().outlook(), crate::domain::role::plan::Outlook::InLine);

    let late = world("2026-11-20T23:00:00Z").plan();
    assert_eq!(late.totals().remove, 0);
    assert_eq!(
        guards(&late, 1),
        [
            Guard::RemovalsPerRole,
            Guard::RemovalsPerRun,
            Guard::RemovalsPerDay,
            Guard::FileShrink,
            Guard::FirstRemovals
        ]
    );
    let mut never = world("2026-11-20T22:59:59Z");
    never.memory.first_accepted.clear();
    assert_eq!(never.plan().totals().remove, 0);
}

#[test]
fn a_paused_role_is_planned_and_not_written() {
    let mut world = losing(10, 2);
    world.desired.roles[0].members.push(member("user40", 190));
    world.memory.paused.insert(RoleId(1), "TICKET-1".to_owned());
    let plan = world.plan();
    assert_eq!(
        (steps(&plan, 1), writes(&plan, 1)),
        ((vec![40], vec![1, 2]), NOTHING)
    );
    assert_eq!(guards(&plan, 1), [Guard::Paused, Guard::Paused]);
    assert!(holds(&plan, 1)[0].text.contains("TICKET-1"));
}

#[test]
fn the_calls_of_a_plan_are_batches_of_50_and_a_reading_after_each_kind() {
    let mut world = losing(30, 5).with(|world| world.terms.limits.removals_per_role = 100);
    for id in 1001..=1101 {
        world.users.insert(UserId(id), User::new(id));
        world.desired.roles[0]
            .members
            .push(member(&format!("id:{id}"), 190));
    }
    let calls = world.plan().calls(100);
    // 101 additions, 5 removals; 131 members, then 126.
    assert_eq!((calls.writes, calls.reads), (3 + 1, 2 + 2));
}
