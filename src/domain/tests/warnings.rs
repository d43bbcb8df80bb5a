//! What came of earlier warnings.

use super::*;
use crate::domain::notice::{PasswordOccasion, Threshold};
use crate::domain::warned::{Warned, count_warned};

const NOW: &str = "2026-11-23 08:00";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// A person who was warned of an expiry so many days ahead, or behind; and the ledger of it.
fn warn(ledger: &mut Ledger, number: i64, expires_in: i64, state: NoticeState) -> User {
    let expires = at(NOW) + days(expires_in);
    let user = User {
        id: id(number),
        ..person(expires)
    };
    let before = expires - days(1);
    let mut key = due_with(&user, &office_free(), before, &Ledger::default())
        .unwrap()
        .key;
    ledger.record(key.clone(), state);
    // Several notices, and one to somebody else, are still one person.
    key.threshold = Threshold(7);
    ledger.record(key.clone(), state);
    key.recipient = "boss@acme.example".to_owned();
    ledger.record(key, state);
    user
}

/// Terms under which every day is a send day.
fn office_free() -> Terms {
    let mut terms = terms();
    terms.calendar.send_days = Weekdays::new([
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ]);
    terms
}

fn changed(user: User, days_ago: i64) -> User {
    User {
        password_changed_at: Some(at(NOW) - days(days_ago)),
        ..user
    }
}

fn count(ledger: &Ledger, users: impl IntoIterator<Item = User>) -> Warned {
    count_warned(ledger, &facts(users), &terms(), at(NOW))
}

#[test]
fn each_warned_person_is_counted_once_by_what_became_of_the_password() {
    let mut ledger = Ledger::default();
    let waiting = warn(&mut ledger, 1, 3, NoticeState::Sent);
    let expired = warn(&mut ledger, 2, -3, NoticeState::Sent);
    let in_time = changed(warn(&mut ledger, 3, 3, NoticeState::Sent), 1);
    let too_late = changed(warn(&mut ledger, 4, -3, NoticeState::Sent), 1);
    let in_time_and_past = changed(warn(&mut ledger, 5, -3, NoticeState::Sent), 5);
    let all = [waiting, expired, in_time, too_late, in_time_and_past];
    let warned = count(&ledger, all);
    assert_eq!(
        warned,
        Warned {
            people: 5,
            changed: 2,
            expired: 2
        }
    );
    assert_eq!(warned.text().unwrap(), "of 5 warned 2 changed in time, 2 expired");
}

#[test]
fn a_status_that_says_expired_is_believed() {
    let mut ledger = Ledger::default();
    let user = User {
        status: UserStatus::PasswordExpired,
        ..warn(&mut ledger, 1, 3, NoticeState::Sent)
    };
    assert_eq!(count(&ledger, [user]).expired, 1);
}

#[test]
fn nobody_was_warned_by_a_rehearsal_or_by_what_never_left() {
    let mut ledger = Ledger::default();
    let users = [
        warn(&mut ledger, 1, 3, NoticeState::Rehearsed),
        warn(&mut ledger, 2, 3, NoticeState::Failed),
        warn(&mut ledger, 3, 3, NoticeState::Superseded),
    ];
    let warned = count(&ledger, users);
    assert_eq!((warned, warned.text()), (Warned::default(), None));
}

#[test]
fn the_notice_after_the_expiry_warned_nobody() {
    let now = at(NOW);
    let user = person(now - days(1));
    let ledger = ledger_after(&user, &terms(), now);
    assert_eq!(count(&ledger, [user]), Warned::default());
}

#[test]
fn what_was_to_expire_more_than_a_month_ago_and_people_who_left_are_no_news() {
    let mut ledger = Ledger::default();
    let long_ago = [
        warn(&mut ledger, 1, -31, NoticeState::Sent),
        changed(warn(&mut ledger, 2, -31, NoticeState::Sent), 33),
    ];
    warn(&mut ledger, 3, 3, NoticeState::Sent);
    assert_eq!(count(&ledger, long_ago), Warned::default());
}

#[test]
fn an_occasion_is_read_as_it_is_written() {
    let occasion = PasswordOccasion {
        changed_at: at(NOW),
        max_age: MaxAge::Days(90),
    };
    assert_eq!(PasswordOccasion::parse(&occasion.to_string()), Some(occasion));
    for other in ["", "lockout:1", "password:x:90d", "password:1:90"] {
        assert_eq!(PasswordOccasion::parse(other), None, "{other}");
    }
}
