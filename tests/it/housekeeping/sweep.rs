//! The process is killed at every step of a run, one step a time. Needs the feature `cut-points`.

use rusqlite::Connection;
use serde_json::Value;

use super::{A_DAY, BACKUPS};
use crate::ledger::sweep::cut_at;
use crate::support::company::EVERY_DAY;
use crate::support::world::World;

/// Two runs of two years ago that decide nothing, and one that is the last of its job.
const OLD_RUNS: &str = "INSERT INTO run (job, trigger, status, started_at, finished_at)
     VALUES ('role-sync', 'schedule', 'succeeded', 1, 2), ('role-sync', 'schedule', 'succeeded', 3, 4),
            ('role-sync', 'schedule', 'succeeded', 5, 6)";

/// A store with something to prune, before any housekeeping.
async fn world() -> World {
    let world = World::of_today(&["ana@acme.example", "bo@acme.example"]).await;
    world.configure(&format!("{A_DAY}{EVERY_DAY}{BACKUPS}"));
    world.run_expecting(0).await;
    Connection::open(world.store())
        .unwrap()
        .execute_batch(OLD_RUNS)
        .unwrap();
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_at_any_step_loses_nothing() {
    let mut places = std::collections::BTreeSet::new();
    for number in 1.. {
        let world = world().await;
        let ledger = world.json(&["mail", "list"]).await;
        let Some(place) = cut_at(&world, number, &["run", "housekeeping"]) else {
            break;
        };
        // A name is only given to what is whole.
        let has_backup = world.backups().iter().any(|name| name.starts_with("steward-"));
        for name in world.backups().iter().filter(|name| name.starts_with("steward-")) {
            let copy = Connection::open(world.home.path("backups").join(name)).unwrap();
            let check: String = copy
                .query_row("PRAGMA integrity_check", [], |row| row.get(0))
                .unwrap();
            assert_eq!(check, "ok", "{number}: {place}");
        }
        let role_runs = "SELECT count(*) FROM run WHERE job = 'role-sync'";
        assert!(
            has_backup || world.count(role_runs) == 3,
            "{number}: {place}: pruned before it was backed up"
        );
        // The next run, a second later at least or of another name, does all that is left.
        world.set_now("2099-01-01T00:00:00Z");
        let run = world.steward(&["run", "housekeeping"]).await;
        assert_eq!(run.code, 0, "{number}: {place}: {run:?}");
        assert_eq!(world.count(role_runs), 1, "{number}: {place}");
        assert!(
            world.backups().iter().all(|name| name.starts_with("steward-")),
            "{:?}",
            world.backups()
        );
        assert_eq!(
            world.count("SELECT count(*) FROM run WHERE status = 'running'"),
            0
        );
        let now: Value = world.json(&["mail", "list"]).await;
        assert_eq!(now, ledger, "{number}: {place}");
        places.insert(place);
    }
    for place in [
        "in the middle of the backup",
        "before the backup has its name",
        "after the backup has its name",
        "before a batch is committed",
    ] {
        assert!(places.contains(place), "{place} in {places:?}");
    }
}
