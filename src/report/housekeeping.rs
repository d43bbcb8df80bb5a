//! The care of the store: what would be done, and what was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::escape::{plain, wrap_under};
use super::time;
use crate::domain::retention::{Retention, RowKind};

/// How many rows of each kind.
pub type Rows = BTreeMap<RowKind, u64>;

/// The column under which the facts stand.
const FACTS: usize = 14;

/// Where a backup would be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextBackup {
    /// The file.
    pub path: PathBuf,
    /// Older ones that would go.
    pub outdated: Vec<PathBuf>,
}

/// What a run would do now.
#[derive(Debug)]
pub struct HousekeepingPlan<'a> {
    /// The zone of its dates.
    pub zone: &'a TimeZone,
    /// The store.
    pub store: &'a Path,
    /// What is damaged; nothing where it is sound.
    pub damage: &'a [String],
    /// The backup; `None` where none is asked for, the error where it cannot be made.
    pub backup: Option<&'a Result<NextBackup, String>>,
    /// What goes by.
    pub retention: &'a Retention,
    /// How many rows would go.
    pub rows: &'a Rows,
}

impl HousekeepingPlan<'_> {
    /// For a terminal.
    pub fn to_text(&self) -> String {
        let store = plain(&self.store.to_string_lossy());
        let mut text = "What a run would do now; nothing is written.\n\n".to_owned();
        let state = if self.damage.is_empty() {
            "sound".to_owned()
        } else {
            format!("DAMAGED: {}", plain(&self.damage.join("; ")))
        };
        text.push_str(&fact("store", &format!("{store}, {state}")));
        text.push_str(&fact("backup", &self.backup_in_words()));
        let rows: Vec<_> = self.rows.iter().filter(|(_, rows)| **rows > 0).collect();
        if !self.can_prune() {
            text.push_str(&fact("to be pruned", "nothing until that is put right"));
        } else if rows.is_empty() {
            text.push_str(&fact("to be pruned", "nothing"));
        }
        for (index, (kind, rows)) in rows.into_iter().enumerate() {
            let name = if index == 0 { "to be pruned" } else { "" };
            let before = time::minute(self.before(*kind), self.zone);
            text.push_str(&fact(
                name,
                &format!("{rows} {} from before {before}", in_words(*kind)),
            ));
        }
        text
    }

    fn can_prune(&self) -> bool {
        self.damage.is_empty() && !matches!(self.backup, Some(Err(_)))
    }

    fn before(&self, kind: RowKind) -> Timestamp {
        match kind {
            RowKind::Change | RowKind::Approval => self.retention.changes_before,
            _ => self.retention.before,
        }
    }

    fn backup_in_words(&self) -> String {
        match self.backup {
            None => "none: housekeeping.backup_directory is empty".to_owned(),
            Some(Err(why)) => format!("CANNOT BE MADE: {}", plain(why)),
            Some(Ok(NextBackup { path, outdated })) => {
                let path = plain(&path.to_string_lossy());
                match outdated.len() {
                    0 => path,
                    1 => format!("{path}, and 1 older one would go"),
                    more => format!("{path}, and {more} older ones would go"),
                }
            }
        }
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let backup = match self.backup {
            None => Value::Null,
            Some(Err(why)) => json!({ "path": null, "error": why, "outdated": [] }),
            Some(Ok(backup)) => json!({
                "path": path(&backup.path),
                "error": null,
                "outdated": backup.outdated.iter().map(|old| path(old)).collect::<Vec<_>>(),
            }),
        };
        json!({
            "store": path(self.store),
            "damage": self.damage,
            "backup": backup,
            "keep_from": time::rfc3339(self.retention.before),
            "keep_changes_from": time::rfc3339(self.retention.changes_before),
            "prune": RowKind::ALL
                .iter()
                .map(|kind| (kind.as_str(), self.rows.get(kind).copied().unwrap_or_default()))
                .collect::<BTreeMap<_, _>>(),
        })
    }
}

/// What was pruned, for the summary of a run.
pub fn pruned_in_words(rows: &Rows) -> String {
    let parts: Vec<String> = rows
        .iter()
        .filter(|(_, rows)| **rows > 0)
        .map(|(kind, rows)| format!("{rows} {}", in_words(*kind)))
        .collect();
    if parts.is_empty() {
        "nothing to prune".to_owned()
    } else {
        format!("pruned {}", parts.join(", "))
    }
}

/// A size for people.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn in_words(kind: RowKind) -> String {
    kind.as_str().replace('_', " ")
}

fn fact(name: &str, words: &str) -> String {
    format!("{name:<FACTS$}{}\n", wrap_under(words, FACTS))
}
