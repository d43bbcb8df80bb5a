//! The sections of a key or two.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::reader::Reader;
use crate::config::settings::{Daemon, Log, LogFormat};
use crate::config::value::{self, Wrong};
use crate::domain::calendar::Schedule;

/// `time_zone`
pub(in crate::config) fn read_time_zone(reader: &Reader<'_>) -> Option<TimeZone> {
    reader.parsed("time_zone", value::time_zone)
}

/// `[daemon]`
pub(in crate::config) fn read_daemon(reader: &Reader<'_>) -> Option<Daemon> {
    let catch_up = reader.parsed("daemon.catch_up", value::catch_up);
    let run_timeout = reader.parsed("daemon.run_timeout", value::duration);
    let stop_timeout = reader.parsed("daemon.stop_timeout", value::duration);
    Some(Daemon {
        catch_up: catch_up?,
        run_timeout: run_timeout?,
        stop_timeout: stop_timeout?,
    })
}

/// `[log]`
pub(in crate::config) fn read_log(reader: &Reader<'_>) -> Option<Log> {
    let level = reader.parsed("log.level", value::log_level);
    let format = reader.parsed("log.format", |text| {
        value::choice(
            text,
            &[
                ("auto", LogFormat::Auto),
                ("text", LogFormat::Text),
                ("json", LogFormat::Json),
                ("journald", LogFormat::Journald),
            ],
        )
    });
    Some(Log {
        level: level?,
        format: format?,
    })
}

/// Tells of a schedule whose day never comes.
pub(super) fn check_schedule(
    reader: &Reader<'_>,
    key: &str,
    schedule: Option<&Schedule>,
    time_zone: Option<&TimeZone>,
    now: Timestamp,
) {
    let (Some(schedule), Some(time_zone)) = (schedule, time_zone) else {
        return;
    };
    if schedule.next_after(now, time_zone).is_none() {
        let message = format!("the schedule {:?} never comes", schedule.as_str());
        let help = "name a day of the month that the month has";
        if let Some(node) = reader.find(key) {
            reader.wrong(&node, Wrong::new(message, help));
        }
    }
}
