//! Schedules and send days, on the calendar of one time zone.

use std::collections::BTreeSet;
use std::fmt;

use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

/// How far ahead a send day must lie, in days; a calendar without one is a mistake.
pub const SEND_DAY_HORIZON: i32 = 31;

/// A 5-field cron expression, as in crontab(5): minute, hour, day of month, month, day of week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    text: String,
    cron: croner::Cron,
}

impl Schedule {
    /// Reads a 5-field expression; the error says in words what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields = text.split_whitespace().count();
        if fields != 5 && !text.trim_start().starts_with('@') {
            return Err(format!(
                "a schedule has 5 fields (minute hour day month weekday), this has {fields}"
            ));
        }
        let cron = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build()
            .parse(text)
            .map_err(|error| {
                let why = error.to_string();
                format!("{text:?} is not a schedule ({})", why.trim_end_matches('.'))
            })?;
        Ok(Self {
            text: text.to_owned(),
            cron,
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first instant after `after`. `None` for a date that never comes, such as 31 February.
    ///
    /// A fixed time that falls into the gap of a DST change is taken at the first valid instant
    /// after it, and one that comes twice is taken once.
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let after = after.to_zoned(zone.clone());
        self.cron
            .find_next_occurrence(&after, false)
            .ok()
            .map(|next| next.timestamp())
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The weekdays on which notices leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays([bool; 7]);

impl Weekdays {
    /// Short English names, Monday first: the spelling of the configuration.
    pub const NAMES: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// The set of these days.
    pub fn new(days: impl IntoIterator<Item = Weekday>) -> Self {
        let mut set = [false; 7];
        for day in days {
            set[Self::index(day)] = true;
        }
        Self(set)
    }

    /// The day with this short name.
    pub fn parse_day(name: &str) -> Option<Weekday> {
        let at = Self::NAMES.iter().position(|known| *known == name)?;
        Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()
    }

    fn contains(self, day: Weekday) -> bool {
        self.0[Self::index(day)]
    }

    fn index(day: Weekday) -> usize {
        usize::from(day.to_monday_zero_offset().unsigned_abs())
    }
}

/// When notices leave: on which days, and at which time of such a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendCalendar {
    /// Calendar days are days of this zone.
    pub time_zone: TimeZone,
    /// Weekdays on which notices leave.
    pub send_days: Weekdays,
    /// Days on which they do not, whatever the weekday.
    pub holidays: BTreeSet<Date>,
    /// The schedule of the job.
    pub schedule: Schedule,
}

impl SendCalendar {
    /// The calendar day of an instant.
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.zoned(at).date()
    }

    /// The instant on the clock of the zone.
    pub fn zoned(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.time_zone.clone())
    }

    /// Calendar days from the day of `from` to the day of `to`; negative when `to` lies before.
    pub fn days_between(&self, from: Timestamp, to: Timestamp) -> i32 {
        let span = self.day_of(to) - self.day_of(from);
        span.get_days()
    }

    /// Whether notices leave on this day.
    pub fn is_send_day(&self, day: Date) -> bool {
        self.send_days.contains(day.weekday()) && !self.holidays.contains(&day)
    }

    /// The first send day after `day`, if one comes within the horizon.
    pub fn next_send_day(&self, day: Date) -> Option<Date> {
        (1..=SEND_DAY_HORIZON)
            .filter_map(|ahead| day.checked_add(ahead.days()).ok())
            .find(|date| self.is_send_day(*date))
    }

    /// On a send day, the number of calendar days after it and before the next send day: on an
    /// ordinary Thursday 0, on a Friday 2.
    pub fn look_ahead(&self, day: Date) -> i32 {
        self.next_send_day(day)
            .map_or(SEND_DAY_HORIZON, |next| (next - day).get_days() - 1)
    }

    /// The next scheduled instant that falls on a send day.
    pub fn next_send_at(&self, after: Timestamp) -> Option<Timestamp> {
        let horizon = self
            .day_of(after)
            .checked_add((2 * SEND_DAY_HORIZON).days())
            .ok()?;
        let mut at = after;
        loop {
            at = self.schedule.next_after(at, &self.time_zone)?;
            let day = self.day_of(at);
            if self.is_send_day(day) {
                return Some(at);
            }
            if day > horizon {
                return None;
            }
        }
    }
}
