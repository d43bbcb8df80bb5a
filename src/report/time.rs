//! Dates as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2026-11-30 14:05`, on the clock of the zone.
pub fn minute(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// `2026-11-30 (Mon)`.
pub fn day(date: jiff::civil::Date) -> String {
    date.strftime("%Y-%m-%d (%a)").to_string()
}

/// RFC 3339 in UTC, to the second.
pub fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
