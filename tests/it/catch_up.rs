//! What the daemon makes up for: times that passed while it was off or the machine asleep, and runs that
//! were cut off. On a clock that is moved by hand; a daemon is dropped where it is, as kill -9 does.

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
    for (catch_up, runs) in [("241m", &[BY_HAND, CAUGHT_UP][..]), ("239m", &[BY_HAND])] {
        let world = world_that_ran(&format!("[daemon]\ncatch_up = \"{catch_up}\"\n")).await;
        serve_at(&world, HALF_AN_HOUR_LATER).await;
        serve_at(&world, MONDAY_AT_NOON).await;
        assert_eq!(triggers(&world), expected(runs), "{catch_up}");
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
async fn a_run_that_was_cut_off_is_made_up_for_but_not_for_ever() {
    let world = world_that_ran("").await;
    let hung = world
        .control
        .add_fault(Fault::on("GET /api/2/policies", FaultKind::Timeout));
    world.set_now("2026-11-23T06:59:59Z");
    daemon_at(&world, "2026-11-23T07:00:00Z", async || {
        wait_until(|| world.control.fault_fired(hung) == 1).await;
    })
    .await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, ("schedule", "running")]));
    // Twice more it is what ends the process.
    for times in 2..=3 {
        daemon_until(&world, async || {
            wait_until(|| world.control.fault_fired(hung) == times).await;
        })
        .await;
        assert_eq!(triggers(&world).last().unwrap().0, "catch-up");
    }
    serve_at(&world, "2026-11-23T07:30:00Z").await;
    let cut_off = |trigger| (trigger, "interrupted");
    let four = [
        BY_HAND,
        cut_off("schedule"),
        cut_off("catch-up"),
        cut_off("catch-up"),
    ];
    assert_eq!(triggers(&world), expected(&four));
    assert_eq!(world.control.fault_fired(hung), 3);
    // The next day is another chance.
    world.control.clear_faults();
    serve_at(&world, "2026-11-24T11:00:00Z").await;
    assert_eq!(triggers(&world)[4..], expected(&[CAUGHT_UP]));
}

#[tokio::test]
async fn a_run_by_hand_that_was_cut_off_is_for_whoever_began_it() {
    let world = world_that_ran("").await;
    serve_at(&world, "2026-11-23T07:00:00Z").await;
    let hung = world
        .control
        .add_fault(Fault::on("GET /api/2/users", FaultKind::Timeout));
    tokio::select! {
        ended = world.steward(&["run", JOB]) => panic!("{ended:?}"),
        () = wait_until(|| world.control.fault_fired(hung) == 1) => {}
    }
    world.control.clear_faults();
    serve_at(&world, MONDAY_AT_NOON).await;
    assert_eq!(triggers(&world)[2..], expected(&[("manual", "interrupted")]));
}

#[tokio::test]
async fn a_catch_up_that_finds_the_lock_held_is_recorded_as_skipped() {
    let world = world_that_ran("").await;
    let store = world.home.path("steward.db");
    let held = FileLock::acquire(&store, LockName::Mail, "a test", Duration::ZERO).await;
    let held = held.unwrap().unwrap();
    serve_at(&world, MONDAY_AT_NOON).await;
    drop(held);
    assert_eq!(triggers(&world), expected(&[BY_HAND, ("catch-up", "skipped")]));
    let (.., why) = row_of(&world, JOB).unwrap();
    assert!(why.contains("(a test) held the lock on mail"), "{why}");
}

#[tokio::test]
async fn a_scheduled_run_that_failed_is_tried_again_a_quarter_of_an_hour_later() {
    let world = World::new(company(three_people())).await;
    world.configure(DAILY);
    let broken = FaultKind::Status {
        code: 500,
        body: BodyShape::Html,
        headers: [].into(),
    };
    world.control.add_fault(Fault::on("GET /api/2/users", broken));
    world.set_now("2026-11-23T06:59:59Z");
    let runs_end_at = async |count: usize| {
        let are_over = |runs: &[(String, String)]| runs.iter().all(|(_, status)| status != "running");
        wait_until(|| triggers(&world).len() == count && are_over(&triggers(&world))).await;
    };
    daemon_at(&world, "2026-11-23T07:00:00Z", async || runs_end_at(1).await).await;
    world.set_now("2026-11-23T07:15:00Z");
    daemon_until(&world, async || runs_end_at(2).await).await;
    world.control.clear_faults();
    world.set_now("2026-11-23T07:30:00Z");
    daemon_until(&world, async || runs_end_at(3).await).await;
    let failed = |trigger| (trigger, "failed");
    let three = [failed("schedule"), failed("retry"), ("retry", "succeeded")];
    assert_eq!(triggers(&world), expected(&three));
    assert_eq!(world.mails(), 3);
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

#[tokio::test]
async fn a_failed_run_by_hand_puts_off_the_retry_of_a_scheduled_one_and_does_not_take_it_away() {
    let world = world_with("").await;
    let broken = FaultKind::Status {
        code: 500,
        body: BodyShape::Html,
        headers: [].into(),
    };
    world.control.add_fault(Fault::on("GET /api/2/users", broken));
    world.set_now("2026-11-23T06:59:59Z");
    daemon_at(&world, "2026-11-23T07:00:00Z", async || {
        wait_until(|| triggers(&world) == expected(&[("schedule", "failed")])).await;
    })
    .await;
    world.set_now("2026-11-23T07:10:00Z");
    assert_eq!(world.steward(&["run", JOB]).await.code, 1);
    serve_at(&world, "2026-11-23T07:16:00Z").await;
    world.control.clear_faults();
    serve_at(&world, "2026-11-23T07:25:00Z").await;
    let three = [
        ("schedule", "failed"),
        ("manual", "failed"),
        ("retry", "succeeded"),
    ];
    assert_eq!(triggers(&world), expected(&three));
}

#[tokio::test]
async fn a_run_that_was_cut_off_longer_ago_than_catch_up_is_not_made_up_for() {
    for (now, runs) in [("2026-11-24T05:59:00Z", 2), ("2026-11-24T06:01:00Z", 1)] {
        let world = world_that_ran("schedule = \"0 8 1 1 *\"\n").await;
        let store = Connection::open(world.home.path("steward.db")).unwrap();
        let cut_off = "UPDATE run SET trigger = 'schedule', status = 'interrupted' WHERE job = ?1";
        store.execute(cut_off, [JOB]).unwrap();
        serve_at(&world, now).await;
        assert_eq!(triggers(&world).len(), runs, "{now}");
    }
}

#[tokio::test]
async fn a_tick_that_the_store_or_its_lock_did_not_let_begin_is_made_up_for_soon() {
    let world = world_that_ran("").await;
    let lock = world.home.path("steward.db.mail.lock");
    world.set_now("2026-11-23T06:59:00Z");
    let markers = || runs_of(&world, "role-sync").len();
    daemon_at(&world, "2026-11-23T06:59:59Z", async || {
        std::fs::remove_file(&lock).unwrap();
        std::fs::create_dir(&lock).unwrap();
        let before = markers();
        world.set_now("2026-11-23T07:00:59Z");
        wait_until(|| markers() > before).await;
        std::fs::remove_dir(&lock).unwrap();
        world.set_now("2026-11-23T07:01:59Z");
        wait_until(|| triggers(&world).len() > 1 && triggers(&world)[1].1 != "running").await;
    })
    .await;
    assert_eq!(triggers(&world), expected(&[BY_HAND, CAUGHT_UP]));
}
