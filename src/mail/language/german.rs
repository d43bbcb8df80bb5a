//! German.

use jiff::civil::{Date, Weekday};

use super::{Night, nth};

const WEEKDAYS: [&str; 7] = [
    "Montag",
    "Dienstag",
    "Mittwoch",
    "Donnerstag",
    "Freitag",
    "Samstag",
    "Sonntag",
];

const MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

pub(super) fn weekday(day: Weekday) -> &'static str {
    nth(&WEEKDAYS, day.to_monday_one_offset())
}

pub(super) fn date(on: Date) -> String {
    format!("{}. {} {}", on.day(), nth(&MONTHS, on.month()), on.year())
}

pub(super) fn day(on: Date) -> String {
    format!("{}, {}", weekday(on.weekday()), date(on))
}

pub(super) fn when(days: i32) -> String {
    match days {
        0 => "heute".to_owned(),
        1 => "morgen".to_owned(),
        -1 => "gestern".to_owned(),
        2.. => format!("in {days} Tagen"),
        _ => format!("vor {} Tagen", days.unsigned_abs()),
    }
}

pub(super) fn night(night: Night) -> String {
    let (from, to) = (weekday(night.from), weekday(night.to));
    format!("der Beginn dieses Tages: die Nacht von {from} auf {to}")
}
