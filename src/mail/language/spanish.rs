//! Spanish.

use jiff::civil::{Date, Weekday};

use super::{Night, nth};

const WEEKDAYS: [&str; 7] = [
    "lunes",
    "martes",
    "miércoles",
    "jueves",
    "viernes",
    "sábado",
    "domingo",
];

const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

pub(super) fn weekday(day: Weekday) -> &'static str {
    nth(&WEEKDAYS, day.to_monday_one_offset())
}

pub(super) fn date(on: Date) -> String {
    format!("{} de {} de {}", on.day(), nth(&MONTHS, on.month()), on.year())
}

pub(super) fn day(on: Date) -> String {
    format!("{}, {}", weekday(on.weekday()), date(on))
}

pub(super) fn when(days: i32) -> String {
    match days {
        0 => "hoy".to_owned(),
        1 => "mañana".to_owned(),
        -1 => "ayer".to_owned(),
        2.. => format!("dentro de {days} días"),
        _ => format!("hace {} días", days.unsigned_abs()),
    }
}

pub(super) fn night(night: Night) -> String {
    let (from, to) = (weekday(night.from), weekday(night.to));
    format!("el comienzo de ese día: la noche del {from} al {to}")
}
