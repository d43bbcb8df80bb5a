//! Whole plans, and what becomes of rows that earlier runs left over.

use super::*;
use crate::domain::notice::{NoticeKey, Threshold};
use crate::domain::plan::{NoticePlan, Obsolete, plan_notices};

fn plan(users: &[User], now: Timestamp, ledger: &Ledger) -> NoticePlan {
    plan_notices(
        &facts(users.iter().cloned()),
        &terms(),
        now,
        Book {
            ledger,
            rehearsal: false,
        },
    )
}

fn key_of(user: &User, now: Timestamp) -> NoticeKey {
    due_with(user, &terms(), now, &Ledger::default()).unwrap().key
}

#[test]
fn everybody_is_either_due_or_counted_with_a_reason() {
    let now = at("2026-11-23 08:00");
    let users: Vec<User> = (1..=40)
        .map(|number| User {
            id: id(number),
            status: (number % 10).into(),
            ..person(now + SignedDuration::from_hours(24 * (number - 10)))
        })
        .collect();
    let plan = plan(&users, now, &Ledger::default());
    let skipped: u64 = plan.skipped.values().sum();
    assert_eq!(plan.due.len() as u64 + skipped, 40);
    assert!(!plan.due.is_empty() && skipped > 0);
}

#[test]
fn an_early_expired_status_is_reported() {
    let user = User {
        status: UserStatus::PasswordExpired,
        ..person(at("2026-12-20 12:00"))
    };
    assert_eq!(
        plan(&[user], at("2026-11-23 08:00"), &Ledger::default()).expired_early,
        [id(1)]
    );
}

#[test]
fn the_last_notice_tells_whether_a_person_was_refused() {
    use NoticeState::{Failed, Sent, Superseded};
    let user = person(at("2026-11-26 12:00"));
    let key = key_of(&user, at("2026-11-23 08:00"));
    let row = |threshold: i32, resend: u32| NoticeKey {
        threshold: Threshold(threshold),
        resend,
        ..key.clone()
    };
    let monday = "2026-11-23 08:00";
    for (rows, now, expected) in [
        (vec![(7, 0, Sent), (3, 0, Failed)], monday, Some(row(3, 0))),
        (
            vec![(7, 0, Superseded), (3, 0, Failed)],
            "2026-11-24 08:00",
            Some(row(3, 0)),
        ),
        (vec![(7, 0, Failed), (3, 0, Sent)], monday, None),
        (vec![(3, 0, Failed), (3, 1, Sent)], monday, None),
        (vec![(3, 0, Sent), (3, 1, Failed)], monday, Some(row(3, 1))),
        (vec![(-1, 0, Failed)], "2026-11-28 08:00", Some(row(-1, 0))),
        (vec![(-1, 0, Failed)], "2026-12-07 08:00", None),
        // Another notice is due, and may fare better.
        (vec![(3, 0, Failed)], "2026-11-25 08:00", None),
    ] {
        let mut ledger = Ledger::default();
        for (threshold, resend, state) in &rows {
            ledger.record(row(*threshold, *resend), *state);
        }
        let refused = plan(std::slice::from_ref(&user), at(now), &ledger).refused;
        assert_eq!(refused, Vec::from_iter(expected), "{rows:?} at {now}");
    }
}

#[test]
fn what_was_tried_before_comes_last() {
    let now = at("2026-11-23 08:00");
    let [ana, bo] = [1, 2].map(|number| User {
        id: id(number),
        ..person(at("2026-11-26 12:00"))
    });
    let mut ledger = Ledger::default();
    ledger.record(key_of(&ana, now), NoticeState::Retry);
    ledger.record(key_of(&bo, now), NoticeState::Staged);
    let plan = plan(&[ana, bo], now, &ledger);
    let order: Vec<_> = plan.due.iter().map(|due| due.key.user_id).collect();
    assert_eq!(order, [id(2), id(1)]);
}

#[test]
fn a_row_in_retry_goes_out_while_it_is_true() {
    let now = at("2026-11-23 08:00");
    let user = person(at("2026-11-26 12:00"));
    let mut ledger = Ledger::default();
    ledger.record(key_of(&user, now), NoticeState::Retry);
    let plan = plan(&[user], now, &ledger);
    assert_eq!((plan.due.len(), plan.fresh(), plan.obsolete.len()), (1, 0, 0));
}

#[test]
fn a_row_in_retry_gives_way_to_a_more_urgent_notice() {
    let user = person(at("2026-11-26 12:00"));
    let mut ledger = Ledger::default();
    let old = key_of(&user, at("2026-11-23 08:00"));
    ledger.record(old.clone(), NoticeState::Retry);
    let plan = plan(&[user], at("2026-11-25 08:00"), &ledger);
    assert_eq!(plan.due.first().unwrap().key.threshold, Threshold(1));
    assert_eq!(plan.obsolete, [(old, Obsolete::Superseded)]);
}

#[test]
fn a_row_in_retry_waits_over_the_weekend() {
    let user = person(at("2026-12-03 12:00"));
    let mut ledger = Ledger::default();
    ledger.record(key_of(&user, at("2026-11-27 08:00")), NoticeState::Retry);
    let plan = plan(&[user], at("2026-11-28 08:00"), &ledger);
    assert_eq!((plan.due.len(), plan.obsolete.len()), (0, 0));
}

#[test]
fn a_row_in_retry_is_cancelled_when_it_is_not_true_any_more() {
    let now = at("2026-11-23 08:00");
    let user = person(at("2026-11-26 12:00"));
    let mut ledger = Ledger::default();
    ledger.record(key_of(&user, now), NoticeState::Retry);
    let changed = User {
        password_changed_at: Some(now),
        ..user.clone()
    };
    let moved = User {
        email: Some("ana.new@acme.example".to_owned()),
        ..user.clone()
    };
    let suspended = User {
        status: UserStatus::Suspended,
        ..user.clone()
    };
    for (what, users) in [
        ("changed", vec![changed]),
        ("moved", vec![moved]),
        ("suspended", vec![suspended]),
        ("gone", vec![]),
    ] {
        let plan = plan(&users, now, &ledger);
        assert!(
            matches!(plan.obsolete.as_slice(), [(_, Obsolete::Cancelled(_))]),
            "{what}: {:?}",
            plan.obsolete
        );
    }
    // Expired over the weekend: "in 0 days" would be a lie.
    let plan = plan(&[user], at("2026-11-28 08:00"), &ledger);
    assert!(matches!(
        plan.obsolete.as_slice(),
        [(_, Obsolete::Cancelled("the password has expired"))]
    ));
}

#[test]
fn rows_of_a_rehearsal_are_no_business_of_a_real_run() {
    let now = at("2026-11-23 08:00");
    let user = person(at("2026-11-26 12:00"));
    let mut ledger = Ledger::default();
    ledger.record(
        NoticeKey {
            rehearsal: true,
            ..key_of(&user, now)
        },
        NoticeState::Retry,
    );
    let plan = plan(&[], now, &ledger);
    assert!(plan.obsolete.is_empty());
}

#[test]
fn a_row_in_retry_waits_while_the_age_is_not_known() {
    let now = at("2026-11-23 08:00");
    let user = person(at("2026-11-26 12:00"));
    let mut ledger = Ledger::default();
    ledger.record(key_of(&user, now), NoticeState::Retry);
    let orphan = User {
        group_id: Some(crate::domain::user::GroupId(412)),
        ..user
    };
    let plan = plan(&[orphan], now, &ledger);
    assert_eq!((plan.due.len(), plan.obsolete.len()), (0, 0));
}

#[test]
fn a_row_after_expiry_ends_when_nobody_is_told_any_more() {
    let user = person(at("2026-11-20 12:00"));
    let mut ledger = Ledger::default();
    ledger.record(key_of(&user, at("2026-11-23 08:00")), NoticeState::Retry);
    let plan = plan(&[user], at("2026-11-30 08:00"), &ledger);
    assert!(matches!(plan.obsolete.as_slice(), [(_, Obsolete::Cancelled(_))]));
}
