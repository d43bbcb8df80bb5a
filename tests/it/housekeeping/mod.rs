//! The job `housekeeping`: the care of the store.

mod damage;
mod pruning;
mod restore;
mod running;
#[cfg(feature = "cut-points")]
mod sweep;

use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;

use crate::support::home::Output;
use crate::support::world::World;

const BACKUPS: &str = "[housekeeping]\nbackup_directory = \"backups\"\n";

/// The least that can be kept.
const A_DAY: &str = "[store]\nkeep = \"1d\"\nkeep_changes = \"1d\"\n";

impl World {
    async fn keep_house(&self, code: i32) -> Output {
        let run = self.steward(&["run", "housekeeping"]).await;
        assert_eq!(run.code, code, "{run:?}");
        run
    }

    fn store(&self) -> PathBuf {
        self.home.path("steward.db")
    }

    /// The names of the backups, the oldest first.
    fn backups(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.home.path("backups")) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    fn count(&self, query: &str) -> i64 {
        let store = Connection::open(self.store()).unwrap();
        store.query_row(query, [], |row| row.get(0)).unwrap()
    }
}
