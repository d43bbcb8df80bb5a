//! I: whom the file means.

use super::*;
use crate::domain::role::plan::RefusalKind;
use crate::domain::user::{UserState, UserStatus};

pub(super) fn staff() -> World {
    world()
        .role(1, "Staff", [1, 2, 3])
        .want("Staff", [1, 2])
        .role(2, "Sales", [1, 5])
        .want("Sales", [1])
}

pub(super) fn user(world: &mut World, id: i64) -> &mut User {
    world.users.get_mut(&UserId(id)).unwrap()
}

pub(super) fn knows(world: &mut World, text: &str, id: i64) {
    let selector = Selector::parse(text).unwrap();
    world.memory.identities.insert(selector, UserId(id));
}

#[test]
fn i1_i3_one_person_however_the_address_is_written() {
    let plan = world()
        .with(|world| user(world, 1).email = Some("J\u{dc}rgen@M\u{fc}nchen.example".to_owned()))
        .role(1, "Staff", [1])
        .want_with("Staff", ["ju\u{308}rgen@xn--mnchen-3ya.example"], |_| {})
        .plan();
    assert_eq!(steps(&plan, 1), NOTHING);
}

#[test]
fn i3_two_people_whose_addresses_become_one_are_ambiguous() {
    let plan = world()
        .with(|world| {
            user(world, 1).email = Some("j\u{fc}rgen@acme.example".to_owned());
            user(world, 2).email = Some("ju\u{308}rgen@acme.example".to_owned());
        })
        .role(1, "Staff", [2, 3])
        .want_with("Staff", ["J\u{dc}RGEN@acme.example", "user4"], |_| {})
        .plan();
    assert_eq!(writes(&plan, 1), (vec![4], vec![3]));
    assert!(notes(&plan, Topic::Ambiguous)[0].contains("id:1, id:2"));
}

#[test]
fn i5_i6_an_address_of_two_people_neither_adds_nor_removes_them_until_the_file_says_which() {
    let world = staff().with(|world| {
        user(world, 2).email = Some("user1@acme.example".to_owned());
        user(world, 2).status = UserStatus::Suspended;
    });
    let world = World {
        desired: DesiredState {
            roles: Vec::new(),
            ..world.desired.clone()
        },
        ..world
    };
    let unclear = world
        .clone()
        .want_with("Staff", ["user1@acme.example", "user4"], |_| {});
    let plan = unclear.plan();
    assert_eq!(steps(&plan, 1), (vec![4], vec![3]));
    assert!(notes(&plan, Topic::Ambiguous)[0].contains("id:1, id:2"));

    let plan = world.want_with("Staff", ["id:1", "user4"], |_| {}).plan();
    assert_eq!(steps(&plan, 1), (vec![4], vec![2, 3]));
}

#[test]
fn i5_an_exclusion_that_may_mean_two_people_adds_neither() {
    let plan = world()
        .with(|world| user(world, 2).email = Some("user1@acme.example".to_owned()))
        .role(1, "Staff", [1, 3])
        .want_with("Staff", ["id:1", "id:2", "id:3"], |role| {
            role.exclude.push(listed("user1@acme.example", 110));
        })
        .plan();
    assert_eq!(steps(&plan, 1), NOTHING);
}

#[test]
fn i7_a_renamed_person_keeps_the_place_and_a_patch_is_proposed() {
    let mut world = staff();
    assert_eq!(steps(&world.apply(), 1).1, [3]);
    user(&mut world, 2).email = Some("bo.berg@acme.example".to_owned());
    let plan = world.plan();
    assert_eq!(steps(&plan, 1), NOTHING);
    assert_eq!(
        notes(&plan, Topic::Renamed),
        [
            "user2@acme.example is called \"bo.berg@acme.example\" now: write \"bo.berg@acme.example\" for \
          \"user2@acme.example\""
        ]
    );
    // Also on the way in, and without a ledger the role's removals wait.
    world.members.insert(RoleId(1), Reading::Proven(members_of([1])));
    assert_eq!(writes(&world.plan(), 1).0, [2]);
    world.memory.identities.clear();
    world
        .members
        .insert(RoleId(1), Reading::Proven(members_of([1, 2])));
    let plan = world.plan();
    assert_eq!(writes(&plan, 1), NOTHING);
    assert_eq!(guards(&plan, 1), [Guard::Identity]);
}

#[test]
fn i8_a_recycled_address_gives_nothing_to_the_new_person_until_the_file_says_so() {
    let world = staff().with(|world| {
        knows(world, "user2@acme.example", 22);
        world.members.insert(RoleId(1), Reading::Proven(members_of([1])));
    });
    let plan = world.plan();
    assert_eq!(steps(&plan, 1), NOTHING);
    assert!(notes(&plan, Topic::Recycled)[0].contains("write \"id:2\""));
    assert!(
        !plan
            .learnings
            .identities
            .contains_key(&Selector::Name("user2@acme.example".to_owned()))
    );

    let told = world.with(|world| world.desired.roles[0].members[1] = member("id:2", 102));
    assert_eq!(writes(&told.plan(), 1).0, [2]);
}

#[test]
fn a_person_who_is_gone_holds_nothing_and_one_who_is_merely_missing_does() {
    let world = staff().with(|world| {
        knows(world, "user2@acme.example", 2);
        world.users.remove(&UserId(2));
        world
            .members
            .insert(RoleId(1), Reading::Proven(members_of([1, 3])));
    });
    let asked =
        crate::domain::role::decide::to_ask(&world.desired, &world.terms, &world.users, &world.memory);
    assert_eq!(asked, BTreeSet::from([UserId(2)]));
    let plan = world.plan();
    assert_eq!(writes(&plan, 1), NOTHING);
    assert_eq!(
        (guards(&plan, 1), notes(&plan, Topic::Unproven).len()),
        (vec![Guard::Identity], 1)
    );

    let plan = world.with(|world| world.gone = asked).plan();
    assert_eq!(writes(&plan, 1).1, [3]);
    assert_eq!(notes(&plan, Topic::Gone).len(), 1);
}

#[test]
fn i9_somebody_never_seen_holds_the_removals_of_that_role_or_what_the_setting_says() {
    let typo = |setting| {
        let mut world = staff();
        world.terms.unknown_user = setting;
        world.desired.roles[0]
            .members
            .push(member("usr3@acme.example", 103));
        world.plan()
    };
    let plan = typo(UnknownUser::HoldRemovals);
    assert_eq!(
        (writes(&plan, 1), guards(&plan, 1)),
        (NOTHING, vec![Guard::Identity])
    );
    assert_eq!(writes(&plan, 2).1, [5]);
    assert!(holds(&plan, 1)[0].text.contains("line 103"));

    let plan = typo(UnknownUser::Ignore);
    assert_eq!(writes(&plan, 1).1, [3]);
    assert_eq!(notes(&plan, Topic::Unknown).len(), 1);

    let refusal = typo(UnknownUser::Error).refusal.unwrap();
    assert_eq!(refusal.kind, RefusalKind::UnknownUser);
    assert!(refusal.text.contains("line 103: usr3@acme.example"));
}

#[test]
fn somebody_who_is_to_come_later_may_still_be_unknown() {
    let plan = staff()
        .with(|world| {
            let from = Some(day("2027-01-01"));
            let later = Member {
                from,
                ..member("new@acme.example", 103)
            };
            world.desired.roles[0].members.push(later);
        })
        .plan();
    assert_eq!(writes(&plan, 1).1, [3]);
}

#[test]
fn i10_kinds_of_selectors_are_never_guessed() {
    let world = world()
        .with(|world| {
            user(world, 1).username = Some("7".to_owned());
            user(world, 2).external_id = Some("7".to_owned());
        })
        .role(1, "Staff", []);
    for (selector, expected) in [("7", 1), ("external:7", 2), ("id:7", 7)] {
        let plan = world.clone().want_with("Staff", [selector], |_| {}).plan();
        assert_eq!(writes(&plan, 1).0, [expected], "{selector}");
    }
    // One person's email is another one's username.
    let world = world.with(|world| user(world, 3).username = Some("user4@acme.example".to_owned()));
    let plan = world.want_with("Staff", ["user4@acme.example"], |_| {}).plan();
    assert_eq!(
        (steps(&plan, 1), notes(&plan, Topic::Ambiguous).len()),
        (NOTHING, 1)
    );
}

#[test]
fn i12_nobody_out_of_standing_is_added_and_standing_alone_removes_nobody() {
    let standings = [
        (UserStatus::Unactivated, UserState::Approved, false),
        (UserStatus::Active, UserState::Approved, true),
        (UserStatus::Suspended, UserState::Approved, false),
        (UserStatus::Locked, UserState::Approved, true),
        (UserStatus::PasswordExpired, UserState::Approved, true),
        (UserStatus::AwaitingReset, UserState::Approved, true),
        (UserStatus::PasswordPending, UserState::Approved, false),
        (UserStatus::SecurityQuestionsRequired, UserState::Approved, true),
        (UserStatus::Other(99), UserState::Approved, false),
        (UserStatus::Active, UserState::Unlicensed, false),
    ];
    for (status, state, is_added) in standings {
        let world = world()
            .with(|world| {
                for id in [1, 2] {
                    user(world, id).status = status;
                    user(world, id).state = state;
                }
            })
            .role(1, "Staff", [1])
            .want("Staff", [1, 2]);
        let plan = world.plan();
        let expected = if is_added { vec![2] } else { vec![] };
        assert_eq!(steps(&plan, 1), (expected, vec![]), "{status}, {state}");
        assert_eq!(notes(&plan, Topic::Standing).is_empty(), is_added);

        let plan = world
            .with(|world| world.terms.suspended_members = SuspendedMembers::Remove)
            .plan();
        let goes = status == UserStatus::Suspended;
        assert_eq!(
            writes(&plan, 1).1,
            if goes { vec![1] } else { vec![] },
            "{status}"
        );
        if goes {
            assert_eq!(causes(&plan.role(RoleId(1)).unwrap().remove), [Cause::Inactive]);
        }
    }
}

#[test]
fn i14_a_role_is_meant_by_its_exact_name_and_never_by_one_of_two() {
    let world = world().role(1, "Admins", [1]).role(2, "admins", [2]);
    let plan = world.clone().want("admins", [2]).plan();
    assert_eq!(plan.roles[0].id, RoleId(2));
    let plan = world.clone().want("ADMINS", [2]).plan();
    assert!(plan.roles.is_empty() && plan.problems[0].text.contains("written in another way"));

    let twins = world.role(3, "Admins", [3]);
    let plan = twins.clone().want("Admins", [1]).plan();
    assert!(plan.roles.is_empty());
    assert!(plan.problems[0].text.contains("id = 1, id = 3"));

    let plan = twins
        .want("admins", [2])
        .want_with("", ["user2"], |role| role.role = RoleName::Id(RoleId(2)))
        .plan();
    assert!(plan.roles.is_empty());
    assert_eq!(plan.problems.len(), 2);
}
