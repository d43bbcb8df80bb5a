//! What holds of every plan.

use proptest::prelude::*;

use super::*;
use crate::domain::role::plan::Outlook;
use crate::domain::user::UserStatus;

fn role_strategy() -> impl Strategy<Value = (Vec<i64>, Vec<i64>, Vec<i64>, bool, u8)> {
    let people = || prop::collection::btree_set(1..12_i64, 0..8).prop_map(|ids| ids.into_iter().collect());
    (people(), people(), people(), any::<bool>(), 0..8_u8)
}

prop_compose! {
    fn worlds()(
        roles in prop::collection::vec(role_strategy(), 1..5),
        protected in prop::collection::btree_set(1..12_i64, 0..2),
        suspended in prop::collection::btree_set(1..12_i64, 0..3),
        twins in any::<bool>(),
        limits in (0..6_u64, 0..9_u64, 0..9_u64),
        first in any::<bool>(),
    ) -> World {
        let mut world = world();
        for id in suspended {
            world.users.get_mut(&UserId(id)).unwrap().status = UserStatus::Suspended;
        }
        if twins {
            world.users.get_mut(&UserId(1)).unwrap().email = Some("user2@acme.example".to_owned());
        }
        for (index, (members, people, excluded, exact, kind)) in roles.into_iter().enumerate() {
            let name = format!("Role {index}");
            let id = i64::try_from(index).unwrap() + 1;
            world = world.role(id, &name, members.clone()).want_with(
                &name,
                people.iter().map(|id| format!("user{id}@acme.example")),
                |role| {
                    role.allow_empty = true;
                    role.membership = if exact { Membership::Exact } else { Membership::Additive };
                    role.exclude = excluded.iter().take(2).map(|id| listed(&format!("id:{id}"), 150)).collect();
                    if kind == 1 && index > 0 {
                        role.include = vec![index - 1];
                    }
                    if kind == 2 {
                        role.members.push(member("typo@acme.example", 160));
                    }
                    if kind == 3 && let Some(first) = role.members.first_mut() {
                        first.until = Some(day("2026-11-01"));
                    }
                },
            );
            let reading = match kind {
                4 => Some(Reading::Unreadable("500".to_owned())),
                5 => Some(Reading::Unproven(members_of(members), "1 of 2".to_owned())),
                6 => Some(Reading::Proven(Members::default())),
                _ => None,
            };
            if let Some(reading) = reading {
                world.members.insert(RoleId(id), reading);
            }
            if kind == 7 {
                world.memory.paused.insert(RoleId(id), "paused".to_owned());
            }
        }
        world.terms.protected = protected.iter().map(|id| Selector::Id(*id)).collect();
        world.terms.limits.removals_per_role = limits.0;
        world.terms.limits.removals_per_run = limits.1;
        world.terms.limits.additions_per_run = limits.2;
        world.terms.limits.first_removals = if first { FirstRemovals::Hold } else { FirstRemovals::Allow };
        world
    }
}

/// Before and after: who is in each role of OneLogin.
fn memberships(world: &World) -> BTreeMap<RoleId, BTreeSet<UserId>> {
    let seen = |reading: &Reading| {
        reading
            .seen()
            .map(|members| members.ids.clone())
            .unwrap_or_default()
    };
    world
        .members
        .iter()
        .map(|(id, reading)| (*id, seen(reading)))
        .collect()
}

proptest! {
    #[test]
    fn a_state_planned_against_itself_is_empty(world in worlds()) {
        let mut world = world;
        world.memory.paused.clear();
        let names = world.roles.clone();
        world.desired.roles.clear();
        let mut world = world;
        for (id, name) in names {
            let members = world.members[&id].seen().cloned().unwrap_or_default();
            let people: Vec<String> = members.ids.iter().map(|id| format!("id:{id}")).collect();
            world = world.want_with(&name, people, |role| role.allow_empty = true);
        }
        let plan = world.plan();
        prop_assert!(plan.roles.iter().all(|role| role.steps().next().is_none()), "{plan:#?}");
    }

    #[test]
    fn what_was_applied_is_not_planned_again(world in worlds()) {
        let mut world = world;
        let first = world.apply();
        let second = world.apply();
        for role in &second.roles {
            // What a first reading as empty kept back is no news.
            let Some(before) = first.role(role.id).filter(|before| {
                !before.held.iter().any(|hold| hold.guard == Guard::Proof)
            }) else { continue };
            for (direction, step) in role.steps() {
                let was = before.steps().find(|(way, was)| *way == direction && was.user == step.user);
                prop_assert!(was.is_some_and(|(_, was)| was.is_held()), "{direction} {step:?}");
            }
        }
        if first.outlook() == Outlook::Pending {
            prop_assert_eq!(second.outlook(), Outlook::InLine);
        }
    }

    #[test]
    fn the_order_of_the_file_changes_nothing(world in worlds(), by in 0..9_usize) {
        let plan = world.plan();
        let mut turned = world;
        let count = turned.desired.roles.len();
        turned.desired.roles.rotate_left(by % count);
        for role in &mut turned.desired.roles {
            for other in &mut role.include {
                *other = (*other + count - by % count) % count;
            }
            role.members.reverse();
            role.exclude.reverse();
        }
        turned.terms.protected.reverse();
        let again = turned.plan();
        prop_assert_eq!(plan.id(), again.id());
        prop_assert_eq!(plan.totals(), again.totals());
    }

    #[test]
    fn g15_the_same_facts_give_the_same_plan(world in worlds()) {
        prop_assert_eq!(format!("{:?}", world.plan()), format!("{:?}", world.clone().plan()));
    }

    #[test]
    fn no_step_names_a_protected_person_as_removed_or_a_role_that_is_not_in_the_file(world in worlds()) {
        let world = world.role(99, "Unmanaged", [1, 2, 3]);
        let plan = world.plan();
        for role in &plan.roles {
            prop_assert!(world.desired.roles.iter().any(|file| file.role == role.called));
            prop_assert!(role.id != RoleId(99));
            for step in &role.remove {
                prop_assert!(!world.terms.protected.contains(&Selector::Id(step.user.0)));
            }
        }
    }

    #[test]
    fn a_move_never_leaves_anybody_with_neither_role(world in worlds()) {
        let plan = world.plan();
        let before = memberships(&world);
        let mut after = before.clone();
        after.extend(plan.outcome());
        for (user, person) in &world.users {
            // Also where the address is somebody else's as well.
            let selector = Selector::Name(person.email.clone().unwrap());
            let is_wanted = world.desired.roles.iter().any(|role| {
                role.members.iter().any(|member| member.listed.person == selector && member.until.is_none())
                    && !role.exclude.iter().any(|listed| listed.person == Selector::Id(user.0))
            });
            let had = before.values().any(|members| members.contains(user));
            let has = after.values().any(|members| members.contains(user));
            prop_assert!(!(is_wanted && had) || has, "user {user}: {plan:#?}");
        }
    }

    #[test]
    fn the_limits_hold_whatever_comes(world in worlds()) {
        let plan = world.plan();
        let totals = plan.totals();
        prop_assert!(totals.add <= world.terms.limits.additions_per_run);
        prop_assert!(totals.remove <= world.terms.limits.removals_per_run);
        for role in &plan.roles {
            let counted = role.remove.iter().filter(|step| !step.is_held()).count() as u64;
            prop_assert!(counted <= world.terms.limits.removals_per_role);
        }
    }
}
