//! Schedules and send days.

use super::*;

fn next(schedule: &str, zone: &str, after: &str) -> Option<Timestamp> {
    let zone_found = TimeZone::get(zone).unwrap();
    Schedule::parse(schedule)
        .unwrap()
        .next_after(at_in(zone, after), &zone_found)
}

#[test]
fn a_daily_schedule_stays_at_its_hour_when_the_clocks_change() {
    for (zone, after, expected) in [
        ("Europe/Berlin", "2027-03-27 08:00", "2027-03-28 08:00"),
        ("Europe/Berlin", "2026-10-24 08:00", "2026-10-25 08:00"),
        ("America/Los_Angeles", "2027-03-13 08:00", "2027-03-14 08:00"),
        ("America/Los_Angeles", "2026-10-31 08:00", "2026-11-01 08:00"),
    ] {
        assert_eq!(
            next("0 8 * * *", zone, after),
            Some(at_in(zone, expected)),
            "{zone} after {after}"
        );
    }
}

#[test]
fn a_time_in_the_gap_is_taken_once_right_after_it() {
    let gap = next("30 2 * * *", "Europe/Berlin", "2027-03-27 12:00");
    assert_eq!(gap, Some(at("2027-03-28 03:00")));
    assert_eq!(
        next("30 2 * * *", "Europe/Berlin", "2027-03-28 03:00"),
        Some(at("2027-03-29 02:30"))
    );
}

#[test]
fn an_impossible_schedule_has_no_next_time() {
    assert_eq!(next("0 8 31 2 *", "Europe/Berlin", "2026-11-23 08:00"), None);
}

#[test]
fn six_fields_are_not_a_schedule() {
    assert!(Schedule::parse("0 0 8 * * *").unwrap_err().contains("5 fields"));
    assert!(Schedule::parse("0 25 * * *").is_err());
}

#[test]
fn look_ahead_counts_the_days_before_the_next_send_day() {
    let mut calendar = office_days();
    let look_ahead = |calendar: &SendCalendar, day: &str| calendar.look_ahead(day.parse().unwrap());
    assert_eq!(look_ahead(&calendar, "2026-11-26"), 0);
    assert_eq!(look_ahead(&calendar, "2026-11-27"), 2);
    calendar.holidays = ["2026-11-30".parse().unwrap()].into();
    assert_eq!(look_ahead(&calendar, "2026-11-27"), 3);
}

#[test]
fn the_next_send_time_skips_days_without_sending() {
    let calendar = office_days();
    assert_eq!(
        calendar.next_send_at(at("2026-11-27 08:00")),
        Some(at("2026-11-30 08:00"))
    );
    assert_eq!(
        calendar.next_send_at(at("2026-11-27 07:59")),
        Some(at("2026-11-27 08:00"))
    );
    let never = SendCalendar {
        send_days: Weekdays::new([]),
        ..calendar
    };
    assert_eq!(never.next_send_at(at("2026-11-27 08:00")), None);
}
