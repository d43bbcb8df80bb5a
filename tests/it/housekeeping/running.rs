//! The job beside the others: by hand, by the daemon, paused, locked, and seen in what they tell.

use std::time::Duration;

use onelogin_steward::store::{FileLock, LockName};

use super::BACKUPS;
use crate::support::company::{company, three_people};
use crate::support::daemon::{daemon_at, runs_of, status_of, wait_until};
use crate::support::world::World;

/// A moment before half past three in Berlin.
const BEFORE: &str = "2026-11-23T02:29:59Z";

/// Half past three there.
const HALF_PAST_THREE: &str = "2026-11-23T02:30:00Z";

async fn world(more: &str) -> World {
    let world = World::new(company(three_people())).await;
    world.configure(&format!("{BACKUPS}{more}"));
    world
}

/// Lets the daemon run until a run of the job has ended; gives its trigger and its status.
async fn daemon(world: &World) -> (String, String) {
    world.set_now(BEFORE);
    daemon_at(world, HALF_PAST_THREE, async || {
        let ended = || status_of(world, "housekeeping").is_some_and(|status| status != "running");
        wait_until(ended).await;
    })
    .await;
    runs_of(world, "housekeeping").pop().unwrap()
}

#[tokio::test]
async fn the_daemon_runs_it_at_half_past_three_and_asks_nobody() {
    let world = world("").await;
    let ended = daemon(&world).await;
    assert_eq!(ended, ("schedule".to_owned(), "succeeded".to_owned()));
    assert_eq!(world.backups(), ["steward-20261123T023000Z.db"]);
    assert_eq!(world.control.requests(), []);
    let status = world.steward(&["status"]).await.stdout;
    for words in [
        "housekeeping     next run 2026-11-24 03:30 (30 3 * * *)",
        "last run 1 of 2026-11-23 03:30, schedule, succeeded:",
    ] {
        assert!(status.contains(words), "{words}: {status}");
    }
}

#[tokio::test]
async fn a_paused_one_is_skipped_and_still_runs_by_hand() {
    let world = world("").await;
    world.set_now("2026-11-22T10:00:00Z");
    let paused = world
        .steward(&["pause", "housekeeping", "--reason", "the disk is changed"])
        .await;
    assert_eq!(paused.code, 0, "{paused:?}");
    assert_eq!(daemon(&world).await.1, "skipped");
    assert_eq!(world.backups(), [""; 0]);
    let run = world.keep_house(0).await;
    assert!(run.stderr.contains("note: housekeeping is paused by"), "{run:?}");
    assert_eq!(world.backups().len(), 1);
    let resumed = world.steward(&["resume", "housekeeping"]).await;
    assert!(
        resumed.stdout.contains("next run 2026-11-24 03:30"),
        "{resumed:?}"
    );
}

#[tokio::test]
async fn one_that_is_not_enabled_has_no_tick_and_still_runs_by_hand() {
    let world = World::new(company(three_people())).await;
    world.configure("[housekeeping]\nenabled = false\n");
    let run = world.keep_house(0).await;
    assert!(
        run.stdout
            .contains("succeeded: the store is sound; nothing to prune"),
        "{run:?}"
    );
    let status = world.steward(&["status"]).await;
    assert!(
        status.stdout.contains("housekeeping     not enabled"),
        "{status:?}"
    );
}

#[tokio::test]
async fn two_do_not_run_at_once_and_mail_does_not_hinder_it() {
    let world = world("").await;
    world.run_expecting(0).await;
    let lock = async |name| {
        let lock = FileLock::acquire(&world.store(), name, "a test", Duration::ZERO).await;
        lock.unwrap().unwrap()
    };
    let (_mail, _roles) = (lock(LockName::Mail).await, lock(LockName::Roles).await);
    let held = lock(LockName::Housekeeping).await;
    let busy = world.steward(&["run", "housekeeping", "--wait", "0"]).await;
    assert_eq!(busy.code, 75, "{busy:?}");
    assert!(
        busy.stderr.contains("(a test) holds the lock on housekeeping"),
        "{busy:?}"
    );
    assert_eq!(world.statuses().await.len(), 1, "no run is left");
    drop(held);
    world.keep_house(0).await;
}

#[tokio::test]
async fn its_runs_are_in_the_history_and_releases_of_guards_are_wrong_usage() {
    let world = world("").await;
    let run = world.json(&["run", "housekeeping"]).await;
    assert_eq!(
        (&run["job"], &run["trigger"]),
        (&"housekeeping".into(), &"manual".into())
    );
    let runs = world.json(&["history", "--job", "housekeeping"]).await;
    assert_eq!(runs[0], run);
    let shown = world.steward(&["history", "show", "1"]).await;
    assert!(
        shown.stdout.contains("Job       housekeeping, started by manual"),
        "{shown:?}"
    );
    for release in [&["--max-notices", "9"][..], &["--accept-user-count"]] {
        let arguments = [&["run", "housekeeping", "--reason", "x"], release].concat();
        assert_eq!(world.steward(&arguments).await.code, 2);
    }
}

#[tokio::test]
async fn it_works_while_onelogin_cannot_be_reached() {
    let world = world("").await;
    let text = std::fs::read_to_string(world.home.path("config.toml")).unwrap();
    let url = text.lines().find(|line| line.starts_with("url")).unwrap();
    world
        .home
        .config(&text.replace(url, "url = \"http://127.0.0.1:1\""));
    world.keep_house(0).await;
    assert_eq!(world.backups().len(), 1);
}
