//! English.

use jiff::civil::{Date, Weekday};

use super::{Night, nth};

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

pub(super) fn weekday(day: Weekday) -> &'static str {
    nth(&WEEKDAYS, day.to_monday_one_offset())
}

pub(super) fn date(on: Date) -> String {
    on.strftime("%-d %B %Y").to_string()
}

pub(super) fn day(on: Date) -> String {
    format!("{}, {}", weekday(on.weekday()), date(on))
}

pub(super) fn when(days: i32) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2.. => format!("in {days} days"),
        _ => format!("{} days ago", days.unsigned_abs()),
    }
}

pub(super) fn night(night: Night) -> String {
    let (from, to) = (weekday(night.from), weekday(night.to));
    format!("the start of that day: the night from {from} to {to}")
}
