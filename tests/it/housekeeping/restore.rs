//! From a backup to a store that works again.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;

use super::BACKUPS;
use crate::support::company::{company, recipients, three_people};
use crate::support::smtp::SmtpServer;
use crate::support::world::World;

/// What the store tells people, without the runs of housekeeping.
async fn told(world: &World) -> [String; 2] {
    let history = world.json(&["history", "--job", "password-expiry"]).await;
    let ledger = world.json(&["mail", "list"]).await;
    [history, ledger].map(|told| told.to_string())
}

/// Puts the only backup in the place of the store, as the guide says.
fn restore(world: &World) {
    for ending in ["", "-wal", "-shm"] {
        let _not_there = fs::remove_file(world.home.path(format!("steward.db{ending}")));
    }
    let [backup] = &world.backups()[..] else {
        panic!("{:?}", world.backups());
    };
    fs::copy(world.home.path("backups").join(backup), world.store()).unwrap();
    fs::set_permissions(world.store(), fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn a_backup_takes_the_place_of_a_destroyed_store() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_to(&server, BACKUPS);
    world.run_expecting(0).await;
    let before = told(&world).await;
    world.keep_house(0).await;
    fs::write(world.store(), "destroyed".repeat(999)).unwrap();
    for arguments in [
        &["run", "password-expiry"][..],
        &["run", "housekeeping"],
        &["history"],
    ] {
        let refused = world.steward(arguments).await;
        assert!(
            refused.code == 1 && refused.stderr.contains("not a store"),
            "{refused:?}"
        );
    }
    assert_eq!(world.backups().len(), 1);
    restore(&world);
    assert_eq!(told(&world).await, before);
    let run = world.steward(&["run", "password-expiry"]).await;
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        recipients(&server).len(),
        3,
        "nobody is mailed twice: the ledger is back"
    );
    let whole = world.steward(&["run", "housekeeping", "--plan"]).await;
    assert!(whole.stdout.contains(", sound"), "{whole:?}");
}

#[tokio::test]
async fn a_restored_store_holds_its_schedules_until_a_person_has_looked() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    world.mail_to(&server, BACKUPS);
    world.keep_house(0).await;
    // Mailed after the backup, so the backup knows nothing of it.
    world.run_expecting(0).await;
    assert_eq!(recipients(&server).len(), 3);
    restore(&world);

    let status = world.steward(&["status"]).await.stdout;
    for words in [
        "PAUSED    password-expiry since 2026-11-23 08:00",
        "PAUSED    role-sync since 2026-11-23 08:00",
        "this store was restored from the backup of",
    ] {
        let joined = status.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(joined.contains(&words), "{words}: {status}");
    }
    assert!(status.lines().all(|line| line.chars().count() <= 80), "{status}");
    assert!(!status.contains("PAUSED    housekeeping"), "{status}");
    // A person sees who would be mailed a second time, before anybody is.
    let plan = world
        .steward(&["run", "password-expiry", "--plan", "--json"])
        .await;
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["notices"].as_array().unwrap().len(), 3, "{plan:#}");
    let resumed = world.steward(&["resume", "password-expiry"]).await;
    assert!(resumed.stdout.contains("no longer paused"), "{resumed:?}");
}

/// A process that writes a row every moment, and a reader that stays, as other jobs do.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_store_in_use_is_whole_and_holds_nobody_up() {
    let world = World::new(company(three_people())).await;
    world.configure(BACKUPS);
    world.run_expecting(0).await;
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
         INSERT INTO run (job, trigger, status, started_at, finished_at, summary)
         SELECT 'role-sync', 'schedule', 'succeeded', 1790000000000 + i, 1790000000000 + i, 'run number ' || i FROM n";
    let store = Connection::open(world.store()).unwrap();
    store.execute_batch(fill).unwrap();
    store.execute_batch("BEGIN").unwrap();
    store
        .query_row("SELECT count(*) FROM run", [], |_| Ok(()))
        .unwrap();
    let (path, done) = (world.store(), AtomicBool::new(false));
    let (written, ()) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let writer = Connection::open(&path).unwrap();
            writer.busy_timeout(Duration::from_secs(30)).unwrap();
            let mut written = 0;
            while !done.load(Ordering::SeqCst) {
                // Two rows that belong together.
                let pair = "BEGIN IMMEDIATE;
                     INSERT INTO learned VALUES ('one', 'x', 1) ON CONFLICT DO UPDATE SET learned_at = learned_at + 1;
                     INSERT INTO learned VALUES ('two', 'x', 1) ON CONFLICT DO UPDATE SET learned_at = learned_at + 1;
                     COMMIT";
                writer.execute_batch(pair).unwrap();
                written += 1;
                // SQLite's lock is not fair: a writer without any pause could keep it from everybody else.
                std::thread::park_timeout(Duration::from_millis(2));
            }
            written
        });
        let run = world.home.steward(&["run", "housekeeping"]);
        done.store(true, Ordering::SeqCst);
        assert_eq!(run.code, 0, "{run:?}");
        (writer.join().unwrap(), ())
    });
    assert!(written > 1, "the writer was not held up: {written}");
    let [backup] = &world.backups()[..] else {
        panic!("{:?}", world.backups());
    };
    let copy = Connection::open(world.home.path("backups").join(backup)).unwrap();
    let is_whole = "SELECT (SELECT count(*) FROM run WHERE job = 'role-sync') >= 60000
         AND (SELECT max(learned_at) = min(learned_at) AND count(*) IN (0, 2) FROM learned WHERE name IN ('one', 'two'))";
    let is_whole: Option<bool> = copy.query_row(is_whole, [], |row| row.get(0)).unwrap();
    assert_ne!(is_whole, Some(false));
    let check: String = copy
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_the_log_of_the_old_store_is_refused_instead_of_mixed_with_it() {
    let world = World::of_today(&["ana@acme.example"]).await;
    world.configure(BACKUPS);
    world.keep_house(0).await;
    let log = world.home.path("steward.db-wal");
    // A connection that stays open keeps the log, as a process that is killed does.
    let open = Connection::open(world.store()).unwrap();
    let read = open.query_row("SELECT count(*) FROM run", [], |row| row.get::<_, u32>(0));
    assert_eq!(read.unwrap(), 1);
    world.run_expecting(0).await;
    let left = fs::read(&log).unwrap();
    assert!(!left.is_empty());
    drop(open);
    restore(&world);
    fs::write(&log, &left).unwrap();
    for command in [&["status"][..], &["run", "password-expiry"], &["daemon"]] {
        let refused = world.home.steward(command);
        assert_eq!(refused.code, 1, "{command:?} {refused:?}");
        assert!(refused.stderr.contains("steward.db-wal and"), "{refused:?}");
        assert_eq!(fs::read(&log).unwrap(), left);
    }
    fs::remove_file(&log).unwrap();
    let status = world.home.steward(&["status"]);
    assert!(status.code == 0 && status.stdout.contains("PAUSED"), "{status:?}");
}
