//! When leftovers bring another run.

use super::*;
use crate::domain::retry::retry_is_due;
use crate::domain::run::RunStatus;

fn due(status: RunStatus, ended: &str, now: &str) -> bool {
    retry_is_due(status, at(ended), at(ended), &office_days(), at(now))
}

#[test]
fn leftovers_are_tried_again_a_quarter_of_an_hour_after_the_last_end_and_until_midnight() {
    let partial = |ended: &str, now: &str| due(RunStatus::Partial, ended, now);
    assert!(!partial("2026-11-23 08:00", "2026-11-23 08:00"));
    assert!(!partial("2026-11-23 08:00", "2026-11-23 08:14"));
    assert!(partial("2026-11-23 08:00", "2026-11-23 08:15"));
    assert!(partial("2026-11-23 08:00", "2026-11-23 23:59"));
    assert!(!partial("2026-11-23 08:00", "2026-11-24 00:00"));
    assert!(!partial("2026-11-23 23:50", "2026-11-24 00:05"));
    assert!(!partial("2026-11-23 08:00", "2026-11-24 08:15"));
    // A clock that was set back.
    assert!(!partial("2026-11-23 08:00", "2026-11-23 07:00"));
}

#[test]
fn midnight_is_the_one_of_the_zone() {
    // 23:30 and 00:30 in Berlin are the same day in UTC.
    let [ended, now] = ["2026-11-23 23:30", "2026-11-24 00:30"].map(at);
    let mut calendar = office_days();
    assert!(!retry_is_due(RunStatus::Partial, ended, ended, &calendar, now));
    calendar.time_zone = TimeZone::UTC;
    assert!(retry_is_due(RunStatus::Partial, ended, ended, &calendar, now));
}

#[test]
fn what_midnight_came_upon_is_left_to_the_schedule() {
    let [started, ended, now] = ["2026-11-23 23:50", "2026-11-24 00:01", "2026-11-24 00:16"].map(at);
    for status in [RunStatus::Partial, RunStatus::Interrupted] {
        assert!(
            !retry_is_due(status, started, ended, &office_days(), now),
            "{status}"
        );
    }
}

#[test]
fn a_scheduled_time_that_went_by_while_a_run_lay_cut_off_is_made_up_for_on_that_day() {
    let due = |ended: &str, now: &str| {
        let [started, ended, now] = ["2026-11-20 08:00", ended, now].map(at);
        retry_is_due(RunStatus::Interrupted, started, ended, &office_days(), now)
    };
    assert!(!due("2026-11-23 09:00", "2026-11-23 09:14"));
    assert!(due("2026-11-23 09:00", "2026-11-23 09:15"));
    assert!(!due("2026-11-23 09:00", "2026-11-24 00:00"));
    assert!(!due("2026-11-23 00:05", "2026-11-23 00:20"), "it comes at eight");
}

#[test]
fn a_run_that_sent_all_that_was_due_brings_no_other_one() {
    for status in RunStatus::ALL {
        let expected = !matches!(status, RunStatus::Succeeded | RunStatus::Running);
        assert_eq!(
            due(*status, "2026-11-23 08:00", "2026-11-23 09:00"),
            expected,
            "{status}"
        );
    }
}
