//! R: what a read is worth.

use super::*;
use crate::domain::role::plan::{Outlook, RefusalKind};

fn staff() -> World {
    world()
        .role(1, "Staff", [1, 2, 3])
        .role(2, "Sales", [1, 2])
        .want("Staff", [1, 2, 4])
        .want("Sales", [1])
}

fn read(world: &mut World, role: i64, reading: Reading) {
    world.members.insert(RoleId(role), reading);
}

#[test]
fn a_proven_role_gets_its_additions_and_removals() {
    let plan = staff().plan();
    assert_eq!(writes(&plan, 1), (vec![4], vec![3]));
    assert_eq!(writes(&plan, 2), (vec![], vec![2]));
    assert_eq!(plan.outlook(), Outlook::Pending);
}

#[test]
fn r1_an_unreadable_role_gets_nothing_and_no_claim_while_others_go_on() {
    let world = staff().with(|world| read(world, 1, Reading::Unreadable("HTTP 500 on page 2".to_owned())));
    let plan = world.plan();
    assert_eq!(steps(&plan, 1), NOTHING);
    assert_eq!(plan.role(RoleId(1)).unwrap().drift, vec![]);
    assert_eq!(plan.problems.len(), 1);
    assert_eq!(plan.problems[0].line, 100);
    assert!(plan.problems[0].text.contains("HTTP 500 on page 2"));
    assert!(!plan.learnings.roles.contains_key(&RoleId(1)));
    // Person 2 is wanted in the unreadable role, and may be in neither after this removal.
    assert_eq!(guards(&plan, 2), [Guard::Move]);
    let plan = world.want_without(2).plan();
    assert_eq!(writes(&plan, 2), (vec![], vec![2]));
    assert_eq!(plan.outlook(), Outlook::Troubled);
}

impl World {
    /// The first `[[role]]` without this person.
    fn want_without(mut self, id: i64) -> Self {
        let selector = Selector::Name(format!("user{id}@acme.example"));
        let members = &mut self.desired.roles[0].members;
        members.retain(|member| member.listed.person != selector);
        self
    }
}

#[test]
fn r3_an_incomplete_list_gets_additions_and_withholds_removals_with_both_numbers() {
    let why = "98 of 100 members".to_owned();
    let plan = staff()
        .with(|world| read(world, 1, Reading::Unproven(members_of([1, 2, 3]), why)))
        .plan();
    assert_eq!(writes(&plan, 1), (vec![4], vec![]));
    assert_eq!(guards(&plan, 1), [Guard::Proof]);
    assert!(holds(&plan, 1)[0].text.contains("98 of 100"));
    assert!(plan.problems[0].text.contains("98 of 100"));
}

#[test]
fn r10_a_role_that_became_empty_gets_no_writes_until_it_is_proven_empty_twice() {
    let mut world = staff().with(|world| read(world, 1, Reading::Proven(Members::default())));
    let plan = world.apply();
    assert_eq!(steps(&plan, 1).0, [1, 2, 4]);
    assert_eq!(writes(&plan, 1), NOTHING);
    let hold = &holds(&plan, 1)[0];
    assert_eq!((hold.guard, hold.measured, hold.limit), (Guard::Proof, 0, 3));
    assert!(hold.text.contains("role became empty since last run"));
    // Person 2 is to be added there and removed here.
    assert_eq!(guards(&plan, 2), [Guard::Move]);

    let plan = world.apply();
    assert_eq!(writes(&plan, 1).0, [1, 2, 4]);
    assert_eq!(writes(&plan, 2).1, [2]);
}

#[test]
fn r10_an_emptiness_without_a_count_is_never_believed() {
    let unproven = || Reading::Unproven(Members::default(), "no Total-Count".to_owned());
    let mut world = staff().with(|world| read(world, 1, unproven()));
    for _run in 0..3 {
        assert_eq!(writes(&world.apply(), 1), NOTHING);
    }
    // Proven, then not, then proven again is not twice in a row.
    for reading in [
        Reading::Proven(Members::default()),
        unproven(),
        Reading::Proven(Members::default()),
    ] {
        read(&mut world, 1, reading);
        assert_eq!(writes(&world.apply(), 1), NOTHING);
    }
    assert_eq!(writes(&world.apply(), 1).0, [1, 2, 4]);
}

#[test]
fn r10_a_role_that_we_emptied_ourselves_is_empty() {
    let mut world = world()
        .role(1, "Guests", [1])
        .role(2, "Staff", [2])
        .want_with("Guests", Vec::<String>::new(), |role| role.allow_empty = true)
        .want("Staff", [2]);
    assert_eq!(writes(&world.apply(), 1).1, [1]);
    world.desired.roles[0].members.push(member("user3", 101));
    assert_eq!(writes(&world.plan(), 1).0, [3]);
}

#[test]
fn r11_nothing_is_written_where_all_roles_or_all_people_are_gone() {
    let empty = || Reading::Proven(Members::default());
    let mut world = staff().with(|world| {
        read(world, 1, empty());
        read(world, 2, empty());
    });
    let plan = world.apply();
    assert_eq!(plan.refusal.as_ref().unwrap().kind, RefusalKind::AllEmpty);
    assert!(plan.roles.is_empty());
    assert_eq!(plan.outlook(), Outlook::Refused);
    // Proven so a second time: they are empty.
    assert_eq!(writes(&world.plan(), 1).0, [1, 2, 4]);

    let plan = staff().with(|world| world.users.clear()).plan();
    assert_eq!(plan.refusal.unwrap().kind, RefusalKind::NoUsers);
    let plan = staff().with(|world| world.roles.clear()).plan();
    assert_eq!(plan.refusal.unwrap().kind, RefusalKind::NoRoles);
}

#[test]
fn r16_a_role_that_never_had_members_is_filled() {
    let plan = world().role(1, "Staff", []).want("Staff", [1]).plan();
    assert_eq!(writes(&plan, 1).0, [1]);
}

#[test]
fn no_removals_anywhere_while_half_of_the_emails_are_missing() {
    let mut world = staff().with(|world| {
        world.memory.emails = Some(40);
        for id in 21..=40 {
            world.users.get_mut(&UserId(id)).unwrap().email = None;
        }
    });
    let plan = world.apply();
    assert_eq!(writes(&plan, 1), (vec![4], vec![]));
    assert_eq!(guards(&plan, 1), [Guard::Emails]);
    // The next run compares with the same number.
    assert_eq!(guards(&world.plan(), 1), [Guard::Emails]);
    // People who left took their emails with them, which is no loss.
    world.users.retain(|id, _| id.0 <= 20);
    assert_eq!(writes(&world.plan(), 1).1, [3]);
}

#[test]
fn o9_a_file_for_another_tenant_is_refused() {
    use crate::domain::role::desired::Pin;
    let pinned = |pin| staff().with(|world| world.desired.tenant = Some(pin)).plan();
    assert!(pinned(Pin::Label("acme".to_owned())).refusal.is_none());
    assert!(pinned(Pin::Account(77)).refusal.is_none());
    for pin in [Pin::Label("acme-staging".to_owned()), Pin::Account(78)] {
        assert_eq!(pinned(pin).refusal.unwrap().kind, RefusalKind::Tenant);
    }
    // On a host of many tenants the label proves nothing.
    let world = staff().with(|world| {
        world.tenant.label = None;
        world.desired.tenant = Some(Pin::Label("acme".to_owned()));
    });
    assert_eq!(world.plan().refusal.unwrap().kind, RefusalKind::Tenant);
}

#[test]
fn g11_roles_that_the_file_does_not_name_are_counted_and_left_alone() {
    let plan = staff().role(3, "Finance", [5, 6]).plan();
    assert_eq!(plan.unmanaged, 1);
    assert!(plan.role(RoleId(3)).is_none());
}

#[test]
fn a_role_that_onelogin_lacks_is_an_error_of_that_role_alone() {
    let plan = staff().want("Finance", [5]).plan();
    assert_eq!(plan.roles.len(), 2);
    assert_eq!(
        (plan.problems.len(), plan.problems[0].line, plan.outlook()),
        (1, 300, Outlook::Troubled)
    );
}
