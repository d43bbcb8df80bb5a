//! A1 to A3: saved plans.

use super::*;
use crate::domain::role::saved::{Freshness, SavedPlan, Unusable};

fn staff() -> World {
    world()
        .role(1, "Staff", [1, 2])
        .role(2, "Sales", [1])
        .want("Staff", [1, 3])
        .want("Sales", [1, 2])
}

fn saved(world: &World) -> SavedPlan {
    let text =
        serde_json::to_string(&SavedPlan::new(&world.plan(), &world.desired.digest, world.now)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn fresh(saved: &SavedPlan, world: &World) -> Vec<Freshness> {
    saved.compare(&world.plan()).into_values().collect()
}

#[test]
fn an_untouched_plan_is_good_for_a_day() {
    let world = staff();
    let saved = saved(&world);
    assert_eq!(fresh(&saved, &world), [Freshness::Same, Freshness::Same]);
    let after = |hours| saved.check("77", world.now + SignedDuration::from_hours(hours));
    assert_eq!(after(24), Ok(()));
    assert_eq!(after(25), Err(Unusable::Age(world.now)));
    assert_eq!(after(-1), Err(Unusable::Age(world.now)));
}

#[test]
fn a1_a_role_whose_members_changed_meanwhile_is_stale_and_the_other_is_not() {
    let mut world = staff();
    let saved = saved(&world);
    for members in [vec![1], vec![1, 2, 9], vec![2, 9]] {
        world
            .members
            .insert(RoleId(1), Reading::Proven(members_of(members)));
        let fresh = fresh(&saved, &world);
        assert!(matches!(fresh[0], Freshness::Stale(_)) && fresh[1] == Freshness::Same);
    }
}

#[test]
fn a1_also_where_the_steps_are_the_same() {
    let mut world = staff();
    world.desired.roles[0].membership = Membership::Additive;
    let saved = saved(&world);
    world
        .members
        .insert(RoleId(1), Reading::Proven(members_of([1, 2, 9])));
    assert_eq!(steps(&world.plan(), 1), (vec![3], vec![]));
    assert!(matches!(fresh(&saved, &world)[0], Freshness::Stale(_)));
}

#[test]
fn a1_a_role_whose_guards_changed_meanwhile_is_stale_unless_a_person_released_it() {
    let mut world = staff().with(|world| world.terms.limits.removals_per_role = 0);
    let tight = saved(&world);
    let (people, guards) = world
        .plan()
        .role(RoleId(1))
        .unwrap()
        .approvable(Direction::Remove);
    let (role, direction) = (RoleId(1), Direction::Remove);
    world
        .memory
        .approvals
        .push(crate::domain::role::memory::Approval {
            id: 1,
            role,
            direction,
            guards,
            people,
        });
    assert_eq!(fresh(&tight, &world)[0], Freshness::Same);
    world.memory.approvals.clear();
    world.terms.limits.removals_per_role = 10;
    assert!(matches!(fresh(&tight, &world)[0], Freshness::Stale(_)));
}

#[test]
fn a2_an_edited_plan_or_one_of_another_tenant_or_version_is_not_applied() {
    let world = staff();
    let plan = saved(&world);
    let check = |plan: &SavedPlan| plan.check("77", world.now);
    assert!(matches!(
        plan.check("78", world.now),
        Err(Unusable::Tenant { .. })
    ));
    let mut edited = plan.clone();
    edited.roles[0].steps.pop();
    assert_eq!(check(&edited), Err(Unusable::Edited));
    let mut edited = plan.clone();
    edited.made_at += SignedDuration::from_hours(1);
    assert_eq!(check(&edited), Err(Unusable::Edited));
    let mut other = plan;
    other.version = 2;
    assert_eq!(check(&other), Err(Unusable::Version(2)));
}

#[test]
fn a3_a_renamed_role_is_stale_by_name_and_goes_on_by_number() {
    let mut world = staff();
    let by_name = saved(&world);
    world.roles.insert(RoleId(1), "All Staff".to_owned());
    assert!(matches!(fresh(&by_name, &world)[0], Freshness::Stale(_)));

    let mut world = staff();
    world.desired.roles[0].role = RoleName::Id(RoleId(1));
    let by_id = saved(&world);
    world.roles.insert(RoleId(1), "All Staff".to_owned());
    assert_eq!(
        fresh(&by_id, &world)[0],
        Freshness::Renamed("All Staff".to_owned())
    );
}

#[test]
fn a3_a_deleted_role_is_stale_and_one_made_anew_is_refused() {
    let mut world = staff();
    let saved = saved(&world);
    world.roles.remove(&RoleId(1));
    assert!(matches!(fresh(&saved, &world)[0], Freshness::Stale(_)));
    let world = world.role(9, "Staff", []);
    let fresh = fresh(&saved, &world);
    assert_eq!(fresh, [Freshness::Replaced(RoleId(9)), Freshness::Same]);
    assert!(!fresh[0].can_be_applied());
}
