//! `history`: runs, and what was done about a person.

use crate::support::company::{company, expiring};
use crate::support::world::World;

/// Runs on Monday (Ana), Tuesday (nobody) and Wednesday (Bo).
async fn three_days() -> World {
    let people = [
        expiring(1, "ana@acme.example", 7),
        expiring(2, "bo@acme.example", 16),
    ];
    let world = World::new(company(people)).await;
    for day in ["2026-11-23", "2026-11-24", "2026-11-25"] {
        world.set_now(&format!("{day}T07:00:00Z"));
        world.run_expecting(0).await;
    }
    world
}

/// The numbers of the runs that the filters leave.
async fn runs(world: &World, filters: &[&str]) -> Vec<i64> {
    let mut arguments = vec!["history"];
    arguments.extend(filters);
    let found = world.json(&arguments).await;
    let found = found.as_array().unwrap();
    found.iter().map(|run| run["run_id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_filtered() {
    let world = three_days().await;
    for (filters, expected) in [
        (&[][..], &[3, 2, 1][..]),
        (&["--limit", "2"], &[3, 2]),
        (&["--limit", "0"], &[]),
        (&["--job", "password-expiry"], &[3, 2, 1]),
        (&["--since", "2026-11-24"], &[3, 2]),
        (&["--until", "2026-11-24"], &[2, 1]),
        (&["--since", "2026-11-24", "--until", "2026-11-24"], &[2]),
        (&["--since", "2026-11-26"], &[]),
        (&["--user", "ana@acme.example"], &[1]),
        (&["--user", "BO@ACME.example"], &[3]),
        (&["--user", "id:1"], &[1]),
        (&["--user", "ana"], &[1]),
        (&["--user", "id:2", "--limit", "1"], &[3]),
        (&["--user", "zoe@acme.example"], &[]),
    ] {
        assert_eq!(runs(&world, filters).await, expected, "{filters:?}");
    }
}

#[tokio::test]
async fn a_run_has_the_promised_shape() {
    let world = three_days().await;
    let listed = &world.json(&["history"]).await[2];
    assert_eq!(listed["job"], "password-expiry");
    assert_eq!(listed["trigger"], "manual");
    assert_eq!(listed["status"], "succeeded");
    assert_eq!(listed["started_at"], "2026-11-23T07:00:00Z");
    assert_eq!(listed["finished_at"], "2026-11-23T07:00:00Z");
    assert!(listed["summary"].is_string());
    let shown = world.json(&["history", "show", "1"]).await;
    let notice = &shown["notices"][1];
    assert_eq!(notice["user_id"], 1, "{shown:#}");
    assert_eq!(notice["occasion"], "password");
    assert_eq!(notice["threshold"], 7);
    assert_eq!(notice["state"], "rehearsed");
    let text = world.steward(&["history", "show", "1"]).await;
    assert!(text.stdout.contains("2026-11-23 08:00"), "{}", text.stdout);
    assert!(text.stdout.contains("ana"), "{}", text.stdout);
}

#[tokio::test]
async fn without_a_store_there_is_no_history() {
    let world = World::new(company([])).await;
    let empty = world.steward(&["history", "--json"]).await;
    assert_eq!((empty.code, empty.stdout.trim()), (0, "[]"));
    assert_eq!(world.steward(&["history"]).await.code, 0);
    let shown = world.steward(&["history", "show", "1"]).await;
    assert_eq!(shown.code, 1, "{}", shown.stderr);
}

#[tokio::test]
async fn an_unknown_run_and_a_bad_filter_are_told_apart() {
    let world = three_days().await;
    let shown = world.steward(&["history", "show", "99", "--json"]).await;
    assert_eq!((shown.code, shown.stdout.as_str()), (1, ""));
    assert!(shown.stderr.contains("99"), "{}", shown.stderr);
    for wrong in [
        &["--since", "yesterday"][..],
        &["--until", "2026-02-30"],
        &["--job", "coffee"],
        &["--limit", "-1"],
    ] {
        let mut arguments = vec!["history"];
        arguments.extend(wrong);
        assert_eq!(world.steward(&arguments).await.code, 2, "{wrong:?}");
    }
}

#[tokio::test]
async fn a_reason_is_kept_with_the_run_that_it_released() {
    let world = World::new(company([expiring(1, "ana@acme.example", 7)])).await;
    let bare = world
        .steward(&["run", "password-expiry", "--max-notices", "5"])
        .await;
    assert_eq!(bare.code, 2, "{}", bare.stderr);
    let empty = ["run", "password-expiry", "--accept-user-count", "--reason", ""];
    assert_eq!(world.steward(&empty).await.code, 2);
    let held = [
        "run",
        "password-expiry",
        "--max-notices",
        "0",
        "--reason",
        "no mail today",
    ];
    assert_eq!(world.steward(&held).await.code, 4);
    let run = world.last_run().await;
    assert_eq!(run["status"], "refused");
    assert_eq!(run["reason"], "no mail today");
    assert_eq!(
        run["notices"].as_array().unwrap().len(),
        0,
        "a hold stages nothing"
    );
}
