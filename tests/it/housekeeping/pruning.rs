//! What is pruned of a store that real runs have filled, and that nobody is mailed twice for it.

use serde_json::Value;

use super::A_DAY;
use crate::support::company::{EVERY_DAY, company, expiring, recipients, three_people};
use crate::support::smtp::SmtpServer;
use crate::support::world::World;

/// Three weeks of daily runs, with a new password for Ana in the middle; with housekeeping before each
/// run, or without. Gives who was mailed, and how many notices the ledger has in the end.
async fn three_weeks(housekeeping: bool) -> (Vec<String>, i64) {
    let server = SmtpServer::builder().start();
    let people = [
        expiring(1, "ana@acme.example", 7),
        expiring(2, "bo@acme.example", 14),
        expiring(3, "cleo@acme.example", -100),
    ];
    let world = World::new(company(people)).await;
    world.mail_to(&server, &format!("{A_DAY}{EVERY_DAY}"));
    for day in 1..=21 {
        world.set_now(&format!("2026-12-{day:02}T07:00:00Z"));
        if day == 10 {
            world.control.with_tenant(|tenant| {
                // Expired long ago, and set anew by the service desk, as of a day long ago.
                let ana = tenant.users.get_mut(&1).unwrap();
                ana.password_changed_at = Some("2026-09-20T07:00:00Z".parse().unwrap());
            });
        }
        if housekeeping {
            world.keep_house(0).await;
        }
        world.run_expecting(0).await;
    }
    (recipients(&server), world.count("SELECT count(*) FROM notice"))
}

#[tokio::test]
async fn nobody_is_mailed_twice_however_little_is_kept() {
    let (mailed, notices) = three_weeks(false).await;
    let (mailed_with, notices_with) = three_weeks(true).await;
    assert!(mailed.len() > 8, "{mailed:?}");
    assert_eq!(mailed_with, mailed);
    assert_eq!(
        notices_with, notices,
        "each is about a password that may be the present one"
    );
}

#[tokio::test]
async fn the_notices_of_a_changed_password_and_of_somebody_who_left_go_in_time() {
    let world = World::new(company(three_people())).await;
    world.configure(&format!(
        "[store]\nkeep = \"40d\"\n{EVERY_DAY}max_user_drop_percent = 50\n"
    ));
    world.run_expecting(0).await;
    let of = async |who: &str| {
        world
            .json(&["mail", "list", "--user", who])
            .await
            .as_array()
            .unwrap()
            .len()
    };
    world.control.with_tenant(|tenant| {
        tenant.users.remove(&3);
        let bo = tenant.users.get_mut(&2).unwrap();
        bo.password_changed_at = Some("2026-11-24T07:00:00Z".parse().unwrap());
    });
    // The list that is read on the second day still lacks Cleo; Ana's password has expired.
    for (now, left) in [
        ("2026-11-23T08:00:00Z", [1, 1, 1]),
        ("2026-12-20T07:00:00Z", [1, 1, 1]),
        ("2027-01-20T07:00:00Z", [1, 0, 0]),
    ] {
        world.set_now(now);
        world.run_expecting(0).await;
        world.keep_house(0).await;
        let mut found = Vec::new();
        for who in ["id:1", "id:2", "id:3"] {
            found.push(of(who).await.min(1));
        }
        assert_eq!(found, left, "{now}");
    }
}

#[tokio::test]
async fn a_plan_shows_what_a_run_then_does_and_writes_nothing() {
    let world = World::new(company(three_people())).await;
    world.configure(&format!("{A_DAY}{}", super::BACKUPS));
    for hour in 7..12 {
        world.set_now(&format!("2026-11-20T{hour:02}:00:00Z"));
        world.run_expecting(0).await;
    }
    world.set_now("2026-11-29T07:00:00Z");
    world.run_expecting(0).await;
    let before = std::fs::read(world.store()).unwrap();
    world.control.clear_requests();

    let text = world.steward(&["run", "housekeeping", "--plan"]).await;
    assert_eq!(text.code, 0, "{text:?}");
    for words in [
        "nothing is written",
        ", sound",
        "backups/steward-20261129T070000Z.db",
        "to be pruned  4 runs from before 2026-11-28 08:00",
    ] {
        assert!(text.stdout.contains(words), "{words}: {}", text.stdout);
    }
    let plan = world.json(&["run", "housekeeping", "--plan"]).await;
    assert_eq!(plan["prune"]["runs"], 4, "{plan:#}");
    assert_eq!(plan["prune"]["notices"], 0, "{plan:#}");
    assert_eq!(plan["damage"], Value::Array(Vec::new()));
    assert_eq!(plan["keep_from"], "2026-11-28T07:00:00Z");
    let path = plan["backup"]["path"].as_str().unwrap();
    assert!(path.ends_with("/backups/steward-20261129T070000Z.db"), "{path}");
    assert_eq!(std::fs::read(world.store()).unwrap(), before);
    assert!(!world.home.path("backups").exists());
    assert!(!world.home.path("steward.db.housekeeping.lock").exists());

    let run = world.keep_house(0).await;
    assert!(run.stdout.contains("the store is sound; backup "), "{run:?}");
    assert!(run.stdout.contains("; pruned 4 runs\n"), "{run:?}");
    assert_eq!(world.backups(), ["steward-20261129T070000Z.db"]);
    assert_eq!(world.control.requests(), [], "the tenant is asked nothing");
    // What went is in the backup that was made before.
    let runs = |path: std::path::PathBuf| {
        let store = rusqlite::Connection::open(path).unwrap();
        let count = "SELECT count(*) FROM run WHERE job = 'password-expiry'";
        store.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(runs(world.store()), 2);
    assert_eq!(runs(world.home.path("backups/steward-20261129T070000Z.db")), 6);
    let plan = world.json(&["run", "housekeeping", "--plan"]).await;
    assert_eq!(plan["prune"]["runs"], 0, "{plan:#}");
}

#[tokio::test]
async fn without_a_store_a_plan_makes_none() {
    let world = World::new(company([])).await;
    let plan = world.steward(&["run", "housekeeping", "--plan"]).await;
    assert!(plan.code == 0 && plan.stdout.contains("no store yet"), "{plan:?}");
    assert_eq!(world.json(&["run", "housekeeping", "--plan"]).await, Value::Null);
    assert!(!world.store().exists());
}

#[tokio::test]
async fn a_run_whose_time_is_up_prunes_no_further_and_the_next_one_goes_on() {
    let world = World::new(company(three_people())).await;
    for hour in 7..12 {
        world.set_now(&format!("2026-11-20T{hour:02}:00:00Z"));
        world.run_expecting(0).await;
    }
    world.set_now("2026-11-29T07:00:00Z");
    world.run_expecting(0).await;
    let short = "[daemon]\nrun_timeout = \"1ns\"\n";
    world.configure(&format!("{A_DAY}{short}"));
    let run = world.keep_house(3).await;
    assert!(
        run.stdout.contains("the time was up (daemon.run_timeout)"),
        "{run:?}"
    );
    world.configure(&format!("{A_DAY}{short}{}", super::BACKUPS));
    let run = world.keep_house(3).await;
    assert!(run.stdout.contains("the backup was not finished"), "{run:?}");
    assert_eq!(world.backups(), [""; 0]);
    assert_eq!(
        world.count("SELECT count(*) FROM run WHERE job = 'password-expiry'"),
        6
    );
    world.configure(A_DAY);
    let run = world.keep_house(0).await;
    assert!(run.stdout.contains("pruned 4 runs"), "{run:?}");
}

#[tokio::test]
async fn nothing_is_pruned_before_a_run_has_held_the_clock_against_onelogins() {
    let world = World::new(company(three_people())).await;
    world.configure(A_DAY);
    world.keep_house(0).await;
    let old = "INSERT INTO run (job, trigger, status, started_at, finished_at)
         VALUES ('role-sync', 'schedule', 'failed', 1, 2), ('role-sync', 'schedule', 'failed', 3, 4),
                ('role-sync', 'schedule', 'failed', 5, 6)";
    let store = rusqlite::Connection::open(world.store()).unwrap();
    store.execute_batch(old).unwrap();
    let of_roles = "SELECT count(*) FROM run WHERE job = 'role-sync'";
    let run = world.keep_house(0).await;
    assert!(run.stdout.ends_with("nothing to prune\n"), "{run:?}");
    assert_eq!(world.count(of_roles), 3);
    world.run_expecting(0).await;
    world.keep_house(0).await;
    assert_eq!(world.count(of_roles), 1);
}

#[tokio::test]
async fn somebody_who_was_missing_from_lists_is_not_mailed_again_about_the_same_password() {
    let server = SmtpServer::builder().start();
    let world = World::new(company(three_people())).await;
    let drop = "max_user_drop_percent = 100\n";
    world.mail_to(&server, &format!("{A_DAY}{EVERY_DAY}{drop}"));
    world.run_expecting(0).await;
    let mailed = recipients(&server);
    // A credential that sees only some of the people, for a while.
    let away = world
        .control
        .with_tenant(|tenant| tenant.users.remove(&1))
        .unwrap();
    for hour in [8, 9, 33, 34] {
        world.set_now(&format!("2026-11-{}T{:02}:00:00Z", 23 + hour / 24, hour % 24));
        world.run_expecting(0).await;
        world.keep_house(0).await;
    }
    world.control.with_tenant(|tenant| tenant.users.insert(1, away));
    world.run_expecting(0).await;
    let of_ana = |all: &[String]| all.iter().filter(|to| to.starts_with("ana")).count();
    assert_eq!((of_ana(&recipients(&server)), of_ana(&mailed)), (1, 1));
}

#[tokio::test]
async fn a_clock_that_is_years_ahead_lifts_no_pause_and_prunes_nothing() {
    let world = World::new(company(three_people())).await;
    world.configure(A_DAY);
    for hour in 7..12 {
        world.set_now(&format!("2026-11-20T{hour:02}:00:00Z"));
        world.run_expecting(0).await;
    }
    let pause = ["pause", "role-sync", "--for", "30d", "--reason", "a migration"];
    assert_eq!(world.steward(&pause).await.code, 0);
    world.set_now("2036-11-29T07:00:00Z");
    let run = world.keep_house(0).await;
    assert!(
        run.stdout
            .contains("; nothing to prune; kept as of 2026-11-20 12:00, when OneLogin was last read"),
        "{run:?}"
    );
    world.set_now("2026-11-20T13:00:00Z");
    let status = world.steward(&["status"]).await.stdout;
    assert!(status.contains("PAUSED    role-sync"), "{status}");
    assert_eq!(
        world.count("SELECT count(*) FROM run WHERE job = 'password-expiry'"),
        5
    );
}
