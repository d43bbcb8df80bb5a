//! What the templates are told, with odd and missing facts.

use super::*;
use crate::mail::fixture::{berlin, due_in, person};

fn words_for(user: &User, due: &Due, tag: &str) -> NoticeWords {
    PasswordNotice::new(user, due, None, &berlin()).in_words_of(&Language::of(tag))
}

fn moment(at: &str, zone: &str) -> Moment {
    Moment::new(
        at.parse().unwrap(),
        &TimeZone::get(zone).unwrap(),
        &Language::english(),
    )
}

#[test]
fn a_notice_names_person_account_and_dates() {
    let words = words_for(&person(), &due_in(7, Audience::Person), "en");
    assert_eq!(words.name.as_deref(), Some("Ana"));
    assert_eq!(words.person, "Ana Novak");
    assert_eq!(words.account, "ana.novak@acme.example");
    assert_eq!(words.changed_on, "Tuesday, 1 September 2026");
    assert_eq!(words.expires.unwrap().day, "Monday, 30 November 2026");
    assert_eq!(
        (words.days_left, words.when.as_deref()),
        (Some(7), Some("in 7 days"))
    );
    assert!(!words.expired);
}

#[test]
fn the_greeting_falls_back_from_first_to_full_name_to_none() {
    let name_of = |first: Option<&str>, last: Option<&str>| {
        let mut user = person();
        user.firstname = first.map(str::to_owned);
        user.lastname = last.map(str::to_owned);
        let words = words_for(&user, &due_in(7, Audience::Person), "en");
        (words.name, words.person)
    };
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(name_of(Some("Ana"), None), (some("Ana"), "Ana".to_owned()));
    assert_eq!(name_of(None, Some("Novak")), (some("Novak"), "Novak".to_owned()));
    assert_eq!(name_of(None, None), (None, "ana.novak@acme.example".to_owned()));
    assert_eq!(
        name_of(Some("\r\n\u{202e}"), None),
        (None, "ana.novak@acme.example".to_owned())
    );
}

#[test]
fn where_the_given_name_alone_is_for_friends_the_full_name_greets() {
    for (tag, name) in [
        ("en", "Ana"),
        ("de", "Ana Novak"),
        ("fr", "Ana Novak"),
        ("es", "Ana Novak"),
        ("ja", "Ana Novak"),
    ] {
        let words = words_for(&person(), &due_in(7, Audience::Person), tag);
        assert_eq!(words.name.as_deref(), Some(name), "{tag}");
    }
}

#[test]
fn a_name_that_would_become_a_link_is_not_shown() {
    for name in [
        "https://acme.example",
        "win at acme.example/now",
        "www.acme.example",
        "a@acme.example",
    ] {
        assert_eq!(presentable(name), None, "{name}");
    }
    for name in [
        "Ana",
        "J. R.",
        "J.R. Novak",
        "Novak, Ana (ext.)",
        "<b>Ana</b>",
        "{{ 7*7 }}",
    ] {
        assert_eq!(presentable(name).as_deref(), Some(name));
    }
}

#[test]
fn an_expiry_known_by_status_alone_has_no_date() {
    let mut due = due_in(0, Audience::Person);
    due.key.threshold = Threshold::AFTER_EXPIRY;
    due.expires_at = None;
    due.days_left = None;
    let words = words_for(&person(), &due, "en");
    assert!(words.expired && words.expires.is_none() && words.when.is_none());
}

#[test]
fn a_moment_is_told_with_weekday_clock_and_zone() {
    let moment = moment("2026-11-30T13:05:00Z", "Europe/Berlin");
    assert_eq!(moment.day, "Monday, 30 November 2026");
    assert_eq!((moment.weekday, moment.weekday_number), (Some("Monday"), 1));
    assert_eq!(
        (moment.time.as_str(), moment.zone.as_str()),
        ("14:05", "CET, Europe/Berlin")
    );
    assert_eq!(moment.night, None);
}

#[test]
fn the_zone_follows_the_change_of_the_clocks() {
    let before = moment("2026-10-25T00:30:00Z", "Europe/Berlin");
    let after = moment("2026-10-25T01:30:00Z", "Europe/Berlin");
    assert_eq!((before.time.as_str(), after.time.as_str()), ("02:30", "02:30"));
    assert_eq!(
        (before.zone.as_str(), after.zone.as_str()),
        ("CEST, Europe/Berlin", "CET, Europe/Berlin")
    );
}

#[test]
fn zones_without_letters_and_utc_are_told_once_and_clearly() {
    assert_eq!(
        moment("2026-11-30T13:05:00Z", "America/Sao_Paulo").zone,
        "UTC-03, America/Sao_Paulo"
    );
    assert_eq!(moment("2026-11-30T13:05:00Z", "UTC").zone, "UTC");
}

#[test]
fn midnight_names_the_night_and_the_minute_after_it_does_not() {
    let at_midnight = moment("2026-11-29T23:00:00Z", "Europe/Berlin");
    assert_eq!(
        (at_midnight.day.as_str(), at_midnight.time.as_str()),
        ("Monday, 30 November 2026", "00:00")
    );
    assert!(at_midnight.night.is_some());
    assert!(
        moment("2026-11-29T23:00:59Z", "Europe/Berlin").night.is_some(),
        "shown as 00:00"
    );
    assert_eq!(moment("2026-11-29T23:01:00Z", "Europe/Berlin").night, None);
}
