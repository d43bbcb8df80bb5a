//! `[housekeeping]`, and how long `[store]` keeps rows.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::paths::Paths;
use super::small::check_schedule;
use crate::config::reader::Reader;
use crate::config::settings::Housekeeping;
use crate::config::value::{self, Wrong};

/// Nothing is pruned younger than this: a person looks up today what happened yesterday, and rows that a
/// run is about to use are younger. What guards and ledger go by stays longer, whatever the keys say.
const SHORTEST: Duration = Duration::from_secs(24 * 3600);

/// Reads both.
pub(in crate::config) fn read_housekeeping(
    reader: &Reader<'_>,
    paths: &Paths,
    time_zone: Option<&TimeZone>,
    now: Timestamp,
) -> Option<Housekeeping> {
    let keep = reader.parsed("store.keep", span);
    let keep_changes = reader.parsed("store.keep_changes", span);
    let enabled = reader.boolean("housekeeping.enabled");
    let schedule = reader.parsed("housekeeping.schedule", value::schedule);
    check_schedule(reader, "housekeeping.schedule", schedule.as_ref(), time_zone, now);
    let directory = reader.optional("housekeeping.backup_directory", |text| paths.written(text));
    Some(Housekeeping {
        enabled: enabled?,
        schedule: schedule?,
        backup_directory: directory,
        keep: keep?,
        keep_changes: keep_changes?,
    })
}

fn span(text: &str) -> Result<Duration, Wrong> {
    let help = "what decides nothing any more is kept for a day at least: \"1d\", usually \"400d\"";
    let span = value::duration(text).map_err(|wrong| Wrong::new(wrong.message, help))?;
    if span < SHORTEST {
        return Err(Wrong::new(format!("{text:?} is shorter than a day"), help));
    }
    Ok(span)
}
