//! Memberships that are changed back.

use super::*;

const HOUR: i64 = 3600;

/// Person 3 is in Staff and should not be; person 4 should be and is not. Our changes: direction
/// and hours ago.
fn after(user: i64, changes: &[(Direction, i64)]) -> World {
    world()
        .role(1, "Staff", [1, 3])
        .want("Staff", [1, 4])
        .with(|world| {
            let change = |(direction, hours): &(Direction, i64)| PastChange {
                direction: *direction,
                at: world.now - SignedDuration::from_secs(hours * HOUR),
            };
            let changes = changes.iter().map(change).collect();
            world.memory.changes.insert((RoleId(1), UserId(user)), changes);
            world.mappings.push(Mapping {
                id: 5,
                name: "Everybody in Sales".to_owned(),
                roles: [RoleId(1)].into(),
            });
            world.mappings.push(Mapping {
                id: 6,
                name: "Other".to_owned(),
                roles: [RoleId(2)].into(),
            });
        })
}

use Direction::{Add, Remove};

#[test]
fn somebody_who_came_back_once_is_removed_again() {
    let plan = after(3, &[(Remove, 5)]).plan();
    assert_eq!((writes(&plan, 1).1, plan.contested.len()), (vec![3], 0));
}

#[test]
fn c4_two_returns_within_a_week_are_contested_and_the_mapping_is_named() {
    let plan = after(3, &[(Remove, 50), (Remove, 5)]).plan();
    assert_eq!((steps(&plan, 1).1, writes(&plan, 1).1), (vec![3], vec![]));
    assert_eq!(guards(&plan, 1), [Guard::Contested]);
    assert_eq!(plan.contested[0].mappings, ["Everybody in Sales"]);
    // Person 4 is nobody's business.
    assert_eq!(writes(&plan, 1).0, [4]);
}

#[test]
fn returns_older_than_a_week_and_our_own_changes_back_do_not_count() {
    let plan = after(3, &[(Remove, 7 * 24 + 1), (Remove, 5)]).plan();
    assert_eq!(writes(&plan, 1).1, [3]);
    let plan = after(3, &[(Remove, 50), (Add, 40), (Remove, 30), (Add, 5)]).plan();
    assert_eq!(writes(&plan, 1).1, [3]);
}

#[test]
fn two_disappearances_after_an_addition_are_contested() {
    let plan = after(4, &[(Add, 50), (Add, 5)]).plan();
    assert_eq!(
        (writes(&plan, 1), plan.contested[0].direction),
        ((vec![], vec![3]), Add)
    );
}

#[test]
fn whom_a_person_puts_back_is_removed_daily_at_most_and_the_person_is_named() {
    let by = |hours| {
        let mut world = after(3, &[(Remove, 50), (Remove, hours)]);
        let mut members = members_of([1, 3]);
        let origin = Origin {
            added_by: Some("Kim Admin".to_owned()),
            added_at: None,
        };
        members.origins.insert(UserId(3), origin);
        world.members.insert(RoleId(1), Reading::Proven(members));
        world.plan()
    };
    let plan = by(24);
    assert_eq!((writes(&plan, 1).1, plan.contested.len()), (vec![3], 0));
    assert!(notes(&plan, Topic::PutBack)[0].starts_with("Kim Admin keeps putting user 3 back"));
    let plan = by(23);
    assert_eq!(
        (writes(&plan, 1).1, guards(&plan, 1)),
        (vec![], vec![Guard::Contested])
    );
}
