//! Which notice is due. 2026-11-23 is a Monday.

use super::*;
use crate::domain::notice::{NoticeKey, Threshold};
use crate::domain::user::UserState;

#[test]
fn the_most_urgent_threshold_counts() {
    let now = at("2026-11-23 08:00");
    for (expires, expected) in [
        ("2026-12-08 12:00", Err(Skip::NotDue)),
        ("2026-12-07 12:00", Ok(14)),
        ("2026-12-01 12:00", Ok(14)),
        ("2026-11-30 12:00", Ok(7)),
        ("2026-11-26 12:00", Ok(3)),
        ("2026-11-24 12:00", Ok(1)),
        ("2026-11-23 08:01", Ok(1)),
        ("2026-11-23 08:00", Ok(-1)),
        ("2026-11-22 12:00", Ok(-1)),
        ("2026-11-16 08:00", Ok(-1)),
        ("2026-11-16 07:59", Err(Skip::LongExpired)),
    ] {
        assert_eq!(
            threshold(&person(at(expires)), &terms(), now),
            expected,
            "expires {expires}"
        );
    }
}

#[test]
fn a_notice_carries_the_calendar_days_that_are_left() {
    for (now, expires, days) in [
        ("2026-11-23 23:59", "2026-11-24 00:00", 1),
        ("2026-11-23 00:00", "2026-11-23 23:59", 0),
        ("2026-11-23 08:00", "2026-11-30 00:00", 7),
    ] {
        let due = due_with(&person(at(expires)), &terms(), at(now), &Ledger::default()).unwrap();
        assert_eq!(due.days_left, Some(days), "{now} to {expires}");
    }
}

#[test]
fn e13_friday_looks_ahead_over_the_weekend() {
    let friday = at("2026-11-27 08:00");
    // Due on Saturday, Sunday or Monday morning before anything is sent: said on Friday.
    for expires in ["2026-11-28 12:00", "2026-11-29 12:00", "2026-11-30 12:00"] {
        assert_eq!(
            threshold(&person(at(expires)), &terms(), friday),
            Ok(1),
            "expires {expires}"
        );
    }
    assert_eq!(
        threshold(&person(at("2026-12-01 12:00")), &terms(), friday),
        Ok(3)
    );
}

#[test]
fn e13_a_holiday_lengthens_the_look_ahead() {
    let mut terms = terms();
    terms.calendar.holidays = ["2026-11-30".parse().unwrap()].into();
    assert_eq!(
        threshold(&person(at("2026-12-01 12:00")), &terms, at("2026-11-27 08:00")),
        Ok(1)
    );
    assert_eq!(
        threshold(&person(at("2026-12-01 12:00")), &terms, at("2026-11-30 08:00")),
        Err(Skip::NotDue)
    );
}

#[test]
fn on_a_day_without_sending_only_the_last_chance_is_taken() {
    let saturday = at("2026-11-28 08:00");
    // Before Monday's run at 08:00 ...
    assert_eq!(
        threshold(&person(at("2026-11-30 07:59")), &terms(), saturday),
        Ok(1)
    );
    // ... and not at it.
    assert_eq!(
        threshold(&person(at("2026-11-30 08:00")), &terms(), saturday),
        Err(Skip::NotDue)
    );
    // The notice after expiry waits for a send day.
    assert_eq!(
        threshold(&person(at("2026-11-27 12:00")), &terms(), saturday),
        Err(Skip::NotDue)
    );
}

#[test]
fn a_schedule_that_meets_no_send_day_makes_nobody_due() {
    let mut terms = terms();
    terms.calendar.schedule = Schedule::parse("0 8 * * sat").unwrap();
    assert_eq!(
        threshold(&person(at("2027-01-20 12:00")), &terms, at("2026-11-28 08:00")),
        Err(Skip::NotDue)
    );
}

#[test]
fn what_was_sent_is_not_sent_again_and_a_wider_one_never_follows() {
    let now = at("2026-11-23 08:00");
    let user = person(at("2026-11-26 12:00"));
    let ledger = ledger_after(&user, &terms(), now);
    assert_eq!(
        due_with(&user, &terms(), now, &ledger),
        Err(Skip::AlreadyNotified)
    );
    let tomorrow = due_with(&user, &terms(), at("2026-11-25 08:00"), &ledger).unwrap();
    assert_eq!(tomorrow.key.threshold, Threshold(1));
}

#[test]
fn the_wider_thresholds_are_superseded_at_once() {
    let user = person(at("2026-11-26 12:00"));
    let due = due_with(&user, &terms(), at("2026-11-23 08:00"), &Ledger::default()).unwrap();
    assert_eq!(due.supersedes, [Threshold(7), Threshold(14)]);
}

#[test]
fn a_staged_notice_is_still_owed_and_a_failed_one_is_not() {
    let now = at("2026-11-23 08:00");
    let user = person(at("2026-11-26 12:00"));
    let key = due_with(&user, &terms(), now, &Ledger::default()).unwrap().key;
    for (state, expected) in [
        (NoticeState::Staged, Ok(false)),
        (NoticeState::Sending, Ok(false)),
        (NoticeState::Retry, Ok(false)),
        (NoticeState::Cancelled, Ok(true)),
        (NoticeState::Failed, Err(Skip::AlreadyNotified)),
        (NoticeState::Sent, Err(Skip::AlreadyNotified)),
    ] {
        let mut ledger = Ledger::default();
        ledger.record(key.clone(), state);
        assert_eq!(
            due_with(&user, &terms(), now, &ledger).map(|due| due.fresh),
            expected,
            "{state}"
        );
    }
}

#[test]
fn a_rehearsal_prevents_nothing_but_another_rehearsal() {
    let now = at("2026-11-23 08:00");
    let user = person(at("2026-11-26 12:00"));
    let key = due_with(&user, &terms(), now, &Ledger::default()).unwrap().key;
    let mut ledger = Ledger::default();
    ledger.record(
        NoticeKey {
            rehearsal: true,
            ..key
        },
        NoticeState::Rehearsed,
    );
    assert_eq!(
        due_with(&user, &terms(), now, &ledger).map(|due| due.fresh),
        Ok(true)
    );
}

#[test]
fn a_changed_age_makes_new_notices_and_an_age_that_flips_back_repeats_none() {
    let now = at("2026-11-23 08:00");
    let user = person(at("2026-11-26 12:00"));
    let ledger = ledger_after(&user, &terms(), now);
    let mut shorter = facts([user.clone()]);
    shorter.policies = PolicyKnowledge::Read(PolicyBook {
        policies: BTreeMap::from([(PolicyId(1), policy(1, "Default", Some(88), true))]),
        groups: BTreeMap::new(),
        ages_since: BTreeMap::new(),
    });
    let terms = terms();
    let assessment = assess(&user, &shorter, &terms);
    let due = due_notice(
        id(1),
        &assessment,
        &terms,
        now,
        Book {
            ledger: &ledger,
            rehearsal: false,
        },
    )
    .unwrap();
    assert_eq!(due.key.threshold, Threshold(1));
    assert_eq!(due_with(&user, &terms, now, &ledger), Err(Skip::AlreadyNotified));
}

#[test]
fn e14_each_status_and_state_is_handled_as_documented() {
    let now = at("2026-11-23 08:00");
    let with = |status: i64| User {
        status: status.into(),
        ..person(at("2026-11-26 12:00"))
    };
    for (status, expected) in [
        (0, Err(Skip::Unactivated)),
        (1, Ok(3)),
        (2, Err(Skip::Suspended)),
        (3, Ok(3)),
        (4, Ok(-1)),
        (5, Err(Skip::ResetPending)),
        (6, Err(Skip::UnknownStatus)),
        (7, Err(Skip::ResetPending)),
        (8, Err(Skip::SecurityQuestions)),
        (99, Err(Skip::UnknownStatus)),
    ] {
        assert_eq!(
            threshold(&with(status), &terms(), now),
            expected,
            "status {status}"
        );
    }
    for state in [
        UserState::Unapproved,
        UserState::Rejected,
        UserState::Unlicensed,
        UserState::Other(9),
    ] {
        let user = User { state, ..with(1) };
        assert_eq!(
            threshold(&user, &terms(), now),
            Err(Skip::Unlicensed),
            "state {state}"
        );
    }
}

#[test]
fn an_expired_status_is_believed_before_the_arithmetic_and_told_without_a_date() {
    let user = User {
        status: UserStatus::PasswordExpired,
        ..person(at("2026-12-20 12:00"))
    };
    let due = due_with(&user, &terms(), at("2026-11-23 08:00"), &Ledger::default()).unwrap();
    assert_eq!(
        (due.key.threshold, due.expires_at, due.days_left),
        (Threshold::AFTER_EXPIRY, None, None)
    );
}

#[test]
fn a_status_that_is_not_mailed_before_expiry_is_still_told_after_it() {
    let mut terms = terms();
    terms.statuses = [UserStatus::Active].into();
    let locked = |expires| User {
        status: UserStatus::Locked,
        ..person(at(expires))
    };
    let now = at("2026-11-23 08:00");
    assert_eq!(
        threshold(&locked("2026-11-26 12:00"), &terms, now),
        Err(Skip::StatusNotMailed)
    );
    assert_eq!(threshold(&locked("2026-11-20 12:00"), &terms, now), Ok(-1));
}

#[test]
fn e14_passwords_that_live_elsewhere_are_left_alone() {
    let now = at("2026-11-23 08:00");
    let directory = User {
        directory_id: Some(5),
        ..person(at("2026-11-26 12:00"))
    };
    let federated = User {
        trusted_idp_id: Some(6),
        ..person(at("2026-11-26 12:00"))
    };
    assert_eq!(threshold(&directory, &terms(), now), Err(Skip::Directory));
    assert_eq!(threshold(&federated, &terms(), now), Err(Skip::TrustedIdp));
    let all = Terms {
        skip_directory_users: false,
        ..terms()
    };
    assert_eq!(threshold(&directory, &all, now), Ok(3));
}

#[test]
fn nobody_is_mailed_on_a_guess() {
    let now = at("2026-11-23 08:00");
    let never_set = User {
        password_changed_at: None,
        ..person(now)
    };
    assert_eq!(threshold(&never_set, &terms(), now), Err(Skip::NeverSet));
    let orphan = User {
        group_id: Some(crate::domain::user::GroupId(412)),
        ..person(at("2026-11-26 12:00"))
    };
    assert_eq!(threshold(&orphan, &terms(), now), Err(Skip::AgeUnknown));
}

#[test]
fn a_threshold_that_is_not_below_the_age_is_left_out() {
    let mut terms = terms();
    terms.rules = vec![crate::domain::rule::Rule {
        name: "weekly".to_owned(),
        conditions: Vec::new(),
        max_age: Some(MaxAge::Days(7)),
        notice_days: None,
        notify: crate::domain::rule::Notify::User,
    }];
    let user = User {
        password_changed_at: Some(at("2026-11-23 07:00")),
        ..person(at("2026-11-26 12:00"))
    };
    // 7 days left, and thresholds 14 and 7 do not exist for a password of 7 days.
    assert_eq!(
        threshold(&user, &terms, at("2026-11-23 08:00")),
        Err(Skip::NotDue)
    );
}

#[test]
fn e6_the_day_is_the_day_of_the_configured_zone_also_when_the_clocks_change() {
    for (zone, now, expires, days) in [
        // Spring forward: 28 March 2027 has 23 hours in Berlin.
        ("Europe/Berlin", "2027-03-26 08:00", "2027-03-29 00:00", 3),
        // Fall back: 1 November 2026 has 25 hours in Los Angeles.
        ("America/Los_Angeles", "2026-10-30 08:00", "2026-11-02 00:00", 3),
        ("Pacific/Tongatapu", "2026-11-23 00:30", "2026-11-24 00:00", 1),
        ("Pacific/Midway", "2026-11-23 23:30", "2026-11-24 00:00", 1),
        // The days of the change themselves, and midnight on both sides of them.
        ("Europe/Berlin", "2027-03-28 08:00", "2027-03-29 00:00", 1),
        ("Europe/Berlin", "2026-10-25 00:00", "2026-10-25 23:59", 0),
        ("Europe/Berlin", "2026-10-24 23:59", "2026-10-25 00:00", 1),
        ("America/Los_Angeles", "2027-03-14 00:01", "2027-03-15 00:00", 1),
        ("America/Los_Angeles", "2027-03-13 08:00", "2027-03-14 03:00", 1),
        ("America/Los_Angeles", "2026-11-01 01:30", "2026-11-08 00:00", 7),
    ] {
        let mut terms = terms();
        terms.calendar.time_zone = TimeZone::get(zone).unwrap();
        terms.calendar.send_days = every_day();
        let user = person(at_in(zone, expires));
        let due = due_with(&user, &terms, at_in(zone, now), &Ledger::default()).unwrap();
        assert_eq!(due.days_left, Some(days), "{zone}");
    }
}

fn every_day() -> Weekdays {
    Weekdays::new((0..7).map(|day| Weekday::from_monday_zero_offset(day).unwrap()))
}

#[test]
fn e6_each_threshold_is_met_on_its_calendar_day_in_every_zone_and_not_a_day_before() {
    for zone in [
        "Pacific/Tongatapu",
        "Pacific/Midway",
        "Europe/Berlin",
        "America/Los_Angeles",
    ] {
        let mut terms = terms();
        terms.calendar.time_zone = TimeZone::get(zone).unwrap();
        terms.calendar.send_days = every_day();
        // Midnight exactly, and a minute before it, around the change of the clocks and far from it.
        for expires in ["2026-11-08 00:00", "2026-11-07 23:59", "2026-07-15 00:00"] {
            let expires = at_in(zone, expires);
            let day = expires.to_zoned(terms.calendar.time_zone.clone()).date();
            for days in [14, 7, 3, 1] {
                let morning = |before: i32| {
                    let date = day.checked_sub(jiff::ToSpan::days(before)).unwrap();
                    at_in(zone, &format!("{date} 08:00"))
                };
                let due = |before| due_with(&person(expires), &terms, morning(before), &Ledger::default());
                let met = due(days).unwrap();
                assert_eq!(
                    (met.key.threshold.0, met.days_left),
                    (days, Some(days)),
                    "{zone} {expires}"
                );
                let before = due(days + 1).map(|due| due.key.threshold.0);
                assert_ne!(before, Ok(days), "{zone} {expires}: a day too early");
            }
        }
    }
}
