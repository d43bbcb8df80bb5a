//! Whom admins are told of what, and when they hear no more of it.

use jiff::civil::Date;

use super::*;
use crate::domain::alert::{Cause, Kind, News, Reach, Record, Told, letters};
use crate::domain::run::{Job, RunId};

const ANA: &str = "ana@acme.example";
const BO: &str = "bo@acme.example";

fn cause(kind: Kind) -> Cause {
    Cause {
        job: Job::PasswordExpiry,
        kind,
        about: String::new(),
    }
}

fn day(day: i8) -> Date {
    Date::constant(2026, 11, day)
}

fn told_on(on: i8, is_open: bool, fingerprint: Option<&str>) -> Told {
    Told {
        on: day(on),
        is_open,
        fingerprint: fingerprint.map(str::to_owned),
    }
}

/// What is remembered of a cause, and what these people were told.
fn record<const N: usize>(kind: Kind, told: [(&str, i8, bool); N]) -> BTreeMap<Cause, Record> {
    let told = told.map(|(address, on, is_open)| (address.to_owned(), told_on(on, is_open, None)));
    let record = Record {
        since: at("2026-11-20 08:00"),
        since_run: RunId(1),
        told: told.into(),
    };
    BTreeMap::from([(cause(kind), record)])
}

/// The letters to Ana and Bo on the 23rd, after a run that met this and came this far.
fn news(records: &BTreeMap<Cause, Record>, met: &[Kind], reach: Reach) -> Vec<(String, Kind, News)> {
    let met = met.iter().map(|kind| (cause(*kind), None)).collect();
    let admins = [ANA.to_owned(), BO.to_owned()];
    let letters = letters(records, &met, reach, &admins, day(23));
    let short = letters
        .into_iter()
        .map(|letter| (letter.address, letter.cause.kind, letter.news));
    short.collect()
}

fn to(address: &str, kind: Kind, news: News) -> (String, Kind, News) {
    (address.to_owned(), kind, news)
}

#[test]
fn what_is_new_or_was_told_on_another_day_is_told() {
    let both = [
        to(ANA, Kind::Failure, News::Trouble),
        to(BO, Kind::Failure, News::Trouble),
    ];
    assert_eq!(news(&BTreeMap::new(), &[Kind::Failure], Reach::Begun), both);
    let records = record(Kind::Failure, [(ANA, 22, true), (BO, 24, true)]);
    assert_eq!(
        news(&records, &[Kind::Failure], Reach::Begun),
        both,
        "a clock may go back"
    );
}

#[test]
fn each_admin_is_told_once_a_day_whatever_the_others_know() {
    let records = record(Kind::Failure, [(ANA, 23, true)]);
    assert_eq!(
        news(&records, &[Kind::Failure], Reach::Begun),
        [to(BO, Kind::Failure, News::Trouble)]
    );
    let records = record(Kind::Failure, [(ANA, 23, false), (BO, 23, true)]);
    assert_eq!(
        news(&records, &[Kind::Failure], Reach::Begun),
        [],
        "told and over today"
    );
}

#[test]
fn its_end_is_told_to_those_who_know_of_it_and_only_once() {
    let records = record(Kind::Failure, [(ANA, 22, true), (BO, 22, false)]);
    assert_eq!(
        news(&records, &[], Reach::Read),
        [to(ANA, Kind::Failure, News::Over)]
    );
    assert_eq!(news(&record(Kind::Failure, []), &[], Reach::Delivered), []);
    let former = record(Kind::Failure, [("gone@acme.example", 22, true)]);
    assert_eq!(news(&former, &[], Reach::Delivered), [], "no admin any more");
}

#[test]
fn only_a_run_that_came_so_far_knows_that_it_is_over() {
    let furthest = [
        (Kind::Failure, Reach::Read),
        (Kind::Clock, Reach::Read),
        (Kind::AgeTooLong, Reach::Read),
        (Kind::UserDrop, Reach::Decided),
        (Kind::Notices, Reach::Decided),
        (Kind::MailServer, Reach::Delivered),
        (Kind::Recipients, Reach::Delivered),
    ];
    for (kind, known_at) in furthest {
        let records = record(kind, [(ANA, 22, true)]);
        for reach in [Reach::Begun, Reach::Read, Reach::Decided, Reach::Delivered] {
            let is_told = !news(&records, &[Kind::Account], reach)
                .iter()
                .all(|(_, _, news)| *news == News::Trouble);
            assert_eq!(is_told, reach >= known_at, "{kind} {reach:?}");
        }
    }
}

#[test]
fn a_lasting_difference_is_told_again_when_it_is_another_one_and_not_twice_a_day() {
    let drift = || cause(Kind::Drift);
    let is_told = |told: Told| {
        let record = Record {
            since: at("2026-11-20 08:00"),
            since_run: RunId(1),
            told: [(ANA.to_owned(), told)].into(),
        };
        let met = [(drift(), Some("now".to_owned()))].into();
        let records = [(drift(), record)].into();
        !letters(&records, &met, Reach::Decided, &[ANA.to_owned()], day(23)).is_empty()
    };
    assert!(!is_told(told_on(20, true, Some("now"))), "known since the 20th");
    assert!(is_told(told_on(22, true, Some("then"))), "another one");
    assert!(!is_told(told_on(23, true, Some("then"))), "told today");
    assert!(is_told(told_on(20, false, Some("now"))), "it was over meanwhile");
}
