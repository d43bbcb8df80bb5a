//! What holds for every person on every day.

use proptest::prelude::*;

use super::*;
use crate::domain::expiry::expires_at;
use crate::domain::notice::Threshold;
use crate::domain::plan::plan_notices;

/// Any minute of two years, which hold four DST changes in each of the zones.
fn instants() -> impl Strategy<Value = Timestamp> {
    (0..2 * 366 * 24 * 60_i64).prop_map(|minutes| at("2026-01-01 00:00") + SignedDuration::from_mins(minutes))
}

fn zones() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(vec![
        "Europe/Berlin",
        "America/Los_Angeles",
        "Pacific/Apia",
        "Pacific/Midway",
        "UTC",
    ])
    .prop_map(|name| TimeZone::get(name).unwrap())
}

fn calendars() -> impl Strategy<Value = SendCalendar> {
    let days = prop::collection::vec(0..7_i8, 1..7);
    let holidays = prop::collection::btree_set(0..700_i32, 0..30);
    (zones(), days, holidays).prop_map(|(time_zone, days, holidays)| SendCalendar {
        time_zone,
        send_days: Weekdays::new(
            days.iter()
                .map(|day| Weekday::from_monday_zero_offset(*day).unwrap()),
        ),
        holidays: holidays
            .iter()
            .map(|day| {
                jiff::civil::date(2026, 1, 1)
                    .checked_add(jiff::ToSpan::days(*day))
                    .unwrap()
            })
            .collect(),
        schedule: Schedule::parse("0 8 * * *").unwrap(),
    })
}

proptest! {
    #[test]
    fn e6_a_due_notice_is_never_after_the_expiry_and_never_counts_wrong_days(
        now in instants(), expires in instants(), calendar in calendars(),
    ) {
        let zone = calendar.time_zone.clone();
        let terms = Terms { calendar, ..terms() };
        if let Ok(due) = due_with(&person(expires), &terms, now, &Ledger::default()) {
            let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
            if due.key.threshold == Threshold::AFTER_EXPIRY {
                prop_assert!(now >= expires);
            } else {
                prop_assert!(now < expires);
                prop_assert!(due.days_left.unwrap() >= 0);
            }
            let mut counted = 0;
            let mut walk = day(now).min(day(expires));
            while walk < day(now).max(day(expires)) {
                walk = walk.tomorrow().unwrap();
                counted += 1;
            }
            prop_assert_eq!(due.days_left.unwrap().abs(), counted);
        }
    }

    #[test]
    fn somebody_whose_password_lasts_long_enough_is_always_warned_before_it_expires(
        expires in instants(), calendar in calendars(),
    ) {
        let terms = Terms { calendar, ..terms() };
        let user = person(expires);
        let first = expires - SignedDuration::from_hours(24 * 50);
        let warned = crate::domain::forecast::scheduled_runs(&terms, first)
            .take_while(|at| *at < expires)
            .any(|at| due_with(&user, &terms, at, &Ledger::default()).is_ok());
        prop_assert!(warned);
    }

    #[test]
    fn a_second_run_at_the_same_time_has_nothing_new(now in instants(), expires in instants(), calendar in calendars()) {
        let terms = Terms { calendar, ..terms() };
        let user = person(expires);
        let ledger = ledger_after(&user, &terms, now);
        prop_assert!(due_with(&user, &terms, now, &ledger).is_err());
    }

    #[test]
    fn nobody_gets_the_same_notice_twice_whatever_the_days_bring(
        start in instants(), expires in instants(), calendar in calendars(), steps in prop::collection::vec(0..3000_i64, 1..40),
    ) {
        let terms = Terms { calendar, ..terms() };
        let user = person(expires);
        let (mut ledger, mut now, mut widest) = (Ledger::default(), start, i32::MAX);
        for step in steps {
            now += SignedDuration::from_mins(step);
            if let Ok(due) = due_with(&user, &terms, now, &ledger) {
                prop_assert!(due.key.threshold.0 < widest, "thresholds only get narrower");
                widest = due.key.threshold.0;
                ledger.record(due.key, NoticeState::Sent);
            }
        }
    }

    #[test]
    fn the_order_of_the_users_changes_nothing(numbers in prop::collection::vec(1..50_i64, 1..30), now in instants()) {
        let user = |number: &i64| User { id: id(*number), ..person(now + SignedDuration::from_hours(10 * number)) };
        let ledger = Ledger::default();
        let book = Book { ledger: &ledger, rehearsal: false };
        let forward = plan_notices(&facts(numbers.iter().map(user)), &terms(), now, book);
        let backward = plan_notices(&facts(numbers.iter().rev().map(user)), &terms(), now, book);
        prop_assert_eq!(forward, backward);
    }

    #[test]
    fn an_age_is_added_in_days_of_86400_seconds(changed in instants(), days in 1..4000_u32) {
        let expires = expires_at(changed, MaxAge::Days(days)).unwrap();
        prop_assert_eq!(expires.as_second() - changed.as_second(), i64::from(days) * 86_400);
    }
}
