//! A store that is damaged, and a backup that cannot be made.

use std::fs;

use rusqlite::Connection;

use super::{A_DAY, BACKUPS};
use crate::support::admins::{assert_says, subjects};
use crate::support::company::{company, three_people};
use crate::support::world::World;

/// A world with a backup, and runs that are old enough to be pruned.
async fn world() -> World {
    let world = World::new(company(three_people())).await;
    for hour in 7..12 {
        world.set_now(&format!("2026-11-20T{hour:02}:00:00Z"));
        world.run_expecting(0).await;
    }
    world.configure_admin(&format!("{A_DAY}{BACKUPS}"));
    world.set_now("2026-11-20T13:00:00Z");
    world.keep_house(0).await;
    world.set_now("2026-11-29T07:00:00Z");
    world.run_expecting(0).await;
    world
}

const RUNS: &str = "SELECT count(*) FROM run WHERE job = 'password-expiry'";

#[tokio::test]
async fn a_damaged_store_is_neither_pruned_nor_backed_up_and_admins_are_told_how_to_restore() {
    let world = world().await;
    let store = Connection::open(world.store()).unwrap();
    let page: u32 = store
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'notice_by_state'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(store);
    let mut bytes = fs::read(world.store()).unwrap();
    let end = usize::try_from(page).unwrap() * 4096;
    // The entries of an index stand at the end of its page.
    bytes[end - 20..end].fill(0x37);
    fs::write(world.store(), bytes).unwrap();
    let backups = world.backups();

    let plan = world.steward(&["run", "housekeeping", "--plan"]).await;
    assert!(plan.code == 1 && plan.stdout.contains("DAMAGED: "), "{plan:?}");
    let run = world.keep_house(1).await;
    for words in ["is damaged (", "-wal", "steward-20261120T130000Z.db"] {
        assert!(run.stdout.contains(words), "{words}: {run:?}");
    }
    assert_eq!((world.backups(), world.count(RUNS)), (backups, 6));
    let mails = world.files_to_admin();
    assert_eq!(
        subjects(&mails),
        ["[onelogin-steward] housekeeping: failed, the store is damaged"]
    );
    assert_says(
        &mails[0],
        &[
            "neither pruned nor backed up",
            "systemctl stop onelogin-steward",
            "away together",
            "install -m 0600",
            "steward-20261120T130000Z.db",
            "paused",
        ],
    );
    let status = world.steward(&["status"]).await;
    assert!(status.stdout.starts_with("REHEARSAL"), "{status:?}");
    assert!(
        status
            .stdout
            .contains("FAILED    housekeeping in run 8: the store"),
        "{status:?}"
    );
}

#[tokio::test]
async fn a_row_that_points_to_nothing_is_damage_too() {
    let world = world().await;
    let store = Connection::open(world.store()).unwrap();
    store
        .execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM run WHERE run_id = 1")
        .unwrap();
    drop(store);
    let run = world.keep_house(1).await;
    assert!(run.stdout.contains("a row of notice points to no run"), "{run:?}");
}

#[tokio::test]
async fn a_backup_that_cannot_be_made_is_told_and_nothing_is_pruned_before_there_is_one() {
    let world = world().await;
    world.configure_admin(&format!(
        "{A_DAY}[housekeeping]\nbackup_directory = \"not/mounted\"\n"
    ));
    let plan = world.steward(&["run", "housekeeping", "--plan"]).await;
    assert!(
        plan.code == 3 && plan.stdout.contains("CANNOT BE MADE: "),
        "{plan:?}"
    );
    let run = world.keep_house(3).await;
    for words in ["no backup was made", "not/mounted cannot be used", "must exist"] {
        assert!(run.stdout.contains(words), "{words}: {run:?}");
    }
    assert_eq!(world.count(RUNS), 6);
    let subject = "[onelogin-steward] housekeeping: no backup of the store";
    assert_eq!(subjects(&world.files_to_admin()), [subject]);
    fs::create_dir(world.home.path("not")).unwrap();
    world.set_now("2026-11-29T08:00:00Z");
    let run = world.keep_house(0).await;
    assert!(
        run.stdout.contains("backup steward-20261129T080000Z.db ("),
        "{run:?}"
    );
    assert!(world.count(RUNS) < 6);
    let over = subject.replace("housekeeping", "over: housekeeping");
    assert_eq!(subjects(&world.files_to_admin()), [subject.to_owned(), over]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_may_not_be_written_is_told_and_nothing_is_pruned() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = world().await;
    let backups = world.home.path("backups");
    fs::set_permissions(&backups, fs::Permissions::from_mode(0o500)).unwrap();
    let ended = world
        .home
        .command_without_privileges(&["run", "housekeeping"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert_eq!(ended.status.code(), Some(3), "{said}");
    assert!(
        said.contains("Permission denied") && said.contains("nothing was pruned"),
        "{said}"
    );
    assert_eq!(world.count(RUNS), 6);
    assert_eq!(fs::read_dir(&backups).unwrap().count(), 1);
}
