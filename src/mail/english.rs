//! Dates and days in English. Another language is another module beside this one.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

/// The language that these words are in, as mail headers and HTML name it.
pub const LANGUAGE: &str = "en";

/// An instant in the words of one time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// `Monday`
    pub weekday: &'static str,
    /// `30 November 2026`
    pub date: String,
    /// `Monday, 30 November 2026`
    pub day: String,
    /// `14:05`
    pub time: String,
    /// `CET, Europe/Berlin`
    pub zone: String,
    /// Set at 00:00 only, which half of all readers take for the end of the day:
    /// `the night from Sunday to Monday`.
    pub night: Option<String>,
}

impl Moment {
    /// The instant on the clock of `zone`.
    pub fn new(at: Timestamp, zone: &TimeZone) -> Self {
        let local = at.to_zoned(zone.clone());
        let abbreviation = local.strftime("%Z").to_string();
        // Where a zone has no letters of its own, tzdata gives "+03".
        let abbreviation = if abbreviation.starts_with(['+', '-']) {
            format!("UTC{abbreviation}")
        } else {
            abbreviation
        };
        let zone = match zone.iana_name() {
            Some(name) if name != abbreviation => format!("{abbreviation}, {name}"),
            _ => abbreviation,
        };
        let day_before = local.date().checked_sub(1.day()).map(Date::weekday);
        let night = day_before
            .ok()
            .filter(|_| {
                Time::midnight()
                    .until(local.time())
                    .is_ok_and(|past| past.get_hours() == 0 && past.get_minutes() == 0)
            })
            .map(|before| {
                format!(
                    "the night from {} to {}",
                    weekday(before),
                    weekday(local.weekday())
                )
            });
        Self {
            weekday: weekday(local.weekday()),
            date: date(local.date()),
            day: day(local.date()),
            time: local.strftime("%H:%M").to_string(),
            zone,
            night,
        }
    }
}

/// `Monday, 30 November 2026`
pub fn day(on: Date) -> String {
    format!("{}, {}", weekday(on.weekday()), date(on))
}

/// Where a day lies, seen from today: "in 7 days", "tomorrow", "today", "yesterday", "3 days ago".
pub fn when(days: i32) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2.. => format!("in {days} days"),
        _ => format!("{} days ago", days.unsigned_abs()),
    }
}

fn date(on: Date) -> String {
    on.strftime("%-d %B %Y").to_string()
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(at: &str, zone: &str) -> Moment {
        Moment::new(at.parse().unwrap(), &TimeZone::get(zone).unwrap())
    }

    #[test]
    fn a_moment_is_told_with_weekday_clock_and_zone() {
        let moment = moment("2026-11-30T13:05:00Z", "Europe/Berlin");
        assert_eq!(moment.day, "Monday, 30 November 2026");
        assert_eq!(
            (moment.weekday, moment.date.as_str()),
            ("Monday", "30 November 2026")
        );
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
    fn midnight_names_the_night() {
        let at_midnight = moment("2026-11-29T23:00:00Z", "Europe/Berlin");
        assert_eq!(
            (at_midnight.day.as_str(), at_midnight.time.as_str()),
            ("Monday, 30 November 2026", "00:00")
        );
        assert_eq!(
            at_midnight.night.as_deref(),
            Some("the night from Sunday to Monday")
        );
        assert!(
            moment("2026-11-29T23:00:59Z", "Europe/Berlin").night.is_some(),
            "shown as 00:00"
        );
        assert_eq!(moment("2026-11-29T23:01:00Z", "Europe/Berlin").night, None);
    }

    #[test]
    fn days_are_figures_but_for_the_nearest() {
        let told: Vec<String> = [14, 2, 1, 0, -1, -3].into_iter().map(when).collect();
        assert_eq!(
            told,
            [
                "in 14 days",
                "in 2 days",
                "tomorrow",
                "today",
                "yesterday",
                "3 days ago"
            ]
        );
    }
}
