//! Who is told that their temporary access ends.

use super::*;
use crate::domain::due::Book;
use crate::domain::notice::{Ledger, NoticeKey, NoticeState, Threshold};
use crate::domain::plan::Obsolete;
use crate::domain::role::until::{AccessOccasion, AccessPlan, plan_access_ends};

/// Today is the 23rd of November.
fn ends(day: &str) -> impl Fn(&mut DesiredRole) + use<> {
    let day: Date = day.parse().unwrap();
    move |role| role.members[0].until = Some(day)
}

/// Users 1 and 2 in a role; the entry of the first ends on that day.
fn temporary(day: &str) -> World {
    let people = ["user1@acme.example", "user2@acme.example"];
    world()
        .role(1, "Sales", [1, 2])
        .want_with("Sales", people, ends(day))
}

fn planned(world: &World, ledger: &Ledger) -> AccessPlan {
    let book = Book {
        ledger,
        rehearsal: false,
    };
    let days = [7, 1].into();
    plan_access_ends(
        &world.desired,
        &world.facts(),
        &world.terms,
        &world.memory,
        &days,
        book,
        world.now,
    )
}

/// Person, last day, threshold, days left, thresholds that it takes the place of.
fn told(plan: &AccessPlan) -> Vec<(i64, String, i32, i32, Vec<i32>)> {
    let short = plan.due.iter().map(|end| {
        let supersedes = end.supersedes.iter().map(|threshold| threshold.0).collect();
        let threshold = end.key.threshold.0;
        (
            end.key.user_id.0,
            end.until.to_string(),
            threshold,
            end.days_left,
            supersedes,
        )
    });
    short.collect()
}

fn told_in(world: &World) -> Vec<i64> {
    let plan = planned(world, &Ledger::default());
    told(&plan).iter().map(|end| end.0).collect()
}

fn key(threshold: i32, until: &str) -> NoticeKey {
    NoticeKey {
        user_id: UserId(1),
        occasion: format!("access-end:1:{until}"),
        threshold: Threshold(threshold),
        recipient: "user1@acme.example".to_owned(),
        rehearsal: false,
        resend: 0,
    }
}

fn ledger(rows: impl IntoIterator<Item = (NoticeKey, NoticeState)>) -> Ledger {
    let mut ledger = Ledger::default();
    for (key, state) in rows {
        ledger.record(key, state);
    }
    ledger
}

#[test]
fn the_smallest_threshold_that_is_reached_counts_up_to_the_last_day() {
    let day = |day: &str| format!("2026-{day}");
    for (until, expected) in [
        ("2026-12-01", vec![]),
        ("2026-11-30", vec![(1, day("11-30"), 7, 7, vec![])]),
        ("2026-11-25", vec![(1, day("11-25"), 7, 2, vec![])]),
        ("2026-11-24", vec![(1, day("11-24"), 1, 1, vec![7])]),
        ("2026-11-23", vec![(1, day("11-23"), 1, 0, vec![7])]),
        ("2026-11-22", vec![]),
    ] {
        let plan = planned(&temporary(until), &Ledger::default());
        assert_eq!(told(&plan), expected, "{until}");
    }
}

#[test]
fn a_day_is_one_of_the_configured_zone() {
    let world = temporary("2026-11-24").with(|world| world.now = "2026-11-22T23:30:00Z".parse().unwrap());
    assert_eq!(told(&planned(&world, &Ledger::default()))[0].3, 1);
    let world = world.with(|world| world.now = "2026-11-22T22:30:00Z".parse().unwrap());
    assert_eq!(told(&planned(&world, &Ledger::default()))[0].3, 2);
}

#[test]
fn each_notice_is_owed_once_and_a_cancelled_one_again_when_it_is_true_again() {
    let world = temporary("2026-11-24");
    for (state, is_due) in [
        (NoticeState::Staged, true),
        (NoticeState::Retry, true),
        (NoticeState::Cancelled, true),
        (NoticeState::Sent, false),
        (NoticeState::Failed, false),
        (NoticeState::Superseded, false),
    ] {
        let ledger = ledger([(key(1, "2026-11-24"), state)]);
        let plan = planned(&world, &ledger);
        assert_eq!(plan.due.len(), usize::from(is_due), "{state}");
        assert_eq!(plan.obsolete, [], "{state}");
    }
    let told = ledger([(key(7, "2026-11-24"), NoticeState::Sent)]);
    assert_eq!(planned(&world, &told).due[0].supersedes, [], "sent is sent");
}

#[test]
fn whoever_stays_for_another_reason_is_told_nothing() {
    let by_rule: fn(&mut World) = |world| {
        let field = crate::domain::rule::Field::of_key("department").unwrap();
        world.users.get_mut(&UserId(1)).unwrap().department = Some("Sales".to_owned());
        world.desired.roles[0].matching = Some([(field, vec!["Sales".to_owned()])].into());
    };
    let cases: [Case; 8] = [
        ("a rule", by_rule),
        ("a rule on a field that is not told", |world| {
            let field = crate::domain::rule::Field::of_key("department").unwrap();
            world.unknown_fields = ["department".to_owned()].into();
            world.desired.roles[0].matching = Some([(field, vec!["Sales".to_owned()])].into());
        }),
        ("another entry from the next day on", |world| {
            let mut more = member("id:1", 150);
            more.from = Some("2026-11-25".parse().unwrap());
            world.desired.roles[0].members.push(more);
        }),
        ("an include", |world| {
            let other = world.clone().role(2, "Staff", [1, 2]).want("Staff", [1, 2]);
            *world = other.with(|world| world.desired.roles[0].include = vec![1]);
        }),
        ("protected", |world| {
            world.terms.protected = vec![Selector::parse("user1@acme.example").unwrap()];
        }),
        ("not a member", |world| {
            world.members.insert(RoleId(1), Reading::Proven(members_of([2])));
        }),
        ("the role is paused", |world| {
            world.memory.paused.insert(RoleId(1), "holidays".to_owned());
        }),
        ("nobody fits the entry", |world| {
            world.users.remove(&UserId(1));
        }),
    ];
    assert_eq!(told_in(&temporary("2026-11-24")), [1]);
    for (name, change) in cases {
        assert_eq!(
            told_in(&temporary("2026-11-24").with(change)),
            [] as [i64; 0],
            "{name}"
        );
    }
}

#[test]
fn directory_users_are_told_and_those_who_cannot_read_it_are_counted() {
    let user = |change: fn(&mut User)| {
        temporary("2026-11-24").with(|world| change(world.users.get_mut(&UserId(1)).unwrap()))
    };
    assert_eq!(told_in(&user(|user| user.directory_id = Some(5))), [1]);
    let away = user(|user| user.status = crate::domain::user::UserStatus::Suspended);
    let plan = planned(&away, &Ledger::default());
    assert_eq!(
        (plan.due.len(), plan.out_of_standing, plan.without_address),
        (0, 1, 0)
    );
    let silent = user(|user| user.email = None).with(|world| {
        world.desired.roles[0].members[0].listed.person = Selector::parse("id:1").unwrap();
    });
    let plan = planned(&silent, &Ledger::default());
    assert_eq!(
        (plan.due.len(), plan.out_of_standing, plan.without_address),
        (0, 0, 1)
    );
}

#[test]
fn an_access_that_came_by_an_include_ends_too_where_the_role_is_exact() {
    let including = |membership| {
        let world = temporary("2026-11-24").role(2, "All", [1, 2]);
        let none: [&str; 0] = [];
        let world = world.want_with("All", none, |role| {
            role.include = vec![0];
            role.membership = membership;
        });
        let plan = planned(&world, &Ledger::default());
        plan.due.iter().map(|end| end.role.clone()).collect::<Vec<_>>()
    };
    assert_eq!(including(Membership::Exact), ["Sales", "All"]);
    assert_eq!(including(Membership::Additive), ["Sales"]);
}

#[test]
fn what_is_no_longer_true_is_cancelled_and_what_is_not_known_waits() {
    let staged = ledger([(key(7, "2026-11-25"), NoticeState::Staged)]);
    let fate = |change: fn(&mut World)| {
        let plan = planned(&temporary("2026-11-25").with(change), &staged);
        assert!(plan.obsolete.len() <= 1);
        plan.obsolete.first().map(|(_, fate)| *fate)
    };
    let cancelled = |why| Some(Obsolete::Cancelled(why));
    let moved = "the access does not end on that day any more";
    assert_eq!(fate(|_| {}), None);
    assert_eq!(
        fate(|world| ends("2026-11-29")(&mut world.desired.roles[0])),
        cancelled(moved)
    );
    assert_eq!(
        fate(|world| drop(world.desired.roles[0].members.remove(0))),
        cancelled(moved)
    );
    assert_eq!(
        fate(|world| drop(world.users.remove(&UserId(1)))),
        cancelled(moved)
    );
    assert_eq!(
        fate(|world| world.now = "2026-11-26T08:00:00Z".parse().unwrap()),
        cancelled("the last day is over")
    );
    assert_eq!(
        fate(|world| world.now = "2026-11-24T08:00:00Z".parse().unwrap()),
        Some(Obsolete::Superseded)
    );
    assert_eq!(
        fate(|world| {
            let user = world.users.get_mut(&UserId(1)).unwrap();
            user.email = Some("new@acme.example".to_owned());
            world
                .memory
                .identities
                .insert(Selector::parse("user1@acme.example").unwrap(), UserId(1));
        }),
        cancelled("the address has changed")
    );
    assert_eq!(
        fate(|world| drop(world.memory.paused.insert(RoleId(1), String::new()))),
        cancelled("the role is paused")
    );
    assert_eq!(
        fate(|world| {
            let unreadable = Reading::Unreadable("500".to_owned());
            world.members.insert(RoleId(1), unreadable);
        }),
        None
    );
}

#[test]
fn notices_of_a_rehearsal_and_about_passwords_are_left_alone() {
    let mut rehearsed = key(7, "2026-11-01");
    rehearsed.rehearsal = true;
    let mut password = key(7, "2026-11-01");
    password.occasion = "password:1700000000000:90d".to_owned();
    let ledger = ledger([(rehearsed, NoticeState::Staged), (password, NoticeState::Staged)]);
    assert_eq!(planned(&temporary("2026-12-31"), &ledger), AccessPlan::default());
}

#[test]
fn an_occasion_reads_back_what_it_writes() {
    let occasion = AccessOccasion {
        role: RoleId(12),
        until: "2026-12-31".parse().unwrap(),
    };
    assert_eq!(occasion.to_string(), "access-end:12:2026-12-31");
    assert_eq!(AccessOccasion::parse(&occasion.to_string()), Some(occasion));
    assert_eq!(AccessOccasion::parse("password:1:90d"), None);
}
