//! Which notices decide nothing any more.

use jiff::SignedDuration;

use super::*;
use crate::domain::retention::{LastPassword, Retention};
use crate::domain::selector::Selector;

const NOW: &str = "2026-11-23 08:00";

fn retention() -> Retention {
    Retention {
        now: at(NOW),
        before: at("2026-11-22 08:00"),
        changes_before: at("2026-11-22 08:00"),
        after_expiry_within: SignedDuration::from_hours(40 * 24),
        present: Some([Selector::Name("ana@acme.example".to_owned())].into()),
    }
}

fn password(changed_at: &str, days: u32) -> String {
    format!("password:{}:{days}d", at(changed_at).as_millisecond())
}

fn is_over(occasion: &str, newest: Option<&str>) -> bool {
    let last = newest.map_or(LastPassword::Unknown, |at_text| LastPassword::SetAt(at(at_text)));
    retention().is_over(occasion, last)
}

#[test]
fn a_password_is_over_once_a_newer_one_was_seen() {
    let old = password("2024-01-01 08:00", 90);
    assert!(is_over(&old, Some("2024-03-20 08:00")));
    // Ten years old, and in use for all that is known.
    let older = password("2016-01-01 08:00", 90);
    assert!(!is_over(&older, Some("2016-01-01 08:00")));
    assert!(!is_over(&older, None));
    // Another age of the same password is the same password.
    assert!(!is_over(
        &password("2016-01-01 08:00", 180),
        Some("2016-01-01 08:00")
    ));
    // A clock or a tenant that went back proves nothing.
    assert!(!is_over(&old, Some("2023-01-01 08:00")));
}

#[test]
fn a_warning_stays_while_runs_count_what_came_of_it() {
    let newest = Some("2026-11-20 08:00");
    // Expired 30 days ago less an hour, and 30 days and an hour.
    assert!(!is_over(&password("2026-07-26 09:00", 90), newest));
    assert!(is_over(&password("2026-07-26 06:00", 90), newest));
    // One that never expires is counted by nobody.
    assert!(is_over(&password("2026-07-26 09:00", 0), newest));
}

#[test]
fn the_password_of_somebody_who_left_is_over_once_a_return_would_bring_no_mail() {
    let is_over = |occasion: String| retention().is_over(&occasion, LastPassword::Nobodys);
    // People are told of an expiry for 40 days after it.
    assert!(is_over(password("2026-07-16 07:00", 90)));
    assert!(!is_over(password("2026-07-16 09:00", 90)));
    // It expires in years, or OneLogin alone says when.
    assert!(!is_over(password("2026-07-16 07:00", 3000)));
    assert!(!is_over(password("2026-07-16 07:00", 0)));
    let short = Retention {
        after_expiry_within: SignedDuration::ZERO,
        ..retention()
    };
    let counted = password("2026-07-26 09:00", 90);
    assert!(!short.is_over(&counted, LastPassword::Nobodys));
    let access = "access-end:10:2027-11-22";
    assert!(!retention().is_over(access, LastPassword::Nobodys));
}

#[test]
fn an_access_is_over_after_its_last_day_in_every_zone() {
    assert!(is_over("access-end:10:2026-11-20", None));
    assert!(!is_over("access-end:10:2026-11-21", None));
    assert!(!is_over("access-end:10:2026-11-22", None));
    assert!(!is_over("access-end:10:2027-11-22", None));
}

#[test]
fn what_nobody_understands_is_kept() {
    for occasion in ["lockout:7", "password:soon:90d", "access-end:10", ""] {
        assert!(!is_over(occasion, Some("2026-11-20 08:00")), "{occasion}");
    }
}

#[test]
fn a_selector_is_unnamed_only_where_it_is_known_who_is_named() {
    let [ana, bo] = ["ana", "bo"].map(|name| Selector::Name(format!("{name}@acme.example")));
    assert!(!retention().is_unnamed(&ana));
    assert!(retention().is_unnamed(&bo));
    let unknown = Retention {
        present: None,
        ..retention()
    };
    assert!(!unknown.is_unnamed(&bo));
}
