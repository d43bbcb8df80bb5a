//! Machines that slept, and clocks that were set.

use super::*;

#[tokio::test]
async fn a_time_that_passed_while_the_machine_slept_is_made_up_for_once() {
    let world = world_that_ran("").await;
    world.set_now("2026-11-23T06:59:59Z");
    daemon_at(&world, MONDAY_AT_NOON, async || {
        wait_until(|| triggers(&world).len() == 2).await;
    })
    .await;
    assert_eq!(triggers(&world)[1].0, "catch-up");
}

#[tokio::test]
async fn a_machine_that_slept_longer_than_catch_up_has_a_row_that_says_so() {
    let world = world_that_ran("schedule = \"0 8 * * mon\"\n").await;
    world.set_now("2026-11-23T06:59:59Z");
    daemon_at(&world, "2026-11-25T11:00:00Z", async || {
        wait_until(|| triggers(&world).len() == 2).await;
    })
    .await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, ("catch-up", "skipped")]));
    let why = "2026-11-23 08:00 passed unseen, longer ago than daemon.catch_up";
    assert_eq!(row_of(&world, JOB).unwrap().3, why);
}

#[tokio::test]
async fn a_job_that_never_ran_on_this_store_is_not_made_up_for_after_sleep_either() {
    let world = world_with("").await;
    world.set_now("2026-11-23T06:59:59Z");
    let markers = || runs_of(&world, "role-sync").len();
    daemon_at(&world, MONDAY_AT_NOON, async || {
        let have_ended = || rows(&world).iter().all(|(_, _, status, _)| status != "running");
        wait_until(|| markers() > 1 && have_ended()).await;
    })
    .await;
    assert_eq!(triggers(&world), []);
}

#[tokio::test]
async fn rows_of_a_clock_that_was_years_ahead_hide_nothing_that_is_missed_afterwards() {
    let world = world_that_ran("").await;
    serve_at(&world, HALF_AN_HOUR_LATER).await;
    serve_at(&world, "2036-11-24T11:00:00Z").await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, CAUGHT_UP]));
    serve_at(&world, MONDAY_AT_NOON).await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, CAUGHT_UP, CAUGHT_UP]));
}

#[tokio::test]
async fn a_schedule_that_was_first_served_by_a_clock_years_ahead_is_made_up_for_all_the_same() {
    let world = world_that_ran("schedule = \"0 12 * * *\"\n").await;
    serve_at(&world, HALF_AN_HOUR_LATER).await;
    configure(&world, "");
    serve_at(&world, "2036-11-24T06:00:00Z").await;
    let before = triggers(&world).len();
    serve_at(&world, "2026-11-23T06:31:00Z").await;
    serve_at(&world, MONDAY_AT_NOON).await;
    assert_eq!(triggers(&world)[before..], expected(&[CAUGHT_UP]));
}

#[tokio::test]
async fn a_clock_set_back_a_little_between_two_daemons_repeats_nothing() {
    let world = world_that_ran("").await;
    world.set_now("2026-11-23T06:59:59Z");
    daemon_at(&world, "2026-11-23T07:00:00Z", async || {
        let both = expected(&[BY_HAND, ("schedule", "succeeded")]);
        wait_until(|| triggers(&world) == both).await;
    })
    .await;
    // Two seconds back, and over the same time once more.
    world.set_now("2026-11-23T06:59:58Z");
    let another = MARKER.replace("* * * * *", "*/1 * * * *");
    world.configure(&format!("{DAILY}{another}"));
    let store = Connection::open(world.home.path("steward.db")).unwrap();
    let is_served = || {
        let query = "SELECT count(*) FROM schedule WHERE cron = '*/1 * * * *'";
        store.query_row(query, [], |row| row.get::<_, u32>(0)).unwrap() == 1
    };
    let markers = || runs_of(&world, "role-sync").len();
    let before = markers();
    daemon_until(&world, async || {
        wait_until(is_served).await;
        world.set_now("2026-11-23T07:01:00Z");
        let have_ended = || rows(&world).iter().all(|(_, _, status, _)| status != "running");
        wait_until(|| markers() > before && have_ended()).await;
    })
    .await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, ("schedule", "succeeded")]));
}
