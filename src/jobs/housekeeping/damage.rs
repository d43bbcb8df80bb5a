//! What admins are told of a damaged store: how to put a backup in its place.

use crate::account::Account;
use crate::config::settings::Settings;
use crate::domain::alert::{Advice, Kind, Trouble};
use crate::store::BackupFolder;

pub(super) fn trouble(settings: &Settings, damage: &[String]) -> Trouble {
    let store = settings.store_path.display();
    let directory = settings.housekeeping.backup_directory.as_deref();
    let folder = directory.and_then(|path| BackupFolder::look(path, &settings.store_path).ok());
    let backup = folder.and_then(|folder| folder.newest());
    let newest = backup
        .as_ref()
        .map_or("BACKUP".to_owned(), |path| path.display().to_string());
    Trouble {
        kind: Kind::Damage,
        about: String::new(),
        what: format!(
            "the store {store} is damaged ({}). It was neither pruned nor backed up, so that good backups stay. \
             To restore one: stop the service, move the store and its -wal and -shm files away together, put {newest} \
             in its place, and start again",
            damage.join("; ")
        ),
        advice: vec![
            Advice::command("Stop the service", "systemctl stop onelogin-steward"),
            Advice::words(format!(
                "Move {store}, {store}-wal and {store}-shm away together, and keep them"
            )),
            Advice::command(
                "Put the newest backup in its place, as the user who owns the store",
                Account::ours().sudo(&format!("install -m 0600 {newest} {store}")),
            ),
            Advice::command("Start the service", "systemctl start onelogin-steward"),
            Advice::words(
                "A restored store does not know what was sent and changed since its backup, so its jobs are paused: \
                 look at `run password-expiry --plan` and `roles plan`, then `resume` each job",
            ),
        ],
    }
}
