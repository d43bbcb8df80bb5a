//! What a schedule asks for, on a clock that is moved by hand.

use std::time::Duration;

use super::*;
use crate::domain::timetable::{Call, Timetable};

const GRACE: Duration = Duration::from_secs(120);
const DAY: Duration = Duration::from_secs(86_400);

/// A timetable, and the zone in which the times of the test are meant.
struct Desk {
    timetable: Timetable,
    zone: &'static str,
    grace: Duration,
    catch_up: Duration,
}

impl Desk {
    fn new(schedule: &str, zone: &'static str, answered_until: &str) -> Self {
        let found = TimeZone::get(zone).unwrap();
        Self {
            timetable: Timetable::new(
                Schedule::parse(schedule).unwrap(),
                found,
                at_in(zone, answered_until),
            ),
            zone,
            grace: GRACE,
            catch_up: DAY,
        }
    }

    fn look(&mut self, now: &str) -> Option<Call> {
        self.look_at(at_in(self.zone, now))
    }

    fn look_at(&mut self, now: Timestamp) -> Option<Call> {
        self.timetable.look(now, self.grace, self.catch_up)
    }

    fn missed(&self, time: &str) -> Call {
        Call::Missed(at_in(self.zone, time))
    }

    fn too_late(&self, time: &str) -> Call {
        Call::TooLate(at_in(self.zone, time))
    }

    /// Looks each minute, as the daemon does, and tells the clock times at which there was a run.
    fn minutes(&mut self, from: &str, to: &str) -> Vec<String> {
        let (mut now, end) = (at_in(self.zone, from), at_in(self.zone, to));
        let mut runs = Vec::new();
        while now <= end {
            if let Some(call) = self.look_at(now) {
                assert_eq!(call, Call::OnTime, "at {now}");
                let zoned = now.to_zoned(TimeZone::get(self.zone).unwrap());
                runs.push(zoned.strftime("%d %H:%M %Z").to_string());
            }
            now += jiff::SignedDuration::from_mins(1);
        }
        runs
    }
}

const BERLIN: &str = "Europe/Berlin";
const LOS_ANGELES: &str = "America/Los_Angeles";

#[test]
fn a_time_is_answered_once_when_it_has_come() {
    let mut desk = Desk::new("0 8 * * *", BERLIN, "2026-11-23 07:00");
    assert_eq!(desk.look("2026-11-23 07:59"), None);
    assert_eq!(desk.look("2026-11-23 08:00"), Some(Call::OnTime));
    assert_eq!(desk.look("2026-11-23 08:00"), None);
    assert_eq!(desk.look("2026-11-23 08:01"), None);
    assert_eq!(
        desk.look("2026-11-24 08:01"),
        Some(Call::OnTime),
        "within the grace"
    );
}

#[test]
fn of_the_times_that_a_machine_slept_through_the_last_one_is_made_up_for_once() {
    let mut desk = Desk::new("*/30 * * * *", BERLIN, "2026-11-23 08:00");
    assert_eq!(
        desk.look("2026-11-23 17:20"),
        Some(desk.missed("2026-11-23 17:00"))
    );
    assert_eq!(desk.look("2026-11-23 17:20"), None);
    assert_eq!(desk.look("2026-11-23 17:30"), Some(Call::OnTime));
}

#[test]
fn a_machine_that_wakes_at_a_scheduled_time_has_one_run_and_not_two() {
    let mut desk = Desk::new("0 8 * * *", BERLIN, "2026-11-20 08:00");
    assert_eq!(desk.look("2026-11-23 08:01"), Some(Call::OnTime));
    assert_eq!(desk.look("2026-11-23 08:02"), None);
}

#[test]
fn what_was_missed_longer_ago_than_catch_up_is_told_and_not_made_up_for() {
    let mut desk = Desk::new("0 8 * * mon", BERLIN, "2026-11-15 12:00");
    assert_eq!(
        desk.look("2026-11-18 12:00"),
        Some(desk.too_late("2026-11-16 08:00"))
    );
    assert_eq!(desk.look("2026-11-18 12:01"), None);
    assert_eq!(desk.look("2026-11-23 08:00"), Some(Call::OnTime));
}

#[test]
fn catch_up_reaches_back_to_its_very_end_and_no_further() {
    for (catch_up, is_made_up_for) in [(3600, true), (3599, false), (0, false)] {
        let mut desk = Desk::new("0 8 * * *", BERLIN, "2026-11-22 08:00");
        desk.catch_up = Duration::from_secs(catch_up);
        let expected = if is_made_up_for {
            desk.missed("2026-11-23 08:00")
        } else {
            desk.too_late("2026-11-23 08:00")
        };
        assert_eq!(desk.look("2026-11-23 09:00"), Some(expected), "{catch_up} s");
    }
}

#[test]
fn without_a_grace_every_time_that_passed_was_missed_unless_it_is_now() {
    let mut desk = Desk::new("0 8 * * *", BERLIN, "2026-11-22 08:00");
    desk.grace = Duration::ZERO;
    assert_eq!(desk.look("2026-11-23 08:00"), Some(Call::OnTime));
    assert_eq!(
        desk.look("2026-11-24 08:01"),
        Some(desk.missed("2026-11-24 08:00"))
    );
}

#[test]
fn a_clock_set_back_a_little_repeats_nothing() {
    let mut desk = Desk::new("0 8 * * *", BERLIN, "2026-11-23 07:00");
    assert_eq!(desk.look("2026-11-23 08:00"), Some(Call::OnTime));
    assert_eq!(desk.look("2026-11-23 07:58"), None);
    assert_eq!(desk.look("2026-11-23 08:00"), None);
    assert_eq!(desk.look("2026-11-24 08:00"), Some(Call::OnTime));
}

#[test]
fn a_clock_set_back_far_begins_anew_from_what_it_shows() {
    let mut desk = Desk::new("0 8 * * *", BERLIN, "2036-11-23 08:00");
    assert_eq!(desk.look("2026-11-23 07:50"), None);
    assert_eq!(desk.look("2026-11-23 08:00"), Some(Call::OnTime));
}

#[test]
fn a_clock_set_forward_by_years_brings_one_call_and_no_search_without_end() {
    let mut desk = Desk::new("* * * * *", BERLIN, "2026-11-23 08:00");
    assert_eq!(desk.look("2036-11-23 08:00"), Some(Call::OnTime));
    let mut desk = Desk::new("0 8 1 * *", BERLIN, "2026-11-23 08:00");
    assert_eq!(
        desk.look("2036-11-23 08:00"),
        Some(desk.too_late("2026-12-01 08:00"))
    );
}

#[test]
fn the_next_time_comes_after_what_was_answered_and_after_now() {
    let desk = Desk::new("0 8 * * *", BERLIN, "2026-11-23 08:00");
    let next = |now| desk.timetable.next_at(at_in(BERLIN, now)).unwrap();
    assert_eq!(next("2026-11-23 07:59"), at_in(BERLIN, "2026-11-24 08:00"));
    assert_eq!(next("2026-11-23 08:00"), at_in(BERLIN, "2026-11-24 08:00"));
    assert_eq!(next("2026-11-26 09:00"), at_in(BERLIN, "2026-11-27 08:00"));
}

#[test]
fn a_daily_job_runs_once_on_the_days_on_which_the_clocks_change() {
    for (zone, spring, autumn) in [
        (BERLIN, ("2027-03-28", "CEST"), ("2026-10-25", "CET")),
        (LOS_ANGELES, ("2027-03-14", "PDT"), ("2026-11-01", "PST")),
    ] {
        for (day, offset) in [spring, autumn] {
            let date = &day[8..];
            let run = |time: &str, offset: &str| format!("{date} {time} {offset}");
            let begin = format!("{day} 00:00");
            let minutes = |schedule| {
                let mut desk = Desk::new(schedule, zone, &begin);
                desk.minutes(&begin, &format!("{day} 23:59"))
            };
            assert_eq!(minutes("0 8 * * *"), [run("08:00", offset)], "{zone} {day}");
            // Half past two does not exist in spring, and comes once, the first time, in autumn. In Los
            // Angeles the doubled hour begins at one.
            let night = match (zone, offset) {
                (_, "CEST" | "PDT") => run("03:00", offset),
                (BERLIN, _) => run("02:30", "CEST"),
                _ => run("02:30", "PST"),
            };
            assert_eq!(minutes("30 2 * * *"), [night], "{zone} {day}");
        }
    }
}

#[test]
fn a_job_of_every_half_hour_keeps_its_pace_through_the_doubled_hour_and_the_gap() {
    let mut autumn = Desk::new("*/30 * * * *", BERLIN, "2026-10-25 01:30");
    assert_eq!(
        autumn.minutes("2026-10-25 01:31", "2026-10-25 03:30"),
        [
            "25 02:00 CEST",
            "25 02:30 CEST",
            "25 02:00 CET",
            "25 02:30 CET",
            "25 03:00 CET",
            "25 03:30 CET"
        ]
    );
    let mut spring = Desk::new("*/30 * * * *", LOS_ANGELES, "2027-03-14 01:00");
    assert_eq!(
        spring.minutes("2027-03-14 01:01", "2027-03-14 03:30"),
        ["14 01:30 PST", "14 03:00 PDT", "14 03:30 PDT"]
    );
}

#[test]
fn a_time_missed_in_the_night_of_the_change_is_made_up_for_once() {
    for (zone, day) in [
        (BERLIN, "2027-03-28"),
        (BERLIN, "2026-10-25"),
        (LOS_ANGELES, "2027-03-14"),
        (LOS_ANGELES, "2026-11-01"),
    ] {
        let mut desk = Desk::new("0 8 * * *", zone, &format!("{day} 00:00"));
        let missed = desk.missed(&format!("{day} 08:00"));
        assert_eq!(desk.look(&format!("{day} 12:00")), Some(missed), "{zone} {day}");
        assert_eq!(desk.look(&format!("{day} 23:00")), None, "{zone} {day}");
    }
}
