//! What the daemon makes up for: times that passed while it was off or the machine asleep, and runs that
//! were cut off. On a clock that is moved by hand; a daemon is dropped where it is, as kill -9 does.

mod clock;
mod cut_off;

use std::time::Duration;

use onelogin_sandbox::{BodyShape, Fault, FaultKind, Role};
use onelogin_steward::store::{FileLock, LockName};
use rusqlite::Connection;

use crate::support::company::{company, three_people};
use crate::support::daemon::{daemon_at, daemon_until, row_of, rows, runs_of, wait_until};
use crate::support::world::World;

const JOB: &str = "password-expiry";

/// Everybody is told at eight on each day, whatever the weekday.
const DAILY: &str =
    "[password_expiry]\nsend_days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n";

const MONDAY_AT_SEVEN: &str = "2026-11-23T06:00:00Z";
const HALF_AN_HOUR_LATER: &str = "2026-11-23T06:30:00Z";
const MONDAY_AT_NOON: &str = "2026-11-23T11:00:00Z";

/// A job of every minute beside it, which is made up for at every start: once its run is over, the daemon has
/// decided about the other one too.
const MARKER: &str = "[role_sync]\nenabled = true\nschedule = \"* * * * *\"\nmode = \"report\"\n";

const ROLES: &str = "[[role]]\nid = 10\nmembers = [\"ana@acme.example\", \"bo@acme.example\"]\n";

/// A store on which only the marker has run, by hand, on Monday at half past six.
async fn world_with(more: &str) -> World {
    let mut tenant = company(three_people());
    tenant.add_role(Role::new(10, "Sales").with_members([2]));
    let world = World::new(tenant).await;
    world.home.write("roles.toml", ROLES);
    configure(&world, more);
    world.set_now("2026-11-23T05:30:00Z");
    assert_eq!(world.steward(&["run", "role-sync"]).await.code, 0);
    world
}

/// The job of every morning, more of its settings or of others, and the marker.
fn configure(world: &World, more: &str) {
    world.configure(&format!("{DAILY}{more}{MARKER}"));
}

/// The same on which the job has run too, by hand, on Monday at seven.
async fn world_that_ran(more: &str) -> World {
    let world = world_with(more).await;
    world.set_now(MONDAY_AT_SEVEN);
    world.run_expecting(0).await;
    world
}

/// Starts the daemon at an instant, and drops it once what it makes up for has ended.
async fn serve_at(world: &World, now: &str) {
    let markers = || runs_of(world, "role-sync").len();
    let before = markers();
    world.set_now(now);
    daemon_until(world, async || {
        let have_ended = || rows(world).iter().all(|(_, _, status, _)| status != "running");
        wait_until(|| markers() > before && have_ended()).await;
    })
    .await;
}

fn triggers(world: &World) -> Vec<(String, String)> {
    runs_of(world, JOB)
}

fn expected(runs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(trigger, status): &(&str, &str)| ((*trigger).to_owned(), (*status).to_owned());
    runs.iter().map(owned).collect()
}

const BY_HAND: (&str, &str) = ("manual", "succeeded");
const CAUGHT_UP: (&str, &str) = ("catch-up", "succeeded");

#[tokio::test]
async fn a_time_that_passed_while_the_daemon_was_off_is_made_up_for_once() {
    let world = world_that_ran("").await;
    serve_at(&world, HALF_AN_HOUR_LATER).await;
    assert_eq!(triggers(&world), expected(&[BY_HAND]));
    serve_at(&world, MONDAY_AT_NOON).await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, CAUGHT_UP]));
    serve_at(&world, "2026-11-23T11:01:00Z").await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, CAUGHT_UP]));
    // Ten days off: one run, and not ten.
    serve_at(&world, "2026-12-03T11:00:00Z").await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, CAUGHT_UP, CAUGHT_UP]));
}

#[tokio::test]
async fn on_a_store_that_only_had_runs_by_hand_the_time_since_the_last_one_counts() {
    let world = world_that_ran("").await;
    serve_at(&world, MONDAY_AT_NOON).await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, CAUGHT_UP]));
}

#[tokio::test]
async fn what_was_missed_longer_ago_than_catch_up_is_not_made_up_for() {
    let too_late = ("catch-up", "skipped");
    for (catch_up, second) in [("241m", CAUGHT_UP), ("239m", too_late)] {
        let world = world_that_ran(&format!("[daemon]\ncatch_up = \"{catch_up}\"\n")).await;
        serve_at(&world, HALF_AN_HOUR_LATER).await;
        serve_at(&world, MONDAY_AT_NOON).await;
        assert_eq!(triggers(&world), expected(&[BY_HAND, second]), "{catch_up}");
        // Told once, and not at every start.
        serve_at(&world, "2026-11-23T11:01:00Z").await;
        assert_eq!(triggers(&world).len(), 2, "{catch_up}");
    }
}

#[tokio::test]
async fn a_job_that_never_ran_on_this_store_is_not_made_up_for() {
    let world = world_with("").await;
    serve_at(&world, HALF_AN_HOUR_LATER).await;
    serve_at(&world, MONDAY_AT_NOON).await;
    assert_eq!(triggers(&world), []);
}

#[tokio::test]
async fn a_time_at_which_the_job_was_paused_is_not_made_up_for() {
    let world = world_that_ran("").await;
    serve_at(&world, HALF_AN_HOUR_LATER).await;
    let pause = ["pause", JOB, "--reason", "the tenant is moved"];
    assert_eq!(world.steward(&pause).await.code, 0);
    world.set_now("2026-11-23T10:00:00Z");
    assert_eq!(world.steward(&["resume", JOB]).await.code, 0);
    serve_at(&world, MONDAY_AT_NOON).await;
    assert_eq!(triggers(&world), expected(&[BY_HAND]));
    // A pause that was over by then is no reason.
    world.set_now("2026-11-24T05:00:00Z");
    assert_eq!(
        world.steward(&[&pause[..], &["--for", "1h"]].concat()).await.code,
        0
    );
    serve_at(&world, "2026-11-24T11:00:00Z").await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, CAUGHT_UP]));
}

#[tokio::test]
async fn a_time_at_which_the_job_was_not_enabled_is_not_made_up_for() {
    let world = world_that_ran("enabled = false\n").await;
    serve_at(&world, HALF_AN_HOUR_LATER).await;
    configure(&world, "");
    serve_at(&world, MONDAY_AT_NOON).await;
    assert_eq!(triggers(&world), expected(&[BY_HAND]));
}

#[tokio::test]
async fn of_a_schedule_that_changed_meanwhile_the_times_that_were_promised_count() {
    // Promised for noon, and moved to eight before noon came: eight had passed without a promise.
    let world = world_that_ran("schedule = \"0 12 * * *\"\n").await;
    serve_at(&world, HALF_AN_HOUR_LATER).await;
    configure(&world, "");
    serve_at(&world, "2026-11-23T09:00:00Z").await;
    assert_eq!(triggers(&world), expected(&[BY_HAND]));
    // Promised for eight, which was missed, and moved to noon.
    let world = world_that_ran("").await;
    serve_at(&world, HALF_AN_HOUR_LATER).await;
    configure(&world, "schedule = \"0 12 * * *\"\n");
    serve_at(&world, "2026-11-23T09:00:00Z").await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, CAUGHT_UP]));
}
