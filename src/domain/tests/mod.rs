//! The decisions, tried on a small made-up company.

mod ages;
mod alerts;
mod calendars;
mod dues;
mod forecasts;
mod guards;
mod plans;
mod properties;
mod recipients;
mod resends;
mod retentions;
mod retries;
mod rules;
mod timetables;
mod truths;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::calendar::{Schedule, SendCalendar, Weekdays};
use super::due::{Book, Due, due_notice};
use super::expiry::{Facts, Terms, assess};
use super::notice::{Ledger, NoticeState};
use super::policy::{Group, MaxAge, Policy, PolicyBook, PolicyId, PolicyKnowledge};
use super::recipient::Fallback;
use super::skip::Skip;
use super::user::{User, UserId, UserStatus};

/// An instant written as `2026-11-23 08:00`, in Berlin.
fn at(text: &str) -> Timestamp {
    at_in("Europe/Berlin", text)
}

fn at_in(zone: &str, text: &str) -> Timestamp {
    let civil: jiff::civil::DateTime = text.parse().unwrap();
    civil.to_zoned(TimeZone::get(zone).unwrap()).unwrap().timestamp()
}

/// Monday to Friday, no holidays, 08:00 in Berlin.
fn office_days() -> SendCalendar {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    SendCalendar {
        time_zone: TimeZone::get("Europe/Berlin").unwrap(),
        send_days: Weekdays::new([Monday, Tuesday, Wednesday, Thursday, Friday]),
        holidays: BTreeSet::new(),
        schedule: Schedule::parse("0 8 * * *").unwrap(),
    }
}

fn terms() -> Terms {
    Terms {
        calendar: office_days(),
        notice_days: [14, 7, 3, 1].into(),
        notice_after_expiry: true,
        after_expiry_within: SignedDuration::from_hours(7 * 24),
        statuses: [UserStatus::Active, UserStatus::Locked].into(),
        skip_directory_users: true,
        fallback: Fallback::Nobody,
        ages_from_onelogin: true,
        default_max_age: None,
        rules: Vec::new(),
    }
}

fn policy(id: i64, name: &str, days: Option<u32>, is_default: bool) -> Policy {
    Policy {
        id: PolicyId(id),
        name: name.to_owned(),
        is_default,
        max_age: days.map(MaxAge::from_days),
    }
}

/// The default policy gives 90 days; group 411 "Contractors" has 45.
fn book() -> PolicyBook {
    let policies = [
        policy(1, "Default", Some(90), true),
        policy(2, "Short", Some(45), false),
    ];
    let group = |name: &str, policy_id| Group {
        name: name.to_owned(),
        policy_id,
    };
    PolicyBook {
        policies: policies.into_iter().map(|policy| (policy.id, policy)).collect(),
        groups: BTreeMap::from([
            (410, group("Staff", None)),
            (411, group("Contractors", Some(PolicyId(2)))),
            (412, group("Orphans", Some(PolicyId(99)))),
        ]),
        ages_since: BTreeMap::new(),
    }
}

/// User 1, whose password expires at this instant under the default policy.
fn person(expires: Timestamp) -> User {
    User {
        email: Some("ana@acme.example".to_owned()),
        username: Some("ana".to_owned()),
        password_changed_at: Some(expires - SignedDuration::from_hours(90 * 24)),
        ..User::new(1)
    }
}

fn facts(users: impl IntoIterator<Item = User>) -> Facts {
    let book = book();
    Facts {
        users: users.into_iter().map(|user| (user.id, user)).collect(),
        group_names: book
            .groups
            .iter()
            .map(|(id, group)| (*id, group.name.clone()))
            .collect(),
        policies: PolicyKnowledge::Read(book),
        role_members: BTreeMap::new(),
    }
}

/// What is due about this person.
fn due_with(user: &User, terms: &Terms, now: Timestamp, ledger: &Ledger) -> Result<Due, Skip> {
    let facts = facts([user.clone()]);
    let assessment = assess(user, &facts, terms);
    due_notice(
        user.id,
        &assessment,
        terms,
        now,
        Book {
            ledger,
            rehearsal: false,
        },
    )
}

/// The threshold that is due about this person, with an empty ledger.
fn threshold(user: &User, terms: &Terms, now: Timestamp) -> Result<i32, Skip> {
    due_with(user, terms, now, &Ledger::default()).map(|due| due.key.threshold.0)
}

/// A ledger in which everything that is due now stands as sent.
fn ledger_after(user: &User, terms: &Terms, now: Timestamp) -> Ledger {
    let mut ledger = Ledger::default();
    if let Ok(due) = due_with(user, terms, now, &ledger) {
        ledger.record(due.key, NoticeState::Sent);
    }
    ledger
}

fn id(number: i64) -> UserId {
    UserId(number)
}
