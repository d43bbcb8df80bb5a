//! Backups: their names, what is removed, and what they begin with.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::*;
use crate::domain::actor::Actor;
use crate::domain::run::Job;
use crate::store::housekeeping::{BackedUp, BackupError, BackupFolder, KEPT_BACKUPS};
use crate::store::{Pause, Paused, Store};

fn store_of(desk: &Desk) -> PathBuf {
    desk.folder.path().join("steward.db")
}

fn folder_of(desk: &Desk) -> BackupFolder {
    BackupFolder::look(&desk.folder.path().join("backups"), &store_of(desk)).unwrap()
}

fn held() -> Pause {
    Pause {
        of: Paused::Job(Job::PasswordExpiry),
        reason: "restored".to_owned(),
        actor: Actor {
            login_uid: None,
            sudo_uid: None,
            uid: 0,
        },
        since: now(),
        until: None,
        while_entry: None,
    }
}

fn back_up(desk: &Desk, is_cut_off: bool) -> Result<BackedUp, BackupError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&store_of(desk)).unwrap();
        let made = store.back_up(folder_of(desk), now(), vec![held()], move || is_cut_off);
        made.await.unwrap()
    })
}

/// The names in the folder of the backups.
fn names(desk: &Desk) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(desk.folder.path().join("backups"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_one_plain_private_file_with_everything_in_it() {
    let desk = Desk::with(&run(1, "role-sync", "succeeded", 1, Some(9), "a run"));
    // Not in the file itself yet, and held open by a reader.
    desk.store
        .execute_batch("PRAGMA wal_autocheckpoint = 0; BEGIN")
        .unwrap();
    desk.store
        .query_row("SELECT count(*) FROM run", [], |_| Ok(()))
        .unwrap();
    let backup = back_up(&desk, false).unwrap();
    assert_eq!(names(&desk), ["steward-20261123T070000Z.db"]);
    let metadata = fs::metadata(&backup.path).unwrap();
    assert_eq!(
        (metadata.permissions().mode() & 0o777, metadata.len()),
        (0o600, backup.bytes)
    );
    let folder = fs::metadata(desk.folder.path().join("backups")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    assert_eq!((backup.removed, backup.stuck), (0, None));
    let bytes = fs::read(&backup.path).unwrap();
    assert_eq!(bytes[18..20], [1, 1], "no write-ahead log is needed to read it");
    let copy = Connection::open(&backup.path).unwrap();
    let row: String = copy
        .query_row("SELECT summary FROM run", [], |row| row.get(0))
        .unwrap();
    assert_eq!(row, "a run");
}

#[test]
fn a_backup_begins_with_pauses_and_leaves_those_of_people() {
    let desk = Desk::with("");
    let paused = |path: &Path| {
        let copy = Connection::open(path).unwrap();
        let query = "SELECT reason FROM pause WHERE ended_at IS NULL";
        let mut statement = copy.prepare(query).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>()
    };
    let backup = back_up(&desk, false).unwrap();
    assert_eq!(paused(&backup.path), ["restored"]);
    assert_eq!(paused(&store_of(&desk)), [""; 0], "the store itself goes on");
    fs::remove_file(&backup.path).unwrap();
    let by_hand = "INSERT INTO pause (job, reason, uid, since) VALUES ('password-expiry', 'by hand', 0, 1)";
    desk.store.execute_batch(by_hand).unwrap();
    let second = back_up(&desk, false).unwrap();
    assert_eq!(paused(&second.path), ["by hand"]);
    fs::remove_file(&second.path).unwrap();
    // Whoever restores it does so after that.
    let for_an_hour = format!("UPDATE pause SET until = {}", ago(-1));
    desk.store.execute_batch(&for_an_hour).unwrap();
    assert_eq!(paused(&back_up(&desk, false).unwrap().path), ["restored"]);
}

#[test]
fn the_newest_backups_are_kept_and_nothing_else_is_touched() {
    let desk = Desk::with("");
    let folder = desk.folder.path().join("backups");
    fs::create_dir(&folder).unwrap();
    let day = |day: usize| format!("steward-202610{day:02}T033000Z.db");
    let others = [
        "steward-20200101T033000Z.db.old",
        "steward-2020010T033000Z.db",
        "steward-20200101T033000Z.DB",
        "steward-20200101t033000Z.db",
        "Steward-20200101T033000Z.db",
        "steward.db",
        ".steward.part",
        "notes.txt",
    ];
    for name in others.into_iter().map(str::to_owned).chain((1..=16).map(day)) {
        fs::write(folder.join(name), "x").unwrap();
    }
    fs::create_dir(folder.join("steward-20200101T033000Z.db")).unwrap();
    symlink(
        folder.join("notes.txt"),
        folder.join("steward-20200102T033000Z.db"),
    )
    .unwrap();
    let backup = back_up(&desk, false).unwrap();
    assert_eq!((backup.removed, backup.stuck), (3, None));
    let left = names(&desk);
    for name in others {
        assert!(left.contains(&name.to_owned()), "{name} in {left:?}");
    }
    for link_or_folder in ["steward-20200101T033000Z.db", "steward-20200102T033000Z.db"] {
        assert!(left.contains(&link_or_folder.to_owned()), "{left:?}");
    }
    let expected: Vec<String> = (4..=16).map(day).collect();
    assert_eq!(expected.len() + 1, KEPT_BACKUPS);
    let ours: Vec<&String> = left
        .iter()
        .filter(|name| name.starts_with("steward-2026"))
        .collect();
    assert_eq!(ours[..13], expected.iter().collect::<Vec<_>>());
    assert_eq!(ours[13..], ["steward-20261123T070000Z.db"]);
}

#[test]
fn what_a_dead_process_left_goes_and_a_cut_one_leaves_nothing() {
    let desk = Desk::with("");
    let folder = desk.folder.path().join("backups");
    fs::create_dir(&folder).unwrap();
    for ending in ["", "-journal", "-wal"] {
        fs::write(
            folder.join(format!(".steward-20261101T033000Z.db.part{ending}")),
            "torn",
        )
        .unwrap();
    }
    assert!(matches!(back_up(&desk, true), Err(BackupError::CutOff)));
    assert_eq!(names(&desk), [""; 0]);
}

#[test]
fn nothing_is_overwritten_by_a_backup_of_the_same_second() {
    let desk = Desk::with("");
    let first = back_up(&desk, false).unwrap();
    let bytes = fs::read(&first.path).unwrap();
    assert!(matches!(back_up(&desk, false), Err(BackupError::Exists(_))));
    assert_eq!(fs::read(&first.path).unwrap(), bytes);
    assert_eq!(names(&desk).len(), 1);
}

#[test]
fn a_folder_that_cannot_hold_backups_is_told_before_anything_is_made() {
    let desk = Desk::with("");
    let (home, store) = (desk.folder.path(), store_of(&desk));
    fs::write(home.join("file"), "x").unwrap();
    symlink(home, home.join("link")).unwrap();
    let refused = |path: PathBuf| BackupFolder::look(&path, &store).unwrap_err().to_string();
    for beside in [
        home.to_owned(),
        home.join("."),
        home.join("link"),
        home.join("link/."),
    ] {
        assert!(
            refused(beside.clone()).contains("folder of the store itself"),
            "{beside:?}"
        );
    }
    for wrong in [
        home.join("file"),
        home.join("file/backups"),
        home.join("not/mounted"),
    ] {
        assert!(refused(wrong.clone()).contains("cannot be used"), "{wrong:?}");
    }
    assert!(!home.join("not").exists());
    assert!(BackupFolder::look(&home.join("link/backups"), &store).is_ok());
}

#[test]
fn a_folder_in_which_nothing_can_be_made_is_told_by_its_name() {
    let desk = Desk::with("");
    // Not even root makes files there.
    let closed = BackupFolder::look(Path::new("/proc/self"), &store_of(&desk)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(async {
        let store = Store::open(&store_of(&desk)).unwrap();
        store
            .back_up(closed, now(), Vec::new(), || false)
            .await
            .unwrap()
            .unwrap_err()
    });
    assert!(error.to_string().contains("/proc/self"), "{error}");
}
