//! `status`: one screen.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::escape::plain;
use super::time;
use crate::domain::actor::Actor;

/// A pause of a job, as the history tells it of a tick.
pub fn pause_in_words(reason: &str, actor: Actor, until: Option<Timestamp>, zone: &TimeZone) -> String {
    let until = until.map_or("until it is resumed".to_owned(), |until| {
        format!("until {}", time::minute(until, zone))
    });
    format!("paused by {actor} {until}: {}", plain(reason))
}
