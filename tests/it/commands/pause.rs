//! `pause JOB` and `resume JOB`.

use crate::support::company::{company, three_people};
use crate::support::world::World;

async fn world() -> World {
    World::new(company(three_people())).await
}

#[tokio::test]
async fn a_pause_is_kept_with_its_reason_its_end_and_who_asked_for_it() {
    let world = world().await;
    let output = world
        .steward(&[
            "pause",
            "role-sync",
            "--for",
            "2h",
            "--reason",
            "the tenant is moved",
        ])
        .await;
    assert_eq!(output.code, 0, "{output:?}");
    assert!(
        output.stdout.contains("paused until 2026-11-23 10:00"),
        "{output:?}"
    );
    let status = world.json(&["status"]).await;
    let pause = &status["pauses"][0];
    assert_eq!(pause["job"], "role-sync");
    assert_eq!(pause["reason"], "the tenant is moved");
    assert_eq!(pause["until"], "2026-11-23T09:00:00Z");
    assert_eq!(pause["actor"]["uid"], rustix::process::getuid().as_raw());
    world.set_now("2026-11-23T09:00:00Z");
    assert_eq!(
        world.json(&["status"]).await["pauses"].as_array().unwrap().len(),
        0
    );
}

#[tokio::test]
async fn a_second_pause_takes_the_place_of_the_first() {
    let world = world().await;
    for reason in ["one", "two"] {
        let output = world
            .steward(&["pause", "password-expiry", "--reason", reason])
            .await;
        assert!(output.stdout.contains("resume password-expiry"), "{output:?}");
    }
    let status = world.json(&["status"]).await;
    let pauses = status["pauses"].as_array().unwrap();
    assert_eq!(pauses.len(), 1, "{status:#}");
    assert_eq!(pauses[0]["reason"], "two");
    assert_eq!(pauses[0]["until"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_resumed_job_is_free_and_one_that_was_not_paused_is_told() {
    let world = world().await;
    let resumed = world.steward(&["resume", "password-expiry"]).await;
    assert_eq!(resumed.code, 0, "{resumed:?}");
    assert!(
        resumed
            .stdout
            .contains("was not paused; next run 2026-11-24 08:00"),
        "{resumed:?}"
    );
    assert!(
        !world.home.path("steward.db").exists(),
        "no store is made for that"
    );
    world
        .steward(&["pause", "password-expiry", "--reason", "a test"])
        .await;
    let resumed = world.steward(&["resume", "password-expiry"]).await;
    assert!(resumed.stdout.contains("no longer paused"), "{resumed:?}");
    assert_eq!(
        world.json(&["status"]).await["pauses"].as_array().unwrap().len(),
        0
    );
    let resumed = world.steward(&["resume", "role-sync"]).await;
    assert!(
        resumed.stdout.contains("the daemon does not run it"),
        "{resumed:?}"
    );
}

#[tokio::test]
async fn a_paused_job_is_still_run_by_hand_and_says_that_it_is_paused() {
    let world = world().await;
    world
        .steward(&["pause", "password-expiry", "--reason", "a \u{1b}[31mtest"])
        .await;
    let output = world.steward(&["run", "password-expiry"]).await;
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(world.mails(), 3);
    for words in ["note: password-expiry is paused by uid", "[31mtest", "goes on"] {
        assert!(output.stderr.contains(words), "{output:?}");
    }
    assert!(!output.stderr.contains('\u{1b}'), "{output:?}");
}

#[tokio::test]
async fn a_pause_without_a_reason_or_of_no_job_is_wrong_usage() {
    let world = world().await;
    for arguments in [
        &["pause", "role-sync"][..],
        &["pause", "role-sync", "--reason", ""],
        &["pause", "payroll", "--reason", "x"],
        &["pause", "role-sync", "--for", "soon", "--reason", "x"],
        &["resume", "payroll"],
    ] {
        let output = world.steward(arguments).await;
        assert_eq!(output.code, 2, "{arguments:?} {output:?}");
    }
    assert!(!world.home.path("steward.db").exists());
}
