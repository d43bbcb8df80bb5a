//! Japanese.

use jiff::civil::{Date, Weekday};

use super::{Night, nth};
use crate::mail::script::is_east_asian;

const WEEKDAYS: [&str; 7] = [
    "月曜日",
    "火曜日",
    "水曜日",
    "木曜日",
    "金曜日",
    "土曜日",
    "日曜日",
];

pub(super) fn weekday(day: Weekday) -> &'static str {
    nth(&WEEKDAYS, day.to_monday_one_offset())
}

pub(super) fn date(on: Date) -> String {
    format!("{}年{}月{}日", on.year(), on.month(), on.day())
}

/// `2026年11月30日(月)`
pub(super) fn day(on: Date) -> String {
    let short = weekday(on.weekday()).trim_end_matches("曜日");
    format!("{}({short})", date(on))
}

pub(super) fn when(days: i32) -> String {
    match days {
        0 => "本日".to_owned(),
        1 => "明日".to_owned(),
        -1 => "昨日".to_owned(),
        2.. => format!("{days}日後"),
        _ => format!("{}日前", days.unsigned_abs()),
    }
}

pub(super) fn night(night: Night) -> String {
    let (from, to) = (weekday(night.from), weekday(night.to));
    format!("その日の始まり、{from}から{to}に変わる深夜")
}

/// The family name comes first, where the name is written in this script; others keep their order.
pub(super) fn full_name(given: &str, family: &str) -> String {
    let is_here = |name: &str| name.chars().all(|c| is_east_asian(c) || c == ' ');
    if is_here(given) && is_here(family) {
        format!("{family} {given}")
    } else {
        format!("{given} {family}")
    }
}
