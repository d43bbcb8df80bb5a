//! What a run would do now, found out without writing.

use std::time::Instant;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Limit, prune, retention};
use crate::config::settings::Settings;
use crate::domain::retention::Retention;
use crate::jobs::Stop;
use crate::report::housekeeping::{NextBackup, Rows};
use crate::store::{BackupFolder, Store};

/// What a run would do now.
#[derive(Debug)]
pub struct Outlook {
    /// What is damaged; nothing where the store is sound.
    pub damage: Vec<String>,
    /// The backup; `None` where none is asked for, the error where it cannot be made.
    pub backup: Option<Result<NextBackup, String>>,
    /// What is old enough to go.
    pub retention: Retention,
    /// How many rows would go.
    pub rows: Rows,
}

/// Prunes a copy in memory by the very same steps, so that what is shown is what a run does.
pub async fn look(settings: &Settings, store: &Store, now: Timestamp) -> Result<Outlook, Stop> {
    let retention = retention(settings, store, now).await?;
    let directory = settings.housekeeping.backup_directory.as_deref();
    let backup = directory.map(|path| {
        let folder = BackupFolder::look(path, &settings.store_path).map_err(|error| error.to_string())?;
        let path = folder.path_at(now);
        let outdated = folder.outdated(&path).map_err(|error| error.to_string())?;
        Ok(NextBackup { path, outdated })
    });
    let damage = store.find_damage().await?;
    let mut rows = Rows::new();
    if damage.is_empty() && !matches!(backup, Some(Err(_))) {
        let copy = store.copy_in_memory().await?;
        let limit = Limit {
            stop: CancellationToken::new(),
            deadline: Instant::now() + settings.daemon.run_timeout,
        };
        (rows, _) = prune(&copy, &retention, &limit).await?;
    }
    Ok(Outlook {
        damage,
        backup,
        retention,
        rows,
    })
}
