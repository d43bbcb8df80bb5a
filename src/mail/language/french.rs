//! French.

use jiff::civil::{Date, Weekday};

use super::{Night, nth};

const WEEKDAYS: [&str; 7] = [
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
];

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

pub(super) fn weekday(day: Weekday) -> &'static str {
    nth(&WEEKDAYS, day.to_monday_one_offset())
}

pub(super) fn date(on: Date) -> String {
    // Only the first of a month is an ordinal.
    let day = match on.day() {
        1 => "1er".to_owned(),
        day => day.to_string(),
    };
    format!("{day} {} {}", nth(&MONTHS, on.month()), on.year())
}

pub(super) fn day(on: Date) -> String {
    format!("{} {}", weekday(on.weekday()), date(on))
}

pub(super) fn when(days: i32) -> String {
    match days {
        0 => "aujourd’hui".to_owned(),
        1 => "demain".to_owned(),
        -1 => "hier".to_owned(),
        2.. => format!("dans {days} jours"),
        _ => format!("il y a {} jours", days.unsigned_abs()),
    }
}

pub(super) fn night(night: Night) -> String {
    let (from, to) = (weekday(night.from), weekday(night.to));
    // Before a colon stands a no-break space.
    format!("le début de cette journée\u{a0}: la nuit de {from} à {to}")
}
